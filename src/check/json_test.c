#include "check/check_rig.h"

#include <jansson.h>

/* Exactly these keys, which is the contract with machines. */
static void has_keys(const json_t *object, const char *keys)
{
    size_t count = 0;
    const char *at = keys;
    while (*at) {
        char key[32];
        size_t size = strcspn(at, " ");
        snprintf(key, sizeof key, "%.*s", (int)size, at);
        CHECK(json_object_get(object, key) != NULL);
        count++;
        at += size + strspn(at + size, " ");
    }
    CHECK_EQUAL((int64_t)json_object_size(object), (int64_t)count);
}

static json_t *answer_of(const char *example)
{
    struct network *network = rig_example(example);
    struct check *check = rig_check(network);
    json_t *answer = (json_t *)check_json(check);
    check_free(check);
    network_free(network);
    return answer;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "(none)";
}

static const char finding_keys[] =
    "name trap also level what because connection tunnel router prefix if origin as_path"
    " why margin circle loop timeline period_s remedies identity line column";

static void the_incident_for_a_machine(void)
{
    json_t *answer = answer_of("incident.yaml");
    has_keys(answer, "verdict findings assumptions screen interrupted left_out");
    has_keys(json_object_get(answer, "screen"), "end steps differs variants");
    has_keys(json_object_get(answer, "left_out"), "selection baseline gone graver");
    CHECK_TEXT(text_at(answer, "verdict"), "unstable");
    CHECK_TEXT(text_at(json_object_get(answer, "screen"), "end"), "oscillates");
    CHECK(json_is_null(json_object_get(json_object_get(answer, "screen"), "differs")));
    json_t *finding = json_array_get(json_object_get(answer, "findings"), 0);
    has_keys(finding, finding_keys);
    CHECK_TEXT(text_at(finding, "name"), "tunnel-recursion");
    CHECK_TEXT(text_at(finding, "trap"), "T01");
    CHECK_TEXT(text_at(finding, "level"), "certain");
    CHECK_TEXT(text_at(finding, "connection"), "vpn-vyatta");
    CHECK_TEXT(text_at(finding, "tunnel"), "vpn-vyatta/1");
    CHECK_TEXT(text_at(finding, "router"), "vyatta");
    CHECK_TEXT(text_at(finding, "prefix"), "0.0.0.0/0");
    CHECK_TEXT(text_at(finding, "identity"), "tunnel-recursion vpn-vyatta/1 0.0.0.0/0 dx-edge");
    CHECK_EQUAL(json_integer_value(json_object_get(finding, "line")), 50);
    CHECK_EQUAL(json_integer_value(json_object_get(finding, "column")), 15);
    json_t *origin = json_object_get(finding, "origin");
    has_keys(origin, "router attachment asn");
    CHECK_TEXT(text_at(origin, "router"), "dx-edge");
    CHECK_TEXT(text_at(origin, "attachment"), "dxvif-1");
    CHECK_EQUAL(json_integer_value(json_object_get(origin, "asn")), 65001);
    json_t *path = json_object_get(finding, "as_path");
    CHECK_EQUAL((int64_t)json_array_size(path), 2);
    CHECK_EQUAL(json_integer_value(json_array_get(path, 0)), 10124);
    CHECK_EQUAL(json_integer_value(json_array_get(path, 1)), 65001);
    CHECK(json_array_size(json_object_get(finding, "loop")) > 2);
    CHECK(json_is_number(json_object_get(finding, "period_s")));
    CHECK(json_number_value(json_object_get(finding, "period_s")) > 60);
    json_decref(answer);
}

static void says(const json_t *finding, const char *key, const char *words)
{
    char room[256] = "";
    struct text text = text_over(room, sizeof room);
    json_t *item;
    size_t i;
    json_array_foreach(json_object_get(finding, key), i, item)
    {
        text_add(&text, i ? " " : "");
        text_add(&text, json_string_value(item));
    }
    CHECK_TEXT(room, words);
}

