/* What survives every single failure: each thing of the network fails alone, on a copy that had
 * come to rest, and the copy is run until it rests again. Then who reaches whom is asked anew.
 *
 * What can fail is what a story can let fail: tunnels, connections of two tunnels, Direct Connects,
 * routers, gateways, and routers' links to the underlay; not what is down already. What a router
 * takes with it is its own: pairs of which it is an end are not counted as lost by its failure. */
#pragma once

#include "check/reach.h"

enum { SURVIVE_FAILURES_MAX = 256 };

struct survive_failure {
    const char *kind; /* "tunnel", "Direct Connect", "link of router" */
    char *what;       /* id */
    bool settled;     /* it came to rest again */
    bool *lost;       /* of pairs that were reached before; those that are its own not */
    size_t lost_count;
    size_t own_count; /* lost because it is an end of them */
};

struct survive {
    bool settled;  /* at rest before anything failed */
    bool *reached; /* pairs, before anything failed */
    size_t reached_count;
    struct survive_failure *failures;
    size_t failure_count;
    size_t left_out;  /* failures beyond the most, or behind an interruption */
    bool interrupted; /* no further one was tried */
};

/* Who looks on; NULL: nobody does. */
struct survive_watch {
    /* Called after each run, with context; doing is "failure". */
    void (*progress)(void *context, size_t networks_run, const char *doing);
    void *context;
    bool (*interrupted)(void); /* asked after each run; true: no further one is begun */
};

/* Of the pairs of reach, whose nodes are those of any world built from the network. The network's
 * whole story is played first. watch may be NULL. false: no memory, and nothing to be done with. */
bool survive_run(const struct network *network, const struct reach *reach, uint64_t seed,
                 const struct survive_watch *watch, struct survive *ret_survive)
    __attribute__((warn_unused_result));
void survive_done(struct survive *survive);

/* Is the pair reached before, and lost by no failure? */
bool survive_holds(const struct survive *survive, size_t pair);
