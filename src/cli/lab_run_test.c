#include "cli/cli_rig.h"

#include <sys/stat.h>
#include <unistd.h>

/* Whatever is wrong with the words or the file, nothing is brought up for it. */
static void mistakes_are_told_before_anything_is_done(void)
{
    const struct ran *wrong = run_cli("lab run --for soon examples/incident.yaml");
    CHECK_EQUAL(wrong->status, CLI_USAGE);
    CHECK_TEXT(wrong->out, "");
    CHECK(contains(wrong->err, "--for soon"));
    wrong = run_cli("lab run --from -3s examples/incident.yaml");
    CHECK_EQUAL(wrong->status, CLI_USAGE);
    wrong = run_cli("lab run nowhere.yaml");
    CHECK(wrong->status == CLI_USAGE || wrong->status == CLI_WORLD);
    CHECK(contains(wrong->err, "nowhere.yaml"));
    wrong = run_cli("lab run --record /nowhere/there examples/incident.yaml");
    CHECK_EQUAL(wrong->status, CLI_WORLD);
    CHECK_TEXT(wrong->err, "error: --record /nowhere/there: No such file or directory\n");
    wrong = run_cli("lab run --record / examples/incident.yaml");
    CHECK_TEXT(wrong->err, "error: --record /: Is a directory\n");
    wrong = run_cli("lab run --pcap /nowhere/there examples/incident.yaml");
    CHECK_EQUAL(wrong->status, CLI_WORLD);
    CHECK_TEXT(wrong->err,
               "error: --pcap: cannot make /nowhere/there: No such file or directory\n");
    wrong = run_cli("lab run --pcap /dev/null examples/incident.yaml");
    CHECK_EQUAL(wrong->status, CLI_WORLD);
    CHECK_TEXT(wrong->err, "error: --pcap: /dev/null is no directory\n");
    check_mistake("lab run", "error: expected: sekisho lab run FILE\n");
}

/* Nobody may be at its other end. */
static void a_pipe_is_not_waited_for(void)
{
    char folder[] = "/tmp/sekisho-lab-run-XXXXXX", path[64], words[128], said[128];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/pipe", folder);
    CHECK(mkfifo(path, 0600) == 0);
    snprintf(words, sizeof words, "lab run --record %s examples/incident.yaml", path);
    snprintf(said, sizeof said, "error: --record %s: no regular file\n", path);
    const struct ran *wrong = run_cli(words);
    CHECK_EQUAL(wrong->status, CLI_WORLD);
    CHECK_TEXT(wrong->err, said);
    unlink(path);
    rmdir(folder);
}

static void without_a_daemon_there_is_no_run(void)
{
    const struct ran *none =
        run_cli("lab run --lab runtest --sekishod /nowhere/sekishod examples/incident.yaml");
    CHECK_EQUAL(none->status, CLI_WORLD);
    CHECK_TEXT(none->out, "");
    CHECK(contains(none->err, "error: "));
}

int main(void)
{
    TEST(mistakes_are_told_before_anything_is_done);
    TEST(a_pipe_is_not_waited_for);
    TEST(without_a_daemon_there_is_no_run);
    return rig_done();
}
