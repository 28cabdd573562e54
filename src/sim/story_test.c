/* Each verb of a story with its effect on the world, in exact time. */
#include "sim/sim_rig.h"

static struct run with_story(const char *text, const char *steps)
{
    char story[2048];
    snprintf(story, sizeof story, "story:\n%s", steps);
    return run_exactly(rig_and(text, story));
}

static void announce_and_withdraw(void)
{
    struct run run = with_story(
        rig_incident, "  - {at: 60s, announce: {router: dx-edge, prefix: 10.31.0.0/16}}\n"
                      "  - {at: 70s, withdraw: {router: dx-edge, prefix: 10.31.0.0/16}}\n"
                      "  - {at: 80s, withdraw: {router: dx-edge, prefix: 10.30.0.0/16}}\n");
    sim_run(run.sim, 65 * SECOND);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 31, 0, 0), 16) != NULL);
    const struct moment *told = run_moment(&run, MOMENT_STORY, "dx-edge", 0);
    CHECK(told && told->at_us == 60 * SECOND && told->step == 0);
    sim_run(run.sim, 75 * SECOND);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 31, 0, 0), 16) == NULL);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) != NULL);
    sim_run(run.sim, 85 * SECOND); /* also what the file had it announce */
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) == NULL);
    run_done(&run);
}

/* What was announced is configuration: a router that boots later says it again. */
static void announcements_outlive_a_restart(void)
{
    struct run run = with_story(rig_incident,
                                "  - {at: 60s, announce: {router: dx-edge, prefix: 10.31.0.0/16}}\n"
                                "  - {at: 61s, withdraw: {router: dx-edge, prefix: 10.30.0.0/16}}\n"
                                "  - {at: 70s, restart: {router: dx-edge}}\n");
    sim_run(run.sim, 300 * SECOND);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 31, 0, 0), 16) != NULL);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) == NULL);
    run_done(&run);
}

static void a_failed_router_is_dead_until_restored(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, fail: {router: vyatta}}\n"
                                              "  - {at: 200s, restore: {router: vyatta}}\n");
    sim_run(run.sim, 61 * SECOND);
    CHECK(rig_node(&run.rig, "vyatta")->failed && !rig_node(&run.rig, "vyatta")->engine);
    CHECK_EQUAL(run_when(&run, MOMENT_FAILED, "vyatta", 0), 60 * SECOND);
    CHECK_EQUAL(rig_send(&run.rig, "i-host", RIG_IP(10, 20, 0, 20), RIG_IP(10, 10, 1, 10)).drop,
                DROP_NODE_DOWN);
    sim_run(run.sim, 199 * SECOND); /* the gateway has noticed: no farewell came */
    CHECK(run_when(&run, MOMENT_SESSION_DOWN, "vgw-main", 0) > 80 * SECOND);
    CHECK(run_when(&run, MOMENT_IKE_GIVEN_UP, "vgw-main", 0) > 90 * SECOND);
    CHECK(!sim_tunnel_up(run.sim, 0));
    sim_run(run.sim, 240 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_RESTORED, "vyatta", 0), 200 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_BOOT, "vyatta", 60 * SECOND), 200 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_session(&run, "vyatta", 1), SESSION_ESTABLISHED);
    run_done(&run);
}

static void a_failed_tunnel_carries_neither_esp_nor_ike(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, fail: {tunnel: vpn-vyatta/1}}\n"
                                              "  - {at: 200s, restore: {tunnel: vpn-vyatta/1}}\n");
    sim_run(run.sim, 199 * SECOND);
    CHECK(run_when(&run, MOMENT_IKE_GIVEN_UP, "vgw-main", 0) > 0);
    CHECK(run_when(&run, MOMENT_IKE_GIVEN_UP, "vyatta", 0) > 0);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_UP, NULL, 60 * SECOND), 0);
    CHECK(rig_node(&run.rig, "vyatta")->engine != NULL);
    sim_run(run.sim, 240 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_session(&run, "vgw-main", 1), SESSION_ESTABLISHED);
    run_done(&run);
}

