/* The VPC's structure: tables, entries and what is still to be told. The decision is in
 * precedence.c. */
#include "vpc/vpc.h"
#include "vpc/precedence.h"

#include <assert.h>
#include <string.h>

enum { SHIFT = 3 }; /* a VPC is small, and there are many */

const struct vpc_limits vpc_limits_of_aws = {.tables = VPC_TABLE_MAX,
                                             .subnets = VPC_SUBNET_MAX,
                                             .routes = VPC_ROUTE_MAX,
                                             .propagated = VPC_PROPAGATED_MAX,
                                             .peerings = VPC_PEERING_MAX};

static const char *const origin_names[] = {
#define VPC_ORIGIN(id, name, api_name) name,
#include "vpc/vpc.def"
#undef VPC_ORIGIN
};

static const char *const origin_api_names[] = {
#define VPC_ORIGIN(id, name, api_name) api_name,
#include "vpc/vpc.def"
#undef VPC_ORIGIN
};

static const char *const reason_names[] = {
#define VPC_REASON(id, name, sentence) name,
#include "vpc/vpc.def"
#undef VPC_REASON
};

static const char *const reason_sentences[] = {
#define VPC_REASON(id, name, sentence) sentence,
#include "vpc/vpc.def"
#undef VPC_REASON
};

const char *vpc_origin_name(enum vpc_origin origin)
{
    assert(origin < VPC_ORIGIN_COUNT);
    return origin_names[origin];
}

const char *vpc_origin_api_name(enum vpc_origin origin)
{
    assert(origin < VPC_ORIGIN_COUNT);
    return origin_api_names[origin];
}

const char *vpc_reason_name(enum vpc_reason reason)
{
    assert(reason < VPC_REASON_COUNT);
    return reason_names[reason];
}

const char *vpc_reason_sentence(enum vpc_reason reason)
{
    assert(reason < VPC_REASON_COUNT);
    return reason_sentences[reason];
}

void vpc_init(struct vpc *vpc, const struct vpc_limits *limits, struct budget *budget)
{
    *vpc = (struct vpc){.budget = budget, .limits = *limits};
    pool_init(&vpc->tables, budget, sizeof(struct vpc_table), SHIFT);
    pool_init(&vpc->subnets, budget, sizeof(struct vpc_subnet), SHIFT);
    pool_init(&vpc->routes, budget, sizeof(struct vpc_entry), SHIFT);
    pool_init(&vpc->nodes, budget, sizeof(struct vpc_node), SHIFT);
    pool_init(&vpc->peerings, budget, sizeof(struct vpc_peering), SHIFT);
    pool_init(&vpc->gateways, budget, sizeof(struct vpc_gateway), SHIFT);
    pool_init(&vpc->gone, budget, sizeof(struct vpc_gone), SHIFT);
}

void vpc_done(struct vpc *vpc)
{
    for (uint16_t i = 1; i <= vpc->tables.used_count; i++)
        lpm_done(&vpc_table_get(vpc, i)->prefixes);
    for (uint32_t i = 1; i <= vpc->gateways.used_count; i++)
        lpm_done(&((struct vpc_gateway *)pool_get(&vpc->gateways, i))->prefixes);
    pool_done(&vpc->tables);
    pool_done(&vpc->subnets);
    pool_done(&vpc->routes);
    pool_done(&vpc->nodes);
    pool_done(&vpc->peerings);
    pool_done(&vpc->gateways);
    pool_done(&vpc->gone);
    vpc->cidr_count = vpc->gone_first = vpc->changed_first = vpc->changed_last = 0;
}

/* --- nodes, and what is to be told of them */

static void mark_changed(struct vpc *vpc, uint32_t handle)
{
    struct vpc_node *node = vpc_node_get(vpc, handle);
    if (node->flags & VPC_NODE_CHANGED)
        return;
    node->flags |= VPC_NODE_CHANGED;
    node->changed_next = 0;
    if (vpc->changed_last)
        vpc_node_get(vpc, vpc->changed_last)->changed_next = handle;
    else
        vpc->changed_first = handle;
    vpc->changed_last = handle;
}

