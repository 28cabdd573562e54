#include "table/table.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

/* The table against a naive one: a list of candidates, and every question searches all of it. */

enum { MOST = 200, INTERFACES = 4, NO_ROUTE = -1 };

struct naive_item {
    struct prefix prefix;
    struct table_route route;
    uint64_t age; /* higher is younger */
};

struct naive {
    const struct platform_profile *profile;
    struct naive_item items[MOST];
    int count;
    uint64_t clock;
    bool down[INTERFACES + 1];
};

struct naive_found {
    struct table_way way;
    bool resolved, on_link;
};

/* --- the naive table */

static int naive_find(const struct naive *naive, struct prefix prefix, uint8_t source, uint32_t tag)
{
    for (int i = 0; i < naive->count; i++)
        if (prefix_equal(naive->items[i].prefix, prefix) &&
            naive->items[i].route.source == source && naive->items[i].route.tag == tag)
            return i;
    return NO_ROUTE;
}

static bool same_fields(const struct table_route *left, const struct table_route *right)
{
    return left->gateway == right->gateway && left->metric == right->metric &&
           left->tag == right->tag && left->interface == right->interface &&
           left->source == right->source && left->distance == right->distance &&
           left->flags == right->flags;
}

static void naive_set(struct naive *naive, struct prefix prefix, const struct table_route *route)
{
    int at = naive_find(naive, prefix, route->source, route->tag);
    if (at == NO_ROUTE)
        at = naive->count++;
    else if (same_fields(&naive->items[at].route, route))
        return;
    naive->items[at] = (struct naive_item){prefix, *route, naive->clock++};
}

static bool naive_remove(struct naive *naive, struct prefix prefix, uint8_t source, uint32_t tag)
{
    int at = naive_find(naive, prefix, source, tag);
    if (at == NO_ROUTE)
        return false;
    naive->items[at] = naive->items[--naive->count];
    return true;
}

/* The words of table.h, as numbers to compare one after the other. */
static bool naive_before(const struct naive *naive, const struct naive_item *left,
                         const struct naive_item *right)
{
    bool zebra = naive->profile->order == TABLE_BY_DISTANCE;
    uint64_t keys[2][5];
    const struct naive_item *items[2] = {left, right};
    for (int i = 0; i < 2; i++) {
        const struct table_route *route = &items[i]->route;
        keys[i][0] = route->source != ROUTE_LOCAL;
        keys[i][1] = zebra && route->source != ROUTE_CONNECTED;
        keys[i][2] = zebra ? route->distance : route->metric;
        keys[i][3] = zebra ? route->metric : route->distance;
        keys[i][4] = items[i]->age;
    }
    for (int i = 0; i < 5; i++)
        if (keys[0][i] != keys[1][i])
            return keys[0][i] < keys[1][i];
    return false;
}

/* The candidates of one prefix in order. */
static int naive_order(const struct naive *naive, struct prefix prefix,
                       const struct naive_item **ret_items)
{
    int count = 0;
    for (int i = 0; i < naive->count; i++) {
        if (!prefix_equal(naive->items[i].prefix, prefix))
            continue;
        int at = count++;
        for (; at > 0 && naive_before(naive, &naive->items[i], ret_items[at - 1]); at--)
            ret_items[at] = ret_items[at - 1];
        ret_items[at] = &naive->items[i];
    }
    return count;
}

static struct naive_found naive_hop(const struct naive *naive, ip_addr addr,
                                    const struct prefix *chain, int depth, int hops, int *visits);

static struct naive_found naive_judge(const struct naive *naive, const struct naive_item *item,
                                      const struct prefix *chain, int depth, int hops, int *visits)
{
    const struct table_route *route = &item->route;
    if (route->flags & ROUTE_DISCARD)
        return (struct naive_found){{.kind = TABLE_DROP}, true, false};
    if (route->source == ROUTE_LOCAL)
        return (struct naive_found){{.kind = TABLE_HERE}, true, false};
    if (route->interface)
        return (struct naive_found){{route->gateway, route->interface, TABLE_OUT},
                                    !naive->down[route->interface],
                                    route->gateway == 0};
    if (!route->gateway)
        return (struct naive_found){.resolved = false};
    struct prefix longer[16];
    for (int i = 0; i < depth; i++)
        longer[i] = chain[i];
    longer[depth] = item->prefix;
    struct naive_found found = naive_hop(naive, route->gateway, longer, depth + 1, hops, visits);
    if ((route->flags & ROUTE_ON_LINK_ONLY) && !found.on_link)
        found.resolved = false;
    found.on_link = false;
    return found;
}

