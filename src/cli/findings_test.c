#include "cli/findings.h"

#include "cli/cli_rig.h"

#include <jansson.h>
#include <unistd.h>

static void all_findings_are_listed(void)
{
    const struct ran *list = run_cli("check --list");
    CHECK_EQUAL(list->status, CLI_FINE);
    CHECK_TEXT(list->err, "");
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        CHECK(contains(list->out, check_finding_name((enum check_finding_kind)i)));
        CHECK(contains(list->out, check_finding_trap((enum check_finding_kind)i)));
    }
    json_t *answer = json_loads(run_cli("check --list --json")->out, 0, NULL);
    json_t *findings = json_object_get(answer, "findings");
    CHECK_EQUAL((int64_t)json_array_size(findings), CHECK_FINDING_KINDS);
    json_t *first = json_array_get(findings, 0);
    CHECK_TEXT(json_string_value(json_object_get(first, "name")), "tunnel-recursion");
    CHECK_TEXT(json_string_value(json_object_get(first, "trap")), "T01");
    CHECK_TEXT(json_string_value(json_object_get(first, "sentence")), check_finding_sentence(0));
    json_decref(answer);
}

static void a_selection_lists_less(void)
{
    const struct ran *list = run_cli("check --list --only T36");
    CHECK(contains(list->out, "single-tunnel"));
    CHECK(!contains(list->out, "tunnel-recursion"));
    list = run_cli("check --list --ignore T36");
    CHECK(!contains(list->out, "single-tunnel"));
    CHECK(contains(list->out, "tunnel-recursion"));
}

static void the_exit_status_is_of_what_is_shown(void)
{
    const struct ran *answer = run_cli("check --no-variants --ignore T01 examples/incident.yaml");
    CHECK_EQUAL(answer->status, CLI_FINE);
    CHECK(contains(answer->out, "left out 1 not asked for\n"));
    CHECK(!contains(answer->out, "T01"));
    answer = run_cli("check --no-variants --only T01 examples/incident.yaml");
    CHECK_EQUAL(answer->status, CLI_FOUND);
    CHECK(contains(answer->out, "left out 1 not asked for\n"));
}

static void mistakes_in_what_is_asked_for(void)
{
    check_mistake("check --only T1 examples/incident.yaml",
                  "error: --only: there is no finding \"T1\"; did you mean \"T01\"?\n");
    check_mistake("check --ignore anything examples/incident.yaml",
                  "error: --ignore: there is no finding \"anything\"; see: sekisho check --list\n");
    check_mistake("check --only T01,, examples/incident.yaml",
                  "error: --only: expected findings' names or traps, divided by commas\n");
    check_mistake("check --only T01 --ignore T01 examples/incident.yaml",
                  "error: --only and --ignore leave nothing to look for\n");
    check_mistake("check --list examples/incident.yaml", "error: --list takes no file\n");
    check_mistake("check", "error: check needs FILE|-; see: sekisho help check\n");
    check_mistake("check --baseline - -",
                  "error: standard input is either the network or its baseline\n");
    check_mistake("check --sarif --junit examples/incident.yaml",
                  "error: --sarif and --junit exclude each other\n");
    check_mistake("check --json --sarif examples/incident.yaml",
                  "error: --json and --sarif exclude each other\n");
    check_mistake("check --apply 1 --write-baseline examples/incident.yaml",
                  "error: --write-baseline and --apply exclude each other\n");
}

/* What --write-baseline writes, --baseline leaves out, and nothing of it is gone. */
static void a_baseline_is_written_and_read(void)
{
    char path[] = "/tmp/sekisho-baseline-XXXXXX", words[256];
    int file = mkstemp(path);
    const struct ran *written = run_cli("check --write-baseline examples/incident.yaml");
    CHECK_EQUAL(written->status, CLI_FINE);
    CHECK(contains(written->out, "certain    tunnel-recursion vpn-vyatta/1 0.0.0.0/0 dx-edge\n"));
    CHECK(file >= 0 && write(file, written->out, strlen(written->out)) > 0);
    snprintf(words, sizeof words, "check --baseline %s examples/incident.yaml", path);
    const struct ran *answer = run_cli(words);
    CHECK_EQUAL(answer->status, CLI_FINE);
    CHECK(contains(answer->out, " 0 certain, 0 likely, 0 latent, 0 protected"));
    CHECK(contains(answer->out, "left out 2 in the baseline\n"));
    CHECK(!contains(answer->out, "  gone "));
    snprintf(words, sizeof words, "check --baseline %s examples/pasted-sample.yaml", path);
    answer = run_cli(words);
    CHECK(contains(answer->out, "certain tunnel-recursion vpn-vyatta/1 0.0.0.0/0 dx-edge\n"));
    close(file);
    unlink(path);
}

static void a_broken_baseline_runs_nothing(void)
{
    const struct ran *answer = run_cli("check --baseline examples/control.yaml -");
    CHECK_EQUAL(answer->status, CLI_USAGE);
    CHECK_TEXT(answer->out, "");
    CHECK(contains(answer->err, "nothing was run"));
    answer = run_cli("check --json --baseline examples/control.yaml examples/incident.yaml");
    CHECK_EQUAL(answer->status, CLI_USAGE);
    json_t *errors = json_loads(answer->err, 0, NULL);
    CHECK(json_array_size(json_object_get(errors, "errors")) > 0);
    json_decref(errors);
    check_mistake("check --baseline examples/none.txt examples/incident.yaml",
                  "error: examples/none.txt: No such file or directory\n");
}

int main(void)
{
    TEST(all_findings_are_listed);
    TEST(a_selection_lists_less);
    TEST(the_exit_status_is_of_what_is_shown);
    TEST(mistakes_in_what_is_asked_for);
    TEST(a_baseline_is_written_and_read);
    TEST(a_broken_baseline_runs_nothing);
    return rig_done();
}
