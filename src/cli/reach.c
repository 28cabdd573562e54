#include "check/survive.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/moment_run.h"
#include "cli/packet_words.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "explain/grid.h"
#include "explain/journey.h"
#include "network/diagnostics.h"
#include "network/edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"under", "WHAT", "failures: each thing fails alone, and what is lost then"},
    PACKET_OPTIONS,
    {"time", "TIME", "at that moment of the story, such as 61s; otherwise at its end"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"json", NULL, "the answer for a machine"},
};

enum { LINE_BYTES = 1024, SHOWN = 12, GROUP = 64 };

/* What was asked, and in which world. */
struct asking {
    struct cli *cli;
    struct moment_run moment;
    uint64_t seed;
    int64_t time_us;
    struct packet_words packet;
    bool json;
    struct reach reach;
    struct reach_end *ends; /* of the pairs, each once */
    size_t end_count;
    bool under_failures;
    struct survive survive;
};

/* -- ends -- */

static size_t place_of(const struct asking *asking, struct reach_end end)
{
    size_t i = 0;
    while (i < asking->end_count &&
           (asking->ends[i].node != end.node || asking->ends[i].addr != end.addr))
        i++;
    return i;
}

static void add_end(struct asking *asking, struct reach_end end)
{
    size_t at = place_of(asking, end);
    if (at == asking->end_count)
        asking->ends[asking->end_count++] = end;
}

static void collect_ends(struct asking *asking)
{
    asking->ends = calloc(2 * asking->reach.pair_count + 1, sizeof *asking->ends);
    assert(asking->ends);
    for (size_t i = 0; i < asking->reach.pair_count; i++) {
        add_end(asking, asking->reach.pairs[i].from);
        add_end(asking, asking->reach.pairs[i].to);
    }
}

static void name_end(const struct asking *asking, struct reach_end end, char *bytes, size_t size)
{
    struct text text = text_over(bytes, size);
    text_journey_end(&text, asking->moment.play.world, (struct journey_end){end.node, end.addr});
}

static void name_pair(const struct asking *asking, size_t index, char *bytes, size_t size)
{
    const struct reach_pair *pair = &asking->reach.pairs[index];
    const struct world *world = asking->moment.play.world;
    struct text text = text_over(bytes, size);
    text_journey_end(&text, world, (struct journey_end){pair->from.node, pair->from.addr});
    text_add(&text, " ↔ ");
    text_journey_end(&text, world, (struct journey_end){pair->to.node, pair->to.addr});
}

/* -- the matrix -- */

static const char *cell_of(const struct asking *asking, size_t from, size_t to)
{
    const struct world *world = asking->moment.play.world;
    if (asking->ends[from].node == asking->ends[to].node)
        return "·";
    if (ip_is_six(asking->ends[from].addr) != ip_is_six(asking->ends[to].addr))
        return "·";
    struct traffic traffic = packet_traffic(&asking->packet, ip_is_six(asking->ends[from].addr));
    return reach_arrives(world, asking->ends[from], asking->ends[to], traffic) ? "✓" : "✗";
}

static void add_numbers(size_t first, size_t last, struct grid *grid)
{
    grid_begin(grid);
    grid_add(grid, "");
    grid_add(grid, "");
    for (size_t i = first; i < last; i++)
        grid_say(grid, "%zu", i + 1);
}

static void add_line(const struct asking *asking, size_t from, size_t first, size_t last,
                     struct grid *grid)
{
    char name[LINE_BYTES];
    name_end(asking, asking->ends[from], name, sizeof name);
    grid_begin(grid);
    grid_say(grid, "%zu", from + 1);
    grid_add(grid, name);
    for (size_t to = first; to < last; to++)
        grid_add(grid, cell_of(asking, from, to));
}

