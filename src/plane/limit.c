#include "plane/limit.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum {
    BURST_LEAST = 128 * 1024, /* bytes: two packets of segments yet to be cut */
    QUEUE_LEAST = 256 * 1024,
    HANDLE = 0x53570000, /* SW: */
};

static uint32_t at_least(uint64_t bytes, uint32_t least)
{
    return bytes < least ? least : bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

static void put_bucket(struct nlmsghdr *request, uint64_t rate)
{
    struct tc_tbf_qopt bucket = {
        .rate = {.rate = at_least(rate, 1), .linklayer = 1 /* Ethernet: no table of rates */},
        .limit = at_least(rate / 10, QUEUE_LEAST),
    };
    mnl_attr_put_strz(request, TCA_KIND, "tbf");
    struct nlattr *nest = mnl_attr_nest_start(request, TCA_OPTIONS);
    mnl_attr_put(request, TCA_TBF_PARMS, sizeof bucket, &bucket);
    mnl_attr_put_u32(request, TCA_TBF_BURST, at_least(rate / 50, BURST_LEAST));
    if (rate > UINT32_MAX)
        mnl_attr_put_u64(request, TCA_TBF_RATE64, rate);
    mnl_attr_nest_end(request, nest);
}

bool limit_put(struct rtnetlink *here, const char *name, uint64_t rate, struct trouble *ret_trouble)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct rtnetlink_device device;
    int error = rtnetlink_device(here, name, &device);
    if (error)
        return trouble_is(ret_trouble, error, "the device %s%s", name, here->place);
    uint16_t flags = rate ? NLM_F_CREATE | NLM_F_REPLACE : 0;
    struct nlmsghdr *request = rtnetlink_begin(room, rate ? RTM_NEWQDISC : RTM_DELQDISC, flags);
    struct tcmsg *queue = mnl_nlmsg_put_extra_header(request, sizeof *queue);
    queue->tcm_ifindex = (int)device.index;
    queue->tcm_parent = TC_H_ROOT;
    queue->tcm_handle = HANDLE;
    if (rate)
        put_bucket(request, rate);
    error = rtnetlink_change(here, request);
    if (!rate && (error == ENOENT || error == EINVAL))
        error = 0; /* there was none of ours */
    return error == 0 ||
           trouble_is(ret_trouble, error, "the queue of the device %s%s cannot be bounded", name,
                      here->place);
}
