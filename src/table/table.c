/* The table's structure: nodes, candidates and next hops, who must be looked at again, and what is
 * still to be told. The decision is in choice.c. */
#include "table/table.h"
#include "table/choice.h"

#include <assert.h>
#include <string.h>

enum { DOWN_STEP = 16 }; /* places by which the list of interfaces that are down grows */

static const char *const reason_names[] = {
#define TABLE_REASON(id, name, sentence) name,
#include "table/table.def"
#undef TABLE_REASON
};

static const char *const reason_sentences[] = {
#define TABLE_REASON(id, name, sentence) sentence,
#include "table/table.def"
#undef TABLE_REASON
};

const char *table_reason_name(enum table_reason reason)
{
    assert(reason < TABLE_REASON_COUNT);
    return reason_names[reason];
}

const char *table_reason_sentence(enum table_reason reason)
{
    assert(reason < TABLE_REASON_COUNT);
    return reason_sentences[reason];
}

void table_init(struct table *table, const struct platform_profile *profile, struct budget *budget,
                uint32_t chunk_shift)
{
    *table = (struct table){.profile = profile, .budget = budget};
    lpm_init(&table->prefixes, budget, chunk_shift);
    lpm_init(&table->hops, budget, 3);
    pool_init(&table->nodes, budget, sizeof(struct table_node), chunk_shift);
    pool_init(&table->candidates, budget, sizeof(struct table_item), chunk_shift);
    pool_init(&table->hop_pool, budget, sizeof(struct table_hop), 3);
}

void table_done(struct table *table)
{
    lpm_done(&table->prefixes);
    lpm_done(&table->hops);
    pool_done(&table->nodes);
    pool_done(&table->candidates);
    pool_done(&table->hop_pool);
    budget_put(table->budget, table->down, table->down_cap * sizeof *table->down);
    *table = (struct table){.profile = table->profile, .budget = table->budget};
}

static bool same_route(const struct table_route *left, const struct table_route *right)
{
    return left->gateway == right->gateway && left->metric == right->metric &&
           left->tag == right->tag && left->interface == right->interface &&
           left->source == right->source && left->distance == right->distance &&
           left->flags == right->flags;
}

static bool same_way(struct table_way left, struct table_way right)
{
    return left.gateway == right.gateway && left.interface == right.interface &&
           left.kind == right.kind;
}

static struct table_best best_of(const struct table *table, const struct table_node *node)
{
    if (!node->chosen)
        return (struct table_best){.way = {.kind = TABLE_NOWHERE}};
    return (struct table_best){table_item_get(table, node->chosen)->route, node->way};
}

static bool is_told(const struct table *table, const struct table_node *node)
{
    struct table_best best = best_of(table, node);
    return same_way(best.way, node->told.way) && same_route(&best.route, &node->told.route);
}

/* --- who must be looked at, who must be told of */

static void mark_dirty(struct table *table, uint32_t handle)
{
    struct table_node *node = table_node_get(table, handle);
    if (node->flags & NODE_DIRTY)
        return;
    node->flags |= NODE_DIRTY;
    node->dirty_next = 0;
    if (table->dirty_last)
        table_node_get(table, table->dirty_last)->dirty_next = handle;
    else
        table->dirty_first = handle;
    table->dirty_last = handle;
    table->dirty_count++;
}

static uint32_t take_dirty(struct table *table)
{
    uint32_t handle = table->dirty_first;
    struct table_node *node = table_node_get(table, handle);
    table->dirty_first = node->dirty_next;
    if (!table->dirty_first)
        table->dirty_last = 0;
    table->dirty_count--;
    node->flags &= ~(uint32_t)NODE_DIRTY;
    return handle;
}

static void mark_changed(struct table *table, uint32_t handle)
{
    struct table_node *node = table_node_get(table, handle);
    if (node->flags & NODE_CHANGED)
        return;
    node->flags |= NODE_CHANGED;
    node->changed_next = 0;
    if (table->changed_last)
        table_node_get(table, table->changed_last)->changed_next = handle;
    else
        table->changed_first = handle;
    table->changed_last = handle;
}

