#include "explain/difference.h"

#include "explain/row.h"
#include "explain/told.h"
#include "explain/view_json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512 };

/* -- lists -- */

static char *copy(const char *text)
{
    char *own = strdup(text);
    assert(own);
    return own;
}

static void *room_for(void *items, size_t count, size_t *cap, size_t size_bytes)
{
    if (count < *cap)
        return items;
    *cap = *cap ? 2 * *cap : 16;
    items = realloc(items, *cap * size_bytes);
    assert(items);
    return items;
}

static void cell_say(struct difference_cell *cell, const char *line, json_t *json)
{
    cell->lines = realloc(cell->lines, (cell->count + 1) * sizeof *cell->lines);
    assert(cell->lines);
    cell->lines[cell->count++] = copy(line);
    if (!cell->json)
        cell->json = json_array();
    json_push(cell->json, json);
}

static void cell_done(struct difference_cell *cell)
{
    for (size_t i = 0; i < cell->count; i++)
        free(cell->lines[i]);
    free(cell->lines);
    json_decref(cell->json);
    *cell = (struct difference_cell){0};
}

static void add_line(struct differences *differences, const struct difference_line *line)
{
    differences->lines = room_for(differences->lines, differences->count, &differences->cap,
                                  sizeof *differences->lines);
    differences->lines[differences->count] = *line;
    differences->lines[differences->count++].place = copy(line->place);
}

static void add_alone(struct differences *differences, enum difference_about about,
                      const char *place, int side, size_t prefix_count)
{
    differences->alone = room_for(differences->alone, differences->alone_count,
                                  &differences->alone_cap, sizeof *differences->alone);
    differences->alone[differences->alone_count++] =
        (struct difference_place){about, copy(place), side, prefix_count};
}

/* Two cells become a line, unless they say the same. */
static void settle_cells(struct differences *differences, struct difference_line *line,
                         const json_t *left, const json_t *right)
{
    bool same = left && right ? json_equal(left, right) : left == right;
    if (same) {
        differences->equal_count++;
        cell_done(&line->cells[0]);
        cell_done(&line->cells[1]);
        return;
    }
    add_line(differences, line);
}

/* -- tables -- */

/* A route's facts without how long they have been so; of gateways that are compared, without what
 * their attachments are called. */
static json_t *facts_of(const struct world *world, const struct view *view,
                        const struct view_route *route, bool nameless)
{
    json_t *facts = view_route_json(world, view, route, 0);
    if (json_object_get(facts, "age_s"))
        json_object_del(facts, "age_s");
    if (!nameless)
        return facts;
    json_object_del(facts, "from");
    json_object_del(facts, "next_hop");
    return facts;
}

/* The routes of one prefix from index on; how many. */
static size_t take_cell(const struct world *world, const struct view *view,
                        const struct view_routes *routes, size_t index, bool nameless,
                        struct difference_cell *ret_cell, json_t **ret_compared)
{
    size_t end = index;
    *ret_compared = json_array();
    for (; end < routes->count &&
           prefix_equal(routes->items[end].prefix, routes->items[index].prefix);
         end++) {
        char bytes[LINE_BYTES];
        struct text text = text_over(bytes, sizeof bytes);
        text_view_route(&text, world, view, &routes->items[end]);
        cell_say(ret_cell, bytes, facts_of(world, view, &routes->items[end], false));
        json_push(*ret_compared, facts_of(world, view, &routes->items[end], nameless));
    }
    return end - index;
}

/* Which side has the next prefix: -1 the left, 1 the right, 0 both. */
static int next_side(const struct view_routes *left, size_t i, const struct view_routes *right,
                     size_t j)
{
    if (i == left->count)
        return 1;
    if (j == right->count)
        return -1;
    return prefix_compare(left->items[i].prefix, right->items[j].prefix);
}

struct pair {
    struct view views[2];
    struct view_routes routes[2];
    bool nameless;
};

static void compare_routes(struct differences *differences, const struct pair *pair,
                           const char *place)
{
    const struct view_routes *left = &pair->routes[0], *right = &pair->routes[1];
    for (size_t i = 0, j = 0; i < left->count || j < right->count;) {
        int order = next_side(left, i, right, j);
        struct difference_line line = {.about = DIFFERENCE_TABLE,
                                       .place = (char *)(uintptr_t)place};
        json_t *compared[2] = {NULL, NULL};
        line.prefix = order <= 0 ? left->items[i].prefix : right->items[j].prefix;
        if (order <= 0)
            i += take_cell(differences->sides[0].world, &pair->views[0], left, i, pair->nameless,
                           &line.cells[0], &compared[0]);
        if (order >= 0)
            j += take_cell(differences->sides[1].world, &pair->views[1], right, j, pair->nameless,
                           &line.cells[1], &compared[1]);
        settle_cells(differences, &line, compared[0], compared[1]);
        json_decref(compared[0]);
        json_decref(compared[1]);
    }
}

