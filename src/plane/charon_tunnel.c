#include "plane/charon_tunnel.h"

#include <string.h>

enum {
    REASON_US = 10000000, /* so long after its line an SA may go for this reason */
    SPARE_US = 2000000,   /* beyond what an attempt takes when nobody answers */
    US_PER_S = 1000000,
};

static bool starts(const struct charon_tunnel *tunnel)
{
    return tunnel->wanted.options.startup == TUNNEL_STARTUP_START;
}

static void try_after(struct charon_tunnel *tunnel, int64_t us, int64_t now_us)
{
    bool may = tunnel->wants_up && tunnel->wanted.peer != 0 && !tunnel->status.up;
    tunnel->try_us = may ? now_us + us : INT64_MAX;
}

/* The longer it fails, the less often it is tried. */
static void try_later(struct charon_tunnel *tunnel, int64_t now_us)
{
    try_after(tunnel, tunnel->wait_us, now_us);
    tunnel->wait_us *= 2;
    if (tunnel->wait_us > CHARON_TRY_LAST_US)
        tunnel->wait_us = CHARON_TRY_LAST_US;
}

static void rest(struct charon_tunnel *tunnel)
{
    tunnel->try_us = INT64_MAX;
    tunnel->wait_us = CHARON_TRY_FIRST_US;
    tunnel->garbled = false;
}

void charon_tunnel_init(struct charon_tunnel *tunnel, const struct plane_tunnel *wanted,
                        uint32_t interface_id, int64_t now_us)
{
    *tunnel = (struct charon_tunnel){.wanted = *wanted, .interface_id = interface_id};
    tunnel_status_init(&tunnel->status, now_us);
    rest(tunnel);
    tunnel->wants_up = starts(tunnel);
    try_after(tunnel, 0, now_us);
}

void charon_tunnel_want(struct charon_tunnel *tunnel, const struct plane_tunnel *wanted,
                        uint32_t interface_id, int64_t now_us)
{
    bool started = starts(tunnel);
    bool has_both = tunnel->wanted.psk[0] && wanted->psk[0];
    if (has_both && strcmp(tunnel->wanted.psk, wanted->psk) != 0) {
        memcpy(tunnel->former_psk, tunnel->wanted.psk, sizeof tunnel->former_psk);
        tunnel->former_until_us = now_us + (int64_t)wanted->options.phase1_lifetime_s * US_PER_S;
        tunnel->former_first = false;
    }
    tunnel->wanted = *wanted;
    tunnel->interface_id = interface_id;
    if (starts(tunnel) == started)
        return;
    tunnel->wants_up = starts(tunnel);
    try_after(tunnel, 0, now_us);
}

void charon_tunnel_done(struct charon_tunnel *tunnel)
{
    explicit_bzero(tunnel, sizeof *tunnel);
}

static enum tunnel_cause told(struct charon_tunnel *tunnel, enum tunnel_cause cause, int64_t now_us)
{
    tunnel_report(&tunnel->status, cause, now_us);
    return cause;
}

static void remember(struct charon_tunnel *tunnel, enum tunnel_cause cause, int64_t now_us)
{
    if (tunnel->reason_ours)
        return;
    tunnel->reason = cause;
    tunnel->reason_us = now_us;
}

static bool has_reason(const struct charon_tunnel *tunnel, int64_t now_us)
{
    return tunnel->reason != TUNNEL_CAUSE_NONE &&
           (tunnel->reason_ours || now_us - tunnel->reason_us <= REASON_US);
}

static void forget_reason(struct charon_tunnel *tunnel)
{
    tunnel->reason = TUNNEL_CAUSE_NONE;
    tunnel->reason_ours = false;
}

/* Of a tunnel that is up an attempt may fail without harm: a stranger's, or a second one. */
static enum tunnel_cause failed(struct charon_tunnel *tunnel, enum tunnel_cause cause,
                                int64_t now_us)
{
    if (tunnel->status.up)
        return TUNNEL_CAUSE_NONE;
    if (cause == TUNNEL_CAUSE_NO_ANSWER && tunnel->garbled)
        cause = TUNNEL_CAUSE_AUTH_FAILED;
    tunnel->garbled = false;
    if (cause == TUNNEL_CAUSE_AUTH_FAILED && tunnel->former_psk[0])
        tunnel->former_first = !tunnel->former_first;
    try_later(tunnel, now_us);
    return told(tunnel, cause, now_us);
}

/* The first pair is made with the IKE SA, from the same proposals as all others but without a key
 * exchange of its own (RFC 7296 1.2); a later one has one when we want it, which is always. An end
 * that agreed to the first and refuses the next lacks the group. The log of neither end says so,
 * and no event does. */
static enum tunnel_cause refused(struct charon_tunnel *tunnel, const struct charon_line *line,
                                 int64_t now_us)
{
    bool up = tunnel->status.up;
    if (line->number == 0 || line->number != tunnel->sa.number || (!up && !tunnel->refused))
        return failed(tunnel, line->cause, now_us);
    if (!up)
        return failed(tunnel, TUNNEL_CAUSE_NO_GROUP, now_us);
    if (tunnel->refused)
        return TUNNEL_CAUSE_NONE; /* it is tried again and again while the present one lives */
    tunnel->refused = true;
    return told(tunnel, TUNNEL_CAUSE_REKEY_REFUSED, now_us);
}

/* A peer with the former key initiates: we believe it, answer with the new one, and are deleted at
 * once. The next answer is made with the other key. */
static bool is_disbelieved(const struct charon_tunnel *tunnel, int64_t now_us)
{
    return tunnel->former_psk[0] && !tunnel->reason_ours &&
           (!tunnel->status.up || now_us - tunnel->status.since_us < CHARON_DISBELIEF_US);
}

