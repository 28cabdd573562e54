/* What a table had besides the line that decided about a packet: every other route that holds the
 * address, and why none of them was taken. Asked of the functions that decided: the VPC's, the
 * router's table, the RIB. */
#pragma once

#include "world/forward.h"

enum { LOSER_ROUTE_BYTES = 192 };
#define LOSER_LENGTH "length" /* why: a longer prefix was there */

struct loser {
    struct prefix prefix;
    char route[LOSER_ROUTE_BYTES]; /* "vgw-main, propagated"; without the prefix */
    const char *why;               /* name of the reason */
    const char *sentence;
};

struct losers {
    struct loser *items; /* the longest prefix first, then in the table's order of preference */
    size_t count, cap;
};

/* Of a hop that asked a table (HOP_KERNEL, HOP_VPC, HOP_LOCAL, HOP_MISS); nothing for others. The
 * world as it stood when the hop was made. */
void losers_take(const struct world *world, const struct hop *hop, struct losers *ret_losers);
void losers_done(struct losers *losers);
