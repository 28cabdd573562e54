#define _GNU_SOURCE /* unshare */

/* Where the packets of a tunnel leave the machine: the choice, and the kernel's table as the
 * underlay changes. */
#include "plane/pins.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"

#include <sched.h>

/* -- the choice -- */

static struct rtnetlink_route route(const char *to, const char *gateway, uint32_t index,
                                    uint32_t metric)
{
    return (struct rtnetlink_route){.to = rig_prefix_of(to),
                                    .gateway = gateway ? rig_addr(gateway) : 0,
                                    .index = index,
                                    .metric = metric};
}

static const uint32_t tunnels[] = {8, 9};

static struct pin_way choose(const struct rtnetlink_route *routes, size_t count)
{
    return pin_choose(routes, count, rig_addr("203.0.113.1"), tunnels, 2);
}

static void the_most_specific_way_but_through_tunnels(void)
{
    const struct rtnetlink_route routes[] = {
        route("0.0.0.0/0", "198.51.100.1", 2, 100),   route("0.0.0.0/0", "169.254.1.1", 8, 20),
        route("203.0.113.1/32", "169.254.1.1", 9, 0), route("203.0.112.0/20", "192.0.2.1", 3, 50),
        route("10.0.0.0/8", "192.0.2.9", 4, 0),
    };
    CHECK_EQUAL(choose(routes, 1).index, 2);
    CHECK_EQUAL(choose(routes, 3).index, 2);
    CHECK(choose(routes, 3).gateway == rig_addr("198.51.100.1"));
    CHECK_EQUAL(choose(routes, 5).index, 3);
    CHECK(!choose(routes + 1, 2).there);
    CHECK(!choose(routes + 4, 1).there);
}

static void of_two_the_lower_metric(void)
{
    const struct rtnetlink_route routes[] = {route("0.0.0.0/0", "192.0.2.1", 2, 200),
                                             route("0.0.0.0/0", "192.0.2.2", 3, 100),
                                             route("0.0.0.0/0", "192.0.2.3", 4, 300)};
    CHECK_EQUAL(choose(routes, 3).index, 3);
}

static void what_refuses_is_no_way(void)
{
    struct rtnetlink_route routes[] = {route("0.0.0.0/0", "192.0.2.1", 2, 0),
                                       route("203.0.113.0/24", NULL, 0, 0)};
    routes[1].kind = RTNETLINK_UNREACHABLE_ROUTE;
    CHECK(choose(routes, 1).there);
    CHECK(!choose(routes, 2).there);
}

static void tables_differ_by_gateway(void)
{
    CHECK(pins_table("cgw-1") != pins_table("cgw-2"));
    CHECK(pins_table("cgw-1") >> 24 == 0x74);
}

/* -- the kernel's table -- */

static uv_loop_t loop;
static struct rtnetlink here;
static struct pins *pins;
static char told_device[NAME_DEVICE_BYTES];
static ip_addr told_gateway;
static unsigned told, troubles;

static void pinned(void *of, const char *tunnel, ip_addr far, const char *device, ip_addr gateway)
{
    (void)of;
    CHECK_TEXT(tunnel, "vpn-a/1");
    CHECK(far == rig_addr("203.0.113.1"));
    snprintf(told_device, sizeof told_device, "%s", device);
    told_gateway = gateway;
    told++;
}

static void refused(void *of, const char *sentence)
{
    (void)of;
    printf("# %s\n", sentence);
    troubles++;
}

static void add_device(const char *name, const char *address)
{
    struct plane_address own = {.addr = rig_addr(address), .len = 24};
    char far[NAME_DEVICE_BYTES];
    snprintf(far, sizeof far, "p-%s", name);
    FINE(device_veth(&here, name, &here, far, &trouble));
    FINE(device_up(&here, far, true, &trouble));
    FINE(device_up(&here, name, true, &trouble));
    FINE(address_put(&here, name, &own, &trouble));
}

static void put(const char *to, const char *device, const char *gateway, uint32_t metric)
{
    struct plane_route one = {
        .to = rig_prefix_of(to), .device = device, .gateway = rig_addr(gateway), .metric = metric};
    FINE(route_put(&here, &one, &trouble));
}

static void take_away(const char *to, uint32_t metric)
{
    struct plane_route one = {.to = rig_prefix_of(to), .metric = metric};
    FINE(route_remove(&here, &one, &trouble));
}

static const struct pins_ears ears = {NULL, pinned, refused};

/* A namespace of this test's own, with two ways out and a tunnel. */
static void begin(void)
{
    alarm(60); /* what never comes ends the test */
    CHECK_EQUAL(unshare(CLONE_NEWNET), 0);
    uv_loop_init(&loop);
    FINE(rtnetlink_open(&here, NULL, &trouble));
    FINE(device_up(&here, "lo", true, &trouble));
    add_device("eth0", "198.51.100.10");
    add_device("eth1", "192.0.2.10");
    add_device("vpn-a-1", "169.254.1.2");
    told = troubles = 0;
    pins = pins_create(&loop, "cgw-1", &ears, &trouble);
    CHECK(pins != NULL);
}

static void end(void)
{
    pins_leave(pins);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
    rtnetlink_close(&here);
    CHECK_EQUAL(troubles, 0);
}

/* Until it is told so often. */
static void await(unsigned count)
{
    while (told < count && uv_run(&loop, UV_RUN_ONCE))
        ;
    CHECK_EQUAL(told, count);
}

struct found {
    uint32_t table;
    unsigned count, rules;
    struct rtnetlink_route last;
};

