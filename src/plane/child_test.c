/* Programs that outlive us and are found again; whoever has their number later is left alone. */
#include "plane/child.h"

#include "plane/plane_rig.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, SAID_BYTES = 256 };

static char folder[] = "/tmp/child-test-XXXXXX";

static struct child start(const char *const *argv)
{
    struct child_plan plan = {.argv = argv, .dies_with_us = true};
    struct child child = {0};
    FINE(child_start(&plan, &child, &trouble));
    return child;
}

static struct child sleeper(void)
{
    return start((const char *const[]){"sleep", "300", NULL});
}

static bool ended(const struct child *child)
{
    struct pollfd at = {child->pidfd, POLLIN, 0};
    return poll(&at, 1, PATIENCE_MS) == 1;
}

static void a_program_runs_and_its_status_is_known(void)
{
    int status = -1;
    struct child child = start((const char *const[]){"sh", "-c", "exit 7", NULL});
    CHECK(ended(&child));
    CHECK(!child_alive(&child));
    CHECK(child_status(&child, &status));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK_EQUAL(child_signal(&child, SIGTERM), ESRCH);
    child_let_go(&child);
    CHECK_EQUAL(child.pid, 0);
    CHECK(!child_alive(&child));
}

static void a_program_that_is_not_there_is_an_error_here(void)
{
    struct child_plan plan = {.argv = (const char *const[]){"/nowhere/charon", NULL}};
    struct child child = {.pid = 5};
    CHECK(!child_start(&plan, &child, &trouble));
    CHECK_EQUAL(trouble.error, ENOENT);
    CHECK(strstr(trouble.sentence, "/nowhere/charon"));
    CHECK_EQUAL(child.pid, 5);
    plan.space = "skpl-there-is-none";
    CHECK(!child_start(&plan, &child, &trouble));
    CHECK(strstr(trouble.sentence, "skpl-there-is-none"));
    CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD); /* none is left */
}

static void it_is_asked_to_end(void)
{
    struct child child = sleeper();
    pid_t pid = child.pid;
    FINE(child_end(&child, PATIENCE_MS, &trouble));
    CHECK(kill(pid, 0) < 0 && errno == ESRCH); /* and reaped */
    FINE(child_end(&child, PATIENCE_MS, &trouble));
}

static void who_does_not_hear_is_killed(void)
{
    int ends[2];
    char ready = 0;
    CHECK(pipe(ends) == 0);
    struct child_plan plan = {
        .argv = (const char *const[]){"sh", "-c", "trap '' TERM; echo r; exec sleep 300", NULL},
        .out = ends[1],
        .dies_with_us = true};
    struct child child = {0};
    FINE(child_start(&plan, &child, &trouble));
    CHECK(read(ends[0], &ready, 1) == 1);
    FINE(child_end(&child, 100, &trouble)); /* the shorter, the earlier the second signal */
    CHECK_EQUAL(child.pid, 0);
    close(ends[0]);
    close(ends[1]);
}

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void a_recorded_program_is_adopted(void)
{
    struct child child = sleeper(), again = {0};
    struct stat at;
    FINE(child_record(&child, in_folder("pid"), &trouble));
    CHECK(stat(in_folder("pid"), &at) == 0 && (at.st_mode & 0777) == 0600);
    FINE(child_record(&child, in_folder("pid"), &trouble));
    FINE(child_adopt(in_folder("pid"), &again, &trouble));
    CHECK(again.pid == child.pid && again.start == child.start && child_alive(&again));
    FINE(child_end(&again, PATIENCE_MS, &trouble));
    CHECK(!child_alive(&child));
    CHECK(!child_adopt(in_folder("pid"), &again, &trouble));
    CHECK_EQUAL(trouble.error, ESRCH);
    child_let_go(&child);
}

/* The number is somebody else's now: a process of another start time. */
/* Whoever is killed as soon as the program runs has left its record. */
static void a_record_is_there_before_the_program(void)
{
    char path[64];
    int status = -1;
    snprintf(path, sizeof path, "%s/first", folder);
    struct child_plan plan = {
        .argv = (const char *const[]){"sh", "-c", "read pid start < \"$0\" && test $pid = $$", path,
                                      NULL},
        .record = path,
        .dies_with_us = true};
    struct child child = {0};
    FINE(child_start(&plan, &child, &trouble));
    CHECK(ended(&child));
    CHECK(child_status(&child, &status));
    CHECK_EQUAL(status, 0);
    child_let_go(&child);
    unlink(path);
}

