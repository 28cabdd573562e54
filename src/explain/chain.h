/* A prefix on its way to one table: everybody who could bring it there, back to whoever has it, and
 * for each where it stopped and by which rule. The answers are the tables', the RIB's and, of what
 * a speaker tells, the engine's own; neighbors that have nothing to bring are only counted. */
#pragma once

#include "explain/json.h"
#include "explain/screen.h"
#include "explain/view.h"

enum { CHAIN_PLACE_BYTES = 160, CHAIN_WHAT_BYTES = 256, CHAIN_LINES_MAX = 1000 };

struct chain_line {
    unsigned depth; /* tables between here and the one that was asked about */
    char place[CHAIN_PLACE_BYTES];
    char what[CHAIN_WHAT_BYTES]; /* "static, igw-branch", "dxvif-1 from dx-edge" */
    const char *why;             /* name of the reason; NULL: it did not stop here */
    const char *sentence;        /* of the reason; NULL: `what` says it all */
    const char *reference;       /* may be empty */
};

struct chain {
    struct prefix prefix;
    struct view view;
    struct chain_line *lines; /* what brings it first stands first; depth first */
    size_t count, cap;
    bool there; /* the table uses it */
};

void chain_take(const struct world *world, struct prefix prefix, const struct view *view,
                struct chain *ret_chain);
void chain_done(struct chain *chain);

void chain_render(const struct chain *chain, const struct screen *screen);
/* [{"place", "depth", "what", "why"}] */
json_t *chain_json(const struct chain *chain);
