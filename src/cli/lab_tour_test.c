#include "cli/cli_rig.h"

/* What is missing is told, and the same case is shown all the same. */
static void where_no_lab_can_be_it_is_simulated(void)
{
    const struct ran *told =
        run_cli("lab tour --lab tourtest --sekishod /nowhere/sekishod examples/incident.yaml");
    CHECK_EQUAL(told->status, CLI_FINE);
    CHECK(contains(told->err, "error: "));
    CHECK(contains(told->out, "So here is the same case, simulated."));
    CHECK(contains(told->out, "The same story, cured"));
}

/* Whoever asked for an object about real daemons is not given something else. */
static void for_a_machine_nothing_is_simulated(void)
{
    const struct ran *told = run_cli(
        "lab tour --json --lab tourtest --sekishod /nowhere/sekishod examples/incident.yaml");
    CHECK_EQUAL(told->status, CLI_WORLD);
    CHECK(contains(told->err, "error: "));
    CHECK_TEXT(told->out, "");
}

static void a_files_mistake_is_no_reason_to_simulate(void)
{
    const struct ran *wrong = run_input("lab tour --lab tourtest -", "vpcs: 7\n", 8);
    CHECK_EQUAL(wrong->status, CLI_USAGE);
    CHECK_TEXT(wrong->out, "");
}

int main(void)
{
    TEST(where_no_lab_can_be_it_is_simulated);
    TEST(for_a_machine_nothing_is_simulated);
    TEST(a_files_mistake_is_no_reason_to_simulate);
    return rig_done();
}
