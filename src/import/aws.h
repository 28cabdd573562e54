/* AWS's nouns as an export has them: what was read, before anything is made of it. A member that
 * the export left out is NULL, 0, -1 or ITEM_UNSAID. Texts and lists belong to the export's store
 * and live as long as it does. */
#pragma once

#include "import/item.h"
#include "network/network.h"

enum aws_kind {
    AWS_VPC,
    AWS_SUBNET,
    AWS_ROUTE_TABLE,
    AWS_INTERNET_GATEWAY,
    AWS_NAT_GATEWAY,
    AWS_PEERING,
    AWS_VPN_GATEWAY,
    AWS_CUSTOMER_GATEWAY,
    AWS_VPN_CONNECTION,
    AWS_VIRTUAL_INTERFACE,
    AWS_DX_GATEWAY,
    AWS_DX_ASSOCIATION,
    AWS_INSTANCE,
    AWS_INTERFACE,
    AWS_ADDRESS,
    AWS_SECURITY_GROUP,
    AWS_NETWORK_ACL,
    AWS_TRANSIT_GATEWAY,
    AWS_TRANSIT_ATTACHMENT,
    AWS_PREFIX_LIST,
    AWS_KINDS
};

/* Every noun begins with it. */
struct aws_thing {
    const char *id;   /* never NULL; an address has its public address's text */
    const char *name; /* the tag Name; NULL: none */
    struct import_place place;
    uint64_t content; /* a digest of its JSON: equal for things that are told alike */
    size_t folder;    /* in aws.folders */
    bool dropped;     /* told a second time, or deleted */
    bool inferred;    /* made by infer.c */
    bool used;        /* stands in the network file */
    size_t at;        /* its place in the network's list, once it is drafted */
};

struct aws_prefixes {
    struct prefix *items;
    size_t count, cap;
};

struct aws_vpc {
    struct aws_thing is;
    struct aws_prefixes cidrs; /* of IPv6, too */
    bool has_main;             /* its main route table was read */
    const char *vpn_gateway;   /* attached to it, once they are drafted */
};

struct aws_subnet {
    struct aws_thing is;
    const char *vpc;
    struct prefix cidr;
    struct prefix cidr_six; /* or not six */
};

enum aws_target { /* by the key that names a route's target */
                  AWS_TO_NOTHING,
                  AWS_TO_GATEWAY, /* an internet or VPN gateway, an endpoint, or "local" */
                  AWS_TO_INSTANCE,
                  AWS_TO_INTERFACE,
                  AWS_TO_NAT,
                  AWS_TO_PEERING,
                  AWS_TO_TRANSIT,
                  AWS_TO_OTHER, /* egress-only, local or carrier gateway, core network */
};

struct aws_route {
    struct import_place place;
    struct prefix prefix;
    const char *list; /* of a prefix list instead; NULL */
    enum aws_target to;
    const char *target;   /* id; NULL: none was named */
    const char *instance; /* beside an interface; NULL */
    bool propagated;      /* Origin EnableVgwRoutePropagation */
    bool blackhole;       /* State blackhole */
};

struct aws_route_table {
    struct aws_thing is;
    const char *vpc;
    bool main;
    const char **subnets; /* explicitly associated */
    size_t subnet_count, subnet_cap;
    const char **propagating; /* VPN gateways */
    size_t propagating_count, propagating_cap;
    struct aws_route *routes; /* the local ones left out */
    size_t route_count, route_cap;
    bool edge; /* associated with a gateway */
};

struct aws_internet_gateway {
    struct aws_thing is;
    const char *vpc; /* NULL: attached to none */
};

struct aws_nat_gateway {
    struct aws_thing is;
    const char *vpc;
};

struct aws_peering {
    struct aws_thing is;
    enum network_peering_status status;
    const char *state; /* as written; NULL */
    struct aws_peer {
        const char *vpc, *region, *owner;
        struct aws_prefixes cidrs;
    } ends[2]; /* requester, accepter */
};

struct aws_vpn_gateway {
    struct aws_thing is;
    int64_t asn; /* -1: not said */
    const char *vpc;
};

struct aws_customer_gateway {
    struct aws_thing is;
    int64_t asn;
    ip_addr address;
    size_t router; /* once it is drafted: in the network's routers */
};

struct aws_tunnel {
    ip_addr outside;                /* 0: not said */
    ip_addr inside_vgw, inside_cgw; /* of one family */
    int64_t dpd_timeout_s;          /* -1 */
    int dpd_action;                 /* of network_dpd_action; -1 */
    int startup;                    /* of network_startup; -1 */
    bool only_ike1;
    bool telemetry; /* the rest was said */
    bool up;
    int64_t accepted;    /* routes; -1 */
    const char *message; /* "5 BGP ROUTES"; NULL */
};

