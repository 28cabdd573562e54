/* Random networks, checked: what the checker says of them holds.
 *
 * Every remedy is applied as a user would: the file is written, read again and checked anew; then
 * what it cures is gone and the network is stable. The iteration (check/screen.h), asked here by
 * itself, ends as the verdict says, or the answer says that it does not. The texts of all answers
 * go into one digest, which every build must print alike.
 *
 *     check_random_test --seeds 10000     more of them, and what became of them
 *     check_random_test --ipv6 100        with IPv6 in so many of 100
 *     check_random_test --seed 77         one, with its answer */
#include "check/random_rig.h"
#include "check/screen.h"

#include "explain/json.h"

#include <time.h>

static uint64_t first_seed = 1, seed_count = 80, six_percent, policy_percent;
static bool verbose;

enum { SIX_SEEDS = 60 };

static struct {
    size_t verdicts[CHECK_UNKNOWN + 1];
    size_t findings[CHECK_FINDING_KINDS][CHECK_CERTAIN + 1];
    size_t remedies[CHECK_REMEDY_KINDS];
    size_t runs, differences;
    int64_t slowest_us;
    uint64_t slowest_seed;
} seen;

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* -- a remedy's file -- */

static bool same_text(const char *left, const char *right)
{
    return left == right || (left && right && strcmp(left, right) == 0);
}

static bool is_same(const struct check_finding *left, const struct check_finding *right)
{
    return left->kind == right->kind && same_text(left->condition, right->condition) &&
           same_text(left->tunnel, right->tunnel) && same_text(left->place, right->place) &&
           left->no_prefix == right->no_prefix &&
           same_text(left->origin.router, right->origin.router) &&
           same_text(left->origin.attachment, right->origin.attachment) &&
           (left->no_prefix || prefix_equal(left->prefix, right->prefix));
}

/* What is only guarded against now, or would have to be announced first, is cured. */
static bool is_gone(const struct check_finding *cured, const struct check *after)
{
    for (size_t i = 0; i < check_finding_count(after); i++) {
        const struct check_finding *left = check_finding(after, i);
        if (left->level != CHECK_PROTECTED && is_same(left, cured))
            return false;
    }
    return true;
}

static bool cures_what_is_gone(const struct check *check, const struct check *after, size_t number)
{
    bool all = true;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        for (size_t j = 0; j < finding->remedy_count; j++) {
            if (finding->remedies[j].number == number)
                all &= is_gone(finding, after);
        }
    }
    return all;
}

static const struct check_finding *cured_by(const struct check *check, size_t number,
                                            enum check_remedy_kind *ret_kind)
{
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        for (size_t j = 0; j < finding->remedy_count; j++) {
            *ret_kind = finding->remedies[j].kind;
            if (finding->remedies[j].number == number)
                return finding;
        }
    }
    return NULL;
}

/* A tunnel that swallowed itself is cured with the network. A wrong setting may be cured where
 * something else goes round. */
static bool verdict_fits(const struct check *check, const struct check *after,
                         const struct check_finding *finding)
{
    return check_verdict(after) == CHECK_STABLE ||
           ((finding->what || finding->condition) && check_verdict(after) == check_verdict(check));
}

/* What an announcement would do is asked of the network without its story, and cured there: a story
 * that breaks something itself has cures of its own. */
static struct network asked_of(const struct network *network, const struct check_finding *finding)
{
    struct network view = *network;
    if (!finding->condition)
        return view;
    view.story = NULL;
    view.step_count = 0;
    view.until_us = -1;
    return view;
}

/* Four orders of starts are a sample: what depends on them may not show in the file's own. */
static bool depends_anyway(const struct network *network)
{
    bool depends = false;
    for (uint64_t seed = 2; !depends && seed < 18; seed++) {
        struct check *check = check_run(
            network,
            &(struct check_options){.seed = seed, .no_remedies = true, .no_variants = true});
        depends = check_verdict(check) == CHECK_ORDER_DEPENDENT;
        check_free(check);
    }
    return depends;
}

static void apply(uint64_t seed, const struct network *network, const struct check *check,
                  size_t number)
{
    enum check_remedy_kind kind;
    const struct check_finding *finding = cured_by(check, number, &kind);
    CHECK(finding != NULL);
    if (!finding)
        return;
    struct network *edited = check_remedy_applied(check, number);
    struct network *again = random_read_again(edited);
    bool written = again && network_equal(edited, again);
    struct check *after = NULL;
    struct network view = {0};
    if (written) {
        view = asked_of(again, finding);
        after = check_run(&view, &(struct check_options){.seed = 1,
                                                         .no_remedies = true,
                                                         .no_variants = !finding->condition});
    }
    bool gone = after && cures_what_is_gone(check, after, number);
    bool well = after && verdict_fits(check, after, finding);
    if (after && !well && check_verdict(after) == CHECK_ORDER_DEPENDENT) {
        struct network asked = asked_of(network, finding);
        well = depends_anyway(&asked);
    }
    if (!written || !gone || !well)
        printf("# seed %" PRIu64 ": remedy %zu (%s) %s: %s, then %s\n", seed, number,
               check_remedy_name(kind),
               !written ? "is not written as it was proved"
               : !gone  ? "does not cure"
                        : "leaves the network unwell",
               check_verdict_name(check_verdict(check)),
               after ? check_verdict_name(check_verdict(after)) : "nothing");
    CHECK(written && gone && well);
    seen.remedies[kind]++;
    check_free(after);
    network_free(again);
    network_free(edited);
}

