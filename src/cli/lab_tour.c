/* `sekisho lab tour`: the file's trouble with real daemons, what it is, and a cure that is applied
 * while it lasts. */
#include "check/check.h"
#include "cli/commands.h"
#include "cli/drawing.h"
#include "cli/interrupt.h"
#include "cli/lab.h"
#include "cli/lab_session.h"
#include "cli/source.h"
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
    HOLD_US = 100000000, /* longer than any period of AWS's timers */
    SAID_BYTES = 4096,
};

static void heading(const struct screen *screen, const char *text)
{
    screen_say(screen, "\n%s%s%s\n\n", SCREEN_BOLD, text, SCREEN_END);
    fflush(screen->out);
}

/* -- trouble -- */

static int swallowed_tunnel(const struct lab_session *session)
{
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        if (session->seen.ends[i][TUNNEL_CUSTOMER].swallowed)
            return (int)i;
    }
    return WORLD_NONE;
}

/* A tunnel that has gone all the way round, and is in it again: now there is something to see. */
static bool has_come_round(const struct lab_session *session)
{
    int tunnel = swallowed_tunnel(session);
    return tunnel != WORLD_NONE && seen_cycles(&session->seen, tunnel) > 0;
}

/* -- the router's own words -- */

static const char *vty_folder(const struct running_daemon *daemon, char out[LAB_PATH_BYTES])
{
    snprintf(out, LAB_PATH_BYTES, "%s", daemon->socket);
    char *last = strrchr(out, '/');
    if (last)
        *last = '\0';
    return out;
}

/* What a router says itself of the way to its tunnel's other end. */
static void ask_router(const struct lab_session *session, int tunnel)
{
    const struct tunnel_end *end = &session->world->tunnels[tunnel].ends[TUNNEL_CUSTOMER];
    const struct running_node *node =
        running_node(session->lab, session->world->nodes[end->node].id);
    const struct running_daemon *zebra = node ? running_daemon(node, "zebra", NULL) : NULL;
    const struct running_daemon *bird = node ? running_daemon(node, "bird", NULL) : NULL;
    char addr[IP_TEXT_BYTES], question[128], folder[LAB_PATH_BYTES], said[SAID_BYTES] = "";
    struct text text = text_over(addr, sizeof addr);
    const char *const vtysh[] = {"vtysh", "--vty_socket", zebra ? vty_folder(zebra, folder) : "",
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

static enum cli_exit cure(struct lab_session *session, const struct check *check, size_t finding)
{
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
    if (player_apply(&session->player, cured, &count, &trouble))
        return CLI_FINE;
    cli_error(session->cli, "%s", trouble.sentence);
    return CLI_WORLD;
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

static enum cli_exit tell_hold(struct lab_session *session, int tunnel, int64_t since_us)
{
    const struct screen *screen = &session->cli->out;
    size_t again = swallowed_since(session, since_us);
    bool up = seen_tunnel_up(&session->seen, tunnel);
    char bytes[64], state[256];
    struct text text = text_over(bytes, sizeof bytes), words = text_over(state, sizeof state);
    lab_session_ask(session);
    text_span(&text, lab_session_now_us(session) - since_us);
    text_tunnel_sight(&words, session->world, tunnel,
                      &(struct tunnel_sight){.being = lab_session_tunnel(session, tunnel).being,
                                             .into = seen_tunnel_into(&session->seen, tunnel)});
    heading(screen, "After the cure");
    screen_say(screen, "%s%s%s, and since the cure, %s ago, %s\n", up ? SCREEN_GREEN : SCREEN_RED,
               state, SCREEN_END, bytes, again ? "it was swallowed again" : "it was not swallowed");
    screen_say(screen, "%zu of %zu pairs of ends reach each other\n\n", reached(session),
               session->reach.pair_count);
    ask_router(session, tunnel);
    return up && again == 0 ? CLI_FINE : CLI_FOUND;
}

/* -- the whole -- */

static void stay(struct lab_session *session)
{
    const struct screen *screen = &session->cli->out;
    const char *program = session->cli->program;
    heading(screen, "Ask it");
    screen_say(screen,
               "  %s lab status\n  %s lab exec vyatta ip route\n  %s lab shell vyatta\n\n"
               "from another terminal. The lab stays up until Ctrl-C here.\n\n",
               program, program, program);
    fflush(screen->out);
    if (!lab_session_play(session, INT64_MAX, NULL, false))
        return;
}

static enum cli_exit explain_and_cure(struct lab_session *session, const struct check *check,
                                      const char *path)
{
    const struct screen *screen = &session->cli->out;
    const struct check_render_options look = {
        .title = path, .color = screen->color, .utf8 = !screen->ascii, .width = screen->width};
    int tunnel = swallowed_tunnel(session);
    size_t finding = curable(check);
    heading(screen, "What it means: check");
    check_render(check, screen->out, &look);
    if (tunnel != WORLD_NONE) {
        heading(screen, "The router's own words");
        ask_router(session, tunnel);
    }
    fflush(screen->out);
    if (tunnel == WORLD_NONE || finding == check_finding_count(check))
        return CLI_FINE;
    enum cli_exit status = cure(session, check, finding);
    int64_t since_us = lab_session_now_us(session);
    if (status != CLI_FINE || !lab_session_play(session, since_us + HOLD_US, NULL, false))
        return CLI_WORLD;
    return interrupt_heard() ? CLI_FINE : tell_hold(session, tunnel, since_us);
}

static enum cli_exit tour(struct lab_session *session, const char *path)
{
    struct check_options how = {.seed = 1};
    struct network *base = network_copy(session->player.network);
    struct check *check = check_run(base, &how);
    int64_t first_us = session->network->step_count ? session->network->story[0].at_us : 0;
    int64_t from_us = first_us > BEFORE_US ? first_us - BEFORE_US : 0;
    enum cli_exit status = CLI_WORLD;
    if (!check) {
        cli_error(session->cli, "no memory to check the network");
        network_free(base);
        return CLI_WORLD;
    }
    heading(&session->cli->out, path);
    drawing_render(session->network, &session->cli->out, 2);
    lab_session_settle(session, SETTLE_US);
    heading(&session->cli->out, "What happens, with real daemons");
    lab_session_start(session, from_us);
    if (lab_session_play(session, from_us + LOOK_US, has_come_round, true))
        status = interrupt_heard() ? CLI_FINE : explain_and_cure(session, check, path);
    if (status == CLI_FINE && !interrupt_heard() && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
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
    interrupt_listen(STDERR_FILENO, "takes everything down");
    enum cli_exit status = lab_session_begin(cli, arguments, &session);
    bool began = status == CLI_FINE, interrupted = interrupt_heard();
    if (began) {
        session.live = true;
        status = tour(&session, path);
        lab_session_end(&session);
    }
    interrupt_forget();
    return status == CLI_WORLD && !began && !interrupted ? simulated(cli, path) : status;
}
