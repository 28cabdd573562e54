#include "run/exposition.h"

#include "base/text.h"
#include "tests/harness.h"

static const char *value_of(const char *words)
{
    static char said[64];
    struct text text = text_over(said, sizeof said);
    exposition_value(&text, words);
    return said;
}

/* What the format gives a meaning inside quotes is escaped, and nothing else. */
static void labels_are_escaped(void)
{
    CHECK_TEXT(value_of("vpn-a/1"), "vpn-a/1");
    CHECK_TEXT(value_of("a\\b"), "a\\\\b");
    CHECK_TEXT(value_of("a\"b"), "a\\\"b");
    CHECK_TEXT(value_of("a\nb"), "a\\nb");
    CHECK_TEXT(value_of("t\t\xc3\xbc{}=,"), "t\t\xc3\xbc{}=,");
}

static void every_part_has_its_label(void)
{
    for (int part = PART_WHOLE + 1; part < PART_COUNT; part++)
        CHECK(metric_part_label((enum metric_part)part)[0] != '\0');
    CHECK_TEXT(metric_part_label(PART_WHOLE), "");
    for (int each = EACH_ONE + 1; each < EACH_COUNT; each++)
        CHECK(metric_each_label((enum metric_each)each)[0] != '\0');
    CHECK_TEXT(metric_type_word(METRIC_COUNTER), "counter");
}

int main(void)
{
    TEST(labels_are_escaped);
    TEST(every_part_has_its_label);
    return harness_done();
}
