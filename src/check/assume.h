/* What an answer rests on that the file does not say. */
#pragma once

#include "check/parts.h"
#include "world/world.h"

/* Fills check->assumptions, one sentence each, for what the world has in it. */
void assume_say(struct check *check, const struct world *world);
