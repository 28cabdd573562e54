#include "bgp/down.h"
#include "tests/harness.h"

static void every_reason_has_its_words(void)
{
    for (int i = 0; i < BGP_DOWN_COUNT; i++) {
        enum bgp_down reason = (enum bgp_down)i;
        const char *sentence = bgp_down_sentence(reason);
        CHECK(bgp_down_word(reason)[0] != 0);
        CHECK(sentence[0] >= 'A' && sentence[0] <= 'Z');
        CHECK(sentence[strlen(sentence) - 1] == '.');
        CHECK(reason == BGP_DOWN_NONE || strncmp(bgp_down_reference(reason), "RFC ", 4) == 0);
        for (int j = 0; j < i; j++)
            CHECK(strcmp(bgp_down_word(reason), bgp_down_word((enum bgp_down)j)) != 0);
    }
}

static void words_are_stable(void)
{
    CHECK_TEXT(bgp_down_word(BGP_DOWN_HOLD_TIMER), "hold-timer-expired");
    CHECK_TEXT(bgp_down_word(BGP_DOWN_MAX_PREFIXES), "max-prefixes");
    CHECK_EQUAL(BGP_DOWN_NONE, 0);
}

int main(void)
{
    TEST(every_reason_has_its_words);
    TEST(words_are_stable);
    return harness_done();
}
