/* The inside of building a world; for the build_*.c files only. */
#pragma once

#include "network/build.h"

enum {
    SITE_LEN = 24,     /* of a router's prefix on the Internet; providers' edges are that small */
    SIX_TAG = 1 << 19, /* and up: of IPv6's prefixes on ports */
    LAN_TAG = 1 << 20, /* and up: of routes that no line of the file has */
};

struct builder {
    const struct network *network;
    struct world *world;
    int *vpc_nodes; /* network's index -> world's node */
    int *router_nodes;
    int *gateway_nodes;
    int *customer_nodes; /* a customer gateway's router, or what stands for it */
    struct builder_router {
        int32_t vpc, instance; /* that it is; -1: none */
        int32_t customer;      /* the first customer gateway that it is; -1: none */
        int32_t connection;    /* its first VPN connection; -1: none */
    } * routers;
    int32_t *next_connection; /* of the same router, by connection; -1: none */
    struct builder_count {
        uint16_t attachments, neighbors;
    } * counts; /* by node: what its engine has */
    size_t count_cap;
    struct filter_set **members; /* by VPC and security group; NULL: not made yet */
};

struct node *builder_node(struct builder *builder, int node);

/* build.c */
void build_setup(struct node *node, enum event_kind kind, struct event event);
void build_interface(struct node *node, uint16_t port);
void build_route(struct node *node, const struct network_route *route, uint32_t tag,
                 struct event *ret_event);
void build_engine(struct node *node, enum platform platform, uint32_t asn, uint32_t router_id);
ip_addr build_first_host(
    ip_addr address); /* the next hop on the Internet where the file says none */
void build_latency(struct node *node, const struct network_latency *latency);

/* They number what they add, for the engine; the number is returned. */
uint16_t build_attachment(struct builder *builder, int node, struct event_attachment attachment);
uint16_t build_neighbor(struct builder *builder, int node, struct event_neighbor neighbor);

/* A filter's rules towards one neighbor; NULL when the filter lets everything pass. The array is
 * the caller's to free. */
struct prefix_rule *build_rules(const struct network_filter *filter, ip_addr neighbor,
                                uint16_t *ret_count, bool *ret_permit_rest);
void build_filter(struct builder *builder, int node, uint16_t attachment, bool export,
                  const struct network_filter *filter,
                  ip_addr neighbor); /* says it to the engine */

/* build_policy.c */
void build_policy(struct builder *builder, int node, uint16_t attachment,
                  const struct network_policy *policy);
/* The allow-list; the world keeps its rules. */
struct event build_accepted(struct world *world, uint16_t attachment,
                            const struct network_filter *allowed);
struct event build_edit(uint16_t attachment, bool export, const struct network_edit *edit);
/* A router's attachment towards one neighbor, with its limits; and its filters and policy. */
struct event_attachment build_plain(const struct network_bgp *bgp, ip_addr peer);
void build_neighbors_policy(struct builder *builder, int node, uint16_t attachment,
                            const struct network_bgp *bgp, ip_addr peer);

/* build_vpc.c */
void build_vpcs(struct builder *builder);       /* nodes, tables, subnets */
void build_vpc_routes(struct builder *builder); /* targets and routes, when all nodes exist */
void build_instance_port(struct builder *builder, int node, const struct network_vpc *vpc,
                         int vpc_node, const struct network_instance *instance);

struct event build_vpc_route(const struct world *world, const struct network *network, int vpc_node,
                             uint16_t table, const struct network_vpc_route *route);

/* build_filter.c */
void build_filters(struct builder *builder, size_t vpc); /* security groups and network ACLs */
void build_membership(struct builder *builder, int node, const struct network_instance *instance);

/* build_gateway.c */
enum guard_policy build_guard(enum network_guard guard);
ip_addr build_unknown_address(int32_t customer); /* stands for one that the file does not say */
void build_gateways(struct builder *builder);
void build_connections(struct builder *builder);
void build_direct_connects(struct builder *builder);
void build_underlays(struct builder *builder);
