#include "cli/lab_clock.h"

#include "tests/harness.h"

#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECOND_US = 1000000 };

static struct screen screen = {.width = 100};

static int open_terminal(void)
{
    int ours = -1, theirs = -1;
    setenv("TERM", "xterm", 1);
    CHECK(openpty(&ours, &theirs, NULL, NULL, NULL) == 0);
    screen.out = fdopen(theirs, "w");
    screen.terminal = true;
    return ours;
}

static const char *read_end(int file)
{
    static char bytes[4096];
    size_t size = 0;
    ssize_t more = 1; /* a terminal hands out what was written in pieces */
    fputc('.', screen.out);
    fflush(screen.out);
    while (more > 0 && (size == 0 || bytes[size - 1] != '.') && size < sizeof bytes - 1) {
        more = read(file, bytes + size, sizeof bytes - 1 - size);
        size += more > 0 ? (size_t)more : 0;
    }
    bytes[size] = 0;
    fclose(screen.out);
    close(file);
    return bytes;
}

static void it_goes_once_a_second_and_away(void)
{
    struct lab_clock clock;
    int file = open_terminal();
    lab_clock_init(&clock, &screen, "Ctrl-C ends it");
    lab_clock_hide(&clock); /* nothing stands */
    lab_clock_show(&clock, 75 * SECOND_US);
    lab_clock_show(&clock, 75 * SECOND_US + 999999);
    lab_clock_show(&clock, 76 * SECOND_US);
    lab_clock_hide(&clock);
    lab_clock_hide(&clock);
    lab_clock_show(&clock, 76 * SECOND_US); /* again, under what was written */
    lab_clock_hide(&clock);
    CHECK_TEXT(read_end(file), "\r      75 s  Ctrl-C ends it\033[K"
                               "\r      76 s  Ctrl-C ends it\033[K\r\033[K"
                               "\r      76 s  Ctrl-C ends it\033[K\r\033[K.");
}

static void who_cannot_take_back_a_line_is_told_nothing(void)
{
    struct lab_clock clock;
    char *text = NULL;
    size_t size;
    int file = open_terminal();
    setenv("TERM", "dumb", 1);
    lab_clock_init(&clock, &screen, "Ctrl-C ends it");
    lab_clock_show(&clock, SECOND_US);
    lab_clock_hide(&clock);
    CHECK_TEXT(read_end(file), ".");
    setenv("TERM", "xterm", 1);
    screen.out = open_memstream(&text, &size);
    screen.terminal = false;
    lab_clock_init(&clock, &screen, "Ctrl-C ends it");
    lab_clock_show(&clock, SECOND_US);
    fclose(screen.out);
    CHECK_TEXT(text, "");
    free(text);
}

static void none_is_made_of_zeros(void)
{
    struct lab_clock clock = {0};
    lab_clock_show(&clock, SECOND_US);
    lab_clock_hide(&clock);
    CHECK(!clock.there);
}

int main(void)
{
    TEST(it_goes_once_a_second_and_away);
    TEST(who_cannot_take_back_a_line_is_told_nothing);
    TEST(none_is_made_of_zeros);
    return harness_done();
}
