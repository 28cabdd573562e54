/* BFD in a run: over a Direct Connect whose line dies in silence, and inside a tunnel. */
#include "sim/sim_rig.h"

#include <stdlib.h>

#define NETWORK_WITH(bgp, connection_bgp)                                                          \
    "vpcs: [{id: vpc, cidrs: [10.10.0.0/16]}]\n"                                                   \
    "vpn_gateways: [{id: vgw, asn: 64512, vpc: vpc, platform: sekisho}]\n"                         \
    "customer_gateways: [{id: cgw, asn: 65002, address: 198.51.100.10, router: site}]\n"           \
    "vpn_connections:\n"                                                                           \
    "  - id: vpn\n"                                                                                \
    "    vpn_gateway: vgw\n"                                                                       \
    "    customer_gateway: cgw\n"                                                                  \
    "    tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}]\n"      \
    "    bgp: {" connection_bgp "}\n"                                                              \
    "direct_connects:\n"                                                                           \
    "  - id: dx\n"                                                                                 \
    "    vpn_gateway: vgw\n"                                                                       \
    "    router: edge\n"                                                                           \
    "    inside: {vgw: 169.254.20.1, peer: 169.254.20.2}\n"                                        \
    "    bgp: {" bgp "}\n"                                                                         \
    "routers:\n"                                                                                   \
    "  - {id: edge, platform: bird, bgp: {asn: 65001, announce: [10.30.0.0/16]}}\n"                \
    "  - {id: site, platform: bird, bgp: {asn: 65002, announce: [10.20.0.0/16]}}\n"                \
    "story:\n"                                                                                     \
    "  - {at: 120s, fail: {router: edge}}\n"                                                       \
    "until: 300s\n"

static int64_t lost_after(const char *text)
{
    struct run run = run_exactly(text);
    sim_run(run.sim, 300 * (int64_t)SECOND);
    CHECK(run_when(&run, MOMENT_SESSION_UP, "vgw", 0) >= 0);
    int64_t at_us = run_when(&run, MOMENT_SESSION_DOWN, "vgw", 0);
    run_done(&run);
    return at_us - 120 * (int64_t)SECOND;
}

static void a_router_that_dies_is_missed_in_a_second(void)
{
    int64_t took_us = lost_after(NETWORK_WITH("bfd: {}", "hold: 30s"));
    CHECK(took_us > 600 * MS && took_us < 1000 * MS);
}

static void or_after_the_hold_time(void)
{
    int64_t took_us = lost_after(NETWORK_WITH("hold: 90s", "hold: 30s"));
    CHECK(took_us > 59 * (int64_t)SECOND && took_us <= 90 * (int64_t)SECOND);
}

static void inside_a_tunnel_it_comes_up_and_stays(void)
{
    struct run run = run_exactly(NETWORK_WITH("hold: 90s", "bfd: {interval: 1s, multiplier: 5}"));
    sim_run(run.sim, 300 * (int64_t)SECOND);
    const struct node *node = rig_node(&run.rig, "vgw");
    CHECK_EQUAL(engine_bfd(node->engine, 1)->state, BFD_UP);
    CHECK(engine_bfd(node->engine, 2) == NULL);
    CHECK_EQUAL(engine_bfd(rig_node(&run.rig, "site")->engine, 1)->discard_count, 0);
    run_done(&run);
}

int main(void)
{
    TEST(a_router_that_dies_is_missed_in_a_second);
    TEST(or_after_the_hold_time);
    TEST(inside_a_tunnel_it_comes_up_and_stays);
    return harness_done();
}
