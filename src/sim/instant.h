/* The simulated world without a clock: what is said arrives at once, what is wanted of a kernel is
 * done at once, and nothing ever times out. The engines are the same, told the same events, and
 * real BGP bytes go from one to the other.
 *
 * It is for one question: given which tunnels work, what do all tables say? So IKE is not played:
 * whoever asks says which tunnels are up, and the sessions of the others are closed. A session that
 * should be open and is not is begun anew once in each settling; one that its ends refuse stays
 * closed, and so does one that a limit has ended.
 *
 * A sim that was made here is destroyed as any other (sim_destroy); of sim.h's questions those
 * about time, moments and repetition have no answer. */
#pragma once

#include "sim/sim.h"

/* Everything has booted, no tunnel is up, no story is played. The network is borrowed; NULL: there
 * is none. NULL when there is no memory. */
struct sim *instant_create(struct world *world, const struct network *network)
    __attribute__((warn_unused_result));

/* Takes effect with the next settling. */
void instant_set_tunnel(struct sim *sim, int tunnel, bool up);

/* Delivers until nobody has anything to say. false: that did not end within a bound that any
 * converging network keeps, and what was under way still is. */
bool instant_settle(struct sim *sim) __attribute__((warn_unused_result));

/* A step as a story has it; it must outlive the sim. Restarts take no time. */
void instant_play(struct sim *sim, const struct network_step *step);

/* Nobody expects it to be up: it, or the node at one of its ends, or that node's link, has failed.
 */
bool instant_is_cut(const struct sim *sim, int tunnel);
/* Do the tunnel's own packets come from this end to the other? ret_path as in forward(). */
bool instant_passes(const struct sim *sim, int tunnel, int end, struct path *ret_path);
