#include "base/alloc.h"

#include "tests/abort.h"
#include "tests/harness.h"
#include "tests/memory.h"

static bool all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void blocks_are_zeroed_and_counted(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    uint8_t *first = budget_get(&budget, 100), *second = budget_get(&budget, 50);
    CHECK(first && second);
    CHECK(all_zero(first, 100) && all_zero(second, 50));
    CHECK_EQUAL((int64_t)budget.used_bytes, 150);
    budget_put(&budget, first, 100);
    CHECK_EQUAL((int64_t)budget.used_bytes, 50);
    CHECK_EQUAL((int64_t)budget.peak_bytes, 150);
    budget_put(&budget, second, 50);
    CHECK_EQUAL((int64_t)memory.live_bytes, 0);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
}

static void the_limit_is_exact(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 100);
    CHECK(!budget_get(&budget, 101));
    CHECK_EQUAL((int64_t)memory.get_count, 0);
    void *all = budget_get(&budget, 100);
    CHECK(all != NULL);
    CHECK(!budget_get(&budget, 1));
    CHECK_EQUAL((int64_t)budget.used_bytes, 100);
    budget_put(&budget, all, 100);
    void *again = budget_get(&budget, 1);
    CHECK(again != NULL);
    budget_put(&budget, again, 1);
}

static void a_limit_below_what_is_taken_refuses(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    void *first = budget_get(&budget, 60), *second = budget_get(&budget, 60);
    budget.limit_bytes = 100;
    CHECK(!budget_get(&budget, 1));
    budget_put(&budget, first, 60);
    CHECK(!budget_get(&budget, 41));
    void *third = budget_get(&budget, 40);
    CHECK(third != NULL);
    budget_put(&budget, second, 60);
    budget_put(&budget, third, 40);
}

static void a_size_that_overflows_is_refused(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    void *one = budget_get(&budget, 1);
    CHECK(!budget_get(&budget, SIZE_MAX));
    budget_init(&budget, memory_alloc(&memory), SIZE_MAX);
    budget.used_bytes = 1;
    CHECK(!budget_get(&budget, SIZE_MAX));
    CHECK_EQUAL((int64_t)memory.get_count, 1);
    budget_put(&budget, one, 1);
}

static void an_allocator_that_refuses_costs_nothing(void)
{
    struct memory memory = {.refuse_from = 1};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    CHECK(!budget_get(&budget, 10));
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
    CHECK_EQUAL((int64_t)budget.peak_bytes, 0);
    budget_put(&budget, NULL, 10);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

static void put_too_much(void *ctx)
{
    char block[8];
    budget_put(ctx, block, sizeof block);
}

static void giving_back_more_than_was_taken_aborts(void)
{
    struct memory memory = {0};
    struct budget budget;
    budget_init(&budget, memory_alloc(&memory), 0);
    void *block = budget_get(&budget, 7);
    CHECK(aborts(put_too_much, &budget));
    budget_put(&budget, block, 7);
}

int main(void)
{
    TEST(blocks_are_zeroed_and_counted);
    TEST(the_limit_is_exact);
    TEST(a_limit_below_what_is_taken_refuses);
    TEST(a_size_that_overflows_is_refused);
    TEST(an_allocator_that_refuses_costs_nothing);
    TEST(giving_back_more_than_was_taken_aborts);
    return harness_done();
}
