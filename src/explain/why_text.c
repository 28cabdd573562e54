/* The account of a prefix as text and as JSON. */
#include "explain/grid.h"
#include "explain/row.h"
#include "explain/view_json.h"
#include "explain/why.h"
#include "explain/words.h"
#include "world/names.h"

#include <stdlib.h>
#include <string.h>

enum { TOLD_SHOWN = 8, WHY_COLUMNS = 36, LINE_BYTES = 512 };

/* "chosen", or the sentence with what it rests on. */
static void add_why(struct grid *grid, const struct view_route *route)
{
    bool plain = (route->chosen && !route->path) || strcmp(route->why, "best") == 0 ||
                 strcmp(route->why, "none") == 0;
    if (plain)
        grid_say(grid, "%s%s%s", SCREEN_GREEN, route->why, SCREEN_END);
    else
        grid_say(grid, "%s: %s%s%s%s", route->why, route->sentence, *route->reference ? " (" : "",
                 route->reference, *route->reference ? ")" : "");
}

static void add_table_routes(const struct world *world, const struct why_table *table,
                             int64_t now_us, struct grid *grid)
{
    for (size_t i = 0; i < table->routes.count; i++) {
        const struct view_route *route = &table->routes.items[i];
        struct row row;
        row_of(world, &table->view, route, now_us, &row);
        grid_begin(grid);
        grid_add(grid, i ? "" : "table");
        grid_say(grid, "%s%s%s", row.parts[0], row.parts[1][0] ? "  " : "", row.parts[1]);
        add_why(grid, route);
    }
}

static void add_path(const struct world *world, int node, const struct view_route *route,
                     const struct screen *screen, unsigned width, struct grid *grid)
{
    const struct rib *rib = engine_rib(world->nodes[node].engine);
    char line[LINE_BYTES];
    struct text text = text_over(line, sizeof line);
    text_offerer(&text, world, node, route);
    for (unsigned used = screen_columns(screen, line); used < width + 2; used++)
        text_char(&text, ' ');
    text_add(&text, offer_kind(route->source->kind));
    if (attr_get(&rib->attrs, route->path->attr)->as_path_bytes > 0) {
        text_add(&text, ", AS path ");
        text_as_path(&text, rib, route->path->attr);
    }
    if (route->stale)
        text_add(&text, ", stale");
    grid_add(grid, line);
    add_why(grid, route);
}

static void add_paths(const struct world *world, int node, const struct view_routes *paths,
                      const struct screen *screen, struct grid *grid)
{
    unsigned width = 0;
    for (size_t i = 0; i < paths->count; i++) {
        char name[LINE_BYTES];
        struct text text = text_over(name, sizeof name);
        text_offerer(&text, world, node, &paths->items[i]);
        unsigned used = screen_columns(screen, name);
        width = used > width ? used : width;
    }
    for (size_t i = 0; i < paths->count; i++) {
        grid_begin(grid);
        grid_add(grid, i ? "" : "paths");
        add_path(world, node, &paths->items[i], screen, width, grid);
    }
}

static void add_told_line(const struct world *world, int node, const struct why_told *told,
                          struct grid *grid)
{
    char name[LINE_BYTES];
    struct text text = text_over(name, sizeof name);
    const struct reason_text *reason = reason_text(told->reason);
    text_neighbor(&text, world, node, told->neighbor);
    if (told->far == WORLD_NONE) /* not in the file, or nobody knows the file any more */
        grid_add(grid, name);
    else
        grid_say(grid, "%s → %s", name, world->nodes[told->far].id);
    if (!told->established) {
        grid_add(grid, "the session is down");
        return;
    }
    const char *verb = told->announced ? "announced" : "not announced";
    if (!told->announced && told->reason == REASON_NONE)
        verb = "not announced: no path is chosen";
    if (told->reason == REASON_NONE) {
        grid_add(grid, verb);
        return;
    }
    grid_say(grid, "%s%s, %s: %s%s%s%s%s", told->announced ? SCREEN_YELLOW : "", verb, reason->name,
             reason->sentence, *reason->reference ? " (" : "", reason->reference,
             *reason->reference ? ")" : "", told->announced ? SCREEN_END : "");
}

