#include "base/alloc.h"

#include <assert.h>
#include <string.h>

void budget_init(struct budget *budget, struct alloc alloc, size_t limit_bytes)
{
    *budget = (struct budget){.alloc = alloc, .limit_bytes = limit_bytes};
}

void *budget_get(struct budget *budget, size_t size_bytes)
{
    assert(size_bytes > 0);
    size_t used_bytes = budget->used_bytes, limit_bytes = budget->limit_bytes;
    if (limit_bytes && (used_bytes >= limit_bytes || size_bytes > limit_bytes - used_bytes))
        return NULL;
    if (size_bytes > SIZE_MAX - budget->used_bytes)
        return NULL;
    void *block = budget->alloc.get(budget->alloc.ctx, size_bytes);
    if (!block)
        return NULL;
    memset(block, 0, size_bytes);
    budget->used_bytes += size_bytes;
    if (budget->used_bytes > budget->peak_bytes)
        budget->peak_bytes = budget->used_bytes;
    return block;
}

void budget_put(struct budget *budget, void *block, size_t size_bytes)
{
    if (!block)
        return;
    assert(size_bytes > 0 && size_bytes <= budget->used_bytes);
    budget->used_bytes -= size_bytes;
    budget->alloc.put(budget->alloc.ctx, block, size_bytes);
}
