#include "run/farewell.h"

#include "tests/harness.h"

#include <string.h>

static const char *shown(const char *words, size_t size)
{
    static char text[FAREWELL_TEXT_MAX];
    farewell_text((struct slice){(const uint8_t *)words, size}, text);
    return text;
}

#define SHOWN(words) shown(words, sizeof words - 1)

static void plain_words_stay(void)
{
    CHECK_TEXT(SHOWN("maintenance until 18:00"), "maintenance until 18:00");
    CHECK_TEXT(SHOWN(""), "");
    CHECK_TEXT(SHOWN("Wartung f\xc3\xbcr \xe9\x96\xa2\xe6\x89\x80"),
               "Wartung f\xc3\xbcr \xe9\x96\xa2\xe6\x89\x80");
}

static void nothing_reaches_the_terminal(void)
{
    CHECK_TEXT(SHOWN("\x1b[2J\nreason=fine"), "\\x1b[2J\\x0areason=fine");
    CHECK_TEXT(SHOWN("a\" b=\"c\\"), "a\\x22 b=\\x22c\\x5c");
    CHECK_TEXT(SHOWN("\xc2\x9b"
                     "31m"),
               "\\xc2\\x9b31m"); /* CSI in one character */
    CHECK_TEXT(SHOWN("\xe2\x80\xae"
                     "enif"),
               "\\xe2\\x80\\xaeenif"); /* right to left */
    CHECK_TEXT(shown("a\0b", 3), "a\\x00b");
}

static void what_is_no_utf8_is_shown_as_bytes(void)
{
    CHECK_TEXT(SHOWN("\xff\xfe"), "\\xff\\xfe");
    CHECK_TEXT(SHOWN("cut \xe9\x96"), "cut \\xe9\\x96");
    CHECK_TEXT(SHOWN("\xc0\xaf"), "\\xc0\\xaf"); /* an overlong slash */
    char all[255];
    memset(all, 0xff, sizeof all);
    CHECK_EQUAL((int64_t)strlen(shown(all, sizeof all)), FAREWELL_TEXT_MAX - 1);
}

/* Of ours: whole characters only. */
static void what_we_say_is_utf8(void)
{
    CHECK(farewell_is_sound(""));
    CHECK(farewell_is_sound("zur\xc3\xbc"
                            "ck\n"));
    CHECK(!farewell_is_sound("\xc3"));
    CHECK(!farewell_is_sound("a\xff"));
    CHECK(!farewell_is_sound("\xed\xa0\x80")); /* half of a surrogate pair */
}

int main(void)
{
    TEST(what_we_say_is_utf8);
    TEST(plain_words_stay);
    TEST(nothing_reaches_the_terminal);
    TEST(what_is_no_utf8_is_shown_as_bytes);
    return harness_done();
}
