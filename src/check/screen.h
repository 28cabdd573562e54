/* The iteration that screens: which tunnels can be up together?
 *
 * The state is the set of tunnels that are up. A step: with that set the sessions run, everything
 * is announced and every table is as it will be; then each tunnel is asked whether its own packets
 * come from either end to the other, and those of which that is true are the next set. It begins
 * with all tunnels up.
 *
 *     the same set twice in a row   stable; who is not in it is down, for the reason given
 *     a set that was there before   it goes round; the tunnels in which the sets differ flap
 *     neither within the bound      said as such
 *
 * The tables are the engines' own, in a world without a clock (sim/instant.h): no decision is made
 * here. What the iteration does not know is time. All tunnels fall and come up together in it,
 * where in the world one falls first and the other may be spared; so it screens, the timed run
 * decides, and where the two differ that is said.
 *
 * One world is kept and moved: from a story's step to the next, and from a variant to the network
 * as it was and on to the next variant, so a variant costs what changes. */
#pragma once

#include "network/build.h"
#include "sim/instant.h"

enum screen_end {
    SCREEN_STABLE,
    SCREEN_OSCILLATES,
    SCREEN_BOUND, /* neither within SCREEN_STEPS_MAX, or messages without end in one step */
};

enum { SCREEN_STEPS_MAX = 256 };

enum screen_state {
    SCREEN_UP,
    SCREEN_DOWN,  /* its packets do not come through */
    SCREEN_FLAPS, /* in some of the sets that repeat */
    SCREEN_CUT,   /* it, a node at its end or that node's link has failed: nobody expects it up */
};

struct screen_tunnel {
    enum screen_state state;
    /* The last time that its packets did not come through, or came through another tunnel (then
     * drop is DROP_NONE). end, prefix and neighbor say nothing where into and drop do not. */
    enum drop drop;
    int end;              /* whose packets */
    int into;             /* the tunnel that took them; WORLD_NONE: none did */
    struct prefix prefix; /* of the route that led them there */
    uint16_t neighbor;    /* who told the router of it, in its engine's numbers; 0: nobody */
};

struct screen {
    struct network network; /* the caller's, borrowed; the story's `until` is not heeded */
    struct world *world;
    struct sim *sim;

    enum screen_end end; /* of the last run */
    size_t steps;        /* of the last run */
    struct screen_tunnel *tunnels;

    bool *set;  /* of tunnels; for this file only, as are: */
    bool *told; /* what the world was told is up */
    bool *base; /* what the last run ended with, where it was stable */
    bool *sets; /* those of the last run, one after the other */
};

/* The network as it is before its story, all tunnels up; nothing is run yet. The network must
 * outlive the screen. false: no memory, and nothing to be ended. */
bool screen_begin(struct screen *screen, const struct network *network)
    __attribute__((warn_unused_result));
void screen_end(struct screen *screen);

/* Iterates from the set as it is. */
void screen_run(struct screen *screen);
/* Runs, and again after each step of the network's story. */
void screen_run_story(struct screen *screen);

/* -- variants, after a run that was stable -- */

/* What is supposed has been done to screen->sim (sim/instant.h): one step. Does every tunnel that
 * the run left up and that is not cut now still come through, and not in another one? Then the
 * variant is stable as well, and nothing else is to be run. If not, screen->tunnels says which do
 * not and why. */
bool screen_probe(struct screen *screen) __attribute__((warn_unused_result));
/* What was supposed has been taken back: all is as the run left it, but for the ages of paths.
 * Where that is not so, the world is made anew. */
void screen_return(struct screen *screen);

bool screen_all_up(const struct screen *screen); /* of the last run, of those that are not cut */
