/* The world: nodes, ports, tunnels and the underlay, as data. Nothing here moves by itself: the
 * simulator (room sim) moves it, the network file (room network) builds it, questions (room
 * explain) read it.
 *
 * A node is something that forwards: the Internet, a VPC, an instance, a router, a gateway. Routers
 * and gateways have an engine, their mind, and a kernel table, what that mind has achieved so far;
 * packets ask the kernel's table, never the mind. A VPC has no kernel table: its route tables are
 * asked directly, in the engine that owns the VPC (its gateway's, or one of its own).
 *
 * Outer and inner: a tunnel's end has an outer address that IKE and ESP packets carry. On a router
 * the outer packets are routed by the same table as all others (that is the trouble), unless its
 * outer interface is in a VRF; on a gateway they never meet the inner table.
 *
 * Security groups and network ACLs (world/filter.h) are a VPC's; an instance without groups and a
 * subnet without an ACL let everything pass, because nothing was said of them.
 *
 * Ownership: the world owns all its arrays and engines; strings too. Indices are places in the
 * arrays, valid for the world's life; ports count from 1 as the engine's interfaces do. */
#pragma once

#include "engine/engine.h"
#include "world/filter.h"

enum node_kind { NODE_INTERNET, NODE_VPC, NODE_INSTANCE, NODE_ROUTER, NODE_GATEWAY };

enum port_kind {
    PORT_VPC,      /* an instance's or a router's leg in a subnet; a gateway's leg in its VPC */
    PORT_INTERNET, /* a router directly on the Internet */
    PORT_DX,       /* either end of a Direct Connect virtual interface */
    PORT_TUNNEL,   /* either end of a tunnel */
    PORT_LAN,      /* what lies behind a router and is not drawn */
};

enum { WORLD_NONE = -1, TUNNEL_GATEWAY = 0, TUNNEL_CUSTOMER = 1 };

struct port {
    char name[16]; /* eth0, vti1, dx101, lan0 */
    enum port_kind kind;
    ip_addr addr;
    uint8_t len;
    ip_addr six; /* its address of IPv6; 0: none */
    uint8_t six_len;
    bool up;
    int peer;   /* PORT_VPC: the VPC's node; PORT_DX: the node at the other end; else WORLD_NONE */
    int tunnel; /* PORT_TUNNEL */
    int connection; /* PORT_TUNNEL: and which of its tunnels: part */
    int part;
    int subnet; /* PORT_VPC of instance or router: index in the VPC's subnets */
};

static inline bool port_has(const struct port *port, ip_addr addr)
{
    return addr != 0 && (port->addr == addr || port->six == addr);
}

/* What a kernel's table holds for a prefix. */
struct kernel_entry {
    uint16_t port; /* 0: what goes there is discarded */
    uint16_t neighbor;
    ip_addr gateway;
    enum route_source source;
    int64_t since_us;
};

struct kernel {
    struct lpm prefixes; /* -> handle in entries */
    struct pool entries; /* of struct kernel_entry */
};

struct subnet {
    char *id;
    struct prefix prefix;
    uint16_t table; /* the VPC's route table, as the engine numbers it */
    uint16_t acl;   /* its network ACL: in the VPC's, from 1; 0: not said */
};

struct route_target { /* what a number in a VPC's route means */
    enum vpc_target_kind kind;
    char *id;
    int node; /* instance, gateway, peer VPC; WORLD_NONE for an internet gateway */
};

struct node {
    char *id;
    enum node_kind kind;
    enum platform platform;
    bool failed;        /* a failed node forwards nothing and hears nothing */
    bool underlay_down; /* its link to the underlay has failed */

    struct engine_config config;
    struct event *setup; /* what the engine is told when it boots, in order */
    size_t setup_count;
    size_t setup_cap;
    struct engine *engine; /* NULL: the Internet, a VPC that a gateway owns, or not booted */

    struct port *ports;  /* ports[0] is unused */
    uint16_t port_count; /* highest port */
    /* places[number] = port, where its engine numbers interfaces otherwise; NULL: as the ports */
    uint16_t *places;
    uint16_t place_count; /* highest number */
    struct kernel kernel;
    bool outer_vrf;      /* router: outer packets ask the VRF's table only */
    bool pins;           /* router: they ask its own, past all that leads into a tunnel */
    struct kernel outer; /* the VRF's: what is not BGP's and not a tunnel's */

    /* instance, or a router that is an instance */
    bool in_vpc;
    bool source_dest_check;
    ip_addr elastic_addr; /* 1:1 NAT at the internet gateway, or before a site; 0: none */
    uint16_t *member_of;  /* security groups: in its VPC's, from 1 */
    size_t member_count;  /* 0: not said */

    /* VPC */
    uint16_t vpc; /* as its engine numbers it */
    int owner;    /* the node whose engine holds this VPC: a gateway, or the VPC's own node */
    bool internet_gateway;
    struct subnet *subnets;
    size_t subnet_count;
    char **table_ids; /* table_ids[0] is unused */
    uint16_t table_count;
    struct route_target *targets; /* targets[0] is unused */
    uint16_t target_count;
    struct filter *groups; /* security groups */
    size_t group_count;
    struct filter *acls;
    size_t acl_count;

    struct platform_profile *profile; /* its own copy: a file may override figures */
};

