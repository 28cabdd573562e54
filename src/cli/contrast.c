#include "cli/contrast.h"

#include "check/reach.h"
#include "explain/words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024, PAIRS_SHOWN = 12 };

static char *copy(const char *text)
{
    char *own = strdup(text);
    assert(own);
    return own;
}

/* -- tunnels -- */

char *contrast_tunnel_state(const struct play *play, int tunnel)
{
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    int64_t period_us = play->end == SIM_REPEATS ? sim_period_us(play->sim, tunnel) : 0;
    bool up = sim_tunnel_up(play->sim, tunnel);
    const struct tunnel_end *end = &play->world->tunnels[tunnel].ends[TUNNEL_GATEWAY];
    const struct engine *engine = play->world->nodes[end->node].engine;
    if (period_us > 0) {
        text_add(&text, "up and down, every ");
        text_span(&text, period_us);
        return copy(bytes);
    }
    text_add(&text, up ? "up" : "down");
    if (up && engine && end->neighbor)
        text_add(&text, engine_session(engine, end->neighbor)->state == SESSION_ESTABLISHED
                            ? ", BGP established"
                            : ", BGP down");
    return copy(bytes);
}

static bool is_up(const struct play *play, int tunnel)
{
    return sim_tunnel_up(play->sim, tunnel) &&
           !(play->end == SIM_REPEATS && sim_period_us(play->sim, tunnel) > 0);
}

static void take_tunnel(struct contrast *contrast, const char *id)
{
    struct contrast_tunnel tunnel = {.id = id};
    for (int side = 0; side < 2; side++) {
        int at = world_find_tunnel(contrast->plays[side]->world, id);
        if (at == WORLD_NONE)
            continue;
        tunnel.states[side] = contrast_tunnel_state(contrast->plays[side], at);
        tunnel.up[side] = is_up(contrast->plays[side], at);
    }
    bool both = tunnel.states[0] && tunnel.states[1];
    if (both && strcmp(tunnel.states[0], tunnel.states[1]) == 0) {
        free(tunnel.states[0]);
        free(tunnel.states[1]);
        return;
    }
    contrast->tunnels[contrast->tunnel_count++] = tunnel;
}

static void take_tunnels(struct contrast *contrast)
{
    const struct world *left = contrast->plays[0]->world, *right = contrast->plays[1]->world;
    contrast->tunnels =
        calloc(left->tunnel_count + right->tunnel_count + 1, sizeof *contrast->tunnels);
    assert(contrast->tunnels);
    for (size_t i = 0; i < left->tunnel_count; i++)
        take_tunnel(contrast, left->tunnels[i].id);
    for (size_t i = 0; i < right->tunnel_count; i++) {
        if (world_find_tunnel(left, right->tunnels[i].id) == WORLD_NONE)
            take_tunnel(contrast, right->tunnels[i].id);
    }
}

/* -- reachability -- */

static bool same_end(const struct play *left, struct reach_end a, const struct play *right,
                     struct reach_end b)
{
    if (a.addr != b.addr || (a.node == WORLD_NONE) != (b.node == WORLD_NONE))
        return false;
    return a.node == WORLD_NONE ||
           strcmp(left->world->nodes[a.node].id, right->world->nodes[b.node].id) == 0;
}

static const struct reach_pair *same_pair(const struct play *left, const struct reach_pair *pair,
                                          const struct play *right, const struct reach *reach)
{
    for (size_t i = 0; i < reach->pair_count; i++) {
        if (same_end(left, pair->from, right, reach->pairs[i].from) &&
            same_end(left, pair->to, right, reach->pairs[i].to))
            return &reach->pairs[i];
    }
    return NULL;
}

static char *why_lost(const struct world *world, const struct reach_pair *pair)
{
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    struct journey journey;
    if (pair->from.node == WORLD_NONE)
        return copy("nobody in the file has its sender");
    journey_take(world, (struct journey_end){pair->from.node, pair->from.addr},
                 (struct journey_end){pair->to.node, pair->to.addr}, (struct traffic){0}, &journey);
    text_journey(&text, world, &journey);
    journey_done(&journey);
    return copy(bytes);
}

