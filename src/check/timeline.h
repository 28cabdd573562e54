/* What the operator sees, and when: the moments of a run that concern one tunnel, from what caused
 * the trouble to the point where it begins anew. */
#pragma once

#include "check/evidence.h"

/* Of the run's moments, those from the cause of the swallowing at at_us on, into the finding's
 * timeline, times counted from the cause: the story's announcement, else its latest step, else the
 * swallowing itself. */
void timeline_say(struct check *check, const struct run *run, const struct evidence *evidence,
                  int64_t at_us, struct check_finding *finding);
