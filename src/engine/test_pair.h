/* Engines back to back: cables carry what CONNECT, SEND and CLOSE ask for, in virtual time, cut
 * anywhere. A cable may be dark: what was on its way is lost, and a stream that has lost something
 * delivers no more, as TCP would not. */
#pragma once

#include "engine/test_cable.h"

RIG_UNUSED static uint8_t slot_of(const struct call *call, int end)
{
    return end == call->from ? BGP_OUT : BGP_IN;
}

/* The call in that slot of the engine at the cable's end; LAB_NEVER: none. */
RIG_UNUSED static int lab_find(uint8_t cable, int end, uint8_t slot)
{
    for (int i = call_count - 1; i >= 0; i--) {
        const struct call *call = &calls[i];
        bool known = call->open[end] || end == call->from;
        if (call->cable == cable && known && !call->over[end] && slot_of(call, end) == slot)
            return i;
    }
    return LAB_NEVER;
}

RIG_UNUSED static void lab_pull(struct rig *rig, uint16_t call, int end)
{
    static uint8_t bytes[1 << 16];
    struct event_connection at = {cables[calls[call].cable].neighbors[end],
                                  slot_of(&calls[call], end)};
    size_t size, cap = BGP_MESSAGE_MAX + prng_below(&lab_prng, sizeof bytes - BGP_MESSAGE_MAX);
    while ((size = engine_pull(rig->engine, at, bytes, cap)) > 0)
        lab_fly(call, !end, FLIGHT_BYTES, bytes, size);
}

RIG_UNUSED static void lab_pull_bfd(struct rig *rig, uint8_t cable, int end)
{
    uint8_t bytes[BFD_PACKET_BYTES];
    struct flight flight = {.at_us = lab_now_us + cables[cable].delay_us,
                            .kind = FLIGHT_BFD,
                            .call = cable,
                            .to = (uint8_t)!end,
                            .size = sizeof bytes};
    while (engine_pull_bfd(rig->engine, cables[cable].neighbors[end], bytes, sizeof bytes) > 0)
        if (!cables[cable].dark)
            lab_board(flight, bytes);
}

RIG_UNUSED static void lab_effect(void *far, struct rig *rig, const struct effect *effect)
{
    (void)far;
    uint8_t cable = 0;
    int end = 0;
    for (int i = 0; i < 2 * cable_count; i++) {
        if (&lab[cables[i / 2].rigs[i % 2]] == rig &&
            cables[i / 2].neighbors[i % 2] == effect->connection.neighbor) {
            cable = (uint8_t)(i / 2);
            end = i % 2;
        }
    }
    if (effect->kind == EFFECT_BFD_SEND) {
        lab_pull_bfd(rig, cable, end);
        return;
    }
    if (effect->kind == EFFECT_CONNECT) {
        CHECK(call_count < LAB_CALLS);
        calls[call_count] = (struct call){.cable = cable, .from = (uint8_t)end};
        lab_fly(call_count++, !end, FLIGHT_SYN, NULL, 0);
        return;
    }
    int call = lab_find(cable, end, effect->connection.slot);
    if (call == LAB_NEVER)
        return;
    if (calls[call].open[end])
        lab_pull(rig, (uint16_t)call, end);
    if (effect->kind == EFFECT_CLOSE) {
        calls[call].over[end] = true;
        lab_fly((uint16_t)call, !end, FLIGHT_END, NULL, 0);
    }
}

/* -- arriving -- */

RIG_UNUSED static void lab_tell(uint16_t call, int end, enum event_kind kind)
{
    const struct cable *cable = &cables[calls[call].cable];
    say_connection(&lab[cable->rigs[end]], kind, cable->neighbors[end], slot_of(&calls[call], end));
}

RIG_UNUSED static void lab_arrive_syn(uint16_t index)
{
    struct call *call = &calls[index];
    const struct cable *cable = &cables[call->cable];
    int here = !call->from;
    const struct engine *engine = lab[cable->rigs[here]].engine;
    if (!session_accepts(engine_session(engine, cable->neighbors[here]))) {
        lab_fly(index, call->from, FLIGHT_REFUSED, NULL, 0);
        return;
    }
    int earlier = lab_find(call->cable, here, BGP_IN);
    if (earlier != LAB_NEVER) {
        calls[earlier].over[here] = true;
        lab_fly((uint16_t)earlier, !here, FLIGHT_END, NULL, 0);
        lab_tell((uint16_t)earlier, here, EVENT_CLOSED);
    }
    call->open[here] = true;
    lab_fly(index, call->from, FLIGHT_ACCEPTED, NULL, 0);
    lab_tell(index, here, EVENT_CONNECTED);
}

