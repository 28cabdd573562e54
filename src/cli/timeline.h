/* A run's moments as a timeline: a right-aligned time, what happened, and what that rests on. */
#pragma once

#include "cli/play.h"
#include "explain/json.h"

struct timeline_options {
    bool whole;    /* every line; otherwise as sim/tell.h folds them */
    bool no_minor; /* leave out the routes that follow from what else is said */
    bool once;     /* stop where a circle begins again */
};

/* Moments of whatever run: a simulated one's, or a lab's. Borrowed. */
struct timeline {
    const struct world *world;
    const struct network *network;
    const struct moment *moments;
    size_t count;
};

struct timeline timeline_of(const struct play *play);

void timeline_render(const struct timeline *timeline, const struct timeline_options *options,
                     const struct screen *screen);

/* A run that goes on: the lines of after from_us, up to until_us. */
void timeline_follow(const struct timeline *timeline, const struct timeline_options *options,
                     int64_t from_us, int64_t until_us, const struct screen *screen);

/* Every moment, with all that is known of it. */
json_t *timeline_json(const struct timeline *timeline);
