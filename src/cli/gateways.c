#include "cli/gateways.h"

#include "check/reach.h"
#include "cli/contrast.h"
#include "explain/grid.h"
#include "explain/journey.h"
#include "network/diagnostics.h"
#include "network/suggest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512 };

static const char *const keys[] = {"left", "right"};

static const char *name_of(const struct gateways *gateways, int side)
{
    return gateways->play->world->nodes[gateways->nodes[side]].id;
}

/* -- which -- */

static bool unknown(struct cli *cli, const struct network *network, const char *name)
{
    struct suggestion suggestion = suggest_for(name);
    struct quoted shown = diagnostics_quote(name, strlen(name));
    for (size_t i = 0; i < network->vpn_gateway_count; i++)
        suggest_offer(&suggestion, network->vpn_gateways[i].id, i);
    if (suggestion.nearest)
        cli_error(cli, "no VPN gateway is called \"%s\"; did you mean \"%s\"?", shown.text,
                  suggestion.nearest);
    else
        cli_error(cli, "no VPN gateway is called \"%s\"; the file has %zu of them", shown.text,
                  network->vpn_gateway_count);
    return false;
}

bool gateways_find(struct cli *cli, const struct network *network, const struct world *world,
                   const char *const names[2], int ret_gateways[2])
{
    for (int side = 0; side < 2; side++) {
        struct network_ref ref = network_find(network, names[side]);
        if (ref.kind != NETWORK_VPN_GATEWAY)
            return unknown(cli, network, names[side]);
    }
    if (strcmp(names[0], names[1]) == 0) {
        cli_error(cli, "%s is one gateway; expected two", names[0]);
        return false;
    }
    for (int side = 0; side < 2; side++)
        ret_gateways[side] = world_find_node(world, names[side]);
    return true;
}

/* -- whom they reach -- */

/* Whose VPC the end is in: 0 or 1; -1: in neither. */
static int side_of(const struct gateways *gateways, struct reach_end end)
{
    const struct world *world = gateways->play->world;
    if (end.node == WORLD_NONE || !world->nodes[end.node].in_vpc)
        return -1;
    int vpc = world->nodes[end.node].ports[1].peer;
    for (int side = 0; side < 2; side++) {
        if (world->nodes[vpc].owner == gateways->nodes[side])
            return side;
    }
    return -1;
}

static struct gateway_reach *reach_of(struct gateways *gateways, struct reach_end end)
{
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    text_journey_end(&text, gateways->play->world, (struct journey_end){end.node, end.addr});
    for (size_t i = 0; i < gateways->reach_count; i++) {
        if (strcmp(gateways->reach[i].end, bytes) == 0)
            return &gateways->reach[i];
    }
    gateways->reach =
        realloc(gateways->reach, (gateways->reach_count + 1) * sizeof *gateways->reach);
    assert(gateways->reach);
    struct gateway_reach *reach = &gateways->reach[gateways->reach_count++];
    *reach = (struct gateway_reach){.end = strdup(bytes)};
    assert(reach->end);
    return reach;
}

static void take_reach(struct gateways *gateways)
{
    const struct play *play = gateways->play;
    struct reach reach;
    size_t kept = 0;
    reach_init(&reach, play->network, play->world);
    for (size_t i = 0; i < reach.pair_count; i++) {
        const struct reach_pair *pair = &reach.pairs[i];
        int from = side_of(gateways, pair->from), to = side_of(gateways, pair->to);
        if ((from < 0) == (to < 0))
            continue;
        int side = from < 0 ? to : from;
        struct gateway_reach *end = reach_of(gateways, from < 0 ? pair->from : pair->to);
        end->asked[side] = true;
        end->reached[side] |= reach_is_reached(play->world, pair);
    }
    reach_done(&reach);
    for (size_t i = 0; i < gateways->reach_count; i++) {
        struct gateway_reach *end = &gateways->reach[i];
        if (end->asked[0] && end->asked[1] && end->reached[0] != end->reached[1])
            gateways->reach[kept++] = *end;
        else
            free(end->end);
    }
    gateways->reach_count = kept;
}

void gateways_take(const struct play *play, const int nodes[2], struct gateways *ret_gateways)
{
    *ret_gateways = (struct gateways){.play = play, .nodes = {nodes[0], nodes[1]}};
    differences_of_gateways(play->world, nodes, &ret_gateways->differences);
    take_reach(ret_gateways);
}

void gateways_done(struct gateways *gateways)
{
    for (size_t i = 0; i < gateways->reach_count; i++)
        free(gateways->reach[i].end);
    free(gateways->reach);
    differences_done(&gateways->differences);
    *gateways = (struct gateways){0};
}

bool gateways_are_equal(const struct gateways *gateways)
{
    return gateways->differences.count == 0 && gateways->reach_count == 0;
}

/* -- the screen -- */

