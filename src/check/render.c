/* The answer for whoever is on call: the verdict first, the evidence after, the cure last. */
#include "check/render.h"

#include "check/alike.h"
#include "check/cures.h"
#include "check/draw.h"
#include "check/fate.h"
#include "explain/words.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_WIDTH = 100, MARGIN = CURES_LABEL, OTHERS_NAMED = 12 };

static const char *verdict_color(enum check_verdict verdict)
{
    switch (verdict) {
    case CHECK_STABLE:
        return SCREEN_GREEN;
    case CHECK_UNSTABLE:
    case CHECK_DEGRADED:
        return SCREEN_RED;
    case CHECK_ORDER_DEPENDENT:
    case CHECK_UNKNOWN:
    default:
        return SCREEN_YELLOW;
    }
}

static const char *verdict_word(enum check_verdict verdict)
{
    static const char *const words[] = {[CHECK_STABLE] = "STABLE",
                                        [CHECK_DEGRADED] = "DEGRADED",
                                        [CHECK_ORDER_DEPENDENT] = "ORDER-DEPENDENT",
                                        [CHECK_UNSTABLE] = "UNSTABLE",
                                        [CHECK_UNKNOWN] = "UNKNOWN"};
    return words[verdict];
}

static size_t story_end(const struct check *check, size_t from)
{
    size_t to = from + 1;
    while (to < check_finding_count(check) &&
           alike(check_finding(check, from), check_finding(check, to)))
        to++;
    return to;
}

static size_t count_level(const struct check *check, enum check_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += check_finding(check, i)->level == level;
    return count;
}

/* -- the headline -- */

static void render_interrupted(const struct check *check, const struct screen *screen)
{
    static const char missing[] = "interrupted: orders of starts, remedies and announcements that"
                                  " were not tried yet are missing";
    size_t count = check_part_count(check), asked = check_parts_asked(check);
    char line[256];
    snprintf(line, sizeof line,
             "%s, and all that concerns %zu of %zu parts of the region, which were not looked at",
             missing, count - asked, count);
    if (check_interrupted(check))
        screen_paragraph(screen, 0, 2, asked < count ? line : missing);
}

static void render_verdict(const struct check *check, const struct screen *screen,
                           const char *title)
{
    char left[256], right[96] = "";
    enum check_verdict verdict = check_verdict(check);
    snprintf(left, sizeof left,
             "%s: %s%s" SCREEN_END "  %zu certain, %zu likely, %zu latent, %zu"
             " protected",
             title, verdict_color(verdict), verdict_word(verdict),
             count_level(check, CHECK_CERTAIN), count_level(check, CHECK_LIKELY),
             count_level(check, CHECK_LATENT), count_level(check, CHECK_PROTECTED));
    if (check_spent_us(check) >= 0) {
        struct text text = text_over(right, sizeof right);
        text_u64(&text, check_networks_run(check));
        text_add(&text, " networks run in ");
        text_i64(&text, (check_spent_us(check) + 999) / 1000);
        text_add(&text, " ms");
    }
    unsigned used = screen_columns(screen, left) + screen_columns(screen, right);
    screen_put(screen, left);
    if (*right && used + 2 > screen->width)
        screen_say(screen, "\n%s\n", right);
    else if (*right)
        screen_blanks(screen, screen->width - used);
    if (!*right || used + 2 <= screen->width)
        screen_say(screen, "%s\n", right);
    render_interrupted(check, screen);
    if (check_complaint(check))
        screen_paragraph(screen, 0, 2, check_complaint(check));
}

/* -- which tunnels a story is of -- */

/* Findings from `from` to `to`, of which the first is told. */
struct story {
    size_t from, to;
    bool by_tunnel; /* the other tunnel of its connection fares otherwise */
};

static bool is_told(const struct check *check, const struct story *story,
                    const struct check_finding *finding)
{
    for (size_t i = story->from; i < story->to; i++) {
        if (strcmp(check_finding(check, i)->tunnel, finding->tunnel) == 0)
            return true;
    }
    return false;
}

/* Is there another finding about a tunnel of the connection, by whatever name? */
static bool has_others(const struct check *check, const struct story *story)
{
    const struct check_finding *first = check_finding(check, story->from);
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *other = check_finding(check, i);
        if (!other->what && strcmp(other->connection, first->connection) == 0 &&
            !is_told(check, story, other))
            return true;
    }
    return false;
}

/* "vpn-vyatta", or "vpn-vyatta/2". */
static const char *name_in(const struct story *story, const struct check_finding *finding)
{
    return story->by_tunnel ? finding->tunnel : finding->connection;
}

