/* IKEv2 as strongSwan's charon plays it, as far as tunnels live and die by it.
 *
 * An end initiates (IKE_SA_INIT, IKE_AUTH), the other answers; with AUTH both ends have an IKE_SA
 * and one pair of ESP SAs for 0.0.0.0/0. A request without an answer is repeated after `interval`,
 * `tries` times in all, and is given up one interval after the last: the SA is deleted in silence.
 * An end whose DPD action is restart begins anew at once, with keyingtries 0 for ever.
 *
 * Dead-peer detection is charon's job send_dpd, in whole seconds of the monotonic clock:
 *
 *     now - last packet in (IKE or ESP) >= delay: ask, and look again after delay
 *     otherwise look again when that will be so, in (delay - difference) seconds
 *     a request in the air already: look again after delay
 *
 * That a job never runs early but a little late (timers above: 0.1 to 0.7 ms a job measured, three
 * jobs between request and giving up made 0.9 to 2 ms) decides which of two ends asks first when
 * both are due in the same millisecond; hence the random lateness.
 *
 * Left out: rekeying (lifetimes are hours), NAT keepalives, cookies, IKEv1's own messages. */
#include "sim/parts.h"

#include <assert.h>

enum {
    JOB_LATE_US = 700, /* see above */
    DIFFIE_HELLMAN_US =
        8000, /* IKE_SA_INIT, both ends: from giving up to the new IKE_SA, 12 to 16 */
    DIFFIE_HELLMAN_SPREAD_US = 2000, /* ms were measured, nearly all of it modp2048 */
    AUTH_US = 1000,                  /* a pre-shared key and the ESP keys */
    AUTH_SPREAD_US = 1000,
    ANSWER_US = 300, /* to a DPD request */
    SECOND_US = 1000000,
};

static struct ike_end *end_of(struct sim *sim, int tunnel, int end)
{
    return &sim->tunnels[tunnel].ends[end];
}

static struct tunnel_end *world_end(struct sim *sim, int tunnel, int end)
{
    return &sim->world->tunnels[tunnel].ends[end];
}

static int64_t clock_s(struct sim *sim, int tunnel, int end, int64_t at_us)
{
    int node = world_end(sim, tunnel, end)->node;
    return (at_us + sim->nodes[node].clock_offset_us) / SECOND_US;
}

static uint32_t job(struct sim *sim, enum happening_kind kind, int tunnel, int end, int64_t in_us)
{
    struct happening happening = {.kind = kind,
                                  .node = world_end(sim, tunnel, end)->node,
                                  .tunnel = tunnel,
                                  .end = (uint8_t)end};
    return sim_at(sim, sim->now_us + in_us + sim_late(sim, JOB_LATE_US), &happening);
}

static bool is_request(enum ike_kind kind)
{
    return kind == IKE_INIT_REQUEST || kind == IKE_AUTH_REQUEST || kind == IKE_DPD_REQUEST;
}

/* Behind NAT both ends float after IKE_SA_INIT (RFC 7296 2.23). */
static uint16_t port_of(const struct tunnel *tunnel, enum ike_kind kind)
{
    bool first = kind == IKE_INIT_REQUEST || kind == IKE_INIT_RESPONSE;
    return tunnel->nat_t && !first ? 4500 : 500;
}

static void transmit(struct sim *sim, int tunnel, int end, enum ike_kind kind, uint32_t sa,
                     int64_t after_us)
{
    struct path path = {.hops = NULL};
    if (sim->world->tunnels[tunnel].failed)
        return;
    forward_ike(sim->world, tunnel, end, port_of(&sim->world->tunnels[tunnel], kind), &path);
    assert(path.delivered || path.drop != DROP_NONE);
    if (!path.delivered || path.beyond || path.node != world_end(sim, tunnel, !end)->node)
        return;
    struct happening happening = {.kind = HAPPENS_IKE, .node = path.node};
    happening.ike =
        (struct ike_message){.tunnel = tunnel, .to_end = (uint8_t)!end, .kind = kind, .sa = sa};
    int64_t at_us = sim->now_us + path.delay_us + after_us + sim_late(sim, 200);
    struct fate fate = {.lost = false};
    if (sim->faults)
        fate = fault_fate(sim, FAULT_IKE_LOST, 0);
    if (!fate.lost)
        sim_at(sim, at_us + fate.late_us, &happening);
    if (!fate.lost && fate.copy_us)
        sim_at(sim, at_us + fate.copy_us, &happening);
}

