/* The way of a route.
 *
 *     UPDATE ─ flow_update ─► import guard ─► Adj-RIB-In        nothing is decided yet
 *                                                │
 *     flow_settle: best path ─► export guard ─► exceptions      once a round, for all that changed
 *                       │               └─────► groups' logs
 *                       └─► table, VPC route tables ─► entries
 *
 * What the guard's policy carves comes again as pieces, and is settled in the same step (carve.c).
 *
 * The daemon of the profile lets changes gather for a while before it decides (FRR holds its
 * best-path queue 50 ms); where it does not, the step that brought the change settles it. */
#include "engine/parts.h"
#include "rib/lose.h"

#include "bgp/intake.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_canonical.h"
#include "wire/bgp_edit.h"
#include "wire/bgp_nlri.h"

#include <assert.h>

void flow_settle_soon(struct engine *engine, int64_t delay_us)
{
    if (engine->bgp->settle_at_us == ENGINE_NEVER)
        engine->bgp->settle_at_us = engine->now_us + delay_us;
}

/* Whether the path is feasible or refused, the Adj-RIB-In takes it. A full list of changes is no
 * refusal: it is settled and asked again. false: the budget refuses. */
bool flow_put(struct engine *engine, struct source_id source, struct prefix prefix,
              struct attr_id attr, enum reason reason)
{
    enum rib_result result = rib_announce(&engine->bgp->rib, source, prefix, attr, reason);
    if (result == RIB_FULL) {
        flow_settle_now(engine);
        result = rib_announce(&engine->bgp->rib, source, prefix, attr, reason);
    }
    if (result != RIB_BUDGET && result != RIB_FULL)
        return true;
    engine_exhausted(engine, prefix, engine_source_neighbor(engine, source));
    return false;
}

void flow_take(struct engine *engine, struct source_id source, struct prefix prefix, bool discard)
{
    struct rib *rib = &engine->bgp->rib;
    enum rib_result result =
        discard ? rib_discard(rib, source, prefix) : rib_withdraw(rib, source, prefix);
    if (result == RIB_FULL) {
        flow_settle_now(engine);
        result = discard ? rib_discard(rib, source, prefix) : rib_withdraw(rib, source, prefix);
    }
    assert(result != RIB_FULL);
}

/* The next prefixes of a message, and memory is asked for the places of all of them in the table.
 * Returns how many; 0: that was the end. */
static uint32_t next_prefixes(const struct rib *rib, struct cursor *cursor, bool six,
                              struct prefix prefixes[static RIB_HINTS])
{
    uint32_t count = 0;
    while (count < RIB_HINTS && bgp_nlri_next(cursor, six, &prefixes[count]))
        count++;
    rib_hint(rib, prefixes, count);
    return count;
}

static void take_all(struct engine *engine, struct source_id source, struct slice bytes, bool six)
{
    struct cursor cursor = cursor_over(bytes);
    struct prefix prefixes[RIB_HINTS];
    uint32_t count;
    while ((count = next_prefixes(&engine->bgp->rib, &cursor, six, prefixes)) > 0) {
        for (uint32_t i = 0; i < count; i++)
            flow_take(engine, source, prefixes[i], false);
    }
}

/* Is this prefix a new one among those accepted from the source? Only such a one counts. */
static bool is_new(const struct engine *engine, const struct engine_neighbor *neighbor,
                   struct prefix prefix)
{
    const struct rib *rib = &engine->bgp->rib;
    uint32_t number = rib_find(rib, prefix);
    const struct rib_path *path = number ? rib_path_of(rib, number, neighbor->source) : NULL;
    return !path || reason_refuses(path->why);
}

/* The limit is asked last, when the path would count; whether it would is looked up only when the
 * count is where it matters. */