/* The next one with another name; to: there is none. A connection's findings stand together. */
static size_t next_name(const struct check *check, const struct story *story, size_t at)
{
    size_t next = at + 1;
    while (next < story->to && strcmp(name_in(story, check_finding(check, at)),
                                      name_in(story, check_finding(check, next))) == 0)
        next++;
    return next;
}

/* "vpn-vyatta", of several "vpn-2 (and 8 more like it)". */
static void say_subject(struct text *text, const struct check *check, const struct story *story)
{
    size_t others = 0;
    for (size_t i = next_name(check, story, story->from); i < story->to;
         i = next_name(check, story, i))
        others++;
    text_add(text, name_in(story, check_finding(check, story->from)));
    if (others == 0)
        return;
    text_add(text, " (and ");
    text_u64(text, others);
    text_add(text, " more like it)");
}

bool render_is_calm(const struct check_finding *finding)
{
    return finding->what && finding->level == CHECK_LATENT; /* a setting, not a trap set */
}

void text_headline(struct text *text, const struct check_finding *finding, const char *subject)
{
    if (finding->what)
        text_add(text, finding->what);
    else
        fate_say(text, finding, subject);
}

static void render_headline(const struct screen *screen, const struct check_finding *finding,
                            const char *subject)
{
    static const char *const words[] = {[CHECK_CERTAIN] = SCREEN_RED "error",
                                        [CHECK_LIKELY] = SCREEN_YELLOW "warning",
                                        [CHECK_LATENT] = SCREEN_YELLOW "warning",
                                        [CHECK_PROTECTED] = SCREEN_GREEN "note"};
    char fate[256];
    struct text text = text_over(fate, sizeof fate);
    text_headline(&text, finding, subject);
    text_add(&text, SCREEN_END);
    char head[128];
    snprintf(head, sizeof head, "%s[%s]" SCREEN_END " %s: ",
             render_is_calm(finding) ? SCREEN_BLUE "note" : words[finding->level],
             check_finding_name(finding->kind), check_finding_trap(finding->kind));
    screen_say(screen, "\n%s" SCREEN_BOLD, head);
    screen_paragraph(screen, screen_columns(screen, head), 2, fate);
}

/* -- because -- */

static void label(const struct screen *screen, const char *word)
{
    screen_say(screen, "  " SCREEN_BLUE "%s" SCREEN_END, word);
    screen_blanks(screen, MARGIN - 2 - screen_columns(screen, word));
}

static void render_list(const struct screen *screen, const char *word,
                        const struct check_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (i == 0)
            label(screen, word);
        else
            screen_blanks(screen, MARGIN);
        screen_paragraph(screen, MARGIN, MARGIN, texts->items[i]);
    }
}

static void render_because(const struct screen *screen, const struct check_finding *finding)
{
    char words[640];
    struct text text = text_over(words, sizeof words);
    fate_say_because(&text, finding);
    label(screen, "because");
    screen_paragraph(screen, MARGIN, MARGIN, words);
}

static void render_choice(const struct screen *screen, const struct check_finding *finding)
{
    if (!finding->route)
        return;
    label(screen, "takes");
    screen_say(screen, "%s\n", finding->route);
    if (!finding->beaten)
        return;
    label(screen, "beats");
    screen_say(screen, "%s\n", finding->beaten);
}

static void render_shelter(const struct screen *screen, const struct check_finding *finding)
{
    label(screen, "but");
    screen_paragraph(screen, MARGIN, MARGIN, finding->protection);
    if (!finding->guard_line)
        return;
    label(screen, "line");
    screen_say(screen, "%s\n", finding->guard_line);
}

/* A line of its own for each that there is. */
static void render_line(const struct screen *screen, const char *word, const char *words)
{
    if (!words)
        return;
    label(screen, word);
    screen_paragraph(screen, MARGIN, MARGIN, words);
}

static void render_circle(const struct screen *screen, const struct check_finding *finding)
{
    char words[512];
    struct text text = text_over(words, sizeof words);
    for (size_t i = 0; i < finding->circle.count; i++) {
        text_add(&text, i ? " ─▶ " : "");
        text_add(&text, finding->circle.items[i]);
    }
    render_line(screen, "circle", finding->circle.count ? words : NULL);
}

/* What else takes part, in one finding of the story or in another. */
static void render_also(const struct screen *screen, const struct check_finding *findings,
                        size_t count)
{
    bool told[CHECK_FINDING_KINDS] = {false};
    bool first = true;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < findings[i].also_count; j++)
            told[findings[i].also[j]] = true;
    }
    for (int kind = 0; kind < CHECK_FINDING_KINDS; kind++) {
        char words[256];
        struct text text = text_over(words, sizeof words);
        bool said = kind == CHECK_FINDING_NESTED_TUNNEL; /* in the headline */
        if (!told[kind] || said)
            continue;
        text_add(&text, check_finding_name((enum check_finding_kind)kind));
        text_add(&text, ": ");
        text_add(&text, fate_aside((enum check_finding_kind)kind));
        if (first)
            label(screen, "also");
        else
            screen_blanks(screen, MARGIN);
        screen_paragraph(screen, MARGIN, MARGIN, words);
        first = false;
    }
}

