#include "lab/tables.h"

#include "lab/apply.h"
#include "lab/build.h"
#include "lab/plan.h"
#include "lab/run_rig.h"
#include "lab/start.h"
#include "network/fold.h"
#include "network/probe.h"

static struct network *before, *after;
static struct world *worlds[2];
static struct lab_running *lab;
static char space[NAME_SPACE_BYTES];
static unsigned count;

/* The lab's namespaces and what is in them, without any program. */
static bool begin(const char *step)
{
    char text[1 << 14], name[LAB_NAME_BYTES];
    snprintf(text, sizeof text, "%sstory:\n  - %s\n", rig_incident, step);
    snprintf(name, sizeof name, "t%d", getpid());
    before = probe_parse(text);
    after = network_copy(before);
    network_fold(after, &after->story[0]);
    worlds[0] = network_build(before);
    worlds[1] = network_build(after);
    lab_boot_vpcs(worlds[0]);
    lab_boot_vpcs(worlds[1]);
    lab = running_create(name, "x.yaml");
    count = 0;
    if (!run_space("vpc-branch", space))
        return false;
    struct lab_plan *plan = lab_plan(worlds[0], name);
    bool built = lab_build(plan, name, &run_trouble);
    CHECK(built);
    lab_plan_free(plan);
    run_node(lab, "vpc-branch", NODE_VPC, space);
    return built;
}

static void end(void)
{
    world_destroy(worlds[0]);
    world_destroy(worlds[1]);
    running_free(lab);
    network_free(before);
    network_free(after);
    run_clean();
}

static bool has(const char *route)
{
    const char *const words[] = {"ip", "-4", "route", "show", "table", "1001", NULL};
    char said[2048] = "";
    CHECK(lab_run_program(space, words, said, sizeof said, &run_trouble));
    return strstr(said, route) != NULL;
}

static void an_entry_comes_and_another_goes(void)
{
    if (begin("{at: 1s, configure: {route_table: rtb-branch, remove_routes: [10.10.0.0/16], "
              "add_routes: [{prefix: 10.30.0.0/16, target: i-host}]}}")) {
        CHECK(has("10.10.0.0/16 via 10.20.0.10 dev vyatta"));
        CHECK(tables_apply(lab, worlds[0], worlds[1], &count, &run_trouble));
        CHECK_EQUAL(count, 1);
        CHECK(!has("10.10.0.0/16"));
        CHECK(has("10.30.0.0/16 via 10.20.0.20 dev i-host"));
        CHECK(has("10.20.0.10 dev vyatta"));
        CHECK(tables_apply(lab, worlds[1], worlds[0], &count, &run_trouble));
        CHECK_EQUAL(count, 2);
        CHECK(has("10.10.0.0/16 via 10.20.0.10 dev vyatta") && !has("10.30.0.0/16"));
    }
    end();
}

/* A VPC of the gateway's is sekishod's. */
static void what_is_not_ours_is_left_alone(void)
{
    if (begin("{at: 1s, configure: {route_table: rtb-app, add_routes: "
              "[{prefix: 10.30.0.0/16, target: i-app}]}}")) {
        run_node(lab, "vpc-main", NODE_VPC, "");
        CHECK(tables_apply(lab, worlds[0], worlds[1], &count, &run_trouble));
        CHECK_EQUAL(count, 0);
        CHECK(has("10.10.0.0/16 via 10.20.0.10 dev vyatta"));
    }
    end();
}

int main(void)
{
    TEST(an_entry_comes_and_another_goes);
    TEST(what_is_not_ours_is_left_alone);
    return harness_done();
}
