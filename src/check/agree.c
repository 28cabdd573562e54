#include "check/agree.h"

#include "check/screen.h"

/* How the network ends: the same words for both. */
enum end { ALL_UP, SOME_DOWN, ROUND, NO_END };

static const char *const words[] = {[ALL_UP] = "settles with every tunnel up",
                                    [SOME_DOWN] = "settles with a tunnel down",
                                    [ROUND] = "goes round",
                                    [NO_END] = "comes to no end"};

static enum end end_of_screen(const struct screen *screen)
{
    switch (screen->end) {
    case SCREEN_STABLE:
        return screen_all_up(screen) ? ALL_UP : SOME_DOWN;
    case SCREEN_OSCILLATES:
        return ROUND;
    case SCREEN_BOUND:
    default:
        return NO_END;
    }
}

/* A session that goes round moves no tunnel, and that is what the iteration asks about. */
static enum end end_of_run(const struct run *run)
{
    bool restless = sim_restless(run->sim) != NULL;
    if (run->end == SIM_SETTLED || restless)
        return run_all_up(run) ? ALL_UP : SOME_DOWN;
    return run->end == SIM_REPEATS || run_keeps_flapping(run) ? ROUND : NO_END;
}

/* Both have settled: a tunnel that only one of them has up; WORLD_NONE: there is none. */
static int differing_tunnel(const struct screen *screen, const struct run *run)
{
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        bool up = screen->tunnels[i].state == SCREEN_UP;
        if (!run_tunnel_excused(run, (int)i) && up != sim_tunnel_up(run->sim, (int)i))
            return (int)i;
    }
    return WORLD_NONE;
}

static const char *difference(struct check *check, const struct screen *screen,
                              const struct run *run)
{
    enum end seen = end_of_screen(screen), was = end_of_run(run);
    int tunnel = seen == was && was == SOME_DOWN ? differing_tunnel(screen, run) : WORLD_NONE;
    if (seen != was)
        return check_text(check, "the iteration %s, the timed run %s: the timed run counts",
                          words[seen], words[was]);
    if (tunnel == WORLD_NONE)
        return NULL;
    bool up = sim_tunnel_up(run->sim, tunnel);
    return check_text(check, "the iteration has %s %s, the timed run %s: the timed run counts",
                      run->world->tunnels[tunnel].id, up ? "down" : "up", up ? "up" : "down");
}

void agree_say(struct check *check, const struct run *run)
{
    static const char *const names[] = {
        [SCREEN_STABLE] = "stable", [SCREEN_OSCILLATES] = "oscillates", [SCREEN_BOUND] = "bound"};
    struct screen screen;
    if (end_of_run(run) == NO_END || !screen_begin(&screen, check->network))
        return;
    screen_run_story(&screen);
    check->screen_end = names[screen.end];
    check->screen_steps = screen.steps;
    const char *said = difference(check, &screen, run);
    check->screen_differs = said;
    if (said)
        check_add_text(check, &check->assumptions, said);
    screen_end(&screen);
}
