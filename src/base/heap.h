/* A queue of deadlines: an indexed binary heap. Each entry is (when, tie, id); the id says where
 * the entry is, so a deadline can be moved or dropped without a search. Equal times come out in
 * order of the tie, then of the id, which makes every run of a seed the same run. */
#pragma once

#include "base/alloc.h"

#include <stdbool.h>

struct heap_entry {
    int64_t when_us;
    uint64_t tie;
    uint32_t id; /* chosen by the caller, dense from 0: heap_set grows the place table to it */
};

struct heap {
    struct budget *budget;
    struct heap_entry *entries;
    uint32_t *places; /* id -> index in entries + 1; 0: not queued */
    uint32_t count;
    uint32_t entry_cap;
    uint32_t place_cap;
};

void heap_init(struct heap *heap, struct budget *budget);
void heap_done(struct heap *heap);
bool heap_set(struct heap *heap, uint32_t id, int64_t when_us, uint64_t tie)
    __attribute__((warn_unused_result));        /* false: budget */
void heap_drop(struct heap *heap, uint32_t id); /* nothing when it is not queued */
bool heap_has(const struct heap *heap, uint32_t id);
const struct heap_entry *heap_first(const struct heap *heap); /* NULL when empty */
