/* Do the iteration (check/screen.h) and the timed run say the same of the network? The run decides;
 * where they differ, the answer says so. */
#pragma once

#include "check/parts.h"
#include "check/run.h"

/* run: of the whole network, finished. */
void agree_say(struct check *check, const struct run *run);
