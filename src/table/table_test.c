#include "table/table.h"

#include "tests/harness.h"
#include "tests/memory.h"

enum { ETH0 = 1, TUNNEL = 2, LAN = 3, NO_LIMIT = 1 << 20 };

static struct memory memory;
static struct budget budget;
static struct table table;

static void start_of(const struct platform_profile *profile)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    table_init(&table, profile, &budget, 3);
}

static void start(enum platform platform)
{
    start_of(platform_profile(platform));
}

static void finish(void)
{
    CHECK(table_holds(&table));
    table_done(&table);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
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

static struct table_route weighed(enum route_source source, int64_t metric, const char *via,
                                  uint16_t interface)
{
    struct table_route route = {.source = (uint8_t)source, .interface = interface};
    platform_weigh(table.profile, source, metric >= 0, (uint32_t)metric, &route.distance,
                   &route.metric);
    if (via)
        route.gateway = a(via);
    return route;
}

/* metric < 0: none said */
static void offer(const char *prefix, enum route_source source, int64_t metric, const char *via,
                  uint16_t interface)
{
    struct table_route route = weighed(source, metric, via, interface);
    CHECK(table_set(&table, p(prefix), &route));
}

static void settle(void)
{
    CHECK_EQUAL(table_settle(&table, NO_LIMIT), 0);
    CHECK(table_holds(&table));
}

static uint8_t chosen_source(const char *prefix)
{
    struct table_best best;
    return table_find(&table, p(prefix), &best) ? best.route.source : ROUTE_SOURCE_COUNT;
}

static uint16_t leaves_by(const char *addr)
{
    struct table_best best;
    struct prefix prefix;
    return table_match(&table, a(addr), &prefix, &best) ? best.way.interface : 0;
}

static enum table_reason reason_of(const char *prefix, uint32_t index)
{
    struct table_candidate candidate = {.reason = TABLE_REASON_COUNT};
    CHECK(table_candidate(&table, p(prefix), index, &candidate));
    return candidate.reason;
}

/* --- the matrix: which customer gateways are hit when a default arrives by BGP. A tunnel's inside
 * /30 on TUNNEL, the provider's /24 on ETH0, the router's own default as the row says it, and then
 * 0.0.0.0/0 from the VGW. Hit: the VGW's outside address lies behind the tunnel. */

static bool hit_by_default(enum platform platform, enum route_source source, int64_t metric,
                           int distance)
{
    start(platform);
    offer("10.20.0.0/24", ROUTE_CONNECTED, -1, NULL, ETH0);
    offer("169.254.252.28/30", ROUTE_CONNECTED, -1, NULL, TUNNEL);
    struct table_route own = weighed(source, metric, "10.20.0.1", 0);
    if (distance >= 0)
        own.distance = (uint8_t)distance;
    CHECK(table_set(&table, p("0.0.0.0/0"), &own));
    settle();
    CHECK_EQUAL(leaves_by("203.0.113.225"), ETH0);
    offer("0.0.0.0/0", ROUTE_EBGP, -1, "169.254.252.30", 0);
    settle();
    bool hit = leaves_by("203.0.113.225") == TUNNEL;
    CHECK_EQUAL(reason_of("0.0.0.0/0", 0), TABLE_CHOSEN);
    /* withdrawn: as before */
    CHECK(table_remove(&table, p("0.0.0.0/0"), ROUTE_EBGP, 0));
    settle();
    CHECK_EQUAL(leaves_by("203.0.113.225"), ETH0);
    finish();
    return hit;
}

static void matrix_frr_kernel_metric_0_is_not_hit(void)
{
    CHECK(!hit_by_default(PLATFORM_FRR, ROUTE_KERNEL, 0, -1));
}

static void matrix_frr_kernel_metric_1024_is_not_hit(void)
{
    CHECK(!hit_by_default(PLATFORM_FRR, ROUTE_KERNEL, 1024, -1));
    CHECK(!hit_by_default(PLATFORM_FRR, ROUTE_DHCP, -1, -1)); /* who else writes such a route */
}

static void matrix_frr_kernel_metric_with_distance_210_is_hit(void)
{
    CHECK(hit_by_default(PLATFORM_FRR, ROUTE_KERNEL, (210ll << 24) + 1, -1));
}

static void matrix_frr_static_distance_1_is_not_hit(void)
{
    CHECK(!hit_by_default(PLATFORM_FRR, ROUTE_STATIC, -1, -1));
}

static void matrix_frr_static_distance_210_is_hit(void)
{
    CHECK(hit_by_default(PLATFORM_FRR, ROUTE_STATIC, -1, 210));
    CHECK(hit_by_default(PLATFORM_VYOS, ROUTE_DHCP, -1, -1)); /* which is VyOS's DHCP default */
    CHECK(hit_by_default(PLATFORM_VYATTA, ROUTE_DHCP, -1, -1));
    CHECK(hit_by_default(PLATFORM_UNKNOWN, ROUTE_DHCP, -1, -1));
}

static void matrix_bird_kernel_metric_0_is_not_hit(void)
{
    CHECK(!hit_by_default(PLATFORM_BIRD, ROUTE_KERNEL, 0, -1));
}

static void matrix_bird_kernel_metric_1024_is_hit(void)
{
    CHECK(hit_by_default(PLATFORM_BIRD, ROUTE_KERNEL, 1024, -1));
    CHECK(hit_by_default(PLATFORM_BIRD, ROUTE_DHCP, -1, -1));
}

/* The shown column of the matrix: distance and metric as `show ip route` has them. */
static void matrix_shows_what_frr_shows(void)
{
    start(PLATFORM_FRR);
    offer("0.0.0.0/0", ROUTE_KERNEL, (210ll << 24) + 1, "10.20.0.1", ETH0);
    offer("0.0.0.0/0", ROUTE_EBGP, -1, "169.254.252.30", TUNNEL);
    settle();
    struct table_candidate first, second;
    CHECK(table_candidate(&table, p("0.0.0.0/0"), 0, &first));
    CHECK(table_candidate(&table, p("0.0.0.0/0"), 1, &second));
    CHECK(first.route.source == ROUTE_EBGP && first.route.distance == 20);
    CHECK(second.route.source == ROUTE_KERNEL && second.route.distance == 210);
    CHECK_EQUAL(second.route.metric, 1);
    CHECK_EQUAL(second.reason, TABLE_LOST_DISTANCE);
    CHECK_EQUAL(second.way.interface, ETH0); /* where it would lead */
    finish();
}

/* --- order */

static void connected_comes_first_even_with_a_worse_distance(void)
{
    start(PLATFORM_FRR);
    offer("10.0.0.0/8", ROUTE_STATIC, -1, NULL, LAN);
    struct table_route connected = weighed(ROUTE_CONNECTED, 99, NULL, ETH0);
    connected.distance = 7;
    CHECK(table_set(&table, p("10.0.0.0/8"), &connected));
    settle();
    CHECK_EQUAL(chosen_source("10.0.0.0/8"), ROUTE_CONNECTED);
    CHECK_EQUAL(reason_of("10.0.0.0/8", 1), TABLE_LOST_CONNECTED);
    offer("10.0.0.0/8", ROUTE_LOCAL, -1, NULL, 0);
    settle();
    CHECK_EQUAL(chosen_source("10.0.0.0/8"), ROUTE_LOCAL);
    CHECK_EQUAL(reason_of("10.0.0.0/8", 1), TABLE_LOST_LOCAL);
    finish();
}

static void the_older_of_equals_wins_until_it_changes(void)
{
    start(PLATFORM_FRR);
    for (uint32_t tag = 1; tag <= 3; tag++) {
        struct table_route route = weighed(ROUTE_STATIC, -1, NULL, (uint16_t)tag);
        route.tag = tag;
        CHECK(table_set(&table, p("10.0.0.0/8"), &route));
    }
    settle();
    CHECK_EQUAL(leaves_by("10.0.0.1"), 1);
    CHECK_EQUAL(reason_of("10.0.0.0/8", 1), TABLE_LOST_AGE);
    struct table_route same = weighed(ROUTE_STATIC, -1, NULL, 1);
    same.tag = 1;
    CHECK(table_set(&table, p("10.0.0.0/8"), &same)); /* nothing new: keeps its age */
    settle();
    CHECK_EQUAL(leaves_by("10.0.0.1"), 1);
    same.gateway = a("10.1.1.1");
    CHECK(table_set(&table, p("10.0.0.0/8"), &same)); /* new: the youngest now */
    settle();
    CHECK_EQUAL(leaves_by("10.0.0.1"), 2);
    CHECK_EQUAL(reason_of("10.0.0.0/8", 2), TABLE_LOST_AGE);
    finish();
}

static void metric_decides_between_equal_distances(void)
{
    start(PLATFORM_FRR);
    offer("0.0.0.0/0", ROUTE_KERNEL, 100, NULL, ETH0);
    offer("0.0.0.0/0", ROUTE_DHCP, 50, NULL, LAN);
    settle();
    CHECK_EQUAL(leaves_by("1.1.1.1"), LAN);
    CHECK_EQUAL(reason_of("0.0.0.0/0", 1), TABLE_LOST_METRIC);
    finish();
}

static void on_bird_metric_decides_and_then_preference(void)
{
    start(PLATFORM_BIRD);
    offer("10.0.0.0/8", ROUTE_EBGP, -1, NULL, TUNNEL);
    offer("10.0.0.0/8", ROUTE_STATIC, -1, NULL, LAN); /* both 32; static has preference 200 */
    settle();
    CHECK_EQUAL(chosen_source("10.0.0.0/8"), ROUTE_STATIC);
    CHECK_EQUAL(reason_of("10.0.0.0/8", 1), TABLE_LOST_DISTANCE);
    offer("10.0.0.0/8", ROUTE_KERNEL, 31, NULL, ETH0);
    settle();
    CHECK_EQUAL(chosen_source("10.0.0.0/8"), ROUTE_KERNEL);
    CHECK_EQUAL(reason_of("10.0.0.0/8", 1), TABLE_LOST_METRIC);
    finish();
}

/* --- changes */

static void changes_lead_from_what_was_told_to_what_is(void)
{
    start(PLATFORM_FRR);
    struct table_change change;
    CHECK(!table_take_change(&table, &change));
    offer("10.0.0.0/8", ROUTE_CONNECTED, -1, NULL, ETH0);
    CHECK(!table_take_change(&table, &change)); /* not before it is settled */
    settle();
    CHECK(table_take_change(&table, &change));
    CHECK(change.old.way.kind == TABLE_NOWHERE && change.now.way.kind == TABLE_OUT);
    CHECK_EQUAL(change.now.way.interface, ETH0);
    CHECK(!table_take_change(&table, &change));
    CHECK(table_remove(&table, p("10.0.0.0/8"), ROUTE_CONNECTED, 0));
    CHECK(!table_remove(&table, p("10.0.0.0/8"), ROUTE_CONNECTED, 0));
    settle();
    CHECK(table_take_change(&table, &change));
    CHECK(change.old.way.interface == ETH0 && change.now.way.kind == TABLE_NOWHERE);
    CHECK_EQUAL(table.nodes.used_count, 0);
    finish();
}

static void what_changed_back_is_not_told(void)
{
    start(PLATFORM_FRR);
    struct table_change change;
    offer("10.0.0.0/8", ROUTE_STATIC, -1, NULL, ETH0);
    settle();
    CHECK(table_take_change(&table, &change));
    offer("10.0.0.0/8", ROUTE_CONNECTED, -1, NULL, LAN);
    settle();
    CHECK(table_remove(&table, p("10.0.0.0/8"), ROUTE_CONNECTED, 0));
    settle();
    CHECK(!table_take_change(&table, &change));
    offer("10.0.0.0/8", ROUTE_CONNECTED, -1, NULL, LAN); /* settled, then touched again */
    settle();
    CHECK(table_remove(&table, p("10.0.0.0/8"), ROUTE_CONNECTED, 0));
    CHECK(!table_take_change(&table, &change));
    settle();
    CHECK(!table_take_change(&table, &change));
    finish();
}

static void an_interface_takes_its_routes_with_it_and_brings_them_back(void)
{
    start(PLATFORM_FRR);
    offer("10.20.0.0/24", ROUTE_CONNECTED, -1, NULL, ETH0);
    offer("0.0.0.0/0", ROUTE_STATIC, -1, "10.20.0.1", 0);
    offer("0.0.0.0/0", ROUTE_EBGP, -1, "192.0.2.1", LAN);
    settle();
    CHECK_EQUAL(leaves_by("8.8.8.8"), ETH0);
    CHECK(table_interface(&table, ETH0, false));
    CHECK(table_interface(&table, ETH0, false)); /* said twice */
    settle();
    CHECK_EQUAL(leaves_by("8.8.8.8"), LAN);
    CHECK_EQUAL(reason_of("10.20.0.0/24", 0), TABLE_INTERFACE_DOWN);
    CHECK_EQUAL(reason_of("0.0.0.0/0", 0), TABLE_RECURSIVE); /* only the default holds 10.20.0.1 */
    CHECK_EQUAL(reason_of("0.0.0.0/0", 1), TABLE_CHOSEN);
    CHECK(table_interface(&table, ETH0, true));
    settle();
    CHECK_EQUAL(leaves_by("8.8.8.8"), ETH0);
    finish();
}

static void many_interfaces_may_be_down(void)
{
    start(PLATFORM_LINUX);
    for (uint16_t i = 100; i > 0; i--)
        CHECK(table_interface(&table, i, false));
    for (uint16_t i = 1; i <= 100; i += 2)
        CHECK(table_interface(&table, i, true));
    for (uint16_t i = 1; i <= 101; i++)
        CHECK_EQUAL(table_interface_up(&table, i), i % 2 == 1);
    finish();
}

static void settling_in_pieces_comes_to_the_same(void)
{
    start(PLATFORM_FRR);
    for (uint32_t i = 0; i < 50; i++) {
        struct table_route route = weighed(ROUTE_STATIC, -1, NULL, ETH0);
        CHECK(table_set(&table, prefix_around(i << 24, 8), &route));
    }
    CHECK_EQUAL(table_settle(&table, 20), 30);
    CHECK_EQUAL(table.route_count, 20);
    CHECK_EQUAL(table_settle(&table, 20), 10);
    CHECK_EQUAL(table_settle(&table, 20), 0);
    CHECK_EQUAL(table.route_count, 50);
    struct table_change change;
    int told = 0;
    while (table_take_change(&table, &change))
        told++;
    CHECK_EQUAL(told, 50);
    finish();
}

/* --- bounds */

static void an_idle_table_allocates_nothing(void)
{
    start(PLATFORM_FRR);
    struct prefix prefix;
    struct table_best best;
    CHECK(!table_match(&table, 1, &prefix, &best));
    CHECK(!table_next(&table, NULL, &prefix));
    CHECK_EQUAL(table_settle(&table, 1), 0);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)table_size_bytes(&table), 0);
    finish();
}

