/* Neighbors and their sessions: the machine's actions become effects and the flow of routes. */
#include "engine/items.h"

#include <assert.h>

enum {
    SMALL_SHIFT = 3,
    HUB_SHIFT = 6,
    /* AWS: "then stays idle", and the session flaps (facts/aws.md 3.2); how long is not documented.
     * ASSUMED: a minute. */
    LIMIT_IDLE_US = 60000000,
};

struct engine_neighbor *engine_neighbor_at(const struct engine *engine, uint16_t neighbor)
{
    return pool_get(&engine->bgp->neighbors, neighbor);
}

struct engine_attachment *engine_attachment_at(const struct engine *engine, uint16_t attachment)
{
    return pool_get(&engine->bgp->attachments, attachment);
}

static enum best_rules rules_of(const struct engine *engine)
{
    switch (engine->config.profile->best_rules) {
    case BEST_RULES_VGW:
        return BEST_VGW;
    case BEST_RULES_FRR:
        return BEST_FRR;
    case BEST_RULES_RFC4271:
    default:
        return BEST_RFC4271;
    }
}

bool sessions_init(struct engine *engine)
{
    struct engine_bgp *bgp = budget_get(&engine->budget, sizeof *bgp);
    if (!bgp)
        return false;
    uint32_t shift = engine->config.hub ? HUB_SHIFT : SMALL_SHIFT;
    struct rib_config config = engine->config.hub ? rib_config_hub : rib_config_small;
    config.rules = rules_of(engine);
    config.secret = prng_next(&engine->prng);
    bgp->pace = prng_seed(config.secret);
    rib_init(&bgp->rib, &engine->budget, &config);
    outlog_init(&bgp->outlog, &engine->budget, &bgp->rib,
                (struct adj_out_filter){policy_export_passes, engine, policy_edit_numbered},
                engine->config.hub ? &outlog_config_hub : &outlog_config_small);
    guard_init(&bgp->guard, &engine->budget, SMALL_SHIFT);
    pool_init(&bgp->attachments, &engine->budget, sizeof(struct engine_attachment), shift);
    pool_init(&bgp->neighbors, &engine->budget, sizeof(struct engine_neighbor), shift);
    pool_init(&bgp->filters, &engine->budget, sizeof(struct engine_filter), SMALL_SHIFT);
    pool_init(&bgp->edits, &engine->budget, sizeof(struct engine_edit), SMALL_SHIFT);
    pool_init(&bgp->by_source, &engine->budget, sizeof(uint32_t), SMALL_SHIFT);
    pool_init(&bgp->bfd_ends, &engine->budget, sizeof(struct bfd_end), SMALL_SHIFT);
    heap_init(&bgp->deadlines, &engine->budget);
    heap_init(&bgp->bfd_deadlines, &engine->budget);
    engine->bgp = bgp;
    carve_init(engine);
    bgp->settle_at_us = bgp->deferral_us = ENGINE_NEVER;
    struct source local = {.kind = SOURCE_LOCAL};
    bgp->local = rib_source_add(&bgp->rib, &local);
    return bgp->local.v != 0;
}

void sessions_done(struct engine *engine)
{
    struct engine_bgp *bgp = engine->bgp;
    if (!bgp)
        return;
    for (uint32_t i = 1; i <= bgp->neighbors.high; i++)
        session_done(&engine_neighbor_at(engine, (uint16_t)i)->session, &engine->budget);
    for (uint32_t i = 1; i <= bgp->filters.high; i++) {
        struct engine_filter *filter = pool_get(&bgp->filters, i);
        if (filter->size_bytes > 0)
            budget_put(&engine->budget, filter->rules, filter->size_bytes);
    }
    carve_done(engine);
    heap_done(&bgp->bfd_deadlines);
    heap_done(&bgp->deadlines);
    pool_done(&bgp->bfd_ends);
    pool_done(&bgp->by_source);
    pool_done(&bgp->edits);
    pool_done(&bgp->filters);
    pool_done(&bgp->neighbors);
    pool_done(&bgp->attachments);
    guard_done(&bgp->guard);
    outlog_done(&bgp->outlog);
    rib_done(&bgp->rib);
    budget_put(&engine->budget, bgp, sizeof *bgp);
    engine->bgp = NULL;
}

