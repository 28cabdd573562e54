/* Sorting without libc: stable, bounded stack, no allocation beyond the caller's scratch. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef int (*sort_compare)(const void *left, const void *right, const void *ctx);

/* Merge sort of count items of item_size bytes; scratch holds as many. compare gives a number
 * below, at or above zero; at most n log2 n calls. */
void sort_stable(void *items, size_t count, size_t item_size, void *scratch, sort_compare compare,
                 const void *ctx);

/* Radix sort of 64-bit keys with a 32-bit value each, ascending and stable; scratch as large as
 * items. For large batches: it is linear, and bytes in which no two keys differ cost nothing. */
struct sort_key {
    uint64_t key;
    uint32_t value;
};
void sort_keys(struct sort_key *items, size_t count, struct sort_key *scratch);
