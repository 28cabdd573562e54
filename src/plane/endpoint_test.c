/* The ground of a tunnel, between two namespaces of the test's own. */
#include "plane/endpoint.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"

#include <string.h>

static struct rtnetlink outer;
static struct endpoint_names names;
static struct plane_tunnel tunnel;
static unsigned found;

static void begin(void)
{
    endpoint_names("vgw", "vpn-a/1", &names);
    snprintf(names.space, sizeof names.space, "%s", rig("endpoint").text);
    tunnel = (struct plane_tunnel){.name = "vpn-a/1", .outside = rig_addr("203.0.113.1")};
    FINE(space_make(rig("outer").text, &trouble));
    FINE(rtnetlink_open(&outer, rig("outer").text, &trouble));
}

static void end(void)
{
    rtnetlink_close(&outer);
    FINE(space_remove(rig("outer").text, &trouble));
}

static void see_route(const struct rtnetlink_said *said, void *context)
{
    if (prefix_equal(said->route.to, *(const struct prefix *)context))
        found++;
}

static unsigned routes_to(struct rtnetlink *here, const char *text)
{
    struct prefix prefix = rig_prefix_of(text);
    found = 0;
    FINE(route_each(here, ROUTES_MAIN_TABLE, see_route, &prefix, &trouble));
    return found;
}

static void names_are_derived(void)
{
    struct endpoint_names said;
    endpoint_names("vgw", "vpn-a/1", &said);
    CHECK_TEXT(said.space, "sekisho-vgw@vpn-a-1");
    CHECK_TEXT(said.device, "vpn-a-1");
    CHECK(strncmp(said.folder, "/run/sekishod/sk", 16) == 0);
    CHECK(strlen(said.folder) < 90); /* plane/charon.h */
}

static void what_the_machine_has_itself_is_not_free(void)
{
    struct plane_address own = {.addr = rig_addr("203.0.113.1"), .len = 32};
    begin();
    FINE(endpoint_is_free(&outer, own.addr, &trouble));
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    FINE(endpoint_is_free(&outer, own.addr, &trouble)); /* what is led to an endpoint is */
    FINE(address_put(&outer, "lo", &own, &trouble));
    CHECK(!endpoint_is_free(&outer, own.addr, &trouble));
    CHECK(strstr(trouble.sentence, "203.0.113.1 is the machine's own"));
    FINE(endpoint_remove(&names, &outer, &trouble));
    end();
}

static void a_former_address_leaves_no_route(void)
{
    begin();
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    CHECK_EQUAL(routes_to(&outer, "203.0.113.1/32"), 1);
    tunnel.outside = rig_addr("203.0.113.7");
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    CHECK_EQUAL(routes_to(&outer, "203.0.113.1/32"), 0);
    CHECK_EQUAL(routes_to(&outer, "203.0.113.7/32"), 1);
    FINE(endpoint_remove(&names, &outer, &trouble));
    end();
}

static void a_stand_in_is_nobodys_on_the_internet(void)
{
    struct endpoint_names one, other;
    struct prefix range = rig_prefix_of("198.18.0.0/15");
    endpoint_names("cgw", "vpn-a/1", &one);
    endpoint_names("cgw", "vpn-a/2", &other);
    CHECK(prefix_contains(range, endpoint_stand_in(&one, 0)));
    CHECK(endpoint_stand_in(&one, 0) != endpoint_stand_in(&other, 0));
    CHECK(endpoint_stand_in(&one, 1) != endpoint_stand_in(&one, 0));
    snprintf(one.outer, sizeof one.outer, "skffffffffffff"); /* the last one, and the first */
    CHECK(endpoint_stand_in(&one, 0) == rig_addr("198.19.255.255"));
    CHECK(endpoint_stand_in(&one, 1) == rig_addr("198.18.0.0"));
}

/* What libipsec reads; less stays as it is. */
static void a_tunnel_carries_what_libipsec_reads(void)
{
    struct plane_tunnel wide = {.mtu = 1438, .mss = 1398}, narrow = {.mtu = 1280, .mss = 1240};
    endpoint_fit(&wide);
    CHECK(wide.mtu == 1400 && wide.mss == 1360);
    endpoint_fit(&narrow);
    CHECK(narrow.mtu == 1280 && narrow.mss == 1240);
}

