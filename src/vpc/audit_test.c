#include "vpc/precedence.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

/* The VPC against a naive one: lists, and every question looks at all of them. */

enum { TABLES = 3, GATEWAYS = 2, TARGETS = 3, MOST = 400, PROPAGATED = 6, ROUTES = 8 };

struct naive_route {
    struct prefix prefix;
    struct vpc_target target;
    uint16_t table;
    enum vpc_origin origin;
    bool waiting;
};

struct naive {
    struct prefix cidrs[VPC_CIDR_MAX];
    int cidr_count;
    struct naive_route routes[MOST]; /* local ones aside */
    int count;
    struct prefix learned[GATEWAYS + 1][MOST];
    int learned_count[GATEWAYS + 1];
    bool propagates[TABLES + 1][GATEWAYS + 1];
    bool gone[TARGETS + 1]; /* instances */
};

static bool in_cidr(const struct naive *naive, struct prefix prefix)
{
    for (int i = 0; i < naive->cidr_count; i++)
        if (prefix_covers(naive->cidrs[i], prefix))
            return true;
    return false;
}

static int count_of(const struct naive *naive, uint16_t table, bool propagated, bool waiting)
{
    int count = 0;
    for (int i = 0; i < naive->count; i++)
        count += naive->routes[i].table == table && naive->routes[i].waiting == waiting &&
                 (naive->routes[i].origin == VPC_ORIGIN_PROPAGATED) == propagated;
    return count;
}

static int find_route(const struct naive *naive, uint16_t table, struct prefix prefix,
                      enum vpc_origin origin, uint16_t gateway)
{
    for (int i = 0; i < naive->count; i++) {
        const struct naive_route *route = &naive->routes[i];
        if (route->table == table && prefix_equal(route->prefix, prefix) &&
            route->origin == origin && (gateway == 0 || route->target.id == gateway))
            return i;
    }
    return -1;
}

static void naive_enter(struct naive *naive, uint16_t table, struct prefix prefix, uint16_t gateway)
{
    bool full = count_of(naive, table, true, false) >= PROPAGATED;
    naive->routes[naive->count++] =
        (struct naive_route){prefix, {gateway, VPC_TO_GATEWAY}, table, VPC_ORIGIN_PROPAGATED, full};
}

static void naive_leave(struct naive *naive, uint16_t table, struct prefix prefix, uint16_t gateway)
{
    int at = find_route(naive, table, prefix, VPC_ORIGIN_PROPAGATED, gateway);
    if (at < 0)
        return;
    naive->routes[at] = naive->routes[--naive->count];
    if (count_of(naive, table, true, false) >= PROPAGATED)
        return;
    struct naive_route *lowest = NULL;
    for (int i = 0; i < naive->count; i++) {
        struct naive_route *route = &naive->routes[i];
        if (route->table != table || !route->waiting)
            continue;
        int order = lowest ? prefix_compare(route->prefix, lowest->prefix) : -1;
        if (order < 0 || (order == 0 && route->target.id < lowest->target.id))
            lowest = route;
    }
    if (lowest)
        lowest->waiting = false;
}

/* All that may be taken and holds addr, by the numbers of facts/aws.md 3.3; the best of them. */
static bool naive_lookup(const struct naive *naive, uint16_t table, ip_addr addr,
                         struct vpc_route *ret_route)
{
    int best = -1;
    for (int i = 0; i < naive->cidr_count; i++)
        if (prefix_contains(naive->cidrs[i], addr)) {
            *ret_route = (struct vpc_route){.prefix = naive->cidrs[i], .origin = VPC_ORIGIN_LOCAL};
            best = naive->cidrs[i].len * 1000 + 900;
        }
    for (int i = 0; i < naive->count; i++) {
        const struct naive_route *route = &naive->routes[i];
        bool propagated = route->origin == VPC_ORIGIN_PROPAGATED;
        if (route->table != table || !prefix_contains(route->prefix, addr) || route->waiting ||
            (propagated && in_cidr(naive, route->prefix)))
            continue;
        int rank = route->prefix.len * 1000 + (route->origin == VPC_ORIGIN_STATIC ? 800
                                               : route->origin == VPC_ORIGIN_PREFIX_LIST
                                                   ? 700
                                                   : 600 - route->target.id);
        if (rank <= best)
            continue;
        best = rank;
        bool gone = route->target.kind == VPC_TO_INSTANCE && naive->gone[route->target.id];
        *ret_route = (struct vpc_route){route->prefix, route->target, (uint8_t)route->origin,
                                        gone ? VPC_BLACKHOLE : VPC_ACTIVE};
    }
    return best >= 0;
}

