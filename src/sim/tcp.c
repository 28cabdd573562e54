/* TCP as far as BGP feels it: a stream that is acknowledged.
 *
 * One flight is in the air at a time: what is written while it is unacknowledged waits (Nagle's
 * rule, RFC 896, and after the first timeout a congestion window of one, RFC 5681 3.1). So with one
 * direction dead, one flight still passes in the other, its acknowledgment is lost, and from then
 * on only that flight is repeated, with the timeout doubling (RFC 6298 5.5). A closed end goes on
 * repeating what it owes, as an orphan. A packet for an end that is gone is answered by a reset.
 *
 * Left out, because nothing asked here depends on it: windows, delayed acknowledgments, time-wait.
 */
#include "sim/parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    RTO_US = 200000,        /* Linux's TCP_RTO_MIN: round trips here are far shorter */
    RTO_MAX_US = 120000000, /* Linux's TCP_RTO_MAX */
    SYN_RTO_US = 1000000,   /* RFC 6298 2.1: 1 s before there is a sample */
    SYN_TRIES = 7,          /* tcp_syn_retries 6 */
    TRIES = 15,             /* tcp_retries2 */
    ORPHAN_TRIES = 8,       /* tcp_orphan_retries 0 means 8 */
    HEADERS_BYTES = 52,     /* IP and TCP with timestamps */
    FLIGHT_BYTES = 65536,
    PULL_BYTES = BGP_MESSAGE_MAX, /* what a pull needs to make progress */
};

static struct tcp_end *end_of(struct sim *sim, uint32_t connection, int end)
{
    return &sim->tcps[connection].ends[end];
}

static const struct event_neighbor *neighbor_of(struct sim *sim, const struct tcp_end *end)
{
    const struct engine *engine = sim->world->nodes[end->node].engine;
    return engine ? engine_neighbor(engine, end->neighbor) : NULL;
}

static struct event_connection event_connection_of(const struct tcp_end *end)
{
    return (struct event_connection){.neighbor = end->neighbor, .slot = end->slot};
}

static bool is_gone(const struct tcp_end *end)
{
    return end->state == TCP_NONE || end->state == TCP_GONE;
}

/* Where an engine's own number of a connection leads: to the end that it was told of, or asked for,
 * and has not closed. */
static uint32_t *slot_of(struct sim *sim, int node, struct event_connection connection)
{
    struct node_state *state = &sim->nodes[node];
    uint32_t at = connection.neighbor * (uint32_t)BGP_SLOTS + connection.slot;
    if (at >= state->tcp_slot_count) {
        uint32_t count = at * 2 + 8;
        state->tcp_slots = realloc(state->tcp_slots, count * sizeof *state->tcp_slots);
        assert(state->tcp_slots);
        memset(state->tcp_slots + state->tcp_slot_count, 0,
               (count - state->tcp_slot_count) * sizeof *state->tcp_slots);
        state->tcp_slot_count = count;
    }
    return &state->tcp_slots[at];
}

static void take_slot(struct sim *sim, uint32_t connection, const struct tcp_end *end)
{
    *slot_of(sim, end->node, event_connection_of(end)) = connection;
}

static void leave_slot(struct sim *sim, const struct tcp_end *end)
{
    uint32_t *slot = slot_of(sim, end->node, event_connection_of(end));
    if (*slot && &sim->tcps[*slot].ends[end->slot] == end)
        *slot = 0;
}

static void end_gone(struct sim *sim, struct tcp_end *end)
{
    leave_slot(sim, end);
    sim_cancel(sim, &end->timer);
    free(end->bytes);
    end->bytes = NULL;
    end->size = end->cap = end->in_flight = 0;
    end->state = TCP_GONE;
}

static void release_if_over(struct sim *sim, uint32_t connection)
{
    struct tcp *tcp = &sim->tcps[connection];
    if (!tcp->used || !is_gone(&tcp->ends[0]) || !is_gone(&tcp->ends[1]))
        return;
    tcp->used = false;
    tcp->next_free = sim->tcp_free;
    sim->tcp_free = connection;
}