static void add_told(const struct world *world, const struct why_table *table, struct grid *grid)
{
    size_t shown = 0, plain = 0;
    for (size_t i = 0; i < table->told_count; i++) {
        const struct why_told *told = &table->told[i];
        if (table->told_count > TOLD_SHOWN && told->announced && told->reason == REASON_NONE) {
            plain++;
            continue;
        }
        grid_begin(grid);
        grid_add(grid, shown++ ? "" : "tells");
        add_told_line(world, table->view.node, told, grid);
    }
    if (plain > 0) {
        grid_begin(grid);
        grid_add(grid, shown ? "" : "tells");
        grid_say(grid, "%zu neighbors%s", plain, shown ? " more" : "");
        grid_add(grid, "announced");
    }
}

static void render_table(const struct world *world, const struct why_table *table, int64_t now_us,
                         const struct screen *screen)
{
    screen_say(screen, "%s%s%s\n", SCREEN_BOLD, table->view.name, SCREEN_END);
    if (table->absent) {
        screen_put(screen, "  none   ");
        screen_paragraph(screen, 9, 9, table->absent);
        return;
    }
    struct grid grid = {.least = WHY_COLUMNS};
    if (table->view.kind == VIEW_GATEWAY) {
        add_paths(world, table->view.node, &table->routes, screen, &grid);
    } else {
        add_table_routes(world, table, now_us, &grid);
        add_paths(world, table->view.node, &table->paths, screen, &grid);
    }
    add_told(world, table, &grid);
    grid_render(&grid, screen, 2);
    grid_done(&grid);
}

void why_render(const struct world *world, const struct why *why, int64_t now_us,
                const struct screen *screen)
{
    for (size_t i = 0; i < why->count; i++)
        render_table(world, &why->tables[i], now_us, screen);
}

/* The table's own choice of it; NULL: it uses none. */
static const struct view_route *used_route(const struct view_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++) {
        if (routes->items[i].used)
            return &routes->items[i];
    }
    return NULL;
}

/* Who brings it into BGP, of the nodes that were asked. */
static void add_announcers(const struct why *why, struct text *text)
{
    size_t count = 0;
    for (size_t i = 0; i < why->count; i++) {
        const struct why_table *table = &why->tables[i];
        const struct view_routes *paths =
            table->view.kind == VIEW_GATEWAY ? &table->routes : &table->paths;
        const struct view_route *used = used_route(paths);
        if (!used || !used->source || used->source->kind != SOURCE_LOCAL)
            continue;
        text_add(text, count++ ? ", " : "");
        text_add(text, table->view.name);
    }
    if (count > 0)
        text_add(text, count == 1 ? " announces it" : " announce it");
}

void why_headline(const struct why *why, const struct screen *screen)
{
    char bytes[LINE_BYTES], announcers[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    struct text who = text_over(announcers, sizeof announcers);
    size_t used = 0;
    for (size_t i = 0; i < why->count; i++)
        used += used_route(&why->tables[i].routes) != NULL;
    text_u64(&text, used);
    text_add(&text, " of ");
    text_u64(&text, why->count);
    text_add(&text, why->count == 1 ? " table uses it" : " tables use it");
    add_announcers(why, &who);
    if (who.size)
        text_add(&text, "; ");
    text_add(&text, announcers);
    screen_put(screen, bytes);
}

static json_t *told_json(const struct world *world, const struct why_table *table)
{
    json_t *list = json_array();
    for (size_t i = 0; i < table->told_count; i++) {
        const struct why_told *told = &table->told[i];
        char name[LINE_BYTES];
        struct text text = text_over(name, sizeof name);
        text_neighbor(&text, world, table->view.node, told->neighbor);
        json_t *object = json_object();
        json_put(object, "neighbor", json_text(name));
        json_put(object, "to",
                 json_text(told->far == WORLD_NONE ? NULL : world->nodes[told->far].id));
        json_put(object, "established", json_boolean(told->established));
        json_put(object, "announced", json_boolean(told->announced));
        json_put(object, "why", json_text(reason_text(told->reason)->name));
        json_push(list, object);
    }
    return list;
}

json_t *why_json(const struct world *world, const struct why *why, int64_t now_us)
{
    json_t *tables = json_object();
    for (size_t i = 0; i < why->count; i++) {
        const struct why_table *table = &why->tables[i];
        json_t *object = view_json(world, &table->view, &why->prefix, now_us);
        json_t *paths = json_array();
        for (size_t j = 0; j < table->paths.count; j++)
            json_push(paths, view_route_json(world, &table->view, &table->paths.items[j], now_us));
        json_put(object, "paths", paths);
        json_put(object, "told", told_json(world, table));
        json_put(object, "absent", json_text(table->absent));
        json_put(tables, table->view.name, object);
    }
    json_t *object = json_object();
    json_put(object, "prefix", json_prefix(why->prefix));
    json_put(object, "tables", tables);
    return object;
}
