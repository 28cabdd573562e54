/* Addresses, routes, rules and proxies: put twice they are there once, and read back as they were
 * put. */
#include "plane/routes.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

static struct rtnetlink a;

static void begin(void)
{
    FINE(space_make(rig("a").text, &trouble));
    FINE(rtnetlink_open(&a, rig("a").text, &trouble));
    FINE(device_veth(&a, "left", &a, "right", &trouble));
    FINE(device_up(&a, "left", true, &trouble));
    FINE(device_up(&a, "right", true, &trouble));
}

static void end(void)
{
    rtnetlink_close(&a);
    FINE(space_remove(rig("a").text, &trouble));
}

enum { SEEN_MAX = 64 };

struct seen {
    struct rtnetlink_said said[SEEN_MAX];
    size_t count;
    uint32_t index; /* of addresses: of this device only */
};

static void see(const struct rtnetlink_said *said, void *context)
{
    struct seen *seen = context;
    bool link_local =
        said->kind == RTNETLINK_ADDRESS && said->address.six && said->address.addr >> 118 == 0x3fa;
    bool elsewhere = said->kind == RTNETLINK_ADDRESS && said->address.index != seen->index;
    bool not_ours = said->kind == RTNETLINK_RULE && said->rule.protocol != ROUTES_PROTOCOL;
    if (!link_local && !elsewhere && !not_ours && seen->count < SEEN_MAX)
        seen->said[seen->count++] = *said;
}

static struct seen addresses_of(const char *device)
{
    struct rtnetlink_device at = {0};
    FINE(device_find(&a, device, &at, &trouble));
    struct seen seen = {.index = at.index};
    FINE(address_each(&a, see, &seen, &trouble));
    return seen;
}

static struct seen routes_of(uint32_t table)
{
    struct seen seen = {0};
    FINE(route_each(&a, table, see, &seen, &trouble));
    return seen;
}

static struct seen rules(void)
{
    struct seen seen = {0};
    FINE(rule_each(&a, see, &seen, &trouble));
    return seen;
}

