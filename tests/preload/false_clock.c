/* Loaded before the C library into programs under test: the time of day that they see is off by the
 * seconds that stand in the file FALSE_CLOCK, as a 64-bit number, and changes when that does: the
 * clock is set under them. Clocks that nobody can set (CLOCK_MONOTONIC, CLOCK_BOOTTIME) are left
 * alone, as they are when a machine's clock is set, and so are waits: charon's and libuv's are by
 * those. */
#define _GNU_SOURCE

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/preload/preload.h"

static const volatile int64_t *off_s; /* NULL until begin() */

__attribute__((constructor)) static void begin(void)
{
    const char *path = told("FALSE_CLOCK");
    struct stat file;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file))
        refuse("FALSE_CLOCK is \"%s\", which cannot be opened: %s\n", path, strerror(errno));
    if (file.st_size != sizeof *off_s)
        refuse("FALSE_CLOCK is \"%s\", a file of %lld bytes, expected the %zu of a number\n", path,
               (long long)file.st_size, sizeof *off_s);
    void *mapped = mmap(NULL, sizeof *off_s, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        refuse("FALSE_CLOCK is \"%s\", which cannot be mapped: %s\n", path, strerror(errno));
    off_s = mapped;
    close(fd);
}

static int64_t seconds(clockid_t clock)
{
    bool is_set = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
    return off_s && is_set ? *off_s : 0;
}

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
    int failed = clock_gettime(CLOCK_REALTIME, &exact);
    assert(!failed);
    *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec exact;
    int failed = clock_gettime(CLOCK_REALTIME, &exact);
    assert(!failed);
    if (ret)
        *ret = exact.tv_sec;
    return exact.tv_sec;
}
