#include "explain/view.h"
#include "rib/lose.h"

#include "explain/route_line.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void add_view(struct views *views, struct view view)
{
    if (views->count == views->cap) {
        views->cap = views->cap ? 2 * views->cap : 16;
        views->items = realloc(views->items, views->cap * sizeof *views->items);
        assert(views->items);
    }
    views->items[views->count++] = view;
}

/* Only tables that the file leaves out are called alike, "main". */
static bool is_unique(const struct world *world, const char *table)
{
    unsigned count = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        for (uint16_t j = 1; j <= world->nodes[i].table_count; j++)
            count += strcmp(world->nodes[i].table_ids[j], table) == 0;
    }
    return count == 1;
}

static void add_table(const struct world *world, int vpc, uint16_t table, struct views *views)
{
    struct view view = {.kind = VIEW_VPC, .node = vpc, .table = table};
    struct text name = text_over(view.name, sizeof view.name);
    const char *id = world->nodes[vpc].table_ids[table];
    if (!is_unique(world, id)) {
        text_add(&name, world->nodes[vpc].id);
        text_char(&name, '/');
    }
    text_add(&name, id);
    add_view(views, view);
}

static void add_engine(const struct world *world, int node, enum view_kind kind,
                       struct views *views)
{
    struct view view = {.kind = kind, .node = node};
    struct text name = text_over(view.name, sizeof view.name);
    text_add(&name, world->nodes[node].id);
    add_view(views, view);
}

static void add_tables(const struct world *world, int vpc, struct views *views)
{
    for (uint16_t table = 1; table <= world->nodes[vpc].table_count; table++)
        add_table(world, vpc, table, views);
}

static void add_node(const struct world *world, int node, struct views *views)
{
    switch (world->nodes[node].kind) {
    case NODE_VPC:
        add_tables(world, node, views);
        break;
    case NODE_GATEWAY:
        add_engine(world, node, VIEW_GATEWAY, views);
        break;
    case NODE_INSTANCE:
    case NODE_ROUTER:
        add_engine(world, node, VIEW_ROUTER, views);
        break;
    case NODE_INTERNET:
    default:
        break;
    }
}

void views_all(const struct world *world, struct views *ret_views)
{
    static const enum node_kind order[] = {NODE_VPC, NODE_GATEWAY, NODE_ROUTER, NODE_INSTANCE};
    *ret_views = (struct views){0};
    for (size_t kind = 0; kind < sizeof order / sizeof *order; kind++) {
        for (size_t i = 0; i < world->node_count; i++) {
            if (world->nodes[i].kind == order[kind])
                add_node(world, (int)i, ret_views);
        }
    }
}

bool views_add_named(const struct world *world, const char *name, struct views *views)
{
    size_t before = views->count;
    int node = world_find_node(world, name);
    if (node != WORLD_NONE)
        add_node(world, node, views);
    for (size_t i = 0; i < world->node_count; i++) {
        for (uint16_t table = 1; table <= world->nodes[i].table_count; table++) {
            if (strcmp(world->nodes[i].table_ids[table], name) == 0)
                add_table(world, (int)i, table, views);
        }
    }
    return views->count > before;
}

void views_done(struct views *views)
{
    free(views->items);
    *views = (struct views){0};
}

const char *view_kind_name(enum view_kind kind)
{
    static const char *const names[] = {
        [VIEW_ROUTER] = "router", [VIEW_GATEWAY] = "gateway", [VIEW_VPC] = "route-table"};
    return names[kind];
}

bool view_is_up(const struct world *world, const struct view *view)
{
    const struct node *node = &world->nodes[view->node];
    return view->kind == VIEW_VPC ? world_vpc(world, node) != NULL : node->engine != NULL;
}

static struct view_route *add_route(struct view_routes *routes)
{
    if (routes->count == routes->cap) {
        routes->cap = routes->cap ? 2 * routes->cap : 32;
        routes->items = realloc(routes->items, routes->cap * sizeof *routes->items);
        assert(routes->items);
    }
    struct view_route *route = &routes->items[routes->count++];
    *route = (struct view_route){.since_us = -1, .reference = ""};
    return route;
}

void view_routes_done(struct view_routes *routes)
{
    free(routes->items);
    *routes = (struct view_routes){0};
}

