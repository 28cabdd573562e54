/* What an attachment may say and hear, and in which words: filters, limits, edits, the guard's
 * policy and its endpoints. */
#include "engine/parts.h"

#include "base/limits.h"
#include "wire/bgp_canonical.h"

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

/* A changed export policy moves the neighbors to another group, and they are told everything again.
 * What a changed import policy makes of the routes shows when the neighbor says them again: it is
 * asked to. */
static void apply_anew(struct engine *engine, uint16_t attachment, bool export)
{
    struct engine_bgp *bgp = engine->bgp;
    for (uint32_t i = 1; i <= bgp->neighbors.high; i++) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, (uint16_t)i);
        if (neighbor->said.attachment != attachment)
            continue;
        if (export && neighbor->member) {
            struct export_policy policy = policy_export(engine, neighbor);
            bool moved = outlog_move(&bgp->outlog, neighbor->member, &policy);
            assert(moved);
            bgp->news = true;
        } else if (!export) {
            sessions_ask_again(engine, neighbor);
        }
    }
}

/* May something be accepted now that was refused, or the other way around? What a lower limit would
 * have refused stays: it is asked when a path comes. */
static bool judges_otherwise(const struct event_attachment *was, const struct event_attachment *is)
{
    bool raised =
        was->prefix_limit != 0 && (is->prefix_limit == 0 || is->prefix_limit > was->prefix_limit);
    return raised || was->refuse_default != is->refuse_default ||
           was->policy_required != is->policy_required;
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
    if (judges_otherwise(&was, said))
        apply_anew(engine, said->attachment, false);
    if (was.policy_required != said->policy_required)
        apply_anew(engine, said->attachment, true);
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
    struct engine_filter *kept = pool_get(&engine->bgp->filters, number);
    kept->asks_communities = prefix_list_asks_communities(
        &(struct prefix_list){kept->rules, kept->count, kept->permit_rest});
    return (uint16_t)number;
}

void policy_filter(struct engine *engine, const struct event_filter *said)
{
    struct engine_attachment *attachment = engine_attachment_at(engine, said->attachment);
    assert(!said->export || !said->allowed);
    uint16_t *place = said->export    ? &attachment->export
                      : said->allowed ? &attachment->allowed
                                      : &attachment->import;
    uint16_t old = *place;
    bool lifted = said->allowed && said->count == 0 && said->permit_rest;
    *place = lifted ? 0 : keep_filter(engine, said);
    apply_anew(engine, said->attachment, said->export);
    forget_filter(engine, old);
}

static uint16_t keep_edit(struct engine *engine, const struct route_edit *said)
{
    struct pool *edits = &engine->bgp->edits;
    if (route_edit_is_nothing(said))
        return 0;
    for (uint32_t i = 1; i <= edits->high; i++) {
        struct engine_edit *edit = pool_get(edits, i);
        if (edit->refs > 0 && route_edit_same(&edit->edit, said)) {
            edit->refs++;
            return (uint16_t)i;
        }
    }
    uint32_t number = pool_take(edits);
    assert(number); /* a policy that is not there must not be taken for one that changes nothing */
    *(struct engine_edit *)pool_get(edits, number) = (struct engine_edit){*said, 1};
    return (uint16_t)number;
}

static void forget_edit(struct engine *engine, uint16_t number)
{
    struct pool *edits = &engine->bgp->edits;
    struct engine_edit *edit = number ? pool_get(edits, number) : NULL;
    if (edit && --edit->refs == 0)
        pool_give(edits, number);
}

void policy_edit(struct engine *engine, const struct event_policy *said)
{
    struct engine_attachment *attachment = engine_attachment_at(engine, said->attachment);
    uint16_t *place = said->export ? &attachment->export_edit : &attachment->import_edit;
    uint16_t old = *place;
    *place = keep_edit(engine, &said->edit);
    if (*place != old)
        apply_anew(engine, said->attachment, said->export);
    forget_edit(engine, old);
}

