#include "bgp/session.h"

#include <assert.h>
#include <string.h>

enum { US_PER_S = 1000000 };

static const struct bgp_error HOLD_TIMER_EXPIRED = {BGP_ERROR_HOLD_TIMER, BGP_UNSPECIFIC, {0}};
static const struct bgp_error COLLISION = {BGP_ERROR_CEASE, BGP_CEASE_COLLISION, {0}};
static const struct bgp_error REJECTED = {BGP_ERROR_CEASE, BGP_CEASE_REJECTED, {0}};
static const struct bgp_error OUT_OF_RESOURCES = {BGP_ERROR_CEASE, BGP_CEASE_RESOURCES, {0}};

/* ---- small parts ---- */

static struct bgp_action *act(struct session_turn *turn, enum bgp_action_kind kind,
                              enum bgp_slot which)
{
    assert(turn->count < SESSION_TURN_ACTIONS);
    struct bgp_action *action = &turn->actions[turn->count++];
    *action = (struct bgp_action){.kind = kind, .slot = which};
    return action;
}

static enum bgp_slot other_of(enum bgp_slot which)
{
    return which == BGP_OUT ? BGP_IN : BGP_OUT;
}

static bool is_taken(const struct bgp_session *session, enum bgp_slot which)
{
    return session->slots[which].phase != 0;
}

static void enter(struct bgp_session *session, enum session_state state, int64_t now_us)
{
    if (session->state != state)
        session->since_us = now_us;
    session->state = (uint8_t)state;
}

/* The session is as far as its further connection. */
static void settle(struct bgp_session *session, int64_t now_us)
{
    uint8_t out = session->slots[BGP_OUT].phase, in = session->slots[BGP_IN].phase;
    uint8_t further = out > in ? out : in;
    if (further != 0)
        enter(session, further, now_us);
    else if (session->started && session->restart_us == SESSION_NEVER)
        enter(session, SESSION_ACTIVE, now_us);
    else
        enter(session, SESSION_IDLE, now_us);
}

static struct open_offer offer_of(const struct bgp_session *session, enum bgp_slot which)
{
    const struct session_config *config = &session->config;
    return (struct open_offer){.local_as = config->local_as,
                               .peer_as = config->peer_as,
                               .router_id = config->router_id,
                               .hold_s = config->hold_s,
                               .plain = session->slots[which].plain,
                               .six = config->six,
                               .no_four = config->no_four,
                               .restart_s = config->restart_s,
                               .restarted = config->restarted,
                               .forgot = config->forgot};
}

/* ---- timers ---- */

/* RFC 4271 10: so that the timers of many speakers do not fall into step. */
static int64_t jittered(const struct bgp_session *session, struct session_turn *turn, int64_t us)
{
    if (session->config.jitter_percent == 0)
        return us;
    uint64_t span = (uint64_t)us * session->config.jitter_percent / 100;
    return us - (int64_t)prng_below(turn->prng, span + 1);
}

static void arm_retry(struct bgp_session *session, struct session_turn *turn)
{
    int64_t us = (int64_t)session->config.connect_retry_s * US_PER_S;
    session->retry_us = turn->now_us + jittered(session, turn, us);
}

static void arm_hold(const struct bgp_session *session, struct session_turn *turn,
                     struct session_slot *slot, uint16_t hold_s)
{
    int64_t us = (int64_t)hold_s * US_PER_S;
    if (session->config.hold_jitters)
        us = jittered(session, turn, us);
    slot->hold_us = hold_s == 0 ? SESSION_NEVER : turn->now_us + us;
}

/* A third of the hold time in whole seconds (RFC 4271 4.4: at most a third, at least one second
 * apart; FRR rounds down as well), or less when so configured. */
static void arm_keepalive(struct bgp_session *session, struct session_turn *turn,
                          struct session_slot *slot)
{
    uint16_t interval_s = slot->terms.hold_s / 3;
    if (session->config.keepalive_s != 0 && session->config.keepalive_s < interval_s)
        interval_s = session->config.keepalive_s;
    slot->keepalive_us =
        interval_s == 0 ? SESSION_NEVER
                        : turn->now_us + jittered(session, turn, (int64_t)interval_s * US_PER_S);
}

