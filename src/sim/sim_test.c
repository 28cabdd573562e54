#include "sim/sim_rig.h"

static const char announces_default[] =
    "story:\n  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n";

static void a_network_comes_up(void)
{
    struct run run = run_exactly(rig_incident);
    sim_run(run.sim, 30 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_session(&run, "vgw-main", 1), SESSION_ESTABLISHED);
    CHECK_EQUAL(run_session(&run, "vgw-main", 2), SESSION_ESTABLISHED);
    CHECK_EQUAL(run_moments(&run, MOMENT_BOOT, NULL, 0), 1); /* all at once */
    const struct kernel_entry *entry = run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16);
    CHECK(entry && entry->gateway == RIG_IP(169, 254, 252, 30) && entry->source == ROUTE_EBGP);
    struct path path = rig_send(&run.rig, "i-app", RIG_IP(10, 10, 1, 10), RIG_IP(10, 20, 0, 20));
    CHECK(path.delivered && path.node == run_node(&run, "i-host"));
    path = rig_send(&run.rig, "i-host", RIG_IP(10, 20, 0, 20), RIG_IP(10, 10, 1, 10));
    CHECK(path.delivered && path.node == run_node(&run, "i-app"));
    run_done(&run);
}

static void equal_seeds_give_equal_runs(void)
{
    uint64_t digests[4];
    static const uint64_t seeds[4] = {5, 5, 6, 5};
    for (int i = 0; i < 4; i++) {
        struct run run = run_with(rig_and(rig_incident, announces_default),
                                  &(struct sim_options){.seed = seeds[i]});
        sim_run(run.sim, 300 * SECOND);
        digests[i] = sim_digest(run.sim);
        if (i == 0)
            harness_digest("incident seed 5, 300 s", digests[i]);
        run_done(&run);
    }
    CHECK(digests[0] == digests[1] && digests[0] == digests[3]);
    CHECK(digests[0] != digests[2]);
}

/* A world can be run again, and is then as if it had never run. */
static void a_world_runs_twice_alike(void)
{
    struct rig rig = rig_build(rig_incident);
    uint64_t digests[2];
    for (int i = 0; i < 2; i++) {
        struct sim *sim = sim_create(rig.world, rig.network, &(struct sim_options){.seed = 3});
        sim_run(sim, 100 * SECOND);
        digests[i] = sim_digest(sim);
        sim_destroy(sim);
    }
    CHECK(digests[0] == digests[1]);
    rig_done(&rig);
}

static void routers_boot_within_a_quarter_of_the_first_step(void)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct run run = run_with(
            rig_and(rig_incident,
                    "story:\n  - {at: 8s, announce: {router: dx-edge, prefix: 10.31.0.0/16}}\n"),
            &(struct sim_options){.seed = seed});
        sim_run(run.sim, 8 * SECOND);
        int64_t booted_us = run_when(&run, MOMENT_BOOT, "vyatta", 0);
        CHECK(booted_us >= 0 && booted_us <= 2 * SECOND);
        CHECK_EQUAL(run_when(&run, MOMENT_BOOT, "vgw-main", 0), 0);
        run_done(&run);
    }
}

/* The incident, step by step in exact time: the VGW takes the default and tells it at once; the
 * Vyatta echoes it 51 ms after it heard, and has it in its kernel 10 ms after that. */
static void the_default_swallows_the_tunnel(void)
{
    struct run run = run_exactly(rig_and(rig_incident, announces_default));
    sim_run(run.sim, 61 * SECOND);
    int64_t at_us = run_when(&run, MOMENT_SWALLOWED, "vyatta", 0);
    const struct moment *moment = run_moment(&run, MOMENT_SWALLOWED, "vyatta", 0);
    CHECK(moment && moment->into_tunnel == 0 && moment->tunnel == 0);
    CHECK(at_us > 60 * SECOND + 61 * MS && at_us < 60 * SECOND + 65 * MS);
    CHECK_EQUAL(sim_swallowed_us(run.sim, 0), at_us);
    CHECK(!sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_when(&run, MOMENT_REFUSED, "vgw-main", 60 * SECOND), at_us - 10 * MS + 1070);
    CHECK(run_moment(&run, MOMENT_GUARD_WARNED, "vgw-main", 0) != NULL);
    CHECK_EQUAL(run_when(&run, MOMENT_FREED, "vyatta", 0), -1);
    sim_run(run.sim, 75 * SECOND);
    CHECK(run_when(&run, MOMENT_LOOP, "vyatta", 0) > at_us); /* its next packet goes round */
    sim_run(run.sim, 120 * SECOND);
    CHECK(run_when(&run, MOMENT_FREED, "vyatta", 0) > at_us + 30 * SECOND);
    run_done(&run);
}

