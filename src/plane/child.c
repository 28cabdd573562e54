#define _GNU_SOURCE /* execvpe, setns, unshare, pidfd, close_range */

#include "plane/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STAT_BYTES = 1024,
    START_FIELD = 22,
    RECORD_BYTES = 64,
    ABOVE_STANDARD = 3,
    KILLED_MS = 10000, /* from SIGKILL to the end: the kernel's time, not the program's */
};

/* -- who it is -- */

/* Fields are counted from the last ')': the name before it may hold anything. */
uint64_t child_start_in(const char *stat, size_t size)
{
    const char *at = memrchr(stat, ')', size), *end = stat + size;
    uint64_t start = 0;
    if (!at)
        return 0;
    for (int field = 2; field < START_FIELD; field++) {
        at = memchr(at, ' ', (size_t)(end - at));
        if (!at || ++at == end)
            return 0;
    }
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(start, 10, &start) ||
            __builtin_add_overflow(start, (uint64_t)(*at - '0'), &start))
            return 0;
    }
    return start;
}

static ssize_t read_file(const char *path, char *out, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -1;
    ssize_t size = read(fd, out, cap);
    int error = errno;
    close(fd);
    errno = error;
    return size;
}

uint64_t child_start_of(pid_t pid)
{
    char path[RECORD_BYTES], stat[STAT_BYTES];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    ssize_t size = read_file(path, stat, sizeof stat);
    return size > 0 ? child_start_in(stat, (size_t)size) : 0;
}

static bool has_ended(int pidfd, int wait_ms)
{
    struct pollfd ended = {pidfd, POLLIN, 0};
    struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000L};
    sigset_t all; /* no signal makes the wait longer */
    sigfillset(&all);
    return ppoll(&ended, 1, &wait, &all) > 0;
}

bool child_alive(const struct child *child)
{
    return child->pid > 0 && !has_ended(child->pidfd, 0);
}

int child_signal(const struct child *child, int signal_number)
{
    if (!child_alive(child))
        return ESRCH;
    return pidfd_send_signal(child->pidfd, signal_number, NULL, 0) ? errno : 0;
}

bool child_status(const struct child *child, int *ret_status)
{
    siginfo_t said = {0};
    if (child->pid <= 0 || waitid(P_PIDFD, (id_t)child->pidfd, &said, WEXITED | WNOHANG) ||
        said.si_pid == 0)
        return false;
    *ret_status =
        said.si_code == CLD_EXITED ? W_EXITCODE(said.si_status, 0) : W_EXITCODE(0, said.si_status);
    return true;
}

void child_let_go(struct child *child)
{
    if (child->pid > 0)
        close(child->pidfd);
    *child = (struct child){.pidfd = -1};
}

/* -- its birth -- */

enum stage { STAGE_SPACE, STAGE_FOLDERS, STAGE_OUTPUTS, STAGE_RIGHTS, STAGE_PROGRAM };

struct failure {
    enum stage stage;
    int error;
};

struct cradle {
    const struct child_plan *plan;
    int space; /* -1: ours */
    int said;  /* closed when the program begins; else a failure comes */
    int go[2]; /* a byte comes: it is recorded, or nobody asked for that; an end: nobody knows of it
                */
    pid_t parent;
};

