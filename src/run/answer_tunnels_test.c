/* What a gateway answers of what carries its packets: here none of it is tunnels of its own. */
#include "run/answer_tunnels.h"

#include "run/control_rig.h"

static struct rig_child gateway, site;

static void begin(void)
{
    const char *const asked[] = {"--network", rig_path,       "--gateway", "vgw",
                                 "--control", control_name(), NULL};
    const char *const plain[] = {"--network", rig_path, "--router", "site-a", NULL};
    rig_file(RIG_PAIR);
    rig_begin(&gateway, asked);
    CHECK(rig_hears(&gateway, "event=ready"));
    rig_begin(&site, plain);
    CHECK(rig_hears(&gateway, "event=session-up"));
}

static json_t *ask_until(const char *question, const char *path, json_int_t wanted)
{
    json_t *answer = NULL;
    for (int i = 0; i < 20000; i++) {
        json_decref(answer);
        answer = control_ask(question);
        if (control_number(answer, path) == wanted)
            break;
    }
    CHECK_EQUAL(control_number(answer, path), wanted);
    return answer;
}

static void telemetry_has_aws_words(void)
{
    begin();
    json_t *answer = ask_until("{\"ask\": \"telemetry\"}", "telemetry.0.accepted_route_count", 2);
    CHECK_TEXT(control_text(answer, "telemetry.0.tunnel"), "vpn-a/1");
    CHECK_TEXT(control_text(answer, "telemetry.0.outside_ip_address"), "203.0.113.1");
    CHECK_TEXT(control_text(answer, "telemetry.0.status"), "UP");
    CHECK_TEXT(control_text(answer, "telemetry.0.status_message"), "2 BGP ROUTES");
    CHECK_TEXT(control_text(answer, "telemetry.1.status"), "DOWN");
    CHECK_TEXT(control_text(answer, "telemetry.1.status_message"), "IPSEC IS UP");
    CHECK(json_is_null(control_find(answer, "telemetry.1.certificate")));
    json_decref(answer);
}

static void attachments_and_their_neighbors(void)
{
    json_t *answer = control_ask("{\"ask\": \"attachments\"}");
    CHECK_TEXT(control_text(answer, "attachments.0.attachment"), "vpn-a");
    CHECK_TEXT(control_text(answer, "attachments.0.kind"), "vpn");
    CHECK_EQUAL(control_number(answer, "attachments.0.neighbors"), 1);
    CHECK_EQUAL(control_number(answer, "attachments.0.established"), 1);
    CHECK_EQUAL(control_number(answer, "attachments.0.accepted"), 2);
    CHECK_EQUAL(control_number(answer, "attachments.1.established"), 0);
    json_decref(answer);
}

static void no_tunnels_of_its_own(void)
{
    json_t *answer = control_ask("{\"ask\": \"tunnels\"}");
    CHECK(json_is_null(control_find(answer, "plane")));
    CHECK_EQUAL(json_array_size(control_find(answer, "tunnels")), 0);
    json_decref(answer);
}

static void the_kernels_table_in_pages(void)
{
    json_t *answer = control_ask("{\"ask\": \"fib\", \"limit\": 1}");
    CHECK(control_find(answer, "installs") != NULL);
    if (json_is_true(control_find(answer, "installs"))) {
        CHECK_TEXT(control_text(answer, "entries.0.prefix"), control_text(answer, "next"));
        CHECK(json_array_size(control_find(answer, "entries")) == 1);
    }
    json_decref(answer);
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    CHECK_EQUAL(rig_end(&site, SIGTERM), RUN_FINE);
}

int main(void)
{
    if (rig_network()) {
        TEST(telemetry_has_aws_words);
        TEST(attachments_and_their_neighbors);
        TEST(no_tunnels_of_its_own);
        TEST(the_kernels_table_in_pages);
    } else {
        harness_skip("answers", "no network namespace may be made here");
    }
    return harness_done();
}
