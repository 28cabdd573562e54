/* What the kernel of a namespace has in all of its tables, at one moment. */
#pragma once

#include "plane/rtnetlink.h"

struct held {
    struct rtnetlink_route *routes; /* owned; NULL: none */
    size_t count;
};

/* Nothing where the namespace cannot be asked. Then held_done. */
struct held held_in(const char *space);
void held_done(struct held *held);

/* A route of a VPC's table: of_lab, the lab made its namespace (lab/plan.h), otherwise a gateway
 * (plane/vpc.h). */
bool held_in_table(const struct held *held, uint16_t table, bool of_lab, struct prefix prefix);
