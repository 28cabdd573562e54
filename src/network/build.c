#include "network/build.h"

#include "network/build_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SITE_LEN = 24 }; /* of a router's prefix on the Internet; providers' edges are that small */

struct node *builder_node(struct builder *builder, int node)
{
    return &builder->world->nodes[node];
}

void build_setup(struct node *node, enum event_kind kind, struct event event)
{
    event.kind = kind;
    node_add_setup(node, &event);
}

uint16_t build_next(struct node *node, enum event_kind kind)
{
    uint16_t next = 1;
    for (size_t i = 0; i < node->setup_count; i++)
        next = (uint16_t)(next + (node->setup[i].kind == kind));
    return next;
}

void build_interface(struct node *node, uint16_t port)
{
    const struct port *of = &node->ports[port];
    struct event event = {.interface = {port, of->addr, of->len, of->up}};
    build_setup(node, EVENT_INTERFACE, event);
}

static uint16_t port_called(const struct node *node, const char *name)
{
    for (uint16_t i = 1; i <= node->port_count; i++) {
        if (strcmp(node->ports[i].name, name) == 0)
            return i;
    }
    return 0;
}

static uint16_t tunnel_port(const struct node *node, const struct network_ref *tunnel)
{
    for (uint16_t i = 1; i <= node->port_count; i++) {
        if (node->ports[i].kind == PORT_TUNNEL && tunnel->kind == NETWORK_TUNNEL &&
            node->ports[i].connection == tunnel->index && node->ports[i].part == tunnel->part)
            return i;
    }
    return 0;
}

/* A next hop on none of the node's connected prefixes, with an interface not named, is left to the
 * table to resolve. */
void build_route(struct node *node, const struct network_route *route, uint32_t tag,
                 struct event *ret_event)
{
    *ret_event = (struct event){.kind = EVENT_ROUTE_SET};
    struct event_route *said = &ret_event->route;
    *said = (struct event_route){.prefix = route->prefix,
                                 .source = route->from,
                                 .tag = tag,
                                 .gateway = route->via,
                                 .discard = route->blackhole};
    if (route->interface)
        said->interface = port_called(node, route->interface);
    if (route->tunnel.kind == NETWORK_TUNNEL)
        said->interface = tunnel_port(node, &route->tunnel);
    if (route->distance >= 0) {
        said->has_distance = true;
        said->distance = (uint8_t)route->distance;
    }
    if (route->metric >= 0) {
        said->has_metric = true;
        said->metric = (uint32_t)route->metric;
    }
}

void build_engine(struct node *node, enum platform platform, uint32_t asn, ip4 router_id)
{
    node->platform = platform;
    node->profile = malloc(sizeof *node->profile);
    assert(node->profile);
    *node->profile = *platform_profile(platform);
    node->config =
        (struct engine_config){.alloc = world_alloc(),
                               .profile = node->profile,
                               .gateway = node->kind == NODE_GATEWAY,
                               .announce_back = node->profile->announces_back == ANSWER_YES,
                               .asn = asn,
                               .router_id = router_id};
}

static void override(struct span *span, int64_t value_us)
{
    if (value_us >= 0)
        *span = (struct span){value_us, value_us};
}

void build_latency(struct node *node, const struct network_latency *latency)
{
    override(&node->profile->decision, latency->decision_us);
    override(&node->profile->rib_to_fib, latency->rib_to_fib_us);
    override(&node->profile->withdraw_to_fib, latency->withdraw_to_fib_us);
    override(&node->profile->session_restart, latency->session_restart_us);
    if (latency->first_update_us >= 0) {
        node->profile->first_update_us = latency->first_update_us;
        node->profile->first_update_per_peer_us = 0;
    }
}

struct prefix_rule *build_rules(const struct network_filter *filter, const ip4 *neighbors,
                                size_t neighbor_count, uint16_t *ret_count, bool *ret_permit_rest)
{
    *ret_count = 0;
    *ret_permit_rest = true;
    if (filter->rule_count == 0)
        return NULL;
    struct prefix_rule *rules = calloc(filter->rule_count, sizeof *rules);
    assert(rules);
    for (size_t i = 0; i < filter->rule_count; i++) {
        const struct network_rule *rule = &filter->rules[i];
        bool ours = rule->neighbor == 0;
        for (size_t n = 0; n < neighbor_count; n++)
            ours |= neighbors[n] == rule->neighbor;
        if (!ours)
            continue;
        uint8_t len = rule->prefix.len;
        uint8_t ge = rule->ge >= 0 ? (uint8_t)rule->ge : len;
        uint8_t le = rule->le >= 0 ? (uint8_t)rule->le : rule->ge >= 0 ? 32 : len;
        bool permit = rule->action == NETWORK_PERMIT;
        rules[(*ret_count)++] = (struct prefix_rule){rule->prefix, ge, le, permit};
        if (permit)
            *ret_permit_rest = false;
    }
    return rules;
}