static bool same(const struct vpc_route *left, const struct vpc_route *right)
{
    return prefix_equal(left->prefix, right->prefix) && left->target.kind == right->target.kind &&
           left->target.id == right->target.id && left->origin == right->origin &&
           left->state == right->state;
}

static struct prefix random_prefix(struct prng *prng)
{
    static const uint8_t lens[] = {0, 8, 14, 16, 16, 20, 24};
    return prefix_around(10u << 24 | (ip_addr)prng_below(prng, 6) << 16 |
                             (ip_addr)prng_below(prng, 3) << 8,
                         lens[prng_below(prng, 7)]);
}

struct pair {
    struct vpc vpc;
    struct naive naive;
};

static void act_on_gateway(struct pair *pair, struct prng *prng)
{
    struct naive *naive = &pair->naive;
    uint16_t gateway = (uint16_t)(1 + prng_below(prng, GATEWAYS));
    struct prefix prefix = random_prefix(prng);
    bool present = prng_below(prng, 5) > 1;
    CHECK(vpc_propagate(&pair->vpc, gateway, prefix, present) == VPC_DONE);
    int *count = &naive->learned_count[gateway], at = 0;
    while (at < *count && !prefix_equal(naive->learned[gateway][at], prefix))
        at++;
    if (present == (at < *count))
        return;
    if (present)
        naive->learned[gateway][(*count)++] = prefix;
    else
        naive->learned[gateway][at] = naive->learned[gateway][--*count];
    for (uint16_t table = 1; table <= TABLES; table++) {
        if (naive->propagates[table][gateway] && present)
            naive_enter(naive, table, prefix, gateway);
        else if (naive->propagates[table][gateway])
            naive_leave(naive, table, prefix, gateway);
    }
}

/* In order of prefix, as the VPC goes through what a gateway propagates. */
static void sort_learned(struct naive *naive, uint16_t gateway)
{
    struct prefix *list = naive->learned[gateway];
    for (int i = 1; i < naive->learned_count[gateway]; i++)
        for (int j = i; j > 0 && prefix_compare(list[j], list[j - 1]) < 0; j--) {
            struct prefix swapped = list[j];
            list[j] = list[j - 1];
            list[j - 1] = swapped;
        }
}

static void act_on_propagation(struct pair *pair, struct prng *prng)
{
    struct naive *naive = &pair->naive;
    uint16_t gateway = (uint16_t)(1 + prng_below(prng, GATEWAYS));
    uint16_t table = (uint16_t)(1 + prng_below(prng, TABLES));
    bool on = prng_below(prng, 3) > 0;
    CHECK(vpc_set_propagation(&pair->vpc, table, gateway, on) == VPC_DONE);
    CHECK_EQUAL(vpc_propagates(&pair->vpc, table, gateway), on);
    if (naive->propagates[table][gateway] == on)
        return;
    naive->propagates[table][gateway] = on;
    sort_learned(naive, gateway);
    for (int i = 0; i < naive->learned_count[gateway]; i++) {
        if (on)
            naive_enter(naive, table, naive->learned[gateway][i], gateway);
        else
            naive_leave(naive, table, naive->learned[gateway][i], gateway);
    }
}

static bool is_a_cidr(const struct naive *naive, struct prefix prefix)
{
    for (int i = 0; i < naive->cidr_count; i++)
        if (prefix_equal(naive->cidrs[i], prefix))
            return true;
    return false;
}

