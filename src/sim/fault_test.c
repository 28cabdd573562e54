#include "sim/sim_rig.h"

enum { FROM_US = 40 * SECOND, UNTIL_US = 140 * SECOND };

static struct run under(const char *text, const struct fault_plan *plan, uint64_t seed)
{
    return run_with(text, &(struct sim_options){.seed = seed, .audit = true, .faults = plan});
}

/* Many seeds of one kind of fault: how often it has struck, and that everything is well 100 s after
 * the last. */
static uint32_t only(enum fault_kind kind)
{
    uint32_t count = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct fault_plan plan = {.seed = seed, .end_us = UNTIL_US, .kinds = 1u << kind};
        struct run run = under(rig_incident, &plan, seed);
        sim_run(run.sim, fault_over_us(&plan) + 120 * SECOND);
        count += sim_fault_count(run.sim, kind);
        for (int other = 0; other < FAULT_COUNT; other++)
            CHECK(other == (int)kind || sim_fault_count(run.sim, (enum fault_kind)other) == 0);
        CHECK(sim_tunnel_up(run.sim, 0));
        CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
        const char *complaint = sim_audit_rest(run.sim);
        CHECK_TEXT(complaint ? complaint : "", "");
        CHECK(run_entry(&run, "vyatta", RIG_IP(10, 30, 0, 0), 16) != NULL);
        run_done(&run);
    }
    return count;
}

static void each_kind_of_fault_is_weathered(void)
{
    for (int kind = 0; kind < FAULT_COUNT; kind++) {
        uint32_t count = only((enum fault_kind)kind);
        printf("# %s: %" PRIu32 "\n", fault_word((enum fault_kind)kind), count);
        CHECK(count > 0);
    }
}

static void nothing_is_broken_outside_the_plans_time(void)
{
    struct fault_plan plan = {.seed = 2, .start_us = FROM_US, .end_us = UNTIL_US};
    struct run run = under(rig_incident, &plan, 1);
    uint64_t digests[2];
    sim_run(run.sim, FROM_US - 1);
    digests[0] = sim_digest(run.sim);
    for (int kind = 0; kind < FAULT_COUNT; kind++)
        CHECK_EQUAL(sim_fault_count(run.sim, (enum fault_kind)kind), 0);
    sim_run(run.sim, UNTIL_US);
    uint32_t counts[FAULT_COUNT], sum = 0;
    for (int kind = 0; kind < FAULT_COUNT; kind++)
        sum += counts[kind] = sim_fault_count(run.sim, (enum fault_kind)kind);
    CHECK(sum > 0);
    sim_run(run.sim, 600 * SECOND);
    for (int kind = 0; kind < FAULT_COUNT; kind++)
        CHECK_EQUAL(sim_fault_count(run.sim, (enum fault_kind)kind), counts[kind]);
    run_done(&run);
    run = run_with(rig_incident, &(struct sim_options){.seed = 1});
    sim_run(run.sim, FROM_US - 1); /* until then the run is the one without faults */
    digests[1] = sim_digest(run.sim);
    CHECK(digests[0] == digests[1]);
    run_done(&run);
}

static void the_seed_chooses_the_mix(void)
{
    uint32_t seen = 0, missing = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct fault_plan plan = {.seed = seed, .start_us = FROM_US, .end_us = UNTIL_US};
        struct run run = under(rig_incident, &plan, 1);
        sim_run(run.sim, UNTIL_US);
        for (int kind = 0; kind < FAULT_COUNT; kind++) {
            bool struck = sim_fault_count(run.sim, (enum fault_kind)kind) > 0;
            seen |= (uint32_t)struck << kind;
            missing |= (uint32_t)!struck << kind;
        }
        run_done(&run);
    }
    CHECK_EQUAL(seen, (1u << FAULT_COUNT) - 1);
    CHECK_EQUAL(missing, (1u << FAULT_COUNT) - 1);
}

static void a_plan_plays_the_same_again(void)
{
    uint64_t digests[3];
    for (int i = 0; i < 3; i++) {
        struct fault_plan plan = {.seed = i == 2 ? 9 : 8, .start_us = FROM_US, .end_us = UNTIL_US};
        struct run run = under(rig_incident, &plan, 1);
        sim_run(run.sim, 300 * SECOND);
        digests[i] = sim_digest(run.sim);
        run_done(&run);
    }
    CHECK(digests[0] == digests[1]);
    CHECK(digests[0] != digests[2]);
}

/* A failed entry is offered anew as the table wants it by then, not as it was wanted. */
static void a_failed_entry_becomes_what_is_wanted_by_then(void)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct fault_plan plan = {.seed = seed,
                                  .start_us = FROM_US,
                                  .end_us = UNTIL_US,
                                  .kinds = 1u << FAULT_ENTRY_FAILS};
        struct run run = under(
            rig_and(rig_site,
                    "story:\n"
                    "  - {at: 50s, configure: {router: site, add_routes: [{prefix: 10.9.0.0/16, "
                    "via: 198.51.100.1}]}}\n"
                    "  - {at: 50500ms, configure: {router: site, remove_routes: [10.9.0.0/16]}}\n"
                    "  - {at: 51s, configure: {router: site, add_routes: [{prefix: 10.8.0.0/16, "
                    "via: 198.51.100.1}]}}\n"),
            &plan, seed);
        sim_run(run.sim, 60 * SECOND);
        CHECK(run_entry(&run, "site", RIG_IP(10, 9, 0, 0), 16) == NULL);
        CHECK(run_entry(&run, "site", RIG_IP(10, 8, 0, 0), 16) != NULL);
        run_done(&run);
    }
}

static void faults_have_words_and_sentences(void)
{
    for (int kind = 0; kind < FAULT_COUNT; kind++) {
        CHECK(fault_word((enum fault_kind)kind)[0] != 0);
        CHECK(strlen(fault_sentence((enum fault_kind)kind)) > 10);
    }
}

int main(void)
{
    TEST(each_kind_of_fault_is_weathered);
    TEST(nothing_is_broken_outside_the_plans_time);
    TEST(the_seed_chooses_the_mix);
    TEST(a_plan_plays_the_same_again);
    TEST(a_failed_entry_becomes_what_is_wanted_by_then);
    TEST(faults_have_words_and_sentences);
    return harness_done();
}
