#include "cli/cli_rig.h"

#include <jansson.h>
#include <unistd.h>

static const char story[] =
    "story:\n  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n";

/* The incident with a recording: what its own run has, and one moment that it never has. */
static void write_file(const char *path, const char *recorded)
{
    static char text[16384];
    FILE *in = fopen("examples/incident.yaml", "r"), *out = fopen(path, "w");
    CHECK(in && out);
    size_t size = fread(text, 1, sizeof text - 1, in);
    text[size] = '\0';
    char *at = strstr(text, "story:");
    CHECK(at != NULL);
    *at = '\0';
    fprintf(out, "%s%srecorded:\n%s", text, story, recorded);
    fclose(in);
    fclose(out);
}

static char path[64], words[128];

/* With AWS's timers: hold after the echo, and as long after the gateway's first keepalive. */
#define AS_MEASURED                                                                                \
    "  - {at: 90.1s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"                   \
    "  - {at: 94.1s, node: vyatta, saw: session-down, tunnel: vpn-vyatta/1}\n"                     \
    "  - {at: 100.1s, node: vgw-main, saw: ike-given-up, tunnel: vpn-vyatta/1}\n"

static void a_run_is_held_against_its_recording(void)
{
    write_file(path, AS_MEASURED);
    snprintf(words, sizeof words, "simulate --json %s", path);
    json_t *answer = json_loads(run_cli(words)->out, 0, NULL);
    json_t *recorded = json_object_get(answer, "recorded");
    CHECK_EQUAL(json_integer_value(json_object_get(recorded, "alike")), 3);
    json_t *first = json_array_get(json_object_get(recorded, "moments"), 0);
    CHECK_TEXT(json_string_value(json_object_get(first, "what")),
               "session-down of vpn-vyatta/1 at vgw-main");
    CHECK(json_is_false(json_object_get(first, "departs")));
    CHECK(json_number_value(json_object_get(first, "recorded_s")) == 90.1);
    json_decref(answer);
}

static void departures_are_shown_and_found(void)
{
    write_file(path, "  - {at: 62s, node: vgw-main, saw: session-down, direct_connect: dxvif-1}\n");
    snprintf(words, sizeof words, "simulate %s", path);
    const struct ran *run = run_cli(words);
    CHECK_EQUAL(run->status, CLI_FOUND);
    CHECK(contains(run->out, "\nrecorded: 0 of 1 moments come as they were\n"
                             "  recorded  simulated\n"
                             "    62.000          -  session-down of dxvif-1 at vgw-main\n"));
}

/* Without a recording nothing is said of one, and one seed is as good as another. */
static void a_file_without_a_recording_is_as_before(void)
{
    const struct ran *run = run_cli("simulate examples/incident.yaml");
    CHECK(!contains(run->out, "recorded"));
    CHECK(contains(run->out, "\nseed 1, "));
}

int main(void)
{
    snprintf(path, sizeof path, "/tmp/sekisho-departing-%ld.yaml", (long)getpid());
    TEST(a_run_is_held_against_its_recording);
    TEST(departures_are_shown_and_found);
    TEST(a_file_without_a_recording_is_as_before);
    unlink(path);
    return harness_done();
}
