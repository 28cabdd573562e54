#include "network/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must_have(void *block)
{
    if (!block) {
        fputs("sekisho: out of memory\n", stderr);
        exit(2);
    }
    return block;
}

void *memory_zeroed(size_t count, size_t size_bytes)
{
    return must_have(calloc(count ? count : 1, size_bytes));
}

char *memory_text(const char *text, size_t size_bytes)
{
    char *copy = memory_zeroed(size_bytes + 1, 1);
    if (size_bytes)
        memcpy(copy, text, size_bytes);
    return copy;
}

void *memory_grow(void *block, size_t count, size_t *cap, size_t size_bytes)
{
    if (count < *cap)
        return block;
    size_t wanted = *cap + *cap / 2 + 4;
    if (wanted > SIZE_MAX / size_bytes)
        return must_have(NULL);
    char *grown = must_have(realloc(block, wanted * size_bytes));
    memset(grown + *cap * size_bytes, 0, (wanted - *cap) * size_bytes);
    *cap = wanted;
    return grown;
}