static uint32_t obtain_node(struct vpc *vpc, uint16_t table, struct prefix prefix)
{
    struct lpm *prefixes = &vpc_table_get(vpc, table)->prefixes;
    uint32_t handle = lpm_exact(prefixes, prefix);
    if (handle)
        return handle;
    handle = pool_take(&vpc->nodes);
    if (!handle)
        return 0;
    if (!lpm_set(prefixes, prefix, handle)) {
        pool_give(&vpc->nodes, handle);
        return 0;
    }
    struct vpc_node *node = vpc_node_get(vpc, handle);
    node->prefix = prefix;
    node->table = table;
    return handle;
}

/* A node goes when it has no entry and nobody was told of one. */
static void release_node(struct vpc *vpc, uint32_t handle)
{
    const struct vpc_node *node = vpc_node_get(vpc, handle);
    if (node->first || node->flags)
        return;
    lpm_remove(&vpc_table_get(vpc, node->table)->prefixes, node->prefix);
    pool_give(&vpc->nodes, handle);
}

static bool same_route(const struct vpc_route *left, const struct vpc_route *right)
{
    return left->target.kind == right->target.kind && left->target.id == right->target.id &&
           left->origin == right->origin && left->state == right->state;
}

bool vpc_take_change(struct vpc *vpc, struct vpc_change *ret_change)
{
    while (vpc->changed_first) {
        uint32_t handle = vpc->changed_first;
        struct vpc_node *node = vpc_node_get(vpc, handle);
        vpc->changed_first = node->changed_next;
        if (!vpc->changed_first)
            vpc->changed_last = 0;
        uint32_t chosen = vpc_choose(vpc, node);
        struct vpc_change change = {.prefix = node->prefix,
                                    .old = node->told,
                                    .table = node->table,
                                    .had = (node->flags & VPC_NODE_TOLD) != 0,
                                    .has = chosen != 0};
        if (chosen)
            change.now = vpc_route_of(vpc, node, chosen);
        node->told = change.now;
        node->flags = change.has ? VPC_NODE_TOLD : 0;
        release_node(vpc, handle);
        if (change.had == change.has && (!change.has || same_route(&change.old, &change.now)))
            continue;
        *ret_change = change;
        return true;
    }
    return false;
}

/* Calls visit for every node of the table, which it may change but not release. */
static void walk_nodes(struct vpc *vpc, uint16_t table, const void *ctx,
                       void (*visit)(struct vpc *vpc, uint32_t node, const void *ctx))
{
    const struct lpm *prefixes = &vpc_table_get(vpc, table)->prefixes;
    struct prefix prefix;
    uint32_t handle;
    for (const struct prefix *at = NULL; lpm_next(prefixes, at, &prefix, &handle); at = &prefix)
        visit(vpc, handle, ctx);
}

static void walk_all_nodes(struct vpc *vpc, const void *ctx,
                           void (*visit)(struct vpc *vpc, uint32_t node, const void *ctx))
{
    for (uint16_t table = 1; table <= vpc->tables.used_count; table++)
        walk_nodes(vpc, table, ctx, visit);
}

/* --- entries */

/* The link that points to the entry of the same identity, or to where it would stand. */
static uint32_t *find_link(const struct vpc *vpc, uint32_t node, const struct vpc_entry *key)
{
    uint32_t *link = &vpc_node_get(vpc, node)->first;
    while (*link && vpc_compare(vpc_entry_get(vpc, *link), key) < 0)
        link = &vpc_entry_get(vpc, *link)->next;
    return link;
}

static bool is_there(const struct vpc *vpc, uint32_t found, const struct vpc_entry *key)
{
    return found && vpc_compare(vpc_entry_get(vpc, found), key) == 0;
}

/* Adds one to, or takes it from, the count that the entry belongs to. */
static void count_entry(struct vpc_table *table, const struct vpc_entry *entry, bool there)
{
    uint32_t step = there ? 1 : (uint32_t)-1;
    if (entry->origin == VPC_ORIGIN_PROPAGATED && entry->waiting)
        table->waiting_count += step;
    else if (entry->origin == VPC_ORIGIN_PROPAGATED)
        table->propagated_count += step;
    else if (entry->origin != VPC_ORIGIN_LOCAL)
        table->route_count += step;
}

