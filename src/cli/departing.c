#include "cli/departing.h"

#include "explain/grid.h"
#include "explain/words.h"

enum { SEEDS = 20 };

void departing_reach(const struct play *play, int64_t until_us)
{
    size_t count = play->network->recorded_count;
    int64_t latest_us = count ? play->network->recorded[count - 1].at_us : 0;
    if (until_us < 0 && sim_now_us(play->sim) < latest_us)
        sim_run(play->sim, latest_us);
}

void departing_find(const struct play *play, struct departures *ret_departures)
{
    size_t count;
    const struct moment *moments = sim_moments(play->sim, &count);
    departures_find(play->network, play->world, moments, count, sim_now_us(play->sim),
                    ret_departures);
}

/* What is kept of a run: how many departures, and how far apart the others are. */
struct fit {
    size_t departing;
    int64_t apart_us;
};

static bool is_better(struct fit fit, struct fit best)
{
    return fit.departing != best.departing ? fit.departing < best.departing
                                           : fit.apart_us < best.apart_us;
}

static enum cli_exit fit_of(struct cli *cli, const struct network *network, uint64_t seed,
                            int64_t limit_us, int64_t until_us, struct fit *ret_fit)
{
    struct departures departures;
    struct play play;
    enum cli_exit status =
        play_take_within(cli, network_copy(network), seed, until_us, limit_us, &play);
    if (status != CLI_FINE)
        return status;
    departing_reach(&play, until_us);
    departing_find(&play, &departures);
    *ret_fit = (struct fit){departures.departing, departures.apart_us};
    departures_done(&departures);
    play_done(&play);
    return CLI_FINE;
}

enum cli_exit departing_seed(struct cli *cli, const struct network *network, int64_t limit_us,
                             int64_t until_us, uint64_t *ret_seed)
{
    struct fit best = {.departing = SIZE_MAX}, fit;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        enum cli_exit status = fit_of(cli, network, seed, limit_us, until_us, &fit);
        if (status != CLI_FINE)
            return status;
        if (is_better(fit, best)) {
            best = fit;
            *ret_seed = seed;
        }
    }
    return CLI_FINE;
}

/* -- the answer -- */

/* "session-down of vpn-vyatta/1 at vgw-main" */
static void text_what(struct text *text, const struct world *world,
                      const struct departure *departure)
{
    static const char *const words[] = {
        [NETWORK_SAW_NOTHING] = "",
        [NETWORK_SAW_SESSION_UP] = "session-up",
        [NETWORK_SAW_SESSION_DOWN] = "session-down",
        [NETWORK_SAW_IKE_UP] = "ike-up",
        [NETWORK_SAW_IKE_GIVEN_UP] = "ike-given-up",
    };
    const struct network_recorded *recorded = departure->recorded;
    char name[DEPARTURE_NAME_BYTES] = "";
    if (!recorded)
        departure_name(world, departure->moment, name);
    text_add(text, recorded ? words[recorded->saw] : moment_word(departure->moment->kind));
    text_add(text, " of ");
    text_add(text, recorded ? recorded->of.id : name);
    text_add(text, " at ");
    text_add(text, recorded ? recorded->node.id : world->nodes[departure->moment->node].id);
}

static void add_time(struct grid *grid, int64_t at_us)
{
    char bytes[40];
    struct text text = text_over(bytes, sizeof bytes);
    if (at_us < 0)
        text_add(&text, "-");
    else
        text_seconds(&text, at_us, 3);
    grid_add(grid, bytes);
}

void departing_show(const struct world *world, const struct departures *departures,
                    const struct screen *screen)
{
    struct grid grid = {.right = 1u << 0 | 1u << 1};
    size_t recorded = 0;
    for (size_t i = 0; i < departures->count; i++)
        recorded += departures->items[i].recorded != NULL;
    screen_say(screen, "\nrecorded: %s%zu of %zu moments%s come as they were\n",
               departures->departing ? SCREEN_RED : SCREEN_GREEN, departures->alike, recorded,
               SCREEN_END);
    if (departures->departing == 0)
        return;
    grid_begin(&grid);
    grid_add(&grid, "recorded");
    grid_add(&grid, "simulated");
    for (size_t i = 0; i < departures->count; i++) {
        const struct departure *departure = &departures->items[i];
        char bytes[2 * DEPARTURE_NAME_BYTES];
        struct text text = text_over(bytes, sizeof bytes);
        if (!departure->departs)
            continue;
        grid_begin(&grid);
        add_time(&grid, departure->recorded ? departure->recorded->at_us : -1);
        add_time(&grid, departure->moment ? departure->moment->at_us : -1);
        text_what(&text, world, departure);
        grid_add(&grid, bytes);
    }
    grid_render(&grid, screen, 2);
    grid_done(&grid);
}

json_t *departing_json(const struct world *world, const struct departures *departures)
{
    json_t *object = json_object(), *list = json_array();
    for (size_t i = 0; i < departures->count; i++) {
        const struct departure *departure = &departures->items[i];
        char bytes[2 * DEPARTURE_NAME_BYTES];
        struct text text = text_over(bytes, sizeof bytes);
        text_what(&text, world, departure);
        json_t *item = json_object();
        json_put(item, "what", json_text(bytes));
        json_put(item, "recorded_s",
                 departure->recorded ? json_seconds(departure->recorded->at_us) : json_null());
        json_put(item, "simulated_s",
                 departure->moment ? json_seconds(departure->moment->at_us) : json_null());
        json_put(item, "departs", json_boolean(departure->departs));
        json_push(list, item);
    }
    json_put(object, "alike", json_integer((json_int_t)departures->alike));
    json_put(object, "departing", json_integer((json_int_t)departures->departing));
    json_put(object, "moments", list);
    return object;
}
