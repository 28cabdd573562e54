/* What the kernel says of devices, addresses, routes, rules and neighbors: one message in, one
 * plain struct out, no sockets. Whatever does not fit is RTNETLINK_OTHER. */
#pragma once

#include "base/slice.h"
#include "net/ip.h"
#include "plane/names.h"

enum rtnetlink_kind {
    RTNETLINK_OTHER,
    RTNETLINK_DEVICE,
    RTNETLINK_DEVICE_GONE,
    RTNETLINK_ADDRESS,
    RTNETLINK_ADDRESS_GONE,
    RTNETLINK_ROUTE,
    RTNETLINK_ROUTE_GONE,
    RTNETLINK_RULE,
    RTNETLINK_RULE_GONE,
    RTNETLINK_PROXY, /* a neighbor entry that answers for an address */
    RTNETLINK_PROXY_GONE,
    RTNETLINK_DONE,
    RTNETLINK_ERROR,
};

enum { RTNETLINK_KIND_BYTES = 16, RTNETLINK_ALIAS_BYTES = 64 };

struct rtnetlink_device {
    uint32_t index;
    char name[NAME_DEVICE_BYTES];
    char kind[RTNETLINK_KIND_BYTES]; /* "veth", "xfrm", "vlan", "tun", "dummy"; "": hardware */
    bool up;                         /* wanted up */
    bool running;                    /* is up, with a carrier */
    bool alone;                      /* it knows no neighbors (IFF_NOARP) */
    uint32_t mtu;
    uint32_t lower;      /* index of the device below, or of a pair's other end; 0: none */
    int32_t lower_space; /* the kernel's number of the namespace that it is in; -1: the same */
    uint32_t if_id;      /* of an XFRM interface */
    uint16_t vlan;       /* 802.1Q number */
    char alias[RTNETLINK_ALIAS_BYTES]; /* "": none, or a longer one than any of ours */
    /* for sure only where they were asked for (rtnetlink_counts) */
    uint64_t received_packets, sent_packets, sent_bytes;
};

struct rtnetlink_address {
    uint32_t index;
    struct prefix on; /* host bits cleared */
    ip_addr addr;     /* ours */
    ip_addr peer;     /* the other end's; 0: not point-to-point */
    bool six;
    char label[NAME_DEVICE_BYTES]; /* of IPv4's: the device's name, or that and more */
};

enum rtnetlink_route_kind {
    RTNETLINK_UNICAST_ROUTE,
    RTNETLINK_BLACKHOLE_ROUTE,
    RTNETLINK_UNREACHABLE_ROUTE,
    RTNETLINK_LOCAL_ROUTE, /* to this host, whatever addresses it has */
    RTNETLINK_OTHER_ROUTE
};

struct rtnetlink_route {
    struct prefix to;
    uint32_t table;
    enum rtnetlink_route_kind kind;
    uint8_t protocol; /* rtm_protocol: who made it */
    ip_addr gateway;  /* 0: on the link; may be of the other family than the prefix: never here */
    ip_addr source;   /* preferred; 0: the kernel's choice */
    uint32_t index;   /* 0: none */
    uint32_t metric;
};

struct rtnetlink_rule {
    bool six;
    struct prefix from, to; /* length 0: all */
    char in[NAME_DEVICE_BYTES];
    uint32_t table;
    uint32_t priority;
    uint8_t protocol; /* who made it */
    bool refuses;     /* unreachable, prohibit or blackhole instead of a look-up */
};

struct rtnetlink_said {
    enum rtnetlink_kind kind;
    uint32_t sequence; /* of the request that it answers; 0: nobody asked */
    bool interrupted;  /* the dump is not of one moment: to be begun again */
    int error;         /* errno of ERROR; 0: an acknowledgement */
    union {
        struct rtnetlink_device device;
        struct rtnetlink_address address;
        struct rtnetlink_route route;
        struct rtnetlink_rule rule;
        struct rtnetlink_address proxy; /* addr and index */
    };
};

/* Takes the next message out of the bytes, which are aligned to 4; false: there is none, or what is
 * left is none. */
bool rtnetlink_next(struct slice *bytes, struct rtnetlink_said *ret_said)
    __attribute__((warn_unused_result));
