/* What the daemon answers, as JSON; docs/reference/control.md tells every member. Nothing is
 * changed, and each answer looks at a bounded number of things: what is longer comes in pages. */
#pragma once

#include "run/daemon.h"
#include "run/request.h"

#include <jansson.h>

enum {
    ANSWER_RECORDS = 32768, /* looked at for one page of routes */
    ANSWER_LOOKS = 1 << 20, /* at a prefix for a neighbor, to count what is announced: some 30 ms */
};

/* A new reference. */
json_t *answer_take(const struct daemon *daemon, const struct request *request);
/* {"error": "..."} */
json_t *answer_mistake(const char *wrong);
/* One event of `events`. */
json_t *answer_event(const struct daemon *daemon, const struct recent_note *recent);
