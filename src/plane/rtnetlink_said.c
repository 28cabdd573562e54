#include "plane/rtnetlink_said.h"

#include "plane/netlink_attrs.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* -- attributes -- */

/* Ends in a zero byte, whatever came; what is longer is none of ours. */
static void read_name(const struct nlattr *attr, char *ret_name, size_t cap)
{
    size_t size = attr ? strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)) : 0;
    if (size == 0 || size >= cap)
        return;
    memcpy(ret_name, mnl_attr_get_payload(attr), size);
    ret_name[size] = 0;
}

static bool family_of(uint8_t family, bool *ret_six)
{
    *ret_six = family == AF_INET6;
    return *ret_six || family == AF_INET;
}

static const void *head_of(const struct nlmsghdr *header, size_t size)
{
    return mnl_nlmsg_get_payload_len(header) < size ? NULL : mnl_nlmsg_get_payload(header);
}

/* -- one of each -- */

static bool read_kind(const struct nlattr *attr, struct rtnetlink_device *device)
{
    struct netlink_attrs about = netlink_attrs_in(attr);
    struct netlink_attrs own = netlink_attrs_in(about.at[IFLA_INFO_DATA]);
    read_name(about.at[IFLA_INFO_KIND], device->kind, sizeof device->kind);
    if (strcmp(device->kind, "xfrm") == 0)
        return netlink_read_u32(own.at[IFLA_XFRM_IF_ID], &device->if_id);
    if (strcmp(device->kind, "vlan") == 0)
        return netlink_read_bytes(own.at[IFLA_VLAN_ID], &device->vlan, sizeof device->vlan);
    return true;
}

/* Older kernels count less: what the numbers here begin with has been there from the first. */
static bool read_counts(const struct nlattr *attr, struct rtnetlink_device *device)
{
    uint64_t counts[4] = {0}; /* packets received and sent, bytes received and sent */
    if (!netlink_read_bytes(attr, counts, sizeof counts))
        return false;
    device->received_packets = counts[0];
    device->sent_packets = counts[1];
    device->sent_bytes = counts[3];
    return true;
}

static bool read_device(const struct nlmsghdr *header, struct rtnetlink_device *ret_device)
{
    const struct ifinfomsg *link = head_of(header, sizeof *link);
    if (!link || link->ifi_family != AF_UNSPEC) /* else a bridge's or IPv6's words about it */
        return false;
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof *link);
    /* IFF_RUNNING follows the carrier up to a second later */
    uint8_t carrier = link->ifi_flags & IFF_RUNNING ? 1 : 0;
    struct rtnetlink_device device = {
        .index = (uint32_t)link->ifi_index,
        .up = link->ifi_flags & IFF_UP,
        .alone = link->ifi_flags & IFF_NOARP,
        .lower_space = -1,
    };
    read_name(attrs.at[IFLA_IFNAME], device.name, sizeof device.name);
    read_name(attrs.at[IFLA_IFALIAS], device.alias, sizeof device.alias);
    if (!netlink_read_u32(attrs.at[IFLA_MTU], &device.mtu) ||
        !netlink_read_u32(attrs.at[IFLA_LINK], &device.lower) ||
        !netlink_read_bytes(attrs.at[IFLA_CARRIER], &carrier, sizeof carrier) ||
        !netlink_read_bytes(attrs.at[IFLA_LINK_NETNSID], &device.lower_space,
                            sizeof device.lower_space) ||
        !read_kind(attrs.at[IFLA_LINKINFO], &device) ||
        !read_counts(attrs.at[IFLA_STATS64], &device))
        return false;
    device.running = device.up && carrier != 0;
    *ret_device = device;
    return device.name[0] != 0;
}

