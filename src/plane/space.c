#define _GNU_SOURCE /* setns, unshare */

#include "plane/space.h"

#include "base/sort.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OWN_SPACE "/proc/thread-self/ns/net"

struct space_path {
    char text[sizeof SPACE_FOLDER + 1 + NAME_SPACE_BYTES];
};

static const char *called(const char *name)
{
    return name ? name : "of our own";
}

/* A name is one that a folder can hold. */
static bool path_of(const char *name, struct space_path *ret_path, struct trouble *ret_trouble)
{
    size_t size = strlen(name);
    if (size == 0 || size >= NAME_SPACE_BYTES || strchr(name, '/') || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return trouble_is(ret_trouble, EINVAL, "\"%s\" is no name of a network namespace", name);
    snprintf(ret_path->text, sizeof ret_path->text, "%s/%s", SPACE_FOLDER, name);
    return true;
}

/* -- within -- */

struct visit {
    int fd; /* -1: nowhere else */
    void (*function)(void *context);
    void *context;
    int error;
};

static void *visitor(void *argument)
{
    struct visit *visit = argument;
    if (visit->fd >= 0 && setns(visit->fd, CLONE_NEWNET))
        visit->error = errno;
    else
        visit->function(visit->context);
    return NULL;
}

/* Signals are the owner's of the loop: none is delivered to a thread that is elsewhere. 0, or errno
 * of a thread that could not be had or could not go there. */
static int pay_visit(struct visit *visit)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, NULL, visitor, visit);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0)
        error = pthread_join(thread, NULL);
    return error ? error : visit->error;
}

bool space_number(unsigned long long *ret_number, struct trouble *ret_trouble)
{
    struct stat about;
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
        cookie = 0;
    if (fd >= 0)
        close(fd);
    if (cookie == 0 && stat(OWN_SPACE, &about))
        return trouble_is(ret_trouble, errno, OWN_SPACE);
    *ret_number = cookie ? cookie : about.st_ino;
    return true;
}

