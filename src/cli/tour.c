#include "check/check.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/drawing.h"
#include "cli/play.h"
#include "cli/simulate.h"
#include "cli/source.h"
#include "cli/timeline.h"
#include "explain/grid.h"
#include "explain/route_line.h"
#include "explain/words.h"
#include "world/names.h"

#include <inttypes.h>

enum { SEED = 1 };

static const struct option options[] = {
    {"json", NULL, "the answer for a machine"},
};

static void heading(const struct screen *screen, const char *text)
{
    screen_say(screen, "\n%s%s%s\n\n", SCREEN_BOLD, text, SCREEN_END);
}

/* How a tunnel's own packets leave its router now: the route that must not be the tunnel's. */
static void add_own_way(const struct world *world, const struct tunnel *tunnel, struct grid *grid)
{
    const struct tunnel_end *end = &tunnel->ends[TUNNEL_CUSTOMER];
    char bytes[512];
    struct text text = text_over(bytes, sizeof bytes);
    struct prefix prefix;
    bool found = kernel_match(&world->nodes[end->node].kernel, end->outer_remote, &prefix);
    text_ip(&text, end->outer_remote);
    text_add(&text, " by ");
    if (!found || !text_installed(&text, world, end->node, prefix))
        text_add(&text, "no route");
    grid_add(grid, bytes);
}

static void show_tunnels(const struct play *play, const struct screen *screen)
{
    const struct world *world = play->world;
    struct grid grid = {0};
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        bool up = sim_tunnel_up(play->sim, (int)i);
        grid_begin(&grid);
        grid_add(&grid, tunnel->id);
        grid_say(&grid, "%s%s%s", up ? SCREEN_GREEN : SCREEN_RED, up ? "up" : "down", SCREEN_END);
        grid_say(&grid, "%s reaches", world->nodes[tunnel->ends[TUNNEL_CUSTOMER].node].id);
        add_own_way(world, tunnel, &grid);
    }
    grid_render(&grid, screen, 2);
    grid_done(&grid);
}

/* The first whole second after a tunnel was swallowed, when its table is worth looking at; 0: none
 * ever was. */
static int64_t worth_seeing_s(const struct play *play)
{
    int64_t first_us = INT64_MAX;
    for (size_t i = 0; i < play->world->tunnel_count; i++) {
        int64_t swallowed_us = sim_swallowed_us(play->sim, (int)i);
        if (swallowed_us >= 0 && swallowed_us < first_us)
            first_us = swallowed_us;
    }
    return first_us == INT64_MAX ? 0 : first_us / 1000000 + 1;
}

static enum cli_exit show_story(struct cli *cli, const struct network *network, const char *name,
                                int64_t *ret_look_s)
{
    struct play play;
    struct timeline_options how = {.no_minor = true, .once = true};
    enum cli_exit status = play_take(cli, network_copy(network), SEED, -1, &play);
    if (status != CLI_FINE)
        return status;
    heading(&cli->out, "What happens: simulate");
    play_headline(&play, name, &cli->out);
    fputc('\n', cli->out.out);
    struct timeline timeline = timeline_of(&play);
    timeline_render(&timeline, &how, &cli->out);
    *ret_look_s = worth_seeing_s(&play);
    play_done(&play);
    return CLI_FINE;
}

/* The first finding of the story that can be cured; the number of findings: none. */
static size_t curable(const struct check *check)
{
    size_t count = check_finding_count(check);
    for (size_t i = 0; i < count; i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (finding->remedy_count > 0 && !finding->condition)
            return i;
    }
    return count;
}

static enum cli_exit show_cured(struct cli *cli, const struct check *check)
{
    size_t finding = curable(check);
    struct play play;
    if (finding == check_finding_count(check))
        return CLI_FINE;
    const struct check_remedy *remedy = &check_finding(check, finding)->remedies[0];
    struct network *cured = check_remedy_network(check, finding, 0);
    if (!cured) {
        cli_error(cli, "no memory to apply the remedy");
        return CLI_WORLD;
    }
    enum cli_exit status = play_take(cli, cured, SEED, -1, &play);
    if (status != CLI_FINE)
        return status;
    heading(&cli->out, "The same story, cured");
    screen_say(&cli->out, "With remedy %zu applied, %s: %s\n", remedy->number, remedy->where,
               remedy->change);
    play_headline(&play, "then", &cli->out);
    fputc('\n', cli->out.out);
    show_tunnels(&play, &cli->out);
    play_done(&play);
    return CLI_FINE;
}