static void add_header(const struct gateways *gateways, struct grid *grid)
{
    grid_begin(grid);
    grid_add(grid, "");
    for (int side = 0; side < 2; side++)
        grid_say(grid, "%s%s%s", SCREEN_BOLD, name_of(gateways, side), SCREEN_END);
}

/* Names of what hangs on a gateway, in the file's order: nth from 0; NULL: no more. */
static const char *attachment_at(const struct world *world, int gateway, size_t nth)
{
    for (size_t i = 0; i < world->node_count; i++) {
        bool its = world->nodes[i].kind == NODE_VPC && world->nodes[i].owner == gateway;
        if (its && nth-- == 0)
            return world->nodes[i].id;
    }
    for (size_t i = 0; i < world->connection_count; i++) {
        if (world->connections[i].gateway == gateway && nth-- == 0)
            return world->connections[i].id;
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        if (world->direct_connects[i].gateway == gateway && nth-- == 0)
            return world->direct_connects[i].id;
    }
    return NULL;
}

/* WORLD_NONE: no more. */
static int tunnel_at(const struct gateways *gateways, int side, size_t nth)
{
    const struct world *world = gateways->play->world;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (world->tunnels[i].ends[TUNNEL_GATEWAY].node == gateways->nodes[side] && nth-- == 0)
            return (int)i;
    }
    return WORLD_NONE;
}

static void add_row(struct grid *grid, const char *title, const char *left, const char *right)
{
    grid_begin(grid);
    grid_add(grid, title);
    grid_add(grid, left);
    grid_add(grid, right);
}

static void add_attachments(const struct gateways *gateways, struct grid *grid)
{
    const struct world *world = gateways->play->world;
    for (size_t i = 0;; i++) {
        const char *left = attachment_at(world, gateways->nodes[0], i);
        const char *right = attachment_at(world, gateways->nodes[1], i);
        if (!left && !right)
            return;
        add_row(grid, i ? "" : "attachments", left ? left : "", right ? right : "");
    }
}

static void add_tunnels(const struct gateways *gateways, struct grid *grid)
{
    for (size_t i = 0;; i++) {
        char cells[2][LINE_BYTES] = {"", ""};
        int tunnels[] = {tunnel_at(gateways, 0, i), tunnel_at(gateways, 1, i)};
        if (tunnels[0] == WORLD_NONE && tunnels[1] == WORLD_NONE)
            return;
        for (int side = 0; side < 2; side++) {
            if (tunnels[side] == WORLD_NONE)
                continue;
            char *state = contrast_tunnel_state(gateways->play, tunnels[side]);
            snprintf(cells[side], sizeof cells[side], "%s %s",
                     gateways->play->world->tunnels[tunnels[side]].id, state);
            free(state);
        }
        add_row(grid, i ? "" : "tunnels", cells[0], cells[1]);
    }
}

static const char *line_at(const struct difference_cell *cell, size_t index)
{
    return index < cell->count ? cell->lines[index] : index == 0 ? "–" : "";
}

static void add_differences(const struct gateways *gateways, enum difference_about about,
                            const char *title, struct grid *grid)
{
    bool headed = false;
    for (size_t i = 0; i < gateways->differences.count; i++) {
        const struct difference_line *line = &gateways->differences.lines[i];
        size_t count = line->cells[0].count > line->cells[1].count ? line->cells[0].count
                                                                   : line->cells[1].count;
        char prefix[PREFIX_TEXT_BYTES];
        struct text text = text_over(prefix, sizeof prefix);
        if (line->about != about)
            continue;
        if (!headed)
            add_row(grid, title, "", "");
        headed = true;
        text_prefix(&text, line->prefix);
        for (size_t j = 0; j < count; j++) {
            grid_begin(grid);
            grid_say(grid, "  %s", j ? "" : prefix);
            grid_add(grid, line_at(&line->cells[0], j));
            grid_add(grid, line_at(&line->cells[1], j));
        }
    }
}

static void add_reach(const struct gateways *gateways, struct grid *grid)
{
    if (gateways->reach_count > 0)
        add_row(grid, "reached by VPC", "", "");
    for (size_t i = 0; i < gateways->reach_count; i++) {
        const struct gateway_reach *reach = &gateways->reach[i];
        grid_begin(grid);
        grid_say(grid, "  %s", reach->end);
        for (int side = 0; side < 2; side++)
            grid_add(grid, reach->reached[side] ? "yes" : "no");
    }
}

/* A tunnel's own address within what its gateway tells only its own customers. */
struct cover {
    struct prefix prefix;
    const struct tunnel *tunnel;
};

