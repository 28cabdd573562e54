#include "check/baseline.h"

#include "base/sort.h"
#include "check/select.h"
#include "network/memory.h"
#include "network/suggest.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 5, WORD_MAX = 800 };

struct entry {
    enum check_level level;
    enum check_finding_kind kind;
    char *identity; /* with its number behind it, as a finding's */
};

struct baseline {
    struct entry *entries; /* by identity */
    size_t count, cap;
};

/* -- reading -- */

struct word {
    const char *text;
    size_t size;
    unsigned column; /* from 1, in characters */
};

struct reading {
    struct diagnostics *diagnostics;
    struct baseline *baseline;
    unsigned line;
};

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r';
}

/* The line's words up to its comment: at most cap are kept, all are counted. */
static size_t split(struct slice line, struct word *words, size_t cap)
{
    const char *text = (const char *)line.data;
    size_t count = 0;
    unsigned column = 1;
    for (size_t at = 0; at < line.size && text[at] != '#';) {
        size_t begin = at;
        unsigned begins = column;
        while (at < line.size && !is_blank(text[at])) {
            column += ((uint8_t)text[at] & 0xc0) != 0x80;
            at++;
        }
        if (at > begin && count++ < cap)
            words[count - 1] = (struct word){text + begin, at - begin, begins};
        for (; at < line.size && is_blank(text[at]); at++)
            column++;
    }
    return count;
}

static void complain(const struct reading *reading, const struct word *word, const char *hint,
                     const char *problem)
{
    struct quoted shown = diagnostics_quote(word->text, word->size);
    struct place place = {reading->line, word->column};
    diagnostics_add(reading->diagnostics, place, (unsigned)(word->size < 80 ? word->size : 80),
                    hint, "\"%s\" %s", shown.text, problem);
}

static bool read_level(const struct reading *reading, const struct word *word,
                       enum check_level *ret_level)
{
    struct quoted text = diagnostics_quote(word->text, word->size);
    if (check_find_level(text.text, ret_level))
        return true;
    complain(reading, word, "expected certain, likely, latent or protected", "is not a level");
    return false;
}

static bool read_kind(const struct reading *reading, const struct word *word,
                      enum check_finding_kind *ret_kind)
{
    struct quoted text = diagnostics_quote(word->text, word->size);
    struct suggestion suggestion = suggest_for(text.text);
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        const char *name = check_finding_name((enum check_finding_kind)i);
        suggest_offer(&suggestion, name, (size_t)i);
        if (strcmp(name, text.text) == 0) {
            *ret_kind = (enum check_finding_kind)i;
            return true;
        }
    }
    char hint[96] = "sekisho check --list has all findings";
    if (suggestion.nearest)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", suggestion.nearest);
    complain(reading, word, hint, "is not a finding");
    return false;
}

/* The identity: the last four words, divided by one blank. */
static char *identity_text(const struct word *words)
{
    char text[(WORDS - 1) * (WORD_MAX + 1)];
    size_t size = 0;
    for (int i = 1; i < WORDS; i++) {
        memcpy(text + size, words[i].text, words[i].size);
        size += words[i].size;
        text[size++] = ' ';
    }
    return memory_text(text, size - 1);
}

static bool is_sound(const struct word *word)
{
    for (size_t i = 0; i < word->size; i++) {
        if (word->text[i] < '!' || word->text[i] > '~')
            return false;
    }
    return word->size <= WORD_MAX;
}

static void read_entry(struct reading *reading, const struct word *words, size_t count)
{
    struct baseline *baseline = reading->baseline;
    struct entry entry;
    if (count != WORDS) {
        diagnostics_add(reading->diagnostics, (struct place){reading->line, words[0].column}, 1,
                        "expected a level, a finding, its place, a prefix or -, a router or -",
                        "%zu word%s", count, count == 1 ? "" : "s");
        return;
    }
    for (int i = 0; i < WORDS; i++) {
        if (!is_sound(&words[i])) {
            complain(reading, &words[i], NULL, "is no word of a finding");
            return;
        }
    }
    bool level = read_level(reading, &words[0], &entry.level);
    if (!read_kind(reading, &words[1], &entry.kind) || !level)
        return;
    entry.identity = identity_text(words);
    baseline->entries =
        memory_grow(baseline->entries, baseline->count, &baseline->cap, sizeof *baseline->entries);
    baseline->entries[baseline->count++] = entry;
}

/* By identity; the gravest first, as findings are. */
static int by_identity(const void *left, const void *right, const void *ctx)
{
    const struct entry *first = left, *second = right;
    int order = strcmp(first->identity, second->identity);
    (void)ctx;
    return order ? order : (int)second->level - (int)first->level;
}

