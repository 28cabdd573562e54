#include "base/sort.h"

#include "base/prng.h"
#include "tests/harness.h"

enum { MOST = 1500 };

/* Seven bytes: no natural alignment, so a sort that swaps words would be caught. */
struct odd {
    uint8_t key;
    uint8_t place[2]; /* where it stood before */
    uint8_t rest[4];
};

static struct odd make_odd(uint8_t key, size_t place)
{
    struct odd odd = {key, {(uint8_t)(place >> 8), (uint8_t)place}, {0}};
    memset(odd.rest, key ^ (uint8_t)place, sizeof odd.rest);
    return odd;
}

static unsigned compare_calls;

static int by_key(const void *left, const void *right, const void *ctx)
{
    const struct odd *a = left, *b = right;
    const int *direction = ctx;
    compare_calls++;
    return (a->key - b->key) * *direction;
}

/* Insertion, the stable sort nobody gets wrong. */
static void naive_sort(struct odd *items, size_t count, int direction)
{
    for (size_t i = 1; i < count; i++)
        for (size_t at = i; at > 0; at--) {
            if ((items[at - 1].key - items[at].key) * direction <= 0)
                break;
            struct odd swap = items[at];
            items[at] = items[at - 1];
            items[at - 1] = swap;
        }
}

static void sorting_is_stable_and_agrees_with_insertion(void)
{
    static struct odd items[MOST], naive[MOST], scratch[MOST];
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct prng prng = prng_seed(seed);
        size_t count = (size_t)prng_below(&prng, seed < 40 ? 40 : MOST + 1);
        unsigned keys = seed % 3 == 0 ? 256 : 1 + (unsigned)seed % 7;
        for (size_t i = 0; i < count; i++)
            items[i] = naive[i] = make_odd((uint8_t)prng_below(&prng, keys), i);
        int direction = seed % 2 ? 1 : -1;
        sort_stable(items, count, sizeof *items, scratch, by_key, &direction);
        naive_sort(naive, count, direction);
        CHECK(memcmp(items, naive, count * sizeof *items) == 0);
    }
}

static void comparisons_are_bounded(void)
{
    static struct odd items[1024], scratch[1024];
    struct prng prng = prng_seed(9);
    for (size_t i = 0; i < 1024; i++)
        items[i] = make_odd((uint8_t)prng_below(&prng, 256), i);
    int direction = 1;
    compare_calls = 0;
    sort_stable(items, 1024, sizeof *items, scratch, by_key, &direction);
    CHECK(compare_calls <= 1024 * 10); /* n log2 n */
}

static void nothing_and_one_need_no_scratch(void)
{
    int direction = 1;
    struct odd one = make_odd(3, 4);
    sort_stable(NULL, 0, sizeof one, NULL, by_key, &direction);
    sort_stable(&one, 1, sizeof one, NULL, by_key, &direction);
    CHECK_EQUAL(one.key, 3);
    sort_keys(NULL, 0, NULL);
    struct sort_key key = {1, 2};
    sort_keys(&key, 1, NULL);
    CHECK(key.key == 1 && key.value == 2);
}

static void check_keys(size_t count, uint64_t mask, struct prng *prng)
{
    static struct sort_key items[MOST], before[MOST], scratch[MOST];
    for (size_t i = 0; i < count; i++)
        items[i] = before[i] = (struct sort_key){prng_next(prng) & mask, (uint32_t)i};
    sort_keys(items, count, scratch);
    uint64_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        CHECK(items[i].value < count && items[i].key == before[items[i].value].key);
        seen += items[i].value;
        if (i == 0)
            continue;
        CHECK(items[i - 1].key < items[i].key ||
              (items[i - 1].key == items[i].key && items[i - 1].value < items[i].value));
    }
    CHECK(seen == (uint64_t)count * (count ? count - 1 : 0) / 2);
}

/* Masks choose which bytes differ at all, so that skipped passes are covered, odd and even. */
static void keys_come_in_order_with_their_values(void)
{
    static const uint64_t masks[] = {UINT64_MAX, 0, 0xff,          0xff00000000000000u,
                                     0xff00ff,   7, 0xffffffff00u, 0xffffffffffff00u};
    struct prng prng = prng_seed(5);
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
        for (int round = 0; round < 6; round++)
            check_keys((size_t)prng_below(&prng, round < 3 ? 70 : MOST + 1), masks[i], &prng);
    for (unsigned byte = 0; byte < 8; byte++) /* each pass is the only one that counts */
        check_keys(1000, (uint64_t)0xff << 8 * byte, &prng);
    for (size_t count = 1; count < 70; count++)
        check_keys(count, UINT64_MAX, &prng);
}

int main(void)
{
    TEST(sorting_is_stable_and_agrees_with_insertion);
    TEST(comparisons_are_bounded);
    TEST(nothing_and_one_need_no_scratch);
    TEST(keys_come_in_order_with_their_values);
    return harness_done();
}
