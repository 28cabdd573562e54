#include "network/utf8.h"

#include "tests/harness.h"

static uint32_t first(const char *text)
{
    size_t size;
    return utf8_at(text, strlen(text), &size);
}

static void well_formed_text_is_read(void)
{
    size_t size;
    CHECK_EQUAL(utf8_at("a", 1, &size), 'a');
    CHECK_EQUAL((int64_t)size, 1);
    CHECK_EQUAL(utf8_at("\xc3\xa9", 2, &size), 0xe9);
    CHECK_EQUAL((int64_t)size, 2);
    CHECK_EQUAL(utf8_at("\xe9\x96\xa2", 3, &size), 0x95a2);
    CHECK_EQUAL((int64_t)size, 3);
    CHECK_EQUAL(utf8_at("\xf0\x9f\x98\x80", 4, &size), 0x1f600);
    CHECK_EQUAL((int64_t)size, 4);
}

static void ill_formed_bytes_are_seen(void)
{
    CHECK_EQUAL(first("\x80"), UTF8_BAD);
    CHECK_EQUAL(first("\xff"), UTF8_BAD);
    CHECK_EQUAL(first("\xc0\xaf"), UTF8_BAD);         /* overlong */
    CHECK_EQUAL(first("\xe0\x80\xaf"), UTF8_BAD);     /* overlong */
    CHECK_EQUAL(first("\xed\xa0\x80"), UTF8_BAD);     /* surrogate */
    CHECK_EQUAL(first("\xf4\x90\x80\x80"), UTF8_BAD); /* beyond U+10FFFF */
    CHECK_EQUAL(first("\xe9\x96"), UTF8_BAD);         /* cut */
    CHECK_EQUAL(first("\xc3"
                      "a"),
                UTF8_BAD);
}

static void widths_are_those_of_a_terminal(void)
{
    CHECK_EQUAL(utf8_columns('a'), 1);
    CHECK_EQUAL(utf8_columns(0xe9), 1);
    CHECK_EQUAL(utf8_columns(0x95a2), 2);
    CHECK_EQUAL(utf8_columns(0x301), 0);
    CHECK_EQUAL(utf8_columns(0x1f600), 2);
}

int main(void)
{
    TEST(well_formed_text_is_read);
    TEST(ill_formed_bytes_are_seen);
    TEST(widths_are_those_of_a_terminal);
    return harness_done();
}
