/* Findings that are one and the same story: the two tunnels of a connection that fare alike, and
 * tunnels of many connections that one cause would take in the same way. A screen tells such a
 * story once, of the first of them, and names the others; for machines each has its own entry. */
#pragma once

#include "check/check.h"

/* One cause, one fate, the same cures. Findings with words of their own are never alike. */
bool alike(const struct check_finding *left, const struct check_finding *right);

/* Puts findings that are alike behind the first of them, in their order; the rest keep theirs.
 * scratch: as many. */
void alike_gather(struct check_finding *findings, size_t count, struct check_finding *scratch);