static const struct view *find_view(const struct views *views, const char *name)
{
    for (size_t i = 0; i < views->count; i++) {
        if (strcmp(views->items[i].name, name) == 0)
            return &views->items[i];
    }
    return NULL;
}

static size_t prefixes_of(const struct world *world, const struct view *view)
{
    struct view_routes routes;
    size_t count = 0;
    view_list(world, view, NULL, &routes);
    for (size_t i = 0; i < routes.count; i++)
        count += i == 0 || !prefix_equal(routes.items[i].prefix, routes.items[i - 1].prefix);
    view_routes_done(&routes);
    return count;
}

static void compare_tables(struct differences *differences)
{
    struct views views[2];
    for (int side = 0; side < 2; side++)
        views_all(differences->sides[side].world, &views[side]);
    for (size_t i = 0; i < views[0].count; i++) {
        const struct view *view = &views[0].items[i];
        const struct view *other = find_view(&views[1], view->name);
        if (!other || other->kind != view->kind) {
            add_alone(differences, DIFFERENCE_TABLE, view->name, 0,
                      prefixes_of(differences->sides[0].world, view));
            continue;
        }
        struct pair pair = {.views = {*view, *other}};
        for (int side = 0; side < 2; side++)
            view_list(differences->sides[side].world, &pair.views[side], NULL, &pair.routes[side]);
        compare_routes(differences, &pair, view->name);
        for (int side = 0; side < 2; side++)
            view_routes_done(&pair.routes[side]);
    }
    for (size_t i = 0; i < views[1].count; i++) {
        const struct view *view = &views[1].items[i];
        const struct view *other = find_view(&views[0], view->name);
        if (!other || other->kind != view->kind)
            add_alone(differences, DIFFERENCE_TABLE, view->name, 1,
                      prefixes_of(differences->sides[1].world, view));
    }
    for (int side = 0; side < 2; side++)
        views_done(&views[side]);
}

/* -- announcements -- */

/* Who tells whom in a world; what, is looked up when it is needed. */
struct telling {
    char *place;
    int node;
    uint16_t neighbor;
};

struct tellings {
    struct telling *items;
    size_t count, cap;
};

static void list_tellings(const struct world *world, struct tellings *tellings)
{
    for (int node = 0; node < (int)world->node_count; node++) {
        const struct engine *engine = world->nodes[node].engine;
        uint16_t count = engine ? engine_neighbor_count(engine) : 0;
        for (uint16_t i = 1; i <= count; i++) {
            char place[LINE_BYTES];
            struct text text = text_over(place, sizeof place);
            if (!tells(world, node, i))
                continue;
            text_telling(&text, world, node, i);
            tellings->items =
                room_for(tellings->items, tellings->count, &tellings->cap, sizeof *tellings->items);
            tellings->items[tellings->count++] = (struct telling){copy(place), node, i};
        }
    }
}

static void tellings_done(struct tellings *tellings)
{
    for (size_t i = 0; i < tellings->count; i++)
        free(tellings->items[i].place);
    free(tellings->items);
}

static void say_told(struct difference_cell *cell, const struct told_route *route)
{
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    const struct reason_text *reason = reason_text(route->reason);
    json_t *json = json_object();
    text_add(&text, "announced");
    if (route->reason != REASON_NONE) {
        text_add(&text, "; ");
        text_add(&text, reason->name);
        text_add(&text, ": ");
        text_add(&text, reason->sentence);
    }
    json_put(json, "announced", json_true());
    json_put(json, "why", json_text(reason->name));
    cell_say(cell, bytes, json);
}

static void compare_told(struct differences *differences, const struct told *left,
                         const struct told *right, const char *place)
{
    for (size_t i = 0, j = 0; i < left->count || j < right->count;) {
        int order = i == left->count ? 1
                    : j == right->count
                        ? -1
                        : prefix_compare(left->items[i].prefix, right->items[j].prefix);
        struct difference_line line = {.about = DIFFERENCE_TOLD, .place = (char *)(uintptr_t)place};
        line.prefix = order <= 0 ? left->items[i].prefix : right->items[j].prefix;
        if (order <= 0)
            say_told(&line.cells[0], &left->items[i++]);
        if (order >= 0)
            say_told(&line.cells[1], &right->items[j++]);
        settle_cells(differences, &line, line.cells[0].json, line.cells[1].json);
    }
}

static const struct telling *find_telling(const struct tellings *tellings, const char *place)
{
    for (size_t i = 0; i < tellings->count; i++) {
        if (strcmp(tellings->items[i].place, place) == 0)
            return &tellings->items[i];
    }
    return NULL;
}