/* A second router behind the first: its tunnel's packets enter the first one's. */
static void another_nodes_table_swallows_too(void)
{
    const char *text = rig_with(rig_incident, "    subnets: [{id: subnet-edge,",
                                "      - {id: rtb-deep, routes: [{prefix: 0.0.0.0/0, target: "
                                "i-vyatta}]}\n"
                                "    subnets: [{id: subnet-deep, cidr: 10.20.9.0/24, route_table: "
                                "rtb-deep}, {id: subnet-edge,");
    text = rig_with(text, "      - {id: i-host,",
                    "      - {id: i-deep, subnet: subnet-deep, address: 10.20.9.10, router: deep}\n"
                    "      - {id: i-host,");
    text = rig_with(text, "customer_gateways: [",
                    "customer_gateways: [{id: cgw-deep, asn: 65009, router: deep}, ");
    text = rig_with(text, "direct_connects:\n",
                    "  - id: vpn-deep\n"
                    "    vpn_gateway: vgw-main\n"
                    "    customer_gateway: cgw-deep\n"
                    "    tunnels:\n"
                    "      - {outside: 203.0.113.7, inside: {vgw: 169.254.9.1, cgw: 169.254.9.2}}\n"
                    "direct_connects:\n");
    text = rig_with(text, "routers:\n", "routers:\n  - {id: deep, bgp: {asn: 65009}}\n");
    struct run run = run_exactly(rig_and(text, announces_default));
    sim_run(run.sim, 62 * SECOND);
    const struct moment *moment = run_moment(&run, MOMENT_SWALLOWED, "deep", 0);
    CHECK(moment && moment->at_us == run_when(&run, MOMENT_SWALLOWED, "vyatta", 0));
    CHECK(moment && moment->tunnel == 1 && moment->into_tunnel == 0);
    run_done(&run);
}

