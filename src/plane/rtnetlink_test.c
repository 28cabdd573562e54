/* The conversation: refusals come back as they are, large dumps come whole. */
#include "plane/rtnetlink.h"

#include "plane/netlink_attrs.h"
#include "plane/plane_rig.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

static struct rtnetlink a;

static void begin(void)
{
    FINE(space_make(rig("a").text, &trouble));
    FINE(rtnetlink_open(&a, rig("a").text, &trouble));
}

static void end(void)
{
    rtnetlink_close(&a);
    FINE(space_remove(rig("a").text, &trouble));
}

static void a_space_that_is_not_there_has_no_conversation(void)
{
    struct rtnetlink none;
    CHECK(!rtnetlink_open(&none, rig("none").text, &trouble));
    CHECK_EQUAL(trouble.error, ENOENT);
    CHECK(none.fd == -1 && none.space_fd == -1);
    rtnetlink_close(&none);
}

static void a_device_is_found_by_its_name(void)
{
    struct rtnetlink_device device = {0};
    begin();
    CHECK_EQUAL(rtnetlink_device(&a, "lo", &device), 0);
    CHECK_EQUAL(device.index, 1);
    CHECK(device.up && device.running && device.mtu == 65536);
    CHECK_EQUAL(rtnetlink_device(&a, "eth99", &device), ENODEV);
    CHECK_EQUAL(rtnetlink_device(&a, "sixteen-bytes-16", &device), EINVAL);
    end();
}

static void count_routes(const struct rtnetlink_said *said, void *context)
{
    CHECK_EQUAL(said->kind, RTNETLINK_ROUTE);
    *(unsigned *)context += said->route.table == 500;
}

static int change_route(uint16_t type, uint32_t number)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct nlmsghdr *request =
        rtnetlink_begin(room, type, type == RTM_NEWROUTE ? NLM_F_CREATE | NLM_F_EXCL : 0);
    struct rtmsg *route = mnl_nlmsg_put_extra_header(request, sizeof *route);
    route->rtm_family = AF_INET;
    route->rtm_dst_len = 32;
    route->rtm_type = RTN_BLACKHOLE;
    netlink_put_addr(request, RTA_DST, 0x0a000000 + number, false);
    mnl_attr_put_u32(request, RTA_TABLE, 500);
    return rtnetlink_change(&a, request);
}

/* Some 3,000 routes are several pieces of 32 KiB. */
static void a_dump_of_many_pieces_comes_whole(void)
{
    enum { MANY = 3000 };
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    unsigned count = 0;
    begin();
    for (uint32_t i = 0; i < MANY; i++)
        CHECK_EQUAL(change_route(RTM_NEWROUTE, i), 0);
    struct nlmsghdr *request = rtnetlink_begin(room, RTM_GETROUTE, 0);
    mnl_nlmsg_put_extra_header(request, sizeof(struct rtmsg));
    CHECK_EQUAL(rtnetlink_dump(&a, request, count_routes, &count), 0);
    CHECK_EQUAL(count, MANY);
    CHECK_EQUAL(change_route(RTM_NEWROUTE, 5), EEXIST);
    CHECK_EQUAL(change_route(RTM_DELROUTE, 5), 0);
    CHECK_EQUAL(change_route(RTM_DELROUTE, 5), ESRCH);
    end();
}

static int tests(void)
{
    if (!rig_permitted("conversations with the kernel"))
        return harness_done();
    TEST(a_space_that_is_not_there_has_no_conversation);
    TEST(a_device_is_found_by_its_name);
    TEST(a_dump_of_many_pieces_comes_whole);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