static enum reason judge_limit(struct engine *engine, struct engine_neighbor *neighbor,
                               const struct import_policy *policy, struct prefix prefix,
                               struct flow_refusal *refusal)
{
    const struct rib_source *source = rib_source_get(&engine->bgp->rib, neighbor->source);
    enum guard_limit_verdict verdict = guard_limit_judge(policy, source->counts.accepted);
    if (verdict == GUARD_LIMIT_PASS || !is_new(engine, neighbor, prefix))
        return REASON_NONE;
    bool near = verdict == GUARD_LIMIT_WARN;
    bool *noted = near ? &neighbor->limit_near_noted : &neighbor->limit_noted;
    if (!*noted) {
        struct effect_note *note =
            engine_note(engine, near ? NOTE_LIMIT_NEAR : NOTE_LIMIT_EXCEEDED);
        note->neighbor = neighbor->said.neighbor;
        note->attachment = neighbor->said.attachment;
        note->prefix = prefix;
    }
    *noted = true;
    if (near)
        return REASON_NONE;
    if (verdict == GUARD_LIMIT_CLOSED) {
        refusal->reason = BGP_DOWN_MAX_PREFIXES;
        refusal->limit = policy->limit;
    }
    return REASON_LIMIT;
}

/* What matters to a reader of the timeline: a refused prefix that could have cut a tunnel. */
static void note_refused(struct engine *engine, const struct engine_neighbor *neighbor,
                         struct prefix prefix, enum reason reason)
{
    if (prefix.len != 0 && !guard_covers_any(&engine->bgp->guard, prefix))
        return;
    struct effect_note *note = engine_note(engine, NOTE_ROUTE_REFUSED);
    note->neighbor = neighbor->said.neighbor;
    note->attachment = neighbor->said.attachment;
    note->prefix = prefix;
    note->reason = (uint8_t)reason;
}

static void offer(struct engine *engine, struct engine_neighbor *neighbor,
                  const struct import_policy *policy, struct prefix prefix, struct attr_id attr,
                  enum reason reason, struct flow_refusal *refusal)
{
    if (reason == REASON_NONE)
        reason = guard_import_prefix(policy, prefix);
    if (reason == REASON_NONE)
        reason = judge_limit(engine, neighbor, policy, prefix, refusal);
    if (reason != REASON_NONE)
        note_refused(engine, neighbor, prefix, reason);
    const struct rib_source *source = rib_source_get(&engine->bgp->rib, neighbor->source);
    if (reason != REASON_NONE && !guard_keeps_refused(policy, &source->counts))
        flow_take(engine, neighbor->source, prefix, true);
    else if (!flow_put(engine, neighbor->source, prefix, attr, reason))
        refusal->reason = BGP_DOWN_OUT_OF_RESOURCES;
}

/* The set as the attachment's policy makes it. Only here is room for one more set asked of the
 * stack. */
static __attribute__((noinline)) struct attr_id intern_edited(struct rib *rib,
                                                              struct slice canonical,
                                                              const struct route_edit *edit)
{
    uint8_t room[ATTR_MAX_BYTES];
    struct writer writer = writer_over(room, sizeof room);
    const struct bgp_communities_edit communities = {edit->add, edit->remove, edit->add_count,
                                                     edit->remove_count, edit->drop_communities};
    bgp_attrs_edit(canonical, &communities, edit->has_local_pref ? &edit->local_pref : NULL,
                   &writer);
    assert(!writer.failed);
    return attr_intern(&rib->attrs, writer_slice(&writer));
}

static void offer_all(struct engine *engine, struct engine_neighbor *neighbor,
                      const struct intake *intake, bool six, struct flow_refusal *refusal)
{
    struct rib *rib = &engine->bgp->rib;
    struct policy_lists lists;
    struct import_policy policy = policy_import(engine, neighbor, &lists);
    struct slice canonical = six ? intake->attributes_six : intake->attributes;
    const struct route_edit *edit = policy_edit_of(engine, neighbor->said.attachment, false);
    struct cursor cursor = cursor_over(six ? intake->announced_six : intake->announced);
    struct prefix prefixes[RIB_HINTS];
    uint32_t count = next_prefixes(rib, &cursor, six, prefixes);
    struct attr_id attr =
        edit ? intern_edited(rib, canonical, edit) : attr_intern(&rib->attrs, canonical);
    if (attr.v == 0) {
        engine_exhausted(engine, (struct prefix){0, 0}, neighbor->said.neighbor);
        refusal->reason = BGP_DOWN_OUT_OF_RESOURCES;
        return;
    }
    enum reason reason = six ? intake->refusal_six : intake->refusal;
    if (reason == REASON_NONE)
        reason = guard_import_attrs(&policy, &rib->attrs, attr);
    if (policy.filter && prefix_list_asks_communities(policy.filter))
        policy.communities = policy_communities(canonical);
    for (; count > 0; count = next_prefixes(rib, &cursor, six, prefixes)) {
        for (uint32_t i = 0; i < count && refusal->reason == BGP_DOWN_NONE; i++)
            offer(engine, neighbor, &policy, prefixes[i], attr, reason, refusal);
    }
    attr_unref(&rib->attrs, attr);
}