const struct route_edit *policy_edit_numbered(const void *engine, uint16_t edit)
{
    const struct pool *edits = &((const struct engine *)engine)->bgp->edits;
    return &((const struct engine_edit *)pool_get(edits, edit))->edit;
}

const struct route_edit *policy_edit_of(const struct engine *engine, uint16_t attachment,
                                        bool export)
{
    const struct engine_attachment *at = engine_attachment_at(engine, attachment);
    uint16_t edit = export ? at->export_edit : at->import_edit;
    return edit ? policy_edit_numbered(engine, edit) : NULL;
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

static struct prefix_list list_of(const struct engine *engine, uint16_t filter)
{
    const struct engine_filter *said = filter_at(engine, filter);
    return (struct prefix_list){said->rules, said->count, said->permit_rest};
}

struct import_policy policy_import(const struct engine *engine,
                                   const struct engine_neighbor *neighbor,
                                   struct policy_lists *ret_lists)
{
    const struct engine_attachment *attachment =
        engine_attachment_at(engine, neighbor->said.attachment);
    const struct event_attachment *said = &attachment->said;
    struct import_policy policy = {
        .own_as = engine->config.asn,
        .allow_own_as = neighbor->said.allowas_in,
        .missing = said->policy_required && !attachment->import && !attachment->allowed &&
                   !attachment->import_edit,
        .refuse_default = said->refuse_default,
        .warn_percent = said->warn_percent ? said->warn_percent : LIMIT_WARN_PERCENT,
        .limit_action = said->limit_refuses_alone ? GUARD_LIMIT_REFUSE : GUARD_LIMIT_CLOSE,
        .limit = said->prefix_limit,
        .kept_refused = KEPT_REFUSED};
    if (attachment->allowed) {
        ret_lists->allowed = list_of(engine, attachment->allowed);
        policy.allowed = &ret_lists->allowed;
    }
    if (attachment->import) {
        ret_lists->filter = list_of(engine, attachment->import);
        policy.filter = &ret_lists->filter;
    }
    return policy;
}

/* A MED for the whole attachment does not blur which of its tunnels is chosen. */
static uint32_t sum_of(uint32_t left, uint32_t right)
{
    return left + right < left ? UINT32_MAX : left + right;
}

struct export_policy policy_export(const struct engine *engine,
                                   const struct engine_neighbor *neighbor)
{
    const struct open_terms *terms = session_terms(&neighbor->session);
    const struct engine_attachment *attachment =
        engine_attachment_at(engine, neighbor->said.attachment);
    struct export_policy policy = {.own_as = engine->config.asn,
                                   .med = neighbor->said.med,
                                   .local_pref = 100,
                                   .filter = attachment->export,
                                   .external = neighbor->said.peer_asn != engine->config.asn,
                                   .as4 = !terms || terms->four_octet_as,
                                   .has_med = neighbor->said.med != 0,
                                   .six = terms && terms->six,
                                   .no_four = terms && !terms->four,
                                   .announce_back = engine->config.announce_back,
                                   .missing = attachment->said.policy_required &&
                                              !attachment->export && !attachment->export_edit};
    if (!attachment->export_edit)
        return policy;
    const struct route_edit *edit = policy_edit_numbered(engine, attachment->export_edit);
    policy.edit = attachment->export_edit;
    policy.med = edit->has_med ? sum_of(policy.med, edit->med) : policy.med;
    policy.has_med |= edit->has_med;
    return policy;
}

struct slice policy_communities(struct slice canonical)
{
    struct bgp_attrs attrs;
    bgp_attrs_decode_canonical(canonical, &attrs);
    return attrs.communities;
}

bool policy_export_passes(const void *ctx, uint16_t filter, struct prefix prefix,
                          struct rib_route route)
{
    const struct engine *engine = ctx;
    struct prefix_list list = list_of(engine, filter);
    struct slice communities = {NULL, 0};
    if (filter_at(engine, filter)->asks_communities)
        communities = policy_communities(attr_bytes(&engine->bgp->rib.attrs, route.attr));
    return prefix_list_permits(&list, prefix, communities, NULL);
}