static struct session_turn turn_of(struct engine *engine)
{
    return (struct session_turn){
        .now_us = engine->now_us, .budget = &engine->budget, .prng = &engine->prng};
}

static struct source source_of(const struct engine *engine, const struct engine_neighbor *neighbor)
{
    static const enum source_kind kinds[] = {[ATTACHMENT_PLAIN] = SOURCE_PLAIN_BGP,
                                             [ATTACHMENT_VPN] = SOURCE_VPN_BGP,
                                             [ATTACHMENT_DX] = SOURCE_DX};
    const struct event_neighbor *said = &neighbor->said;
    const struct open_terms *terms = session_terms(&neighbor->session);
    return (struct source){.kind = kinds[engine_attachment_at(engine, said->attachment)->said.kind],
                           .attachment = {said->attachment},
                           .external = said->peer_asn != engine->config.asn,
                           .peer_as = said->peer_asn,
                           .router_id = terms ? terms->peer_id : 0,
                           .peer_address = said->peer_addr,
                           .outside = said->outside_addr};
}

/* How many peers the daemon has is known when the first session starts, so what depends on it is
 * set then. */
static void configure(struct engine *engine, struct engine_neighbor *neighbor)
{
    const struct platform_profile *profile = engine->config.profile;
    const struct event_neighbor *said = &neighbor->said;
    struct session_config config = {
        .local_as = engine->config.asn,
        .peer_as = said->peer_asn,
        .router_id = engine->config.router_id,
        .local_addr = said->local_addr,
        .peer_addr = said->peer_addr,
        .hold_s = said->hold_s,
        .keepalive_s = said->keepalive_s,
        .connect_retry_s = said->connect_retry_s,
        .jitter_percent = profile->jitter_percent,
        .hold_jitters = profile->hold_jitters,
        .six = ip_is_six(said->local_addr) || ip_is_six(said->other_addr),
        .no_four = ip_is_six(said->local_addr) && !said->other_addr,
        .restart_s = said->restart_s,
        .restarted = deferral_holds(engine),
        .forgot = neighbor->fresh,
        .mode = said->passive && !deferral_calls(engine, neighbor) ? SESSION_PASSIVE : SESSION_BOTH,
        .start_delay_us = engine_draw(engine, profile->session_restart),
        .idle_hold_us = engine_draw(engine, profile->session_restart),
        .first_update_delay_us =
            platform_first_update_us(profile, engine_neighbor_count(engine), said->passive)};
    session_init(&neighbor->session, &config);
}

int64_t sessions_deadline_us(const struct engine_neighbor *neighbor)
{
    int64_t at_us = session_deadline_us(&neighbor->session);
    if (neighbor->member && neighbor->said.advertisement_s > 0 && neighbor->pace_at_us < at_us)
        at_us = neighbor->pace_at_us;
    return neighbor->stale && neighbor->stale_until_us < at_us ? neighbor->stale_until_us : at_us;
}

void sessions_arm(struct engine *engine, const struct engine_neighbor *neighbor)
{
    uint16_t number = neighbor->said.neighbor;
    int64_t at_us = sessions_deadline_us(neighbor);
    bool armed = heap_set(&engine->bgp->deadlines, number, at_us, number);
    assert(armed); /* every neighbor has its place from the beginning, if only for "never" */
}

/* One that is halted is somebody else from now on; what the former one said goes at once. */
static void change_neighbor(struct engine *engine, const struct event_neighbor *said)
{
    struct engine_neighbor *neighbor = engine_neighbor_at(engine, said->neighbor);
    assert(!neighbor->session.started && neighbor->session.state == SESSION_IDLE);
    assert(neighbor->said.attachment == said->attachment);
    if (neighbor->dropping || neighbor->stale)
        flow_lose_at_once(engine, neighbor);
    neighbor->said = *said;
    struct source source = source_of(engine, neighbor);
    rib_source_change(&engine->bgp->rib, neighbor->source, &source);
    liveness_add(engine, neighbor);
}

