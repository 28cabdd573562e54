/* A Direct Connect interface, tagged where the kernel can, the line itself where it cannot. */
#include "plane/direct_connect.h"

#include "plane/devices.h"
#include "plane/ping_rig.h"

static struct rtnetlink inner, outer, far;
static bool has_vlan;

static struct plane_direct_connect wanted(uint16_t vlan, bool may_be_plain)
{
    return (struct plane_direct_connect){.name = "dxvif-1",
                                         .line = "line",
                                         .vlan = vlan,
                                         .may_be_plain = may_be_plain,
                                         .mtu = 1400,
                                         .four = {rig_addr("169.254.100.1"), 30, 0},
                                         .six = {rig_addr("fd00:100::1"), 126, 0}};
}

static void begin(void)
{
    FINE(space_make(rig("inner").text, &trouble));
    FINE(space_make(rig("outer").text, &trouble));
    FINE(space_make(rig("far").text, &trouble));
    FINE(rtnetlink_open(&inner, rig("inner").text, &trouble));
    FINE(rtnetlink_open(&outer, rig("outer").text, &trouble));
    FINE(rtnetlink_open(&far, rig("far").text, &trouble));
    FINE(device_veth(&outer, "line", &far, "eth0", &trouble));
    FINE(device_up(&far, "eth0", true, &trouble));
    has_vlan = device_vlan(&far, "eth0.101", &far, "eth0", 101, NULL);
}

static void end(void)
{
    rtnetlink_close(&inner);
    rtnetlink_close(&outer);
    rtnetlink_close(&far);
    FINE(space_remove(rig("inner").text, &trouble));
    FINE(space_remove(rig("outer").text, &trouble));
    FINE(space_remove(rig("far").text, &trouble));
}

static bool is_there(struct rtnetlink *here, const char *name)
{
    struct rtnetlink_device device;
    return device_find(here, name, &device, NULL);
}

static void put_far(const char *device)
{
    struct plane_address addresses[] = {{rig_addr("169.254.100.2"), 30, 0},
                                        {rig_addr("fd00:100::2"), 126, 0}};
    FINE(address_all(&far, device, addresses, 2, &trouble));
    FINE(device_up(&far, device, true, &trouble));
}

static void the_line_itself_carries_it(void)
{
    struct plane_direct_connect dx = wanted(0, false);
    bool plain = false;
    begin();
    put_far("eth0");
    for (int twice = 0; twice < 2; twice++) {
        FINE(direct_connect_put(&inner, &outer, &dx, &plain, &trouble));
        CHECK(plain && is_there(&inner, "dxvif-1") && !is_there(&outer, "line"));
    }
    CHECK(reaches(rig("inner").text, "169.254.100.1", "169.254.100.2"));
    CHECK(reaches(rig("inner").text, "fd00:100::1", "fd00:100::2"));
    for (int twice = 0; twice < 2; twice++) {
        FINE(direct_connect_remove(&inner, &outer, &dx, &trouble));
        CHECK(!is_there(&inner, "dxvif-1") && is_there(&outer, "line"));
    }
    end();
}

static void a_tag_is_used_where_the_kernel_has_it(void)
{
    struct plane_direct_connect dx = wanted(101, true);
    bool plain = has_vlan;
    begin();
    put_far(has_vlan ? "eth0.101" : "eth0");
    for (int twice = 0; twice < 2; twice++) {
        FINE(direct_connect_put(&inner, &outer, &dx, &plain, &trouble));
        CHECK_EQUAL(plain, !has_vlan);
        CHECK_EQUAL(is_there(&outer, "line"), has_vlan);
    }
    CHECK(reaches(rig("inner").text, "169.254.100.1", "169.254.100.2"));
    CHECK(reaches(rig("inner").text, "fd00:100::1", "fd00:100::2"));
    FINE(direct_connect_remove(&inner, &outer, &dx, &trouble));
    CHECK(!is_there(&inner, "dxvif-1") && is_there(&outer, "line"));
    printf("# %s\n", has_vlan ? "802.1Q" : "without 802.1Q");
    end();
}

static void what_cannot_be_is_named(void)
{
    struct plane_direct_connect dx = wanted(101, false);
    bool plain = false;
    begin();
    if (!has_vlan) { /* a tag that is needed, and cannot be had */
        CHECK(!direct_connect_put(&inner, &outer, &dx, &plain, &trouble));
        CHECK(strstr(trouble.sentence, "vlan"));
    }
    CHECK(is_there(&outer, "line"));
    snprintf(dx.line, sizeof dx.line, "none");
    CHECK(!direct_connect_put(&inner, &outer, &dx, &plain, &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    CHECK(strstr(trouble.sentence, "none"));
    end();
}

static int tests(void)
{
    if (!rig_permitted("Direct Connect interfaces"))
        return harness_done();
    TEST(the_line_itself_carries_it);
    TEST(a_tag_is_used_where_the_kernel_has_it);
    TEST(what_cannot_be_is_named);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