/* Columns that stand beside the names of the lines, in as many blocks as need be. */
static size_t columns_a_block(const struct asking *asking, const struct screen *screen)
{
    unsigned widest = 0;
    for (size_t i = 0; i < asking->end_count; i++) {
        char name[LINE_BYTES];
        name_end(asking, asking->ends[i], name, sizeof name);
        unsigned columns = screen_columns(screen, name);
        widest = columns > widest ? columns : widest;
    }
    unsigned cell = asking->end_count > 9 ? 3 : 2, used = widest + 8;
    size_t most = used + cell < screen->width ? (screen->width - used) / cell : 1;
    return most < GRID_COLUMNS_MAX - 2 ? most : GRID_COLUMNS_MAX - 2;
}

static void render_matrix(const struct asking *asking, const struct screen *screen)
{
    size_t block = columns_a_block(asking, screen);
    for (size_t first = 0; first < asking->end_count; first += block) {
        size_t last = first + block < asking->end_count ? first + block : asking->end_count;
        struct grid grid = {.right = ~2u, .gap = 1};
        add_numbers(first, last, &grid);
        for (size_t from = 0; from < asking->end_count; from++)
            add_line(asking, from, first, last, &grid);
        fputc('\n', screen->out);
        grid_render(&grid, screen, 2);
        grid_done(&grid);
    }
    screen_blanks(screen, 2);
    screen_paragraph(screen, 2, 2,
                     "a ✓ in line 1, column 2: what 1 sends arrives at 2; ✗: it does not");
}

/* -- pairs -- */

/* false: it arrives, and so does its answer. */
static bool say_lost(const struct asking *asking, const struct reach_pair *pair, bool turned,
                     struct text *text)
{
    struct journey journey;
    struct reach_end from = turned ? pair->to : pair->from, to = turned ? pair->from : pair->to;
    journey_take(asking->moment.play.world, (struct journey_end){from.node, from.addr},
                 (struct journey_end){to.node, to.addr}, pair->traffic, &journey);
    bool lost = !journey_is_fine(&journey);
    if (lost)
        text_journey(text, asking->moment.play.world, &journey);
    journey_done(&journey);
    return lost;
}

static void why_not(const struct asking *asking, size_t index, char *bytes, size_t size)
{
    const struct reach_pair *pair = &asking->reach.pairs[index];
    struct text text = text_over(bytes, size);
    bool turned = pair->from.node == WORLD_NONE;
    if (say_lost(asking, pair, turned, &text) || turned)
        return;
    text_add(&text, "asked the other way round: ");
    say_lost(asking, pair, true, &text);
}

static bool is_reached(const struct asking *asking, size_t index)
{
    return reach_is_reached(asking->moment.play.world, &asking->reach.pairs[index]);
}

static size_t count_reached(const struct asking *asking)
{
    size_t count = 0;
    for (size_t i = 0; i < asking->reach.pair_count; i++)
        count += is_reached(asking, i);
    return count;
}

static void render_pair(const struct asking *asking, size_t index, const struct screen *screen)
{
    char bytes[LINE_BYTES];
    bool reached = is_reached(asking, index);
    name_pair(asking, index, bytes, sizeof bytes);
    screen_say(screen, "  %s%s%s %s\n", reached ? SCREEN_GREEN : SCREEN_RED, reached ? "✓" : "✗",
               SCREEN_END, bytes);
    if (reached)
        return;
    why_not(asking, index, bytes, sizeof bytes);
    screen_blanks(screen, 6);
    screen_paragraph(screen, 6, 6, bytes);
}

/* Pairs that do not reach each other, and why; or all, where few were asked for. */
static void render_pairs(const struct asking *asking, bool all, const struct screen *screen)
{
    size_t shown = 0, count = asking->reach.pair_count - (all ? 0 : count_reached(asking));
    if (count > 0)
        fputc('\n', screen->out);
    for (size_t i = 0; i < asking->reach.pair_count && shown < (all ? GROUP : SHOWN); i++) {
        if (!all && is_reached(asking, i))
            continue;
        render_pair(asking, i, screen);
        shown++;
    }
    if (count > shown)
        screen_say(screen, "  and %zu pairs more\n", count - shown);
}