static void add_neighbor(struct engine *engine, const struct event_neighbor *said)
{
    struct engine_bgp *bgp = engine->bgp;
    if (said->neighbor <= bgp->neighbors.high) {
        change_neighbor(engine, said);
        return;
    }
    uint32_t number = pool_take(&bgp->neighbors);
    assert(number == said->neighbor);
    struct engine_neighbor *neighbor = pool_get(&bgp->neighbors, number);
    neighbor->said = *said;
    neighbor->fresh = !bgp->kept;
    configure(engine, neighbor);
    struct source source = source_of(engine, neighbor);
    neighbor->source = rib_source_add(&bgp->rib, &source);
    assert(neighbor->source.v != 0);
    while (bgp->by_source.high < neighbor->source.v) {
        uint32_t place = pool_take(&bgp->by_source);
        assert(place != 0);
    }
    *(uint32_t *)pool_get(&bgp->by_source, neighbor->source.v) = number;
    sessions_arm(engine, neighbor);
    liveness_add(engine, neighbor);
}

static void start(struct engine *engine, struct engine_neighbor *neighbor,
                  struct session_turn *turn)
{
    if (!neighbor->session.started && neighbor->session.state == SESSION_IDLE) {
        session_done(&neighbor->session, &engine->budget); /* a farewell that nobody fetched */
        configure(engine, neighbor);
    }
    deferral_started(engine, neighbor);
    session_start(&neighbor->session, turn);
}

static void established(struct engine *engine, struct engine_neighbor *neighbor)
{
    struct source source = source_of(engine, neighbor);
    const struct rib_source *was = rib_source_get(&engine->bgp->rib, neighbor->source);
    if ((neighbor->dropping || neighbor->stale) && was->source.router_id != source.router_id)
        flow_lose_at_once(engine, neighbor);
    rib_source_change(&engine->bgp->rib, neighbor->source, &source);
    restart_established(engine, neighbor);
    struct effect_note *note = engine_note(engine, NOTE_SESSION_UP);
    note->neighbor = neighbor->said.neighbor;
    note->attachment = neighbor->said.attachment;
    neighbor->limit_near_noted = neighbor->limit_noted = false;
    neighbor->fresh = neighbor->session.config.forgot = false;
    deferral_established(engine, neighbor);
}

/* Ours of a family; 0: none. */
static ip_addr address_of(const struct event_neighbor *said, bool six)
{
    return ip_is_six(said->local_addr) == six ? said->local_addr : said->other_addr;
}

/* While a restart is being mended nobody is told anything; then everybody comes here. */
void sessions_tell(struct engine *engine, struct engine_neighbor *neighbor)
{
    if (deferral_holds(engine))
        return;

    struct outlog_spec spec = {.policy = policy_export(engine, neighbor),
                               .attachment = {neighbor->said.attachment},
                               .next_hop = address_of(&neighbor->said, false),
                               .next_hop_six = address_of(&neighbor->said, true),
                               .paced = neighbor->said.advertisement_s > 0,
                               .end_of_rib = session_terms(&neighbor->session)->restart};
    neighbor->member = outlog_join(&engine->bgp->outlog, &spec);
    pace_joined(engine, neighbor);
    sessions_arm(engine, neighbor);
    engine->bgp->news = true;
    if (neighbor->member == 0)
        engine_exhausted(engine, (struct prefix){0, 0}, neighbor->said.neighbor);
}

static void down(struct engine *engine, struct engine_neighbor *neighbor,
                 const struct bgp_action *action)
{
    if (neighbor->member)
        outlog_leave(&engine->bgp->outlog, neighbor->member);
    neighbor->member = 0;
    quirks_down(engine, neighbor, action);
    if (!action->was_established)
        return;
    struct effect_note *note = engine_note(engine, NOTE_SESSION_DOWN);
    note->neighbor = neighbor->said.neighbor;
    note->attachment = neighbor->said.attachment;
    note->reason = (uint8_t)action->reason;
    restart_lost(engine, neighbor, action);
}

static void refresh(struct engine *engine, struct engine_neighbor *neighbor,
                    const struct bgp_action *action)
{
    if (action->refresh != BGP_REFRESH_REQUEST) {
        restart_refresh(engine, neighbor, action);
        return;
    }
    bool demarcated = session_terms(&neighbor->session)->enhanced_refresh;
    if (neighbor->member)
        outlog_refresh(&engine->bgp->outlog, neighbor->member, demarcated);
    engine->bgp->news = true;
}

