#include "cli/daemon_rig.h"

#define TUNNELS(replacement)                                                                       \
    "{\"plane\": \"userspace\", \"namespace\": \"sekisho-vgw\", \"tunnels\": [{\"tunnel\": "       \
    "\"vpn-a/1\", \"state\": \"up\", \"replacement\": " replacement                                \
    "}, {\"tunnel\": \"vpn-a/2\", "                                                                \
    "\"state\": \"down\"}]}"
#define STATE(state, outside, took)                                                                \
    "{\"state\": \"" state "\", \"outside\": " outside ", \"took\": " took "}"
#define UNDER_WAY "{\"tunnel\": \"vpn-a/1\", \"outside\": false, \"state\": \"under-way\"}"

static void it_waits_until_it_is_done(void)
{
    const struct ran *run =
        daemon_run("replace-tunnel vpn-a/1",
                   (const char *const[]){TUNNELS("null"), UNDER_WAY,
                                         TUNNELS(STATE("under-way", "false", "null")),
                                         TUNNELS(STATE("under-way", "false", "null")),
                                         TUNNELS(STATE("done", "false", "0.052")), NULL});
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK_TEXT(run->out, "vpn-a/1 was replaced without a gap, in 0.052 s\n");
}

static void an_endpoint_comes_back(void)
{
    const char *const answers[] = {TUNNELS("null"), UNDER_WAY,
                                   TUNNELS(STATE("done", "true", "1.25")), NULL};
    const struct ran *run = daemon_run("replace-tunnel vpn-a/1 --outside", answers);
    CHECK_TEXT(run->out, "vpn-a/1 came back after 1.250 s\n");
    run = daemon_run("replace-tunnel --json --outside vpn-a/1", answers);
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK(contains(run->out, "\"tunnel\": \"vpn-a/1\""));
    CHECK(contains(run->out, "\"state\": \"done\""));
    CHECK(contains(run->out, "\"took\": 1.25"));
}

static void one_that_fails_is_bad_news(void)
{
    const struct ran *run =
        daemon_run("replace-tunnel vpn-a/1",
                   (const char *const[]){TUNNELS("null"), UNDER_WAY,
                                         TUNNELS(STATE("failed", "false", "60.0")), NULL});
    CHECK_EQUAL(run->status, CLI_FOUND);
    CHECK_TEXT(run->out, "vpn-a/1 was not replaced; see sekisho show tunnels\n");
}

static void what_cannot_be_is_one_sentence(void)
{
    const struct ran *run =
        daemon_run("replace-tunnel vpn-b/1", (const char *const[]){TUNNELS("null"), NULL});
    CHECK_EQUAL(run->status, CLI_USAGE);
    CHECK_TEXT(run->out, "");
    CHECK(contains(run->err, "there is no tunnel vpn-b/1; expected one of vpn-a/1, vpn-a/2\n"));
    run = daemon_run(
        "replace-tunnel vpn-a/2",
        (const char *const[]){TUNNELS("null"), "{\"error\": \"vpn-a/2 is down\"}", NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "sekishod says: vpn-a/2 is down\n"));
    run = daemon_run(
        "replace-tunnel vpn-a/1",
        (const char *const[]){"{\"plane\": null, \"namespace\": null, \"tunnels\": []}", NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "makes no tunnels\n"));
    run = daemon_run("replace-tunnel vpn-a/1",
                     (const char *const[]){TUNNELS("null"), UNDER_WAY, NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "ended the conversation\n"));
    run = run_cli("replace-tunnel vpn-a/1 --control /nowhere");
    CHECK_EQUAL(run->status, CLI_WORLD);
    run = run_cli("replace-tunnel");
    CHECK_EQUAL(run->status, CLI_USAGE);
}

int main(void)
{
    TEST(it_waits_until_it_is_done);
    TEST(an_endpoint_comes_back);
    TEST(one_that_fails_is_bad_news);
    TEST(what_cannot_be_is_one_sentence);
    return rig_done();
}