static void sort_entries(struct baseline *baseline)
{
    if (baseline->count == 0)
        return;
    struct entry *scratch = memory_zeroed(baseline->count, sizeof *scratch);
    sort_stable(baseline->entries, baseline->count, sizeof *scratch, scratch, by_identity, NULL);
    free(scratch);
}

/* The second line of an identity is for the second finding of it. */
static void number_entries(struct baseline *baseline)
{
    char *before = NULL;
    size_t number = 1;
    for (size_t i = 0; i < baseline->count; i++) {
        struct entry *entry = &baseline->entries[i];
        bool same = before && strcmp(entry->identity, before) == 0;
        number = same ? number + 1 : 1;
        if (!same) {
            before = entry->identity;
            continue;
        }
        size_t size = strlen(before) + 24;
        char *numbered = memory_zeroed(1, size);
        snprintf(numbered, size, "%s #%zu", before, number);
        free(entry->identity);
        entry->identity = numbered;
    }
    sort_entries(baseline);
}

static void read_lines(struct reading *reading, struct slice text)
{
    const uint8_t *at = text.data, *end = at ? at + text.size : at;
    for (reading->line = 1; at < end; reading->line++) {
        struct word words[WORDS];
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *stop = newline ? newline : end;
        size_t count = split((struct slice){at, (size_t)(stop - at)}, words, WORDS);
        at = newline ? newline + 1 : end;
        if (count && reading->baseline->count == BASELINE_LINES_MAX) {
            diagnostics_add(reading->diagnostics, (struct place){reading->line, 1}, 1, NULL,
                            "more than %d findings", BASELINE_LINES_MAX);
            return;
        }
        if (count)
            read_entry(reading, words, count);
    }
}

bool baseline_parse(struct slice text, const char *name, struct diagnostics *diagnostics,
                    struct baseline **ret_baseline)
{
    struct baseline *baseline = memory_zeroed(1, sizeof *baseline);
    struct reading reading = {.diagnostics = diagnostics, .baseline = baseline};
    size_t before = diagnostics->count;
    diagnostics_open(diagnostics, name, text);
    read_lines(&reading, text);
    diagnostics_close(diagnostics);
    if (diagnostics->count > before) {
        baseline_free(baseline);
        return false;
    }
    sort_entries(baseline);
    number_entries(baseline);
    *ret_baseline = baseline;
    return true;
}

void baseline_free(struct baseline *baseline)
{
    if (!baseline)
        return;
    for (size_t i = 0; i < baseline->count; i++)
        free(baseline->entries[i].identity);
    free(baseline->entries);
    free(baseline);
}

/* -- leaving out -- */

/* The place of the entry with this identity; the count: there is none. */
static size_t find_entry(const struct baseline *baseline, const char *identity)
{
    size_t from = 0, to = baseline->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(baseline->entries[middle].identity, identity);
        if (order == 0)
            return middle;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return baseline->count;
}

static void say_gone(struct check *check, const struct baseline *baseline, const bool *found)
{
    for (size_t i = 0; i < baseline->count; i++) {
        const struct entry *entry = &baseline->entries[i];
        if (!found[i] && check->selected[entry->kind])
            check_add_text(
                check, &check->left_out.gone,
                check_text(check, "%s %s", check_level_name(entry->level), entry->identity));
    }
}

void baseline_apply(struct check *check, const struct baseline *baseline)
{
    bool *known = check_take(check, check->finding_count + 1);
    bool *found = check_take(check, baseline->count + 1);
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        size_t at = find_entry(baseline, finding->identity);
        if (at == baseline->count)
            continue;
        enum check_level level = baseline->entries[at].level;
        found[at] = true;
        known[i] = finding->level <= level;
        if (!known[i])
            check_add_text(check, &check->left_out.graver,
                           check_text(check, "%s %s: %s in the baseline",
                                      check_level_name(finding->level), finding->identity,
                                      check_level_name(level)));
    }
    if (!check->interrupted) /* what has not been looked for is not missed */
        say_gone(check, baseline, found);
    check->left_out.baseline += selection_leave_out(check, known);
}

/* -- writing -- */

void baseline_write(const struct check *check, FILE *out)
{
    fputs("# Findings that are known: sekisho check --baseline leaves them out.\n"
          "# Level, finding, place, prefix, router that announces it. Say behind a # why.\n",
          out);
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        fprintf(out, "%-9s  %s\n", check_level_name(finding->level), finding->identity);
    }
}