static uint32_t take_changed(struct table *table)
{
    uint32_t handle = table->changed_first;
    struct table_node *node = table_node_get(table, handle);
    table->changed_first = node->changed_next;
    if (!table->changed_first)
        table->changed_last = 0;
    node->flags &= ~(uint32_t)NODE_CHANGED;
    return handle;
}

/* A candidate or an interface of the node changed. Next hops inside its prefix may lead elsewhere;
 * where there are none, no other prefix is concerned. */
static void touch(struct table *table, uint32_t handle)
{
    mark_dirty(table, handle);
    if (lpm_any_inside(&table->hops, table_node_get(table, handle)->prefix))
        table->hops_stale = true;
}

/* --- nodes and next hops come with their first candidate and go with their last */

static uint32_t obtain_node(struct table *table, struct prefix prefix)
{
    uint32_t handle = lpm_exact(&table->prefixes, prefix);
    if (handle)
        return handle;
    handle = pool_take(&table->nodes);
    if (!handle)
        return 0;
    if (!lpm_set(&table->prefixes, prefix, handle)) {
        pool_give(&table->nodes, handle);
        return 0;
    }
    table_node_get(table, handle)->prefix = prefix;
    return handle;
}

/* A node goes when nobody offers it, nobody was told of it and nobody lists it. */
static void release_node(struct table *table, uint32_t handle)
{
    const struct table_node *node = table_node_get(table, handle);
    if (node->first || node->flags || node->told.way.kind != TABLE_NOWHERE)
        return;
    lpm_remove(&table->prefixes, node->prefix);
    pool_give(&table->nodes, handle);
}

static uint32_t obtain_hop(struct table *table, ip_addr addr)
{
    struct prefix host = prefix_host(addr);
    uint32_t handle = lpm_exact(&table->hops, host);
    if (handle)
        return handle;
    handle = pool_take(&table->hop_pool);
    if (!handle)
        return 0;
    if (!lpm_set(&table->hops, host, handle)) {
        pool_give(&table->hop_pool, handle);
        return 0;
    }
    table_hop_get(table, handle)->addr = addr;
    table->hops_stale = true;
    return handle;
}

static void release_hop(struct table *table, uint32_t handle)
{
    const struct table_hop *hop = table_hop_get(table, handle);
    if (hop->first)
        return;
    lpm_remove(&table->hops, prefix_host(hop->addr));
    pool_give(&table->hop_pool, handle);
    table->hops_stale = true; /* so that the nodes on its way are let go */
}

/* --- a candidate's places */

static uint32_t find_item(const struct table *table, uint32_t node, uint8_t source, uint32_t tag)
{
    for (uint32_t at = table_node_get(table, node)->first; at;) {
        const struct table_item *item = table_item_get(table, at);
        if (item->route.source == source && item->route.tag == tag)
            return at;
        at = item->next;
    }
    return 0;
}

/* After its equals: they are older. */
static void link_item(struct table *table, uint32_t node, uint32_t handle, uint32_t hop_handle)
{
    struct table_item *item = table_item_get(table, handle);
    uint32_t *link = &table_node_get(table, node)->first;
    while (*link && table_compare(table, &table_item_get(table, *link)->route, &item->route) <= 0)
        link = &table_item_get(table, *link)->next;
    item->next = *link;
    *link = handle;
    item->node = node;
    item->hop = hop_handle;
    if (!hop_handle)
        return;
    struct table_hop *hop = table_hop_get(table, hop_handle);
    item->hop_previous = 0;
    item->hop_next = hop->first;
    if (hop->first)
        table_item_get(table, hop->first)->hop_previous = handle;
    hop->first = handle;
}

