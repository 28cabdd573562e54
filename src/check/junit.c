#include "check/junit.h"

#include "check/parts.h"
#include "check/render.h"
#include "network/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { SCREEN_WIDTH = 100, HEADLINE_BYTES = 512 };

/* -- XML -- */

/* XML 1.0, production 2. */
static bool is_xml(uint32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' || (code >= ' ' && code <= 0xd7ff) ||
           (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

/* Fit for an attribute and for an element's text: a newline stays one in both. */
static void escaped(FILE *out, const char *text, bool attribute)
{
    size_t left = strlen(text), step;
    for (; left > 0; text += step, left -= step) {
        uint32_t code = utf8_at(text, left, &step);
        if (!is_xml(code))
            fputs("\xef\xbf\xbd", out);
        else if (code == '<')
            fputs("&lt;", out);
        else if (code == '>')
            fputs("&gt;", out);
        else if (code == '&')
            fputs("&amp;", out);
        else if (code == '"' && attribute)
            fputs("&quot;", out);
        else if ((code < ' ' && attribute) || code == '\r')
            fprintf(out, "&#%u;", (unsigned)code);
        else
            fwrite(text, 1, step, out);
    }
}

static void attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    escaped(out, value, true);
    fputc('"', out);
}

static void count_attribute(FILE *out, const char *name, size_t count)
{
    fprintf(out, " %s=\"%zu\"", name, count);
}

/* -- cases -- */

/* Findings of a kind at or above a level, or below it. */
static size_t count_of(const struct check *check, enum check_finding_kind kind,
                       enum check_level fail_on, bool failing)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        count += finding->kind == kind && (finding->level >= fail_on) == failing;
    }
    return count;
}

static void put_headline(FILE *out, const struct check_finding *finding, bool in_attribute)
{
    char words[HEADLINE_BYTES];
    struct text text = text_over(words, sizeof words);
    text_headline(&text, finding, finding->tunnel);
    escaped(out, words, in_attribute);
}

static void put_evidence(FILE *out, const struct check_finding *finding)
{
    char *words = NULL;
    size_t size;
    struct screen screen = {.out = open_memstream(&words, &size), .width = SCREEN_WIDTH};
    if (!screen.out)
        return;
    render_evidence(&screen, "sekisho", finding, 1, NULL);
    fclose(screen.out);
    escaped(out, words, false);
    free(words);
}

/* The findings of a kind on one side of the level, headline and evidence. */
static void put_findings(const struct check *check, FILE *out, enum check_finding_kind kind,
                         enum check_level fail_on, bool failing)
{
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (finding->kind != kind || (finding->level >= fail_on) != failing)
            continue;
        fprintf(out, "%s: ", check_level_name(finding->level));
        put_headline(out, finding, false);
        fputc('\n', out);
        put_evidence(out, finding);
    }
}

/* message: the headline of the gravest, and how many more there are. */
static void put_failure(const struct check *check, FILE *out, enum check_finding_kind kind,
                        enum check_level fail_on, size_t count)
{
    size_t first = 0;
    while (check_finding(check, first)->kind != kind)
        first++;
    fputs("      <failure message=\"", out);
    put_headline(out, check_finding(check, first), true);
    if (count > 1)
        fprintf(out, " (and %zu more)", count - 1);
    fputc('"', out);
    attribute(out, "type", check_level_name(check_finding(check, first)->level));
    fputs(">\n", out);
    put_findings(check, out, kind, fail_on, true);
    fputs("</failure>\n", out);
}

/* Why the answer is none; NULL: it is one. */
static const char *undecided(const struct check *check)
{
    if (check_interrupted(check))
        return "interrupted: not everything was tried";
    return check_verdict(check) == CHECK_UNKNOWN ? "the verdict is unknown" : NULL;
}

/* Why a case says neither yes nor no; NULL: it says. Of an answer that is none, that there is no
 * such finding is not known. */
static const char *why_skipped(const struct check *check, enum check_finding_kind kind,
                               enum check_level fail_on)
{
    if (!check->selected[kind])
        return "not asked for";
    bool found = count_of(check, kind, fail_on, true) + count_of(check, kind, fail_on, false) > 0;
    return found ? NULL : undecided(check);
}

static void open_case(FILE *out, const char *name)
{
    fputs("    <testcase", out);
    attribute(out, "classname", "sekisho.check");
    attribute(out, "name", name);
}

/* An outcome that has a message alone. */
static void put_outcome(FILE *out, const char *element, const char *message)
{
    fprintf(out, "      <%s", element);
    attribute(out, "message", message);
    fputs("/>\n", out);
}

/* The verdict, where no finding stands for it: what makes the program exit with another status than
 * 0 is red here, too. */
static void put_verdict(const struct check *check, FILE *out)
{
    const char *none = undecided(check), *complaint = check_complaint(check);
    open_case(out, "verdict");
    if (!none && !check_verdict_fails(check)) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    if (none)
        put_outcome(out, "error", complaint && !check_interrupted(check) ? complaint : none);
    else
        put_outcome(out, "failure", complaint ? complaint : "it is not stable");
    fputs("    </testcase>\n", out);
}

static void put_case(const struct check *check, FILE *out, enum check_finding_kind kind,
                     enum check_level fail_on)
{
    size_t failing = count_of(check, kind, fail_on, true);
    size_t others = count_of(check, kind, fail_on, false);
    const char *skipped = why_skipped(check, kind, fail_on);
    open_case(out, check_finding_name(kind));
    if (!skipped && failing + others == 0) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    if (skipped)
        put_outcome(out, "skipped", skipped);
    if (failing)
        put_failure(check, out, kind, fail_on, failing);
    if (others) {
        fputs("      <system-out>\n", out);
        put_findings(check, out, kind, fail_on, false);
        fputs("</system-out>\n", out);
    }
    fputs("    </testcase>\n", out);
}

/* -- the suite -- */

static void put_counts(const struct check *check, FILE *out, enum check_level fail_on)
{
    bool none = undecided(check) != NULL;
    size_t failures = !none && check_verdict_fails(check), skipped = 0;
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        failures += count_of(check, (enum check_finding_kind)i, fail_on, true) > 0;
        skipped += why_skipped(check, (enum check_finding_kind)i, fail_on) != NULL;
    }
    count_attribute(out, "tests", CHECK_FINDING_KINDS + 1);
    count_attribute(out, "failures", failures);
    count_attribute(out, "errors", none);
    count_attribute(out, "skipped", skipped);
}

static void put_property(FILE *out, const char *name, const char *value)
{
    fputs("      <property", out);
    attribute(out, "name", name);
    attribute(out, "value", value);
    fputs("/>\n", out);
}

void junit_write(const struct check *check, const char *name, enum check_level fail_on, FILE *out)
{
    char count[24];
    snprintf(count, sizeof count, "%zu", check_left_out(check)->baseline);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite", out);
    attribute(out, "name", name);
    put_counts(check, out, fail_on);
    fputs(">\n    <properties>\n", out);
    put_property(out, "verdict", check_verdict_name(check_verdict(check)));
    put_property(out, "left out by the baseline", count);
    fputs("    </properties>\n", out);
    put_verdict(check, out);
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        put_case(check, out, (enum check_finding_kind)i, fail_on);
    if (check_complaint(check)) {
        fputs("    <system-err>", out);
        escaped(out, check_complaint(check), false);
        fputs("</system-err>\n", out);
    }
    fputs("  </testsuite>\n</testsuites>\n", out);
}
