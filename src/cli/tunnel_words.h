/* How a tunnel is at an end, in words that a simulated run and a lab's share. */
#pragma once

#include "base/text.h"
#include "world/world.h"

enum tunnel_being {
    BEING_UP,
    BEING_SWALLOWED, /* IPsec stands at both ends, and its packets go into a tunnel */
    BEING_DOWN,
};

struct tunnel_sight {
    enum tunnel_being being;
    int into;          /* which tunnel swallows it */
    int64_t period_us; /* it goes round with; 0: it does not */
};

const char *tunnel_being_word(enum tunnel_being being); /* "swallowed" */

/* "vpn-a/1 is up", "vpn-a/1 swallows itself", "vpn-a/1 is swallowed by vpn-b/1", "vpn-a/1 is down",
 * "vpn-a/1 goes down and comes back, every 78.2 s". */
void text_tunnel_sight(struct text *text, const struct world *world, int tunnel,
                       const struct tunnel_sight *state);
