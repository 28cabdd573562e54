/* Gateways and what hangs on them: VPN connections with their tunnels, Direct Connects; and the
 * underlay where a router's provider speaks BGP. */
#include "network/build_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECOND_US = 1000000, NOT_CHOSEN_MED = 100, INSIDE_LEN = 30 };

/* Timers of both ends of a session; a router may have its own. */
static void set_timers(struct event_neighbor *neighbor, const struct network_timers *timers,
                       const struct network_timers *own)
{
    int64_t hold_us = own && own->hold_us >= 0 ? own->hold_us : timers->hold_us;
    int64_t keepalive_us = own && own->keepalive_us >= 0 ? own->keepalive_us : timers->keepalive_us;
    int64_t retry_us =
        own && own->connect_retry_us >= 0 ? own->connect_retry_us : timers->connect_retry_us;
    neighbor->hold_s = (uint16_t)(hold_us / SECOND_US);
    neighbor->keepalive_s = (uint16_t)(keepalive_us / SECOND_US);
    neighbor->connect_retry_s = (uint16_t)(retry_us >= SECOND_US ? retry_us / SECOND_US : 1);
}

enum guard_policy build_guard(enum network_guard guard)
{
    switch (guard) {
    case NETWORK_GUARD_HOLD:
        return GUARD_HOLD;
    case NETWORK_GUARD_WARN:
        return GUARD_WARN;
    case NETWORK_GUARD_CARVE:
        return GUARD_CARVE;
    case NETWORK_GUARD_REFUSE:
        return GUARD_REFUSE;
    case NETWORK_GUARD_UNSAID:
    case NETWORK_GUARD_NONE:
    default:
        return GUARD_OFF;
    }
}

static void add_filter(struct builder *builder, struct node *node, uint16_t attachment, bool export,
                       const struct network_filter *filter, const ip4 *neighbors, size_t count)
{
    struct event event = {.filter = {.attachment = attachment, .export = export}};
    struct prefix_rule *rules =
        build_rules(filter, neighbors, count, &event.filter.count, &event.filter.permit_rest);
    if (!rules)
        return;
    world_keep(builder->world, rules);
    event.filter.rules = rules;
    build_setup(node, EVENT_FILTER, event);
}

void build_gateways(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &builder->network->vpn_gateways[i];
        int at = world_add_node(builder->world, NODE_GATEWAY, gateway->id);
        struct node *node = builder_node(builder, at);
        builder->gateway_nodes[i] = at;
        /* the VPC's own first address is never an instance's: a router id that no peer has */
        build_engine(node, gateway->platform, gateway->asn, (ip4)(0xa9fe0001u + (uint32_t)i));
        node->config.no_entries = false;
        build_latency(node, &gateway->latency);
    }
}

/* What stands for a customer gateway of which no router is given: nothing is known of it. */
static int stand_in(struct builder *builder, const struct network_customer_gateway *customer)
{
    int at = world_add_node(builder->world, NODE_ROUTER, customer->id);
    build_engine(builder_node(builder, at), PLATFORM_UNKNOWN, customer->asn,
                 customer->address ? customer->address : (ip4)(0x0a010001u + (uint32_t)at));
    struct node *node = builder_node(builder, at);
    struct port port = {.name = "eth0",
                        .kind = PORT_INTERNET,
                        .addr = customer->address,
                        .len = 24,
                        .up = true,
                        .peer = WORLD_NONE,
                        .tunnel = WORLD_NONE};
    build_interface(node, node_add_port(node, port));
    struct event event = {.route = {.source = ROUTE_DHCP,
                                    .gateway = prefix4_make(customer->address, 24).addr + 1,
                                    .interface = 1}};
    build_setup(node, EVENT_ROUTE_SET, event);
    world_add_address(
        builder->world,
        (struct public_address){.addr = customer->address, .node = at, .tunnel = WORLD_NONE});
    return at;
}

static const struct network_router *router_of(const struct builder *builder,
                                              const struct network_ref *ref)
{
    return ref->kind == NETWORK_ROUTER ? &builder->network->routers[ref->index] : NULL;
}

static int customer_node(struct builder *builder, int32_t index)
{
    const struct network_customer_gateway *customer = &builder->network->customer_gateways[index];
    int *at = &builder->customer_nodes[index];
    if (*at == WORLD_NONE)
        *at = customer->router.kind == NETWORK_ROUTER
                  ? builder->router_nodes[customer->router.index]
                  : stand_in(builder, customer);
    return *at;
}

