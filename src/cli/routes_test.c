#include "cli/cli_rig.h"

#include <jansson.h>

static void tables_stand_side_by_side(void)
{
    const struct ran *run =
        run_cli("routes examples/incident.yaml --at rtb-app,vgw-main --time 61s");
    CHECK_EQUAL(run->status, 0);
    CHECK(strncmp(run->out, "examples/incident.yaml at 61.000 s\n\n", 36) == 0);
    CHECK(contains(run->out, "rtb-app (VPC)"));
    CHECK(contains(run->out, "0.0.0.0/0     vgw-main  propagated  dxvif-1       DX 65001\n"));
}

static void a_moment_before_is_another_answer(void)
{
    const struct ran *run = run_cli("routes examples/incident.yaml --at vyatta --time 59s");
    CHECK(contains(run->out, "S>* [210/0] via 10.20.0.1, eth0"));
    run = run_cli("routes examples/incident.yaml --at vyatta --time 61s");
    CHECK(contains(run->out, "B>* [20/0] via 169.254.252.30, vti1, 00:00:00"));
    CHECK(contains(run->out, "S   [210/0] via 10.20.0.1, eth0 (DHCP)"));
}

static void without_places_all_are_shown(void)
{
    json_t *answer =
        json_loads(run_cli("routes --json examples/incident.yaml --time 61s")->out, 0, NULL);
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "at_s")), 61);
    json_t *tables = json_object_get(answer, "tables");
    static const char *const names[] = {"rtb-app", "rtb-branch", "vgw-main",
                                        "vyatta",  "dx-edge",    "i-app"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(json_object_get(tables, names[i]) != NULL);
    json_decref(answer);
}

static void a_wrong_place_gets_the_nearest(void)
{
    check_mistake("routes examples/incident.yaml --at vyata",
                  "error: --at vyata: nothing with a table is called so; did you mean "
                  "\"vyatta\"?\n");
    check_mistake(
        "routes examples/incident.yaml --at vyatta,,vgw-main",
        "error: --at \"\": nothing with a table is called so; expected a router, gateway, "
        "instance, VPC or route table\n");
    check_mistake("routes examples/incident.yaml --time never",
                  "error: --time never: expected a duration such as 60s, 1.5s or 500ms, a year at "
                  "most\n");
}

int main(void)
{
    TEST(tables_stand_side_by_side);
    TEST(a_moment_before_is_another_answer);
    TEST(without_places_all_are_shown);
    TEST(a_wrong_place_gets_the_nearest);
    return rig_done();
}