/* Its own mount namespace, in which what others mount appears and what it mounts does not leave. */
static bool own_folders(const char *const *folders)
{
    if (!folders || !folders[0])
        return true;
    if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_SLAVE | MS_REC, NULL))
        return false;
    for (; *folders; folders++) {
        if (mount("tmpfs", *folders, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m"))
            return false;
    }
    return true;
}

/* First above the standard ones, as one may be another's place. */
static bool standard_descriptors(const struct child_plan *plan)
{
    int wanted[ABOVE_STANDARD] = {plan->in, plan->out, plan->err};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return false;
    for (int i = 0; i < ABOVE_STANDARD; i++) {
        wanted[i] = fcntl(wanted[i] > 0 ? wanted[i] : null, F_DUPFD_CLOEXEC, ABOVE_STANDARD);
        if (wanted[i] < 0)
            return false;
    }
    for (int i = 0; i < ABOVE_STANDARD; i++) {
        if (dup2(wanted[i], i) < 0)
            return false;
    }
    return close_range(ABOVE_STANDARD, ~0u, CLOSE_RANGE_CLOEXEC) == 0;
}

/* A program that nobody could find again does not begin: its record is there before it, and a
 * parent that is killed meanwhile leaves an end where the byte would be. */
static bool may_go(const struct cradle *cradle)
{
    char byte;
    ssize_t size;
    close(cradle->go[1]); /* our copy of the parent's end */
    do
        size = read(cradle->go[0], &byte, 1);
    while (size < 0 && errno == EINTR);
    return size == 1;
}

/* The parent's limit may be above what select(2) can take, which a program is to ask for itself. */
static void default_limits(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur <= FD_SETSIZE)
        return;
    files.rlim_cur = FD_SETSIZE;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

static void default_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL); /* of some it fails, which have nothing else */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A refusal to write, not an end (SIGXFSZ). */
static void bound_files(uint64_t max_bytes)
{
    struct rlimit most = {max_bytes, max_bytes};
    if (max_bytes == 0)
        return;
    signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &most);
}

static bool dies_with(pid_t parent)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

/* What enters namespaces and ends processes is ours. Where nothing is gained by executing
 * (PR_SET_NO_NEW_PRIVS), the program never gets it back; who may shrink its bounding set, does. */
static bool give_rights_up(void)
{
    static const int kept_back[] = {CAP_SYS_ADMIN, CAP_KILL};
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &head, rights))
        return false;
    for (size_t i = 0; i < sizeof kept_back / sizeof *kept_back; i++) {
        uint32_t others = ~CAP_TO_MASK(kept_back[i]);
        struct __user_cap_data_struct *in = &rights[CAP_TO_INDEX(kept_back[i])];
        in->effective &= others;
        in->permitted &= others;
        in->inheritable &= others;
        (void)prctl(PR_CAPBSET_DROP, kept_back[i], 0, 0, 0);
    }
    return syscall(SYS_capset, &head, rights) == 0;
}

/* STAGE_PROGRAM, or what could not be had. */
static enum stage make_ready(const struct cradle *cradle)
{
    const struct child_plan *plan = cradle->plan;
    if (cradle->space >= 0 && setns(cradle->space, CLONE_NEWNET))
        return STAGE_SPACE;
    if (!own_folders(plan->own_folders))
        return STAGE_FOLDERS;
    if (!standard_descriptors(plan))
        return STAGE_OUTPUTS;
    return plan->few_rights && !give_rights_up() ? STAGE_RIGHTS : STAGE_PROGRAM;
}

/* In the child, whose other threads stayed behind: system calls only. */
static void become(const struct cradle *cradle)
{
    const struct child_plan *plan = cradle->plan;
    default_signals();
    bound_files(plan->file_max_bytes);
    setsid();
    if ((plan->dies_with_us && !dies_with(cradle->parent)) || !may_go(cradle))
        _exit(1);
    default_limits();
    enum stage stage = make_ready(cradle);
    if (stage == STAGE_PROGRAM) /* neither function changes what it is given */
        execvpe(plan->argv[0], (char *const *)(uintptr_t)plan->argv,
                plan->environment ? (char *const *)(uintptr_t)plan->environment : environ);
    const struct failure failure = {stage, errno};
    ssize_t written = write(cradle->said, &failure, sizeof failure);
    _exit(written == sizeof failure ? 127 : 126);
}

static bool failed(const struct child_plan *plan, struct failure failure,
                   struct trouble *ret_trouble)
{
    static const char *const what[] = {
        [STAGE_SPACE] = "cannot enter its network namespace",
        [STAGE_FOLDERS] = "cannot have folders of its own",
        [STAGE_OUTPUTS] = "cannot have its outputs",
        [STAGE_RIGHTS] = "cannot give up privileges",
        [STAGE_PROGRAM] = "cannot be executed",
    };
    return trouble_is(ret_trouble, failure.error, "the program %s %s", plan->argv[0],
                      what[failure.stage]);
}

