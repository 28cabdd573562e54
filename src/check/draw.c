#include "check/draw.h"

#include "check/evidence.h"
#include "check/fate.h"

#include <string.h>

enum { LINE_BYTES = 1024, BESIDE_GATEWAY = 3, ROUND_COLUMNS = 29 };

struct picture {
    const struct screen *screen;
    const struct check_finding *finding;
    unsigned margin;
    unsigned shift;   /* blanks before the chain, so that the address has room under it */
    unsigned gateway; /* column of the line under the gateway, from the margin */
    unsigned router;  /* and under the router */
};

static bool can_be_drawn(const struct check_finding *finding)
{
    const struct evidence *evidence = finding->evidence;
    return evidence && evidence->turn == TURN_ROUTER && evidence->by_bgp &&
           evidence->into == evidence->tunnel && finding->origin.router && finding->told_by &&
           strcmp(finding->told_by, finding->gateway) == 0;
}

static void add_arrow(struct text *text, struct prefix prefix)
{
    text_add(text, " ──");
    text_prefix(text, prefix);
    text_add(text, "──▶ ");
}

/* dx-edge ──0.0.0.0/0──▶ vgw-main ──0.0.0.0/0──▶ vyatta; and where its parts stand. */
static void chain(struct picture *picture, struct text *text)
{
    const struct check_finding *finding = picture->finding;
    const struct screen *screen = picture->screen;
    char outside[IP_TEXT_BYTES];
    struct text address = text_over(outside, sizeof outside);
    text_ip(&address, finding->outside);
    text_add(text, finding->origin.router);
    add_arrow(text, finding->prefix);
    picture->gateway =
        screen_columns(screen, text->data) + screen_columns(screen, finding->gateway) / 2;
    text_add(text, finding->gateway);
    add_arrow(text, finding->prefix);
    picture->router =
        screen_columns(screen, text->data) + screen_columns(screen, finding->router) / 2;
    text_add(text, finding->router);
    unsigned room = (unsigned)address.size + BESIDE_GATEWAY;
    picture->shift = room > picture->gateway ? room - picture->gateway : 0;
    picture->gateway += picture->shift;
    picture->router += picture->shift;
}

static void put_path(const struct picture *picture, unsigned used)
{
    const struct check_finding *finding = picture->finding;
    char words[LINE_BYTES];
    struct text text = text_over(words, sizeof words);
    text_add(&text, "    AS path");
    for (size_t i = 0; i < finding->as_path_count; i++) {
        text_char(&text, ' ');
        text_u64(&text, finding->as_path[i]);
    }
    if (finding->as_path_count > 0 && used + text.size <= picture->screen->width)
        screen_put(picture->screen, words);
}

static void dashes(const struct screen *screen, unsigned count)
{
    while (count-- > 0)
        screen_put(screen, "─");
}

/* What goes through a tunnel, for what is around it. */
static const char *wrapped(const struct picture *picture)
{
    return picture->finding->plain ? "packet" : "ESP";
}

/* 203.0.113.225 ───┴─── ESP ◀─────────┤ */
static void put_way_back(const struct picture *picture)
{
    const struct screen *screen = picture->screen;
    char outside[IP_TEXT_BYTES];
    struct text address = text_over(outside, sizeof outside);
    text_ip(&address, picture->finding->outside);
    unsigned before = picture->gateway - BESIDE_GATEWAY - (unsigned)address.size;
    unsigned between = picture->router - picture->gateway - 1;
    unsigned words = (unsigned)strlen(wrapped(picture)) + 3; /* with its blanks and arrow */
    unsigned near = (between - words) / 2;
    screen_blanks(screen, picture->margin + before);
    screen_say(screen, "%s ──┴", outside);
    dashes(screen, near);
    screen_say(screen, " %s ◀", wrapped(picture));
    dashes(screen, between - words - near);
    screen_put(screen, "┤\n");
}

static bool draw(struct picture *picture)
{
    const struct screen *screen = picture->screen;
    char words[LINE_BYTES];
    struct text text = text_over(words, sizeof words);
    chain(picture, &text);
    unsigned used = picture->margin + picture->shift + screen_columns(screen, words);
    if (text.cut || used > screen->width ||
        picture->margin + picture->router + ROUND_COLUMNS + strlen(wrapped(picture)) >
            screen->width)
        return false;
    screen_put(screen, "\n");
    screen_blanks(screen, picture->margin + picture->shift);
    screen_put(screen, words);
    put_path(picture, used);
    screen_put(screen, "\n");
    screen_blanks(screen, picture->margin + picture->gateway);
    screen_put(screen, "▲");
    screen_blanks(screen, picture->router - picture->gateway - 1);
    screen_put(screen, "│\n");
    put_way_back(picture);
    screen_blanks(screen, picture->margin + picture->router);
    const char *port = picture->finding->port;
    screen_say(screen, "└─▶ %s ─▶ %s ─▶ %s ─▶ …\n\n", port, wrapped(picture), port);
    return true;
}

static void list_hops(const struct screen *screen, const struct check_finding *finding,
                      unsigned margin)
{
    for (size_t i = 0; i < finding->loop.count; i++) {
        if (i == 0) {
            const char *word = fate_is_nested(finding) ? "way" : "loop";
            screen_say(screen, "  " SCREEN_BLUE "%s" SCREEN_END, word);
            screen_blanks(screen, margin - 2 - (unsigned)strlen(word));
        } else {
            screen_blanks(screen, margin);
        }
        screen_paragraph(screen, margin, margin, finding->loop.items[i]);
    }
}

void draw_loop(const struct screen *screen, const struct check_finding *finding, unsigned margin)
{
    struct picture picture = {.screen = screen, .finding = finding, .margin = margin};
    if (!can_be_drawn(finding) || !draw(&picture))
        list_hops(screen, finding, margin);
}