static const char two_tunnels[] =
    "      - {outside: 203.0.113.226, inside: {vgw: 169.254.252.33, cgw: 169.254.252.34}}\n"
    "direct_connects:\n";

static void a_failed_connection_fails_with_all_its_tunnels(void)
{
    struct run run = with_story(rig_with(rig_incident, "direct_connects:\n", two_tunnels),
                                "  - {at: 60s, fail: {tunnel: vpn-vyatta/2}}\n"
                                "  - {at: 70s, restore: {tunnel: vpn-vyatta/2}}\n"
                                "  - {at: 80s, fail: {vpn_connection: vpn-vyatta}}\n"
                                "  - {at: 200s, restart: {vpn_connection: vpn-vyatta}}\n");
    const struct tunnel *tunnels = run.rig.world->tunnels;
    sim_run(run.sim, 61 * SECOND);
    CHECK(!tunnels[0].failed && tunnels[1].failed);
    sim_run(run.sim, 71 * SECOND);
    CHECK(!tunnels[0].failed && !tunnels[1].failed);
    sim_run(run.sim, 81 * SECOND);
    CHECK(tunnels[0].failed && tunnels[1].failed);
    sim_run(run.sim, 240 * SECOND); /* who restarts it has mended it */
    CHECK(sim_tunnel_up(run.sim, 0) && sim_tunnel_up(run.sim, 1));
    run_done(&run);
}

/* BGP alone goes and comes back; IKE hears ESP's other packets, or asks and is answered. */
static void a_failed_session_leaves_the_tunnel(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, fail: {session: vpn-vyatta/1}}\n"
                                              "  - {at: 200s, restore: {session: vpn-vyatta/1}}\n");
    sim_run(run.sim, 199 * SECOND);
    int64_t down_us = run_when(&run, MOMENT_SESSION_DOWN, "vgw-main", 60 * SECOND);
    CHECK(down_us > 80 * SECOND && down_us < 91 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_SESSION_UP, "vgw-main", 60 * SECOND), -1);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_GIVEN_UP, "vgw-main", 60 * SECOND), -1);
    CHECK(sim_tunnel_up(run.sim, 0));
    sim_run(run.sim, 260 * SECOND);
    CHECK(run_when(&run, MOMENT_SESSION_UP, "vgw-main", 200 * SECOND) > 200 * SECOND);
    run_done(&run);
}

static void a_restarted_session_is_reset_in_its_tunnel(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, restart: {session: vpn-vyatta/1}}\n");
    sim_run(run.sim, 120 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_SESSION_DOWN, "vyatta", 60 * SECOND), 60 * SECOND);
    int64_t down_us = run_when(&run, MOMENT_SESSION_DOWN, "vgw-main", 60 * SECOND);
    CHECK(down_us > 60 * SECOND && down_us < 61 * SECOND);
    CHECK(run_when(&run, MOMENT_SESSION_UP, "vgw-main", 60 * SECOND) > down_us);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_UP, "vgw-main", 60 * SECOND), -1);
    run_done(&run);
}

static void a_failed_direct_connect_is_cut_at_both_ends(void)
{
    struct run run =
        with_story(rig_incident, "  - {at: 60s, fail: {direct_connect: dxvif-1}}\n"
                                 "  - {at: 200s, restore: {direct_connect: dxvif-1}}\n");
    sim_run(run.sim, 61 * SECOND); /* the interface is down, so its routes lead nowhere */
    CHECK(run_entry(&run, "vgw-main", RIG_IP(10, 30, 0, 0), 16) == NULL);
    CHECK_EQUAL(rig_send(&run.rig, "dx-edge", 0, RIG_IP(169, 254, 100, 1)).node,
                run_node(&run, "dx-edge"));
    sim_run(run.sim, 199 * SECOND);
    CHECK(run_when(&run, MOMENT_SESSION_DOWN, "vgw-main", 60 * SECOND) > 0);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) == NULL);
    sim_run(run.sim, 400 * SECOND);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) != NULL);
    run_done(&run);
}

