/* The story's clock while nothing happens, on one line of the terminal that is gone when something
 * does:
 *
 *         75 s  Ctrl-C takes everything down
 *
 * Nothing is shown where the screen is no terminal that can take back a line. */
#pragma once

#include "explain/screen.h"

#include <stdint.h>

struct lab_clock {
    const struct screen *screen; /* NULL: nothing is shown */
    const char *way_out;
    int64_t shown_s;
    bool there; /* the line stands */
};

/* way_out: what ends it, and how; borrowed, as the screen is. */
void lab_clock_init(struct lab_clock *clock, const struct screen *screen, const char *way_out);
/* now_us is the story's. Renewed once a second. */
void lab_clock_show(struct lab_clock *clock, int64_t now_us);
/* Before anything else is written. */
void lab_clock_hide(struct lab_clock *clock);
