/* Looking at an engine without changing it: what questions ask, and its digest. */
#include "engine/parts.h"

#include "wire/bgp_update.h"

#include <assert.h>

const struct engine_config *engine_config_of(const struct engine *engine)
{
    return &engine->config;
}

const struct table *engine_table(const struct engine *engine)
{
    return &engine->table;
}

const struct rib *engine_rib(const struct engine *engine)
{
    return engine->bgp ? &engine->bgp->rib : NULL;
}

const struct vpc *engine_vpc(const struct engine *engine, uint16_t vpc)
{
    return &((const struct engine_vpc *)pool_get(&engine->vpcs, vpc))->vpc;
}

uint16_t engine_vpc_count(const struct engine *engine)
{
    return (uint16_t)engine->vpcs.high;
}

uint16_t engine_neighbor_count(const struct engine *engine)
{
    return engine->bgp ? (uint16_t)engine->bgp->neighbors.high : 0;
}

uint16_t engine_attachment_count(const struct engine *engine)
{
    return engine->bgp ? (uint16_t)engine->bgp->attachments.high : 0;
}

const struct bgp_session *engine_session(const struct engine *engine, uint16_t neighbor)
{
    return &engine_neighbor_at(engine, neighbor)->session;
}

const struct event_neighbor *engine_neighbor(const struct engine *engine, uint16_t neighbor)
{
    return &engine_neighbor_at(engine, neighbor)->said;
}

const struct event_attachment *engine_attachment(const struct engine *engine, uint16_t attachment)
{
    return &engine_attachment_at(engine, attachment)->said;
}

const struct route_edit *engine_edit(const struct engine *engine, uint16_t attachment, bool export)
{
    return policy_edit_of(engine, attachment, export);
}

struct source_id engine_neighbor_source(const struct engine *engine, uint16_t neighbor)
{
    return engine_neighbor_at(engine, neighbor)->source;
}

uint16_t engine_source_neighbor(const struct engine *engine, struct source_id source)
{
    const struct pool *by_source = &engine->bgp->by_source;
    return source.v <= by_source->high ? (uint16_t) * (uint32_t *)pool_get(by_source, source.v) : 0;
}

/* A path that contains the neighbor's AS is told; it is the neighbor who refuses it (T24). */
static enum reason told_all_the_same(const struct engine *engine, const struct engine_neighbor *to,
                                     uint32_t number, struct attr_id attr)
{
    const struct rib *rib = &engine->bgp->rib;
    struct attachment_id attachment = {to->said.attachment};
    enum reason exception = adj_out_exception(rib, number, attachment);
    if (exception != REASON_NONE)
        return exception;
    bool external = to->said.peer_asn != engine->config.asn;
    bool loops = external && attr_path_count(&rib->attrs, attr, to->said.peer_asn) > 0;
    return loops ? REASON_AS_LOOP_SENT : REASON_NONE;
}