/* Into the tunnels of the path, the packet is a sign of life: charon counts ESP as such. */
void sim_note_way(struct sim *sim, int from, const struct path *path)
{
    int last_into = WORLD_NONE;
    for (size_t i = 0; i < path->hop_count; i++) {
        const struct hop *hop = &path->hops[i];
        if (hop->kind == HOP_ENCAPSULATE)
            last_into = hop->tunnel;
        if (hop->kind == HOP_DECAPSULATE)
            ike_heard(sim, hop->tunnel,
                      sim->world->tunnels[hop->tunnel].ends[TUNNEL_GATEWAY].node == hop->node
                          ? TUNNEL_GATEWAY
                          : TUNNEL_CUSTOMER);
    }
    if (!path->delivered && path->drop == DROP_LOOP_IN_TUNNEL && last_into != WORLD_NONE) {
        struct tunnel_state *state = &sim->tunnels[last_into];
        if (state->last_loop_us < 0)
            sim_say(sim, MOMENT_LOOP, from, last_into);
        state->last_loop_us = sim->now_us;
    }
}

/* The segment arrives then, with these bytes. */
static void deliver(struct sim *sim, int64_t at_us, struct happening *happening, struct slice bytes)
{
    happening->segment.size = (uint32_t)bytes.size;
    if (bytes.size > 0) {
        happening->segment.bytes = malloc(bytes.size);
        assert(happening->segment.bytes);
        memcpy(happening->segment.bytes, bytes.data, bytes.size);
    }
    sim_at(sim, at_us, happening);
}

static bool is_silenced(const struct sim *sim, int node, const struct event_neighbor *neighbor)
{
    const struct node *at = &sim->world->nodes[node];
    const struct port *port = neighbor->interface ? &at->ports[neighbor->interface] : NULL;
    return port && port->kind == PORT_TUNNEL && sim->world->tunnels[port->tunnel].session_failed;
}

/* Sends a segment on its way; whether it arrives is the world's affair. */
static void transmit(struct sim *sim, uint32_t connection, int from_end, enum segment_kind kind,
                     uint64_t seq, struct slice bytes)
{
    struct tcp_end *from = end_of(sim, connection, from_end);
    const struct event_neighbor *neighbor = neighbor_of(sim, from);
    struct hop hops[PATH_HOPS];
    struct path path = {.hops = hops};
    if (!neighbor || is_silenced(sim, from->node, neighbor))
        return;
    struct packet packet = {.src = neighbor->local_addr,
                            .dst = neighbor->peer_addr,
                            .kind = PACKET_TCP,
                            .size_bytes = HEADERS_BYTES + (uint32_t)bytes.size,
                            .tunnel = WORLD_NONE};
    if (packet.size_bytes > 1400) /* one segment stands for its flight */
        packet.size_bytes = 1400;
    forward(sim->world, from->node, &packet, &path);
    assert(path.delivered || path.drop != DROP_NONE); /* whatever is dropped has a reason */
    sim_note_way(sim, from->node, &path);
    if (!path.delivered || path.beyond)
        return;
    struct happening happening = {.kind = HAPPENS_SEGMENT, .node = path.node};
    happening.segment = (struct segment){.connection = connection,
                                         .generation = sim->tcps[connection].generation,
                                         .to_end = (uint8_t)!from_end,
                                         .kind = kind,
                                         .seq = seq,
                                         .ack = from->expected};
    int64_t at_us = sim->now_us + path.delay_us + sim_late(sim, 200);
    struct fate fate = {.size = (uint32_t)bytes.size};
    if (sim->faults)
        fate = fault_fate(sim, FAULT_SEGMENT_LOST, fate.size);
    bytes.size = fate.size;
    if (!fate.lost)
        deliver(sim, at_us + fate.late_us, &happening, bytes);
    if (!fate.lost && fate.copy_us)
        deliver(sim, at_us + fate.copy_us, &happening, bytes);
}

