#include "base/text.h"

#include "base/prng.h"
#include "tests/abort.h"
#include "tests/harness.h"

static char buffer[64];

static const char *u64(uint64_t value)
{
    struct text text = text_over(buffer, sizeof buffer);
    text_u64(&text, value);
    return buffer;
}

static const char *i64(int64_t value)
{
    struct text text = text_over(buffer, sizeof buffer);
    text_i64(&text, value);
    return buffer;
}

static const char *seconds(int64_t us, unsigned decimals)
{
    struct text text = text_over(buffer, sizeof buffer);
    text_seconds(&text, us, decimals);
    return buffer;
}

static void numbers_are_printed_as_printf_does(void)
{
    CHECK_TEXT(u64(0), "0");
    CHECK_TEXT(u64(UINT64_MAX), "18446744073709551615");
    CHECK_TEXT(i64(INT64_MIN), "-9223372036854775808");
    CHECK_TEXT(i64(INT64_MAX), "9223372036854775807");
    CHECK_TEXT(i64(-1), "-1");
    struct prng prng = prng_seed(1);
    for (int i = 0; i < 2000; i++) {
        uint64_t number = prng_next(&prng) >> prng_below(&prng, 64);
        char expected[32];
        snprintf(expected, sizeof expected, "%" PRIu64, number);
        CHECK_TEXT(u64(number), expected);
        snprintf(expected, sizeof expected, "%" PRId64, -(int64_t)(number >> 1));
        CHECK_TEXT(i64(-(int64_t)(number >> 1)), expected);
    }
}

static void seconds_are_rounded_to_the_nearest(void)
{
    CHECK_TEXT(seconds(60131000, 3), "60.131");
    CHECK_TEXT(seconds(60131000, 0), "60");
    CHECK_TEXT(seconds(60131000, 1), "60.1");
    CHECK_TEXT(seconds(60150000, 1), "60.2");
    CHECK_TEXT(seconds(59999999, 1), "60.0");
    CHECK_TEXT(seconds(1, 6), "0.000001");
    CHECK_TEXT(seconds(1050000, 6), "1.050000");
    CHECK_TEXT(seconds(500000, 0), "1");
    CHECK_TEXT(seconds(499999, 0), "0");
    CHECK_TEXT(seconds(0, 2), "0.00");
}

static void seconds_before_zero_have_a_sign(void)
{
    CHECK_TEXT(seconds(-1500000, 1), "-1.5");
    CHECK_TEXT(seconds(-250000, 1), "-0.3");
    CHECK_TEXT(seconds(-1, 3), "0.000"); /* no minus in front of nothing */
    CHECK_TEXT(seconds(INT64_MIN, 6), "-9223372036854.775808");
    CHECK_TEXT(seconds(INT64_MAX, 6), "9223372036854.775807");
}

static void seven_decimals(void *ctx)
{
    text_seconds(ctx, 1, 7);
}

static void more_than_six_decimals_abort(void)
{
    struct text text = text_over(buffer, sizeof buffer);
    CHECK(aborts(seven_decimals, &text));
}

/* Into every size of buffer, with a guard byte behind it. */
static void a_cut_text_is_the_beginning_of_the_whole(void)
{
    static const char whole[] = "tunnel 2 is 1.5 s late";
    for (size_t cap = 1; cap <= sizeof whole + 3; cap++) {
        memset(buffer, '#', sizeof buffer);
        struct text text = text_over(buffer, cap);
        text_add(&text, "tunnel ");
        text_u64(&text, 2);
        text_add(&text, " is ");
        text_seconds(&text, 1500000, 1);
        text_char(&text, ' ');
        text_add(&text, "s late");
        CHECK_EQUAL(text.cut, cap < sizeof whole);
        CHECK(text.size < cap && strlen(buffer) == text.size);
        CHECK(memcmp(buffer, whole, text.size) == 0);
        CHECK_EQUAL(buffer[cap], '#');
        CHECK(text.cut || text.size == sizeof whole - 1);
    }
}

static void a_number_is_never_shown_in_part(void)
{
    struct text text = text_over(buffer, 6);
    text_add(&text, "as ");
    text_u64(&text, 10124);
    CHECK_TEXT(buffer, "as ");
    CHECK(text.cut);
    text_u64(&text, 1); /* would fit, but would stand in the wrong place */
    text_char(&text, '!');
    text_whole(&text, "");
    CHECK_TEXT(buffer, "as ");
    text = text_over(buffer, 6);
    text_u64(&text, 10124);
    CHECK_TEXT(buffer, "10124");
    CHECK(!text.cut);
    text = text_over(buffer, 6);
    text_seconds(&text, -12340000, 2);
    CHECK_TEXT(buffer, "");
}

static void a_text_of_one_byte_is_empty(void)
{
    struct text text = text_over(buffer, 1);
    CHECK(!text.cut);
    text_add(&text, "");
    CHECK(!text.cut);
    text_add(&text, "x");
    CHECK(text.cut);
    CHECK_TEXT(buffer, "");
}

int main(void)
{
    TEST(numbers_are_printed_as_printf_does);
    TEST(seconds_are_rounded_to_the_nearest);
    TEST(seconds_before_zero_have_a_sign);
    TEST(more_than_six_decimals_abort);
    TEST(a_cut_text_is_the_beginning_of_the_whole);
    TEST(a_number_is_never_shown_in_part);
    TEST(a_text_of_one_byte_is_empty);
    return harness_done();
}