/* -- you see -- */

struct sight { /* moments of one kind, together */
    enum check_moment_kind kind;
    int64_t times_us[4];
    size_t count;
};

/* In the order of their first moments; what comes more than once in a cycle says so. */
static size_t gather(const struct check_finding *finding, struct sight *sights, size_t cap)
{
    size_t count = 0;
    bool down = false, renewed = false;
    for (size_t i = 0; i < finding->timeline_count; i++) {
        const struct check_moment *moment = &finding->timeline[i];
        bool shown = moment->kind == CHECK_TRAFFIC_STOPS || moment->kind == CHECK_BGP_DOWN ||
                     moment->kind == CHECK_IKE_GIVEN_UP || moment->kind == CHECK_AGAIN ||
                     (moment->kind == CHECK_BGP_UP && down && !renewed);
        size_t at = 0;
        down |= moment->kind == CHECK_BGP_DOWN;
        renewed |= moment->kind == CHECK_IKE_UP; /* what comes up in a new tunnel is no surprise */
        while (at < count && sights[at].kind != moment->kind)
            at++;
        if (!shown || at == cap)
            continue;
        if (at == count)
            sights[count++] = (struct sight){.kind = moment->kind};
        struct sight *sight = &sights[at];
        bool every_end = moment->kind == CHECK_IKE_GIVEN_UP && sight->count < 4;
        if (sight->count == 0 || every_end)
            sight->times_us[sight->count++] = moment->after_us;
    }
    return count;
}

/* "+40 s, +75 s IKE given up" */
static void say_sight(struct text *text, const struct sight *sight)
{
    static const char *const words[] = {
        [CHECK_CAUSE] = "",
        [CHECK_TRAFFIC_STOPS] = "traffic stops",
        [CHECK_BGP_DOWN] = "BGP down",
        [CHECK_BGP_UP] = "(BGP up once more, briefly)",
        [CHECK_IKE_GIVEN_UP] = "IKE given up",
        [CHECK_IKE_UP] = "",
        [CHECK_ROUTE] = "",
        [CHECK_AGAIN] = "up, and it all begins again",
    };
    for (size_t i = 0; sight->kind != CHECK_BGP_UP && i < sight->count; i++) {
        text_add(text, i ? ", +" : "+");
        int64_t us = sight->times_us[i];
        text_seconds(text, us, us >= 50000 && us < 1000000 ? 1 : 0);
        text_add(text, " s");
    }
    if (sight->kind != CHECK_BGP_UP)
        text_char(text, ' ');
    text_add(text, words[sight->kind]);
}

static void render_sights(const struct screen *screen, const struct check_finding *finding)
{
    struct sight sights[8];
    size_t count = gather(finding, sights, sizeof sights / sizeof *sights);
    unsigned column = MARGIN;
    if (count == 0)
        return;
    label(screen, finding->condition ? "then" : "you see");
    for (size_t i = 0; i < count; i++) {
        char words[128];
        struct text text = text_over(words, sizeof words);
        say_sight(&text, &sights[i]);
        unsigned wide = screen_columns(screen, words);
        if (i > 0 && column + 3 + wide > screen->width) {
            screen_put(screen, "\n");
            screen_blanks(screen, MARGIN);
            column = MARGIN;
        } else if (i > 0) {
            screen_blanks(screen, 3);
            column += 3;
        }
        screen_put(screen, words);
        column += wide;
    }
    screen_put(screen, "\n");
}

/* The page to read first: of what is wrong now; else of what is no matter of settings, if there is
 * any such finding. */
static const struct check_finding *finding_to_read(const struct check *check)
{
    if (check_finding(check, 0)->level >= CHECK_LIKELY)
        return check_finding(check, 0);
    for (size_t i = 0; i < check_finding_count(check); i++) {
        if (!check_finding(check, i)->what)
            return check_finding(check, i);
    }
    return check_finding(check, 0);
}

/* The first remedy that is shown; 0: none is. */
static size_t first_remedy(const struct check *check)
{
    size_t first = 0;
    for (size_t i = 0; first == 0 && i < check_finding_count(check); i++) {
        if (check_finding(check, i)->remedy_count)
            first = check_finding(check, i)->remedies[0].number;
    }
    return first;
}

