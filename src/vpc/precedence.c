/* Which route of a table a packet takes (facts/aws.md 3.3; VPCUG VPC_Route_Tables.md):
 *
 *   1. A propagated route inside the VPC's own CIDRs is never taken: local wins, though less
 *      specific. Nor is one beyond the table's limit.
 *   2. Of the others that hold the address, the longest prefix.
 *   3. Of one prefix: local, static, prefix list, propagated; the lower gateway number.
 *   4. The route taken may still drop: its target is gone, it is made to drop, or it is a peering
 *      and the address is not the peer's own (T17, T18).
 */
#include "vpc/precedence.h"

#include <assert.h>

int vpc_compare(const struct vpc_entry *left, const struct vpc_entry *right)
{
    if (left->origin != right->origin)
        return left->origin - right->origin;
    return left->origin == VPC_ORIGIN_PROPAGATED ? left->target.id - right->target.id : 0;
}

bool vpc_is_local(const struct vpc *vpc, struct prefix prefix)
{
    for (uint32_t i = 0; i < vpc->cidr_count; i++)
        if (prefix_covers(vpc->cidrs[i], prefix))
            return true;
    return false;
}

const struct vpc_peering *vpc_peering_find(const struct vpc *vpc, uint16_t id)
{
    for (uint32_t i = 1; i <= vpc->peerings.used_count; i++) {
        const struct vpc_peering *peering = pool_get(&vpc->peerings, i);
        if (peering->id == id)
            return peering;
    }
    return NULL;
}

bool vpc_target_present(const struct vpc *vpc, struct vpc_target target)
{
    if (target.kind == VPC_TO_PEERING) {
        const struct vpc_peering *peering = vpc_peering_find(vpc, target.id);
        if (!peering || !peering->active)
            return false;
    }
    for (uint32_t at = vpc->gone_first; at;) {
        const struct vpc_gone *gone = pool_get(&vpc->gone, at);
        if (gone->target.kind == target.kind && gone->target.id == target.id)
            return false;
        at = gone->next;
    }
    return true;
}

struct vpc_route vpc_route_of(const struct vpc *vpc, const struct vpc_node *node,
                              uint32_t entry_handle)
{
    const struct vpc_entry *entry = vpc_entry_get(vpc, entry_handle);
    bool present = vpc_target_present(vpc, entry->target);
    return (struct vpc_route){.prefix = node->prefix,
                              .target = entry->target,
                              .origin = entry->origin,
                              .state = present ? VPC_ACTIVE : VPC_BLACKHOLE};
}

/* Rule 1. VPC_CHOSEN: may be taken. */
static enum vpc_reason judge(const struct vpc *vpc, const struct vpc_node *node,
                             const struct vpc_entry *entry)
{
    if (entry->waiting)
        return VPC_OVER_LIMIT;
    if (entry->origin == VPC_ORIGIN_PROPAGATED && vpc_is_local(vpc, node->prefix))
        return VPC_LOST_LOCAL;
    return VPC_CHOSEN;
}

uint32_t vpc_choose(const struct vpc *vpc, const struct vpc_node *node)
{
    for (uint32_t at = node->first; at; at = vpc_entry_get(vpc, at)->next)
        if (judge(vpc, node, vpc_entry_get(vpc, at)) == VPC_CHOSEN)
            return at;
    return 0;
}

/* The table's nodes that hold addr, from the longest prefix: all lengths at first, and then what
 * was left in it. NULL: no more. */
static const struct vpc_node *next_holding(const struct vpc *vpc, const struct vpc_table *table,
                                           ip_addr addr, int *max_len)
{
    struct prefix prefix;
    uint32_t handle =
        *max_len < 0 ? 0 : lpm_match(&table->prefixes, addr, (uint8_t)*max_len, &prefix);
    if (!handle)
        return NULL;
    *max_len = prefix.len - 1;
    return vpc_node_get(vpc, handle);
}

/* Rules 2 and 3; 0: no route, and ret_node is untouched. */
static uint32_t choose_for(const struct vpc *vpc, const struct vpc_table *table, ip_addr addr,
                           const struct vpc_node **ret_node)
{
    int max_len = ip_bits(ip_is_six(addr));
    for (const struct vpc_node *node; (node = next_holding(vpc, table, addr, &max_len));) {
        uint32_t chosen = vpc_choose(vpc, node);
        if (chosen) {
            *ret_node = node;
            return chosen;
        }
    }
    return 0;
}

static bool any_holds(const struct prefix *cidrs, uint32_t count, ip_addr addr)
{
    for (uint32_t i = 0; i < count; i++)
        if (prefix_contains(cidrs[i], addr))
            return true;
    return false;
}

