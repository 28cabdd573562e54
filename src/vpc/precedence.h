/* The room's inside: what a VPC is made of, and the decision itself, which only reads. vpc.c keeps
 * the structure; both lookups and explanations ask here. */
#pragma once

#include "vpc/vpc.h"

enum vpc_node_flag {
    VPC_NODE_CHANGED = 1, /* to be told of */
    VPC_NODE_TOLD = 2,    /* told is a route that was told */
};

/* A prefix of a table; its entries in order of precedence. */
struct vpc_node {
    struct prefix prefix;
    struct vpc_route told;
    uint32_t first;
    uint32_t changed_next;
    uint16_t table;
    uint16_t flags;
};

struct vpc_entry {
    uint32_t next; /* at the same node */
    struct vpc_target target;
    uint8_t origin;
    bool waiting; /* beyond the limit of propagated routes */
};

struct vpc_table {
    struct lpm prefixes;  /* prefix -> node */
    uint32_t route_count; /* static and prefix list */
    uint32_t propagated_count;
    uint32_t waiting_count;
    uint16_t gateways[VPC_GATEWAY_MAX]; /* that propagate into it; 0: a free place */
};

struct vpc_subnet {
    struct prefix prefix;
    uint16_t table;
};

struct vpc_gateway {
    struct lpm prefixes; /* what it has a best for; value 1 */
    uint16_t id;
};

struct vpc_gone {
    uint32_t next;
    struct vpc_target target;
};

static inline struct vpc_node *vpc_node_get(const struct vpc *vpc, uint32_t handle)
{
    return pool_get(&vpc->nodes, handle);
}

static inline struct vpc_entry *vpc_entry_get(const struct vpc *vpc, uint32_t handle)
{
    return pool_get(&vpc->routes, handle);
}

static inline struct vpc_table *vpc_table_get(const struct vpc *vpc, uint16_t table)
{
    return pool_get(&vpc->tables, table);
}

/* < 0: left comes first; 0 only for the same identity. */
int vpc_compare(const struct vpc_entry *left, const struct vpc_entry *right);

bool vpc_is_local(const struct vpc *vpc, struct prefix prefix); /* inside one of the CIDRs? */
bool vpc_target_present(const struct vpc *vpc, struct vpc_target target);

const struct vpc_peering *vpc_peering_find(const struct vpc *vpc, uint16_t id); /* or NULL */

struct vpc_route vpc_route_of(const struct vpc *vpc, const struct vpc_node *node, uint32_t entry);

/* The first of the node's entries that may be taken; 0: none. */
uint32_t vpc_choose(const struct vpc *vpc, const struct vpc_node *node);
