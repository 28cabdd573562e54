/* A tunnel that is being replaced because somebody asked for it, and when that is done: no end of
 * its former SAs carries it any more. Time is an argument, of one clock. */
#pragma once

#include "plane/orders.h"

enum replacement_state {
    REPLACEMENT_NONE,
    REPLACEMENT_UNDER_WAY,
    REPLACEMENT_DONE,
    REPLACEMENT_FAILED, /* it went down, or time was up */
};

enum {
    REPLACEMENT_US = 60000000,      /* for all of it */
    REPLACEMENT_AGAIN_US = 5000000, /* after that it is asked for again */
};

struct replacement {
    enum replacement_state state;
    bool endpoint; /* the SAs end first, as when AWS replaces an endpoint */
    uint32_t ike, pair;
    int64_t since_us, took_us; /* took_us once it is done */
    int64_t again_us;
};

/* said: how the tunnel is; it is up. */
void replacement_begin(struct replacement *replacement, const struct report_tunnel *said,
                       bool endpoint, int64_t now_us);

/* The tunnel was heard of, or time has passed. true: with this it is over, in state. */
bool replacement_hear(struct replacement *replacement, const struct report_tunnel *said,
                      int64_t now_us);
bool replacement_turn(struct replacement *replacement, int64_t now_us);

/* true: ask for it again. An IKE daemon that is replacing the SA of IKE forgets that it was asked
 * for the pair of ESP; one that is asked twice replaces twice, without a gap. */
bool replacement_again(struct replacement *replacement, int64_t now_us);

/* When to look again; INT64_MAX: nothing is under way. */
int64_t replacement_until(const struct replacement *replacement);

/* "under-way", "done", "failed"; NULL: there was none. */
const char *replacement_word(const struct replacement *replacement);