static void a_gateway_that_holds_back_keeps_its_tunnel(void)
{
    struct run run = run_exactly(
        rig_and(rig_with(rig_incident, "guard: warn", "guard: hold"), announces_default));
    sim_run(run.sim, 300 * SECOND);
    CHECK(run_moment(&run, MOMENT_GUARD_HELD, "vgw-main", 60 * SECOND) != NULL);
    CHECK_EQUAL(run_moments(&run, MOMENT_SWALLOWED, NULL, 0), 0);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

/* A VRF's table is its own: what comes by BGP beats nothing there. */
static void behind_a_vrf_nothing_is_swallowed(void)
{
    struct run run = run_exactly(
        rig_and(rig_with(rig_incident, "    platform: vyatta\n",
                         "    platform: vyatta\n    outer_vrf: true\n"),
                "story:\n"
                "  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n"
                "  - {at: 100s, configure: {router: vyatta, remove_routes: [0.0.0.0/0]}}\n"));
    sim_run(run.sim, 99 * SECOND);
    const struct node *vyatta = rig_node(&run.rig, "vyatta");
    const struct kernel_entry *inner = kernel_exact(&vyatta->kernel, (struct prefix){0, 0});
    const struct kernel_entry *outer = kernel_exact(&vyatta->outer, (struct prefix){0, 0});
    CHECK(inner && inner->source == ROUTE_EBGP);
    CHECK(outer && outer->source == ROUTE_DHCP && outer->gateway == RIG_IP(10, 20, 0, 1));
    CHECK_EQUAL(run_moments(&run, MOMENT_SWALLOWED, NULL, 0), 0);
    CHECK(sim_tunnel_up(run.sim, 0));
    sim_run(run.sim, 101 * SECOND); /* what the VRF loses, the other table does not lend it */
    CHECK(kernel_exact(&vyatta->outer, (struct prefix){0, 0}) == NULL);
    CHECK(!sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

/* What a VRF has never had to offer to the main table is in it all the same. */
static void a_vrf_takes_routes_that_lose_in_the_main_table(void)
{
    struct run run = run_exactly(
        rig_and(rig_with(rig_incident, "    platform: vyatta\n",
                         "    platform: vyatta\n    outer_vrf: true\n"),
                "story:\n"
                "  - {at: 60s, announce: {router: dx-edge, prefix: 198.51.0.0/16}}\n"
                "  - {at: 70s, configure: {router: vyatta, add_routes: [{prefix: 198.51.0.0/16, "
                "via: 10.20.0.9, distance: 250}]}}\n"));
    sim_run(run.sim, 80 * SECOND);
    const struct node *vyatta = rig_node(&run.rig, "vyatta");
    struct prefix prefix = {RIG_IP(198, 51, 0, 0), 16};
    CHECK_EQUAL(kernel_exact(&vyatta->kernel, prefix)->source, ROUTE_EBGP);
    CHECK(kernel_exact(&vyatta->outer, prefix) != NULL);
    run_done(&run);
}

static void behind_a_vrf_the_providers_default_is_used(void)
{
    struct run run =
        run_exactly(rig_and(rig_site, "    outer_vrf: true\n"
                                      "    underlay: {asn: 64700, announce: [0.0.0.0/0]}\n"));
    sim_run(run.sim, 30 * SECOND);
    const struct node *site = rig_node(&run.rig, "site");
    CHECK(kernel_exact(&site->kernel, (struct prefix){0, 0}) == NULL);
    CHECK(kernel_exact(&site->outer, (struct prefix){0, 0}) != NULL);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_session(&run, "site", 1), SESSION_ESTABLISHED);
    run_done(&run);
}

static void a_provider_that_speaks_bgp_brings_the_default(void)
{
    struct run run =
        run_exactly(rig_and(rig_site, "    underlay: {asn: 64700, announce: [0.0.0.0/0]}\n"));
    sim_run(run.sim, 60 * SECOND);
    const struct kernel_entry *entry = run_entry(&run, "site", 0, 0);
    CHECK(entry && entry->gateway == RIG_IP(198, 51, 100, 1) && entry->port == 1);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_session(&run, "site", 1), SESSION_ESTABLISHED);
    run_done(&run);
}

/* A changed entry is never overtaken by an earlier one, however long each takes. */
static void a_kernel_takes_entries_in_their_order(void)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct run run = run_with(
            rig_and(rig_site,
                    "story:\n"
                    "  - {at: 60s, configure: {router: site, add_routes: [{prefix: 10.9.0.0/16, "
                    "via: 198.51.100.1}]}}\n"
                    "  - {at: 60s, configure: {router: site, remove_routes: [10.9.0.0/16]}}\n"),
            &(struct sim_options){.seed = seed, .audit = true});
        sim_run(run.sim, 61 * SECOND);
        CHECK(run_entry(&run, "site", RIG_IP(10, 9, 0, 0), 16) == NULL);
        run_done(&run);
    }
}

static const char static_connection[] =
    "vpn_gateways: [{id: vgw, asn: 64600}]\n"
    "customer_gateways: [{id: cgw, address: 198.51.100.10, router: site}]\n"
    "vpn_connections:\n"
    "  - id: vpn\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw\n"
    "    static_routes: [10.20.0.0/16, 10.21.0.0/16]\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}\n"
    "      - {outside: 203.0.113.2, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}\n"
    "routers: [{id: site, lan: [10.20.0.0/16]}]\n"
    "story:\n"
    "  - {at: 60s, fail: {tunnel: vpn/1}}\n"
    "  - {at: 200s, restore: {tunnel: vpn/1}}\n"
    "  - {at: 300s, fail: {tunnel: vpn/1}}\n"
    "  - {at: 310s, restart: {vpn_gateway: vgw}}\n"
    "  - {at: 400s, fail: {tunnel: vpn/2}}\n";

static uint16_t static_port(const struct run *run, ip_addr addr)
{
    const struct kernel_entry *entry = run_entry(run, "vgw", addr, 16);
    return entry ? entry->port : 0;
}

/* A static connection fails over to the tunnel that is up, and back; without any its routes stay.
 */