static void render_headline(const struct asking *asking, const struct screen *screen)
{
    size_t pairs = asking->reach.pair_count, reached = count_reached(asking);
    moment_run_headline(&asking->moment, screen);
    screen_say(screen, "%s%zu of %zu %s each other, both ways%s\n",
               reached == pairs ? SCREEN_GREEN : SCREEN_RED, reached, pairs,
               pairs == 1 ? "pair reaches" : "pairs reach", SCREEN_END);
    if (asking->reach.ends_in_all > asking->reach.end_count)
        screen_say(screen, "%zu of %zu ends are looked at\n", asking->reach.end_count,
                   asking->reach.ends_in_all);
}

/* -- under failures -- */

/* "nothing", or the pairs, as many as may be shown. */
static char *lost_by(const struct asking *asking, const struct survive_failure *failure)
{
    char *bytes = NULL;
    size_t size, shown = 0;
    FILE *out = open_memstream(&bytes, &size);
    assert(out);
    for (size_t i = 0; i < asking->reach.pair_count && shown < SHOWN / 2; i++) {
        char name[LINE_BYTES];
        if (!failure->lost[i])
            continue;
        name_pair(asking, i, name, sizeof name);
        fprintf(out, "%s%s", shown++ ? "; " : "", name);
    }
    if (failure->lost_count > shown)
        fprintf(out, "; and %zu more", failure->lost_count - shown);
    if (failure->lost_count == 0)
        fputs("nothing is lost", out);
    if (failure->own_count > 0)
        fprintf(out, ", but its own %zu", failure->own_count);
    if (!failure->settled)
        fputs("; does not come to rest", out);
    fclose(out);
    return bytes;
}

static void render_survivors(const struct asking *asking, const struct screen *screen)
{
    size_t held = 0;
    for (size_t i = 0; i < asking->reach.pair_count; i++)
        held += survive_holds(&asking->survive, i);
    screen_say(screen, "\n%s%zu of %zu %s every single failure%s%s\n",
               held == asking->survive.reached_count ? SCREEN_GREEN : SCREEN_YELLOW, held,
               asking->survive.reached_count,
               asking->survive.reached_count == 1 ? "pair survives" : "pairs survive",
               asking->survive.left_out ? " that was tried" : "", SCREEN_END);
    for (size_t i = 0, shown = 0; i < asking->reach.pair_count && shown < SHOWN; i++) {
        char name[LINE_BYTES];
        if (!survive_holds(&asking->survive, i))
            continue;
        shown++;
        name_pair(asking, i, name, sizeof name);
        screen_say(screen, "  %s✓%s %s\n", SCREEN_GREEN, SCREEN_END, name);
    }
    if (held > SHOWN)
        screen_say(screen, "  and %zu pairs more\n", held - SHOWN);
}

static void render_failures(const struct asking *asking, const struct screen *screen)
{
    const struct survive *survive = &asking->survive;
    struct grid grid = {.least = 30};
    screen_say(screen, "\n%swhat is lost when one thing fails%s\n", SCREEN_BOLD, SCREEN_END);
    for (size_t i = 0; i < survive->failure_count; i++) {
        const struct survive_failure *failure = &survive->failures[i];
        char *lost = lost_by(asking, failure);
        grid_begin(&grid);
        grid_add(&grid, failure->kind);
        grid_add(&grid, failure->what);
        grid_say(&grid, "%s%s%s", failure->lost_count ? SCREEN_RED : "", lost,
                 failure->lost_count ? SCREEN_END : "");
        free(lost);
    }
    grid_render(&grid, screen, 2);
    grid_done(&grid);
    if (survive->left_out)
        screen_say(screen, "  %sand %zu failures more were not tried\n",
                   survive->interrupted ? "interrupted: " : "", survive->left_out);
    if (!survive->settled)
        screen_paragraph(screen, 0, 2,
                         "The network does not come to rest by itself: what is reached before a "
                         "failure is a matter of the moment.");
    render_survivors(asking, screen);
}

/* -- for a machine -- */