static struct naive_found naive_hop(const struct naive *naive, ip_addr addr,
                                    const struct prefix *chain, int depth, int hops, int *visits)
{
    struct naive_found nothing = {.resolved = false};
    if (hops == TABLE_DEPTH_MAX)
        return nothing;
    for (int len = 32; len >= 0; len--) {
        struct prefix prefix = prefix_around(addr, (uint8_t)len);
        const struct naive_item *order[MOST];
        int count = naive_order(naive, prefix, order);
        if (count == 0)
            continue;
        if (len == 32 && depth > 0 && prefix_equal(chain[depth - 1], prefix))
            continue;
        for (int i = 0; i < depth; i++)
            if (prefix_equal(chain[i], prefix))
                return nothing;
        if ((len == 0 && !naive->profile->resolves_via_default) || (*visits)++ >= TABLE_VISIT_MAX)
            return nothing;
        for (int i = 0; i < count; i++) {
            struct naive_found found = naive_judge(naive, order[i], chain, depth, hops + 1, visits);
            if (!found.resolved)
                continue;
            if (found.way.kind == TABLE_HERE)
                return nothing;
            if (found.on_link)
                found.way.gateway = addr;
            return found;
        }
    }
    return nothing;
}

/* The place of the chosen one in the order, or NO_ROUTE. */
static int naive_choose(const struct naive *naive, struct prefix prefix, struct table_way *ret_way)
{
    const struct naive_item *order[MOST];
    int count = naive_order(naive, prefix, order);
    for (int i = 0; i < count; i++) {
        int visits = 0;
        struct naive_found found = naive_judge(naive, order[i], NULL, 0, 0, &visits);
        if (found.resolved) {
            *ret_way = found.way;
            return i;
        }
    }
    return NO_ROUTE;
}

/* --- comparing */

struct pair {
    struct table table;
    struct naive naive;
    struct table_best told[MOST]; /* what a follower of the changes believes */
    struct prefix told_prefixes[MOST];
    int told_count;
};

static bool way_is(struct table_way left, struct table_way right)
{
    return left.kind == right.kind && left.gateway == right.gateway &&
           left.interface == right.interface;
}

static int told_index(struct pair *pair, struct prefix prefix)
{
    int at = 0;
    while (at < pair->told_count && !prefix_equal(pair->told_prefixes[at], prefix))
        at++;
    if (at == pair->told_count) {
        pair->told_prefixes[pair->told_count] = prefix;
        pair->told[pair->told_count++] = (struct table_best){.way = {.kind = TABLE_NOWHERE}};
    }
    return at;
}

static void follow(struct pair *pair)
{
    struct table_change change;
    while (table_take_change(&pair->table, &change)) {
        int at = told_index(pair, change.prefix);
        CHECK(way_is(change.old.way, pair->told[at].way));
        CHECK(same_fields(&change.old.route, &pair->told[at].route));
        pair->told[at] = change.now;
    }
}

/* One prefix: every candidate, the choice, its way, and what the follower believes. */
static void compare_prefix(struct pair *pair, struct prefix prefix)
{
    const struct naive_item *order[MOST];
    int count = naive_order(&pair->naive, prefix, order);
    struct table_way way = {.kind = TABLE_NOWHERE};
    int chosen = naive_choose(&pair->naive, prefix, &way);
    struct table_candidate candidate;
    for (int i = 0; i < count; i++) {
        CHECK(table_candidate(&pair->table, prefix, (uint32_t)i, &candidate));
        CHECK(same_fields(&candidate.route, &order[i]->route));
        CHECK_EQUAL(candidate.reason == TABLE_CHOSEN, i == chosen);
    }
    CHECK(!table_candidate(&pair->table, prefix, (uint32_t)count, &candidate));
    struct table_best best = {.way = {.kind = TABLE_NOWHERE}};
    CHECK_EQUAL(table_find(&pair->table, prefix, &best), chosen != NO_ROUTE);
    CHECK(way_is(best.way, way));
    CHECK(way_is(pair->told[told_index(pair, prefix)].way, way));
}

static void compare_all(struct pair *pair)
{
    CHECK(table_holds(&pair->table));
    int seen = 0;
    struct prefix prefix;
    for (const struct prefix *last = NULL; table_next(&pair->table, last, &prefix);
         last = &prefix) {
        compare_prefix(pair, prefix);
        seen++;
    }
    int prefixes = 0;
    for (int i = 0; i < pair->naive.count; i++) {
        bool first = true;
        for (int j = 0; j < i; j++)
            first &= !prefix_equal(pair->naive.items[i].prefix, pair->naive.items[j].prefix);
        prefixes += first;
    }
    CHECK_EQUAL(seen, prefixes);
}

