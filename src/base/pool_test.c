#include "base/pool.h"

#include "base/prng.h"
#include "tests/abort.h"
#include "tests/harness.h"
#include "tests/memory.h"

struct item {
    uint32_t number;
    uint64_t rest[2];
};

enum { SHIFT = 3, A_CHUNK = 1 << SHIFT, MANY = 1000 };

static struct memory memory;
static struct budget budget;
static struct pool pool;

static void start(size_t limit_bytes)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), limit_bytes);
    pool_init(&pool, &budget, sizeof(struct item), SHIFT);
}

static void finish(void)
{
    pool_done(&pool);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

static bool is_zero(const struct item *item)
{
    return item->number == 0 && item->rest[0] == 0 && item->rest[1] == 0;
}

static void an_unused_pool_allocates_nothing(void)
{
    start(0);
    CHECK_EQUAL((int64_t)memory.get_count, 0);
    CHECK_EQUAL((int64_t)pool_size_bytes(&pool), 0);
    finish();
    CHECK_EQUAL((int64_t)memory.get_count, 0);
}

static void growing_moves_no_item(void)
{
    start(0);
    static struct item *addresses[MANY + 1];
    for (uint32_t i = 1; i <= MANY; i++) {
        CHECK_EQUAL(pool_take(&pool), i);
        addresses[i] = pool_get(&pool, i);
        CHECK(is_zero(addresses[i]));
        *addresses[i] = (struct item){i, {i, ~(uint64_t)i}};
    }
    for (uint32_t i = 1; i <= MANY; i++) {
        CHECK(pool_get(&pool, i) == (void *)addresses[i]);
        CHECK(addresses[i]->number == i && addresses[i]->rest[1] == ~(uint64_t)i);
    }
    CHECK_EQUAL(pool.chunk_count, MANY / A_CHUNK);
    CHECK_EQUAL((int64_t)pool_size_bytes(&pool), (int64_t)budget.used_bytes);
    finish();
}

static void what_was_given_back_comes_again_zeroed(void)
{
    start(0);
    for (uint32_t i = 1; i <= 2 * A_CHUNK; i++) {
        struct item *item = pool_get(&pool, pool_take(&pool));
        *item = (struct item){i, {i, i}};
    }
    size_t before = memory.get_count;
    pool_give(&pool, 3);
    pool_give(&pool, 12);
    CHECK_EQUAL(pool.used_count, 2 * A_CHUNK - 2);
    uint32_t first = pool_take(&pool), second = pool_take(&pool);
    CHECK((first == 3 && second == 12) || (first == 12 && second == 3));
    CHECK(is_zero(pool_get(&pool, first)) && is_zero(pool_get(&pool, second)));
    CHECK_EQUAL((int64_t)memory.get_count, (int64_t)before);
    CHECK_EQUAL(pool_take(&pool), 2 * A_CHUNK + 1);
    finish();
}

/* Taken and given at random, against an array that knows what every item must hold. */
static void random_takes_and_gives_agree_with_an_array(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        start(0);
        struct prng prng = prng_seed(seed);
        static uint64_t held[MANY + 1];
        memset(held, 0, sizeof held);
        uint32_t count = 0;
        for (int step = 0; step < 5000; step++) {
            uint32_t handle = (uint32_t)prng_below(&prng, MANY) + 1;
            if (held[handle]) {
                struct item *item = pool_get(&pool, handle);
                CHECK(item->rest[1] == held[handle] && item->number == handle);
                pool_give(&pool, handle);
                held[handle] = 0;
                count--;
            } else if (count < MANY / 2) {
                uint32_t taken = pool_take(&pool);
                CHECK(taken > 0 && taken <= MANY / 2 && held[taken] == 0);
                struct item *item = pool_get(&pool, taken);
                CHECK(is_zero(item));
                held[taken] = prng_next(&prng) | 1;
                *item = (struct item){taken, {0, held[taken]}};
                count++;
            }
            CHECK_EQUAL(pool.used_count, count);
        }
        finish();
    }
}

/* Every request of the growth is refused once; what is there stays as it is, and afterwards the
 * pool goes on as if nothing had happened. */
static void a_refusal_changes_nothing(void)
{
    enum { TAKES = 40 * A_CHUNK };
    start(0);
    for (int i = 0; i < TAKES; i++)
        CHECK(pool_take(&pool) != 0);
    size_t requests = memory.get_count;
    finish();
    for (size_t refused = 1; refused <= requests; refused++) {
        start(0);
        memory.refuse_from = refused;
        uint32_t taken = 0;
        while (pool_take(&pool))
            taken++;
        size_t used = budget.used_bytes;
        struct pool before = pool;
        CHECK_EQUAL(pool_take(&pool), 0);
        CHECK_EQUAL((int64_t)budget.used_bytes, (int64_t)used);
        CHECK_EQUAL((int64_t)pool_size_bytes(&pool), (int64_t)used);
        CHECK(before.chunks == pool.chunks && before.chunk_count == pool.chunk_count);
        CHECK(pool.used_count == taken && pool.high == taken);
        memory.refuse_from = 0;
        CHECK_EQUAL(pool_take(&pool), taken + 1);
        finish();
    }
}

static void the_budget_bounds_the_pool(void)
{
    size_t chunk = sizeof(struct item) * A_CHUNK, directory = 4 * sizeof(void *);
    start(2 * chunk + directory);
    for (uint32_t i = 1; i <= 2 * A_CHUNK; i++)
        CHECK_EQUAL(pool_take(&pool), i);
    CHECK_EQUAL(pool_take(&pool), 0);
    pool_give(&pool, 5);
    CHECK_EQUAL(pool_take(&pool), 5);
    CHECK_EQUAL(pool_take(&pool), 0);
    finish();
}

static void get_nothing(void *ctx)
{
    (void)ctx;
    pool_get(&pool, 0);
}

static void get_too_high(void *ctx)
{
    (void)ctx;
    pool_get(&pool, 2);
}

static void a_handle_never_taken_aborts(void)
{
    start(0);
    CHECK_EQUAL(pool_take(&pool), 1);
    CHECK(aborts(get_nothing, NULL));
    CHECK(aborts(get_too_high, NULL));
    finish();
}

int main(void)
{
    TEST(an_unused_pool_allocates_nothing);
    TEST(growing_moves_no_item);
    TEST(what_was_given_back_comes_again_zeroed);
    TEST(random_takes_and_gives_agree_with_an_array);
    TEST(a_refusal_changes_nothing);
    TEST(the_budget_bounds_the_pool);
    TEST(a_handle_never_taken_aborts);
    return harness_done();
}