static json_t *pairs_json(const struct asking *asking)
{
    const struct world *world = asking->moment.play.world;
    json_t *list = json_array();
    for (size_t i = 0; i < asking->reach.pair_count; i++) {
        const struct reach_pair *pair = &asking->reach.pairs[i];
        char why[LINE_BYTES];
        json_t *object = json_object();
        bool reached = is_reached(asking, i);
        if (!reached)
            why_not(asking, i, why, sizeof why);
        json_put(object, "from",
                 journey_end_json(world, (struct journey_end){pair->from.node, pair->from.addr}));
        json_put(object, "to",
                 journey_end_json(world, (struct journey_end){pair->to.node, pair->to.addr}));
        json_put(object, "reached", json_boolean(reached));
        json_put(object, "there",
                 json_boolean(reach_arrives(world, pair->from, pair->to, pair->traffic)));
        json_put(object, "back",
                 json_boolean(reach_arrives(world, pair->to, pair->from, pair->traffic)));
        json_put(object, "what", json_text(reached ? NULL : why));
        json_push(list, object);
    }
    return list;
}

static json_t *lost_json(const struct asking *asking, const struct survive_failure *failure)
{
    json_t *list = json_array();
    for (size_t i = 0; i < asking->reach.pair_count; i++) {
        if (failure->lost[i])
            json_push(list, json_integer((json_int_t)i));
    }
    return list;
}

static json_t *failures_json(const struct asking *asking)
{
    if (!asking->under_failures)
        return json_null();
    json_t *object = json_object(), *list = json_array(), *survive = json_array();
    for (size_t i = 0; i < asking->survive.failure_count; i++) {
        const struct survive_failure *failure = &asking->survive.failures[i];
        json_t *item = json_object();
        json_put(item, "kind", json_text(failure->kind));
        json_put(item, "failed", json_text(failure->what));
        json_put(item, "settled", json_boolean(failure->settled));
        json_put(item, "lost", lost_json(asking, failure));
        json_put(item, "own", json_integer((json_int_t)failure->own_count));
        json_push(list, item);
    }
    for (size_t i = 0; i < asking->reach.pair_count; i++) {
        if (survive_holds(&asking->survive, i))
            json_push(survive, json_integer((json_int_t)i));
    }
    json_put(object, "tried", list);
    json_put(object, "left_out", json_integer((json_int_t)asking->survive.left_out));
    json_put(object, "interrupted", json_boolean(asking->survive.interrupted));
    json_put(object, "survive", survive);
    return object;
}

static json_t *answer(const struct asking *asking)
{
    json_t *object = moment_run_json(&asking->moment);
    json_put(object, "ends_looked_at", json_integer((json_int_t)asking->reach.end_count));
    json_put(object, "ends_in_all", json_integer((json_int_t)asking->reach.ends_in_all));
    json_put(object, "pairs", pairs_json(asking));
    json_put(object, "failures", failures_json(asking));
    moment_filters_json(asking->moment.play.world, object);
    return object;
}

/* -- the run -- */

static bool read_under(struct cli *cli, const struct arguments *arguments, bool *ret_failures)
{
    const char *under = arguments_value(arguments, "under");
    *ret_failures = under != NULL;
    if (!under || strcmp(under, "failures") == 0)
        return true;
    struct quoted shown = diagnostics_quote(under, strlen(under));
    cli_error(cli, "--under %s: expected failures", shown.text);
    return false;
}

/* One pair, one end with all others, or everybody with everybody. */
static void send_traffic(struct asking *asking)
{
    for (size_t i = 0; i < asking->reach.pair_count; i++) {
        struct reach_pair *pair = &asking->reach.pairs[i];
        pair->traffic = packet_traffic(&asking->packet, ip_is_six(pair->from.addr));
    }
}

