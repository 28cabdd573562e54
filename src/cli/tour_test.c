#include "cli/cli_rig.h"

static void the_tour_tells_the_whole_case(void)
{
    const struct ran *tour = run_cli("tour examples/incident.yaml");
    CHECK_EQUAL(tour->status, 0);
    CHECK_TEXT(tour->err, "");
    CHECK(contains(tour->out, "vpc-main ────── vgw-main ┬─ vpn-vyatta ═"));
    CHECK(contains(tour->out, "vpn-vyatta/1 swallows itself: from here on 203.0.113.225"));
    CHECK(contains(tour->out, "error[tunnel-recursion] T01"));
    CHECK(contains(tour->out, "With remedy 1 applied, vgw-main: "));
    CHECK(contains(tour->out, "then: STABLE"));
    CHECK(contains(tour->out, "sekisho explain examples/incident.yaml 0.0.0.0/0 --time 61s\n"));
}

static void a_sound_network_has_a_short_tour(void)
{
    const struct ran *tour = run_cli("tour examples/incident-held.yaml");
    CHECK_EQUAL(tour->status, 0);
    CHECK(!contains(tour->out, "cured"));
    CHECK(contains(tour->out, "Try next"));
}

static void a_wrong_file_has_none(void)
{
    check_mistake("tour no-such-file", "error: no-such-file: No such file or directory\n");
}

int main(void)
{
    TEST(the_tour_tells_the_whole_case);
    TEST(a_sound_network_has_a_short_tour);
    TEST(a_wrong_file_has_none);
    return rig_done();
}
