/* Is what a change taken back for a moment shows the same as what a network without it shows that
 * is run from the beginning? --seeds N: of so many random networks. */
#include "check/spare.h"

#include "check/check_rig.h"
#include "check/random_rig.h"
#include "network/edit.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>

static uint64_t seed_count = 40;

/* -- one run -- */

struct ward { /* sites of a gateway of AWS, cured of the default that comes at 60 s */
    struct network *sick, *cured;
    struct change changes[16];
    bool needed[16];
    size_t count;
    struct run run;
};

static struct ward ward_of(size_t count, struct change (*change_of)(size_t nth))
{
    struct ward ward = {.sick = rig_sites(2, "aws"), .count = count};
    for (size_t i = 0; i < count; i++)
        ward.changes[i] = change_of(i);
    ward.cured = change_copy(ward.sick, ward.changes, count);
    return ward;
}

static void ward_run(struct ward *ward)
{
    CHECK(run_begin_trial(&ward->run, ward->cured, RIG_SEED, 0));
    run_finish(&ward->run);
    CHECK(run_is_well(&ward->run));
}

static void ward_done(struct ward *ward)
{
    run_done(&ward->run);
    network_free(ward->sick);
    network_free(ward->cured);
}

/* Each of the two sites' two endpoints; the fifth is nobody's. */
static struct change host_route(size_t nth)
{
    return (struct change){.kind = CHANGE_HOST_ROUTE,
                           .index = nth < 4 ? (int32_t)(nth / 2) : 0,
                           .prefix = rig_prefix(203, 0, 113, nth < 4 ? (unsigned)nth + 2 : 99, 32),
                           .via = rig_ip(198, 51, 100, 1)};
}

static struct change import_denial(size_t nth)
{
    return (struct change){.kind = CHANGE_IMPORT_DENY,
                           .index = (int32_t)(nth / 2),
                           .neighbor = rig_ip(169, 254, nth % 2 ? 11 : 10, nth < 2 ? 5 : 9)};
}

static struct change export_denial(size_t nth)
{
    return (struct change){.kind = CHANGE_EXPORT_DENY, .index = (int32_t)nth};
}

static void what_is_needed_is_told_from_what_is_not(void)
{
    struct ward ward = ward_of(5, host_route);
    ward_run(&ward);
    spare_mark(&ward.run, ward.sick, ward.changes, ward.count, ward.needed);
    for (size_t i = 0; i < 4; i++)
        CHECK(ward.needed[i]);
    CHECK(!ward.needed[4]);
    ward_done(&ward);
}

/* The run that was used is, table by table, what a fresh one is. */
static void a_run_that_was_used_is_as_a_fresh_one(void)
{
    struct ward ward = ward_of(5, host_route);
    struct run fresh;
    ward_run(&ward);
    spare_mark(&ward.run, ward.sick, ward.changes, ward.count, ward.needed);
    CHECK(run_begin(&fresh, ward.cured, RIG_SEED, 0));
    run_finish(&fresh);
    CHECK(sim_state_digest(ward.run.sim) == sim_state_digest(fresh.sim));
    CHECK(sim_digest(ward.run.sim) != sim_digest(fresh.sim)); /* it has seen more */
    CHECK(sim_audit_rest(ward.run.sim) == NULL);
    run_done(&fresh);
    ward_done(&ward);
}

static void what_a_neighbor_must_say_again_is_waited_for(void)
{
    struct ward imports = ward_of(4, import_denial), exports = ward_of(2, export_denial);
    ward_run(&imports);
    spare_mark(&imports.run, imports.sick, imports.changes, imports.count, imports.needed);
    for (size_t i = 0; i < 4; i++)
        CHECK(imports.needed[i]);
    CHECK(run_all_up(&imports.run));
    CHECK(sim_audit_rest(imports.run.sim) == NULL);
    ward_done(&imports);
    ward_run(&exports);
    spare_mark(&exports.run, exports.sick, exports.changes, exports.count, exports.needed);
    CHECK(exports.needed[0] && exports.needed[1]);
    CHECK(run_all_up(&exports.run));
    ward_done(&exports);
}

/* A route that has replaced another is no event to be taken back. */
static void what_cannot_be_taken_back_is_left_to_trials(void)
{
    struct ward ward = ward_of(4, host_route);
    struct network_route own =
        network_static_route(ward.changes[1].prefix, rig_ip(198, 51, 100, 77));
    network_add_route(ward.sick, 0, &own);
    ward_run(&ward);
    spare_mark(&ward.run, ward.sick, ward.changes, ward.count, ward.needed);
    CHECK(ward.needed[0] && !ward.needed[1] && ward.needed[2] && ward.needed[3]);
    ward_done(&ward);
}

/* -- whole answers -- */

static char *answer_of(const struct network *network, bool thorough, size_t *runs)
{
    struct check_options options = {.seed = RIG_SEED, .thorough = thorough};
    struct check *check = check_run(network, &options);
    json_t *answer = check_json(check);
    char *text = json_dumps(answer, JSON_INDENT(1));
    *runs += check_networks_run(check);
    json_decref(answer);
    check_free(check);
    return text;
}

static size_t runs, runs_thorough;

static void compare(const char *name, const struct network *network)
{
    char *brief = answer_of(network, false, &runs);
    char *thorough = answer_of(network, true, &runs_thorough);
    if (strcmp(brief, thorough) != 0)
        printf("# %s\n", name);
    CHECK_TEXT(brief, thorough);
    free(brief);
    free(thorough);
}

static void every_story_has_the_same_answer(void)
{
    struct dirent **entries;
    int count = scandir("tests/stories", &entries, NULL, alphasort);
    CHECK(count > 10);
    for (int i = 0; i < count; i++) {
        if (strstr(entries[i]->d_name, ".yaml")) {
            struct network *network = rig_story(entries[i]->d_name, NULL, NULL);
            compare(entries[i]->d_name, network);
            network_free(network);
        }
        free(entries[i]);
    }
    free(entries);
}

static void many_sites_have_the_same_answer_for_less(void)
{
    static const char *const platforms[] = {"aws", "sekisho"};
    runs = runs_thorough = 0;
    for (size_t i = 0; i < 2; i++) {
        struct network *network = rig_sites(4, platforms[i]);
        compare(platforms[i], network);
        network_free(network);
    }
    printf("# %zu networks run, and %zu thoroughly\n", runs, runs_thorough);
    CHECK(runs * 3 < runs_thorough * 2);
}

static void random_networks_have_the_same_answer(void)
{
    runs = runs_thorough = 0;
    for (uint64_t seed = 1; seed <= seed_count; seed++) {
        char name[32];
        struct network *network = random_network(seed, 25, 25);
        snprintf(name, sizeof name, "seed %d", (int)seed);
        compare(name, network);
        network_free(network);
    }
    printf("# %zu networks run, and %zu thoroughly\n", runs, runs_thorough);
    CHECK(runs < runs_thorough);
}

int main(void)
{
    harness_number("--seeds", &seed_count);
    TEST(what_is_needed_is_told_from_what_is_not);
    TEST(a_run_that_was_used_is_as_a_fresh_one);
    TEST(what_a_neighbor_must_say_again_is_waited_for);
    TEST(what_cannot_be_taken_back_is_left_to_trials);
    TEST(every_story_has_the_same_answer);
    TEST(many_sites_have_the_same_answer_for_less);
    TEST(random_networks_have_the_same_answer);
    return harness_done();
}
