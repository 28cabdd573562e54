#include "engine/coder.h"

#include "tests/harness.h"
#include "tests/memory.h"

static uint8_t bytes[64];

static void values_come_back(void)
{
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct coder out = coder_writing(&writer);
    uint8_t small = 200, small_read = 0;
    uint64_t large = 0x8000000000000001u, large_read = 0;
    int64_t negative = -7, negative_read = 0;
    bool yes = true, yes_read = false;
    ip_addr six = (ip_addr)0x20010db8u << 96 | 1, six_read = 0, four = 0x0a000001, four_read = 0;
    code_u8(&out, &small);
    code_u64(&out, &large);
    code_i64(&out, &negative);
    code_bool(&out, &yes);
    code_ip(&out, &six);
    code_ip(&out, &four);
    CHECK(!coder_failed(&out));
    struct cursor cursor = cursor_over(writer_slice(&writer));
    struct coder in = coder_reading(&cursor, NULL);
    code_u8(&in, &small_read);
    code_u64(&in, &large_read);
    code_i64(&in, &negative_read);
    code_bool(&in, &yes_read);
    code_ip(&in, &six_read);
    code_ip(&in, &four_read);
    CHECK(!coder_failed(&in) && cursor_remaining(&cursor) == 0);
    CHECK(small_read == small && large_read == large && negative_read == negative && yes_read);
    CHECK(six_read == six && four_read == four);
}

static bool reads_prefix(uint8_t six, uint8_t len, uint32_t addr)
{
    struct writer writer = writer_over(bytes, sizeof bytes);
    writer_u8(&writer, six);
    writer_u8(&writer, len);
    writer_u32(&writer, addr);
    struct cursor cursor = cursor_over(writer_slice(&writer));
    struct coder in = coder_reading(&cursor, NULL);
    struct prefix prefix = {0};
    code_prefix(&in, &prefix);
    return !coder_failed(&in);
}

static void a_prefix_that_cannot_be_is_refused(void)
{
    CHECK(reads_prefix(0, 8, 0x0a000000));
    CHECK(!reads_prefix(0, 8, 0x0a000001)); /* host bits */
    CHECK(!reads_prefix(0, 33, 0x0a000000));
    CHECK(!reads_prefix(2, 8, 0x0a000000));
    CHECK(!reads_prefix(1, 8, 0x0a000000)); /* cut */
}

static void a_number_beyond_its_limit_is_refused(void)
{
    static const uint8_t three[] = {3};
    struct cursor cursor = cursor_over((struct slice){three, 1});
    struct coder in = coder_reading(&cursor, NULL);
    CHECK_EQUAL(code_below(&in, 0, 3), 0);
    CHECK(coder_failed(&in));
    cursor = cursor_over((struct slice){three, 1});
    in = coder_reading(&cursor, NULL);
    CHECK_EQUAL(code_below(&in, 0, 4), 3);
    CHECK(!coder_failed(&in));
}

/* A count of items that the bytes cannot hold asks for no memory. */
static void room_is_taken_for_what_can_be_there(void)
{
    struct memory memory = {0};
    struct budget budget;
    struct arena arena;
    budget_init(&budget, memory_alloc(&memory), 0);
    arena_init(&arena, &budget, 64);
    struct cursor cursor = cursor_over((struct slice){bytes, 40});
    struct coder in = coder_reading(&cursor, &arena);
    CHECK(code_room(&in, NULL, 10, 16, 4) != NULL);
    CHECK(!coder_failed(&in));
    size_t asked = memory.get_count;
    CHECK(code_room(&in, NULL, 11, 16, 4) == NULL);
    CHECK(coder_failed(&in));
    CHECK_EQUAL(memory.get_count, asked);
    arena_done(&arena);
    CHECK_EQUAL(memory.live_blocks, 0);
}

int main(void)
{
    TEST(values_come_back);
    TEST(a_prefix_that_cannot_be_is_refused);
    TEST(a_number_beyond_its_limit_is_refused);
    TEST(room_is_taken_for_what_can_be_there);
    return harness_done();
}
