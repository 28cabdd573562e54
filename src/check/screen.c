#include "check/screen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* -- one step -- */

/* Who has left the set is told first, so that the routes of a static connection find the tunnel
 * that is left. */
static bool settle(struct screen *screen)
{
    for (int up = 0; up < 2; up++) {
        for (size_t i = 0; i < screen->world->tunnel_count; i++) {
            if (screen->set[i] != (up != 0) || screen->told[i] == screen->set[i])
                continue;
            instant_set_tunnel(screen->sim, (int)i, up);
            screen->told[i] = up;
        }
    }
    return instant_settle(screen->sim);
}

/* Which route leads a tunnel's packets where they do not come through, or into another tunnel: that
 * of the node itself. */
static void explain(const struct screen *screen, int tunnel, int end)
{
    struct screen_tunnel *of = &screen->tunnels[tunnel];
    struct hop hops[PATH_HOPS];
    struct path path = {.hops = hops};
    (void)instant_passes(screen->sim, tunnel, end, &path);
    *of = (struct screen_tunnel){.drop = path.drop, .end = end, .into = path.into_tunnel};
    for (size_t i = 0; i < path.hop_count && hops[i].kind == HOP_KERNEL; i++) {
        of->prefix = hops[i].prefix;
        of->neighbor = hops[i].neighbor;
    }
}

static bool comes_through(const struct screen *screen, int tunnel)
{
    struct path path = {.hops = NULL};
    if (instant_is_cut(screen->sim, tunnel))
        return false;
    for (int end = 0; end < 2; end++) {
        bool passes = instant_passes(screen->sim, tunnel, end, &path);
        if (!passes || path.swallowed)
            explain(screen, tunnel, end);
        if (!passes)
            return false;
    }
    return true;
}

/* -- the sets -- */

static size_t set_bytes(const struct screen *screen)
{
    return screen->world->tunnel_count * sizeof *screen->set;
}

static bool *set_at(const struct screen *screen, size_t step)
{
    return screen->sets + step * screen->world->tunnel_count;
}

/* At which step this set was there; `steps` when it never was. */
static size_t seen_at(const struct screen *screen, size_t steps)
{
    size_t step = 0;
    while (step < steps && memcmp(set_at(screen, step), screen->set, set_bytes(screen)) != 0)
        step++;
    return step;
}

/* from: the first of the sets that repeat. */
static void judge(struct screen *screen, size_t from)
{
    for (size_t i = 0; i < screen->world->tunnel_count; i++) {
        bool up = false, down = false;
        for (size_t step = from; step < screen->steps; step++) {
            up |= set_at(screen, step)[i];
            down |= !set_at(screen, step)[i];
        }
        screen->tunnels[i].state = instant_is_cut(screen->sim, (int)i) ? SCREEN_CUT
                                   : up && down                        ? SCREEN_FLAPS
                                   : up                                ? SCREEN_UP
                                                                       : SCREEN_DOWN;
    }
}

static void begin_set(struct screen *screen)
{
    for (size_t i = 0; i < screen->world->tunnel_count; i++) {
        screen->set[i] &= !instant_is_cut(screen->sim, (int)i);
        screen->tunnels[i] = (struct screen_tunnel){.into = WORLD_NONE};
    }
}

void screen_run(struct screen *screen)
{
    begin_set(screen);
    screen->end = SCREEN_BOUND;
    for (screen->steps = 0; screen->steps < SCREEN_STEPS_MAX;) {
        memcpy(set_at(screen, screen->steps), screen->set, set_bytes(screen));
        screen->steps++;
        if (!settle(screen))
            break;
        for (size_t i = 0; i < screen->world->tunnel_count; i++)
            screen->set[i] = comes_through(screen, (int)i);
        size_t seen = seen_at(screen, screen->steps);
        if (seen == screen->steps)
            continue;
        screen->end = seen + 1 == screen->steps ? SCREEN_STABLE : SCREEN_OSCILLATES;
        judge(screen, seen);
        memcpy(screen->base, screen->set, set_bytes(screen));
        return;
    }
    judge(screen, 0);
}

void screen_run_story(struct screen *screen)
{
    screen_run(screen);
    for (size_t i = 0; i < screen->network.step_count; i++) {
        instant_play(screen->sim, &screen->network.story[i]);
        screen_run(screen);
    }
}

/* -- variants -- */

bool screen_probe(struct screen *screen)
{
    memcpy(screen->set, screen->base, set_bytes(screen));
    begin_set(screen);
    bool settled = settle(screen), all = settled;
    for (size_t i = 0; settled && i < screen->world->tunnel_count; i++) {
        bool cut = instant_is_cut(screen->sim, (int)i);
        bool through = comes_through(screen, (int)i);
        screen->tunnels[i].state = cut ? SCREEN_CUT : through ? SCREEN_UP : SCREEN_DOWN;
        all &= cut || !screen->base[i] || (through && screen->tunnels[i].into == WORLD_NONE);
    }
    return all;
}

void screen_return(struct screen *screen)
{
    if (screen_probe(screen))
        return;
    struct network network = screen->network;
    screen_end(screen);
    bool again = screen_begin(screen, &network);
    assert(again); /* there was memory for the same a moment ago */
    screen_run_story(screen);
}

bool screen_all_up(const struct screen *screen)
{
    for (size_t i = 0; i < screen->world->tunnel_count; i++) {
        enum screen_state state = screen->tunnels[i].state;
        if (state != SCREEN_UP && state != SCREEN_CUT)
            return false;
    }
    return true;
}

/* -- beginning and end -- */

bool screen_begin(struct screen *screen, const struct network *network)
{
    *screen = (struct screen){.network = *network};
    screen->world = network_build(&screen->network);
    if (!screen->world)
        return false;
    screen->sim = instant_create(screen->world, &screen->network);
    if (!screen->sim) {
        world_destroy(screen->world);
        return false;
    }
    size_t count = screen->world->tunnel_count;
    screen->tunnels = calloc(count + 1, sizeof *screen->tunnels);
    screen->set = calloc(count + 1, sizeof *screen->set);
    screen->told = calloc(count + 1, sizeof *screen->told);
    screen->base = calloc(count + 1, sizeof *screen->base);
    screen->sets = calloc(count + 1, SCREEN_STEPS_MAX * sizeof *screen->sets);
    assert(screen->tunnels && screen->set && screen->told && screen->base && screen->sets);
    /* Without its provider no tunnel comes up: what the provider says is older, which decides where
     * a router takes the older of equal paths. */
    bool rests = instant_settle(screen->sim);
    (void)rests; /* where it does not, no run will, and says so */
    for (size_t i = 0; i < count; i++)
        screen->set[i] = true;
    return true;
}

void screen_end(struct screen *screen)
{
    sim_destroy(screen->sim);
    world_destroy(screen->world);
    free(screen->tunnels);
    free(screen->set);
    free(screen->told);
    free(screen->base);
    free(screen->sets);
    *screen = (struct screen){.world = NULL};
}
