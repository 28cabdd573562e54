/* The room's inside: what a table is made of, and the decision itself. The decision only reads:
 * table.c settles with it, and table_candidate explains with it, so that both say the same.
 *
 * A node is a prefix, its candidates hang from it in order of preference, each candidate with a
 * next hop and no interface of its own hangs from that hop as well. */
#pragma once

#include "table/table.h"

enum table_node_flag {
    NODE_DIRTY = 1,   /* to be looked at */
    NODE_CHANGED = 2, /* to be told of */
    NODE_TRANSIT = 4, /* some hop's search came by here */
};

struct table_node {
    struct prefix prefix;
    uint32_t first;         /* candidate, the most preferred */
    uint32_t chosen;        /* candidate; 0: none is eligible */
    struct table_way way;   /* of the chosen one */
    struct table_best told; /* what table_take_change said last */
    uint32_t dirty_next;    /* lists, by handle */
    uint32_t changed_next;
    uint32_t transit_next;
    uint32_t flags; /* enum table_node_flag */
};

struct table_item {
    struct table_route route;
    uint32_t next; /* at the same node */
    uint32_t node;
    uint32_t hop; /* 0: direct */
    uint32_t hop_next, hop_previous;
};

/* What a search for a next hop comes to. */
struct table_found {
    struct table_way way;
    uint8_t reason; /* enum table_reason; TABLE_CHOSEN: resolved */
    bool on_link;   /* by a connected prefix, not through another next hop */
};

struct table_hop {
    ip_addr addr;
    uint32_t first; /* candidate that uses it */
    struct table_found found;
};

static inline struct table_node *table_node_get(const struct table *table, uint32_t handle)
{
    return pool_get(&table->nodes, handle);
}

static inline struct table_item *table_item_get(const struct table *table, uint32_t handle)
{
    return pool_get(&table->candidates, handle);
}

static inline struct table_hop *table_hop_get(const struct table *table, uint32_t handle)
{
    return pool_get(&table->hop_pool, handle);
}

/* < 0: left is preferred; 0: equals, of which the older is. Eligibility aside. */
int table_compare(const struct table *table, const struct table_route *left,
                  const struct table_route *right);

/* One search. The chain is the nodes whose next hops are being resolved, outermost first. */
struct table_search {
    const struct table *table;
    uint32_t chain[TABLE_DEPTH_MAX + 2];
    uint32_t depth; /* of chain */
    uint32_t hop_depth;
    uint32_t visits;
    void (*visit)(void *ctx, uint32_t node); /* called for each node looked at; NULL: nobody asks */
    void *ctx;
};

/* Where a next hop leads, from the candidates alone, as if nothing had been settled. */
struct table_found table_search_hop(struct table_search *search, ip_addr addr);

/* Is this candidate eligible, and what is its way? From what the hops were last found to be, or,
 * where the node lies on some hop's way, by a search of its own. */
struct table_found table_judge(const struct table *table, uint32_t node, uint32_t item);

/* The first eligible candidate of the node; 0: none, and ret_way is TABLE_NOWHERE. */
uint32_t table_choose(const struct table *table, uint32_t node, struct table_way *ret_way);