/* How late a kernel timer may be: Linux keeps timers in a wheel whose levels are eight times
 * coarser each, and never corrects (kernel/time/timer.c: LVL_GRAN); HZ is 250 on Debian. A timeout
 * of 4 s is up to 0.256 s late, one of 25.6 s up to 2 s. */
static int64_t wheel_us(int64_t timeout_us)
{
    const int64_t jiffy_us = 4000;
    int64_t granule_us = jiffy_us;
    for (int64_t reach_us = 63 * jiffy_us; timeout_us > reach_us; reach_us *= 8)
        granule_us *= 8;
    return granule_us;
}

static void arm(struct sim *sim, uint32_t connection, int end_index, int64_t first_us)
{
    struct tcp_end *end = end_of(sim, connection, end_index);
    int64_t rto_us = first_us;
    for (unsigned i = 1; i < end->tries && rto_us < RTO_MAX_US; i++)
        rto_us *= 2;
    if (rto_us > RTO_MAX_US)
        rto_us = RTO_MAX_US;
    rto_us += sim_late(sim, wheel_us(rto_us));
    sim_cancel(sim, &end->timer);
    struct happening happening = {.kind = HAPPENS_TCP,
                                  .node = end->node,
                                  .tunnel = (int)connection,
                                  .end = (uint8_t)end_index};
    end->timer = sim_at(sim, sim->now_us + rto_us, &happening);
}

/* Sends what may be sent: the next flight when none is in the air, then the end of the stream. */
static void push(struct sim *sim, uint32_t connection, int end_index)
{
    struct tcp_end *end = end_of(sim, connection, end_index);
    if ((end->state != TCP_OPEN && end->state != TCP_ORPHAN) || end->in_flight || end->fin_sent)
        return;
    if (end->size > 0) {
        end->in_flight = end->size < FLIGHT_BYTES ? end->size : FLIGHT_BYTES;
        end->tries = 1;
        transmit(sim, connection, end_index, SEGMENT_BYTES, end->una,
                 (struct slice){end->bytes, end->in_flight});
        arm(sim, connection, end_index, RTO_US);
    } else if (end->fin_wanted) {
        end->fin_sent = true;
        end->tries = 1;
        transmit(sim, connection, end_index, SEGMENT_FIN, end->una, (struct slice){0});
        arm(sim, connection, end_index, RTO_US);
    }
}

static uint32_t take_connection(struct sim *sim)
{
    uint32_t index = sim->tcp_free;
    if (index) {
        sim->tcp_free = sim->tcps[index].next_free;
        return index;
    }
    index = ++sim->tcp_count;
    if ((index & (index - 1)) == 0) { /* room for a power of two */
        sim->tcps = realloc(sim->tcps, (size_t)index * 2 * sizeof *sim->tcps);
        assert(sim->tcps);
    }
    sim->tcps[index] = (struct tcp){0};
    return index;
}

void tcp_connect(struct sim *sim, int node, uint16_t neighbor)
{
    assert(*slot_of(sim, node, (struct event_connection){neighbor, BGP_OUT}) == 0);
    uint32_t connection = take_connection(sim);
    struct tcp *tcp = &sim->tcps[connection];
    *tcp = (struct tcp){.used = true, .generation = tcp->generation + 1};
    tcp->ends[0] = (struct tcp_end){
        .state = TCP_SYN_SENT, .node = node, .neighbor = neighbor, .slot = BGP_OUT, .tries = 1};
    take_slot(sim, connection, &tcp->ends[0]);
    transmit(sim, connection, 0, SEGMENT_SYN, 0, (struct slice){0});
    arm(sim, connection, 0, SYN_RTO_US);
}

void tcp_close(struct sim *sim, int node, struct event_connection connection)
{
    tcp_send(sim, node, connection); /* a farewell may be pending */
    uint32_t index = *slot_of(sim, node, connection);
    if (!index)
        return;
    struct tcp_end *end = end_of(sim, index, connection.slot);
    if (end->state != TCP_OPEN) {
        end_gone(sim, end);
        release_if_over(sim, index);
        return;
    }
    leave_slot(sim, end);
    end->state = TCP_ORPHAN;
    end->fin_wanted = true;
    push(sim, index, connection.slot);
}

