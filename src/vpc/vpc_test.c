#include "vpc/vpc.h"

#include "tests/harness.h"
#include "tests/memory.h"

enum { VGW = 1, OTHER_VGW = 2 };

static struct memory memory;
static struct budget budget;
static struct vpc vpc;

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static struct vpc_target to(enum vpc_target_kind kind, uint16_t id)
{
    return (struct vpc_target){id, (uint8_t)kind};
}

static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    vpc_init(&vpc, &vpc_limits_of_aws, &budget);
}

static void finish(void)
{
    CHECK(vpc_holds(&vpc));
    CHECK_EQUAL((int64_t)vpc_size_bytes(&vpc), (int64_t)budget.used_bytes);
    vpc_done(&vpc);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static uint16_t new_table(void)
{
    uint16_t table = 0;
    CHECK(vpc_add_table(&vpc, &table) == VPC_DONE);
    return table;
}

static bool has_route(uint16_t table, const char *prefix)
{
    struct vpc_route route;
    return vpc_find(&vpc, table, p(prefix), &route);
}

static void an_idle_vpc_allocates_nothing(void)
{
    start();
    struct vpc_change change;
    CHECK(!vpc_take_change(&vpc, &change));
    CHECK_EQUAL(vpc_subnet_of(&vpc, 1), 0);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    finish();
}

static void a_cidr_is_local_in_every_table_now_and_later(void)
{
    start();
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    uint16_t first = new_table();
    CHECK(vpc_add_cidr(&vpc, p("10.11.0.0/16")) == VPC_DONE);
    uint16_t second = new_table();
    CHECK(has_route(first, "10.10.0.0/16") && has_route(first, "10.11.0.0/16"));
    CHECK(has_route(second, "10.10.0.0/16") && has_route(second, "10.11.0.0/16"));
    CHECK_EQUAL(vpc_add_cidr(&vpc, p("10.11.5.0/24")), VPC_REFUSED_OVERLAP);
    CHECK_EQUAL(vpc_add_cidr(&vpc, p("10.0.0.0/8")), VPC_REFUSED_OVERLAP);
    for (uint32_t i = 2; i < VPC_CIDR_MAX; i++)
        CHECK(vpc_add_cidr(&vpc, prefix_around(172u << 24 | i << 16, 16)) == VPC_DONE);
    CHECK_EQUAL(vpc_add_cidr(&vpc, p("192.168.0.0/24")), VPC_REFUSED_LIMIT);
    finish();
}

/* What was propagated into it is taken again; a subnet keeps it. */
static void a_cidr_goes_when_no_subnet_lies_in_it(void)
{
    start();
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    CHECK(vpc_add_cidr(&vpc, p("10.11.0.0/16")) == VPC_DONE);
    uint16_t table = new_table(), subnet = 0;
    struct vpc_route route;
    CHECK(vpc_set_propagation(&vpc, table, VGW, true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, VGW, p("10.10.7.0/24"), true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, VGW, p("10.11.7.0/24"), true) == VPC_DONE);
    CHECK(vpc_add_subnet(&vpc, p("10.11.1.0/24"), table, &subnet) == VPC_DONE);
    CHECK_EQUAL(vpc_remove_cidr(&vpc, p("10.11.0.0/16")), VPC_REFUSED_OUTSIDE);
    CHECK(vpc_remove_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    CHECK(vpc_remove_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE); /* gone already */
    CHECK(!has_route(table, "10.10.0.0/16") && has_route(table, "10.11.0.0/16"));
    CHECK_EQUAL(vpc_lookup(&vpc, table, 0x0a0a0705, &route), VPC_CHOSEN);
    CHECK_EQUAL(route.origin, VPC_ORIGIN_PROPAGATED);
    CHECK_EQUAL(vpc_lookup(&vpc, table, 0x0a0b0705, &route), VPC_CHOSEN);
    CHECK_EQUAL(route.origin, VPC_ORIGIN_LOCAL);
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    finish();
}

static void a_subnet_lies_in_a_cidr_and_beside_the_others(void)
{
    start();
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    uint16_t table = new_table(), other = new_table(), subnet = 0;
    CHECK_EQUAL(vpc_add_subnet(&vpc, p("10.20.0.0/24"), table, &subnet), VPC_REFUSED_OUTSIDE);
    CHECK_EQUAL(vpc_add_subnet(&vpc, p("10.0.0.0/8"), table, &subnet), VPC_REFUSED_OUTSIDE);
    CHECK(vpc_add_subnet(&vpc, p("10.10.1.0/24"), table, &subnet) == VPC_DONE);
    CHECK_EQUAL(vpc_add_subnet(&vpc, p("10.10.1.128/25"), table, &subnet), VPC_REFUSED_OVERLAP);
    CHECK_EQUAL(vpc_subnet_of(&vpc, 0x0a0a0105), subnet);
    CHECK_EQUAL(vpc_subnet_of(&vpc, 0x0a0a0205), 0);
    CHECK_EQUAL(vpc_subnet_table(&vpc, subnet), table);
    vpc_associate(&vpc, subnet, other);
    CHECK_EQUAL(vpc_subnet_table(&vpc, subnet), other);
    finish();
}

static void propagation_reaches_the_tables_that_take_it(void)
{
    start();
    uint16_t with = new_table(), without = new_table(), late = new_table();
    CHECK(vpc_set_propagation(&vpc, with, VGW, true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, VGW, p("10.20.0.0/16"), true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, VGW, p("10.20.0.0/16"), true) == VPC_DONE); /* said twice */
    CHECK(has_route(with, "10.20.0.0/16"));
    CHECK(!has_route(without, "10.20.0.0/16")); /* T12 */
    CHECK(vpc_set_propagation(&vpc, late, VGW, true) == VPC_DONE);
    CHECK(has_route(late, "10.20.0.0/16"));
    CHECK(vpc_set_propagation(&vpc, with, VGW, false) == VPC_DONE);
    CHECK(!has_route(with, "10.20.0.0/16"));
    CHECK(vpc_propagate(&vpc, VGW, p("10.20.0.0/16"), false) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, VGW, p("10.20.0.0/16"), false) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, OTHER_VGW, p("10.20.0.0/16"), false) == VPC_DONE);
    CHECK(!has_route(late, "10.20.0.0/16"));
    CHECK(vpc_propagate(&vpc, VGW, p("10.21.0.0/16"), true) == VPC_DONE);
    vpc_forget_gateway(&vpc, VGW);
    CHECK(!has_route(late, "10.21.0.0/16"));
    CHECK(vpc_propagates(&vpc, late, VGW)); /* it may be attached again */
    finish();
}

