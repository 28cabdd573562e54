/* Tunnels whose own packets were seen to go into a tunnel. What such a finding is called follows
 * from the mechanism (check/family.h); the page docs/findings/tunnel-recursion.md says what they
 * have in common. */
#pragma once

#include "check/evidence.h"

/* Adds a finding for each tunnel of the finished run that was ever swallowed. Runs the same network
 * with the same seed once more, to look at each of them at its moment; on the way, marks what must
 * stay reachable. agrees: another start order ends in the same way. */
void recursion_find(struct check *check, const struct run *run, bool agrees);

/* Adds the finding of one swallowed tunnel, with its name, but for its level and period. run: a
 * finished run; now: the same at the moment of swallowing. NULL: its packets go into no tunnel
 * then. */
struct check_finding *recursion_say(struct check *check, const struct run *run,
                                    const struct run *now, int tunnel);

/* The tunnel swallowed first of those that come after (at_us, tunnel), and when; WORLD_NONE: no
 * more. */
int recursion_next(const struct run *run, int64_t at_us, int tunnel, int64_t *ret_at_us);