/* Enters or replaces. A propagated newcomer beyond the limit waits. */
static enum vpc_verdict enter(struct vpc *vpc, uint16_t table_number, struct prefix prefix,
                              enum vpc_origin origin, struct vpc_target target)
{
    struct vpc_table *table = vpc_table_get(vpc, table_number);
    uint32_t node = obtain_node(vpc, table_number, prefix);
    if (!node)
        return VPC_REFUSED_BUDGET;
    struct vpc_entry fresh = {.origin = (uint8_t)origin, .target = target};
    uint32_t *link = find_link(vpc, node, &fresh);
    if (is_there(vpc, *link, &fresh)) {
        vpc_entry_get(vpc, *link)->target = target;
        mark_changed(vpc, node);
        return VPC_DONE;
    }
    uint32_t handle = pool_take(&vpc->routes);
    if (!handle) {
        release_node(vpc, node);
        return VPC_REFUSED_BUDGET;
    }
    fresh.waiting =
        origin == VPC_ORIGIN_PROPAGATED && table->propagated_count >= vpc->limits.propagated;
    fresh.next = *link;
    *vpc_entry_get(vpc, handle) = fresh;
    *link = handle;
    count_entry(table, &fresh, true);
    mark_changed(vpc, node);
    return VPC_DONE;
}

/* A place is free: the lowest prefix that waits takes it. */
static void promote(struct vpc *vpc, uint16_t table_number)
{
    struct vpc_table *table = vpc_table_get(vpc, table_number);
    if (table->waiting_count == 0 || table->propagated_count >= vpc->limits.propagated)
        return;
    struct prefix prefix;
    uint32_t node;
    for (const struct prefix *last = NULL; lpm_next(&table->prefixes, last, &prefix, &node);
         last = &prefix) {
        for (uint32_t at = vpc_node_get(vpc, node)->first; at;) {
            struct vpc_entry *entry = vpc_entry_get(vpc, at);
            if (entry->waiting) {
                count_entry(table, entry, false);
                entry->waiting = false;
                count_entry(table, entry, true);
                mark_changed(vpc, node);
                return;
            }
            at = entry->next;
        }
    }
}

/* Was it there? */
static bool leave(struct vpc *vpc, uint16_t table, struct prefix prefix, enum vpc_origin origin,
                  struct vpc_target target)
{
    uint32_t node = lpm_exact(&vpc_table_get(vpc, table)->prefixes, prefix);
    if (!node)
        return false;
    struct vpc_entry key = {.origin = (uint8_t)origin, .target = target};
    uint32_t *link = find_link(vpc, node, &key);
    if (!is_there(vpc, *link, &key))
        return false;
    uint32_t handle = *link;
    const struct vpc_entry *entry = vpc_entry_get(vpc, handle);
    *link = entry->next;
    count_entry(vpc_table_get(vpc, table), entry, false);
    pool_give(&vpc->routes, handle);
    mark_changed(vpc, node);
    if (origin == VPC_ORIGIN_PROPAGATED)
        promote(vpc, table);
    return true;
}

/* The gateway's propagated route; NULL: the table has none. */
static struct vpc_entry *propagated_entry(const struct vpc *vpc, uint16_t table,
                                          struct prefix prefix, uint16_t gateway)
{
    if (table < 1 || table > vpc->tables.high)
        return NULL;
    uint32_t node = lpm_exact(&vpc_table_get(vpc, table)->prefixes, prefix);
    for (uint32_t at = node ? vpc_node_get(vpc, node)->first : 0; at;) {
        struct vpc_entry *entry = vpc_entry_get(vpc, at);
        if (entry->origin == VPC_ORIGIN_PROPAGATED && entry->target.id == gateway)
            return entry;
        at = entry->next;
    }
    return NULL;
}

bool vpc_waits(const struct vpc *vpc, uint16_t table, struct prefix prefix, uint16_t gateway)
{
    const struct vpc_entry *entry = propagated_entry(vpc, table, prefix, gateway);
    return entry && entry->waiting;
}

bool vpc_make_wait(struct vpc *vpc, uint16_t table, struct prefix prefix, uint16_t gateway)
{
    struct vpc_entry *entry = propagated_entry(vpc, table, prefix, gateway);
    if (!entry || entry->waiting)
        return false;
    count_entry(vpc_table_get(vpc, table), entry, false);
    entry->waiting = true;
    count_entry(vpc_table_get(vpc, table), entry, true);
    mark_changed(vpc, lpm_exact(&vpc_table_get(vpc, table)->prefixes, prefix));
    return true;
}

