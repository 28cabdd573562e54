#include "plane/claim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING ".lock"

enum { AGAIN_MS = 50, HOLDER_MOST = CLAIM_HOLDER_BYTES - 16 };

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

/* 0, or why not; ENAMETOOLONG with a folder that is none of ours. */
static int take(struct claim *claim, const char *folder, const char *key, int wait_ms)
{
    *claim = (struct claim){.fd = -1};
    int size = snprintf(claim->path, sizeof claim->path, "%s/%s" ENDING, folder, key);
    if (size < 0 || (size_t)size >= sizeof claim->path)
        return ENAMETOOLONG;
    if (mkdir(folder, 0755) && errno != EEXIST)
        return errno;
    int error = try_once(claim);
    for (int waited_ms = 0; (error == EWOULDBLOCK || error == ESTALE) && waited_ms < wait_ms;
         waited_ms += AGAIN_MS) {
        poll(NULL, 0, AGAIN_MS);
        error = try_once(claim);
    }
    return error;
}

bool claim_take(struct claim *claim, const char *folder, const char *gateway, int wait_ms,
                struct trouble *ret_trouble)
{
    int error = take(claim, folder, gateway, wait_ms);
    if (error == EWOULDBLOCK)
        return trouble_is(ret_trouble, 0, "another sekishod on this machine is the gateway %s",
                          gateway);
    return error == 0 || trouble_is(ret_trouble, error, "%s", claim->path);
}

static void read_holder(const char *path, char ret_holder[CLAIM_HOLDER_BYTES])
{
    char name[HOLDER_MOST];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t size = fd < 0 ? 0 : read(fd, name, sizeof name);
    if (fd >= 0)
        close(fd);
    if (size > 0)
        snprintf(ret_holder, CLAIM_HOLDER_BYTES, "the gateway %.*s", (int)size, name);
    else
        snprintf(ret_holder, CLAIM_HOLDER_BYTES, "another gateway");
}

bool claim_key(struct claim *claim, const char *folder, const char *key, const char *gateway,
               int wait_ms, char ret_holder[CLAIM_HOLDER_BYTES], struct trouble *ret_trouble)
{
    size_t size = strnlen(gateway, HOLDER_MOST);
    int error = take(claim, folder, key, wait_ms);
    if (error == EWOULDBLOCK)
        read_holder(claim->path, ret_holder);
    if (error == 0 && (ftruncate(claim->fd, 0) || write(claim->fd, gateway, size) < 0)) {
        error = errno;
        claim_leave(claim);
    }
    return error == 0 || trouble_is(ret_trouble, error, "%s", claim->path);
}

static bool is_key(const char *name)
{
    size_t size = strlen(name), ending = strlen(ENDING);
    return size > ending && strcmp(name + size - ending, ENDING) == 0 && strchr(name, '@');
}

void claim_sweep(const char *folder)
{
    DIR *listing = opendir(folder);
    for (const struct dirent *entry; listing && (entry = readdir(listing));) {
        struct claim claim = {.fd = -1};
        int size = snprintf(claim.path, sizeof claim.path, "%s/%s", folder, entry->d_name);
        if (size > 0 && (size_t)size < sizeof claim.path && is_key(entry->d_name) &&
            try_once(&claim) == 0)
            claim_leave(&claim);
    }
    if (listing)
        closedir(listing);
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
