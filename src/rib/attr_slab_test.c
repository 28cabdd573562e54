#include "rib/attr_slab.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

static struct memory memory;
static struct budget budget;
static struct attr_store store;

static void start(uint8_t page_shift)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    attr_store_init(&store, &budget, 1, page_shift, 0);
}

static void finish(void)
{
    attr_slab_done(&store);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

/* As attr.c does: the store's count is of sets that are in. */
static struct attr_id take(size_t size_bytes)
{
    struct attr_id id = attr_slab_take(&store, size_bytes);
    store.count += id.v != 0;
    return id;
}

static void give(struct attr_id id, size_t size_bytes)
{
    attr_slab_give(&store, id, size_bytes);
    store.count--;
}

/* Every place is written full; whoever overlaps another is found out. */
static void places_do_not_overlap(void)
{
    enum { PLACES = 400 };
    static struct {
        struct attr_id id;
        size_t size;
    } places[PLACES];
    for (uint8_t shift = 10; shift <= 16; shift += 3) {
        start(shift);
        memset(places, 0, sizeof places);
        struct prng prng = prng_seed(shift);
        for (unsigned step = 0; step < 20000; step++) {
            unsigned i = (unsigned)prng_below(&prng, PLACES);
            if (places[i].id.v == 0) {
                size_t largest = prng_below(&prng, 20) ? 300 : 9000;
                places[i].size = 44 + (size_t)prng_below(&prng, largest);
                places[i].id = take(places[i].size);
                CHECK(places[i].id.v != 0 && (uintptr_t)attr_at(&store, places[i].id) % 8 == 0);
                memset(attr_at(&store, places[i].id), (int)(i & 0xff), places[i].size);
            } else {
                const uint8_t *bytes = (const void *)attr_at(&store, places[i].id);
                CHECK(bytes[0] == (i & 0xff) && bytes[places[i].size - 1] == (i & 0xff));
                give(places[i].id, places[i].size);
                places[i].id.v = 0;
            }
            CHECK_EQUAL(attr_slab_live(&store), store.count);
        }
        CHECK_EQUAL((int64_t)attr_slab_bytes(&store), (int64_t)budget.used_bytes);
        for (unsigned i = 0; i < PLACES; i++)
            if (places[i].id.v)
                give(places[i].id, places[i].size);
        CHECK_EQUAL((int64_t)memory.live_blocks, 0);
        finish();
    }
}

/* A neighbor that fills memory with sets of one size and then with another must not find the
 * first's pages lost. */
static void an_empty_page_serves_another_size(void)
{
    enum { SETS = 200 };
    static struct attr_id ids[SETS];
    start(10);
    for (unsigned i = 0; i < SETS; i++)
        ids[i] = take(60);
    size_t full = budget.used_bytes;
    struct attr_id kept = take(60);
    for (unsigned i = 0; i < SETS; i++)
        give(ids[i], 60);
    CHECK(budget.used_bytes < full / 4);
    for (unsigned i = 0; i < SETS; i++)
        ids[i] = take(64);
    CHECK(budget.used_bytes < full + full / 4);
    for (unsigned i = 0; i < SETS; i++)
        give(ids[i], 64);
    give(kept, 60);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    finish();
}

static void a_place_in_a_full_page_is_taken_again(void)
{
    static struct attr_id ids[100];
    start(10);
    for (unsigned i = 0; i < 100; i++)
        ids[i] = take(60);
    size_t full = budget.used_bytes;
    for (unsigned i = 0; i < 100; i += 7) /* about two in every page */
        give(ids[i], 60);
    for (unsigned i = 0; i < 100; i += 7)
        ids[i] = take(60);
    CHECK_EQUAL((int64_t)budget.used_bytes, (int64_t)full);
    for (unsigned i = 0; i < 100; i++)
        give(ids[i], 60);
    finish();
}

static void little_is_lost_in_a_size_class(void)
{
    start(16);
    for (size_t size = 44; size <= 4000; size += 37) {
        size_t before = budget.used_bytes;
        struct attr_id ids[200];
        for (unsigned i = 0; i < 200; i++)
            ids[i] = take(size);
        /* at most an eighth and a unit of rounding, and two pages not yet full */
        CHECK(budget.used_bytes - before <= 200 * (size + size / 8 + 8) + (2u << 16) + 4096);
        for (unsigned i = 0; i < 200; i++)
            give(ids[i], size);
    }
    finish();
}

static void a_refused_page_is_no_place(void)
{
    for (size_t refuse = 1; refuse <= 3; refuse++) {
        start(10);
        memory.refuse_from = refuse;
        CHECK_EQUAL(take(60).v, 0);
        CHECK_EQUAL(take(5000).v, 0);
        memory.refuse_from = 0;
        struct attr_id id = take(60);
        CHECK(id.v != 0);
        give(id, 60);
        finish();
    }
}

int main(void)
{
    TEST(places_do_not_overlap);
    TEST(an_empty_page_serves_another_size);
    TEST(a_place_in_a_full_page_is_taken_again);
    TEST(little_is_lost_in_a_size_class);
    TEST(a_refused_page_is_no_place);
    return harness_done();
}
