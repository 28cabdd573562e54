/* The second half of tests/trace_oracle.h: gateways, routers, tunnels, the Internet. */
#pragma once

#include "tests/trace_oracle_vpc.h"

static inline int plain_outwards(struct plain_way *way, int node);

/* Whose address it is: its place in the list; -1: nobody's. */
static inline int plain_owner(const struct plain_way *way, plain_addr addr)
{
    const struct world *world = way->plain->world;
    for (size_t i = 0; i < world->address_count; i++) {
        if (world->addresses[i].addr == addr)
            return world->addresses[i].node;
    }
    return -1;
}

static inline bool plain_is_its(const struct node *node, plain_addr addr)
{
    bool its = false;
    for (unsigned i = 1; i <= node->port_count; i++)
        its |= plain_at(&node->ports[i], addr);
    return its;
}

static inline bool plain_for_gateway(const struct plain_way *way)
{
    unsigned port = way->packet.to_port;
    return way->packet.protocol == 50 ||
           (way->packet.protocol == 17 && (port == 500 || port == 4500));
}

static inline int plain_to_owner(struct plain_way *way, int owner)
{
    const struct node *node = plain_node(way, owner);
    if (node->failed || node->underlay_down)
        return plain_drop(way, owner, node->failed ? "node-down" : "link-down");
    if (node->kind == NODE_GATEWAY)
        return way->depth > 0           ? plain_decapsulate(way, owner)
               : plain_for_gateway(way) ? plain_arrive(way, owner, false)
                                        : plain_drop(way, owner, "not-for-gateway");
    if (node->kind == NODE_ROUTER && !plain_is_its(node, way->packet.dst))
        way->packet.dst = node->ports[1].addr;
    return owner;
}

static inline int plain_internet(struct plain_way *way)
{
    int owner = plain_owner(way, way->packet.dst);
    return owner < 0 ? plain_arrive(way, way->plain->world->internet, true)
                     : plain_to_owner(way, owner);
}

static inline int plain_by_target(struct plain_way *way, int vpc, int from,
                                  const struct plain_route *route)
{
    const struct world *world = way->plain->world;
    const struct node *sender = plain_node(way, from);
    struct network_ref ref = {.kind = NETWORK_NOTHING};
    bool local = strcmp(route->kind, "local") == 0, within = false;
    if (strcmp(route->kind, "blackhole") == 0 || route->gone)
        return plain_drop(way, vpc, "blackhole");
    if (strcmp(route->kind, "instance") == 0)
        ref = network_find(way->plain->network, route->target);
    if (local || ref.kind == NETWORK_INSTANCE)
        within = plain_same_subnet(
            way, from, vpc,
            local ? way->packet.dst
                  : way->plain->network->vpcs[ref.index].instances[ref.part].address);
    if (strcmp(route->kind, "peering") != 0 && !within && !plain_acl(way, from, false))
        return plain_drop(way, vpc, "network-acl-out");
    if (local)
        return plain_hand_over(way, vpc, way->packet.dst);
    if (strcmp(route->kind, "vpn-gateway") == 0)
        return world_find_node(world, route->target);
    if (strcmp(route->kind, "peering") == 0)
        return plain_peering(way, vpc, route->target);
    if (strcmp(route->kind, "internet-gateway") == 0 && plain_is_six(way->packet.src))
        return plain_internet(way);
    if (strcmp(route->kind, "internet-gateway") == 0) {
        if (!sender->elastic_addr || way->packet.src != sender->ports[1].addr)
            return plain_drop(way, vpc, "no-public-address");
        way->packet.src = sender->elastic_addr;
        return plain_internet(way);
    }
    return plain_hand_over(way, vpc,
                           way->plain->network->vpcs[ref.index].instances[ref.part].address);
}

static inline int plain_by_subnet(struct plain_way *way, int vpc, int from)
{
    const struct node *sender = plain_node(way, from);
    unsigned number = plain_node(way, vpc)->subnets[sender->ports[1].subnet].table;
    const struct plain_table *table = NULL;
    if (sender->source_dest_check && !plain_at(&sender->ports[1], way->packet.src))
        return plain_drop(way, from, "source-dest-check");
    way->sender = from;
    if (!plain_groups(way, from, false))
        return plain_drop(way, from, "security-group-out");
    for (size_t i = 0; i < way->plain->table_count; i++) {
        if (way->plain->tables[i].node == vpc && way->plain->tables[i].number == number)
            table = &way->plain->tables[i];
    }
    const struct plain_route *route = plain_vpc_choice(table, way->packet.dst);
    plain_line(way, plain_node(way, vpc)->table_ids[number], route);
    return route ? plain_by_target(way, vpc, from, route) : plain_drop(way, vpc, "no-vpc-route");
}

