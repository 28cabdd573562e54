#include "lab/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARENT "/run/sekisho"

enum { PAUSE_MS = 50, US_PER_MS = 1000 };

static bool make_folders(struct trouble *ret_trouble)
{
    static const char *const folders[] = {PARENT, LAB_FOLDER};
    for (int i = 0; i < 2; i++) {
        if (mkdir(folders[i], 0755) && errno != EEXIST)
            return trouble_is(ret_trouble, errno, "the folder %s cannot be made", folders[i]);
    }
    return true;
}

/* Whoever ended it has taken the file away: then the lock is of no file. */
static bool is_there(const struct lock *lock)
{
    struct stat ours, there;
    return fstat(lock->fd, &ours) == 0 && stat(lock->path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* 0: it is ours; EWOULDBLOCK: somebody else's, EAGAIN: it was taken away meanwhile. */
static int try_once(struct lock *lock)
{
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock->fd < 0)
        return errno == ENOENT ? EAGAIN : errno;
    int error = flock(lock->fd, LOCK_EX | LOCK_NB) ? errno : 0;
    if (error == 0 && is_there(lock))
        return 0;
    close(lock->fd);
    return error == 0 ? EAGAIN : error;
}

bool lock_take(const char *name, int wait_ms, struct lock *ret_lock, struct trouble *ret_trouble)
{
    struct lock lock = {.fd = -1};
    int error = EAGAIN;
    snprintf(lock.path, sizeof lock.path, LAB_FOLDER "/%s.lock", name);
    for (int waited = 0;; waited += PAUSE_MS) {
        if (!make_folders(ret_trouble))
            return false;
        error = try_once(&lock);
        if (error == 0)
            break;
        if ((error != EAGAIN && error != EWOULDBLOCK) || waited >= wait_ms)
            return error == EWOULDBLOCK
                       ? trouble_is(ret_trouble, 0, "the lab %s is being started or taken down",
                                    name)
                       : trouble_is(ret_trouble, error, "%s cannot be had", lock.path);
        usleep(PAUSE_MS * US_PER_MS);
    }
    *ret_lock = lock;
    return true;
}

void lock_let_go(struct lock *lock)
{
    close(lock->fd);
    lock->fd = -1;
}

void lock_remove(struct lock *lock)
{
    unlink(lock->path);
    lock_let_go(lock);
    rmdir(LAB_FOLDER);
    rmdir(PARENT);
}
