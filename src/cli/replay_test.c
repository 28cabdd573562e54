#include "cli/commands.h"
#include "cli/journal_rig.h"

#include <jansson.h>

static void the_tables_are_as_they_were(void)
{
    journal_record();
    CHECK_EQUAL(run_journal("replay % --at 59s")->status, CLI_FINE);
    CHECK(contains(ran.out, "at 1970-01-01 00:00:59.000000 UTC"));
    CHECK(contains(ran.out, "10.30.0.0/16  vgw-main  propagated  dxvif-1       DX 65001"));
    CHECK(!contains(ran.out, "0.0.0.0/0 "));
    run_journal("replay % --at 61s");
    CHECK(contains(ran.out, "0.0.0.0/0     vgw-main  propagated  dxvif-1       DX 65001"));
    journal_remove();
}

/* The same columns as of the simulated gateway itself, at moments of every segment. */
static void replay_says_what_the_run_said(void)
{
    static const unsigned moments[] = {5, 59, 61, 95, 200, 250, 399, 600, 700};
    char *replayed[2];
    journal_record();
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        char words[256];
        snprintf(words, sizeof words, "replay %% --at %us", moments[i]);
        replayed[0] = strdup(strchr(run_journal(words)->out, '\n'));
        snprintf(words, sizeof words,
                 "routes --at rtb-app,vgw-main --time %us examples/incident.yaml", moments[i]);
        replayed[1] = strdup(strchr(run_cli(words)->out, '\n'));
        CHECK_TEXT(replayed[0], replayed[1]);
        free(replayed[0]);
        free(replayed[1]);
    }
    journal_remove();
}

static void a_prefix_is_explained(void)
{
    journal_record();
    CHECK_EQUAL(run_journal("replay % paths 0.0.0.0/0 --at 00:01:01")->status, CLI_FINE);
    CHECK(contains(ran.out, "0.0.0.0/0: 2 of 2 tables use it"));
    CHECK(contains(ran.out, "own-as: the AS path contains our own AS"));
    journal_remove();
}

static void sessions_are_told(void)
{
    journal_record();
    CHECK_EQUAL(run_journal("replay % neighbors --at 1970-01-01T00:01:31")->status, CLI_FINE);
    CHECK(contains(ran.out, "vpn-vyatta/1  AS 65000  Idle "));
    CHECK(contains(ran.out, "hold-timer-expired"));
    CHECK(contains(ran.out, "dxvif-1       AS 65001  Established  00:01:15  2 accepted"));
    journal_remove();
}

static void events_are_told_with_what_they_caused(void)
{
    journal_record();
    CHECK_EQUAL(run_journal("replay % events --from 60s --at 91s")->status, CLI_FINE);
    CHECK(contains(ran.out, "1970-01-01 00:01:00.058066  guard-warned    vpn-vyatta, 0.0.0.0/0"));
    CHECK(contains(ran.out, "session-down    vpn-vyatta/1: hold-timer-expired"));
    CHECK(!contains(ran.out, "boot") && !contains(ran.out, "00:01:37"));
    CHECK_EQUAL(run_journal("replay % events")->status, CLI_FINE);
    CHECK(contains(ran.out, "  boot\n") && !contains(ran.out, " \n"));
    journal_remove();
}

static void a_sound_journal_is_verified(void)
{
    journal_record();
    CHECK_EQUAL(run_journal("replay % verify")->status, CLI_FINE);
    CHECK(contains(ran.out, "SOUND") && contains(ran.out, "17 of 17 digests agree"));
    journal_remove();
}

static void every_answer_is_there_for_a_machine(void)
{
    static const char *const words[] = {"replay % --json", "replay % paths 10.30.0.0/16 --json",
                                        "replay % neighbors --json", "replay % events --json",
                                        "replay % verify --json"};
    static const char *const keys[] = {"tables", "prefix", "neighbors", "events", "digests"};
    journal_record();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        CHECK_EQUAL(run_journal(words[i])->status, CLI_FINE);
        json_t *answer = json_loads(ran.out, 0, NULL);
        CHECK(json_object_get(answer, keys[i]) != NULL);
        const json_t *journal = json_object_get(answer, "journal");
        CHECK_TEXT(json_string_value(json_object_get(journal, "from")),
                   "1970-01-01T00:00:00.000000Z");
        json_decref(answer);
    }
    journal_remove();
}

static void mistakes_are_told(void)
{
    journal_record();
    static const struct {
        const char *words, *part;
    } mistakes[] = {
        {"replay /tmp/none-such-journal", "No such file or directory"},
        {"replay src/cli", "no journal is in this directory"},
        {"replay examples/incident.yaml", "not a journal of this version of Sekisho"},
        {"replay % route", "did you mean \"routes\"?"},
        {"replay % paths", "paths: expected a prefix such as 10.0.0.0/16"},
        {"replay % paths vyatta", "is not a prefix"},
        {"replay % neighbors 10.0.0.0/8", "neighbors takes nothing behind it"},
        {"replay % --at soon", "expected a time such as 21:59:40"},
        {"replay % --at 25:00", "expected a time such as 21:59:40"},
        {"replay % --at 2026-02-30T00:00:00", "expected a time such as 21:59:40"},
        {"replay % --at 1969-12-31T23:59:59", "the journal begins at 1970-01-01"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        CHECK_EQUAL(run_journal(mistakes[i].words)->status, CLI_USAGE);
        CHECK_TEXT(ran.out, "");
        CHECK(contains(ran.err, mistakes[i].part));
    }
    journal_remove();
}

int main(void)
{
    TEST(the_tables_are_as_they_were);
    TEST(replay_says_what_the_run_said);
    TEST(a_prefix_is_explained);
    TEST(sessions_are_told);
    TEST(events_are_told_with_what_they_caused);
    TEST(a_sound_journal_is_verified);
    TEST(every_answer_is_there_for_a_machine);
    TEST(mistakes_are_told);
    return rig_done();
}
