#include "vpc/precedence.h"

#include "tests/harness.h"
#include "tests/memory.h"

enum { VGW = 1, OTHER_VGW = 2, PEERING = 7 };

static struct memory memory;
static struct budget budget;
static struct vpc vpc;
static uint16_t table;

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static ip_addr a(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static struct vpc_target to(enum vpc_target_kind kind, uint16_t id)
{
    return (struct vpc_target){id, (uint8_t)kind};
}

/* 10.10.0.0/16 with one table into which VGW propagates */
static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    vpc_init(&vpc, &vpc_limits_of_aws, &budget);
    CHECK(vpc_add_cidr(&vpc, p("10.10.0.0/16")) == VPC_DONE);
    CHECK(vpc_add_table(&vpc, &table) == VPC_DONE);
    CHECK(vpc_set_propagation(&vpc, table, VGW, true) == VPC_DONE);
}

static void finish(void)
{
    CHECK(vpc_holds(&vpc));
    vpc_done(&vpc);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static void learn(const char *prefix)
{
    CHECK(vpc_propagate(&vpc, VGW, p(prefix), true) == VPC_DONE);
}

static void create(const char *prefix, enum vpc_origin origin, struct vpc_target target)
{
    CHECK(vpc_set_route(&vpc, table, p(prefix), origin, target) == VPC_DONE);
}

/* The origin of the route taken, or VPC_ORIGIN_COUNT. */
static int taken(const char *addr)
{
    struct vpc_route route;
    return vpc_lookup(&vpc, table, a(addr), &route) == VPC_NO_ROUTE ? VPC_ORIGIN_COUNT
                                                                    : route.origin;
}

static enum vpc_reason reason_at(const char *addr, uint32_t index)
{
    struct vpc_route route;
    enum vpc_reason reason = VPC_REASON_COUNT;
    CHECK(vpc_candidate(&vpc, table, a(addr), index, &route, &reason));
    return reason;
}

/* facts/aws.md 3.3 line by line */
static void local_wins_against_a_more_specific_propagated_route(void)
{
    start();
    learn("10.10.5.0/24");
    CHECK_EQUAL(taken("10.10.5.5"), VPC_ORIGIN_LOCAL);
    CHECK_EQUAL(reason_at("10.10.5.5", 0), VPC_LOST_LOCAL);
    CHECK_EQUAL(reason_at("10.10.5.5", 1), VPC_CHOSEN);
    learn("10.10.0.0/16"); /* and against an equal one */
    CHECK_EQUAL(reason_at("10.10.9.9", 1), VPC_LOST_LOCAL);
    finish();
}

static void a_more_specific_static_route_wins_against_local(void)
{
    start();
    create("10.10.5.0/24", VPC_ORIGIN_STATIC, to(VPC_TO_INSTANCE, 3));
    CHECK_EQUAL(taken("10.10.5.5"), VPC_ORIGIN_STATIC);
    CHECK_EQUAL(reason_at("10.10.5.5", 1), VPC_LOST_LENGTH);
    CHECK_EQUAL(taken("10.10.6.5"), VPC_ORIGIN_LOCAL);
    finish();
}

static void otherwise_the_longest_prefix_wins_whatever_its_origin(void)
{
    start();
    create("10.0.0.0/8", VPC_ORIGIN_STATIC, to(VPC_TO_INSTANCE, 3));
    learn("10.20.0.0/16");
    CHECK_EQUAL(taken("10.20.1.1"), VPC_ORIGIN_PROPAGATED);
    CHECK_EQUAL(reason_at("10.20.1.1", 1), VPC_LOST_LENGTH);
    CHECK_EQUAL(taken("10.30.1.1"), VPC_ORIGIN_STATIC);
    finish();
}

static void of_one_prefix_static_then_prefix_list_then_propagated(void)
{
    start();
    learn("0.0.0.0/0");
    CHECK_EQUAL(taken("8.8.8.8"), VPC_ORIGIN_PROPAGATED);
    create("0.0.0.0/0", VPC_ORIGIN_PREFIX_LIST, to(VPC_TO_INSTANCE, 1));
    CHECK_EQUAL(taken("8.8.8.8"), VPC_ORIGIN_PREFIX_LIST);
    create("0.0.0.0/0", VPC_ORIGIN_STATIC, to(VPC_TO_INTERNET, 1)); /* T14 */
    CHECK_EQUAL(taken("8.8.8.8"), VPC_ORIGIN_STATIC);
    CHECK_EQUAL(reason_at("8.8.8.8", 1), VPC_LOST_ORIGIN);
    CHECK_EQUAL(reason_at("8.8.8.8", 2), VPC_LOST_ORIGIN);
    struct vpc_route route;
    enum vpc_reason reason;
    CHECK(!vpc_candidate(&vpc, table, a("8.8.8.8"), 3, &route, &reason));
    finish();
}

static void of_two_gateways_the_lower_number_comes_first(void)
{
    start();
    CHECK(vpc_set_propagation(&vpc, table, OTHER_VGW, true) == VPC_DONE);
    CHECK(vpc_propagate(&vpc, OTHER_VGW, p("10.20.0.0/16"), true) == VPC_DONE);
    learn("10.20.0.0/16");
    struct vpc_route route;
    CHECK(vpc_lookup(&vpc, table, a("10.20.0.1"), &route) == VPC_CHOSEN);
    CHECK_EQUAL(route.target.id, VGW);
    CHECK_EQUAL(reason_at("10.20.0.1", 1), VPC_LOST_GATEWAY);
    finish();
}

static void no_route_is_a_reason(void)
{
    start();
    struct vpc_route route = {.origin = 77};
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("8.8.8.8"), &route), VPC_NO_ROUTE);
    CHECK_EQUAL(route.origin, 77);
    finish();
}

