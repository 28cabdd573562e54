/* What is not BGP's: interfaces, static, DHCP and kernel routes, VPCs; and from all tables
 * together, the entries that the kernel shall hold. */
#include "engine/parts.h"

#include <assert.h>

/* Tags of routes that are not the operator's own, who has the numbers below. */
enum { TAG_VPC_RANGE = 1 << 16, TAG_STATIC_VPN = 1 << 17 };

/* What is configured (neighbor 0: nobody's) is not refused by the budget. Returns the limit, to
 * be set again. */
static size_t budget_for(struct engine *engine, uint16_t neighbor)
{
    size_t limit_bytes = engine->budget.limit_bytes;
    if (neighbor == 0)
        engine->budget.limit_bytes = 0;
    return limit_bytes;
}

void entries_put(struct engine *engine, struct prefix prefix, const struct table_route *route,
                 uint16_t neighbor)
{
    size_t limit_bytes = budget_for(engine, neighbor);
    if (!table_set(&engine->table, prefix, route))
        engine_exhausted(engine, prefix, neighbor);
    engine->budget.limit_bytes = limit_bytes;
}

/* The connected prefix that an interface brought, so that it goes when the address changes. */
static struct prefix *connected_of(struct engine *engine, uint16_t interface)
{
    while (engine->interfaces.high < interface) {
        if (pool_take(&engine->interfaces) == 0)
            return NULL;
    }
    return pool_get(&engine->interfaces, interface);
}

static void connect_prefix(struct engine *engine, struct prefix prefix, uint16_t interface,
                           uint32_t tag)
{
    struct table_route route = {.interface = interface, .source = ROUTE_CONNECTED, .tag = tag};
    platform_weigh(engine->config.profile, ROUTE_CONNECTED, false, 0, &route.distance,
                   &route.metric);
    entries_put(engine, prefix, &route, 0);
}

void entries_interface(struct engine *engine, const struct event_interface *said)
{
    struct prefix prefix = prefix_around(said->addr, said->addr ? said->len : 0);
    struct prefix *connected = connected_of(engine, said->interface);
    if (!connected || !table_interface(&engine->table, said->interface, said->up)) {
        engine_exhausted(engine, prefix, 0);
        return;
    }
    if (connected->addr != 0 && !prefix_equal(*connected, prefix))
        table_remove(&engine->table, *connected, ROUTE_CONNECTED, said->interface);
    *connected = prefix;
    if (said->addr != 0)
        connect_prefix(engine, prefix, said->interface, said->interface);
}

void entries_route(struct engine *engine, const struct event_route *said, bool present)
{
    if (!present) {
        table_remove(&engine->table, said->prefix, said->source, said->tag);
        return;
    }
    struct table_route route = {.gateway = said->gateway,
                                .tag = said->tag,
                                .interface = said->interface,
                                .source = (uint8_t)said->source,
                                .flags = said->discard ? ROUTE_DISCARD : 0};
    if (platform_needs_link(engine->config.profile, said->source))
        route.flags |= ROUTE_ON_LINK_ONLY;
    platform_weigh(engine->config.profile, said->source, said->has_metric, said->metric,
                   &route.distance, &route.metric);
    if (said->has_distance)
        route.distance = said->distance;
    entries_put(engine, said->prefix, &route, 0);
}

/* The table's candidate for a best path; false when it has none of its own (local routes stand in
 * the table for other reasons). */
