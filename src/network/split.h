/* A region taken apart: what shares no gateway, router, VPC, peering or outside address has nothing
 * to do with each other, and each part is a network of its own. What a step of the story brings
 * together, or is wanted between two things, is one part. An address that is wanted of a thing is
 * looked for in the thing's part. */
#pragma once

#include "network/network.h"

/* Indices of the part's things in the whole, list by list. */
struct network_part {
    struct network *network; /* owned; NULL: the part is all of it */
    int32_t *of[NETWORK_KINDS];
};

struct network_parts {
    struct network_part *items;
    size_t count; /* 0 for a network with nothing in it */
};

/* In the order of what comes first in the file. Each part has its own steps of the story. Comments
 * are left out. Linear but for sorting. */
void network_split(const struct network *network, struct network_parts *ret_parts);
void network_parts_done(struct network_parts *parts);
