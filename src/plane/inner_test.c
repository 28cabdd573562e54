#define _GNU_SOURCE /* unshare */

#include "plane/inner.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"
#include "plane/sysctl.h"

#include <sched.h>

static unsigned found;

static void see_address(const struct rtnetlink_said *said, void *context)
{
    if (said->address.addr == *(const ip_addr *)context)
        found++;
}

static unsigned addresses(struct rtnetlink *here, ip_addr addr)
{
    found = 0;
    FINE(address_each(here, see_address, &addr, &trouble));
    return found;
}

static void it_forwards_and_asks_for_no_way_back(void)
{
    char value[SYSCTL_BYTES];
    FINE(inner_make(rig("inner").text, &trouble));
    FINE(inner_make(rig("inner").text, &trouble));
    FINE(sysctl_get(rig("inner").text, "net/ipv4/ip_forward", value, &trouble));
    CHECK_TEXT(value, "1");
    FINE(sysctl_get(rig("inner").text, "net/ipv4/conf/default/rp_filter", value, &trouble));
    CHECK_TEXT(value, "0");
}

static void a_device_is_as_the_tunnel_says(void)
{
    struct rtnetlink inner;
    struct rtnetlink_device device;
    struct plane_tunnel tunnel = {.inside_ours = rig_addr("169.254.1.1"),
                                  .inside_theirs = rig_addr("169.254.1.2"),
                                  .inside_len = 30,
                                  .mtu = 1406};
    FINE(rtnetlink_open(&inner, rig("inner").text, &trouble));
    CHECK(!inner_dress(&inner, "vpn-a-1", &tunnel, &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    FINE(device_veth(&inner, "vpn-a-1", &inner, "other", &trouble));
    FINE(inner_dress(&inner, "vpn-a-1", &tunnel, &trouble));
    FINE(device_find(&inner, "vpn-a-1", &device, &trouble));
    CHECK(device.up);
    CHECK_EQUAL(device.mtu, 1406);
    CHECK_EQUAL(addresses(&inner, tunnel.inside_ours), 1);
    tunnel.inside_ours = rig_addr("169.254.1.5");
    tunnel.inside_theirs = rig_addr("10.1.1.1"); /* not of one /30 */
    tunnel.inside_len = 32;
    FINE(inner_dress(&inner, "vpn-a-1", &tunnel, &trouble));
    CHECK_EQUAL(addresses(&inner, rig_addr("169.254.1.1")), 0);
    CHECK_EQUAL(addresses(&inner, tunnel.inside_ours), 1);
    struct plane_tunnel six = {.six_ours = rig_addr("fd00::1"),
                               .six_theirs = rig_addr("fd00::2"),
                               .six_len = 126,
                               .mtu = 1406};
    FINE(inner_dress(&inner, "vpn-a-1", &six, &trouble));
    CHECK_EQUAL(addresses(&inner, six.six_ours), 1);
    CHECK_EQUAL(addresses(&inner, tunnel.inside_ours), 0);
    rtnetlink_close(&inner);
    FINE(space_remove(rig("inner").text, &trouble));
}

/* Together with the machine: its own settings stay. */
static void a_device_may_be_answered_by_another_way(void)
{
    struct rtnetlink here;
    char value[SYSCTL_BYTES];
    CHECK_EQUAL(unshare(CLONE_NEWNET), 0);
    FINE(rtnetlink_open(&here, NULL, &trouble));
    FINE(device_veth(&here, "vpn-a-1", &here, "other", &trouble));
    FINE(sysctl_put(NULL, "net/ipv4/conf/all/rp_filter", "1", &trouble));
    FINE(inner_loosen("vpn-a-1", &trouble));
    FINE(sysctl_get(NULL, "net/ipv4/conf/vpn-a-1/rp_filter", value, &trouble));
    CHECK_TEXT(value, "2");
    FINE(sysctl_get(NULL, "net/ipv4/conf/all/rp_filter", value, &trouble));
    CHECK_TEXT(value, "1");
    CHECK(!inner_loosen("vpn-b-1", &trouble));
    rtnetlink_close(&here);
}

static int tests(void)
{
    if (rig_permitted("inner namespaces")) {
        TEST(it_forwards_and_asks_for_no_way_back);
        TEST(a_device_is_as_the_tunnel_says);
        TEST(a_device_may_be_answered_by_another_way);
    }
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