/* --- CIDRs, tables, subnets */

static const struct vpc_target local_target = {0, VPC_TO_LOCAL};

static bool overlaps_any(const struct prefix *cidrs, uint32_t count, struct prefix prefix)
{
    for (uint32_t i = 0; i < count; i++)
        if (prefix_overlaps(cidrs[i], prefix))
            return true;
    return false;
}

static bool overlaps_a_peer(const struct vpc *vpc, struct prefix cidr)
{
    for (uint32_t i = 1; i <= vpc->peerings.used_count; i++) {
        const struct vpc_peering *peering = pool_get(&vpc->peerings, i);
        if (peering->active && overlaps_any(peering->cidrs, peering->cidr_count, cidr))
            return true;
    }
    return false;
}

/* Propagated routes inside a new CIDR are taken no longer, and inside one that goes, again. */
static void mark_inside(struct vpc *vpc, uint32_t node, const void *ctx)
{
    const struct prefix *cidr = ctx;
    if (prefix_covers(*cidr, vpc_node_get(vpc, node)->prefix))
        mark_changed(vpc, node);
}

enum vpc_verdict vpc_add_cidr(struct vpc *vpc, struct prefix cidr)
{
    if (vpc->cidr_count == VPC_CIDR_MAX)
        return VPC_REFUSED_LIMIT;
    if (overlaps_any(vpc->cidrs, vpc->cidr_count, cidr) || overlaps_a_peer(vpc, cidr))
        return VPC_REFUSED_OVERLAP;
    for (uint16_t table = 1; table <= vpc->tables.used_count; table++) {
        if (enter(vpc, table, cidr, VPC_ORIGIN_LOCAL, local_target) == VPC_DONE)
            continue;
        while (--table > 0)
            leave(vpc, table, cidr, VPC_ORIGIN_LOCAL, local_target);
        return VPC_REFUSED_BUDGET;
    }
    vpc->cidrs[vpc->cidr_count++] = cidr;
    walk_all_nodes(vpc, &cidr, mark_inside);
    return VPC_DONE;
}

static bool has_subnet_in(const struct vpc *vpc, struct prefix cidr)
{
    for (uint16_t i = 1; i <= vpc->subnets.used_count; i++) {
        const struct vpc_subnet *subnet = pool_get(&vpc->subnets, i);
        if (prefix_covers(cidr, subnet->prefix))
            return true;
    }
    return false;
}

enum vpc_verdict vpc_remove_cidr(struct vpc *vpc, struct prefix cidr)
{
    uint32_t at = 0;
    while (at < vpc->cidr_count && !prefix_equal(vpc->cidrs[at], cidr))
        at++;
    if (at == vpc->cidr_count)
        return VPC_DONE;
    if (has_subnet_in(vpc, cidr))
        return VPC_REFUSED_OUTSIDE;
    for (uint16_t table = 1; table <= vpc->tables.used_count; table++)
        leave(vpc, table, cidr, VPC_ORIGIN_LOCAL, local_target);
    vpc->cidr_count--;
    memmove(&vpc->cidrs[at], &vpc->cidrs[at + 1], (vpc->cidr_count - at) * sizeof *vpc->cidrs);
    walk_all_nodes(vpc, &cidr, mark_inside);
    return VPC_DONE;
}

/* A table that could not be made: its nodes, all without entries, are not to be told of. */
static void forget_table(struct vpc *vpc, uint16_t table)
{
    uint32_t at = vpc->changed_first;
    vpc->changed_first = vpc->changed_last = 0;
    while (at) {
        struct vpc_node *node = vpc_node_get(vpc, at);
        uint32_t next = node->changed_next;
        node->flags &= (uint16_t)~VPC_NODE_CHANGED;
        if (node->table == table)
            release_node(vpc, at);
        else
            mark_changed(vpc, at);
        at = next;
    }
    lpm_done(&vpc_table_get(vpc, table)->prefixes);
    pool_give(&vpc->tables, table);
}