static void a_table_takes_propagation_from_few_gateways(void)
{
    start();
    uint16_t table = new_table();
    for (uint16_t gateway = 1; gateway <= VPC_GATEWAY_MAX; gateway++)
        CHECK(vpc_set_propagation(&vpc, table, gateway, true) == VPC_DONE);
    CHECK_EQUAL(vpc_set_propagation(&vpc, table, 99, true), VPC_REFUSED_LIMIT);
    CHECK(vpc_set_propagation(&vpc, table, 1, false) == VPC_DONE);
    CHECK(vpc_set_propagation(&vpc, table, 99, true) == VPC_DONE);
    finish();
}

/* T23; what happens beyond the limit is assumed (vpc.h) */
static void the_hundred_and_first_propagated_route_waits(void)
{
    start();
    uint16_t table = new_table();
    CHECK(vpc_set_propagation(&vpc, table, VGW, true) == VPC_DONE);
    for (uint32_t i = 103; i > 0; i--) /* the highest first, so the lowest three wait */
        CHECK(vpc_propagate(&vpc, VGW, prefix_around(10u << 24 | i << 16, 16), true) == VPC_DONE);
    uint32_t waiting = 0;
    CHECK_EQUAL(vpc_propagated_count(&vpc, table, &waiting), 100);
    CHECK_EQUAL(waiting, 3);
    CHECK(!has_route(table, "10.3.0.0/16") && has_route(table, "10.4.0.0/16"));
    struct vpc_route route;
    enum vpc_reason reason;
    CHECK(vpc_candidate(&vpc, table, 0x0a030001, 0, &route, &reason));
    CHECK_EQUAL(reason, VPC_OVER_LIMIT);
    CHECK(vpc_propagate(&vpc, VGW, p("10.50.0.0/16"), false) == VPC_DONE);
    CHECK(has_route(table, "10.1.0.0/16") && !has_route(table, "10.2.0.0/16"));
    CHECK(vpc_propagate(&vpc, VGW, p("10.2.0.0/16"), false) == VPC_DONE); /* one that waits */
    CHECK(!has_route(table, "10.3.0.0/16"));
    CHECK_EQUAL(vpc_propagated_count(&vpc, table, &waiting), 100);
    CHECK_EQUAL(waiting, 1);
    finish();
}

