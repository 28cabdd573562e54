/* The kernel's words, as it would send them and cut: what is read is what was said, and nothing
 * outside is read. */
#include "plane/rtnetlink_said.h"

#include "tests/harness.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

static _Alignas(8) uint8_t room[1024];

static void *begin(uint16_t type, size_t head_bytes)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(room);
    header->nlmsg_type = type;
    header->nlmsg_seq = 5;
    return mnl_nlmsg_put_extra_header(header, head_bytes);
}

static struct nlmsghdr *header(void)
{
    return (void *)room;
}

static struct rtnetlink_said only(void)
{
    struct rtnetlink_said said = {0};
    struct slice bytes = {room, header()->nlmsg_len};
    CHECK(rtnetlink_next(&bytes, &said));
    CHECK_EQUAL(bytes.size, 0);
    CHECK_EQUAL(said.sequence, 5);
    CHECK(!rtnetlink_next(&bytes, &said));
    return said;
}

static void put_vlan(void)
{
    struct ifinfomsg *link = begin(RTM_NEWLINK, sizeof *link);
    link->ifi_index = 7;
    link->ifi_flags = IFF_UP | IFF_RUNNING;
    mnl_attr_put_strz(header(), IFLA_IFNAME, "dx-1");
    mnl_attr_put_u32(header(), IFLA_MTU, 8500);
    mnl_attr_put_u32(header(), IFLA_LINK, 3);
    mnl_attr_put_u32(header(), IFLA_LINK_NETNSID, 2);
    struct rtnl_link_stats64 counts = {
        .rx_packets = 11, .tx_packets = 12, .rx_bytes = 13, .tx_bytes = 14};
    mnl_attr_put(header(), IFLA_STATS64, sizeof counts, &counts);
    struct nlattr *about = mnl_attr_nest_start(header(), IFLA_LINKINFO);
    mnl_attr_put_strz(header(), IFLA_INFO_KIND, "vlan");
    struct nlattr *own = mnl_attr_nest_start(header(), IFLA_INFO_DATA);
    mnl_attr_put_u16(header(), IFLA_VLAN_ID, 101);
    mnl_attr_nest_end(header(), own);
    mnl_attr_nest_end(header(), about);
}

static void a_device_is_read(void)
{
    put_vlan();
    struct rtnetlink_said said = only();
    CHECK_EQUAL(said.kind, RTNETLINK_DEVICE);
    CHECK_TEXT(said.device.name, "dx-1");
    CHECK_TEXT(said.device.kind, "vlan");
    CHECK(said.device.index == 7 && said.device.mtu == 8500 && said.device.vlan == 101);
    CHECK(said.device.lower == 3 && said.device.lower_space == 2);
    CHECK(said.device.up && said.device.running);
    mnl_attr_put_u8(header(), IFLA_CARRIER, 0); /* which is known before the flag */
    CHECK(!only().device.running);
    header()->nlmsg_type = RTM_DELLINK;
    CHECK_EQUAL(only().kind, RTNETLINK_DEVICE_GONE);
    struct ifinfomsg *link = mnl_nlmsg_get_payload(header());
    link->ifi_family = AF_INET6; /* IPv6's words about a device are not the device */
    CHECK_EQUAL(only().kind, RTNETLINK_OTHER);
    CHECK_EQUAL(said.device.received_packets, 11);
    CHECK_EQUAL(said.device.sent_packets, 12);
    CHECK_EQUAL(said.device.sent_bytes, 14);
}

static void a_name_that_does_not_fit_is_no_device(void)
{
    struct ifinfomsg *link = begin(RTM_NEWLINK, sizeof *link);
    mnl_attr_put_strz(header(), IFLA_IFNAME, "sixteen-bytes-16");
    CHECK_EQUAL(only().kind, RTNETLINK_OTHER);
    begin(RTM_NEWLINK, sizeof *link);
    mnl_attr_put(header(), IFLA_IFNAME, 4, "abcd"); /* without its zero */
    CHECK_TEXT(only().device.name, "abcd");
}

