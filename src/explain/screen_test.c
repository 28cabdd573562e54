#include "explain/screen.h"

#include "tests/harness.h"

#include <stdlib.h>

static char *shown;
static size_t shown_size;

static struct screen screen_of(bool ascii, bool color)
{
    free(shown);
    shown = NULL;
    return (struct screen){
        .out = open_memstream(&shown, &shown_size), .width = 20, .ascii = ascii, .color = color};
}

static const char *closed(const struct screen *screen)
{
    fclose(screen->out);
    return shown;
}

static void characters_have_their_width(void)
{
    struct screen screen = screen_of(false, false);
    CHECK_EQUAL(screen_columns(&screen, "vgw-main"), 8);
    CHECK_EQUAL(screen_columns(&screen, "── ▶"), 4);
    CHECK_EQUAL(screen_columns(&screen, "関所"), 4);
    CHECK_EQUAL(screen_columns(&screen, "e\xcc\x81"), 1);
    CHECK_EQUAL(screen_columns(&screen, SCREEN_RED "UNSTABLE" SCREEN_END), 8);
    closed(&screen);
}

static void ascii_replaces_and_counts_what_it_puts(void)
{
    struct screen screen = screen_of(true, false);
    CHECK_EQUAL(screen_columns(&screen, "a → b…"), 9);
    screen_put(&screen, "a → b… ─┐ 関");
    CHECK_TEXT(closed(&screen), "a -> b... -+ ?");
}

static void color_is_written_only_where_it_is_wanted(void)
{
    struct screen plain = screen_of(false, false);
    screen_put(&plain, SCREEN_BOLD "x" SCREEN_END);
    CHECK_TEXT(closed(&plain), "x");
    struct screen colored = screen_of(false, true);
    screen_put(&colored, SCREEN_BOLD "x" SCREEN_END);
    CHECK_TEXT(closed(&colored), "\033[1mx\033[0m");
}

static void what_a_user_wrote_moves_no_cursor(void)
{
    struct screen screen = screen_of(false, true);
    screen_put(&screen, "a\033[2Jb\xffz\xe2\x80\tq\xc2\x9b");
    CHECK_TEXT(closed(&screen), "a?[2Jb?z???q?");
}

static void padding_counts_columns_not_bytes(void)
{
    struct screen screen = screen_of(false, false);
    screen_pad(&screen, "→", 3);
    screen_pad(&screen, "too long", 3);
    screen_say(&screen, "%d", 7);
    CHECK_TEXT(closed(&screen), "→  too long7");
}

static void paragraphs_break_before_the_width(void)
{
    struct screen screen = screen_of(false, false);
    screen_put(&screen, "why ");
    screen_paragraph(&screen, 4, 4, "one two three four five");
    CHECK_TEXT(closed(&screen), "why one two three\n    four five\n");
    screen = screen_of(false, false);
    screen_paragraph(&screen, 2, 2, "a wordthatislongerthanthescreen b");
    CHECK_TEXT(closed(&screen), "a\n  wordthatislongerthanthescreen\n  b\n");
    screen = screen_of(true, false);
    screen_paragraph(&screen, 0, 0, "see the page RFC\u00a04271\u00a06.5");
    CHECK_TEXT(closed(&screen), "see the page\nRFC 4271 6.5\n");
    screen = screen_of(false, false);
    screen_put(&screen, "a headline so long ");
    screen_paragraph(&screen, 19, 2, "goes on below");
    CHECK_TEXT(closed(&screen), "a headline so long \n  goes on below\n");
}

int main(void)
{
    TEST(characters_have_their_width);
    TEST(ascii_replaces_and_counts_what_it_puts);
    TEST(color_is_written_only_where_it_is_wanted);
    TEST(what_a_user_wrote_moves_no_cursor);
    TEST(padding_counts_columns_not_bytes);
    TEST(paragraphs_break_before_the_width);
    free(shown);
    return harness_done();
}