/* The next one, from line and tunnel on; false: no more. */
static bool next_cover(const struct gateways *gateways, size_t *line, size_t *tunnel,
                       struct cover *ret_cover)
{
    const struct world *world = gateways->play->world;
    for (; *line < gateways->differences.count; ++*line, *tunnel = 0) {
        const struct difference_line *at = &gateways->differences.lines[*line];
        int side = at->cells[0].count == 0;
        while (at->about == DIFFERENCE_TOLD && *tunnel < world->tunnel_count) {
            const struct tunnel *other = &world->tunnels[(*tunnel)++];
            if (other->ends[TUNNEL_GATEWAY].node != gateways->nodes[side] ||
                !prefix_contains(at->prefix, other->ends[TUNNEL_GATEWAY].outer_local))
                continue;
            *ret_cover = (struct cover){at->prefix, other};
            return true;
        }
    }
    return false;
}

static void render_covers(const struct gateways *gateways, const char *program,
                          const struct screen *screen)
{
    struct cover cover;
    bool any = false;
    for (size_t line = 0, tunnel = 0; next_cover(gateways, &line, &tunnel, &cover); any = true) {
        char bytes[LINE_BYTES];
        struct text text = text_over(bytes, sizeof bytes);
        text_prefix(&text, cover.prefix);
        text_add(&text, " covers ");
        text_ip(&text, cover.tunnel->ends[TUNNEL_GATEWAY].outer_local);
        text_add(&text, ", the outside address that ");
        text_add(&text, cover.tunnel->id);
        text_add(&text, " itself needs; see: ");
        text_add(&text, program);
        text_add(&text, " explain tunnel-recursion");
        if (!any)
            fputc('\n', screen->out);
        screen_put(screen, SCREEN_YELLOW);
        screen_paragraph(screen, 0, 2, bytes);
        screen_put(screen, SCREEN_END);
    }
}

void gateways_render(const struct gateways *gateways, const char *name, const char *program,
                     const struct screen *screen)
{
    struct grid grid = {.least = 14};
    play_headline(gateways->play, name, screen);
    fputc('\n', screen->out);
    add_header(gateways, &grid);
    add_attachments(gateways, &grid);
    add_tunnels(gateways, &grid);
    add_differences(gateways, DIFFERENCE_TABLE, "learned", &grid);
    add_differences(gateways, DIFFERENCE_TOLD, "told to customers", &grid);
    add_reach(gateways, &grid);
    grid_render(&grid, screen, 0);
    grid_done(&grid);
    render_covers(gateways, program, screen);
    if (gateways_are_equal(gateways))
        screen_put(screen, "\nNo difference in what they learn, tell and reach.\n");
    screen_say(screen, "\n%sequal: %zu of what is learned and told%s\n", SCREEN_FAINT,
               gateways->differences.equal_count, SCREEN_END);
}

/* -- for a machine -- */

static json_t *side_json(const struct gateways *gateways, int side)
{
    const struct world *world = gateways->play->world;
    json_t *object = json_object(), *tunnels = json_array();
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (world->tunnels[i].ends[TUNNEL_GATEWAY].node != gateways->nodes[side])
            continue;
        char *state = contrast_tunnel_state(gateways->play, (int)i);
        json_t *tunnel = json_object();
        json_put(tunnel, "tunnel", json_text(world->tunnels[i].id));
        json_put(tunnel, "state", json_text(state));
        json_push(tunnels, tunnel);
        free(state);
    }
    json_put(object, "gateway", json_text(name_of(gateways, side)));
    json_put(object, "tunnels", tunnels);
    return object;
}

static json_t *covers_json(const struct gateways *gateways)
{
    struct cover cover;
    json_t *list = json_array();
    for (size_t line = 0, tunnel = 0; next_cover(gateways, &line, &tunnel, &cover);) {
        json_t *object = json_object();
        json_put(object, "prefix", json_prefix(cover.prefix));
        json_put(object, "tunnel", json_text(cover.tunnel->id));
        json_put(object, "outside", json_address(cover.tunnel->ends[TUNNEL_GATEWAY].outer_local));
        json_push(list, object);
    }
    return list;
}

json_t *gateways_json(const struct gateways *gateways)
{
    json_t *object = json_object(), *reach = json_array();
    for (int side = 0; side < 2; side++)
        json_put(object, keys[side], side_json(gateways, side));
    for (size_t i = 0; i < gateways->reach_count; i++) {
        json_t *end = json_object();
        json_put(end, "to", json_text(gateways->reach[i].end));
        for (int side = 0; side < 2; side++)
            json_put(end, keys[side], json_boolean(gateways->reach[i].reached[side]));
        json_push(reach, end);
    }
    json_put(object, "at_s", json_seconds(sim_now_us(gateways->play->sim)));
    json_put(object, "end", json_text(play_end_name(gateways->play->end)));
    json_put(object, "same", json_boolean(gateways_are_equal(gateways)));
    json_put(object, "routes", differences_json(&gateways->differences, DIFFERENCE_TABLE, keys));
    json_put(object, "announcements",
             differences_json(&gateways->differences, DIFFERENCE_TOLD, keys));
    json_put(object, "reach", reach);
    json_put(object, "covers", covers_json(gateways));
    return object;
}