/* Leaves its next hop in place even when nobody else uses it. */
static void unlink_item(struct table *table, uint32_t handle)
{
    const struct table_item *item = table_item_get(table, handle);
    struct table_node *node = table_node_get(table, item->node);
    uint32_t *link = &node->first;
    while (*link != handle)
        link = &table_item_get(table, *link)->next;
    *link = item->next;
    if (node->chosen == handle) {
        node->chosen = 0;
        node->way = (struct table_way){.kind = TABLE_NOWHERE};
        table->route_count--;
    }
    if (!item->hop)
        return;
    if (item->hop_next)
        table_item_get(table, item->hop_next)->hop_previous = item->hop_previous;
    if (item->hop_previous)
        table_item_get(table, item->hop_previous)->hop_next = item->hop_next;
    else
        table_hop_get(table, item->hop)->first = item->hop_next;
}

static bool needs_hop(const struct table_route *route)
{
    return route->gateway && !route->interface && !(route->flags & ROUTE_DISCARD) &&
           route->source != ROUTE_LOCAL;
}

/* All that can fail, before anything is changed. */
static bool obtain_places(struct table *table, struct prefix prefix,
                          const struct table_route *route, uint32_t *ret_node, uint32_t *ret_hop,
                          uint32_t *ret_item)
{
    uint32_t hop = needs_hop(route) ? obtain_hop(table, route->gateway) : 0;
    uint32_t node = hop || !needs_hop(route) ? obtain_node(table, prefix) : 0;
    uint32_t item = node ? find_item(table, node, route->source, route->tag) : 0;
    if (node && !item)
        item = pool_take(&table->candidates);
    if (!item) {
        if (node)
            release_node(table, node);
        if (hop)
            release_hop(table, hop);
        return false;
    }
    *ret_node = node;
    *ret_hop = hop;
    *ret_item = item;
    return true;
}

bool table_set(struct table *table, struct prefix prefix, const struct table_route *route)
{
    assert(route->source < ROUTE_SOURCE_COUNT);
    uint32_t node, hop, handle;
    if (!obtain_places(table, prefix, route, &node, &hop, &handle))
        return false;
    struct table_item *item = table_item_get(table, handle);
    uint32_t old_hop = item->hop;
    if (item->node) {
        if (same_route(&item->route, route))
            return true;
        unlink_item(table, handle);
    }
    item->route = *route;
    link_item(table, node, handle, hop);
    if (old_hop)
        release_hop(table, old_hop);
    touch(table, node);
    return true;
}

bool table_remove(struct table *table, struct prefix prefix, enum route_source source, uint32_t tag)
{
    uint32_t node = lpm_exact(&table->prefixes, prefix);
    uint32_t handle = node ? find_item(table, node, (uint8_t)source, tag) : 0;
    if (!handle)
        return false;
    uint32_t hop = table_item_get(table, handle)->hop;
    unlink_item(table, handle);
    pool_give(&table->candidates, handle);
    if (hop)
        release_hop(table, hop);
    touch(table, node);
    return true;
}

/* --- interfaces */

/* Where the interface is, or would be, among those that are down. */
static uint32_t down_index(const struct table *table, uint16_t interface)
{
    uint32_t at = 0;
    while (at < table->down_count && table->down[at] < interface)
        at++;
    return at;
}

bool table_interface_up(const struct table *table, uint16_t interface)
{
    uint32_t at = down_index(table, interface);
    return at == table->down_count || table->down[at] != interface;
}

static bool make_room_for_down(struct table *table)
{
    if (table->down_count < table->down_cap)
        return true;
    uint32_t cap = table->down_cap + DOWN_STEP;
    uint16_t *down = budget_get(table->budget, cap * sizeof *down);
    if (!down)
        return false;
    if (table->down_count)
        memcpy(down, table->down, table->down_count * sizeof *down);
    budget_put(table->budget, table->down, table->down_cap * sizeof *down);
    table->down = down;
    table->down_cap = cap;
    return true;
}

