/* What the programs of bench/ share: clocks, the median, and one line for each figure, which
 * tools/bench reads:
 *
 *     figure NAME VALUE UNIT
 *
 * A time is of the processor, not of the wall: what else runs on the machine does not count, what
 * it does to the caches does. */
#pragma once

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double figure_now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static inline void figure(const char *name, double value, const char *unit)
{
    printf("figure %s %.6g %s\n", name, value, unit);
}

/* Sorts the values. */
static inline double figure_median(double *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && values[k] < values[k - 1]; k--) {
            double kept = values[k];
            values[k] = values[k - 1];
            values[k - 1] = kept;
        }
    }
    return values[count / 2];
}

static inline void *figure_get(void *ctx, size_t size_bytes)
{
    (void)ctx;
    return malloc(size_bytes);
}

static inline void figure_put(void *ctx, void *block, size_t size_bytes)
{
    (void)ctx;
    (void)size_bytes;
    free(block);
}

static inline struct alloc figure_alloc(void)
{
    return (struct alloc){.get = figure_get, .put = figure_put};
}
