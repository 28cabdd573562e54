/* Who can reach whom: what a remedy must not lose.
 *
 * The pairs are the file's `wanted` where it has them, otherwise all pairs of ends: every instance,
 * and behind every router one address of each network that it announces or has as its LAN. A pair
 * is reached when a packet arrives at its right place in both directions; where an end is an
 * address that nobody in the file owns, in the one direction that can be asked.
 *
 * With traffic said, security groups and network ACLs are asked, too: what is sent must arrive, and
 * its answer, and unless only `from` asks, the same the other way round. Without, only routes
 * count: so it is for remedies, which change nothing but routes (docs/decisions/0010).
 *
 * A pair is wanted when it was reached at a moment at which all was well (reach_mark).
 *
 * Linear cost in a region: of more than REACH_ENDS_MAX ends every n-th is looked at. */
#pragma once

#include "world/forward.h"

#include "network/network.h"

enum { REACH_ENDS_MAX = 64 };

struct reach_end {
    int node; /* WORLD_NONE: an address that nobody owns */
    ip_addr addr;
};

struct reach_pair {
    struct reach_end from, to;
    struct traffic traffic; /* protocol 0: routes alone count */
    bool from_asks;         /* and `to` only answers */
    bool wanted;
};

struct reach {
    struct reach_pair *pairs; /* malloc'd */
    size_t pair_count;
    size_t end_count;   /* looked at */
    size_t ends_in_all; /* that there are */
    bool by_file;       /* the pairs are the file's */
};

/* Indices of nodes are the world's; a copy of the network with routes or filters changed builds a
 * world with the same ones. */
void reach_init(struct reach *reach, const struct network *network, const struct world *world);
void reach_done(struct reach *reach);
void reach_copy(const struct reach *reach, struct reach *ret_copy);

/* What a name or an address stands for as an end: an instance itself, behind a router the first
 * address of what it announces or has as its LAN, an address with whoever has it. ref is an
 * instance, a router or an address. */
struct reach_end reach_end_of(const struct network *network, const struct world *world,
                              const struct network_ref *ref);
/* Ends of different families: one that may move (who was named and not numbered) becomes its node's
 * first end of the other's, where it has one. */
void reach_meet(const struct network *network, const struct world *world, bool may_move[2],
                struct reach_end *from, struct reach_end *to);

/* All pairs of ends, whatever the file wants. */
void reach_init_all(struct reach *reach, const struct network *network, const struct world *world);
/* Pairs of one end with all others. */
void reach_init_from(struct reach *reach, const struct network *network, const struct world *world,
                     struct reach_end from);

/* Does a packet get there? false: nobody can send it. */
bool reach_arrives(const struct world *world, struct reach_end from, struct reach_end to,
                   struct traffic traffic);
/* Does a packet get there, and its answer back, in the world as it stands? */
bool reach_is_reached(const struct world *world, const struct reach_pair *pair);

/* All is well in the world as it stands: what is reached now is wanted from now on. */
void reach_mark(struct reach *reach, const struct world *world);
/* No moment is known at which all was well: then the file's own pairs are wanted all the same. */
void reach_mark_said(struct reach *reach);

/* The first wanted pair that is not reached; NULL: none is lost. */
const struct reach_pair *reach_lost(const struct reach *reach, const struct world *world);

/* The next one behind `after`; NULL: from the beginning, and in the end. */
const struct reach_pair *reach_lost_next(const struct reach *reach, const struct world *world,
                                         const struct reach_pair *after);

/* The first pair, wanted or not, that is reached in one of the worlds and not in the other. */
const struct reach_pair *reach_differs(const struct reach *reach, const struct world *left,
                                       const struct world *right);

size_t reach_wanted_count(const struct reach *reach);
