/* Loaded before the C library into programs under test: the time of day that they see is off by the
 * seconds that stand in the file FALSE_CLOCK, as a 64-bit number, and changes when that does: the
 * clock is set under them. Clocks that nobody can set (CLOCK_MONOTONIC, CLOCK_BOOTTIME) are left
 * alone, as they are when a machine's clock is set, and so are waits: charon's and libuv's are by
 * those. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *off_s; /* NULL: as it is */

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("FALSE_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof *off_s, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        off_s = mapped;
    close(fd);
}

static int64_t seconds(clockid_t clock)
{
    bool is_set = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
    return off_s && is_set ? *off_s : 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static __typeof__(&clock_gettime) next;
    if (!next)
        next = NEXT(clock_gettime);
    int failed = next(clock, now);
    if (!failed)
        now->tv_sec += seconds(clock);
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (ret)
        *ret = exact.tv_sec;
    return exact.tv_sec;
}
