/* A hop at a security group or a network ACL in words: who was asked, what it said, and by which
 * of its rules. */
#pragma once

#include "explain/json.h"
#include "world/forward.h"

/* "sg-app"; of an instance whose groups do not allow it all of them: "sg-app, sg-ssh" */
void text_filter(struct text *text, const struct world *world, const struct hop *hop);
/* "into i-app: allowed", "out of subnet-app: denied" */
void text_filter_verdict(struct text *text, const struct world *world, const struct hop *hop);
/* "rule 100: allow tcp 443 from 10.0.0.0/8", "answers what was let in" */
void text_filter_why(struct text *text, const struct world *world, const struct hop *hop);

/* {"names", "side", "packet", "passed", "remembered", "rule"}; null for other hops */
json_t *filter_json(const struct world *world, const struct hop *hop);
