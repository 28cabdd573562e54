/* The allocator of the tests: malloc's memory, filled with rubbish so that nobody relies on zeros
 * that were not promised, counted so that a leak is a false claim, and refused on demand. */
#pragma once

#include "base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct memory {
    size_t live_blocks;
    size_t live_bytes;
    size_t get_count;
    size_t refuse_from; /* 0: never; n: the n-th request and all after it */
};

static inline void *memory_get(void *ctx, size_t size_bytes)
{
    struct memory *memory = ctx;
    memory->get_count++;
    if (memory->refuse_from && memory->get_count >= memory->refuse_from)
        return NULL;
    void *block = malloc(size_bytes);
    if (!block)
        return NULL;
    memset(block, 0xa5, size_bytes);
    memory->live_blocks++;
    memory->live_bytes += size_bytes;
    return block;
}

static inline void memory_put(void *ctx, void *block, size_t size_bytes)
{
    struct memory *memory = ctx;
    memory->live_blocks--;
    memory->live_bytes -= size_bytes;
    free(block);
}

static inline struct alloc memory_alloc(struct memory *memory)
{
    return (struct alloc){.ctx = memory, .get = memory_get, .put = memory_put};
}