static struct told told_of(const struct world *world, const struct telling *telling)
{
    struct told told;
    told_take(world, telling->node, telling->neighbor, &told);
    return told;
}

static void compare_tellings(struct differences *differences)
{
    struct tellings tellings[2] = {{0}, {0}};
    for (int side = 0; side < 2; side++)
        list_tellings(differences->sides[side].world, &tellings[side]);
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < tellings[side].count; i++) {
            const struct telling *telling = &tellings[side].items[i];
            const struct telling *other = find_telling(&tellings[!side], telling->place);
            if (other && side == 1)
                continue;
            struct told told = told_of(differences->sides[side].world, telling);
            if (other) {
                struct told others = told_of(differences->sides[1].world, other);
                compare_told(differences, &told, &others, telling->place);
                told_done(&others);
            } else {
                add_alone(differences, DIFFERENCE_TOLD, telling->place, side, told.count);
            }
            told_done(&told);
        }
    }
    for (int side = 0; side < 2; side++)
        tellings_done(&tellings[side]);
}

void differences_take(struct side left, struct side right, struct differences *ret_differences)
{
    *ret_differences = (struct differences){.sides = {left, right}};
    compare_tables(ret_differences);
    compare_tellings(ret_differences);
}

/* -- two gateways -- */

static bool is_its_own(const struct view_route *route)
{
    return route->source->kind == SOURCE_LOCAL;
}

/* What the gateway uses, and has from others. */
static void list_learned(const struct world *world, const struct view *view,
                         struct view_routes *routes)
{
    size_t kept = 0;
    view_list(world, view, NULL, routes);
    for (size_t i = 0; i < routes->count; i++) {
        if (routes->items[i].chosen && !is_its_own(&routes->items[i]))
            routes->items[kept++] = routes->items[i];
    }
    routes->count = kept;
}

static bool is_own_prefix(const struct world *world, int gateway, struct prefix prefix)
{
    const struct rib *rib = engine_rib(world->nodes[gateway].engine);
    uint32_t number = rib ? rib_find(rib, prefix) : 0;
    return number && rib_source_get(rib, rib_path_next(rib, number, NULL)->source)->source.kind ==
                         SOURCE_LOCAL;
}

/* Adds what the gateway tells one customer gateway, its own VPC apart. */
static void add_told(const struct world *world, int gateway, uint16_t neighbor, size_t *cap,
                     struct told *all)
{
    struct told told;
    told_take(world, gateway, neighbor, &told);
    for (size_t i = 0; i < told.count; i++) {
        if (is_own_prefix(world, gateway, told.items[i].prefix))
            continue;
        all->items = room_for(all->items, all->count, cap, sizeof *all->items);
        all->items[all->count++] = told.items[i];
    }
    told_done(&told);
}

/* All that the gateway tells its customer gateways, each prefix once. */
static void told_by(const struct world *world, int gateway, struct told *ret_told)
{
    const struct engine *engine = world->nodes[gateway].engine;
    uint16_t neighbors = engine ? engine_neighbor_count(engine) : 0;
    size_t cap = 0, kept = 0;
    *ret_told = (struct told){.node = gateway};
    for (uint16_t i = 1; i <= neighbors; i++) {
        uint16_t port = engine_neighbor(engine, i)->interface;
        if (world->nodes[gateway].ports[port].kind == PORT_TUNNEL && tells(world, gateway, i))
            add_told(world, gateway, i, &cap, ret_told);
    }
    told_sort(ret_told);
    for (size_t i = 0; i < ret_told->count; i++) {
        if (kept == 0 || !prefix_equal(ret_told->items[kept - 1].prefix, ret_told->items[i].prefix))
            ret_told->items[kept++] = ret_told->items[i];
    }
    ret_told->count = kept;
}

void differences_of_gateways(const struct world *world, const int gateways[2],
                             struct differences *ret_differences)
{
    struct differences *differences = ret_differences;
    *differences = (struct differences){0};
    struct pair pair = {.nameless = true};
    struct told told[2];
    for (int side = 0; side < 2; side++) {
        const char *name = world->nodes[gateways[side]].id;
        differences->sides[side] = (struct side){world, name};
        pair.views[side] = (struct view){.kind = VIEW_GATEWAY, .node = gateways[side]};
        list_learned(world, &pair.views[side], &pair.routes[side]);
        told_by(world, gateways[side], &told[side]);
    }
    compare_routes(differences, &pair, "table");
    compare_told(differences, &told[0], &told[1], "told to customer gateways");
    for (int side = 0; side < 2; side++) {
        view_routes_done(&pair.routes[side]);
        told_done(&told[side]);
    }
}

