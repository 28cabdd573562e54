/* A small world for the tests of this room: a gateway with a VPC, a Direct Connect and a tunnel to
 * a router, engines that run and talk BGP, and kernels that take entries at once. Time passes only
 * when a test says so.
 *
 *     vpc ── vgw (10124) ═ vpn/1 ═ site (65000), default by DHCP
 *                        ─ dx ──── edge (65001) */
#pragma once

#include "tests/harness.h"
#include "world/names.h"

#include <stdlib.h>

enum { SECOND_US = 1000000, RIG_BYTES = 65536, RIG_SENDS = 64 };

struct rig {
    struct world *world;
    int vgw, site, edge, vpc;
    struct platform_profile profiles[3];
    int64_t wake_us[8];
    int64_t now_us;
    int senders[RIG_SENDS]; /* nodes that have bytes for a neighbor, in order */
    struct event_connection sends[RIG_SENDS];
    size_t send_count;
};

static inline ip_addr addr_of(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static inline struct prefix net_of(const char *text)
{
    struct prefix prefix = {0, 0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

/* -- the world -- */

static inline void rig_node(struct rig *rig, int node, enum platform platform, uint32_t asn)
{
    struct platform_profile *profile = &rig->profiles[node % 3];
    struct node *at = &rig->world->nodes[node];
    struct span restart = platform_profile(platform)->session_restart;
    *profile = *platform_profile(platform);
    platform_take_no_time(profile);
    profile->session_restart = restart;
    at->config = (struct engine_config){.alloc = world_alloc(),
                                        .profile = profile,
                                        .gateway = at->kind == NODE_GATEWAY,
                                        .asn = asn,
                                        .router_id = 0x0a000000 + asn};
}

static inline uint16_t rig_port(struct rig *rig, int node, struct port port)
{
    port.up = true;
    uint16_t number = node_add_port(&rig->world->nodes[node], port);
    struct event event = {
        .kind = EVENT_INTERFACE,
        .interface = {.interface = number, .addr = port.addr, .len = port.len, .up = true}};
    node_add_setup(&rig->world->nodes[node], &event);
    return number;
}

static inline void rig_say(struct rig *rig, int node, struct event event)
{
    node_add_setup(&rig->world->nodes[node], &event);
}

static inline void rig_neighbor(struct rig *rig, int node, struct event_neighbor said,
                                enum attachment_kind kind, uint16_t customer)
{
    struct event attachment = {.kind = EVENT_ATTACHMENT,
                               .attachment = {.attachment = said.attachment,
                                              .kind = kind,
                                              .customer_gateway = customer,
                                              .guard = GUARD_WARN}};
    struct event neighbor = {.kind = EVENT_NEIGHBOR, .neighbor = said};
    neighbor.neighbor.hold_s = 30;
    neighbor.neighbor.keepalive_s = neighbor.neighbor.connect_retry_s = 10;
    rig_say(rig, node, attachment);
    rig_say(rig, node, neighbor);
    rig_say(rig, node,
            (struct event){.kind = EVENT_START, .connection = {.neighbor = said.neighbor}});
}

static inline void rig_announce(struct rig *rig, int node, const char *prefix)
{
    rig_say(rig, node,
            (struct event){.kind = EVENT_ANNOUNCE, .announce = {.prefix = net_of(prefix)}});
}

static inline void rig_tunnel(struct rig *rig)
{
    struct world *world = rig->world;
    ip_addr inside[2] = {addr_of("169.254.252.30"), addr_of("169.254.252.29")};
    int tunnel = world_add_tunnel(world, "vpn/1"), connection = world_add_connection(world, "vpn");
    int nodes[2] = {rig->vgw, rig->site};
    world->tunnels[tunnel].connection = connection;
    world->connections[connection].gateway = rig->vgw;
    world->connections[connection].router = rig->site;
    world->connections[connection].attachment = 1;
    world->connections[connection].router_attachment = 1;
    for (int end = 0; end < 2; end++) {
        struct port port = {.name = "vti1",
                            .kind = PORT_TUNNEL,
                            .addr = inside[end],
                            .len = 30,
                            .tunnel = tunnel,
                            .peer = WORLD_NONE};
        struct event_neighbor said = {.neighbor = 1,
                                      .attachment = 1,
                                      .interface = rig_port(rig, nodes[end], port),
                                      .local_addr = inside[end],
                                      .peer_addr = inside[!end],
                                      .peer_asn = end ? 10124 : 65000,
                                      .passive = !end};
        world->tunnels[tunnel].ends[end] =
            (struct tunnel_end){.node = nodes[end],
                                .port = said.interface,
                                .neighbor = 1,
                                .inside = inside[end],
                                .outer_local = addr_of(end ? "198.51.100.10" : "203.0.113.225"),
                                .outer_remote = addr_of(end ? "203.0.113.225" : "198.51.100.10")};
        rig_neighbor(rig, nodes[end], said, end ? ATTACHMENT_PLAIN : ATTACHMENT_VPN, end ? 0 : 1);
    }
    rig_say(rig, rig->vgw,
            (struct event){.kind = EVENT_ENDPOINT,
                           .endpoint = {.customer_gateway = 1,
                                        .addr = addr_of("203.0.113.225"),
                                        .present = true}});
}

static inline void rig_direct_connect(struct rig *rig)
{
    struct world *world = rig->world;
    ip_addr inside[2] = {addr_of("169.254.100.1"), addr_of("169.254.100.2")};
    int direct = world_add_direct_connect(world, "dx");
    int nodes[2] = {rig->vgw, rig->edge};
    uint16_t ports[2];
    for (int end = 0; end < 2; end++) {
        struct port port = {.name = "dx101",
                            .kind = PORT_DX,
                            .addr = inside[end],
                            .len = 30,
                            .tunnel = WORLD_NONE,
                            .peer = nodes[!end]};
        ports[end] = rig_port(rig, nodes[end], port);
        struct event_neighbor said = {.neighbor = end ? 1 : 2,
                                      .attachment = end ? 1 : 2,
                                      .interface = ports[end],
                                      .local_addr = inside[end],
                                      .peer_addr = inside[!end],
                                      .peer_asn = end ? 10124 : 65001,
                                      .passive = !end};
        rig_neighbor(rig, nodes[end], said, end ? ATTACHMENT_PLAIN : ATTACHMENT_DX, 0);
    }
    world->direct_connects[direct].gateway = rig->vgw;
    world->direct_connects[direct].router = rig->edge;
    world->direct_connects[direct].gateway_port = ports[0];
    world->direct_connects[direct].router_port = ports[1];
    world->direct_connects[direct].attachment = world->direct_connects[direct].neighbor = 2;
}

static inline void rig_vpc(struct rig *rig)
{
    struct node *vpc = &rig->world->nodes[rig->vpc];
    vpc->owner = rig->vgw;
    vpc->vpc = 1;
    struct port port = {.name = "vpc", .kind = PORT_VPC, .peer = rig->vpc, .tunnel = WORLD_NONE};
    uint16_t number = rig_port(rig, rig->vgw, port);
    node_add_target(vpc, (struct route_target){VPC_TO_GATEWAY, strdup("vgw"), rig->vgw});
    node_add_table(vpc, "rtb-app");
    node_add_table(vpc, "rtb-shut");
    struct event events[] = {
        {.kind = EVENT_VPC, .vpc = {.vpc = 1, .interface = number}},
        {.kind = EVENT_VPC_CIDR,
         .vpc_part = {.vpc = 1, .prefix = net_of("10.10.0.0/16"), .present = true}},
        {.kind = EVENT_VPC_TABLE, .vpc_part = {.vpc = 1, .table = 1, .present = true}},
        {.kind = EVENT_VPC_TABLE, .vpc_part = {.vpc = 1, .table = 2}},
        {.kind = EVENT_VPC_ROUTE,
         .vpc_part = {.vpc = 1,
                      .table = 1,
                      .prefix = net_of("10.99.0.0/16"),
                      .target = {.kind = VPC_TO_BLACKHOLE},
                      .present = true}},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        rig_say(rig, rig->vgw, events[i]);
}

static inline void rig_init(struct rig *rig)
{
    *rig = (struct rig){.world = world_create()};
    rig->vgw = world_add_node(rig->world, NODE_GATEWAY, "vgw");
    rig->site = world_add_node(rig->world, NODE_ROUTER, "site");
    rig->edge = world_add_node(rig->world, NODE_ROUTER, "edge");
    rig->vpc = world_add_node(rig->world, NODE_VPC, "vpc");
    rig_node(rig, rig->vgw, PLATFORM_SEKISHO, 10124);
    rig_node(rig, rig->site, PLATFORM_VYATTA, 65000);
    rig_node(rig, rig->edge, PLATFORM_UNKNOWN, 65001);
    struct port eth0 = {.name = "eth0",
                        .kind = PORT_INTERNET,
                        .addr = addr_of("10.20.0.10"),
                        .len = 24,
                        .peer = WORLD_NONE,
                        .tunnel = WORLD_NONE};
    uint16_t out = rig_port(rig, rig->site, eth0);
    rig_say(rig, rig->site,
            (struct event){.kind = EVENT_ROUTE_SET,
                           .route = {.prefix = {0, 0},
                                     .source = ROUTE_DHCP,
                                     .gateway = addr_of("10.20.0.1"),
                                     .interface = out}});
    rig_tunnel(rig);
    rig_direct_connect(rig);
    rig_vpc(rig);
    rig_announce(rig, rig->site, "10.20.0.0/16");
    rig_announce(rig, rig->edge, "10.30.0.0/16");
}
