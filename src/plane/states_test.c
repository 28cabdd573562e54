#define _GNU_SOURCE /* unshare */

/* Policies need no kernel with ESP, and go the same way as states. */
#include "plane/states.h"

#include "plane/plane_rig.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

/* 0, or the kernel's errno. source: the last of its selector, so that each is another. */
static int make_policy(uint32_t number, uint16_t source)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = rtnetlink_begin(room, XFRM_MSG_NEWPOLICY, NLM_F_CREATE | NLM_F_ACK);
    struct xfrm_userpolicy_info *policy = mnl_nlmsg_put_extra_header(request, sizeof *policy);
    policy->sel.family = AF_INET;
    policy->sel.saddr.a4 = htonl(0x0a000000U | source);
    policy->sel.prefixlen_s = 32;
    policy->dir = XFRM_POLICY_OUT;
    policy->lft.soft_byte_limit = policy->lft.hard_byte_limit = XFRM_INF;
    policy->lft.soft_packet_limit = policy->lft.hard_packet_limit = XFRM_INF;
    mnl_attr_put_u32(request, XFRMA_IF_ID, number);
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
    if (fd < 0)
        return errno;
    int error = EPROTO;
    if (send(fd, request, request->nlmsg_len, 0) > 0 && recv(fd, room, sizeof room, 0) > 0)
        error = -*(const int *)mnl_nlmsg_get_payload((struct nlmsghdr *)(void *)room);
    close(fd);
    return error;
}

static void those_of_one_interface_go_and_no_others(void)
{
    unsigned count = 0;
    for (uint16_t i = 0; i < 100; i++) /* more than are removed at once */
        CHECK_EQUAL(make_policy(7, i), 0);
    CHECK_EQUAL(make_policy(8, 200), 0);
    FINE(states_clear(7, &count, &trouble));
    CHECK_EQUAL(count, 100);
    FINE(states_clear(7, &count, &trouble));
    CHECK_EQUAL(count, 0);
    FINE(states_clear(8, &count, &trouble));
    CHECK_EQUAL(count, 1);
}

/* As many as there would be if none went. */
static void what_does_not_end_is_told(void)
{
    enum { TOO_MANY = 64 * 64 + 1 };
    unsigned count = 0;
    for (uint16_t i = 0; i < TOO_MANY; i++)
        CHECK_EQUAL(make_policy(7, i), 0);
    CHECK(!states_clear(7, &count, &trouble));
    CHECK_EQUAL(count, TOO_MANY - 1);
    CHECK_EQUAL(trouble.error, EBUSY);
    FINE(states_clear(7, &count, &trouble));
    CHECK_EQUAL(count, 1);
}

static int tests(void)
{
    if (!rig_permitted("states"))
        return harness_done();
    if (unshare(CLONE_NEWNET) || make_policy(9, 1) != 0) {
        harness_skip("states", "this kernel takes no policies of XFRM interfaces");
        return harness_done();
    }
    TEST(those_of_one_interface_go_and_no_others);
    TEST(what_does_not_end_is_told);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
