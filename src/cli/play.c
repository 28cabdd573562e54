#include "cli/play.h"

#include "explain/words.h"
#include "network/build.h"
#include "world/forward.h"
#include "world/names.h"

#include <assert.h>
#include <inttypes.h>

enum { TUNNELS_NAMED = 3, PERIODS_ALIKE_US = 100000 };

static bool all_up(const struct play *play)
{
    for (size_t i = 0; i < play->world->tunnel_count; i++) {
        if (!sim_tunnel_up(play->sim, (int)i))
            return false;
    }
    return true;
}

static enum play_verdict judge(const struct play *play, bool stopped)
{
    if (play->end == SIM_REPEATS)
        return PLAY_UNSTABLE;
    if (play->end == SIM_LIMIT && !stopped)
        return PLAY_UNKNOWN;
    if (!all_up(play))
        return PLAY_DEGRADED;
    return play->end == SIM_SETTLED ? PLAY_STABLE : PLAY_UP;
}

bool play_limit(struct cli *cli, const struct arguments *arguments, int64_t *ret_limit_us)
{
    int64_t limit_us;
    if (!arguments_duration(cli, arguments, "limit", 0, &limit_us))
        return false;
    if (arguments_has(arguments, "limit") && (limit_us < 1 || limit_us > SIM_LIMIT_US)) {
        cli_error(cli, "--limit %s: expected more than 0 and at most %d hours",
                  arguments_value(arguments, "limit"), (int)(SIM_LIMIT_US / 3600 / 1000000));
        return false;
    }
    *ret_limit_us = limit_us;
    return true;
}

enum cli_exit play_take(struct cli *cli, struct network *network, uint64_t seed, int64_t until_us,
                        struct play *ret_play)
{
    return play_take_within(cli, network, seed, until_us, 0, ret_play);
}

static enum cli_exit no_memory(struct cli *cli)
{
    cli_error(cli, "no memory to build the network");
    return CLI_WORLD;
}

enum cli_exit play_build(struct cli *cli, struct network *network, struct play *ret_play)
{
    *ret_play = (struct play){.network = network, .world = network_build(network)};
    return ret_play->world ? CLI_FINE : no_memory(cli);
}

enum cli_exit play_run(struct cli *cli, struct play *play, const struct sim_options *options,
                       int64_t until_us)
{
    if (until_us > SIM_LIMIT_US) {
        cli_error(cli, "a run ends after %d hours at the latest",
                  (int)(SIM_LIMIT_US / 3600 / 1000000));
        return CLI_USAGE;
    }
    play->sim = sim_create(play->world, play->network, options);
    if (!play->sim)
        return no_memory(cli);
    bool stopped = until_us >= 0;
    if (stopped) {
        sim_run(play->sim, until_us);
        play->end = SIM_UNTIL;
    } else {
        play->end = sim_run_story(play->sim);
    }
    if (sim_complaint(play->sim)) {
        cli_error(cli, "a bug of ours, please report it: at %.6f s %s",
                  (double)sim_now_us(play->sim) / 1e6, sim_complaint(play->sim));
        return CLI_WORLD;
    }
    if (stopped && sim_now_us(play->sim) < until_us) {
        cli_error(cli, "too much happens before: after %" PRIu64 " events the run is at %.3f s",
                  sim_event_count(play->sim), (double)sim_now_us(play->sim) / 1e6);
        return CLI_USAGE;
    }
    play->verdict = judge(play, stopped);
    return CLI_FINE;
}

enum cli_exit play_take_within(struct cli *cli, struct network *network, uint64_t seed,
                               int64_t until_us, int64_t limit_us, struct play *ret_play)
{
    struct sim_options options = {.seed = seed, .limit_us = limit_us};
    struct play play;
    enum cli_exit status = play_build(cli, network, &play);
    if (status == CLI_FINE)
        status = play_run(cli, &play, &options, until_us);
    if (status == CLI_FINE)
        *ret_play = play;
    else
        play_done(&play);
    return status;
}