void tcp_send(struct sim *sim, int node, struct event_connection connection)
{
    uint32_t index = *slot_of(sim, node, connection);
    if (!index || end_of(sim, index, connection.slot)->state != TCP_OPEN)
        return;
    struct tcp_end *end = end_of(sim, index, connection.slot);
    for (;;) {
        if (end->cap - end->size < PULL_BYTES) {
            end->cap = end->cap * 2 + 2 * PULL_BYTES;
            end->bytes = realloc(end->bytes, end->cap);
            assert(end->bytes);
        }
        size_t size = engine_pull(sim->world->nodes[node].engine, connection,
                                  end->bytes + end->size, end->cap - end->size);
        if (size == 0)
            break;
        end->size += (uint32_t)size;
    }
    push(sim, index, connection.slot);
}

static void tell(struct sim *sim, const struct tcp_end *end, enum event_kind kind)
{
    struct event event = {.kind = kind, .connection = event_connection_of(end)};
    sim_step_engine(sim, end->node, &event);
}

/* The end is over for reasons of its own; its application hears of it unless it has closed. */
static void end_lost(struct sim *sim, uint32_t connection, int end_index)
{
    struct tcp_end *end = end_of(sim, connection, end_index);
    struct tcp_end was = *end;
    end_gone(sim, end);
    release_if_over(sim, connection);
    if (was.state == TCP_OPEN)
        tell(sim, &was, EVENT_CLOSED);
    else if (was.state == TCP_SYN_SENT)
        tell(sim, &was, EVENT_CONNECT_FAILED);
}

void tcp_timer(struct sim *sim, uint32_t connection, int end_index)
{
    struct tcp_end *end = end_of(sim, connection, end_index);
    end->timer = 0;
    bool opening = end->state == TCP_SYN_SENT || end->state == TCP_SYN_RECEIVED;
    unsigned most = opening ? SYN_TRIES : end->state == TCP_ORPHAN ? ORPHAN_TRIES : TRIES;
    if (end->tries++ >= most) {
        end_lost(sim, connection, end_index);
        return;
    }
    if (end->state == TCP_SYN_SENT)
        transmit(sim, connection, end_index, SEGMENT_SYN, 0, (struct slice){0});
    else if (end->state == TCP_SYN_RECEIVED)
        transmit(sim, connection, end_index, SEGMENT_SYN_ACK, 0, (struct slice){0});
    else if (end->in_flight)
        transmit(sim, connection, end_index, SEGMENT_BYTES, end->una,
                 (struct slice){end->bytes, end->in_flight});
    else
        transmit(sim, connection, end_index, SEGMENT_FIN, end->una, (struct slice){0});
    arm(sim, connection, end_index, opening ? SYN_RTO_US : RTO_US);
}

/* Which of a node's neighbors is the other end of this one's connection; 0: nobody. */
static uint16_t listener(struct sim *sim, int node, const struct event_neighbor *from)
{
    const struct engine *engine = sim->world->nodes[node].engine;
    uint16_t count = engine ? engine_neighbor_count(engine) : 0;
    for (uint16_t i = 1; i <= count; i++) {
        const struct event_neighbor *neighbor = engine_neighbor(engine, i);
        if (neighbor->peer_addr == from->local_addr && neighbor->local_addr == from->peer_addr)
            return session_accepts(engine_session(engine, i)) ? i : 0;
    }
    return 0;
}

static void reset_peer(struct sim *sim, const struct segment *segment, int node)
{
    struct tcp *tcp = &sim->tcps[segment->connection];
    struct tcp_end *peer = &tcp->ends[!segment->to_end];
    if (segment->kind == SEGMENT_RST || is_gone(peer))
        return;
    /* a reset needs no state: it goes from the node that was reached to the sender */
    struct tcp_end *here = &tcp->ends[segment->to_end];
    struct tcp_end kept = *here;
    const struct event_neighbor *sender = neighbor_of(sim, peer);
    const struct engine *engine = sim->world->nodes[node].engine;
    if (!sender || !engine)
        return;
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        const struct event_neighbor *neighbor = engine_neighbor(engine, i);
        if (neighbor->peer_addr != sender->local_addr || neighbor->local_addr != sender->peer_addr)
            continue;
        here->node = node;
        here->neighbor = i;
        transmit(sim, segment->connection, segment->to_end, SEGMENT_RST, 0, (struct slice){0});
        break;
    }
    *here = kept;
}

