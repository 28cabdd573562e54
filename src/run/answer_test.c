/* What a gateway with two sites answers. */
#include "run/answer.h"

#include "run/control_rig.h"

static struct rig_child gateway, site_a, site_b;

static void begin(struct rig_child *child, const char *role, const char *id)
{
    const char *const asked[] = {"--network", rig_path,       role, id,
                                 "--control", control_name(), NULL};
    const char *const plain[] = {"--network", rig_path, role, id, NULL};
    rig_begin(child, child == &gateway ? asked : plain);
    CHECK(rig_hears(child, "event=ready"));
}

/* The sites' routes are there when the second session is, and its End-of-RIB or first UPDATE has
 * been decided: asked until they are. */
static void wait_for_prefixes(json_int_t wanted)
{
    json_int_t there = -1;
    for (int i = 0; i < 20000 && there != wanted; i++) {
        json_t *answer = control_ask("{\"ask\": \"status\"}");
        there = control_number(answer, "prefixes");
        json_decref(answer);
    }
    CHECK_EQUAL(there, wanted);
}

static void sessions_and_their_counts(void)
{
    rig_file(RIG_PAIR);
    begin(&gateway, "--gateway", "vgw");
    begin(&site_a, "--router", "site-a");
    begin(&site_b, "--router", "site-b");
    CHECK(rig_hears(&gateway, "event=session-up"));
    CHECK(rig_hears(&gateway, "event=session-up"));
    wait_for_prefixes(3);
    json_t *answer = control_ask("{\"ask\": \"neighbors\"}");
    CHECK_TEXT(control_text(answer, "node"), "vgw");
    CHECK_EQUAL(control_number(answer, "asn"), 64512);
    CHECK_TEXT(control_text(answer, "neighbors.0.neighbor"), "vpn-a/1");
    CHECK_TEXT(control_text(answer, "neighbors.0.attachment"), "vpn-a");
    CHECK_TEXT(control_text(answer, "neighbors.0.address"), "169.254.1.2");
    CHECK_TEXT(control_text(answer, "neighbors.0.state"), "Established");
    CHECK_EQUAL(control_number(answer, "neighbors.0.accepted"), 2);
    CHECK_EQUAL(control_number(answer, "neighbors.1.accepted"), 1);
    CHECK(json_is_null(control_find(answer, "neighbors.0.last_down")));
    CHECK_EQUAL(json_integer_value(control_find(answer, "neighbors.0.ipv4.accepted")),
                json_integer_value(control_find(answer, "neighbors.0.accepted")));
    CHECK(json_is_integer(control_find(answer, "neighbors.0.ipv6.announced")));
    CHECK_EQUAL(json_integer_value(control_find(answer, "neighbors.0.heard.open")), 1);
    CHECK_EQUAL(json_integer_value(control_find(answer, "neighbors.0.said.open")), 1);
    CHECK(json_integer_value(control_find(answer, "neighbors.0.heard.update")) > 0);
    json_decref(answer);
    answer = control_ask("{\"ask\": \"status\"}");
    CHECK_EQUAL(control_number(answer, "established"), 2);
    CHECK_EQUAL(control_number(answer, "neighbors"), 2);
    CHECK(control_number(answer, "paths") >= 3); /* and what the sites echo */
    json_decref(answer);
    answer = control_ask("{\"ask\": \"limits\"}");
    CHECK_EQUAL(control_number(answer, "neighbors.0.limit"), 100);
    CHECK_EQUAL(control_number(answer, "neighbors.0.accepted"), 2);
    CHECK_TEXT(control_text(answer, "neighbors.0.over"), "close");
    json_decref(answer);
}

static void routes_come_in_pages(void)
{
    char line[128];
    json_int_t after = 0;
    int count = 0;
    for (int pages = 0; after >= 0 && pages < 10; pages++) {
        snprintf(line, sizeof line, "{\"ask\": \"routes\", \"limit\": 1, \"after\": %d}",
                 (int)after);
        json_t *answer = control_ask(line);
        size_t rows = json_array_size(control_find(answer, "routes"));
        CHECK(rows <= 1);
        count += (int)rows;
        after = control_number(answer, "next");
        json_decref(answer);
    }
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(after, -1);
    json_t *answer = control_ask("{\"ask\": \"routes\", \"within\": \"10.2.0.0/15\"}");
    CHECK_EQUAL(json_array_size(control_find(answer, "routes")), 1);
    CHECK_TEXT(control_text(answer, "routes.0.prefix"), "10.2.0.0/16");
    CHECK_TEXT(control_text(answer, "routes.0.neighbor"), "vpn-b/1");
    CHECK_TEXT(control_text(answer, "routes.0.as_path"), "65002");
    CHECK_TEXT(control_text(answer, "routes.0.next_hop"), "169.254.1.6");
    json_decref(answer);
}

static void paths_say_why(void)
{
    json_t *answer = control_ask("{\"ask\": \"paths\", \"prefix\": \"0.0.0.0/0\"}");
    CHECK_TEXT(control_text(answer, "prefix"), "0.0.0.0/0");
    CHECK_TEXT(control_text(answer, "tables.vgw.routes.0.why"), "best");
    bool held = false;
    for (size_t i = 0; i < json_array_size(control_find(answer, "tables.vgw.told")); i++) {
        const json_t *told = json_array_get(control_find(answer, "tables.vgw.told"), i);
        held |= strcmp(control_text(told, "why"), "guard-hold") == 0;
    }
    CHECK(held);
    json_decref(answer);
}

static void events_are_remembered_and_followed(void)
{
    int fd = control_connect();
    control_say(fd, "{\"ask\": \"events\", \"follow\": true}\n");
    json_t *answer = control_hear(fd);
    CHECK(control_number(answer, "last") >= 3);
    CHECK_EQUAL(control_number(answer, "events.0.number"), 1);
    CHECK_TEXT(control_text(answer, "events.0.event"), "session-up");
    json_decref(answer);
    CHECK_EQUAL(rig_end(&site_b, SIGTERM), RUN_FINE);
    answer = control_hear(fd);
    CHECK_TEXT(control_text(answer, "event"), "session-down");
    CHECK_TEXT(control_text(answer, "neighbor"), "vpn-b/1");
    CHECK_TEXT(control_text(answer, "reason"), "notification-received");
    json_decref(answer);
    close(fd);
    answer = control_ask("{\"ask\": \"neighbors\"}");
    CHECK_TEXT(control_text(answer, "neighbors.1.last_down.reason"), "notification-received");
    CHECK_EQUAL(control_number(answer, "neighbors.1.last_down.subcode"), 2);
    json_decref(answer);
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    CHECK_EQUAL(rig_end(&site_a, SIGTERM), RUN_FINE);
}

int main(void)
{
    if (rig_network()) {
        TEST(sessions_and_their_counts);
        TEST(routes_come_in_pages);
        TEST(paths_say_why);
        TEST(events_are_remembered_and_followed);
    } else {
        harness_skip("answers", "no network namespace may be made here");
    }
    return harness_done();
}
