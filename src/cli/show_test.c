#include "cli/daemon_rig.h"

#include <jansson.h>

static void routes_are_one_answer_by_prefix(void)
{
    static const char *const pages[] = {
        "{\"prefixes\": 3, \"routes\": [{\"prefix\": \"10.2.0.0/16\", \"neighbor\": \"a/1\", "
        "\"as_path\": \"65001 7\", \"next_hop\": \"169.254.1.2\", \"med\": 5}], \"next\": 4}",
        "{\"prefixes\": 3, \"routes\": [{\"prefix\": \"2001:db8::/32\", \"neighbor\": null, "
        "\"as_path\": \"\", \"next_hop\": \"0.0.0.0\", \"med\": 0}, {\"prefix\": \"10.0.0.0/8\", "
        "\"neighbor\": \"b/2\", \"as_path\": \"65002\", \"next_hop\": \"169.254.1.6\", \"med\": "
        "0}], \"next\": null}",
        NULL};
    const struct ran *run = daemon_run("show routes", pages);
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK_TEXT(run->out, "prefix         neighbor   next hop     MED  AS path\n"
                         "10.0.0.0/8     b/2        169.254.1.6    0  65002\n"
                         "10.2.0.0/16    a/1        169.254.1.2    5  65001 7\n"
                         "2001:db8::/32  ourselves                 0\n"
                         "\n"
                         "3 of 3 prefixes\n");
    run = daemon_run("show routes 0.0.0.0/0 --json", pages);
    json_t *answer = json_loads(run->out, 0, NULL);
    CHECK_EQUAL(json_array_size(json_object_get(answer, "routes")), 3);
    CHECK(!json_object_get(answer, "next"));
    json_decref(answer);
}

static void events_are_followed_until_the_daemon_is_gone(void)
{
    static const char *const lines[] = {
        "{\"events\": [], \"last\": 0}\n{\"at\": 5, \"event\": \"session-up\", \"neighbor\": "
        "\"a/1\"}",
        NULL};
    const struct ran *run = daemon_run("show events --follow", lines);
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK(contains(run->out, " ago  session-up  a/1\n"));
    run = daemon_run("show events --follow --json", lines);
    CHECK(contains(run->out, "\"session-up\""));
}

static void mistakes_are_told_before_anybody_is_asked(void)
{
    check_mistake(
        "show tables",
        "error: show tables: expected bgp, neighbors, routes, paths, limits, events, journal, "
        "tunnels, telemetry, attachments or fib\n");
    check_mistake("show paths", "error: show paths: of which prefix?\n");
    check_mistake("show limits 10.0.0.0/8", "error: show limits takes no prefix\n");
    check_mistake("show paths 10.0.0.1/8",
                  "error: show paths 10.0.0.1/8: expected a prefix such as 10.0.0.0/16\n");
    check_mistake("show routes --follow", "error: --follow is for events\n");
}

int main(void)
{
    TEST(routes_are_one_answer_by_prefix);
    TEST(events_are_followed_until_the_daemon_is_gone);
    TEST(mistakes_are_told_before_anybody_is_asked);
    return rig_done();
}
