#include "cli/cli_rig.h"

#include <jansson.h>

static void an_announcement_shows_what_it_does(void)
{
    const struct ran *run =
        run_cli("whatif examples/incident.yaml --time 50s announce dx-edge 0.0.0.0/0");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "before: STABLE  its tunnel is up"));
    CHECK(contains(run->out, "after: UNSTABLE  vpn-vyatta/1 goes down and comes back, every 8"));
    CHECK(contains(run->out, "+ T01 tunnel-recursion (certain): vpn-vyatta/1"));
    CHECK(contains(run->out, "- 0.0.0.0/0  S>* [210/0] via 10.20.0.1, eth0 (DHCP)"));
}

static void a_cure_is_tried_with_the_trouble(void)
{
    const struct ran *run =
        run_cli("whatif examples/incident-aws.yaml --time 50s announce dx-edge 0.0.0.0/0 "
                "configure vyatta add 203.0.113.225/32 10.20.0.1");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "after: STABLE"));
    CHECK(contains(run->out, "+ T01 tunnel-recursion (protected)"));
    CHECK(!contains(run->out, "\ntunnels\n") && !contains(run->out, "\nreachability\n"));
}

/* Of a network that goes round: what stops with the changes is not told as theirs. */
static void a_cure_of_what_is_so_now_is_good_news(void)
{
    static const char question[] =
        "examples/incident.yaml configure vyatta add 203.0.113.225/32 10.20.0.1";
    char words[256];
    snprintf(words, sizeof words, "whatif %s", question);
    const struct ran *run = run_cli(words);
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "after: STABLE"));
    CHECK(contains(run->out, "- T01 tunnel-recursion (certain)"));
    CHECK(!contains(run->out, "+ T01"));
    snprintf(words, sizeof words, "whatif --json %s", question);
    json_t *answer = json_loads(run_cli(words)->out, 0, NULL);
    json_t *before = json_object_get(answer, "before"), *after = json_object_get(answer, "after");
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(before, "findings")),
                (int64_t)json_array_size(json_object_get(after, "findings")) + 1);
    json_decref(answer);
}

static void a_machine_gets_both_sides(void)
{
    json_t *answer = json_loads(
        run_cli("whatif --json examples/incident-held.yaml fail vpn-vyatta/1")->out, 0, NULL);
    json_t *before = json_object_get(answer, "before"), *after = json_object_get(answer, "after");
    CHECK_TEXT(json_string_value(json_object_get(before, "verdict")), "stable");
    CHECK_TEXT(json_string_value(json_object_get(after, "verdict")), "degraded");
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(answer, "tunnels")), 1);
    json_t *pair = json_array_get(json_object_get(answer, "reach"), 0);
    CHECK(json_is_true(json_object_get(pair, "before")));
    CHECK(json_is_false(json_object_get(pair, "after")));
    CHECK_TEXT(json_string_value(json_array_get(json_object_get(answer, "changes"), 0)),
               "fail vpn-vyatta/1");
    json_decref(answer);
}

static void what_nobody_notices_is_said(void)
{
    const struct ran *run = run_cli("whatif examples/incident-held.yaml restart dxvif-1");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "\nNothing changes.\n"));
}

static void mistakes_are_told_before_anything_runs(void)
{
    check_mistake("whatif examples/incident.yaml",
                  "error: whatif needs FILE|- CHANGE...; see: sekisho help whatif\n");
    check_mistake("whatif examples/incident.yaml restore vyatta",
                  "error: restore vyatta: vyatta has not failed\n");
    const struct ran *run =
        run_cli("whatif --json examples/incident.yaml announce dx-edge 10.0.0.1/8");
    CHECK_EQUAL(run->status, 2);
    CHECK_TEXT(run->out, "");
    CHECK(contains(run->err, "\"file\": \"change 1\""));
}

int main(void)
{
    TEST(an_announcement_shows_what_it_does);
    TEST(a_cure_is_tried_with_the_trouble);
    TEST(a_cure_of_what_is_so_now_is_good_news);
    TEST(a_machine_gets_both_sides);
    TEST(what_nobody_notices_is_said);
    TEST(mistakes_are_told_before_anything_runs);
    return rig_done();
}
