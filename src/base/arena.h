/* An arena: memory that lives until the next reset, for what one step returns. It grows by chunks;
 * a single request may be larger than one. Blocks are kept across resets and found again in any
 * order of sizes, so a step that needs no more than steps before it allocates nothing. */
#pragma once

#include "base/alloc.h"

struct arena_block;

struct arena {
    struct budget *budget;
    struct arena_block *first;   /* in order of allocation */
    struct arena_block *current; /* being filled */
    size_t chunk_bytes;
};

void arena_init(struct arena *arena, struct budget *budget, size_t chunk_bytes);
void arena_done(struct arena *arena);
void arena_reset(struct arena *arena); /* everything taken becomes invalid */

/* 16-byte aligned and zeroed; NULL when the budget refuses. */
void *arena_take(struct arena *arena, size_t size_bytes) __attribute__((warn_unused_result));
