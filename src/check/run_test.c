#include "check/run.h"

#include "check/check_rig.h"

static void finish(struct run *run, const struct network *network, uint64_t seed)
{
    CHECK(run_begin(run, network, seed, 0));
    run_finish(run);
}

static void the_incident_goes_round(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    finish(&run, network, RIG_SEED);
    CHECK_EQUAL(run.end, SIM_REPEATS);
    CHECK(run_any_swallowed(&run));
    CHECK(!run_is_well(&run));
    run_done(&run);
    network_free(network);
}

/* A trial says the same as the long run, and says it in the moment of the first swallowing. */
static void a_trial_ends_with_the_first_swallowing(void)
{
    static const char *const examples[] = {"incident.yaml", "pasted-sample.yaml",
                                           "incident-held.yaml"};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct network *network = rig_example(examples[i]);
        struct run run, trial;
        finish(&run, network, RIG_SEED);
        CHECK(run_begin_trial(&trial, network, RIG_SEED, 0));
        run_finish(&trial);
        CHECK_EQUAL(run_is_well(&trial), run_is_well(&run));
        CHECK_EQUAL(run_any_swallowed(&trial), run_any_swallowed(&run));
        if (run_any_swallowed(&run)) {
            CHECK_EQUAL(trial.end, SIM_UNTIL);
            CHECK_EQUAL(sim_now_us(trial.sim), sim_swallowed_us(run.sim, 0));
            CHECK_EQUAL(sim_swallowed_us(trial.sim, 0), sim_swallowed_us(run.sim, 0));
        } else {
            CHECK_EQUAL(trial.end, run.end);
            CHECK_EQUAL((int64_t)sim_digest(trial.sim), (int64_t)sim_digest(run.sim));
        }
        run_done(&run);
        run_done(&trial);
        network_free(network);
    }
}

static void a_settled_network_is_well_in_every_order(void)
{
    struct network *network = rig_example("incident-held.yaml");
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct run run;
        finish(&run, network, seed);
        CHECK_EQUAL(run.end, SIM_SETTLED);
        CHECK(run_all_up(&run));
        CHECK(run_is_well(&run));
        run_done(&run);
    }
    network_free(network);
}

static void a_tunnel_that_never_comes_up_is_not_well(void)
{
    struct network *network = rig_network(
        "incident-held.yaml", ", {prefix: 0.0.0.0/0, target: igw-branch}", "", NULL, NULL);
    struct run run;
    finish(&run, network, RIG_SEED);
    CHECK_EQUAL(run.end, SIM_SETTLED);
    CHECK(!run_any_swallowed(&run));
    CHECK(!run_all_up(&run));
    CHECK(!run_is_well(&run));
    run_done(&run);
    network_free(network);
}

static void seeds_of_other_orders_differ(void)
{
    CHECK(run_seed(5, 0) == 5);
    for (unsigned i = 1; i < 10; i++) {
        for (unsigned j = 0; j < i; j++)
            CHECK(run_seed(5, i) != run_seed(5, j));
    }
}

static void what_the_story_has_cut_off_is_excused(void)
{
    struct network *network = rig_network(
        "incident-held.yaml", "  - {at: 60s, announce",
        "  - {at: 30s, fail: {tunnel: vpn-vyatta/1}}\n  - {at: 60s, announce", NULL, NULL);
    struct run run;
    finish(&run, network, RIG_SEED);
    CHECK(run_tunnel_excused(&run, 0));
    CHECK(!sim_tunnel_up(run.sim, 0));
    CHECK(run_all_up(&run));
    run_done(&run);
    network_free(network);
}

/* Some orders come back to a state that they have had and some do not, with a new IKE_SA each time
 * or always with the same one: all of them go round. */
static void loops_go_round_whatever_ike_does(void)
{
    struct network *network = rig_story("one-ike-many-loops.yaml", NULL, NULL);
    unsigned uneven = 0;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct run run;
        finish(&run, network, seed);
        CHECK(run.end == SIM_REPEATS || run_keeps_flapping(&run));
        uneven += run.end == SIM_LIMIT;
        run_done(&run);
    }
    CHECK(uneven > 0);
    network_free(network);
}

/* Its tunnel stays up; what goes round is BGP. */
static void a_session_over_its_limit_goes_round(void)
{
    struct network *network = rig_story("session-over-limit.yaml", NULL, NULL);
    struct run run;
    finish(&run, network, RIG_SEED);
    CHECK_EQUAL(run.end, SIM_REPEATS);
    CHECK(run_all_up(&run) && !run_any_swallowed(&run));
    CHECK(sim_restless(run.sim) != NULL);
    CHECK(sim_now_us(run.sim) < 3600ll * 1000000);
    run_done(&run);
    CHECK(run_begin_trial(&run, network, RIG_SEED, 0)); /* nothing is swallowed: as long */
    run_finish(&run);
    CHECK_EQUAL(run.end, SIM_REPEATS);
    CHECK(sim_now_us(run.sim) < 3600ll * 1000000);
    run_done(&run);
    network_free(network);
}

static void the_end_that_the_file_sets_is_not_heeded(void)
{
    struct network *network =
        rig_network("incident.yaml", "story:", "until: 600s\nstory:", NULL, NULL);
    struct run run;
    finish(&run, network, RIG_SEED);
    CHECK_EQUAL(run.end, SIM_REPEATS);
    CHECK(sim_now_us(run.sim) > network->until_us);
    CHECK_EQUAL(network->until_us, 600000000);
    run_done(&run);
    network_free(network);
}

static void a_run_can_be_looked_at_on_its_way(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_until(&run, 59000000);
    CHECK(sim_tunnel_up(run.sim, 0));
    CHECK(!run_any_swallowed(&run));
    run_until(&run, 61000000);
    CHECK(run_any_swallowed(&run));
    run_until(&run, 30000000); /* there is no way back, and none is taken */
    CHECK_EQUAL(sim_now_us(run.sim), 61000000);
    run_done(&run);
    network_free(network);
}

int main(void)
{
    TEST(the_incident_goes_round);
    TEST(a_trial_ends_with_the_first_swallowing);
    TEST(a_settled_network_is_well_in_every_order);
    TEST(a_tunnel_that_never_comes_up_is_not_well);
    TEST(seeds_of_other_orders_differ);
    TEST(what_the_story_has_cut_off_is_excused);
    TEST(loops_go_round_whatever_ike_does);
    TEST(a_session_over_its_limit_goes_round);
    TEST(the_end_that_the_file_sets_is_not_heeded);
    TEST(a_run_can_be_looked_at_on_its_way);
    return harness_done();
}
