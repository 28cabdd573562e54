/* The ends of a packet as a user names them: an instance, a router, an address. */
#pragma once

#include "check/reach.h"
#include "cli/cli.h"

/* sends: the packet begins there, so somebody must have the address. false: the mistake is told. */
bool place_end(struct cli *cli, const struct network *network, const struct world *world,
               const char *word, bool sends, struct reach_end *ret_end)
    __attribute__((warn_unused_result));
/* A sender and where it sends, of one family where both have one in common. */
bool place_ends(struct cli *cli, const struct network *network, const struct world *world,
                const char *const words[2], struct reach_end ret_ends[2])
    __attribute__((warn_unused_result));
