/* A run of a story, held against what was recorded of the real one: which recorded moment is which
 * of the run's, and which have no counterpart.
 *
 * Phases of timers are in no recording, so a moment may come a little earlier or later: by 15 % of
 * what has passed since the last step, the margin of the incident's own measurements, and at least
 * by 1.5 s, a second for the clock of charon and half of one for TCP. */
#pragma once

#include "sim/sim.h"

struct departure {
    const struct network_recorded *recorded; /* NULL: the run has it, the recording has not */
    const struct moment *moment;             /* NULL: the run has it not */
    bool departs;
};

struct departures {
    struct departure *items; /* in the order of time */
    size_t count;
    size_t alike;      /* recorded moments that come as they were */
    size_t departing;  /* all others, and the run's own */
    int64_t apart_us;  /* by how much the alike ones differ, in all */
    int64_t latest_us; /* where the recording ends */
};

/* until_us: how far the run has come; what was recorded later is left out. Borrows the others. */
void departures_find(const struct network *network, const struct world *world,
                     const struct moment *moments, size_t count, int64_t until_us,
                     struct departures *ret_departures);
void departures_done(struct departures *departures);

/* As what it is recorded; NETWORK_SAW_NOTHING: not at all. */
enum network_saw departure_saw(enum moment_kind kind);
/* Of whose session or tunnel a moment is; "": of no kind that is recorded. */
enum { DEPARTURE_NAME_BYTES = 160 };
void departure_name(const struct world *world, const struct moment *moment,
                    char out[DEPARTURE_NAME_BYTES]);
