#include "import/announcers.h"

#include "base/prng.h"
#include "tests/harness.h"

enum { PREFIXES = 6, ANNOUNCERS = 4 };

static struct prefix prefixes[PREFIXES];
static bool takes[ANNOUNCERS][PREFIXES];
static struct announcer announcers[ANNOUNCERS];
static enum announced how[PREFIXES];
static size_t can[PREFIXES];

/* The default, then 10.1.0.0/16, 10.2.0.0/16, ... */
static void begin(const int64_t *accepted, size_t count)
{
    memset(takes, 0, sizeof takes);
    for (size_t i = 0; i < PREFIXES; i++)
        prefixes[i] = i ? prefix_around(0x0a000000u + ((ip_addr)i << 16), 16) : (struct prefix){0};
    for (size_t i = 0; i < count; i++)
        announcers[i] = (struct announcer){.accepted = accepted[i], .announces = takes[i]};
}

static void judge(size_t prefix_count, size_t announcer_count)
{
    announcers_judge(prefixes, prefix_count, announcers, announcer_count, how, can);
}

static void one_attachment_announced_all(void)
{
    begin((int64_t[]){5}, 1);
    judge(5, 1);
    for (size_t i = 0; i < 5; i++) {
        CHECK(takes[0][i]);
        CHECK_EQUAL(how[i], ANNOUNCED_CERTAIN);
        CHECK_EQUAL((int64_t)can[i], 1);
    }
}

static void who_accepted_nothing_announced_nothing(void)
{
    begin((int64_t[]){0, 3}, 2);
    judge(3, 2);
    for (size_t i = 0; i < 3; i++) {
        CHECK(!takes[0][i] && takes[1][i]);
        CHECK_EQUAL(how[i], ANNOUNCED_CERTAIN);
    }
}

static void counts_are_kept_and_the_default_comes_last(void)
{
    begin((int64_t[]){2, 1}, 2);
    judge(3, 2);
    CHECK(takes[0][1] && takes[0][2] && !takes[0][0]);
    CHECK(takes[1][0] && !takes[1][1] && !takes[1][2]);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQUAL(how[i], ANNOUNCED_CHOSEN);
        CHECK_EQUAL((int64_t)can[i], 2);
    }
}

static void known_ranges_come_first(void)
{
    struct prefix known = prefix_around(0x0a020000u, 16);
    begin((int64_t[]){1, 2}, 2);
    announcers[0].known = &known;
    announcers[0].known_count = 1;
    judge(3, 2);
    CHECK(takes[0][2] && !takes[0][1] && !takes[0][0]);
    CHECK(takes[1][1]);
}

static void who_has_no_count_takes_what_is_left(void)
{
    begin((int64_t[]){-1, 1}, 2);
    judge(3, 2);
    CHECK(takes[1][1] && !takes[1][2] && !takes[1][0]);
    CHECK(takes[0][2] && takes[0][0] && !takes[0][1]);
    CHECK_EQUAL(how[0], ANNOUNCED_CHOSEN);
}

static void two_that_accepted_all_announced_all(void)
{
    begin((int64_t[]){3, 3}, 2);
    judge(3, 2);
    for (size_t i = 0; i < 3; i++) {
        CHECK(takes[0][i] && takes[1][i]);
        CHECK_EQUAL(how[i], ANNOUNCED_CERTAIN);
    }
}

static void counts_that_leave_nobody_are_told(void)
{
    begin((int64_t[]){1}, 1);
    judge(2, 1);
    CHECK_EQUAL(how[1], ANNOUNCED_CERTAIN);
    CHECK_EQUAL(how[0], ANNOUNCED_BEYOND);
    CHECK(takes[0][0]);
    begin((int64_t[]){0}, 1);
    judge(1, 1);
    CHECK_EQUAL(how[0], ANNOUNCED_NOBODY);
    CHECK(!takes[0][0]);
}

/* Every prefix has somebody, and nobody more than its count, unless it says so. */
static void a_choice_keeps_to_all_counts(void)
{
    struct prng prng = prng_seed(1);
    for (int round = 0; round < 20000; round++) {
        int64_t accepted[ANNOUNCERS];
        size_t prefix_count = prng_below(&prng, PREFIXES + 1);
        size_t count = 1 + prng_below(&prng, ANNOUNCERS);
        bool beyond = false;
        for (size_t i = 0; i < count; i++)
            accepted[i] = (int64_t)prng_below(&prng, PREFIXES + 3) - 1;
        begin(accepted, count);
        judge(prefix_count, count);
        for (size_t i = 0; i < prefix_count; i++) {
            size_t said = 0;
            for (size_t j = 0; j < count; j++)
                said += takes[j][i];
            CHECK((said == 0) == (how[i] == ANNOUNCED_NOBODY));
            CHECK((how[i] == ANNOUNCED_CERTAIN) <= (said == can[i]));
            beyond = beyond || how[i] == ANNOUNCED_BEYOND;
        }
        for (size_t j = 0; j < count; j++) {
            size_t given = 0;
            for (size_t i = 0; i < prefix_count; i++)
                given += takes[j][i];
            CHECK(given == announcers[j].given);
            int64_t most =
                accepted[j] < (int64_t)prefix_count ? accepted[j] : (int64_t)prefix_count;
            CHECK(accepted[j] < 0 || beyond || (int64_t)given == most);
        }
    }
}

int main(void)
{
    TEST(one_attachment_announced_all);
    TEST(who_accepted_nothing_announced_nothing);
    TEST(counts_are_kept_and_the_default_comes_last);
    TEST(known_ranges_come_first);
    TEST(who_has_no_count_takes_what_is_left);
    TEST(two_that_accepted_all_announced_all);
    TEST(counts_that_leave_nobody_are_told);
    TEST(a_choice_keeps_to_all_counts);
    return harness_done();
}
