#include "base/sort.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* What a merge needs to know of its items. */
struct order {
    size_t item_size;
    sort_compare compare;
    const void *ctx;
};

/* from[0..middle) and from[middle..count) are sorted; to becomes both. The left one goes first
 * when two are equal: that is what makes the sort stable. */
static void merge(const uint8_t *from, size_t middle, size_t count, uint8_t *to,
                  const struct order *order)
{
    size_t size = order->item_size;
    const uint8_t *left = from, *left_end = from + middle * size;
    const uint8_t *right = left_end, *right_end = from + count * size;
    while (left < left_end && right < right_end) {
        const uint8_t **taken = order->compare(left, right, order->ctx) <= 0 ? &left : &right;
        memcpy(to, *taken, size);
        *taken += size;
        to += size;
    }
    if (left < left_end)
        memcpy(to, left, (size_t)(left_end - left));
    else if (right < right_end)
        memcpy(to, right, (size_t)(right_end - right));
}

static size_t smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

void sort_stable(void *items, size_t count, size_t item_size, void *scratch, sort_compare compare,
                 const void *ctx)
{
    struct order order = {item_size, compare, ctx};
    uint8_t *from = items, *to = scratch;
    for (size_t width = 1; width<count; width = width> count / 2 ? count : width * 2) {
        for (size_t at = 0; at < count;) {
            size_t middle = smaller(width, count - at);
            size_t length = middle + smaller(width, count - at - middle);
            merge(from + at * item_size, middle, length, to + at * item_size, &order);
            at += length;
        }
        uint8_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * item_size);
}

enum { RADIX_BITS = 8, RADIX = 1 << RADIX_BITS, PASSES = 64 / RADIX_BITS, FEW = 32 };

static unsigned digit_of(uint64_t key, unsigned pass)
{
    return (unsigned)(key >> (pass * RADIX_BITS)) & (RADIX - 1);
}

static void insert_each(struct sort_key *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct sort_key item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* One pass: the keys are counted by their digit, the counts become places. */
static void distribute(const struct sort_key *from, size_t count, struct sort_key *to,
                       unsigned pass)
{
    uint32_t counts[RADIX] = {0}, place = 0;
    for (size_t i = 0; i < count; i++)
        counts[digit_of(from[i].key, pass)]++;
    for (unsigned digit = 0; digit < RADIX; digit++) {
        uint32_t here = counts[digit];
        counts[digit] = place;
        place += here;
    }
    for (size_t i = 0; i < count; i++)
        to[counts[digit_of(from[i].key, pass)]++] = from[i];
}

void sort_keys(struct sort_key *items, size_t count, struct sort_key *scratch)
{
    assert(count <= UINT32_MAX);
    if (count <= FEW) {
        insert_each(items, count);
        return;
    }
    uint64_t differ = 0; /* bits in which not all keys are equal */
    for (size_t i = 1; i < count; i++)
        differ |= items[i].key ^ items[0].key;
    struct sort_key *from = items, *to = scratch;
    for (unsigned pass = 0; pass < PASSES; pass++) {
        if (digit_of(differ, pass) == 0)
            continue;
        distribute(from, count, to, pass);
        struct sort_key *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}
