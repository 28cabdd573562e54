#include "rib/adj_out.h"

#include "rib/prefixes.h"

#include <assert.h>

bool export_policy_same(const struct export_policy *left, const struct export_policy *right)
{
    bool same_med = left->has_med == right->has_med && (!left->has_med || left->med == right->med);
    bool same_pref = left->external || left->local_pref == right->local_pref;
    return left->own_as == right->own_as && left->external == right->external && same_med &&
           same_pref && left->filter == right->filter && left->as4 == right->as4 &&
           left->announce_back == right->announce_back &&
           left->keep_next_hop == right->keep_next_hop && left->six == right->six &&
           left->no_four == right->no_four && left->edit == right->edit &&
           left->missing == right->missing;
}

/* What is true of all members of a group: REASON_NONE when the route may be told. */
static enum reason judge_route(const struct rib *rib, const struct export_policy *policy,
                               const struct adj_out_filter *filter, uint32_t number,
                               struct rib_route route)
{
    const struct attr_facts *facts = attr_get(&rib->attrs, route.attr);
    if (policy->missing)
        return REASON_NO_EXPORT_POLICY;
    if (facts->flags & ATTR_NO_ADVERTISE)
        return REASON_NO_EXPORT;
    if (policy->external && facts->flags & ATTR_NO_EXPORT)
        return REASON_NO_EXPORT;
    const struct source *source = &source_at(rib, route.source)->source;
    if (!policy->external && source->kind == SOURCE_PLAIN_BGP && !source->external)
        return REASON_INTERNAL;
    if (policy->filter == 0)
        return REASON_NONE;
    struct prefix prefix = rib_prefix_of(rib, prefix_at(rib, number));
    bool passes = filter->passes(filter->ctx, policy->filter, prefix, route);
    return passes ? REASON_NONE : REASON_EXPORT_FILTER;
}

static struct audience split_horizon(const struct rib *rib, const struct export_policy *policy,
                                     struct rib_route route)
{
    if (policy->announce_back)
        return AUDIENCE_ALL;
    return audience_but(source_at(rib, route.source)->source.attachment);
}

/* Who is told the route, held being whom exceptions leave. With a reference for the caller. */
static bool reach(struct rib *rib, const struct export_policy *policy,
                  const struct adj_out_filter *filter, uint32_t number, struct rib_route route,
                  struct audience held, struct audience *ret_reach)
{
    if (route.attr.v == 0 || judge_route(rib, policy, filter, number, route) != REASON_NONE) {
        *ret_reach = AUDIENCE_NOBODY;
        return true;
    }
    struct audience all = split_horizon(rib, policy, route);
    if (audience_same(held, AUDIENCE_ALL)) {
        *ret_reach = all;
        return true;
    }
    return audience_meet(&rib->audiences, all, held, ret_reach);
}

static bool diff_of(struct rib *rib, const struct rib_change *change, struct audience before,
                    struct audience after, struct adj_out_diff *ret_diff)
{
    bool same_route = attr_equal(change->old_attr, change->new_attr);
    struct adj_out_diff diff = {.announce = after};
    if (!audience_without(&rib->audiences, before, after, &diff.withdraw))
        return false;
    if (!same_route || change->old_unknown) {
        audience_ref(&rib->audiences, diff.announce);
    } else if (!audience_without(&rib->audiences, after, before, &diff.announce)) {
        audience_unref(&rib->audiences, diff.withdraw);
        return false;
    }
    *ret_diff = diff;
    return true;
}

bool adj_out_alike(const struct export_policy *policy, const struct rib_change *left,
                   const struct rib_change *right)
{
    return policy->filter == 0 && left->six == right->six && !left->held && !right->held &&
           attr_equal(left->old_attr, right->old_attr) && left->old_source == right->old_source &&
           attr_equal(left->new_attr, right->new_attr) && left->new_source == right->new_source;
}

bool adj_out_diff(struct rib *rib, const struct export_policy *policy,
                  const struct adj_out_filter *filter, const struct rib_change *change,
                  struct adj_out_diff *ret_diff)
{
    uint32_t number = change->number;
    if (!export_policy_has(policy, change->six)) {
        *ret_diff = (struct adj_out_diff){AUDIENCE_NOBODY, AUDIENCE_NOBODY};
        return true;
    }
    struct rib_route old = {change->old_attr, {change->old_source}};
    struct rib_route new = {change->new_attr, {change->new_source}};
    struct audience held = AUDIENCE_ALL, before, after;
    if (change->held && !adj_out_held(rib, number, &held))
        return false;
    if (!reach(rib, policy, filter, number, old, change->old_held, &before))
        return false;
    if (!reach(rib, policy, filter, number, new, held, &after)) {
        audience_unref(&rib->audiences, before);
        return false;
    }
    bool done = diff_of(rib, change, before, after, ret_diff);
    audience_unref(&rib->audiences, before);
    audience_unref(&rib->audiences, after);
    return done;
}

void adj_out_diff_done(struct rib *rib, const struct adj_out_diff *diff)
{
    audience_unref(&rib->audiences, diff->announce);
    audience_unref(&rib->audiences, diff->withdraw);
}

struct rib_route adj_out_route(const struct rib *rib, const struct export_policy *policy,
                               const struct adj_out_filter *filter, struct attachment_id attachment,
                               uint32_t number, enum reason *ret_reason)
{
    const struct rib_prefix *prefix = prefix_at(rib, number);
    struct rib_route none = {{0}, {0}}, best = rib_best(rib, number);
    enum reason reason = REASON_NONE;
    if (best.attr.v != 0) {
        reason = export_policy_has(policy, prefix->bits & RIB_SIX)
                     ? judge_route(rib, policy, filter, number, best)
                     : REASON_FAMILY;
        if (reason == REASON_NONE &&
            !audience_has(&rib->audiences, split_horizon(rib, policy, best), attachment))
            reason = REASON_SPLIT_HORIZON;
        if (reason == REASON_NONE && prefix->bits & RIB_HELD) {
            reason = adj_out_exception(rib, number, attachment);
            if (reason == REASON_GUARD_WARN || reason == REASON_AS_LOOP_SENT)
                reason = REASON_NONE;
        }
    }
    if (ret_reason)
        *ret_reason = reason;
    return reason == REASON_NONE ? best : none;
}
