/* charon between a gateway and a site that carry nothing else (a static connection), in exact time:
 * clocks begin with whole seconds, nothing is late. The site's router initiates. */
#include "sim/sim_rig.h"

enum {
    WAY_US = 1000 + 20, /* the underlay, and the site's port */
    BACK_US = 1000,
    START_US = 578 * MS, /* charon, after the routing daemon */
    UP_VGW_US = START_US + WAY_US + (8 * MS + BACK_US) + WAY_US,
    UP_SITE_US = UP_VGW_US + 1 * MS + BACK_US,
};

static const char *quiet(void)
{
    return rig_with(rig_site, "    tunnels:\n",
                    "    static_routes: [10.20.0.0/16]\n    tunnels:\n");
}

/* Only the gateway ever asks. */
static const char *one_sided(void)
{
    return rig_with(quiet(), "asn: 65010, address", "asn: 65010, dpd: {delay: 100s}, address");
}

static struct tunnel *tunnel_of(const struct run *run)
{
    return &run->rig.world->tunnels[0];
}

static void fail(struct run *run, bool failed)
{
    tunnel_of(run)->failed = failed;
}

static void four_messages_make_an_sa(void)
{
    struct run run = run_exactly(quiet());
    struct watched seen[8];
    size_t count = run_watch(&run, 2 * SECOND, HAPPENS_IKE, NULL, seen, 8);
    CHECK_EQUAL((int64_t)count, 4);
    static const enum ike_kind kinds[] = {IKE_INIT_REQUEST, IKE_INIT_RESPONSE, IKE_AUTH_REQUEST,
                                          IKE_AUTH_RESPONSE};
    for (size_t i = 0; i < 4; i++)
        CHECK_EQUAL(seen[i].ike, kinds[i]);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_UP, "vgw", 0), UP_VGW_US);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_UP, "site", 0), UP_SITE_US);
    CHECK(tunnel_of(&run)->ends[0].sa != 0);
    CHECK_EQUAL(tunnel_of(&run)->ends[0].sa, tunnel_of(&run)->ends[1].sa);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

/* The incident's router, whose security group lets out IKE to these ports, and nothing else. */
static struct run filtered(const char *ports)
{
    char groups[256];
    snprintf(
        groups, sizeof groups,
        "    security_groups: [{id: sg, inbound: [], outbound: [{protocol: udp, ports: %s, to: "
        "0.0.0.0/0}]}]\n    internet_gateway: igw-branch\n",
        ports);
    const char *text = rig_with(rig_incident, "    internet_gateway: igw-branch\n", groups);
    struct run run = run_exactly(rig_with(text, "        router: vyatta\n",
                                          "        router: vyatta\n"
                                          "        security_groups: [sg]\n"));
    sim_run(run.sim, 20 * SECOND);
    return run;
}

/* Behind NAT both ends go on at port 4500: who may not send there never gets an SA. What may go out
 * is answered. */
static void a_security_group_lets_ike_pass_or_not(void)
{
    struct run run = filtered("500-4500");
    CHECK(tunnel_of(&run)->nat_t);
    CHECK(tunnel_of(&run)->ends[0].sa != 0 && tunnel_of(&run)->ends[1].sa != 0);
    run_done(&run);
    run = filtered("500");
    CHECK(tunnel_of(&run)->ends[0].sa == 0 && tunnel_of(&run)->ends[1].sa == 0);
    run_done(&run);
    run = filtered("4500");
    CHECK(tunnel_of(&run)->ends[0].sa == 0 && tunnel_of(&run)->ends[1].sa == 0);
    run_done(&run);
}

/* Of two ends with the same delay the one that was up first asks, and the other need not. */
static void of_two_silent_ends_one_asks(void)
{
    struct run run = run_exactly(quiet());
    sim_run(run.sim, 100 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_DPD, "vgw", 0), UP_VGW_US + 10 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_DPD, "vgw", 12 * SECOND), UP_VGW_US + 20 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_DPD, "vgw", 0), 9);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_DPD, "site", 0), 0);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_GIVEN_UP, NULL, 0), 0);
    run_done(&run);
}

/* send_dpd compares whole seconds: a packet that came at 3.9 s is 7 s old at 10.6 s, so it looks
 * again 3 s later, and then asks, though only 9.7 s have passed. */
