/* A remedy as lines to paste, in the words of the platform that is to be changed. */
#pragma once

#include "check/parts.h"

/* Fills where, platform, change, note, steps and lines from the kind and the changes, of which
 * those at one place stand together. */
void lines_say(struct check *check, struct check_remedy *remedy);
