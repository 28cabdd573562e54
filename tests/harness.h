/* The smallest test harness that speaks TAP.
 *
 * A test program is a list of functions; each makes claims with CHECK and goes on after a false
 * one, so that one run shows everything that is wrong. What a test stands for in the README is
 * written in its name.
 *
 *     static void best_prefers_shorter_path(void) { CHECK(choose(a, b) == a); }
 *     int main(void) { TEST(best_prefers_shorter_path); return harness_done(); }
 *
 * Words on the command line are names: of these tests alone, in the program's order. A word that is
 * no test's name, nor an option that main asked for, is an error (exit status 2) that names the
 * tests there are: a list of names that lost one proves less and says nothing of it.
 */
#pragma once

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HARNESS_MOST = 64, HARNESS_USAGE = 2 };

static int harness_tests, harness_failed_tests, harness_false_claims, harness_claims;
static const char *harness_left_out; /* why the test at hand could not go on */

static int harness_word_count;
static char **harness_words; /* of the command line; NULL: an option that main took */
static const char *harness_names[HARNESS_MOST];
static int harness_name_count;
static bool harness_skipped; /* tests that were not named */

/* The C library hands a constructor what main gets: no main needs to pass it on. */
__attribute__((constructor)) static void harness_begin(int word_count, char **words)
{
    harness_word_count = word_count;
    harness_words = words;
}

/* Whether main was given this word; asked before the first test. */
static inline bool harness_flag(const char *flag)
{
    for (int i = 1; i < harness_word_count; i++) {
        if (harness_words[i] && strcmp(harness_words[i], flag) == 0) {
            harness_words[i] = NULL;
            return true;
        }
    }
    return false;
}

/* Whether main was given this option, and the number that follows it, which must. */
static inline bool harness_number(const char *option, uint64_t *ret_number)
{
    for (int i = 1; i < harness_word_count; i++) {
        if (!harness_words[i] || strcmp(harness_words[i], option) != 0)
            continue;
        const char *word = i + 1 < harness_word_count ? harness_words[i + 1] : NULL;
        char *end = NULL;
        unsigned long long number = word ? strtoull(word, &end, 10) : 0;
        if (!word || *word < '0' || *word > '9' || *end) {
            fprintf(stderr, "%s: expected a number after it, not %s\n", option,
                    word ? word : "nothing");
            exit(HARNESS_USAGE);
        }
        harness_words[i] = harness_words[i + 1] = NULL;
        *ret_number = number;
        return true;
    }
    return false;
}

static inline bool harness_is_test(const char *word)
{
    for (int i = 0; i < harness_name_count; i++) {
        if (strcmp(harness_names[i], word) == 0)
            return true;
    }
    return false;
}

/* Whether the words name this test, or none at all. */
static inline bool harness_wanted(const char *name)
{
    bool all = true;
    assert(harness_name_count < HARNESS_MOST);
    harness_names[harness_name_count++] = name;
    for (int i = 1; i < harness_word_count; i++) {
        if (harness_words[i] && strcmp(harness_words[i], name) == 0)
            return true;
        all &= !harness_words[i];
    }
    return all;
}

/* Says which words are no names. Where tests were skipped without their names, any may be theirs.
 */
static inline bool harness_words_are_names(void)
{
    bool known = true;
    for (int i = 1; i < harness_word_count && !harness_skipped; i++) {
        if (!harness_words[i] || harness_is_test(harness_words[i]))
            continue;
        known = false;
        fprintf(stderr, "no test is called %s; expected of:", harness_words[i]);
        for (int j = 0; j < harness_name_count; j++)
            fprintf(stderr, "%s %s", j ? "," : "", harness_names[j]);
        fputc('\n', stderr);
    }
    return known;
}

static inline void harness_claim(bool holds, const char *claim, const char *file, int line)
{
    harness_claims++;
    if (!holds) {
        harness_false_claims++;
        printf("# %s:%d: false: %s\n", file, line, claim);
    }
}

/* Wide enough for every number, addresses of IPv6 included; shown are the lower 64 bits. */
static inline void harness_equal(__int128 left, __int128 right, const char *claim, const char *file,
                                 int line)
{
    harness_claims++;
    if (left != right) {
        harness_false_claims++;
        printf("# %s:%d: %s: %" PRId64 ", expected %" PRId64 "\n", file, line, claim, (int64_t)left,
               (int64_t)right);
    }
}

static inline void harness_same_text(const char *left, const char *right, const char *file,
                                     int line)
{
    harness_claims++;
    if (strcmp(left, right) != 0) {
        harness_false_claims++;
        printf("# %s:%d: \"%s\", expected \"%s\"\n", file, line, left, right);
    }
}

static inline void harness_tell_skipped(const char *name, const char *why)
{
    harness_tests++;
    printf("ok %d - %s # SKIP %s\n", harness_tests, name, why);
}

/* Instead of tests, which the machine does not permit. */
static inline void harness_skip(const char *name, const char *why)
{
    harness_skipped = true;
    harness_tell_skipped(name, why);
}

/* Called by a test that the machine does not let do what it is for. why lives until it has ended.
 */
static inline void harness_leave_out(const char *why)
{
    harness_left_out = why;
}

/* A test that makes no claim proves nothing, so it fails. */
static inline void harness_run(void (*test)(void), const char *name)
{
    if (!harness_wanted(name))
        return;
    harness_false_claims = harness_claims = 0;
    harness_left_out = NULL;
    test();
    bool failed = harness_false_claims > 0 || (harness_claims == 0 && !harness_left_out);
    if (harness_left_out && !failed) {
        harness_tell_skipped(name, harness_left_out);
    } else {
        harness_tests++;
        harness_failed_tests += failed;
        printf("%sok %d - %s%s\n", failed ? "not " : "", harness_tests, name,
               harness_claims == 0 ? " (claims nothing)" : "");
    }
    fflush(stdout);
}

/* A line that every build must print alike: tools/test compares gcc, sanitizers and clang. */
static inline void harness_digest(const char *name, uint64_t digest)
{
    printf("# digest %s %016" PRIx64 "\n", name, digest);
}

static inline int harness_done(void)
{
    if (!harness_words_are_names())
        return HARNESS_USAGE;
    printf("1..%d\n", harness_tests);
    return harness_failed_tests > 0;
}

#define CHECK(claim) harness_claim((claim), #claim, __FILE__, __LINE__)
#define CHECK_EQUAL(left, right)                                                                   \
    harness_equal((__int128)(left), (__int128)(right), #left, __FILE__, __LINE__)
#define CHECK_TEXT(left, right) harness_same_text((left), (right), __FILE__, __LINE__)
#define TEST(test)              harness_run((test), #test)
