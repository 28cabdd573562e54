/* Addresses, routes, rules and proxies of a namespace. Each function says how it shall be, and does
 * nothing where it is so already. What is ours among routes and rules is told by their protocol,
 * and only that is removed. */
#pragma once

#include "plane/rtnetlink.h"

/* rtm_protocol of what this room makes. Routes that neighbors announced have another, of the room
 * fib, so that neither touches the other's. */
enum { ROUTES_PROTOCOL = 116, ROUTES_MAIN_TABLE = 254 };

struct plane_address {
    ip_addr addr;
    uint8_t len;
    ip_addr peer; /* the other end's, when the device is point-to-point; len is then the peer's */
    const char *label; /* of IPv4's: "lo:", say, and more; NULL: the device's name */
};

/* IPv6 addresses are usable at once: no duplicate is looked for. */
bool address_put(struct rtnetlink *here, const char *device, const struct plane_address *address,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));
bool address_remove(struct rtnetlink *here, const char *device, const struct plane_address *address,
                    struct trouble *ret_trouble);
/* The device shall have these and no others, save what the kernel gives by itself: link-local
 * addresses of IPv6, and the loopback's. Where that is so nothing is changed, nor told by the
 * kernel. */
bool address_all(struct rtnetlink *here, const char *device, const struct plane_address *addresses,
                 size_t count, struct trouble *ret_trouble) __attribute__((warn_unused_result));

struct plane_route {
    struct prefix to;
    uint32_t table;     /* 0: ROUTES_MAIN_TABLE */
    const char *device; /* "" or NULL with a gateway: where the gateway is */
    ip_addr gateway;    /* 0: on the link */
    bool onlink;        /* the gateway is on the device, whatever its addresses say */
    ip_addr source;     /* preferred; 0: the kernel's choice */
    uint32_t metric;
    enum rtnetlink_route_kind kind; /* BLACKHOLE and UNREACHABLE have neither device nor gateway */
};

/* Replaces whatever has the same prefix, table and metric. */
bool route_put(struct rtnetlink *here, const struct plane_route *route, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
/* Prefix, table and metric say which. */
bool route_remove(struct rtnetlink *here, const struct plane_route *route,
                  struct trouble *ret_trouble);
/* All of ours in the table. */
bool route_clear(struct rtnetlink *here, uint32_t table, struct trouble *ret_trouble);

/* The table shall have these of ours and no others. What is new comes before what is old goes. */
bool route_all(struct rtnetlink *here, uint32_t table, const struct plane_route *routes,
               size_t count, struct trouble *ret_trouble) __attribute__((warn_unused_result));

struct plane_rule {
    bool six;
    struct prefix from, to; /* length 0: all */
    const char *in;         /* device through which the packet came; NULL: any; "lo": our own */
    uint32_t table;         /* 0: the packet is refused as unreachable */
    bool hosts;             /* of the table only the routes to a single address count */
    uint32_t priority;      /* the lower, the earlier; the main table is asked at 32766 */
};

bool rule_put(struct rtnetlink *here, const struct plane_rule *rule, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
bool rule_remove(struct rtnetlink *here, const struct plane_rule *rule,
                 struct trouble *ret_trouble);
/* All of ours with a priority from least to most. */
bool rule_clear(struct rtnetlink *here, uint32_t least, uint32_t most, struct trouble *ret_trouble);

/* Of ours with a priority from least to most there shall be these and no others; what is new comes
 * before what is old goes. */
bool rule_all(struct rtnetlink *here, uint32_t least, uint32_t most, const struct plane_rule *rules,
              size_t count, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* The kernel's table of local addresses is asked for single ones alone from now on (IPv4): a range
 * in it may be spoken from, but is answered for only where the other tables lead to it. */
bool rule_local_hosts(struct rtnetlink *here, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The device answers for the address, which is somebody else's (ARP, neighbor discovery). */
bool proxy_put(struct rtnetlink *here, const char *device, ip_addr addr,
               struct trouble *ret_trouble) __attribute__((warn_unused_result));
bool proxy_remove(struct rtnetlink *here, const char *device, ip_addr addr,
                  struct trouble *ret_trouble);

bool proxy_each(struct rtnetlink *here, rtnetlink_hearer *hearer, void *context,
                struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Everything that is there, ours or not; table 0: of all tables. */
bool address_each(struct rtnetlink *here, rtnetlink_hearer *hearer, void *context,
                  struct trouble *ret_trouble) __attribute__((warn_unused_result));
bool route_each(struct rtnetlink *here, uint32_t table, rtnetlink_hearer *hearer, void *context,
                struct trouble *ret_trouble) __attribute__((warn_unused_result));
bool rule_each(struct rtnetlink *here, rtnetlink_hearer *hearer, void *context,
               struct trouble *ret_trouble) __attribute__((warn_unused_result));