static void without_its_record_no_program_begins(void)
{
    char path[64];
    struct child child = {.pid = 5};
    snprintf(path, sizeof path, "%s/begun", folder);
    struct child_plan plan = {.argv = (const char *const[]){"touch", path, NULL},
                              .record = "/nowhere/record"};
    CHECK(!child_start(&plan, &child, &trouble));
    CHECK_EQUAL(trouble.error, ENOENT);
    CHECK_EQUAL(child.pid, 5);
    CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD); /* none is left */
    CHECK(access(path, F_OK) != 0);
}

static void another_of_the_same_number_is_not_adopted(void)
{
    char line[64];
    struct child child = sleeper(), again = {0};
    snprintf(line, sizeof line, "%d %llu\n", (int)child.pid, (unsigned long long)child.start + 1);
    write_file("other", line);
    CHECK(!child_adopt(in_folder("other"), &again, &trouble));
    CHECK_EQUAL(trouble.error, ESRCH);
    CHECK(child_alive(&child));
    FINE(child_end(&child, PATIENCE_MS, &trouble));
}

static void a_file_that_is_no_record_is_named(void)
{
    static const char *const wrong[] = {"",       "7",      "7 \n",  " 7 8\n", "7 8",
                                        "7 8\n9", "-7 8\n", "7 x\n", "0 8\n",  "2147483648 8\n",
                                        "7 0\n"};
    struct child child = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_file("wrong", wrong[i]);
        CHECK(!child_adopt(in_folder("wrong"), &child, &trouble));
        CHECK_EQUAL(trouble.error, EINVAL);
    }
    CHECK(!child_adopt(in_folder("none"), &child, &trouble));
    CHECK_EQUAL(trouble.error, ESRCH);
    CHECK(!child_record(&child, in_folder("none/pid"), &trouble));
    CHECK(strstr(trouble.sentence, "none/pid"));
}

static uint64_t start_in(const char *stat)
{
    return child_start_in(stat, strlen(stat));
}

static void the_start_is_the_22nd_field(void)
{
    CHECK_EQUAL(start_in("1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 2200 23\n"),
                2200);
    CHECK_EQUAL(start_in("1 (a ) S) x) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22"), 22);
    CHECK_EQUAL(start_in("1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "), 0);
    CHECK_EQUAL(start_in("1 (a) S 4 5"), 0);
    CHECK_EQUAL(start_in("22"), 0);
    CHECK_EQUAL(start_in(""), 0);
    CHECK(child_start_of(getpid()) != 0);
}

static void said_and_heard(void)
{
    char said[SAID_BYTES];
    struct child_plan plan = {.argv = (const char *const[]){"cat", NULL}};
    FINE(child_run(&plan, "lines\nof input\n", PATIENCE_MS, said, sizeof said, &trouble));
    CHECK_TEXT(said, "lines\nof input\n");
    plan.argv = (const char *const[]){"sh", "-c", "echo no >&2; exit 3", NULL};
    CHECK(!child_run(&plan, "", PATIENCE_MS, said, sizeof said, &trouble));
    CHECK_TEXT(said, "no\n");
    CHECK(strstr(trouble.sentence, "status 3"));
    plan.argv = (const char *const[]){"sleep", "300", NULL};
    CHECK(!child_run(&plan, "", 50, said, sizeof said, &trouble));
    CHECK_EQUAL(trouble.error, ETIMEDOUT);
    plan.argv = (const char *const[]){"sh", "-c", "yes | head -c 100000", NULL};
    FINE(child_run(&plan, "", PATIENCE_MS, said, sizeof said, &trouble));
    CHECK_EQUAL(strlen(said), SAID_BYTES - 1);
}

/* What we have open, ignore and block is not the program's. */
static void a_file_that_is_full_ends_nobody(void)
{
    char said[64], script[256], path[64];
    struct stat about = {0};
    snprintf(path, sizeof path, "/tmp/sekisho-child-%d", (int)getpid());
    snprintf(script, sizeof script, "printf 123456 > %s || printf 78 >> %s || exit 0", path, path);
    struct child_plan plan = {.argv = (const char *const[]){"sh", "-c", script, NULL},
                              .file_max_bytes = 4};
    FINE(child_run(&plan, "", PATIENCE_MS, said, sizeof said, &trouble));
    CHECK_EQUAL(stat(path, &about), 0);
    CHECK_EQUAL(about.st_size, 4);
    unlink(path);
}