static void add_pair(struct contrast *contrast, const struct reach_pair *left,
                     const struct reach_pair *right, const bool reached[2])
{
    const struct world *world = contrast->plays[0]->world;
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    struct contrast_pair pair = {.from = {left->from.node, left->from.addr},
                                 .to = {left->to.node, left->to.addr},
                                 .reached = {reached[0], reached[1]}};
    text_journey_end(&text, world, pair.from);
    text_add(&text, " ↔ ");
    text_journey_end(&text, world, pair.to);
    pair.ends = copy(bytes);
    pair.why = reached[0] ? why_lost(contrast->plays[1]->world, right) : why_lost(world, left);
    contrast->pairs[contrast->pair_count++] = pair;
}

static void take_pairs(struct contrast *contrast)
{
    struct reach reaches[2];
    for (int side = 0; side < 2; side++)
        reach_init(&reaches[side], contrast->plays[side]->network, contrast->plays[side]->world);
    contrast->pairs = calloc(reaches[0].pair_count + 1, sizeof *contrast->pairs);
    assert(contrast->pairs);
    for (size_t i = 0; i < reaches[0].pair_count; i++) {
        const struct reach_pair *left = &reaches[0].pairs[i];
        const struct reach_pair *right =
            same_pair(contrast->plays[0], left, contrast->plays[1], &reaches[1]);
        if (!right)
            continue;
        bool reached[] = {reach_is_reached(contrast->plays[0]->world, left),
                          reach_is_reached(contrast->plays[1]->world, right)};
        if (reached[0] == reached[1])
            contrast->equal_pair_count++;
        else
            add_pair(contrast, left, right, reached);
    }
    for (int side = 0; side < 2; side++)
        reach_done(&reaches[side]);
}

void contrast_take(const struct play *left, const struct play *right, const char *const names[2],
                   const char *const keys[2], struct contrast *ret_contrast)
{
    *ret_contrast = (struct contrast){
        .plays = {left, right}, .names = {names[0], names[1]}, .keys = {keys[0], keys[1]}};
    differences_take((struct side){left->world, names[0]}, (struct side){right->world, names[1]},
                     &ret_contrast->differences);
    take_tunnels(ret_contrast);
    take_pairs(ret_contrast);
}

void contrast_done(struct contrast *contrast)
{
    for (size_t i = 0; i < contrast->tunnel_count; i++) {
        free(contrast->tunnels[i].states[0]);
        free(contrast->tunnels[i].states[1]);
    }
    for (size_t i = 0; i < contrast->pair_count; i++) {
        free(contrast->pairs[i].ends);
        free(contrast->pairs[i].why);
    }
    free(contrast->tunnels);
    free(contrast->pairs);
    differences_done(&contrast->differences);
    *contrast = (struct contrast){0};
}

bool contrast_is_empty(const struct contrast *contrast)
{
    return contrast->tunnel_count == 0 && contrast->pair_count == 0 &&
           contrast->differences.count == 0 && contrast->differences.alone_count == 0;
}

bool contrast_is_worse(const struct contrast *contrast)
{
    bool worse = false;
    for (size_t i = 0; i < contrast->tunnel_count; i++)
        worse |= contrast->tunnels[i].up[0] && !contrast->tunnels[i].up[1];
    for (size_t i = 0; i < contrast->pair_count; i++)
        worse |= contrast->pairs[i].reached[0];
    return worse;
}

/* -- the screen -- */

void contrast_heading(const char *title, const struct screen *screen)
{
    screen_say(screen, "\n%s%s%s\n", SCREEN_BOLD, title, SCREEN_END);
}

static void put_side(const struct contrast *contrast, int side, const char *state, bool up,
                     const struct screen *screen)
{
    unsigned name = screen_columns(screen, contrast->names[0]);
    unsigned other = screen_columns(screen, contrast->names[1]);
    unsigned width = name > other ? name : other;
    screen_put(screen, "    ");
    screen_pad(screen, contrast->names[side], width + 2);
    screen_put(screen, up ? SCREEN_GREEN : SCREEN_RED);
    screen_paragraph(screen, width + 6, width + 8, state ? state : "not there");
    screen_put(screen, SCREEN_END);
}

static void render_tunnels(const struct contrast *contrast, const struct screen *screen)
{
    if (contrast->tunnel_count > 0)
        contrast_heading("tunnels", screen);
    for (size_t i = 0; i < contrast->tunnel_count; i++) {
        const struct contrast_tunnel *tunnel = &contrast->tunnels[i];
        screen_say(screen, "  %s%s%s\n", SCREEN_BOLD, tunnel->id, SCREEN_END);
        for (int side = 0; side < 2; side++)
            put_side(contrast, side, tunnel->states[side], tunnel->up[side], screen);
    }
}

