/* What a table says of itself: its canonical digest, its size, and whether every count and link is
 * what a recount finds. */
#include "table/choice.h"

static void digest_route(struct digest *digest, const struct table_route *route)
{
    digest_u64(digest, (uint64_t)route->gateway << 32 | route->metric);
    digest_six(digest, ip_is_six(route->gateway), route->gateway);
    digest_u64(digest, (uint64_t)route->tag << 32 | (uint32_t)route->interface << 16 |
                           (uint32_t)route->source << 8 | route->distance);
    digest_u64(digest, route->flags);
}

/* The chosen one by its place: 1 is the first, 0 none. */
static void digest_node(const struct table *table, uint32_t handle, struct digest *digest)
{
    const struct table_node *node = table_node_get(table, handle);
    uint64_t count = 0, chosen = 0;
    digest_prefix(digest, node->prefix);
    for (uint32_t at = node->first; at; at = table_item_get(table, at)->next) {
        count++;
        if (at == node->chosen)
            chosen = count;
        digest_route(digest, &table_item_get(table, at)->route);
    }
    digest_u64(digest, count << 32 | chosen);
    digest_u64(digest, (uint64_t)node->way.gateway << 32 | (uint32_t)node->way.interface << 8 |
                           node->way.kind);
    digest_six(digest, ip_is_six(node->way.gateway), node->way.gateway);
}

void table_digest(const struct table *table, struct digest *digest)
{
    struct prefix prefix;
    uint32_t handle;
    for (const struct prefix *last = NULL; lpm_next(&table->prefixes, last, &prefix, &handle);
         last = &prefix)
        if (table_node_get(table, handle)->first)
            digest_node(table, handle, digest);
    digest_u64(digest, table->down_count);
    for (uint32_t i = 0; i < table->down_count; i++)
        digest_u64(digest, table->down[i]);
}

size_t table_size_bytes(const struct table *table)
{
    return lpm_size_bytes(&table->prefixes) + lpm_size_bytes(&table->hops) +
           pool_size_bytes(&table->nodes) + pool_size_bytes(&table->candidates) +
           pool_size_bytes(&table->hop_pool) + table->down_cap * sizeof *table->down;
}

/* What a recount finds. */
struct recount {
    uint32_t nodes, routes, items, hop_items, dirty, changed, transit;
};

/* Candidates in order, each pointing back, the chosen one among them and, at rest, rightly so. */
static bool node_holds(const struct table *table, uint32_t handle, struct recount *count)
{
    const struct table_node *node = table_node_get(table, handle);
    bool chosen_seen = node->chosen == 0;
    const struct table_item *previous = NULL;
    for (uint32_t at = node->first; at; at = previous->next) {
        const struct table_item *item = table_item_get(table, at);
        if (item->node != handle)
            return false;
        if (previous && table_compare(table, &previous->route, &item->route) > 0)
            return false;
        chosen_seen |= at == node->chosen;
        count->items++;
        count->hop_items += item->hop != 0;
        previous = item;
    }
    count->nodes++;
    count->routes += node->chosen != 0;
    count->dirty += (node->flags & NODE_DIRTY) != 0;
    count->changed += (node->flags & NODE_CHANGED) != 0;
    count->transit += (node->flags & NODE_TRANSIT) != 0;
    if (!chosen_seen || (node->way.kind == TABLE_NOWHERE) != (node->chosen == 0))
        return false;
    if (table->hops_stale || (node->flags & NODE_DIRTY))
        return true;
    struct table_way way;
    return table_choose(table, handle, &way) == node->chosen && way.kind == node->way.kind &&
           way.gateway == node->way.gateway && way.interface == node->way.interface;
}

/* The hop's users are as many as say so, and a fresh search finds what it remembers. */
static bool hop_holds(const struct table *table, uint32_t handle, struct recount *count)
{
    const struct table_hop *hop = table_hop_get(table, handle);
    uint32_t previous = 0;
    for (uint32_t at = hop->first; at; at = table_item_get(table, at)->hop_next) {
        const struct table_item *item = table_item_get(table, at);
        if (item->hop != handle || item->hop_previous != previous ||
            item->route.gateway != hop->addr)
            return false;
        count->hop_items--;
        previous = at;
    }
    if (table->hops_stale)
        return hop->first != 0;
    struct table_search search = {.table = table};
    struct table_found found = table_search_hop(&search, hop->addr);
    return hop->first != 0 && found.reason == hop->found.reason &&
           found.way.kind == hop->found.way.kind && found.way.gateway == hop->found.way.gateway &&
           found.way.interface == hop->found.way.interface;
}

static bool lists_hold(const struct table *table, const struct recount *count)
{
    uint32_t dirty = 0, changed = 0, transit = 0;
    for (uint32_t at = table->dirty_first; at; at = table_node_get(table, at)->dirty_next)
        dirty++;
    for (uint32_t at = table->changed_first; at; at = table_node_get(table, at)->changed_next)
        changed++;
    for (uint32_t at = table->transit_first; at; at = table_node_get(table, at)->transit_next)
        transit++;
    return dirty == count->dirty && dirty == table->dirty_count && changed == count->changed &&
           transit == count->transit;
}

bool table_holds(const struct table *table)
{
    struct recount count = {0};
    struct prefix prefix;
    uint32_t handle;
    for (const struct prefix *last = NULL; lpm_next(&table->prefixes, last, &prefix, &handle);
         last = &prefix)
        if (!node_holds(table, handle, &count))
            return false;
    for (const struct prefix *last = NULL; lpm_next(&table->hops, last, &prefix, &handle);
         last = &prefix)
        if (!hop_holds(table, handle, &count))
            return false;
    for (uint32_t i = 1; i < table->down_count; i++)
        if (table->down[i - 1] >= table->down[i])
            return false;
    return count.hop_items == 0 && count.nodes == table->nodes.used_count &&
           count.items == table->candidates.used_count && count.routes == table->route_count &&
           table->hops.count == table->hop_pool.used_count && lists_hold(table, &count);
}