RIG_UNUSED static void lab_arrive_bytes(const struct flight *flight)
{
    const struct call *call = &calls[flight->call];
    const struct cable *cable = &cables[call->cable];
    struct event_received said = {
        .connection = {cable->neighbors[flight->to], slot_of(call, flight->to)}};
    for (size_t at = 0; at < flight->size && !call->over[flight->to]; at += said.bytes.size) {
        size_t piece = 1 + prng_below(&lab_prng, prng_below(&lab_prng, 3) ? flight->size : 30);
        said.bytes = (struct slice){flight->bytes + at,
                                    piece < flight->size - at ? piece : flight->size - at};
        rig_step(&lab[cable->rigs[flight->to]],
                 &(struct event){.kind = EVENT_RECEIVED, .received = said});
    }
}

RIG_UNUSED static void lab_arrive_bfd(const struct flight *flight)
{
    const struct cable *cable = &cables[flight->call];
    struct event_received said = {.connection = {.neighbor = cable->neighbors[flight->to]},
                                  .bytes = {flight->bytes, flight->size}};
    if (!cable->dark)
        rig_step(&lab[cable->rigs[flight->to]],
                 &(struct event){.kind = EVENT_BFD_RECEIVED, .received = said});
}

RIG_UNUSED static void lab_arrive(const struct flight *flight)
{
    if (flight->kind == FLIGHT_BFD) {
        lab_arrive_bfd(flight);
        return;
    }
    struct call *call = &calls[flight->call];
    int to = flight->to;
    if (cables[call->cable].dark)
        call->torn[to] = true;
    if (call->torn[to] || call->over[to])
        return;
    if (flight->kind == FLIGHT_SYN) {
        lab_arrive_syn(flight->call);
    } else if (flight->kind == FLIGHT_ACCEPTED) {
        call->open[to] = true;
        lab_tell(flight->call, to, EVENT_CONNECTED);
    } else if (flight->kind == FLIGHT_REFUSED) {
        call->over[to] = true;
        lab_tell(flight->call, to, EVENT_CONNECT_FAILED);
    } else if (flight->kind == FLIGHT_BYTES && call->open[to]) {
        lab_arrive_bytes(flight);
    } else if (flight->kind == FLIGHT_END && call->open[to]) {
        call->over[to] = true;
        lab_tell(flight->call, to, EVENT_CLOSED);
    }
}

/* -- time -- */

RIG_UNUSED static uint32_t first_flight(void)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < flight_count; i++) {
        bool same = flights[i].at_us == flights[first].at_us;
        if (flights[i].at_us < flights[first].at_us ||
            (same && flights[i].serial < flights[first].serial))
            first = i;
    }
    return first;
}

RIG_UNUSED static void lab_pass(int64_t us)
{
    int64_t end_us = lab_now_us + us;
    for (;;) {
        int64_t next_us = end_us;
        uint32_t first = first_flight();
        if (flight_count > 0 && flights[first].at_us < next_us)
            next_us = flights[first].at_us;
        for (uint8_t i = 0; i < lab_rig_count; i++)
            next_us = lab[i].wake_at_us < next_us ? lab[i].wake_at_us : next_us;
        lab_now_us = next_us;
        for (uint8_t i = 0; i < lab_rig_count; i++)
            rig_until(&lab[i], next_us);
        first = first_flight();
        if (flight_count > 0 && flights[first].at_us <= next_us) {
            struct flight flight = flights[first];
            flights[first] = flights[--flight_count];
            lab_arrive(&flight);
            free(flight.bytes);
        } else if (next_us == end_us) {
            return;
        }
    }
}

/* -- building -- */

RIG_UNUSED static struct rig *lab_add(struct engine_config config)
{
    struct rig *rig = &lab[lab_rig_count++];
    rig->tell_far = lab_effect;
    rig->now_us = lab_now_us;
    rig_start(rig, config);
    return rig;
}

/* Neighbor numbers are each engine's next; attachments exist. end 0 is neighbor->local, end 1
 * its peer. Both sessions are started. */
RIG_UNUSED static void lab_cable(int left, struct event_neighbor at_left, int right,
                                 struct event_neighbor at_right)
{
    struct cable *cable = &cables[cable_count++];
    *cable = (struct cable){.rigs = {(uint8_t)left, (uint8_t)right},
                            .neighbors = {at_left.neighbor, at_right.neighbor},
                            .delay_us = MS};
    say_neighbor(&lab[left], at_left);
    say_neighbor(&lab[right], at_right);
    say_connection(&lab[left], EVENT_START, at_left.neighbor, 0);
    say_connection(&lab[right], EVENT_START, at_right.neighbor, 0);
}

RIG_UNUSED static void lab_finish(void)
{
    for (uint32_t i = 0; i < flight_count; i++)
        free(flights[i].bytes);
    for (uint8_t i = 0; i < lab_rig_count; i++)
        rig_finish(&lab[i]);
    lab_rig_count = cable_count = 0;
    call_count = 0;
    flight_count = 0;
    lab_now_us = 0;
}