static void show_next(struct cli *cli, const struct check *check, const char *path, int64_t look_s)
{
    const struct screen *screen = &cli->out;
    heading(screen, "Try next");
    if (check_finding_count(check) == 0 || check_finding(check, 0)->condition) {
        screen_say(screen, "  %s routes %s\n  %s simulate --timeline %s\n  %s check --json %s\n",
                   cli->program, path, cli->program, path, cli->program, path);
        return;
    }
    const struct check_finding *finding = check_finding(check, 0);
    for (size_t i = 0; finding->what && i < check_finding_count(check); i++)
        finding = check_finding(check, i);
    if (finding->what ||
        finding->condition) { /* only matters of settings: each is told by its page */
        screen_say(screen, "  %s routes %s\n  %s check %s\n  %s explain %s\n", cli->program, path,
                   cli->program, path, cli->program, check_finding_name(finding->kind));
        return;
    }
    char prefix[PREFIX_TEXT_BYTES];
    struct text text = text_over(prefix, sizeof prefix);
    text_prefix(&text, finding->prefix);
    char time[40] = "";
    if (look_s > 0)
        snprintf(time, sizeof time, " --time %" PRId64 "s", look_s);
    screen_say(screen, "  %s explain %s %s%s\n", cli->program, path, prefix, time);
    screen_say(screen, "  %s routes %s --at %s,%s%s\n", cli->program, path, finding->router,
               finding->gateway, time);
    if (check_remedy_total(check) > 0)
        screen_say(screen, "  %s check %s --apply 1 | %s check -\n", cli->program, path,
                   cli->program);
    else
        screen_say(screen, "  %s explain %s\n", cli->program, check_finding_name(finding->kind));
}

static enum cli_exit tour(struct cli *cli, const struct network *network, const char *path)
{
    struct check_options how = {.seed = SEED};
    struct check *check = check_run(network, &how);
    if (!check) {
        cli_error(cli, "no memory to check the network");
        return CLI_WORLD;
    }
    const struct check_render_options look = {.title = path,
                                              .program = cli->program,
                                              .color = cli->out.color,
                                              .utf8 = !cli->out.ascii,
                                              .width = cli->out.width};
    screen_say(&cli->out, "%s%s%s\n\n", SCREEN_BOLD, path, SCREEN_END);
    drawing_render(network, &cli->out, 2);
    int64_t look_s = 0;
    enum cli_exit status = show_story(cli, network, path, &look_s);
    if (status == CLI_FINE) {
        heading(&cli->out, "What it means: check");
        check_render(check, cli->out.out, &look);
        status = show_cured(cli, check);
    }
    if (status == CLI_FINE)
        show_next(cli, check, path, look_s);
    check_free(check);
    return status;
}

/* -- for a machine -- */

/* The run's answer, as `simulate` has it. Takes the network. */
static enum cli_exit put_run(struct cli *cli, struct network *network, const char *key,
                             json_t *answer)
{
    struct play play;
    enum cli_exit status = play_take(cli, network, SEED, -1, &play);
    if (status != CLI_FINE)
        return status;
    json_put(answer, key, simulate_json(&play, SEED, NULL));
    play_done(&play);
    return CLI_FINE;
}

static enum cli_exit put_cured(struct cli *cli, const struct check *check, json_t *answer)
{
    size_t finding = curable(check);
    if (finding == check_finding_count(check)) {
        json_put(answer, "remedy", json_null());
        json_put(answer, "cured", json_null());
        return CLI_FINE;
    }
    const struct check_remedy *remedy = &check_finding(check, finding)->remedies[0];
    struct network *cured = check_remedy_network(check, finding, 0);
    if (!cured) {
        cli_error(cli, "no memory to apply the remedy");
        return CLI_WORLD;
    }
    json_put(answer, "remedy", json_integer((json_int_t)remedy->number));
    return put_run(cli, cured, "cured", answer);
}

static enum cli_exit tour_json(struct cli *cli, const struct network *network, const char *path)
{
    struct check_options how = {.seed = SEED};
    struct check *check = check_run(network, &how);
    if (!check) {
        cli_error(cli, "no memory to check the network");
        return CLI_WORLD;
    }
    json_t *answer = json_object();
    json_put(answer, "file", json_text(path));
    enum cli_exit status = put_run(cli, network_copy(network), "story", answer);
    json_put(answer, "check", check_json(check));
    if (status == CLI_FINE)
        status = put_cured(cli, check, answer);
    check_free(check);
    if (status == CLI_FINE)
        return json_write_take(answer, cli->out.out) ? CLI_FINE : CLI_WORLD;
    json_decref(answer);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *path = arguments->operands[0];
    bool json = arguments_has(arguments, "json");
    struct network *network;
    enum cli_exit status = source_network(cli, path, json, &network);
    if (status != CLI_FINE)
        return status;
    status = json ? tour_json(cli, network, path) : tour(cli, network, path);
    network_free(network);
    return status;
}

const struct command command_tour = {
    .name = "tour",
    .operands = "FILE",
    .sentence = "Shows a network, its story, what is wrong with it, and the network cured.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
