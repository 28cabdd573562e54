/* In a namespace of the test's own. */
#include "plane/outside.h"

#include "plane/plane_rig.h"

static struct rtnetlink outer;

static void begin(void)
{
    FINE(space_make(rig("outer").text, &trouble));
    FINE(rtnetlink_open(&outer, rig("outer").text, &trouble));
}

static void end(void)
{
    rtnetlink_close(&outer);
    FINE(space_remove(rig("outer").text, &trouble));
}

struct looked_for {
    ip_addr addr;
    unsigned count;
};

static void see(const struct rtnetlink_said *said, void *context)
{
    struct looked_for *looked_for = context;
    looked_for->count += said->address.addr == looked_for->addr;
}

static unsigned times(const char *text)
{
    struct looked_for looked_for = {.addr = rig_addr(text)};
    FINE(address_each(&outer, see, &looked_for, &trouble));
    return looked_for.count;
}

static void what_is_wanted_is_put_once_and_goes(void)
{
    ip_addr one = rig_addr("203.0.113.1"), two = rig_addr("203.0.113.2");
    begin();
    for (int twice = 0; twice < 2; twice++) {
        FINE(outside_own(&outer, "vgw", one, &trouble));
        FINE(outside_own(&outer, "vgw", two, &trouble));
    }
    CHECK_EQUAL(times("203.0.113.1"), 1);
    FINE(outside_weed(&outer, "vgw", &two, 1, &trouble));
    CHECK_EQUAL(times("203.0.113.1"), 0);
    CHECK_EQUAL(times("203.0.113.2"), 1);
    FINE(outside_weed(&outer, "vgw", NULL, 0, &trouble));
    CHECK_EQUAL(times("203.0.113.2"), 0);
    end();
}

static void what_somebody_else_put_stays(void)
{
    ip_addr theirs = rig_addr("203.0.113.1");
    struct plane_address address = {.addr = theirs, .len = 32};
    begin();
    FINE(address_put(&outer, "lo", &address, &trouble));
    FINE(outside_own(&outer, "vgw", theirs, &trouble));
    FINE(outside_own(&outer, "vgw-b", rig_addr("203.0.113.2"), &trouble));
    FINE(outside_weed(&outer, "vgw", NULL, 0, &trouble));
    CHECK_EQUAL(times("203.0.113.1"), 1);
    CHECK_EQUAL(times("203.0.113.2"), 1); /* another gateway's */
    CHECK_EQUAL(times("127.0.0.1"), 1);
    end();
}

static void many_are_removed(void)
{
    ip_addr first = rig_addr("198.18.0.1");
    begin();
    for (ip_addr i = 0; i < 100; i++)
        FINE(outside_own(&outer, "vgw", first + i, &trouble));
    FINE(outside_weed(&outer, "vgw", &first, 1, &trouble));
    CHECK_EQUAL(times("198.18.0.1"), 1);
    CHECK_EQUAL(times("198.18.0.2") + times("198.18.0.64") + times("198.18.0.100"), 0);
    end();
}

static void look_towards(void *context)
{
    *(ip_addr *)context = outside_towards(rig_addr("198.51.100.1"));
}

static void packets_are_from_an_address_of_the_way(void)
{
    struct plane_address address = {.addr = rig_addr("192.0.2.7"), .len = 32};
    struct plane_route route = {.to = rig_prefix_of("198.51.100.0/24"), .device = "lo"};
    ip_addr from = 1;
    begin();
    CHECK(outside_is_gone(&outer, address.addr));
    FINE(space_within(rig("outer").text, look_towards, &from, &trouble));
    CHECK_EQUAL(from, 0);
    FINE(address_put(&outer, "lo", &address, &trouble));
    FINE(route_put(&outer, &route, &trouble));
    CHECK(!outside_is_gone(&outer, address.addr));
    FINE(space_within(rig("outer").text, look_towards, &from, &trouble));
    CHECK_EQUAL(from, address.addr);
    end();
}

static int tests(void)
{
    if (rig_permitted("outside addresses")) {
        TEST(what_is_wanted_is_put_once_and_goes);
        TEST(what_somebody_else_put_stays);
        TEST(many_are_removed);
        TEST(packets_are_from_an_address_of_the_way);
    }
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