static void silence_is_counted_in_whole_seconds(void)
{
    struct run run = run_exactly(one_sided());
    sim_run(run.sim, 3900 * MS);
    ike_heard(run.sim, 0, TUNNEL_GATEWAY);
    sim_run(run.sim, 30 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_DPD, "vgw", 0), UP_VGW_US + 13 * SECOND);
    run_done(&run);
}

/* A machine whose clock stands at .6 counts its seconds from there. */
static void each_clock_has_its_own_seconds(void)
{
    struct run run = run_exactly(one_sided());
    sim_run(run.sim, SECOND);
    run.sim->nodes[run_node(&run, "vgw")].clock_offset_us = 600 * MS;
    sim_run(run.sim, 3900 * MS);
    ike_heard(run.sim, 0, TUNNEL_GATEWAY); /* at 4.5 on its clock; the job comes at 11.19 */
    sim_run(run.sim, 30 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_DPD, "vgw", 0), UP_VGW_US + 13 * SECOND);
    run_done(&run);
    run = run_exactly(one_sided());
    sim_run(run.sim, SECOND);
    run.sim->nodes[run_node(&run, "vgw")].clock_offset_us = 600 * MS;
    sim_run(run.sim, 4500 * MS);
    ike_heard(run.sim, 0, TUNNEL_GATEWAY); /* at 5.1 */
    sim_run(run.sim, 30 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_DPD, "vgw", 0), UP_VGW_US + 14 * SECOND);
    run_done(&run);
}

static void an_unanswered_question_is_repeated_and_given_up(void)
{
    struct run run = run_exactly(quiet());
    sim_run(run.sim, 5 * SECOND);
    rig_node(&run.rig, "site")->failed = true;
    struct watched seen[8];
    size_t count = run_watch(&run, 45 * SECOND, HAPPENS_IKE_RETRY, "vgw", seen, 8);
    int64_t asked_us = UP_VGW_US + 10 * SECOND;
    CHECK_EQUAL((int64_t)count, 3); /* asked three times in all; with the third retry it is over */
    for (size_t i = 0; i < count; i++)
        CHECK_EQUAL(seen[i].at_us, asked_us + (int64_t)(i + 1) * 10 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_GIVEN_UP, "vgw", 0), asked_us + 30 * SECOND);
    CHECK_EQUAL(tunnel_of(&run)->ends[TUNNEL_GATEWAY].sa, 0);
    run_done(&run);
}

/* The gateway's action is clear; the customer begins again at once, and for ever. */
static void who_restarts_begins_anew_until_it_is_heard(void)
{
    struct run run = run_exactly(quiet());
    sim_run(run.sim, 5 * SECOND);
    fail(&run, true);
    sim_run(run.sim, 300 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_GIVEN_UP, "vgw", 0), 1);
    int64_t given_up_us = run_when(&run, MOMENT_IKE_GIVEN_UP, "site", 0);
    CHECK_EQUAL(given_up_us, UP_SITE_US + 40 * SECOND);
    CHECK_EQUAL(run.sim->tunnels[0].ends[TUNNEL_GATEWAY].state, IKE_IDLE);
    CHECK_EQUAL(run.sim->tunnels[0].ends[TUNNEL_CUSTOMER].state, IKE_INITIATING);
    fail(&run, false);
    sim_run(run.sim, 320 * SECOND);
    int64_t again_us = run_when(&run, MOMENT_IKE_UP, "site", 10 * SECOND);
    CHECK_EQUAL((again_us - given_up_us) % (10 * SECOND), UP_SITE_US - START_US);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

