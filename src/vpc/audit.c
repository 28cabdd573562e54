/* What a VPC says of itself: counts, its canonical digest, its size, and whether every count and
 * link is what a recount finds. */
#include "vpc/precedence.h"

static const struct vpc_gateway *gateway_at(const struct vpc *vpc, uint32_t handle)
{
    return pool_get(&vpc->gateways, handle);
}

static const struct vpc_subnet *subnet_at(const struct vpc *vpc, uint32_t handle)
{
    return pool_get(&vpc->subnets, handle);
}

uint32_t vpc_route_count(const struct vpc *vpc, uint16_t table)
{
    return vpc_table_get(vpc, table)->route_count;
}

uint32_t vpc_propagated_count(const struct vpc *vpc, uint16_t table, uint32_t *ret_waiting)
{
    *ret_waiting = vpc_table_get(vpc, table)->waiting_count;
    return vpc_table_get(vpc, table)->propagated_count;
}

static void digest_table(const struct vpc *vpc, uint16_t table, struct digest *digest)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    uint64_t count = 0;
    for (; vpc_next(vpc, table, &walk, &route, &reason); count++) {
        digest_prefix(digest, route.prefix);
        digest_u64(digest, (uint64_t)route.target.id << 32 | (uint32_t)route.target.kind << 24 |
                               (uint32_t)route.origin << 16 | (uint32_t)route.state << 8 |
                               (uint32_t)reason);
    }
    digest_u64(digest, count);
    const uint16_t *gateways = vpc_table_get(vpc, table)->gateways;
    uint64_t set = 0; /* order of places aside */
    for (uint32_t i = 0; i < VPC_GATEWAY_MAX; i++)
        set += gateways[i] ? hash_u64(gateways[i], 0) : 0;
    digest_u64(digest, set);
}

static uint64_t digest_of_peering(const struct vpc_peering *peering)
{
    struct digest digest = digest_start();
    digest_u64(&digest,
               (uint64_t)peering->id << 16 | (uint64_t)peering->cidr_count << 8 | peering->active);
    for (uint32_t i = 0; i < peering->cidr_count; i++)
        digest_prefix(&digest, peering->cidrs[i]);
    return digest_end(&digest);
}

/* 0 for one that has nothing: it is as if it had never appeared. */
static uint64_t digest_of_gateway(const struct vpc_gateway *gateway)
{
    struct digest digest = digest_start();
    struct prefix prefix;
    digest_u64(&digest, gateway->id);
    for (const struct prefix *at = NULL; lpm_next(&gateway->prefixes, at, &prefix, NULL);
         at = &prefix)
        digest_prefix(&digest, prefix);
    return gateway->prefixes.count ? digest_end(&digest) : 0;
}

static uint64_t digest_of_gone(const struct vpc_gone *gone)
{
    return hash_u64((uint64_t)gone->target.kind << 16 | gone->target.id, 0);
}

/* What has no order of its own is summed. */
static uint64_t digest_of_sets(const struct vpc *vpc)
{
    uint64_t sum = 0;
    for (uint32_t i = 1; i <= vpc->peerings.used_count; i++)
        sum += digest_of_peering(pool_get(&vpc->peerings, i));
    for (uint32_t i = 1; i <= vpc->gateways.used_count; i++)
        sum += digest_of_gateway(gateway_at(vpc, i));
    for (uint32_t at = vpc->gone_first; at;) {
        const struct vpc_gone *gone = pool_get(&vpc->gone, at);
        sum += digest_of_gone(gone);
        at = gone->next;
    }
    return sum;
}

void vpc_digest(const struct vpc *vpc, struct digest *digest)
{
    digest_u64(digest, vpc->cidr_count);
    for (uint32_t i = 0; i < vpc->cidr_count; i++)
        digest_prefix(digest, vpc->cidrs[i]);
    digest_u64(digest, vpc->subnets.used_count);
    for (uint32_t i = 1; i <= vpc->subnets.used_count; i++) {
        digest_prefix(digest, subnet_at(vpc, i)->prefix);
        digest_u64(digest, subnet_at(vpc, i)->table);
    }
    digest_u64(digest, vpc->tables.used_count);
    for (uint16_t i = 1; i <= vpc->tables.used_count; i++)
        digest_table(vpc, i, digest);
    digest_u64(digest, digest_of_sets(vpc));
}