static void compare_match(struct pair *pair, ip_addr addr)
{
    struct prefix prefix = {0};
    struct table_best best = {.way = {.kind = TABLE_NOWHERE}};
    bool found = table_match(&pair->table, addr, &prefix, &best);
    for (int len = 32; len >= 0; len--) {
        struct table_way way;
        if (naive_choose(&pair->naive, prefix_around(addr, (uint8_t)len), &way) == NO_ROUTE)
            continue;
        CHECK(found && prefix.len == len && way_is(best.way, way));
        return;
    }
    CHECK(!found);
}

/* --- random operations in a small world, so that things meet */

static ip_addr random_addr(struct prng *prng)
{
    return 10u << 24 | (ip_addr)prng_below(prng, 4) << 16 | (ip_addr)prng_below(prng, 4) << 8 |
           (ip_addr)prng_below(prng, 4);
}

static struct prefix random_prefix(struct prng *prng)
{
    static const uint8_t lens[] = {0, 8, 15, 16, 23, 24, 24, 32};
    return prefix_around(random_addr(prng), lens[prng_below(prng, 8)]);
}

static struct table_route random_route(struct prng *prng)
{
    struct table_route route = {.source = (uint8_t)prng_below(prng, ROUTE_SOURCE_COUNT),
                                .tag = (uint32_t)prng_below(prng, 2),
                                .metric = (uint32_t)prng_below(prng, 3),
                                .distance = (uint8_t)prng_below(prng, 3)};
    uint64_t shape = prng_below(prng, 10);
    if (route.source == ROUTE_CONNECTED || shape < 2)
        route.interface = (uint16_t)(1 + prng_below(prng, INTERFACES));
    if (route.source != ROUTE_CONNECTED && shape > 0)
        route.gateway = random_addr(prng);
    if (shape == 9)
        route.flags = ROUTE_ON_LINK_ONLY;
    if (shape == 8 && prng_below(prng, 3) == 0)
        route = (struct table_route){.source = ROUTE_STATIC, .flags = ROUTE_DISCARD};
    return route;
}

static void act(struct pair *pair, struct prng *prng)
{
    uint64_t verb = prng_below(prng, 10);
    if (verb == 0) {
        uint16_t interface = (uint16_t)(1 + prng_below(prng, INTERFACES));
        bool up = prng_below(prng, 2);
        CHECK(table_interface(&pair->table, interface, up));
        pair->naive.down[interface] = !up;
    } else if (verb < 5 && pair->naive.count > 0) {
        struct naive_item victim = pair->naive.items[prng_below(prng, (uint64_t)pair->naive.count)];
        if (prng_below(prng, 8) == 0)
            victim.route.tag += 7; /* one that is not there */
        bool was = naive_remove(&pair->naive, victim.prefix, victim.route.source, victim.route.tag);
        CHECK_EQUAL(table_remove(&pair->table, victim.prefix,
                                 (enum route_source)victim.route.source, victim.route.tag),
                    was);
    } else if (pair->naive.count < MOST) {
        struct prefix prefix = random_prefix(prng);
        struct table_route route = random_route(prng);
        CHECK(table_set(&pair->table, prefix, &route));
        naive_set(&pair->naive, prefix, &route);
    }
}

static uint64_t digest_of(const struct table *table)
{
    struct digest digest = digest_start();
    table_digest(table, &digest);
    return digest_end(&digest);
}

/* The same candidates put into a fresh table in order of age: the result is a function of them. */
static void compare_with_fresh(struct pair *pair, struct budget *budget)
{
    struct table fresh;
    table_init(&fresh, pair->naive.profile, budget, 3);
    uint64_t age = 0;
    for (int left = pair->naive.count; left > 0; age++)
        for (int i = 0; i < pair->naive.count; i++)
            if (pair->naive.items[i].age == age) {
                CHECK(table_set(&fresh, pair->naive.items[i].prefix, &pair->naive.items[i].route));
                left--;
            }
    for (uint16_t i = 1; i <= INTERFACES; i++)
        CHECK(table_interface(&fresh, i, !pair->naive.down[i]));
    while (table_settle(&fresh, 3) > 0)
        continue;
    CHECK(digest_of(&fresh) == digest_of(&pair->table));
    table_done(&fresh);
}

