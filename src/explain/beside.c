#include "explain/beside.h"

#include "explain/row.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, CELL_BYTES = ROW_PARTS * (ROW_PART_BYTES + 8) };

/* A table's cells: each route has its prefix and one text, already lined up. */
struct column {
    char header[VIEW_NAME_BYTES + 16];
    struct view_routes routes;
    char **cells; /* one a route */
    unsigned width;
};

struct beside {
    const struct screen *screen;
    struct column *columns;
    size_t count;
    unsigned prefix_width;
};

/* A gateway's other paths are explain's to tell; here stands what it uses, or why it uses none. */
static bool is_shown(const struct view *view, const struct view_routes *routes, size_t index)
{
    const struct view_route *route = &routes->items[index];
    if (view->kind != VIEW_GATEWAY || route->chosen)
        return true;
    return index == 0 || !prefix_equal(routes->items[index - 1].prefix, route->prefix);
}

static void keep_shown(const struct view *view, struct view_routes *routes)
{
    size_t kept = 0;
    for (size_t i = 0; i < routes->count; i++) {
        if (is_shown(view, routes, i))
            routes->items[kept++] = routes->items[i];
    }
    routes->count = kept;
}

static char *line_up(const struct screen *screen, const struct row *row, const unsigned *widths,
                     bool faint)
{
    char cell[CELL_BYTES];
    struct text text = text_over(cell, sizeof cell);
    size_t last = ROW_PARTS;
    while (last > 1 && row->parts[last - 1][0] == 0)
        last--;
    text_add(&text, faint ? SCREEN_FAINT : "");
    for (size_t i = 0; i < last; i++) {
        text_add(&text, row->parts[i]);
        unsigned used = screen_columns(screen, row->parts[i]);
        for (unsigned blank = used; i + 1 < last && blank < widths[i] + GAP; blank++)
            text_char(&text, ' ');
    }
    text_add(&text, faint ? SCREEN_END : "");
    char *own = strdup(cell);
    assert(own);
    return own;
}

static void fill(const struct world *world, const struct view *view, int64_t now_us,
                 const struct screen *screen, struct column *column)
{
    unsigned widths[ROW_PARTS] = {0};
    view_list(world, view, NULL, &column->routes);
    keep_shown(view, &column->routes);
    struct row *rows = calloc(column->routes.count + 1, sizeof *rows);
    column->cells = calloc(column->routes.count + 1, sizeof *column->cells);
    assert(rows && column->cells);
    for (size_t i = 0; i < column->routes.count; i++) {
        row_of(world, view, &column->routes.items[i], now_us, &rows[i]);
        for (size_t part = 0; part < ROW_PARTS; part++) {
            unsigned used = screen_columns(screen, rows[i].parts[part]);
            widths[part] = used > widths[part] ? used : widths[part];
        }
    }
    snprintf(column->header, sizeof column->header, "%s%s%s", view->name,
             view->kind == VIEW_VPC ? " (VPC)" : "", view_is_up(world, view) ? "" : " (down)");
    column->width = screen_columns(screen, column->header);
    for (size_t i = 0; i < column->routes.count; i++) {
        const struct view_route *route = &column->routes.items[i];
        column->cells[i] = line_up(screen, &rows[i], widths, !route->chosen);
        unsigned used = screen_columns(screen, column->cells[i]);
        column->width = used > column->width ? used : column->width;
    }
    free(rows);
}

/* The lowest prefix that some column has at its place; false: all are through. */
static bool next_prefix(const struct column *columns, size_t count, const size_t *places,
                        struct prefix *ret_prefix)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const struct view_routes *routes = &columns[i].routes;
        if (places[i] >= routes->count)
            continue;
        struct prefix prefix = routes->items[places[i]].prefix;
        if (!any || prefix_compare(prefix, *ret_prefix) < 0)
            *ret_prefix = prefix;
        any = true;
    }
    return any;
}