static uint16_t add_attachment(struct node *node, struct event_attachment attachment)
{
    attachment.attachment = build_next(node, EVENT_ATTACHMENT);
    struct event event = {.attachment = attachment};
    build_setup(node, EVENT_ATTACHMENT, event);
    return attachment.attachment;
}

static uint16_t add_neighbor(struct node *node, struct event_neighbor neighbor)
{
    neighbor.neighbor = build_next(node, EVENT_NEIGHBOR);
    struct event event = {.neighbor = neighbor};
    build_setup(node, EVENT_NEIGHBOR, event);
    return neighbor.neighbor;
}

static uint16_t add_inside_port(struct node *node, enum port_kind kind, const char *name, ip4 addr,
                                int tunnel, int connection, int part, int peer)
{
    struct port port = {.kind = kind,
                        .addr = addr,
                        .len = INSIDE_LEN,
                        .up = true,
                        .peer = peer,
                        .tunnel = tunnel,
                        .connection = connection,
                        .part = part};
    snprintf(port.name, sizeof port.name, "%s", name);
    uint16_t number = node_add_port(node, port);
    build_interface(node, number);
    return number;
}

static unsigned tunnel_ports(const struct node *node)
{
    unsigned count = 0;
    for (uint16_t i = 1; i <= node->port_count; i++)
        count += node->ports[i].kind == PORT_TUNNEL;
    return count;
}

static void set_dpd(struct tunnel *tunnel, int end, const struct network_dpd *dpd)
{
    tunnel->dpd[end] = (struct tunnel_dpd){.delay_us = dpd->delay_us,
                                           .interval_us = dpd->interval_us,
                                           .tries = (unsigned)dpd->retries};
    tunnel->restarts[end] = dpd->action == NETWORK_DPD_RESTART;
}

/* Everything of a connection that both its tunnels share while they are being built. */
struct joint {
    const struct network_connection *said;
    const struct network_customer_gateway *customer;
    const struct network_router *router; /* NULL: not known */
    int connection;
    int gateway, customer_node;
    uint16_t attachments[2]; /* in the gateway's and in the router's engine */
    bool is_static;
};

static int build_ike(struct builder *builder, const struct joint *joint, int part)
{
    const struct network_connection *said = joint->said;
    const struct network_customer_gateway *customer = joint->customer;
    char id[256];
    snprintf(id, sizeof id, "%s/%d", said->id, part + 1);
    int index = world_add_tunnel(builder->world, id);
    struct tunnel *tunnel = &builder->world->tunnels[index];
    const struct node *router = builder_node(builder, joint->customer_node);
    ip4 public = router->elastic_addr ? router->elastic_addr
                 : customer->address  ? customer->address
                                      : router->ports[1].addr;
    tunnel->connection = joint->connection;
    tunnel->part = part;
    tunnel->plain = said->ipsec == NETWORK_IPSEC_NONE;
    tunnel->nat_t = router->elastic_addr != 0;
    tunnel->ends[TUNNEL_GATEWAY] = (struct tunnel_end){.node = joint->gateway,
                                                       .outer_local = said->tunnels[part].outside,
                                                       .outer_remote = public,
                                                       .inside = said->tunnels[part].inside_vgw};
    tunnel->ends[TUNNEL_CUSTOMER] = (struct tunnel_end){.node = joint->customer_node,
                                                        .outer_local = router->ports[1].addr,
                                                        .outer_remote = said->tunnels[part].outside,
                                                        .inside = said->tunnels[part].inside_cgw};
    set_dpd(tunnel, TUNNEL_GATEWAY, &said->dpd);
    set_dpd(tunnel, TUNNEL_CUSTOMER, customer->dpd ? customer->dpd : &said->dpd);
    if (!customer->dpd) /* the customer is the one who begins again: AWS's samples say so */
        tunnel->restarts[TUNNEL_CUSTOMER] = true;
    tunnel->starts[TUNNEL_GATEWAY] = said->startup == NETWORK_STARTUP_START;
    tunnel->starts[TUNNEL_CUSTOMER] = customer->startup == NETWORK_STARTUP_START;
    world_add_address(builder->world, (struct public_address){.addr = said->tunnels[part].outside,
                                                              .node = joint->gateway,
                                                              .tunnel = index});
    return index;
}

