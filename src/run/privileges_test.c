#include "run/privileges.h"

#include "run/control_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum {
    KEPT = 1 << CAP_NET_ADMIN | 1 << CAP_NET_BIND_SERVICE,
    NOBODY = 65534,
};

static struct rig_child gateway;

/* A line of /proc/PID/status, behind its name; "" when there is none. */
static const char *status_of(pid_t pid, const char *name)
{
    static char line[512];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *in = fopen(path, "re");
    CHECK(in);
    while (in && fgets(line, sizeof line, in)) {
        size_t size = strlen(name);
        if (strncmp(line, name, size) == 0 && line[size] == ':') {
            fclose(in);
            return line + size + 1 + strspn(line + size + 1, "\t ");
        }
    }
    if (in)
        fclose(in);
    return "";
}

static uint64_t set_of(pid_t pid, const char *name)
{
    return strtoull(status_of(pid, name), NULL, 16);
}

/* What is looked for in a running daemon, whoever it is. */
static void is_lowered(pid_t pid)
{
    CHECK_EQUAL(set_of(pid, "CapEff"), KEPT);
    CHECK_EQUAL(set_of(pid, "CapPrm"), KEPT);
    CHECK_EQUAL(set_of(pid, "CapInh"), 0);
    CHECK_EQUAL(set_of(pid, "CapBnd"), 0);
    CHECK_EQUAL(set_of(pid, "CapAmb"), 0);
    CHECK_EQUAL(set_of(pid, "NoNewPrivs"), 1);
    CHECK_EQUAL(set_of(pid, "Seccomp"), privileges_filter ? 2 : 0);
}

/* Keys stay out of core files, whoever the daemon is. */
static void it_leaves_no_core(void)
{
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(privileges_lower(NULL, false, stderr) ? 9 : prctl(PR_GET_DUMPABLE));
    waitpid(pid, &status, 0);
    CHECK_EQUAL(status, 0);
}

