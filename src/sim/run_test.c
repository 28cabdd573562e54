#include "sim/sim_rig.h"

static const char incident_story[] =
    "story:\n  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n";

static struct run of_incident(uint64_t seed, const char *more)
{
    char story[512];
    snprintf(story, sizeof story, "%s%s", incident_story, more);
    return run_with(rig_and(rig_incident, story), &(struct sim_options){.seed = seed});
}

static void a_network_without_a_story_settles(void)
{
    struct run run = run_with(rig_incident, &(struct sim_options){.seed = 2});
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(sim_period_us(run.sim, 0), 0);
    CHECK_EQUAL(sim_swallowed_us(run.sim, 0), -1);
    CHECK_EQUAL(sim_story_end_us(run.sim), 0);
    CHECK(sim_event_count(run.sim) > 100);
    run_done(&run);
}

/* In a cycle of 51 s the customer asks first whether the other is alive (docs/lab.md). */
static void the_incident_goes_round(void)
{
    unsigned early = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct run run = of_incident(seed, "");
        CHECK_EQUAL(sim_run_story(run.sim), SIM_REPEATS);
        int64_t period_us = sim_period_us(run.sim, 0);
        if (period_us > 51 * SECOND && period_us < 51 * SECOND + 80 * MS)
            early++;
        else
            CHECK(period_us > 70 * SECOND && period_us < 83 * SECOND);
        CHECK_EQUAL(sim_story_end_us(run.sim), 60 * SECOND);
        CHECK(sim_swallowed_us(run.sim, 0) > 60 * SECOND);
        run_done(&run);
    }
    CHECK(early <= 2);
}

/* What used to help does not: the circle is the same after it. */
static void a_restart_changes_nothing(void)
{
    struct run run = of_incident(4, "  - {at: 240s, restart: {router: vyatta}}\n"
                                    "  - {at: 400s, replace: {router: vyatta}}\n");
    CHECK_EQUAL(sim_run_story(run.sim), SIM_REPEATS);
    CHECK(sim_now_us(run.sim) > 400 * SECOND);
    run_done(&run);
}

static void a_withdrawal_ends_it(void)
{
    struct run run =
        of_incident(4, "  - {at: 240s, withdraw: {router: dx-edge, prefix: 0.0.0.0/0}}\n");
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK_EQUAL(sim_period_us(run.sim, 0), 0); /* of what happened since the story's end */
    CHECK(sim_swallowed_us(run.sim, 0) > 0);
    run_done(&run);
}

static void a_story_may_say_when_to_stop(void)
{
    struct run run = of_incident(4, "until: 100s\n");
    CHECK_EQUAL(sim_run_story(run.sim), SIM_UNTIL);
    CHECK_EQUAL(sim_now_us(run.sim), 100 * SECOND);
    run_done(&run);
    run = of_incident(4, "until: 1h\n");
    CHECK_EQUAL(sim_run_story(run.sim), SIM_REPEATS);
    CHECK_EQUAL(sim_now_us(run.sim), 3600ll * SECOND);
    run_done(&run);
}

static void limits_are_kept_and_said(void)
{
    static const struct sim_options limits[] = {{.seed = 1, .events = 50},
                                                {.seed = 1, .limit_us = 90 * SECOND}};
    for (int until = 0; until < 2; until++) {
        for (size_t i = 0; i < 2; i++) {
            char story[512];
            snprintf(story, sizeof story, "%s%s", incident_story, until ? "until: 1h\n" : "");
            struct run run = run_with(rig_and(rig_incident, story), &limits[i]);
            CHECK_EQUAL(sim_run_story(run.sim), SIM_LIMIT);
            CHECK(i == 1 || sim_event_count(run.sim) == 50);
            run_done(&run);
        }
    }
}

static void a_broken_invariant_is_said(void)
{
    struct run run = of_incident(1, "");
    sim_run(run.sim, 10 * SECOND);
    run.sim->complaint = "an invariant, said by a test";
    CHECK_EQUAL(sim_run_story(run.sim), SIM_BROKEN);
    CHECK_TEXT(sim_complaint(run.sim), "an invariant, said by a test");
    run.sim->complaint = NULL;
    run_done(&run);
}