int space_open(const char *name, struct trouble *ret_trouble)
{
    struct space_path path = {OWN_SPACE};
    if (name && !path_of(name, &path, ret_trouble))
        return -1;
    int fd = open(path.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        trouble_is(ret_trouble, errno, "the network namespace %s cannot be opened", called(name));
    return fd;
}

bool space_within_fd(int fd, void (*function)(void *context), void *context,
                     struct trouble *ret_trouble)
{
    struct visit visit = {fd, function, context, 0};
    int error = pay_visit(&visit);
    return error == 0 || trouble_is(ret_trouble, error, "a network namespace cannot be entered");
}

bool space_within(const char *name, void (*function)(void *context), void *context,
                  struct trouble *ret_trouble)
{
    struct visit visit = {-1, function, context, 0};
    if (name && (visit.fd = space_open(name, ret_trouble)) < 0)
        return false;
    int error = pay_visit(&visit);
    if (visit.fd >= 0)
        close(visit.fd);
    return error == 0 || trouble_is(ret_trouble, error,
                                    "the network namespace %s cannot be entered", called(name));
}

struct socket_wanted {
    int domain, type, protocol;
    int fd;
    int error;
};

static void make_socket(void *context)
{
    struct socket_wanted *wanted = context;
    wanted->fd = socket(wanted->domain, wanted->type | SOCK_CLOEXEC, wanted->protocol);
    wanted->error = errno;
}

int space_socket(const char *name, int domain, int type, int protocol, struct trouble *ret_trouble)
{
    struct socket_wanted wanted = {domain, type, protocol, -1, 0};
    if (!name)
        make_socket(&wanted);
    else if (!space_within(name, make_socket, &wanted, ret_trouble))
        return -1;
    if (wanted.fd < 0)
        trouble_is(ret_trouble, wanted.error, "no socket in the network namespace %s",
                   called(name));
    return wanted.fd;
}

/* -- there or not -- */

static bool is_space(const char *path)
{
    struct statfs at;
    return statfs(path, &at) == 0 && at.f_type == NSFS_MAGIC;
}

bool space_exists(const char *name)
{
    struct space_path path;
    return path_of(name, &path, NULL) && is_space(path.text);
}

bool space_is(const char *name, int fd)
{
    struct space_path path = {OWN_SPACE};
    struct stat one, other;
    if (name && !path_of(name, &path, NULL))
        return false;
    return stat(path.text, &one) == 0 &&
           (fd < 0 ? stat(OWN_SPACE, &other) : fstat(fd, &other)) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* As ip-netns does it: the folder is a shared mount, so that a name that is removed is removed in
 * every mount namespace, and two who make it at the same time do it one after the other. */
static int folder_ready(void)
{
    if (mkdir(SPACE_FOLDER, 0755) && errno != EEXIST)
        return errno;
    int lock = open(SPACE_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
    if (lock < 0)
        return errno;
    flock(lock, LOCK_EX);
    if (mount("", SPACE_FOLDER, "none", MS_SHARED | MS_REC, NULL)) {
        if (errno != EINVAL || mount(SPACE_FOLDER, SPACE_FOLDER, "none", MS_BIND | MS_REC, NULL) ||
            mount("", SPACE_FOLDER, "none", MS_SHARED | MS_REC, NULL))
            error = errno;
    }
    close(lock);
    return error;
}

struct birth {
    const char *path;
    int error;
};

static void raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
}

static void make_and_bind(void *context)
{
    struct birth *birth = context;
    if (unshare(CLONE_NEWNET)) {
        birth->error = errno;
        return;
    }
    raise_loopback();
    if (mount(OWN_SPACE, birth->path, "none", MS_BIND, NULL))
        birth->error = errno;
}

bool space_make(const char *name, struct trouble *ret_trouble)
{
    struct space_path path;
    if (!path_of(name, &path, ret_trouble))
        return false;
    if (is_space(path.text))
        return true;
    struct birth birth = {path.text, folder_ready()};
    if (birth.error)
        return trouble_is(ret_trouble, birth.error, "%s cannot be made ready", SPACE_FOLDER);
    int fd = open(path.text, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd < 0)
        return trouble_is(ret_trouble, errno, "%s cannot be made", path.text);
    close(fd);
    if (space_within(NULL, make_and_bind, &birth, ret_trouble) && birth.error == 0)
        return true;
    if (birth.error)
        trouble_is(ret_trouble, birth.error, "the network namespace %s cannot be made", name);
    unlink(path.text);
    return false;
}

/* EINVAL: nothing is mounted there, as after a maker that was killed half-way. */
bool space_remove(const char *name, struct trouble *ret_trouble)
{
    struct space_path path;
    if (!path_of(name, &path, ret_trouble))
        return false;
    if (umount2(path.text, MNT_DETACH) && errno != EINVAL && errno != ENOENT)
        return trouble_is(ret_trouble, errno, "the network namespace %s cannot be removed", name);
    if (unlink(path.text) && errno != ENOENT)
        return trouble_is(ret_trouble, errno, "%s cannot be removed", path.text);
    return true;
}

/* -- all of them -- */

struct space_list {
    char (*names)[NAME_SPACE_BYTES];
    size_t count;
};

static int by_bytes(const void *left, const void *right, const void *ctx)
{
    (void)ctx;
    return strcmp(left, right);
}

static bool collect(DIR *folder, const char *prefix, struct space_list *list)
{
    size_t size = strlen(prefix);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, size) != 0 ||
            strlen(entry->d_name) >= NAME_SPACE_BYTES)
            continue;
        if (list->count == SPACE_LIST_MAX)
            return false;
        memcpy(list->names[list->count++], entry->d_name, strlen(entry->d_name) + 1);
    }
    return true;
}

bool space_each(const char *prefix, void (*function)(const char *name, void *context),
                void *context, struct trouble *ret_trouble)
{
    DIR *folder = opendir(SPACE_FOLDER);
    if (!folder)
        return errno == ENOENT || trouble_is(ret_trouble, errno, "%s cannot be read", SPACE_FOLDER);
    struct space_list list = {calloc(2 * SPACE_LIST_MAX, NAME_SPACE_BYTES), 0};
    bool all = list.names && collect(folder, prefix, &list);
    closedir(folder);
    if (all) {
        sort_stable(list.names, list.count, NAME_SPACE_BYTES, list.names + SPACE_LIST_MAX, by_bytes,
                    NULL);
        for (size_t i = 0; i < list.count; i++)
            function(list.names[i], context);
    } else {
        trouble_is(ret_trouble, list.names ? E2BIG : ENOMEM, "the names in %s", SPACE_FOLDER);
    }
    free(list.names);
    return all;
}
