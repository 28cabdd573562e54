/* What has been seen of a running lab: moments, as a simulated run has them (sim/sim.h), and the
 * state that they led to. Nothing is asked here and nothing waited for: what daemons and kernels
 * say is handed in, so a run that was written down can be seen again.
 *
 * The world is the one that the lab was made from. Its engines stay asleep; what moves are its
 * kernels' tables (kernel_set) and its tunnels' SAs, as they are reported. So a packet's own way
 * out is asked as it is everywhere else: where does the router's table lead the tunnel's packets?
 */
#pragma once

#include "lab/heard.h"
#include "sim/cycles.h"
#include "world/world.h"

struct seen_route { /* one of a kernel's, known by its prefix and metric */
    struct prefix prefix;
    uint32_t metric;
    unsigned dump; /* of which dump it is, at least */
    bool outer;    /* of the table of the outer interface's VRF */
    struct kernel_entry entry;
};

struct seen_session {
    uint16_t neighbor;
    ip_addr peer;
    char name[PLANE_NAME_BYTES];
    bool up;
    enum bgp_down notice; /* why it goes down next; NONE: nobody said */
};

struct seen_node {
    struct seen_session *sessions;
    size_t session_count;
    struct seen_route *routes;
    size_t route_count, route_cap;
};

struct seen_end {
    bool swallowed;
    int into;                   /* by which tunnel; WORLD_NONE: by none */
    int64_t since_us;           /* since when it is that one */
    bool renewed;               /* by a new IKE_SA since it was swallowed last: a cycle begins */
    int64_t first_swallowed_us; /* -1: never */
    uint32_t number;            /* charon's, of the IKE_SA that is up */
};

struct seen {
    struct world *world;
    int64_t began_us; /* CLOCK_REALTIME of the time 0; what is earlier leaves no moment */
    struct moment *moments;
    size_t count, cap;
    struct moment earlier;      /* than the beginning: the last one, which is not kept */
    struct seen_node *nodes;    /* as the world's */
    struct seen_end (*ends)[2]; /* by tunnel */
};

/* The world is moved, and must outlive it. */
void seen_init(struct seen *seen, struct world *world, int64_t began_us);
void seen_done(struct seen *seen);
/* What was seen by now is how it was; from here on there are moments. */
void seen_begin(struct seen *seen, int64_t began_us);

/* at_us, here and below: CLOCK_REALTIME. */
struct moment *seen_say(struct seen *seen, enum moment_kind kind, int node, int tunnel,
                        int64_t at_us);

/* What a daemon of the node has said. */
void seen_heard(struct seen *seen, int node, const struct heard *heard, int64_t at_us);

/* The node's kernel has this route, or it has it no longer. Of several for one prefix packets take
 * the one with the lowest metric. */
void seen_route(struct seen *seen, int node, const struct seen_route *route, int64_t at_us);
void seen_route_gone(struct seen *seen, int node, struct prefix prefix, uint32_t metric,
                     int64_t at_us);
void seen_outer_route_gone(struct seen *seen, int node, struct prefix prefix, uint32_t metric,
                           int64_t at_us);
/* All that was not told since this dump began is not there. */
void seen_sweep(struct seen *seen, int node, unsigned dump, int64_t at_us);
/* A packet sent at this time into the tunnel has come out of it, though it goes into another one:
 * said of the moment that it went there if that was just before. */
void seen_arrives(struct seen *seen, int tunnel, int64_t at_us);
/* The machine is gone: its sessions and SAs with it. */
void seen_gone(struct seen *seen, int node);

/* Both SAs, and packets find their way. */
bool seen_tunnel_up(const struct seen *seen, int tunnel);
/* Both SAs, and its packets go into this tunnel; WORLD_NONE: it is up, or down. */
int seen_tunnel_into(const struct seen *seen, int tunnel);
bool seen_session_up(const struct seen *seen, int node, uint16_t neighbor);
bool seen_sessions_up(const struct seen *seen);                 /* every one */
int64_t seen_swallowed_us(const struct seen *seen, int tunnel); /* the first time; -1: never */

/* The period with which a tunnel flaps: the median of its cycles, of which there must have been
 * two that no step of the story fell into; 0: it has none. A cycle begins where sim/cycles.h has it
 * begin. */
int64_t seen_period_us(const struct seen *seen, int tunnel);
size_t seen_cycles(const struct seen *seen, int tunnel);
/* How long the last of them took; 0: there was none. */
int64_t seen_cycle_us(const struct seen *seen, int tunnel);