struct flow_refusal flow_update(struct engine *engine, struct engine_neighbor *neighbor,
                                struct slice message)
{
    const struct open_terms *terms = session_terms(&neighbor->session);
    struct intake_facts facts = {.peer_as = neighbor->said.peer_asn,
                                 .local_addr = neighbor->said.local_addr,
                                 .other_addr = neighbor->said.other_addr,
                                 .six = terms->six,
                                 .external = neighbor->said.peer_asn != engine->config.asn,
                                 .four_octet_as = terms->four_octet_as,
                                 .enforce_first_as = true};
    struct flow_refusal refusal = {.reason = BGP_DOWN_NONE};
    struct intake_room room;
    struct intake intake;
    intake_update(&facts, message, &room, &intake);
    if (intake.flaw.class != BGP_ATTR_OK || intake.verdict == INTAKE_RESET) {
        struct effect_note *note = engine_note(engine, NOTE_MALFORMED);
        note->neighbor = neighbor->said.neighbor;
        note->attachment = neighbor->said.attachment;
        note->reason = (uint8_t)intake.flaw.fault;
    }
    switch (intake.verdict) {
    case INTAKE_ROUTES:
        take_all(engine, neighbor->source, intake.withdrawn, false);
        take_all(engine, neighbor->source, intake.withdrawn_six, true);
        if (intake.announced.size > 0)
            offer_all(engine, neighbor, &intake, false, &refusal);
        if (intake.announced_six.size > 0 && refusal.reason == BGP_DOWN_NONE)
            offer_all(engine, neighbor, &intake, true, &refusal);
        break;
    case INTAKE_WITHDRAW:
        take_all(engine, neighbor->source, intake.withdrawn, false);
        take_all(engine, neighbor->source, intake.announced, false);
        take_all(engine, neighbor->source, intake.withdrawn_six, true);
        take_all(engine, neighbor->source, intake.announced_six, true);
        break;
    case INTAKE_END_OF_RIB:
        restart_complete(engine, neighbor, intake.six ? OPEN_SIX : OPEN_FOUR);
        return refusal;
    case INTAKE_RESET:
    default:
        refusal.reason = BGP_DOWN_BAD_UPDATE;
        refusal.error = intake.error;
        return refusal;
    }
    flow_settle_soon(engine, engine_draw(engine, engine->config.profile->decision));
    return refusal;
}

/* Canonical attributes of a prefix that does not come from a neighbor. */
static struct attr_id own_attributes(struct engine *engine, const struct event_announce *announce)
{
    uint8_t path_bytes[2 + 4 * BGP_SEGMENT_MAX], community_bytes[4 * BGP_SEGMENT_MAX];
    uint8_t canonical[sizeof path_bytes + sizeof community_bytes + 64];
    struct writer path = writer_over(path_bytes, sizeof path_bytes);
    struct writer communities = writer_over(community_bytes, sizeof community_bytes);
    struct writer out = writer_over(canonical, sizeof canonical);
    assert(announce->as_path_count <= BGP_SEGMENT_MAX);
    assert(announce->community_count <= BGP_SEGMENT_MAX);
    if (announce->as_path_count > 0) {
        writer_u8(&path, BGP_AS_SEQUENCE);
        writer_u8(&path, (uint8_t)announce->as_path_count);
    }
    for (uint16_t i = 0; i < announce->as_path_count; i++)
        writer_u32(&path, announce->as_path[i]);
    for (uint16_t i = 0; i < announce->community_count; i++)
        writer_u32(&communities, announce->communities[i]);
    struct bgp_attrs attrs = {.present = BGP_HAS_ORIGIN | BGP_HAS_AS_PATH | BGP_HAS_NEXT_HOP,
                              .origin = BGP_ORIGIN_IGP,
                              .as_path = writer_slice(&path),
                              .next_hop = engine->config.router_id,
                              .med = announce->med,
                              .communities = writer_slice(&communities)};
    if (announce->has_med)
        attrs.present |= BGP_HAS_MED;
    if (announce->community_count > 0)
        attrs.present |= BGP_HAS_COMMUNITIES;
    bgp_attrs_encode_canonical(&attrs, &out);
    assert(!out.failed);
    return attr_intern(&engine->bgp->rib.attrs, writer_slice(&out));
}

