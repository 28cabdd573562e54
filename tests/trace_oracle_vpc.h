/* Of tests/trace_oracle.h: which of a VPC's routes a packet takes, and who gets it in the end. */
#pragma once

#include "tests/trace_oracle_filter.h"

static inline int plain_hand_over(struct plain_way *way, int vpc, plain_addr addr)
{
    for (size_t i = 0; i < way->plain->world->node_count; i++) {
        const struct node *node = plain_node(way, (int)i);
        if (!node->in_vpc || node->ports[1].peer != vpc || !plain_at(&node->ports[1], addr))
            continue;
        if (node->failed)
            return plain_drop(way, (int)i, "node-down");
        if (node->underlay_down)
            return plain_drop(way, (int)i, "link-down");
        if (node->source_dest_check && !plain_at(&node->ports[1], way->packet.dst))
            return plain_drop(way, (int)i, "source-dest-check");
        return plain_filter_in(way, (int)i);
    }
    return plain_drop(way, vpc, "no-instance");
}

static inline unsigned plain_rank(const struct plain_route *route)
{
    return strcmp(route->origin, "local") == 0         ? 0
           : strcmp(route->origin, "static") == 0      ? 1
           : strcmp(route->origin, "prefix-list") == 0 ? 2
                                                       : 3;
}

static inline bool plain_within_local(const struct plain_table *table,
                                      const struct plain_route *route)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct plain_route *local = &table->routes[i];
        if (plain_rank(local) == 0 && local->len <= route->len && local->six == route->six &&
            plain_holds(local, route->addr))
            return true;
    }
    return false;
}

static inline const struct plain_route *plain_vpc_choice(const struct plain_table *table,
                                                         plain_addr dst)
{
    const struct plain_route *best = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct plain_route *route = &table->routes[i];
        if (!plain_holds(route, dst) || strcmp(route->why, "over-limit") == 0)
            continue;
        if (plain_rank(route) == 3 && plain_within_local(table, route))
            continue;
        if (!best || route->len > best->len ||
            (route->len == best->len && plain_rank(route) < plain_rank(best)))
            best = route;
    }
    return best;
}

static inline const struct network_vpc *plain_vpc(const struct plain_way *way, int node)
{
    for (size_t i = 0; i < way->plain->network->vpc_count; i++) {
        if (strcmp(way->plain->network->vpcs[i].id, plain_node(way, node)->id) == 0)
            return &way->plain->network->vpcs[i];
    }
    return NULL;
}

static inline bool plain_in_vpc(const struct network_vpc *vpc, plain_addr addr)
{
    bool in = false;
    for (size_t i = 0; i < vpc->cidr_count; i++) {
        struct plain_route cidr = plain_of(vpc->cidrs[i]);
        in |= plain_holds(&cidr, addr);
    }
    return in;
}

static inline int plain_peering(struct plain_way *way, int vpc, const char *id)
{
    const struct network *network = way->plain->network;
    const struct network_vpc *own = plain_vpc(way, vpc);
    for (size_t i = 0; i < network->vpc_peering_count; i++) {
        const struct network_peering *peering = &network->vpc_peerings[i];
        const struct network_vpc *left = &network->vpcs[peering->requester.index];
        const struct network_vpc *right = &network->vpcs[peering->accepter.index];
        if (strcmp(peering->id, id) != 0)
            continue;
        const struct network_vpc *other = own == left ? right : left;
        if (!plain_in_vpc(other, way->packet.dst))
            return plain_drop(way, vpc, "not-transitive");
        if (!plain_acl(way, way->sender, false))
            return plain_drop(way, vpc, "network-acl-out");
        if (!plain_in_vpc(own, way->packet.src))
            return plain_drop(way, vpc, "not-transitive");
        return plain_hand_over(way, world_find_node(way->plain->world, other->id), way->packet.dst);
    }
    return plain_drop(way, vpc, "not-transitive");
}
