#include "base/slice.h"

#include "base/prng.h"
#include "tests/abort.h"
#include "tests/harness.h"

static const uint8_t counting[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static struct cursor over(size_t size)
{
    return cursor_over((struct slice){counting, size});
}

static void numbers_are_in_network_order(void)
{
    struct cursor cursor = over(10);
    CHECK_EQUAL(cursor_u8(&cursor), 0x01);
    CHECK_EQUAL(cursor_u16(&cursor), 0x0203);
    CHECK_EQUAL(cursor_u32(&cursor), 0x04050607);
    CHECK_EQUAL((int64_t)cursor_remaining(&cursor), 3);
    struct slice two = cursor_slice(&cursor, 2);
    CHECK(two.size == 2 && two.data == counting + 7);
    struct slice rest = cursor_rest(&cursor);
    CHECK(rest.size == 1 && rest.data == counting + 9);
    CHECK(!cursor.failed && cursor_remaining(&cursor) == 0);
    CHECK(cursor_rest(&cursor).size == 0 && !cursor.failed);
}

static void the_highest_bit_is_no_sign(void)
{
    static const uint8_t ones[] = {0xff, 0xfe, 0xfd, 0xfc};
    struct cursor cursor = cursor_over((struct slice){ones, sizeof ones});
    CHECK_EQUAL(cursor_u32(&cursor), 0xfffefdfc);
}

/* The decoder that loops while anything remains must end, whatever fails first. */
static void after_the_first_error_nothing_remains(void)
{
    for (int kind = 0; kind < 4; kind++) {
        struct cursor cursor = over(kind == 0 ? 0 : 1);
        switch (kind) {
        case 0:
            CHECK_EQUAL(cursor_u8(&cursor), 0);
            break;
        case 1:
            CHECK_EQUAL(cursor_u16(&cursor), 0);
            break;
        case 2:
            CHECK_EQUAL(cursor_u32(&cursor), 0);
            break;
        default:
            CHECK(cursor_slice(&cursor, 2).size == 0);
            break;
        }
        CHECK(cursor.failed);
        CHECK_EQUAL((int64_t)cursor_remaining(&cursor), 0);
        CHECK_EQUAL(cursor_u8(&cursor), 0);
        CHECK_EQUAL(cursor_u16(&cursor), 0);
        CHECK_EQUAL(cursor_u32(&cursor), 0);
        CHECK(cursor_slice(&cursor, 0).data == NULL);
        CHECK(cursor_slice(&cursor, 1).size == 0);
        CHECK(cursor_rest(&cursor).size == 0 && cursor_rest(&cursor).data == NULL);
        CHECK(cursor.failed);
    }
}

static void a_length_near_the_end_of_memory_fails(void)
{
    struct cursor cursor = over(4);
    CHECK(cursor_slice(&cursor, SIZE_MAX).size == 0 && cursor.failed);
}

static void an_empty_slice_may_have_no_address(void)
{
    struct cursor cursor = cursor_over((struct slice){NULL, 0});
    CHECK(cursor_rest(&cursor).size == 0 && !cursor.failed);
    CHECK(cursor_slice(&cursor, 0).size == 0 && !cursor.failed);
    CHECK_EQUAL(cursor_u8(&cursor), 0);
    CHECK(cursor.failed);
    struct writer writer = writer_over(NULL, 0);
    writer_bytes(&writer, (struct slice){NULL, 0});
    CHECK(!writer.failed && writer_slice(&writer).size == 0);
    CHECK(slice_equal((struct slice){NULL, 0}, (struct slice){counting, 0}));
}

static void what_is_written_is_read_again(void)
{
    uint8_t bytes[16];
    struct writer writer = writer_over(bytes, sizeof bytes);
    writer_u8(&writer, 0xab);
    writer_u16(&writer, 0xcdef);
    writer_u32(&writer, 0x89abcdef);
    writer_bytes(&writer, (struct slice){counting, 3});
    CHECK(!writer.failed && writer.size == 10);
    struct cursor cursor = cursor_over(writer_slice(&writer));
    CHECK_EQUAL(cursor_u8(&cursor), 0xab);
    CHECK_EQUAL(cursor_u16(&cursor), 0xcdef);
    CHECK_EQUAL(cursor_u32(&cursor), 0x89abcdef);
    CHECK(slice_equal(cursor_rest(&cursor), (struct slice){counting, 3}));
}

static void the_first_write_that_does_not_fit_sticks(void)
{
    uint8_t bytes[4] = {9, 9, 9, 9};
    struct writer writer = writer_over(bytes, 3);
    writer_u16(&writer, 0x0102);
    writer_u32(&writer, 0x03040506);
    CHECK(writer.failed);
    writer_u8(&writer, 7);
    CHECK_EQUAL((int64_t)writer.size, 2);
    CHECK(bytes[2] == 9 && bytes[3] == 9);
    writer_patch_u16(&writer, 0, 0x0a0b);
    writer_patch_u16(&writer, 50, 0x0a0b);
    writer_patch_u8(&writer, 60, 1);
    CHECK(bytes[0] == 1 && bytes[1] == 2);
}

static void a_writer_is_full_at_its_last_byte(void)
{
    uint8_t bytes[4] = {9, 9, 9, 9};
    for (size_t cap = 0; cap < sizeof bytes; cap++) {
        struct writer writer = writer_over(bytes, cap);
        for (size_t i = 0; i < cap; i++)
            writer_u8(&writer, 1);
        CHECK(!writer.failed && writer.size == cap);
        writer_u8(&writer, 2);
        CHECK(writer.failed && writer.size == cap && bytes[cap] == 9);
    }
}

static void lengths_are_patched_afterwards(void)
{
    uint8_t bytes[8];
    struct writer writer = writer_over(bytes, sizeof bytes);
    writer_u32(&writer, 0);
    writer_patch_u16(&writer, 2, 0x1234);
    writer_patch_u8(&writer, 0, 0x56);
    CHECK(bytes[0] == 0x56 && bytes[1] == 0 && bytes[2] == 0x12 && bytes[3] == 0x34);
}

static void patch_behind_the_end(void *ctx)
{
    writer_patch_u16(ctx, 3, 0);
}

static void patching_what_was_not_written_aborts(void)
{
    uint8_t bytes[8];
    struct writer writer = writer_over(bytes, sizeof bytes);
    writer_u32(&writer, 0);
    CHECK(aborts(patch_behind_the_end, &writer));
}

static void slices_are_equal_by_content(void)
{
    static const uint8_t same[] = {1, 2, 3}, other[] = {1, 2, 4};
    CHECK(slice_equal((struct slice){counting, 3}, (struct slice){same, 3}));
    CHECK(!slice_equal((struct slice){counting, 3}, (struct slice){other, 3}));
    CHECK(!slice_equal((struct slice){counting, 2}, (struct slice){same, 3}));
}

/* Random reads against an index into the same bytes. */
static void random_reads_agree_with_an_index(void)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct prng prng = prng_seed(seed);
        size_t size = (size_t)prng_below(&prng, sizeof counting + 1), at = 0;
        struct cursor cursor = over(size);
        bool failed = false;
        for (int i = 0; i < 8; i++) {
            size_t width = (size_t)1 << prng_below(&prng, 3);
            uint32_t expected = 0;
            failed = failed || width > size - at;
            for (size_t byte = 0; !failed && byte < width; byte++)
                expected = expected << 8 | counting[at++];
            uint32_t got = width == 1   ? cursor_u8(&cursor)
                           : width == 2 ? cursor_u16(&cursor)
                                        : cursor_u32(&cursor);
            CHECK_EQUAL(got, expected);
            CHECK_EQUAL(cursor.failed, failed);
            CHECK_EQUAL((int64_t)cursor_remaining(&cursor), failed ? 0 : (int64_t)(size - at));
        }
    }
}

int main(void)
{
    TEST(numbers_are_in_network_order);
    TEST(the_highest_bit_is_no_sign);
    TEST(after_the_first_error_nothing_remains);
    TEST(a_length_near_the_end_of_memory_fails);
    TEST(an_empty_slice_may_have_no_address);
    TEST(what_is_written_is_read_again);
    TEST(the_first_write_that_does_not_fit_sticks);
    TEST(a_writer_is_full_at_its_last_byte);
    TEST(lengths_are_patched_afterwards);
    TEST(patching_what_was_not_written_aborts);
    TEST(slices_are_equal_by_content);
    TEST(random_reads_agree_with_an_index);
    return harness_done();
}
