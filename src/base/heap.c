#include "base/heap.h"

#include <assert.h>
#include <string.h>

enum { FIRST_CAP = 8 };

void heap_init(struct heap *heap, struct budget *budget)
{
    *heap = (struct heap){.budget = budget};
}

void heap_done(struct heap *heap)
{
    budget_put(heap->budget, heap->entries, heap->entry_cap * sizeof *heap->entries);
    budget_put(heap->budget, heap->places, heap->place_cap * sizeof *heap->places);
    heap_init(heap, heap->budget);
}

/* Half as much again, and at least what is needed. */
static uint32_t grown_cap(uint32_t cap, uint32_t needed)
{
    uint64_t grown = cap ? (uint64_t)cap + cap / 2 : FIRST_CAP;
    if (grown < needed)
        grown = needed;
    return grown > UINT32_MAX ? UINT32_MAX : (uint32_t)grown;
}

static void *grown_copy(struct heap *heap, void *old, size_t old_bytes, size_t new_bytes)
{
    void *grown = budget_get(heap->budget, new_bytes);
    if (!grown)
        return NULL;
    if (old_bytes)
        memcpy(grown, old, old_bytes);
    budget_put(heap->budget, old, old_bytes);
    return grown;
}

static bool reserve_place(struct heap *heap, uint32_t id)
{
    if (id < heap->place_cap)
        return true;
    uint32_t cap = grown_cap(heap->place_cap, id + 1);
    uint32_t *grown =
        grown_copy(heap, heap->places, heap->place_cap * sizeof *grown, cap * sizeof *grown);
    if (!grown)
        return false;
    heap->places = grown;
    heap->place_cap = cap;
    return true;
}

static bool reserve_entry(struct heap *heap)
{
    if (heap->count < heap->entry_cap)
        return true;
    uint32_t cap = grown_cap(heap->entry_cap, heap->count + 1);
    struct heap_entry *grown =
        grown_copy(heap, heap->entries, heap->entry_cap * sizeof *grown, cap * sizeof *grown);
    if (!grown)
        return false;
    heap->entries = grown;
    heap->entry_cap = cap;
    return true;
}

/* A total order: the id decides when time and tie are equal, never the history of the heap. */
static bool before(const struct heap_entry *left, const struct heap_entry *right)
{
    if (left->when_us != right->when_us)
        return left->when_us < right->when_us;
    if (left->tie != right->tie)
        return left->tie < right->tie;
    return left->id < right->id;
}

static void put_at(struct heap *heap, uint32_t index, struct heap_entry entry)
{
    heap->entries[index] = entry;
    heap->places[entry.id] = index + 1;
}

static void rise(struct heap *heap, uint32_t index, struct heap_entry entry)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;
        if (!before(&entry, &heap->entries[parent]))
            break;
        put_at(heap, index, heap->entries[parent]);
        index = parent;
    }
    put_at(heap, index, entry);
}

static void sink(struct heap *heap, uint32_t index, struct heap_entry entry)
{
    for (;;) {
        uint64_t child = 2 * (uint64_t)index + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && before(&heap->entries[child + 1], &heap->entries[child]))
            child++;
        if (!before(&heap->entries[child], &entry))
            break;
        put_at(heap, index, heap->entries[child]);
        index = (uint32_t)child;
    }
    put_at(heap, index, entry);
}

/* Puts entry where index is free, and moves it to where it belongs. */
static void settle(struct heap *heap, uint32_t index, struct heap_entry entry)
{
    if (index > 0 && before(&entry, &heap->entries[(index - 1) / 2]))
        rise(heap, index, entry);
    else
        sink(heap, index, entry);
}

bool heap_set(struct heap *heap, uint32_t id, int64_t when_us, uint64_t tie)
{
    assert(id < UINT32_MAX);
    struct heap_entry entry = {when_us, tie, id};
    if (heap_has(heap, id)) {
        settle(heap, heap->places[id] - 1, entry);
        return true;
    }
    if (!reserve_place(heap, id) || !reserve_entry(heap))
        return false;
    rise(heap, heap->count++, entry);
    return true;
}

void heap_drop(struct heap *heap, uint32_t id)
{
    if (!heap_has(heap, id))
        return;
    uint32_t index = heap->places[id] - 1;
    heap->places[id] = 0;
    struct heap_entry last = heap->entries[--heap->count];
    if (index < heap->count)
        settle(heap, index, last);
}

bool heap_has(const struct heap *heap, uint32_t id)
{
    return id < heap->place_cap && heap->places[id] != 0;
}

const struct heap_entry *heap_first(const struct heap *heap)
{
    return heap->count ? &heap->entries[0] : NULL;
}