static void it_is_made_once_and_removed(void)
{
    struct rtnetlink here;
    struct rtnetlink_device device, again;
    begin();
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    FINE(device_find(&outer, names.outer, &device, &trouble));
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    FINE(device_find(&outer, names.outer, &again, &trouble));
    CHECK_EQUAL(device.index, again.index);
    FINE(rtnetlink_open(&here, names.space, &trouble));
    CHECK_EQUAL(routes_to(&here, "0.0.0.0/0"), 1);
    CHECK_EQUAL(routes_to(&outer, "203.0.113.1/32"), 1);
    CHECK_EQUAL(routes_to(&outer, "0.0.0.0/0"), 0);
    rtnetlink_close(&here);
    FINE(endpoint_remove(&names, &outer, &trouble));
    CHECK(!space_exists(names.space));
    CHECK(!device_find(&outer, names.outer, &device, NULL));
    CHECK_EQUAL(routes_to(&outer, "203.0.113.1/32"), 0);
    end();
}

static void see_address(const struct rtnetlink_said *said, void *context)
{
    if (said->address.addr == *(const ip_addr *)context)
        found++;
}

static unsigned is_at_home(const char *text)
{
    struct rtnetlink here;
    ip_addr addr = rig_addr(text);
    found = 0;
    FINE(rtnetlink_open(&here, names.space, &trouble));
    FINE(address_each(&here, see_address, &addr, &trouble));
    rtnetlink_close(&here);
    return found;
}

/* A charon that knows nothing yet must not be asked; one of an earlier life must go on. */
static void it_is_open_from_when_that_is_said(void)
{
    struct rtnetlink here;
    begin();
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    CHECK_EQUAL(is_at_home("203.0.113.1"), 0);
    FINE(endpoint_open(&names, tunnel.outside, true, &trouble));
    CHECK_EQUAL(is_at_home("203.0.113.1"), 1);
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    CHECK_EQUAL(is_at_home("203.0.113.1"), 1);
    tunnel.outside = rig_addr("203.0.113.7");
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    CHECK_EQUAL(is_at_home("203.0.113.1") + is_at_home("203.0.113.7"), 0);
    FINE(endpoint_open(&names, tunnel.outside, true, &trouble));
    FINE(endpoint_open(&names, tunnel.outside, false, &trouble));
    CHECK_EQUAL(is_at_home("203.0.113.7"), 0);
    FINE(endpoint_open(&names, tunnel.outside, true, &trouble));
    CHECK_EQUAL(is_at_home("203.0.113.7"), 1);
    FINE(rtnetlink_open(&here, names.space, &trouble));
    CHECK_EQUAL(routes_to(&here, "0.0.0.0/0"), 1); /* which the last address took with it */
    rtnetlink_close(&here);
    FINE(endpoint_remove(&names, &outer, &trouble));
    CHECK(!endpoint_open(&names, tunnel.outside, true, &trouble));
    end();
}

static void another_outside_address_replaces_the_first(void)
{
    begin();
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    tunnel.outside = rig_addr("203.0.113.7");
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    CHECK_EQUAL(routes_to(&outer, "203.0.113.7/32"), 1);
    FINE(endpoint_remove(&names, &outer, &trouble));
    end();
}

/* A TUN that no charon holds is a decoy that was left behind: it is no tunnel's device. */
static void a_decoy_is_not_moved(void)
{
    struct rtnetlink here;
    struct rtnetlink_device device;
    begin();
    FINE(endpoint_make(&names, &tunnel, &outer, &trouble));
    FINE(rtnetlink_open(&here, names.space, &trouble));
    FINE(device_tun(&here, ENDPOINT_TUN, &trouble));
    FINE(device_up(&here, ENDPOINT_TUN, true, &trouble));
    CHECK(!endpoint_move(&names, &outer, &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    CHECK(!device_find(&outer, names.device, &device, NULL));
    endpoint_clear_decoy(&names, &outer);
    CHECK(!device_find(&here, ENDPOINT_TUN, &device, NULL));
    rtnetlink_close(&here);
    FINE(endpoint_remove(&names, &outer, &trouble));
    end();
}

static int tests(void)
{
    TEST(names_are_derived);
    TEST(a_tunnel_carries_what_libipsec_reads);
    TEST(a_stand_in_is_nobodys_on_the_internet);
    if (rig_permitted("endpoints")) {
        TEST(it_is_made_once_and_removed);
        TEST(it_is_open_from_when_that_is_said);
        TEST(what_the_machine_has_itself_is_not_free);
        TEST(a_former_address_leaves_no_route);
        TEST(another_outside_address_replaces_the_first);
        if (access("/dev/net/tun", R_OK | W_OK) == 0)
            TEST(a_decoy_is_not_moved);
        else
            harness_skip("a decoy", "there is no /dev/net/tun");
    }
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
