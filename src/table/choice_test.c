#include "table/choice.h"

#include "tests/harness.h"
#include "tests/memory.h"

/* Next hops: the chain, and where it ends. */

enum { ETH0 = 1, TUNNEL = 2, LAN = 3 };

static struct memory memory;
static struct budget budget;
static struct table table;
static struct platform_profile profile;

static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    profile = *platform_profile(PLATFORM_FRR);
    profile.resolves_via_default = true;
    table_init(&table, &profile, &budget, 3);
}

static void finish(void)
{
    CHECK(table_holds(&table));
    table_done(&table);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

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

static void put(const char *prefix, struct table_route route)
{
    CHECK(table_set(&table, p(prefix), &route));
}

static struct table_route connected(uint16_t interface)
{
    return (struct table_route){.source = ROUTE_CONNECTED, .interface = interface};
}

static struct table_route via(const char *gateway, uint8_t distance)
{
    return (struct table_route){
        .source = ROUTE_STATIC, .gateway = a(gateway), .distance = distance, .tag = distance};
}

static void drop(const char *prefix, enum route_source source, uint32_t tag)
{
    CHECK(table_remove(&table, p(prefix), source, tag));
}

static void settle(void)
{
    CHECK_EQUAL(table_settle(&table, UINT32_MAX), 0);
    CHECK(table_holds(&table));
}

static struct table_way way_of(const char *prefix)
{
    struct table_best best = {.way = {.kind = TABLE_NOWHERE}};
    table_find(&table, p(prefix), &best);
    return best.way;
}

static enum table_reason reason_of(const char *prefix, uint32_t index)
{
    struct table_candidate candidate = {.reason = TABLE_REASON_COUNT};
    CHECK(table_candidate(&table, p(prefix), index, &candidate));
    return candidate.reason;
}

static void a_next_hop_is_followed_to_the_link(void)
{
    start();
    put("10.0.0.0/24", connected(LAN));
    put("172.16.0.0/12", via("10.0.0.9", 1));
    put("192.0.2.0/24", via("172.16.5.5", 1));
    put("0.0.0.0/0", via("192.0.2.77", 1));
    settle();
    struct table_way way = way_of("0.0.0.0/0");
    CHECK(way.kind == TABLE_OUT && way.interface == LAN);
    CHECK_EQUAL(way.gateway, a("10.0.0.9")); /* the neighbor on the link, not 192.0.2.77 */
    struct prefix chain[8];
    CHECK_EQUAL(table_chain(&table, a("192.0.2.77"), chain, 8, &way), 3);
    CHECK(prefix_equal(chain[0], p("192.0.2.0/24")));
    CHECK(prefix_equal(chain[1], p("172.16.0.0/12")));
    CHECK(prefix_equal(chain[2], p("10.0.0.0/24")));
    CHECK(way.kind == TABLE_OUT && way.gateway == a("10.0.0.9"));
    finish();
}

static void the_longest_prefix_resolves_not_the_widest(void)
{
    start();
    put("10.0.0.0/8", connected(LAN));
    put("10.1.0.0/16", connected(ETH0));
    put("0.0.0.0/0", via("10.1.2.3", 1));
    settle();
    CHECK_EQUAL(way_of("0.0.0.0/0").interface, ETH0);
    CHECK(table_interface(&table, ETH0, false)); /* as if the /16 were absent */
    settle();
    CHECK_EQUAL(way_of("0.0.0.0/0").interface, LAN);
    CHECK_EQUAL(way_of("0.0.0.0/0").gateway, a("10.1.2.3"));
    finish();
}

/* Down to the default: half of all addresses is a prefix like any other (T03). */
static void a_half_that_leads_nowhere_leaves_the_default(void)
{
    start();
    put("0.0.0.0/0", connected(LAN));
    put("0.0.0.0/1", connected(ETH0));
    put("192.0.2.0/24", via("10.1.2.3", 1));
    settle();
    CHECK_EQUAL(way_of("192.0.2.0/24").interface, ETH0);
    CHECK(table_interface(&table, ETH0, false));
    settle();
    CHECK_EQUAL(way_of("192.0.2.0/24").interface, LAN);
    finish();
}

static void dependants_follow_a_change_far_down_the_chain(void)
{
    start();
    put("10.0.0.0/24", connected(LAN));
    put("10.0.1.0/24", connected(ETH0));
    put("172.16.0.0/12", via("10.0.0.9", 1));
    for (uint32_t i = 0; i < 200; i++) {
        struct table_route route = via("172.16.0.1", 1);
        CHECK(table_set(&table, prefix_around(192u << 24 | i << 8, 24), &route));
    }
    settle();
    struct table_change change;
    while (table_take_change(&table, &change))
        CHECK(change.now.way.kind == TABLE_OUT);
    drop("172.16.0.0/12", ROUTE_STATIC, 1);
    put("172.16.0.0/12", via("10.0.1.9", 1));
    settle();
    int told = 0;
    while (table_take_change(&table, &change)) {
        CHECK(change.old.way.interface == LAN && change.now.way.interface == ETH0);
        told++;
    }
    CHECK_EQUAL(told, 201);
    finish();
}

static void a_route_does_not_resolve_through_itself(void)
{
    start();
    put("10.0.0.0/8", via("10.1.1.1", 1));
    settle();
    CHECK_EQUAL(way_of("10.0.0.0/8").kind, TABLE_NOWHERE);
    CHECK_EQUAL(reason_of("10.0.0.0/8", 0), TABLE_RECURSIVE);
    /* zebra stops at itself: a wider way to the next hop is not looked for */
    put("0.0.0.0/0", connected(ETH0));
    settle();
    CHECK_EQUAL(reason_of("10.0.0.0/8", 0), TABLE_RECURSIVE);
    put("10.1.1.0/24", connected(LAN));
    settle();
    CHECK_EQUAL(reason_of("10.0.0.0/8", 0), TABLE_CHOSEN);
    finish();
}

/* The pin that cures the incident: the endpoint by way of the underlay's neighbor. */
static void a_host_route_may_name_the_host_itself(void)
{
    start();
    put("203.0.113.0/24", connected(ETH0));
    put("203.0.113.225/32", via("203.0.113.225", 1));
    settle();
    CHECK_EQUAL(way_of("203.0.113.225/32").interface, ETH0);
    CHECK_EQUAL(way_of("203.0.113.225/32").gateway, a("203.0.113.225"));
    finish();
}

/* T06: the endpoint's static stands on a next hop that a route through the tunnel takes over. */
static void a_pin_on_a_distant_next_hop_is_taken_over(void)
{
    start();
    put("10.20.0.0/24", connected(ETH0));
    put("169.254.252.28/30", connected(TUNNEL));
    put("0.0.0.0/0", via("10.20.0.1", 210));
    put("203.0.113.225/32", via("198.18.0.1", 1)); /* not on the link */
    settle();
    CHECK_EQUAL(way_of("203.0.113.225/32").interface, ETH0);
    put("198.18.0.0/15", via("169.254.252.30", 20)); /* learned through the tunnel */
    settle();
    CHECK_EQUAL(way_of("203.0.113.225/32").interface, TUNNEL);
    finish();
}

static void two_routes_that_need_each_other_have_no_way(void)
{
    start();
    put("10.0.0.0/8", via("20.0.0.1", 1));
    put("20.0.0.0/8", via("10.0.0.1", 1));
    settle();
    CHECK_EQUAL(way_of("10.0.0.0/8").kind, TABLE_NOWHERE);
    CHECK_EQUAL(way_of("20.0.0.0/8").kind, TABLE_NOWHERE);
    put("20.0.0.0/8", (struct table_route){.source = ROUTE_EBGP, .interface = LAN, .distance = 20});
    settle();
    CHECK_EQUAL(way_of("20.0.0.0/8").interface, LAN);
    CHECK_EQUAL(way_of("10.0.0.0/8").interface, LAN);
    CHECK_EQUAL(reason_of("20.0.0.0/8", 0), TABLE_RECURSIVE);
    CHECK_EQUAL(reason_of("20.0.0.0/8", 1), TABLE_CHOSEN);
    finish();
}

static void a_chain_has_a_greatest_depth(void)
{
    start();
    put("10.0.0.0/24", connected(LAN));
    for (uint32_t i = 1; i <= 12; i++) { /* 10.0.i.0/24 via 10.0.(i-1).1 */
        struct table_route route = {.source = ROUTE_STATIC,
                                    .gateway = a("10.0.0.1") + (i - 1) * 256};
        CHECK(table_set(&table, prefix_around(a("10.0.0.0") + i * 256, 24), &route));
    }
    settle();
    CHECK_EQUAL(way_of("10.0.8.0/24").interface, LAN);
    CHECK_EQUAL(way_of("10.0.9.0/24").kind, TABLE_NOWHERE);
    CHECK_EQUAL(reason_of("10.0.9.0/24", 0), TABLE_DEEP);
    finish();
}

/* Thirty prefixes that all stand on each other: bounded, and nobody has a way. */
static void a_knot_of_next_hops_costs_a_bounded_search(void)
{
    start();
    for (uint32_t i = 0; i < 30; i++)
        for (uint32_t j = 0; j < 30; j++) {
            struct table_route route = {
                .source = ROUTE_STATIC, .tag = j, .gateway = (10 + j) << 24 | 1};
            CHECK(table_set(&table, prefix_around((10 + i) << 24, 8), &route));
        }
    settle();
    CHECK_EQUAL(table.route_count, 0);
    struct table_route way_out = {.source = ROUTE_CONNECTED, .interface = LAN};
    CHECK(table_set(&table, prefix_around(17u << 24, 8), &way_out));
    settle();
    CHECK_EQUAL(way_of("17.0.0.0/8").interface, LAN);
    finish();
}

static void the_default_resolves_only_where_the_platform_says_so(void)
{
    start();
    put("0.0.0.0/0", connected(ETH0));
    put("10.0.0.0/8", via("192.0.2.1", 1));
    settle();
    CHECK_EQUAL(way_of("10.0.0.0/8").interface, ETH0);
    finish();
    start();
    profile.resolves_via_default = false;
    put("0.0.0.0/0", connected(ETH0));
    put("10.0.0.0/8", via("192.0.2.1", 1));
    settle();
    CHECK_EQUAL(reason_of("10.0.0.0/8", 0), TABLE_UNRESOLVED);
    finish();
}

static void on_link_only_means_connected(void)
{
    start();
    put("10.0.0.0/24", connected(LAN));
    put("172.16.0.0/12", via("10.0.0.9", 1));
    struct table_route near = {
        .source = ROUTE_EBGP, .gateway = a("10.0.0.7"), .flags = ROUTE_ON_LINK_ONLY};
    struct table_route far = {
        .source = ROUTE_EBGP, .gateway = a("172.16.0.7"), .flags = ROUTE_ON_LINK_ONLY};
    put("192.0.2.0/24", near);
    put("198.51.100.0/24", far);
    settle();
    CHECK_EQUAL(way_of("192.0.2.0/24").interface, LAN);
    CHECK_EQUAL(reason_of("198.51.100.0/24", 0), TABLE_OFF_LINK);
    far.flags = 0; /* multihop */
    put("198.51.100.0/24", far);
    settle();
    CHECK_EQUAL(way_of("198.51.100.0/24").interface, LAN);
    finish();
}

/* The same neighbor on the same link, but now by a route that names it as a next hop. */
static void on_link_is_lost_though_the_way_stays(void)
{
    start();
    put("10.0.0.0/24", connected(LAN));
    struct table_route near = {
        .source = ROUTE_EBGP, .gateway = a("10.0.0.7"), .flags = ROUTE_ON_LINK_ONLY};
    put("192.0.2.0/24", near);
    settle();
    CHECK_EQUAL(reason_of("192.0.2.0/24", 0), TABLE_CHOSEN);
    struct table_route host = via("10.0.0.7", 1);
    host.interface = LAN;
    put("10.0.0.7/32", host);
    settle();
    CHECK_EQUAL(way_of("10.0.0.7/32").gateway, a("10.0.0.7"));
    CHECK_EQUAL(reason_of("192.0.2.0/24", 0), TABLE_OFF_LINK);
    CHECK_EQUAL(way_of("192.0.2.0/24").kind, TABLE_NOWHERE);
    finish();
}

static void a_discarding_route_discards_whoever_stands_on_it(void)
{
    start();
    put("10.0.0.0/8", (struct table_route){.source = ROUTE_STATIC, .flags = ROUTE_DISCARD});
    put("192.0.2.0/24", via("10.1.1.1", 1));
    settle();
    CHECK_EQUAL(way_of("10.0.0.0/8").kind, TABLE_DROP);
    CHECK_EQUAL(way_of("192.0.2.0/24").kind, TABLE_DROP);
    finish();
}

static void the_router_itself_is_no_next_hop(void)
{
    start();
    put("10.0.0.0/24", connected(LAN));
    put("10.0.0.1/32", (struct table_route){.source = ROUTE_LOCAL, .interface = LAN});
    put("192.0.2.0/24", via("10.0.0.1", 1));
    settle();
    CHECK_EQUAL(way_of("10.0.0.1/32").kind, TABLE_HERE);
    CHECK_EQUAL(reason_of("192.0.2.0/24", 0), TABLE_UNRESOLVED);
    finish();
}

static void a_route_that_names_nothing_leads_nowhere(void)
{
    start();
    put("10.0.0.0/24", (struct table_route){.source = ROUTE_STATIC});
    put("10.0.1.0/24", via("192.0.2.1", 1));
    settle();
    CHECK_EQUAL(reason_of("10.0.0.0/24", 0), TABLE_UNRESOLVED);
    CHECK_EQUAL(reason_of("10.0.1.0/24", 0), TABLE_UNRESOLVED);
    CHECK_EQUAL(table.route_count, 0);
    finish();
}

int main(void)
{
    TEST(a_next_hop_is_followed_to_the_link);
    TEST(the_longest_prefix_resolves_not_the_widest);
    TEST(a_half_that_leads_nowhere_leaves_the_default);
    TEST(dependants_follow_a_change_far_down_the_chain);
    TEST(a_route_does_not_resolve_through_itself);
    TEST(a_host_route_may_name_the_host_itself);
    TEST(a_pin_on_a_distant_next_hop_is_taken_over);
    TEST(two_routes_that_need_each_other_have_no_way);
    TEST(a_chain_has_a_greatest_depth);
    TEST(a_knot_of_next_hops_costs_a_bounded_search);
    TEST(the_default_resolves_only_where_the_platform_says_so);
    TEST(on_link_only_means_connected);
    TEST(on_link_is_lost_though_the_way_stays);
    TEST(a_discarding_route_discards_whoever_stands_on_it);
    TEST(the_router_itself_is_no_next_hop);
    TEST(a_route_that_names_nothing_leads_nowhere);
    return harness_done();
}
