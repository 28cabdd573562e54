#include "tests/harness.h"
#include "wire/bgp_nlri.h"
#include "wire/test_bytes.h"

static bool right(const char *text, size_t *ret_count)
{
    struct bytes field = hex(text);
    return bgp_nlri_check(slice_of(&field), false, ret_count);
}

static void prefixes_written_by_hand(void)
{
    struct bytes field = hex("00 08 0a 0c ac10 10 c0a8 18 c00002 19 c0000280 20 cb0071e1");
    const struct prefix expected[] = {{0, 0},           {0x0a000000, 8},  {0xac100000, 12},
                                      {0xc0a80000, 16}, {0xc0000200, 24}, {0xc0000280, 25},
                                      {0xcb0071e1, 32}};
    struct cursor cursor = cursor_over(slice_of(&field));
    struct prefix prefix;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        CHECK(bgp_nlri_next(&cursor, false, &prefix));
        CHECK(prefix_equal(prefix, expected[i]));
    }
    CHECK(!bgp_nlri_next(&cursor, false, &prefix));
    CHECK(!cursor.failed);
    size_t count = 0;
    CHECK(bgp_nlri_check(slice_of(&field), false, &count));
    CHECK_EQUAL((int64_t)count, 7);
}

static void an_empty_field_is_right(void)
{
    size_t count = 9;
    CHECK(right("", &count));
    CHECK_EQUAL((int64_t)count, 0);
}

static void rfc7606_5_3_length_above_32_is_wrong(void)
{
    size_t count = 9;
    CHECK(!right("21 0a00000000", &count));
    CHECK(!right("08 0a ff 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
                 &count));
    CHECK_EQUAL((int64_t)count, 9); /* untouched */
}

static void rfc7606_5_3_prefix_past_the_end_is_wrong(void)
{
    size_t count;
    CHECK(!right("18 c000", &count));
    CHECK(!right("08", &count));
    CHECK(!right("08 0a 20 010203", &count));
    CHECK(right("08 0a 20 01020304", &count));
}

static void rfc4271_4_3_trailing_bits_do_not_count(void)
{
    struct bytes field = hex("0c acff 04 ff 1f 0a0000ff");
    struct cursor cursor = cursor_over(slice_of(&field));
    struct prefix prefix;
    CHECK(bgp_nlri_next(&cursor, false, &prefix));
    CHECK(prefix_equal(prefix, (struct prefix){0xacf00000, 12}));
    CHECK(bgp_nlri_next(&cursor, false, &prefix));
    CHECK(prefix_equal(prefix, (struct prefix){0xf0000000, 4}));
    CHECK(bgp_nlri_next(&cursor, false, &prefix));
    CHECK(prefix_equal(prefix, (struct prefix){0x0a0000fe, 31}));
}

static void a_wrong_prefix_ends_the_walk_for_good(void)
{
    struct bytes field = hex("08 0a 28 0102030405 08 0b");
    struct cursor cursor = cursor_over(slice_of(&field));
    struct prefix prefix = {1, 2};
    CHECK(bgp_nlri_next(&cursor, false, &prefix));
    CHECK(!bgp_nlri_next(&cursor, false, &prefix));
    CHECK(cursor.failed);
    CHECK(!bgp_nlri_next(&cursor, false, &prefix));
    CHECK(prefix_equal(prefix, (struct prefix){0x0a000000, 8})); /* untouched */
}

/* Bit by bit, as RFC 4271 4.3 says it; host bits not cleared. false: not right. */
static bool naive_next(const struct bytes *field, size_t *at, struct prefix *ret_prefix)
{
    unsigned len = field->data[(*at)++];
    if (len > 32)
        return false;
    ip_addr addr = 0;
    for (unsigned bit = 0; bit < len; bit++) {
        size_t byte = *at + bit / 8;
        if (byte >= field->size)
            return false;
        if (field->data[byte] & (0x80 >> bit % 8))
            addr |= 0x80000000u >> bit;
    }
    *at += (len + 7) / 8;
    *ret_prefix = (struct prefix){addr, (uint8_t)len};
    return *at <= field->size;
}

static void random_fields_agree_with_a_naive_reader(void)
{
    struct prng prng = prng_seed(4271);
    for (int round = 0; round < 20000; round++) {
        struct bytes field = {.size = 0};
        size_t want = prng_below(&prng, 40);
        while (field.size < want)
            put(&field, prng_below(&prng, prng_below(&prng, 8) ? 33 : 256), 1);
        struct cursor cursor = cursor_over(slice_of(&field));
        size_t at = 0, naive_count = 0, count = 99;
        bool naive_right = true;
        while (at < field.size && naive_right) {
            struct prefix naive = {0, 0}, prefix = {0, 0};
            naive_right = naive_next(&field, &at, &naive);
            bool more = bgp_nlri_next(&cursor, false, &prefix);
            CHECK_EQUAL(more, naive_right);
            if (more && naive_right)
                CHECK(prefix_equal(prefix, naive));
            naive_count += naive_right;
        }
        CHECK_EQUAL(bgp_nlri_check(slice_of(&field), false, &count), naive_right);
        if (naive_right)
            CHECK_EQUAL((int64_t)count, (int64_t)naive_count);
    }
}

static void random_prefixes_come_back(void)
{
    struct prng prng = prng_seed(7606);
    for (int round = 0; round < 2000; round++) {
        uint8_t room[200];
        struct writer writer = writer_over(room, sizeof room);
        struct prefix sent[32];
        size_t count = prng_below(&prng, 32), size = 0;
        for (size_t i = 0; i < count; i++) {
            uint8_t len = (uint8_t)prng_below(&prng, 33);
            sent[i] = (struct prefix){(uint32_t)prng_next(&prng) & ip_mask_four(len), len};
            bgp_nlri_encode(&writer, &sent[i]);
            size += bgp_nlri_size(&sent[i]);
        }
        CHECK(!writer.failed);
        CHECK_EQUAL((int64_t)writer.size, (int64_t)size);
        struct cursor cursor = cursor_over(writer_slice(&writer));
        struct prefix prefix;
        for (size_t i = 0; i < count; i++) {
            CHECK(bgp_nlri_next(&cursor, false, &prefix));
            CHECK(prefix_equal(prefix, sent[i]));
        }
        CHECK(!bgp_nlri_next(&cursor, false, &prefix) && !cursor.failed);
    }
}

int main(void)
{
    TEST(prefixes_written_by_hand);
    TEST(an_empty_field_is_right);
    TEST(rfc7606_5_3_length_above_32_is_wrong);
    TEST(rfc7606_5_3_prefix_past_the_end_is_wrong);
    TEST(rfc4271_4_3_trailing_bits_do_not_count);
    TEST(a_wrong_prefix_ends_the_walk_for_good);
    TEST(random_fields_agree_with_a_naive_reader);
    TEST(random_prefixes_come_back);
    return harness_done();
}
