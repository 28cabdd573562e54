#include "base/prng.h"

#include "tests/abort.h"
#include "tests/harness.h"

/* The first numbers of the authors' splitmix64.c for the seed 1234567. */
static void the_sequence_is_the_published_one(void)
{
    struct prng prng = prng_seed(1234567);
    CHECK(prng_next(&prng) == 6457827717110365317u);
    CHECK(prng_next(&prng) == 3203168211198807973u);
    CHECK(prng_next(&prng) == 9817491932198370423u);
    CHECK(prng_next(&prng) == 4593380528125082431u);
    CHECK(prng_next(&prng) == 16408922859458223821u);
}

static void numbers_stay_below_the_limit_and_reach_all_of_it(void)
{
    struct prng prng = prng_seed(1);
    unsigned seen[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint64_t number = prng_below(&prng, 7);
        CHECK(number < 7);
        seen[number % 7]++;
    }
    for (int i = 0; i < 7; i++)
        CHECK(seen[i] > 9500 && seen[i] < 10500); /* 10000 +- 5 sigma */
    CHECK_EQUAL((int64_t)prng_below(&prng, 1), 0);
    for (int i = 0; i < 100; i++)
        CHECK(prng_below(&prng, UINT64_MAX) < UINT64_MAX);
}

/* With a limit of 3/4 of the range, a remainder without rejection gives the lower third half of
 * all draws; fair draws give it a third. */
static void a_limit_that_does_not_divide_gives_no_bias(void)
{
    uint64_t limit = 3u * ((uint64_t)1 << 62), third = limit / 3;
    struct prng prng = prng_seed(2);
    unsigned low = 0;
    for (int i = 0; i < 30000; i++)
        low += prng_below(&prng, limit) < third;
    CHECK(low > 9500 && low < 10500);
}

static void draw_below_nothing(void *ctx)
{
    prng_below(ctx, 0);
}

static void a_limit_of_zero_aborts(void)
{
    struct prng prng = prng_seed(3);
    CHECK(aborts(draw_below_nothing, &prng));
}

static void a_fork_is_repeatable_and_leads_elsewhere(void)
{
    struct prng left = prng_seed(4), right = prng_seed(4);
    struct prng left_fork = prng_fork(&left), right_fork = prng_fork(&right);
    for (int i = 0; i < 100; i++) {
        uint64_t parent = prng_next(&left), child = prng_next(&left_fork);
        CHECK(parent == prng_next(&right));
        CHECK(child == prng_next(&right_fork));
        CHECK(parent != child);
    }
}

int main(void)
{
    TEST(the_sequence_is_the_published_one);
    TEST(numbers_stay_below_the_limit_and_reach_all_of_it);
    TEST(a_limit_that_does_not_divide_gives_no_bias);
    TEST(a_limit_of_zero_aborts);
    TEST(a_fork_is_repeatable_and_leads_elsewhere);
    return harness_done();
}