static void act_on_route(struct pair *pair, struct prng *prng)
{
    struct naive *naive = &pair->naive;
    uint16_t table = (uint16_t)(1 + prng_below(prng, TABLES));
    struct prefix prefix = random_prefix(prng);
    enum vpc_origin origin = prng_below(prng, 2) ? VPC_ORIGIN_STATIC : VPC_ORIGIN_PREFIX_LIST;
    int at = find_route(naive, table, prefix, origin, 0);
    if (prng_below(prng, 3) == 0) {
        CHECK_EQUAL(vpc_remove_route(&pair->vpc, table, prefix, origin), at >= 0);
        if (at >= 0)
            naive->routes[at] = naive->routes[--naive->count];
        return;
    }
    struct vpc_target target = {(uint16_t)(1 + prng_below(prng, TARGETS)), VPC_TO_INSTANCE};
    enum vpc_verdict expected = VPC_DONE;
    if (is_a_cidr(naive, prefix))
        expected = VPC_REFUSED_LOCAL;
    else if (at < 0 && count_of(naive, table, false, false) >= ROUTES)
        expected = VPC_REFUSED_LIMIT;
    CHECK_EQUAL(vpc_set_route(&pair->vpc, table, prefix, origin, target), expected);
    if (expected != VPC_DONE)
        return;
    if (at < 0)
        at = naive->count++;
    naive->routes[at] = (struct naive_route){prefix, target, table, origin, false};
}

static void act_on_rest(struct pair *pair, struct prng *prng)
{
    struct naive *naive = &pair->naive;
    uint64_t verb = prng_below(prng, 12);
    if (verb == 0) {
        struct prefix cidr = prefix_around(10u << 24 | (ip_addr)prng_below(prng, 6) << 16,
                                           (uint8_t)(16 + prng_below(prng, 3)));
        bool overlaps = false;
        for (int i = 0; i < naive->cidr_count; i++)
            overlaps |= prefix_overlaps(naive->cidrs[i], cidr);
        enum vpc_verdict expected = naive->cidr_count == VPC_CIDR_MAX ? VPC_REFUSED_LIMIT
                                    : overlaps                        ? VPC_REFUSED_OVERLAP
                                                                      : VPC_DONE;
        CHECK_EQUAL(vpc_add_cidr(&pair->vpc, cidr), expected);
        if (expected == VPC_DONE)
            naive->cidrs[naive->cidr_count++] = cidr;
    } else if (verb == 1) {
        uint16_t gateway = (uint16_t)(1 + prng_below(prng, GATEWAYS));
        vpc_forget_gateway(&pair->vpc, gateway);
        sort_learned(naive, gateway);
        for (uint16_t table = 1; table <= TABLES; table++)
            for (int i = 0; i < naive->learned_count[gateway]; i++)
                naive_leave(naive, table, naive->learned[gateway][i], gateway);
        naive->learned_count[gateway] = 0;
    } else {
        uint16_t id = (uint16_t)(1 + prng_below(prng, TARGETS));
        bool present = prng_below(prng, 2);
        CHECK(vpc_set_target(&pair->vpc, (struct vpc_target){id, VPC_TO_INSTANCE}, present) ==
              VPC_DONE);
        naive->gone[id] = !present;
    }
}

static void act(struct pair *pair, struct prng *prng)
{
    uint64_t verb = prng_below(prng, 10);
    if (verb < 5)
        act_on_gateway(pair, prng);
    else if (verb < 6)
        act_on_propagation(pair, prng);
    else if (verb < 9)
        act_on_route(pair, prng);
    else
        act_on_rest(pair, prng);
}

static void compare_counts(const struct pair *pair)
{
    for (uint16_t table = 1; table <= TABLES; table++) {
        uint32_t waiting;
        CHECK_EQUAL(vpc_propagated_count(&pair->vpc, table, &waiting),
                    count_of(&pair->naive, table, true, false));
        CHECK_EQUAL(waiting, count_of(&pair->naive, table, true, true));
        CHECK_EQUAL(vpc_route_count(&pair->vpc, table),
                    count_of(&pair->naive, table, false, false));
    }
}

