#include "cli/cli_rig.h"

#include <jansson.h>

static json_t *answer_of(const char *words)
{
    const struct ran *run = run_cli(words);
    CHECK_TEXT(run->err, "");
    json_t *answer = json_loads(run->out, 0, NULL);
    CHECK(answer != NULL);
    return answer;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "none";
}

static void the_verdict_comes_first(void)
{
    const struct ran *run = run_cli("simulate examples/incident.yaml");
    CHECK_EQUAL(run->status, CLI_FOUND);
    CHECK(strncmp(run->out,
                  "examples/incident.yaml: UNSTABLE  vpn-vyatta/1 goes down and comes back, "
                  "every ",
                  78) == 0);
    CHECK(contains(run->out, "     60.000  dx-edge announces 0.0.0.0/0\n"));
    CHECK(contains(run->out, "and so on, every "));
    run = run_cli("simulate examples/incident-held.yaml");
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK(strncmp(run->out, "examples/incident-held.yaml: STABLE  ", 37) == 0);
}

static void every_line_is_there_when_asked_for(void)
{
    char *folded = strdup(run_cli("simulate examples/incident.yaml")->out);
    const struct ran *whole = run_cli("simulate --timeline examples/incident.yaml");
    CHECK(strlen(whole->out) > strlen(folded));
    CHECK(!contains(whole->out, "and so on"));
    CHECK(contains(whole->out, "vgw-main loses 10.20.0.0/16"));
    CHECK(!contains(folded, "vgw-main loses 10.20.0.0/16"));
    free(folded);
}

static void the_same_seed_gives_the_same_run(void)
{
    char *first = strdup(run_cli("simulate --json --seed 7 examples/incident.yaml")->out);
    CHECK_TEXT(run_cli("simulate --json --seed 7 examples/incident.yaml")->out, first);
    CHECK(strcmp(run_cli("simulate --json --seed 8 examples/incident.yaml")->out, first) != 0);
    free(first);
}

static void a_machine_gets_all_keys(void)
{
    json_t *answer = answer_of("simulate --json examples/incident.yaml");
    static const char *const keys[] = {"verdict",  "end",     "end_s",  "seed",  "digest",
                                       "timeline", "tunnels", "tables", "reach", "flaps"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        CHECK(json_object_get(answer, keys[i]) != NULL);
    CHECK_EQUAL((int64_t)json_object_size(answer), sizeof keys / sizeof *keys);
    CHECK_TEXT(text_at(answer, "verdict"), "unstable");
    CHECK_TEXT(text_at(answer, "end"), "repeats");
    json_t *flap = json_array_get(json_object_get(answer, "flaps"), 0);
    CHECK_TEXT(text_at(flap, "tunnel"), "vpn-vyatta/1");
    double period_s = json_number_value(json_object_get(flap, "period_s"));
    CHECK(period_s > 70 && period_s < 90);
    json_t *tunnel = json_array_get(json_object_get(answer, "tunnels"), 0);
    CHECK_TEXT(text_at(tunnel, "router"), "vyatta");
    CHECK(json_number_value(json_object_get(tunnel, "swallowed_s")) > 60);
    CHECK(json_array_size(json_object_get(answer, "reach")) > 0);
    json_decref(answer);
}

/* Of two sites with one AS number neither hears of the other's prefix. */
static void what_the_internet_takes_has_not_arrived(void)
{
    static const char apart[] =
        "vpn_gateways: [{id: vgw, asn: 64512}]\n"
        "customer_gateways:\n"
        "  - {id: cgw-a, address: 198.51.100.10, router: a}\n"
        "  - {id: cgw-b, address: 198.18.0.10, router: b}\n"
        "vpn_connections:\n"
        "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, tunnels: [{outside: "
        "203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}]}\n"
        "  - {id: vpn-b, vpn_gateway: vgw, customer_gateway: cgw-b, tunnels: [{outside: "
        "203.0.113.2, inside: {vgw: 169.254.20.1, cgw: 169.254.20.2}}]}\n"
        "routers:\n"
        "  - {id: a, routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1}],\n"
        "     bgp: {asn: 65000, announce: [10.20.0.0/16]}}\n"
        "  - {id: b, routes: [{prefix: 0.0.0.0/0, via: 198.18.0.1}],\n"
        "     bgp: {asn: 65000, announce: [10.30.0.0/16]}}\n";
    const struct ran *run = run_input("simulate --json -", apart, sizeof apart - 1);
    json_t *answer = json_loads(run->out, 0, NULL);
    json_t *pair = json_array_get(json_object_get(answer, "reach"), 0);
    json_t *there = json_object_get(pair, "there");
    CHECK(json_is_false(json_object_get(there, "arrives")));
    CHECK_TEXT(text_at(there, "at"), "internet");
    json_decref(answer);
}

static void until_stops_the_run(void)
{
    json_t *answer = answer_of("simulate --json --until 59s examples/incident.yaml");
    CHECK_TEXT(text_at(answer, "verdict"), "up");
    CHECK_TEXT(text_at(answer, "end"), "until");
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "end_s")), 59);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(answer, "flaps")), 0);
    json_decref(answer);
    const struct ran *run = run_cli("simulate --until 70 examples/incident.yaml");
    CHECK_EQUAL(run->status, CLI_FOUND);
    CHECK(contains(run->out, "DEGRADED  vpn-vyatta/1 swallows itself at 70.000 s"));
}

int main(void)
{
    TEST(the_verdict_comes_first);
    TEST(every_line_is_there_when_asked_for);
    TEST(the_same_seed_gives_the_same_run);
    TEST(a_machine_gets_all_keys);
    TEST(what_the_internet_takes_has_not_arrived);
    TEST(until_stops_the_run);
    return rig_done();
}