/* One line of a group: the cells that stand at their place with this prefix. false: none did. */
static bool put_line(const struct beside *beside, size_t first, size_t count, size_t *places,
                     struct prefix prefix, bool named)
{
    char bytes[PREFIX_TEXT_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &beside->columns[first + i];
        any |= places[i] < column->routes.count &&
               prefix_equal(column->routes.items[places[i]].prefix, prefix);
    }
    if (!any)
        return false;
    text_prefix(&text, prefix);
    const struct screen *screen = beside->screen;
    unsigned owed = beside->prefix_width + GAP; /* blanks are put only before something */
    screen_put(screen, named ? bytes : "");
    owed -= named ? (unsigned)text.size : 0;
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &beside->columns[first + i];
        unsigned used = 0;
        if (places[i] < column->routes.count &&
            prefix_equal(column->routes.items[places[i]].prefix, prefix)) {
            const char *cell = column->cells[places[i]++];
            screen_blanks(screen, owed);
            screen_put(screen, cell);
            used = screen_columns(screen, cell);
            owed = 0;
        }
        owed += column->width - used + GAP;
    }
    fputc('\n', screen->out);
    return true;
}

static void put_headers(const struct beside *beside, size_t first, size_t count)
{
    const struct screen *screen = beside->screen;
    screen_blanks(screen, beside->prefix_width);
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &beside->columns[first + i];
        screen_blanks(screen, GAP);
        screen_say(screen, "%s%s%s", SCREEN_BOLD, column->header, SCREEN_END);
        if (i + 1 < count)
            screen_blanks(screen, column->width - screen_columns(screen, column->header));
    }
    fputc('\n', screen->out);
}

static void put_group(const struct beside *beside, size_t first, size_t count)
{
    size_t *places = calloc(count, sizeof *places);
    struct prefix prefix;
    assert(places);
    put_headers(beside, first, count);
    while (next_prefix(&beside->columns[first], count, places, &prefix)) {
        bool named = true;
        while (put_line(beside, first, count, places, prefix, named))
            named = false;
    }
    free(places);
}

/* How many columns from the first on fit beside each other; at least one. */
static size_t fitting(const struct beside *beside, size_t first)
{
    unsigned used = beside->prefix_width;
    size_t count = 0;
    while (first + count < beside->count) {
        used += GAP + beside->columns[first + count].width;
        if (used > beside->screen->width && count > 0)
            break;
        count++;
    }
    return count;
}

static unsigned widest_prefix(const struct beside *beside)
{
    unsigned widest = 0;
    for (size_t i = 0; i < beside->count; i++) {
        for (size_t j = 0; j < beside->columns[i].routes.count; j++) {
            char bytes[PREFIX_TEXT_BYTES];
            struct text text = text_over(bytes, sizeof bytes);
            text_prefix(&text, beside->columns[i].routes.items[j].prefix);
            widest = text.size > widest ? (unsigned)text.size : widest;
        }
    }
    return widest;
}

void beside_render(const struct world *world, const struct views *views, int64_t now_us,
                   const struct screen *screen)
{
    struct beside beside = {.screen = screen,
                            .columns = calloc(views->count + 1, sizeof *beside.columns),
                            .count = views->count};
    assert(beside.columns);
    for (size_t i = 0; i < views->count; i++)
        fill(world, &views->items[i], now_us, screen, &beside.columns[i]);
    beside.prefix_width = widest_prefix(&beside);
    for (size_t first = 0; first < views->count;) {
        size_t count = fitting(&beside, first);
        if (first > 0)
            fputc('\n', screen->out);
        put_group(&beside, first, count);
        first += count;
    }
    for (size_t i = 0; i < views->count; i++) {
        for (size_t j = 0; j < beside.columns[i].routes.count; j++)
            free(beside.columns[i].cells[j]);
        free(beside.columns[i].cells);
        view_routes_done(&beside.columns[i].routes);
    }
    free(beside.columns);
}
