#include "check/baseline.h"

#include "check/check_rig.h"

#include <dirent.h>

#define TOKYO_1 "tunnel-recursion vpn-tokyo/1 0.0.0.0/0 nagano"
#define TOKYO_2 "tunnel-recursion vpn-tokyo/2 0.0.0.0/0 nagano"
#define SAMPLE  "default-from-sample vpn-nagano 0.0.0.0/0 nagano"

static bool parse(const char *text, struct diagnostics *diagnostics, struct baseline **ret_baseline)
{
    diagnostics_init(diagnostics);
    *ret_baseline = NULL;
    struct slice slice = {(const uint8_t *)text, strlen(text)};
    return baseline_parse(slice, "known.txt", diagnostics, ret_baseline);
}

/* The answer about the pasted sample, with what this baseline knows left out. */
static struct check *check_against(const struct network *network, const char *text)
{
    struct diagnostics diagnostics;
    struct baseline *baseline;
    struct check *check = rig_check_as_told(network);
    CHECK(parse(text, &diagnostics, &baseline));
    baseline_apply(check, baseline);
    baseline_free(baseline);
    diagnostics_done(&diagnostics);
    return check;
}

static const char *gone(const struct check *check, size_t at)
{
    const struct check_texts *texts = &check_left_out(check)->gone;
    return at < texts->count ? texts->items[at] : "(none)";
}

static void what_is_known_is_left_out(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = check_against(network, "# known\n\n"
                                                 "certain " TOKYO_2 "\r\n"
                                                 "\tlikely\t" SAMPLE "  # until May");
    CHECK_EQUAL((int64_t)check_finding_count(check), 1);
    CHECK_TEXT(check_finding(check, 0)->identity, TOKYO_1);
    CHECK_EQUAL((int64_t)check_left_out(check)->baseline, 2);
    CHECK_EQUAL((int64_t)check_left_out(check)->gone.count, 0);
    CHECK_EQUAL((int64_t)check_left_out(check)->graver.count, 0);
    check_free(check);
    network_free(network);
}

static void what_has_grown_worse_is_shown(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = check_against(network, "latent " TOKYO_1 "\n"
                                                 "certain " SAMPLE "\n");
    CHECK_EQUAL((int64_t)check_finding_count(check), 2); /* the sample is less grave: left out */
    CHECK_EQUAL((int64_t)check_left_out(check)->baseline, 1);
    const struct check_texts *graver = &check_left_out(check)->graver;
    CHECK_EQUAL((int64_t)graver->count, 1);
    CHECK_TEXT(graver->count ? graver->items[0] : "",
               "certain " TOKYO_1 ": latent in the baseline");
    CHECK_EQUAL((int64_t)check_left_out(check)->gone.count, 0);
    check_free(check);
    network_free(network);
}

/* A line leaves out one finding; the same line again, and another place, are missed. */
static void what_is_not_there_any_more_is_said(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = check_against(network, "certain " TOKYO_1 "\n"
                                                 "latent single-tunnel vpn-osaka - -\n"
                                                 "certain " TOKYO_1 "\n");
    CHECK_EQUAL((int64_t)check_left_out(check)->baseline, 1);
    CHECK_EQUAL((int64_t)check_left_out(check)->gone.count, 2);
    CHECK_TEXT(gone(check, 0), "latent single-tunnel vpn-osaka - -");
    CHECK_TEXT(gone(check, 1), "certain " TOKYO_1 " #2");
    check_free(check);
    network_free(network);
}

static void what_nobody_asks_for_is_not_missed(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_as_told(network);
    struct diagnostics diagnostics;
    struct baseline *baseline;
    memset(check->selected, 0, sizeof check->selected);
    check->selected[CHECK_FINDING_TUNNEL_RECURSION] = true;
    CHECK(parse("latent single-tunnel vpn-osaka - -\ncertain tunnel-recursion a/1 - -",
                &diagnostics, &baseline));
    baseline_apply(check, baseline);
    CHECK_EQUAL((int64_t)check_left_out(check)->gone.count, 1);
    CHECK_TEXT(gone(check, 0), "certain tunnel-recursion a/1 - -");
    baseline_free(baseline);
    diagnostics_done(&diagnostics);
    check_free(check);
    network_free(network);
}

static void what_is_written_leaves_out_everything(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_as_told(network);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    check->findings[2].identity = check->findings[0].identity; /* one of two */
    check->findings[2].kind = check->findings[0].kind;
    check->findings[2].identity = TOKYO_1 " #2";
    baseline_write(check, out);
    fclose(out);
    check_free(check);
    check = rig_check_as_told(network);
    check->findings[2].identity = TOKYO_1 " #2";
    struct diagnostics diagnostics;
    struct baseline *baseline;
    CHECK(parse(text, &diagnostics, &baseline));
    baseline_apply(check, baseline);
    CHECK_EQUAL((int64_t)check_finding_count(check), 0);
    CHECK_EQUAL((int64_t)check_left_out(check)->baseline, 3);
    CHECK_EQUAL((int64_t)check_left_out(check)->gone.count, 0);
    baseline_free(baseline);
    diagnostics_done(&diagnostics);
    check_free(check);
    network_free(network);
    free(text);
}

