/* A region taken apart (network/split.h) and asked part by part, side by side.
 *
 * What shares no gateway, router or peering has nothing to do with each other: each part has an
 * answer of its own, as if it were alone in its file, and the answer about the region is theirs put
 * together. So the cost of a region is that of its parts, and no remedy of one part is ever run
 * with the others.
 *
 * The parts go to as many threads as there are processors, and each thread takes the next part when
 * it has done one. What is put together is in the order of the file, whoever was done first: the
 * answer is the same for any number of threads. Nothing is shared by them but the network, which is
 * only read, and the count under the lock. Whoever looks on is told by the thread that asks the
 * question.
 *
 * What concerns the region as a whole is left out of the parts' answers and said here: a Region's
 * quota, and the assumptions that name routers and platforms. */
#pragma once

#include "check/parts.h"

/* Answers for the parts in check->parts, of which there are several. false: no memory. */
bool region_answer(struct check *check) __attribute__((warn_unused_result));

/* A part has run a network: counted for the region, and told to whom it concerns. */
void region_counted(struct check *part, const char *doing);
