#include "lab/daemons.h"

#include "lab/plan.h"
#include "plane/child.h"
#include "plane/space.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LAST_WORDS_BYTES = 4096,
    ENVIRONMENT_BYTES = 1 << 16,
    SPACES_MAX = SPACE_LIST_MAX,
    SWEEPS = 40,
    SWEEP_PAUSE_US = 50000,
};

void daemon_words(struct running_daemon *daemon, const char *const words[], const char *setting)
{
    size_t count = 0;
    for (; words[count]; count++) {
        assert(count + 1 < LAB_WORDS_MAX);
        daemon->words[count] = strdup(words[count]);
    }
    daemon->setting = setting ? strdup(setting) : NULL;
}

/* -- one -- */

bool daemon_start(const char *lab, struct running_daemon *daemon, struct trouble *ret_trouble)
{
    char mark[sizeof DAEMON_MARK + LAB_NAME_BYTES];
    snprintf(mark, sizeof mark, DAEMON_MARK "=%s", lab);
    const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", mark,
                                       daemon->setting, NULL};
    int out = open(daemon->output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct child child;
    if (out < 0)
        return trouble_is(ret_trouble, errno, "%s cannot be written", daemon->output);
    struct child_plan plan = {.argv = (const char *const *)daemon->words,
                              .environment = environment,
                              .space = daemon->space[0] ? daemon->space : NULL,
                              .out = out,
                              .err = out};
    bool done = child_start(&plan, &child, ret_trouble);
    close(out);
    if (!done)
        return false;
    daemon->pid = child.pid;
    daemon->start = child.start;
    child_let_go(&child);
    return true;
}

/* Held by a pidfd, so that nobody else who has the number then is meant. */
static bool hold(pid_t pid, uint64_t start, struct child *ret_child)
{
    int fd = pidfd_open(pid, 0);
    if (fd < 0)
        return false;
    if (child_start_of(pid) == start && start != 0) {
        *ret_child = (struct child){.pid = pid, .start = start, .pidfd = fd};
        return true;
    }
    close(fd);
    return false;
}

bool daemon_stop(struct running_daemon *daemon, int wait_ms, struct trouble *ret_trouble)
{
    struct child child;
    bool done = true;
    if (daemon->pid > 0 && hold(daemon->pid, daemon->start, &child)) {
        done = child_end(&child, wait_ms, ret_trouble);
        child_let_go(&child);
    }
    daemon->pid = 0;
    daemon->start = 0;
    return done;
}

void daemon_signal(const struct running_daemon *daemon, int number)
{
    struct child child;
    if (daemon->pid <= 0 || !hold(daemon->pid, daemon->start, &child))
        return;
    child_signal(&child, number);
    child_let_go(&child);
}

/* The last line that says something. */
static void last_words(const char *path, char out[TROUBLE_BYTES])
{
    char bytes[LAST_WORDS_BYTES + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    off_t from = end > LAST_WORDS_BYTES ? end - LAST_WORDS_BYTES : 0;
    ssize_t size = fd >= 0 ? pread(fd, bytes, LAST_WORDS_BYTES, from) : 0;
    if (fd >= 0)
        close(fd);
    while (size > 0 && strchr("\r\n\t ", bytes[size - 1]))
        size--;
    bytes[size > 0 ? size : 0] = '\0';
    const char *line = strrchr(bytes, '\n');
    snprintf(out, TROUBLE_BYTES, "%.200s", line ? line + 1 : bytes);
}

bool daemon_ended(const struct running_daemon *daemon, struct trouble *ret_trouble)
{
    char words[TROUBLE_BYTES];
    last_words(daemon->output, words);
    return trouble_is(ret_trouble, 0, "%s has ended by itself: %s", daemon->name,
                      *words ? words : "it said nothing");
}

/* -- all that are left -- */

struct spaces {
    struct {
        dev_t device;
        ino_t inode;
    } * items;
    size_t count;
};

static void take_space(const char *name, void *context)
{
    struct spaces *spaces = context;
    char path[NAME_SPACE_BYTES + 32];
    struct stat about;
    snprintf(path, sizeof path, SPACE_FOLDER "/%s", name);
    if (spaces->count < SPACES_MAX && stat(path, &about) == 0) {
        spaces->items[spaces->count].device = about.st_dev;
        spaces->items[spaces->count++].inode = about.st_ino;
    }
}

static bool is_inside(const struct spaces *spaces, pid_t pid)
{
    char path[64];
    struct stat about;
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    if (stat(path, &about))
        return false;
    for (size_t i = 0; i < spaces->count; i++) {
        if (spaces->items[i].device == about.st_dev && spaces->items[i].inode == about.st_ino)
            return true;
    }
    return false;
}

static bool is_marked(const char *mark, pid_t pid, char *room)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, room, ENVIRONMENT_BYTES - 1) : 0;
    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return false;
    room[size] = '\0';
    for (const char *at = room; at < room + size; at += strlen(at) + 1) {
        if (strcmp(at, mark) == 0)
            return true;
    }
    return false;
}

/* 0: it is no process's name. */
static pid_t pid_called(const char *name)
{
    pid_t pid = 0;
    for (const char *at = name; *at; at++) {
        if (*at < '0' || *at > '9' || pid > INT32_MAX / 10 - 1)
            return 0;
        pid = pid * 10 + (*at - '0');
    }
    return pid;
}

static unsigned sweep_once(const struct spaces *spaces, const char *mark, int number, char *room)
{
    unsigned found = 0;
    DIR *folder = opendir("/proc");
    for (const struct dirent *at; folder && (at = readdir(folder));) {
        pid_t pid = pid_called(at->d_name);
        uint64_t start = pid > 0 && pid != getpid() ? child_start_of(pid) : 0;
        struct child child;
        if (start == 0 || (!is_inside(spaces, pid) && !is_marked(mark, pid, room)) ||
            !hold(pid, start, &child))
            continue;
        found += child_signal(&child, number) == 0;
        child_let_go(&child);
    }
    if (folder)
        closedir(folder);
    return found;
}

unsigned daemons_sweep(const char *lab, struct trouble *ret_trouble)
{
    char prefix[NAME_SPACE_BYTES], mark[sizeof DAEMON_MARK + LAB_NAME_BYTES];
    struct spaces spaces = {.items = calloc(SPACES_MAX, sizeof *spaces.items)};
    char *room = malloc(ENVIRONMENT_BYTES);
    unsigned left = 1;
    assert(spaces.items && room);
    lab_prefix(lab, prefix);
    snprintf(mark, sizeof mark, DAEMON_MARK "=%s", lab);
    if (space_each(prefix, take_space, &spaces, ret_trouble)) {
        for (int i = 0; i < SWEEPS; i++) {
            left = sweep_once(&spaces, mark, i < SWEEPS / 4 ? SIGTERM : SIGKILL, room);
            if (left == 0)
                break;
            usleep(SWEEP_PAUSE_US);
        }
    }
    free(spaces.items);
    free(room);
    return left;
}
