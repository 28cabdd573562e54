#include "network/check.h"

#include "base/prng.h"
#include "network/probe.h"
#include "tests/harness.h"

enum { SPOTS = 60 };

static struct prefix prefixes[SPOTS];
static uint32_t groups[SPOTS];
static bool reported[SPOTS];
static bool in_order;

static void note_clash(struct checking *checking, const struct spot *earlier,
                       const struct spot *later)
{
    (void)checking;
    reported[later->order] = true;
    in_order = in_order && earlier->order < later->order && earlier->group == later->group &&
               prefix_overlaps(earlier->prefix, later->prefix);
}

/* Does anything else in its group overlap (or equal) it? */
static bool naive(size_t index, enum spots_rule rule)
{
    for (size_t i = 0; i < SPOTS; i++)
        if (i != index && groups[i] == groups[index] &&
            (rule == SPOTS_EQUAL ? prefix_equal(prefixes[i], prefixes[index])
                                 : prefix_overlaps(prefixes[i], prefixes[index])))
            return true;
    return false;
}

/* A clash is reported if and only if there is one, though not every member of a tangle need be. */
static void clashes_are_those_of_the_naive_search(void)
{
    struct prng random = prng_seed(3);
    bool right = true;
    for (int round = 0; round < 600; round++) {
        enum spots_rule rule = round % 2 ? SPOTS_EQUAL : SPOTS_OVERLAP;
        struct diagnostics diagnostics;
        struct marks marks = {0};
        struct checking checking = {NULL, &diagnostics, &marks};
        struct spots spots = {0};
        bool any_reported[3] = {0}, any[3] = {0};
        in_order = true;
        diagnostics_init(&diagnostics);
        for (uint32_t i = 0; i < SPOTS; i++) {
            uint8_t len = (uint8_t)(8 + prng_below(&random, 25));
            prefixes[i] = prefix_around((uint32_t)prng_next(&random) & 0x0fffff00, len);
            groups[i] = (uint32_t)prng_below(&random, 3);
            reported[i] = false;
            spots_add(&spots, groups[i], prefixes[i], NULL, (struct place){0}, "x");
        }
        spots_judge_take(&checking, &spots, rule, note_clash);
        for (size_t i = 0; i < SPOTS; i++) {
            any_reported[groups[i]] = any_reported[groups[i]] || reported[i];
            any[groups[i]] = any[groups[i]] || naive(i, rule);
            right = right && (!reported[i] || naive(i, rule));
        }
        for (int group = 0; group < 3; group++)
            right = right && any[group] == any_reported[group];
        right = right && in_order && spots.items == NULL;
        diagnostics_done(&diagnostics);
    }
    CHECK(right);
}

/* A hundred errors are told, the rest is counted, and finding their places costs nothing. */
static void errors_without_end_are_bounded(void)
{
    struct probe probe;
    struct diagnostics diagnostics;
    struct network *network = NULL;
    probe_open(&probe);
    fputs("routers:\n", probe.file);
    for (int i = 0; i < 20000; i++)
        fputs("  - {id: a, lan: [10.0.0.1/8]}\n", probe.file);
    char *text = probe_close(&probe);
    diagnostics_init(&diagnostics);
    CHECK(!network_parse(probe_slice(text), "t", &diagnostics, &network));
    CHECK_EQUAL((int64_t)diagnostics.count, DIAGNOSTICS_MAX);
    CHECK_EQUAL((int64_t)(diagnostics.count + diagnostics.dropped), 20000 + 19999);
    diagnostics_done(&diagnostics);
    free(text);
}

int main(void)
{
    TEST(clashes_are_those_of_the_naive_search);
    TEST(errors_without_end_are_bounded);
    return harness_done();
}
