/* One turn of the loop, in strict phases; run/run.h tells which. */
#pragma once

#include "run/daemon.h"

enum {
    ROUND_READ_BYTES = 8 << 20,
    ROUND_LINKS = 48, /* read before the first is told */
    ROUND_SEND_BYTES = 256 << 20,
    ROUND_ACCEPTS = 256,
    ROUND_BFD_TURNS = 32, /* of BFD_READY_AT_ONCE sockets */
    ROUND_PULSE_US = 5000,
};

/* There is something to do before anybody is heard. */
void round_begin(struct daemon *daemon);
void round_run(struct daemon *daemon);

/* The one door to the engine: the event at the round's time, and what it effects. */
void round_step(struct daemon *daemon, struct event *event);