bool entries_route_of(const struct engine *engine, struct rib_route best,
                      struct table_route *ret_route)
{
    const struct engine_bgp *bgp = engine->bgp;
    if (best.attr.v == 0 || engine->config.no_entries)
        return false;
    const struct source *source = &rib_source_get(&bgp->rib, best.source)->source;
    switch (source->kind) {
    case SOURCE_DX:
    case SOURCE_VPN_BGP:
    case SOURCE_PLAIN_BGP: {
        const struct attr_facts *facts = attr_get(&bgp->rib.attrs, best.attr);
        *ret_route = (struct table_route){.gateway = attr_next_hop(facts),
                                          .tag = engine_source_neighbor(engine, best.source),
                                          .source = source->external ? ROUTE_EBGP : ROUTE_IBGP,
                                          .flags = source->external ? ROUTE_ON_LINK_ONLY : 0};
        platform_weigh(engine->config.profile, ret_route->source, facts->med != 0, facts->med,
                       &ret_route->distance, &ret_route->metric);
        return true;
    }
    case SOURCE_VPN_STATIC:
        *ret_route = (struct table_route){
            .interface = engine_attachment_at(engine, source->attachment.v)->static_interface,
            .tag = source->attachment.v | TAG_STATIC_VPN,
            .source = ROUTE_STATIC};
        platform_weigh(engine->config.profile, ROUTE_STATIC, false, 0, &ret_route->distance,
                       &ret_route->metric);
        return true;
    case SOURCE_LOCAL:
    case SOURCE_FRAGMENT:
    default:
        return false;
    }
}

/* The connection's other tunnel is in use: the routes that lead there lead elsewhere, and nothing
 * that a neighbor is told changes. */
static void move_static_vpn(struct engine *engine, struct engine_attachment *attachment,
                            uint16_t interface)
{
    const struct rib *rib = &engine->bgp->rib;
    attachment->static_interface = interface;
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        struct rib_route best = rib_best(rib, number);
        struct table_route route;
        if (best.attr.v != 0 && best.source.v == attachment->static_source.v &&
            entries_route_of(engine, best, &route))
            entries_put(engine, rib_prefix_of(rib, rib_prefix_get(rib, number)), &route, 0);
    }
}

void entries_static_vpn(struct engine *engine, const struct event_static_vpn *said)
{
    struct engine_bgp *bgp = engine->bgp;
    struct engine_attachment *attachment = engine_attachment_at(engine, said->attachment);
    if (attachment->static_source.v == 0) {
        struct source source = {.kind = SOURCE_VPN_STATIC, .attachment = {said->attachment}};
        attachment->static_source = rib_source_add(&bgp->rib, &source);
        if (attachment->static_source.v == 0) {
            engine_exhausted(engine, said->prefix, 0);
            return;
        }
    }
    struct event_announce announce = {.prefix = said->prefix};
    if (attachment->static_interface != said->interface)
        move_static_vpn(engine, attachment, said->interface);
    if (said->present)
        flow_announce(engine, attachment->static_source, &announce);
    else
        flow_withdraw(engine, attachment->static_source, said->prefix);
}

static void propagate(struct engine *engine, struct engine_vpc *vpc, struct prefix prefix, bool has,
                      uint16_t neighbor)
{
    size_t limit_bytes = budget_for(engine, neighbor);
    if (vpc->interface && vpc_propagate(&vpc->vpc, ENGINE_GATEWAY, prefix, has) != VPC_DONE)
        engine_exhausted(engine, prefix, neighbor);
    engine->budget.limit_bytes = limit_bytes;
}

/* A best path has changed: so do the router's table and the VPCs' route tables. */
void entries_best(struct engine *engine, const struct rib_change *change)
{
    struct prefix prefix = rib_change_prefix(&engine->bgp->rib, change);
    struct table_route old, new;
    struct rib_route was = {change->old_attr, {change->old_source}};
    struct rib_route is = {change->new_attr, {change->new_source}};
    bool had = entries_route_of(engine, was, &old), has = entries_route_of(engine, is, &new);
    if (had && !(has && old.source == new.source &&old.tag == new.tag))
        table_remove(&engine->table, prefix, old.source, old.tag);
    uint16_t neighbor = has ? engine_source_neighbor(engine, is.source) : 0;
    if (has)
        entries_put(engine, prefix, &new, neighbor);
    for (uint32_t i = 1; i <= engine->vpcs.high; i++)
        propagate(engine, pool_get(&engine->vpcs, i), prefix, has, neighbor);
}

static struct vpc *vpc_at(struct engine *engine, uint16_t vpc)
{
    return &((struct engine_vpc *)pool_get(&engine->vpcs, vpc))->vpc;
}

/* A VPC that is attached to a gateway learns what the gateway knows already. */
static void propagate_all(struct engine *engine, struct engine_vpc *vpc)
{
    const struct rib *rib = &engine->bgp->rib;
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        struct rib_route best = rib_best(rib, number);
        struct table_route route;
        if (entries_route_of(engine, best, &route))
            propagate(engine, vpc, rib_prefix_of(rib, rib_prefix_get(rib, number)), true,
                      engine_source_neighbor(engine, best.source));
    }
}

