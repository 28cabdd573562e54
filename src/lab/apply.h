/* A lab's network, changed while it runs: what differs between how its nodes are configured and how
 * they shall be, done to their daemons, and to the tables of VPCs that the lab itself holds
 * (lab/tables.h). FRR is told by vtysh, line by line (lab/difference.h), BIRD by `birdc configure`,
 * sekishod by a signal; each after its file was written anew, so that it would start again as it
 * runs. */
#pragma once

#include "lab/running.h"
#include "network/network.h"

/* before and after are of the same nodes and tunnels; those of before are left out that the lab has
 * no daemon for. *ret_count: how many nodes were told something. False: somebody could not be told,
 * and others may have been. */
bool lab_apply(const struct lab_running *lab, const struct network *before,
               const struct network *after, unsigned *ret_count, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Is there such a program, as execvp() looks for it? */
bool lab_has_program(const char *program);

/* Runs a program in a namespace (NULL: ours) to its end. said may be NULL. */
bool lab_run_program(const char *space, const char *const words[], char *said, size_t cap,
                     struct trouble *ret_trouble);