static bool take_pairs(struct asking *asking, const struct arguments *arguments)
{
    const struct network *network = asking->moment.play.network;
    const struct world *world = asking->moment.play.world;
    struct reach_end ends[2];
    const char *words[2] = {arguments->operands[1], arguments->operands[2]};
    if (arguments->operand_count == 3 && !place_ends(asking->cli, network, world, words, ends))
        return false;
    if (arguments->operand_count == 2 &&
        !place_end(asking->cli, network, world, words[0], true, &ends[0]))
        return false;
    if (arguments->operand_count == 1) {
        reach_init_all(&asking->reach, network, world);
        return true;
    }
    reach_init_from(&asking->reach, network, world, ends[0]);
    for (size_t i = 0; i < asking->reach.pair_count; i++)
        asking->reach.pairs[i].from_asks = true;
    if (arguments->operand_count == 3) {
        free(asking->reach.pairs);
        asking->reach = (struct reach){.pairs = calloc(1, sizeof *asking->reach.pairs),
                                       .pair_count = 1,
                                       .end_count = 2,
                                       .ends_in_all = 2};
        assert(asking->reach.pairs);
        asking->reach.pairs[0] = (struct reach_pair){
            .from = ends[0], .to = ends[1], .from_asks = ends[0].node != WORLD_NONE};
    }
    return true;
}

/* The story as far as it was asked for. */
static bool try_failures(struct asking *asking)
{
    struct network *network = network_copy(asking->moment.play.network);
    size_t kept = 0;
    while (kept < network->step_count &&
           (asking->time_us < 0 || network->story[kept].at_us <= asking->time_us))
        kept++;
    network_drop_steps(network, kept);
    struct progress progress;
    progress_begin(&progress, asking->cli->err.out, progress_clock_us);
    interrupt_listen(progress.file, "ends after the run at hand");
    struct survive_watch watch = {progress_show, &progress, interrupt_heard};
    bool fine = survive_run(network, &asking->reach, asking->seed, &watch, &asking->survive);
    interrupt_forget();
    progress_end(&progress);
    if (!fine)
        cli_error(asking->cli, "no memory to let things fail");
    network_free(network);
    return fine;
}

/* What was not tried may be bad news. */
static enum cli_exit status_of(const struct asking *asking, bool fine)
{
    if (!fine)
        return CLI_FOUND;
    return asking->survive.interrupted ? CLI_WORLD : CLI_FINE;
}

static enum cli_exit show(struct asking *asking, bool whole)
{
    const struct screen *screen = &asking->cli->out;
    bool fine = count_reached(asking) == asking->reach.pair_count;
    for (size_t i = 0; asking->under_failures && i < asking->survive.failure_count; i++)
        fine &= asking->survive.failures[i].lost_count == 0;
    if (asking->json)
        return json_write_take(answer(asking), screen->out) ? status_of(asking, fine) : CLI_WORLD;
    render_headline(asking, screen);
    if (whole && asking->end_count > 0)
        render_matrix(asking, screen);
    render_pairs(asking, !whole, screen);
    if (asking->under_failures)
        render_failures(asking, screen);
    moment_filters(asking->moment.play.world, screen);
    return status_of(asking, fine);
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct asking asking = {.cli = cli, .json = arguments_has(arguments, "json")};
    if (!read_under(cli, arguments, &asking.under_failures) ||
        !packet_words_read(cli, arguments, &asking.packet) ||
        !arguments_number(cli, arguments, "seed", 1, &asking.seed) ||
        !arguments_duration(cli, arguments, "time", -1, &asking.time_us))
        return CLI_USAGE;
    enum cli_exit status = moment_run_take(cli, arguments, arguments->operands[0], &asking.moment);
    if (status != CLI_FINE)
        return status;
    status = CLI_USAGE;
    if (take_pairs(&asking, arguments)) {
        send_traffic(&asking);
        collect_ends(&asking);
        status = CLI_WORLD;
        if (!asking.under_failures || try_failures(&asking))
            status = show(&asking, arguments->operand_count == 1);
    }
    survive_done(&asking.survive);
    reach_done(&asking.reach);
    free(asking.ends);
    moment_run_done(&asking.moment);
    return status;
}

const struct command command_reach = {
    .name = "reach",
    .operands = "FILE|- [FROM [TO]]",
    .sentence = "Tells who reaches whom, both ways, and what of that survives failures.",
    .text =
        "FROM and TO are instances, routers or addresses. Exit status 1: a pair does not reach\n"
        "each other, or does not survive a failure.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 3,
    .run = run,
};