/* Of two tunnels, the one with the lower outside address is chosen; the other says a MED. */
static uint32_t med_of(const struct network_connection *said, int part)
{
    bool lower =
        said->tunnel_count < 2 || said->tunnels[part].outside < said->tunnels[!part].outside;
    return lower ? 0 : NOT_CHOSEN_MED;
}

static void build_tunnel(struct builder *builder, const struct joint *joint, int part)
{
    const struct network_connection *said = joint->said;
    const struct network_tunnel *of = &said->tunnels[part];
    int index = build_ike(builder, joint, part);
    struct node *nodes[2] = {builder_node(builder, joint->gateway),
                             builder_node(builder, joint->customer_node)};
    uint32_t asns[2] = {nodes[1]->config.asn ? nodes[1]->config.asn : joint->customer->asn,
                        nodes[0]->config.asn};
    ip4 insides[2] = {of->inside_vgw, of->inside_cgw};
    const struct network_bgp *bgp = joint->router ? joint->router->bgp : NULL;
    for (int end = 0; end < 2; end++) {
        struct tunnel_end *at = &builder->world->tunnels[index].ends[end];
        char name[16];
        snprintf(name, sizeof name, "vti%u", tunnel_ports(nodes[end]) + 1);
        at->port = add_inside_port(nodes[end], PORT_TUNNEL, name, insides[end], index,
                                   joint->connection, part, WORLD_NONE);
        if (joint->is_static || nodes[end]->config.asn == 0)
            continue;
        struct event_neighbor neighbor = {.attachment = joint->attachments[end],
                                          .interface = at->port,
                                          .local_addr = insides[end],
                                          .peer_addr = insides[!end],
                                          .peer_asn = asns[end],
                                          .passive = end == TUNNEL_GATEWAY};
        set_timers(&neighbor, &said->bgp, end == TUNNEL_CUSTOMER && bgp ? &bgp->timers : NULL);
        if (end == TUNNEL_GATEWAY) {
            neighbor.outside_addr = of->outside;
            neighbor.med = med_of(said, part);
        } else if (bgp) {
            neighbor.allowas_in = (uint8_t)bgp->allowas_in;
        }
        at->neighbor = add_neighbor(nodes[end], neighbor);
    }
    struct event event = {
        .endpoint = {.customer_gateway = (uint16_t)(said->customer_gateway.index + 1),
                     .addr = of->outside,
                     .present = true}};
    build_setup(nodes[0], EVENT_ENDPOINT, event);
}

static uint32_t limit_of(const struct network_limits *limits, int64_t gateways)
{
    int64_t limit = limits->received >= 0 ? limits->received : gateways;
    return limit > 0 ? (uint32_t)limit : 0;
}

static void build_static_routes(struct builder *builder, const struct joint *joint)
{
    struct node *gateway = builder_node(builder, joint->gateway);
    for (size_t i = 0; i < joint->said->static_route_count; i++) {
        struct event event = {.static_vpn = {.attachment = joint->attachments[0],
                                             .interface = gateway->port_count,
                                             .prefix = joint->said->static_routes[i],
                                             .present = true}};
        if (joint->said->tunnel_count > 1) /* the first tunnel's */
            event.static_vpn.interface--;
        build_setup(gateway, EVENT_STATIC_VPN, event);
    }
}