static void arrive_syn(struct sim *sim, const struct segment *segment, int node)
{
    struct tcp *tcp = &sim->tcps[segment->connection];
    struct tcp_end *end = &tcp->ends[1];
    const struct event_neighbor *from = neighbor_of(sim, &tcp->ends[0]);
    if (end->state == TCP_SYN_RECEIVED || end->state == TCP_OPEN) {
        transmit(sim, segment->connection, 1, SEGMENT_SYN_ACK, 0, (struct slice){0});
        return;
    }
    uint16_t neighbor = from && end->state == TCP_NONE ? listener(sim, node, from) : 0;
    if (!neighbor) {
        reset_peer(sim, segment, node);
        return;
    }
    *end = (struct tcp_end){
        .state = TCP_SYN_RECEIVED, .node = node, .neighbor = neighbor, .slot = BGP_IN, .tries = 1};
    transmit(sim, segment->connection, 1, SEGMENT_SYN_ACK, 0, (struct slice){0});
    arm(sim, segment->connection, 1, SYN_RTO_US);
}

/* The application is told of a connection that is up. It may close it at once, or other ones. */
static void opened(struct sim *sim, uint32_t connection, int end_index)
{
    struct tcp_end *end = end_of(sim, connection, end_index);
    struct tcp_end was = *end;
    sim_cancel(sim, &end->timer);
    uint32_t earlier = *slot_of(sim, was.node, event_connection_of(&was));
    if (earlier && earlier != connection) { /* one that came in before: its place is taken */
        end_gone(sim, end_of(sim, earlier, end_index));
        release_if_over(sim, earlier);
    }
    end = end_of(sim, connection, end_index);
    end->state = TCP_OPEN;
    take_slot(sim, connection, end);
    tell(sim, &was, EVENT_CONNECTED);
    push(sim, connection, end_index);
}

static void arrive_ack(struct sim *sim, const struct segment *segment)
{
    struct tcp_end *end = end_of(sim, segment->connection, segment->to_end);
    uint64_t acked = segment->ack - end->una;
    if (segment->ack > end->una && end->fin_sent && acked == 1) {
        end_gone(sim, end); /* all said and heard */
        release_if_over(sim, segment->connection);
        return;
    }
    if (segment->ack <= end->una)
        return;
    assert(acked <= end->in_flight);
    end->una = segment->ack;
    end->size -= (uint32_t)acked;
    end->in_flight -= (uint32_t)acked;
    memmove(end->bytes, end->bytes + acked, end->size);
    if (end->in_flight == 0)
        sim_cancel(sim, &end->timer);
    push(sim, segment->connection, segment->to_end);
}

static void arrive_bytes(struct sim *sim, const struct segment *segment)
{
    struct tcp_end *end = end_of(sim, segment->connection, segment->to_end);
    assert(segment->seq <= end->expected);         /* one flight is in the air */
    uint64_t known = end->expected - segment->seq; /* bytes of it that came before */
    bool fresh = known < segment->size;
    if (fresh)
        end->expected = segment->seq + segment->size;
    if (fresh && end->state == TCP_ORPHAN) { /* nobody will ever read it: RFC 1122 4.2.2.13 */
        transmit(sim, segment->connection, segment->to_end, SEGMENT_RST, 0, (struct slice){0});
        end_gone(sim, end);
        release_if_over(sim, segment->connection);
        return;
    }
    transmit(sim, segment->connection, segment->to_end, SEGMENT_ACK, 0, (struct slice){0});
    if (!fresh)
        return;
    struct event event = {.kind = EVENT_RECEIVED};
    event.received.connection = event_connection_of(end);
    event.received.bytes = (struct slice){segment->bytes + known, segment->size - (size_t)known};
    sim_step_engine(sim, end->node, &event);
}

