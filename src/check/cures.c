#include "check/cures.h"

#include "explain/words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_COLUMNS = 3,
    MARGIN = CURES_LABEL + NUMBER_COLUMNS,
    LINES_WHOLE = 12, /* a remedy of several steps and so many lines is shown whole; */
    LINES_SHOWN = 4,  /* of a longer one the first step, and others up to so many */
};

static const char verified[] = SCREEN_GREEN "verified" SCREEN_END;
enum { VERIFIED_COLUMNS = 2 + 8 }; /* with what sets it off */

static void label(const struct screen *screen)
{
    screen_say(screen, "  " SCREEN_BLUE "cures" SCREEN_END);
    screen_blanks(screen, CURES_LABEL - 7);
}

/* -- lines to paste -- */

/* A line that is too long is broken between its words; a shell reads it all the same, and of others
 * it is to be seen that it goes on. */
static void render_line(const struct screen *screen, const char *line)
{
    bool shell = strncmp(line, "aws ", 4) == 0;
    unsigned column = MARGIN + 2, room = screen->width - (shell ? 2 : 0);
    const char *indented = line + strspn(line, " ");
    screen_blanks(screen, column);
    if (column + screen_columns(screen, line) <= screen->width) {
        screen_say(screen, "%s\n", line);
        return;
    }
    screen_say(screen, "%.*s", (int)(indented - line), line);
    column += (unsigned)(indented - line);
    for (const char *word = indented, *end; *word; word = end + strspn(end, " ")) {
        end = word + strcspn(word, " ");
        unsigned columns = (unsigned)(end - word);
        if (word > indented && column + 1 + columns > room) {
            screen_put(screen, shell ? " \\\n" : "\n");
            screen_blanks(screen, column = MARGIN + 6);
        } else if (word > indented) {
            screen_put(screen, " ");
            column++;
        }
        screen_say(screen, "%.*s", (int)columns, word);
        column += columns;
    }
    screen_put(screen, "\n");
}

/* The one line of a step that has only one, besides what it says for orientation. */
static const char *only_line(const struct check_step *step)
{
    const char *only = NULL;
    for (size_t i = 0; i < step->lines.count; i++) {
        if (step->lines.items[i][0] == '#')
            continue;
        if (only)
            return NULL;
        only = step->lines.items[i];
    }
    return only;
}

/* -- one step -- */

/* "vgw-main: hold 0.0.0.0/0 back from vpn-vyatta   guard: hold"; line: NULL, or what stands there
 * instead of the words, or behind them. */
static void say_step(struct text *text, const struct check_step *step, const char *line)
{
    bool alone = line && step->kind == CHECK_REMEDY_CGW_HOST_ROUTE; /* it says as much */
    text_add(text, step->where);
    text_add(text, ": ");
    text_add(text, alone ? line : step->change);
    if (!line || alone || strcmp(line, step->change) == 0)
        return;
    text_add(text, "   " SCREEN_BOLD);
    text_add(text, line);
    text_add(text, SCREEN_END);
}

/* Nothing stands in the line but the words. */
static bool is_said(const struct check_step *step)
{
    const char *line = only_line(step);
    return line && strcmp(line, step->change) == 0;
}

/* note: NULL, or what is to be said of the remedy; tail: columns to be left free. Says whether the
 * step's line stands in the words. */
static bool choose_words(const struct screen *screen, const struct check_step *step,
                         const char *note, unsigned tail, char *words, size_t words_bytes)
{
    const char *line = only_line(step);
    for (;; line = NULL) {
        struct text text = text_over(words, words_bytes);
        say_step(&text, step, line);
        if (note) {
            text_add(&text, "   (");
            text_add(&text, note);
            text_char(&text, ')');
        }
        if (line && MARGIN + screen_columns(screen, words) + tail > screen->width)
            continue;
        return line || is_said(step);
    }
}

/* More words than a line has room for: what they come to stands at the end of the first line, as
 * where they are few. */
static void render_wrapped(const struct screen *screen, unsigned column, const char *words,
                           bool first)
{
    char *lines = NULL;
    size_t size = 0;
    struct screen narrow = *screen;
    narrow.width -= first ? VERIFIED_COLUMNS : 0;
    narrow.out = open_memstream(&lines, &size);
    assert(narrow.out);
    screen_paragraph(&narrow, column, MARGIN + 2, words);
    fclose(narrow.out);
    size_t end = strcspn(lines, "\n");
    fprintf(screen->out, "%.*s", (int)end, lines);
    lines[end] = 0;
    if (first) {
        unsigned used = column + screen_columns(screen, lines);
        screen_blanks(screen, screen->width > used + 8 ? screen->width - used - 8 : 1);
        screen_put(screen, verified);
    }
    fprintf(screen->out, "\n%s", lines + end + 1);
    free(lines);
}

static void render_words(const struct screen *screen, unsigned column, const char *words,
                         bool first)
{
    unsigned used = column + screen_columns(screen, words);
    if (used + (first ? VERIFIED_COLUMNS : 0) > screen->width) {
        render_wrapped(screen, column, words, first);
        return;
    }
    screen_put(screen, words);
    if (first) {
        screen_blanks(screen, screen->width - used - (VERIFIED_COLUMNS - 2));
        screen_put(screen, verified);
    }
    screen_put(screen, "\n");
}

