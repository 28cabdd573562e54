/* A packet and its answer: the way there, the way back, and what is to be said of both together.
 *
 * The answer is made of the packet as it arrived: where an address was translated on the way, the
 * answer goes to the translated one. Where the packet was lost, the answer is asked all the same,
 * as if it had arrived: two troubles are two troubles.
 *
 * Where a packet is lost because a tunnel is not up, the tunnel's own outer packets are followed,
 * too, from both of its ends. */
#pragma once

#include "explain/trace.h"

struct journey_end {
    int node; /* WORLD_NONE: an address that nobody in the file has */
    ip_addr addr;
};

enum journey_verdict {
    JOURNEY_ARRIVES,    /* both ways */
    JOURNEY_ONE_WAY,    /* there; the way back begins outside of the file */
    JOURNEY_LOST_THERE, /* and the answer would arrive */
    JOURNEY_LOST_BACK,
    JOURNEY_LOST_BOTH,
    JOURNEY_VERDICTS
};

enum { JOURNEY_VIA_MAX = 16 };

struct journey_way {
    struct trace trace;
    struct path path; /* hops: NULL */
    bool asked;
    bool stray; /* delivered, and not to whom it was meant for */
    struct journey_end from, to;
    const char *via[JOURNEY_VIA_MAX]; /* tunnels, Direct Connects, peerings, "the Internet" */
    size_t via_count;
};

struct journey {
    enum journey_verdict verdict;
    struct journey_way there, back;
    struct traffic traffic; /* what is sent there */
    bool asymmetric;        /* both arrive, by different attachments */
    int down;               /* the tunnel that is not up; WORLD_NONE: none is in the way */
    struct trace outer[2];  /* its own packets: TUNNEL_GATEWAY, TUNNEL_CUSTOMER */
};

/* from has a node. The answer is the traffic's: an echo reply, or the ports turned round. */
void journey_take(const struct world *world, struct journey_end from, struct journey_end to,
                  struct traffic traffic, struct journey *ret_journey);
void journey_done(struct journey *journey);

const char *journey_verdict_name(enum journey_verdict verdict); /* "lost-back" */
bool journey_is_fine(const struct journey *journey);

/* "arrives", "lost on the way back, at vyatta: ...", without a newline or color. */
void text_journey(struct text *text, const struct world *world, const struct journey *journey);
void text_journey_end(struct text *text, const struct world *world, struct journey_end end);

void journey_render(const struct world *world, const struct journey *journey,
                    const struct screen *screen);
json_t *journey_json(const struct world *world, const struct journey *journey);
json_t *journey_end_json(const struct world *world, struct journey_end end);
