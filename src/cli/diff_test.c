#include "cli/cli_rig.h"

#include <jansson.h>

static void equal_files_say_so(void)
{
    const struct ran *run = run_cli("diff examples/control.yaml examples/control.yaml --time 59s");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "No difference in tunnels, reachability, announcements and tables."));
}

static void different_files_are_told_apart(void)
{
    const struct ran *run =
        run_cli("diff examples/incident.yaml examples/incident-held.yaml --time 70s");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "examples/incident-held.yaml  up, BGP established"));
    json_t *answer = json_loads(
        run_cli("diff --json examples/incident.yaml examples/incident-held.yaml --time 70s")->out,
        0, NULL);
    CHECK(json_is_false(json_object_get(answer, "same")));
    json_t *tunnel = json_array_get(json_object_get(answer, "tunnels"), 0);
    CHECK_TEXT(json_string_value(json_object_get(tunnel, "left")), "down");
    json_t *told = json_array_get(json_object_get(answer, "announcements"), 0);
    CHECK_TEXT(json_string_value(json_object_get(told, "place")),
               "vgw-main tells vyatta by vpn-vyatta/1");
    CHECK(json_is_null(json_object_get(told, "right")));
    json_decref(answer);
}

static void two_gateways_stand_side_by_side(void)
{
    const struct ran *run = run_cli("diff tests/stories/fresh-gateway.yaml vgw-main vgw-test");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "0.0.0.0/0 covers 203.0.113.225, the outside address that"));
    CHECK(!contains(run->out, "10.30.0.0/16"));
}

static void mistakes_are_one_sentence(void)
{
    check_mistake("diff examples/incident.yaml",
                  "error: diff needs FILE|- FILE|- | FILE|- GATEWAY GATEWAY; see: sekisho help "
                  "diff\n");
    check_mistake("diff - -", "error: standard input cannot be both files\n");
}

int main(void)
{
    TEST(equal_files_say_so);
    TEST(different_files_are_told_apart);
    TEST(two_gateways_stand_side_by_side);
    TEST(mistakes_are_one_sentence);
    return rig_done();
}
