#include "run/replacement.h"

#include "tests/harness.h"

static struct replacement replacement;

static struct report_tunnel how(bool up, uint32_t ike, uint32_t pair)
{
    return (struct report_tunnel){.up = up, .ike = ike, .pair = pair};
}

static void begin(bool endpoint)
{
    struct report_tunnel said = how(true, 3, 7);
    replacement_begin(&replacement, &said, endpoint, 1000);
    CHECK_TEXT(replacement_word(&replacement), "under-way");
    CHECK_EQUAL(replacement_until(&replacement),
                1000 + (endpoint ? REPLACEMENT_US : REPLACEMENT_AGAIN_US));
}

static bool hears(bool up, uint32_t ike, uint32_t pair)
{
    struct report_tunnel said = how(up, ike, pair);
    return replacement_hear(&replacement, &said, 5000);
}

static void it_is_done_when_both_phases_are_other_ones(void)
{
    begin(false);
    CHECK(!hears(true, 3, 7));
    CHECK(!hears(true, 4, 7));
    CHECK(!hears(true, 3, 8));
    CHECK(hears(true, 4, 8));
    CHECK_TEXT(replacement_word(&replacement), "done");
    CHECK_EQUAL(replacement.took_us, 4000);
    CHECK_EQUAL(replacement_until(&replacement), INT64_MAX);
    CHECK(!hears(false, 0, 0)); /* what comes later is not its */
    CHECK(!replacement_turn(&replacement, INT64_MAX - 1));
}

static void a_gap_is_a_failure_but_for_an_endpoint(void)
{
    begin(false);
    CHECK(hears(false, 0, 0));
    CHECK_TEXT(replacement_word(&replacement), "failed");
    begin(true);
    CHECK(!hears(false, 0, 0));
    CHECK(!hears(false, 4, 8));
    CHECK(hears(true, 4, 8));
    CHECK_TEXT(replacement_word(&replacement), "done");
}

static void its_time_ends(void)
{
    begin(true);
    CHECK(!replacement_turn(&replacement, 999 + REPLACEMENT_US));
    CHECK(replacement_turn(&replacement, 1000 + REPLACEMENT_US));
    CHECK_TEXT(replacement_word(&replacement), "failed");
    CHECK(!hears(true, 4, 8));
}

static void it_is_asked_for_again(void)
{
    begin(false);
    CHECK(!replacement_again(&replacement, 999 + REPLACEMENT_AGAIN_US));
    CHECK(replacement_again(&replacement, 1000 + REPLACEMENT_AGAIN_US));
    CHECK(!replacement_again(&replacement, 1001 + REPLACEMENT_AGAIN_US));
    CHECK_EQUAL(replacement_until(&replacement), 1000 + 2 * REPLACEMENT_AGAIN_US);
    CHECK(replacement_again(&replacement, 1000 + REPLACEMENT_US - 1));
    CHECK_EQUAL(replacement_until(&replacement), 1000 + REPLACEMENT_US);
    CHECK(hears(true, 4, 8));
    CHECK(!replacement_again(&replacement, INT64_MAX - 1));
    begin(true);
    CHECK(!replacement_again(&replacement, 1000 + REPLACEMENT_AGAIN_US));
}

static void at_first_there_is_none(void)
{
    replacement = (struct replacement){0};
    CHECK(replacement_word(&replacement) == NULL);
    CHECK(!hears(true, 1, 1));
    CHECK(!replacement_turn(&replacement, INT64_MAX - 1));
}

int main(void)
{
    TEST(at_first_there_is_none);
    TEST(it_is_done_when_both_phases_are_other_ones);
    TEST(a_gap_is_a_failure_but_for_an_endpoint);
    TEST(its_time_ends);
    TEST(it_is_asked_for_again);
    return harness_done();
}