/* One end's half of an IPsec tunnel: a number of the SA pair; 0 when there is none. */
struct tunnel_end {
    int node;
    uint16_t port;
    uint16_t neighbor;    /* the engine's, 0: a static connection */
    ip_addr outer_local;  /* the address that this end's packets carry when they leave it */
    ip_addr outer_remote; /* the address that they are sent to */
    ip_addr inside;
    uint32_t sa; /* moved by the simulator */
};

struct tunnel {
    char *id; /* vpn-vyatta/1 */
    int connection;
    struct tunnel_end ends[2]; /* TUNNEL_GATEWAY, TUNNEL_CUSTOMER */
    bool plain;                /* ipsec: none */
    bool failed;
    bool session_failed; /* no message of its BGP session arrives */
    bool nat_t;
    bool starts[2];   /* which end initiates IKE */
    bool restarts[2]; /* DPD action restart: initiate again after giving up */
    int part;         /* of its connection: 0 or 1 */
    struct tunnel_dpd {
        int64_t delay_us;    /* of silence before this end asks */
        int64_t interval_us; /* between its requests, and after the last */
        unsigned tries;      /* requests in all; then the end gives up */
    } dpd[2];
};

struct connection {
    char *id;
    int gateway;
    int router;
    uint16_t attachment;        /* in the gateway's engine */
    uint16_t router_attachment; /* in the router's; 0: it speaks no BGP */
    bool is_static;
};

struct direct_connect {
    char *id;
    int gateway;
    int router;
    uint16_t gateway_port, router_port;
    uint16_t attachment;
    uint16_t neighbor;     /* in the gateway's engine */
    uint16_t neighbor_six; /* the same, of a second session, over IPv6; 0: there is none */
    bool failed;
};

struct public_address { /* who owns an address on the Internet */
    ip_addr addr;
    int node;   /* the VPC for an elastic address */
    int tunnel; /* of a gateway's outside address; else WORLD_NONE */
};

struct peering {
    char *id;
    int vpcs[2];
};

struct world {
    struct node *nodes;
    size_t node_count;
    struct tunnel *tunnels;
    size_t tunnel_count;
    struct connection *connections;
    size_t connection_count;
    struct direct_connect *direct_connects;
    size_t direct_connect_count;
    struct public_address *addresses; /* ascending by address */
    size_t address_count;
    struct peering *peerings;
    size_t peering_count;
    void **kept; /* what events in setups borrow */
    size_t kept_count;
    int internet;              /* its node */
    bool filtered;             /* an instance has groups, or a subnet an ACL */
    int64_t underlay_delay_us; /* one way, over the Internet */
};

/* An empty world; NULL when there is no memory. */
struct world *world_create(void) __attribute__((warn_unused_result));
void world_destroy(struct world *world); /* NULL is fine */

/* The allocator that worlds hand to their engines: malloc and free. */
struct alloc world_alloc(void);

int world_find_node(const struct world *world, const char *id); /* WORLD_NONE: no such node */
int world_find_tunnel(const struct world *world, const char *id);
int world_find_connection(const struct world *world, const char *id);
int world_find_direct_connect(const struct world *world, const char *id);

/* Additions, for builders; the returned index or port is the new one's. id is copied. */
int world_add_node(struct world *world, enum node_kind kind, const char *id);
uint16_t node_add_port(struct node *node, struct port port);
void node_add_setup(struct node *node, const struct event *event);
int world_add_tunnel(struct world *world, const char *id);
int world_add_connection(struct world *world, const char *id);
int world_add_direct_connect(struct world *world, const char *id);
int world_add_peering(struct world *world, const char *id, int requester, int accepter);
void world_add_address(struct world *world, struct public_address address);
uint16_t node_add_target(struct node *vpc, struct route_target target); /* id is taken over */
uint16_t node_add_table(struct node *vpc, const char *id);
/* Zeroed but for its id; valid until the next one is added to the list. */
struct filter *filters_add(struct filter **filters, size_t *count, const char *id);
void node_add_subnet(struct node *vpc, const char *id, struct prefix prefix, uint16_t table);

void world_keep(struct world *world, void *block); /* freed with the world */

const struct public_address *world_address(const struct world *world, ip_addr addr); /* or NULL */

/* The engine and VPC that hold a VPC node's tables; NULL before its owner has booted. */
const struct vpc *world_vpc(const struct world *world, const struct node *vpc);

/* Which gateway's daemon makes the VPC's namespace: the one that it is attached to; of a VPC
 * without a gateway the first one, in the world's order, whose VPC can be had over peerings by way
 * of VPCs without a gateway. WORLD_NONE: nobody's does. */
int world_vpc_home(const struct world *world, int vpc);

/* The kernel's table. */
void kernel_set(struct kernel *kernel, struct prefix prefix, const struct kernel_entry *entry);
void kernel_remove(struct kernel *kernel, struct prefix prefix);
void kernel_clear(struct kernel *kernel);
const struct kernel_entry *kernel_match(const struct kernel *kernel, ip_addr addr,
                                        struct prefix *ret_prefix); /* or NULL */
const struct kernel_entry *kernel_exact(const struct kernel *kernel, struct prefix prefix);
/* A router's own outer packets'; or NULL. */
const struct kernel_entry *node_outer_match(const struct node *node, ip_addr addr,
                                            struct prefix *ret_prefix);
