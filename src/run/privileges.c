#define _GNU_SOURCE /* setns */

#include "run/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define NETNS_FOLDER "/run/netns/"

/* -- capabilities -- */

static enum run_exit refused(FILE *err, const char *what)
{
    fprintf(err, "error: privileges cannot be lowered: %s\n", what);
    return RUN_WORLD;
}

/* What is kept of what there is; the set of those that a program could ever get becomes empty. */
static void choose(bool netns)
{
    static const unsigned kept[] = {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_SYS_ADMIN};
    unsigned count = netns ? 3 : 2;
    bool had[3];
    for (unsigned i = 0; i < count; i++)
        had[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
    capng_clear(CAPNG_SELECT_ALL);
    for (unsigned i = 0; i < count; i++) {
        if (had[i])
            capng_update(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED), kept[i]);
    }
}

/* The bounding set is for those to empty who may. */
static bool keep_few(bool netns)
{
    if (capng_get_caps_process())
        return false;
    bool bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
    choose(netns);
    return capng_apply(bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) == 0;
}

void privileges_drop(void)
{
    capng_clear(CAPNG_SELECT_ALL);
    (void)capng_apply(CAPNG_SELECT_CAPS); /* who has none may not be asked, and need not */
}

static enum run_exit become(const char *name, bool netns, FILE *err)
{
    int signal_of_parent = 0;
    const struct passwd *user = getpwnam(name);
    if (!user) {
        fprintf(err, "error: there is no user %s\n", name);
        return RUN_INPUT;
    }
    if (user->pw_uid == geteuid() && user->pw_gid == getegid())
        return keep_few(netns) ? RUN_FINE : refused(err, strerror(errno));
    if (geteuid() != 0) {
        fprintf(err, "error: only root can become the user %s\n", name);
        return RUN_WORLD;
    }
    if (capng_get_caps_process())
        return refused(err, strerror(errno));
    choose(netns);
    prctl(PR_GET_PDEATHSIG, &signal_of_parent); /* a new user loses it */
    if (capng_change_id((int)user->pw_uid, (int)user->pw_gid,
                        CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING))
        return refused(err, "the kernel keeps us from being another user");
    prctl(PR_SET_PDEATHSIG, signal_of_parent);
    return RUN_FINE;
}

enum run_exit privileges_lower(const char *user, bool netns, FILE *err)
{
    enum run_exit status = RUN_FINE;
    if (user)
        status = become(user, netns, err);
    else if (!keep_few(netns))
        status = refused(err, strerror(errno));
    if (status != RUN_FINE)
        return status;
    /* no core file, in which a key could stand; nothing that is executed gains anything */
    if (prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return refused(err, strerror(errno));
    return RUN_FINE;
}

enum run_exit privileges_enter(const char *netns, FILE *err)
{
    char path[256];
    bool is_path = strchr(netns, '/') != NULL;
    snprintf(path, sizeof path, "%s%s", is_path ? "" : NETNS_FOLDER, netns);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(err, "error: the network namespace %s cannot be opened: %s\n", path,
                strerror(errno));
        return RUN_WORLD;
    }
    int failed = setns(fd, CLONE_NEWNET) ? errno : 0;
    close(fd);
    if (failed == 0)
        return RUN_FINE;
    fprintf(err, "error: the network namespace %s cannot be entered: %s\n", path, strerror(failed));
    return RUN_WORLD;
}

/* -- system calls -- */

#ifdef __has_feature /* clang's way to say it */
#define SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

const bool privileges_filter = !SANITIZED;

/* Some do not exist on every machine: libseccomp passes over those. */
static const int allowed[] = {
    /* the loop */
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    /* sockets; socket itself only of some families */
    SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg),
    SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
    /* files: the network's, keys, the journal, the log, the control socket's name */
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(read), SCMP_SYS(write),
    SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(fcntl), SCMP_SYS(ioctl),
    SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(flock),
    SCMP_SYS(close_range), SCMP_SYS(getdents64), SCMP_SYS(mkdir), SCMP_SYS(mkdirat),
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
    SCMP_SYS(umask), SCMP_SYS(fchmod),
    /* memory; mmap and mprotect only when nothing in it is executed */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    /* time */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(nanosleep),
    SCMP_SYS(time),
    /* the process: its end, its signals, what it asks about itself */
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(gettid),
    SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(uname), SCMP_SYS(sysinfo),
    /* a process of its own for each checkpoint of the journal */
    SCMP_SYS(set_robust_list), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(rseq)};

static int told_fd = STDERR_FILENO;

/* Writes what a signal's frame may: no stdio. The call that was refused did not happen. */
static void forbidden(int number, siginfo_t *about, void *context)
{
    static const char words[] = "error: a system call that sekishod does not need, number ";
    char line[sizeof words + 12];
    char digits[10];
    size_t size = sizeof words - 1, count = 0;
    (void)context;
    memcpy(line, words, size);
    for (unsigned left = (unsigned)about->si_syscall; count == 0 || left > 0; left /= 10)
        digits[count++] = (char)('0' + left % 10);
    while (count > 0)
        line[size++] = digits[--count];
    line[size++] = '\n';
    ssize_t written = write(told_fd, line, size);
    (void)written;
    signal(number, SIG_DFL); /* masked in here; it is pending when we return, and ends us */
    raise(number);
}

static int allow_socket(scmp_filter_ctx filter)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < sizeof families / sizeof *families; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
    return failed;
}

/* A copy of the process, and nothing like it: no thread, no namespace. Its priority may be lowered;
 * those of others are theirs. */
static int allow_fork(scmp_filter_ctx filter)
{
    int failed =
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_EQ, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD));
    return failed ? failed
                  : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setpriority), 2,
                                     SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS), SCMP_A1(SCMP_CMP_EQ, 0));
}

/* Signals only to ourselves: abort, and the end that forbidden brings about. */
static int allow_others(scmp_filter_ctx filter)
{
    int failed = allow_socket(filter);
    failed = failed ? failed : allow_fork(filter);
    failed = failed ? failed
                    : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    failed = failed ? failed
                    : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    failed = failed ? failed
                    : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                       SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    failed = failed ? failed
                    : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                                       SCMP_A0(SCMP_CMP_EQ, 0));
    /* newer libuvs ask for it and do without */
    return failed ? failed
                  : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);
}

static int load_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int failed = filter ? 0 : -ENOMEM;
    if (failed == 0) /* a tree of comparisons, not a list */
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (failed == 0) /* the journal's thread as well */
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    for (size_t i = 0; failed == 0 && i < sizeof allowed / sizeof *allowed; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (failed == 0)
        failed = allow_others(filter);
    if (failed == 0)
        failed = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return failed;
}

enum run_exit privileges_seal(FILE *err)
{
    struct sigaction action = {.sa_sigaction = forbidden, .sa_flags = SA_SIGINFO};
    if (!keep_few(false)) /* whatever entered a namespace */
        return refused(err, strerror(errno));
    if (!privileges_filter) {
        fputs("warning: system calls are not filtered: this build is sanitized\n", err);
        return RUN_FINE;
    }
    told_fd = fileno(err) >= 0 ? fileno(err) : STDERR_FILENO;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSYS, &action, NULL);
    int failed = load_filter();
    if (failed == 0)
        return RUN_FINE;
    fprintf(err, "error: this kernel does not filter system calls (seccomp): %s\n",
            strerror(-failed));
    return RUN_WORLD;
}