static uint16_t open_hold_s(const struct session_config *config)
{
    if (config->open_hold_s != 0)
        return config->open_hold_s;
    return config->hold_s != 0 ? config->hold_s : SESSION_OPEN_HOLD_S;
}

/* ---- connections ---- */

/* Makes a slot anew for a connection; what was not pulled of the former one's is lost. */
static struct session_slot *take_slot(struct bgp_session *session, struct budget *budget,
                                      enum bgp_slot which, enum session_state phase)
{
    struct session_slot *slot = &session->slots[which];
    assert(slot->phase == 0);
    outbox_clear(&slot->outbox, budget);
    inbox_clear(&slot->inbox, budget);
    *slot = (struct session_slot){.phase = (uint8_t)phase,
                                  .plain = session->plain_open,
                                  .hold_us = SESSION_NEVER,
                                  .keepalive_us = SESSION_NEVER};
    return slot;
}

/* The connection is no more; what its outbox holds may still be pulled. */
static void release_slot(struct bgp_session *session, struct budget *budget, enum bgp_slot which)
{
    struct session_slot *slot = &session->slots[which];
    inbox_clear(&slot->inbox, budget);
    slot->phase = 0;
    slot->hold_us = slot->keepalive_us = SESSION_NEVER;
}

static void say(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                enum bgp_type type)
{
    outbox_put(&session->slots[which].outbox, type);
    act(turn, BGP_ACTION_SEND, which);
}

static void notify(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                   const struct bgp_error *error)
{
    outbox_put_notice(&session->slots[which].outbox, turn->budget, error);
    act(turn, BGP_ACTION_SEND, which);
}

static void drop(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                 enum bgp_down reason)
{
    release_slot(session, turn->budget, which);
    act(turn, BGP_ACTION_CLOSE, which)->reason = reason;
}

/* Ends a connection that the session does not need, whatever it has come to. */
static void dismiss(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                    enum bgp_down reason, const struct bgp_error *error)
{
    if (session->slots[which].phase >= SESSION_OPEN_SENT)
        notify(session, turn, which, error);
    drop(session, turn, which, reason);
}

static void connect_out(struct bgp_session *session, struct session_turn *turn)
{
    take_slot(session, turn->budget, BGP_OUT, SESSION_CONNECT);
    arm_retry(session, turn);
    act(turn, BGP_ACTION_OPEN_CONNECTION, BGP_OUT);
}

static void leave_idle(struct bgp_session *session, struct session_turn *turn)
{
    session->restart_us = SESSION_NEVER;
    if (session->config.mode != SESSION_PASSIVE)
        connect_out(session, turn);
    settle(session, turn->now_us);
}

/* Without a connection and without a fault: waits for the neighbor or the ConnectRetryTimer. */
static void wait_active(struct bgp_session *session, struct session_turn *turn)
{
    if (session->config.mode != SESSION_PASSIVE)
        arm_retry(session, turn);
    settle(session, turn->now_us);
}

/* ---- going down ---- */

/* What is told of an end: which connection's, why, and the NOTIFICATION sent or received. */
struct ending {
    enum bgp_slot which;
    enum bgp_down reason;
    uint8_t code;
    uint8_t subcode;
    bool was_established;
    uint8_t kept; /* families */
    uint16_t kept_s;
    int64_t idle_us;
    struct slice words; /* with the NOTIFICATION */
};

/* For want of memory they are lost, which costs nobody a session. */
static void keep_words(struct bgp_session *session, struct budget *budget, struct slice words)
{
    budget_put(budget, session->words, session->words_size);
    session->words = NULL;
    session->words_size = 0;
    if (words.size == 0)
        return;
    assert(words.size <= BGP_SHUTDOWN_TEXT_MAX);
    session->words = budget_get(budget, words.size);
    if (!session->words)
        return;
    memcpy(session->words, words.data, words.size);
    session->words_size = (uint8_t)words.size;
}

