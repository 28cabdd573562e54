/* The parts that the nouns of a network file are made of: references, routes, announcements,
 * filters, timers. network/network.h is the place to begin. */
#pragma once

#include "net/ip.h"
#include "network/diagnostics.h"
#include "table/platform.h"

enum network_kind {
    NETWORK_NOTHING, /* the reference was left out */
    NETWORK_VPC,
    NETWORK_ROUTE_TABLE,
    NETWORK_SUBNET,
    NETWORK_INSTANCE,
    NETWORK_INTERNET_GATEWAY,
    NETWORK_PEERING,
    NETWORK_VPN_GATEWAY,
    NETWORK_CUSTOMER_GATEWAY,
    NETWORK_VPN_CONNECTION,
    NETWORK_TUNNEL, /* written vpn-vyatta/1 */
    NETWORK_DIRECT_CONNECT,
    NETWORK_ROUTER,
    NETWORK_SECURITY_GROUP,
    NETWORK_ACL,
    NETWORK_PREFIX_LIST,
    NETWORK_BLACKHOLE, /* a route's target */
    NETWORK_ADDRESS,   /* an end of `wanted` given as an address */
    NETWORK_PREFIX,    /* the far side of a rule given as a range */
    NETWORK_KINDS
};

/* A name used somewhere, and what it stands for. index counts in the network's list of that kind;
 * for what lives inside something (instance, subnet, route table, security group, network ACL: its
 * VPC; tunnel: its connection) index is the owner and part the place inside it, from 0. Both are -1
 * when there is none. */
struct network_ref {
    char *id; /* NULL: left out */
    struct place place;
    enum network_kind kind;
    int32_t index;
    int32_t part;
    ip_addr address; /* NETWORK_ADDRESS, NETWORK_PREFIX */
    uint8_t len;     /* NETWORK_PREFIX */
    bool six;        /* NETWORK_PREFIX: ::/0 has the address 0, too */
};

enum network_guard {
    NETWORK_GUARD_UNSAID, /* hold on a sekisho gateway, none on an aws one */
    NETWORK_GUARD_NONE,   /* never written; what network_guard_of says of an aws gateway */
    NETWORK_GUARD_HOLD,
    NETWORK_GUARD_WARN,
    NETWORK_GUARD_CARVE,
    NETWORK_GUARD_REFUSE,
};

/* A line of a router's or an instance's own table. */
struct network_route {
    struct place place;
    struct prefix prefix;
    ip_addr via;               /* next hop; 0: none */
    struct network_ref tunnel; /* next hop is this tunnel */
    char *interface;           /* such as eth0 */
    bool blackhole;
    enum route_source from; /* static, dhcp, kernel or connected */
    int64_t distance;       /* -1: the platform's for its source */
    int64_t metric;         /* -1: the platform's for its source */
};

/* A line of a VPC's route table. */
struct network_vpc_route {
    struct place place;
    struct prefix prefix;
    struct network_ref target; /* instance, internet or VPN gateway, peering, or blackhole */
    char *was;                 /* of a blackhole: what it led to, which is gone; NULL: not said */
};

/* What is said of a prefix in BGP. In the file a bare prefix will do. */
struct network_announcement {
    struct place place;
    struct prefix prefix;
    uint32_t *as_path; /* behind the speaker's own AS; NULL: it originates the prefix */
    size_t as_path_count;
    int64_t med; /* -1: none */
    uint32_t *communities;
    size_t community_count;
};

/* First match decides. What no rule matches is permitted if all rules deny, denied if one permits.
 * Without ge and le the length must be equal; le alone: from the prefix's own length; ge alone: up
 * to 32. */
struct network_rule {
    struct place place;
    enum network_rule_action { NETWORK_RULE_NONE, NETWORK_DENY, NETWORK_PERMIT } action;
    struct prefix prefix;
    int64_t ge;         /* -1: not said */
    int64_t le;         /* -1: not said */
    uint32_t community; /* only routes that have it; 0: all */
    ip_addr neighbor;   /* in a router's filters: only towards this neighbor; 0: towards all */
};

struct network_filter {
    struct network_rule *rules; /* NULL: everything passes */
    size_t rule_count;
};

