/* One run of one network: a world of its own, moved through the story and on, until it can be said
 * how it ends. The file's `until` is not heeded: a verdict is about what goes on for ever. */
#pragma once

#include "network/build.h"
#include "sim/sim.h"

/* A seed of another order of starts and other phases; nth 0: the seed itself. */
uint64_t run_seed(uint64_t seed, unsigned nth);

struct run {
    struct network network; /* the caller's, but for `until`; borrowed */
    struct world *world;
    struct sim *sim;
    enum sim_end end; /* of run_finish */
};

/* The network must outlive the run. false: no memory, and nothing to be done with it. */
bool run_begin(struct run *run, const struct network *network, uint64_t seed, int64_t limit_us)
    __attribute__((warn_unused_result));
/* The same for who only asks whether all stays well: run_finish ends it in the moment in which the
 * first tunnel is swallowed. */
bool run_begin_trial(struct run *run, const struct network *network, uint64_t seed,
                     int64_t limit_us) __attribute__((warn_unused_result));
void run_done(struct run *run);

void run_until(struct run *run, int64_t at_us);
void run_finish(struct run *run);

/* Cut off by the story or for want of what is not in the file, not by a route: its node or the
 * tunnel itself has failed. Then nobody expects it to be up. */
bool run_tunnel_excused(const struct run *run, int tunnel);
bool run_all_up(const struct run *run);        /* of the tunnels that are not excused */
bool run_any_swallowed(const struct run *run); /* at any time */
/* Neither settled nor seen to repeat, and yet a tunnel was swallowed again and again after the
 * story's end: several tunnels that disturb each other go round, but never twice in quite the same
 * way. */
bool run_keeps_flapping(const struct run *run);
/* How often the gateway closed the neighbor's session because it announced too much. */
unsigned run_limit_closings(const struct run *run, int gateway, uint16_t neighbor);
/* Every tunnel is up, and what repeats is that such a session comes back and is closed by the
 * gateway. */
bool run_keeps_closing(const struct run *run);
/* Settled, all up, nothing ever swallowed. */
bool run_is_well(const struct run *run);
