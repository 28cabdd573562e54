/* Devices that are handed over: taken, known again, and given back. */
#include "plane/handed.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"

#include <string.h>

static struct rtnetlink outer, inside;

static void begin(void)
{
    FINE(space_make(rig("outer").text, &trouble));
    FINE(space_make(rig("inside").text, &trouble));
    FINE(rtnetlink_open(&outer, rig("outer").text, &trouble));
    FINE(rtnetlink_open(&inside, rig("inside").text, &trouble));
    FINE(device_veth(&outer, "eth1", &outer, "eth1-end", &trouble));
}

static void end(void)
{
    rtnetlink_close(&outer);
    rtnetlink_close(&inside);
    FINE(space_remove(rig("outer").text, &trouble));
    FINE(space_remove(rig("inside").text, &trouble));
}

static bool is_there(struct rtnetlink *here, const char *name)
{
    struct rtnetlink_device device;
    return device_find(here, name, &device, NULL);
}

static void what_is_taken_is_known_and_goes_back(void)
{
    struct rtnetlink_device device;
    char line[NAME_DEVICE_BYTES] = "";
    begin();
    for (int twice = 0; twice < 2; twice++) {
        FINE(handed_take(&outer, "eth1", &inside, "dxvif-1", &trouble));
        CHECK(is_there(&inside, "dxvif-1") && !is_there(&outer, "eth1"));
    }
    FINE(device_find(&inside, "dxvif-1", &device, &trouble));
    CHECK(handed_is(&outer, &device, line));
    CHECK_TEXT(line, "eth1");
    CHECK(!handed_is(&inside, &device, line)); /* it is not from there */
    for (int twice = 0; twice < 2; twice++) {
        FINE(handed_back(&inside, "dxvif-1", &outer, &trouble));
        CHECK(!is_there(&inside, "dxvif-1") && is_there(&outer, "eth1"));
    }
    FINE(device_find(&outer, "eth1", &device, &trouble));
    CHECK_TEXT(device.alias, "");
    end();
}

static void what_is_not_there_or_somebody_elses_is_left_alone(void)
{
    begin();
    CHECK(!handed_take(&outer, "eth2", &inside, "dxvif-2", &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    FINE(device_veth(&inside, "dxvif-1", &inside, "other-end", &trouble));
    CHECK(!handed_take(&outer, "eth1", &inside, "dxvif-1", &trouble));
    CHECK_EQUAL(trouble.error, EEXIST);
    FINE(handed_back(&inside, "dxvif-1", &outer, &trouble));
    CHECK(is_there(&inside, "dxvif-1") && is_there(&outer, "eth1"));
    end();
}

static void a_name_that_is_taken_meanwhile_keeps_it_where_it_is(void)
{
    begin();
    FINE(handed_take(&outer, "eth1", &inside, "dxvif-1", &trouble));
    FINE(device_veth(&outer, "eth1", &outer, "other-end", &trouble));
    CHECK(!handed_back(&inside, "dxvif-1", &outer, &trouble));
    CHECK_EQUAL(trouble.error, EEXIST);
    CHECK(is_there(&inside, "dxvif-1"));
    end();
}

static bool keeps_one(const char *name, void *context)
{
    return strcmp(name, context) == 0;
}

static void all_but_what_is_wanted_go_back(void)
{
    char kept[] = "one";
    begin();
    FINE(device_veth(&outer, "eth2", &outer, "eth2-end", &trouble));
    FINE(device_veth(&inside, "own", &inside, "own-end", &trouble));
    FINE(handed_take(&outer, "eth1", &inside, "one", &trouble));
    FINE(handed_take(&outer, "eth2", &inside, "two", &trouble));
    handed_back_all(&inside, &outer, keeps_one, kept);
    CHECK(is_there(&inside, "one") && is_there(&inside, "own") && is_there(&outer, "eth2"));
    handed_back_all(&inside, &outer, NULL, NULL);
    CHECK(is_there(&inside, "own") && is_there(&outer, "eth1"));
    end();
}

static int tests(void)
{
    if (!rig_permitted("devices that are handed over"))
        return harness_done();
    TEST(what_is_taken_is_known_and_goes_back);
    TEST(what_is_not_there_or_somebody_elses_is_left_alone);
    TEST(a_name_that_is_taken_meanwhile_keeps_it_where_it_is);
    TEST(all_but_what_is_wanted_go_back);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
