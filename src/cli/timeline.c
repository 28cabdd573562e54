#include "cli/timeline.h"

#include "sim/tell.h"
#include "world/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TIME_COLUMNS = 11, NAME_BYTES = 256, LINE_BYTES = 2048 };

static const char *color_of(enum tell_tone tone)
{
    static const char *const colors[] = {
        [TELL_PLAIN] = "",          [TELL_MINOR] = SCREEN_FAINT, [TELL_STORY] = SCREEN_BOLD,
        [TELL_GOOD] = SCREEN_GREEN, [TELL_BAD] = SCREEN_RED,     [TELL_FOLD] = SCREEN_FAINT,
    };
    return colors[tone];
}

/* " (RFC 4271 6.5)", not to be broken; nothing where there is no note. */
static void text_note(struct text *text, const char *note)
{
    if (!*note)
        return;
    text_add(text, " (");
    for (; *note; note++) {
        if (*note == ' ')
            text_add(text, "\u00a0");
        else
            text_char(text, *note);
    }
    text_char(text, ')');
}

/* The note stands at the right edge of the screen; where it does not fit there, behind the text. */
static void put_line(const struct screen *screen, const struct told *line)
{
    char time[32], both[LINE_BYTES];
    struct text text = text_over(time, sizeof time), joined = text_over(both, sizeof both);
    const char *color = color_of(line->tone);
    if (line->tone == TELL_FOLD)
        text_add(&text, "…");
    else
        text_seconds(&text, line->at_us, 3);
    unsigned used = screen_columns(screen, time), at = TIME_COLUMNS + 2;
    screen_blanks(screen, used < TIME_COLUMNS ? TIME_COLUMNS - used : 0);
    screen_say(screen, "%s  %s", time, color);
    unsigned what = screen_columns(screen, line->what), note = screen_columns(screen, line->note);
    text_add(&joined, line->what);
    text_add(&joined, *color ? SCREEN_END : "");
    if (note > 0 && at + what + 2 + note <= screen->width) {
        screen_put(screen, both);
        screen_blanks(screen, screen->width - at - what - note);
        screen_say(screen, "%s%s%s\n", SCREEN_FAINT, line->note, SCREEN_END);
        return;
    }
    text_note(&joined, line->note);
    screen_paragraph(screen, at, at, both);
}

struct timeline timeline_of(const struct play *play)
{
    struct timeline timeline = {.world = play->world, .network = play->network};
    timeline.moments = sim_moments(play->sim, &timeline.count);
    return timeline;
}

void timeline_render(const struct timeline *timeline, const struct timeline_options *options,
                     const struct screen *screen)
{
    struct tale tale;
    tell_moments(timeline->world, timeline->network, timeline->moments, timeline->count,
                 options->whole, &tale);
    for (size_t i = 0; i < tale.count; i++) {
        const struct told *line = &tale.lines[i];
        if (options->no_minor && line->tone == TELL_MINOR)
            continue;
        put_line(screen, line);
        if (options->once && line->again)
            break;
    }
    tale_done(&tale);
}

void timeline_follow(const struct timeline *timeline, const struct timeline_options *options,
                     int64_t from_us, int64_t until_us, const struct screen *screen)
{
    struct tale tale;
    tell_moments(timeline->world, timeline->network, timeline->moments, timeline->count, true,
                 &tale);
    for (size_t i = 0; i < tale.count; i++) {
        const struct told *line = &tale.lines[i];
        if (line->at_us > from_us && line->at_us <= until_us &&
            (!options->no_minor || line->tone != TELL_MINOR))
            put_line(screen, line);
    }
    tale_done(&tale);
}

static void put_name(json_t *object, const char *key,
                     void (*name)(struct text *, const struct world *, int, uint16_t),
                     const struct world *world, int node, uint16_t number)
{
    char bytes[NAME_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    name(&text, world, node, number);
    json_put(object, key, json_text(bytes));
}

static bool has_prefix(enum moment_kind kind)
{
    return kind == MOMENT_ROUTE || kind == MOMENT_ROUTE_GONE || kind == MOMENT_GUARD_HELD ||
           kind == MOMENT_GUARD_WARNED || kind == MOMENT_REFUSED;
}

static void put_route(const struct world *world, const struct moment *moment, json_t *object)
{
    json_put(object, "source", json_text(route_source_name((enum route_source)moment->source)));
    if (moment->gateway)
        json_put(object, "via", json_address(moment->gateway));
    if (moment->port)
        json_put(object, "interface", json_text(port_name(world, moment->node, moment->port)));
}

static json_t *moment_json(const struct timeline *timeline, size_t index)
{
    const struct world *world = timeline->world;
    const struct moment *moment = &timeline->moments[index];
    json_t *object = json_object();
    char *what = tell_moment(world, timeline->network, timeline->moments, index);
    json_put(object, "at_s", json_seconds(moment->at_us));
    json_put(object, "kind", json_text(moment_word(moment->kind)));
    json_put(object, "what", json_text(what));
    free(what);
    if (moment->node != WORLD_NONE)
        json_put(object, "node", json_text(world->nodes[moment->node].id));
    if (moment->tunnel != WORLD_NONE)
        json_put(object, "tunnel", json_text(world->tunnels[moment->tunnel].id));
    if (moment->neighbor)
        put_name(object, "neighbor", text_neighbor, world, moment->node, moment->neighbor);
    if (moment->attachment && moment->node != WORLD_NONE)
        put_name(object, "attachment", text_attachment, world, moment->node, moment->attachment);
    if (has_prefix(moment->kind))
        json_put(object, "prefix", json_prefix(moment->prefix));
    if (moment->kind == MOMENT_ROUTE || moment->kind == MOMENT_ROUTE_GONE)
        put_route(world, moment, object);
    if (moment->kind == MOMENT_SESSION_DOWN)
        json_put(object, "reason", json_text(bgp_down_word((enum bgp_down)moment->reason)));
    else if (moment->kind == MOMENT_REFUSED)
        json_put(object, "reason", json_text(reason_text((enum reason)moment->reason)->name));
    if (moment->kind == MOMENT_SWALLOWED && moment->into_tunnel != WORLD_NONE) {
        char state[20];
        snprintf(state, sizeof state, "%016" PRIx64, moment->state);
        json_put(object, "into", json_text(world->tunnels[moment->into_tunnel].id));
        json_put(object, "state", json_text(state));
    }
    if (moment->step >= 0)
        json_put(object, "step", json_integer(moment->step + 1));
    return object;
}

json_t *timeline_json(const struct timeline *timeline)
{
    json_t *list = json_array();
    for (size_t i = 0; i < timeline->count; i++)
        json_push(list, moment_json(timeline, i));
    return list;
}