static void go_idle(struct bgp_session *session, struct session_turn *turn,
                    const struct ending *ending)
{
    for (enum bgp_slot which = BGP_OUT; which < BGP_SLOTS; which++)
        if (is_taken(session, which))
            dismiss(session, turn, which, BGP_DOWN_REFUSED, &REJECTED);
    if (ending->idle_us == SESSION_NEVER)
        session->started = false;
    session->restart_us = session->started ? turn->now_us + ending->idle_us : SESSION_NEVER;
    session->retry_us = session->ready_us = SESSION_NEVER;
    session->ready = false;
    session->retry_count++;
    session->last_reason = (uint8_t)ending->reason;
    session->last_code = ending->code;
    session->last_subcode = ending->subcode;
    session->last_down_us = turn->now_us;
    keep_words(session, turn->budget, ending->words);
    settle(session, turn->now_us);
    struct bgp_action *down = act(turn, BGP_ACTION_DOWN, ending->which);
    down->reason = ending->reason;
    down->code = ending->code;
    down->subcode = ending->subcode;
    down->was_established = ending->was_established;
    down->kept = ending->kept;
    down->kept_s = ending->kept_s;
}

/* A connection has ended for a fault. The session goes on with the other one, if there is one and
 * this one was not what the routes came by. */
static void connection_over(struct bgp_session *session, struct session_turn *turn,
                            const struct ending *ending)
{
    if (!ending->was_established && is_taken(session, other_of(ending->which)))
        settle(session, turn->now_us);
    else
        go_idle(session, turn, ending);
}

static struct ending ending_of(const struct bgp_session *session, enum bgp_slot which,
                               enum bgp_down reason, uint8_t code, uint8_t subcode)
{
    return (struct ending){.which = which,
                           .reason = reason,
                           .code = code,
                           .subcode = subcode,
                           .was_established = session->slots[which].phase == SESSION_ESTABLISHED,
                           .idle_us = session->config.idle_hold_us};
}

/* We end the connection: NOTIFICATION behind what is unsent, then close. */
static void fail(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                 enum bgp_down reason, const struct bgp_error *error)
{
    struct ending ending = ending_of(session, which, reason, error->code, error->subcode);
    notify(session, turn, which, error);
    drop(session, turn, which, reason);
    connection_over(session, turn, &ending);
}

/* ---- messages ---- */

/* RFC 6608: which state the message has no place in, and its type as data. */
static void unexpected(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                       uint8_t type)
{
    uint8_t phase = session->slots[which].phase;
    uint8_t subcode = phase == SESSION_OPEN_SENT      ? BGP_FSM_IN_OPEN_SENT
                      : phase == SESSION_OPEN_CONFIRM ? BGP_FSM_IN_OPEN_CONFIRM
                                                      : BGP_FSM_IN_ESTABLISHED;
    struct bgp_error error = {BGP_ERROR_FSM, subcode, {&type, 1}};
    fail(session, turn, which, BGP_DOWN_UNEXPECTED, &error);
}

/* RFC 4271 6.8, on the arrival of an OPEN; does its connection survive? The other one counts from
 * OpenSent on, for it is known to be the same neighbor's by its address (FRR does the same). */
static bool survives_collision(struct bgp_session *session, struct session_turn *turn,
                               enum bgp_slot which)
{
    enum bgp_slot other = other_of(which);
    uint8_t other_phase = session->slots[other].phase;
    if (other_phase < SESSION_OPEN_SENT)
        return true;
    ip_addr own_id = session->config.router_id, peer_id = session->slots[which].terms.peer_id;
    bool ours_stays = own_id != peer_id ? own_id > peer_id /* RFC 6286 2.3 */
                                        : session->config.local_as > session->config.peer_as;
    enum bgp_slot loser = other_phase == SESSION_ESTABLISHED ? which
                          : ours_stays                       ? BGP_IN
                                                             : BGP_OUT;
    dismiss(session, turn, loser, BGP_DOWN_COLLISION, &COLLISION);
    return loser != which;
}