void play_done(struct play *play)
{
    sim_destroy(play->sim);
    world_destroy(play->world);
    network_free(play->network);
    *play = (struct play){0};
}

const char *play_verdict_name(enum play_verdict verdict)
{
    static const char *const names[] = {[PLAY_STABLE] = "stable",
                                        [PLAY_DEGRADED] = "degraded",
                                        [PLAY_UNSTABLE] = "unstable",
                                        [PLAY_UP] = "up",
                                        [PLAY_UNKNOWN] = "unknown"};
    return names[verdict];
}

const char *play_end_name(enum sim_end end)
{
    static const char *const names[] = {[SIM_SETTLED] = "settled",
                                        [SIM_REPEATS] = "repeats",
                                        [SIM_UNTIL] = "until",
                                        [SIM_LIMIT] = "limit",
                                        [SIM_BROKEN] = "broken"};
    return names[end];
}

enum cli_exit play_exit(const struct play *play)
{
    return play->verdict == PLAY_STABLE || play->verdict == PLAY_UP ? CLI_FINE : CLI_FOUND;
}

/* Do its own packets end in a tunnel, though both its ends have SAs? WORLD_NONE: no. */
static int into_of(const struct play *play, int tunnel)
{
    const struct tunnel *of = &play->world->tunnels[tunnel];
    if (!of->plain && (of->ends[0].sa == 0 || of->ends[0].sa != of->ends[1].sa))
        return WORLD_NONE;
    for (int end = 0; end < 2; end++) {
        struct path path = {.hops = NULL};
        forward_outer(play->world, tunnel, end, &path);
        if (path.swallowed && !path.delivered)
            return path.into_tunnel;
    }
    return WORLD_NONE;
}

struct tunnel_sight play_tunnel(const struct play *play, int tunnel)
{
    struct tunnel_sight state = {BEING_UP, WORLD_NONE, sim_period_us(play->sim, tunnel)};
    if (sim_tunnel_up(play->sim, tunnel))
        return state;
    state.into = into_of(play, tunnel);
    state.being = state.into == WORLD_NONE ? BEING_DOWN : BEING_SWALLOWED;
    return state;
}

/* Whose tunnels are in the trouble at hand: up and down for ever, or down. */
static bool is_troubled(const struct play *play, int tunnel)
{
    if (play->verdict == PLAY_UNSTABLE)
        return sim_period_us(play->sim, tunnel) > 0;
    return !sim_tunnel_up(play->sim, tunnel);
}

/* A BGP session that ends again and again while every tunnel is up. */
static void text_restless(struct text *text, const struct play *play, const struct moment *end)
{
    text_add(text, "BGP of ");
    text_add(text, play->world->nodes[end->node].id);
    text_add(text, " by ");
    text_neighbor(text, play->world, end->node, end->neighbor);
    text_add(text, " goes down and comes back");
}

/* The names of those that are so; the first few. */
static size_t text_tunnels(struct text *text, const struct play *play, enum tunnel_being being)
{
    size_t count = 0;
    for (size_t i = 0; i < play->world->tunnel_count; i++) {
        bool unstable = play->verdict == PLAY_UNSTABLE;
        if (!is_troubled(play, (int)i) || (!unstable && play_tunnel(play, (int)i).being != being) ||
            count++ >= TUNNELS_NAMED)
            continue;
        text_add(text, text->size ? ", " : "");
        text_add(text, play->world->tunnels[i].id);
    }
    if (count > TUNNELS_NAMED) {
        text_add(text, " and ");
        text_u64(text, count - TUNNELS_NAMED);
        text_add(text, " more tunnels");
    }
    return count;
}

