/* The route tables of a VPC, as they shall be, and the way there from what the kernel holds: all of
 * it is read in one go, compared, and what differs is changed. So it does not matter whether a
 * route was never there, whether somebody took it away, or whether it went with its device.
 *
 * A route through a device that is not there is one to nowhere until it is: AWS calls it a
 * blackhole, and no shorter one takes its place. */
#pragma once

#include "plane/attachment.h"
#include "plane/rtnetlink.h"

struct vpc_tables_route;

struct vpc_tables {
    struct vpc_tables_route *routes; /* ascending by table and prefix */
    size_t count, cap;
    bool keeping;         /* what nobody wants (yet) stays in the kernel */
    uint32_t there_count; /* of what is wanted, as it was found last */
};

void vpc_tables_init(struct vpc_tables *tables);
void vpc_tables_done(struct vpc_tables *tables);

/* false: no memory for it. */
bool vpc_tables_want(struct vpc_tables *tables, const struct plane_vpc_entry *entry)
    __attribute__((warn_unused_result));

/* Everything is about to be said again; after vpc_tables_sweep() nothing else is wanted, and what
 * nobody wants goes. */
void vpc_tables_again(struct vpc_tables *tables);
void vpc_tables_sweep(struct vpc_tables *tables);

/* Makes it so, in a VPC with these ranges. false: at least one was refused, and the others are as
 * they shall be. */
bool vpc_tables_put(struct vpc_tables *tables, struct rtnetlink *vpc, const struct prefix *cidrs,
                    size_t cidr_count, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