static void receive_open(struct bgp_session *session, struct session_turn *turn,
                         enum bgp_slot which, struct slice body)
{
    struct session_slot *slot = &session->slots[which];
    if (slot->phase != SESSION_OPEN_SENT) {
        unexpected(session, turn, which, BGP_OPEN);
        return;
    }
    struct open_offer offer = offer_of(session, which);
    struct bgp_error error;
    enum bgp_down reason = open_judge(&offer, body, &slot->terms, &error);
    if (reason != BGP_DOWN_NONE) {
        fail(session, turn, which, reason, &error);
        return;
    }
    if (!survives_collision(session, turn, which))
        return;
    slot->phase = SESSION_OPEN_CONFIRM;
    arm_hold(session, turn, slot, slot->terms.hold_s);
    arm_keepalive(session, turn, slot);
    say(session, turn, which, BGP_KEEPALIVE);
    settle(session, turn->now_us);
}

static void become_established(struct bgp_session *session, struct session_turn *turn,
                               enum bgp_slot which)
{
    if (is_taken(session, other_of(which)))
        dismiss(session, turn, other_of(which), BGP_DOWN_COLLISION, &COLLISION);
    session->slots[which].phase = SESSION_ESTABLISHED;
    session->slot = (uint8_t)which;
    session->retry_us = SESSION_NEVER;
    session->retry_count = 0;
    session->established_count++;
    settle(session, turn->now_us);
    act(turn, BGP_ACTION_ESTABLISHED, which);
    if (session->config.first_update_delay_us > 0) {
        session->ready_us = turn->now_us + session->config.first_update_delay_us;
        return;
    }
    session->ready = true;
    act(turn, BGP_ACTION_READY, which);
}

static void receive_keepalive(struct bgp_session *session, struct session_turn *turn,
                              enum bgp_slot which)
{
    struct session_slot *slot = &session->slots[which];
    if (slot->phase == SESSION_OPEN_SENT) {
        unexpected(session, turn, which, BGP_KEEPALIVE);
        return;
    }
    arm_hold(session, turn, slot, slot->terms.hold_s);
    if (slot->phase == SESSION_OPEN_CONFIRM)
        become_established(session, turn, which);
}

static void receive_update(struct bgp_session *session, struct session_turn *turn,
                           enum bgp_slot which, struct slice message)
{
    struct session_slot *slot = &session->slots[which];
    if (slot->phase != SESSION_ESTABLISHED) {
        unexpected(session, turn, which, BGP_UPDATE);
        return;
    }
    arm_hold(session, turn, slot, slot->terms.hold_s);
    act(turn, BGP_ACTION_UPDATE, which)->message = message;
}

static void receive_refresh(struct bgp_session *session, struct session_turn *turn,
                            enum bgp_slot which, struct slice message)
{
    if (session->slots[which].phase != SESSION_ESTABLISHED) {
        unexpected(session, turn, which, BGP_ROUTE_REFRESH);
        return;
    }
    struct bgp_refresh refresh;
    struct bgp_error error;
    if (!bgp_refresh_decode(message, &refresh, &error)) {
        fail(session, turn, which, BGP_DOWN_BAD_REFRESH, &error);
        return;
    }
    /* other families and other kinds are ignored: RFC 2918 4, RFC 7313 5 */
    const struct open_terms *terms = &session->slots[which].terms;
    bool four = refresh.afi == BGP_AFI_IPV4 && terms->four;
    bool six = refresh.afi == BGP_AFI_IPV6 && terms->six;
    bool known = refresh.kind == BGP_REFRESH_REQUEST ||
                 (terms->enhanced_refresh && refresh.kind <= BGP_REFRESH_END);
    if (!known || !(four || six) || refresh.safi != BGP_SAFI_UNICAST)
        return;
    struct bgp_action *action = act(turn, BGP_ACTION_REFRESH, which);
    action->refresh = refresh.kind;
    action->six = six;
}

