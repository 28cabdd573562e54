/* The network file: one YAML file says a whole story in AWS's nouns, and becomes a struct network.
 *
 * This is what the file says and nothing else: no route is computed here, no engine built. What the
 * file may say stands in one table (network/schema.h); the reader, the writer, the copier, the
 * errors and the reference page all come from it, so they cannot disagree.
 *
 * Invariants of a struct network that network_parse returned: every reference is resolved; every id
 * is unique in the whole file (one name space for all nouns); every prefix has no host bits; story
 * times never run backwards; format(parse(text)) parses to an equal network. What AWS lets one
 * build and regret (equal ASNs, reserved inside ranges, a /30 used on two gateways of one customer)
 * is no error here: the checker reports it as a finding.
 *
 * Times are microseconds. A number that the file leaves open is -1, an address 0, a text NULL; such
 * values are the platform's or the gateway's to give. A list left out is NULL, a list written empty
 * is not NULL and has count 0: "no routes" is another statement than "routes not known". */
#pragma once

#include "base/slice.h"
#include "network/ipsec.h"
#include "network/parts.h"
#include "network/story.h"
#include "network/traffic.h"

#include <stdio.h>

struct network_route_table {
    struct place place;
    char *id;
    struct network_ref *propagate; /* VPN gateways */
    size_t propagate_count;
    struct network_vpc_route *routes; /* besides the local one, which every table has */
    size_t route_count;
};

struct network_subnet {
    struct place place;
    char *id;
    struct prefix cidr;
    struct prefix cidr_six;         /* or not six */
    struct network_ref route_table; /* of the same VPC; left out: its first one, if it has any */
    struct network_ref network_acl; /* of the same VPC; left out: not known, and nothing filtered */
    char *interface;                /* NULL: the machine's device is called like the subnet */
};

/* An instance gets an address and a default route through its subnet's first host by DHCP; what
 * `routes` says comes on top. An instance that is a router has its whole table there instead. */
struct network_instance {
    struct place place;
    char *id;
    struct network_ref subnet; /* of the same VPC */
    ip_addr address;
    ip_addr address_six;     /* 0: none */
    ip_addr elastic_address; /* 1:1 NAT at the internet gateway; 0: none */
    bool source_dest_check;
    bool dhcp; /* false: no default route but what `routes` says */
    struct network_ref router;
    char *interface; /* NULL: the machine's device is called like the instance */
    struct network_ref *security_groups; /* of the same VPC; NULL: not known, nothing filtered */
    size_t security_group_count;
    struct network_route *routes;
    size_t route_count;
};

struct network_vpc {
    struct place place;
    char *id;
    struct prefix *cidrs;
    size_t cidr_count;
    struct network_ref internet_gateway; /* defined here */
    struct network_route_table *route_tables;
    size_t route_table_count;
    struct network_security_group *security_groups;
    size_t security_group_count;
    struct network_acl *network_acls;
    size_t network_acl_count;
    struct network_subnet *subnets;
    size_t subnet_count;
    struct network_instance *instances;
    size_t instance_count;
};

struct network_peering {
    struct place place;
    char *id;
    struct network_ref requester, accepter; /* VPCs */
    enum network_peering_status {
        NETWORK_PEERING_ACTIVE,
        NETWORK_PEERING_PENDING,
        NETWORK_PEERING_REJECTED,
        NETWORK_PEERING_EXPIRED,
        NETWORK_PEERING_DELETED,
        NETWORK_PEERING_FAILED,
    } status; /* but ACTIVE: routes that name it are blackholes */
};

const char *network_peering_status_name(enum network_peering_status status); /* "pending" */

struct network_vpn_gateway {
    struct place place;
    char *id;
    uint32_t asn;
    struct network_ref vpc; /* left out: a hub without a VPC */
    enum platform platform; /* PLATFORM_AWS or PLATFORM_SEKISHO */
    enum network_fib { NETWORK_FIB_KERNEL, NETWORK_FIB_NONE } fib;
    enum network_plane { NETWORK_PLANE_AUTO, NETWORK_PLANE_USERSPACE, NETWORK_PLANE_XFRM } plane;
    enum network_default { NETWORK_OPEN, NETWORK_SHUT } default_policy;
    struct network_gateway_limits limits;
    struct network_latency latency;
};

