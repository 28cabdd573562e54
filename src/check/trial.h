/* One trial: a network with some changes, run through its story in several orders of starts. Does
 * that cure it?
 *
 * It does when every run settles with every tunnel up, nothing was ever swallowed, nothing is lost
 * that could be reached, and no tunnel is left worse off than it was: one that something protected
 * must not stand there by an accident alone. A run ends in the moment in which a tunnel is
 * swallowed: what follows cannot mend it, so the short run and the long one say the same. */
#pragma once

#include "check/evidence.h"

struct patient {
    struct check *check;
    const struct network *network; /* the file's, or a variant of it */
    const struct reach *reach;     /* what must not be lost in it */
    const struct world *world;     /* of the network as it is */
    int8_t *sheltered;          /* tunnels: the level of what keeps it now; -1: nothing needs to */
    struct evidence *swallowed; /* of the last trial: tunnels that were, as seen then */
    size_t swallowed_count;
    size_t trials_left;
    bool *needed; /* of the last trial, where it cured: changes that cannot be spared (spare.h) */
};

/* World and network are borrowed. The network has the variant's announcement in its story; run: of
 * it; NULL: the file's network, whose findings are in the answer. */
void patient_init(struct patient *patient, struct check *check, const struct network *network,
                  const struct world *world, const struct reach *reach, const struct run *run);

/* false: it is not cured, or no trial is left: then nothing was run and nothing was swallowed. */
bool trial_cures(struct patient *patient, const struct change *changes, size_t count);
