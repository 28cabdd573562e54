/* A sekishod that only plays: it answers the lines of a script, in turn, and ends. */
#pragma once

#include "cli/cli_rig.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAEMON_UNUSED __attribute__((unused))

static char daemon_path[64] DAEMON_UNUSED;
static pid_t daemon_pid DAEMON_UNUSED;

/* Answers each line that comes with the next answer; behind the last one, all the rest at once. */
DAEMON_UNUSED static void daemon_play(int listener, const char *const answers[])
{
    int fd = accept(listener, NULL, NULL);
    FILE *in = fdopen(fd, "r");
    char line[4096];
    for (size_t i = 0; answers[i] && fgets(line, sizeof line, in); i++) {
        (void)!write(fd, answers[i], strlen(answers[i]));
        (void)!write(fd, "\n", 1);
    }
    fclose(in);
}

/* Is there when it returns. answers ends with NULL. */
DAEMON_UNUSED static void daemon_begin(const char *const answers[])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(daemon_path, sizeof daemon_path, "/tmp/sekisho-%d.control", (int)getpid());
    memcpy(address.sun_path, daemon_path, sizeof daemon_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 1) == 0);
    fflush(stdout);
    daemon_pid = fork();
    if (daemon_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        daemon_play(listener, answers);
        _exit(0);
    }
    close(listener);
}

DAEMON_UNUSED static void daemon_end(void)
{
    kill(daemon_pid, SIGKILL);
    waitpid(daemon_pid, NULL, 0);
    unlink(daemon_path);
}

/* The program's words, with --control behind them. */
DAEMON_UNUSED static const struct ran *daemon_run(const char *words, const char *const answers[])
{
    char line[512];
    daemon_begin(answers);
    snprintf(line, sizeof line, "%s --control %s", words, daemon_path);
    const struct ran *run = run_cli(line);
    daemon_end();
    return run;
}