static void addresses_are_put_and_taken(void)
{
    struct plane_address four = {rig_addr("169.254.10.1"), 30, 0};
    struct plane_address far = {rig_addr("10.0.0.1"), 32, rig_addr("10.0.0.2")};
    struct plane_address six = {rig_addr("fd00::1"), 126, 0};
    begin();
    for (int twice = 0; twice < 2; twice++) {
        FINE(address_put(&a, "left", &four, &trouble));
        FINE(address_put(&a, "left", &far, &trouble));
        FINE(address_put(&a, "left", &six, &trouble));
        CHECK_EQUAL(addresses_of("left").count, 3);
    }
    struct seen seen = addresses_of("left");
    for (size_t i = 0; i < seen.count; i++) {
        const struct rtnetlink_address *at = &seen.said[i].address;
        CHECK(at->addr == four.addr || at->addr == far.addr || at->addr == six.addr);
        CHECK(at->peer == (at->addr == far.addr ? far.peer : 0));
        CHECK_EQUAL(at->six, at->addr == six.addr);
        CHECK_EQUAL(at->on.len, at->six ? 126 : at->addr == far.addr ? 32 : 30);
    }
    for (int twice = 0; twice < 2; twice++) {
        FINE(address_remove(&a, "left", &six, &trouble));
        FINE(address_remove(&a, "left", &far, &trouble));
        CHECK_EQUAL(addresses_of("left").count, 1);
    }
    CHECK(!address_put(&a, "none", &four, &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    end();
}

static void a_device_has_these_addresses_and_no_others(void)
{
    struct plane_address old[] = {
        {rig_addr("10.1.0.1"), 24, 0},
        {rig_addr("10.1.0.2"), 24, 0}, /* secondary: goes with the first */
        {rig_addr("10.2.0.1"), 24, 0},
        {rig_addr("fd00:1::1"), 64, 0}};
    struct plane_address new[] = {{rig_addr("10.2.0.1"), 24, 0}, {rig_addr("fd00:2::1"), 64, 0}};
    begin();
    FINE(address_all(&a, "left", old, 4, &trouble));
    CHECK_EQUAL(addresses_of("left").count, 4);
    FINE(address_all(&a, "left", new, 2, &trouble));
    struct seen seen = addresses_of("left");
    CHECK_EQUAL(seen.count, 2);
    CHECK(seen.said[0].address.addr == new[0].addr &&seen.said[1].address.addr == new[1].addr);
    CHECK_EQUAL(addresses_of("right").count, 0);
    end();
}

/* The first one's removal takes the second one with it, which shall stay. */
static void a_secondary_address_outlives_the_first(void)
{
    struct plane_address both[] = {{rig_addr("10.1.0.1"), 24, 0}, {rig_addr("10.1.0.2"), 24, 0}};
    begin();
    FINE(address_all(&a, "left", both, 2, &trouble));
    FINE(address_all(&a, "left", &both[1], 1, &trouble));
    struct seen seen = addresses_of("left");
    CHECK_EQUAL(seen.count, 1);
    CHECK(seen.said[0].address.addr == both[1].addr);
    end();
}

/* Who looks when the kernel has news, and puts what is there already, shall not bring any about. On
 * the loopback, of which the kernel has nothing to tell by itself. */
static void what_is_so_is_no_news(void)
{
    struct plane_address addresses[] = {{rig_addr("10.1.0.1"), 24, 0},
                                        {rig_addr("10.9.0.1"), 32, rig_addr("10.9.0.2")},
                                        {rig_addr("fd00:1::1"), 64, 0}};
    struct plane_route routes[] = {
        {.to = rig_prefix_of("10.5.0.0/16"), .device = "lo", .metric = 20},
        {.to = rig_prefix_of("10.6.0.0/16"), .kind = RTNETLINK_UNREACHABLE_ROUTE}};
    struct plane_rule rule = {.from = rig_prefix_of("10.1.0.0/24"), .table = 7, .priority = 100};
    struct sockaddr_nl all = {.nl_family = AF_NETLINK,
                              .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                                           RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE};
    char said[4096];
    bool news[2];
    FINE(space_make(rig("a").text, &trouble));
    FINE(rtnetlink_open(&a, rig("a").text, &trouble));
    FINE(device_up(&a, "lo", true, &trouble));
    int fd = space_socket(rig("a").text, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &trouble);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&all, sizeof all) == 0);
    for (int twice = 0; twice < 2; twice++) {
        FINE(address_all(&a, "lo", addresses, 3, &trouble));
        FINE(route_all(&a, ROUTES_MAIN_TABLE, routes, 2, &trouble));
        FINE(rule_all(&a, 100, 100, &rule, 1, &trouble));
        news[twice] = recv(fd, said, sizeof said, MSG_DONTWAIT) > 0;
        while (recv(fd, said, sizeof said, MSG_DONTWAIT) > 0)
            continue;
    }
    CHECK(news[0] && !news[1]);
    close(fd);
    end();
}

static void routes_are_read_back_as_they_were_put(void)
{
    struct plane_route routes[] = {
        {.to = rig_prefix_of("0.0.0.0/0"),
         .table = 1000,
         .device = "left",
         .gateway = rig_addr("169.254.0.1"),
         .onlink = true,
         .source = rig_addr("10.9.0.1"),
         .metric = 20},
        {.to = rig_prefix_of("203.0.113.5/32"), .table = 1000, .device = "right"},
        {.to = rig_prefix_of("10.0.0.0/8"), .table = 1000, .kind = RTNETLINK_BLACKHOLE_ROUTE},
        {.to = rig_prefix_of("2001:db8::/32"), .table = 1000, .device = "left", .metric = 7},
        {.to = rig_prefix_of("::/0"),
         .table = 1000,
         .kind = RTNETLINK_UNREACHABLE_ROUTE,
         .metric = 9},
    };
    struct plane_address own = {rig_addr("10.9.0.1"), 32, 0};
    begin();
    FINE(address_put(&a, "left", &own, &trouble));
    for (size_t i = 0; i < 2 * 5; i++)
        FINE(route_put(&a, &routes[i % 5], &trouble));
    struct seen seen = routes_of(1000);
    CHECK_EQUAL(seen.count, 5);
    for (size_t i = 0; i < seen.count; i++) {
        const struct rtnetlink_route *found = &seen.said[i].route;
        const struct plane_route *put = NULL;
        for (size_t j = 0; j < 5; j++)
            put = prefix_equal(routes[j].to, found->to) ? &routes[j] : put;
        CHECK(put && found->kind == put->kind && found->gateway == put->gateway &&
              found->metric == put->metric && found->source == put->source);
        CHECK_EQUAL(found->protocol, ROUTES_PROTOCOL);
    }
    for (size_t i = 0; i < 2 * 2; i++)
        FINE(route_remove(&a, &routes[i % 2], &trouble));
    CHECK_EQUAL(routes_of(1000).count, 3);
    FINE(route_clear(&a, 1000, &trouble));
    CHECK_EQUAL(routes_of(1000).count, 0);
    end();
}