enum vpc_verdict vpc_add_table(struct vpc *vpc, uint16_t *ret_table)
{
    if (vpc->tables.used_count >= vpc->limits.tables || vpc->tables.used_count == UINT16_MAX)
        return VPC_REFUSED_LIMIT;
    uint16_t table = (uint16_t)pool_take(&vpc->tables);
    if (!table)
        return VPC_REFUSED_BUDGET;
    lpm_init(&vpc_table_get(vpc, table)->prefixes, vpc->budget, SHIFT);
    for (uint32_t i = 0; i < vpc->cidr_count; i++) {
        if (enter(vpc, table, vpc->cidrs[i], VPC_ORIGIN_LOCAL, local_target) == VPC_DONE)
            continue;
        while (i-- > 0)
            leave(vpc, table, vpc->cidrs[i], VPC_ORIGIN_LOCAL, local_target);
        forget_table(vpc, table);
        return VPC_REFUSED_BUDGET;
    }
    *ret_table = table;
    return VPC_DONE;
}

static struct vpc_subnet *subnet_get(const struct vpc *vpc, uint16_t subnet)
{
    return pool_get(&vpc->subnets, subnet);
}

enum vpc_verdict vpc_add_subnet(struct vpc *vpc, struct prefix prefix, uint16_t table,
                                uint16_t *ret_subnet)
{
    assert(table > 0 && table <= vpc->tables.used_count);
    if (vpc->subnets.used_count >= vpc->limits.subnets || vpc->subnets.used_count == UINT16_MAX)
        return VPC_REFUSED_LIMIT;
    if (!vpc_is_local(vpc, prefix))
        return VPC_REFUSED_OUTSIDE;
    for (uint16_t i = 1; i <= vpc->subnets.used_count; i++)
        if (prefix_overlaps(subnet_get(vpc, i)->prefix, prefix))
            return VPC_REFUSED_OVERLAP;
    uint16_t subnet = (uint16_t)pool_take(&vpc->subnets);
    if (!subnet)
        return VPC_REFUSED_BUDGET;
    *subnet_get(vpc, subnet) = (struct vpc_subnet){prefix, table};
    *ret_subnet = subnet;
    return VPC_DONE;
}

void vpc_associate(struct vpc *vpc, uint16_t subnet, uint16_t table)
{
    assert(table > 0 && table <= vpc->tables.used_count);
    subnet_get(vpc, subnet)->table = table;
}

uint16_t vpc_subnet_table(const struct vpc *vpc, uint16_t subnet)
{
    return subnet_get(vpc, subnet)->table;
}

struct prefix vpc_subnet_prefix(const struct vpc *vpc, uint16_t subnet)
{
    return subnet_get(vpc, subnet)->prefix;
}

uint16_t vpc_subnet_of(const struct vpc *vpc, ip_addr addr)
{
    for (uint16_t i = 1; i <= vpc->subnets.used_count; i++)
        if (prefix_contains(subnet_get(vpc, i)->prefix, addr))
            return i;
    return 0;
}

/* --- routes and their targets */

static bool is_cidr(const struct vpc *vpc, struct prefix prefix)
{
    for (uint32_t i = 0; i < vpc->cidr_count; i++)
        if (prefix_equal(vpc->cidrs[i], prefix))
            return true;
    return false;
}

enum vpc_verdict vpc_set_route(struct vpc *vpc, uint16_t table, struct prefix prefix,
                               enum vpc_origin origin, struct vpc_target target)
{
    assert(origin == VPC_ORIGIN_STATIC || origin == VPC_ORIGIN_PREFIX_LIST);
    if (is_cidr(vpc, prefix))
        return VPC_REFUSED_LOCAL;
    struct vpc_table *there = vpc_table_get(vpc, table);
    uint32_t node = lpm_exact(&there->prefixes, prefix);
    struct vpc_entry key = {.origin = (uint8_t)origin, .target = target};
    bool replaces = node && is_there(vpc, *find_link(vpc, node, &key), &key);
    if (!replaces && there->route_count >= vpc->limits.routes)
        return VPC_REFUSED_LIMIT;
    return enter(vpc, table, prefix, origin, target);
}

bool vpc_remove_route(struct vpc *vpc, uint16_t table, struct prefix prefix, enum vpc_origin origin)
{
    assert(origin == VPC_ORIGIN_STATIC || origin == VPC_ORIGIN_PREFIX_LIST);
    return leave(vpc, table, prefix, origin, (struct vpc_target){0});
}

