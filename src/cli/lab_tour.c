/* `sekisho lab tour`: the file's trouble with real daemons, what it is, and a cure that is applied
 * while it lasts. With --json all that is told goes to standard error, and what was seen is one
 * object at the end (lab_sights.h). */
#include "check/check.h"
#include "cli/commands.h"
#include "cli/drawing.h"
#include "cli/interrupt.h"
#include "cli/lab.h"
#include "cli/lab_session.h"
#include "cli/lab_sights.h"
#include "cli/play.h"
#include "cli/source.h"
#include "explain/journey.h"
#include "explain/words.h"
#include "lab/apply.h"
#include "network/fold.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
    SETTLE_US = 60000000,
    BEFORE_US = 4000000, /* of calm, before the story's first step */
    LOOK_US = 200000000, /* for trouble, at most */
    REST_US = 10000000,  /* after a step: then the story pauses */
    HOLD_US = 100000000, /* longer than any period of AWS's timers */
    CALM_US = 15000000,  /* after a cure of something that comes round in no tunnel */
    SAID_BYTES = 4096,
    SHOWN = 3, /* pairs that do not reach each other */
};

struct tour {
    struct lab_session *session;
    const struct check *check;
    const char *path;
    struct sights *sights; /* NULL: nobody wants an object */
};

static void heading(const struct screen *screen, const char *text)
{
    screen_say(screen, "\n%s%s%s\n\n", SCREEN_BOLD, text, SCREEN_END);
    fflush(screen->out);
}

/* -- trouble -- */

/* Its packets arrive, through another one. */
static bool is_up_in_another(const struct lab_session *session, size_t tunnel)
{
    return session->seen.ends[tunnel][TUNNEL_CUSTOMER].swallowed &&
           lab_session_tunnel(session, (int)tunnel).being == BEING_UP;
}

static int swallowed_tunnel(const struct lab_session *session)
{
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        if (session->seen.ends[i][TUNNEL_CUSTOMER].swallowed && !is_up_in_another(session, i))
            return (int)i;
    }
    return WORLD_NONE;
}

static bool any_swallowed(const struct lab_session *session)
{
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        if (seen_swallowed_us(&session->seen, (int)i) >= 0 && !is_up_in_another(session, i))
            return true;
    }
    return false;
}

/* A tunnel that has gone all the way round, and is in it again: now there is something to see. */
static bool has_come_round(const struct lab_session *session)
{
    int tunnel = swallowed_tunnel(session);
    return tunnel != WORLD_NONE && seen_cycles(&session->seen, tunnel) > 0;
}

/* When the simulated story has a tunnel go into one for the first time, and its packets nowhere;
 * INT64_MAX: never. */
static int64_t expected_us(const struct lab_session *session)
{
    struct play play;
    int64_t first_us = INT64_MAX;
    size_t count;
    if (play_take(session->cli, network_copy(session->player.network), 1, -1, &play) != CLI_FINE)
        return 0; /* it has been told; then it is looked for as long as if it were */
    const struct moment *moments = sim_moments(play.sim, &count);
    for (size_t i = 0; i < count && first_us == INT64_MAX; i++) {
        if (moments[i].kind == MOMENT_SWALLOWED && !moments[i].arrives)
            first_us = moments[i].at_us;
    }
    play_done(&play);
    return first_us;
}

/* Where the story first pauses. */
static int64_t rested_us(const struct network *network, int64_t from_us)
{
    int64_t until_us = from_us + REST_US;
    for (size_t i = 0; i < network->step_count && network->story[i].at_us <= until_us; i++) {
        if (network->story[i].at_us >= from_us)
            until_us = network->story[i].at_us + REST_US;
    }
    return until_us;
}

/* Until a tunnel has come round; of a story in which none goes that way, until it pauses. */
static bool look_for_trouble(struct lab_session *session, int64_t from_us, int64_t trouble_us)
{
    bool none = trouble_us == INT64_MAX;
    int64_t begun_us = !none && trouble_us > from_us ? trouble_us : from_us;
    int64_t until_us = begun_us + LOOK_US;
    if (none && !lab_session_play(session, rested_us(session->network, from_us), NULL, true))
        return false;
    return (none && !any_swallowed(session)) || interrupt_heard() ||
           lab_session_play(session, until_us, has_come_round, true);
}

/* -- the router's own words -- */

