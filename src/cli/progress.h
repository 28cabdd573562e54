/* How far a long answer has come, on one line of the terminal that is gone when it is there:
 *
 *     240 networks run, 12 s: remedies
 *     4100 networks run, 37 of 100 parts, 12 s: remedies
 *
 * The second is of a region, whose parts share nothing but the file.
 *
 * Nothing is shown in the first second, or where standard error is no terminal. The line is also
 * renewed each second by SIGALRM, so that one long run does not look like none. */
#pragma once

#include "check/check.h"
#include "cli/cli.h"

#include <stdint.h>

struct progress {
    int file; /* -1: nothing is shown */
    int64_t (*clock_us)(void);
    int64_t began_us, shown_us; /* shown_us 0: not yet */
    size_t networks_run;
    size_t parts_done, part_count; /* part_count 0: there are none */
    const char *doing;             /* in the reader's words */
};

/* Shows on the stream if it is a terminal that can take back a line. clock_us: monotonic, and fit
 * to be called by a signal's handler. One at a time; it is borrowed until progress_end. */
void progress_begin(struct progress *progress, FILE *out, int64_t (*clock_us)(void));
int64_t progress_clock_us(void); /* the machine's monotonic clock */
/* For survive_watch.progress; context is the struct progress. */
void progress_show(void *context, size_t networks_run, const char *doing);
/* For check_options.progress, in the same way. */
void progress_show_check(void *context, const struct check_progress *now);
void progress_end(struct progress *progress); /* takes the line back */
