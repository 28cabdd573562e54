/* The simulated world: it moves a world of nodes by a virtual clock.
 *
 * It is to the engines what the daemon's shell is: it hands them events and does their effects. It
 * plays what lies outside them, too: kernels that take entries after a while, the Internet and the
 * tunnels (world/forward.h, asked anew for each packet), TCP as an acknowledged stream (sim/tcp.h)
 * and strongSwan's IKE with its dead-peer detection (sim/ike.h). Real BGP bytes cross it.
 *
 * Time jumps from one thing that happens to the next; nothing costs but events. All randomness
 * comes from one seed: phases of the daemons' starts, lateness of their timers, spread of the
 * latencies that were measured. The same world, story and seed give the same run, event by event,
 * on every machine: sim_digest says so.
 *
 * What is seen is a list of moments, values with a time. A run can be asked at any time, because
 * the world it moves is an ordinary world.
 *
 * Not here: which runs to make and what to conclude from them (room check). */
#pragma once

#include "network/network.h"
#include "world/forward.h"

struct sim;
struct fault_plan; /* sim/fault.h */

enum moment_kind {
#define MOMENT(name, word, sentence) MOMENT_##name,
#include "sim/moment.def"
#undef MOMENT
    MOMENT_COUNT
};

struct moment {
    int64_t at_us;
    enum moment_kind kind;
    int node;   /* WORLD_NONE: none */
    int tunnel; /* WORLD_NONE: none */
    uint16_t neighbor;
    uint16_t attachment;  /* GUARD */
    uint16_t port;        /* ROUTE: where the entry points; ROUTE_GONE: pointed */
    uint8_t reason;       /* SESSION_DOWN: enum bgp_down; REFUSED: enum reason */
    uint8_t source;       /* ROUTE: enum route_source */
    struct prefix prefix; /* ROUTE, GUARD, REFUSED */
    ip_addr gateway;      /* ROUTE */
    int into_tunnel;      /* SWALLOWED: which tunnel takes the packets */
    bool arrives;         /* SWALLOWED: and brings them where they belong, a tunnel in a tunnel */
    int step;             /* STORY, FAILED, RESTORED: index in the story */
    uint64_t state;       /* SWALLOWED: digest of the canonical state, for finding repetitions */
};

const char *moment_word(enum moment_kind kind);
const char *moment_sentence(enum moment_kind kind);

/* Who wants to know what a node's engine is told: called after each step that it took. */
struct sim_listener {
    int node;
    void *ctx;
    void (*hear)(void *ctx, const struct engine *engine, const struct event *event);
};

struct sim_options {
    uint64_t seed;
    int64_t limit_us;     /* virtual time at which a run ends at the latest; 0: SIM_LIMIT_US */
    uint64_t events;      /* at most so many events; 0: SIM_EVENTS */
    bool until_swallowed; /* sim_run_story ends, as SIM_UNTIL, once a tunnel is swallowed */
    bool audit;           /* engine_audit after every step: slow, for tests */
    bool no_phase;        /* everything starts at 0, nothing is late or spread: for exact tests */
    const struct fault_plan *faults;     /* NULL: none */
    const struct sim_listener *listener; /* NULL: nobody */
};

#define SIM_LIMIT_US (24ll * 3600 * 1000000)
enum { SIM_EVENTS = 20000000 };

/* The world is moved by the run and stays the caller's; its engines are made anew. The network
 * gives the story; NULL: no story. NULL when there is no memory. */
struct sim *sim_create(struct world *world, const struct network *network,
                       const struct sim_options *options) __attribute__((warn_unused_result));
void sim_destroy(struct sim *sim);

/* Runs until the moment, or until nothing is left to happen or a limit is reached: then false. */
bool sim_run(struct sim *sim, int64_t until_us);

/* An event for a node's engine, now, which a later boot does not repeat: what a question supposes.
 */
void sim_tell(struct sim *sim, int node, const struct event *event);

/* How a run ended. */
enum sim_end {
    SIM_SETTLED, /* nothing but keepalives has happened for longer than any timer runs */
    SIM_REPEATS, /* a state has come back often enough: it would go on for ever */
    SIM_UNTIL,   /* the story's `until` is reached, or what the options name */
    SIM_LIMIT,   /* limit_us or events reached, and neither settled nor repeating */
    SIM_BROKEN,  /* an invariant does not hold; sim_complaint says which */
};

/* Runs the whole story and on, until it can be said how it ends. */
enum sim_end sim_run_story(struct sim *sim);

int64_t sim_now_us(const struct sim *sim);
bool sim_is_quiet(const struct sim *sim); /* as when it is settled, though a step may follow */
const struct moment *sim_moments(const struct sim *sim, size_t *ret_count);
uint64_t sim_digest(const struct sim *sim);       /* of everything that has happened */
uint64_t sim_state_digest(const struct sim *sim); /* canonical state now: no uptimes, no phases */
uint64_t sim_event_count(const struct sim *sim);
const char *sim_complaint(const struct sim *sim); /* NULL: all invariants held */

/* In a world at rest (SIM_SETTLED) each neighbor's Adj-RIB-In is my Adj-RIB-Out, each kernel holds
 * what its router's table wants, and every engine its invariants: NULL, or what does not. Slow, for
 * tests. */
const char *sim_audit_rest(const struct sim *sim);

/* The period with which a tunnel flaps, from its repeated states; 0: it does not repeat. */
int64_t sim_period_us(const struct sim *sim, int tunnel);
/* Of a run that repeats because of a BGP session only: how it ends each time; NULL: no such run. */
const struct moment *sim_restless(const struct sim *sim);
/* When the tunnel was first swallowed; -1: never. */
int64_t sim_swallowed_us(const struct sim *sim, int tunnel);
/* Both SAs, and a packet arrives both ways: if need be through another tunnel. */
bool sim_tunnel_up(const struct sim *sim, int tunnel);

/* When the last step of the story happens; 0 when there is none. */
int64_t sim_story_end_us(const struct sim *sim);
