/* A lab, started: namespaces, then gateways, then customer gateways, then routing daemons; or
 * nothing, and then nothing is left.
 *
 * Before anything is made everything is asked that can be: programs, permissions, platforms,
 * memory, names, and of each sekishod whether it takes the file. What the lab runs from is a copy
 * of the network file with a key of its own for every tunnel, because the file's keys are of the
 * real world and need not be here. */
#pragma once

#include "lab/running.h"
#include "network/network.h"

/* How far it is, for whoever watches: a line each. Times are seconds since the start. */
struct lab_ears {
    void *of;
    void (*begun)(void *of, const char *what);
    bool (*interrupted)(void *of); /* true: end it, and take it down */
};

struct lab_request {
    const char *name;     /* of the lab */
    const char *file;     /* of the network, absolute */
    const char *sekishod; /* the program's path */
    const struct network *network;
    bool ends_with_us; /* we take it down again: when we are killed, the next one may */
};

enum lab_outcome {
    LAB_DONE,
    LAB_REFUSED,     /* the file has something that a lab cannot have */
    LAB_IMPOSSIBLE,  /* the machine: something is missing, or one of the name is up */
    LAB_FAILED,      /* it was begun, and is gone again */
    LAB_INTERRUPTED, /* likewise */
};

enum lab_outcome lab_start(const struct lab_request *request, const struct lab_ears *ears,
                           struct lab_running **ret_lab, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The same, by who holds the lab's lock. */
bool lab_clear(const char *name, bool *ret_found, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Calls with each lab of which anything is there: a folder, or a namespace. */
void lab_each_left(void (*function)(const char *name, void *context), void *context);

/* Takes down whatever is left of a lab of that name: processes, namespaces, files; whoever began
 * it. false: something could not be removed. ret_found: was there anything? Waits for a `lab up`
 * that is under way to end, at most wait_ms. */
bool lab_stop(const char *name, int wait_ms, bool *ret_found, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* VPCs that no gateway has know their tables: what a plan wants (lab/plan.h). */
void lab_boot_vpcs(const struct world *world);