static void request(struct sim *sim, int tunnel, int end, enum ike_kind kind, uint32_t sa)
{
    struct ike_end *ike = end_of(sim, tunnel, end);
    ike->outstanding = true;
    ike->expecting = kind;
    ike->tries = 1;
    transmit(sim, tunnel, end, kind, sa, 0);
    sim_cancel(sim, &ike->retry_timer);
    ike->retry_timer =
        job(sim, HAPPENS_IKE_RETRY, tunnel, end, sim->world->tunnels[tunnel].dpd[end].interval_us);
}

static void answered(struct sim *sim, int tunnel, int end)
{
    struct ike_end *ike = end_of(sim, tunnel, end);
    ike->outstanding = false;
    sim_cancel(sim, &ike->retry_timer);
}

static void delete_sa(struct sim *sim, int tunnel, int end)
{
    struct ike_end *ike = end_of(sim, tunnel, end);
    answered(sim, tunnel, end);
    sim_cancel(sim, &ike->dpd_timer);
    if (ike->sa) /* an attempt that failed once more is nothing new */
        sim->last_change_us = sim->now_us;
    ike->state = IKE_IDLE;
    ike->sa = ike->trying = 0;
    world_end(sim, tunnel, end)->sa = 0;
    if (end == TUNNEL_GATEWAY)
        sim_choose_static(sim, tunnel);
}

static void established(struct sim *sim, int tunnel, int end, uint32_t sa)
{
    struct ike_end *ike = end_of(sim, tunnel, end);
    if (ike->sa && ike->sa != sa)
        sim_say(sim, MOMENT_IKE_REPLACED, world_end(sim, tunnel, end)->node, tunnel);
    answered(sim, tunnel, end);
    sim_cancel(sim, &ike->dpd_timer);
    ike->state = IKE_UP;
    ike->sa = sa;
    ike->trying = 0;
    ike->last_in_us = sim->now_us;
    world_end(sim, tunnel, end)->sa = sa;
    sim->last_change_us = sim->now_us;
    sim_say(sim, MOMENT_IKE_UP, world_end(sim, tunnel, end)->node, tunnel);
    int64_t delay_us = sim->world->tunnels[tunnel].dpd[end].delay_us;
    if (delay_us > 0)
        ike->dpd_timer = job(sim, HAPPENS_IKE_DPD, tunnel, end, delay_us);
    if (end == TUNNEL_GATEWAY)
        sim_choose_static(sim, tunnel);
}

void ike_start(struct sim *sim, int tunnel, int end)
{
    struct ike_end *ike = end_of(sim, tunnel, end);
    sim_cancel(sim, &ike->start_timer);
    if (ike->state != IKE_IDLE || sim->world->tunnels[tunnel].plain)
        return;
    ike->state = IKE_INITIATING;
    ike->trying = ++sim->tunnels[tunnel].next_sa;
    request(sim, tunnel, end, IKE_INIT_REQUEST, ike->trying);
}

void ike_heard(struct sim *sim, int tunnel, int end)
{
    end_of(sim, tunnel, end)->last_in_us = sim->now_us;
}

static void give_up(struct sim *sim, int tunnel, int end)
{
    const struct tunnel *of = &sim->world->tunnels[tunnel];
    bool was_up = end_of(sim, tunnel, end)->state == IKE_UP;
    delete_sa(sim, tunnel, end);
    if (was_up)
        sim_say(sim, MOMENT_IKE_GIVEN_UP, of->ends[end].node, tunnel);
    if (!was_up || of->restarts[end])
        ike_start(sim, tunnel, end);
}

void ike_retry_job(struct sim *sim, int tunnel, int end)
{
    struct ike_end *ike = end_of(sim, tunnel, end);
    const struct tunnel *of = &sim->world->tunnels[tunnel];
    ike->retry_timer = 0;
    if (ike->tries >= of->dpd[end].tries) {
        give_up(sim, tunnel, end);
        return;
    }
    ike->tries++;
    transmit(sim, tunnel, end, ike->expecting, ike->state == IKE_UP ? ike->sa : ike->trying, 0);
    ike->retry_timer = job(sim, HAPPENS_IKE_RETRY, tunnel, end, of->dpd[end].interval_us);
}