static void see_route(const struct rtnetlink_said *said, void *context)
{
    struct found *found = context;
    if (said->route.table != found->table || said->route.to.six)
        return;
    found->last = said->route;
    found->count++;
}

static void see_rule(const struct rtnetlink_said *said, void *context)
{
    struct found *found = context;
    found->rules += said->rule.table == found->table && said->rule.priority == PINS_PRIORITY;
}

static struct found look(void)
{
    struct found found = {.table = pins_table("cgw-1")};
    FINE(route_each(&here, found.table, see_route, &found, &trouble));
    FINE(rule_each(&here, see_rule, &found, &trouble));
    return found;
}

static void it_follows_the_underlay(void)
{
    begin();
    put("0.0.0.0/0", "eth0", "198.51.100.1", 100);
    pins_want(pins, "vpn-a/1", rig_addr("203.0.113.1"));
    pins_settled(pins);
    await(1);
    CHECK_TEXT(told_device, "eth0");
    struct found found = look();
    CHECK_EQUAL(found.count, 1);
    CHECK_EQUAL(found.rules, 1);
    CHECK(found.last.gateway == rig_addr("198.51.100.1"));
    CHECK_EQUAL(found.last.protocol, ROUTES_PROTOCOL);
    put("0.0.0.0/0", "eth0", "198.51.100.254", 100); /* DHCP says another gateway */
    await(2);
    CHECK(told_gateway == rig_addr("198.51.100.254"));
    put("203.0.113.0/24", "eth1", "192.0.2.1", 0);
    await(3);
    CHECK_TEXT(told_device, "eth1");
    FINE(device_up(&here, "eth1", false, &trouble)); /* its routes go without a word */
    await(4);
    CHECK_TEXT(told_device, "eth0");
    end();
}

static void what_a_tunnel_brings_is_no_way(void)
{
    begin();
    put("0.0.0.0/0", "eth0", "198.51.100.1", 100);
    pins_want(pins, "vpn-a/1", rig_addr("203.0.113.1"));
    pins_settled(pins);
    await(1);
    put("0.0.0.0/0", "vpn-a-1", "169.254.1.1", 20);
    put("203.0.113.1/32", "vpn-a-1", "169.254.1.1", 20);
    put("0.0.0.0/0", "eth1", "192.0.2.1", 10); /* is told, and so the others were passed over */
    await(2);
    CHECK_TEXT(told_device, "eth1");
    take_away("0.0.0.0/0", 10);
    take_away("0.0.0.0/0", 100);
    while (*told_device)
        await(told + 1);
    struct found found = look();
    CHECK_EQUAL(found.count, 1);
    CHECK_EQUAL(found.last.kind, RTNETLINK_UNREACHABLE_ROUTE);
    end();
}

static void what_is_taken_from_us_comes_back(void)
{
    begin();
    put("0.0.0.0/0", "eth0", "198.51.100.1", 100);
    pins_want(pins, "vpn-a/1", rig_addr("203.0.113.1"));
    pins_settled(pins);
    await(1);
    struct plane_route ours = {.to = rig_prefix_of("203.0.113.1/32"), .table = pins_table("cgw-1")};
    struct plane_rule rule = {.table = pins_table("cgw-1"), .priority = PINS_PRIORITY};
    FINE(route_remove(&here, &ours, &trouble));
    FINE(rule_remove(&here, &rule, &trouble));
    while ((look().count == 0 || look().rules == 0) && uv_run(&loop, UV_RUN_ONCE))
        ;
    CHECK_EQUAL(look().rules, 1);
    end();
}

static void stale_ones_go_and_foreign_ones_stay(void)
{
    begin();
    struct plane_route stale = {
        .to = rig_prefix_of("203.0.113.77/32"), .table = pins_table("cgw-1"), .device = "eth0"};
    struct plane_route other = {
        .to = rig_prefix_of("203.0.113.99/32"), .table = pins_table("cgw-2"), .device = "eth0"};
    struct found others = {.table = pins_table("cgw-2")};
    put("0.0.0.0/0", "eth0", "198.51.100.1", 100);
    put("203.0.113.1/32", "eth1", "192.0.2.1", 0); /* somebody's own pin, in the main table */
    FINE(route_put(&here, &stale, &trouble));
    FINE(route_put(&here, &other, &trouble));
    pins_want(pins, "vpn-a/1", rig_addr("203.0.113.1"));
    CHECK_EQUAL(look().count, 2); /* until all is said */
    pins_settled(pins);
    CHECK_EQUAL(look().count, 1);
    CHECK_TEXT(told_device, "eth1");
    pins_clear(pins);
    CHECK_EQUAL(look().count, 0);
    CHECK_EQUAL(look().rules, 0);
    FINE(route_each(&here, others.table, see_route, &others, &trouble));
    CHECK_EQUAL(others.count, 1);
    struct found main_table = {.table = ROUTES_MAIN_TABLE};
    FINE(route_each(&here, ROUTES_MAIN_TABLE, see_route, &main_table, &trouble));
    CHECK_EQUAL(main_table.count, 5); /* the three devices' own, and the two */
    end();
}

static int tests(void)
{
    TEST(the_most_specific_way_but_through_tunnels);
    TEST(of_two_the_lower_metric);
    TEST(what_refuses_is_no_way);
    TEST(tables_differ_by_gateway);
    if (!rig_permitted("the ways of tunnels"))
        return harness_done();
    TEST(it_follows_the_underlay);
    TEST(what_a_tunnel_brings_is_no_way);
    TEST(what_is_taken_from_us_comes_back);
    TEST(stale_ones_go_and_foreign_ones_stay);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
