#include "plane/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AGAIN_MS = 50 };

/* A file that was removed while it was waited for is nobody's lock. */
static bool is_named(int fd, const char *path)
{
    struct stat held, named;
    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

/* 0; EWOULDBLOCK: somebody has it; ESTALE: somebody had, and has removed it. */
static int try_once(struct claim *claim)
{
    int fd = open(claim->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    int error = flock(fd, LOCK_EX | LOCK_NB) ? errno : is_named(fd, claim->path) ? 0 : ESTALE;
    if (error)
        close(fd);
    else
        claim->fd = fd;
    return error;
}

bool claim_take(struct claim *claim, const char *folder, const char *gateway, int wait_ms,
                struct trouble *ret_trouble)
{
    *claim = (struct claim){.fd = -1};
    snprintf(claim->path, sizeof claim->path, "%s/%s.lock", folder, gateway);
    if (mkdir(folder, 0755) && errno != EEXIST)
        return trouble_is(ret_trouble, errno, "%s", folder);
    int error = try_once(claim);
    for (int waited_ms = 0; (error == EWOULDBLOCK || error == ESTALE) && waited_ms < wait_ms;
         waited_ms += AGAIN_MS) {
        poll(NULL, 0, AGAIN_MS);
        error = try_once(claim);
    }
    if (error == EWOULDBLOCK)
        return trouble_is(ret_trouble, 0, "another sekishod on this machine is the gateway %s",
                          gateway);
    return error == 0 || trouble_is(ret_trouble, error, "%s", claim->path);
}

/* The name goes first: who waits for the lock sees that, and makes a file of his own. A file of
 * that name that is not ours is another's. */
void claim_leave(struct claim *claim)
{
    char *slash = strrchr(claim->path, '/');
    if (claim->fd < 0)
        return;
    if (is_named(claim->fd, claim->path) && unlink(claim->path) == 0) {
        *slash = '\0';
        rmdir(claim->path);
        *slash = '/';
    }
    close(claim->fd);
    claim->fd = -1;
}