static bool same_target(struct vpc_target left, struct vpc_target right)
{
    return left.kind == right.kind && left.id == right.id;
}

/* The target appeared or went: its routes change state. */
static void mark_naming(struct vpc *vpc, uint32_t node, const void *ctx)
{
    const struct vpc_target *target = ctx;
    for (uint32_t at = vpc_node_get(vpc, node)->first; at;) {
        const struct vpc_entry *entry = vpc_entry_get(vpc, at);
        if (same_target(entry->target, *target))
            mark_changed(vpc, node);
        at = entry->next;
    }
}

bool vpc_gone_next(const struct vpc *vpc, uint32_t *cursor, struct vpc_target *ret_target)
{
    const struct vpc_gone *before = *cursor ? pool_get(&vpc->gone, *cursor) : NULL;
    *cursor = before ? before->next : vpc->gone_first;
    if (*cursor == 0)
        return false;
    *ret_target = ((struct vpc_gone *)pool_get(&vpc->gone, *cursor))->target;
    return true;
}

/* The link that points to the target among those that are gone, or to 0. */
static uint32_t *gone_link(struct vpc *vpc, struct vpc_target target)
{
    uint32_t *link = &vpc->gone_first;
    while (*link) {
        struct vpc_gone *gone = pool_get(&vpc->gone, *link);
        if (same_target(gone->target, target))
            break;
        link = &gone->next;
    }
    return link;
}

enum vpc_verdict vpc_set_target(struct vpc *vpc, struct vpc_target target, bool present)
{
    uint32_t *link = gone_link(vpc, target);
    if (present == (*link == 0))
        return VPC_DONE;
    if (present) {
        uint32_t handle = *link;
        *link = ((struct vpc_gone *)pool_get(&vpc->gone, handle))->next;
        pool_give(&vpc->gone, handle);
    } else {
        uint32_t handle = pool_take(&vpc->gone);
        if (!handle)
            return VPC_REFUSED_BUDGET;
        *(struct vpc_gone *)pool_get(&vpc->gone, handle) =
            (struct vpc_gone){.next = vpc->gone_first, .target = target};
        vpc->gone_first = handle;
    }
    walk_all_nodes(vpc, &target, mark_naming);
    return VPC_DONE;
}

enum vpc_verdict vpc_set_peering(struct vpc *vpc, const struct vpc_peering *peering)
{
    assert(peering->cidr_count <= VPC_CIDR_MAX);
    for (uint32_t i = 0; peering->active && i < peering->cidr_count; i++)
        if (overlaps_any(vpc->cidrs, vpc->cidr_count, peering->cidrs[i]))
            return VPC_REFUSED_OVERLAP;
    uint32_t at = 1;
    while (at <= vpc->peerings.used_count &&
           ((struct vpc_peering *)pool_get(&vpc->peerings, at))->id != peering->id)
        at++;
    if (at > vpc->peerings.used_count) {
        if (vpc->peerings.used_count >= vpc->limits.peerings)
            return VPC_REFUSED_LIMIT;
        at = pool_take(&vpc->peerings);
        if (!at)
            return VPC_REFUSED_BUDGET;
    }
    *(struct vpc_peering *)pool_get(&vpc->peerings, at) = *peering;
    struct vpc_target target = {peering->id, VPC_TO_PEERING};
    walk_all_nodes(vpc, &target, mark_naming);
    return VPC_DONE;
}

/* --- propagation */

static struct vpc_gateway *gateway_at(const struct vpc *vpc, uint32_t handle)
{
    return pool_get(&vpc->gateways, handle);
}

static struct vpc_gateway *gateway_find(const struct vpc *vpc, uint16_t id)
{
    for (uint32_t i = 1; i <= vpc->gateways.used_count; i++)
        if (gateway_at(vpc, i)->id == id)
            return gateway_at(vpc, i);
    return NULL;
}