static void render_step(const struct screen *screen, const struct check_remedy *remedy, size_t at)
{
    const struct check_step *step = &remedy->steps[at];
    const char *also = "and ";
    bool first = at == 0;
    char words[640];
    bool whole =
        choose_words(screen, step, first ? remedy->note : NULL,
                     first ? VERIFIED_COLUMNS : (unsigned)strlen(also), words, sizeof words);
    if (!first) {
        screen_blanks(screen, MARGIN);
        screen_put(screen, also);
    }
    render_words(screen, first ? MARGIN : MARGIN + (unsigned)strlen(also), words, first);
    for (size_t i = 0; !whole && i < step->lines.count; i++)
        render_line(screen, step->lines.items[i]);
}

/* -- all of them -- */

static const char *places_word(const struct check_remedy *remedy)
{
    switch (remedy->kind) {
    case CHECK_REMEDY_VGW_EXPORT_FILTER:
        return "connections";
    case CHECK_REMEDY_CGW_HOST_ROUTE:
    case CHECK_REMEDY_CGW_NEXT_HOP_ROUTE:
    case CHECK_REMEDY_CGW_IMPORT_FILTER:
    case CHECK_REMEDY_CGW_LOCAL_PREFERENCE:
    case CHECK_REMEDY_CGW_ALLOWAS_IN_OFF:
    case CHECK_REMEDY_ORIGIN_SUMMARIZE:
    case CHECK_REMEDY_UNIQUE_ASN:
        return "routers";
    case CHECK_REMEDY_ROUTE_TABLE_DELETE:
    case CHECK_REMEDY_ORIGIN_WITHDRAW:
    case CHECK_REMEDY_VPC_PEERING:
    case CHECK_REMEDY_ROUTE_TABLE_PROPAGATE:
    case CHECK_REMEDY_ORIGIN_ANNOUNCE:
    case CHECK_REMEDY_CGW_SAME_TUNNEL:
    case CHECK_REMEDY_GATEWAY_RENUMBER:
    case CHECK_REMEDY_CUSTOMER_RENUMBER:
    case CHECK_REMEDY_VPN_BGP:
    case CHECK_REMEDY_VPN_STATIC:
    case CHECK_REMEDY_VGW_IMPORT_FILTER:
    case CHECK_REMEDY_ORIGIN_EXPORT_FILTER:
    case CHECK_REMEDY_MIXED:
    case CHECK_REMEDY_KINDS:
    default:
        return "places";
    }
}

/* At most so many lines, a step with only one counted as that. */
static size_t steps_within(const struct check_remedy *remedy, size_t lines)
{
    size_t used = 0, count = 0;
    for (; count < remedy->step_count; count++) {
        const struct check_step *step = &remedy->steps[count];
        used += only_line(step) ? 1 : 1 + step->lines.count;
        if (used > lines)
            return count;
    }
    return count;
}

static size_t count_shown(const struct check_remedy *remedy)
{
    if (steps_within(remedy, LINES_WHOLE) == remedy->step_count)
        return remedy->step_count;
    size_t shown = steps_within(remedy, LINES_SHOWN);
    return shown > 0 ? shown : 1;
}

static void render_remedy(const struct screen *screen, const struct check_remedy *remedy)
{
    size_t shown = count_shown(remedy);
    for (size_t i = 0; i < shown; i++)
        render_step(screen, remedy, i);
    if (shown == remedy->step_count)
        return;
    char words[160];
    size_t more = remedy->step_count - shown;
    const char *places = places_word(remedy);
    int letters = (int)strlen(places) - (more == 1);
    snprintf(words, sizeof words, "… and %zu more %.*s: --apply %zu writes %s, --json tells %s",
             more, letters, places, remedy->number, more == 1 ? "it" : "them all",
             more == 1 ? "it" : "them");
    screen_blanks(screen, MARGIN);
    screen_paragraph(screen, MARGIN, MARGIN, words);
}

/* All of its remedies stand above already, with other findings. */
static bool are_told(const struct check_finding *finding, const bool *told)
{
    for (size_t i = 0; i < finding->remedy_count; i++) {
        if (!told || !told[finding->remedies[i].number])
            return false;
    }
    return finding->remedy_count > 0;
}

static void render_told(const struct screen *screen, const struct check_finding *finding)
{
    label(screen);
    for (size_t i = 0; i < finding->remedy_count; i++)
        screen_say(screen, "%s%zu", i ? ", " : "", finding->remedies[i].number);
    screen_put(screen, ", as above\n");
}

void cures_render(const struct screen *screen, const char *program,
                  const struct check_finding *finding, bool *told)
{
    if (are_told(finding, told)) {
        render_told(screen, finding);
        return;
    }
    for (size_t i = 0; i < finding->remedy_count; i++) {
        if (i == 0)
            label(screen);
        else
            screen_blanks(screen, CURES_LABEL);
        char number[24];
        snprintf(number, sizeof number, "%zu ", finding->remedies[i].number);
        screen_pad(screen, number, NUMBER_COLUMNS);
        render_remedy(screen, &finding->remedies[i]);
        if (told)
            told[finding->remedies[i].number] = true;
    }
    if (finding->remedy_count > 0 || finding->level < CHECK_LIKELY)
        return;
    char words[320] = "none of the changes tried brings every tunnel up without"
                      " losing what could be reached";
    if (finding->what)
        snprintf(words, sizeof words, "none is shown here; see: %s explain %s", program,
                 check_finding_name(finding->kind));
    label(screen);
    screen_paragraph(screen, CURES_LABEL, CURES_LABEL, words);
}