/* -- routers -- */

/* The customer gateway that the router is, or NULL. */
static const struct network_customer_gateway *customer_of(const struct network *network,
                                                          size_t router)
{
    for (size_t i = 0; i < network->customer_gateway_count; i++) {
        const struct network_ref *ref = &network->customer_gateways[i].router;
        if (ref->kind == NETWORK_ROUTER && ref->index == (int32_t)router)
            return &network->customer_gateways[i];
    }
    return NULL;
}

static bool find_instance(const struct network *network, size_t router, size_t *ret_vpc,
                          size_t *ret_instance)
{
    for (size_t v = 0; v < network->vpc_count; v++) {
        for (size_t i = 0; i < network->vpcs[v].instance_count; i++) {
            const struct network_ref *ref = &network->vpcs[v].instances[i].router;
            if (ref->kind != NETWORK_ROUTER || ref->index != (int32_t)router)
                continue;
            *ret_vpc = v;
            *ret_instance = i;
            return true;
        }
    }
    return false;
}

/* Directly on the Internet; returns the next hop there. */
static ip4 build_internet_port(struct builder *builder, int node_index, ip4 address, ip4 gateway)
{
    struct node *node = builder_node(builder, node_index);
    struct port port = {.name = "eth0",
                        .kind = PORT_INTERNET,
                        .addr = address,
                        .len = SITE_LEN,
                        .up = true,
                        .peer = WORLD_NONE,
                        .tunnel = WORLD_NONE};
    build_interface(node, node_add_port(node, port));
    world_add_address(
        builder->world,
        (struct public_address){.addr = address, .node = node_index, .tunnel = WORLD_NONE});
    return gateway ? gateway : prefix4_make(address, SITE_LEN).addr + 1;
}

static void build_lan(struct node *node, struct prefix4 prefix, uint32_t tag)
{
    uint16_t lan = port_called(node, "lan0");
    if (lan == 0) {
        struct port port = {
            .name = "lan0", .kind = PORT_LAN, .up = true, .peer = WORLD_NONE, .tunnel = WORLD_NONE};
        lan = node_add_port(node, port);
    }
    struct event event = {.route = {.prefix = prefix,
                                    .source = prefix.len == 0 ? ROUTE_STATIC : ROUTE_CONNECTED,
                                    .tag = tag,
                                    .interface = lan}};
    build_setup(node, EVENT_ROUTE_SET, event);
}

/* What lies behind a router that is no instance: its LAN; what it announces lies there as well. A
 * router without a way of its own to the Internet (a Direct Connect's far side) has everything else
 * behind it, too: nobody knows what. */
static void build_behind(struct node *node, const struct network_router *router, bool underlay)
{
    uint32_t tag = 1000;
    for (size_t i = 0; i < router->lan_count; i++)
        build_lan(node, router->lan[i], tag++);
    for (size_t i = 0; router->bgp && i < router->bgp->announce_count; i++) {
        if (router->bgp->announce[i].prefix.len > 0)
            build_lan(node, router->bgp->announce[i].prefix, tag++);
    }
    for (size_t i = 0; router->bgp && i < router->bgp->received_count; i++) {
        if (router->bgp->received[i].prefix.len > 0)
            build_lan(node, router->bgp->received[i].prefix, tag++);
    }
    if (!underlay)
        build_lan(node, (struct prefix4){0, 0}, tag);
}

/* Routes that the file gives; without any, the default that DHCP would bring. */
static void build_router_routes(struct node *node, const struct network_router *router, ip4 gateway)
{
    struct event event = {.route = {.source = ROUTE_DHCP, .gateway = gateway, .interface = 1}};
    if (!router->routes && !router->underlay && gateway)
        build_setup(node, EVENT_ROUTE_SET, event);
    for (size_t i = 0; i < router->route_count; i++) {
        if (router->routes[i].tunnel.kind == NETWORK_TUNNEL)
            continue; /* when its tunnel is there */
        build_route(node, &router->routes[i], (uint32_t)i + 1, &event);
        node_add_setup(node, &event);
    }
}

