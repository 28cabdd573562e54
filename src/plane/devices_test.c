/* Devices, made and moved in namespaces of the test's own; asked for twice, they are there once. */
#include "plane/devices.h"

#include "plane/plane_rig.h"

#include <linux/if.h>

static struct rtnetlink a, b;
static unsigned at_first; /* devices of a new namespace: the loopback, and tunl0 and its like */

static unsigned device_count(struct rtnetlink *here);

static void begin(void)
{
    FINE(space_make(rig("a").text, &trouble));
    FINE(space_make(rig("b").text, &trouble));
    FINE(rtnetlink_open(&a, rig("a").text, &trouble));
    FINE(rtnetlink_open(&b, rig("b").text, &trouble));
    at_first = device_count(&b);
}

static void end(void)
{
    rtnetlink_close(&a);
    rtnetlink_close(&b);
    FINE(space_remove(rig("a").text, &trouble));
    FINE(space_remove(rig("b").text, &trouble));
}

static uint32_t index_of(struct rtnetlink *here, const char *name)
{
    struct rtnetlink_device device = {0};
    return device_find(here, name, &device, NULL) ? device.index : 0;
}

static void count_device(const struct rtnetlink_device *device, void *context)
{
    CHECK(device->index != 0 && device->name[0]);
    ++*(unsigned *)context;
}

static unsigned device_count(struct rtnetlink *here)
{
    unsigned count = 0;
    FINE(device_each(here, count_device, &count, &trouble));
    return count;
}

static void a_pair_joins_two_spaces(void)
{
    struct rtnetlink_device device = {0};
    begin();
    FINE(device_veth(&a, "left", &b, "right", &trouble));
    uint32_t first = index_of(&a, "left");
    FINE(device_veth(&a, "left", &b, "right", &trouble));
    CHECK(first != 0 && index_of(&a, "left") == first);
    CHECK(index_of(&b, "right") != 0 && index_of(&a, "right") == 0);
    FINE(device_up(&a, "left", true, &trouble));
    FINE(device_find(&a, "left", &device, &trouble));
    CHECK(device.up && !device.running); /* the other end is down */
    FINE(device_up(&b, "right", true, &trouble));
    FINE(device_find(&a, "left", &device, &trouble));
    CHECK(device.up && device.running);
    CHECK_TEXT(device.kind, "veth");
    FINE(device_up(&a, "left", false, &trouble));
    FINE(device_find(&a, "left", &device, &trouble));
    CHECK(!device.up && !device.running);
    end();
}

static void a_pair_with_its_end_elsewhere_is_made_anew(void)
{
    begin();
    FINE(device_veth(&a, "left", &b, "wrong", &trouble));
    FINE(device_veth(&a, "left", &b, "right", &trouble));
    CHECK(index_of(&b, "right") != 0 && index_of(&b, "wrong") == 0);
    CHECK_EQUAL(device_count(&b), at_first + 1);
    end();
}

static void what_is_something_else_is_left_alone(void)
{
    begin();
    FINE(device_veth(&a, "left", &b, "right", &trouble));
    CHECK(!device_tun(&a, "left", &trouble));
    CHECK_EQUAL(trouble.error, EEXIST);
    CHECK(strstr(trouble.sentence, "left") && strstr(trouble.sentence, "veth"));
    CHECK(index_of(&b, "right") != 0);
    CHECK(!device_veth(&a, "fifteen-bytes-16", &b, "x", &trouble));
    CHECK_EQUAL(trouble.error, EINVAL);
    CHECK(!device_veth(&a, "x", &b, "fifteen-bytes-16", &trouble));
    CHECK(!device_remove(&a, "", &trouble));
    end();
}

static void a_tun_device_stays_without_its_maker(void)
{
    struct rtnetlink_device device = {0};
    begin();
    if (access("/dev/net/tun", R_OK | W_OK) == 0) {
        FINE(device_tun(&a, "decoy", &trouble));
        FINE(device_tun(&a, "decoy", &trouble));
        FINE(device_up(&a, "decoy", true, &trouble));
        FINE(device_find(&a, "decoy", &device, &trouble));
        CHECK(device.up && !device.running);
        CHECK_TEXT(device.kind, "tun");
        FINE(device_remove(&a, "decoy", &trouble));
        FINE(device_remove(&a, "decoy", &trouble));
        CHECK_EQUAL(device_count(&a), at_first);
    } else {
        printf("# no /dev/net/tun here\n");
    }
    CHECK_EQUAL(index_of(&a, "decoy"), 0);
    end();
}