/* Commands to copy: each on a line of its own, whole, however long its file's name is. */
static void render_more(const struct check *check, const struct screen *screen, const char *program,
                        const char *operand)
{
    size_t remedy = first_remedy(check);
    if (check_finding_count(check) == 0)
        return;
    screen_put(screen, "\n");
    label(screen, "more");
    screen_say(screen, "%s explain %s\n", program,
               check_finding_name(finding_to_read(check)->kind));
    screen_blanks(screen, MARGIN);
    screen_say(screen, "%s simulate --timeline %s\n", program, operand);
    if (remedy == 0)
        return;
    screen_blanks(screen, MARGIN);
    screen_say(screen, "%s check --apply %zu %s\n", program, remedy, operand);
}

static void render_left_out(const struct check *check, const struct screen *screen)
{
    const struct check_left_out *left_out = check_left_out(check);
    size_t count = left_out->selection + left_out->baseline;
    if (count + left_out->gone.count + left_out->graver.count == 0)
        return;
    screen_put(screen, "\n");
    if (count) {
        label(screen, "left out");
        if (left_out->selection)
            screen_say(screen, "%zu not asked for%s", left_out->selection,
                       left_out->baseline ? ", " : "");
        if (left_out->baseline)
            screen_say(screen, "%zu in the baseline", left_out->baseline);
        screen_put(screen, "\n");
    }
    render_list(screen, "graver", &left_out->graver);
    render_list(screen, "gone", &left_out->gone);
}

/* Of whom else it is true: "vpn-3 (site-3), vpn-4 (site-4) and 12 more". */
static void render_others(const struct check *check, const struct screen *screen,
                          const struct story *story)
{
    char words[1024];
    struct text text = text_over(words, sizeof words);
    size_t named = 0, more = 0;
    for (size_t i = next_name(check, story, story->from); i < story->to;
         i = next_name(check, story, i)) {
        const struct check_finding *finding = check_finding(check, i);
        if (named++ >= OTHERS_NAMED) {
            more++;
            continue;
        }
        text_add(&text, named > 1 ? ", " : "");
        text_add(&text, name_in(story, finding));
        text_add(&text, "\u00a0(");
        text_add(&text, finding->router);
        text_char(&text, ')');
    }
    if (named == 0)
        return;
    if (more > 0) {
        text_add(&text, " and ");
        text_u64(&text, more);
        text_add(&text, " more; --json names them");
    }
    label(screen, "likewise");
    screen_paragraph(screen, MARGIN, MARGIN, words);
}

static void render_assumptions(const struct check *check, const struct screen *screen)
{
    screen_put(screen, "\n");
    render_list(screen, "assumed", check_assumptions(check));
}

void render_evidence(const struct screen *screen, const char *program,
                     const struct check_finding *finding, size_t count, bool *told)
{
    if (finding->what)
        render_list(screen, "because", &finding->because);
    else
        render_because(screen, finding);
    if (finding->protection)
        render_shelter(screen, finding);
    if (!finding->what && finding->circle.count == 0)
        draw_loop(screen, finding, MARGIN);
    render_circle(screen, finding);
    render_choice(screen, finding);
    render_line(screen, "margin", finding->margin);
    if (fate_is_nested(finding))
        render_line(screen, "so", fate_of_nested);
    else
        render_sights(screen, finding);
    render_also(screen, finding, count);
    cures_render(screen, program, finding, told);
}

static void render_story(const struct check *check, const struct screen *screen, size_t from,
                         size_t to)
{
    const struct check_finding *finding = check_finding(check, from);
    struct story story = {.from = from, .to = to};
    char words[256] = "";
    struct text text = text_over(words, sizeof words);
    story.by_tunnel = !finding->what && has_others(check, &story);
    if (!finding->what)
        say_subject(&text, check, &story);
    render_headline(screen, finding, words);
    if (!finding->what)
        render_others(check, screen, &story);
}

void check_render(const struct check *check, FILE *out, const struct check_render_options *options)
{
    struct screen screen = {.out = out,
                            .width = options->width ? options->width : DEFAULT_WIDTH,
                            .ascii = !options->utf8,
                            .color = options->color};
    const char *title = options->title ? options->title : "network";
    const char *program = options->program ? options->program : "sekisho";
    bool *told = calloc(check_remedy_total(check) + 1, sizeof *told); /* NULL: all told in full */
    render_verdict(check, &screen, title);
    for (size_t i = 0, to; i < check_finding_count(check); i = to) {
        const struct check_finding *finding = check_finding(check, i);
        to = story_end(check, i);
        render_story(check, &screen, i, to);
        render_evidence(&screen, program, finding, to - i, told);
    }
    free(told);
    render_left_out(check, &screen);
    render_assumptions(check, &screen);
    render_more(check, &screen, program, options->operand ? options->operand : title);
}
