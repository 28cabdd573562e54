/* What a finding is called from one run to the next, so that a baseline, a dashboard or a code
 * review knows it again: four words divided by blanks,
 *
 *     tunnel-recursion vpn-vyatta/1 0.0.0.0/0 dx-edge
 *
 * its kind, its place (the tunnel, or what is to be looked at), the prefix, and the router that
 * announces it; "-" where there is none, commas without blanks where there are several. It holds
 * nothing that a new run, another seed, a line more in the file or another remedy changes. The
 * level is no part of it: the same finding may grow worse. The second finding with the same four
 * words, the gravest first, has " #2" behind them. */
#pragma once

#include "check/parts.h"

/* Names all findings, in the order in which they stand; the texts are the answer's. */
void identity_give(struct check *check);
