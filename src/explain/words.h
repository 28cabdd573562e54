/* Values as words: spans, ages, AS paths. */
#pragma once

#include "world/world.h"

/* "78.2 s", "78 s", "500 ms", from an hour on "3 h 10 min". */
void text_span(struct text *text, int64_t us);

/* As `show ip route` has it: 00:00:58, 1d02h03m, 2w3d04h. */
void text_age(struct text *text, int64_t us);

/* "10124 65001"; nothing for an empty path. A set stands in braces, as in `show ip bgp`. */
void text_as_path(struct text *text, const struct rib *rib, struct attr_id attr);
