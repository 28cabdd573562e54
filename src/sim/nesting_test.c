/* One of two endpoints is pinned, so the second tunnel's packets go through the first (T02), to the
 * gateway and out at another site: where they end, and whose fault it is said to be. */
#include "tests/harness.h"

#include "network/build.h"
#include "sim/sim.h"

static const char text[] =
    "vpn_gateways: [{id: vgw, asn: 10124}]\n"
    "customer_gateways:\n"
    "  - {id: cgw, address: 198.51.100.10, router: victim}\n"
    "  - {id: cgw-exit, asn: 65001, address: 198.18.0.10, router: exit}\n"
    "vpn_connections:\n"
    "  - id: vpn\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.225, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}\n"
    "      - {outside: 203.0.113.226, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}\n"
    "  - id: vpn-exit\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw-exit\n"
    "    tunnels: [{outside: 192.88.98.9, inside: {vgw: 169.254.20.1, cgw: 169.254.20.2}}]\n"
    "routers:\n"
    "  - id: victim\n"
    "    platform: vyos\n"
    "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp},\n"
    "             {prefix: 203.0.113.225/32, via: 198.51.100.1}]\n"
    "    bgp: {asn: 65000, announce: [10.20.0.0/16]}\n"
    "  - {id: exit, platform: vyos, routes: [{prefix: 0.0.0.0/0, via: 198.18.0.1}],\n"
    "     bgp: {asn: 65001}}\n"
    "story: [{at: 60s, announce: {router: exit, prefix: 0.0.0.0/0}}]\n";

struct rig {
    struct network *network;
    struct world *world;
    struct sim *sim;
};

static struct rig begin(void)
{
    struct rig rig = {.network = NULL};
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    bool parsed = network_parse((struct slice){(const uint8_t *)text, sizeof text - 1}, "nesting",
                                &diagnostics, &rig.network);
    CHECK(parsed);
    diagnostics_done(&diagnostics);
    rig.world = network_build(rig.network);
    rig.sim = sim_create(rig.world, rig.network, &(struct sim_options){.no_phase = true});
    return rig;
}

static void end(struct rig *rig)
{
    sim_destroy(rig->sim);
    world_destroy(rig->world);
    network_free(rig->network);
}

static void the_other_site_s_provider_does_not_pass_the_source(void)
{
    struct rig rig = begin();
    struct path path = {.hops = NULL};
    sim_run(rig.sim, 50000000);
    forward_outer(rig.world, 1, TUNNEL_CUSTOMER, &path);
    CHECK(path.delivered && !path.swallowed);
    sim_run(rig.sim, 62000000);
    forward_outer(rig.world, 1, TUNNEL_CUSTOMER, &path);
    CHECK(!path.delivered);
    CHECK_EQUAL(path.drop, DROP_FOREIGN_SOURCE);
    CHECK_EQUAL(path.node, world_find_node(rig.world, "exit"));
    forward_outer(rig.world, 0, TUNNEL_CUSTOMER, &path); /* its own address leaves, of course */
    CHECK(path.delivered && !path.swallowed);
    CHECK_EQUAL(sim_run_story(rig.sim), SIM_SETTLED);
    CHECK(sim_tunnel_up(rig.sim, 0) && !sim_tunnel_up(rig.sim, 1));
    end(&rig);
}

/* The packets enter vpn/1 and then vpn-exit/1; it is the first that took them. */
static void who_took_the_packets_is_who_took_them_first(void)
{
    struct rig rig = begin();
    struct path path = {.hops = NULL};
    sim_run(rig.sim, 62000000);
    forward_outer(rig.world, 1, TUNNEL_CUSTOMER, &path);
    CHECK(path.swallowed);
    CHECK_EQUAL(path.swallowed_tunnel, 1);
    CHECK_EQUAL(path.into_tunnel, 0);
    CHECK_EQUAL(path.tunnels_seen, 1u << 0 | 1u << 2);
    end(&rig);
}

int main(void)
{
    TEST(the_other_site_s_provider_does_not_pass_the_source);
    TEST(who_took_the_packets_is_who_took_them_first);
    return harness_done();
}
