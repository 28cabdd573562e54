#include "check/reach.h"

#include "check/check_rig.h"

static void finish(struct run *run, const struct network *network)
{
    CHECK(run_begin(run, network, RIG_SEED, 0));
    run_until(run, 59000000);
}

static const struct reach_pair *find_pair(const struct reach *reach, const struct world *world,
                                          const char *from, const char *to)
{
    for (size_t i = 0; i < reach->pair_count; i++) {
        const struct reach_pair *pair = &reach->pairs[i];
        const char *left = world->nodes[pair->from.node].id;
        const char *right = world->nodes[pair->to.node].id;
        if ((strcmp(left, from) == 0 && strcmp(right, to) == 0) ||
            (strcmp(left, to) == 0 && strcmp(right, from) == 0))
            return pair;
    }
    return NULL;
}

static void instances_and_what_routers_announce_are_ends(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    struct reach reach;
    finish(&run, network);
    reach_init(&reach, network, run.world);
    CHECK_EQUAL((int64_t)reach.ends_in_all, 4); /* i-app, i-files, vyatta, dx-edge's network */
    CHECK_EQUAL((int64_t)reach.pair_count, 6);
    CHECK(!reach.by_file);
    CHECK_EQUAL((int64_t)reach_wanted_count(&reach), 0);
    reach_mark(&reach, run.world);
    const struct reach_pair *pair = find_pair(&reach, run.world, "i-app", "i-files");
    CHECK(pair && pair->wanted);
    pair = find_pair(&reach, run.world, "i-app", "dx-edge");
    CHECK(pair && pair->wanted);
    CHECK(reach_lost(&reach, run.world) == NULL);
    reach_done(&reach);
    run_done(&run);
    network_free(network);
}

static void what_is_lost_is_named(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    struct reach reach;
    finish(&run, network);
    reach_init(&reach, network, run.world);
    reach_mark(&reach, run.world);
    run_until(&run, 61000000); /* swallowed */
    const struct reach_pair *lost = reach_lost(&reach, run.world);
    CHECK(lost != NULL && lost->wanted);
    reach_done(&reach);
    run_done(&run);
    network_free(network);
}

static void worlds_are_compared(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run before, after;
    struct reach reach;
    finish(&before, network);
    finish(&after, network);
    reach_init(&reach, network, before.world);
    CHECK(reach_differs(&reach, before.world, after.world) == NULL);
    run_until(&after, 61000000);
    const struct reach_pair *pair = reach_differs(&reach, before.world, after.world);
    CHECK(pair != NULL && !pair->wanted);
    reach_done(&reach);
    run_done(&before);
    run_done(&after);
    network_free(network);
}

static void nothing_is_lost_that_never_was(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    struct reach reach;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    reach_init(&reach, network, run.world);
    run_until(&run, 61000000);
    reach_mark(&reach, run.world);
    size_t reached = reach_wanted_count(&reach);
    CHECK(reached < reach.pair_count);
    CHECK(reach_lost(&reach, run.world) == NULL);
    reach_done(&reach);
    run_done(&run);
    network_free(network);
}

static void the_file_says_what_is_wanted(void)
{
    struct network *network =
        rig_network("incident.yaml", "story:",
                    "wanted:\n  - {from: i-app, to: i-files}\n  - {from: 10.30.7.7, to: i-app}\n"
                    "  - {from: dx-edge, to: 10.10.1.10}\n  - {from: 10.99.0.1, to: i-app}\nstory:",
                    NULL, NULL);
    struct run run;
    struct reach reach;
    finish(&run, network);
    reach_init(&reach, network, run.world);
    CHECK(reach.by_file);
    CHECK_EQUAL((int64_t)reach.pair_count, 4);
    reach_mark(&reach, run.world);
    CHECK(reach.pairs[0].wanted);
    CHECK(reach.pairs[1].wanted);  /* an address behind dx-edge */
    CHECK(reach.pairs[2].wanted);  /* an address that is an instance's */
    CHECK(!reach.pairs[3].wanted); /* nobody's address, and no way to it */
    reach_mark_said(&reach);
    CHECK_EQUAL((int64_t)reach_wanted_count(&reach), 4);
    reach_done(&reach);
    run_done(&run);
    network_free(network);
}

/* A router with so many networks that not every pair is looked at. */
static void many_ends_are_thinned_out(void)
{
    char *list = calloc(1, RIG_TEXT_BYTES);
    size_t size = (size_t)snprintf(list, 64, "announce: [10.30.0.0/16");
    for (unsigned i = 0; i < 90; i++)
        size += (size_t)snprintf(list + size, 64, ", 10.40.%u.0/24", i);
    snprintf(list + size, 64, "]");
    struct network *network =
        rig_network("incident.yaml", "announce: [10.30.0.0/16]", list, NULL, NULL);
    struct run run;
    struct reach reach;
    finish(&run, network);
    reach_init(&reach, network, run.world);
    CHECK_EQUAL((int64_t)reach.ends_in_all, 94);
    CHECK(reach.end_count <= REACH_ENDS_MAX);
    CHECK(reach.end_count > REACH_ENDS_MAX / 2);
    reach_done(&reach);
    run_done(&run);
    network_free(network);
    free(list);
}

int main(void)
{
    TEST(instances_and_what_routers_announce_are_ends);
    TEST(what_is_lost_is_named);
    TEST(worlds_are_compared);
    TEST(nothing_is_lost_that_never_was);
    TEST(the_file_says_what_is_wanted);
    TEST(many_ends_are_thinned_out);
    return harness_done();
}