static void render_pairs(const struct contrast *contrast, const struct screen *screen)
{
    if (contrast->pair_count > 0)
        contrast_heading("reachability", screen);
    for (size_t i = 0; i < contrast->pair_count && i < PAIRS_SHOWN; i++) {
        const struct contrast_pair *pair = &contrast->pairs[i];
        bool lost = pair->reached[0];
        screen_say(screen, "  %s%c ", lost ? SCREEN_RED : SCREEN_GREEN, lost ? '-' : '+');
        screen_put(screen, pair->ends);
        screen_say(screen, "%s\n      ", SCREEN_END);
        char bytes[LINE_BYTES + 16];
        snprintf(bytes, sizeof bytes, "%s: %s", lost ? contrast->names[1] : contrast->names[0],
                 pair->why);
        screen_paragraph(screen, 6, 6, bytes);
    }
    if (contrast->pair_count > PAIRS_SHOWN)
        screen_say(screen, "  and %zu pairs more\n", contrast->pair_count - PAIRS_SHOWN);
}

static bool has_about(const struct differences *differences, enum difference_about about)
{
    bool has = false;
    for (size_t i = 0; i < differences->count; i++)
        has |= differences->lines[i].about == about;
    for (size_t i = 0; i < differences->alone_count; i++)
        has |= differences->alone[i].about == about;
    return has;
}

void contrast_render(const struct contrast *contrast, const struct screen *screen)
{
    const struct differences *differences = &contrast->differences;
    render_tunnels(contrast, screen);
    render_pairs(contrast, screen);
    if (has_about(differences, DIFFERENCE_TOLD))
        contrast_heading("announcements", screen);
    differences_render(differences, DIFFERENCE_TOLD, screen);
    if (has_about(differences, DIFFERENCE_TABLE))
        contrast_heading("tables", screen);
    differences_render(differences, DIFFERENCE_TABLE, screen);
    screen_say(screen, "\n%sequal: %zu prefixes in tables and announcements, %zu pairs of ends%s\n",
               SCREEN_FAINT, differences->equal_count, contrast->equal_pair_count, SCREEN_END);
}

/* -- for a machine -- */

static json_t *tunnels_json(const struct contrast *contrast)
{
    json_t *list = json_array();
    for (size_t i = 0; i < contrast->tunnel_count; i++) {
        const struct contrast_tunnel *tunnel = &contrast->tunnels[i];
        json_t *object = json_object();
        json_put(object, "tunnel", json_text(tunnel->id));
        for (int side = 0; side < 2; side++)
            json_put(object, contrast->keys[side], json_text(tunnel->states[side]));
        json_push(list, object);
    }
    return list;
}

static json_t *pairs_json(const struct contrast *contrast)
{
    const struct world *world = contrast->plays[0]->world;
    json_t *list = json_array();
    for (size_t i = 0; i < contrast->pair_count; i++) {
        const struct contrast_pair *pair = &contrast->pairs[i];
        json_t *object = json_object();
        json_put(object, "from", journey_end_json(world, pair->from));
        json_put(object, "to", journey_end_json(world, pair->to));
        for (int side = 0; side < 2; side++)
            json_put(object, contrast->keys[side], json_boolean(pair->reached[side]));
        json_put(object, "what", json_text(pair->why));
        json_push(list, object);
    }
    return list;
}

void contrast_json(const struct contrast *contrast, json_t *object)
{
    const struct differences *differences = &contrast->differences;
    json_t *equal = json_object();
    json_put(equal, "prefixes", json_integer((json_int_t)differences->equal_count));
    json_put(equal, "pairs", json_integer((json_int_t)contrast->equal_pair_count));
    json_put(object, "tunnels", tunnels_json(contrast));
    json_put(object, "reach", pairs_json(contrast));
    json_put(object, "announcements",
             differences_json(differences, DIFFERENCE_TOLD, contrast->keys));
    json_put(object, "routes", differences_json(differences, DIFFERENCE_TABLE, contrast->keys));
    json_put(object, "alone", differences_alone_json(differences, contrast->keys));
    json_put(object, "equal", equal);
}