static void a_running_daemon_may_do_little(void)
{
    rig_begin(&gateway,
              (const char *const[]){"--network", rig_file(RIG_PAIR), "--gateway", "vgw", NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
    is_lowered(gateway.pid);
    CHECK(privileges_filter || strstr(gateway.said, "warning: system calls are not filtered"));
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
}

/* All that it does after it is up: sessions, answers, a stop, as somebody else. */
static void it_can_be_another_user(void)
{
    struct rig_child site;
    CHECK(chmod(rig_file(RIG_PAIR), 0644) == 0);
    rig_begin(&gateway, (const char *const[]){"--network", rig_path, "--gateway", "vgw", "--user",
                                              "nobody", "--control", control_name(), NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
    is_lowered(gateway.pid);
    CHECK_EQUAL(strtoul(status_of(gateway.pid, "Uid"), NULL, 10), NOBODY);
    CHECK_EQUAL(strtoul(status_of(gateway.pid, "Gid"), NULL, 10), NOBODY);
    rig_begin(&site,
              (const char *const[]){"--network", rig_path, "--router", "site-a", "--quiet", NULL});
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
    json_t *answer = control_ask("{\"ask\": \"status\"}");
    CHECK_EQUAL(control_number(answer, "established"), 1);
    json_decref(answer);
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    CHECK(access(control_path, F_OK) != 0);
    CHECK_EQUAL(rig_end(&site, SIGTERM), RUN_FINE);
}

/* What it could not read again when it reloads, it does not start with. */
static void another_user_reads_with_its_own_eyes(void)
{
    CHECK(chmod(rig_file(RIG_PAIR), 0600) == 0);
    rig_begin(&gateway,
              (const char *const[]){"--network", rig_path, "--user", "nobody", "--quiet", NULL});
    CHECK_EQUAL(rig_end(&gateway, 0), RUN_INPUT);
    CHECK(strstr(gateway.said, "Permission denied"));
    rig_begin(&gateway,
              (const char *const[]){"--network", rig_path, "--user", "no-such-user", NULL});
    CHECK_EQUAL(rig_end(&gateway, 0), RUN_INPUT);
    CHECK_TEXT(gateway.said, "error: there is no user no-such-user\n");
}

/* It begins in a network without an address and comes up in the one that has them; nothing is kept
 * that could enter another. */
static void a_namespace_is_entered_once(void)
{
    char there[64];
    int fd = open("/proc/self/ns/net", O_RDONLY);
    snprintf(there, sizeof there, "/proc/self/fd/%d", fd);
    CHECK(syscall(SYS_unshare, CLONE_NEWNET) == 0);
    rig_begin(&gateway, (const char *const[]){"--network", rig_file(RIG_PAIR), "--gateway", "vgw",
                                              "--netns", there, NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
    is_lowered(gateway.pid);
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    close(fd);
}

/* -- the filter -- */

static void execute(void)
{
    execl("/bin/true", "true", (char *)NULL);
}

static void share(void)
{
    syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
}

static void trace(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void signal_others(void)
{
    kill(1, 0);
}

static void sniff(void)
{
    socket(AF_PACKET, SOCK_RAW, 0);
}

static void map_code(void)
{
    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void make_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void enter(void)
{
    syscall(SYS_setns, 0, CLONE_NEWNET);
}

static void mount_something(void)
{
    syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL);
}

static void become_somebody(void)
{
    syscall(SYS_setuid, 0);
}

static void what_is_usual(void)
{
    pid_t child = fork(); /* as for a checkpoint */
    if (child == 0)
        _exit(setpriority(PRIO_PROCESS, 0, 10));
    if (waitpid(child, NULL, 0) != child)
        _exit(1);
    FILE *in = fopen("/dev/null", "re");
    void *much = malloc(1 << 20);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(much, 1, 1 << 20);
    fclose(in);
    free(much);
    close(fd);
    if (syscall(SYS_io_uring_setup, 1, NULL) != -1 || errno != ENOSYS)
        _exit(1);
}

/* What becomes of a sealed process that does this; it says so into the text. */
static int sealed(void (*act)(void), char *said, size_t cap)
{
    int ends[2], status = 0;
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        FILE *err = fdopen(ends[1], "w");
        if (privileges_lower(NULL, false, err) || privileges_seal(err))
            _exit(2);
        act();
        _exit(0);
    }
    close(ends[1]);
    ssize_t size = read(ends[0], said, cap - 1);
    said[size > 0 ? size : 0] = '\0';
    close(ends[0]);
    waitpid(pid, &status, 0);
    return status;
}

/* As root or not: the filter asks nobody. */
static void a_forbidden_system_call_ends_it(void)
{
    static const struct {
        void (*act)(void);
        int number;
    } rows[] = {
        {execute, SYS_execve},         {share, SYS_clone},  {trace, SYS_ptrace},
        {signal_others, SYS_kill},     {sniff, SYS_socket}, {map_code, SYS_mmap},
        {make_code, SYS_mprotect},     {enter, SYS_setns},  {mount_something, SYS_mount},
        {become_somebody, SYS_setuid},
    };
    char said[256], expected[128];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = sealed(rows[i].act, said, sizeof said);
        CHECK(WIFSIGNALED(status));
        CHECK_EQUAL(WTERMSIG(status), SIGSYS);
        snprintf(expected, sizeof expected,
                 "error: a system call that sekishod does not need, number %d\n", rows[i].number);
        CHECK_TEXT(said, expected);
    }
    CHECK_EQUAL(sealed(what_is_usual, said, sizeof said), 0);
    CHECK_TEXT(said, "");
}

int main(void)
{
    TEST(it_leaves_no_core);
    if (privileges_filter)
        TEST(a_forbidden_system_call_ends_it);
    else
        harness_skip("the filter", "a sanitized build has none");
    if (geteuid() == 0 && rig_network()) {
        TEST(a_running_daemon_may_do_little);
        TEST(it_can_be_another_user);
        TEST(another_user_reads_with_its_own_eyes);
        TEST(a_namespace_is_entered_once);
    } else {
        harness_skip("capabilities", "root is needed to make a network namespace, and be another");
    }
    return harness_done();
}
