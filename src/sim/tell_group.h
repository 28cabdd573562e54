/* Which moments say one thing together; for sim/tell.c. */
#pragma once

#include "sim/sim.h"

struct tell_group {
    enum moment_kind kind;
    bool opening;    /* how a tunnel or Direct Connect first came up, in one line */
    int64_t at_us;   /* of the first member; opening: of the last */
    size_t *members; /* moments, ascending */
    size_t count, cap;
    size_t again_of; /* SWALLOWED: the earlier moment whose state it repeats; TELL_NONE */
};

struct tell_groups {
    struct tell_group *items; /* in order of time */
    size_t count, cap;
    /* Of a ROUTE or ROUTE_GONE, the moment before it of its node and prefix; TELL_NONE. */
    size_t *previous;
};

#define TELL_NONE SIZE_MAX

/* whole: nothing is folded into an opening. */
void tell_group_moments(const struct world *world, const struct moment *moments, size_t count,
                        bool whole, struct tell_groups *ret_groups);
void tell_groups_done(struct tell_groups *groups);

/* BGP's, or another's? */
bool tell_is_learned(const struct moment *route);