static void static_routes_have_a_limit_and_are_replaced_within_it(void)
{
    start();
    vpc.limits.routes = 50; /* the older guide's */
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    uint16_t table = new_table();
    struct vpc_target target = to(VPC_TO_INSTANCE, 3);
    for (uint32_t i = 0; i < 50; i++)
        CHECK(vpc_set_route(&vpc, table, prefix_around(20u << 24 | i << 16, 16), VPC_ORIGIN_STATIC,
                            target) == VPC_DONE);
    CHECK_EQUAL(vpc_set_route(&vpc, table, p("30.0.0.0/8"), VPC_ORIGIN_STATIC, target),
                VPC_REFUSED_LIMIT);
    CHECK_EQUAL(vpc_set_route(&vpc, table, p("20.0.0.0/16"), VPC_ORIGIN_PREFIX_LIST, target),
                VPC_REFUSED_LIMIT);
    CHECK(vpc_set_route(&vpc, table, p("20.0.0.0/16"), VPC_ORIGIN_STATIC, to(VPC_TO_INTERNET, 1)) ==
          VPC_DONE);
    CHECK_EQUAL(vpc_route_count(&vpc, table), 50);
    CHECK(vpc_remove_route(&vpc, table, p("20.0.0.0/16"), VPC_ORIGIN_STATIC));
    CHECK(!vpc_remove_route(&vpc, table, p("20.0.0.0/16"), VPC_ORIGIN_STATIC));
    CHECK_EQUAL(vpc_route_count(&vpc, table), 49);
    CHECK_EQUAL(vpc_set_route(&vpc, table, p("10.10.0.0/16"), VPC_ORIGIN_STATIC, target),
                VPC_REFUSED_LOCAL);
    CHECK(vpc_propagate(&vpc, VGW, p("40.0.0.0/8"), true) == VPC_DONE); /* not counted here */
    finish();
}

static void tables_subnets_and_peerings_have_limits(void)
{
    start();
    vpc.limits = (struct vpc_limits){.tables = 1, .subnets = 1, .peerings = 1};
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    uint16_t table = new_table(), number = 0;
    CHECK_EQUAL(vpc_add_table(&vpc, &number), VPC_REFUSED_LIMIT);
    CHECK(vpc_add_subnet(&vpc, p("10.10.0.0/24"), table, &number) == VPC_DONE);
    CHECK_EQUAL(vpc_add_subnet(&vpc, p("10.10.1.0/24"), table, &number), VPC_REFUSED_LIMIT);
    struct vpc_peering peering = {.id = 1, .active = true, .cidr_count = 1};
    peering.cidrs[0] = p("10.0.0.0/8");
    CHECK_EQUAL(vpc_set_peering(&vpc, &peering), VPC_REFUSED_OVERLAP);
    peering.cidrs[0] = p("10.20.0.0/16");
    CHECK(vpc_set_peering(&vpc, &peering) == VPC_DONE);
    CHECK_EQUAL(vpc_add_cidr(&vpc, p("10.20.7.0/24")), VPC_REFUSED_OVERLAP);
    peering.id = 2;
    CHECK_EQUAL(vpc_set_peering(&vpc, &peering), VPC_REFUSED_LIMIT);
    finish();
}