/* Rule 4. */
static enum vpc_reason fate_of(const struct vpc *vpc, const struct vpc_route *route, ip_addr addr)
{
    if (route->target.kind == VPC_TO_BLACKHOLE)
        return VPC_DISCARDS;
    if (route->state == VPC_BLACKHOLE)
        return VPC_GONE;
    if (route->target.kind != VPC_TO_PEERING)
        return VPC_CHOSEN;
    const struct vpc_peering *peering = vpc_peering_find(vpc, route->target.id);
    return any_holds(peering->cidrs, peering->cidr_count, addr) ? VPC_CHOSEN : VPC_TRANSIT;
}

enum vpc_reason vpc_lookup(const struct vpc *vpc, uint16_t table, ip_addr addr,
                           struct vpc_route *ret_route)
{
    const struct vpc_node *node;
    uint32_t chosen = choose_for(vpc, vpc_table_get(vpc, table), addr, &node);
    if (!chosen)
        return VPC_NO_ROUTE;
    *ret_route = vpc_route_of(vpc, node, chosen);
    return fate_of(vpc, ret_route, addr);
}

/* Why an entry is not the one taken; best: the one taken of its own prefix, 0 when there is none.
 * VPC_CHOSEN: it is the one. */
static enum vpc_reason why_not(const struct vpc *vpc, const struct vpc_node *node, uint32_t best,
                               uint32_t at)
{
    const struct vpc_entry *entry = vpc_entry_get(vpc, at);
    enum vpc_reason reason = judge(vpc, node, entry);
    if (reason != VPC_CHOSEN || at == best)
        return reason;
    bool same_origin = vpc_entry_get(vpc, best)->origin == entry->origin;
    return same_origin ? VPC_LOST_GATEWAY : VPC_LOST_ORIGIN;
}

/* The entry of the node at this place, or 0 with what is left of index. */
static uint32_t entry_at(const struct vpc *vpc, const struct vpc_node *node, uint32_t *index)
{
    uint32_t at = node->first;
    for (; at && *index > 0; --*index)
        at = vpc_entry_get(vpc, at)->next;
    return at;
}

bool vpc_candidate(const struct vpc *vpc, uint16_t table_number, ip_addr addr, uint32_t index,
                   struct vpc_route *ret_route, enum vpc_reason *ret_reason)
{
    const struct vpc_table *table = vpc_table_get(vpc, table_number);
    const struct vpc_node *taken = NULL;
    choose_for(vpc, table, addr, &taken);
    int max_len = ip_bits(ip_is_six(addr));
    for (const struct vpc_node *node; (node = next_holding(vpc, table, addr, &max_len));) {
        uint32_t at = entry_at(vpc, node, &index);
        if (!at)
            continue;
        *ret_route = vpc_route_of(vpc, node, at);
        *ret_reason = why_not(vpc, node, vpc_choose(vpc, node), at);
        if (*ret_reason == VPC_CHOSEN && node != taken)
            *ret_reason = VPC_LOST_LENGTH;
        return true;
    }
    return false;
}

bool vpc_next(const struct vpc *vpc, uint16_t table, struct vpc_walk *walk,
              struct vpc_route *ret_route, enum vpc_reason *ret_reason)
{
    const struct lpm *prefixes = &vpc_table_get(vpc, table)->prefixes;
    uint32_t handle = walk->begun ? lpm_exact(prefixes, walk->at) : 0;
    uint32_t index = walk->index;
    uint32_t at = handle ? entry_at(vpc, vpc_node_get(vpc, handle), &index) : 0;
    while (!at) {
        if (!lpm_next(prefixes, walk->begun ? &walk->at : NULL, &walk->at, &handle))
            return false;
        walk->begun = true;
        walk->index = 0;
        at = vpc_node_get(vpc, handle)->first;
    }
    walk->index++;
    const struct vpc_node *node = vpc_node_get(vpc, handle);
    *ret_route = vpc_route_of(vpc, node, at);
    *ret_reason = why_not(vpc, node, vpc_choose(vpc, node), at);
    return true;
}

bool vpc_find(const struct vpc *vpc, uint16_t table, struct prefix prefix,
              struct vpc_route *ret_route)
{
    uint32_t handle = lpm_exact(&vpc_table_get(vpc, table)->prefixes, prefix);
    uint32_t chosen = handle ? vpc_choose(vpc, vpc_node_get(vpc, handle)) : 0;
    if (!chosen)
        return false;
    *ret_route = vpc_route_of(vpc, vpc_node_get(vpc, handle), chosen);
    return true;
}

enum vpc_reason vpc_peering_admits(const struct vpc *vpc, uint16_t id, bool outbound,
                                   ip_addr source, ip_addr destination)
{
    const struct vpc_peering *peering = vpc_peering_find(vpc, id);
    if (!peering || !vpc_target_present(vpc, (struct vpc_target){id, VPC_TO_PEERING}))
        return VPC_GONE;
    ip_addr own = outbound ? source : destination;
    ip_addr others = outbound ? destination : source;
    bool both = any_holds(vpc->cidrs, vpc->cidr_count, own) &&
                any_holds(peering->cidrs, peering->cidr_count, others);
    return both ? VPC_CHOSEN : VPC_TRANSIT;
}
