/* Columns as wide as what stands in them. A cell is a text as explain/screen.h takes it; a row may
 * end early. */
#pragma once

#include "explain/screen.h"

struct grid {
    struct grid_row {
        char **cells;
        size_t count;
    } * rows;
    size_t row_count, row_cap;
    unsigned right; /* set of columns (bit 1 << column) whose cells stand at the right */
    unsigned gap;   /* blanks between columns; 0: two */
    unsigned least; /* a row's last cell that would be broken narrower stands below its row */
};

enum { GRID_COLUMNS_MAX = 32 };

void grid_done(struct grid *grid);
void grid_begin(struct grid *grid); /* the next row */
void grid_add(struct grid *grid, const char *cell);
void grid_say(struct grid *grid, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The widest cell of a column; 0: nothing in it. */
unsigned grid_column_width(const struct grid *grid, const struct screen *screen, size_t column);
/* All rows, each indented. The last cell of a row is continued below itself, at words, where the
 * screen ends. */
void grid_render(const struct grid *grid, const struct screen *screen, unsigned indent);