static void a_failed_gateway_takes_its_vpcs_tables_along(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, fail: {vpn_gateway: vgw-main}}\n"
                                              "  - {at: 200s, restore: {vpn_gateway: vgw-main}}\n");
    sim_run(run.sim, 199 * SECOND);
    CHECK(run_when(&run, MOMENT_SESSION_DOWN, "vyatta", 60 * SECOND) > 0);
    CHECK(run_when(&run, MOMENT_IKE_GIVEN_UP, "vyatta", 60 * SECOND) > 0);
    sim_run(run.sim, 400 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    struct path path = rig_send(&run.rig, "i-app", RIG_IP(10, 10, 1, 10), RIG_IP(10, 20, 0, 20));
    CHECK(path.delivered && path.node == run_node(&run, "i-host"));
    run_done(&run);
}

static void a_cut_link_is_the_way_to_the_internet_only(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, fail: {link: vyatta}}\n"
                                              "  - {at: 200s, restore: {link: vyatta}}\n"
                                              "  - {at: 400s, fail: {link: vgw-main}}\n"
                                              "  - {at: 600s, restore: {link: vgw-main}}\n"
                                              "  - {at: 800s, fail: {link: i-host}}\n");
    sim_run(run.sim, 61 * SECOND);
    struct path path = {.hops = NULL};
    forward_outer(run.rig.world, 0, TUNNEL_CUSTOMER, &path);
    CHECK(!path.delivered && path.drop == DROP_LINK_DOWN);
    forward_outer(run.rig.world, 0, TUNNEL_GATEWAY, &path);
    CHECK(!path.delivered && path.drop == DROP_LINK_DOWN);
    CHECK(rig_node(&run.rig, "vyatta")->engine != NULL);
    sim_run(run.sim, 399 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    sim_run(run.sim, 401 * SECOND);
    CHECK(!sim_tunnel_up(run.sim, 0));
    CHECK(rig_port(&run.rig, "vgw-main", "vpc")->up); /* its VPC is no underlay */
    sim_run(run.sim, 801 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(rig_send(&run.rig, "vyatta", 0, RIG_IP(10, 20, 0, 20)).drop, DROP_LINK_DOWN);
    run_done(&run);
}

static void a_restarted_router_boots_again_with_nothing_learned(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, restart: {router: vyatta}}\n");
    sim_run(run.sim, 74 * SECOND);
    CHECK(rig_node(&run.rig, "vyatta")->engine == NULL);
    CHECK(run_entry(&run, "vyatta", 0, 0) == NULL);
    sim_run(run.sim, 75 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_BOOT, "vyatta", SECOND), 75 * SECOND);
    sim_run(run.sim, 120 * SECOND);
    CHECK(run_moment(&run, MOMENT_IKE_REPLACED, "vgw-main", 60 * SECOND) != NULL);
    CHECK_EQUAL(run_session(&run, "vyatta", 1), SESSION_ESTABLISHED);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) != NULL);
    run_done(&run);
}

static void a_replaced_router_takes_a_minute(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, fail: {router: vyatta}}\n"
                                              "  - {at: 100s, replace: {router: vyatta}}\n");
    sim_run(run.sim, 200 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_BOOT, "vyatta", SECOND), 160 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0)); /* the new one is not dead as the old one was */
    run_done(&run);
}

static void a_restarted_tunnel_gets_a_new_sa(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, restart: {tunnel: vpn-vyatta/1}}\n");
    sim_run(run.sim, 59 * SECOND);
    uint32_t old = run.rig.world->tunnels[0].ends[0].sa;
    sim_run(run.sim, 61 * SECOND);
    CHECK(run.rig.world->tunnels[0].ends[0].sa > old);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, NULL, 0), 0);
    run_done(&run);
}

static void a_restarted_direct_connect_has_its_session_reset(void)
{
    struct run run =
        with_story(rig_incident, "  - {at: 60s, restart: {direct_connect: dxvif-1}}\n");
    sim_run(run.sim, 120 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_SESSION_DOWN, "dx-edge", 0), 60 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, "vgw-main", 0), 1);
    CHECK_EQUAL(run_session(&run, "vgw-main", 2), SESSION_ESTABLISHED);
    CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) != NULL);
    run_done(&run);
}

