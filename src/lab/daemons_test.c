#include "lab/daemons.h"

#include "plane/child.h"
#include "tests/harness.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/sekisho-daemons.XXXXXX";
static char lab[LAB_NAME_BYTES];

static struct running_daemon made(const char *script)
{
    struct running_daemon daemon = {.name = "sleeper"};
    snprintf(daemon.output, sizeof daemon.output, "%s/out", folder);
    daemon_words(&daemon, (const char *const[]){"/bin/sh", "-c", script, NULL}, "COLOR=blue");
    return daemon;
}

static void forget(struct running_daemon *daemon)
{
    for (size_t i = 0; daemon->words[i]; i++)
        free(daemon->words[i]);
    free(daemon->setting);
    unlink(daemon->output);
}

static void what_is_started_is_ended(void)
{
    struct trouble trouble = {0};
    struct running_daemon daemon = made("exec sleep 1000");
    CHECK(daemon_start(lab, &daemon, &trouble));
    CHECK(running_lives(&daemon));
    struct running_daemon other = daemon;
    other.start++; /* somebody else has the number */
    CHECK(daemon_stop(&other, 0, &trouble));
    CHECK(running_lives(&daemon));
    pid_t pid = daemon.pid;
    CHECK(daemon_stop(&daemon, 5000, &trouble));
    CHECK_EQUAL(daemon.pid, 0);
    CHECK_EQUAL(child_start_of(pid), 0);
    forget(&daemon);
}

static void last_words_are_told(void)
{
    struct trouble trouble = {0};
    struct running_daemon daemon = made("echo one; echo \"it is $COLOR $SEKISHO_LAB\"; exit 1");
    CHECK(daemon_start(lab, &daemon, &trouble));
    CHECK_EQUAL(waitpid(daemon.pid, NULL, 0), daemon.pid);
    CHECK(!running_lives(&daemon));
    CHECK(!daemon_ended(&daemon, &trouble));
    CHECK(strstr(trouble.sentence, "sleeper has ended by itself: it is blue"));
    CHECK(strstr(trouble.sentence, lab));
    forget(&daemon);
}

static void what_cannot_be_started_is_said(void)
{
    struct trouble trouble = {0};
    struct running_daemon daemon = {.name = "none"};
    snprintf(daemon.output, sizeof daemon.output, "%s/out", folder);
    daemon_words(&daemon, (const char *const[]){"/nowhere/none", NULL}, NULL);
    CHECK(!daemon_start(lab, &daemon, &trouble));
    CHECK(strstr(trouble.sentence, "/nowhere/none"));
    CHECK_EQUAL(daemon.pid, 0);
    forget(&daemon);
}

/* What nobody wrote down is known by its mark; another lab's stays. */
static void the_unknown_are_swept(void)
{
    struct trouble trouble = {0};
    char elsewhere[LAB_NAME_BYTES];
    struct running_daemon ours = made("exec sleep 1000"), theirs = made("exec sleep 1000");
    snprintf(elsewhere, sizeof elsewhere, "%.20sx", lab);
    CHECK(daemon_start(lab, &ours, &trouble));
    CHECK(daemon_start(elsewhere, &theirs, &trouble));
    CHECK_EQUAL(daemons_sweep(lab, &trouble), 0);
    CHECK_EQUAL(waitpid(ours.pid, NULL, WNOHANG), ours.pid);
    CHECK(running_lives(&theirs));
    CHECK_EQUAL(daemons_sweep(elsewhere, &trouble), 0);
    CHECK_EQUAL(waitpid(theirs.pid, NULL, WNOHANG), theirs.pid);
    forget(&ours);
    forget(&theirs);
}

int main(void)
{
    snprintf(lab, sizeof lab, "daemons%d", getpid());
    if (!mkdtemp(folder))
        return 1;
    TEST(what_is_started_is_ended);
    TEST(last_words_are_told);
    TEST(what_cannot_be_started_is_said);
    TEST(the_unknown_are_swept);
    rmdir(folder);
    return harness_done();
}
