/* What random networks have of security groups and network ACLs. In a share of them every VPC has
 * two groups and an ACL, which some of its instances and subnets are in; most let a tunnel's own
 * packets pass. All of it is drawn from a sequence of its own, so that a network is otherwise the
 * same with them or without. For generate.c only. */
#pragma once

#include "network/generate_plan.h"

void filter_plan(struct plan *plan, uint64_t seed); /* decides; when all else is decided */

/* Parts of nouns that generate.c writes: each continues what stands before it. vpc: "3", or of a
 * site "site-3". */
void filter_vpc(struct plan *plan, const char *vpc); /* whole lines */
void filter_subnet(struct plan *plan, const char *vpc);
void filter_instance(struct plan *plan, const char *vpc, const char *separator);
void filter_lists(struct plan *plan); /* whole lines */