static void list_candidates(const struct world *world, int node, struct prefix prefix,
                            struct view_routes *routes)
{
    const struct table *table = engine_table(world->nodes[node].engine);
    struct table_candidate candidate;
    for (uint32_t i = 0; table_candidate(table, prefix, i, &candidate); i++) {
        struct view_route *route = add_route(routes);
        bool bgp = candidate.route.source == ROUTE_EBGP || candidate.route.source == ROUTE_IBGP;
        route->prefix = prefix;
        route->candidate = candidate;
        route->chosen = candidate.reason == TABLE_CHOSEN;
        route->used = route->chosen && route_is_installed(world, node, prefix, &candidate);
        route->why = table_reason_name(candidate.reason);
        route->sentence = table_reason_sentence(candidate.reason);
        route->neighbor = bgp ? (uint16_t)candidate.route.tag : 0;
        if (route->used)
            route->since_us = kernel_exact(&world->nodes[node].kernel, prefix)->since_us;
    }
}

static void list_router(const struct world *world, int node, const struct prefix *only,
                        struct view_routes *routes)
{
    if (only) {
        list_candidates(world, node, *only, routes);
        return;
    }
    const struct table *table = engine_table(world->nodes[node].engine);
    struct prefix prefix;
    bool more = table_next(table, NULL, &prefix);
    while (more) {
        struct prefix at = prefix;
        list_candidates(world, node, prefix, routes);
        more = table_next(table, &at, &prefix);
    }
}

/* A gateway forwards by what its kernel holds: pieces that its guard has cut are announced, but are
 * nobody's way. A router's paths are not its table: its best is used by that. */
static bool is_used(const struct node *node, const struct source *source, struct prefix prefix)
{
    return node->kind != NODE_GATEWAY ||
           (source->kind != SOURCE_FRAGMENT && kernel_exact(&node->kernel, prefix));
}

static void list_prefix(const struct node *node, uint32_t number, struct view_routes *routes)
{
    const struct engine *engine = node->engine;
    const struct rib *rib = engine_rib(engine);
    struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, number));
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    for (; path; path = rib_path_next(rib, number, path)) {
        enum reason why = engine_path_why(engine, number, path);
        const struct reason_text *reason = reason_text(why);
        struct view_route *route = add_route(routes);
        route->prefix = prefix;
        route->path = path;
        route->stale = rib_path_is_stale(rib, number, path);
        route->source = &rib_source_get(rib, path->source)->source;
        route->neighbor = engine_source_neighbor(engine, path->source);
        route->chosen = path->why == REASON_BEST || why == REASON_ONLY_USED;
        route->used = route->chosen && is_used(node, route->source, prefix);
        route->why = reason->name;
        route->sentence = reason->sentence;
        route->reference = reason->reference;
    }
}

void view_list_paths(const struct world *world, int node, const struct prefix *only,
                     struct view_routes *ret_routes)
{
    const struct engine *engine = world->nodes[node].engine;
    const struct rib *rib = engine ? engine_rib(engine) : NULL;
    *ret_routes = (struct view_routes){0};
    if (!rib)
        return;
    if (only) {
        uint32_t number = rib_find(rib, *only);
        if (number)
            list_prefix(&world->nodes[node], number, ret_routes);
        return;
    }
    uint32_t cap = rib->live_count + 1;
    uint32_t *numbers = calloc(cap, sizeof *numbers);
    assert(numbers);
    uint32_t count = rib_next(rib, NULL, numbers, cap);
    for (uint32_t i = 0; i < count; i++)
        list_prefix(&world->nodes[node], numbers[i], ret_routes);
    free(numbers);
}

static void list_vpc(const struct world *world, const struct view *view, const struct prefix *only,
                     struct view_routes *routes)
{
    const struct vpc *vpc = world_vpc(world, &world->nodes[view->node]);
    struct vpc_walk walk = {0};
    struct vpc_route found;
    enum vpc_reason reason;
    while (vpc_next(vpc, view->table, &walk, &found, &reason)) {
        if (only && !prefix_equal(found.prefix, *only))
            continue;
        struct view_route *route = add_route(routes);
        route->prefix = found.prefix;
        route->vpc = found;
        route->chosen = reason == VPC_CHOSEN || reason == VPC_GONE || reason == VPC_DISCARDS;
        route->used = reason == VPC_CHOSEN && found.state == VPC_ACTIVE;
        route->why = vpc_reason_name(reason);
        route->sentence = vpc_reason_sentence(reason);
    }
}

void view_list(const struct world *world, const struct view *view, const struct prefix *only,
               struct view_routes *ret_routes)
{
    *ret_routes = (struct view_routes){0};
    if (!view_is_up(world, view))
        return;
    if (view->kind == VIEW_GATEWAY)
        view_list_paths(world, view->node, only, ret_routes);
    else if (view->kind == VIEW_VPC)
        list_vpc(world, view, only, ret_routes);
    else
        list_router(world, view->node, only, ret_routes);
}