/* A NOTIFICATION is never answered by one (RFC 4271 6.4). */
static void receive_notification(struct bgp_session *session, struct session_turn *turn,
                                 enum bgp_slot which, struct slice body)
{
    struct bgp_notification notice = bgp_notification_decode(body);
    struct ending ending =
        ending_of(session, which, BGP_DOWN_NOTIFICATION, notice.code, notice.subcode);
    uint8_t words[BGP_SHUTDOWN_TEXT_MAX]; /* the message goes with its connection */
    ending.words = (struct slice){words, notice.text.size};
    assert(notice.text.size <= sizeof words);
    if (notice.text.size > 0)
        memcpy(words, notice.text.data, notice.text.size);
    if (notice.code == BGP_ERROR_OPEN && notice.subcode == BGP_OPEN_UNSUPPORTED_PARAMETER)
        session->plain_open = true;
    outbox_clear(&session->slots[which].outbox, turn->budget);
    drop(session, turn, which, BGP_DOWN_NOTIFICATION);
    connection_over(session, turn, &ending);
}

static void receive(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                    struct slice message)
{
    struct slice body = {message.data + BGP_HEADER_BYTES, message.size - BGP_HEADER_BYTES};
    enum bgp_type type = message.data[BGP_HEADER_BYTES - 1];
    session->tally.heard[type]++;
    switch (type) {
    case BGP_OPEN:
        receive_open(session, turn, which, body);
        break;
    case BGP_UPDATE:
        receive_update(session, turn, which, message);
        break;
    case BGP_NOTIFICATION:
        receive_notification(session, turn, which, body);
        break;
    case BGP_KEEPALIVE:
        receive_keepalive(session, turn, which);
        break;
    case BGP_ROUTE_REFRESH:
        receive_refresh(session, turn, which, message);
        break;
    }
}

/* ---- inputs ---- */

void session_init(struct bgp_session *session, const struct session_config *config)
{
    assert(config->local_as != 0 && config->peer_as != 0 && config->router_id != 0);
    assert(config->hold_s == 0 || config->hold_s >= BGP_HOLD_TIME_MIN_S);
    assert(config->connect_retry_s > 0 && config->jitter_percent <= 50);
    assert(config->mode <= SESSION_CONNECT_ONLY && config->restart_s <= BGP_RESTART_MAX_S);
    assert(config->start_delay_us >= 0 && config->idle_hold_us >= 0 &&
           config->idle_hold_us != SESSION_NEVER && config->first_update_delay_us >= 0);
    *session = (struct bgp_session){.config = *config,
                                    .restart_us = SESSION_NEVER,
                                    .retry_us = SESSION_NEVER,
                                    .ready_us = SESSION_NEVER,
                                    .state = SESSION_IDLE};
    for (enum bgp_slot which = BGP_OUT; which < BGP_SLOTS; which++)
        session->slots[which].hold_us = session->slots[which].keepalive_us = SESSION_NEVER;
}

void session_done(struct bgp_session *session, struct budget *budget)
{
    for (enum bgp_slot which = BGP_OUT; which < BGP_SLOTS; which++) {
        outbox_clear(&session->slots[which].outbox, budget);
        inbox_clear(&session->slots[which].inbox, budget);
    }
    keep_words(session, budget, (struct slice){NULL, 0});
}

void session_start(struct bgp_session *session, struct session_turn *turn)
{
    if (session->started && session->state != SESSION_IDLE)
        return;
    session->started = true;
    session->plain_open = false;
    session->retry_count = 0;
    session->restart_us = turn->now_us + session->config.start_delay_us;
    if (session->config.start_delay_us == 0)
        leave_idle(session, turn);
}

