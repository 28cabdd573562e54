/* How fast packets may go into a userspace tunnel. libipsec takes from its TUN device whatever is
 * there and queues it without a bound until a thread encrypts it: 400 MiB in ten seconds of UDP
 * were seen. So the two ends are counted: what charon has taken from the device, and what it has
 * sent outside. Who has taken more by PRESSURE_MOST packets is given a rate below what he managed,
 * which the device's own queue keeps to, and drops at, as that of a real line would; once he has
 * caught up the rate rises until it no longer matters, and is taken away.
 *
 * The law alone, without clock and kernel; plane/limit.h reads and sets what it needs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    PRESSURE_LOOK_MS = 200,
    PRESSURE_MOST = 8000,         /* packets behind: some 12 MB, 0.3 s at 300 Mbit/s */
    PRESSURE_LEAST = 2000,        /* has caught up */
    PRESSURE_IDLE = 500,          /* packets in a look: less is no pressure */
    PRESSURE_CALM_LOOKS = 25,     /* 5 s without a use for the rate */
    PRESSURE_RATE_LEAST = 250000, /* bytes/s; 2 Mbit/s */
};

/* What was counted since the devices were made. */
struct pressure_counts {
    uint64_t taken_packets, taken_bytes; /* by charon from the TUN device */
    uint64_t sent_packets;               /* by charon, outside */
};

struct pressure {
    struct pressure_counts last;
    bool begun;
    uint64_t behind; /* packets */
    uint64_t rate;   /* bytes/s into the device; 0: no bound */
    unsigned calm;   /* looks */
};

/* passed_us: since the last look, more than 0. Returns whether the rate is another one now. Counts
 * that have become less are those of a new device: it begins anew. */
bool pressure_look(struct pressure *pressure, const struct pressure_counts *now, int64_t passed_us)
    __attribute__((warn_unused_result));
