/* Changes to a network, as remedies need them: made to a copy (network_copy), which stays sound.
 * Indices are those of struct network. What is handed in is copied. */
#pragma once

#include "network/network.h"

enum network_direction { NETWORK_IMPORT, NETWORK_EXPORT };

/* A static route with nothing but a next hop. */
struct network_route network_static_route(struct prefix prefix, ip_addr via);
/* A rule that speaks of exactly this prefix. neighbor 0: of all neighbors. */
struct network_rule network_deny(struct prefix prefix, ip_addr neighbor);

void network_add_route(struct network *network, size_t router, const struct network_route *route);
/* Every configured route of the router for the prefix. false: there was none. */
bool network_remove_route(struct network *network, size_t router, struct prefix prefix);

/* The filter of a router, a VPN connection or a Direct Connect (kind and index of ref); NULL for
 * what has none. */
struct network_filter *network_filter_of(struct network *network, struct network_ref ref,
                                         enum network_direction direction);
/* In front of the others, so that it decides. */
void network_add_rule(struct network_filter *filter, const struct network_rule *rule);

/* What the neighbor of the router announces has this local preference from now on. */
void network_prefer(struct network *network, size_t router, ip_addr neighbor, uint32_t preference);

void network_set_guard(struct network *network, size_t connection, enum network_guard guard);

/* A static route of a connection, which then speaks no BGP; and BGP instead of all of them. */
void network_add_static(struct network *network, size_t connection, struct prefix prefix);
void network_speak_bgp(struct network *network, size_t connection);

/* The connection is gone, with the steps of the story and the routers' routes that speak of it, and
 * with what its router has to say of it as of a neighbor; those behind it move up by one. */
void network_remove_connection(struct network *network, size_t connection);

/* The router announces the prefix, with nothing said of it; not in the story. */
void network_add_announcement(struct network *network, size_t router, struct prefix prefix);
/* The router's own route for the prefix into one of the connection's tunnels leads into the one of
 * that part. false: there is none. */
bool network_route_into(struct network *network, size_t router, struct prefix prefix,
                        size_t connection, int32_t part);
/* The router never announces the prefix: neither by its configuration nor, as far as it was seen,
 * nor in the story. false: it never did. */
bool network_remove_announcement(struct network *network, size_t router, struct prefix prefix);

/* Leaves out the story's steps from this one on. */
void network_drop_steps(struct network *network, size_t first);

/* Lines of a VPC's route table; table as in vpcs[vpc].route_tables. */
void network_add_vpc_route(struct network *network, size_t vpc, size_t table, struct prefix prefix,
                           struct network_ref target);
bool network_remove_vpc_route(struct network *network, size_t vpc, size_t table,
                              struct prefix prefix);
/* The gateway propagates its routes into the table; index as in vpn_gateways. */
void network_add_propagation(struct network *network, size_t vpc, size_t table, size_t gateway);
/* A new peering of two VPCs; what its reference is. id must be free. */
struct network_ref network_add_peering(struct network *network, const char *id, size_t requester,
                                       size_t accepter);
/* A Direct Connect of the gateway, and its far side, a router that announces nothing yet; the names
 * must be free. Addresses and AS are such as nothing in the network has (169.254.0.0/16, RFC 5398;
 * with every one of these taken, the last of them). */
void network_add_direct_connect(struct network *network, const char *id, const char *router,
                                size_t gateway);