static void connection_effect(struct engine *engine, enum effect_kind kind,
                              const struct engine_neighbor *neighbor, enum bgp_slot slot)
{
    engine_effect(engine, kind)->connection =
        (struct event_connection){.neighbor = neighbor->said.neighbor, .slot = (uint8_t)slot};
}

static struct flow_refusal act(struct engine *engine, struct engine_neighbor *neighbor,
                               const struct bgp_action *action)
{
    struct flow_refusal none = {.reason = BGP_DOWN_NONE};
    switch (action->kind) {
    case BGP_ACTION_OPEN_CONNECTION:
        connection_effect(engine, EFFECT_CONNECT, neighbor, BGP_OUT);
        break;
    case BGP_ACTION_CLOSE:
        connection_effect(engine, EFFECT_CLOSE, neighbor, action->slot);
        break;
    case BGP_ACTION_SEND:
        connection_effect(engine, EFFECT_SEND, neighbor, action->slot);
        break;
    case BGP_ACTION_ESTABLISHED:
        established(engine, neighbor);
        break;
    case BGP_ACTION_READY:
        sessions_tell(engine, neighbor);
        break;
    case BGP_ACTION_UPDATE:
        return flow_update(engine, neighbor, action->message);
    case BGP_ACTION_REFRESH:
        refresh(engine, neighbor, action);
        break;
    case BGP_ACTION_DOWN:
        down(engine, neighbor, action);
        break;
    default:
        assert(false); /* an action of no kind */
    }
    return none;
}

/* The session ends for a reason that lies outside of it, which is a turn of its own. */
static void end_session(struct engine *engine, struct engine_neighbor *neighbor,
                        const struct flow_refusal *refusal)
{
    static const struct bgp_error out_of_resources = {BGP_ERROR_CEASE, BGP_CEASE_RESOURCES, {0}};
    struct session_turn turn = turn_of(engine);
    if (refusal->reason == BGP_DOWN_MAX_PREFIXES)
        session_reset_max_prefixes(&neighbor->session, &turn, refusal->limit, LIMIT_IDLE_US);
    else if (refusal->reason == BGP_DOWN_OUT_OF_RESOURCES)
        session_reset(&neighbor->session, &turn, refusal->reason, &out_of_resources, LIMIT_IDLE_US);
    else
        session_reset(&neighbor->session, &turn, refusal->reason, &refusal->error,
                      neighbor->session.config.idle_hold_us);
    for (uint32_t i = 0; i < turn.count; i++)
        (void)act(engine, neighbor, &turn.actions[i]);
}

static void drain(struct engine *engine, struct engine_neighbor *neighbor,
                  const struct session_turn *turn)
{
    struct flow_refusal refusal = {.reason = BGP_DOWN_NONE};
    for (uint32_t i = 0; i < turn->count; i++) {
        struct flow_refusal said = act(engine, neighbor, &turn->actions[i]);
        if (refusal.reason == BGP_DOWN_NONE)
            refusal = said;
    }
    if (refusal.reason != BGP_DOWN_NONE)
        end_session(engine, neighbor, &refusal);
}

static void received(struct engine *engine, struct engine_neighbor *neighbor, enum bgp_slot slot,
                     struct slice bytes)
{
    for (;;) {
        struct session_turn turn = turn_of(engine);
        size_t taken = session_bytes(&neighbor->session, &turn, slot, bytes);
        drain(engine, neighbor, &turn);
        if (taken == 0)
            return;
        bytes.data += taken;
        bytes.size -= taken;
    }
}

void sessions_ask_again(struct engine *engine, struct engine_neighbor *neighbor)
{
    struct session_turn turn = turn_of(engine);
    if (session_ask_refresh(&neighbor->session, &turn))
        drain(engine, neighbor, &turn);
}