enum network_startup { NETWORK_STARTUP_ADD, NETWORK_STARTUP_START };

struct network_customer_gateway {
    struct place place;
    char *id;
    uint32_t asn;
    ip_addr address;           /* 0: not known */
    struct network_ref router; /* left out: nothing is known of it */
    enum network_startup startup;
    struct network_dpd *dpd; /* NULL: as the connection has it */
};

/* network/inside.h says what is in it, and over what BGP speaks there. */
struct network_tunnel {
    struct place place;
    ip_addr outside;                /* the gateway's */
    ip_addr inside_vgw, inside_cgw; /* of one family; IPv6's: BGP speaks over it */
    struct prefix inside_six; /* first host the gateway's, second the customer's; or not six */
    ip_addr outside_local;    /* what outside becomes behind 1:1 NAT; 0: the same */
    char *psk, *psk_file;     /* NULL: not said */
    struct network_certificate *certificate; /* NULL: none */
    struct network_ipsec_options *options;   /* NULL: as the connection has them */
};

struct network_connection {
    struct place place;
    char *id;
    struct network_ref vpn_gateway, customer_gateway;
    enum network_guard guard;       /* as written; see network_guard_of */
    struct network_tunnel *tunnels; /* 1 or 2 */
    size_t tunnel_count;
    struct prefix *static_routes; /* not NULL: a static VPN, no BGP */
    size_t static_route_count;
    struct network_session bgp;
    struct network_dpd dpd;                /* both ends, unless the customer gateway says other */
    int64_t ike;                           /* version, 1 or 2 */
    struct network_ipsec_options *options; /* NULL: AWS's */
    enum network_startup startup;          /* the gateway's */
    enum network_ipsec { NETWORK_IPSEC_REQUIRED, NETWORK_IPSEC_NONE } ipsec;
    struct network_filter import, export; /* the gateway's */
    struct prefix *may_announce;          /* NULL: anything */
    size_t may_announce_count;
    bool internet_exit; /* a default route from here is wanted */
    struct network_limits limits;
    struct network_policy policy; /* the gateway's */
};

struct network_direct_connect {
    struct place place;
    char *id;
    struct network_ref vpn_gateway, router;
    int64_t vlan;    /* -1: untagged */
    char *interface; /* NULL: the machine's device is called like it, and is the VLAN already */
    ip_addr inside_vgw, inside_peer;
    struct prefix inside_six; /* first host the gateway's, second the router's; or not six */
    struct network_session_six *session_six; /* NULL: none beside inside's */
    struct network_session bgp;
    struct network_filter import, export; /* the gateway's */
    struct prefix *may_announce;          /* NULL: anything */
    size_t may_announce_count;
    bool internet_exit;
    struct network_limits limits;
    struct network_policy policy; /* the gateway's */
};

struct network_bgp {
    struct place place;
    uint32_t asn;
    struct network_announcement *announce; /* what its configuration says */
    size_t announce_count;
    struct network_announcement *received; /* what was seen of it at the gateway instead */
    size_t received_count;
    enum network_answer { NETWORK_UNSAID, NETWORK_NO, NETWORK_YES } announce_back;
    enum network_answer default_originate; /* a default that it announces is none that it uses */
    int64_t allowas_in;                    /* how often its own AS may stand in a path */
    struct network_filter import, export;
    struct network_neighbor *neighbors; /* towards whom it has a policy of its own */
    size_t neighbor_count;
    struct network_session timers;
};

/* The provider of a router, where it speaks BGP. */
struct network_underlay {
    struct place place;
    uint32_t asn;
    ip_addr address; /* 0: the router's gateway */
    struct network_announcement *announce;
    size_t announce_count;
};

/* A router is an instance (instances[].router), the far side of a Direct Connect, or a site: then
 * its address, or its customer gateway's, lies directly on the internet. */
