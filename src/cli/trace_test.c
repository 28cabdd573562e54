#include "cli/cli_rig.h"

#include <jansson.h>

static const char *text_at(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void a_loss_is_found_where_it_happens(void)
{
    const struct ran *run = run_cli("trace examples/incident.yaml i-app i-files --time 61s");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "lost on the way back, at vyatta: the tunnel's own packet"));
    CHECK(contains(run->out, "not 0.0.0.0/0 S [210/0] via 10.20.0.1, eth0 (DHCP); distance"));
    CHECK(contains(run->out, "14 rounds more, 80 bytes longer each time"));
    run = run_cli("trace examples/incident.yaml i-app i-files --time 59s");
    CHECK_EQUAL(run->status, 0);
}

static void an_answer_by_another_way_is_seen(void)
{
    const struct ran *run = run_cli("trace tests/stories/asymmetric-return.yaml i-app tokyo");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "there by dxvif-tokyo; back by vpn-tokyo/1\n"));
    json_t *answer = json_loads(
        run_cli("trace --json tests/stories/asymmetric-return.yaml i-app tokyo")->out, 0, NULL);
    CHECK(json_is_true(json_object_get(answer, "asymmetric")));
    json_t *back = json_object_get(answer, "back");
    CHECK_TEXT(json_string_value(json_array_get(json_object_get(back, "via"), 0)), "vpn-tokyo/1");
    json_decref(answer);
}

static void a_peering_carries_its_two_vpcs_only(void)
{
    const struct ran *run = run_cli("trace tests/stories/peering-transit.yaml i-peer i-app");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "static, peering with vpc-main"));
    json_t *answer = json_loads(
        run_cli("trace --json tests/stories/peering-transit.yaml i-peer tokyo")->out, 0, NULL);
    CHECK_TEXT(text_at(answer, "result"), "lost-both");
    CHECK_TEXT(text_at(json_object_get(answer, "there"), "drop"), "not-transitive");
    CHECK_TEXT(text_at(json_object_get(answer, "there"), "at"), "vpc-peer");
    json_decref(answer);
}

static void an_address_outside_of_the_file_answers_nothing(void)
{
    json_t *answer = json_loads(
        run_cli("trace --json examples/incident.yaml i-files 192.0.2.1 --time 59s")->out, 0, NULL);
    CHECK_TEXT(text_at(answer, "result"), "lost-there"); /* i-files has no elastic address */
    CHECK(json_is_null(json_object_get(answer, "back")));
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(answer, "not_judged")), 2);
    json_decref(answer);
}

static void mistakes_are_one_sentence(void)
{
    check_mistake("trace examples/incident.yaml i-ap i-files",
                  "error: no instance and no router is called \"i-ap\"; did you mean \"i-app\"?\n");
    check_mistake("trace examples/incident.yaml i-app vgw-main",
                  "error: vgw-main is a VPN gateway; a packet goes from and to instances, routers "
                  "and addresses\n");
    check_mistake("trace examples/incident.yaml 192.0.2.1 i-app",
                  "error: nobody in the file has 192.0.2.1; a packet begins at an instance or "
                  "behind a router\n");
    check_mistake("trace examples/incident.yaml i-app i-files --time 25h",
                  "error: a run ends after 24 hours at the latest\n");
    check_mistake("trace examples/incident.yaml i-app",
                  "error: trace needs FILE|- FROM TO; see: sekisho help trace\n");
}

int main(void)
{
    TEST(a_loss_is_found_where_it_happens);
    TEST(an_answer_by_another_way_is_seen);
    TEST(a_peering_carries_its_two_vpcs_only);
    TEST(an_address_outside_of_the_file_answers_nothing);
    TEST(mistakes_are_one_sentence);
    return rig_done();
}
