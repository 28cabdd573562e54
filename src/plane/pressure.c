#include "plane/pressure.h"

#include <assert.h>

static bool is_set_to(struct pressure *pressure, uint64_t rate)
{
    bool other = pressure->rate != rate;
    pressure->rate = rate;
    return other;
}

static bool begins_anew(struct pressure *pressure, const struct pressure_counts *now)
{
    bool anew = !pressure->begun || now->taken_packets < pressure->last.taken_packets ||
                now->taken_bytes < pressure->last.taken_bytes ||
                now->sent_packets < pressure->last.sent_packets;
    if (anew)
        pressure->behind = pressure->calm = 0;
    pressure->begun = true;
    return anew;
}

/* Bytes of the inside that he has managed in a second. */
static uint64_t managed(uint64_t taken_bytes, uint64_t taken, uint64_t sent, int64_t passed_us)
{
    uint64_t mean = taken_bytes / taken;
    return sent * mean * 1000000 / (uint64_t)passed_us;
}

static uint64_t at_least(uint64_t rate)
{
    return rate < PRESSURE_RATE_LEAST ? PRESSURE_RATE_LEAST : rate;
}

bool pressure_look(struct pressure *pressure, const struct pressure_counts *now, int64_t passed_us)
{
    assert(passed_us > 0);
    if (begins_anew(pressure, now)) {
        pressure->last = *now;
        return is_set_to(pressure, 0);
    }
    uint64_t taken = now->taken_packets - pressure->last.taken_packets;
    uint64_t taken_bytes = now->taken_bytes - pressure->last.taken_bytes;
    uint64_t sent = now->sent_packets - pressure->last.sent_packets;
    uint64_t could = pressure->rate * (uint64_t)passed_us / 1000000;
    pressure->last = *now;
    /* Nothing sent: there is no SA, and what is taken is thrown away. */
    if (sent == 0)
        pressure->behind = 0;
    else if (pressure->behind + taken > sent)
        pressure->behind += taken - sent;
    else
        pressure->behind = 0;
    if (taken < PRESSURE_IDLE && pressure->behind < PRESSURE_LEAST)
        pressure->behind = 0; /* keepalives and what was lost inside add up otherwise */
    if (taken >= PRESSURE_IDLE && pressure->behind > PRESSURE_MOST) {
        pressure->calm = 0;
        return is_set_to(pressure, at_least(managed(taken_bytes, taken, sent, passed_us) * 7 / 8));
    }
    if (pressure->rate == 0 || pressure->behind > PRESSURE_LEAST)
        return false;
    pressure->calm = taken_bytes < could / 2 ? pressure->calm + 1 : 0;
    if (pressure->calm >= PRESSURE_CALM_LOOKS)
        return is_set_to(pressure, 0);
    return pressure->calm == 0 && is_set_to(pressure, pressure->rate + pressure->rate / 16);
}
