/* Which changes of a cure cannot be spared? Asked of a run that has just come to rest, cured.
 *
 * A change is taken back in the running network for a moment, as an operator would. Where a tunnel
 * is swallowed then, the change is needed: without it tables in which the cured network rests lead
 * the tunnel's packets astray. Then it is made again, and the network is given time until all is up
 * and at rest once more, if need be until the tunnel was given up and is back; where that does not
 * come, nothing more is asked of this run. It costs what the change moves, and not a run from the
 * beginning.
 *
 * What is not seen to be needed may be or not: that is for a trial. So it is with changes that can
 * not be taken back by an event of their own. */
#pragma once

#include "check/change.h"
#include "check/run.h"

/* run: of the network with the changes, which `original` is without; at rest, with every tunnel up.
 * needed: false for each change. */
void spare_mark(struct run *run, const struct network *original, const struct change *changes,
                size_t count, bool *needed);
