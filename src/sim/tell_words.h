/* A group of moments as a sentence; for sim/tell.c. */
#pragma once

#include "sim/tell.h"
#include "sim/tell_group.h"

struct telling {
    const struct world *world;
    const struct network *network; /* NULL: no story */
    const struct moment *moments;
    const size_t *previous; /* as in struct tell_groups; NULL: not known */
    struct text what, note; /* the sentence, and what it rests on; stay empty when there is none */
    enum tell_tone tone;
};

const struct moment *tell_first(const struct telling *telling, const struct tell_group *group);
void tell_group(struct telling *telling, const struct tell_group *group);
void tell_opening(struct telling *telling, const struct tell_group *group);
