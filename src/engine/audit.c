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
        if (!live && !neighbor->dropping && counts->accepted + counts->refused > 0)
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
        struct prefix4 prefix = rib_prefix_of(record);
        if (!guard_covers_any(&bgp->guard, prefix))
            continue;
        for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
            uint16_t at = engine_neighbor(engine, i)->attachment;
            const struct event_attachment *attachment = engine_attachment(engine, at);
            enum reason reason;
            struct guard_verdict verdict =
                guard_export_judge(&bgp->guard, (struct cgw_id){attachment->customer_gateway},
                                   attachment->guard, prefix);
            bool held = verdict.action == GUARD_HOLD || verdict.action == GUARD_REFUSE;
            bool hears = engine_neighbor_at(engine, i)->member != 0;
            if (held && hears && engine_told(engine, i, prefix, &reason).attr.v != 0)
                return "a prefix that the guard holds is told to its customer gateway";
        }
    }
    return NULL;
}

const char *engine_audit(const struct engine *engine)
{
    if (!table_holds(&engine->table))
        return "a router's table is not a function of its candidates";
    for (uint32_t i = 1; i <= engine->vpcs.high; i++) {
        if (!vpc_holds(engine_vpc(engine, (uint16_t)i)))
            return "a VPC's route tables do not add up";
    }
    if (!engine->bgp || engine->bgp->settle_at_us != ENGINE_NEVER)
        return NULL; /* changes are being gathered: nothing is decided yet */
    const char *complaint = rib_audit(&engine->bgp->rib);
    if (!complaint)
        complaint = audit_sources(engine);
    return complaint ? complaint : audit_guard(engine);
}
