#include "check/trial.h"

#include "check/check_rig.h"

struct clinic {
    struct network *network;
    struct world *world;
    struct check *check;
    struct reach reach; /* nothing is wanted, unless a test says so */
    struct patient patient;
};

static struct clinic *open_clinic(struct network *network)
{
    struct clinic *clinic = calloc(1, sizeof *clinic);
    clinic->network = network;
    clinic->world = network_build(network);
    clinic->check = rig_check_without_cures(network);
    patient_init(&clinic->patient, clinic->check, network, clinic->world, &clinic->reach, NULL);
    return clinic;
}

static void close_clinic(struct clinic *clinic)
{
    reach_done(&clinic->reach);
    world_destroy(clinic->world);
    check_free(clinic->check);
    network_free(clinic->network);
    free(clinic);
}

static int32_t index_of(const struct clinic *clinic, const char *id)
{
    return network_find(clinic->network, id).index;
}

static void what_cures_is_told_from_what_does_not(void)
{
    struct clinic *clinic = open_clinic(rig_example("incident.yaml"));
    struct change hold = {.kind = CHANGE_GUARD_HOLD, .index = index_of(clinic, "vpn-vyatta")};
    struct change other = {.kind = CHANGE_STOP,
                           .index = index_of(clinic, "dx-edge"),
                           .prefix = rig_prefix(10, 30, 0, 0, 16)};
    CHECK(trial_cures(&clinic->patient, &hold, 1));
    CHECK_EQUAL((int64_t)clinic->patient.swallowed_count, 0);
    CHECK(!trial_cures(&clinic->patient, &other, 1));
    CHECK_EQUAL((int64_t)clinic->patient.swallowed_count, 1);
    CHECK_EQUAL(clinic->patient.swallowed[0].tunnel, 0);
    CHECK_EQUAL(clinic->patient.swallowed[0].prefix.len, 0);
    CHECK(!trial_cures(&clinic->patient, NULL, 0));
    close_clinic(clinic);
}

/* One order of starts is not enough, and one is if it ends badly. */
static void every_order_of_starts_is_run(void)
{
    struct clinic *clinic = open_clinic(rig_example("incident.yaml"));
    struct change hold = {.kind = CHANGE_GUARD_HOLD, .index = index_of(clinic, "vpn-vyatta")};
    size_t before = check_networks_run(clinic->check);
    CHECK(trial_cures(&clinic->patient, &hold, 1));
    CHECK_EQUAL((int64_t)(check_networks_run(clinic->check) - before), 2);
    CHECK(!trial_cures(&clinic->patient, NULL, 0));
    CHECK_EQUAL((int64_t)(check_networks_run(clinic->check) - before), 3);
    close_clinic(clinic);
}

static void without_a_trial_left_nothing_is_run(void)
{
    struct clinic *clinic = open_clinic(rig_example("incident.yaml"));
    struct change hold = {.kind = CHANGE_GUARD_HOLD, .index = index_of(clinic, "vpn-vyatta")};
    clinic->patient.trials_left = 1;
    CHECK(trial_cures(&clinic->patient, &hold, 1));
    size_t before = check_networks_run(clinic->check);
    CHECK(!trial_cures(&clinic->patient, &hold, 1));
    CHECK_EQUAL((int64_t)check_networks_run(clinic->check), (int64_t)before);
    close_clinic(clinic);
}

/* The site takes the number of whoever announces the default: now it is by that accident alone that
 * the default does not reach it, where a host route kept it before. */
static void nobody_is_left_worse_off(void)
{
    struct clinic *clinic = open_clinic(rig_example("incident-pinned.yaml"));
    struct change renumber = {
        .kind = CHANGE_ASN, .index = index_of(clinic, "vyatta"), .number = 65001};
    CHECK_EQUAL(clinic->patient.sheltered[0], CHECK_PROTECTED);
    CHECK(!trial_cures(&clinic->patient, &renumber, 1));
    clinic->patient.sheltered[0] = CHECK_LATENT;
    CHECK(trial_cures(&clinic->patient, &renumber, 1));
    close_clinic(clinic);
}

static void what_is_wanted_is_not_given_up(void)
{
    struct clinic *clinic = open_clinic(rig_example("incident-held.yaml"));
    struct run run;
    CHECK(run_begin(&run, clinic->network, RIG_SEED, 0));
    run_until(&run, 59000000);
    reach_init(&clinic->reach, clinic->network, run.world);
    reach_mark(&clinic->reach, run.world);
    run_done(&run);
    struct change stop = {.kind = CHANGE_STOP,
                          .index = index_of(clinic, "dx-edge"),
                          .prefix = rig_prefix(10, 30, 0, 0, 16)};
    CHECK(trial_cures(&clinic->patient, NULL, 0));
    CHECK(!trial_cures(&clinic->patient, &stop, 1));
    close_clinic(clinic);
}

int main(void)
{
    TEST(what_cures_is_told_from_what_does_not);
    TEST(every_order_of_starts_is_run);
    TEST(without_a_trial_left_nothing_is_run);
    TEST(nobody_is_left_worse_off);
    TEST(what_is_wanted_is_not_given_up);
    return harness_done();
}
