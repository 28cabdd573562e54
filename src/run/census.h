/* What of the routes nobody keeps a count of, counted for --metrics: refused paths by neighbor and
 * reason, exceptions by attachment and reason, what each neighbor is told. All prefixes have to be
 * looked at for that, so a slice of them is in each round: a count is of its own moment, and what
 * changes while it goes on may be in it or not. */
#pragma once

#include "engine/engine.h"

enum {
    CENSUS_LOOKS = 16384,      /* paths and prefixes in a round */
    CENSUS_TOLD_MAX = 1 << 20, /* neighbors times prefixes; above that what they are told is not
                                  counted, which takes as many looks */
};

struct census {
    uint32_t *refused; /* by neighbor and reason */
    uint32_t *held;    /* by attachment and reason */
    uint32_t (*told)[2];
    uint32_t neighbor_count, attachment_count; /* there is room for them, and for 0 */
    bool running;
    bool knows_told;
    uint32_t number;   /* the next prefix's */
    uint16_t neighbor; /* then the next to be told */
    uint64_t looks;    /* of the last count */
};

void census_done(struct census *census);
void census_begin(struct census *census, const struct engine *engine);
/* Goes on for some more than so many looks; true: there is more. */
bool census_go_on(struct census *census, const struct engine *engine, uint32_t most);

/* Of the last count; 0 for who came since. */
uint32_t census_refused(const struct census *census, uint16_t neighbor, enum reason reason);
uint32_t census_held(const struct census *census, uint16_t attachment, enum reason reason);
/* false: not counted. */
bool census_told(const struct census *census, uint16_t neighbor, bool six, uint32_t *ret_count);
