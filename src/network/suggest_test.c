#include "network/suggest.h"

#include "base/prng.h"
#include "tests/harness.h"

/* The definition, as a recursion: slow and plainly right. */
static unsigned naive(const char *left, size_t i, const char *right, size_t j)
{
    if (i == 0 || j == 0)
        return (unsigned)(i + j);
    unsigned best = naive(left, i - 1, right, j) + 1;
    unsigned other = naive(left, i, right, j - 1) + 1;
    best = other < best ? other : best;
    other = naive(left, i - 1, right, j - 1) + (left[i - 1] != right[j - 1]);
    best = other < best ? other : best;
    if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        other = naive(left, i - 2, right, j - 2) + 1;
        best = other < best ? other : best;
    }
    return best;
}

static void known_distances(void)
{
    CHECK_EQUAL(suggest_distance("vyata", "vyatta", 3), 1);
    CHECK_EQUAL(suggest_distance("ouside", "outside", 3), 1);
    CHECK_EQUAL(suggest_distance("tunnles", "tunnels", 3), 1);
    CHECK_EQUAL(suggest_distance("ASN", "asn", 3), 0);
    CHECK_EQUAL(suggest_distance("", "asn", 3), 3);
    CHECK(suggest_distance("announce", "tunnels", 3) > 3);
}

static void distance_is_that_of_the_definition(void)
{
    struct prng random = prng_seed(7);
    bool equal = true;
    for (int round = 0; round < 400; round++) {
        char words[2][7];
        for (int w = 0; w < 2; w++) {
            size_t size = prng_below(&random, 7);
            for (size_t i = 0; i < size; i++)
                words[w][i] = (char)('a' + prng_below(&random, 3));
            words[w][size] = 0;
        }
        unsigned want = naive(words[0], strlen(words[0]), words[1], strlen(words[1]));
        equal = equal && suggest_distance(words[0], words[1], 16) == want;
    }
    CHECK(equal);
}

static void nearest_word_wins_and_far_ones_do_not(void)
{
    const char *words[] = {"announce", "asn", "allowas_in", "import"};
    struct suggestion suggestion = suggest_for("anounce");
    for (size_t i = 0; i < 4; i++)
        suggest_offer(&suggestion, words[i], i);
    CHECK_TEXT(suggestion.nearest ? suggestion.nearest : "none", "announce");
    CHECK_EQUAL((int64_t)suggestion.index, 0);

    suggestion = suggest_for("colour");
    for (size_t i = 0; i < 4; i++)
        suggest_offer(&suggestion, words[i], i);
    CHECK(suggestion.nearest == NULL);
}

static void a_long_word_is_no_trouble(void)
{
    char wrong[300];
    memset(wrong, 'x', sizeof wrong - 1);
    wrong[sizeof wrong - 1] = 0;
    struct suggestion suggestion = suggest_for(wrong);
    suggest_offer(&suggestion, "asn", 0);
    CHECK(suggestion.nearest == NULL);
}

int main(void)
{
    TEST(known_distances);
    TEST(distance_is_that_of_the_definition);
    TEST(nearest_word_wins_and_far_ones_do_not);
    TEST(a_long_word_is_no_trouble);
    return harness_done();
}
