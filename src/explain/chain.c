#include "explain/chain.h"

#include "explain/row.h"
#include "explain/told.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct following {
    const struct world *world;
    struct chain *chain;
    bool *visited; /* nodes */
};

static struct chain_line *add_line(struct following *following, unsigned depth, const char *place)
{
    static _Thread_local struct chain_line beyond;
    struct chain *chain = following->chain;
    struct chain_line *line = &beyond;
    if (chain->count == chain->cap && chain->count < CHAIN_LINES_MAX) {
        chain->cap = chain->cap ? 2 * chain->cap : 16;
        chain->lines = realloc(chain->lines, chain->cap * sizeof *chain->lines);
        assert(chain->lines);
    }
    if (chain->count < CHAIN_LINES_MAX)
        line = &chain->lines[chain->count++];
    *line = (struct chain_line){.depth = depth, .reference = ""};
    struct text text = text_over(line->place, sizeof line->place);
    text_add(&text, place);
    return line;
}

static void stopped(struct chain_line *line, const char *why, const char *sentence,
                    const char *reference)
{
    line->why = why;
    line->sentence = sentence;
    line->reference = reference;
}

/* The routes that the table itself has for the prefix. */
static bool say_routes(struct following *following, const struct view *view,
                       const struct view_routes *routes, unsigned depth)
{
    for (size_t i = 0; i < routes->count; i++) {
        const struct view_route *route = &routes->items[i];
        struct chain_line *line = add_line(following, depth, view->name);
        struct text text = text_over(line->what, sizeof line->what);
        text_view_route_itself(&text, following->world, view, route);
        if (!route->chosen)
            stopped(line, route->why, route->sentence, route->reference);
        else if (!route->used && view->kind == VIEW_VPC)
            stopped(line, vpc_reason_name(VPC_GONE), vpc_reason_sentence(VPC_GONE), "");
        else if (!route->used)
            stopped(line, "not-installed", "the kernel does not hold it", "");
    }
    return routes->count > 0;
}

static bool follow_speaker(struct following *following, int node, unsigned depth);

static bool has_path_of(const struct view_routes *paths, uint16_t neighbor)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (paths->items[i].neighbor == neighbor)
            return true;
    }
    return false;
}

/* A neighbor that has brought nothing: why? false: it has nothing to bring. */
static bool follow_silent(struct following *following, int node, uint16_t neighbor, unsigned depth)
{
    const struct world *world = following->world;
    const char *place = world->nodes[node].id;
    struct far_end far = far_end_of(world, node, neighbor);
    const char *name = far.node == WORLD_NONE ? "the provider" : world->nodes[far.node].id;
    uint16_t back = neighbor_back(world, node, neighbor);
    enum reason reason = REASON_NONE;
    size_t before = following->chain->count;
    struct chain_line *line = add_line(following, depth, place);
    struct text text = text_over(line->what, sizeof line->what);
    text_neighbor(&text, world, node, neighbor);
    text_add(&text, " from ");
    text_add(&text, name);
    if (!tells(world, node, neighbor)) {
        stopped(line, "session-down", "the session is down", "");
        if (far.node != WORLD_NONE)
            (void)follow_speaker(following, far.node, depth + 1);
        return true;
    }
    bool told =
        back && engine_told(world->nodes[far.node].engine, back, following->chain->prefix, &reason)
                        .attr.v != 0;
    if (told)
        stopped(line, "on-its-way", "it has just been announced", "");
    else if (reason != REASON_NONE)
        stopped(line, reason_text(reason)->name, reason_text(reason)->sentence,
                reason_text(reason)->reference);
    else
        stopped(line, "none", "it has none", "");
    bool found = told || reason != REASON_NONE;
    if (far.node != WORLD_NONE)
        found |= follow_speaker(following, far.node, depth + 1);
    if (!found)
        following->chain->count = before;
    return found;
}

/* The paths that BGP was offered, and the neighbors that offered none. false: nobody here, and
 * nobody behind, has the prefix. */
static bool follow_speaker(struct following *following, int node, unsigned depth)
{
    const struct world *world = following->world;
    const struct engine *engine = world->nodes[node].engine;
    struct view view = {.kind = VIEW_GATEWAY, .node = node};
    struct view_routes paths;
    size_t silent = 0;
    if (following->visited[node] || !engine || !engine_rib(engine))
        return false;
    following->visited[node] = true;
    struct text name = text_over(view.name, sizeof view.name);
    text_add(&name, world->nodes[node].id);
    view_list_paths(world, node, &following->chain->prefix, &paths);
    bool found = say_routes(following, &view, &paths, depth);
    for (size_t i = 0; i < paths.count; i++) {
        struct far_end far = far_end_of(world, node, paths.items[i].neighbor);
        if (paths.items[i].neighbor && far.node != WORLD_NONE && paths.items[i].chosen)
            (void)follow_speaker(following, far.node, depth + 1);
    }
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        if (has_path_of(&paths, i))
            continue;
        bool brings = paths.count == 0 && follow_silent(following, node, i, depth);
        found |= brings;
        silent += paths.count == 0 && !brings;
    }
    if (silent > 0 && found) {
        struct chain_line *line = add_line(following, depth, view.name);
        struct text text = text_over(line->what, sizeof line->what);
        text_u64(&text, silent);
        text_add(&text, silent == 1 ? " neighbor more has none" : " neighbors more have none");
    }
    view_routes_done(&paths);
    return found;
}