static void compare_lookup(const struct pair *pair, uint16_t table, ip_addr addr)
{
    struct vpc_route got = {0}, expected = {0};
    enum vpc_reason fate = vpc_lookup(&pair->vpc, table, addr, &got);
    bool found = naive_lookup(&pair->naive, table, addr, &expected);
    CHECK_EQUAL(fate == VPC_NO_ROUTE, !found);
    CHECK_EQUAL(fate == VPC_GONE, found && expected.state == VPC_BLACKHOLE);
    CHECK(same(&got, &expected));
    /* exactly one candidate is the chosen one, and it is this */
    struct vpc_route route;
    enum vpc_reason reason;
    int chosen = 0;
    for (uint32_t i = 0; vpc_candidate(&pair->vpc, table, addr, i, &route, &reason); i++)
        if (reason == VPC_CHOSEN) {
            CHECK(same(&route, &expected));
            chosen++;
        }
    CHECK_EQUAL(chosen, found);
}

/* A follower's list of (table, prefix) -> route, kept by the changes alone. */
static struct vpc_change followed[MOST];
static int followed_count;

static void follow(struct pair *pair)
{
    struct vpc_change change;
    while (vpc_take_change(&pair->vpc, &change)) {
        int at = 0;
        while (at < followed_count && !(followed[at].table == change.table &&
                                        prefix_equal(followed[at].prefix, change.prefix)))
            at++;
        if (at == followed_count)
            followed[followed_count++] = (struct vpc_change){0};
        CHECK_EQUAL(change.had, followed[at].has);
        if (change.had)
            CHECK(same(&change.old, &followed[at].now));
        followed[at] = change;
    }
    for (int i = 0; i < followed_count; i++) {
        struct vpc_route route;
        bool found = vpc_find(&pair->vpc, followed[i].table, followed[i].prefix, &route);
        CHECK_EQUAL(found, followed[i].has);
        if (found)
            CHECK(same(&route, &followed[i].now));
    }
}

