/* Whether a lab of this network can be had here: asked before anything is made, and answered with
 * one sentence that says what to do. */
#pragma once

#include "lab/start.h"

/* Whether we may begin, ask and take down labs: all of it is root's. */
bool ready_rights(struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* LAB_DONE: yes. LAB_REFUSED: the file asks for what a lab cannot be. LAB_IMPOSSIBLE: this machine
 * lacks something. */
enum lab_outcome ready_for(const struct lab_request *request, const struct world *world,
                           struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* MiB that the lab of this world takes, from what its programs were measured to take. */
unsigned ready_memory_mib(const struct world *world);
