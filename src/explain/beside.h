/* Tables side by side, the same prefix on the same line: the picture that nobody has while an
 * incident lasts. Tables that do not fit beside each other stand below each other, each group with
 * its prefixes. */
#pragma once

#include "explain/screen.h"
#include "explain/view.h"

void beside_render(const struct world *world, const struct views *views, int64_t now_us,
                   const struct screen *screen);
