#include "run/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

static size_t whole_words(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

/* -- addresses -- */

static void put_addr(struct nlmsghdr *header, uint16_t type, bool six, ip_addr addr)
{
    uint8_t bytes[16];
    size_t size = six ? 16 : 4;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(addr >> (8 * (size - 1 - i)));
    mnl_attr_put(header, type, size, bytes);
}

static bool get_addr(const struct nlattr *attr, bool six, ip_addr *ret_addr)
{
    const uint8_t *bytes = mnl_attr_get_payload(attr);
    size_t size = six ? 16 : 4;
    if (mnl_attr_get_payload_len(attr) < size)
        return false;
    ip_addr addr = 0;
    for (size_t i = 0; i < size; i++)
        addr = addr << 8 | bytes[i];
    *ret_addr = addr;
    return true;
}

static bool get_u32(const struct nlattr *attr, uint32_t *ret_value)
{
    if (mnl_attr_get_payload_len(attr) < sizeof *ret_value)
        return false;
    memcpy(ret_value, mnl_attr_get_payload(attr), sizeof *ret_value);
    return true;
}

/* -- what the kernel says -- */

enum { ATTRS = 32 }; /* more than the types that are asked for */

struct attrs {
    const struct nlattr *at[ATTRS]; /* by type; NULL: not there */
};

static int keep_attr(const struct nlattr *attr, void *context)
{
    struct attrs *attrs = context;
    uint16_t type = mnl_attr_get_type(attr);
    if (type < ATTRS)
        attrs->at[type] = attr;
    return MNL_CB_OK;
}

static struct attrs attrs_of(const struct nlmsghdr *header, unsigned offset)
{
    struct attrs attrs = {{NULL}};
    mnl_attr_parse(header, offset, keep_attr, &attrs);
    return attrs;
}

/* What is not there stays as it is. */
static bool read_number(const struct nlattr *attr, uint32_t *ret_value)
{
    return !attr || get_u32(attr, ret_value);
}

static bool read_addr(const struct nlattr *attr, bool six, ip_addr *ret_addr)
{
    return !attr || get_addr(attr, six, ret_addr);
}

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
    struct attrs attrs = attrs_of(header, sizeof *route);
    if (!read_addr(attrs.at[RTA_DST], six, &to) ||
        !read_addr(attrs.at[RTA_GATEWAY], six, &entry.gateway) ||
        !read_number(attrs.at[RTA_OIF], &entry.interface) ||
        !read_number(attrs.at[RTA_PRIORITY], &entry.metric) ||
        !read_number(attrs.at[RTA_TABLE], &in_table))
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
    struct attrs attrs = attrs_of(header, sizeof *address);
    /* on a point-to-point link IFA_ADDRESS is the other end's */
    const struct nlattr *own = attrs.at[IFA_LOCAL] ? attrs.at[IFA_LOCAL] : attrs.at[IFA_ADDRESS];
    return own && get_addr(own, six, &said->addr);
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
    const struct nlmsghdr *header = (const void *)bytes->data;
    int left = bytes->size > INT32_MAX ? INT32_MAX : (int)bytes->size;
    if (!mnl_nlmsg_ok(header, left) || header->nlmsg_len > bytes->size) /* libmnl takes it as int */
        return false;
    size_t size = whole_words(header->nlmsg_len);
    *ret_said = (struct netlink_said){.kind = SAID_OTHER,
                                      .sequence = header->nlmsg_seq,
                                      .interrupted = header->nlmsg_flags & NLM_F_DUMP_INTR};
    read_message(header, table, ret_said);
    size = size < bytes->size ? size : bytes->size;
    bytes->data += size;
    bytes->size -= size;
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
        put_addr(header, RTA_DST, six, entry->prefix.addr);
    mnl_attr_put_u32(header, RTA_TABLE, table);
    mnl_attr_put_u32(header, RTA_PRIORITY, entry->metric);
    if (put && entry->kind == FIB_UNICAST) {
        if (entry->gateway != 0)
            put_addr(header, RTA_GATEWAY, six, entry->gateway);
        mnl_attr_put_u32(header, RTA_OIF, entry->interface);
    }
    return whole_words(header->nlmsg_len);
}

size_t netlink_dump(uint8_t *data, enum netlink_dump what, uint32_t sequence)
{
    bool routes = what == NETLINK_DUMP_ROUTES;
    struct nlmsghdr *header =
        begin(data, routes ? RTM_GETROUTE : RTM_GETADDR, NLM_F_DUMP, sequence);
    struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof *route);
    route->rtm_family = AF_UNSPEC; /* of ifaddrmsg, the same place */
    return whole_words(header->nlmsg_len);
}