void session_stop(struct bgp_session *session, struct session_turn *turn, uint8_t cease_subcode,
                  struct slice text)
{
    struct bgp_error cease = {BGP_ERROR_CEASE, cease_subcode, {0}};
    bool with_text =
        text.size > 0 && (cease_subcode == BGP_CEASE_SHUTDOWN || cease_subcode == BGP_CEASE_RESET);
    struct ending ending = {.which = BGP_OUT, .reason = BGP_DOWN_ADMIN, .idle_us = SESSION_NEVER};
    for (enum bgp_slot which = BGP_OUT; which < BGP_SLOTS; which++) {
        struct session_slot *slot = &session->slots[which];
        if (slot->phase >= SESSION_OPEN_SENT && with_text) {
            outbox_put_shutdown(&slot->outbox, turn->budget, cease_subcode, text);
            act(turn, BGP_ACTION_SEND, which);
        } else if (slot->phase >= SESSION_OPEN_SENT) {
            notify(session, turn, which, &cease);
        }
        if (slot->phase >= SESSION_OPEN_SENT && slot->phase >= session->state) {
            ending.which = which;
            ending.code = BGP_ERROR_CEASE;
            ending.subcode = cease_subcode;
        }
        if (is_taken(session, which))
            drop(session, turn, which, BGP_DOWN_ADMIN);
    }
    ending.was_established = session->state == SESSION_ESTABLISHED;
    session->started = false;
    session->restart_us = SESSION_NEVER;
    if (session->state != SESSION_IDLE)
        go_idle(session, turn, &ending);
    session->retry_count = 0;
}

void session_reset(struct bgp_session *session, struct session_turn *turn, enum bgp_down reason,
                   const struct bgp_error *notice, int64_t idle_us)
{
    if (session->state != SESSION_ESTABLISHED)
        return;
    enum bgp_slot which = session->slot;
    struct ending ending = ending_of(session, which, reason, notice->code, notice->subcode);
    ending.idle_us = idle_us;
    notify(session, turn, which, notice);
    drop(session, turn, which, reason);
    go_idle(session, turn, &ending);
}

void session_reset_max_prefixes(struct bgp_session *session, struct session_turn *turn,
                                uint32_t limit, int64_t idle_us)
{
    uint8_t data[7];
    struct writer writer = writer_over(data, sizeof data);
    writer_u16(&writer, BGP_AFI_IPV4);
    writer_u8(&writer, BGP_SAFI_UNICAST);
    writer_u32(&writer, limit);
    struct bgp_error error = {BGP_ERROR_CEASE, BGP_CEASE_MAX_PREFIXES, writer_slice(&writer)};
    session_reset(session, turn, BGP_DOWN_MAX_PREFIXES, &error, idle_us);
}

static bool may_have_restarted(const struct bgp_session *session)
{
    const struct open_terms *terms = session_terms(session);
    return terms && terms->restart_families != 0;
}

bool session_accepts(const struct bgp_session *session)
{
    return session->state != SESSION_IDLE && session->config.mode != SESSION_CONNECT_ONLY &&
           (session->slots[BGP_IN].phase != SESSION_ESTABLISHED || may_have_restarted(session));
}

void session_connected(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which)
{
    if (which == BGP_IN && session->config.mode != SESSION_CONNECT_ONLY &&
        may_have_restarted(session)) {
        enum bgp_slot old = session->slot;
        session_closed(session, turn, old);
        if (old == BGP_OUT)
            act(turn, BGP_ACTION_CLOSE, old)->reason = BGP_DOWN_TCP_CLOSED;
    }
    uint8_t earlier = session->slots[which].phase;
    if (which == BGP_IN && earlier >= SESSION_OPEN_SENT && earlier < SESSION_ESTABLISHED) {
        outbox_clear(&session->slots[which].outbox, turn->budget); /* its place is taken */
        release_slot(session, turn->budget, which);
    } else if (earlier >= SESSION_OPEN_SENT) {
        session_closed(session, turn, which); /* so it is gone, whoever forgot to say so */
    }
    bool wanted = which == BGP_OUT ? session->slots[BGP_OUT].phase == SESSION_CONNECT
                                   : session_accepts(session);
    if (!wanted) {
        act(turn, BGP_ACTION_CLOSE, which)->reason = BGP_DOWN_REFUSED;
        return;
    }
    if (which == BGP_OUT)
        release_slot(session, turn->budget, BGP_OUT);
    struct session_slot *slot = take_slot(session, turn->budget, which, SESSION_OPEN_SENT);
    /* an attempt of ours that is still under way keeps its limit */
    if (session->slots[BGP_OUT].phase != SESSION_CONNECT)
        session->retry_us = SESSION_NEVER;
    arm_hold(session, turn, slot, open_hold_s(&session->config));
    say(session, turn, which, BGP_OPEN);
    settle(session, turn->now_us);
}

