/* How a candidate is preferred and when it is eligible, in zebra's words (FRR 8.4 zebra_rib.c,
 * rib_choose_best, and zebra_nhg.c, nexthop_active):
 *
 *   order    1. the router's own address     2. connected     3. lower distance
 *            4. lower metric                 5. the older
 *   by the kernel's metric instead: 1., then lower metric, lower distance, the older
 *
 *   next hop 1. the longest prefix that holds it and has an eligible candidate; on the way up:
 *            2. the prefix being resolved itself: not resolved (a host route looks past itself)
 *            3. the default, where the platform does not resolve by it: not resolved
 *            4. reached on a link: resolved; through a next hop: from 1. for that one
 */
#include "table/choice.h"

#include <assert.h>

/* The router's own addresses, then (zebra only) connected prefixes, then what is compared. */
static int rank_of(const struct table *table, const struct table_route *route)
{
    if (route->source == ROUTE_LOCAL)
        return 0;
    return route->source == ROUTE_CONNECTED && table->profile->order == TABLE_BY_DISTANCE ? 1 : 2;
}

static int compare_u32(uint32_t left, uint32_t right)
{
    return (left > right) - (left < right);
}

int table_compare(const struct table *table, const struct table_route *left,
                  const struct table_route *right)
{
    int by_rank = rank_of(table, left) - rank_of(table, right);
    if (by_rank != 0)
        return by_rank;
    int by_distance = compare_u32(left->distance, right->distance);
    int by_metric = compare_u32(left->metric, right->metric);
    if (table->profile->order == TABLE_BY_METRIC)
        return by_metric != 0 ? by_metric : by_distance;
    return by_distance != 0 ? by_distance : by_metric;
}

static struct table_found not_found(enum table_reason reason)
{
    return (struct table_found){.reason = (uint8_t)reason};
}

static struct table_found found(enum table_way_kind kind, uint16_t interface, ip_addr gateway)
{
    return (struct table_found){.way = {gateway, interface, (uint8_t)kind},
                                .reason = TABLE_CHOSEN,
                                .on_link = kind == TABLE_OUT && gateway == 0};
}

/* A candidate that names where it leaves, or that leaves nowhere, needs no search. */
static struct table_found judge_direct(const struct table *table, const struct table_route *route)
{
    if (route->flags & ROUTE_DISCARD)
        return found(TABLE_DROP, 0, 0);
    if (route->source == ROUTE_LOCAL)
        return found(TABLE_HERE, 0, 0);
    if (route->interface == 0)
        return not_found(TABLE_UNRESOLVED);
    if (!table_interface_up(table, route->interface))
        return not_found(TABLE_INTERFACE_DOWN);
    return found(TABLE_OUT, route->interface, route->gateway);
}

/* What the hop's way is worth to this candidate. */
static struct table_found judge_found(struct table_found hop, const struct table_route *route)
{
    if (hop.reason == TABLE_CHOSEN && (route->flags & ROUTE_ON_LINK_ONLY) && !hop.on_link)
        return not_found(TABLE_OFF_LINK);
    hop.on_link = false;
    return hop;
}

static bool in_chain(const struct table_search *search, uint32_t node)
{
    for (uint32_t i = 0; i < search->depth; i++)
        if (search->chain[i] == node)
            return true;
    return false;
}

/* The first eligible candidate of a node that a search came by. */
static uint32_t search_choose(struct table_search *search, uint32_t handle,
                              struct table_found *ret_found)
{
    const struct table *table = search->table;
    for (uint32_t at = table_node_get(table, handle)->first; at;) {
        const struct table_item *item = table_item_get(table, at);
        if (item->hop) {
            search->chain[search->depth++] = handle;
            *ret_found = judge_found(table_search_hop(search, item->route.gateway), &item->route);
            search->depth--;
        } else {
            *ret_found = judge_direct(table, &item->route);
        }
        if (ret_found->reason == TABLE_CHOSEN)
            return at;
        at = item->next;
    }
    return 0;
}

/* Rules 2 and 3, and the bounds, for a node that holds the next hop. TABLE_CHOSEN: go on. */
static enum table_reason may_resolve_by(struct table_search *search, uint32_t handle)
{
    if (search->visit)
        search->visit(search->ctx, handle);
    if (in_chain(search, handle))
        return TABLE_RECURSIVE;
    if (table_node_get(search->table, handle)->prefix.len == 0 &&
        !search->table->profile->resolves_via_default)
        return TABLE_UNRESOLVED;
    if (search->visits++ >= TABLE_VISIT_MAX)
        return TABLE_DEEP;
    return TABLE_CHOSEN;
}

/* A host route's next hop may be the host itself, on a link that a shorter prefix knows. */
static bool looks_past(const struct table_search *search, uint32_t handle)
{
    return search->depth > 0 && search->chain[search->depth - 1] == handle &&
           prefix_is_host(table_node_get(search->table, handle)->prefix);
}

/* What a next hop is worth once the prefix that holds it has a way. */
static struct table_found resolved_by(struct table_found through, ip_addr addr)
{
    if (through.way.kind == TABLE_HERE) /* a router is no next hop of its own */
        return not_found(TABLE_UNRESOLVED);
    if (through.on_link)
        through.way.gateway = addr;
    return through;
}

struct table_found table_search_hop(struct table_search *search, ip_addr addr)
{
    const struct table *table = search->table;
    if (search->hop_depth >= TABLE_DEPTH_MAX)
        return not_found(TABLE_DEEP);
    search->hop_depth++;
    struct table_found result = not_found(TABLE_UNRESOLVED);
    for (int max_len = ip_bits(ip_is_six(addr)); max_len >= 0;) {
        struct prefix prefix;
        uint32_t handle = lpm_match(&table->prefixes, addr, (uint8_t)max_len, &prefix);
        if (!handle)
            break;
        max_len = prefix.len - 1;
        if (table_node_get(table, handle)->first == 0 || looks_past(search, handle))
            continue; /* a node without candidates only waits to be told of */
        enum table_reason reason = may_resolve_by(search, handle);
        if (reason != TABLE_CHOSEN) {
            result = not_found(reason);
            break;
        }
        struct table_found through = not_found(TABLE_UNRESOLVED);
        if (search_choose(search, handle, &through)) {
            result = resolved_by(through, addr);
            break;
        }
        /* should nothing wider lead there: a knot says more than that nothing does */
        if (through.reason == TABLE_RECURSIVE || through.reason == TABLE_DEEP)
            result = through;
    }
    search->hop_depth--;
    return result;
}

struct table_found table_judge(const struct table *table, uint32_t node, uint32_t item_handle)
{
    const struct table_item *item = table_item_get(table, item_handle);
    if (!item->hop)
        return judge_direct(table, &item->route);
    if (!(table_node_get(table, node)->flags & NODE_TRANSIT))
        return judge_found(table_hop_get(table, item->hop)->found, &item->route);
    struct table_search search = {.table = table, .chain = {node}, .depth = 1};
    return judge_found(table_search_hop(&search, item->route.gateway), &item->route);
}

uint32_t table_choose(const struct table *table, uint32_t node, struct table_way *ret_way)
{
    for (uint32_t at = table_node_get(table, node)->first; at;
         at = table_item_get(table, at)->next) {
        struct table_found judged = table_judge(table, node, at);
        if (judged.reason == TABLE_CHOSEN) {
            *ret_way = judged.way;
            return at;
        }
    }
    *ret_way = (struct table_way){.kind = TABLE_NOWHERE};
    return 0;
}