static void know_story(const char *name)
{
    struct network *network = rig_story(name, NULL, NULL);
    struct check_options options = {.seed = RIG_SEED, .no_remedies = true};
    struct check *check = check_run(network, &options);
    size_t count = check_finding_count(check), size;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    baseline_write(check, out);
    fclose(out);
    struct diagnostics diagnostics;
    struct baseline *baseline;
    CHECK(parse(text, &diagnostics, &baseline));
    if (baseline)
        baseline_apply(check, baseline);
    if (check_finding_count(check) || check_left_out(check)->gone.count)
        printf("# %s\n", name);
    CHECK_EQUAL((int64_t)check_finding_count(check), 0);
    CHECK_EQUAL((int64_t)check_left_out(check)->baseline, (int64_t)count);
    CHECK_EQUAL((int64_t)check_left_out(check)->gone.count, 0);
    baseline_free(baseline);
    diagnostics_done(&diagnostics);
    check_free(check);
    network_free(network);
    free(text);
}

/* Whatever kinds of findings there are. */
static void every_story_can_be_known(void)
{
    DIR *stories = opendir("tests/stories");
    size_t count = 0;
    for (struct dirent *entry; stories && (entry = readdir(stories));) {
        if (!strstr(entry->d_name, ".yaml"))
            continue;
        know_story(entry->d_name);
        count++;
    }
    CHECK(count > 20);
    if (stories)
        closedir(stories);
}

static void mistakes_have_their_place(void)
{
    static const struct {
        const char *text;
        unsigned line, column;
        const char *message, *hint;
    } cases[] = {
        {"certain " TOKYO_1 "\nsure " TOKYO_2, 2, 1, "\"sure\" is not a level",
         "expected certain, likely, latent or protected"},
        {"certain tunnel-recursoin a/1 - -", 1, 9, "\"tunnel-recursoin\" is not a finding",
         "did you mean \"tunnel-recursion\"?"},
        {"certain nonsense a/1 - -", 1, 9, "\"nonsense\" is not a finding",
         "sekisho check --list has all findings"},
        {"\n  certain T01 # a/1 - -", 2, 3, "2 words",
         "expected a level, a finding, its place, a prefix or -, a router or -"},
        {"certain", 1, 1, "1 word",
         "expected a level, a finding, its place, a prefix or -, a router or -"},
        {"certain " TOKYO_1 " too", 1, 1, "6 words",
         "expected a level, a finding, its place, a prefix or -, a router or -"},
        {"certain tunnel-recursion a\x01/1 - -", 1, 26, "\"a?/1\" is no word of a finding", "-"},
        {"certain tunnel-recursion t\xc3\xb6kyo/1 - -", 1, 26,
         "\"t\xc3\xb6kyo/1\" is no word of a finding", "-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct diagnostics diagnostics;
        struct baseline *baseline;
        CHECK(!parse(cases[i].text, &diagnostics, &baseline));
        CHECK(baseline == NULL);
        CHECK_EQUAL((int64_t)diagnostics.count, 1);
        if (diagnostics.count == 1) {
            const struct diagnostic *said = &diagnostics.items[0];
            CHECK_EQUAL(said->place.line, cases[i].line);
            CHECK_EQUAL(said->place.column, cases[i].column);
            CHECK_TEXT(said->message, cases[i].message);
            CHECK_TEXT(said->hint ? said->hint : "-", cases[i].hint);
        }
        diagnostics_done(&diagnostics);
    }
}

static void all_mistakes_are_told_at_once(void)
{
    struct diagnostics diagnostics;
    struct baseline *baseline;
    CHECK(!parse("a b\nsure nonsense a/1 - -\n", &diagnostics, &baseline));
    CHECK_EQUAL((int64_t)diagnostics.count, 3);
    diagnostics_done(&diagnostics);
}

static void an_endless_file_is_refused(void)
{
    static const char line[] = "latent single-tunnel a - -\n";
    size_t size = sizeof line - 1, count = BASELINE_LINES_MAX + 1;
    char *text = malloc(size * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * size, line, size + 1);
    struct diagnostics diagnostics;
    struct baseline *baseline;
    CHECK(!parse(text, &diagnostics, &baseline));
    CHECK_EQUAL((int64_t)diagnostics.count, 1);
    diagnostics_done(&diagnostics);
    text[size * BASELINE_LINES_MAX] = 0;
    CHECK(parse(text, &diagnostics, &baseline));
    baseline_free(baseline);
    diagnostics_done(&diagnostics);
    free(text);
}

int main(void)
{
    TEST(what_is_known_is_left_out);
    TEST(what_has_grown_worse_is_shown);
    TEST(what_is_not_there_any_more_is_said);
    TEST(what_nobody_asks_for_is_not_missed);
    TEST(what_is_written_leaves_out_everything);
    TEST(every_story_can_be_known);
    TEST(mistakes_have_their_place);
    TEST(all_mistakes_are_told_at_once);
    TEST(an_endless_file_is_refused);
    return harness_done();
}
