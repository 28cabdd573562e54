#include "run/netlink.h"

#include "plane/netlink_attrs.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

/* -- what the kernel says -- */

/* Several next hops are never ours, and are told without any: the prefix and metric are taken. */
static bool read_route(const struct nlmsghdr *header, uint32_t table, struct fib_entry *ret_entry)
{
    const struct rtmsg *route = mnl_nlmsg_get_payload(header);
    if (mnl_nlmsg_get_payload_len(header) < sizeof *route)
        return false;
    bool six = route->rtm_family == AF_INET6;
    bool usable = route->rtm_type == RTN_UNICAST || route->rtm_type == RTN_BLACKHOLE;
    if ((!six && route->rtm_family != AF_INET) || !usable || route->rtm_flags & RTM_F_CLONED ||
        route->rtm_dst_len > ip_bits(six) || route->rtm_src_len != 0)
        return false;
    struct fib_entry entry = {.protocol = route->rtm_protocol,
                              .kind = route->rtm_type == RTN_UNICAST ? FIB_UNICAST : FIB_BLACKHOLE};
    uint32_t in_table = route->rtm_table;
    ip_addr to = 0;
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof *route);
    if (!netlink_read_addr(attrs.at[RTA_DST], six, &to) ||
        !netlink_read_addr(attrs.at[RTA_GATEWAY], six, &entry.gateway) ||
        !netlink_read_u32(attrs.at[RTA_OIF], &entry.interface) ||
        !netlink_read_u32(attrs.at[RTA_PRIORITY], &entry.metric) ||
        !netlink_read_u32(attrs.at[RTA_TABLE], &in_table))
        return false;
    if (entry.kind == FIB_BLACKHOLE) /* IPv6's has the loopback */
        entry.interface = 0;
    entry.prefix = prefix_make(six, to, route->rtm_dst_len);
    *ret_entry = entry;
    return in_table == table;
}

static bool read_address(const struct nlmsghdr *header, struct netlink_said *said)
{
    const struct ifaddrmsg *address = mnl_nlmsg_get_payload(header);
    if (mnl_nlmsg_get_payload_len(header) < sizeof *address)
        return false;
    bool six = address->ifa_family == AF_INET6;
    if (!six && address->ifa_family != AF_INET)
        return false;
    said->index = address->ifa_index;
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof *address);
    /* on a point-to-point link IFA_ADDRESS is the other end's */
    const struct nlattr *own = attrs.at[IFA_LOCAL] ? attrs.at[IFA_LOCAL] : attrs.at[IFA_ADDRESS];
    return own && netlink_read_addr(own, six, &said->addr);
}

static void read_link(const struct nlmsghdr *header, struct netlink_said *said)
{
    const struct ifinfomsg *link = mnl_nlmsg_get_payload(header);
    if (mnl_nlmsg_get_payload_len(header) < sizeof *link)
        return;
    said->kind = SAID_LINK;
    said->index = (uint32_t)link->ifi_index;
}

static void read_error(const struct nlmsghdr *header, struct netlink_said *said)
{
    const struct nlmsgerr *error = mnl_nlmsg_get_payload(header);
    if (mnl_nlmsg_get_payload_len(header) < sizeof *error)
        return;
    said->kind = SAID_ERROR;
    said->error = -error->error;
}

static void read_message(const struct nlmsghdr *header, uint32_t table, struct netlink_said *said)
{
    switch (header->nlmsg_type) {
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        if (read_route(header, table, &said->entry))
            said->kind = header->nlmsg_type == RTM_NEWROUTE ? SAID_ROUTE : SAID_ROUTE_GONE;
        break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
        if (read_address(header, said))
            said->kind = header->nlmsg_type == RTM_NEWADDR ? SAID_ADDRESS : SAID_ADDRESS_GONE;
        break;
    case RTM_NEWLINK:
    case RTM_DELLINK:
        read_link(header, said);
        break;
    case NLMSG_ERROR:
        read_error(header, said);
        break;
    case NLMSG_DONE:
        said->kind = SAID_DONE;
        break;
    default:
        break;
    }
}

bool netlink_next(struct slice *bytes, uint32_t table, struct netlink_said *ret_said)
{
    const struct nlmsghdr *header = netlink_take(bytes);
    if (!header)
        return false;
    *ret_said = (struct netlink_said){.kind = SAID_OTHER,
                                      .sequence = header->nlmsg_seq,
                                      .interrupted = header->nlmsg_flags & NLM_F_DUMP_INTR};
    read_message(header, table, ret_said);
    return true;
}

/* -- what is asked of it -- */

static struct nlmsghdr *begin(uint8_t *data, uint16_t type, uint16_t flags, uint32_t sequence)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(data);
    header->nlmsg_type = type;
    header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    header->nlmsg_seq = sequence;
    return header;
}

size_t netlink_change(uint8_t *data, enum fib_verb verb, const struct fib_entry *entry,
                      uint32_t table, uint32_t sequence)
{
    bool put = verb == FIB_PUT, six = entry->prefix.six;
    struct nlmsghdr *header = begin(data, put ? RTM_NEWROUTE : RTM_DELROUTE,
                                    put ? NLM_F_CREATE | NLM_F_REPLACE : 0, sequence);
    struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof *route);
    route->rtm_family = six ? AF_INET6 : AF_INET;
    route->rtm_dst_len = entry->prefix.len;
    route->rtm_table = table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC;
    route->rtm_protocol = FIB_PROTOCOL; /* of a removal, too: another's is left alone */
    route->rtm_scope = put ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE;
    route->rtm_type = entry->kind == FIB_BLACKHOLE ? RTN_BLACKHOLE : RTN_UNICAST;
    if (put && entry->kind == FIB_UNICAST && entry->gateway == 0 && !six)
        route->rtm_scope = RT_SCOPE_LINK;
    if (entry->prefix.len > 0)
        netlink_put_addr(header, RTA_DST, entry->prefix.addr, six);
    mnl_attr_put_u32(header, RTA_TABLE, table);
    mnl_attr_put_u32(header, RTA_PRIORITY, entry->metric);
    if (put && entry->kind == FIB_UNICAST) {
        if (entry->gateway != 0)
            netlink_put_addr(header, RTA_GATEWAY, entry->gateway, six);
        mnl_attr_put_u32(header, RTA_OIF, entry->interface);
    }
    return netlink_whole(header->nlmsg_len);
}

size_t netlink_dump(uint8_t *data, enum netlink_dump what, uint32_t sequence)
{
    bool routes = what == NETLINK_DUMP_ROUTES;
    struct nlmsghdr *header =
        begin(data, routes ? RTM_GETROUTE : RTM_GETADDR, NLM_F_DUMP, sequence);
    struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof *route);
    route->rtm_family = AF_UNSPEC; /* of ifaddrmsg, the same place */
    return netlink_whole(header->nlmsg_len);
}
