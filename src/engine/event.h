/* Events: everything that an engine is told. Names and sentences are in event.def. Slices and
 * arrays in an event are borrowed for the step. Identifiers are chosen by whoever drives the
 * engine, dense from 1 for each kind; 0 is none. */
#pragma once

#include "base/slice.h"
#include "guard/export.h"
#include "guard/prefix_list.h"
#include "net/ip.h"
#include "rib/edit.h"
#include "table/platform.h"
#include "vpc/vpc.h"

enum event_kind {
#define EVENT(name, word, sentence) EVENT_##name,
#include "engine/event.def"
#undef EVENT
    EVENT_COUNT
};

const char *event_word(enum event_kind kind);
const char *event_sentence(enum event_kind kind);

/* What hangs on the engine: policy, guard and split horizon are the attachment's. */
enum attachment_kind {
    ATTACHMENT_PLAIN, /* a router's BGP neighbor */
    ATTACHMENT_VPN,   /* a VPN connection, BGP or static, with one or two tunnels */
    ATTACHMENT_DX,    /* a Direct Connect virtual interface */
};

/* Said again for the same attachment it changes the policy. */
struct event_attachment {
    uint16_t attachment;
    enum attachment_kind kind;
    uint16_t customer_gateway; /* 0: none; the guard's question is asked per customer gateway */
    enum guard_policy guard;
    uint32_t prefix_limit;    /* accepted from one session; 0: none (facts/aws.md 3.1) */
    bool limit_refuses_alone; /* policy: refuse the 101st alone instead of closing the session */
    bool refuse_default;      /* policy: a default route is not accepted */
    uint8_t warn_percent;     /* of the limit, where it is told that it is near; 0: AWS's 80 */
    bool policy_required; /* RFC 8212: where no policy is said, nothing is accepted or announced */
};

/* Said again for a neighbor that was halted, it is another one from its next start on; its
 * attachment stays. */
struct event_neighbor {
    uint16_t neighbor;
    uint16_t attachment;
    uint16_t interface;
    ip_addr local_addr; /* also the NEXT_HOP announced */
    ip_addr peer_addr;
    ip_addr
        other_addr; /* ours of the other family: the next hop of its routes; 0: none are exchanged
                     */
    ip_addr outside_addr; /* of the tunnel, on our side: the lower one is preferred; 0: none */
    uint32_t peer_asn;
    uint32_t med; /* announced; 0: none. A VGW sends one on the tunnel that it did not choose */
    uint16_t hold_s;
    uint16_t keepalive_s;
    uint16_t connect_retry_s;
    bool passive;
    uint8_t allowas_in; /* how often our own ASN may stand in a received path */
    uint8_t bfd_multiplier;
    uint16_t restart_s; /* graceful restart (RFC 4724): how long we may be away; 0: not offered */
    uint16_t advertisement_s; /* between announcements of a prefix (RFC 4271 9.2.1.1); 0: at once */
    uint32_t bfd_interval_us; /* 0: no BFD */
};

struct event_interface {
    uint16_t interface;
    ip_addr addr; /* 0: unnumbered */
    uint8_t len;  /* of the connected prefix */
    bool up;
};

/* A route that BGP did not bring. With prefix and source, tag is its identity. */
struct event_route {
    struct prefix prefix;
    enum route_source source;
    uint32_t tag;
    ip_addr gateway;    /* 0: none */
    uint16_t interface; /* 0: where the gateway's own route leads */
    bool discard;
    bool has_distance; /* otherwise the platform's for the source */
    bool has_metric;
    uint8_t distance;
    uint32_t metric;
};

struct event_announce {
    struct prefix prefix;
    const uint32_t *as_path; /* behind our own ASN; empty: we originate the prefix */
    const uint32_t *communities;
    uint16_t as_path_count;
    uint16_t community_count;
    bool has_med;
    bool aside; /* a default that we announce and do not use (default-originate): the best that we
                   are told is in our table all the same. Of prefixes longer than /0 no matter */
    uint32_t med;
};

/* What is asked on import is what the neighbor says, before a policy has changed it; on export,
 * what stands in the Loc-RIB. */
struct event_filter {
    uint16_t attachment;
    bool export;  /* else import */
    bool allowed; /* of import: the allow-list, which is asked before the filter; no rules and
                     permit_rest: there is none any more */
    bool permit_rest;
    uint16_t count;
    const struct prefix_rule *rules; /* the whole filter */
};

struct event_policy {
    uint16_t attachment;
    bool export; /* else import */
    struct route_edit edit;
};

struct event_connection {
    uint16_t neighbor;
    uint8_t slot; /* BGP_OUT: we connected; BGP_IN: the neighbor did */
};

struct event_halt {
    struct event_connection connection; /* its neighbor */
    uint8_t cease;     /* subcode of RFC 4486: 2 shutdown (also 0), 3 de-configured, 4 reset */
    struct slice text; /* of 2 and 4, RFC 9003: UTF-8, at most 255 bytes of it are said */
};

struct event_received {
    struct event_connection connection;
    struct slice bytes;
};

struct event_static_vpn {
    uint16_t attachment;
    uint16_t interface; /* of the tunnel in use */
    struct prefix prefix;
    bool present;
};

struct event_endpoint {
    uint16_t customer_gateway;
    ip_addr addr;
    bool present;
};

/* The gateway's number as a target in the VPCs that its engine holds. */
enum { ENGINE_GATEWAY = 1 };

/* A VPC and what belongs to it; VPCs, tables and subnets are made in order of their numbers. Said
 * again it is empty but for its ranges, and all else of it is said anew. */
struct event_vpc {
    uint16_t vpc;
    uint16_t interface;        /* through which the gateway reaches it; 0: no gateway's */
    uint32_t propagated_limit; /* a table; 0: AWS's */
};

struct event_vpc_part {
    uint16_t vpc;
    uint16_t table;
    struct prefix prefix;       /* VPC_CIDR, VPC_SUBNET, VPC_ROUTE */
    struct vpc_target target;   /* VPC_ROUTE, VPC_TARGET */
    struct vpc_peering peering; /* VPC_PEERING */
    bool present; /* VPC_CIDR, VPC_ROUTE, VPC_TARGET; VPC_TABLE: the gateway propagates into it */
};

struct event_boot {
    uint64_t seed;
    uint16_t deferral_s; /* an earlier life ended without a word, and what it forwarded by is still
                            there: how long at most neighbors are waited for before it changes
                            (RFC 4724 4.1); 0: it is a fresh start */
};

struct event {
    enum event_kind kind;
    int64_t at_us; /* never before the previous event's */
    union {
        struct event_boot boot;             /* BOOT */
        struct event_attachment attachment; /* ATTACHMENT */
        struct event_neighbor neighbor;     /* NEIGHBOR */
        struct event_connection connection; /* CONNECTED, CONNECT_FAILED, CLOSED, START, STUCK */
        struct event_halt halt;             /* HALT */
        struct event_received received;     /* RECEIVED; BFD_RECEIVED: no slot */
        struct event_interface interface;   /* INTERFACE */
        struct event_route route;           /* ROUTE_SET, ROUTE_REMOVE */
        struct event_announce announce;     /* ANNOUNCE; WITHDRAW: its prefix */
        struct event_static_vpn static_vpn; /* STATIC_VPN */
        struct event_filter filter;         /* FILTER */
        struct event_policy policy;         /* POLICY */
        struct event_endpoint endpoint;     /* ENDPOINT */
        struct event_vpc vpc;               /* VPC */
        struct event_vpc_part vpc_part;     /* VPC_CIDR and its kind */
    };
};
