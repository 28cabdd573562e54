/* Loaded before the C library into a program under test: kills it, as kill -9 does, before the
 * system call that would be its KILL_AT'th effect on the world (a whole number, 0 is the first).
 * Only the first thread is counted. */
#define _GNU_SOURCE

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/preload/preload.h"

static long left = -1; /* effects until then; negative: not told yet */

__attribute__((constructor)) static void begin(void)
{
    const char *at = told("KILL_AT");
    char *end;
    errno = 0;
    long number = strtol(at, &end, 10);
    if (*at < '0' || *at > '9' || *end || errno)
        refuse("KILL_AT is \"%s\", expected a whole number, 0 or more\n", at);
    left = number;
}

static void count(void)
{
    if (left < 0 || syscall(SYS_gettid) != getpid())
        return;
    if (left-- == 0)
        raise(SIGKILL);
    assert(left >= 0);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    count();
    return NEXT(send)(fd, bytes, size, flags);
}

ssize_t sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to,
               socklen_t to_size)
{
    count();
    return NEXT(sendto)(fd, bytes, size, flags, to, to_size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    count();
    return NEXT(sendmsg)(fd, message, flags);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    count();
    return NEXT(write)(fd, bytes, size);
}

int connect(int fd, const struct sockaddr *to, socklen_t size)
{
    count();
    return NEXT(connect)(fd, to, size);
}

int shutdown(int fd, int how)
{
    count();
    return NEXT(shutdown)(fd, how);
}

int close(int fd)
{
    count();
    return NEXT(close)(fd);
}

int unlink(const char *path)
{
    count();
    return NEXT(unlink)(path);
}