static bool leaves_by(const struct table *table, uint32_t node, uint16_t interface)
{
    for (uint32_t at = table_node_get(table, node)->first; at;) {
        const struct table_item *item = table_item_get(table, at);
        if (item->route.interface == interface)
            return true;
        at = item->next;
    }
    return false;
}

bool table_interface(struct table *table, uint16_t interface, bool up)
{
    assert(interface != 0);
    if (table_interface_up(table, interface) == up)
        return true;
    if (!up && !make_room_for_down(table))
        return false;
    uint32_t at = down_index(table, interface);
    uint32_t after = table->down_count - at;
    if (up)
        memmove(table->down + at, table->down + at + 1, (after - 1) * sizeof *table->down);
    else
        memmove(table->down + at + 1, table->down + at, after * sizeof *table->down);
    if (!up)
        table->down[at] = interface;
    table->down_count = up ? table->down_count - 1 : table->down_count + 1;
    struct prefix prefix;
    uint32_t node;
    for (const struct prefix *last = NULL; lpm_next(&table->prefixes, last, &prefix, &node);
         last = &prefix)
        if (leaves_by(table, node, interface))
            touch(table, node);
    return true;
}

/* --- settling */

static void mark_transit(void *ctx, uint32_t handle)
{
    struct table *table = ctx;
    struct table_node *node = table_node_get(table, handle);
    if (node->flags & NODE_TRANSIT)
        return;
    node->flags |= NODE_TRANSIT;
    node->transit_next = table->transit_first;
    table->transit_first = handle;
    mark_dirty(table, handle);
}

static void forget_transit(struct table *table)
{
    while (table->transit_first) {
        uint32_t handle = table->transit_first;
        struct table_node *node = table_node_get(table, handle);
        table->transit_first = node->transit_next;
        node->flags &= ~(uint32_t)NODE_TRANSIT;
        mark_dirty(table, handle);
    }
}

/* Searches for every next hop, in order of address. Whoever uses one that leads elsewhere now is
 * looked at, and so is every node on a hop's way, before or now: its own candidates may lead
 * through itself. */
static void refresh_hops(struct table *table)
{
    forget_transit(table);
    struct prefix host;
    uint32_t handle;
    for (const struct prefix *last = NULL; lpm_next(&table->hops, last, &host, &handle);
         last = &host) {
        struct table_hop *hop = table_hop_get(table, handle);
        struct table_search search = {.table = table, .visit = mark_transit, .ctx = table};
        struct table_found now = table_search_hop(&search, hop->addr);
        if (same_way(now.way, hop->found.way) && now.reason == hop->found.reason &&
            now.on_link == hop->found.on_link)
            continue;
        hop->found = now;
        for (uint32_t at = hop->first; at; at = table_item_get(table, at)->hop_next)
            mark_dirty(table, table_item_get(table, at)->node);
    }
    table->hops_stale = false;
}

static void settle_node(struct table *table, uint32_t handle)
{
    struct table_node *node = table_node_get(table, handle);
    table->route_count -= node->chosen != 0;
    node->chosen = table_choose(table, handle, &node->way);
    table->route_count += node->chosen != 0;
    if (!is_told(table, node))
        mark_changed(table, handle);
    release_node(table, handle);
}

uint32_t table_settle(struct table *table, uint32_t node_limit)
{
    assert(node_limit > 0);
    if (table->hops_stale)
        refresh_hops(table);
    while (table->dirty_first && node_limit--)
        settle_node(table, take_dirty(table));
    return table->dirty_count;
}

bool table_take_change(struct table *table, struct table_change *ret_change)
{
    while (table->changed_first) {
        uint32_t handle = take_changed(table);
        struct table_node *node = table_node_get(table, handle);
        /* a node to be looked at again is told of after that, if there is a difference then */
        if (node->flags & NODE_DIRTY)
            continue;
        bool told = is_told(table, node);
        struct table_best now = best_of(table, node);
        if (!told)
            *ret_change = (struct table_change){node->prefix, node->told, now};
        node->told = now;
        release_node(table, handle);
        if (!told)
            return true;
    }
    return false;
}

