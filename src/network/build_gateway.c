/* Gateways and what hangs on them: VPN connections with their tunnels, Direct Connects; and the
 * underlay where a router's provider speaks BGP. */
#include "network/build_parts.h"
#include "network/inside.h"

#include "base/limits.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SECOND_US = 1000000,
    NOT_CHOSEN_MED = 100,
    CONNECT_RETRY_S = 120, /* RFC 4271 10, where there is no keepalive time to go by */
};

/* Whole seconds in 16 bits: the file's check sees to it. 0: none. */
static uint16_t seconds(int64_t us)
{
    return us > 0 ? (uint16_t)(us / SECOND_US) : 0;
}

/* Timers of both ends of a session; a router may have its own. BFD is both ends' or nobody's. */
static void set_session(struct event_neighbor *neighbor, const struct network_session *session,
                        const struct network_session *own)
{
    int64_t hold_us = own && own->hold_us >= 0 ? own->hold_us : session->hold_us;
    int64_t keepalive_us =
        own && own->keepalive_us >= 0 ? own->keepalive_us : session->keepalive_us;
    int64_t retry_us =
        own && own->connect_retry_us >= 0 ? own->connect_retry_us : session->connect_retry_us;
    neighbor->hold_s = seconds(hold_us);
    neighbor->keepalive_s = seconds(keepalive_us);
    neighbor->connect_retry_s = seconds(retry_us < 0 ? keepalive_us : retry_us);
    if (neighbor->connect_retry_s == 0)
        neighbor->connect_retry_s = retry_us < 0 ? CONNECT_RETRY_S : 1;
    neighbor->restart_s = seconds(own ? own->restart_us : session->restart_us);
    neighbor->advertisement_s = seconds(own ? own->advertise_us : session->advertise_us);
    if (session->bfd) {
        neighbor->bfd_interval_us = (uint32_t)session->bfd->interval_us;
        neighbor->bfd_multiplier = (uint8_t)session->bfd->multiplier;
    }
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

void build_gateways(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &builder->network->vpn_gateways[i];
        int at = world_add_node(builder->world, NODE_GATEWAY, gateway->id);
        struct node *node = builder_node(builder, at);
        builder->gateway_nodes[i] = at;
        /* the VPC's own first address is never an instance's: a router id that no peer has */
        build_engine(node, gateway->platform, gateway->asn, 0xa9fe0001u + (uint32_t)i);
        if (gateway->platform == PLATFORM_SEKISHO) /* it is called, and waits before no call */
            node->profile->session_restart = (struct span){0, 0};
        node->config.no_entries = gateway->fib == NETWORK_FIB_NONE;
        build_latency(node, &gateway->latency);
    }
}

/* Reserved (RFC 1112 4), so that no address of a file is meant, and each in a /24 of its own. */
ip_addr build_unknown_address(int32_t customer)
{
    return 0xf000000au + ((ip_addr)customer << 8);
}

/* What stands for a customer gateway of which no router is given: nothing is known of it. */
static int stand_in(struct builder *builder, int32_t index)
{
    const struct network_customer_gateway *customer = &builder->network->customer_gateways[index];
    ip_addr address = customer->address ? customer->address : build_unknown_address(index);
    int at = world_add_node(builder->world, NODE_ROUTER, customer->id);
    struct node *node = builder_node(builder, at);
    build_engine(node, PLATFORM_UNKNOWN, customer->asn, (uint32_t)address);
    struct port port = {.name = "eth0",
                        .kind = PORT_INTERNET,
                        .addr = address,
                        .len = SITE_LEN,
                        .up = true,
                        .peer = WORLD_NONE,
                        .tunnel = WORLD_NONE};
    build_interface(node, node_add_port(node, port));
    struct event event = {
        .route = {.source = ROUTE_DHCP, .gateway = build_first_host(address), .interface = 1}};
    build_setup(node, EVENT_ROUTE_SET, event);
    world_add_address(builder->world,
                      (struct public_address){.addr = address, .node = at, .tunnel = WORLD_NONE});
    return at;
}

/* The router that has a customer gateway's address, though the file does not say so; or, when two
 * customer gateways have one address, what stands for both. */
static int at_address(const struct builder *builder, ip_addr address)
{
    const struct public_address *owner = address ? world_address(builder->world, address) : NULL;
    bool router = owner && builder->world->nodes[owner->node].kind == NODE_ROUTER;
    return router ? owner->node : WORLD_NONE;
}

