/* What happened last: the engine's notes with the time of day, the newest RECENT_CAP of them. */
#pragma once

#include "engine/engine.h"

enum { RECENT_CAP = 4096 };

struct recent_note {
    uint64_t number; /* from 1 */
    int64_t wall_us; /* since 1970 */
    struct effect_note note;
};

struct recent {
    struct recent_note *notes; /* RECENT_CAP of them, a ring */
    uint64_t last;             /* number of the newest; 0: there is none */
    uint64_t counts[NOTE_COUNT];
};

void recent_init(struct recent *recent);
void recent_done(struct recent *recent);
const struct recent_note *recent_add(struct recent *recent, const struct effect_note *note,
                                     int64_t wall_us);
/* The first with a number above `after` that is still there; NULL: none. */
const struct recent_note *recent_after(const struct recent *recent, uint64_t after);
