#include "network/build.h"

#include "network/build_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct node *builder_node(struct builder *builder, int node)
{
    return &builder->world->nodes[node];
}

void build_setup(struct node *node, enum event_kind kind, struct event event)
{
    event.kind = kind;
    node_add_setup(node, &event);
}

static struct builder_count *count_of(struct builder *builder, int node)
{
    if ((size_t)node >= builder->count_cap) {
        size_t cap = (size_t)node * 2 + 16;
        builder->counts = realloc(builder->counts, cap * sizeof *builder->counts);
        assert(builder->counts);
        memset(builder->counts + builder->count_cap, 0,
               (cap - builder->count_cap) * sizeof *builder->counts);
        builder->count_cap = cap;
    }
    return &builder->counts[node];
}

uint16_t build_attachment(struct builder *builder, int node, struct event_attachment attachment)
{
    struct event event = {.attachment = attachment};
    event.attachment.attachment = ++count_of(builder, node)->attachments;
    build_setup(builder_node(builder, node), EVENT_ATTACHMENT, event);
    return event.attachment.attachment;
}

uint16_t build_neighbor(struct builder *builder, int node, struct event_neighbor neighbor)
{
    struct event event = {.neighbor = neighbor};
    event.neighbor.neighbor = ++count_of(builder, node)->neighbors;
    build_setup(builder_node(builder, node), EVENT_NEIGHBOR, event);
    return event.neighbor.neighbor;
}

void build_interface(struct node *node, uint16_t port)
{
    const struct port *of = &node->ports[port];
    struct event event = {.interface = {port, of->addr, of->len, of->up}};
    build_setup(node, EVENT_INTERFACE, event);
    struct event six = {.route = {.prefix = prefix_make(true, of->six, of->six_len),
                                  .source = ROUTE_CONNECTED,
                                  .tag = (uint32_t)SIX_TAG + port,
                                  .interface = port}};
    if (of->six != 0)
        build_setup(node, EVENT_ROUTE_SET, six);
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
    if (route->tunnel.kind == NETWORK_TUNNEL && node->platform == PLATFORM_SEKISHO) {
        said->has_metric = true; /* sekishod's own, as BGP's; the others are its host's */
        said->metric = node->profile->metric[ROUTE_EBGP];
    }
}

void build_engine(struct node *node, enum platform platform, uint32_t asn, uint32_t router_id)
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
    if (latency->session_restart_us >= 0)
        node->profile->error_wait_us = 0;
    if (latency->first_update_us >= 0) {
        node->profile->first_update_sleep_us = 0;
        node->profile->first_update_us = latency->first_update_us;
        node->profile->first_update_limit_us = latency->first_update_us;
        node->profile->first_update_per_peer_us = 0;
    }
}

struct prefix_rule *build_rules(const struct network_filter *filter, ip_addr neighbor,
                                uint16_t *ret_count, bool *ret_permit_rest)
{
    *ret_count = 0;
    *ret_permit_rest = true;
    if (filter->rule_count == 0)
        return NULL;
    struct prefix_rule *rules = calloc(filter->rule_count, sizeof *rules);
    assert(rules);
    for (size_t i = 0; i < filter->rule_count; i++) {
        const struct network_rule *rule = &filter->rules[i];
        if (rule->neighbor != 0 && rule->neighbor != neighbor)
            continue;
        uint8_t len = rule->prefix.len;
        uint8_t ge = rule->ge >= 0 ? (uint8_t)rule->ge : len;
        uint8_t le = rule->le >= 0   ? (uint8_t)rule->le
                     : rule->ge >= 0 ? ip_bits(rule->prefix.six)
                                     : len;
        bool permit = rule->action != NETWORK_DENY;
        rules[(*ret_count)++] = (struct prefix_rule){
            rule->prefix, ge, le, permit, rule->community != 0, rule->community};
        if (permit)
            *ret_permit_rest = false;
    }
    return rules;
}

void build_filter(struct builder *builder, int node, uint16_t attachment, bool export,
                  const struct network_filter *filter, ip_addr neighbor)
{
    struct event event = {.filter = {.attachment = attachment, .export = export}};
    struct prefix_rule *rules =
        build_rules(filter, neighbor, &event.filter.count, &event.filter.permit_rest);
    if (!rules)
        return;
    world_keep(builder->world, rules);
    event.filter.rules = rules;
    build_setup(builder_node(builder, node), EVENT_FILTER, event);
}

/* -- routers -- */

