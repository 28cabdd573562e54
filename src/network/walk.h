/* What is done to a network as the tables describe it: visit, free, copy, compare. */
#pragma once

#include "network/schema.h"

/* Calls visit for every scalar, list elements one by one, in the tables' order. place is that of
 * the innermost struct that has one. */
typedef void (*walk_visit)(const struct field *field, void *member, struct place place, void *ctx);
void walk_scalars(const struct schema *schema, void *object, walk_visit visit, void *ctx);

/* Calls visit for every struct that has a schema, the inlined ones too; parents first. */
typedef void (*walk_visit_struct)(const struct schema *schema, const void *object, void *ctx);
void walk_structs(const struct schema *schema, const void *object, walk_visit_struct visit,
                  void *ctx);

void walk_release(const struct schema *schema, void *object); /* what it owns, not itself */
void walk_copy(const struct schema *schema, void *ret_object, const void *object);
bool walk_equal(const struct schema *schema, const void *left, const void *right);

/* Is the whole as it would be had every key been left out? */
bool walk_is_initial(const struct schema *schema, const void *object);