static void lengths_beyond_the_address_are_refused(void)
{
    struct rtmsg *route = begin(RTM_NEWROUTE, sizeof *route);
    route->rtm_family = AF_INET;
    route->rtm_dst_len = 33;
    CHECK_EQUAL(only().kind, RTNETLINK_OTHER);
    struct ifaddrmsg *address = begin(RTM_NEWADDR, sizeof *address);
    address->ifa_family = AF_INET6;
    address->ifa_prefixlen = 129;
    mnl_attr_put(header(), IFA_ADDRESS, 16, "0123456789abcdef");
    CHECK_EQUAL(only().kind, RTNETLINK_OTHER);
    struct fib_rule_hdr *rule = begin(RTM_NEWRULE, sizeof *rule);
    rule->family = AF_INET;
    rule->src_len = 40;
    CHECK_EQUAL(only().kind, RTNETLINK_OTHER);
}

static void of_several_next_hops_the_first_is_told(void)
{
    struct {
        struct rtnexthop hop;
        struct nlattr gateway;
        uint8_t addr[4];
    } hops[2] = {{.hop = {.rtnh_len = sizeof hops[0], .rtnh_ifindex = 5},
                  .gateway = {8, RTA_GATEWAY},
                  .addr = {192, 0, 2, 1}},
                 {.hop = {.rtnh_len = sizeof hops[0], .rtnh_ifindex = 6},
                  .gateway = {8, RTA_GATEWAY},
                  .addr = {192, 0, 2, 2}}};
    for (int turn = 0; turn < 3; turn++) {
        struct rtmsg *route = begin(RTM_NEWROUTE, sizeof *route);
        route->rtm_family = AF_INET;
        route->rtm_type = RTN_UNICAST;
        hops[0].hop.rtnh_len = turn == 0 ? sizeof hops[0] : turn == 1 ? 7 : sizeof hops + 4;
        mnl_attr_put(header(), RTA_MULTIPATH, sizeof hops, hops);
        struct rtnetlink_said said = only();
        CHECK_EQUAL(said.kind, turn == 0 ? RTNETLINK_ROUTE : RTNETLINK_OTHER);
        CHECK(turn > 0 || (said.route.index == 5 && said.route.gateway == 0xc0000201));
    }
}

static void errors_and_ends_are_told(void)
{
    struct nlmsgerr *error = begin(NLMSG_ERROR, sizeof *error);
    error->error = -EEXIST;
    struct rtnetlink_said said = only();
    CHECK(said.kind == RTNETLINK_ERROR && said.error == EEXIST);
    error->error = INT32_MIN;
    CHECK_EQUAL(only().kind, RTNETLINK_OTHER);
    begin(NLMSG_DONE, 4);
    header()->nlmsg_flags = NLM_F_DUMP_INTR;
    said = only();
    CHECK(said.kind == RTNETLINK_DONE && said.interrupted);
}

static void cut_anywhere_it_is_read_or_not_and_nothing_else(void)
{
    put_vlan();
    size_t whole = header()->nlmsg_len;
    for (size_t size = 0; size <= whole; size++) {
        uint8_t *exact = aligned_alloc(8, (size + 8) & ~(size_t)7);
        uint8_t *at = exact;
        struct slice bytes = {at, size};
        struct rtnetlink_said said;
        memcpy(at, room, size);
        CHECK_EQUAL(rtnetlink_next(&bytes, &said), size == whole);
        if (size >= sizeof(struct nlmsghdr)) { /* and where it says to be as short */
            struct nlmsghdr shorter;
            memcpy(&shorter, at, sizeof shorter);
            shorter.nlmsg_len = (uint32_t)size;
            memcpy(at, &shorter, sizeof shorter);
            bytes = (struct slice){at, size};
            CHECK(rtnetlink_next(&bytes, &said));
        }
        free(exact);
    }
}

int main(void)
{
    TEST(a_device_is_read);
    TEST(a_name_that_does_not_fit_is_no_device);
    TEST(lengths_beyond_the_address_are_refused);
    TEST(of_several_next_hops_the_first_is_told);
    TEST(errors_and_ends_are_told);
    TEST(cut_anywhere_it_is_read_or_not_and_nothing_else);
    return harness_done();
}
