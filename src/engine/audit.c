/* The engine's invariants, recounted the slow way: for tests and for runs that ask for it. */
#include "engine/parts.h"

/* Only a live session, or who has no session, may have routes that count. */
static const char *audit_sources(const struct engine *engine)
{
    const struct rib *rib = &engine->bgp->rib;
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        const struct engine_neighbor *neighbor = engine_neighbor_at(engine, i);
        const struct rib_counts *counts = &rib_source_get(rib, neighbor->source)->counts;
        bool live = neighbor->session.state == SESSION_ESTABLISHED;
        if (!live && !neighbor->dropping && !neighbor->stale &&
            counts->accepted + counts->refused > 0)
            return "a route without a live source is in the Adj-RIB-In";
        if (!live && neighbor->member)
            return "a session that is down is still told of routes";
    }
    return NULL;
}

/* A prefix that the guard holds is told to no neighbor of that customer gateway. */
static const char *audit_guard(const struct engine *engine)
{
    const struct engine_bgp *bgp = engine->bgp;
    for (uint32_t number = 1; number < rib_number_end(&bgp->rib); number++) {
        const struct rib_prefix *record = rib_prefix_get(&bgp->rib, number);
        if (!(record->bits & RIB_IN_USE) || rib_best(&bgp->rib, number).attr.v == 0)
            continue;
        struct prefix prefix = rib_prefix_of(&bgp->rib, record);
        if (!guard_covers_any(&bgp->guard, prefix))
            continue;
        for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
            uint16_t at = engine_neighbor(engine, i)->attachment;
            const struct event_attachment *attachment = engine_attachment(engine, at);
            enum reason reason;
            struct guard_verdict verdict =
                guard_export_judge(&bgp->guard, (struct cgw_id){attachment->customer_gateway},
                                   attachment->guard, prefix);
            bool held = verdict.action != GUARD_OFF && verdict.action != GUARD_WARN;
            bool hears = engine_neighbor_at(engine, i)->member != 0;
            if (held && hears && engine_told(engine, i, prefix, &reason).attr.v != 0)
                return "a prefix that the guard holds is told to its customer gateway";
        }
    }
    return NULL;
}

/* -- the router's table has what BGP chose, and nothing else of BGP's -- */

static bool same_route(const struct table_route *left, const struct table_route *right)
{
    return left->source == right->source && left->tag == right->tag &&
           left->gateway == right->gateway && left->interface == right->interface;
}

static bool table_has(const struct table *table, struct prefix prefix,
                      const struct table_route *route)
{
    struct table_candidate candidate;
    for (uint32_t i = 0; table_candidate(table, prefix, i, &candidate); i++) {
        if (same_route(&candidate.route, route))
            return true;
    }
    return false;
}

static uint32_t count_learned(const struct table *table)
{
    uint32_t count = 0;
    struct prefix prefix, previous;
    struct table_candidate candidate;
    bool more = table_next(table, NULL, &prefix);
    for (; more; previous = prefix, more = table_next(table, &previous, &prefix)) {
        for (uint32_t i = 0; table_candidate(table, prefix, i, &candidate); i++)
            count += candidate.route.source == ROUTE_EBGP || candidate.route.source == ROUTE_IBGP;
    }
    return count;
}

/* Beside an announced default that is not used the table has another one, where anybody offers one.
 * Counts what it has by BGP. */
static const char *audit_aside(const struct engine *engine, uint32_t number, uint32_t *learned)
{
    const struct engine_bgp *bgp = engine->bgp;
    struct prefix prefix = rib_prefix_of(&bgp->rib, rib_prefix_get(&bgp->rib, number));
    const struct engine_aside *beside = &bgp->beside[prefix.six];
    uint32_t others = 0;
    const struct rib_path *path = rib_path_next(&bgp->rib, number, NULL);
    for (; path; path = rib_path_next(&bgp->rib, number, path))
        others += path->source.v != bgp->aside.v && !reason_refuses(path->why);
    if (beside->has != (others > 0 && !engine->config.no_entries))
        return "a default that is announced and not used keeps another one out";
    if (beside->has && !table_has(&engine->table, prefix, &beside->route))
        return "what is used beside an announced default is not in the router's table";
    *learned += beside->has;
    return NULL;
}

