/* The numbers of VPCs' route tables on this machine (plane/vpc.h makes the kernel's of them). The
 * engine numbers tables in the file's order; the keeper knows a table by the number that it had
 * when its VPC was first made, so that a file in which another table comes before it moves no route
 * and no rule. A new table has the number of its place where that is free, and so a fresh start has
 * the file's order. */
#pragma once

#include "run/run.h"

#include <stdint.h>

struct plan;

/* Numbers the plan's tables, and in plan->plugs those of subnets and instances. was: the plan that
 * was in force until now, with its numbers; NULL: none. */
void table_numbers_take(struct plan *plan, const struct plan *was);
void table_numbers_done(struct plan *plan);

/* vpc: the world's node; table: as the engine numbers it. */
uint16_t table_number(const struct plan *plan, int vpc, uint16_t table);