/* The remedy of T01 in the middle of the incident: a host route for the endpoint. */
static void configure_adds_a_route_and_the_tunnel_stays(void)
{
    struct run run = with_story(
        rig_incident,
        "  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n"
        "  - {at: 100s, configure: {router: vyatta, add_routes: [{prefix: 203.0.113.225/32, via: "
        "10.20.0.1}]}}\n");
    sim_run(run.sim, 99 * SECOND);
    CHECK(!sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK(run_entry(&run, "vyatta", 0, 0)->source == ROUTE_EBGP);
    run_done(&run);
}

static void configure_sets_filters_and_guard(void)
{
    struct run run = with_story(
        rig_incident,
        "  - {at: 60s, configure: {router: vyatta, import: [{deny: 10.30.0.0/16}]}}\n"
        "  - {at: 80s, configure: {router: vyatta, import: []}}\n"
        "  - {at: 100s, configure: {vpn_connection: vpn-vyatta, export: [{deny: 10.30.0.0/16}]}}\n"
        "  - {at: 120s, configure: {vpn_connection: vpn-vyatta, guard: hold}}\n"
        "  - {at: 121s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n"
        "  - {at: 140s, configure: {direct_connect: dxvif-1, import: [{deny: 0.0.0.0/0}]}}\n");
    static const struct {
        int64_t at_us;
        bool learned;
    } looks[] = {
        {59 * SECOND, true}, {79 * SECOND, false}, {99 * SECOND, true}, {119 * SECOND, false}};
    for (size_t i = 0; i < 4; i++) {
        sim_run(run.sim, looks[i].at_us);
        CHECK_EQUAL(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) != NULL, looks[i].learned);
    }
    sim_run(run.sim, 139 * SECOND);
    CHECK(run_moment(&run, MOMENT_GUARD_HELD, "vgw-main", 0) != NULL);
    CHECK(run_entry(&run, "vgw-main", 0, 0) != NULL);
    sim_run(run.sim, 160 * SECOND);
    CHECK(run_entry(&run, "vgw-main", 0, 0) == NULL);
    CHECK_EQUAL(run_moments(&run, MOMENT_SWALLOWED, NULL, 0), 0);
    run_done(&run);
}

static void configure_changes_a_route_table(void)
{
    struct run run = with_story(
        rig_incident,
        "  - {at: 60s, configure: {route_table: rtb-branch, remove_routes: [10.10.0.0/16]}}\n");
    sim_run(run.sim, 59 * SECOND);
    ip_addr from = RIG_IP(10, 20, 0, 20), to = RIG_IP(10, 10, 1, 10);
    CHECK(rig_send(&run.rig, "i-host", from, to).delivered);
    sim_run(run.sim, 61 * SECOND);
    CHECK_EQUAL(rig_send(&run.rig, "i-host", from, to).drop, DROP_NO_PUBLIC_ADDRESS);
    run_done(&run);
}

/* Contradictions are no errors: nothing that is already so happens again. */
static void steps_that_find_nothing_to_do_do_nothing(void)
{
    struct run run = with_story(rig_incident,
                                "  - {at: 60s, restore: {router: vyatta}}\n"
                                "  - {at: 61s, restore: {tunnel: vpn-vyatta/1}}\n"
                                "  - {at: 62s, restore: {direct_connect: dxvif-1}}\n"
                                "  - {at: 63s, withdraw: {router: dx-edge, prefix: 10.99.0.0/16}}\n"
                                "  - {at: 64s, configure: {router: vyatta, remove_routes: "
                                "[10.99.0.0/16]}}\n"
                                "  - {at: 65s, restore: {link: vgw-main}}\n");
    sim_run(run.sim, 59 * SECOND);
    uint64_t before = sim_state_digest(run.sim);
    sim_run(run.sim, 90 * SECOND);
    CHECK(sim_state_digest(run.sim) == before);
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, NULL, 0), 0);
    run_done(&run);
}