/* From the Internet to an elastic address of the VPC, or to one of IPv6. */
static inline int plain_into_vpc(struct plain_way *way, int vpc)
{
    if (plain_is_six(way->packet.dst) && !plain_node(way, vpc)->internet_gateway)
        return plain_drop(way, vpc, "no-public-address");
    if (plain_is_six(way->packet.dst))
        return plain_hand_over(way, vpc, way->packet.dst);
    for (size_t i = 0; i < way->plain->world->node_count; i++) {
        const struct node *node = plain_node(way, (int)i);
        if (!node->in_vpc || node->ports[1].peer != vpc || node->elastic_addr != way->packet.dst)
            continue;
        way->packet.dst = node->ports[1].addr;
        return plain_hand_over(way, vpc, way->packet.dst);
    }
    return plain_drop(way, vpc, "no-instance");
}

/* -- routers and gateways -- */

static inline int plain_encapsulate(struct plain_way *way, int node, int index)
{
    const struct tunnel *tunnel = &way->plain->world->tunnels[index];
    int end = tunnel->ends[0].node == node ? 0 : 1;
    if (tunnel->failed)
        return plain_drop(way, node, "tunnel-down");
    if (!tunnel->plain && tunnel->ends[end].sa == 0)
        return plain_drop(way, node, "no-sa");
    if (way->depth == PLAIN_DEPTH || (way->depth > 0 && way->packet.bytes > PLAIN_OUTER_BYTES))
        return plain_drop(way, node, "loop-in-tunnel");
    way->frames[way->depth++] = (struct plain_frame){way->packet, index, end, tunnel->ends[end].sa};
    way->packet = (struct plain_packet){.src = tunnel->ends[end].outer_local,
                                        .dst = tunnel->ends[end].outer_remote,
                                        .bytes = way->packet.bytes + 80};
    way->packet.protocol = tunnel->plain ? 0 : tunnel->nat_t ? 17 : 50;
    way->packet.from_port = way->packet.to_port = tunnel->nat_t ? 4500 : 0;
    return plain_outwards(way, node);
}

static inline int plain_by_port(struct plain_way *way, int node, unsigned number, bool connected)
{
    const struct node *at = plain_node(way, node);
    const struct port *port = &at->ports[number];
    if (!port->up)
        return plain_drop(way, node, "link-down");
    if (port->kind == PORT_TUNNEL)
        return plain_encapsulate(way, node, port->tunnel);
    if (port->kind == PORT_LAN)
        return plain_arrive(way, node, true);
    if (port->kind == PORT_DX)
        return plain_node(way, port->peer)->failed ? plain_drop(way, port->peer, "node-down")
                                                   : port->peer;
    if (port->kind == PORT_VPC)
        return at->kind == NODE_GATEWAY ? plain_hand_over(way, port->peer, way->packet.dst)
                                        : plain_by_subnet(way, port->peer, node);
    int to = plain_owner(way, way->packet.dst);
    if (connected && to >= 0 && to != node)
        return plain_to_owner(way, to);
    if (at->elastic_addr && way->packet.src == port->addr)
        way->packet.src = at->elastic_addr;
    int owner = plain_owner(way, way->packet.src);
    bool nobodys = owner < 0 && to >= 0 && plain_node(way, to)->kind == NODE_GATEWAY;
    return nobodys || (owner >= 0 && owner != node) ? plain_drop(way, node, "foreign-source")
                                                    : plain_internet(way);
}

/* A gateway's line says who offers it: a tunnel, a connection, a Direct Connect, the VPC. A static
 * connection's lead into its first tunnel that is up. */
static inline unsigned plain_offered_by(const struct plain_way *way, int node, const char *from)
{
    const struct world *world = way->plain->world;
    unsigned first = 0;
    for (unsigned i = 1; i <= plain_node(way, node)->port_count; i++) {
        const struct port *port = &plain_node(way, node)->ports[i];
        if (port->kind == PORT_VPC && strcmp(world->nodes[port->peer].id, from) == 0)
            return i;
        if (port->kind != PORT_TUNNEL)
            continue;
        const struct tunnel *tunnel = &world->tunnels[port->tunnel];
        if (strcmp(tunnel->id, from) == 0)
            return i;
        bool its = strcmp(world->connections[tunnel->connection].id, from) == 0;
        if (its && (first == 0 ||
                    (tunnel->ends[0].sa &&
                     !world->tunnels[plain_node(way, node)->ports[first].tunnel].ends[0].sa)))
            first = i;
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const char *id = world->direct_connects[i].id;
        size_t length = strlen(id);
        bool second = strncmp(from, id, length) == 0 && strcmp(from + length, "/ipv6") == 0;
        if (second || strcmp(id, from) == 0)
            return world->direct_connects[i].gateway_port;
    }
    return first;
}

