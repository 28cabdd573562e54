#include "explain/grid.h"

#include "tests/harness.h"

#include <stdlib.h>

static char *shown;
static size_t shown_size;

static const char *rendered(const struct grid *grid, unsigned width, bool ascii, unsigned indent)
{
    free(shown);
    struct screen screen = {
        .out = open_memstream(&shown, &shown_size), .width = width, .ascii = ascii};
    grid_render(grid, &screen, indent);
    fclose(screen.out);
    return shown;
}

static void columns_are_as_wide_as_their_widest_cell(void)
{
    struct grid grid = {.right = 1 << 1};
    grid_begin(&grid);
    grid_add(&grid, "vpn");
    grid_add(&grid, "7");
    grid_add(&grid, "up");
    grid_begin(&grid);
    grid_add(&grid, "a → b");
    grid_say(&grid, "%d", 4711);
    CHECK_TEXT(rendered(&grid, 80, false, 1), " vpn       7  up\n a → b  4711\n");
    CHECK_TEXT(rendered(&grid, 80, true, 0), "vpn        7  up\na -> b  4711\n");
    grid_done(&grid);
}

static void the_last_cell_goes_on_below_itself(void)
{
    struct grid grid = {0};
    grid_begin(&grid);
    grid_add(&grid, "why");
    grid_add(&grid, "because it is so");
    CHECK_TEXT(rendered(&grid, 16, false, 0), "why  because it\n     is so\n");
    grid_done(&grid);
}

static void a_cell_with_too_little_room_stands_below(void)
{
    struct grid grid = {.least = 10};
    grid_begin(&grid);
    grid_add(&grid, "why");
    grid_add(&grid, "0123456789");
    grid_add(&grid, "because it is so");
    grid_begin(&grid);
    grid_add(&grid, "");
    grid_add(&grid, "x");
    grid_add(&grid, "short");
    CHECK_TEXT(rendered(&grid, 24, false, 0), "why  0123456789\n"
                                              "       because it is so\n"
                                              "     x           short\n");
    CHECK_TEXT(rendered(&grid, 28, false, 0), "why  0123456789  because it\n"
                                              "                 is so\n"
                                              "     x           short\n");
    grid_done(&grid);
}

static void empty_rows_and_cells_leave_no_blanks(void)
{
    struct grid grid = {0};
    grid_begin(&grid);
    grid_begin(&grid);
    grid_add(&grid, "a");
    grid_add(&grid, "");
    grid_begin(&grid);
    grid_add(&grid, "bb");
    grid_add(&grid, "c");
    CHECK_TEXT(rendered(&grid, 80, false, 2), "\n  a\n  bb  c\n");
    grid_done(&grid);
}

int main(void)
{
    TEST(columns_are_as_wide_as_their_widest_cell);
    TEST(the_last_cell_goes_on_below_itself);
    TEST(a_cell_with_too_little_room_stands_below);
    TEST(empty_rows_and_cells_leave_no_blanks);
    free(shown);
    return harness_done();
}
