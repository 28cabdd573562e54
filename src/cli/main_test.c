/* The program as a process: what only a process can show. */
#include "tests/harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_WRITTEN "error: cannot write the answer to standard output: "
#define NO_SPACE    NOT_WRITTEN "No space left on device\n"

static char program[4096];

/* build/src/cli_main_test -> build/sekisho */
static bool find_program(void)
{
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 16);
    if (size <= 0)
        return false;
    program[size] = 0;
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(program, '/');
        if (!slash)
            return false;
        *slash = 0;
    }
    memcpy(program + strlen(program), "/sekisho", 9);
    return access(program, X_OK) == 0;
}

/* SIGINT that is there already when the program begins to run: it ends after its first run. */
static void interrupt_myself(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGINT); /* stays pending, also in the program that takes this process over */
}

/* Runs it with these files as standard output and error, after a last preparation (or NULL); its
 * exit status, -1: killed. */
static int run_prepared(const char *const *words, int out, int err, void (*prepare)(void))
{
    char *argv[8] = {program};
    for (int i = 0; i < 6 && words[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)words[i];
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(out, 1);
        dup2(err, 2);
        if (prepare)
            prepare();
        execv(program, argv);
        _exit(127);
    }
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run(const char *const *words, int out, int err)
{
    return run_prepared(words, out, err, NULL);
}

static const char *read_all(int file)
{
    static char bytes[65536];
    ssize_t size = 0, got = 1;
    while (got > 0 && size < (ssize_t)sizeof bytes - 1) {
        got = read(file, bytes + size, sizeof bytes - 1 - (size_t)size);
        size += got > 0 ? got : 0;
    }
    bytes[size] = 0;
    return bytes;
}

static const char *const routes[] = {"routes", "examples/incident.yaml", NULL};

static void it_answers(void)
{
    static const char *const version[] = {"--version", NULL};
    int out[2];
    CHECK(pipe(out) == 0);
    CHECK_EQUAL(run(version, out[1], 2), 0);
    close(out[1]);
    CHECK(strncmp(read_all(out[0]), "sekisho ", 8) == 0);
    close(out[0]);
}

static void a_full_disk_is_exit_3(void)
{
    int full = open("/dev/full", O_WRONLY), err[2];
    CHECK(full >= 0 && pipe(err) == 0);
    CHECK_EQUAL(run(routes, full, err[1]), 3);
    close(err[1]);
    CHECK_TEXT(read_all(err[0]), NO_SPACE);
    close(full);
    close(err[0]);
}

static void a_closed_pipe_is_exit_3(void)
{
    int out[2], err[2];
    CHECK(pipe(out) == 0 && pipe(err) == 0);
    close(out[0]);
    CHECK_EQUAL(run(routes, out[1], err[1]), 3);
    close(err[1]);
    CHECK_TEXT(read_all(err[0]), NOT_WRITTEN "Broken pipe\n");
    close(out[1]);
    close(err[0]);
}

/* In all forms, however much was written before: the sentence has the reason. */
static void the_reason_is_told_of_every_answer(void)
{
    static const char *const questions[][6] = {
        {"routes", "--json", "examples/incident.yaml"},
        {"check", "--json", "examples/incident.yaml"},
        {"check", "--sarif", "examples/incident.yaml"},
        {"check", "--junit", "examples/incident.yaml"},
        {"simulate", "--json", "examples/control.yaml"},
        {"format", "--json", "examples/control.yaml"},
        {"generate", "--json"},
        {"generate", "--sites", "32"},
        {"help"},
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        int full = open("/dev/full", O_WRONLY), err[2];
        CHECK(full >= 0 && pipe(err) == 0);
        CHECK_EQUAL(run(questions[i], full, err[1]), 3);
        close(err[1]);
        CHECK_TEXT(read_all(err[0]), NO_SPACE);
        close(full);
        close(err[0]);
    }
}

static void an_interrupted_check_says_what_it_knows(void)
{
    static const char *const found[] = {"check", "examples/incident.yaml", NULL};
    static const char *const fine[] = {"check", "examples/incident-held.yaml", NULL};
    static const char *const baseline[] = {"check", "--write-baseline", "examples/incident.yaml",
                                           NULL};
    static const char *const reach[] = {"reach", "--under", "failures",
                                        "examples/incident-held.yaml", NULL};
    const struct {
        const char *const *words;
        int status;
        const char *out, *err;
    } cases[] = {
        {found, 1, "\ninterrupted: orders of starts, remedies and announcements", ""},
        {fine, 3, "\ninterrupted: orders of starts, remedies and announcements", ""},
        {reach, 1, "\n  interrupted: and 6 failures more were not tried\n", ""},
        {baseline, 3, "", "error: interrupted; nothing was written\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int out[2], err[2];
        CHECK(pipe(out) == 0 && pipe(err) == 0);
        CHECK_EQUAL(run_prepared(cases[i].words, out[1], err[1], interrupt_myself),
                    cases[i].status);
        close(out[1]);
        close(err[1]);
        const char *text = read_all(out[0]);
        CHECK(*cases[i].out ? strstr(text, cases[i].out) != NULL : *text == 0);
        CHECK_TEXT(read_all(err[0]), cases[i].err);
        close(out[0]);
        close(err[0]);
    }
}

int main(void)
{
    if (!find_program()) {
        printf("# %s is not there\n", program);
        harness_skip("the program as a process", "sekisho is not built");
        return harness_done();
    }
    TEST(it_answers);
    TEST(a_full_disk_is_exit_3);
    TEST(a_closed_pipe_is_exit_3);
    TEST(the_reason_is_told_of_every_answer);
    TEST(an_interrupted_check_says_what_it_knows);
    return harness_done();
}