struct aws_connection {
    struct aws_thing is;
    const char *customer_gateway, *vpn_gateway, *transit_gateway;
    enum item_answer static_only;
    bool six;                   /* TunnelInsideIpVersion */
    struct aws_prefixes routes; /* static */
    struct aws_tunnel tunnels[2];
    size_t tunnel_count;
    bool configured;             /* CustomerGatewayConfiguration was read */
    int64_t vgw_asn, cgw_asn;    /* of it; -1 */
    ip_addr cgw_address;         /* of it; 0 */
    int64_t hold_s;              /* of it; -1 */
    int64_t interval_s, retries; /* of its dead_peer_detection; -1 */
    size_t router;               /* once it is drafted: in the network's routers */
};

struct aws_virtual_interface {
    struct aws_thing is;
    bool is_private;
    const char *type, *state;
    const char *vpn_gateway, *dx_gateway;
    int64_t vlan, asn, amazon_asn;    /* -1 */
    ip_addr amazon, customer;         /* 0 */
    ip_addr amazon_six, customer_six; /* of its BGP peer of IPv6; 0 */
    enum item_answer bgp_up;          /* of any of its peers */
    size_t router;                    /* once it is drafted: in the network's routers */
};

struct aws_dx_gateway {
    struct aws_thing is;
};

struct aws_dx_association {
    struct aws_thing is; /* id: made of both */
    const char *dx_gateway, *gateway;
    struct aws_prefixes allowed;
};

struct aws_instance {
    struct aws_thing is;
    const char *vpc, *subnet;
    ip_addr address, public_address;
    bool running;
    enum item_answer source_dest_check;
    const char **groups;
    size_t group_count, group_cap;
    ip_addr address_six; /* 0 */
};

struct aws_interface {
    struct aws_thing is;
    const char *vpc, *subnet, *instance; /* instance NULL: of none */
    ip_addr address, public_address;
    enum item_answer source_dest_check;
    bool primary; /* device index 0 of its instance */
};

struct aws_address {
    struct aws_thing is;
    ip_addr address;
    const char *instance, *interface;
};

/* A line of a security group or of a network ACL. */
struct aws_rule {
    struct import_place place;
    bool out;
    bool deny;
    int64_t number;    /* of a network ACL's; -1: not said */
    int64_t protocol;  /* -1: all */
    int64_t low, high; /* ports, or type and code of ICMP; -1: all */
    bool ranged;       /* the far side is a range; else one of the names */
    struct prefix range;
    const char *group, *list;
};

struct aws_filter { /* security group or network ACL */
    struct aws_thing is;
    const char *vpc;
    bool out_said;
    struct aws_rule *rules;
    size_t rule_count, rule_cap;
    const char **subnets; /* a network ACL's */
    size_t subnet_count, subnet_cap;
};

struct aws_prefix_list {
    struct aws_thing is;
    bool told; /* its entries were */
    struct aws_prefixes prefixes;
};

struct aws_transit { /* only counted */
    struct aws_thing is;
};

struct aws_list {
    void *items;
    size_t count, cap;
};

/* A directory of the export: a region of an account. */
struct aws_folder {
    char *path;    /* "" for the top */
    uint32_t seen; /* kinds whose keys were there, also with an empty list */
};

struct aws {
    struct aws_list lists[AWS_KINDS];
    struct aws_folder *folders;
    size_t folder_count, folder_cap;
    struct aws_name {
        const char *id;
        enum aws_kind kind;
        size_t index;
    } * names; /* after aws_settle: ascending by id, then kind */
    size_t name_count;
    void **kept;
    size_t kept_count, kept_cap;
    struct import_remarks *remarks; /* borrowed */
};

void aws_done(struct aws *aws);

/* Zeroed, and freed with the export. */
void *aws_keep(struct aws *aws, size_t size_bytes);
/* A list with room for one more; where it had to be copied, the old one stays until the end, too.
 */
void *aws_room(struct aws *aws, void *items, size_t count, size_t *cap, size_t size);
const char *aws_text(struct aws *aws, const char *text); /* a copy; NULL for NULL */

/* A new thing of the kind, zeroed but for its head. NULL: a remark says why not (it has no id). */
void *aws_add(struct aws *aws, enum aws_kind kind, const struct item *item, const char *id_key,
              size_t folder);
void prefixes_add(struct aws *aws, struct aws_prefixes *prefixes, struct prefix prefix);
/* Appends to a list of texts of the store; the text is copied. */
void texts_add(struct aws *aws, const char ***texts, size_t *count, size_t *cap, const char *text);

/* After the last file: drops what is told twice and sorts the names. May be done again. */
void aws_settle(struct aws *aws);

size_t aws_count(const struct aws *aws, enum aws_kind kind);
struct aws_thing *aws_at(const struct aws *aws, enum aws_kind kind, size_t index);
/* By id; NULL: not in the export (or id is NULL), or dropped. */
struct aws_thing *aws_find(const struct aws *aws, enum aws_kind kind, const char *id);

/* Is the id anybody's, of whatever kind? */
bool aws_has(const struct aws *aws, const char *id);

struct aws_noun {
    const char *key; /* at the root of an answer */
    size_t size_bytes;
    const char *command; /* that prints it */
};
const struct aws_noun *aws_noun(enum aws_kind kind);
