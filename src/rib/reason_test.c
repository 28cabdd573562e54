#include "rib/reason.h"

#include "tests/abort.h"
#include "tests/harness.h"

static bool is_kebab(const char *name)
{
    for (const char *at = name; *at; at++)
        if (!(*at >= 'a' && *at <= 'z') && !(*at >= '0' && *at <= '9') && *at != '-')
            return false;
    return *name != 0 && *name != '-';
}

static void every_reason_has_a_name_of_its_own_and_a_sentence(void)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct reason_text *text = reason_text((enum reason)i);
        CHECK(is_kebab(text->name));
        size_t size = strlen(text->sentence);
        CHECK(size > 10 && text->sentence[size - 1] != '.');
        CHECK(text->reference != NULL);
        CHECK_EQUAL(reason_classes[i], text->class);
        for (int k = 0; k < i; k++)
            CHECK(strcmp(text->name, reason_text((enum reason)k)->name) != 0);
    }
}

static void nothing_decided_is_zero_and_refusals_are_a_class(void)
{
    CHECK_EQUAL(REASON_NONE, 0);
    CHECK(!reason_refuses(REASON_NONE) && !reason_refuses(REASON_BEST));
    CHECK(reason_refuses(REASON_OWN_AS) && reason_refuses(REASON_BUDGET));
    CHECK(!reason_refuses(REASON_LOST_MED) && !reason_refuses(REASON_GUARD_HOLD));
}

static void ask_beyond(void *ctx)
{
    (void)ctx;
    reason_text(REASON_COUNT);
}

static void a_reason_that_does_not_exist_has_no_text(void)
{
    CHECK(aborts(ask_beyond, NULL));
}

int main(void)
{
    TEST(every_reason_has_a_name_of_its_own_and_a_sentence);
    TEST(nothing_decided_is_zero_and_refusals_are_a_class);
    TEST(a_reason_that_does_not_exist_has_no_text);
    return harness_done();
}
