#include "cli/terminal.h"

#include "tests/harness.h"

#include <stdlib.h>

static void a_pipe_has_no_color_and_its_own_width(void)
{
    FILE *file = tmpfile();
    CHECK(file != NULL);
    unsetenv("COLUMNS");
    setenv("LC_ALL", "C", 1);
    struct screen screen = terminal_screen(file, fileno(file));
    CHECK(!screen.color);
    CHECK(screen.ascii);
    CHECK_EQUAL(screen.width, TERMINAL_COLUMNS);
    fclose(file);
}

static void the_locale_says_what_characters_there_are(void)
{
    FILE *file = tmpfile();
    CHECK(file != NULL);
    setenv("LC_ALL", "C.UTF-8", 1);
    CHECK(!terminal_screen(file, fileno(file)).ascii);
    setenv("LC_ALL", "POSIX", 1);
    CHECK(terminal_screen(file, fileno(file)).ascii);
    fclose(file);
}

static void columns_may_be_said(void)
{
    static const struct {
        const char *said;
        unsigned width;
    } cases[] = {
        {"80", 80},
        {"120", 120},
        {"10", TERMINAL_COLUMNS_LEAST},
        {"0", TERMINAL_COLUMNS},
        {"wide", TERMINAL_COLUMNS},
        {"", TERMINAL_COLUMNS},
        {"99999999999999999999", TERMINAL_COLUMNS},
    };
    FILE *file = tmpfile();
    CHECK(file != NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("COLUMNS", cases[i].said, 1);
        CHECK_EQUAL(terminal_screen(file, fileno(file)).width, cases[i].width);
    }
    fclose(file);
}

int main(void)
{
    TEST(a_pipe_has_no_color_and_its_own_width);
    TEST(the_locale_says_what_characters_there_are);
    TEST(columns_may_be_said);
    return harness_done();
}
