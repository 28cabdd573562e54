#include "base/pool.h"

#include <assert.h>
#include <string.h>

enum { FIRST_DIRECTORY_PLACES = 4 };

static size_t chunk_bytes(const struct pool *pool)
{
    return (size_t)pool->item_size << pool->chunk_shift;
}

static size_t directory_bytes(uint32_t places)
{
    return places * sizeof(uint8_t *);
}

void pool_init(struct pool *pool, struct budget *budget, uint32_t item_size, uint32_t chunk_shift)
{
    assert(item_size >= sizeof(uint32_t));
    assert(chunk_shift >= 3 && chunk_shift <= 16);
    *pool = (struct pool){.budget = budget, .item_size = item_size, .chunk_shift = chunk_shift};
}

void pool_done(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++)
        budget_put(pool->budget, pool->chunks[i], chunk_bytes(pool));
    budget_put(pool->budget, pool->chunks, directory_bytes(pool->chunk_cap));
    pool_init(pool, pool->budget, pool->item_size, pool->chunk_shift);
}

/* The directory is the one thing that moves; nobody outside this file keeps its address. */
static bool grow_directory(struct pool *pool)
{
    uint32_t places = pool->chunk_cap ? pool->chunk_cap * 2 : FIRST_DIRECTORY_PLACES;
    uint8_t **grown = budget_get(pool->budget, directory_bytes(places));
    if (!grown)
        return false;
    if (pool->chunk_count)
        memcpy(grown, pool->chunks, directory_bytes(pool->chunk_count));
    budget_put(pool->budget, pool->chunks, directory_bytes(pool->chunk_cap));
    pool->chunks = grown;
    pool->chunk_cap = places;
    return true;
}

/* The chunk first: when the directory is refused, the chunk goes back and nothing has changed. */
static bool grow(struct pool *pool)
{
    uint8_t *chunk = budget_get(pool->budget, chunk_bytes(pool));
    if (!chunk)
        return false;
    if (pool->chunk_count == pool->chunk_cap && !grow_directory(pool)) {
        budget_put(pool->budget, chunk, chunk_bytes(pool));
        return false;
    }
    pool->chunks[pool->chunk_count++] = chunk;
    return true;
}

uint32_t pool_take(struct pool *pool)
{
    uint32_t handle = pool->free_head;
    if (handle) {
        void *item = pool_get(pool, handle);
        memcpy(&pool->free_head, item, sizeof pool->free_head);
        memset(item, 0, pool->item_size);
    } else {
        if (pool->high == UINT32_MAX)
            return 0;
        if (pool->high >> pool->chunk_shift == pool->chunk_count && !grow(pool))
            return 0;
        handle = ++pool->high;
    }
    pool->used_count++;
    return handle;
}

void pool_give(struct pool *pool, uint32_t handle)
{
    void *item = pool_get(pool, handle);
    assert(pool->used_count > 0);
    memcpy(item, &pool->free_head, sizeof pool->free_head);
    pool->free_head = handle;
    pool->used_count--;
}

void pool_never_taken(const struct pool *pool, uint32_t handle)
{
    assert(handle != 0 && handle <= pool->high);
    __builtin_trap(); /* also where assert is compiled out */
}

size_t pool_size_bytes(const struct pool *pool)
{
    return pool->chunk_count * chunk_bytes(pool) + directory_bytes(pool->chunk_cap);
}
