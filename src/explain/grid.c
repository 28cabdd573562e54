#include "explain/grid.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void grid_done(struct grid *grid)
{
    for (size_t i = 0; i < grid->row_count; i++) {
        for (size_t j = 0; j < grid->rows[i].count; j++)
            free(grid->rows[i].cells[j]);
        free(grid->rows[i].cells);
    }
    free(grid->rows);
    *grid = (struct grid){0};
}

void grid_begin(struct grid *grid)
{
    if (grid->row_count == grid->row_cap) {
        grid->row_cap = grid->row_cap ? 2 * grid->row_cap : 16;
        grid->rows = realloc(grid->rows, grid->row_cap * sizeof *grid->rows);
        assert(grid->rows);
    }
    grid->rows[grid->row_count++] = (struct grid_row){0};
}

static void add_take(struct grid *grid, char *cell)
{
    assert(grid->row_count > 0 && cell);
    struct grid_row *row = &grid->rows[grid->row_count - 1];
    assert(row->count < GRID_COLUMNS_MAX);
    row->cells = realloc(row->cells, (row->count + 1) * sizeof *row->cells);
    assert(row->cells);
    row->cells[row->count++] = cell;
}

void grid_add(struct grid *grid, const char *cell)
{
    add_take(grid, strdup(cell));
}

void grid_say(struct grid *grid, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_take(grid, screen_text(format, arguments));
    va_end(arguments);
}

unsigned grid_column_width(const struct grid *grid, const struct screen *screen, size_t column)
{
    unsigned width = 0;
    for (size_t i = 0; i < grid->row_count; i++) {
        const struct grid_row *row = &grid->rows[i];
        unsigned columns = column < row->count ? screen_columns(screen, row->cells[column]) : 0;
        width = columns > width ? columns : width;
    }
    return width;
}

/* Empty cells at the end leave no blanks behind. */
static size_t cells_shown(const struct grid_row *row)
{
    size_t count = row->count;
    while (count > 0 && row->cells[count - 1][0] == 0)
        count--;
    return count;
}

/* owed: blanks between what stands on the line and column `at`. */
static void render_last(const struct grid *grid, const char *cell, const struct screen *screen,
                        unsigned at, unsigned owed, unsigned below)
{
    bool broken = at + screen_columns(screen, cell) > screen->width;
    if (broken && at > below && at + grid->least > screen->width) {
        at = owed = below + 2;
        fputc('\n', screen->out);
    }
    screen_blanks(screen, owed);
    screen_paragraph(screen, at, at, cell);
}

static void render_row(const struct grid *grid, const struct grid_row *row, const unsigned *widths,
                       const struct screen *screen, unsigned indent)
{
    size_t count = cells_shown(row);
    unsigned at = indent, gap = grid->gap ? grid->gap : 2, owed = indent;
    for (size_t i = 0; i < count; i++) {
        unsigned columns = screen_columns(screen, row->cells[i]);
        bool right = grid->right >> i & 1;
        if (i + 1 == count && !right) {
            render_last(grid, row->cells[i], screen, at, owed, indent + widths[0] + gap);
            return;
        }
        screen_blanks(screen, owed + (right ? widths[i] - columns : 0));
        screen_put(screen, row->cells[i]);
        owed = gap + (right ? 0 : widths[i] - columns);
        at += widths[i] + gap;
    }
    fputc('\n', screen->out);
}

void grid_render(const struct grid *grid, const struct screen *screen, unsigned indent)
{
    unsigned widths[GRID_COLUMNS_MAX];
    for (size_t i = 0; i < GRID_COLUMNS_MAX; i++)
        widths[i] = grid_column_width(grid, screen, i);
    for (size_t i = 0; i < grid->row_count; i++)
        render_row(grid, &grid->rows[i], widths, screen, indent);
}
