/* Where attribute sets lie: pages of one size class each, linked by class while they have room. A
 * set larger than half a page has a page of its own. Only rib/attr.c calls this. */
#pragma once

#include "rib/attr.h"

/* Room for a set of so many bytes; 0: the budget refuses. Not zeroed. */
struct attr_id attr_slab_take(struct attr_store *store, size_t size_bytes)
    __attribute__((warn_unused_result));
void attr_slab_give(struct attr_store *store, struct attr_id id, size_t size_bytes);
void attr_slab_done(struct attr_store *store);

size_t attr_slab_bytes(const struct attr_store *store);
uint32_t attr_slab_live(const struct attr_store *store); /* sets in all pages */
