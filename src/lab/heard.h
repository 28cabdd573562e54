/* What the lab's daemons write into their logs, line by line: FRR's bgpd (8.4, `bgp
 * log-neighbor-changes`), BIRD (2.0, `debug protocols { states, events }`), charon (5.9, level 1)
 * and sekishod. Lines that say nothing about a session or a tunnel are HEARD_NOTHING; so is what a
 * newer version puts otherwise. */
#pragma once

#include "engine/engine.h"
#include "plane/plane.h"

enum heard_kind {
    HEARD_NOTHING,
    HEARD_SESSION_UP,
    HEARD_SESSION_DOWN, /* reason */
    HEARD_NOTICE,       /* why the session goes down, which is said next: reason */
    HEARD_IKE_UP,
    HEARD_IKE_ASKS,
    HEARD_IKE_GIVES_UP, /* of an IKE_SA, or of the attempt to make one */
    HEARD_IKE_REPLACED,
    HEARD_IKE_DOWN, /* otherwise: deleted by either end */
    HEARD_GUARD_HELD,
    HEARD_GUARD_WARNED,
    HEARD_LIMIT,
    HEARD_KINDS,
};

enum heard_speaker { HEARD_SEKISHOD, HEARD_BGPD, HEARD_BIRD, HEARD_CHARON };

struct heard {
    enum heard_kind kind;
    enum bgp_down reason;
    int64_t day_us;              /* local time of day; -1: the line has none */
    int64_t at_us;               /* CLOCK_REALTIME, as sekishod says it; -1: the line has none */
    ip_addr peer;                /* bgpd's neighbor */
    uint16_t neighbor;           /* BIRD's, by its protocol's name "n7" */
    char name[PLANE_NAME_BYTES]; /* sekishod's neighbor, attachment or tunnel, charon's tunnel */
    uint32_t number;             /* of charon's IKE_SA; 0: not known */
    struct prefix prefix;        /* of a guard or a limit */
};

enum { HEARD_LINE_BYTES = 1024 }; /* what is longer is cut there */

/* line: without its end. */
struct heard heard_line(enum heard_speaker speaker, struct slice line);

/* The moment of a line that came at arrived_us (CLOCK_REALTIME): what it says itself, the nearest
 * one with its time of day, or when it came. */
int64_t heard_at_us(const struct heard *heard, int64_t arrived_us);
