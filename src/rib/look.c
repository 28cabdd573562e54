/* The table in canonical order, and its digest. */
#include "rib/prefixes.h"

#include "base/digest.h"

/* -- canonical order: the smallest ones after a prefix, kept in a heap with the largest on top --
 */

static bool before(const struct rib *rib, uint32_t left, uint32_t right)
{
    return prefix_compare(rib_prefix_of(rib, prefix_at(rib, left)),
                          rib_prefix_of(rib, prefix_at(rib, right))) < 0;
}

static void swap(uint32_t *left, uint32_t *right)
{
    uint32_t kept = *left;
    *left = *right;
    *right = kept;
}

static void sift_up(const struct rib *rib, uint32_t *heap, uint32_t at)
{
    for (; at > 0 && before(rib, heap[(at - 1) / 2], heap[at]); at = (at - 1) / 2)
        swap(&heap[at], &heap[(at - 1) / 2]);
}

static void sift_down(const struct rib *rib, uint32_t *heap, uint32_t count)
{
    for (uint32_t at = 0;;) {
        uint32_t child = 2 * at + 1;
        if (child >= count)
            return;
        if (child + 1 < count && before(rib, heap[child], heap[child + 1]))
            child++;
        if (!before(rib, heap[at], heap[child]))
            return;
        swap(&heap[at], &heap[child]);
        at = child;
    }
}

uint32_t rib_next(const struct rib *rib, const struct prefix *after, uint32_t *ret_numbers,
                  uint32_t cap)
{
    uint32_t count = 0;
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        const struct rib_prefix *prefix = prefix_at(rib, number);
        if ((prefix->bits & (RIB_IN_USE | RIB_DEAD)) != RIB_IN_USE)
            continue;
        if (after && prefix_compare(rib_prefix_of(rib, prefix), *after) <= 0)
            continue;
        if (count < cap) {
            ret_numbers[count] = number;
            sift_up(rib, ret_numbers, count++);
        } else if (cap > 0 && before(rib, number, ret_numbers[0])) {
            ret_numbers[0] = number;
            sift_down(rib, ret_numbers, count);
        }
    }
    for (uint32_t left = count; left > 1; left--) { /* the heap becomes an ascending list */
        swap(&ret_numbers[0], &ret_numbers[left - 1]);
        sift_down(rib, ret_numbers, left - 1);
    }
    return count;
}

/* -- digest -- */

/* IPv4's as the hash has it. */
static void digest_name(struct digest *digest, struct prefix prefix)
{
    digest_u64(digest, prefix.six ? prefix.len : prefix_key(&prefix));
    digest_six(digest, prefix.six, prefix.addr);
}

/* Every path counts by itself and the sum is taken, so no order is needed. */
uint64_t rib_digest(const struct rib *rib)
{
    uint64_t sum = 0;
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        const struct rib_prefix *prefix = prefix_at(rib, number);
        if ((prefix->bits & (RIB_IN_USE | RIB_DEAD)) != RIB_IN_USE)
            continue;
        const struct rib_path *path = NULL;
        while ((path = rib_path_next(rib, number, path)) != NULL) {
            struct digest digest = digest_start();
            digest_name(&digest, rib_prefix_of(rib, prefix));
            digest_u64(&digest, path->source.v);
            digest_u64(&digest, path->why);
            digest_bytes(&digest, attr_bytes(&rib->attrs, path->attr));
            sum += digest_end(&digest);
        }
    }
    return sum;
}