static void build_tunnel_routes(struct builder *builder)
{
    for (size_t r = 0; r < builder->network->router_count; r++) {
        const struct network_router *router = &builder->network->routers[r];
        struct node *node = builder_node(builder, builder->router_nodes[r]);
        for (size_t i = 0; i < router->route_count; i++) {
            struct event event;
            if (router->routes[i].tunnel.kind != NETWORK_TUNNEL)
                continue;
            build_route(node, &router->routes[i], (uint32_t)i + 1, &event);
            node_add_setup(node, &event);
        }
    }
}

static ip4 outside_of(const struct network *network, size_t index)
{
    const struct network_customer_gateway *customer = customer_of(network, index);
    ip4 address = network->routers[index].address;
    return address ? address : customer ? customer->address : 0;
}

static void build_router(struct builder *builder, size_t index)
{
    const struct network *network = builder->network;
    const struct network_router *router = &network->routers[index];
    int at = world_add_node(builder->world, NODE_ROUTER, router->id);
    builder->router_nodes[index] = at;
    size_t v, i;
    ip4 gateway = 0, address = 0;
    uint32_t asn = router->bgp ? router->bgp->asn : 0;
    build_engine(builder_node(builder, at), router->platform, asn, 0);
    if (find_instance(network, index, &v, &i)) {
        const struct network_instance *instance = &network->vpcs[v].instances[i];
        build_instance_port(builder, at, &network->vpcs[v], builder->vpc_nodes[v], instance);
        gateway = router->gateway ? router->gateway
                                  : network->vpcs[v].subnets[instance->subnet.part].cidr.addr + 1;
        address = instance->address;
        builder->router_addresses[index] = instance->elastic_address;
    } else if ((address = outside_of(network, index))) {
        gateway = build_internet_port(builder, at, address, router->gateway);
        builder->router_addresses[index] = address;
    }
    struct node *node = builder_node(builder, at);
    node->outer_vrf = router->outer_vrf;
    if (router->bgp && router->bgp->announce_back != NETWORK_UNSAID)
        node->config.announce_back = router->bgp->announce_back == NETWORK_YES;
    node->config.router_id = address ? address : (ip4)(0x0a000001u + (uint32_t)index);
    build_latency(node, &router->latency);
    build_router_routes(node, router, gateway);
    if (!node->in_vpc)
        build_behind(node, router, address != 0);
}

static void build_announcements(struct builder *builder)
{
    for (size_t r = 0; r < builder->network->router_count; r++) {
        const struct network_bgp *bgp = builder->network->routers[r].bgp;
        struct node *node = builder_node(builder, builder->router_nodes[r]);
        struct event event;
        for (size_t i = 0; bgp && i < bgp->announce_count; i++) {
            build_announcement(&bgp->announce[i], &event);
            node_add_setup(node, &event);
        }
        for (size_t i = 0; bgp && i < bgp->received_count; i++) {
            build_announcement(&bgp->received[i], &event);
            node_add_setup(node, &event);
        }
    }
}

/* Sessions start when everything about a node has been said. */
static void build_starts(struct builder *builder)
{
    for (size_t i = 0; i < builder->world->node_count; i++) {
        struct node *node = &builder->world->nodes[i];
        uint16_t neighbors = (uint16_t)(build_next(node, EVENT_NEIGHBOR) - 1);
        for (uint16_t n = 1; n <= neighbors; n++) {
            struct event event = {.connection = {.neighbor = n}};
            build_setup(node, EVENT_START, event);
        }
    }
}

static int *indices(size_t count)
{
    int *array = calloc(count + 1, sizeof *array);
    assert(array);
    for (size_t i = 0; i <= count; i++)
        array[i] = WORLD_NONE;
    return array;
}

struct world *network_build(const struct network *network)
{
    struct builder builder = {.network = network,
                              .world = world_create(),
                              .vpc_nodes = indices(network->vpc_count),
                              .router_nodes = indices(network->router_count),
                              .gateway_nodes = indices(network->vpn_gateway_count),
                              .customer_nodes = indices(network->customer_gateway_count),
                              .router_addresses = calloc(network->router_count + 1, sizeof(ip4))};
    assert(builder.world && builder.router_addresses);
    build_vpcs(&builder);
    build_gateways(&builder);
    for (size_t i = 0; i < network->router_count; i++)
        build_router(&builder, i);
    build_connections(&builder);
    build_direct_connects(&builder);
    build_underlays(&builder);
    build_tunnel_routes(&builder);
    build_vpc_routes(&builder);
    build_announcements(&builder);
    build_starts(&builder);
    free(builder.vpc_nodes);
    free(builder.router_nodes);
    free(builder.gateway_nodes);
    free(builder.customer_nodes);
    free(builder.router_addresses);
    return builder.world;
}
