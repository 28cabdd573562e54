#include "base/heap.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

enum { IDS = 300 };

static struct memory memory;
static struct budget budget;
static struct heap heap;

static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    heap_init(&heap, &budget);
}

static void finish(void)
{
    heap_done(&heap);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

/* The naive queue: one slot an id, the first is found by looking at all. */
struct naive {
    bool queued[IDS];
    struct heap_entry entries[IDS];
    uint32_t count;
};

static bool earlier(const struct heap_entry *left, const struct heap_entry *right)
{
    if (left->when_us != right->when_us)
        return left->when_us < right->when_us;
    return left->tie != right->tie ? left->tie < right->tie : left->id < right->id;
}

static const struct heap_entry *naive_first(const struct naive *naive)
{
    const struct heap_entry *first = NULL;
    for (uint32_t id = 0; id < IDS; id++)
        if (naive->queued[id] && (!first || earlier(&naive->entries[id], first)))
            first = &naive->entries[id];
    return first;
}

static void naive_set(struct naive *naive, struct heap_entry entry)
{
    naive->count += !naive->queued[entry.id];
    naive->queued[entry.id] = true;
    naive->entries[entry.id] = entry;
}

static void naive_drop(struct naive *naive, uint32_t id)
{
    naive->count -= naive->queued[id];
    naive->queued[id] = false;
}

static void compare(const struct naive *naive)
{
    const struct heap_entry *got = heap_first(&heap), *expected = naive_first(naive);
    CHECK_EQUAL(heap.count, naive->count);
    CHECK(!got == !expected);
    if (got && expected)
        CHECK(got->id == expected->id && got->when_us == expected->when_us &&
              got->tie == expected->tie);
}

static void random_deadlines_agree_with_a_search(void)
{
    for (uint64_t seed = 1; seed <= 8; seed++) {
        start();
        struct prng prng = prng_seed(seed);
        static struct naive naive;
        naive = (struct naive){0};
        int64_t range = seed % 2 ? 20 : 1000000; /* many equal times, and hardly any */
        for (int step = 0; step < 4000; step++) {
            uint32_t id = (uint32_t)prng_below(&prng, IDS);
            CHECK_EQUAL(heap_has(&heap, id), naive.queued[id]);
            if (prng_below(&prng, 3) > 0) {
                int64_t when_us = (int64_t)prng_below(&prng, (uint64_t)range) - range / 2;
                struct heap_entry entry = {when_us, prng_below(&prng, 4), id};
                CHECK(heap_set(&heap, id, entry.when_us, entry.tie));
                naive_set(&naive, entry);
            } else if (prng_below(&prng, 2)) {
                heap_drop(&heap, id);
                naive_drop(&naive, id);
            } else if (naive.count > 0) {
                id = heap_first(&heap)->id;
                heap_drop(&heap, id);
                naive_drop(&naive, id);
            }
            compare(&naive);
        }
        while (naive.count > 0) {
            compare(&naive);
            naive_drop(&naive, heap_first(&heap)->id);
            heap_drop(&heap, heap_first(&heap)->id);
        }
        CHECK(heap_first(&heap) == NULL);
        finish();
    }
}

static void equal_times_come_in_order_of_the_tie(void)
{
    start();
    CHECK(heap_set(&heap, 0, 10, 3) && heap_set(&heap, 1, 10, 1));
    CHECK(heap_set(&heap, 2, 10, 2) && heap_set(&heap, 3, 9, 9) && heap_set(&heap, 4, 10, 1));
    static const uint32_t expected[] = {3, 1, 4, 2, 0};
    for (int i = 0; i < 5; i++) {
        CHECK_EQUAL(heap_first(&heap)->id, expected[i]);
        heap_drop(&heap, heap_first(&heap)->id);
    }
    finish();
}

static void the_ends_of_time_are_ordered(void)
{
    start();
    CHECK(heap_set(&heap, 0, INT64_MAX, 0) && heap_set(&heap, 1, INT64_MIN, 0));
    CHECK(heap_set(&heap, 2, 0, UINT64_MAX));
    CHECK_EQUAL(heap_first(&heap)->id, 1);
    heap_drop(&heap, 1);
    CHECK_EQUAL(heap_first(&heap)->id, 2);
    finish();
}

static void dropping_what_is_not_queued_is_nothing(void)
{
    start();
    heap_drop(&heap, 0);
    heap_drop(&heap, UINT32_MAX);
    CHECK(!heap_has(&heap, 0) && !heap_has(&heap, UINT32_MAX));
    CHECK_EQUAL((int64_t)memory.get_count, 0);
    CHECK(heap_set(&heap, 5, 1, 0));
    heap_drop(&heap, 4);
    CHECK_EQUAL(heap.count, 1);
    finish();
}

static void a_refusal_leaves_the_queue_as_it_was(void)
{
    for (size_t refused = 1; refused <= 12; refused++) {
        start();
        memory.refuse_from = refused;
        static struct naive naive;
        naive = (struct naive){0};
        uint32_t id = 0;
        for (; id < IDS; id++) {
            if (!heap_set(&heap, id, IDS - id, 0))
                break;
            naive_set(&naive, (struct heap_entry){IDS - id, 0, id});
        }
        CHECK(id < IDS && !heap_has(&heap, id));
        compare(&naive);
        for (uint32_t queued = 0; queued < id; queued++)
            CHECK(heap_has(&heap, queued) && heap_set(&heap, queued, queued, 7));
        memory.refuse_from = 0;
        CHECK(heap_set(&heap, id, -1, 0));
        CHECK_EQUAL(heap_first(&heap)->id, id);
        finish();
    }
}

int main(void)
{
    TEST(random_deadlines_agree_with_a_search);
    TEST(equal_times_come_in_order_of_the_tie);
    TEST(the_ends_of_time_are_ordered);
    TEST(dropping_what_is_not_queued_is_nothing);
    TEST(a_refusal_leaves_the_queue_as_it_was);
    return harness_done();
}