static bool begun(const struct child_plan *plan, int said, struct child *child,
                  struct trouble *ret_trouble)
{
    struct failure failure;
    ssize_t size;
    do
        size = read(said, &failure, sizeof failure);
    while (size < 0 && errno == EINTR);
    if (size == 0 && child->start != 0 && child->pidfd >= 0)
        return true;
    if (size != sizeof failure)
        failure = (struct failure){STAGE_PROGRAM, ECHILD};
    return failed(plan, failure, ret_trouble);
}

/* After the fork, of both pipes: the parent's part. */
static bool let_go(const struct cradle *cradle, struct child *child, int said,
                   struct trouble *ret_trouble)
{
    const struct child_plan *plan = cradle->plan;
    child->start = child_start_of(child->pid); /* nobody else reaps it: number and time are one */
    child->pidfd = pidfd_open(child->pid, 0);
    if (plan->record && !child_record(child, plan->record, ret_trouble))
        return false;
    (void)!send(cradle->go[1], "", 1,
                MSG_NOSIGNAL); /* one that is gone says nothing, and is seen */
    return begun(plan, said, child, ret_trouble);
}

static void end_at_once(const struct child *child)
{
    kill(child->pid, SIGKILL); /* ours, and not reaped */
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    if (child->pidfd >= 0)
        close(child->pidfd);
}

static bool fork_and_look(struct cradle *cradle, int said, struct child *ret_child,
                          struct trouble *ret_trouble)
{
    struct child child = {.pid = fork(), .pidfd = -1};
    if (child.pid == 0)
        become(cradle);
    if (child.pid < 0)
        return trouble_is(ret_trouble, errno, "no process for the program %s",
                          cradle->plan->argv[0]);
    close(cradle->said);
    cradle->said = -1;
    if (let_go(cradle, &child, said, ret_trouble)) {
        *ret_child = child;
        return true;
    }
    end_at_once(&child);
    return false;
}

static bool with_pipes(const struct child_plan *plan, int space, struct child *ret_child,
                       struct trouble *ret_trouble)
{
    int said[2] = {-1, -1};
    struct cradle cradle = {plan, space, -1, {-1, -1}, getpid()};
    bool piped = pipe2(said, O_CLOEXEC) == 0 &&
                 socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, cradle.go) == 0;
    cradle.said = said[1];
    bool runs = piped ? fork_and_look(&cradle, said[0], ret_child, ret_trouble)
                      : trouble_is(ret_trouble, errno, "no pipe for the program %s", plan->argv[0]);
    const int open[] = {said[0], cradle.said, cradle.go[0], cradle.go[1]};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (open[i] >= 0)
            close(open[i]);
    }
    return runs;
}

bool child_start(const struct child_plan *plan, struct child *ret_child,
                 struct trouble *ret_trouble)
{
    int space = -1;
    assert(plan->argv && plan->argv[0]);
    if (plan->space && (space = space_open(plan->space, ret_trouble)) < 0)
        return false;
    bool runs = with_pipes(plan, space, ret_child, ret_trouble);
    if (space >= 0)
        close(space);
    return runs;
}

/* -- its end -- */

bool child_end(struct child *child, int wait_ms, struct trouble *ret_trouble)
{
    int status = 0;
    if (child->pid <= 0)
        return true;
    int error = child_signal(child, SIGTERM);
    bool ended = error == ESRCH || (error == 0 && has_ended(child->pidfd, wait_ms));
    if (!ended) {
        error = child_signal(child, SIGKILL);
        ended = error == ESRCH || (error == 0 && has_ended(child->pidfd, KILLED_MS));
    }
    if (!ended)
        return trouble_is(ret_trouble, error, "the process %d does not end", (int)child->pid);
    child_status(child, &status); /* reaps it, if it is ours to reap */
    child_let_go(child);
    return true;
}