static void find_routers(struct builder *builder)
{
    const struct network *network = builder->network;
    for (size_t i = 0; i < network->router_count; i++)
        builder->routers[i] = (struct builder_router){-1, -1, -1, -1};
    for (size_t i = network->customer_gateway_count; i-- > 0;) {
        const struct network_ref *router = &network->customer_gateways[i].router;
        if (router->kind == NETWORK_ROUTER)
            builder->routers[router->index].customer = (int32_t)i;
    }
    for (size_t i = network->vpn_connection_count; i-- > 0;) {
        int32_t customer = network->vpn_connections[i].customer_gateway.index;
        const struct network_ref *router = &network->customer_gateways[customer].router;
        if (router->kind != NETWORK_ROUTER)
            continue;
        builder->next_connection[i] = builder->routers[router->index].connection;
        builder->routers[router->index].connection = (int32_t)i;
    }
    for (size_t v = 0; v < network->vpc_count; v++) {
        for (size_t i = 0; i < network->vpcs[v].instance_count; i++) {
            const struct network_ref *router = &network->vpcs[v].instances[i].router;
            if (router->kind != NETWORK_ROUTER)
                continue;
            builder->routers[router->index].vpc = (int32_t)v;
            builder->routers[router->index].instance = (int32_t)i;
        }
    }
}

ip_addr build_first_host(ip_addr address)
{
    ip_addr first = prefix_around(address, SITE_LEN).addr + 1;
    return first == address ? first + 1 : first;
}

/* Directly on the Internet; returns the next hop there. */
static ip_addr build_internet_port(struct builder *builder, int node_index, ip_addr address,
                                   ip_addr gateway)
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
    return gateway ? gateway : build_first_host(address);
}

/* What is said of one network twice, as its LAN and as what it announces, is one route. */
static uint32_t lan_tag(const struct node *node, struct prefix prefix, uint32_t tag)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event_route *route = &node->setup[i].route;
        if (node->setup[i].kind == EVENT_ROUTE_SET && route->tag >= LAN_TAG &&
            prefix_equal(route->prefix, prefix))
            return route->tag;
    }
    return tag;
}

static void build_lan(struct node *node, struct prefix prefix, uint32_t tag)
{
    uint16_t lan = port_called(node, "lan0");
    if (lan == 0) {
        struct port port = {
            .name = "lan0", .kind = PORT_LAN, .up = true, .peer = WORLD_NONE, .tunnel = WORLD_NONE};
        lan = node_add_port(node, port);
    }
    struct event event = {.route = {.prefix = prefix,
                                    .source = prefix.len == 0 ? ROUTE_STATIC : ROUTE_CONNECTED,
                                    .tag = lan_tag(node, prefix, tag),
                                    .interface = lan}};
    build_setup(node, EVENT_ROUTE_SET, event);
}

enum { AGGREGATE_LEN = 8 }; /* no network is wider */

/* What a router announces lies behind it; but not what its own tunnels' packets need: a default, or
 * halves of one, or another prefix around an endpoint or its own address, is an aggregate, a way
 * out.
 */
static bool lies_behind(const struct builder *builder, size_t router, ip_addr outside,
                        struct prefix prefix)
{
    if (prefix.len < AGGREGATE_LEN || prefix_contains(prefix, outside))
        return false;
    for (int32_t i = builder->routers[router].connection; i >= 0; i = builder->next_connection[i]) {
        const struct network_connection *connection = &builder->network->vpn_connections[i];
        for (size_t t = 0; t < connection->tunnel_count; t++) {
            if (prefix_contains(prefix, connection->tunnels[t].outside))
                return false;
        }
    }
    return true;
}

/* What lies behind a router that is no instance: its LAN, and what it announces. A router without a
 * way of its own to the Internet (a Direct Connect's far side) has everything else behind it, too:
 * nobody knows what. */
static void build_behind(struct builder *builder, size_t index, ip_addr outside)
{
    const struct network_router *router = &builder->network->routers[index];
    struct node *node = builder_node(builder, builder->router_nodes[index]);
    uint32_t tag = LAN_TAG;
    for (size_t i = 0; i < router->lan_count; i++)
        build_lan(node, router->lan[i], tag++);
    for (size_t i = 0; router->bgp && i < router->bgp->announce_count; i++) {
        if (lies_behind(builder, index, outside, router->bgp->announce[i].prefix))
            build_lan(node, router->bgp->announce[i].prefix, tag++);
    }
    for (size_t i = 0; router->bgp && i < router->bgp->received_count; i++) {
        if (lies_behind(builder, index, outside, router->bgp->received[i].prefix))
            build_lan(node, router->bgp->received[i].prefix, tag++);
    }
    if (outside == 0)
        build_lan(node, (struct prefix){0, 0}, tag);
}

/* Routes that the file gives; without any, the default that DHCP would bring. */
static void build_router_routes(struct node *node, const struct network_router *router,
                                ip_addr gateway)
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

/* The address of the router's outer interface on the Internet; 0: it has none, because it is an
 * instance, or the far side of a Direct Connect and nothing else. */
static ip_addr outside_of(const struct builder *builder, size_t index)
{
    const struct network *network = builder->network;
    int32_t customer = builder->routers[index].customer;
    if (builder->routers[index].vpc >= 0)
        return 0;
    if (network->routers[index].address)
        return network->routers[index].address;
    if (customer < 0)
        return 0;
    ip_addr address = network->customer_gateways[customer].address;
    return address ? address : build_unknown_address(customer);
}

