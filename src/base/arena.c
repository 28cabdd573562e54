#include "base/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { ALIGNMENT = 16 };

/* Blocks up to and including `current` are in use, those behind it are free. */
struct arena_block {
    struct arena_block *next;
    size_t cap;  /* bytes behind this header */
    size_t used; /* of them; means something only while the block is in use */
    _Alignas(ALIGNMENT) uint8_t bytes[];
};

void arena_init(struct arena *arena, struct budget *budget, size_t chunk_bytes)
{
    assert(chunk_bytes > 0);
    *arena = (struct arena){.budget = budget, .chunk_bytes = chunk_bytes};
}

void arena_done(struct arena *arena)
{
    for (struct arena_block *block = arena->first; block;) {
        struct arena_block *next = block->next;
        budget_put(arena->budget, block, sizeof *block + block->cap);
        block = next;
    }
    arena->first = arena->current = NULL;
}

void arena_reset(struct arena *arena)
{
    arena->current = NULL;
}

/* A free block of this size is unlinked and put right behind the current one, so that a large
 * request does not lose the small blocks before it. */
static struct arena_block *find_free(struct arena_block **free_blocks, size_t size_bytes)
{
    struct arena_block **link = free_blocks;
    while (*link && (*link)->cap < size_bytes)
        link = &(*link)->next;
    struct arena_block *block = *link;
    if (block)
        *link = block->next;
    return block;
}

static bool next_block(struct arena *arena, size_t size_bytes)
{
    struct arena_block **link = arena->current ? &arena->current->next : &arena->first;
    struct arena_block *block = find_free(link, size_bytes);
    if (!block) {
        size_t cap = size_bytes > arena->chunk_bytes ? size_bytes : arena->chunk_bytes;
        if (cap > SIZE_MAX - sizeof *block)
            return false;
        block = budget_get(arena->budget, sizeof *block + cap);
        if (!block)
            return false;
        block->cap = cap;
    }
    block->used = 0;
    block->next = *link;
    *link = block;
    arena->current = block;
    return true;
}

void *arena_take(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    size_t rounded = (size_bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct arena_block *block = arena->current;
    if ((!block || block->cap - block->used < rounded) && !next_block(arena, rounded))
        return NULL;
    block = arena->current;
    void *taken = block->bytes + block->used;
    block->used += rounded;
    memset(taken, 0, size_bytes);
    return taken;
}
