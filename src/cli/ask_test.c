#include "cli/ask.h"

#include "cli/daemon_rig.h"

static void nobody_there_is_said(void)
{
    const struct ran *run = run_cli("status --control /nowhere/control");
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK_TEXT(run->out, "");
    CHECK_TEXT(run->err,
               "error: no sekishod answers at /nowhere/control: No such file or directory\n");
}

static void what_the_daemon_finds_wrong_is_told(void)
{
    const struct ran *run =
        daemon_run("show limits", (const char *const[]){"{\"error\": \"no\"}", NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK_TEXT(run->err, "error: sekishod says: no\n");
}

static void a_conversation_that_ends_is_said(void)
{
    const struct ran *run = daemon_run("show limits", (const char *const[]){NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "ended the conversation"));
    run = daemon_run("show limits", (const char *const[]){"rubbish", NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
}

int main(void)
{
    TEST(nobody_there_is_said);
    TEST(what_the_daemon_finds_wrong_is_told);
    TEST(a_conversation_that_ends_is_said);
    return rig_done();
}