static void nothing_is_inherited(void)
{
    char said[SAID_BYTES];
    int open_here = open("/dev/null", O_RDONLY); /* not to be closed at exec */
    CHECK(open_here > 2);
    struct child_plan plan = {
        .argv = (const char *const[]){"sh", "-c",
                                      "ls /proc/self/fd; echo $KEY $OTHER; "
                                      "grep -E 'Sig(Blk|Ign)' /proc/self/status",
                                      NULL},
        .environment = (const char *const[]){"KEY=1", "PATH=/usr/bin:/bin", NULL}};
    setenv("OTHER", "2", 1);
    signal(SIGPIPE, SIG_IGN);
    FINE(child_run(&plan, "", PATIENCE_MS, said, sizeof said, &trouble));
    char *ignored = strstr(said, "SigIgn:\t");
    CHECK(ignored);
    /* but for 32 and 33, which the C library keeps to itself: no program can change them */
    CHECK_EQUAL(ignored ? strtoull(ignored + 8, NULL, 16) & ~(3ull << 31) : 1, 0);
    if (ignored)
        *ignored = '\0';
    CHECK_TEXT(said, "0\n1\n2\n3\n1\nSigBlk:\t0000000000000000\n");
    signal(SIGPIPE, SIG_DFL);
    close(open_here);
}

static void it_has_a_session_of_its_own(void)
{
    struct child child = sleeper();
    CHECK(getsid(child.pid) == child.pid && getsid(0) != child.pid);
    FINE(child_end(&child, PATIENCE_MS, &trouble));
}

static void it_is_in_its_namespace_with_its_own_folders(void)
{
    char said[SAID_BYTES], expected[64], path[NAME_SPACE_BYTES + 32];
    struct stat at = {0};
    struct rig_name space = rig("child");
    FINE(space_make(space.text, &trouble));
    snprintf(path, sizeof path, "%s/%s", SPACE_FOLDER, space.text);
    CHECK(stat(path, &at) == 0);
    struct child_plan plan = {
        .argv = (const char *const[]){"sh", "-c",
                                      "ls -A /var/tmp; touch /var/tmp/own-folder; "
                                      "readlink /proc/self/ns/net",
                                      NULL},
        .space = space.text,
        .own_folders = (const char *const[]){"/var/tmp", NULL}};
    FINE(child_run(&plan, "", PATIENCE_MS, said, sizeof said, &trouble));
    snprintf(expected, sizeof expected, "net:[%llu]\n", (unsigned long long)at.st_ino);
    CHECK_TEXT(said, expected);
    CHECK(access("/var/tmp/own-folder", F_OK) != 0);
    FINE(space_remove(space.text, &trouble));
}

/* Whatever the rest of us may. */
static void few_rights_are_none_over_namespaces_and_others(void)
{
    static const unsigned long long kept_back = 1ull << CAP_SYS_ADMIN | 1ull << CAP_KILL;
    char said[4096];
    struct child_plan plan = {.argv = (const char *const[]){"cat", "/proc/self/status", NULL},
                              .few_rights = true};
    FINE(child_run(&plan, "", PATIENCE_MS, said, sizeof said, &trouble));
    for (size_t i = 0; i < 2; i++) {
        const char *line = strstr(said, i == 0 ? "CapPrm:" : "CapEff:");
        CHECK(line && (strtoull(line + 7, NULL, 16) & kept_back) == 0);
    }
}

static int tests(void)
{
    CHECK(mkdtemp(folder) != NULL);
    TEST(a_program_runs_and_its_status_is_known);
    TEST(a_program_that_is_not_there_is_an_error_here);
    TEST(it_is_asked_to_end);
    TEST(who_does_not_hear_is_killed);
    TEST(a_recorded_program_is_adopted);
    TEST(a_record_is_there_before_the_program);
    TEST(without_its_record_no_program_begins);
    TEST(another_of_the_same_number_is_not_adopted);
    TEST(a_file_that_is_no_record_is_named);
    TEST(the_start_is_the_22nd_field);
    TEST(said_and_heard);
    TEST(a_file_that_is_full_ends_nobody);
    TEST(nothing_is_inherited);
    TEST(it_has_a_session_of_its_own);
    TEST(few_rights_are_none_over_namespaces_and_others);
    if (rig_permitted("a program in a namespace"))
        TEST(it_is_in_its_namespace_with_its_own_folders);
    static const char *const files[] = {"pid", "other", "wrong"};
    for (size_t i = 0; i < 3; i++)
        unlink(in_folder(files[i]));
    rmdir(folder);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