static void a_table_of_a_hundred_routes_is_small(void)
{
    start(PLATFORM_FRR);
    offer("169.254.252.28/30", ROUTE_CONNECTED, -1, NULL, TUNNEL);
    for (uint32_t i = 1; i < 100; i++) {
        struct table_route route = weighed(ROUTE_EBGP, -1, "169.254.252.30", 0);
        CHECK(table_set(&table, prefix_around(10u << 24 | i << 16, 16), &route));
    }
    settle();
    CHECK_EQUAL(table.route_count, 100);
    CHECK_EQUAL((int64_t)table_size_bytes(&table), (int64_t)budget.used_bytes);
    printf("# a table of 100 routes: %zu bytes\n", table_size_bytes(&table));
    CHECK(table_size_bytes(&table) <= 24 * 1024);
    finish();
}

/* Every allocation fails once: the set is refused, and the table is what it was. */
static void over_budget_nothing_changes(void)
{
    int refused = 0;
    for (size_t limit = 1; limit < 12000; limit += 200) {
        start(PLATFORM_FRR);
        budget.limit_bytes = limit;
        for (uint32_t i = 0; i < 30; i++) {
            struct digest before = digest_start(), after = digest_start();
            table_digest(&table, &before);
            struct table_route route = {.source = ROUTE_STATIC, .gateway = 0x0a000001 + i};
            if (table_set(&table, prefix_around(i << 24, 8), &route)) {
                settle();
                continue;
            }
            refused++;
            CHECK_EQUAL(table_settle(&table, NO_LIMIT), 0);
            table_digest(&table, &after);
            CHECK(digest_end(&before) == digest_end(&after));
            CHECK(table_holds(&table));
        }
        CHECK(budget.used_bytes <= limit);
        finish();
    }
    CHECK(refused > 100);
}

