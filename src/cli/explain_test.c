#include "cli/cli_rig.h"

#include <jansson.h>

static void a_prefix_is_explained_at_every_table(void)
{
    const struct ran *run = run_cli("explain examples/incident.yaml 0.0.0.0/0 --time 61s");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "dx-edge announces it"));
    CHECK(contains(run->out, "announced, guard-warn: "));
    CHECK(contains(run->out, "own-as: the AS path contains our own AS"));
    CHECK(contains(run->out, "distance: a candidate with a lower"));
}

static void a_machine_gets_the_same(void)
{
    json_t *answer = json_loads(
        run_cli("explain --json examples/incident.yaml 0.0.0.0/0 --time 61s --at vgw-main")->out, 0,
        NULL);
    CHECK_TEXT(json_string_value(json_object_get(answer, "prefix")), "0.0.0.0/0");
    json_t *tables = json_object_get(answer, "tables");
    CHECK_EQUAL((int64_t)json_object_size(tables), 1);
    json_t *gateway = json_object_get(tables, "vgw-main");
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(gateway, "routes")), 2);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(gateway, "told")), 2);
    json_decref(answer);
}

static void a_finding_has_its_page(void)
{
    const struct ran *run = run_cli("explain tunnel-recursion");
    CHECK_EQUAL(run->status, 0);
    CHECK(strncmp(run->out, "# tunnel-recursion", 18) == 0);
    char *page = strdup(run->out);
    CHECK_TEXT(run_cli("explain T01")->out, page);
    free(page);
}

static void check_told(const char *words, const char *key, const char *beginning)
{
    json_t *answer = json_loads(run_cli(words)->out, 0, NULL);
    const char *text = json_string_value(json_object_get(answer, key));
    CHECK(text && strncmp(text, beginning, strlen(beginning)) == 0);
    CHECK_EQUAL((int64_t)json_object_size(answer), 4);
    json_decref(answer);
}

static void a_machine_gets_pages_and_reasons(void)
{
    check_told("explain --json T01", "name", "tunnel-recursion");
    check_told("explain --json tunnel-recursion", "page", "# tunnel-recursion");
    check_told("explain --json network-acl-out", "sentence", "The network ACL does not");
    check_told("explain --json network-acl-out", "advice", "A network ACL is asked");
    CHECK_EQUAL(run_cli("explain --json nosuchreason")->status, CLI_USAGE);
}

static void a_lost_packet_is_explained_by_its_reason(void)
{
    const struct ran *run = run_cli("explain network-acl-out");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "The network ACL does not let the packet out of the subnet.\n"));
    CHECK(contains(run->out, "one of 1024-65535"));
    run = run_cli("explain security-group-in");
    CHECK(contains(run->out, "A router's tunnels need UDP"));
    run = run_cli("explain no-sa");
    CHECK(contains(run->out, "The tunnel has no IPsec SA at the sending end.\n"));
    check_mistake("explain network-acl-uot",
                  "error: no finding or reason is called \"network-acl-uot\"; did you mean "
                  "\"network-acl-out\"?\n");
}

static void mistakes_are_one_sentence(void)
{
    check_mistake("explain tunnel-recurson",
                  "error: no finding or reason is called \"tunnel-recurson\"; did you mean "
                  "\"tunnel-recursion\"?\n");
    check_mistake(
        "explain examples/incident.yaml",
        "error: no finding or reason is called \"examples/incident.yaml\"; of a file, name a "
        "prefix, too: explain FILE PREFIX\n");
    check_mistake("explain examples/incident.yaml 10.0.0.1/16",
                  "error: 10.0.0.1/16 has host bits set; did you mean 10.0.0.0/16?\n");
    check_mistake("explain examples/incident.yaml everything",
                  "error: everything is not a prefix; expected one such as 10.0.0.0/16\n");
}

static void an_address_is_its_host_route(void)
{
    const struct ran *run =
        run_cli("explain examples/incident.yaml 203.0.113.225 --at vyatta --time 59s");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "none   vgw-main has none; packets take 0.0.0.0/0"));
}

static void a_place_is_asked_where_it_stopped(void)
{
    const struct ran *run =
        run_cli("explain tests/stories/propagation-missing.yaml 10.20.0.0/16 rtb-database");
    CHECK_EQUAL(run->status, 0);
    CHECK(contains(run->out, "10.20.0.0/16 is not in rtb-database, and where it stops\n"));
    CHECK(contains(run->out, "not-enabled: it does not propagate into this table\n"));
    run = run_cli("explain examples/incident-held.yaml 0.0.0.0/0 vyatta");
    CHECK(contains(run->out, "vpn-vyatta/1 from vgw-main; guard-hold: the prefix covers"));
    json_t *answer = json_loads(
        run_cli("explain --json examples/incident-held.yaml 0.0.0.0/0 vyatta")->out, 0, NULL);
    json_t *way = json_object_get(json_object_get(answer, "ways"), "vyatta");
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(way, 1), "why")), "guard-hold");
    CHECK(json_is_null(json_object_get(json_array_get(way, 2), "why")));
    json_decref(answer);
    check_mistake("explain examples/incident.yaml 10.0.0.0/8 rtb-ap",
                  "error: rtb-ap: nothing with a table is called so; did you mean \"rtb-app\"?\n");
    check_mistake("explain examples/incident.yaml 10.0.0.0/8 rtb-app --at rtb-app",
                  "error: PLACE and --at name the same; expected one of them\n");
}

int main(void)
{
    TEST(a_place_is_asked_where_it_stopped);
    TEST(a_prefix_is_explained_at_every_table);
    TEST(a_machine_gets_the_same);
    TEST(a_finding_has_its_page);
    TEST(a_machine_gets_pages_and_reasons);
    TEST(a_lost_packet_is_explained_by_its_reason);
    TEST(mistakes_are_one_sentence);
    TEST(an_address_is_its_host_route);
    return rig_done();
}