void ike_dpd_job(struct sim *sim, int tunnel, int end)
{
    struct ike_end *ike = end_of(sim, tunnel, end);
    int64_t delay_s = sim->world->tunnels[tunnel].dpd[end].delay_us / SECOND_US;
    int64_t again_s;
    if (delay_s < 1)
        delay_s = 1;
    again_s = delay_s;
    ike->dpd_timer = 0;
    if (!ike->outstanding) {
        int64_t silent_s =
            clock_s(sim, tunnel, end, sim->now_us) - clock_s(sim, tunnel, end, ike->last_in_us);
        if (silent_s >= delay_s) {
            sim_say(sim, MOMENT_IKE_DPD, world_end(sim, tunnel, end)->node, tunnel);
            request(sim, tunnel, end, IKE_DPD_REQUEST, ike->sa);
        } else {
            again_s = delay_s - silent_s;
        }
    }
    ike->dpd_timer = job(sim, HAPPENS_IKE_DPD, tunnel, end, again_s * SECOND_US);
}

/* The peer is who it says, so its older SA here is out of use. Of two attempts that cross, begun by
 * either end, the younger one counts; an IKE_AUTH that comes again is answered again. */
static void arrive_auth(struct sim *sim, const struct ike_message *message)
{
    int tunnel = message->tunnel, end = message->to_end;
    const struct ike_end *ike = end_of(sim, tunnel, end);
    if (message->sa < ike->sa || message->sa < ike->trying)
        return;
    if (message->sa != ike->sa)
        established(sim, tunnel, end, message->sa);
    transmit(sim, tunnel, end, IKE_AUTH_RESPONSE, message->sa,
             AUTH_US + sim_late(sim, AUTH_SPREAD_US));
}

static void arrive_request(struct sim *sim, const struct ike_message *message)
{
    int tunnel = message->tunnel, end = message->to_end;
    struct ike_end *ike = end_of(sim, tunnel, end);
    switch (message->kind) {
    case IKE_INIT_REQUEST:
        transmit(sim, tunnel, end, IKE_INIT_RESPONSE, message->sa,
                 DIFFIE_HELLMAN_US + sim_late(sim, DIFFIE_HELLMAN_SPREAD_US));
        break;
    case IKE_AUTH_REQUEST:
        arrive_auth(sim, message);
        break;
    case IKE_DPD_REQUEST:
        if (ike->sa != message->sa)
            break; /* for an IKE_SA that is gone: no answer */
        ike->last_in_us = sim->now_us;
        transmit(sim, tunnel, end, IKE_DPD_RESPONSE, message->sa, ANSWER_US);
        break;
    case IKE_INIT_RESPONSE:
    case IKE_AUTH_RESPONSE:
    case IKE_DPD_RESPONSE:
    default:
        break;
    }
}

void ike_arrive(struct sim *sim, const struct ike_message *message)
{
    int tunnel = message->tunnel, end = message->to_end;
    struct ike_end *ike = end_of(sim, tunnel, end);
    if (is_request(message->kind)) {
        arrive_request(sim, message);
        return;
    }
    if (!ike->outstanding)
        return;
    if (message->kind == IKE_DPD_RESPONSE && ike->sa == message->sa &&
        ike->expecting == IKE_DPD_REQUEST) {
        ike->last_in_us = sim->now_us;
        answered(sim, tunnel, end);
    } else if (message->kind == IKE_INIT_RESPONSE && ike->trying == message->sa &&
               ike->expecting == IKE_INIT_REQUEST) {
        request(sim, tunnel, end, IKE_AUTH_REQUEST, message->sa);
    } else if (message->kind == IKE_AUTH_RESPONSE && ike->trying == message->sa &&
               ike->expecting == IKE_AUTH_REQUEST) {
        established(sim, tunnel, end, message->sa);
    }
}

void ike_clear(struct sim *sim, int tunnel, int end)
{
    const struct tunnel *of = &sim->world->tunnels[tunnel];
    delete_sa(sim, tunnel, end);
    if (of->starts[end] && sim->nodes[of->ends[end].node].booted)
        ike_start(sim, tunnel, end);
}

void ike_forget_node(struct sim *sim, int node)
{
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++) {
            if (sim->world->tunnels[i].ends[end].node != node)
                continue;
            delete_sa(sim, (int)i, end);
            sim_cancel(sim, &sim->tunnels[i].ends[end].start_timer);
        }
    }
}
