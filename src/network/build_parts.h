/* The inside of building a world; for the build_*.c files only. */
#pragma once

#include "network/build.h"

struct builder {
    const struct network *network;
    struct world *world;
    int *vpc_nodes; /* network's index -> world's node */
    int *router_nodes;
    int *gateway_nodes;
    int *customer_nodes;   /* a customer gateway's router, or what stands for it */
    ip4 *router_addresses; /* public, as others see it; 0: none */
};

struct node *builder_node(struct builder *builder, int node);

/* build.c */
void build_setup(struct node *node, enum event_kind kind, struct event event);
void build_interface(struct node *node, uint16_t port);
void build_route(struct node *node, const struct network_route *route, uint32_t tag,
                 struct event *ret_event);
void build_engine(struct node *node, enum platform platform, uint32_t asn, ip4 router_id);
void build_latency(struct node *node, const struct network_latency *latency);
uint16_t build_next(struct node *node, enum event_kind kind); /* next number of attachment... */

/* A filter's rules for one attachment; NULL when the filter lets everything pass. The array is the
 * caller's to free. */
struct prefix_rule *build_rules(const struct network_filter *filter, const ip4 *neighbors,
                                size_t neighbor_count, uint16_t *ret_count, bool *ret_permit_rest);

/* build_vpc.c */
void build_vpcs(struct builder *builder);       /* nodes, tables, subnets */
void build_vpc_routes(struct builder *builder); /* targets and routes, when all nodes exist */
void build_instance_port(struct builder *builder, int node, const struct network_vpc *vpc,
                         int vpc_node, const struct network_instance *instance);

struct event build_vpc_route(const struct world *world, const struct network *network, int vpc_node,
                             uint16_t table, const struct network_vpc_route *route);

/* build_gateway.c */
enum guard_policy build_guard(enum network_guard guard);
void build_gateways(struct builder *builder);
void build_connections(struct builder *builder);
void build_direct_connects(struct builder *builder);
void build_underlays(struct builder *builder);
