/* Programs that we start, that outlive us, and that a later one of us finds again.
 *
 * A number of a process is worth nothing by itself: the kernel gives it to somebody else. So a
 * child is its number and the time at which it started (proc(5), /proc/PID/stat, field 22), and it
 * is held by a pidfd, through which it is watched and signaled: whoever has the number later is
 * never meant. */
#pragma once

#include "plane/space.h"

#include <stdint.h>
#include <sys/types.h>

struct child_plan {
    const char *const *argv;        /* to NULL; argv[0] is a path, or looked for in PATH */
    const char *const *environment; /* to NULL; NULL: ours */
    const char *space;              /* NULL: the one that the caller is in */
    /* Descriptors, which stay the caller's; 0: /dev/null. No other is inherited. */
    int in, out, err;
    /* Folders over each of which it gets an empty one of its own (tmpfs); to NULL. NULL: none. */
    const char *const *own_folders;
    const char *record; /* of child_record, written before the program begins; NULL: none */
    /* No file that it writes grows beyond: what it writes there is refused (EFBIG). 0: they may. */
    uint64_t file_max_bytes;
    bool few_rights;   /* it gets neither CAP_SYS_ADMIN nor CAP_KILL of ours */
    bool dies_with_us; /* else it outlives us, in a session of its own */
};

struct child {
    pid_t pid;      /* 0: none */
    uint64_t start; /* clock ticks after boot */
    int pidfd;      /* readable when it has ended; for poll() or libuv */
};

/* Starts it; a program that cannot be executed is an error here, and so is a record that cannot be
 * written: it does not begin then. Whoever starts it and is killed on the way leaves either nothing
 * or a program with its record. */
bool child_start(const struct child_plan *plan, struct child *ret_child,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Writes number and start time into a file of mode 0600, which appears as a whole. */
bool child_record(const struct child *child, const char *path, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Takes over what the file names, when that still runs. False with ESRCH: it has ended, or the file
 * is not there; with EINVAL: the file is no such file. The file stays. */
bool child_adopt(const char *path, struct child *ret_child, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

bool child_alive(const struct child *child);

/* 0, ESRCH when it has ended, or another errno. */
int child_signal(const struct child *child, int signal_number);

/* SIGTERM, at most wait_ms, SIGKILL, and until the kernel has done it; then it is reaped. */
bool child_end(struct child *child, int wait_ms, struct trouble *ret_trouble);

/* Once it has ended: its status as in wait(2), and it is reaped. False: it runs, or was not started
 * by us, and nobody can know. */
bool child_status(const struct child *child, int *ret_status);

/* Starts it, waits at most wait_ms for its end, and kills it then. What it said (both its outputs)
 * is cut at cap, and always ends in a zero byte. True when it ended by itself with status 0. */
bool child_run(const struct child_plan *plan, const char *input, int wait_ms, char *ret_said,
               size_t cap, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Closes the pidfd; the program is left as it is. */
void child_let_go(struct child *child);

/* Start time of a process; 0: there is none. Of the bytes of its stat file: */
uint64_t child_start_of(pid_t pid);
uint64_t child_start_in(const char *stat, size_t size);

/* Of the bytes of a record. false: they are none. */
bool child_record_in(const char *text, size_t size, pid_t *ret_pid, uint64_t *ret_start)
    __attribute__((warn_unused_result));