static void a_route_is_replaced_not_added(void)
{
    struct plane_route route = {.to = rig_prefix_of("10.0.0.0/8"), .table = 300, .device = "left"};
    begin();
    FINE(route_put(&a, &route, &trouble));
    uint32_t first = routes_of(300).said[0].route.index;
    route.device = "right";
    FINE(route_put(&a, &route, &trouble));
    struct seen seen = routes_of(300);
    CHECK_EQUAL(seen.count, 1);
    CHECK(seen.said[0].route.index != first);
    end();
}

/* A neighbor's route and the kernel's own stay when ours are cleared. */
static void only_ours_is_cleared(void)
{
    struct plane_address four = {rig_addr("10.1.0.1"), 24, 0};
    struct plane_route route = {.to = rig_prefix_of("10.5.0.0/16"), .device = "left"};
    begin();
    FINE(address_put(&a, "left", &four, &trouble));
    size_t before = routes_of(ROUTES_MAIN_TABLE).count;
    FINE(route_put(&a, &route, &trouble));
    CHECK_EQUAL(routes_of(ROUTES_MAIN_TABLE).count, before + 1);
    FINE(route_clear(&a, ROUTES_MAIN_TABLE, &trouble));
    CHECK_EQUAL(routes_of(ROUTES_MAIN_TABLE).count, before);
    end();
}

static void a_refused_route_is_named(void)
{
    struct plane_route route = {.to = rig_prefix_of("10.5.0.0/16"),
                                .table = 77,
                                .device = "left",
                                .gateway = rig_addr("192.0.2.1")};
    begin();
    CHECK(!route_put(&a, &route, &trouble)); /* the gateway is on no link */
    CHECK(trouble.error != 0);
    CHECK(strstr(trouble.sentence, "10.5.0.0/16") && strstr(trouble.sentence, "table 77"));
    CHECK(strstr(trouble.sentence, rig("a").text));
    end();
}

static void rules_are_there_once(void)
{
    struct plane_rule list[] = {
        {.from = rig_prefix_of("10.0.1.0/24"), .table = 1001, .priority = 1000},
        {.table = 1001, .priority = 1000}, /* more general, and another */
        {.to = rig_prefix_of("10.0.2.0/24"), .in = "left", .table = 1002, .priority = 1001},
        {.priority = 1002},
        {.six = true, .from = rig_prefix_of("fd00::/48"), .table = 1001, .priority = 1000},
    };
    begin();
    for (size_t i = 0; i < 2 * 5; i++)
        FINE(rule_put(&a, &list[i % 5], &trouble));
    CHECK_EQUAL(rules().count, 5);
    list[0].table = 1003;
    FINE(rule_remove(&a, &list[0], &trouble)); /* not the same: nothing */
    CHECK_EQUAL(rules().count, 5);
    list[0].table = 1001;
    FINE(rule_remove(&a, &list[0], &trouble));
    FINE(rule_remove(&a, &list[0], &trouble));
    CHECK_EQUAL(rules().count, 4);
    FINE(rule_clear(&a, 1000, 1001, &trouble));
    struct seen seen = rules();
    CHECK_EQUAL(seen.count, 1);
    CHECK(seen.said[0].rule.refuses && seen.said[0].rule.priority == 1002);
    end();
}

static void find_kernels(const struct rtnetlink_said *said, void *context)
{
    bool *there = context;
    *there |= said->kind == RTNETLINK_RULE && said->rule.priority == 0 && !said->rule.six;
}

static void the_local_table_is_asked_for_hosts_alone(void)
{
    bool there = false;
    begin();
    FINE(rule_each(&a, find_kernels, &there, &trouble));
    CHECK(there);
    for (int i = 0; i < 2; i++) {
        there = false;
        FINE(rule_local_hosts(&a, &trouble));
        FINE(rule_each(&a, find_kernels, &there, &trouble));
        CHECK(!there);
        CHECK_EQUAL(rules().count, 1);
    }
    end();
}