static int customer_node(struct builder *builder, int32_t index)
{
    const struct network_customer_gateway *customer = &builder->network->customer_gateways[index];
    int *at = &builder->customer_nodes[index];
    if (*at == WORLD_NONE && customer->router.kind == NETWORK_ROUTER)
        *at = builder->router_nodes[customer->router.index];
    if (*at == WORLD_NONE)
        *at = at_address(builder, customer->address);
    if (*at == WORLD_NONE)
        *at = stand_in(builder, index);
    return *at;
}

/* Routers are the file's nodes after the gateways and VPCs, in its order. */
static const struct network_router *router_of(const struct builder *builder, int node)
{
    const struct network *network = builder->network;
    if (network->router_count == 0)
        return NULL;
    int first = builder->router_nodes[0];
    bool is_router = node >= first && node < first + (int)network->router_count;
    return is_router ? &network->routers[node - first] : NULL;
}

/* Who is no pair has a host route to the other end. */
static void route_to_peer(struct node *node, uint16_t port, ip_addr peer_addr, uint8_t own_len)
{
    struct prefix host = prefix_host(peer_addr);
    struct event event = {
        .route = {.prefix = host,
                  .source = ROUTE_CONNECTED,
                  .tag = UINT32_MAX - port - (host.six ? (uint32_t)UINT16_MAX + 1 : 0),
                  .interface = port}};
    if (peer_addr != 0 && own_len == host.len)
        build_setup(node, EVENT_ROUTE_SET, event);
}

static uint16_t add_inside_port(struct node *node, struct port port,
                                const struct network_inside *inside, int end)
{
    port.addr = inside->four[end];
    port.len = inside->four_len;
    port.six = inside->six[end];
    port.six_len = inside->six_len;
    port.up = true;
    uint16_t number = node_add_port(node, port);
    build_interface(node, number);
    route_to_peer(node, number, inside->four[!end], port.len);
    route_to_peer(node, number, inside->six[!end], port.six_len);
    return number;
}

/* The session over `inside`: with IPv6's routes beside IPv4's, where they have none of their own.
 */
