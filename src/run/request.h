/* A question at the control socket: one line, a JSON object.
 *
 *     {"ask": "routes", "within": "10.0.0.0/8", "after": 0, "limit": 1000}
 *
 * docs/reference/control.md says what may be asked and what the answers are. */
#pragma once

#include "base/slice.h"
#include "net/ip.h"
#include "plane/plane.h"

enum ask {
    ASK_STATUS,
    ASK_NEIGHBORS,
    ASK_ROUTES,
    ASK_PATHS,
    ASK_LIMITS,
    ASK_EVENTS,
    ASK_JOURNAL,
    ASK_TUNNELS,
    ASK_TELEMETRY,
    ASK_ATTACHMENTS,
    ASK_FIB,
    ASK_REPLACE_TUNNEL, /* the one that is no question */
    ASK_COUNT,
};

enum { REQUEST_LINE_MAX = 4096, REQUEST_ROWS = 1000 };

struct request {
    enum ask ask;
    bool has_prefix;
    struct prefix prefix; /* PATHS: of which; ROUTES "within": this and what it
                             covers; FIB "behind": goes on behind it */
    uint64_t after;       /* ROUTES, EVENTS: goes on behind that number */
    uint32_t limit;       /* rows at most: 1 to REQUEST_ROWS */
    bool outside;         /* REPLACE_TUNNEL: its outside end, as AWS does, and not just its SAs */
    char tunnel[PLANE_NAME_BYTES]; /* REPLACE_TUNNEL: which one */
    bool follow;                   /* EVENTS: new ones are told as they come, a line each */
};

const char *ask_word(enum ask ask);

/* The line without its end. NULL: it is understood; otherwise what is wrong with it, a sentence
 * without full stop. */
const char *request_read(struct slice line, struct request *ret_request);