/* -- the iteration -- */

static enum check_verdict verdict_of(const struct screen *screen)
{
    return screen->end == SCREEN_OSCILLATES ? CHECK_UNSTABLE
           : screen->end != SCREEN_STABLE   ? CHECK_UNKNOWN
           : screen_all_up(screen)          ? CHECK_STABLE
                                            : CHECK_DEGRADED;
}

/* That the two differ; or that it is BGP alone that goes round, by a finding or as a complaint. */
static bool says_so(const struct check *check)
{
    const struct check_texts *texts = check_assumptions(check);
    bool said = check_verdict(check) == CHECK_UNKNOWN || check_complaint(check) != NULL;
    for (size_t i = 0; i < texts->count; i++)
        said |= strncmp(texts->items[i], "the iteration ", strlen("the iteration ")) == 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        said |= check_finding(check, i)->kind == CHECK_FINDING_PREFIX_LIMIT &&
                check_finding(check, i)->level >= CHECK_LIKELY;
    return said;
}

static void iterate(uint64_t seed, const struct network *network, const struct check *check)
{
    struct screen screen;
    CHECK(screen_begin(&screen, network));
    screen_run_story(&screen);
    bool differs = verdict_of(&screen) != check_verdict(check);
    if (differs && !says_so(check))
        printf("# seed %" PRIu64 ": %s, and the iteration has it %s\n", seed,
               check_verdict_name(check_verdict(check)), check_verdict_name(verdict_of(&screen)));
    CHECK(!differs || says_so(check));
    seen.differences += differs;
    screen_end(&screen);
}

/* -- an answer -- */

static void digest_answer(struct digest *digest, const struct check *check)
{
    struct json_t *answer = check_json(check);
    char *text = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
    CHECK(text != NULL);
    if (text)
        digest_bytes(digest, (struct slice){(const uint8_t *)text, strlen(text)});
    free(text);
    json_decref(answer);
}

static void count(uint64_t seed, const struct check *check)
{
    seen.verdicts[check_verdict(check)]++;
    seen.runs += check_networks_run(check);
    for (size_t i = 0; i < check_finding_count(check); i++)
        seen.findings[check_finding(check, i)->kind][check_finding(check, i)->level]++;
    if (check_spent_us(check) > seen.slowest_us) {
        seen.slowest_us = check_spent_us(check);
        seen.slowest_seed = seed;
    }
}

static void ask(uint64_t seed, struct digest *digest)
{
    struct network *network = random_network(seed, (unsigned)six_percent, (unsigned)policy_percent);
    struct check *check =
        check_run(network, &(struct check_options){.seed = 1, .clock_us = monotonic_us});
    CHECK(check != NULL);
    digest_answer(digest, check);
    count(seed, check);
    iterate(seed, network, check);
    if (verbose)
        check_render(check, stdout, &(struct check_render_options){.title = "random"});
    for (size_t number = 1; number <= check_remedy_total(check); number++)
        apply(seed, network, check, number);
    check_free(check);
    network_free(network);
}

static void what_is_said_of_random_networks_holds(void)
{
    struct digest digest = digest_start();
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++)
        ask(seed, &digest);
    harness_digest("random answers", digest_end(&digest));
}

static void what_is_said_of_networks_with_ipv6_and_policies_holds(void)
{
    what_is_said_of_random_networks_holds();
}

static void show_counts(void)
{
    printf("# page: %" PRIu64 " random networks, %zu runs. Verdicts:", seed_count, seen.runs);
    for (int i = 0; i <= CHECK_UNKNOWN; i++)
        printf("%s %zu %s", i ? "," : "", seen.verdicts[i],
               check_verdict_name((enum check_verdict)i));
    printf(".\n# page: The iteration ends otherwise in %zu, and each answer says so"
           " (a session that goes round moves no tunnel).\n",
           seen.differences);
    printf("# page:\n# page: | finding | certain | likely | latent | protected |\n"
           "# page: |---|---:|---:|---:|---:|\n");
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        const size_t *levels = seen.findings[i];
        printf("# page: | %s | %zu | %zu | %zu | %zu |\n",
               check_finding_name((enum check_finding_kind)i), levels[CHECK_CERTAIN],
               levels[CHECK_LIKELY], levels[CHECK_LATENT], levels[CHECK_PROTECTED]);
    }
    printf("# page:\n# page: | remedy | applied, and seen to cure |\n# page: |---|---:|\n");
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++)
        printf("# page: | %s | %zu |\n", check_remedy_name((enum check_remedy_kind)i),
               seen.remedies[i]);
    printf("# page:\n# page: The slowest answer: seed %" PRIu64 ", %.1f s.\n", seen.slowest_seed,
           (double)seen.slowest_us / 1e6);
}

int main(void)
{
    harness_number("--ipv6", &six_percent);
    harness_number("--policies", &policy_percent);
    harness_number("--seeds", &seed_count);
    verbose = harness_number("--seed", &first_seed);
    if (verbose)
        seed_count = 1;
    TEST(what_is_said_of_random_networks_holds);
    if (!verbose)
        show_counts();
    if (!verbose && six_percent == 0) { /* and with IPv6 and policies, which are not on the page */
        six_percent = 100;
        policy_percent = 50;
        seed_count = seed_count < SIX_SEEDS ? seed_count : SIX_SEEDS;
        TEST(what_is_said_of_networks_with_ipv6_and_policies_holds);
    }
    return harness_done();
}