static bool any_propagated(const struct view_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++) {
        if (routes->items[i].vpc.origin == VPC_ORIGIN_PROPAGATED)
            return true;
    }
    return false;
}

/* A VPC's table gets what its gateway propagates into it: where that is there, its own line has
 * said so. */
static void follow_gateway(struct following *following, const struct view *view,
                           const struct view_routes *routes)
{
    const struct world *world = following->world;
    const struct node *vpc = &world->nodes[view->node];
    const struct vpc *tables = world_vpc(world, vpc);
    if (routes->count == 0) {
        struct chain_line *line = add_line(following, 0, view->name);
        struct text text = text_over(line->what, sizeof line->what);
        text_add(&text, "no route of its own");
    }
    if (vpc->owner == view->node)
        return;
    if (!any_propagated(routes)) {
        struct chain_line *line = add_line(following, 0, view->name);
        struct text text = text_over(line->what, sizeof line->what);
        text_add(&text, "from ");
        text_add(&text, world->nodes[vpc->owner].id);
        text_add(&text, ", by propagation");
        if (!vpc_propagates(tables, view->table, ENGINE_GATEWAY))
            stopped(line, "not-enabled", "it does not propagate into this table", "");
    }
    if (!follow_speaker(following, vpc->owner, 1)) {
        struct chain_line *line = add_line(following, 1, world->nodes[vpc->owner].id);
        struct text text = text_over(line->what, sizeof line->what);
        text_add(&text, "nobody has it");
    }
}

static bool any_used(const struct view_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++) {
        if (routes->items[i].used)
            return true;
    }
    return false;
}

void chain_take(const struct world *world, struct prefix prefix, const struct view *view,
                struct chain *ret_chain)
{
    *ret_chain = (struct chain){.prefix = prefix, .view = *view};
    struct following following = {
        .world = world, .chain = ret_chain, .visited = calloc(world->node_count + 1, sizeof(bool))};
    struct view_routes routes;
    assert(following.visited);
    if (view_is_up(world, view)) {
        view_list(world, view, &prefix, &routes);
        ret_chain->there = any_used(&routes);
        if (view->kind != VIEW_GATEWAY)
            say_routes(&following, view, &routes, 0);
        if (view->kind == VIEW_VPC)
            follow_gateway(&following, view, &routes);
        else
            (void)follow_speaker(&following, view->node, view->kind == VIEW_GATEWAY ? 0 : 1);
        view_routes_done(&routes);
    }
    free(following.visited);
}

void chain_done(struct chain *chain)
{
    free(chain->lines);
    *chain = (struct chain){0};
}

/* -- the screen -- */

static unsigned widest_place(const struct chain *chain, const struct screen *screen)
{
    unsigned widest = 0;
    for (size_t i = 0; i < chain->count; i++) {
        unsigned columns =
            2 * chain->lines[i].depth + screen_columns(screen, chain->lines[i].place);
        widest = columns > widest ? columns : widest;
    }
    return widest;
}

void chain_render(const struct chain *chain, const struct screen *screen)
{
    char prefix[PREFIX_TEXT_BYTES];
    struct text text = text_over(prefix, sizeof prefix);
    unsigned width = widest_place(chain, screen);
    text_prefix(&text, chain->prefix);
    const char *title = chain->count == 0 ? ": nobody has it"
                        : chain->there    ? ", and how it gets there"
                                          : ", and where it stops";
    screen_say(screen, "\n%s%s %s %s%s%s\n", SCREEN_BOLD, prefix,
               chain->there ? "is in" : "is not in", chain->view.name, title, SCREEN_END);
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_line *line = &chain->lines[i];
        const struct chain_line *last = i ? line - 1 : NULL;
        bool same = last && last->depth == line->depth && strcmp(last->place, line->place) == 0;
        char bytes[2 * CHAIN_WHAT_BYTES];
        snprintf(bytes, sizeof bytes, "%s%s%s%s%s%s%s%s", line->what, line->why ? "; " : "",
                 line->why ? line->why : "", line->why ? ": " : "", line->why ? line->sentence : "",
                 line->why && *line->reference ? " (" : "", line->why ? line->reference : "",
                 line->why && *line->reference ? ")" : "");
        screen_blanks(screen, 2 + 2 * line->depth);
        screen_pad(screen, same ? "" : line->place, width - 2 * line->depth + 2);
        screen_put(screen, line->why ? SCREEN_RED : SCREEN_GREEN);
        screen_paragraph(screen, width + 4, width + 6, bytes);
        screen_put(screen, SCREEN_END);
    }
}

json_t *chain_json(const struct chain *chain)
{
    json_t *list = json_array();
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_line *line = &chain->lines[i];
        json_t *object = json_object();
        json_put(object, "place", json_text(line->place));
        json_put(object, "depth", json_integer((json_int_t)line->depth));
        json_put(object, "what", json_text(line->what));
        json_put(object, "why", json_text(line->why));
        json_push(list, object);
    }
    return list;
}