/* A replaced router takes longer to come than fast timers take to be quiet. */
static void who_is_still_to_boot_is_waited_for(void)
{
    struct run run =
        run_with(rig_and(rig_with(rig_site, "    tunnels:\n",
                                  "    bgp: {keepalive: 1s, hold: 3s}\n"
                                  "    dpd: {delay: 1s, retries: 1, interval: 1s}\n    tunnels:\n"),
                         "story:\n  - {at: 20s, replace: {router: site}}\n"),
                 &(struct sim_options){.seed = 1});
    run.sim->quiet_us = 20 * SECOND;
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    CHECK(sim_now_us(run.sim) >= 100 * SECOND);
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

static void quiet_is_longer_than_any_timer(void)
{
    static const struct {
        const char *lines;
        int64_t least_us;
    } cases[] = {{"", 85 * SECOND},
                 {"    dpd: {delay: 60s, retries: 5, interval: 30s}\n", 425 * SECOND},
                 {"    bgp: {hold: 600s}\n", 625 * SECOND}};
    for (size_t i = 0; i < 3; i++) {
        char lines[128];
        snprintf(lines, sizeof lines, "%s    tunnels:\n", cases[i].lines);
        struct run run = run_exactly(rig_with(rig_site, "    tunnels:\n", lines));
        CHECK(run.sim->quiet_us >= cases[i].least_us);
        run_done(&run);
    }
}

static void state_digests_know_state_and_no_time(void)
{
    struct run run = run_exactly(rig_incident);
    sim_run(run.sim, 35 * SECOND);
    uint64_t early = sim_state_digest(run.sim);
    sim_run(run.sim, 200500 * MS);
    CHECK(sim_state_digest(run.sim) == early);
    rig_node(&run.rig, "vyatta")->failed = true;
    CHECK(sim_state_digest(run.sim) != early);
    rig_node(&run.rig, "vyatta")->failed = false;
    CHECK(sim_state_digest(run.sim) == early);
    struct kernel_entry entry = {.port = 1};
    uint64_t router = sim_router_digest(run.sim, run_node(&run, "vyatta"));
    kernel_set(&rig_node(&run.rig, "vyatta")->kernel, (struct prefix){0x01000000, 8}, &entry);
    CHECK(sim_state_digest(run.sim) != early);
    CHECK(sim_router_digest(run.sim, run_node(&run, "vyatta")) != router);
    run_done(&run);
}

static void a_tunnel_is_up_when_both_ways_are(void)
{
    struct run run = run_exactly(rig_incident);
    sim_run(run.sim, 30 * SECOND);
    struct tunnel *tunnel = &run.rig.world->tunnels[0];
    CHECK(sim_tunnel_up(run.sim, 0));
    tunnel->failed = true;
    CHECK(!sim_tunnel_up(run.sim, 0));
    tunnel->failed = false;
    tunnel->ends[1].sa++;
    CHECK(!sim_tunnel_up(run.sim, 0));
    tunnel->ends[1].sa--;
    rig_node(&run.rig, "vyatta")->ports[1].up = false;
    CHECK(!sim_tunnel_up(run.sim, 0));
    rig_node(&run.rig, "vyatta")->ports[1].up = true;
    CHECK(sim_tunnel_up(run.sim, 0));
    run_done(&run);
}

static void a_run_stops_at_its_moment(void)
{
    struct run run = run_exactly(rig_incident);
    CHECK(sim_run(run.sim, 5 * SECOND));
    CHECK_EQUAL(sim_now_us(run.sim), 5 * SECOND);
    run_done(&run);
    run = run_exactly("vpcs: []\n");
    CHECK(!sim_run(run.sim, 5 * SECOND)); /* nothing is left to happen */
    run_done(&run);
}

int main(void)
{
    TEST(a_network_without_a_story_settles);
    TEST(the_incident_goes_round);
    TEST(a_restart_changes_nothing);
    TEST(a_withdrawal_ends_it);
    TEST(a_story_may_say_when_to_stop);
    TEST(limits_are_kept_and_said);
    TEST(a_broken_invariant_is_said);
    TEST(who_is_still_to_boot_is_waited_for);
    TEST(quiet_is_longer_than_any_timer);
    TEST(state_digests_know_state_and_no_time);
    TEST(a_tunnel_is_up_when_both_ways_are);
    TEST(a_run_stops_at_its_moment);
    return harness_done();
}