/* T17: it stays, and keeps its precedence */
static void a_route_without_its_target_is_taken_and_drops(void)
{
    start();
    learn("10.20.0.0/16");
    create("10.20.0.0/16", VPC_ORIGIN_STATIC, to(VPC_TO_INSTANCE, 3));
    CHECK(vpc_set_target(&vpc, to(VPC_TO_INSTANCE, 3), false) == VPC_DONE);
    struct vpc_route route;
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.20.0.1"), &route), VPC_GONE);
    CHECK(route.state == VPC_BLACKHOLE && route.origin == VPC_ORIGIN_STATIC);
    CHECK_EQUAL(reason_at("10.20.0.1", 0), VPC_CHOSEN);
    CHECK_EQUAL(reason_at("10.20.0.1", 1), VPC_LOST_ORIGIN);
    CHECK(vpc_set_target(&vpc, to(VPC_TO_INSTANCE, 3), true) == VPC_DONE);
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.20.0.1"), &route), VPC_CHOSEN);
    create("10.20.0.0/16", VPC_ORIGIN_STATIC, to(VPC_TO_BLACKHOLE, 0));
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.20.0.1"), &route), VPC_DISCARDS);
    finish();
}

static void set_peering(bool active)
{
    struct vpc_peering peering = {.id = PEERING,
                                  .active = active,
                                  .cidr_count = 2,
                                  .cidrs = {p("10.20.0.0/16"), p("10.21.0.0/16")}};
    CHECK(vpc_set_peering(&vpc, &peering) == VPC_DONE);
}

/* T18 */
static void a_peering_forwards_only_to_the_peers_own_addresses(void)
{
    start();
    create("10.0.0.0/8", VPC_ORIGIN_STATIC, to(VPC_TO_PEERING, PEERING));
    struct vpc_route route;
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.20.0.1"), &route), VPC_GONE); /* not yet there */
    set_peering(true);
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.20.0.1"), &route), VPC_CHOSEN);
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.21.0.1"), &route), VPC_CHOSEN);
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.30.0.1"), &route), VPC_TRANSIT); /* the peer's VPN */
    set_peering(false);
    CHECK_EQUAL(vpc_lookup(&vpc, table, a("10.20.0.1"), &route), VPC_GONE);
    finish();
}

static void a_peering_admits_what_begins_and_ends_in_the_two(void)
{
    start();
    set_peering(true);
    ip_addr own = a("10.10.0.1"), peer = a("10.20.0.1"), site = a("10.30.0.1");
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, true, own, peer), VPC_CHOSEN);
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, false, peer, own), VPC_CHOSEN);
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, true, peer, own), VPC_TRANSIT);
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, true, site, peer), VPC_TRANSIT);
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, true, own, site), VPC_TRANSIT);
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, false, site, own), VPC_TRANSIT);
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, false, peer, site), VPC_TRANSIT);
    CHECK_EQUAL(vpc_peering_admits(&vpc, 8, true, own, peer), VPC_GONE);
    CHECK(vpc_set_target(&vpc, to(VPC_TO_PEERING, PEERING), false) == VPC_DONE);
    CHECK_EQUAL(vpc_peering_admits(&vpc, PEERING, true, own, peer), VPC_GONE);
    finish();
}

static void a_walk_lists_each_route_with_its_reason(void)
{
    start();
    learn("10.10.1.0/24");
    learn("0.0.0.0/0");
    create("0.0.0.0/0", VPC_ORIGIN_STATIC, to(VPC_TO_INTERNET, 1));
    static const struct {
        const char *prefix;
        enum vpc_origin origin;
        enum vpc_reason reason;
    } expected[] = {{"0.0.0.0/0", VPC_ORIGIN_STATIC, VPC_CHOSEN},
                    {"0.0.0.0/0", VPC_ORIGIN_PROPAGATED, VPC_LOST_ORIGIN},
                    {"10.10.0.0/16", VPC_ORIGIN_LOCAL, VPC_CHOSEN},
                    {"10.10.1.0/24", VPC_ORIGIN_PROPAGATED, VPC_LOST_LOCAL}};
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    for (unsigned i = 0; i < 4; i++) {
        CHECK(vpc_next(&vpc, table, &walk, &route, &reason));
        CHECK(prefix_equal(route.prefix, p(expected[i].prefix)));
        CHECK_EQUAL(route.origin, expected[i].origin);
        CHECK_EQUAL(reason, expected[i].reason);
    }
    CHECK(!vpc_next(&vpc, table, &walk, &route, &reason));
    CHECK(vpc_find(&vpc, table, p("0.0.0.0/0"), &route) && route.origin == VPC_ORIGIN_STATIC);
    CHECK(!vpc_find(&vpc, table, p("10.10.1.0/24"), &route));
    CHECK(!vpc_find(&vpc, table, p("10.99.0.0/16"), &route));
    finish();
}

int main(void)
{
    TEST(local_wins_against_a_more_specific_propagated_route);
    TEST(a_more_specific_static_route_wins_against_local);
    TEST(otherwise_the_longest_prefix_wins_whatever_its_origin);
    TEST(of_one_prefix_static_then_prefix_list_then_propagated);
    TEST(of_two_gateways_the_lower_number_comes_first);
    TEST(no_route_is_a_reason);
    TEST(a_route_without_its_target_is_taken_and_drops);
    TEST(a_peering_forwards_only_to_the_peers_own_addresses);
    TEST(a_peering_admits_what_begins_and_ends_in_the_two);
    TEST(a_walk_lists_each_route_with_its_reason);
    return harness_done();
}