static void reasons_have_names_and_sentences(void)
{
    for (unsigned i = 0; i < TABLE_REASON_COUNT; i++) {
        CHECK(strlen(table_reason_name((enum table_reason)i)) > 0);
        CHECK(strlen(table_reason_sentence((enum table_reason)i)) > 0);
    }
    CHECK_TEXT(table_reason_name(TABLE_LOST_DISTANCE), "distance");
}

int main(void)
{
    TEST(matrix_frr_kernel_metric_0_is_not_hit);
    TEST(matrix_frr_kernel_metric_1024_is_not_hit);
    TEST(matrix_frr_kernel_metric_with_distance_210_is_hit);
    TEST(matrix_frr_static_distance_1_is_not_hit);
    TEST(matrix_frr_static_distance_210_is_hit);
    TEST(matrix_bird_kernel_metric_0_is_not_hit);
    TEST(matrix_bird_kernel_metric_1024_is_hit);
    TEST(matrix_shows_what_frr_shows);
    TEST(connected_comes_first_even_with_a_worse_distance);
    TEST(the_older_of_equals_wins_until_it_changes);
    TEST(metric_decides_between_equal_distances);
    TEST(on_bird_metric_decides_and_then_preference);
    TEST(changes_lead_from_what_was_told_to_what_is);
    TEST(what_changed_back_is_not_told);
    TEST(an_interface_takes_its_routes_with_it_and_brings_them_back);
    TEST(many_interfaces_may_be_down);
    TEST(settling_in_pieces_comes_to_the_same);
    TEST(an_idle_table_allocates_nothing);
    TEST(a_table_of_a_hundred_routes_is_small);
    TEST(over_budget_nothing_changes);
    TEST(reasons_have_names_and_sentences);
    return harness_done();
}
