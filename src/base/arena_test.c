#include "base/arena.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

enum { CHUNK = 256 };

static struct memory memory;
static struct budget budget;
static struct arena arena;

static void start(size_t limit_bytes)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), limit_bytes);
    arena_init(&arena, &budget, CHUNK);
}

static void finish(void)
{
    arena_done(&arena);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

static void an_unused_arena_allocates_nothing(void)
{
    start(0);
    arena_reset(&arena);
    finish();
    CHECK_EQUAL((int64_t)memory.get_count, 0);
}

static bool zero_and_aligned(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return (uintptr_t)bytes % 16 == 0;
}

/* Each piece is filled with its own number; at the end of the step all must still hold it. */
static void pieces_are_zeroed_aligned_and_apart(void)
{
    enum { PIECES = 60 };
    start(0);
    struct prng prng = prng_seed(7);
    for (int step = 0; step < 200; step++) {
        uint8_t *piece[PIECES];
        size_t size[PIECES];
        for (int i = 0; i < PIECES; i++) {
            size[i] = (size_t)prng_below(&prng, prng_below(&prng, 10) ? 64 : 3 * CHUNK);
            piece[i] = arena_take(&arena, size[i]);
            CHECK(piece[i] && zero_and_aligned(piece[i], size[i]));
            memset(piece[i], i + 1, size[i]);
        }
        size_t overwritten = 0;
        for (int i = 0; i < PIECES; i++)
            for (size_t at = 0; at < size[i]; at++)
                overwritten += piece[i][at] != i + 1;
        CHECK_EQUAL((int64_t)overwritten, 0);
        arena_reset(&arena);
    }
    finish();
}

static void equal_steps_allocate_once(void)
{
    start(0);
    size_t after_first = 0;
    for (int step = 0; step < 10; step++) {
        for (int i = 0; i < 50; i++)
            CHECK(arena_take(&arena, i == 30 ? 10 * CHUNK : 40) != NULL);
        if (step == 0)
            after_first = memory.get_count;
        arena_reset(&arena);
    }
    CHECK_EQUAL((int64_t)memory.get_count, (int64_t)after_first);
    finish();
}

/* A large request first must not strand the small blocks that lie before the large one. */
static void the_order_of_sizes_does_not_matter(void)
{
    start(0);
    for (int i = 0; i < 8; i++)
        CHECK(arena_take(&arena, CHUNK) != NULL);
    CHECK(arena_take(&arena, 10 * CHUNK) != NULL);
    size_t requests = memory.get_count;
    arena_reset(&arena);
    CHECK(arena_take(&arena, 10 * CHUNK) != NULL);
    for (int i = 0; i < 8; i++)
        CHECK(arena_take(&arena, CHUNK) != NULL);
    CHECK_EQUAL((int64_t)memory.get_count, (int64_t)requests);
    finish();
}

/* One byte short of a second piece; the sanitizer sees who takes it all the same. */
static void a_chunk_of_any_size_is_respected(void)
{
    start(0);
    arena_init(&arena, &budget, 31);
    for (int i = 0; i < 4; i++) {
        uint8_t *piece = arena_take(&arena, 16);
        CHECK(piece && zero_and_aligned(piece, 16));
    }
    CHECK_EQUAL((int64_t)memory.get_count, 4);
    finish();
}

static void a_refusal_leaves_the_rest_usable(void)
{
    start(3 * CHUNK);
    uint8_t *kept = arena_take(&arena, CHUNK - 32);
    CHECK(kept != NULL);
    memset(kept, 1, CHUNK - 32);
    CHECK(!arena_take(&arena, 3 * CHUNK));
    CHECK(!arena_take(&arena, SIZE_MAX));
    CHECK(!arena_take(&arena, SIZE_MAX - 16));
    CHECK(arena_take(&arena, 32) == (void *)(kept + CHUNK - 32));
    CHECK_EQUAL(kept[CHUNK - 33], 1);
    arena_reset(&arena);
    CHECK(arena_take(&arena, CHUNK) == (void *)kept);
    finish();
}

int main(void)
{
    TEST(an_unused_arena_allocates_nothing);
    TEST(pieces_are_zeroed_aligned_and_apart);
    TEST(equal_steps_allocate_once);
    TEST(the_order_of_sizes_does_not_matter);
    TEST(a_chunk_of_any_size_is_respected);
    TEST(a_refusal_leaves_the_rest_usable);
    return harness_done();
}