/* -- ranges, as the gateway has them -- */

static struct engine_vpc *engine_vpc_at(struct engine *engine, uint16_t vpc)
{
    return pool_get(&engine->vpcs, vpc);
}

static void take_range(struct engine *engine, uint16_t interface, struct prefix cidr)
{
    if (interface == 0)
        return;
    connect_prefix(engine, cidr, interface, interface | TAG_VPC_RANGE);
    if (engine->bgp) {
        struct event_announce announce = {.prefix = cidr};
        flow_announce(engine, engine->bgp->local, &announce);
    }
}

static void give_range_up(struct engine *engine, uint16_t interface, struct prefix cidr)
{
    if (interface == 0)
        return;
    table_remove(&engine->table, cidr, ROUTE_CONNECTED, interface | TAG_VPC_RANGE);
    if (engine->bgp)
        flow_withdraw(engine, engine->bgp->local, cidr);
}

/* -- VPCs -- */

static void init_vpc(struct engine *engine, const struct event_vpc *said, struct engine_vpc *vpc)
{
    struct vpc_limits limits = vpc_limits_of_aws;
    if (said->propagated_limit)
        limits.propagated = said->propagated_limit;
    vpc->interface = said->interface;
    vpc_init(&vpc->vpc, &limits, &engine->budget);
    if (engine->bgp && vpc->interface)
        propagate_all(engine, vpc);
}

static void tell_gone(struct engine *engine, uint16_t number, uint16_t table)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    while (vpc_next(engine_vpc(engine, number), table, &walk, &route, &reason)) {
        bool chosen = reason == VPC_CHOSEN || reason == VPC_GONE || reason == VPC_DISCARDS;
        if (!chosen)
            continue;
        struct effect_vpc_entry *entry = &engine_effect(engine, EFFECT_VPC_ENTRY)->vpc_entry;
        *entry = (struct effect_vpc_entry){.vpc = number, .table = table, .route = route};
    }
}

/* What was told of it is taken back, and told anew as far as it is said anew. Its ranges are none
 * of the tables' business: neighbors would hear of them that they go and come. */
static void say_vpc_again(struct engine *engine, const struct event_vpc *said)
{
    struct engine_vpc *vpc = engine_vpc_at(engine, said->vpc);
    struct vpc was = vpc->vpc;
    uint16_t interface = vpc->interface;
    bool told = !engine->bgp || !deferral_holds(engine);
    for (uint16_t table = 1; told && table <= was.tables.high; table++)
        tell_gone(engine, said->vpc, table);
    vpc_done(&vpc->vpc);
    init_vpc(engine, said, vpc);
    for (uint32_t i = 0; i < was.cidr_count; i++) {
        enum vpc_verdict verdict = vpc_add_cidr(&vpc->vpc, was.cidrs[i]);
        assert(verdict == VPC_DONE); /* there is no table that would have to take it */
        if (interface == said->interface)
            continue;
        give_range_up(engine, interface, was.cidrs[i]);
        take_range(engine, said->interface, was.cidrs[i]);
    }
}

static void say_vpc(struct engine *engine, const struct event_vpc *said)
{
    if (said->vpc <= engine->vpcs.high) {
        say_vpc_again(engine, said);
        return;
    }
    uint32_t number = pool_take(&engine->vpcs);
    assert(number == said->vpc);
    init_vpc(engine, said, engine_vpc_at(engine, said->vpc));
}

static enum vpc_verdict change_range(struct engine *engine, const struct event_vpc_part *part)
{
    struct engine_vpc *vpc = engine_vpc_at(engine, part->vpc);
    uint32_t count = vpc->vpc.cidr_count;
    enum vpc_verdict verdict = part->present ? vpc_add_cidr(&vpc->vpc, part->prefix)
                                             : vpc_remove_cidr(&vpc->vpc, part->prefix);
    if (vpc->vpc.cidr_count > count)
        take_range(engine, vpc->interface, part->prefix);
    else if (vpc->vpc.cidr_count < count)
        give_range_up(engine, vpc->interface, part->prefix);
    return verdict;
}

