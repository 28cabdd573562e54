/* A netlink message's attributes and its bounds, for all who speak with the kernel about routes,
 * devices and addresses (rtnetlink(7)); no sockets. libmnl does the parsing and never looks past
 * the message. */
#pragma once

#include "base/slice.h"
#include "net/ip.h"

struct nlattr;
struct nlmsghdr;

enum { NETLINK_ATTRS = 64 }; /* more than the types that are asked for */

struct netlink_attrs {
    const struct nlattr *at[NETLINK_ATTRS]; /* by type; NULL: not there */
};

/* The next message of what a socket gave, and bytes goes behind it. NULL: none is there whole;
 * bytes is then as it was. */
const struct nlmsghdr *netlink_take(struct slice *bytes);

/* A message's size with its padding. */
size_t netlink_whole(size_t size);

/* offset: bytes of the family's own head, before the attributes. */
struct netlink_attrs netlink_attrs_of(const struct nlmsghdr *header, unsigned offset);
/* Of a nested attribute; NULL: no attribute at all. */
struct netlink_attrs netlink_attrs_in(const struct nlattr *nest);
/* Of bytes that hold nothing else, such as those behind a next hop's head. */
struct netlink_attrs netlink_attrs_among(struct slice bytes);

/* An attribute that is not there leaves *ret as it is. false: it is there, and too short. */
bool netlink_read_bytes(const struct nlattr *attr, void *ret, size_t size);
bool netlink_read_u32(const struct nlattr *attr, uint32_t *ret_value);
bool netlink_read_addr(const struct nlattr *attr, bool six, ip_addr *ret_addr);

/* The request has room for 20 bytes more. */
void netlink_put_addr(struct nlmsghdr *request, uint16_t type, ip_addr addr, bool six);
