/* A node of a running lab, started once more: after its programs were killed, with the same words
 * and files, in the order in which `lab up` starts them. */
#pragma once

#include "lab/running.h"
#include "network/network.h"

/* network: as the lab is configured. The node's pids change, and lab.json with them. Returns when
 * the programs run; tunnels and sessions come up by and by. */
bool lab_start_again(struct lab_running *lab, struct running_node *node,
                     const struct network *network, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
