/* Two defaults by BGP, the provider's and the tunnel's: which of them best path takes at a router,
 * at which step, and by how much. What stands today by one AS hop falls with the next change of an
 * upstream provider's (T05). */
#pragma once

#include "check/evidence.h"

struct margin {
    bool provider_wins;
    enum reason step;  /* at which the other lost */
    uint32_t provider; /* what that step compares, where it is a number; else 0 */
    uint32_t tunnel;
    uint16_t neighbor; /* the provider, in the router's engine */
};

/* Of the provider's path for the prefix and the tunnels' best one; false: one of the two is not
 * there, or was refused. */
bool margin_take(const struct world *world, int router, struct prefix prefix,
                 struct margin *ret_margin);

/* "AS path of 1 against 2: one AS hop", the provider's figure first. */
const char *margin_say(struct check *check, const struct margin *margin);

/* The provider's route as `show ip route` would have it. */
const char *margin_say_route(struct check *check, const struct world *world, int router,
                             struct prefix prefix, const struct margin *margin);