enum tunnel_cause charon_tunnel_line(struct charon_tunnel *tunnel, const struct charon_line *line,
                                     int64_t now_us)
{
    switch (line->kind) {
    case CHARON_LINE_FAILED:
        return failed(tunnel, line->cause, now_us);
    case CHARON_LINE_REFUSED:
        return refused(tunnel, line, now_us);
    case CHARON_LINE_ENDS_UNEXPLAINED:
        if (!has_reason(tunnel, now_us))
            remember(tunnel, line->cause, now_us);
        break;
    case CHARON_LINE_ENDS:
        if (line->cause == TUNNEL_CAUSE_DELETED && is_disbelieved(tunnel, now_us))
            tunnel->former_first = !tunnel->former_first;
        remember(tunnel, line->cause, now_us);
        break;
    case CHARON_LINE_GARBLED:
        tunnel->garbled = true;
        break;
    case CHARON_LINE_NOTHING:
    case CHARON_LINE_MOVED:
    case CHARON_LINE_PEER:
        break;
    }
    return TUNNEL_CAUSE_NONE;
}

static enum tunnel_cause came(struct charon_tunnel *tunnel, int64_t now_us)
{
    forget_reason(tunnel);
    rest(tunnel);
    tunnel->refused = false;
    tunnel->wants_up = starts(tunnel);
    return told(tunnel, TUNNEL_CAUSE_ESTABLISHED, now_us);
}

static enum tunnel_cause went(struct charon_tunnel *tunnel, int64_t now_us)
{
    enum tunnel_cause cause = has_reason(tunnel, now_us) ? tunnel->reason : TUNNEL_CAUSE_DELETED;
    bool ended = cause == TUNNEL_CAUSE_DELETED || cause == TUNNEL_CAUSE_REKEY_FAILED;
    tunnel->refused = tunnel->refused && tunnel->sa.number != 0; /* its IKE SA has stayed */
    if (tunnel->refused && ended)
        cause = TUNNEL_CAUSE_NO_GROUP;
    forget_reason(tunnel);
    if (cause == TUNNEL_CAUSE_DEAD_PEER &&
        tunnel->wanted.options.dead_action == TUNNEL_DEAD_RESTART)
        tunnel->wants_up = true;
    told(tunnel, cause, now_us);
    try_later(tunnel, now_us);
    return cause;
}

bool charon_tunnel_doubts(struct charon_tunnel *tunnel, const struct charon_sa *sa)
{
    tunnel->doubted = !sa->up && tunnel->status.up && !tunnel->doubted;
    return tunnel->doubted;
}

enum tunnel_cause charon_tunnel_seen(struct charon_tunnel *tunnel, const struct charon_sa *sa,
                                     int64_t now_us)
{
    bool other_pair = sa->child != tunnel->sa.child;
    bool replaced = other_pair || sa->number != tunnel->sa.number;
    tunnel->sa = *sa;
    if (sa->up != tunnel->status.up)
        return sa->up ? came(tunnel, now_us) : went(tunnel, now_us);
    if (!sa->up || !replaced)
        return TUNNEL_CAUSE_NONE;
    if (!tunnel->reason_ours)
        forget_reason(tunnel); /* of the one that was replaced */
    if (tunnel->refused && other_pair) {
        tunnel->refused = false;
        return told(tunnel, TUNNEL_CAUSE_ESTABLISHED, now_us); /* all is well again */
    }
    return told(tunnel, TUNNEL_CAUSE_REKEYED, now_us);
}

enum tunnel_cause charon_tunnel_lost(struct charon_tunnel *tunnel, int64_t now_us)
{
    bool was_up = tunnel->status.up;
    tunnel->loaded = false;
    tunnel->refused = false;
    tunnel->sa = (struct charon_sa){0};
    forget_reason(tunnel);
    if (was_up)
        told(tunnel, TUNNEL_CAUSE_DAEMON_ENDED, now_us);
    rest(tunnel);
    try_after(tunnel, 0, now_us);
    return was_up ? TUNNEL_CAUSE_DAEMON_ENDED : TUNNEL_CAUSE_NONE;
}

void charon_tunnel_end(struct charon_tunnel *tunnel, enum tunnel_cause cause, int64_t now_us)
{
    if (cause == TUNNEL_CAUSE_ADMIN) {
        tunnel->wants_up = false;
        tunnel->try_us = INT64_MAX;
    }
    if (!tunnel->status.up)
        return;
    tunnel->reason = cause;
    tunnel->reason_us = now_us;
    tunnel->reason_ours = true;
}

void charon_tunnel_start(struct charon_tunnel *tunnel, int64_t now_us)
{
    tunnel->wants_up = true;
    try_after(tunnel, 0, now_us);
}

/* While an attempt is under way another would only make a second pair: the next is due when this
 * one has failed, or when nobody can answer it any more. */
bool charon_tunnel_due(struct charon_tunnel *tunnel, int64_t now_us)
{
    const struct tunnel_watch *watch = &tunnel->wanted.watch;
    if (!tunnel->loaded || now_us < tunnel->try_us)
        return false;
    tunnel->garbled = false;
    try_after(tunnel, watch->interval_us * (int64_t)watch->tries + SPARE_US, now_us);
    return tunnel->try_us != INT64_MAX;
}

bool charon_tunnel_former_over(struct charon_tunnel *tunnel, int64_t now_us)
{
    if (tunnel->former_psk[0] == 0 || now_us < tunnel->former_until_us)
        return false;
    explicit_bzero(tunnel->former_psk, sizeof tunnel->former_psk);
    tunnel->former_first = false;
    return true;
}