/* Memory that looks like a file: nobody waits for anybody, however much is written. */
static bool write_all(int fd, const char *text)
{
    size_t size = strlen(text), at = 0;
    while (at < size) {
        ssize_t written = write(fd, text + at, size - at);
        if (written <= 0)
            return false;
        at += (size_t)written;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

static bool run_between(const struct child_plan *plan, int wait_ms, struct trouble *ret_trouble)
{
    struct child child;
    int status = 0;
    if (!child_start(plan, &child, ret_trouble))
        return false;
    bool ended = has_ended(child.pidfd, wait_ms);
    if (!ended && child_end(&child, wait_ms, ret_trouble))
        return trouble_is(ret_trouble, ETIMEDOUT, "the program %s was ended", plan->argv[0]);
    bool known = ended && child_status(&child, &status);
    child_let_go(&child);
    if (!known)
        return trouble_is(ret_trouble, ECHILD, "the program %s", plan->argv[0]);
    return status == 0 || trouble_is(ret_trouble, 0, "the program %s ended with %s %d",
                                     plan->argv[0], WIFEXITED(status) ? "status" : "signal",
                                     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

bool child_run(const struct child_plan *plan, const char *input, int wait_ms, char *ret_said,
               size_t cap, struct trouble *ret_trouble)
{
    struct child_plan between = *plan;
    bool well = false;
    ret_said[0] = 0;
    between.in = memfd_create("in", MFD_CLOEXEC);
    between.out = between.err = memfd_create("out", MFD_CLOEXEC);
    if (between.in > 0 && between.out > 0 && write_all(between.in, input)) {
        well = run_between(&between, wait_ms, ret_trouble);
        ssize_t size = pread(between.out, ret_said, cap - 1, 0);
        ret_said[size > 0 ? size : 0] = 0;
    } else {
        trouble_is(ret_trouble, errno, "no memory for what the program %s reads", plan->argv[0]);
    }
    if (between.in >= 0)
        close(between.in);
    if (between.out >= 0)
        close(between.out);
    return well;
}

/* -- for whoever comes later -- */

bool child_record(const struct child *child, const char *path, struct trouble *ret_trouble)
{
    char fresh[4096], line[RECORD_BYTES];
    int size = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof fresh)
        return trouble_is(ret_trouble, ENAMETOOLONG, "the file %s", path);
    unlink(fresh); /* of somebody who was killed; O_EXCL follows no link */
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return trouble_is(ret_trouble, errno, "the file %s cannot be made", fresh);
    int length =
        snprintf(line, sizeof line, "%d %llu\n", (int)child->pid, (unsigned long long)child->start);
    bool written = write(fd, line, (size_t)length) == length;
    int error = errno;
    written &= close(fd) == 0;
    if (written && rename(fresh, path) == 0)
        return true;
    error = written ? errno : error;
    unlink(fresh);
    return trouble_is(ret_trouble, error, "the file %s cannot be written", path);
}

/* "1234 56789\n" and nothing else. */
bool child_record_in(const char *text, size_t size, pid_t *ret_pid, uint64_t *ret_start)
{
    uint64_t numbers[2] = {0, 0};
    size_t at = 0;
    for (int i = 0; i < 2; i++) {
        size_t first = at;
        for (; at < size && text[at] >= '0' && text[at] <= '9' && at - first < 19; at++)
            numbers[i] = 10 * numbers[i] + (uint64_t)(text[at] - '0');
        if (at == first || at == size || text[at++] != (i == 0 ? ' ' : '\n'))
            return false;
    }
    if (at != size || numbers[0] == 0 || numbers[0] > INT32_MAX || numbers[1] == 0)
        return false;
    *ret_pid = (pid_t)numbers[0];
    *ret_start = numbers[1];
    return true;
}

/* The pidfd is of whoever has the number now; when that one began at the recorded time, and has
 * not ended after we looked, it is the one. */
bool child_adopt(const char *path, struct child *ret_child, struct trouble *ret_trouble)
{
    char text[RECORD_BYTES];
    struct child child = {.pidfd = -1};
    ssize_t size = read_file(path, text, sizeof text);
    if (size < 0)
        return trouble_is(ret_trouble, errno == ENOENT ? ESRCH : errno, "the file %s", path);
    if (!child_record_in(text, (size_t)size, &child.pid, &child.start))
        return trouble_is(ret_trouble, EINVAL,
                          "the file %s holds no number of a process and its start", path);
    child.pidfd = pidfd_open(child.pid, 0);
    if (child.pidfd >= 0 && child_start_of(child.pid) == child.start && child_alive(&child)) {
        *ret_child = child;
        return true;
    }
    if (child.pidfd >= 0)
        close(child.pidfd);
    return trouble_is(ret_trouble, ESRCH, "the process %d of the file %s has ended", (int)child.pid,
                      path);
}