static void build_connection(struct builder *builder, size_t index)
{
    const struct network *network = builder->network;
    const struct network_connection *said = &network->vpn_connections[index];
    const struct network_vpn_gateway *gateway = &network->vpn_gateways[said->vpn_gateway.index];
    struct joint joint = {.said = said,
                          .customer = &network->customer_gateways[said->customer_gateway.index],
                          .connection = world_add_connection(builder->world, said->id),
                          .gateway = builder->gateway_nodes[said->vpn_gateway.index],
                          .is_static = said->static_routes != NULL};
    joint.router = router_of(builder, &joint.customer->router);
    joint.customer_node = customer_node(builder, said->customer_gateway.index);
    struct node *nodes[2] = {builder_node(builder, joint.gateway),
                             builder_node(builder, joint.customer_node)};
    joint.attachments[0] = add_attachment(
        nodes[0], (struct event_attachment){
                      .kind = ATTACHMENT_VPN,
                      .customer_gateway = (uint16_t)(said->customer_gateway.index + 1),
                      .guard = build_guard(network_guard_of(network, said)),
                      .prefix_limit = limit_of(&said->limits, gateway->limits.vpn_received),
                      .limit_refuses_alone = said->limits.over == NETWORK_OVER_REFUSE});
    if (nodes[1]->config.asn)
        joint.attachments[1] =
            add_attachment(nodes[1], (struct event_attachment){.kind = ATTACHMENT_PLAIN});
    builder->world->connections[joint.connection].gateway = joint.gateway;
    builder->world->connections[joint.connection].router = joint.customer_node;
    builder->world->connections[joint.connection].attachment = joint.attachments[0];
    builder->world->connections[joint.connection].router_attachment = joint.attachments[1];
    builder->world->connections[joint.connection].is_static = joint.is_static;
    add_filter(builder, nodes[0], joint.attachments[0], false, &said->import, NULL, 0);
    add_filter(builder, nodes[0], joint.attachments[0], true, &said->export, NULL, 0);
    ip4 peers[2] = {said->tunnels[0].inside_vgw, 0};
    if (said->tunnel_count > 1)
        peers[1] = said->tunnels[1].inside_vgw;
    if (joint.router && joint.router->bgp && joint.attachments[1]) {
        const struct network_bgp *bgp = joint.router->bgp;
        add_filter(builder, nodes[1], joint.attachments[1], false, &bgp->import, peers, 2);
        add_filter(builder, nodes[1], joint.attachments[1], true, &bgp->export, peers, 2);
    }
    for (size_t i = 0; i < said->tunnel_count; i++)
        build_tunnel(builder, &joint, (int)i);
    build_static_routes(builder, &joint);
}

void build_connections(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->vpn_connection_count; i++)
        build_connection(builder, i);
}

static void build_direct_connect(struct builder *builder, size_t index)
{
    const struct network *network = builder->network;
    const struct network_direct_connect *said = &network->direct_connects[index];
    const struct network_vpn_gateway *gateway = &network->vpn_gateways[said->vpn_gateway.index];
    const struct network_router *router = router_of(builder, &said->router);
    int nodes[2] = {builder->gateway_nodes[said->vpn_gateway.index],
                    builder->router_nodes[said->router.index]};
    ip4 insides[2] = {said->inside_vgw, said->inside_peer};
    int at = world_add_direct_connect(builder->world, said->id);
    struct direct_connect *direct = &builder->world->direct_connects[at];
    direct->gateway = nodes[0];
    direct->router = nodes[1];
    for (int end = 0; end < 2; end++) {
        struct node *node = builder_node(builder, nodes[end]);
        char name[16];
        snprintf(name, sizeof name, "dx%u",
                 said->vlan > 0 ? (unsigned)said->vlan : (unsigned)at + 1);
        uint16_t port = add_inside_port(node, PORT_DX, name, insides[end], WORLD_NONE, WORLD_NONE,
                                        0, nodes[!end]);
        *(end ? &direct->router_port : &direct->gateway_port) = port;
        if (node->config.asn == 0)
            continue;
        struct event_attachment attachment = {.kind = end ? ATTACHMENT_PLAIN : ATTACHMENT_DX};
        if (end == 0) {
            attachment.prefix_limit = limit_of(&said->limits, gateway->limits.dx_received);
            attachment.limit_refuses_alone = said->limits.over == NETWORK_OVER_REFUSE;
        }
        uint16_t number = add_attachment(node, attachment);
        add_filter(builder, node, number, false, end ? &router->bgp->import : &said->import,
                   &insides[!end], 1);
        add_filter(builder, node, number, true, end ? &router->bgp->export : &said->export,
                   &insides[!end], 1);
        struct event_neighbor neighbor = {.attachment = number,
                                          .interface = port,
                                          .local_addr = insides[end],
                                          .peer_addr = insides[!end],
                                          .peer_asn =
                                              builder_node(builder, nodes[!end])->config.asn,
                                          .passive = end == 0};
        set_timers(&neighbor, &said->bgp, end ? &router->bgp->timers : NULL);
        uint16_t neighbor_number = add_neighbor(node, neighbor);
        if (end == 0) {
            direct->attachment = number;
            direct->neighbor = neighbor_number;
        }
    }
}

void build_direct_connects(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->direct_connect_count; i++)
        build_direct_connect(builder, i);
}
