/* What random networks have of policy: allow-lists, changes of attributes on the way in and out,
 * communities and rules that ask for them, limits, at gateways of Sekisho and at routers towards
 * their neighbors; and steps of a story that change them. All of it is drawn from a sequence of its
 * own, so that a network is otherwise the same with it or without, but for a step of the story. For
 * generate.c only. */
#pragma once

#include "network/generate_plan.h"

void policy_plan(struct plan *plan, uint64_t seed); /* decides; when all else is decided */

/* Parts of nouns that generate.c writes: each continues what stands before it. */
void policy_connection(struct plan *plan, const struct connection_plan *connection); /* lines */
void policy_direct_connect(struct plan *plan, unsigned gateway);                     /* lines */
void policy_announce(struct plan *plan, unsigned site); /* after its own range: ", ..." */
void policy_rules(struct plan *plan);                   /* in place of an export filter: a line */
void policy_router(struct plan *plan, unsigned site);   /* lines; the tunnels have been written */
bool policy_step(struct plan *plan, unsigned site);     /* the verb; false: nothing was written */