static void arrive_fin(struct sim *sim, const struct segment *segment)
{
    struct tcp_end *end = end_of(sim, segment->connection, segment->to_end);
    assert(segment->seq <= end->expected);
    if (segment->seq == end->expected)
        end->expected = segment->seq + 1;
    transmit(sim, segment->connection, segment->to_end, SEGMENT_ACK, 0, (struct slice){0});
    end_lost(sim, segment->connection, segment->to_end);
}

/* A segment of a connection that both ends have begun, or that one of them has forgotten. */
static void arrive_within(struct sim *sim, const struct segment *segment)
{
    struct tcp_end *end = end_of(sim, segment->connection, segment->to_end);
    if (segment->kind == SEGMENT_RST) {
        end_lost(sim, segment->connection, segment->to_end);
        return;
    }
    if (segment->kind == SEGMENT_SYN_ACK) { /* one that came again lacks our acknowledgment */
        transmit(sim, segment->connection, BGP_OUT, SEGMENT_ACK, 0, (struct slice){0});
        if (end->state == TCP_SYN_SENT)
            opened(sim, segment->connection, BGP_OUT);
        return;
    }
    if (end->state == TCP_SYN_RECEIVED)
        opened(sim, segment->connection, BGP_IN);
    arrive_ack(sim, segment);
    if (is_gone(end_of(sim, segment->connection, segment->to_end)))
        return; /* all that it had to say is acknowledged */
    if (segment->kind == SEGMENT_BYTES)
        arrive_bytes(sim, segment);
    else if (segment->kind == SEGMENT_FIN)
        arrive_fin(sim, segment);
}

void tcp_arrive(struct sim *sim, const struct segment *segment, int node)
{
    const struct tcp *tcp = &sim->tcps[segment->connection];
    const struct tcp_end *end = &tcp->ends[segment->to_end];
    if (!tcp->used || tcp->generation != segment->generation)
        return;
    if (segment->kind == SEGMENT_SYN)
        arrive_syn(sim, segment, node);
    else if (is_gone(end) || end->node != node) /* nobody there knows the connection */
        reset_peer(sim, segment, node);
    else
        arrive_within(sim, segment);
}

const struct tcp_end *tcp_peer(const struct sim *sim, int node, struct event_connection connection)
{
    const struct node_state *state = &sim->nodes[node];
    uint32_t at = connection.neighbor * (uint32_t)BGP_SLOTS + connection.slot;
    uint32_t index = at < state->tcp_slot_count ? state->tcp_slots[at] : 0;
    const struct tcp_end *peer = index ? &sim->tcps[index].ends[!connection.slot] : NULL;
    return peer && peer->state == TCP_OPEN ? peer : NULL;
}

bool tcp_break(struct sim *sim, uint32_t connection, int end)
{
    const struct tcp *tcp = &sim->tcps[connection];
    if (!tcp->used || is_gone(&tcp->ends[end]))
        return false;
    end_lost(sim, connection, end);
    return true;
}

void tcp_forget_node(struct sim *sim, int node)
{
    for (uint32_t i = 1; i <= sim->tcp_count; i++) {
        for (int end = 0; sim->tcps[i].used && end < 2; end++) {
            if (sim->tcps[i].ends[end].node == node && !is_gone(&sim->tcps[i].ends[end]))
                end_gone(sim, &sim->tcps[i].ends[end]);
        }
        if (sim->tcps[i].used)
            release_if_over(sim, i);
    }
}

void tcp_done(struct sim *sim)
{
    for (uint32_t i = 1; i <= sim->tcp_count; i++) {
        free(sim->tcps[i].ends[0].bytes);
        free(sim->tcps[i].ends[1].bytes);
    }
    for (size_t i = 0; i < sim->world->node_count; i++)
        free(sim->nodes[i].tcp_slots);
    free(sim->tcps);
}