static enum vpc_verdict add_table(struct engine *engine, const struct event_vpc_part *part)
{
    struct vpc *vpc = vpc_at(engine, part->vpc);
    uint16_t table;
    if (part->table > vpc->tables.high) {
        enum vpc_verdict verdict = vpc_add_table(vpc, &table);
        if (verdict != VPC_DONE)
            return verdict;
        assert(table == part->table);
    }
    return vpc_set_propagation(vpc, part->table, ENGINE_GATEWAY, part->present);
}

static enum vpc_verdict change_vpc(struct engine *engine, enum event_kind kind,
                                   const struct event_vpc_part *part)
{
    struct vpc *vpc = vpc_at(engine, part->vpc);
    uint16_t subnet;
    if (kind == EVENT_VPC_CIDR)
        return change_range(engine, part);
    if (kind == EVENT_VPC_TABLE)
        return add_table(engine, part);
    bool names_table = kind == EVENT_VPC_SUBNET || kind == EVENT_VPC_ROUTE;
    if (names_table && part->table > vpc->tables.high)
        return VPC_REFUSED_LIMIT; /* as was the table */
    if (kind == EVENT_VPC_SUBNET)
        return vpc_add_subnet(vpc, part->prefix, part->table, &subnet);
    if (kind == EVENT_VPC_TARGET)
        return vpc_set_target(vpc, part->target, part->present);
    if (kind == EVENT_VPC_PEERING)
        return vpc_set_peering(vpc, &part->peering);
    if (part->present)
        return vpc_set_route(vpc, part->table, part->prefix, VPC_ORIGIN_STATIC, part->target);
    vpc_remove_route(vpc, part->table, part->prefix, VPC_ORIGIN_STATIC);
    return VPC_DONE;
}

void entries_vpc(struct engine *engine, const struct event *event)
{
    if (event->kind == EVENT_VPC) {
        say_vpc(engine, &event->vpc);
        return;
    }
    enum vpc_verdict verdict = change_vpc(engine, event->kind, &event->vpc_part);
    if (verdict != VPC_DONE) {
        struct effect_note *note = engine_note(engine, NOTE_VPC_REFUSED);
        note->prefix = event->vpc_part.prefix;
        note->reason = (uint8_t)verdict;
    }
}

static void entry_effect(struct engine *engine, const struct table_change *change)
{
    const struct table_best *told =
        change->now.way.kind == TABLE_NOWHERE ? &change->old : &change->now;
    if (told->way.kind == TABLE_HERE || told->way.kind == TABLE_NOWHERE)
        return;
    struct effect_entry *entry = &engine_effect(engine, EFFECT_ENTRY)->entry;
    bool by_bgp = told->route.source == ROUTE_EBGP || told->route.source == ROUTE_IBGP;
    *entry = (struct effect_entry){.prefix = change->prefix,
                                   .present = change->now.way.kind != TABLE_NOWHERE,
                                   .discard = told->way.kind == TABLE_DROP,
                                   .interface = told->way.interface,
                                   .gateway = told->way.gateway,
                                   .source = told->route.source,
                                   .neighbor = by_bgp ? (uint16_t)told->route.tag : 0};
}

void entries_settle(struct engine *engine)
{
    struct table_change change;
    if (engine->bgp && deferral_holds(engine))
        return; /* what an earlier life installed stays as it is */
    if (table_settle(&engine->table, STEP_TABLE_PREFIXES) > 0)
        engine->more = true;
    while (table_take_change(&engine->table, &change))
        entry_effect(engine, &change);
    for (uint32_t i = 1; i <= engine->vpcs.high; i++) {
        struct vpc_change told;
        while (vpc_take_change(vpc_at(engine, (uint16_t)i), &told)) {
            struct effect_vpc_entry *entry = &engine_effect(engine, EFFECT_VPC_ENTRY)->vpc_entry;
            *entry = (struct effect_vpc_entry){.vpc = (uint16_t)i,
                                               .table = told.table,
                                               .present = told.has,
                                               .route = told.has ? told.now : told.old};
        }
    }
}