static void run_seed(uint64_t seed)
{
    static struct pair pair;
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    pair = (struct pair){.naive.cidr_count = 0};
    followed_count = 0;
    struct vpc_limits limits = vpc_limits_of_aws;
    limits.propagated = PROPAGATED;
    limits.routes = ROUTES;
    vpc_init(&pair.vpc, &limits, &budget);
    for (uint16_t table, i = 0; i < TABLES; i++)
        CHECK(vpc_add_table(&pair.vpc, &table) == VPC_DONE);
    struct prng prng = prng_seed(seed);
    for (int round = 0; round < 150; round++) {
        act(&pair, &prng);
        CHECK(vpc_holds(&pair.vpc));
        compare_counts(&pair);
        for (int i = 0; i < 4; i++)
            compare_lookup(&pair, (uint16_t)(1 + prng_below(&prng, TABLES)),
                           10u << 24 | (ip_addr)prng_below(&prng, 6) << 16 |
                               (ip_addr)prng_below(&prng, 3) << 8 | 5);
        if (prng_below(&prng, 3) == 0)
            follow(&pair);
    }
    vpc_done(&pair.vpc);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static void the_vpc_is_what_a_naive_one_is(void)
{
    for (uint64_t seed = 1; seed <= 200 && harness_false_claims == 0; seed++) {
        run_seed(seed);
        if (harness_false_claims)
            printf("# seed %" PRIu64 "\n", seed);
    }
}

static uint64_t digest_of(const struct vpc *vpc)
{
    struct digest digest = digest_start();
    vpc_digest(vpc, &digest);
    return digest_end(&digest);
}

/* Each step makes another digest; undone in another order, the first one is there again. */
static void the_digest_tells_what_is_and_not_how_it_came(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    struct vpc vpc;
    vpc_init(&vpc, &vpc_limits_of_aws, &budget);
    uint16_t table, subnet;
    uint64_t seen[9];
    struct prefix ten = prefix_around(10u << 24, 8), eleven = prefix_around(11u << 24, 8);
    seen[0] = digest_of(&vpc);
    CHECK(vpc_add_table(&vpc, &table) == VPC_DONE);
    seen[1] = digest_of(&vpc);
    CHECK(vpc_add_cidr(&vpc, ten) == VPC_DONE);
    seen[2] = digest_of(&vpc);
    CHECK(vpc_add_subnet(&vpc, prefix_around(10u << 24, 24), table, &subnet) == VPC_DONE);
    seen[3] = digest_of(&vpc);
    struct vpc_target target = {4, VPC_TO_INSTANCE};
    CHECK(vpc_set_route(&vpc, table, eleven, VPC_ORIGIN_STATIC, target) == VPC_DONE);
    seen[4] = digest_of(&vpc);
    CHECK(vpc_set_target(&vpc, target, false) == VPC_DONE);
    seen[5] = digest_of(&vpc);
    CHECK(vpc_propagate(&vpc, 1, eleven, true) == VPC_DONE);
    seen[6] = digest_of(&vpc);
    CHECK(vpc_set_propagation(&vpc, table, 1, true) == VPC_DONE);
    seen[7] = digest_of(&vpc);
    struct vpc_peering peering = {.id = 1, .active = true};
    CHECK(vpc_set_peering(&vpc, &peering) == VPC_DONE);
    seen[8] = digest_of(&vpc);
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < i; j++)
            CHECK(seen[i] != seen[j]);
    CHECK(vpc_set_propagation(&vpc, table, 1, false) == VPC_DONE);
    CHECK(vpc_set_target(&vpc, target, true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, 1, eleven, false) == VPC_DONE);
    CHECK(vpc_set_target(&vpc, target, false) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, 1, eleven, true) == VPC_DONE);
    CHECK(vpc_set_propagation(&vpc, table, 1, true) == VPC_DONE);
    CHECK(digest_of(&vpc) == seen[8]);
    vpc_done(&vpc);
}

static void a_spoiled_vpc_does_not_hold(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    struct vpc vpc;
    vpc_init(&vpc, &vpc_limits_of_aws, &budget);
    uint16_t number;
    CHECK(vpc_add_table(&vpc, &number) == VPC_DONE);
    CHECK(vpc_set_propagation(&vpc, number, 1, true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, 1, prefix_around(10u << 24, 8), true) == VPC_DONE);
    CHECK(vpc_holds(&vpc));
    struct vpc_table *table = vpc_table_get(&vpc, number);
    table->propagated_count++;
    CHECK(!vpc_holds(&vpc));
    table->propagated_count--;
    table->gateways[0] = 0; /* nobody propagates, yet the route is there */
    CHECK(!vpc_holds(&vpc));
    table->gateways[0] = 1;
    vpc_entry_get(&vpc, 1)->target.id = 2; /* a gateway nobody knows */
    CHECK(!vpc_holds(&vpc));
    vpc_entry_get(&vpc, 1)->target.id = 1;
    struct vpc_gateway *gateway = pool_get(&vpc.gateways, 1);
    CHECK(lpm_set(&gateway->prefixes, prefix_around(11u << 24, 8), 1)); /* and is nowhere */
    CHECK(!vpc_holds(&vpc));
    CHECK(lpm_remove(&gateway->prefixes, prefix_around(11u << 24, 8)));
    uint32_t changed = vpc.changed_first;
    vpc.changed_first = 0;
    CHECK(!vpc_holds(&vpc));
    vpc.changed_first = changed;
    vpc.limits.propagated = 0;
    CHECK(!vpc_holds(&vpc));
    vpc_done(&vpc);
}

int main(void)
{
    TEST(the_vpc_is_what_a_naive_one_is);
    TEST(the_digest_tells_what_is_and_not_how_it_came);
    TEST(a_spoiled_vpc_does_not_hold);
    return harness_done();
}