/* On a point-to-point link IFA_ADDRESS is the other end's, and the length is of that. */
static bool read_address(const struct nlmsghdr *header, struct rtnetlink_address *ret_address)
{
    const struct ifaddrmsg *head = head_of(header, sizeof *head);
    struct rtnetlink_address address = {0};
    if (!head || !family_of(head->ifa_family, &address.six) ||
        head->ifa_prefixlen > ip_bits(address.six))
        return false;
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof *head);
    ip_addr local = 0, far = 0;
    if (!netlink_read_addr(attrs.at[IFA_LOCAL], address.six, &local) ||
        !netlink_read_addr(attrs.at[IFA_ADDRESS], address.six, &far))
        return false;
    read_name(attrs.at[IFA_LABEL], address.label, sizeof address.label);
    address.index = head->ifa_index;
    address.addr = attrs.at[IFA_LOCAL] ? local : far;
    address.peer = far == address.addr ? 0 : far;
    address.on = prefix_make(address.six, far ? far : local, head->ifa_prefixlen);
    *ret_address = address;
    return address.addr != 0;
}

static enum rtnetlink_route_kind kind_of_route(uint8_t type)
{
    switch (type) {
    case RTN_UNICAST:
        return RTNETLINK_UNICAST_ROUTE;
    case RTN_BLACKHOLE:
        return RTNETLINK_BLACKHOLE_ROUTE;
    case RTN_UNREACHABLE:
        return RTNETLINK_UNREACHABLE_ROUTE;
    case RTN_LOCAL:
        return RTNETLINK_LOCAL_ROUTE;
    default:
        return RTNETLINK_OTHER_ROUTE;
    }
}

/* Of several next hops the first stands for all. */
static bool read_first_hop(const struct nlattr *attr, bool six, struct rtnetlink_route *route)
{
    struct rtnexthop hop;
    if (!attr)
        return true;
    if (!netlink_read_bytes(attr, &hop, sizeof hop) || hop.rtnh_len < sizeof hop ||
        hop.rtnh_len > mnl_attr_get_payload_len(attr))
        return false;
    const uint8_t *first = mnl_attr_get_payload(attr);
    struct netlink_attrs attrs =
        netlink_attrs_among((struct slice){first + sizeof hop, hop.rtnh_len - sizeof hop});
    route->index = (uint32_t)hop.rtnh_ifindex;
    return netlink_read_addr(attrs.at[RTA_GATEWAY], six, &route->gateway);
}

static bool read_route(const struct nlmsghdr *header, struct rtnetlink_route *ret_route)
{
    const struct rtmsg *head = head_of(header, sizeof *head);
    bool six = false;
    if (!head || !family_of(head->rtm_family, &six) || head->rtm_flags & RTM_F_CLONED ||
        head->rtm_dst_len > ip_bits(six) || head->rtm_src_len != 0)
        return false;
    struct rtnetlink_route route = {.table = head->rtm_table,
                                    .kind = kind_of_route(head->rtm_type),
                                    .protocol = head->rtm_protocol};
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof *head);
    ip_addr to = 0;
    if (!netlink_read_addr(attrs.at[RTA_DST], six, &to) ||
        !netlink_read_addr(attrs.at[RTA_GATEWAY], six, &route.gateway) ||
        !netlink_read_addr(attrs.at[RTA_PREFSRC], six, &route.source) ||
        !netlink_read_u32(attrs.at[RTA_OIF], &route.index) ||
        !netlink_read_u32(attrs.at[RTA_PRIORITY], &route.metric) ||
        !netlink_read_u32(attrs.at[RTA_TABLE], &route.table) ||
        !read_first_hop(attrs.at[RTA_MULTIPATH], six, &route))
        return false;
    route.to = prefix_make(six, to, head->rtm_dst_len);
    *ret_route = route;
    return true;
}