/* ret_chosen: how many prefixes lead out by what BGP or a static VPN brought. */
static const char *audit_table(const struct engine *engine, uint32_t *ret_chosen)
{
    const struct rib *rib = &engine->bgp->rib;
    uint32_t chosen = 0, learned = 0;
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        struct table_route route;
        struct rib_route best = rib_best(rib, number);
        const char *complaint = NULL;
        if (best.attr.v != 0 && best.source.v == engine->bgp->aside.v)
            complaint = audit_aside(engine, number, &learned);
        if (complaint)
            return complaint;
        if (!entries_route_of(engine, best, &route))
            continue;
        chosen++;
        learned += route.source == ROUTE_EBGP || route.source == ROUTE_IBGP;
        if (!table_has(&engine->table, rib_prefix_of(rib, rib_prefix_get(rib, number)), &route))
            return "a best path is not in the router's table";
    }
    *ret_chosen = chosen;
    return learned == count_learned(&engine->table)
               ? NULL
               : "the router's table has a BGP route that is not the best path";
}

/* Every table that the gateway propagates into has every prefix, or it waits at the limit. */
static const char *audit_propagation(const struct engine *engine, uint32_t chosen)
{
    for (uint32_t i = 1; i <= engine->vpcs.high; i++) {
        const struct engine_vpc *attached = pool_get(&engine->vpcs, i);
        const struct vpc *vpc = &attached->vpc;
        for (uint16_t table = 1; table <= vpc->tables.high && attached->interface; table++) {
            uint32_t waiting;
            uint32_t count = vpc_propagated_count(vpc, table, &waiting);
            uint32_t wanted = vpc_propagates(vpc, table, ENGINE_GATEWAY) ? chosen : 0;
            if (count + waiting != wanted)
                return "a VPC's route table has other prefixes than its gateway propagates";
        }
    }
    return NULL;
}

static const char *audit_deadlines(const struct engine *engine)
{
    const struct heap *deadlines = &engine->bgp->deadlines;
    if (deadlines->count != engine_neighbor_count(engine))
        return "a neighbor has no place among the deadlines";
    for (uint32_t i = 0; i < deadlines->count; i++) {
        const struct heap_entry *entry = &deadlines->entries[i];
        if (entry->when_us != sessions_deadline_us(engine_neighbor_at(engine, (uint16_t)entry->id)))
            return "a session's deadline is not the one that is armed";
    }
    deadlines = &engine->bgp->bfd_deadlines;
    if (deadlines->count != engine->bgp->bfd_ends.used_count)
        return "a neighbor's BFD has no place among the deadlines";
    for (uint32_t i = 0; i < deadlines->count; i++) {
        const struct heap_entry *entry = &deadlines->entries[i];
        if (entry->when_us != bfd_deadline_us(engine_bfd(engine, (uint16_t)entry->id)))
            return "a deadline of BFD is not the one that is armed";
    }
    return NULL;
}

static const char *audit_bgp(const struct engine *engine)
{
    uint32_t chosen = 0;
    const char *complaint = audit_deadlines(engine);
    if (complaint || engine->bgp->settle_at_us != ENGINE_NEVER)
        return complaint; /* changes are being gathered: nothing is decided yet */
    complaint = rib_audit(&engine->bgp->rib);
    if (!complaint)
        complaint = audit_sources(engine);
    if (!complaint)
        complaint = audit_guard(engine);
    if (!complaint)
        complaint = carve_audit(engine);
    if (!complaint)
        complaint = audit_table(engine, &chosen);
    return complaint ? complaint : audit_propagation(engine, chosen);
}

const char *engine_audit(const struct engine *engine)
{
    if (!table_holds(&engine->table))
        return "a router's table is not a function of its candidates";
    for (uint32_t i = 1; i <= engine->vpcs.high; i++) {
        if (!vpc_holds(engine_vpc(engine, (uint16_t)i)))
            return "a VPC's route tables do not add up";
    }
    return engine->bgp ? audit_bgp(engine) : NULL;
}