static void failed_twice_and_restarted_while_dead(void)
{
    struct run run = with_story(rig_incident, "  - {at: 60s, fail: {router: vyatta}}\n"
                                              "  - {at: 61s, fail: {router: vyatta}}\n"
                                              "  - {at: 62s, restart: {tunnel: vpn-vyatta/1}}\n"
                                              "  - {at: 63s, restart: {direct_connect: dxvif-1}}\n"
                                              "  - {at: 64s, restart: {router: vyatta}}\n"
                                              "  - {at: 70s, fail: {router: vyatta}}\n"
                                              "  - {at: 200s, restart: {router: vyatta}}\n"
                                              "  - {at: 205s, restart: {router: vyatta}}\n");
    sim_run(run.sim, 199 * SECOND); /* failed again before it had booted */
    CHECK_EQUAL(run_moments(&run, MOMENT_BOOT, "vyatta", SECOND), 0);
    sim_run(run.sim, 300 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_BOOT, "vyatta", SECOND), 1);
    CHECK_EQUAL(run_when(&run, MOMENT_BOOT, "vyatta", SECOND), 220 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

/* The same over IPv6: the tunnel is the way of its session, and of nothing of IPv4. */
static void a_session_over_ipv6_ends_with_its_tunnel(void)
{
    const char *over_six =
        rig_with(rig_with(rig_incident, "{vgw: 169.254.252.30, cgw: 169.254.252.29}",
                          "{vgw: \"fd00::1\", cgw: \"fd00::2\"}"),
                 "announce: [10.20.0.0/16]", "announce: [10.20.0.0/16, \"2001:db8:20::/48\"]");
    struct run run =
        with_story(over_six, "  - {at: 60s, fail: {vpn_connection: vpn-vyatta}}\n"
                             "  - {at: 200s, restore: {vpn_connection: vpn-vyatta}}\n");
    ip_addr site = (ip_addr)0x20010db80020 << 80;
    struct prefix prefix;
    sim_run(run.sim, 55 * SECOND);
    CHECK_EQUAL(run_session(&run, "vyatta", 1), SESSION_ESTABLISHED);
    CHECK(kernel_match(&rig_node(&run.rig, "vgw-main")->kernel, site, &prefix) != NULL);
    CHECK(run_entry(&run, "vgw-main", RIG_IP(10, 20, 0, 0), 16) == NULL);
    sim_run(run.sim, 190 * SECOND);
    CHECK(run_session(&run, "vyatta", 1) != SESSION_ESTABLISHED);
    CHECK(kernel_match(&rig_node(&run.rig, "vgw-main")->kernel, site, &prefix) == NULL);
    sim_run(run.sim, 300 * SECOND);
    CHECK_EQUAL(run_session(&run, "vyatta", 1), SESSION_ESTABLISHED);
    CHECK(kernel_match(&rig_node(&run.rig, "vgw-main")->kernel, site, &prefix) != NULL);
    run_done(&run);
}

int main(void)
{
    TEST(announce_and_withdraw);
    TEST(announcements_outlive_a_restart);
    TEST(a_failed_router_is_dead_until_restored);
    TEST(a_failed_tunnel_carries_neither_esp_nor_ike);
    TEST(a_failed_connection_fails_with_all_its_tunnels);
    TEST(a_failed_session_leaves_the_tunnel);
    TEST(a_restarted_session_is_reset_in_its_tunnel);
    TEST(a_failed_direct_connect_is_cut_at_both_ends);
    TEST(a_failed_gateway_takes_its_vpcs_tables_along);
    TEST(a_cut_link_is_the_way_to_the_internet_only);
    TEST(a_restarted_router_boots_again_with_nothing_learned);
    TEST(a_replaced_router_takes_a_minute);
    TEST(a_restarted_tunnel_gets_a_new_sa);
    TEST(a_restarted_direct_connect_has_its_session_reset);
    TEST(configure_adds_a_route_and_the_tunnel_stays);
    TEST(configure_sets_filters_and_guard);
    TEST(configure_changes_a_route_table);
    TEST(steps_that_find_nothing_to_do_do_nothing);
    TEST(failed_twice_and_restarted_while_dead);
    TEST(a_session_over_ipv6_ends_with_its_tunnel);
    return harness_done();
}