static void changes_are_told_once_and_lead_to_what_is(void)
{
    start();
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    uint16_t table = new_table();
    struct vpc_change change;
    CHECK(vpc_take_change(&vpc, &change));
    CHECK(!change.had && change.has && change.now.origin == VPC_ORIGIN_LOCAL);
    CHECK(vpc_set_propagation(&vpc, table, VGW, true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, VGW, p("0.0.0.0/0"), true) == VPC_DONE);
    CHECK(vpc_set_route(&vpc, table, p("0.0.0.0/0"), VPC_ORIGIN_STATIC, to(VPC_TO_INTERNET, 4)) ==
          VPC_DONE);
    CHECK(vpc_take_change(&vpc, &change));
    CHECK(!change.had && change.now.target.kind == VPC_TO_INTERNET && change.table == table);
    CHECK(!vpc_take_change(&vpc, &change));
    CHECK(vpc_propagate(&vpc, VGW, p("0.0.0.0/0"), false) == VPC_DONE); /* it was not in use */
    CHECK(!vpc_take_change(&vpc, &change));
    CHECK(vpc_set_target(&vpc, to(VPC_TO_INTERNET, 4), false) == VPC_DONE);
    CHECK(vpc_take_change(&vpc, &change));
    CHECK(change.old.state == VPC_ACTIVE && change.now.state == VPC_BLACKHOLE);
    CHECK(vpc_set_target(&vpc, to(VPC_TO_INTERNET, 4), true) == VPC_DONE);
    CHECK(vpc_set_target(&vpc, to(VPC_TO_INTERNET, 4), false) == VPC_DONE);
    CHECK(!vpc_take_change(&vpc, &change)); /* there and back */
    CHECK(vpc_remove_route(&vpc, table, p("0.0.0.0/0"), VPC_ORIGIN_STATIC));
    CHECK(vpc_take_change(&vpc, &change));
    CHECK(change.had && !change.has);
    CHECK_EQUAL(vpc.nodes.used_count, 1);
    finish();
}

static void a_cidr_takes_over_what_was_propagated_inside_it(void)
{
    start();
    uint16_t table = new_table();
    CHECK(vpc_set_propagation(&vpc, table, VGW, true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, VGW, p("10.10.5.0/24"), true) == VPC_DONE);
    struct vpc_change change;
    CHECK(vpc_take_change(&vpc, &change) && change.has);
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    int gone = 0;
    while (vpc_take_change(&vpc, &change))
        gone += change.had && !change.has && change.prefix.len == 24;
    CHECK_EQUAL(gone, 1);
    finish();
}

static uint64_t digest_now(void)
{
    struct digest digest = digest_start();
    vpc_digest(&vpc, &digest);
    return digest_end(&digest);
}

/* Three tables, two with propagation, and as many routes that the next needs memory somewhere. */
static void start_filled(uint32_t fill)
{
    start();
    for (uint16_t table = 1; table <= 3; table++) {
        new_table();
        CHECK(vpc_set_propagation(&vpc, table, VGW, table < 3) == VPC_DONE);
    }
    for (uint32_t i = 0; i < fill; i++) {
        CHECK(vpc_propagate(&vpc, VGW, prefix_around((20 + i) << 24, 8), true) == VPC_DONE);
        CHECK(vpc_set_route(&vpc, 3, prefix_around((20 + i) << 24, 8), VPC_ORIGIN_STATIC,
                            to(VPC_TO_INTERNET, 1)) == VPC_DONE);
        CHECK(vpc_set_target(&vpc, to(VPC_TO_INSTANCE, (uint16_t)i), false) == VPC_DONE);
    }
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    CHECK(vpc_add_cidr(&vpc, p("10.12.0.0/16")) == VPC_DONE);
    CHECK(vpc_add_cidr(&vpc, p("10.13.0.0/16")) == VPC_DONE);
}

enum { REQUESTS = 8 };