static void run_seed(uint64_t seed)
{
    static struct pair pair;
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    pair = (struct pair){.naive.profile = platform_profile((enum platform)(seed % PLATFORM_COUNT))};
    table_init(&pair.table, pair.naive.profile, &budget, 3);
    struct prng prng = prng_seed(seed);
    uint64_t batch_limit = 1 + prng_below(&prng, 6);
    for (int round = 0; round < 60; round++) {
        for (uint64_t i = prng_below(&prng, batch_limit); i < batch_limit; i++)
            act(&pair, &prng);
        while (table_settle(&pair.table, (uint32_t)(1 + prng_below(&prng, 9))) > 0)
            if (prng_below(&prng, 4) == 0)
                act(&pair, &prng);
        follow(&pair);
        compare_all(&pair);
        compare_match(&pair, random_addr(&prng));
    }
    compare_with_fresh(&pair, &budget);
    while (pair.naive.count > 0) {
        struct naive_item last = pair.naive.items[pair.naive.count - 1];
        naive_remove(&pair.naive, last.prefix, last.route.source, last.route.tag);
        CHECK(table_remove(&pair.table, last.prefix, (enum route_source)last.route.source,
                           last.route.tag));
    }
    CHECK_EQUAL(table_settle(&pair.table, UINT32_MAX), 0);
    follow(&pair);
    CHECK_EQUAL(pair.table.nodes.used_count, 0); /* nothing lingers */
    CHECK_EQUAL(pair.table.hop_pool.used_count, 0);
    table_done(&pair.table);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static void the_table_is_what_a_naive_one_is(void)
{
    for (uint64_t seed = 1; seed <= 300 && harness_false_claims == 0; seed++) {
        run_seed(seed);
        if (harness_false_claims)
            printf("# seed %" PRIu64 "\n", seed);
    }
}

static void the_digest_tells_tables_apart(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    struct table table;
    table_init(&table, platform_profile(PLATFORM_FRR), &budget, 3);
    uint64_t seen[6];
    struct prefix prefix = prefix_around(10u << 24, 8);
    struct table_route route = {.source = ROUTE_STATIC, .interface = 1};
    seen[0] = digest_of(&table);
    CHECK(table_set(&table, prefix, &route));
    seen[1] = digest_of(&table);
    table_settle(&table, 1);
    seen[2] = digest_of(&table);
    route.metric = 1;
    CHECK(table_set(&table, prefix, &route));
    table_settle(&table, 1);
    seen[3] = digest_of(&table);
    CHECK(table_interface(&table, 9, false));
    seen[4] = digest_of(&table);
    route.tag = 1;
    CHECK(table_set(&table, prefix, &route));
    table_settle(&table, 1);
    seen[5] = digest_of(&table);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++)
            CHECK(seen[i] != seen[j]);
    CHECK(table_remove(&table, prefix, ROUTE_STATIC, 1));
    table_settle(&table, 1);
    CHECK(digest_of(&table) == seen[4]); /* and not by what happened before */
    table_done(&table);
}

/* Each of the recount's claims is false of a table that was spoiled. */
static void a_spoiled_table_does_not_hold(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    struct table table;
    table_init(&table, platform_profile(PLATFORM_FRR), &budget, 3);
    struct table_route route = {.source = ROUTE_STATIC, .interface = 1};
    CHECK(table_set(&table, prefix_around(10u << 24, 8), &route));
    route = (struct table_route){.source = ROUTE_STATIC, .gateway = 10u << 24 | 1};
    CHECK(table_set(&table, prefix_around(11u << 24, 8), &route));
    CHECK_EQUAL(table_settle(&table, 9), 0);
    CHECK(table_holds(&table));
    table.route_count++;
    CHECK(!table_holds(&table));
    table.route_count--;
    table.dirty_count++;
    CHECK(!table_holds(&table));
    table.dirty_count--;
    uint32_t changed = table.changed_first;
    table.changed_first = 0;
    CHECK(!table_holds(&table));
    table.changed_first = changed;
    uint32_t transit = table.transit_first;
    table.transit_first = 0;
    CHECK(!table_holds(&table));
    table.transit_first = transit;
    uint16_t down = 1;
    table.down = &down;
    table.down_count = 1; /* behind the table's back: both routes should have gone */
    CHECK(!table_holds(&table));
    table.down = NULL;
    table.down_count = 0;
    CHECK(table_holds(&table));
    table_done(&table);
}

int main(void)
{
    TEST(the_table_is_what_a_naive_one_is);
    TEST(the_digest_tells_tables_apart);
    TEST(a_spoiled_table_does_not_hold);
    return harness_done();
}
