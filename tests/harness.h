/* The smallest test harness that speaks TAP.
 *
 * A test program is a list of functions; each makes claims with CHECK and goes on after a false
 * one, so that one run shows everything that is wrong. What a test stands for in the README is
 * written in its name.
 *
 *     static void best_prefers_shorter_path(void) { CHECK(choose(a, b) == a); }
 *     int main(void) { TEST(best_prefers_shorter_path); return harness_done(); }
 */
#pragma once

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int harness_tests, harness_failed_tests, harness_false_claims, harness_claims;
static const char *harness_left_out; /* why the test at hand could not go on */

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

static inline void harness_skip(const char *name, const char *why)
{
    harness_tests++;
    printf("ok %d - %s # SKIP %s\n", harness_tests, name, why);
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
    harness_false_claims = harness_claims = 0;
    harness_left_out = NULL;
    test();
    bool failed = harness_false_claims > 0 || (harness_claims == 0 && !harness_left_out);
    if (harness_left_out && !failed) {
        harness_skip(name, harness_left_out);
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
    printf("1..%d\n", harness_tests);
    return harness_failed_tests > 0;
}

#define CHECK(claim) harness_claim((claim), #claim, __FILE__, __LINE__)
#define CHECK_EQUAL(left, right)                                                                   \
    harness_equal((__int128)(left), (__int128)(right), #left, __FILE__, __LINE__)
#define CHECK_TEXT(left, right) harness_same_text((left), (right), __FILE__, __LINE__)
#define TEST(test)              harness_run((test), #test)