/* Whoever has begun goes on, whether it was told to start or only to restart. */
static void a_restart_is_tried_for_ever(void)
{
    struct run run =
        run_exactly(rig_with(rig_with(quiet(), "asn: 65010, address",
                                      "asn: 65010, startup: add, dpd: {action: clear}, address"),
                             "    tunnels:\n", "    dpd: {action: restart}\n    tunnels:\n"));
    sim_run(run.sim, SECOND);
    ike_start(run.sim, 0, TUNNEL_CUSTOMER);
    sim_run(run.sim, 5 * SECOND);
    fail(&run, true);
    sim_run(run.sim, 200 * SECOND);
    CHECK_EQUAL(run.sim->tunnels[0].ends[TUNNEL_GATEWAY].state, IKE_INITIATING);
    fail(&run, false);
    sim_run(run.sim, 220 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

static void who_neither_starts_nor_restarts_waits(void)
{
    struct run run = run_exactly(
        rig_with(quiet(), "asn: 65010, address", "asn: 65010, dpd: {action: clear}, address"));
    sim_run(run.sim, 5 * SECOND);
    fail(&run, true);
    sim_run(run.sim, 100 * SECOND);
    fail(&run, false);
    sim_run(run.sim, 600 * SECOND);
    CHECK(!sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run.sim->tunnels[0].ends[TUNNEL_CUSTOMER].state, IKE_IDLE);
    run_done(&run);
}

static void a_lost_init_is_sent_again(void)
{
    struct run run = run_exactly(quiet());
    fail(&run, true);
    sim_run(run.sim, 15 * SECOND);
    fail(&run, false);
    sim_run(run.sim, 30 * SECOND);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_UP, "site", 0), UP_SITE_US + 20 * SECOND);
    run_done(&run);
}

/* A restarted customer begins anew while the gateway still has the old SA. */
static void a_new_sa_replaces_the_old_one(void)
{
    struct run run = run_exactly(quiet());
    sim_run(run.sim, 5 * SECOND);
    uint32_t old = tunnel_of(&run)->ends[TUNNEL_GATEWAY].sa;
    sim_shut_down(run.sim, run_node(&run, "site"));
    sim_boot(run.sim, run_node(&run, "site"), 8 * SECOND);
    sim_run(run.sim, 9500 * MS);
    CHECK_EQUAL(run_when(&run, MOMENT_IKE_REPLACED, "vgw", 0), 8 * SECOND + UP_VGW_US);
    CHECK(tunnel_of(&run)->ends[TUNNEL_GATEWAY].sa > old);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

/* The old SA's questions find nobody who knows it: no answer, so it would be given up. */
static void an_unknown_sa_is_not_answered(void)
{
    struct run run = run_exactly(rig_with(
        quiet(), "asn: 65010, address", "asn: 65010, startup: add, dpd: {action: clear}, address"));
    sim_run(run.sim, 2 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_UP, NULL, 0), 0); /* nobody starts: T35 */
    ike_start(run.sim, 0, TUNNEL_CUSTOMER);
    sim_run(run.sim, 5 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    ike_clear(run.sim, 0, TUNNEL_CUSTOMER);
    sim_run(run.sim, 60 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_GIVEN_UP, "vgw", 0), 1);
    run_done(&run);
}

static void deliver(struct run *run, enum ike_kind kind, int to_end, uint32_t sa)
{
    struct ike_message message = {.tunnel = 0, .to_end = (uint8_t)to_end, .kind = kind, .sa = sa};
    ike_arrive(run->sim, &message);
}

static void a_repeated_auth_is_answered_and_no_news(void)
{
    struct run run = run_exactly(quiet());
    sim_run(run.sim, 5 * SECOND);
    uint32_t sa = tunnel_of(&run)->ends[TUNNEL_GATEWAY].sa;
    deliver(&run, IKE_AUTH_REQUEST, TUNNEL_GATEWAY, sa);
    struct watched seen[4];
    CHECK(run_watch(&run, 6 * SECOND, HAPPENS_IKE, "site", seen, 4) == 1);
    CHECK_EQUAL(seen[0].ike, IKE_AUTH_RESPONSE);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_UP, NULL, 0), 2);
    run_done(&run);
}

static void a_late_auth_of_an_older_attempt_is_void(void)
{
    struct run run = run_exactly(quiet());
    sim_run(run.sim, 5 * SECOND);
    tunnel_of(&run)->ends[0].sa = tunnel_of(&run)->ends[1].sa = 7;
    run.sim->tunnels[0].ends[0].sa = run.sim->tunnels[0].ends[1].sa = 7;
    deliver(&run, IKE_AUTH_REQUEST, TUNNEL_GATEWAY, 6);
    deliver(&run, IKE_AUTH_RESPONSE, TUNNEL_CUSTOMER, 6);
    CHECK_EQUAL(tunnel_of(&run)->ends[TUNNEL_GATEWAY].sa, 7);
    CHECK_EQUAL(tunnel_of(&run)->ends[TUNNEL_CUSTOMER].sa, 7);
    run_done(&run);
}