/* What is changed in the routes that pass; see rib/edit.h. */
struct network_edit {
    struct place place;
    int64_t local_preference; /* on import; -1: as it came */
    int64_t med;              /* on export; -1: none but the gateway's own */
    int64_t prepend;          /* on export, to external neighbors */
    uint32_t *add;
    size_t add_count;
    uint32_t *remove;
    size_t remove_count;
    bool keep_communities;
};

/* What an attachment does with routes besides its filters, at the gateway's end or, of a router, at
 * the router's. */
struct network_policy {
    struct network_rule *accept; /* the allow-list, without actions; NULL: everything */
    size_t accept_count;
    bool refuse_default;
    struct network_edit *on_import, *on_export; /* NULL: nothing is changed */
};

/* RFC 5880, asynchronous, over a single hop. */
struct network_bfd {
    struct place place;
    int64_t interval_us; /* of packets in each direction */
    int64_t multiplier;  /* intervals of silence until the way counts as broken */
};

/* What the ends of a BGP session are to do. Who opens its sockets reads md5_file and ttl_security,
 * of an attachment; the key itself is never in the file, nor in anything that is made of it. */
struct network_session {
    struct place place;
    int64_t keepalive_us; /* -1 (routers only): as the attachment has it */
    int64_t hold_us;
    int64_t connect_retry_us; /* -1: the keepalive time */
    int64_t ttl_security;     /* hops to the neighbor, RFC 5082; -1: not used */
    int64_t advertise_us;     /* between announcements of a prefix; 0: at once */
    int64_t restart_us;       /* graceful restart, RFC 4724: how long away; 0: none */
    struct network_bfd *bfd;  /* of both ends; NULL: none */
    char *md5_file;           /* path of the file that holds the key, RFC 2385; NULL: none */
};

/* A Direct Connect's BGP peer of IPv6, beside the one of IPv4. */
struct network_session_six {
    struct place place;
    ip_addr vgw, peer;
    char *md5_file; /* NULL: the one that the other session has */
};

enum network_dpd_action { NETWORK_DPD_CLEAR, NETWORK_DPD_NONE, NETWORK_DPD_RESTART };

/* The peer is dead delay + retries x interval after its last packet. */
struct network_dpd {
    struct place place;
    int64_t delay_us;
    int64_t retries; /* requests sent in all */
    int64_t interval_us;
    enum network_dpd_action action;
};

/* What happens to the route beyond the limit: the session is closed as AWS does (Cease 6/1), or
 * that route alone is refused. */
enum network_over { NETWORK_OVER_UNSAID, NETWORK_OVER_CLOSE, NETWORK_OVER_REFUSE };

struct network_limits {
    struct place place;
    int64_t received;       /* routes accepted from one neighbor; -1: the gateway's */
    int64_t announced;      /* routes announced to one neighbor; -1: the gateway's */
    int64_t warn_percent;   /* -1: the gateway's */
    enum network_over over; /* unsaid: the gateway's */
};

/* A router's policy towards one neighbor. */
struct network_neighbor {
    struct place place;
    ip_addr address; /* the neighbor's */
    struct network_policy policy;
    struct network_limits limits; /* -1: none, and 80 %; announced is not used */
};

/* What a platform's profile says and this file overrides (table/platform.h has the meanings); -1:
 * as the profile has it. */
struct network_latency {
    struct place place;
    int64_t decision_us;
    int64_t rib_to_fib_us;
    int64_t withdraw_to_fib_us;
    int64_t session_restart_us;
    int64_t first_update_us;
};

/* Of one gateway; AWS's figures (VPN quotas, Direct Connect quotas) unless the file says other. */
struct network_gateway_limits {
    struct place place;
    int64_t vpn_received;  /* 100: per neighbor of a VPN connection */
    int64_t vpn_announced; /* 1000 */
    int64_t dx_received;   /* 100: per Direct Connect virtual interface */
    int64_t static_routes; /* 100: per VPN connection */
    int64_t connections;   /* 10 */
    int64_t propagated;    /* 100: per route table of the VPC */
    int64_t warn_percent;  /* 80 */
    enum network_over over;
};