void session_connect_failed(struct bgp_session *session, struct session_turn *turn)
{
    if (session->slots[BGP_OUT].phase != SESSION_CONNECT)
        return;
    release_slot(session, turn->budget, BGP_OUT);
    session->retry_us = SESSION_NEVER;
    if (is_taken(session, BGP_IN))
        return;
    wait_active(session, turn);
}

void session_closed(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which)
{
    struct session_slot *slot = &session->slots[which];
    struct ending ending = ending_of(session, which, BGP_DOWN_TCP_CLOSED, 0, 0);
    uint8_t phase = slot->phase;
    if (ending.was_established) { /* RFC 4724 4.2: without a NOTIFICATION */
        ending.kept = slot->terms.restart_families;
        ending.kept_s = slot->terms.restart_s;
    }
    if (phase == 0)
        return;
    if (phase == SESSION_CONNECT) {
        session_connect_failed(session, turn);
        return;
    }
    outbox_clear(&slot->outbox, turn->budget);
    release_slot(session, turn->budget, which);
    if (phase != SESSION_OPEN_SENT)
        connection_over(session, turn, &ending);
    else if (is_taken(session, other_of(which)))
        settle(session, turn->now_us);
    else
        wait_active(session, turn); /* RFC 4271 8.2.2 OpenSent, event 18 */
}

size_t session_bytes(struct bgp_session *session, struct session_turn *turn, enum bgp_slot which,
                     struct slice bytes)
{
    struct session_slot *slot = &session->slots[which];
    if (slot->phase < SESSION_OPEN_SENT)
        return bytes.size;
    size_t taken;
    struct slice message;
    struct bgp_error error;
    switch (inbox_take(&slot->inbox, turn->budget, bytes, &taken, &message, &error)) {
    case INBOX_MORE:
        break;
    case INBOX_MESSAGE:
        receive(session, turn, which, message);
        break;
    case INBOX_BAD:
        fail(session, turn, which, BGP_DOWN_BAD_HEADER, &error);
        break;
    case INBOX_NO_MEMORY:
        fail(session, turn, which, BGP_DOWN_OUT_OF_RESOURCES, &OUT_OF_RESOURCES);
        break;
    }
    return taken;
}

/* ---- time ---- */

static void keepalive_due(struct bgp_session *session, struct session_turn *turn,
                          enum bgp_slot which)
{
    arm_keepalive(session, turn, &session->slots[which]);
    say(session, turn, which, BGP_KEEPALIVE);
}

/* ConnectRetryTimer_Expires, event 9. */
static void retry_due(struct bgp_session *session, struct session_turn *turn)
{
    session->retry_us = SESSION_NEVER;
    if (is_taken(session, BGP_OUT))
        drop(session, turn, BGP_OUT, BGP_DOWN_CONNECT_RETRY);
    if (!is_taken(session, BGP_IN))
        connect_out(session, turn);
    settle(session, turn->now_us);
}

static void ready_due(struct bgp_session *session, struct session_turn *turn)
{
    session->ready_us = SESSION_NEVER;
    session->ready = true;
    act(turn, BGP_ACTION_READY, session->slot);
}

void session_hasten(struct bgp_session *session, int64_t at_us)
{
    if (session->ready_us != SESSION_NEVER && session->ready_us > at_us)
        session->ready_us = at_us;
}