/* The router's outer interface; returns the underlay's next hop there. 0: it has none. */
static ip_addr build_outer_port(struct builder *builder, size_t index, int at)
{
    const struct network_router *router = &builder->network->routers[index];
    const struct builder_router *place = &builder->routers[index];
    if (place->vpc < 0) {
        ip_addr address = outside_of(builder, index);
        return address ? build_internet_port(builder, at, address, router->gateway) : 0;
    }
    const struct network_vpc *vpc = &builder->network->vpcs[place->vpc];
    const struct network_instance *instance = &vpc->instances[place->instance];
    build_instance_port(builder, at, vpc, builder->vpc_nodes[place->vpc], instance);
    ip_addr first_host = vpc->subnets[instance->subnet.part].cidr.addr + 1;
    return router->gateway ? router->gateway : first_host;
}

static void build_router(struct builder *builder, size_t index)
{
    const struct network_router *router = &builder->network->routers[index];
    int at = world_add_node(builder->world, NODE_ROUTER, router->id);
    builder->router_nodes[index] = at;
    uint32_t asn = router->bgp ? router->bgp->asn : 0;
    build_engine(builder_node(builder, at), router->platform, asn, 0x0a000001u + (uint32_t)index);
    ip_addr gateway = build_outer_port(builder, index, at);
    struct node *node = builder_node(builder, at);
    ip_addr outside = node->port_count > 0 ? node->ports[1].addr : 0;
    /* sekishod pins what its tunnels' packets need (plane/pins.h): as with a VRF; but where the way
     * out is a provider's, by BGP, that way stands among the other routes, and in no such VRF */
    bool own = router->platform == PLATFORM_SEKISHO;
    if (own)
        platform_beside_host(node->profile);
    node->pins = own && router->underlay;
    node->outer_vrf = own ? !router->underlay : router->outer_vrf;
    if (router->bgp && router->bgp->announce_back != NETWORK_UNSAID)
        node->config.announce_back = router->bgp->announce_back == NETWORK_YES;
    if (outside)
        node->config.router_id = (uint32_t)outside;
    build_latency(node, &router->latency);
    build_router_routes(node, router, gateway);
    if (!node->in_vpc)
        build_behind(builder, index, outside);
}

/* A site whose customer gateway has another address than its router sits behind 1:1 NAT. */
static void build_translations(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->customer_gateway_count; i++) {
        const struct network_customer_gateway *customer = &builder->network->customer_gateways[i];
        if (customer->router.kind != NETWORK_ROUTER || customer->address == 0)
            continue;
        int at = builder->router_nodes[customer->router.index];
        struct node *node = builder_node(builder, at);
        if (node->in_vpc || node->ports[1].kind != PORT_INTERNET ||
            node->ports[1].addr == customer->address)
            continue;
        if (node->elastic_addr == 0)
            node->elastic_addr = customer->address;
        world_add_address(
            builder->world,
            (struct public_address){.addr = customer->address, .node = at, .tunnel = WORLD_NONE});
    }
}

static void build_announcements(struct builder *builder)
{
    for (size_t r = 0; r < builder->network->router_count; r++) {
        const struct network_bgp *bgp = builder->network->routers[r].bgp;
        struct node *node = builder_node(builder, builder->router_nodes[r]);
        struct event event;
        for (size_t i = 0; bgp && i < bgp->announce_count; i++) {
            build_announcement(&bgp->announce[i], &event);
            event.announce.aside = bgp->default_originate == NETWORK_YES;
            node_add_setup(node, &event);
        }
        for (size_t i = 0; bgp && i < bgp->received_count; i++) {
            build_announcement(&bgp->received[i], &event);
            event.announce.aside = bgp->default_originate != NETWORK_NO;
            node_add_setup(node, &event);
        }
    }
}

/* Sessions start when everything about a node has been said. */
static void build_starts(struct builder *builder)
{
    for (size_t i = 0; i < builder->world->node_count; i++) {
        uint16_t neighbors = count_of(builder, (int)i)->neighbors;
        for (uint16_t n = 1; n <= neighbors; n++) {
            struct event event = {.connection = {.neighbor = n}};
            build_setup(builder_node(builder, (int)i), EVENT_START, event);
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
                              .routers =
                                  calloc(network->router_count + 1, sizeof *builder.routers)};
    builder.next_connection = indices(network->vpn_connection_count);
    assert(builder.world && builder.routers);
    if (network->internet_delay_us >= 0)
        builder.world->underlay_delay_us = network->internet_delay_us;
    find_routers(&builder);
    build_vpcs(&builder);
    build_gateways(&builder);
    for (size_t i = 0; i < network->router_count; i++)
        build_router(&builder, i);
    build_translations(&builder);
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
    free(builder.routers);
    free(builder.next_connection);
    free(builder.counts);
    return builder.world;
}
