/* What the tests of the builder share, and those of the simulator: the incident's network as a
 * file's text, ways to change a line of it, and engines that are booted without a clock, their
 * entries done at once, so that packets can be sent through the world as it was built. */
#pragma once

#include "network/build.h"
#include "tests/harness.h"
#include "world/forward.h"

#include <stdlib.h>

#define RIG_UNUSED __attribute__((unused))

static const char rig_incident[] RIG_UNUSED =
    "vpcs:\n"
    "  - id: vpc-main\n"
    "    cidrs: [10.10.0.0/16]\n"
    "    route_tables: [{id: rtb-app, propagate: [vgw-main], routes: []}]\n"
    "    subnets: [{id: subnet-app, cidr: 10.10.1.0/24, route_table: rtb-app}]\n"
    "    instances: [{id: i-app, subnet: subnet-app, address: 10.10.1.10}]\n"
    "  - id: vpc-branch\n"
    "    cidrs: [10.20.0.0/16]\n"
    "    internet_gateway: igw-branch\n"
    "    route_tables:\n"
    "      - id: rtb-branch\n"
    "        routes:\n"
    "          - {prefix: 10.10.0.0/16, target: i-vyatta}\n"
    "          - {prefix: 0.0.0.0/0, target: igw-branch}\n"
    "    subnets: [{id: subnet-edge, cidr: 10.20.0.0/24, route_table: rtb-branch}]\n"
    "    instances:\n"
    "      - id: i-vyatta\n"
    "        subnet: subnet-edge\n"
    "        address: 10.20.0.10\n"
    "        elastic_address: 198.51.100.10\n"
    "        source_dest_check: false\n"
    "        router: vyatta\n"
    "      - {id: i-host, subnet: subnet-edge, address: 10.20.0.20}\n"
    "vpn_gateways: [{id: vgw-main, asn: 10124, vpc: vpc-main, platform: sekisho}]\n"
    "customer_gateways: [{id: cgw-vyatta, asn: 65000, address: 198.51.100.10, router: vyatta}]\n"
    "vpn_connections:\n"
    "  - id: vpn-vyatta\n"
    "    vpn_gateway: vgw-main\n"
    "    customer_gateway: cgw-vyatta\n"
    "    guard: warn\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}\n"
    "direct_connects:\n"
    "  - id: dxvif-1\n"
    "    vpn_gateway: vgw-main\n"
    "    router: dx-edge\n"
    "    vlan: 101\n"
    "    inside: {vgw: 169.254.100.1, peer: 169.254.100.2}\n"
    "routers:\n"
    "  - id: vyatta\n"
    "    platform: vyatta\n"
    "    routes: [{prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp}]\n"
    "    bgp: {asn: 65000, announce: [10.20.0.0/16]}\n"
    "  - id: dx-edge\n"
    "    bgp: {asn: 65001, announce: [10.30.0.0/16]}\n";

/* A site directly on the Internet, with one tunnel. Behind its last line a router may go on. */
static const char rig_site[] RIG_UNUSED =
    "vpn_gateways: [{id: vgw, asn: 64600, platform: sekisho}]\n"
    "customer_gateways: [{id: cgw, asn: 65010, address: 198.51.100.10, router: site}]\n"
    "vpn_connections:\n"
    "  - id: vpn\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}\n"
    "routers:\n"
    "  - id: site\n"
    "    platform: frr\n"
    "    bgp: {asn: 65010, announce: [10.20.0.0/16]}\n";