size_t vpc_size_bytes(const struct vpc *vpc)
{
    const struct pool *pools[] = {&vpc->tables, &vpc->subnets,  &vpc->routes,  &vpc->nodes,
                                  &vpc->gone,   &vpc->peerings, &vpc->gateways};
    size_t size = 0;
    for (uint32_t i = 0; i < sizeof pools / sizeof *pools; i++)
        size += pool_size_bytes(pools[i]);
    for (uint16_t i = 1; i <= vpc->tables.used_count; i++)
        size += lpm_size_bytes(&vpc_table_get(vpc, i)->prefixes);
    for (uint32_t i = 1; i <= vpc->gateways.used_count; i++)
        size += lpm_size_bytes(&gateway_at(vpc, i)->prefixes);
    return size;
}

struct recount {
    uint32_t nodes, entries, changed, routes, propagated, waiting;
};

/* A propagated route is there because its gateway has the prefix and propagates into the table. */
static bool entry_has_cause(const struct vpc *vpc, const struct vpc_node *node,
                            const struct vpc_entry *entry)
{
    if (entry->origin == VPC_ORIGIN_LOCAL)
        return vpc_is_local(vpc, node->prefix);
    if (entry->origin != VPC_ORIGIN_PROPAGATED)
        return true;
    for (uint32_t i = 1; i <= vpc->gateways.used_count; i++)
        if (gateway_at(vpc, i)->id == entry->target.id)
            return vpc_propagates(vpc, node->table, entry->target.id) &&
                   lpm_exact(&gateway_at(vpc, i)->prefixes, node->prefix) != 0;
    return false;
}

static bool node_holds(const struct vpc *vpc, const struct vpc_node *node, struct recount *count)
{
    const struct vpc_entry *previous = NULL;
    for (uint32_t at = node->first; at; at = previous->next) {
        const struct vpc_entry *entry = vpc_entry_get(vpc, at);
        if (previous && vpc_compare(previous, entry) >= 0)
            return false;
        bool propagated = entry->origin == VPC_ORIGIN_PROPAGATED;
        if (!entry_has_cause(vpc, node, entry) || (entry->waiting && !propagated))
            return false;
        count->entries++;
        count->propagated += propagated && !entry->waiting;
        count->waiting += entry->waiting;
        count->routes += !propagated && entry->origin != VPC_ORIGIN_LOCAL;
        previous = entry;
    }
    count->nodes++;
    count->changed += (node->flags & VPC_NODE_CHANGED) != 0;
    return node->first || node->flags;
}

/* Each prefix of each gateway that propagates into the table is entered there. */
static bool is_complete(const struct vpc *vpc, uint16_t table, const struct recount *count)
{
    uint32_t wanted = 0;
    for (uint32_t i = 1; i <= vpc->gateways.used_count; i++)
        if (vpc_propagates(vpc, table, gateway_at(vpc, i)->id))
            wanted += gateway_at(vpc, i)->prefixes.count;
    return wanted == count->propagated + count->waiting;
}

static bool table_holds_here(const struct vpc *vpc, uint16_t number, struct recount *ret_total)
{
    const struct vpc_table *table = vpc_table_get(vpc, number);
    struct recount count = {0};
    struct prefix prefix;
    uint32_t handle;
    for (const struct prefix *at = NULL; lpm_next(&table->prefixes, at, &prefix, &handle);
         at = &prefix) {
        const struct vpc_node *node = vpc_node_get(vpc, handle);
        if (node->table != number || !prefix_equal(node->prefix, prefix) ||
            !node_holds(vpc, node, &count))
            return false;
    }
    ret_total->nodes += count.nodes;
    ret_total->entries += count.entries;
    ret_total->changed += count.changed;
    return count.routes == table->route_count && count.propagated == table->propagated_count &&
           count.waiting == table->waiting_count && is_complete(vpc, number, &count) &&
           table->propagated_count <= vpc->limits.propagated &&
           (table->waiting_count == 0 || table->propagated_count == vpc->limits.propagated);
}

bool vpc_holds(const struct vpc *vpc)
{
    struct recount total = {0};
    for (uint16_t i = 1; i <= vpc->tables.used_count; i++)
        if (!table_holds_here(vpc, i, &total))
            return false;
    uint32_t changed = 0;
    for (uint32_t at = vpc->changed_first; at; at = vpc_node_get(vpc, at)->changed_next)
        changed++;
    return total.nodes == vpc->nodes.used_count && total.entries == vpc->routes.used_count &&
           total.changed == changed;
}