void flow_announce(struct engine *engine, struct source_id source,
                   const struct event_announce *announce)
{
    struct attr_id attr = own_attributes(engine, announce);
    if (attr.v == 0) {
        engine_exhausted(engine, announce->prefix, 0);
        return;
    }
    (void)flow_put(engine, source, announce->prefix, attr, REASON_NONE); /* if not: it was noted */
    attr_unref(&engine->bgp->rib.attrs, attr);
    flow_settle_soon(engine, 0);
}

void flow_withdraw(struct engine *engine, struct source_id source, struct prefix prefix)
{
    flow_take(engine, source, prefix, false);
    flow_settle_soon(engine, 0);
}

/* A session is lost: its routes go, slice by slice, after the time that the daemon takes. */
void flow_lose(struct engine *engine, struct engine_neighbor *neighbor, uint8_t kept)
{
    const struct platform_profile *profile = engine->config.profile;
    int64_t delay_us = engine_draw(engine, profile->withdraw_to_fib);
    delay_us -= engine_draw(engine, profile->rib_to_fib); /* drawn in this order */
    rib_lose(&engine->bgp->rib, neighbor->source);
    neighbor->dropping = (OPEN_FOUR | OPEN_SIX) & (uint8_t)~kept;
    flow_settle_soon(engine, delay_us > 0 ? delay_us : 0);
}

void flow_drop(struct engine *engine, struct engine_neighbor *neighbor, uint8_t families)
{
    neighbor->dropping |= families;
    flow_settle_soon(engine, 0);
}

/* The prefix is judged anew, though no path changes. */
void flow_touch(struct engine *engine, struct prefix prefix)
{
    struct rib *rib = &engine->bgp->rib;
    if (rib_touch(rib, prefix) == RIB_FULL) {
        flow_settle_now(engine);
        enum rib_result again = rib_touch(rib, prefix);
        assert(again != RIB_FULL);
    }
}

/* The neighbor comes back as somebody else (another identifier) before its routes are gone: they go
 * now, since what it says again would not be decided anew. */
void flow_lose_at_once(struct engine *engine, struct engine_neighbor *neighbor)
{
    struct rib *rib = &engine->bgp->rib;
    while (rib_drop(rib, neighbor->source, UINT32_MAX))
        flow_settle_now(engine);
    flow_settle_now(engine);
    neighbor->dropping = neighbor->stale = 0;
}

/* An endpoint or a policy has changed: prefixes above it are judged anew, and not only when what is
 * gathering is due. */
void flow_touch_covering(struct engine *engine, ip_addr addr)
{
    uint32_t numbers[RIB_COVERING_MAX];
    struct rib *rib = &engine->bgp->rib;
    uint32_t count = rib_covering(rib, addr, numbers);
    for (uint32_t i = 0; i < count; i++)
        flow_touch(engine, rib_prefix_of(rib, rib_prefix_get(rib, numbers[i])));
    engine->bgp->settle_at_us = engine->now_us;
}

static void note_guard(struct engine *engine, const struct engine_attachment *attachment,
                       struct prefix prefix, const struct guard_verdict *verdict)
{
    bool warned = verdict->reason == REASON_GUARD_WARN;
    struct effect_note *note = engine_note(engine, warned ? NOTE_GUARD_WARNED : NOTE_GUARD_HELD);
    note->attachment = attachment->said.attachment;
    note->prefix = prefix;
    note->reason = (uint8_t)verdict->reason;
    note->outside = verdict->outside;
}

static void guard_attachment(struct engine *engine, struct rib_change *change,
                             const struct engine_attachment *attachment)
{
    struct engine_bgp *bgp = engine->bgp;
    struct prefix prefix = rib_change_prefix(&engine->bgp->rib, change);
    struct attachment_id id = {attachment->said.attachment};
    struct guard_verdict verdict =
        guard_export_judge(&bgp->guard, (struct cgw_id){attachment->said.customer_gateway},
                           attachment->said.guard, prefix);
    const struct source *source =
        &rib_source_get(&bgp->rib, (struct source_id){change->new_source})->source;
    if (source->attachment.v == id.v && !engine->config.announce_back) /* split horizon holds it */
        verdict = (struct guard_verdict){.reason = REASON_NONE};
    enum reason before = adj_out_exception(&bgp->rib, change->number, id);
    bool done = adj_out_except(&bgp->rib, change, id, verdict.reason);
    assert(done); /* what is not held back would be told */
    if (verdict.reason != REASON_NONE && verdict.reason != before)
        note_guard(engine, attachment, prefix, &verdict);
}

