/* Route tables of VPCs, as places to look at: what the families of findings about them share. */
#pragma once

#include "check/parts.h"
#include "check/run.h"

/* A route table that the file names, and who uses it. Texts are the answer's. */
struct place_of_table {
    const struct world *world;
    const struct run *run;
    const struct node *node;    /* the VPC */
    const struct node *gateway; /* attached to it; NULL: none is */
    const struct vpc *vpc;
    const struct network_vpc *said;
    int32_t vpc_index, part;
    uint16_t table;
    const char *id;
    const char *subnets; /* NULL: none uses it */
    int instance;        /* node that lives in one of them; WORLD_NONE: nobody does */
};

/* Every route table of the file, in its order. */
void places_ask(struct check *check, const struct run *run,
                void (*ask)(struct check *check, const struct place_of_table *at));

/* Is the address in one of the subnets that use the table? */
bool place_has(const struct place_of_table *at, ip_addr addr);
/* Does the VPC itself have it? Then no route of a table can lead elsewhere (T15). */
bool place_is_own(const struct place_of_table *at, struct prefix prefix);
/* What the gateway's best path for the prefix says of who announced it. */
void place_say_origin(struct check *check, const struct place_of_table *at, struct prefix prefix,
                      struct check_finding *finding);
/* The table's route that packets to this prefix's addresses take is of exactly this prefix, and the
 * file wants an end in the table to reach an end by it, which it does not. */
bool place_misses(const struct check *check, const struct place_of_table *at, struct prefix prefix);
/* What a route of the table leads to, as the file calls it. */
const char *place_target(const struct place_of_table *at, struct vpc_target target);
