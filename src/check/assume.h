/* What an answer rests on that the file does not say. */
#pragma once

#include "check/parts.h"
#include "world/world.h"

/* Is the router's own table not in the network, so that its default is presumed? */
bool assume_has_no_routes(const struct network *network, const char *router);

/* Fills check->assumptions, one sentence each, for what the world has in it. */
void assume_say(struct check *check, const struct world *world);
