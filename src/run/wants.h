/* What the keeper is told of a plan's tunnels (plane/orders.h): from the network file's words, each
 * tunnel as it shall be, seen from the end that the daemon is. */
#pragma once

#include "network/build.h"
#include "plane/orders.h"
#include "run/options.h"

struct plan;

struct wanted_tunnel {
    struct plane_tunnel tunnel; /* with its key, when that is in the network file */
    const char *psk_file;       /* NULL: none; the network's */
    int index;                  /* the world's */
    uint16_t port;              /* the node's */
    uint16_t interface;         /* the engine's, of that port */
    uint16_t neighbor;          /* the engine's; 0: static routes */
};

/* Fills plan->tunnels, when the daemon is to make them. RUN_INPUT after a sentence on err: a tunnel
 * without a key. */
enum run_exit wants_take(struct plan *plan, const struct run_options *options, FILE *err)
    __attribute__((warn_unused_result));

/* The plan has its numbers: the tunnels get theirs, and what is told as the engine boots says that
 * they are down. */
void wants_number(struct plan *plan);

/* The keeper has been told: no key of the file is in the plan any more. */
void wants_forget_keys(struct plan *plan);

void wants_done(struct plan *plan);
