/* By which mechanism a tunnel's packets go into a tunnel: the traits (family.h) that the tables
 * show, and what is to be said of them. */
#pragma once

#include "check/evidence.h"
#include "check/family.h"

/* Of a finding with evidence, as the world stands: adds its traits, its margin, next hop and
 * circle. */
void mechanism_say(struct check *check, const struct world *world, struct check_finding *finding);

/* The circle alone, if there is none yet: what takes the packets may be taken itself only later.
 * true: now there is one. */
bool mechanism_look_again(struct check *check, const struct world *world,
                          struct check_finding *finding);

/* Of a prefix that somebody announces and that covers the outside address of the tunnel, told to
 * its router by a gateway: the traits that need no swallowing. */
unsigned mechanism_of_prefix(const struct world *world, int tunnel, int told_by,
                             struct prefix prefix, const struct origin *origin);

/* Does the site announce the range in which its own gateway's outside address lies? That address;
 * 0: it does not. The default and its halves are no ranges. */
ip_addr mechanism_own_range(const struct world *world, int router, struct prefix prefix);
