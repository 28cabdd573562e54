/* A pool: equal items in chunks, reached by handle. Chunks never move, so a pointer got from a
 * handle stays good until the item is given back; handles are what others keep. Handle 0 is
 * nothing. Items come zeroed. A pool from which nothing was ever taken has allocated nothing.
 * Growth is by whole chunks, never by copying items; chunks are kept until pool_done, because what
 * was needed once will be needed again. The same takes and gives yield the same handles everywhere.
 *
 * Chunks come with the allocator's alignment, so an item whose size is a multiple of its alignment
 * (every C struct) is aligned. A pool does not know what is inside an item, nor whether a handle
 * was given back already: its owner does, and asserts it. */
#pragma once

#include "base/alloc.h"

#include <stdbool.h>

struct pool {
    struct budget *budget;
    uint8_t **chunks;
    uint32_t chunk_count;
    uint32_t chunk_cap;   /* places in chunks[] */
    uint32_t item_size;   /* bytes */
    uint32_t chunk_shift; /* items a chunk: 1 << chunk_shift */
    uint32_t high;        /* highest handle ever taken */
    uint32_t used_count;
    uint32_t free_head; /* chain of given-back items through their first four bytes */
};

/* item_size >= 4. chunk_shift 3..16: small for many small engines, large for a hub. */
void pool_init(struct pool *pool, struct budget *budget, uint32_t item_size, uint32_t chunk_shift);
void pool_done(struct pool *pool);

/* A free item, zeroed: the one given back last, whose memory is warm. 0 when the budget refuses;
 * nothing has changed then. */
uint32_t pool_take(struct pool *pool) __attribute__((warn_unused_result));
void pool_give(struct pool *pool, uint32_t handle);

/* Where pool_get ends with a handle that was never taken: our bug, so it asserts. */
void pool_never_taken(const struct pool *pool, uint32_t handle) __attribute__((noreturn, cold));

/* Asserts that the handle was taken at some time (it cannot know whether it was given back). */
static inline void *pool_get(const struct pool *pool, uint32_t handle)
{
    if (__builtin_expect(handle == 0 || handle > pool->high, 0))
        pool_never_taken(pool, handle);
    uint32_t index = handle - 1;
    return pool->chunks[index >> pool->chunk_shift] +
           (size_t)(index & ((1u << pool->chunk_shift) - 1)) * pool->item_size;
}

size_t pool_size_bytes(const struct pool *pool); /* what it holds of its budget */
