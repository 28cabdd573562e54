/* The underlay where a router's provider speaks BGP: the provider is a router of its own, on the
 * Internet, and its routes compete with those that come through the tunnels (trap T05). */
#include "network/build_parts.h"

#include <stdio.h>

enum { HOLD_S = 90, KEEPALIVE_S = 30, RETRY_S = 10 };

static uint16_t add_session(struct builder *builder, int at, ip_addr local, ip_addr peer,
                            uint32_t peer_asn, const struct network_bgp *bgp)
{
    struct event_neighbor neighbor = {.interface = 1,
                                      .local_addr = local,
                                      .peer_addr = peer,
                                      .peer_asn = peer_asn,
                                      .hold_s = HOLD_S,
                                      .keepalive_s = KEEPALIVE_S,
                                      .connect_retry_s = RETRY_S,
                                      .passive = local > peer};
    neighbor.attachment = build_attachment(builder, at, build_plain(bgp, peer));
    build_neighbor(builder, at, neighbor);
    return neighbor.attachment;
}

/* The provider's node; one for all routers that name its address and AS. */
static int provider_at(struct builder *builder, const struct network_router *router,
                       ip_addr address)
{
    const struct public_address *owner = world_address(builder->world, address);
    if (owner && builder->world->nodes[owner->node].kind == NODE_ROUTER &&
        builder->world->nodes[owner->node].config.asn == router->underlay->asn)
        return owner->node;
    char id[256];
    snprintf(id, sizeof id, "%s's provider", router->id);
    int at = world_add_node(builder->world, NODE_ROUTER, id);
    struct node *node = builder_node(builder, at);
    build_engine(node, PLATFORM_UNKNOWN, router->underlay->asn, (uint32_t)address);
    struct port port = {.name = "eth0",
                        .kind = PORT_INTERNET,
                        .addr = address,
                        .len = SITE_LEN,
                        .up = true,
                        .peer = WORLD_NONE,
                        .tunnel = WORLD_NONE};
    build_interface(node, node_add_port(node, port));
    world_add_address(builder->world,
                      (struct public_address){.addr = address, .node = at, .tunnel = WORLD_NONE});
    return at;
}

/* A router whose outer interface is in a VRF speaks with its provider there: what the provider
 * announces is in the VRF's table and competes with nothing. */
static void build_in_vrf(struct node *node, const struct network_underlay *underlay,
                         ip_addr address)
{
    for (size_t i = 0; i < underlay->announce_count; i++) {
        struct event event = {.route = {.prefix = underlay->announce[i].prefix,
                                        .source = ROUTE_EBGP,
                                        .gateway = address,
                                        .interface = 1}};
        build_setup(node, EVENT_ROUTE_SET, event);
    }
}

static void build_provider(struct builder *builder, size_t index)
{
    const struct network_router *router = &builder->network->routers[index];
    const struct network_underlay *underlay = router->underlay;
    int customer = builder->router_nodes[index];
    ip_addr address = builder_node(builder, customer)->ports[1].addr;
    ip_addr provider_address = underlay->address ? underlay->address
                               : router->gateway ? router->gateway
                                                 : build_first_host(address);
    if (builder_node(builder, customer)->outer_vrf) {
        build_in_vrf(builder_node(builder, customer), underlay, provider_address);
        return;
    }
    int at = provider_at(builder, router, provider_address);
    add_session(builder, at, provider_address, address, router->bgp->asn, NULL);
    for (size_t i = 0; i < underlay->announce_count; i++) {
        struct event event;
        build_announcement(&underlay->announce[i], &event);
        node_add_setup(builder_node(builder, at), &event);
    }
    uint16_t attachment =
        add_session(builder, customer, address, provider_address, underlay->asn, router->bgp);
    build_neighbors_policy(builder, customer, attachment, router->bgp, provider_address);
}

void build_underlays(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->router_count; i++) {
        const struct network_router *router = &builder->network->routers[i];
        const struct node *node = builder_node(builder, builder->router_nodes[i]);
        if (router->underlay && router->bgp && node->port_count > 0 && node->ports[1].addr)
            build_provider(builder, i);
    }
}