static void text_periods(struct text *text, const struct play *play)
{
    int64_t least_us = INT64_MAX, most_us = 0;
    size_t count = text_tunnels(text, play, BEING_DOWN);
    for (size_t i = 0; i < play->world->tunnel_count; i++) {
        int64_t period_us = sim_period_us(play->sim, (int)i);
        if (!is_troubled(play, (int)i))
            continue;
        least_us = period_us < least_us ? period_us : least_us;
        most_us = period_us > most_us ? period_us : most_us;
    }
    if (count == 0)
        return;
    text_add(text,
             count > 1 ? " go down and come back, every " : " goes down and comes back, every ");
    text_span(text, least_us);
    if (most_us - least_us > PERIODS_ALIKE_US) {
        text_add(text, " to ");
        text_span(text, most_us);
    }
}

/* Of one alone it is said what swallows it. */
static void text_swallowed(struct text *text, const struct play *play)
{
    for (size_t i = 0; i < play->world->tunnel_count; i++) {
        struct tunnel_sight state = play_tunnel(play, (int)i);
        if (state.being != BEING_SWALLOWED)
            continue;
        state.period_us = 0; /* it does not go round for ever */
        text_add(text, text->size ? ", " : "");
        text_tunnel_sight(text, play->world, (int)i, &state);
    }
}

static size_t count_of(const struct play *play, enum tunnel_being being)
{
    size_t count = 0;
    for (size_t i = 0; i < play->world->tunnel_count; i++)
        count += play_tunnel(play, (int)i).being == being;
    return count;
}

/* The tunnels' names, and how they are; nothing when nothing is wrong. */
static void text_troubles(struct text *text, const struct play *play)
{
    if (play->verdict == PLAY_UNSTABLE) {
        text_periods(text, play);
        return;
    }
    size_t down = count_of(play, BEING_DOWN), swallowed = count_of(play, BEING_SWALLOWED);
    if (down > 0) {
        text_tunnels(text, play, BEING_DOWN);
        text_add(text, down > 1 ? " are down" : " is down");
    }
    if (swallowed == 1) {
        text_swallowed(text, play);
    } else if (swallowed > 1) {
        text_tunnels(text, play, BEING_SWALLOWED);
        text_add(text, " are swallowed");
    }
}

static void text_state(struct text *text, const struct play *play)
{
    const struct moment *restless = play->end == SIM_REPEATS ? sim_restless(play->sim) : NULL;
    if (restless)
        text_restless(text, play, restless);
    else
        text_troubles(text, play);
    if (text->size == 0 && play->world->tunnel_count > 0)
        text_add(text, play->world->tunnel_count == 1 ? "its tunnel is up" : "all tunnels are up");
    switch (play->end) {
    case SIM_SETTLED:
        text_add(text, "; nothing more happens");
        break;
    case SIM_REPEATS:
        text_add(text, ", for ever");
        break;
    case SIM_LIMIT:
        text_add(text, "; neither at rest nor in a circle when the run's limit was reached");
        break;
    case SIM_UNTIL:
    case SIM_BROKEN:
    default:
        text_add(text, " at ");
        text_seconds(text, sim_now_us(play->sim), 3);
        text_add(text, " s");
        break;
    }
}

void play_headline(const struct play *play, const char *name, const struct screen *screen)
{
    static const struct {
        const char *word, *color;
    } words[] = {
        [PLAY_STABLE] = {"STABLE", SCREEN_GREEN},    [PLAY_DEGRADED] = {"DEGRADED", SCREEN_RED},
        [PLAY_UNSTABLE] = {"UNSTABLE", SCREEN_RED},  [PLAY_UP] = {"UP", SCREEN_GREEN},
        [PLAY_UNKNOWN] = {"UNKNOWN", SCREEN_YELLOW},
    };
    char bytes[512];
    struct text text = text_over(bytes, sizeof bytes);
    text_state(&text, play);
    const char *word = words[play->verdict].word;
    screen_say(screen, "%s: %s%s%s  ", name, words[play->verdict].color, word, SCREEN_END);
    unsigned at = screen_columns(screen, name) + screen_columns(screen, word) + 4;
    screen_paragraph(screen, at, 4, bytes);
}