/* The text with the first `from` turned into `to`; lives until the next but one such call. */
RIG_UNUSED static const char *rig_with(const char *text, const char *from, const char *to)
{
    static char texts[2][1 << 14];
    static int turn;
    const char *at = strstr(text, from);
    char *out = texts[turn ^= 1];
    if (!at) {
        printf("# the text has no \"%s\"\n", from);
        CHECK(at != NULL);
        return text;
    }
    snprintf(out, sizeof texts[0], "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

/* The text and more of it; lives as long. */
RIG_UNUSED static const char *rig_and(const char *text, const char *more)
{
    static char texts[2][1 << 14];
    static int turn;
    char *out = texts[turn ^= 1];
    snprintf(out, sizeof texts[0], "%s%s", text, more);
    return out;
}

/* The network of a sound text; else its errors are shown and the test program ends. */
RIG_UNUSED static struct network *rig_parse(const char *text)
{
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    struct slice bytes = {(const uint8_t *)text, strlen(text)};
    bool parsed = network_parse(bytes, "test.yaml", &diagnostics, &network);
    for (size_t i = 0; i < diagnostics.count; i++)
        printf("# %u:%u: %s\n", diagnostics.items[i].place.line, diagnostics.items[i].place.column,
               diagnostics.items[i].message);
    diagnostics_done(&diagnostics);
    if (!parsed) {
        printf("Bail out! a test's network is not sound:\n%s", text);
        exit(1);
    }
    return network;
}

struct rig {
    struct network *network;
    struct world *world;
};

RIG_UNUSED static struct rig rig_build(const char *text)
{
    struct rig rig = {.network = rig_parse(text)};
    rig.world = network_build(rig.network);
    return rig;
}

RIG_UNUSED static void rig_done(struct rig *rig)
{
    world_destroy(rig->world);
    network_free(rig->network);
    *rig = (struct rig){0};
}

RIG_UNUSED static struct node *rig_node(const struct rig *rig, const char *id)
{
    int at = world_find_node(rig->world, id);
    if (at != WORLD_NONE)
        return &rig->world->nodes[at];
    printf("Bail out! no node is called %s\n", id);
    exit(1);
}

RIG_UNUSED static const struct port *rig_port(const struct rig *rig, const char *id,
                                              const char *name)
{
    const struct node *node = rig_node(rig, id);
    for (uint16_t i = 1; i <= node->port_count; i++) {
        if (strcmp(node->ports[i].name, name) == 0)
            return &node->ports[i];
    }
    printf("Bail out! %s has no port %s\n", id, name);
    exit(1);
}

RIG_UNUSED static int rig_count(const struct rig *rig, const char *id, enum event_kind kind)
{
    const struct node *node = rig_node(rig, id);
    int count = 0;
    for (size_t i = 0; i < node->setup_count; i++)
        count += node->setup[i].kind == kind;
    return count;
}

/* What the node's engine is told: the nth event of a kind, from 0. */
RIG_UNUSED static const struct event *rig_told(const struct rig *rig, const char *id,
                                               enum event_kind kind, size_t nth)
{
    static const struct event nothing;
    const struct node *node = rig_node(rig, id);
    for (size_t i = 0; i < node->setup_count; i++) {
        if (node->setup[i].kind == kind && nth-- == 0)
            return &node->setup[i];
    }
    CHECK(!"the engine is told of it");
    return &nothing;
}

RIG_UNUSED static void rig_step(struct node *node, const struct event *event)
{
    struct step step = engine_step(node->engine, event);
    for (uint32_t i = 0; i < step.effect_count; i++) {
        const struct effect_entry *wanted = &step.effects[i].entry;
        struct kernel_entry entry = {.port = wanted->interface,
                                     .neighbor = wanted->neighbor,
                                     .gateway = wanted->gateway,
                                     .source = wanted->source};
        if (step.effects[i].kind != EFFECT_ENTRY)
            continue;
        if (wanted->present)
            kernel_set(&node->kernel, wanted->prefix, &entry);
        else
            kernel_remove(&node->kernel, wanted->prefix);
    }
}

/* Every engine is made and told everything; no session ever starts. */
RIG_UNUSED static void rig_boot(struct rig *rig)
{
    for (size_t i = 0; i < rig->world->node_count; i++) {
        struct node *node = &rig->world->nodes[i];
        struct event boot = {.kind = EVENT_BOOT, .boot = {.seed = 1}};
        if (node->kind == NODE_INTERNET || (node->kind == NODE_VPC && node->owner != (int)i))
            continue;
        node->engine = engine_create(&node->config);
        rig_step(node, &boot);
        for (size_t e = 0; e < node->setup_count; e++)
            rig_step(node, &node->setup[e]);
        CHECK(engine_audit(node->engine) == NULL);
    }
}

/* Both ends of every tunnel have the same SA. */
RIG_UNUSED static void rig_establish(struct rig *rig)
{
    for (size_t i = 0; i < rig->world->tunnel_count; i++)
        rig->world->tunnels[i].ends[0].sa = rig->world->tunnels[i].ends[1].sa = 1;
}

/* A plain packet's way; its hops live until the next call. */
RIG_UNUSED static struct path rig_send(const struct rig *rig, const char *from, ip_addr src,
                                       ip_addr dst)
{
    static struct hop hops[PATH_HOPS];
    struct path path = {.hops = hops};
    struct packet packet = {
        .src = src, .dst = dst, .kind = PACKET_PLAIN, .size_bytes = 100, .tunnel = WORLD_NONE};
    forward(rig->world, world_find_node(rig->world, from), &packet, &path);
    return path;
}

#define RIG_IP(a, b, c, d)                                                                         \
    ((ip_addr)(a) << 24 | (ip_addr)(b) << 16 | (ip_addr)(c) << 8 |                                 \
     (ip_addr)(d)) /* an address, in a test */
