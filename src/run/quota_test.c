/* Which lines of the log are written, and what the later ones say of those that were not. */
#include "run/quota.h"

#include "tests/harness.h"

static struct quota quota;

static unsigned ask_often(uint32_t key, int64_t now_us, unsigned times)
{
    unsigned told = 0;
    uint64_t untold;
    for (unsigned i = 0; i < times; i++)
        told += quota_ask(&quota, key, now_us, &untold);
    return told;
}

static void a_matter_has_so_many_lines_a_minute(void)
{
    uint64_t untold = 7;
    quota = (struct quota){0};
    CHECK_EQUAL(ask_often(5, 1000, QUOTA_LINES + 30), QUOTA_LINES);
    CHECK_EQUAL(ask_often(6, 1000, 3), 3); /* another one's */
    CHECK(!quota_ask(&quota, 5, 1000 + QUOTA_US - 1, &untold));
    CHECK_EQUAL(untold, 7);
    CHECK(quota_ask(&quota, 5, 1000 + QUOTA_US, &untold));
    CHECK_EQUAL(untold, 31);
    CHECK(quota_ask(&quota, 5, 1000 + QUOTA_US, &untold));
    CHECK_EQUAL(untold, 0);
}

static void of_too_many_matters_the_oldest_is_forgotten(void)
{
    quota = (struct quota){0};
    for (uint32_t key = 1; key <= QUOTA_MATTERS; key++)
        CHECK_EQUAL(ask_often(key, key, QUOTA_LINES + 1), QUOTA_LINES);
    CHECK_EQUAL(ask_often(QUOTA_MATTERS + 1, 1000, 1), 1);
    CHECK_EQUAL(ask_often(2, 1000, 1), 0);
    CHECK_EQUAL(ask_often(1, 1000, 1), 1); /* anew, in the place of 2 */
    CHECK_EQUAL(ask_often(3, 1000, 1), 0);
}

int main(void)
{
    TEST(a_matter_has_so_many_lines_a_minute);
    TEST(of_too_many_matters_the_oldest_is_forgotten);
    return harness_done();
}