static void there_are_these_rules_and_no_others(void)
{
    struct plane_rule list[] = {
        {.from = rig_prefix_of("10.0.1.0/24"), .table = 1001, .priority = 1000},
        {.from = rig_prefix_of("10.0.2.0/24"), .table = 1001, .priority = 1000},
        {.from = rig_prefix_of("10.0.3.0/24"), .table = 1001, .priority = 1000},
        {.table = 1001, .priority = 2000},
    };
    begin();
    FINE(rule_put(&a, &list[3], &trouble)); /* not among the priorities */
    FINE(rule_all(&a, 1000, 1999, list, 2, &trouble));
    CHECK_EQUAL(rules().count, 3);
    FINE(rule_all(&a, 1000, 1999, list + 1, 2, &trouble));
    FINE(rule_all(&a, 1000, 1999, list + 1, 2, &trouble));
    struct seen seen = rules();
    CHECK_EQUAL(seen.count, 3);
    for (size_t i = 0; i < seen.count; i++)
        CHECK(!prefix_equal(seen.said[i].rule.from, list[0].from));
    FINE(rule_all(&a, 1000, 1999, NULL, 0, &trouble));
    CHECK_EQUAL(rules().count, 1);
    end();
}

static void a_table_has_these_routes_and_no_others(void)
{
    struct plane_route list[] = {
        {.to = rig_prefix_of("10.5.0.0/16"), .device = "left"},
        {.to = rig_prefix_of("10.6.0.0/16"), .device = "left"},
        {.to = rig_prefix_of("fd00:6::/32"), .device = "left"},
        {.to = rig_prefix_of("10.7.0.0/16"), .device = "left"},
    };
    begin();
    FINE(route_all(&a, 800, list, 3, &trouble));
    CHECK_EQUAL(routes_of(800).count, 3);
    FINE(route_all(&a, 800, list + 1, 3, &trouble));
    struct seen seen = routes_of(800);
    CHECK_EQUAL(seen.count, 3);
    for (size_t i = 0; i < seen.count; i++)
        CHECK(!prefix_equal(seen.said[i].route.to, list[0].to));
    FINE(route_all(&a, 800, NULL, 0, &trouble));
    CHECK_EQUAL(routes_of(800).count, 0);
    end();
}

static void a_device_answers_for_another_address(void)
{
    struct seen seen = {0};
    begin();
    for (int twice = 0; twice < 2; twice++) {
        FINE(proxy_put(&a, "left", rig_addr("203.0.113.9"), &trouble));
        FINE(proxy_put(&a, "left", rig_addr("2001:db8::9"), &trouble));
    }
    FINE(proxy_each(&a, see, &seen, &trouble));
    CHECK_EQUAL(seen.count, 2);
    for (size_t i = 0; i < seen.count; i++)
        CHECK(seen.said[i].kind == RTNETLINK_PROXY &&
              (seen.said[i].proxy.addr == rig_addr("203.0.113.9") ||
               seen.said[i].proxy.addr == rig_addr("2001:db8::9")));
    for (int twice = 0; twice < 2; twice++) {
        FINE(proxy_remove(&a, "left", rig_addr("203.0.113.9"), &trouble));
        FINE(proxy_remove(&a, "left", rig_addr("2001:db8::9"), &trouble));
    }
    seen.count = 0;
    FINE(proxy_each(&a, see, &seen, &trouble));
    CHECK_EQUAL(seen.count, 0);
    end();
}

static int tests(void)
{
    if (!rig_permitted("routes"))
        return harness_done();
    TEST(addresses_are_put_and_taken);
    TEST(a_device_has_these_addresses_and_no_others);
    TEST(a_secondary_address_outlives_the_first);
    TEST(what_is_so_is_no_news);
    TEST(routes_are_read_back_as_they_were_put);
    TEST(a_route_is_replaced_not_added);
    TEST(only_ours_is_cleared);
    TEST(a_refused_route_is_named);
    TEST(rules_are_there_once);
    TEST(the_local_table_is_asked_for_hosts_alone);
    TEST(there_are_these_rules_and_no_others);
    TEST(a_table_has_these_routes_and_no_others);
    TEST(a_device_answers_for_another_address);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
