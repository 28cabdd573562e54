/* A plan made real: namespaces and all that is in them, but no program. */
#pragma once

#include "lab/plan.h"
#include "plane/trouble.h"

/* Makes it all, or nothing: after a failure everything is removed again. Needs root. */
bool lab_build(const struct lab_plan *plan, const char *name, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Removes every namespace of the lab of that name, whoever made it. Programs that run in one keep
 * it alive without a name: end them before. */
bool lab_remove(const char *name, struct trouble *ret_trouble);

/* Calls with the name of every namespace of it, whoever made it. */
bool lab_each(const char *name, void (*function)(const char *space, void *context), void *context,
              struct trouble *ret_trouble);

/* How many namespaces of it there are. */
unsigned lab_count(const char *name);