static struct event_neighbor ends_of(const struct network_inside *inside, int end, bool six)
{
    const ip_addr *of = six ? inside->six : inside->four;
    return (struct event_neighbor){.local_addr = of[end],
                                   .peer_addr = of[!end],
                                   .other_addr = six || inside->own_session ? 0 : inside->six[end]};
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
    int nodes[2];        /* gateway's, customer's */
    uint16_t attachment; /* in the gateway's engine */
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
    const struct node *router = builder_node(builder, joint->nodes[1]);
    ip_addr public = customer->address      ? customer->address
                     : router->elastic_addr ? router->elastic_addr
                                            : router->ports[1].addr;
    tunnel->connection = joint->connection;
    tunnel->part = part;
    tunnel->plain = said->ipsec == NETWORK_IPSEC_NONE;
    tunnel->nat_t = router->elastic_addr != 0;
    tunnel->ends[TUNNEL_GATEWAY] = (struct tunnel_end){.node = joint->nodes[0],
                                                       .outer_local = said->tunnels[part].outside,
                                                       .outer_remote = public,
                                                       .inside = said->tunnels[part].inside_vgw};
    tunnel->ends[TUNNEL_CUSTOMER] = (struct tunnel_end){.node = joint->nodes[1],
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
                                                              .node = joint->nodes[0],
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

/* What the gateway's end of a session is, or the customer's. A customer's router has an attachment
 * for each neighbor: its policy is the neighbor's, and what it hears on one tunnel it may well say
 * on the other. */
static struct event_neighbor neighbor_of(struct builder *builder, const struct joint *joint,
                                         const struct network_tunnel *of, int part, int end)
{
    const struct network_connection *said = joint->said;
    const struct network_bgp *bgp = joint->router ? joint->router->bgp : NULL;
    struct network_inside inside = network_tunnel_inside(of);
    struct event_neighbor neighbor = ends_of(&inside, end, inside.own_session);
    neighbor.passive = end == TUNNEL_GATEWAY;
    set_session(&neighbor, &said->bgp, end == TUNNEL_CUSTOMER && bgp ? &bgp->timers : NULL);
    if (end == TUNNEL_GATEWAY) {
        neighbor.attachment = joint->attachment;
        neighbor.peer_asn = joint->customer->asn;
        neighbor.outside_addr = of->outside;
        neighbor.med = med_of(said, part);
        return neighbor;
    }
    int node = joint->nodes[1];
    neighbor.attachment = build_attachment(builder, node, build_plain(bgp, of->inside_vgw));
    neighbor.peer_asn = builder_node(builder, joint->nodes[0])->config.asn;
    struct connection *connection = &builder->world->connections[joint->connection];
    if (connection->router_attachment == 0)
        connection->router_attachment = neighbor.attachment;
    if (bgp) {
        neighbor.allowas_in = (uint8_t)bgp->allowas_in;
        build_neighbors_policy(builder, node, neighbor.attachment, bgp, of->inside_vgw);
    }
    return neighbor;
}

static void build_tunnel(struct builder *builder, const struct joint *joint, int part)
{
    const struct network_tunnel *of = &joint->said->tunnels[part];
    const struct network_inside inside = network_tunnel_inside(of);
    int index = build_ike(builder, joint, part);
    for (int end = 0; end < 2; end++) {
        struct tunnel_end *at = &builder->world->tunnels[index].ends[end];
        struct node *node = builder_node(builder, joint->nodes[end]);
        struct port port = {.kind = PORT_TUNNEL,
                            .peer = WORLD_NONE,
                            .tunnel = index,
                            .connection = joint->connection,
                            .part = part};
        snprintf(port.name, sizeof port.name, "vti%u", tunnel_ports(node) + 1);
        at->port = add_inside_port(node, port, &inside, end);
        if (joint->is_static || node->config.asn == 0)
            continue;
        struct event_neighbor neighbor = neighbor_of(builder, joint, of, part, end);
        neighbor.interface = at->port;
        at->neighbor = build_neighbor(builder, joint->nodes[end], neighbor);
    }
    struct event event = {
        .endpoint = {.customer_gateway = (uint16_t)(joint->said->customer_gateway.index + 1),
                     .addr = of->outside,
                     .present = true}};
    build_setup(builder_node(builder, joint->nodes[0]), EVENT_ENDPOINT, event);
}

/* A limit of the attachment's own, or the gateway's. */
static void set_limit(struct event_attachment *attachment, const struct network_limits *own,
                      int64_t received, const struct network_gateway_limits *all)
{
    int64_t limit = own->received >= 0 ? own->received : received;
    attachment->prefix_limit = limit > 0 ? (uint32_t)limit : 0;
    attachment->limit_refuses_alone =
        (own->over == NETWORK_OVER_UNSAID ? all->over : own->over) == NETWORK_OVER_REFUSE;
    int64_t percent = own->warn_percent >= 0 ? own->warn_percent : all->warn_percent;
    attachment->warn_percent = percent == LIMIT_WARN_PERCENT ? 0 : (uint8_t)percent;
}

/* They lie behind the first tunnel until the simulator knows which one is up. */
static void build_static_routes(struct builder *builder, const struct joint *joint,
                                uint16_t first_port)
{
    for (size_t i = 0; i < joint->said->static_route_count; i++) {
        struct event event = {.static_vpn = {.attachment = joint->attachment,
                                             .interface = first_port,
                                             .prefix = joint->said->static_routes[i],
                                             .present = true}};
        build_setup(builder_node(builder, joint->nodes[0]), EVENT_STATIC_VPN, event);
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
                          .is_static = said->static_routes != NULL};
    joint.nodes[0] = builder->gateway_nodes[said->vpn_gateway.index];
    joint.nodes[1] = customer_node(builder, said->customer_gateway.index);
    joint.router = router_of(builder, joint.nodes[1]);
    struct event_attachment attachment = {.kind = ATTACHMENT_VPN,
                                          .customer_gateway =
                                              (uint16_t)(said->customer_gateway.index + 1),
                                          .guard = build_guard(network_guard_of(network, said)),
                                          .refuse_default = said->policy.refuse_default};
    attachment.policy_required = gateway->default_policy == NETWORK_SHUT;
    set_limit(&attachment, &said->limits, gateway->limits.vpn_received, &gateway->limits);
    joint.attachment = build_attachment(builder, joint.nodes[0], attachment);
    struct connection *connection = &builder->world->connections[joint.connection];
    connection->gateway = joint.nodes[0];
    connection->router = joint.nodes[1];
    connection->attachment = joint.attachment;
    connection->is_static = joint.is_static;
    build_filter(builder, joint.nodes[0], joint.attachment, false, &said->import, 0);
    build_filter(builder, joint.nodes[0], joint.attachment, true, &said->export, 0);
    build_policy(builder, joint.nodes[0], joint.attachment, &said->policy);
    size_t first = builder->world->tunnel_count;
    for (size_t i = 0; i < said->tunnel_count; i++)
        build_tunnel(builder, &joint, (int)i);
    build_static_routes(builder, &joint, builder->world->tunnels[first].ends[0].port);
}

void build_connections(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->vpn_connection_count; i++)
        build_connection(builder, i);
}

static uint16_t add_virtual_interface(struct builder *builder, size_t index, int node,
                                      int peer_node, int end)
{
    const struct network_direct_connect *said = &builder->network->direct_connects[index];
    const struct network_inside inside = network_direct_inside(said);
    struct port port = {
        .kind = PORT_DX, .peer = peer_node, .tunnel = WORLD_NONE, .connection = WORLD_NONE};
    snprintf(port.name, sizeof port.name, "dx%u",
             said->vlan > 0 ? (unsigned)said->vlan : (unsigned)index + 1);
    return add_inside_port(builder_node(builder, node), port, &inside, end);
}

/* Both ends of a virtual interface while they are being built. */
struct span_ends {
    const struct network_direct_connect *said;
    const struct network_bgp *bgp; /* NULL: nothing is known of the far side, not even its AS */
    int nodes[2];                  /* gateway's, router's */
};

/* The gateway's, for all its sessions; a router has one for each neighbor. */
static uint16_t gateway_attachment(struct builder *builder, const struct span_ends *ends)
{
    const struct network_direct_connect *said = ends->said;
    const struct network_vpn_gateway *gateway =
        &builder->network->vpn_gateways[said->vpn_gateway.index];
    struct event_attachment attachment = {.kind = ATTACHMENT_DX,
                                          .policy_required =
                                              gateway->default_policy == NETWORK_SHUT,
                                          .refuse_default = said->policy.refuse_default};
    set_limit(&attachment, &said->limits, gateway->limits.dx_received, &gateway->limits);
    uint16_t number = build_attachment(builder, ends->nodes[0], attachment);
    build_filter(builder, ends->nodes[0], number, false, &said->import, 0);
    build_filter(builder, ends->nodes[0], number, true, &said->export, 0);
    build_policy(builder, ends->nodes[0], number, &said->policy);
    return number;
}

static uint16_t router_attachment(struct builder *builder, const struct span_ends *ends,
                                  ip_addr peer)
{
    uint16_t number = build_attachment(builder, ends->nodes[1], build_plain(ends->bgp, peer));
    build_neighbors_policy(builder, ends->nodes[1], number, ends->bgp, peer);
    return number;
}

/* One end of a session, over the family that is asked for. */
static uint16_t build_dx_neighbor(struct builder *builder, const struct span_ends *ends, int end,
                                  bool six, struct event_neighbor told)
{
    const struct network_inside inside = network_direct_inside(ends->said);
    struct event_neighbor neighbor = ends_of(&inside, end, six);
    neighbor.attachment = told.attachment;
    neighbor.interface = told.interface;
    neighbor.peer_asn = builder_node(builder, ends->nodes[!end])->config.asn;
    neighbor.allowas_in = end ? (uint8_t)ends->bgp->allowas_in : 0;
    neighbor.passive = end == 0;
    set_session(&neighbor, &ends->said->bgp, end ? &ends->bgp->timers : NULL);
    return build_neighbor(builder, ends->nodes[end], neighbor);
}

static void build_dx_end(struct builder *builder, const struct span_ends *ends, int end,
                         struct direct_connect *direct)
{
    const struct network_inside inside = network_direct_inside(ends->said);
    struct event_neighbor told = {.interface = end ? direct->router_port : direct->gateway_port};
    if (end == 0)
        told.attachment = direct->attachment = gateway_attachment(builder, ends);
    for (int six = 0; six < 2; six++) {
        bool speaks = six ? inside.own_session : inside.four[0] != 0;
        if (!speaks)
            continue;
        if (end)
            told.attachment =
                router_attachment(builder, ends, six ? inside.six[0] : inside.four[0]);
        if (!ends->bgp)
            continue;
        uint16_t number = build_dx_neighbor(builder, ends, end, six != 0, told);
        if (end == 0 && six && inside.four[0] != 0)
            direct->neighbor_six = number;
        else if (end == 0)
            direct->neighbor = number;
    }
}

static void build_direct_connect(struct builder *builder, size_t index)
{
    const struct network *network = builder->network;
    const struct network_direct_connect *said = &network->direct_connects[index];
    struct span_ends ends = {.said = said,
                             .bgp = network->routers[said->router.index].bgp,
                             .nodes = {builder->gateway_nodes[said->vpn_gateway.index],
                                       builder->router_nodes[said->router.index]}};
    int at = world_add_direct_connect(builder->world, said->id);
    struct direct_connect *direct = &builder->world->direct_connects[at];
    direct->gateway = ends.nodes[0];
    direct->router = ends.nodes[1];
    for (int end = 0; end < 2; end++) {
        uint16_t port =
            add_virtual_interface(builder, index, ends.nodes[end], ends.nodes[!end], end);
        *(end ? &direct->router_port : &direct->gateway_port) = port;
        if (builder_node(builder, ends.nodes[end])->config.asn != 0)
            build_dx_end(builder, &ends, end, direct);
    }
}

void build_direct_connects(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->direct_connect_count; i++)
        build_direct_connect(builder, i);
}
