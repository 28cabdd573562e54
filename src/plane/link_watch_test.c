/* What becomes of devices is told as it happens, in order, and a flood is told as a loss. */
#include "plane/link_watch.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"

#include <poll.h>
#include <sys/socket.h>

static struct rtnetlink a, b;
static struct link_watch watch;

static void begin(void)
{
    FINE(space_make(rig("a").text, &trouble));
    FINE(space_make(rig("b").text, &trouble));
    FINE(rtnetlink_open(&a, rig("a").text, &trouble));
    FINE(rtnetlink_open(&b, rig("b").text, &trouble));
    FINE(link_watch_open(&watch, rig("a").text, &trouble));
}

static void end(void)
{
    link_watch_close(&watch);
    rtnetlink_close(&a);
    rtnetlink_close(&b);
    FINE(space_remove(rig("a").text, &trouble));
    FINE(space_remove(rig("b").text, &trouble));
}

/* Takes events until one is of this kind about this device, at most as many as there are. */
static bool comes(enum link_event_kind kind, const char *name, struct link_event *ret_event)
{
    struct pollfd readable = {watch.fd, POLLIN, 0};
    do {
        while (link_watch_next(&watch, ret_event)) {
            if (ret_event->kind == kind && strcmp(ret_event->device.name, name) == 0)
                return true;
        }
    } while (poll(&readable, 1, 60000) == 1);
    return false;
}

static void coming_changing_and_going_are_told(void)
{
    struct link_event event = {0};
    begin();
    CHECK(!link_watch_next(&watch, &event));
    FINE(device_veth(&a, "left", &b, "right", &trouble));
    CHECK(comes(LINK_EVENT_CHANGED, "left", &event));
    CHECK(!event.device.up && strcmp(event.device.kind, "veth") == 0);
    uint32_t index = event.device.index;
    FINE(device_up(&a, "left", true, &trouble));
    FINE(device_up(&b, "right", true, &trouble));
    while (comes(LINK_EVENT_CHANGED, "left", &event) && !event.device.running)
        ;
    CHECK(event.device.up && event.device.running);
    FINE(device_up(&b, "right", false, &trouble));
    while (comes(LINK_EVENT_CHANGED, "left", &event) && event.device.running)
        ;
    CHECK(event.device.up && !event.device.running);
    FINE(device_remove(&b, "right", &trouble)); /* the other end takes it along */
    CHECK(comes(LINK_EVENT_GONE, "left", &event));
    CHECK_EQUAL(event.device.index, index);
    end();
}

static void moving_away_is_going(void)
{
    struct link_event event = {0};
    begin();
    FINE(device_veth(&b, "other", &b, "mine", &trouble));
    FINE(device_move(&b, "mine", &a, "mine", &trouble));
    CHECK(comes(LINK_EVENT_CHANGED, "mine", &event));
    FINE(device_move(&a, "mine", &b, "back", &trouble));
    CHECK(comes(LINK_EVENT_GONE, "mine", &event));
    end();
}

static void what_is_lost_is_told_as_lost(void)
{
    struct link_event event = {0};
    bool lost = false;
    static const int least = 1;
    begin();
    CHECK(setsockopt(watch.fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least) == 0);
    FINE(device_veth(&a, "left", &b, "right", &trouble));
    for (int i = 0; i < 20; i++)
        FINE(device_up(&a, "left", i % 2 == 0, &trouble));
    while (link_watch_next(&watch, &event))
        lost |= event.kind == LINK_EVENT_LOST;
    CHECK(lost);
    FINE(device_remove(&a, "left", &trouble)); /* and then it goes on */
    CHECK(comes(LINK_EVENT_GONE, "left", &event));
    end();
}

static int tests(void)
{
    if (!rig_permitted("watching devices"))
        return harness_done();
    TEST(coming_changing_and_going_are_told);
    TEST(moving_away_is_going);
    TEST(what_is_lost_is_told_as_lost);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
