/* A tunnel's cycles, read from its moments one after the other: does it go in a circle?
 *
 * A cycle begins when a tunnel is swallowed for the first time with a new IKE_SA (a second, brief
 * loop inside the old one belongs to the cycle); where IKE has stopped giving up, which several
 * swallowings without a new IKE_SA show, each of them begins one. Each beginning carries the digest
 * of its router's canonical state: kernel table, sessions, IKE at both ends of its tunnels, without
 * uptimes, counters and phases.
 *
 * When three beginnings in a row have the same state and the two cycles between them the same
 * length, it would go on so for ever. Lengths may alternate (whether a brief second session fits in
 * is a matter of tenths of a second): then many cycles that always come back to the same state are
 * a circle, too, and the period is their median.
 *
 * A BGP session can go in a circle while every tunnel stays up: what ended it (a limit, say) ends
 * each new one. Many ends for the same reason, and no tunnel swallowed in between, are one. */
#pragma once

#include "sim/sim.h"

enum {
    CYCLES_EVEN = 2,   /* cycles of one length that are enough */
    CYCLES_UNEVEN = 6, /* cycles of any length that are enough */
    CYCLES_MAX = 24,   /* after so many without a circle a run gives up */
    CYCLES_SESSION = 8,
};

struct beginning {
    int64_t at_us;
    uint64_t state;
};

struct beginnings {
    struct beginning items[CYCLES_MAX + 2]; /* the first ones; more are not kept */
    size_t count;
};

struct cycles {
    struct beginnings with_ike; /* each has a new IKE_SA */
    struct beginnings within;   /* all since the last new IKE_SA */
    bool renewed;               /* a new IKE_SA has not been swallowed yet */
    int64_t last_us;            /* the last swallowing, beginning of a cycle or not; -1: none */
};

void cycles_init(struct cycles *cycles);
/* The next moment of the tunnel; customer is the node of its customer's end. */
void cycles_take(struct cycles *cycles, const struct moment *moment, int customer);

size_t cycles_count(const struct cycles *cycles); /* beginnings */
bool cycles_is_circle(const struct cycles *cycles);
int64_t cycles_period_us(const struct cycles *cycles); /* 0: no circle */

/* The last of these moments is the end of a session. Does it go in a circle, counted from since_us
 * on? */
bool cycles_of_session(const struct moment *moments, size_t count, int64_t since_us);