/* The guard's question, asked when the best changes; for nearly every prefix it is empty. What it
 * holds is bounded by what is configured, so the budget is not asked: at most 33 prefixes cover an
 * endpoint. */
static void guard_change(struct engine *engine, struct rib_change *change)
{
    struct engine_bgp *bgp = engine->bgp;
    struct prefix prefix = rib_change_prefix(&engine->bgp->rib, change);
    size_t limit_bytes = engine->budget.limit_bytes;
    engine->budget.limit_bytes = 0;
    bool asked = change->new_attr.v != 0 || bgp->carve.fragments.v != 0;
    bool covers = asked && guard_covers_any(&bgp->guard, prefix);
    if (!carve_change(engine, change, covers)) {
        if (!covers || change->new_attr.v == 0)
            adj_out_clear(&bgp->rib, change);
        for (uint16_t i = 1; covers && change->new_attr.v && i <= bgp->attachments.high; i++)
            guard_attachment(engine, change, engine_attachment_at(engine, i));
    }
    engine->budget.limit_bytes = limit_bytes;
}

static bool drop_lost(struct engine *engine)
{
    struct engine_bgp *bgp = engine->bgp;
    bool more = false;
    for (uint32_t i = 1; i <= bgp->neighbors.high; i++) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, (uint16_t)i);
        for (unsigned six = 0; six < 2; six++) {
            uint8_t family = six ? OPEN_SIX : OPEN_FOUR;
            if (!(neighbor->dropping & family))
                continue;
            if (rib_drop_family(&bgp->rib, neighbor->source, six, STEP_DROP_PREFIXES))
                more = true;
            else
                neighbor->dropping &= (uint8_t)~family;
        }
    }
    return more;
}

void flow_settle_now(struct engine *engine)
{
    struct engine_bgp *bgp = engine->bgp;
    uint32_t count = rib_settle(&bgp->rib);
    for (uint32_t i = 0; i < count; i++) {
        struct rib_change *change = rib_change_at(&bgp->rib, i);
        guard_change(engine, change);
        bool same =
            change->old_attr.v == change->new_attr.v && change->old_source == change->new_source;
        if (!same)
            entries_best(engine, change);
    }
    if (count > 0)
        outlog_encode(&bgp->outlog);
    bgp->news |= count > 0;
    rib_settled(&bgp->rib);
    if (bgp->aside.v != 0)
        aside_settle(engine);
}

static void settle_due(struct engine *engine)
{
    struct engine_bgp *bgp = engine->bgp;
    bgp->settle_at_us = ENGINE_NEVER;
    bool more = drop_lost(engine);
    flow_settle_now(engine);
    carve_settle(engine);
    if (more) {
        bgp->settle_at_us = engine->now_us;
        engine->more = true;
    }
}

/* Forgetting costs half as much as all else about a withdrawal, so where a driver works in rounds
 * it waits for the one after the settling, when everybody was sent the news. What is announced
 * again meanwhile finds its place as it was. */
static void sweep(struct engine *engine, bool settled)
{
    struct engine_bgp *bgp = engine->bgp;
    bool told_soon = engine->config.rounds && (settled || bgp->sweep_waits);
    bool waits = told_soon && !rib_is_crowded(&bgp->rib);
    uint32_t told = outlog_told(&bgp->outlog);
    bgp->sweeping = rib_sweep(&bgp->rib, told, waits ? 0 : STEP_SWEEP_RECORDS);
    bgp->sweep_waits = settled;
    engine->more |= bgp->sweeping;
}

void flow_settle(struct engine *engine)
{
    struct engine_bgp *bgp = engine->bgp;
    bool due = engine->now_us >= bgp->settle_at_us;
    if (due)
        settle_due(engine);
    else if (!bgp->sweeping)
        return;
    outlog_trim(&bgp->outlog);
    sweep(engine, due);
}
