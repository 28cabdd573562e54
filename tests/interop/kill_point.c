/* Loaded before the C library into a program under test: kills it, as kill -9 does, before the
 * system call that would be its KILL_AT'th effect on the world. Only the first thread is counted.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long left = -1; /* effects until then; negative: none is counted */

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("KILL_AT");
    left = at ? strtol(at, NULL, 10) : -1;
}

static void count(void)
{
    if (left < 0 || syscall(SYS_gettid) != getpid())
        return;
    if (left-- == 0)
        raise(SIGKILL);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

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
