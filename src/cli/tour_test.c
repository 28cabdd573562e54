#include "cli/cli_rig.h"

#include <jansson.h>

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

/* The parts are what the other commands answer, word for word. */
static void a_machine_is_told_the_same_case(void)
{
    json_t *tour = json_loads(run_cli("tour --json examples/incident.yaml")->out, 0, NULL);
    json_t *story = json_loads(run_cli("simulate --json examples/incident.yaml")->out, 0, NULL);
    json_t *check = json_loads(run_cli("check --json examples/incident.yaml")->out, 0, NULL);
    char *cured = strdup(run_cli("check --apply 1 examples/incident.yaml")->out);
    json_t *after = json_loads(run_input("simulate --json -", cured, strlen(cured))->out, 0, NULL);
    CHECK_TEXT(json_string_value(json_object_get(tour, "file")), "examples/incident.yaml");
    CHECK(story && json_equal(json_object_get(tour, "story"), story));
    CHECK(check && json_equal(json_object_get(tour, "check"), check));
    CHECK_EQUAL(json_integer_value(json_object_get(tour, "remedy")), 1);
    CHECK(after && json_equal(json_object_get(tour, "cured"), after));
    CHECK_TEXT(json_string_value(json_object_get(after, "verdict")), "stable");
    free(cured);
    json_decref(tour);
    json_decref(story);
    json_decref(check);
    json_decref(after);
}

static void without_a_remedy_there_is_nothing_cured(void)
{
    const struct ran *held = run_cli("tour --json examples/incident-held.yaml");
    json_t *tour = json_loads(held->out, 0, NULL);
    CHECK_EQUAL(held->status, CLI_FINE);
    CHECK_TEXT(held->err, "");
    CHECK(json_is_object(json_object_get(tour, "story")));
    CHECK(json_is_null(json_object_get(tour, "remedy")));
    CHECK(json_is_null(json_object_get(tour, "cured")));
    json_decref(tour);
}

static void a_wrong_file_has_none(void)
{
    check_mistake("tour no-such-file", "error: no-such-file: No such file or directory\n");
}

int main(void)
{
    TEST(the_tour_tells_the_whole_case);
    TEST(a_sound_network_has_a_short_tour);
    TEST(a_machine_is_told_the_same_case);
    TEST(without_a_remedy_there_is_nothing_cured);
    TEST(a_wrong_file_has_none);
    return rig_done();
}
