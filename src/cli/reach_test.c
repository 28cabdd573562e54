#include "cli/cli_rig.h"

#include <jansson.h>

static void the_matrix_is_of_packets(void)
{
    const struct ran *run = run_cli("reach examples/incident.yaml --time 61s");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "2 of 6 pairs reach each other, both ways\n"));
    CHECK(contains(run->out, "  1 vyatta 10.20.0.10        · ✗ ✓ ✗\n"));
    CHECK(contains(run->out, "  2 i-app 10.10.1.10         ✓ · ✓ ✓\n"));
    CHECK(contains(run->out, "  ✗ i-app 10.10.1.10 ↔ i-files 10.20.0.20\n"
                             "      lost on the way back, at vyatta: "));
}

static void one_end_or_one_pair_may_be_asked_for(void)
{
    const struct ran *run = run_cli("reach examples/incident.yaml i-app --time 59s");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "3 of 3 pairs reach each other"));
    CHECK(contains(run->out, "  ✓ i-app 10.10.1.10 ↔ i-files 10.20.0.20\n"));
    run = run_cli("reach examples/incident.yaml i-app 10.20.0.20 --time 61s");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "0 of 1 pair reaches each other"));
}

static void failures_are_told_one_by_one(void)
{
    const struct ran *run =
        run_cli("reach examples/incident-held.yaml i-app --under failures --time 50s");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "  Direct Connect  dxvif-1       i-app 10.10.1.10 ↔ 10.30.0.1"));
    CHECK(contains(run->out, "  router          dx-edge       nothing is lost, but its own 1\n"));
    CHECK(contains(run->out, "0 of 3 pairs survive every single failure\n"));
}

static void a_machine_gets_pairs_by_number(void)
{
    json_t *answer = json_loads(
        run_cli("reach --json examples/incident-held.yaml --under failures --time 50s")->out, 0,
        NULL);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(answer, "pairs")), 6);
    json_t *failures = json_object_get(answer, "failures");
    json_t *first = json_array_get(json_object_get(failures, "tried"), 0);
    CHECK_TEXT(json_string_value(json_object_get(first, "failed")), "vpn-vyatta/1");
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(first, "lost")), 3);
    json_t *pair = json_array_get(json_object_get(answer, "pairs"), 0);
    CHECK(json_is_true(json_object_get(pair, "there")));
    CHECK(json_is_null(json_object_get(pair, "what")));
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(failures, "survive")), 0);
    json_decref(answer);
}

static void mistakes_are_one_sentence(void)
{
    check_mistake("reach examples/incident.yaml --under load",
                  "error: --under load: expected failures\n");
    check_mistake("reach examples/incident.yaml i-ap",
                  "error: no instance and no router is called \"i-ap\"; did you mean \"i-app\"?\n");
    check_mistake("reach examples/incident.yaml 192.0.2.1",
                  "error: nobody in the file has 192.0.2.1; a packet begins at an instance or "
                  "behind a router\n");
}

int main(void)
{
    TEST(the_matrix_is_of_packets);
    TEST(one_end_or_one_pair_may_be_asked_for);
    TEST(failures_are_told_one_by_one);
    TEST(a_machine_gets_pairs_by_number);
    TEST(mistakes_are_one_sentence);
    return rig_done();
}