/* What a router says itself of the way to its tunnel's other end. */
static void ask_router(const struct tour *tour, int tunnel)
{
    const struct lab_session *session = tour->session;
    const struct tunnel_end *end = &session->world->tunnels[tunnel].ends[TUNNEL_CUSTOMER];
    const struct running_node *node =
        running_node(session->lab, session->world->nodes[end->node].id);
    const struct running_daemon *zebra = node ? running_daemon(node, "zebra", NULL) : NULL;
    const struct running_daemon *bird = node ? running_daemon(node, "bird", NULL) : NULL;
    char addr[IP_TEXT_BYTES], question[128], said[SAID_BYTES] = "";
    struct text text = text_over(addr, sizeof addr);
    const char *const vtysh[] = {"vtysh", "--vty_socket", zebra ? node->folder : "",
                                 "-c",    question,       NULL};
    const char *const birdc[] = {"birdc", "-s", bird ? bird->socket : "", question, NULL};
    struct trouble trouble;
    if (!zebra && !bird)
        return;
    text_ip(&text, end->outer_remote);
    snprintf(question, sizeof question, zebra ? "show ip route %s" : "show route for %s", addr);
    screen_say(&session->cli->out, "%s# %s\n", node->id, question);
    if (!lab_run_program(node->space, zebra ? vtysh : birdc, said, sizeof said, &trouble))
        snprintf(said, sizeof said, "%s\n", trouble.sentence);
    if (tour->sights)
        sights_note_asked(tour->sights, session, node->id, question, said);
    for (const char *line = said; *line;) {
        size_t size = strcspn(line, "\n");
        if (size > 0)
            screen_say(&session->cli->out, "  %.*s\n", (int)size, line);
        line += size + (line[size] == '\n');
    }
}

/* -- the cure -- */

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

/* The network with the remedy, as it is by now: the story's steps so far have been done. */
static struct network *cured_by_now(const struct lab_session *session, const struct check *check,
                                    size_t finding)
{
    struct network *cured = check_remedy_network(check, finding, 0);
    int64_t now_us = lab_session_now_us(session);
    for (size_t i = 0; cured && i < cured->step_count; i++) {
        if (cured->story[i].at_us <= now_us)
            network_fold(cured, &cured->story[i]);
    }
    return cured;
}

static enum cli_exit cure(const struct tour *tour, size_t finding)
{
    struct lab_session *session = tour->session;
    const struct check *check = tour->check;
    const struct check_remedy *remedy = &check_finding(check, finding)->remedies[0];
    struct network *cured = cured_by_now(session, check, finding);
    struct trouble trouble = {0};
    unsigned count = 0;
    if (!cured) {
        cli_error(session->cli, "no memory to apply the remedy");
        return CLI_WORLD;
    }
    heading(&session->cli->out, "The cure, live");
    screen_say(&session->cli->out, "Remedy %zu, at %s: %s\n", remedy->number, remedy->where,
               remedy->change);
    for (size_t i = 0; i < remedy->lines.count; i++)
        screen_say(&session->cli->out, "  %s\n", remedy->lines.items[i]);
    fputc('\n', session->cli->out.out);
    if (!player_apply(&session->player, cured, &count, &trouble)) {
        cli_error(session->cli, "%s", trouble.sentence);
        return CLI_WORLD;
    }
    if (tour->sights)
        sights_note_cure(tour->sights, session, finding);
    return CLI_FINE;
}

static size_t reached(const struct lab_session *session)
{
    size_t count = 0;
    for (size_t i = 0; i < session->reach.pair_count; i++)
        count += session->ways[2 * i].arrived && session->ways[2 * i + 1].arrived;
    return count;
}

/* Has anything gone into a tunnel since the cure? */
static size_t swallowed_since(const struct lab_session *session, int64_t since_us)
{
    size_t count = 0;
    for (size_t i = 0; i < session->seen.count; i++)
        count += session->seen.moments[i].kind == MOMENT_SWALLOWED &&
                 session->seen.moments[i].at_us > since_us;
    return count;
}

/* How all is; false: something is down, or goes round. now: at this moment, whatever was before. */
static bool tell_states(const struct lab_session *session, bool now)
{
    const struct screen *screen = &session->cli->out;
    bool all = true;
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        char bytes[256];
        struct text text = text_over(bytes, sizeof bytes);
        bool well = lab_session_sentence(session, (int)i, now, &text);
        screen_say(screen, "%s%s%s\n", well ? SCREEN_GREEN : SCREEN_RED, bytes, SCREEN_END);
        all &= well;
    }
    return all;
}

static void add_pair(const struct lab_session *session, size_t index, struct text *text)
{
    const struct reach_pair *pair = &session->reach.pairs[index];
    text_journey_end(text, session->world, (struct journey_end){pair->from.node, pair->from.addr});
    text_add(text, " ↔ ");
    text_journey_end(text, session->world, (struct journey_end){pair->to.node, pair->to.addr});
}

