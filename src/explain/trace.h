/* The way of a packet, hop by hop, as text. What forward() recorded is told as it is; only a circle
 * is not told for ever: two rounds of it are, and how many followed. */
#pragma once

#include "explain/screen.h"
#include "world/forward.h"

struct trace_line {
    unsigned number; /* of the hop, from 1; 0: it has none */
    unsigned depth;  /* in how many tunnels the packet is */
    char *place;     /* node, route table, tunnel */
    char *what;
    char *note; /* by what; may be empty */
};

struct trace {
    struct trace_line *lines;
    size_t count, cap;
    char *end; /* "delivered", "lost at vyatta: the node's table has no entry for the address" */
    bool arrived;
};

/* The world as it stood when the path was taken. */
void trace_take(const struct world *world, const struct path *path, struct trace *ret_trace);
void trace_done(struct trace *trace);

void trace_render(const struct trace *trace, const struct screen *screen, unsigned indent);
