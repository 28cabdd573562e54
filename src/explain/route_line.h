/* A route as `show ip route` prints it, for whoever reads that without thinking:
 *
 *     B>* 0.0.0.0/0 [20/0] via 169.254.252.30, vti1, 00:00:01
 *
 * The letter is the source's, > the table's choice, * what the kernel holds. */
#pragma once

#include "world/world.h"

enum route_line_part {
    ROUTE_LINE_PREFIX = 1, /* otherwise the prefix is left out: it stands elsewhere */
    ROUTE_LINE_AGE = 2,    /* how long the kernel has held it */
};

/* The candidate as the table explains it (table_candidate). now_us: of the virtual clock. */
void text_route_line(struct text *text, const struct world *world, int node, struct prefix prefix,
                     const struct table_candidate *candidate, int64_t now_us, unsigned parts);

/* The route that a node's kernel holds for a prefix, as the same line with its prefix and without
 * age; false: it holds none. The candidate is sought in the node's table. */
bool text_installed(struct text *text, const struct world *world, int node, struct prefix prefix);

/* Does the node's kernel hold this candidate? */
bool route_is_installed(const struct world *world, int node, struct prefix prefix,
                        const struct table_candidate *candidate);