static enum vpc_verdict request(int which)
{
    uint16_t number;
    struct vpc_peering peering = {.id = 5, .active = true, .cidr_count = 1};
    peering.cidrs[0] = p("50.0.0.0/8");
    switch (which) {
    case 0:
        return vpc_add_table(&vpc, &number);
    case 1:
        return vpc_add_cidr(&vpc, p("10.11.0.0/16"));
    case 2:
        return vpc_set_propagation(&vpc, 3, VGW, true);
    case 3:
        return vpc_propagate(&vpc, VGW, p("60.0.0.0/8"), true);
    case 4:
        return vpc_set_route(&vpc, 1, p("60.0.0.0/8"), VPC_ORIGIN_STATIC, to(VPC_TO_INSTANCE, 1));
    case 5:
        return vpc_set_target(&vpc, to(VPC_TO_INSTANCE, 99), false);
    case 6:
        return vpc_add_subnet(&vpc, p("10.10.1.0/24"), 1, &number);
    default:
        return vpc_set_peering(&vpc, &peering);
    }
}

/* Fails the n-th allocation of the request. Was it refused? */
static bool refused_at(int which, uint32_t fill, size_t n)
{
    start_filled(fill);
    uint64_t before = digest_now();
    memory.refuse_from = memory.get_count + n;
    enum vpc_verdict verdict = request(which);
    memory.refuse_from = 0;
    CHECK(vpc_holds(&vpc));
    if (verdict == VPC_REFUSED_BUDGET) {
        CHECK(digest_now() == before);
        struct vpc_change change;
        while (vpc_take_change(&vpc, &change)) /* of the filling */
            CHECK(!prefix_equal(change.prefix, p("10.11.0.0/16")) && change.prefix.addr >> 24 < 50);
        CHECK(request(which) == VPC_DONE); /* and with memory it is done */
        CHECK(vpc_holds(&vpc));
    } else {
        CHECK_EQUAL(verdict, VPC_DONE);
        CHECK(digest_now() != before);
    }
    finish();
    return verdict == VPC_REFUSED_BUDGET;
}

static void a_refused_request_changes_nothing(void)
{
    for (int which = 0; which < REQUESTS; which++) {
        int refused = 0;
        for (uint32_t fill = 0; fill < 10; fill++)
            for (size_t n = 1; refused_at(which, fill, n); n++)
                refused++;
        CHECK(refused > 0);
    }
}

static void names_are_those_of_the_api(void)
{
    CHECK_TEXT(vpc_origin_api_name(VPC_ORIGIN_LOCAL), "CreateRouteTable");
    CHECK_TEXT(vpc_origin_api_name(VPC_ORIGIN_STATIC), "CreateRoute");
    CHECK_TEXT(vpc_origin_api_name(VPC_ORIGIN_PROPAGATED), "EnableVgwRoutePropagation");
    CHECK_TEXT(vpc_origin_name(VPC_ORIGIN_PREFIX_LIST), "prefix-list");
    for (unsigned i = 0; i < VPC_REASON_COUNT; i++)
        CHECK(vpc_reason_name((enum vpc_reason)i)[0] && vpc_reason_sentence((enum vpc_reason)i)[0]);
}

int main(void)
{
    TEST(an_idle_vpc_allocates_nothing);
    TEST(a_cidr_is_local_in_every_table_now_and_later);
    TEST(a_cidr_goes_when_no_subnet_lies_in_it);
    TEST(a_subnet_lies_in_a_cidr_and_beside_the_others);
    TEST(propagation_reaches_the_tables_that_take_it);
    TEST(a_table_takes_propagation_from_few_gateways);
    TEST(the_hundred_and_first_propagated_route_waits);
    TEST(static_routes_have_a_limit_and_are_replaced_within_it);
    TEST(tables_subnets_and_peerings_have_limits);
    TEST(changes_are_told_once_and_lead_to_what_is);
    TEST(a_cidr_takes_over_what_was_propagated_inside_it);
    TEST(a_refused_request_changes_nothing);
    TEST(names_are_those_of_the_api);
    return harness_done();
}