/* before: what is said besides of how many, or "". */
static void tell_reach(const struct lab_session *session, const char *before)
{
    const struct screen *screen = &session->cli->out;
    size_t arrived = reached(session), shown = 0, lost = session->reach.pair_count - arrived;
    screen_say(screen, "%zu of %zu pairs of ends reach each other%s\n", arrived,
               session->reach.pair_count, before);
    for (size_t i = 0; i < session->reach.pair_count && shown < SHOWN; i++) {
        char bytes[256];
        struct text text = text_over(bytes, sizeof bytes);
        if (session->ways[2 * i].arrived && session->ways[2 * i + 1].arrived)
            continue;
        add_pair(session, i, &text);
        screen_say(screen, "  not %s\n", bytes);
        shown++;
    }
    if (lost > shown)
        screen_say(screen, "  nor %zu more\n", lost - shown);
    if (lost > 0)
        screen_say(screen, "  (%s reach %s tells what the file says of that)\n",
                   session->cli->program, session->path);
}

static enum cli_exit tell_hold(const struct tour *tour, size_t reached_before, int64_t since_us)
{
    struct lab_session *session = tour->session;
    const struct screen *screen = &session->cli->out;
    size_t again = swallowed_since(session, since_us);
    char bytes[64], before[48];
    struct text text = text_over(bytes, sizeof bytes);
    lab_session_ask(session);
    snprintf(before, sizeof before, ", %zu before", reached_before);
    int64_t watched_us = lab_session_now_us(session) - since_us;
    text_span(&text, watched_us);
    heading(screen, "After the cure");
    bool well = tell_states(session, true);
    if (again)
        screen_say(screen, "swallowed again %zu times since the cure, %s ago\n", again, bytes);
    else if (any_swallowed(session))
        screen_say(screen, "not swallowed once since the cure, %s ago\n", bytes);
    tell_reach(session, before);
    bool held = well && again == 0;
    if (tour->sights)
        sights_note_after(tour->sights, session, watched_us, again, held);
    return held ? CLI_FINE : CLI_FOUND;
}

/* -- the whole -- */

static void stay(struct lab_session *session)
{
    const struct screen *screen = &session->cli->out;
    const char *program = session->cli->program, *node = lab_node_to_ask(session->lab);
    char option[LAB_OPTION_BYTES];
    lab_option(session->lab->name, option);
    heading(screen, "Ask it");
    screen_say(screen,
               "  %s lab status%s\n  %s lab exec%s %s ip route\n  %s lab shell%s %s\n\n"
               "from another terminal. %s\n\n",
               program, option, program, option, node, program, option, node,
               session->brought_up ? "The lab stays up until Ctrl-C here."
                                   : "Ctrl-C here ends the tour; the lab stays up.");
    fflush(screen->out);
    if (!lab_session_play(session, INT64_MAX, NULL, false))
        return;
}

/* Of a story in which no tunnel's packets go into one; false: something is down all the same. */
static bool tell_calm(struct lab_session *session, int64_t from_us, int64_t trouble_us)
{
    const struct screen *screen = &session->cli->out;
    char bytes[160];
    struct text text = text_over(bytes, sizeof bytes);
    text_add(&text, "No tunnel swallowed itself in these ");
    text_span(&text, lab_session_now_us(session) - from_us);
    text_add(&text, trouble_us == INT64_MAX ? ", and none does in the rest of the story, simulated."
                                            : ".");
    fputc('\n', screen->out);
    screen_paragraph(screen, 0, 0, bytes);
    bool well = tell_states(session, true);
    tell_reach(session, "");
    return well;
}

static enum cli_exit hold(const struct tour *tour, int tunnel)
{
    struct lab_session *session = tour->session;
    int64_t since_us = lab_session_now_us(session);
    bool swallowed = any_swallowed(session);
    size_t before = reached(session);
    if (swallowed)
        screen_say(&session->cli->out, "Watched for %d s, longer than a round takes:\n\n",
                   HOLD_US / 1000000);
    else
        screen_say(&session->cli->out, "Watched for %d s:\n\n", CALM_US / 1000000);
    if (!lab_session_play(session, since_us + (swallowed ? HOLD_US : CALM_US), NULL, false))
        return CLI_WORLD;
    if (interrupt_heard())
        return CLI_FINE;
    enum cli_exit status = tell_hold(tour, before, since_us);
    if (tunnel != WORLD_NONE) {
        fputc('\n', session->cli->out.out);
        ask_router(tour, tunnel);
    }
    return status;
}

