/* The journal of a simulated gateway, in a directory, as a real one writes its own: what replay can
 * be tried on. Its wall clock begins at 1970-01-01 00:00:00, where the story begins. */
#pragma once

#include "cli/cli.h"
#include "sim/sim.h"

struct recording;

/* The directory is made if need be, and must hold no journal. NULL: the failure has been told, and
 * *ret_status is what it comes to. */
struct recording *recording_create(struct cli *cli, const char *directory, const char *node,
                                   const struct world *world, enum cli_exit *ret_status)
    __attribute__((warn_unused_result));
/* To be given to the run; it is the recording's. */
const struct sim_listener *recording_listener(const struct recording *recording);
/* Ends it. false: something could not be written; it has been told. NULL is fine. */
bool recording_close(struct recording *recording) __attribute__((warn_unused_result));