static bool fits_in_message(const struct rib *rib, const struct export_policy *policy,
                            const struct adj_out_filter *filter, struct attr_id attr, bool six)
{
    uint8_t bytes[BGP_EXPORT_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_export export = outlog_export(policy, filter, six);
    size_t next_hop;
    return bgp_attrs_encode_export(attr_bytes(&rib->attrs, attr), &export, &writer, &next_hop);
}

struct rib_route engine_told(const struct engine *engine, uint16_t neighbor, struct prefix prefix,
                             enum reason *ret_reason)
{
    const struct engine_neighbor *to = engine_neighbor_at(engine, neighbor);
    const struct rib *rib = &engine->bgp->rib;
    uint32_t number = rib_find(rib, prefix);
    struct export_policy policy = policy_export(engine, to);
    struct rib_route none = {{0}, {0}};
    *ret_reason = REASON_NONE;
    if (number == 0)
        return none;
    const struct adj_out_filter *filter = &engine->bgp->outlog.filter;
    struct rib_route route = adj_out_route(
        rib, &policy, filter, (struct attachment_id){to->said.attachment}, number, ret_reason);
    if (route.attr.v == 0)
        return none;
    bool fits = fits_in_message(rib, &policy, filter, route.attr, prefix.six);
    *ret_reason = fits ? told_all_the_same(engine, to, number, route.attr) : REASON_TOO_LONG;
    return fits ? route : none;
}

void engine_told_counts(const struct engine *engine, uint16_t neighbor, uint32_t ret_counts[2])
{
    const struct engine_neighbor *to = engine_neighbor_at(engine, neighbor);
    const struct rib *rib = &engine->bgp->rib;
    struct export_policy policy = policy_export(engine, to);
    struct attachment_id attachment = {to->said.attachment};
    ret_counts[0] = ret_counts[1] = 0;
    for (uint32_t number = 1; to->member && number < rib_number_end(rib); number++) {
        const struct rib_prefix *record = rib_prefix_get(rib, number);
        if (!(record->bits & RIB_IN_USE))
            continue;
        struct rib_route route =
            adj_out_route(rib, &policy, &engine->bgp->outlog.filter, attachment, number, NULL);
        ret_counts[record->bits & RIB_SIX ? 1 : 0] += route.attr.v != 0;
    }
}

bool engine_exception_next(const struct engine *engine, uint32_t number, uint16_t *attachment,
                           enum reason *ret_reason)
{
    struct attachment_id at = {*attachment};
    if (!adj_out_exception_next(&engine->bgp->rib, number, &at, ret_reason))
        return false;
    *attachment = at.v;
    return true;
}

void engine_log_counts(const struct engine *engine, uint64_t *ret_held, uint64_t *ret_falls)
{
    struct outlog_counts counts = outlog_counts(&engine->bgp->outlog);
    *ret_held = counts.log_bytes;
    *ret_falls = counts.cut_count;
}

bool engine_waits(const struct engine *engine)
{
    return engine->bgp && deferral_holds(engine);
}

size_t engine_used_bytes(const struct engine *engine)
{
    return engine->budget.used_bytes;
}

static void digest_filter(const struct engine *engine, uint16_t number, struct digest *digest)
{
    if (number == 0)
        return;
    const struct engine_filter *filter = pool_get(&engine->bgp->filters, number);
    digest_u64(digest, filter->permit_rest);
    for (uint16_t i = 0; i < filter->count; i++) {
        const struct prefix_rule *rule = &filter->rules[i];
        digest_prefix(digest, rule->prefix);
        digest_u64(digest, (uint64_t)rule->ge << 16 | (uint64_t)rule->le << 8 | rule->permit);
        if (rule->has_community)
            digest_u64(digest, rule->community);
    }
}

static void digest_edit(const struct route_edit *edit, struct digest *digest)
{
    if (!edit)
        return;
    digest_u64(digest, (uint64_t)edit->prepend << 24 | (uint64_t)edit->add_count << 16 |
                           (uint64_t)edit->remove_count << 8 |
                           (uint64_t)edit->drop_communities << 2 |
                           (uint64_t)edit->has_local_pref << 1 | edit->has_med);
    digest_u64(digest, (uint64_t)(edit->has_local_pref ? edit->local_pref : 0) << 32 |
                           (edit->has_med ? edit->med : 0));
    for (uint8_t i = 0; i < edit->add_count; i++)
        digest_u64(digest, edit->add[i]);
    for (uint8_t i = 0; i < edit->remove_count; i++)
        digest_u64(digest, edit->remove[i]);
}

/* What few attachments have counts only where it is. */
static void digest_extras(const struct engine *engine, const struct engine_attachment *attachment,
                          struct digest *digest)
{
    const struct event_attachment *said = &attachment->said;
    uint8_t extras =
        (uint8_t)(said->policy_required << 5 | said->refuse_default << 4 |
                  (said->warn_percent != 0) << 3 | (attachment->allowed != 0) << 2 |
                  (attachment->import_edit != 0) << 1 | (attachment->export_edit != 0));
    if (extras == 0)
        return;
    digest_u64(digest, (uint64_t)said->warn_percent << 8 | extras);
    digest_filter(engine, attachment->allowed, digest);
    digest_edit(policy_edit_of(engine, said->attachment, false), digest);
    digest_edit(policy_edit_of(engine, said->attachment, true), digest);
}

/* Not the filters' numbers: those tell how they came about. */
static void digest_policies(const struct engine *engine, struct digest *digest)
{
    const struct engine_bgp *bgp = engine->bgp;
    for (uint16_t i = 1; i <= engine_attachment_count(engine); i++) {
        const struct engine_attachment *attachment = engine_attachment_at(engine, i);
        const struct event_attachment *said = &attachment->said;
        digest_u64(digest, said->kind);
        digest_u64(digest, (uint64_t)said->customer_gateway << 8 | said->guard);
        digest_u64(digest, (uint64_t)said->prefix_limit << 1 | said->limit_refuses_alone);
        digest_u64(digest, attachment->static_interface);
        digest_u64(digest, attachment->import != 0);
        digest_filter(engine, attachment->import, digest);
        digest_u64(digest, attachment->export != 0);
        digest_filter(engine, attachment->export, digest);
        digest_extras(engine, attachment, digest);
    }
    for (int six = 0; six < 2; six++) {
        struct guard_cursor cursor = {0};
        while (guard_covered_next(&bgp->guard, prefix_make(six, 0, 0), &cursor)) {
            digest_u64(digest, (uint64_t)cursor.outside << 16 | cursor.cgw.v);
            digest_six(digest, six, cursor.outside);
        }
    }
}

uint64_t engine_digest(const struct engine *engine)
{
    struct digest digest = digest_start();
    table_digest(&engine->table, &digest);
    for (uint32_t i = 1; i <= engine->vpcs.high; i++)
        vpc_digest(engine_vpc(engine, (uint16_t)i), &digest);
    if (engine->bgp) {
        digest_u64(&digest, rib_digest(&engine->bgp->rib));
        digest_policies(engine, &digest);
        for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
            const struct engine_neighbor *neighbor = engine_neighbor_at(engine, i);
            digest_u64(&digest, neighbor->session.state);
            digest_u64(&digest, neighbor->member != 0);
            if (neighbor->bfd)
                digest_u64(&digest, engine_bfd(engine, i)->state);
        }
    }
    return digest_end(&digest);
}