static enum cli_exit explain_and_cure(const struct tour *tour, bool well)
{
    struct lab_session *session = tour->session;
    const struct check *check = tour->check;
    const struct screen *screen = &session->cli->out;
    const struct check_render_options look = {.title = tour->path,
                                              .program = session->cli->program,
                                              .color = screen->color,
                                              .utf8 = !screen->ascii,
                                              .width = screen->width};
    int tunnel = swallowed_tunnel(session);
    size_t finding = curable(check);
    heading(screen, "What it means: check");
    check_render(check, screen->out, &look);
    if (tour->sights)
        sights_note_check(tour->sights, check);
    if (tunnel != WORLD_NONE) {
        heading(screen, "The router's own words");
        ask_router(tour, tunnel);
    }
    fflush(screen->out);
    if (finding == check_finding_count(check)) {
        screen_put(screen, "\nNothing that this story does has a remedy to apply live.\n");
        return well ? CLI_FINE : CLI_FOUND;
    }
    lab_session_ask(session);
    enum cli_exit status = cure(tour, finding);
    return status == CLI_FINE ? hold(tour, tunnel) : status;
}

static enum cli_exit explain(const struct tour *tour, int64_t from_us)
{
    struct lab_session *session = tour->session;
    int64_t trouble_us = expected_us(session);
    heading(&session->cli->out, "What happens, with real daemons");
    screen_say(&session->cli->out, "The file's story, in real time, from %d s of it on:\n\n",
               (int)(from_us / 1000000));
    fflush(session->cli->out.out);
    lab_session_start(session, from_us);
    if (!look_for_trouble(session, from_us, trouble_us))
        return CLI_WORLD;
    if (!interrupt_heard())
        lab_session_ask(session);
    if (tour->sights)
        sights_note_before(tour->sights, session);
    if (interrupt_heard())
        return CLI_FINE;
    bool well = !any_swallowed(session) && tell_calm(session, from_us, trouble_us);
    return explain_and_cure(tour, well);
}

/* Of a tour that failed there is no answer: it has been told why. */
static enum cli_exit answer(const struct tour *tour, FILE *out, enum cli_exit status)
{
    json_t *all = sights_json_take(tour->sights, tour->session, interrupt_heard(), (int)status);
    if (status != CLI_WORLD)
        return json_write_take(all, out) ? status : CLI_WORLD;
    json_decref(all);
    return status;
}

/* answer_out: where the object goes that a machine wants; NULL: none does. */
static enum cli_exit walk(struct lab_session *session, const char *path, FILE *answer_out)
{
    struct check_options how = {.seed = 1};
    struct network *base = network_copy(session->player.network);
    struct check *check = check_run(base, &how);
    int64_t first_us = session->network->step_count ? session->network->story[0].at_us : 0;
    int64_t from_us = first_us > BEFORE_US ? first_us - BEFORE_US : 0;
    if (!check) {
        cli_error(session->cli, "no memory to check the network");
        network_free(base);
        return CLI_WORLD;
    }
    struct sights sights;
    struct tour tour = {session, check, path, answer_out ? &sights : NULL};
    if (answer_out)
        sights_begin(&sights, from_us);
    heading(&session->cli->out, path);
    drawing_render(session->network, &session->cli->out, 2);
    if (!lab_session_settle(session, SETTLE_US) && !interrupt_heard())
        screen_say(&session->cli->err, "not everything comes up; the story begins all the same\n");
    enum cli_exit status = explain(&tour, from_us);
    if (answer_out)
        status = answer(&tour, answer_out, status);
    else if (status != CLI_WORLD && !interrupt_heard() && isatty(STDIN_FILENO) &&
             session->cli->out.terminal)
        stay(session);
    check_free(check);
    network_free(base);
    return status;
}

/* The same in virtual time, where no lab can be. */
static enum cli_exit simulated(struct cli *cli, const char *path)
{
    struct arguments arguments = {.command = &command_tour, .operand_count = 1};
    arguments.operands[0] = path;
    screen_say(&cli->out, "So here is the same case, simulated.\n\n");
    return command_tour.run(cli, &arguments);
}

enum cli_exit lab_tour(struct cli *cli, const struct arguments *arguments)
{
    struct lab_session session;
    const char *path = arguments->operands[1];
    bool json = arguments_has(arguments, "json");
    struct cli telling = *cli;
    if (json)
        telling.out = cli->err;
    interrupt_listen(STDERR_FILENO, "takes everything down");
    enum cli_exit status = lab_session_begin(&telling, arguments, false, &session);
    bool began = status == CLI_FINE, interrupted = interrupt_heard();
    if (began) {
        session.live = true;
        lab_clock_init(&session.clock, &telling.out,
                       session.brought_up ? "Ctrl-C takes everything down"
                                          : "Ctrl-C leaves the lab up");
        if (!session.brought_up && !interrupt_heard()) {
            interrupt_forget();
            interrupt_listen(STDERR_FILENO, "leaves the lab up");
        }
        status = walk(&session, path, json ? cli->out.out : NULL);
        lab_session_end(&session);
    }
    interrupt_forget();
    bool instead = status == CLI_WORLD && !began && !interrupted && !json;
    return instead ? simulated(cli, path) : status;
}