void differences_done(struct differences *differences)
{
    for (size_t i = 0; i < differences->count; i++) {
        free(differences->lines[i].place);
        cell_done(&differences->lines[i].cells[0]);
        cell_done(&differences->lines[i].cells[1]);
    }
    for (size_t i = 0; i < differences->alone_count; i++)
        free(differences->alone[i].place);
    free(differences->lines);
    free(differences->alone);
    *differences = (struct differences){0};
}

/* -- the screen -- */

static bool has_line(const struct difference_cell *cell, const char *line)
{
    for (size_t i = 0; i < cell->count; i++) {
        if (strcmp(cell->lines[i], line) == 0)
            return true;
    }
    return false;
}

static bool difference_is_wordless(const struct difference_line *line)
{
    bool same = line->cells[0].count == line->cells[1].count;
    for (size_t i = 0; same && i < line->cells[0].count; i++)
        same = has_line(&line->cells[1], line->cells[0].lines[i]);
    return same;
}

/* Lines that the other side does not have; where words alone make no difference, all of them. */
static void put_cell(const struct screen *screen, const struct difference_line *line, int side,
                     const char *prefix, unsigned width, bool *named)
{
    const struct difference_cell *cell = &line->cells[side], *other = &line->cells[!side];
    const char *color = side ? SCREEN_GREEN : SCREEN_RED;
    bool all = difference_is_wordless(line);
    for (size_t i = 0; i < cell->count; i++) {
        if (!all && has_line(other, cell->lines[i]))
            continue;
        screen_say(screen, "    %s%c ", color, side ? '+' : '-');
        screen_pad(screen, *named ? "" : prefix, width + 2);
        screen_paragraph(screen, width + 8, width + 12, cell->lines[i]);
        screen_put(screen, SCREEN_END);
        *named = true;
    }
}

static unsigned widest_prefix(const struct differences *differences, enum difference_about about)
{
    unsigned width = 0;
    for (size_t i = 0; i < differences->count; i++) {
        char prefix[PREFIX_TEXT_BYTES];
        struct text text = text_over(prefix, sizeof prefix);
        text_prefix(&text, differences->lines[i].prefix);
        if (differences->lines[i].about == about && text.size > width)
            width = (unsigned)text.size;
    }
    return width;
}

void differences_render(const struct differences *differences, enum difference_about about,
                        const struct screen *screen)
{
    const char *place = NULL;
    unsigned width = widest_prefix(differences, about);
    for (size_t i = 0; i < differences->count; i++) {
        const struct difference_line *line = &differences->lines[i];
        char prefix[PREFIX_TEXT_BYTES];
        struct text text = text_over(prefix, sizeof prefix);
        if (line->about != about)
            continue;
        if (!place || strcmp(place, line->place) != 0)
            screen_say(screen, "  %s%s%s\n", SCREEN_BOLD, line->place, SCREEN_END);
        place = line->place;
        text_prefix(&text, line->prefix);
        bool named = false;
        put_cell(screen, line, 0, prefix, width, &named);
        put_cell(screen, line, 1, prefix, width, &named);
    }
    for (size_t i = 0; i < differences->alone_count; i++) {
        const struct difference_place *alone = &differences->alone[i];
        if (alone->about == about)
            screen_say(screen, "  %s%s%s  only %s, with %zu %s\n", SCREEN_BOLD, alone->place,
                       SCREEN_END, differences->sides[alone->side].name, alone->prefix_count,
                       alone->prefix_count == 1 ? "prefix" : "prefixes");
    }
}

/* -- for a machine -- */

json_t *differences_json(const struct differences *differences, enum difference_about about,
                         const char *const keys[2])
{
    json_t *list = json_array();
    for (size_t i = 0; i < differences->count; i++) {
        const struct difference_line *line = &differences->lines[i];
        if (line->about != about)
            continue;
        json_t *object = json_object();
        json_put(object, "place", json_text(line->place));
        json_put(object, "prefix", json_prefix(line->prefix));
        for (int side = 0; side < 2; side++)
            json_put(object, keys[side],
                     line->cells[side].json ? json_incref(line->cells[side].json) : json_null());
        json_push(list, object);
    }
    return list;
}

json_t *differences_alone_json(const struct differences *differences, const char *const keys[2])
{
    json_t *list = json_array();
    for (size_t i = 0; i < differences->alone_count; i++) {
        const struct difference_place *alone = &differences->alone[i];
        json_t *object = json_object();
        json_put(object, "what", json_text(alone->about == DIFFERENCE_TABLE ? "table" : "session"));
        json_put(object, "place", json_text(alone->place));
        json_put(object, "in", json_text(keys[alone->side]));
        json_put(object, "prefixes", json_integer((json_int_t)alone->prefix_count));
        json_push(list, object);
    }
    return list;
}
