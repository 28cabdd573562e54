/* The picture of a finding: the route's way to the router, and the packets' way round in it. */
#pragma once

#include "check/check.h"
#include "explain/screen.h"

/* Nothing when the finding has no loop. Where the picture would be wider than the screen, or where
 * the route came by none of the ways that can be drawn, the hops are listed. */
void draw_loop(const struct screen *screen, const struct check_finding *finding, unsigned margin);
