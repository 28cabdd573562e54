#include "lab/daemons.h"

#include "lab/build.h"
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

/* Who belongs to a lab. */
struct crowd {
    struct spaces spaces;
    char mark[sizeof DAEMON_MARK + LAB_NAME_BYTES];
    char *room;
};

static bool crowd_of(const char *lab, struct crowd *crowd, struct trouble *ret_trouble)
{
    *crowd = (struct crowd){.spaces.items = calloc(SPACES_MAX, sizeof *crowd->spaces.items),
                            .room = malloc(ENVIRONMENT_BYTES)};
    assert(crowd->spaces.items && crowd->room);
    snprintf(crowd->mark, sizeof crowd->mark, DAEMON_MARK "=%s", lab);
    return lab_each(lab, take_space, &crowd->spaces, ret_trouble);
}

static void crowd_done(struct crowd *crowd)
{
    free(crowd->spaces.items);
    free(crowd->room);
}

/* Calls with each that belongs to it; the sum of what it said. */
static unsigned long crowd_sum(const struct crowd *crowd,
                               unsigned long (*of)(pid_t pid, uint64_t start, void *context),
                               void *context)
{
    unsigned long sum = 0;
    DIR *folder = opendir("/proc");
    for (const struct dirent *at; folder && (at = readdir(folder));) {
        pid_t pid = pid_called(at->d_name);
        uint64_t start = pid > 0 && pid != getpid() ? child_start_of(pid) : 0;
        if (start != 0 &&
            (is_inside(&crowd->spaces, pid) || is_marked(crowd->mark, pid, crowd->room)))
            sum += of(pid, start, context);
    }
    if (folder)
        closedir(folder);
    return sum;
}

static unsigned long end_one(pid_t pid, uint64_t start, void *context)
{
    struct child child;
    if (!hold(pid, start, &child))
        return 0;
    unsigned long found = child_signal(&child, *(const int *)context) == 0;
    child_let_go(&child);
    return found;
}

unsigned daemons_sweep(const char *lab, struct trouble *ret_trouble)
{
    struct crowd crowd;
    unsigned long left = 1;
    bool known = crowd_of(lab, &crowd, ret_trouble);
    for (int i = 0; known && left > 0 && i < SWEEPS; i++) {
        int number = i < SWEEPS / 4 ? SIGTERM : SIGKILL;
        if (i > 0)
            usleep(SWEEP_PAUSE_US);
        left = crowd_sum(&crowd, end_one, &number);
    }
    crowd_done(&crowd);
    return (unsigned)left;
}

/* -- what they take -- */

unsigned long daemon_kib(pid_t pid, const char *word)
{
    char path[64], line[256];
    unsigned long kib = 0, sum = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, word, strlen(word)) == 0 &&
            sscanf(line + strcspn(line, ":"), ": %lu", &kib) == 1)
            sum += kib;
    }
    if (file)
        fclose(file);
    return sum;
}

static unsigned long weigh_one(pid_t pid, uint64_t start, void *context)
{
    (void)start;
    (*(unsigned *)context)++;
    return daemon_kib(pid, "Private_");
}

unsigned long daemons_memory_kib(const char *lab, unsigned *ret_count)
{
    struct crowd crowd;
    unsigned count = 0;
    unsigned long kib = crowd_of(lab, &crowd, NULL) ? crowd_sum(&crowd, weigh_one, &count) : 0;
    crowd_done(&crowd);
    *ret_count = count;
    return kib;
}
