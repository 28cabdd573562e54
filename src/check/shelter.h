/* What keeps a tunnel from swallowing itself where the condition is met: somebody announces to the
 * gateway a prefix that covers the tunnel's outside address, and yet nothing happens. Sought in the
 * order in which a route travels: the gateway's export, the router's import, its table. */
#pragma once

#include "check/evidence.h"

/* Adds a finding, `protected` or `latent`, for a tunnel that has never been swallowed; nothing when
 * nobody announces such a prefix. Asks the world as it stands. */
void shelter_find(struct check *check, const struct world *world, int tunnel);

/* Of the findings from this index on: two connections, each of which would go through the other. */
void shelter_pair(struct check *check, size_t from);
