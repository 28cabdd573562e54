/* A run's moments as a timeline: a right-aligned time, what happened, and what that rests on. */
#pragma once

#include "cli/play.h"
#include "explain/json.h"

struct timeline_options {
    bool whole;    /* every line; otherwise as sim/tell.h folds them */
    bool no_minor; /* leave out the routes that follow from what else is said */
    bool once;     /* stop where a circle begins again */
};

void timeline_render(const struct play *play, const struct timeline_options *options,
                     const struct screen *screen);

/* Every moment, with all that is known of it. */
json_t *timeline_json(const struct play *play);