/* The NOTIFICATION waits behind what is stuck, and goes with it. */
static void reset_stuck(struct engine_neighbor *neighbor, struct session_turn *turn, uint8_t slot)
{
    static const struct bgp_error expired = {BGP_ERROR_SEND_HOLD, BGP_UNSPECIFIC, {0}};
    if (neighbor->session.slot == slot)
        session_reset(&neighbor->session, turn, BGP_DOWN_SEND_HOLD, &expired,
                      neighbor->session.config.idle_hold_us);
}

void sessions_event(struct engine *engine, const struct event *event)
{
    if (event->kind == EVENT_NEIGHBOR) {
        add_neighbor(engine, &event->neighbor);
        return;
    }
    struct event_connection at = event->kind == EVENT_RECEIVED ? event->received.connection
                                 : event->kind == EVENT_HALT   ? event->halt.connection
                                                               : event->connection;
    struct engine_neighbor *neighbor = engine_neighbor_at(engine, at.neighbor);
    struct session_turn turn = turn_of(engine);
    quirks_wake(engine);
    if (event->kind == EVENT_HALT) {
        restart_halted(engine, neighbor);
        deferral_halted(engine, neighbor);
    }
    if (event->kind == EVENT_START || event->kind == EVENT_HALT)
        liveness_start(engine, neighbor, event->kind == EVENT_START);
    if (event->kind == EVENT_START)
        start(engine, neighbor, &turn);
    else if (event->kind == EVENT_HALT)
        session_stop(&neighbor->session, &turn,
                     event->halt.cease ? event->halt.cease : BGP_CEASE_SHUTDOWN, event->halt.text);
    else if (event->kind == EVENT_CONNECTED)
        session_connected(&neighbor->session, &turn, at.slot);
    else if (event->kind == EVENT_CONNECT_FAILED)
        session_connect_failed(&neighbor->session, &turn);
    else if (event->kind == EVENT_CLOSED)
        session_closed(&neighbor->session, &turn, at.slot);
    else if (event->kind == EVENT_STUCK)
        reset_stuck(neighbor, &turn, at.slot);
    else
        received(engine, neighbor, at.slot, event->received.bytes);
    drain(engine, neighbor, &turn);
    sessions_arm(engine, neighbor);
}

void sessions_time(struct engine *engine)
{
    struct heap *deadlines = &engine->bgp->deadlines;
    const struct heap_entry *first;
    while ((first = heap_first(deadlines)) && first->when_us <= engine->now_us) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, (uint16_t)first->id);
        struct session_turn turn = turn_of(engine);
        quirks_wake(engine);
        if (neighbor->stale && neighbor->stale_until_us <= engine->now_us)
            restart_expired(engine, neighbor);
        if (neighbor->member && neighbor->said.advertisement_s > 0 &&
            neighbor->pace_at_us <= engine->now_us)
            pace_time(engine, neighbor);
        session_time(&neighbor->session, &turn);
        drain(engine, neighbor, &turn);
        sessions_arm(engine, neighbor);
    }
}

void sessions_end(struct engine *engine, struct engine_neighbor *neighbor,
                  const struct flow_refusal *refusal)
{
    end_session(engine, neighbor, refusal);
    sessions_arm(engine, neighbor);
}

/* Whose routes the budget could not keep, or whom it could not keep from something. */
void sessions_end_exhausted(struct engine *engine)
{
    const struct flow_refusal refusal = {.reason = BGP_DOWN_OUT_OF_RESOURCES};
    if (!engine->bgp->exhausted)
        return;
    engine->bgp->exhausted = false;
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, i);
        if (!neighbor->exhausted)
            continue;
        neighbor->exhausted = false;
        sessions_end(engine, neighbor, &refusal);
    }
}

/* After a round: who has something to be told? */
void sessions_say_pending(struct engine *engine)
{
    struct engine_bgp *bgp = engine->bgp;
    if (!bgp->news)
        return;
    bgp->news = false;
    for (uint32_t i = 1; i <= bgp->neighbors.high; i++) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, (uint16_t)i);
        if (neighbor->member && neighbor->said.advertisement_s > 0) {
            pace_news(engine, neighbor);
            sessions_arm(engine, neighbor);
        }
        if (neighbor->member && outlog_pending(&bgp->outlog, neighbor->member))
            connection_effect(engine, EFFECT_SEND, neighbor, (enum bgp_slot)neighbor->session.slot);
    }
}