/* Both ends begin at the same instant: both must end with the same SA. */
static void attempts_that_cross_leave_one_sa(void)
{
    struct run run =
        run_exactly(rig_with(quiet(), "    tunnels:\n", "    startup: start\n    tunnels:\n"));
    sim_run(run.sim, 3 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_UP, "vgw", 0), 1);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_UP, "site", 0), 1);
    sim_run(run.sim, 100 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_GIVEN_UP, NULL, 0), 0);
    run_done(&run);
}

static void a_gateway_that_boots_answers_nobody(void)
{
    struct run run =
        run_exactly(rig_with(quiet(), "    tunnels:\n", "    startup: start\n    tunnels:\n"));
    sim_run(run.sim, 5 * SECOND);
    sim_shut_down(run.sim, run_node(&run, "vgw"));
    ike_clear(run.sim, 0, TUNNEL_CUSTOMER); /* which begins anew at once */
    ike_clear(run.sim, 0, TUNNEL_GATEWAY);
    struct watched seen[4];
    CHECK_EQUAL((int64_t)run_watch(&run, 50 * SECOND, HAPPENS_IKE, "site", seen, 4), 0);
    CHECK_EQUAL(tunnel_of(&run)->ends[TUNNEL_GATEWAY].sa, 0);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_UP, NULL, 4 * SECOND), 0);
    sim_boot(run.sim, run_node(&run, "vgw"), 50 * SECOND);
    sim_run(run.sim, 70 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

/* A start that was still to come is not left behind when the tunnel was begun by hand. */
static void a_start_that_waits_ends_with_its_node(void)
{
    struct run run = run_exactly(quiet());
    sim_run(run.sim, 100 * MS);
    ike_clear(run.sim, 0, TUNNEL_CUSTOMER);
    sim_run(run.sim, 105 * MS);
    sim_shut_down(run.sim, run_node(&run, "site"));
    sim_run(run.sim, 5 * SECOND);
    CHECK_EQUAL(run.sim->tunnels[0].ends[TUNNEL_CUSTOMER].state, IKE_IDLE);
    run_done(&run);
}

/* Packets in the tunnel are signs of life: who hears BGP does not ask. */
static void packets_in_the_tunnel_count(void)
{
    struct run run = run_exactly(rig_with(rig_site, "    tunnels:\n",
                                          "    bgp: {keepalive: 5s, hold: 15s}\n    tunnels:\n"));
    sim_run(run.sim, 100 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_IKE_DPD, NULL, 0), 0);
    run_done(&run);
}

static void no_ike_without_ipsec(void)
{
    struct run run =
        run_exactly(rig_with(rig_site, "    tunnels:\n", "    ipsec: none\n    tunnels:\n"));
    struct watched seen[4];
    CHECK(run_watch(&run, 60 * SECOND, HAPPENS_IKE, NULL, seen, 4) == 0);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

int main(void)
{
    TEST(four_messages_make_an_sa);
    TEST(a_security_group_lets_ike_pass_or_not);
    TEST(of_two_silent_ends_one_asks);
    TEST(silence_is_counted_in_whole_seconds);
    TEST(each_clock_has_its_own_seconds);
    TEST(an_unanswered_question_is_repeated_and_given_up);
    TEST(who_restarts_begins_anew_until_it_is_heard);
    TEST(a_restart_is_tried_for_ever);
    TEST(who_neither_starts_nor_restarts_waits);
    TEST(a_lost_init_is_sent_again);
    TEST(a_new_sa_replaces_the_old_one);
    TEST(an_unknown_sa_is_not_answered);
    TEST(a_repeated_auth_is_answered_and_no_news);
    TEST(a_late_auth_of_an_older_attempt_is_void);
    TEST(attempts_that_cross_leave_one_sa);
    TEST(a_gateway_that_boots_answers_nobody);
    TEST(a_start_that_waits_ends_with_its_node);
    TEST(packets_in_the_tunnel_count);
    TEST(no_ike_without_ipsec);
    return harness_done();
}