static void static_routes_follow_the_tunnel_that_is_up(void)
{
    struct run run = run_exactly(static_connection);
    sim_run(run.sim, 59 * SECOND);
    uint16_t first = run.rig.world->tunnels[0].ends[0].port;
    uint16_t second = run.rig.world->tunnels[1].ends[0].port;
    CHECK_EQUAL(static_port(&run, RIG_IP(10, 20, 0, 0)), first);
    sim_run(run.sim, 120 * SECOND); /* until the dead peer is found out */
    CHECK_EQUAL(static_port(&run, RIG_IP(10, 20, 0, 0)), second);
    CHECK_EQUAL(static_port(&run, RIG_IP(10, 21, 0, 0)), second);
    sim_run(run.sim, 299 * SECOND);
    CHECK_EQUAL(static_port(&run, RIG_IP(10, 20, 0, 0)), first);
    sim_run(run.sim, 399 * SECOND); /* the gateway has booted and been told of the first */
    CHECK_EQUAL(static_port(&run, RIG_IP(10, 20, 0, 0)), second);
    sim_run(run.sim, 600 * SECOND);
    CHECK_EQUAL(static_port(&run, RIG_IP(10, 20, 0, 0)), second);
    run_done(&run);
}

static void a_line_cut_before_a_boot_is_down_after_it(void)
{
    struct run run =
        run_exactly(rig_and(rig_incident, "story:\n"
                                          "  - {at: 60s, fail: {direct_connect: dxvif-1}}\n"
                                          "  - {at: 70s, restart: {vpn_gateway: vgw-main}}\n"
                                          "  - {at: 300s, restore: {direct_connect: dxvif-1}}\n"));
    sim_run(run.sim, 290 * SECOND);
    const struct table *table = engine_table(rig_node(&run.rig, "vgw-main")->engine);
    CHECK(!table_interface_up(table, run.rig.world->direct_connects[0].gateway_port));
    CHECK(run_entry(&run, "vgw-main", RIG_IP(10, 30, 0, 0), 16) == NULL);
    sim_run(run.sim, 600 * SECOND);
    CHECK(run_entry(&run, "vgw-main", RIG_IP(10, 30, 0, 0), 16) != NULL);
    run_done(&run);
}

static void a_blackhole_is_in_the_kernel_as_one(void)
{
    struct run run =
        run_exactly(rig_and(rig_site, "    routes: [{prefix: 10.99.0.0/16, blackhole: true}]\n"));
    sim_run(run.sim, 5 * SECOND);
    CHECK_EQUAL(rig_send(&run.rig, "site", 0, RIG_IP(10, 99, 0, 1)).drop, DROP_DISCARDED);
    run_done(&run);
}

static void moments_have_words_and_sentences(void)
{
    for (int i = 0; i < MOMENT_COUNT; i++) {
        CHECK(moment_word((enum moment_kind)i)[0] != 0);
        CHECK(strlen(moment_sentence((enum moment_kind)i)) > 10);
    }
    CHECK_TEXT(moment_word(MOMENT_SWALLOWED), "swallowed");
}

static void neighbors_are_their_tunnels(void)
{
    struct run run = run_exactly(rig_incident);
    sim_run(run.sim, SECOND);
    CHECK_EQUAL(sim_neighbor_tunnel(run.sim, run_node(&run, "vgw-main"), 1), 0);
    CHECK_EQUAL(sim_neighbor_tunnel(run.sim, run_node(&run, "vgw-main"), 2), WORLD_NONE);
    CHECK_EQUAL(sim_neighbor_tunnel(run.sim, run_node(&run, "vyatta"), 1), 0);
    CHECK_EQUAL(sim_neighbor_tunnel(run.sim, run_node(&run, "vyatta"), 0), WORLD_NONE);
    run_done(&run);
}

int main(void)
{
    TEST(a_network_comes_up);
    TEST(equal_seeds_give_equal_runs);
    TEST(a_world_runs_twice_alike);
    TEST(routers_boot_within_a_quarter_of_the_first_step);
    TEST(the_default_swallows_the_tunnel);
    TEST(another_nodes_table_swallows_too);
    TEST(a_gateway_that_holds_back_keeps_its_tunnel);
    TEST(behind_a_vrf_nothing_is_swallowed);
    TEST(a_vrf_takes_routes_that_lose_in_the_main_table);
    TEST(behind_a_vrf_the_providers_default_is_used);
    TEST(a_provider_that_speaks_bgp_brings_the_default);
    TEST(a_kernel_takes_entries_in_their_order);
    TEST(static_routes_follow_the_tunnel_that_is_up);
    TEST(a_line_cut_before_a_boot_is_down_after_it);
    TEST(a_blackhole_is_in_the_kernel_as_one);
    TEST(moments_have_words_and_sentences);
    TEST(neighbors_are_their_tunnels);
    return harness_done();
}