/* What else takes part, the circle, and the margin: a list, a list, and a text or null. */
static void the_mechanism_for_a_machine(void)
{
    static const char *const stories[][5] = {
        {"mutual-recursion.yaml", "mutual-recursion", "covering-prefix",
         "vpn-east/1 vpn-west/1 vpn-east/1", NULL},
        {"default-by-bgp-near.yaml", "default-by-bgp", "gateway-recursion", "",
         "one AS hop: the provider's AS path is 2 long, the tunnel's 3"},
        {"own-range-announced.yaml", "own-range-announced",
         "covering-prefix gateway-recursion nested-tunnel", "", NULL}};
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++) {
        struct network *network = rig_story(stories[i][0], NULL, NULL);
        struct check *check = rig_check_without_cures(network);
        json_t *answer = (json_t *)check_json(check);
        json_t *finding = json_array_get(json_object_get(answer, "findings"), 0);
        has_keys(finding, finding_keys);
        CHECK_TEXT(text_at(finding, "name"), stories[i][1]);
        says(finding, "also", stories[i][2]);
        says(finding, "circle", stories[i][3]);
        if (stories[i][4])
            CHECK_TEXT(text_at(finding, "margin"), stories[i][4]);
        else
            CHECK(json_is_null(json_object_get(finding, "margin")));
        json_decref(answer);
        check_free(check);
        network_free(network);
    }
}

static void moments_and_remedies_for_a_machine(void)
{
    json_t *answer = answer_of("incident.yaml");
    json_t *finding = json_array_get(json_object_get(answer, "findings"), 0);
    json_t *timeline = json_object_get(finding, "timeline"), *moment;
    size_t i;
    CHECK(json_array_size(timeline) > 8);
    json_array_foreach(timeline, i, moment)
    {
        has_keys(moment, "at_s what");
        CHECK(json_is_number(json_object_get(moment, "at_s")));
    }
    json_t *remedies = json_object_get(finding, "remedies"), *remedy;
    CHECK_EQUAL((int64_t)json_array_size(remedies), 5);
    json_array_foreach(remedies, i, remedy)
    {
        has_keys(remedy, "number kind where platform lines steps verified");
        CHECK_EQUAL(json_integer_value(json_object_get(remedy, "number")), (int64_t)i + 1);
        json_t *steps = json_object_get(remedy, "steps");
        CHECK_EQUAL((int64_t)json_array_size(steps), 1);
        has_keys(json_array_get(steps, 0), "kind where platform what lines");
        CHECK(json_is_true(json_object_get(remedy, "verified")));
        CHECK(json_array_size(json_object_get(remedy, "lines")) > 0);
    }
    CHECK_TEXT(text_at(json_array_get(remedies, 0), "kind"), "vgw-export-filter");
    CHECK_TEXT(text_at(json_array_get(remedies, 0), "where"), "vgw-main");
    CHECK_TEXT(text_at(json_array_get(remedies, 0), "platform"), "sekisho");
    json_decref(answer);
}

/* What is not known or does not apply is null or empty, and never left out. */
static void a_protected_tunnel_has_all_keys_too(void)
{
    json_t *answer = answer_of("incident-held.yaml");
    CHECK_TEXT(text_at(answer, "verdict"), "stable");
    json_t *single = json_array_get(json_object_get(answer, "findings"), 0);
    has_keys(single, finding_keys);
    CHECK_TEXT(text_at(single, "name"), "single-tunnel");
    CHECK(json_is_null(json_object_get(single, "prefix")));
    CHECK(json_is_string(json_object_get(single, "what")));
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(single, "because")), 2);
    has_keys(json_object_get(single, "origin"), "router attachment asn");
    json_t *finding = json_array_get(json_object_get(answer, "findings"), 1);
    has_keys(finding, finding_keys);
    CHECK_TEXT(text_at(finding, "level"), "protected");
    CHECK(json_is_null(json_object_get(finding, "what")));
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(finding, "because")), 0);
    CHECK(json_is_null(json_object_get(finding, "period_s")));
    CHECK(json_is_array(json_object_get(finding, "loop")));
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(finding, "remedies")), 0);
    CHECK(json_array_size(json_object_get(answer, "assumptions")) > 0);
    json_decref(answer);
}

static void an_unknown_origin_is_null(void)
{
    struct network *network = rig_network(
        "incident-held.yaml", "via: 10.20.0.1, from: dhcp}",
        "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.0/24, tunnel: vpn-vyatta/1}", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    json_t *answer = (json_t *)check_json(check);
    json_t *finding = json_array_get(json_object_get(answer, "findings"), 0);
    json_t *origin = json_object_get(finding, "origin");
    has_keys(origin, "router attachment asn");
    CHECK(json_is_null(json_object_get(origin, "router")));
    CHECK(json_is_null(json_object_get(origin, "asn")));
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(finding, "as_path")), 0);
    json_decref(answer);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(the_incident_for_a_machine);
    TEST(the_mechanism_for_a_machine);
    TEST(moments_and_remedies_for_a_machine);
    TEST(a_protected_tunnel_has_all_keys_too);
    TEST(an_unknown_origin_is_null);
    return harness_done();
}