static struct vpc_gateway *gateway_obtain(struct vpc *vpc, uint16_t id)
{
    struct vpc_gateway *gateway = gateway_find(vpc, id);
    uint32_t handle = gateway ? 0 : pool_take(&vpc->gateways);
    if (handle) {
        gateway = gateway_at(vpc, handle);
        gateway->id = id;
        lpm_init(&gateway->prefixes, vpc->budget, SHIFT);
    }
    return gateway;
}

static uint16_t *propagation_place(const struct vpc *vpc, uint16_t table, uint16_t gateway)
{
    struct vpc_table *there = vpc_table_get(vpc, table);
    for (uint32_t i = 0; i < VPC_GATEWAY_MAX; i++)
        if (there->gateways[i] == gateway)
            return &there->gateways[i];
    return NULL;
}

bool vpc_propagates(const struct vpc *vpc, uint16_t table, uint16_t gateway)
{
    assert(gateway != 0);
    return propagation_place(vpc, table, gateway) != NULL;
}

static struct vpc_target to_gateway(uint16_t gateway)
{
    return (struct vpc_target){gateway, VPC_TO_GATEWAY};
}

static void withdraw_all(struct vpc *vpc, uint16_t table, const struct vpc_gateway *gateway)
{
    struct prefix prefix;
    for (const struct prefix *at = NULL; lpm_next(&gateway->prefixes, at, &prefix, NULL);
         at = &prefix)
        leave(vpc, table, prefix, VPC_ORIGIN_PROPAGATED, to_gateway(gateway->id));
}

static bool propagate_all(struct vpc *vpc, uint16_t table, const struct vpc_gateway *gateway)
{
    struct prefix prefix;
    for (const struct prefix *at = NULL; lpm_next(&gateway->prefixes, at, &prefix, NULL);
         at = &prefix)
        if (enter(vpc, table, prefix, VPC_ORIGIN_PROPAGATED, to_gateway(gateway->id)) != VPC_DONE)
            return false;
    return true;
}

enum vpc_verdict vpc_set_propagation(struct vpc *vpc, uint16_t table, uint16_t gateway, bool on)
{
    if (vpc_propagates(vpc, table, gateway) == on)
        return VPC_DONE;
    const struct vpc_gateway *known = gateway_find(vpc, gateway);
    uint16_t *place = propagation_place(vpc, table, on ? 0 : gateway);
    if (!place)
        return VPC_REFUSED_LIMIT;
    if (known && (!on || !propagate_all(vpc, table, known))) {
        withdraw_all(vpc, table, known);
        if (on)
            return VPC_REFUSED_BUDGET;
    }
    *place = on ? gateway : 0;
    return VPC_DONE;
}

enum vpc_verdict vpc_propagate(struct vpc *vpc, uint16_t gateway_id, struct prefix prefix,
                               bool present)
{
    struct vpc_gateway *gateway =
        present ? gateway_obtain(vpc, gateway_id) : gateway_find(vpc, gateway_id);
    if (!gateway)
        return present ? VPC_REFUSED_BUDGET : VPC_DONE;
    bool entered = true;
    if (present) {
        if (lpm_exact(&gateway->prefixes, prefix))
            return VPC_DONE;
        if (!lpm_set(&gateway->prefixes, prefix, 1))
            return VPC_REFUSED_BUDGET;
        for (uint16_t i = 1; entered && i <= vpc->tables.used_count; i++)
            if (vpc_propagates(vpc, i, gateway_id))
                entered = enter(vpc, i, prefix, VPC_ORIGIN_PROPAGATED, to_gateway(gateway_id)) ==
                          VPC_DONE;
        if (entered)
            return VPC_DONE;
    }
    for (uint16_t i = 1; i <= vpc->tables.used_count; i++)
        leave(vpc, i, prefix, VPC_ORIGIN_PROPAGATED, to_gateway(gateway_id));
    lpm_remove(&gateway->prefixes, prefix);
    return entered ? VPC_DONE : VPC_REFUSED_BUDGET;
}

void vpc_forget_gateway(struct vpc *vpc, uint16_t gateway_id)
{
    struct vpc_gateway *gateway = gateway_find(vpc, gateway_id);
    if (!gateway)
        return;
    for (uint16_t i = 1; i <= vpc->tables.used_count; i++)
        withdraw_all(vpc, i, gateway);
    lpm_done(&gateway->prefixes);
    lpm_init(&gateway->prefixes, vpc->budget, SHIFT);
}
