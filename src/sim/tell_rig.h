/* The incident's network for the tests of the timeline: a gateway, a tunnel to a Vyatta with its
 * default by DHCP, a Direct Connect that announces another. */
#pragma once

#include "network/build.h"
#include "sim/tell.h"
#include "tests/harness.h"

#include <stdlib.h>

static const char tell_file[] =
    "vpcs:\n"
    "  - {id: vpc-main, cidrs: [10.10.0.0/16], route_tables: [{id: rtb, propagate: [vgw]}]}\n"
    "vpn_gateways: [{id: vgw, asn: 10124, vpc: vpc-main, platform: sekisho}]\n"
    "customer_gateways: [{id: cgw, asn: 65000, address: 198.51.100.10, router: vyatta}]\n"
    "vpn_connections:\n"
    "  - id: vpn\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw\n"
    "    guard: warn\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}\n"
    "direct_connects:\n"
    "  - id: dx\n"
    "    vpn_gateway: vgw\n"
    "    router: edge\n"
    "    inside: {vgw: 169.254.100.1, peer: 169.254.100.2}\n"
    "routers:\n"
    "  - id: vyatta\n"
    "    platform: vyatta\n"
    "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}]\n"
    "    bgp: {asn: 65000, announce: [10.20.0.0/16]}\n"
    "  - {id: edge, platform: unknown, bgp: {asn: 65001, announce: [10.30.0.0/16]}}\n"
    "story:\n"
    "  - {at: 60s, announce: {router: edge, prefix: 0.0.0.0/0}}\n"
    "  - {at: 240s, restart: {router: vyatta}}\n"
    "  - {at: 250s, replace: {router: vyatta}}\n"
    "  - {at: 260s, fail: {tunnel: vpn/1}}\n"
    "  - {at: 270s, restore: {tunnel: vpn/1}}\n"
    "  - {at: 280s, withdraw: {router: edge, prefix: 0.0.0.0/0}}\n"
    "  - {at: 290s, fail: {link: vyatta}}\n"
    "  - at: 300s\n"
    "    configure: {vpn_connection: vpn, guard: hold}\n"
    "  - at: 310s\n"
    "    configure:\n"
    "      router: vyatta\n"
    "      add_routes: [{prefix: 203.0.113.225/32, via: 198.51.100.1}]\n"
    "      remove_routes: [0.0.0.0/0]\n";

static inline struct network *tell_network(void)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    struct slice text = {(const uint8_t *)tell_file, sizeof tell_file - 1};
    diagnostics_init(&diagnostics);
    bool fine = network_parse(text, "incident", &diagnostics, &network);
    CHECK(fine);
    if (!fine)
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
    diagnostics_done(&diagnostics);
    if (!fine)
        exit(1);
    return network;
}
