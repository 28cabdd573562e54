/* What a speaker of BGP tells one neighbor: its Adj-RIB-Out as the engine answers for it. */
#pragma once

#include "explain/view.h"

struct told_route {
    struct prefix prefix;
    enum reason reason; /* REASON_NONE, or what is to be said against it */
};

struct told {
    int node;
    uint16_t neighbor;
    struct told_route *items; /* by prefix */
    size_t count;
};

/* Is the session up? Otherwise nobody is told anything. */
bool tells(const struct world *world, int node, uint16_t neighbor);
/* Empty when the session is down. */
void told_take(const struct world *world, int node, uint16_t neighbor, struct told *ret_told);
void told_sort(struct told *told); /* by prefix */
void told_done(struct told *told);

/* The neighbor by which the far end knows this node; 0: it does not, or is not in the file. */
uint16_t neighbor_back(const struct world *world, int node, uint16_t neighbor);

/* "vgw-main tells vyatta by vpn-vyatta/1" */
void text_telling(struct text *text, const struct world *world, int node, uint16_t neighbor);
