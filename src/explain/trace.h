/* The way of a packet, table by table, as text and for a machine. What forward() recorded is told
 * as it is, with what else each table had; only a circle is not told for ever: two rounds of it
 * are, and how many followed. */
#pragma once

#include "explain/json.h"
#include "explain/losers.h"
#include "explain/screen.h"

enum { TRACE_LOSERS_SHOWN = 5 }; /* of one table, as text */

struct trace_line {
    struct hop hop;
    unsigned number; /* of the hop, from 1; 0: it has none */
    char *place;     /* node, route table, tunnel */
    char *what;
    char *note; /* by what; may be empty */
    struct losers losers;
};

struct trace {
    struct trace_line *lines;
    size_t count, cap;
    char *end; /* "delivered", "lost at vyatta: the node's table has no entry for the address" */
    bool arrived;
    enum drop drop;    /* where it did not */
    const char *where; /* node where it ended; NULL: it never began */
};

/* The world as it stood when the path was taken. */
void trace_take(const struct world *world, const struct path *path, struct trace *ret_trace);
void trace_done(struct trace *trace);

/* The hops, and where it was lost. */
void trace_render(const struct trace *trace, const struct screen *screen, unsigned indent);
/* {"arrives", "at", "drop", "hops": [...]} */
json_t *trace_json(const struct world *world, const struct trace *trace);

const char *hop_kind_name(enum hop_kind kind); /* "kernel" */
