#include "lab/echo.h"

#include "lab/run_rig.h"
#include "lab/strike.h"
#include "plane/routes.h"

static struct rig built;
static struct lab_running *lab;
static struct echo_way ways[2];
static struct echo *echo;

static void address(const char *space, const char *device, ip_addr addr)
{
    struct rtnetlink here;
    struct plane_address said = {.addr = addr, .len = 24};
    CHECK(rtnetlink_open(&here, space, &run_trouble));
    CHECK(address_put(&here, device, &said, &run_trouble));
    rtnetlink_close(&here);
}

/* Two of the incident's nodes on one line. */
static bool begin(void)
{
    char one[NAME_SPACE_BYTES], other[NAME_SPACE_BYTES];
    if (!run_space("one", one) || !run_space("other", other) ||
        !run_pair(one, "eth0", other, "eth0"))
        return false;
    built = rig_build(rig_incident);
    lab = running_create("t", "x.yaml");
    run_node(lab, "i-app", NODE_INSTANCE, one);
    run_node(lab, "i-host", NODE_INSTANCE, other);
    address(one, "eth0", 0x0a000001);
    address(other, "eth0", 0x0a000002);
    int from = world_find_node(built.world, "i-app"), to = world_find_node(built.world, "i-host");
    ways[0] = (struct echo_way){from, to, 0x0a000001, 0x0a000002, false, false, false};
    ways[1] = (struct echo_way){to, from, 0x0a000002, 0x0a000001, false, false, false};
    echo = echo_create(lab, built.world, ways, 2);
    return true;
}

static void end(void)
{
    if (lab) {
        echo_destroy(echo);
        rig_done(&built);
        running_free(lab);
        lab = NULL;
    }
    run_clean();
}

/* A link that has just come up may lose the first. */
static bool both_arrive(void)
{
    for (int i = 0; i < 60; i++) {
        echo_ask(echo, 1000);
        if (ways[0].arrived && ways[1].arrived)
            return true;
    }
    return false;
}

static void what_is_sent_arrives(void)
{
    if (begin()) {
        CHECK(both_arrive());
        CHECK(ways[0].asked && ways[1].asked);
    }
    end();
}

/* The other direction goes on arriving. */
static void each_direction_is_a_way_of_its_own(void)
{
    if (begin()) {
        CHECK(both_arrive());
        ways[0].dst = 0x0a000009; /* nobody's */
        echo_ask(echo, 1000);
        CHECK(!ways[0].arrived);
        CHECK(ways[1].arrived);
    }
    end();
}

static void who_is_idle_is_not_asked_this_time(void)
{
    if (begin()) {
        CHECK(both_arrive());
        ways[0].idle = true;
        echo_ask(echo, 300);
        CHECK(!ways[0].arrived && ways[1].arrived);
        ways[0].idle = false;
        CHECK(both_arrive());
    }
    end();
}

static void what_is_dropped_in_silence_does_not_arrive(void)
{
    if (begin()) {
        CHECK(both_arrive());
        CHECK(strike_silence(lab->nodes[0].space, "eth0", 0, true, &run_trouble));
        echo_ask(echo, 300);
        CHECK(!ways[0].arrived && !ways[1].arrived);
        CHECK(strike_silence(lab->nodes[0].space, "eth0", 0, false, &run_trouble));
        CHECK(both_arrive());
    }
    end();
}

static void nobody_waits_who_does_not_ask_to(void)
{
    if (begin()) {
        CHECK(both_arrive());
        ways[0].arrived = ways[1].arrived = false;
        echo_send(echo);
        for (int i = 0; i < 1200 && !(ways[0].arrived && ways[1].arrived); i++) {
            usleep(50000);
            echo_collect(echo);
        }
        CHECK(ways[0].arrived && ways[1].arrived);
    }
    end();
}

static void who_has_no_namespace_is_not_asked(void)
{
    if (begin()) {
        ways[0].to = world_find_node(built.world, "dx-edge");
        ways[1].from = WORLD_NONE;
        struct echo *other = echo_create(lab, built.world, ways, 2);
        echo_ask(other, 1000);
        echo_destroy(other);
        CHECK(!ways[0].asked && !ways[0].arrived && !ways[1].asked);
    }
    end();
}

int main(void)
{
    TEST(what_is_sent_arrives);
    TEST(each_direction_is_a_way_of_its_own);
    TEST(who_is_idle_is_not_asked_this_time);
    TEST(what_is_dropped_in_silence_does_not_arrive);
    TEST(nobody_waits_who_does_not_ask_to);
    TEST(who_has_no_namespace_is_not_asked);
    return harness_done();
}
