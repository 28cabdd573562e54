/* A running lab, watched: its daemons' logs as they grow, its routers' kernels as they change. What
 * is heard goes to seen (lab/seen.h) at once.
 *
 * Logs are read from their beginning, so that what `lab up` brought about is known, and left as
 * they are. A kernel's tables are dumped at first, and again when one of its devices changed or the
 * kernel could not keep up: routes that go with their device are not told one by one. */
#pragma once

#include "lab/running.h"
#include "lab/seen.h"

struct watch;

/* Both are borrowed. NULL: a namespace cannot be entered, or there are no more descriptors. */
struct watch *watch_create(const struct lab_running *lab, struct seen *seen,
                           struct trouble *ret_trouble) __attribute__((warn_unused_result));
void watch_destroy(struct watch *watch); /* NULL is fine */

/* Daemons have been started anew: their logs may be others. Logs that are known are read on. */
void watch_again(struct watch *watch, const struct lab_running *lab);

/* Waits at most so long for something to be said, and hears it all. */
void watch_hear(struct watch *watch, int wait_ms);

int64_t watch_wall_us(void); /* CLOCK_REALTIME */