/* --- asking */

bool table_match(const struct table *table, ip_addr addr, struct prefix *ret_prefix,
                 struct table_best *ret_best)
{
    for (int max_len = ip_bits(ip_is_six(addr)); max_len >= 0;) {
        struct prefix prefix;
        uint32_t handle = lpm_match(&table->prefixes, addr, (uint8_t)max_len, &prefix);
        if (!handle)
            return false;
        const struct table_node *node = table_node_get(table, handle);
        if (node->chosen) {
            *ret_prefix = prefix;
            *ret_best = best_of(table, node);
            return true;
        }
        max_len = prefix.len - 1;
    }
    return false;
}

bool table_find(const struct table *table, struct prefix prefix, struct table_best *ret_best)
{
    uint32_t handle = lpm_exact(&table->prefixes, prefix);
    if (!handle || !table_node_get(table, handle)->chosen)
        return false;
    *ret_best = best_of(table, table_node_get(table, handle));
    return true;
}

bool table_next(const struct table *table, const struct prefix *at, struct prefix *ret_prefix)
{
    struct prefix prefix;
    for (uint32_t handle; lpm_next(&table->prefixes, at, &prefix, &handle); at = &prefix) {
        if (table_node_get(table, handle)->first) {
            *ret_prefix = prefix;
            return true;
        }
    }
    return false;
}

/* Why an eligible candidate stands behind the chosen one: the first comparison that differs. */
static enum table_reason why_behind(const struct table *table, const struct table_route *chosen,
                                    const struct table_route *loser)
{
    bool by_metric = table->profile->order == TABLE_BY_METRIC;
    if (chosen->source == ROUTE_LOCAL && loser->source != ROUTE_LOCAL)
        return TABLE_LOST_LOCAL;
    if (!by_metric && chosen->source == ROUTE_CONNECTED && loser->source != ROUTE_CONNECTED)
        return TABLE_LOST_CONNECTED;
    if (by_metric && chosen->metric != loser->metric)
        return TABLE_LOST_METRIC;
    if (chosen->distance != loser->distance)
        return TABLE_LOST_DISTANCE;
    return chosen->metric != loser->metric ? TABLE_LOST_METRIC : TABLE_LOST_AGE;
}

bool table_candidate(const struct table *table, struct prefix prefix, uint32_t index,
                     struct table_candidate *ret_candidate)
{
    uint32_t node = lpm_exact(&table->prefixes, prefix);
    uint32_t at = node ? table_node_get(table, node)->first : 0;
    for (; at && index > 0; index--)
        at = table_item_get(table, at)->next;
    if (!at)
        return false;
    struct table_way way;
    uint32_t chosen = table_choose(table, node, &way);
    struct table_found judged = table_judge(table, node, at);
    const struct table_route *route = &table_item_get(table, at)->route;
    if (judged.reason == TABLE_CHOSEN && chosen != at)
        judged.reason = (uint8_t)why_behind(table, &table_item_get(table, chosen)->route, route);
    *ret_candidate = (struct table_candidate){*route, judged.way, (enum table_reason)judged.reason};
    return true;
}

uint32_t table_chain(const struct table *table, ip_addr addr, struct prefix *prefixes, uint32_t cap,
                     struct table_way *ret_way)
{
    struct table_search search = {.table = table};
    *ret_way = table_search_hop(&search, addr).way;
    uint32_t count = 0;
    struct prefix prefix;
    struct table_best best;
    while (count < cap && table_match(table, addr, &prefix, &best)) {
        prefixes[count++] = prefix;
        if (!needs_hop(&best.route))
            break;
        addr = best.route.gateway;
    }
    return count;
}
