/* The underlay where a router's provider speaks BGP: the provider is a router of its own, on the
 * Internet, and its routes compete with those that come through the tunnels (trap T05). */
#include "network/build_parts.h"

#include <assert.h>
#include <stdio.h>

enum { HOLD_S = 90, KEEPALIVE_S = 30, RETRY_S = 10 };

static void add_session(struct node *node, ip4 local, ip4 peer, uint32_t peer_asn)
{
    struct event event = {
        .attachment = {.attachment = build_next(node, EVENT_ATTACHMENT), .kind = ATTACHMENT_PLAIN}};
    uint16_t attachment = event.attachment.attachment;
    build_setup(node, EVENT_ATTACHMENT, event);
    event = (struct event){.neighbor = {.neighbor = build_next(node, EVENT_NEIGHBOR),
                                        .attachment = attachment,
                                        .interface = 1,
                                        .local_addr = local,
                                        .peer_addr = peer,
                                        .peer_asn = peer_asn,
                                        .hold_s = HOLD_S,
                                        .keepalive_s = KEEPALIVE_S,
                                        .connect_retry_s = RETRY_S,
                                        .passive = local > peer}};
    build_setup(node, EVENT_NEIGHBOR, event);
}

static void build_provider(struct builder *builder, size_t index)
{
    const struct network_router *router = &builder->network->routers[index];
    const struct network_underlay *underlay = router->underlay;
    int customer = builder->router_nodes[index];
    ip4 address = builder_node(builder, customer)->ports[1].addr;
    ip4 provider_address = underlay->address ? underlay->address
                           : router->gateway ? router->gateway
                                             : prefix4_make(address, 24).addr + 1;
    char id[256];
    snprintf(id, sizeof id, "%s's provider", router->id);
    int at = world_add_node(builder->world, NODE_ROUTER, id);
    struct node *node = builder_node(builder, at);
    build_engine(node, PLATFORM_UNKNOWN, underlay->asn, provider_address);
    struct port port = {.name = "eth0",
                        .kind = PORT_INTERNET,
                        .addr = provider_address,
                        .len = 24,
                        .up = true,
                        .peer = WORLD_NONE,
                        .tunnel = WORLD_NONE};
    build_interface(node, node_add_port(node, port));
    world_add_address(
        builder->world,
        (struct public_address){.addr = provider_address, .node = at, .tunnel = WORLD_NONE});
    add_session(node, provider_address, address, router->bgp->asn);
    for (size_t i = 0; i < underlay->announce_count; i++) {
        struct event event;
        build_announcement(&underlay->announce[i], &event);
        node_add_setup(node, &event);
    }
    add_session(builder_node(builder, customer), address, provider_address, underlay->asn);
}

void build_underlays(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->router_count; i++) {
        const struct network_router *router = &builder->network->routers[i];
        if (router->underlay && router->bgp &&
            builder_node(builder, builder->router_nodes[i])->port_count > 0)
            build_provider(builder, i);
    }
}