void session_put_off(struct bgp_session *session, int64_t by_us)
{
    if (session->restart_us != SESSION_NEVER)
        session->restart_us += by_us;
}

int64_t session_deadline_us(const struct bgp_session *session)
{
    const struct session_slot *out = &session->slots[BGP_OUT], *in = &session->slots[BGP_IN];
    const int64_t deadlines[] = {out->hold_us,     in->hold_us,       out->keepalive_us,
                                 in->keepalive_us, session->retry_us, session->restart_us,
                                 session->ready_us};
    int64_t first_us = SESSION_NEVER;
    for (unsigned i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++)
        if (deadlines[i] < first_us)
            first_us = deadlines[i];
    return first_us;
}

/* One deadline a call, the earliest; of equal ones in the order below. */
void session_time(struct bgp_session *session, struct session_turn *turn)
{
    int64_t due_us = session_deadline_us(session);
    if (due_us > turn->now_us || due_us == SESSION_NEVER)
        return;
    for (enum bgp_slot which = BGP_OUT; which < BGP_SLOTS; which++)
        if (session->slots[which].hold_us == due_us) {
            fail(session, turn, which, BGP_DOWN_HOLD_TIMER, &HOLD_TIMER_EXPIRED);
            return;
        }
    for (enum bgp_slot which = BGP_OUT; which < BGP_SLOTS; which++)
        if (session->slots[which].keepalive_us == due_us) {
            keepalive_due(session, turn, which);
            return;
        }
    if (session->restart_us == due_us)
        leave_idle(session, turn);
    else if (session->retry_us == due_us)
        retry_due(session, turn);
    else
        ready_due(session, turn);
}

/* ---- output ---- */

bool session_ask_refresh(struct bgp_session *session, struct session_turn *turn)
{
    if (session->state != SESSION_ESTABLISHED || !session->slots[session->slot].terms.refresh)
        return false;
    say(session, turn, session->slot, BGP_ROUTE_REFRESH);
    return true;
}

int64_t session_send_hold_us(const struct bgp_session *session)
{
    int64_t hold_s = session->slots[session->slot].terms.hold_s;
    if (session->state != SESSION_ESTABLISHED || hold_s == 0)
        return SESSION_NEVER;
    return (2 * hold_s > SESSION_SEND_HOLD_S ? 2 * hold_s : SESSION_SEND_HOLD_S) * US_PER_S;
}

void session_updates_sent(struct bgp_session *session, struct session_turn *turn)
{
    if (session->config.update_restarts_keepalive && session->state == SESSION_ESTABLISHED)
        arm_keepalive(session, turn, &session->slots[session->slot]);
}

size_t session_pull(struct bgp_session *session, struct budget *budget, enum bgp_slot which,
                    uint8_t *data, size_t cap)
{
    struct open_offer offer = offer_of(session, which);
    if (session->slots[which].phase == SESSION_ESTABLISHED) { /* a refresh is of what was agreed */
        offer.six = session->slots[which].terms.six;
        offer.no_four = !session->slots[which].terms.four;
    }
    struct bgp_open open = open_make(&offer);
    return outbox_pull(&session->slots[which].outbox, budget, &open, data, cap);
}

bool session_has_bytes(const struct bgp_session *session, enum bgp_slot which)
{
    return session->slots[which].outbox.count > 0;
}

const struct open_terms *session_terms(const struct bgp_session *session)
{
    return session->state == SESSION_ESTABLISHED ? &session->slots[session->slot].terms : NULL;
}

const char *session_state_word(enum session_state state)
{
    switch (state) {
    case SESSION_IDLE:
        return "Idle";
    case SESSION_CONNECT:
        return "Connect";
    case SESSION_ACTIVE:
        return "Active";
    case SESSION_OPEN_SENT:
        return "OpenSent";
    case SESSION_OPEN_CONFIRM:
        return "OpenConfirm";
    case SESSION_ESTABLISHED:
        return "Established";
    }
    assert(false);
    return "";
}
