/* What flies between engines back to back (test_pair.h), and over which cable. */
#pragma once

#include "base/prng.h"
#include "engine/test_says.h"

#include <stdlib.h>

enum { LAB_RIGS = 4, LAB_CABLES = 6, LAB_CALLS = 4096, LAB_FLIGHTS = 4096, LAB_NEVER = -1 };

struct cable {
    uint8_t rigs[2]; /* at its ends */
    uint16_t neighbors[2];
    int64_t delay_us;
    bool dark;
};

/* One TCP connection, or the attempt. */
struct call {
    uint8_t cable;
    uint8_t from;
    bool open[2]; /* the engine at that end believes in it */
    bool over[2]; /* the engine at that end is to hear nothing more of it */
    bool torn[2]; /* bytes towards that end were lost */
};

enum flight_kind {
    FLIGHT_SYN,
    FLIGHT_ACCEPTED,
    FLIGHT_REFUSED,
    FLIGHT_BYTES,
    FLIGHT_END,
    FLIGHT_BFD
};

struct flight {
    int64_t at_us;
    uint64_t serial;
    enum flight_kind kind;
    uint16_t call; /* BFD: the cable */
    uint8_t to;
    uint8_t *bytes;
    size_t size;
};

static struct rig lab[LAB_RIGS] RIG_UNUSED;
static uint8_t lab_rig_count RIG_UNUSED;
static struct cable cables[LAB_CABLES] RIG_UNUSED;
static uint8_t cable_count RIG_UNUSED;
static struct call calls[LAB_CALLS] RIG_UNUSED;
static uint16_t call_count RIG_UNUSED;
static struct flight flights[LAB_FLIGHTS] RIG_UNUSED;
static uint32_t flight_count RIG_UNUSED;
static uint64_t flight_serial RIG_UNUSED;
static struct prng lab_prng RIG_UNUSED;
static int64_t lab_now_us RIG_UNUSED;

RIG_UNUSED static void lab_board(struct flight flight, const uint8_t *bytes)
{
    CHECK(flight_count < LAB_FLIGHTS);
    if (flight_count == LAB_FLIGHTS)
        return;
    if (flight.size > 0) {
        flight.bytes = malloc(flight.size);
        CHECK(flight.bytes != NULL);
        memcpy(flight.bytes, bytes, flight.size);
    }
    flight.serial = flight_serial++;
    flights[flight_count++] = flight;
}

RIG_UNUSED static void lab_fly(uint16_t call, int to, enum flight_kind kind, const uint8_t *bytes,
                               size_t size)
{
    const struct cable *cable = &cables[calls[call].cable];
    if (cable->dark) {
        calls[call].torn[to] = true;
        return;
    }
    struct flight flight = {.at_us = lab_now_us + cable->delay_us,
                            .kind = kind,
                            .call = call,
                            .to = (uint8_t)to,
                            .size = size};
    lab_board(flight, bytes);
}
