#include "cli/lab_clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECOND_US = 1000000 };

void lab_clock_init(struct lab_clock *clock, const struct screen *screen, const char *way_out)
{
    const char *terminal = getenv("TERM");
    bool able = screen->terminal && terminal && strcmp(terminal, "dumb") != 0;
    *clock = (struct lab_clock){.screen = able ? screen : NULL, .way_out = way_out};
}

void lab_clock_show(struct lab_clock *clock, int64_t now_us)
{
    int64_t now_s = now_us / SECOND_US;
    if (!clock->screen || (clock->there && now_s == clock->shown_s))
        return;
    clock->shown_s = now_s;
    clock->there = true;
    fputc('\r', clock->screen->out); /* what screen_say writes has no controls */
    screen_say(clock->screen, "%8" PRId64 " s  %s%s%s", now_s, SCREEN_FAINT, clock->way_out,
               SCREEN_END);
    fputs("\033[K", clock->screen->out);
    fflush(clock->screen->out);
}

void lab_clock_hide(struct lab_clock *clock)
{
    if (!clock->there)
        return;
    clock->there = false;
    fputs("\r\033[K", clock->screen->out);
    fflush(clock->screen->out);
}