struct network_router {
    struct place place;
    char *id;
    enum platform platform;
    ip_addr address; /* of its outer interface; 0: its instance's or its customer gateway's */
    ip_addr gateway; /* the underlay's next hop; 0: first host of its subnet, or the provider's */
    struct prefix *lan; /* networks connected behind it */
    size_t lan_count;
    struct network_route *routes; /* NULL: not known */
    size_t route_count;
    struct network_bgp *bgp; /* NULL: speaks none */
    bool outer_vrf;          /* the outer interface has a table of its own */
    enum network_rp_filter {
        NETWORK_RP_UNSAID,
        NETWORK_RP_NONE,
        NETWORK_RP_LOOSE,
        NETWORK_RP_STRICT,
    } rp_filter; /* said only: no run drops a packet for it */
    struct network_underlay *underlay;
    struct network_latency latency;
};

/* A comment of the file stands before what it is attached to, or at the end of its line. */
struct network_comment {
    struct place before; /* place of the struct it belongs to; 0: the file's end */
    char *key;           /* the key in it that the comment stands at; NULL: the whole */
    bool trailing;
    char *text; /* with its #; of several lines, empty ones among them, without the last newline */
};

struct network {
    struct place place;
    struct network_vpc *vpcs;
    size_t vpc_count;
    struct network_peering *vpc_peerings;
    size_t vpc_peering_count;
    struct network_prefix_list *prefix_lists;
    size_t prefix_list_count;
    struct network_vpn_gateway *vpn_gateways;
    size_t vpn_gateway_count;
    struct network_customer_gateway *customer_gateways;
    size_t customer_gateway_count;
    struct network_connection *vpn_connections;
    size_t vpn_connection_count;
    struct network_direct_connect *direct_connects;
    size_t direct_connect_count;
    struct network_router *routers;
    size_t router_count;
    struct network_wanted *wanted;
    size_t wanted_count;
    struct network_step *story;
    size_t step_count;
    struct network_recorded *recorded; /* in the order of time */
    size_t recorded_count;
    int64_t internet_delay_us;        /* one way; -1: the world's own */
    int64_t until_us;                 /* -1: two periods after the last step */
    struct network_comment *comments; /* in the file's order */
    size_t comment_count;
};

/* Reads, resolves and checks. All errors found are added to diagnostics. false: at least one, and
 * *ret_network is untouched. name is how messages call the file. The text is not kept. Bounded: at
 * most NETWORK_FILE_MAX bytes, NETWORK_DEPTH_MAX levels, NETWORK_NODES_MAX nodes; no aliases. */
bool network_parse(struct slice text, const char *name, struct diagnostics *diagnostics,
                   struct network **ret_network) __attribute__((warn_unused_result));

enum { NETWORK_FILE_MAX = 16 << 20, NETWORK_DEPTH_MAX = 32, NETWORK_NODES_MAX = 1 << 20 };
/* Items of a list: an engine numbers attachments, neighbors and a filter's rules with 16 bits. */
enum { NETWORK_ATTACHMENTS_MAX = 10000, NETWORK_RULES_MAX = 10000 };
/* AWS's quotas at their highest: of rules of a network ACL one may be told thousands by an export;
 * of groups of an interface 16, of entries of a managed prefix list 1000. */
enum { NETWORK_GROUPS_MAX = 16, NETWORK_LIST_MAX = 1000 };

void network_free(struct network *network);                         /* NULL is fine */
struct network *network_copy(const struct network *network);        /* deep */
bool network_equal(const struct network *, const struct network *); /* places apart */

/* Canonical YAML: keys in the schema's order, defaults left out, comments above what they stood. */
void network_format(const struct network *network, FILE *out);

/* What its lookups answer. */
enum network_guard network_guard_of(const struct network *network,
                                    const struct network_connection *connection);
bool network_filter_permits(const struct network_filter *filter, ip_addr neighbor,
                            struct prefix prefix);
/* May the attachment announce it? Where the file lists what, it must lie in that, or be the default
 * and meant (internet_exit); where it does not, anything. */
bool network_may_announce(const struct network *network, struct network_ref attachment,
                          struct prefix prefix);
/* Finds by name, also vpn-vyatta/1; kind NETWORK_NOTHING when there is no such thing. The id and
 * place of what is found are left out. Looks at all names: not for inner loops. */
struct network_ref network_find(const struct network *network, const char *id);
const char *network_kind_name(enum network_kind kind); /* "VPN connection" */