size_t engine_pull(struct engine *engine, struct event_connection connection, uint8_t *data,
                   size_t cap)
{
    struct engine_neighbor *neighbor = engine_neighbor_at(engine, connection.neighbor);
    enum bgp_slot slot = (enum bgp_slot)connection.slot;
    size_t size = session_pull(&neighbor->session, &engine->budget, slot, data, cap);
    bool told = neighbor->member && neighbor->session.slot == connection.slot;
    engine->bgp->own_bytes = size;
    if (!told || session_has_bytes(&neighbor->session, slot)) {
        tally_said(&neighbor->session.tally, (struct slice){data, size}, false);
        return size;
    }
    engine->bgp->before = outlog_mark(&engine->bgp->outlog, neighbor->member);
    bool walked = outlog_walks(&engine->bgp->outlog, neighbor->member);
    size_t updates = outlog_pull(&engine->bgp->outlog, neighbor->member, data + size, cap - size);
    pace_pulled(engine, neighbor, walked);
    if (updates > 0) {
        struct session_turn turn = turn_of(engine);
        session_updates_sent(&neighbor->session, &turn);
        sessions_arm(engine, neighbor);
    }
    tally_said(&neighbor->session.tally, (struct slice){data, size + updates}, false);
    return size + updates;
}

size_t engine_unpull(struct engine *engine, struct event_connection connection, uint8_t *data,
                     size_t size, size_t sent)
{
    struct engine_neighbor *neighbor = engine_neighbor_at(engine, connection.neighbor);
    size_t own = engine->bgp->own_bytes;
    assert(sent <= size);
    if (own >= size || sent <= own) /* few bytes, or a socket that takes next to nothing */
        return size;
    size_t kept = own + outlog_unpull(&engine->bgp->outlog, neighbor->member, &engine->bgp->before,
                                      (struct slice){data + own, size - own}, sent - own);
    tally_said(&neighbor->session.tally, (struct slice){data + kept, size - kept}, true);
    return kept;
}

/* -- from a checkpoint -- */

bool sessions_restore(struct engine *engine, const struct item_source *item)
{
    add_neighbor(engine, &item->neighbor.neighbor);
    struct engine_neighbor *neighbor = engine_neighbor_at(engine, item->neighbor.neighbor.neighbor);
    struct session_config config = neighbor->session.config;
    config.start_delay_us = item->session.config.start_delay_us;
    config.idle_hold_us = item->session.config.idle_hold_us;
    config.first_update_delay_us = item->session.config.first_update_delay_us;
    neighbor->session = item->session;
    neighbor->session.words = NULL;
    neighbor->session.words_size = 0;
    neighbor->session.tally = (struct bgp_tally){{0}, {0}};
    neighbor->session.config = config;
    for (int i = 0; i < BGP_SLOTS; i++) {
        struct session_slot *slot = &neighbor->session.slots[i];
        size_t taken;
        struct slice message;
        struct bgp_error error;
        slot->outbox = (struct outbox){0};
        slot->inbox = (struct inbox){0};
        if (item->cut[i].size > 0 && inbox_take(&slot->inbox, &engine->budget, item->cut[i], &taken,
                                                &message, &error) != INBOX_MORE)
            return false;
    }
    struct source source = source_of(engine, neighbor);
    rib_source_change(&engine->bgp->rib, neighbor->source, &source);
    neighbor->member = item->member;
    neighbor->fresh = item->fresh;
    neighbor->session.config.forgot = item->fresh;
    neighbor->limit_near_noted = item->limit_near_noted;
    neighbor->limit_noted = item->limit_noted;
    neighbor->error_wait_us = item->error_wait_us;
    neighbor->error_at_us = item->error_at_us;
    sessions_arm(engine, neighbor);
    if (item->bfd != (neighbor->bfd != 0))
        return false;
    if (item->bfd)
        liveness_restore(engine, neighbor, &item->end);
    return !item->member || session_terms(&neighbor->session) != NULL;
}

void sessions_restore_member(struct engine *engine, uint16_t neighbor)
{
    engine_neighbor_at(engine, neighbor)->member = 0;
    sessions_tell(engine, engine_neighbor_at(engine, neighbor));
}
