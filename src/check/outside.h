/* Announced prefixes that cover the outside addresses of customer gateways: what a gateway's own
 * packets are sent to (T07), the announcer's own among them (T08). */
#pragma once

#include "check/parts.h"
#include "check/run.h"

/* Where a finding of a tunnel speaks of the same prefix already, it gets the name under `also`. A
 * finding of its own, else: one for a gateway and prefix. Asks the finished run. */
void outside_find(struct check *check, const struct run *run);
