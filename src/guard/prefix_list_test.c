#include "guard/prefix_list.h"

#include "base/prng.h"
#include "tests/harness.h"

static const struct slice none = {NULL, 0};

static struct prefix make(unsigned a, unsigned b, uint8_t len)
{
    return prefix_around(a << 24 | b << 16, len);
}

static void the_first_rule_that_matches_decides(void)
{
    const struct prefix_rule rules[] = {
        {{0x0a010000, 16}, 16, 16, false},
        {{0x0a000000, 8}, 8, 24, true},
        {{0x0a000000, 8}, 8, 32, false},
    };
    struct prefix_list list = {rules, 3, true};
    uint16_t rule = 99;
    CHECK(!prefix_list_permits(&list, make(10, 1, 16), none, &rule));
    CHECK_EQUAL(rule, 0);
    CHECK(prefix_list_permits(&list, make(10, 1, 17), none, &rule));
    CHECK_EQUAL(rule, 1);
    CHECK(!prefix_list_permits(&list, make(10, 1, 25), none, &rule));
    CHECK_EQUAL(rule, 2);
    CHECK(prefix_list_permits(&list, make(11, 0, 8), none, &rule));
    CHECK_EQUAL(rule, 3);
}

static void what_matches_nothing_goes_by_the_lists_end(void)
{
    struct prefix_list closed = {NULL, 0, false}, open = {NULL, 0, true};
    CHECK(!prefix_list_permits(&closed, make(10, 0, 8), none, NULL));
    CHECK(prefix_list_permits(&open, make(10, 0, 8), none, NULL));
}

static void a_shorter_prefix_does_not_match(void)
{
    const struct prefix_rule rule = {{0x0a000000, 8}, 0, 32, true};
    CHECK(prefix_rule_matches(&rule, make(10, 0, 8), none));
    CHECK(!prefix_rule_matches(&rule, make(10, 0, 7), none));
    CHECK(!prefix_rule_matches(&rule, make(0, 0, 0), none));
    const struct prefix_rule any = {{0, 0}, 0, 32, true};
    CHECK(prefix_rule_matches(&any, make(0, 0, 0), none) &&
          prefix_rule_matches(&any, make(9, 9, 32), none));
}

static void a_rule_may_ask_for_a_community(void)
{
    static const uint8_t two[] = {0xfd, 0xe8, 0, 1, 0xfd, 0xe8, 0, 2};
    const struct slice both = {two, 8}, first = {two, 4}, cut = {two, 7};
    const struct prefix_rule rules[] = {
        {.prefix = {0x0a000000, 8},
         .ge = 8,
         .le = 32,
         .has_community = true,
         .community = 0xfde80002},
        {.prefix = {0x0a000000, 8}, .ge = 8, .le = 32, .permit = true},
    };
    struct prefix_list list = {rules, 2, false};
    uint16_t rule;
    CHECK(prefix_list_permits(&list, make(10, 1, 16), none, &rule) && rule == 1);
    CHECK(prefix_list_permits(&list, make(10, 1, 16), first, &rule) && rule == 1);
    CHECK(prefix_list_permits(&list, make(10, 1, 16), cut, &rule) && rule == 1);
    CHECK(!prefix_list_permits(&list, make(10, 1, 16), both, &rule) && rule == 0);
    CHECK(!prefix_list_permits(&list, make(11, 1, 16), both, &rule) && rule == 2);
    CHECK(prefix_list_asks_communities(&list));
    list.rules++;
    list.count--;
    CHECK(!prefix_list_asks_communities(&list));
}

/* Against every address bit compared by itself. */
static void random_rules_match_as_their_bits_do(void)
{
    struct prng prng = prng_seed(7);
    for (unsigned i = 0; i < 20000; i++) {
        struct prefix inner =
            prefix_around((uint32_t)prng_next(&prng), (uint8_t)prng_below(&prng, 33));
        uint8_t outer_len = (uint8_t)prng_below(&prng, 33);
        struct prefix outer =
            prefix_around(inner.addr ^ (prng_below(&prng, 2) ? 0 : 1u << 20), outer_len);
        struct prefix_rule rule = {outer, (uint8_t)prng_below(&prng, 33),
                                   (uint8_t)prng_below(&prng, 33), true};
        bool inside = inner.len >= outer.len;
        for (unsigned bit = 0; bit < outer.len; bit++)
            inside &= !((inner.addr ^ outer.addr) >> (31 - bit) & 1);
        bool expected = inside && inner.len >= rule.ge && inner.len <= rule.le;
        CHECK_EQUAL(prefix_rule_matches(&rule, inner, none), expected);
    }
}

int main(void)
{
    TEST(the_first_rule_that_matches_decides);
    TEST(what_matches_nothing_goes_by_the_lists_end);
    TEST(a_shorter_prefix_does_not_match);
    TEST(a_rule_may_ask_for_a_community);
    TEST(random_rules_match_as_their_bits_do);
    return harness_done();
}