static bool read_rule(const struct nlmsghdr *header, struct rtnetlink_rule *ret_rule)
{
    const struct fib_rule_hdr *head = head_of(header, sizeof *head);
    struct rtnetlink_rule rule = {0};
    if (!head || !family_of(head->family, &rule.six) || head->src_len > ip_bits(rule.six) ||
        head->dst_len > ip_bits(rule.six))
        return false;
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof *head);
    ip_addr from = 0, to = 0;
    rule.table = head->table;
    rule.refuses = head->action == FR_ACT_BLACKHOLE || head->action == FR_ACT_UNREACHABLE ||
                   head->action == FR_ACT_PROHIBIT;
    if (!netlink_read_addr(attrs.at[FRA_SRC], rule.six, &from) ||
        !netlink_read_addr(attrs.at[FRA_DST], rule.six, &to) ||
        !netlink_read_u32(attrs.at[FRA_TABLE], &rule.table) ||
        !netlink_read_u32(attrs.at[FRA_PRIORITY], &rule.priority) ||
        !netlink_read_bytes(attrs.at[FRA_PROTOCOL], &rule.protocol, sizeof rule.protocol))
        return false;
    read_name(attrs.at[FRA_IIFNAME], rule.in, sizeof rule.in);
    rule.from = prefix_make(rule.six, from, head->src_len);
    rule.to = prefix_make(rule.six, to, head->dst_len);
    *ret_rule = rule;
    return true;
}

static bool read_proxy(const struct nlmsghdr *header, struct rtnetlink_address *ret_proxy)
{
    const struct ndmsg *head = head_of(header, sizeof *head);
    struct rtnetlink_address proxy = {0};
    if (!head || !(head->ndm_flags & NTF_PROXY) || !family_of(head->ndm_family, &proxy.six))
        return false;
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof *head);
    if (!netlink_read_addr(attrs.at[NDA_DST], proxy.six, &proxy.addr))
        return false;
    proxy.index = (uint32_t)head->ndm_ifindex;
    proxy.on = prefix_make(proxy.six, proxy.addr, ip_bits(proxy.six));
    *ret_proxy = proxy;
    return proxy.addr != 0;
}

static bool read_error(const struct nlmsghdr *header, int *ret_error)
{
    const struct nlmsgerr *error = head_of(header, sizeof *error);
    if (!error || error->error == INT32_MIN)
        return false;
    *ret_error = -error->error;
    return true;
}

/* -- which it is -- */

static bool read_message(const struct nlmsghdr *header, struct rtnetlink_said *said)
{
    switch (header->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        return read_device(header, &said->device);
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return read_address(header, &said->address);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return read_route(header, &said->route);
    case RTM_NEWRULE:
    case RTM_DELRULE:
        return read_rule(header, &said->rule);
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
        return read_proxy(header, &said->proxy);
    case NLMSG_ERROR:
        return read_error(header, &said->error);
    case NLMSG_DONE:
        return true;
    default:
        return false;
    }
}

static enum rtnetlink_kind kind_of(uint16_t type)
{
    static const struct {
        uint16_t type;
        enum rtnetlink_kind kind;
    } kinds[] = {
        {RTM_NEWLINK, RTNETLINK_DEVICE},  {RTM_DELLINK, RTNETLINK_DEVICE_GONE},
        {RTM_NEWADDR, RTNETLINK_ADDRESS}, {RTM_DELADDR, RTNETLINK_ADDRESS_GONE},
        {RTM_NEWROUTE, RTNETLINK_ROUTE},  {RTM_DELROUTE, RTNETLINK_ROUTE_GONE},
        {RTM_NEWRULE, RTNETLINK_RULE},    {RTM_DELRULE, RTNETLINK_RULE_GONE},
        {RTM_NEWNEIGH, RTNETLINK_PROXY},  {RTM_DELNEIGH, RTNETLINK_PROXY_GONE},
        {NLMSG_ERROR, RTNETLINK_ERROR},   {NLMSG_DONE, RTNETLINK_DONE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].type == type)
            return kinds[i].kind;
    }
    return RTNETLINK_OTHER;
}

bool rtnetlink_next(struct slice *bytes, struct rtnetlink_said *ret_said)
{
    const struct nlmsghdr *header = netlink_take(bytes);
    if (!header)
        return false;
    memset(ret_said, 0, sizeof *ret_said);
    ret_said->sequence = header->nlmsg_seq;
    ret_said->interrupted = header->nlmsg_flags & NLM_F_DUMP_INTR;
    if (read_message(header, ret_said))
        ret_said->kind = kind_of(header->nlmsg_type);
    return true;
}
