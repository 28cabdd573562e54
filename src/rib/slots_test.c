#include "rib/slots.h"

#include "base/prng.h"
#include "tests/abort.h"
#include "tests/harness.h"
#include "tests/memory.h"

static struct memory memory;
static struct budget budget;
static struct slots slots;

static void start(uint8_t shift)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    slots_init(&slots, &budget, 99, shift, SLOT_KEY, 26);
}

static void finish(void)
{
    slots_done(&slots);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

static uint64_t find(uint64_t key)
{
    return slots_find(&slots, slots_hash(&slots, key), key);
}

static bool insert(uint64_t key, uint32_t number)
{
    uint64_t hash = slots_hash(&slots, key);
    if (!slots_reserve(&slots, hash))
        return false;
    slots_insert(&slots, hash, key << 26 | number);
    return true;
}

static void take_out(uint64_t key)
{
    slots_remove(&slots, slots_hash(&slots, key), find(key));
}

static void empty_slots_allocate_nothing(void)
{
    start(8);
    CHECK_EQUAL((int64_t)find(5), 0);
    CHECK_EQUAL((int64_t)memory.get_count, 0);
    CHECK_EQUAL((int64_t)slots_bytes(&slots), 0);
    finish();
}

/* Many keys come and go; whoever is in is found, with its number, and nobody else. */
static void check_against_a_list(uint8_t shift)
{
    enum { KEYS = 500 };
    static uint32_t numbers[KEYS];
    memset(numbers, 0, sizeof numbers);
    start(shift);
    struct prng prng = prng_seed(shift + 1);
    uint32_t count = 0;
    for (unsigned step = 0; step < 20000; step++) {
        /* phases of growing and of shrinking, so that gaps are closed at every load */
        unsigned wanted = step / 2000 % 2 ? 30 : 70;
        uint64_t key = prng_below(&prng, KEYS);
        if (numbers[key] == 0 && prng_below(&prng, 100) < wanted) {
            numbers[key] = 1 + step;
            CHECK(insert(key, numbers[key]));
            count++;
        } else if (numbers[key] != 0 && prng_below(&prng, 100) >= wanted) {
            take_out(key);
            numbers[key] = 0;
            count--;
        }
        CHECK_EQUAL(slots.count, count);
        uint64_t other = prng_below(&prng, KEYS);
        CHECK_EQUAL((int64_t)find(other),
                    (int64_t)(numbers[other] ? other << 26 | numbers[other] : 0));
    }
    for (uint64_t key = 0; key < KEYS; key++)
        CHECK_EQUAL((int64_t)(find(key) & 0x3ffffff), numbers[key]);
    finish();
}

static void random_keys_are_found_as_in_a_list(void)
{
    check_against_a_list(0);
    check_against_a_list(3);
    check_against_a_list(8);
}

static void no_part_is_more_than_three_quarters_full(void)
{
    start(2);
    for (uint64_t key = 1; key <= 10000; key++)
        CHECK(insert(key, 1));
    for (unsigned i = 0; i < 4; i++) {
        const struct slot_part *part = &slots.parts[i];
        CHECK(part->count * 4 <= part->cap * 3);
        CHECK(part->count * 2 >= part->cap - part->cap / 4); /* grown by half, not by more */
    }
    finish();
}

static void growth_moves_one_part_at_a_time(void)
{
    start(8);
    for (uint64_t key = 1; key <= 100000; key++)
        CHECK(insert(key, 1));
    size_t largest = 0;
    for (unsigned i = 0; i < 256; i++)
        largest = slots.parts[i].cap > largest ? slots.parts[i].cap : largest;
    CHECK(largest < 100000 / 256 * 3);
    finish();
}

static void a_refusal_changes_nothing(void)
{
    start(0);
    for (uint64_t key = 1; key <= 6; key++)
        CHECK(insert(key, 7));
    memory.refuse_from = 1;
    CHECK(!insert(100, 7));
    memory.refuse_from = 0;
    for (uint64_t key = 1; key <= 6; key++)
        CHECK_EQUAL((int64_t)find(key), (int64_t)(key << 26 | 7));
    CHECK_EQUAL((int64_t)find(100), 0);
    CHECK(insert(100, 7));
    finish();
}

static void memory_goes_back_when_a_part_empties(void)
{
    start(0);
    for (uint64_t key = 1; key <= 1000; key++)
        CHECK(insert(key, 7));
    size_t full = slots_bytes(&slots);
    for (uint64_t key = 1; key <= 1000; key++)
        take_out(key);
    CHECK(slots_bytes(&slots) * 10 < full);
    CHECK(insert(1, 7) && find(1) != 0);
    finish();
}

static void remove_absent(void *ctx)
{
    (void)ctx;
    slots_remove(&slots, slots_hash(&slots, 2), 2u << 26 | 1);
}

static void what_is_not_there_cannot_be_removed(void)
{
    start(0);
    CHECK(insert(1, 1));
    CHECK(aborts(remove_absent, NULL));
    finish();
}

int main(void)
{
    TEST(empty_slots_allocate_nothing);
    TEST(random_keys_are_found_as_in_a_list);
    TEST(no_part_is_more_than_three_quarters_full);
    TEST(growth_moves_one_part_at_a_time);
    TEST(a_refusal_changes_nothing);
    TEST(memory_goes_back_when_a_part_empties);
    TEST(what_is_not_there_cannot_be_removed);
    return harness_done();
}
