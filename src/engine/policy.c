/* What an attachment may say and hear: filters, limits, the guard's policy and its endpoints. */
#include "engine/parts.h"

#include "base/limits.h"

#include <assert.h>
#include <string.h>

enum { KEPT_REFUSED = 100 }; /* of a neighbor, to be explained; more are only counted */

/* What covers an endpoint of the customer gateway may now be held, or no longer. */
static void judge_anew(struct engine *engine, uint16_t customer_gateway)
{
    const struct engine_bgp *bgp = engine->bgp;
    if (customer_gateway == 0 || bgp->rib.live_count == 0)
        return;
    for (int six = 0; six < 2; six++) {
        struct guard_cursor cursor = {0};
        while (guard_covered_next(&bgp->guard, prefix_make(six, 0, 0), &cursor)) {
            if (cursor.cgw.v == customer_gateway)
                flow_touch_covering(engine, cursor.outside);
        }
    }
}

/* A new attachment may belong to a customer gateway whose endpoints are known. */
void policy_attachment(struct engine *engine, const struct event_attachment *said)
{
    struct engine_bgp *bgp = engine->bgp;
    if (said->attachment > bgp->attachments.high) {
        uint32_t number = pool_take(&bgp->attachments);
        assert(number == said->attachment);
    }
    struct engine_attachment *attachment = engine_attachment_at(engine, said->attachment);
    struct event_attachment was = attachment->said;
    attachment->said = *said;
    if (was.guard == said->guard && was.customer_gateway == said->customer_gateway)
        return;
    carve_policy(engine, was.guard, said->guard);
    judge_anew(engine, said->customer_gateway);
    if (was.customer_gateway != said->customer_gateway)
        judge_anew(engine, was.customer_gateway);
}

static const struct engine_filter *filter_at(const struct engine *engine, uint16_t filter)
{
    return pool_get(&engine->bgp->filters, filter);
}

static void forget_filter(struct engine *engine, uint16_t filter)
{
    if (filter == 0)
        return;
    struct engine_filter *old = pool_get(&engine->bgp->filters, filter);
    budget_put(&engine->budget, old->rules, old->size_bytes);
    *old = (struct engine_filter){0};
    pool_give(&engine->bgp->filters, filter);
}

static uint16_t keep_filter(struct engine *engine, const struct event_filter *said)
{
    size_t size_bytes = said->count * sizeof *said->rules;
    uint32_t number = pool_take(&engine->bgp->filters);
    struct prefix_rule *rules = number ? budget_get(&engine->budget, size_bytes + 1) : NULL;
    assert(rules); /* a filter that is not there must not be taken for one that permits */
    if (size_bytes > 0)
        memcpy(rules, said->rules, size_bytes);
    *(struct engine_filter *)pool_get(&engine->bgp->filters, number) =
        (struct engine_filter){.size_bytes = (uint32_t)size_bytes + 1,
                               .count = said->count,
                               .permit_rest = said->permit_rest,
                               .rules = rules};
    return (uint16_t)number;
}

/* A changed export filter is a changed policy: its neighbors move to another group and are told
 * everything again. What a changed import filter would refuse now goes when the neighbor says it
 * again: it is asked to. */
void policy_filter(struct engine *engine, const struct event_filter *said)
{
    struct engine_bgp *bgp = engine->bgp;
    struct engine_attachment *attachment = engine_attachment_at(engine, said->attachment);
    uint16_t *place = said->export ? &attachment->export : &attachment->import;
    uint16_t old = *place;
    *place = keep_filter(engine, said);
    for (uint32_t i = 1; i <= bgp->neighbors.high; i++) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, (uint16_t)i);
        if (neighbor->said.attachment != said->attachment)
            continue;
        if (said->export && neighbor->member) {
            struct export_policy policy = policy_export(engine, neighbor);
            bool moved = outlog_move(&bgp->outlog, neighbor->member, &policy);
            assert(moved);
            bgp->news = true;
        } else if (!said->export) {
            sessions_ask_again(engine, neighbor);
        }
    }
    forget_filter(engine, old);
}

void policy_endpoint(struct engine *engine, const struct event_endpoint *said)
{
    struct cgw_id cgw = {said->customer_gateway};
    if (!said->present) {
        guard_endpoint_remove(&engine->bgp->guard, cgw, said->addr);
    } else {
        bool added = guard_endpoint_add(&engine->bgp->guard, cgw, said->addr);
        assert(added); /* a tunnel that the guard does not know must not be */
    }
    flow_touch_covering(engine, said->addr);
}

struct import_policy policy_import(const struct engine *engine,
                                   const struct engine_neighbor *neighbor,
                                   struct prefix_list *ret_list)
{
    const struct engine_attachment *attachment =
        engine_attachment_at(engine, neighbor->said.attachment);
    struct import_policy policy = {.own_as = engine->config.asn,
                                   .allow_own_as = neighbor->said.allowas_in,
                                   .warn_percent = LIMIT_WARN_PERCENT,
                                   .limit_action = attachment->said.limit_refuses_alone
                                                       ? GUARD_LIMIT_REFUSE
                                                       : GUARD_LIMIT_CLOSE,
                                   .limit = attachment->said.prefix_limit,
                                   .kept_refused = KEPT_REFUSED};
    if (attachment->import) {
        const struct engine_filter *filter = filter_at(engine, attachment->import);
        *ret_list = (struct prefix_list){filter->rules, filter->count, filter->permit_rest};
        policy.filter = ret_list;
    }
    return policy;
}

struct export_policy policy_export(const struct engine *engine,
                                   const struct engine_neighbor *neighbor)
{
    const struct open_terms *terms = session_terms(&neighbor->session);
    return (struct export_policy){
        .own_as = engine->config.asn,
        .med = neighbor->said.med,
        .local_pref = 100,
        .filter = engine_attachment_at(engine, neighbor->said.attachment)->export,
        .external = neighbor->said.peer_asn != engine->config.asn,
        .as4 = !terms || terms->four_octet_as,
        .has_med = neighbor->said.med != 0,
        .six = terms && terms->six,
        .no_four = terms && !terms->four,
        .announce_back = engine->config.announce_back};
}

bool policy_export_passes(const void *ctx, uint16_t filter, struct prefix prefix,
                          struct rib_route route)
{
    (void)route;
    const struct engine_filter *list = filter_at(ctx, filter);
    return prefix_list_permits(&(struct prefix_list){list->rules, list->count, list->permit_rest},
                               prefix, NULL);
}