static void a_device_moves_and_is_called_something_else(void)
{
    begin();
    FINE(device_veth(&a, "left", &a, "right", &trouble));
    FINE(device_up(&a, "right", true, &trouble));
    FINE(device_move(&a, "right", &b, "inner", &trouble));
    CHECK(index_of(&a, "right") == 0 && index_of(&b, "inner") != 0);
    /* it is there: another of the old name stays, as a decoy does */
    FINE(device_veth(&a, "right", &a, "x", &trouble));
    FINE(device_move(&a, "right", &b, "inner", &trouble));
    CHECK(index_of(&a, "right") != 0);
    CHECK(!device_move(&a, "none", &b, "other", &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    CHECK(strstr(trouble.sentence, "none"));
    end();
}

/* What is called as the moved one was is in the way for a moment, and only there. */
static void a_device_moves_where_its_old_name_is_taken(void)
{
    begin();
    FINE(device_veth(&a, "left", &a, "ipsec0", &trouble));
    FINE(device_veth(&b, "ipsec0", &b, "y", &trouble));
    FINE(device_move(&a, "ipsec0", &b, "vpn-a-1", &trouble));
    CHECK(index_of(&b, "vpn-a-1") != 0 && index_of(&b, "ipsec0") != 0);
    CHECK_EQUAL(index_of(&a, "ipsec0"), 0);
    end();
}

static void an_mtu_is_set(void)
{
    struct rtnetlink_device device = {0};
    begin();
    FINE(device_veth(&a, "left", &b, "right", &trouble));
    FINE(device_mtu(&a, "left", 1399, &trouble));
    FINE(device_find(&a, "left", &device, &trouble));
    CHECK_EQUAL(device.mtu, 1399);
    CHECK(!device_mtu(&a, "left", 10, &trouble));
    CHECK(strstr(trouble.sentence, "MTU of 10"));
    CHECK(!device_mtu(&a, "none", 1400, &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    end();
}

/* Kernels may lack these; then the sentence says so, and nothing is left. */
static bool kernel_makes(bool made)
{
    if (!made) {
        printf("# %s\n", trouble.sentence);
        CHECK_EQUAL(trouble.error, EOPNOTSUPP);
        CHECK_EQUAL(device_count(&a), at_first + 2);
        CHECK_EQUAL(device_count(&b), at_first);
    }
    return made;
}

static void a_vlan_lies_over_a_device_of_another_space(void)
{
    struct rtnetlink_device device = {0};
    begin();
    FINE(device_veth(&a, "left", &a, "right", &trouble));
    if (kernel_makes(device_vlan(&b, "dx", &a, "left", 101, &trouble))) {
        uint32_t first = index_of(&b, "dx");
        FINE(device_vlan(&b, "dx", &a, "left", 101, &trouble));
        CHECK_EQUAL(index_of(&b, "dx"), first);
        FINE(device_vlan(&b, "dx", &a, "left", 102, &trouble));
        FINE(device_find(&b, "dx", &device, &trouble));
        CHECK_EQUAL(device.vlan, 102);
        CHECK_EQUAL(device_count(&a), at_first + 2);
    }
    CHECK(!device_vlan(&b, "dx", &a, "left", 4095, &trouble));
    CHECK_EQUAL(trouble.error, EINVAL);
    CHECK(!device_vlan(&b, "dx", &a, "none", 7, &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    end();
}

static void an_xfrm_interface_lies_over_a_device_of_another_space(void)
{
    struct rtnetlink_device device = {0};
    begin();
    FINE(device_veth(&a, "left", &a, "right", &trouble));
    if (kernel_makes(device_xfrm(&b, "vpn-a-1", &a, "left", 7, &trouble))) {
        uint32_t first = index_of(&b, "vpn-a-1");
        FINE(device_xfrm(&b, "vpn-a-1", &a, "left", 7, &trouble));
        CHECK_EQUAL(index_of(&b, "vpn-a-1"), first);
        FINE(device_xfrm(&b, "vpn-a-1", &a, "left", 8, &trouble));
        FINE(device_find(&b, "vpn-a-1", &device, &trouble));
        CHECK_EQUAL(device.if_id, 8);
        CHECK_EQUAL(device_count(&a), at_first + 2);
    }
    end();
}

static void a_dummy_is_made_where_the_kernel_has_them(void)
{
    begin();
    FINE(device_veth(&a, "left", &a, "right", &trouble));
    if (kernel_makes(device_dummy(&a, "spare", &trouble)))
        FINE(device_dummy(&a, "spare", &trouble));
    end();
}

static void a_vrf_has_devices_where_the_kernel_has_them(void)
{
    begin();
    FINE(device_veth(&a, "left", &a, "right", &trouble));
    if (kernel_makes(device_vrf(&a, "outside", 950, &trouble))) {
        FINE(device_vrf(&a, "outside", 950, &trouble));
        FINE(device_into(&a, "left", "outside", &trouble));
        FINE(device_into(&a, "left", "outside", &trouble));
    }
    CHECK(!device_into(&a, "left", "none", &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    end();
}

static int tests(void)
{
    if (!rig_permitted("devices"))
        return harness_done();
    TEST(a_pair_joins_two_spaces);
    TEST(a_pair_with_its_end_elsewhere_is_made_anew);
    TEST(what_is_something_else_is_left_alone);
    TEST(a_tun_device_stays_without_its_maker);
    TEST(a_device_moves_and_is_called_something_else);
    TEST(a_device_moves_where_its_old_name_is_taken);
    TEST(an_mtu_is_set);
    TEST(a_vlan_lies_over_a_device_of_another_space);
    TEST(an_xfrm_interface_lies_over_a_device_of_another_space);
    TEST(a_dummy_is_made_where_the_kernel_has_them);
    TEST(a_vrf_has_devices_where_the_kernel_has_them);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