static inline unsigned plain_port_of(const struct plain_way *way, int node,
                                     const struct plain_route *route)
{
    if (plain_node(way, node)->kind == NODE_GATEWAY)
        return plain_offered_by(way, node, route->from);
    for (unsigned i = 1; i <= plain_node(way, node)->port_count; i++) {
        if (strcmp(plain_node(way, node)->ports[i].name, route->interface) == 0)
            return i;
    }
    return 0;
}

/* What is on a link of the node; a gateway's export lists only what it was told. */
static inline unsigned plain_on_link(const struct plain_way *way, int node,
                                     struct plain_route *ret_route)
{
    unsigned found = 0;
    for (unsigned i = 1; i <= plain_node(way, node)->port_count; i++) {
        const struct port *port = &plain_node(way, node)->ports[i];
        bool six = plain_is_six(way->packet.dst);
        struct plain_route link = plain_of(six ? prefix_around(port->six, port->six_len)
                                               : prefix_around(port->addr, port->len));
        if ((six ? port->six : port->addr) == 0 || !port->up ||
            !plain_holds(&link, way->packet.dst))
            continue;
        found = i;
        *ret_route = link;
    }
    return found;
}

static inline int plain_by_table(struct plain_way *way, int node, bool outer)
{
    const struct plain_route *best = NULL;
    bool gateway = plain_node(way, node)->kind == NODE_GATEWAY;
    for (size_t i = 0; i < way->plain->table_count; i++) {
        const struct plain_table *table = &way->plain->tables[i];
        for (size_t j = 0; table->node == node && table->outer == outer && j < table->count; j++) {
            const struct plain_route *route = &table->routes[j];
            if (route->used && plain_holds(route, way->packet.dst) &&
                (!best || route->len > best->len))
                best = route;
        }
    }
    struct plain_route link;
    unsigned on_link = gateway ? plain_on_link(way, node, &link) : 0;
    bool by_link = on_link && (!best || link.len >= best->len);
    plain_line(way, plain_node(way, node)->id, by_link ? &link : best);
    if (by_link)
        return plain_by_port(way, node, on_link, true);
    if (!best)
        return plain_drop(way, node, gateway ? "gateway-unknown-prefix" : "no-route");
    if (best->drops)
        return plain_drop(way, node, "discarded");
    return plain_by_port(way, node, plain_port_of(way, node, best), best->connected);
}

static inline int plain_outwards(struct plain_way *way, int node)
{
    const struct node *at = plain_node(way, node);
    if (at->underlay_down)
        return plain_drop(way, node, "link-down");
    return at->kind == NODE_GATEWAY ? plain_internet(way)
                                    : plain_by_table(way, node, at->outer_vrf);
}

static inline int plain_visit(struct plain_way *way, int node)
{
    const struct node *at = plain_node(way, node);
    way->sender = -1;
    if (at->failed)
        return plain_drop(way, node, "node-down");
    if (way->hops++ == PLAIN_HOPS)
        return plain_drop(way, node, "hop-limit");
    if (at->kind == NODE_VPC)
        return plain_into_vpc(way, node);
    if (plain_is_its(at, way->packet.dst))
        return way->depth > 0 ? plain_decapsulate(way, node) : plain_arrive(way, node, false);
    return plain_by_table(way, node, false);
}

/* answers: what is answered, or NULL. */
static inline void plain_go(const struct plain *plain, int node, struct plain_packet packet,
                            const struct plain_way *answers, struct plain_way *ret_way)
{
    memset(ret_way, 0, sizeof *ret_way);
    ret_way->answers = answers;
    ret_way->sender = -1;
    ret_way->plain = plain;
    ret_way->packet = packet;
    if (plain_is_six(packet.src) != plain_is_six(packet.dst))
        plain_drop(ret_way, node, "other-family");
    while (!ret_way->ended)
        node = plain_visit(ret_way, node);
}
