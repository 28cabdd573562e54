#include "cli/lab_session.h"

#include "cli/interrupt.h"
#include "cli/lab.h"
#include "cli/source.h"
#include "lab/start.h"
#include "network/build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAR_MS = 50,       /* between looks at what is due */
    ECHO_MS = 300,      /* a packet that takes longer has not arrived */
    ECHO_US = 1000000,  /* between questions */
    INSIDE_US = 500000, /* the same, of tunnels in tunnels: before they are told */
    STOP_MS = 10000,
    SETTLE_US = 1500000, /* lines of logs younger than this may still be joined by others */
};

static void *must(void *block)
{
    assert(block);
    return block;
}

/* -- beginning and end -- */

/* As the lab is configured: the file with keys, and in the state that earlier changes left. */
static struct network *network_of(struct cli *cli, const struct lab_running *lab)
{
    char path[LAB_PATH_BYTES];
    struct network *network = NULL;
    lab_path(lab->name, "network.yaml", path);
    return source_network(cli, path, false, &network) == CLI_FINE ? network : NULL;
}

static void find_pairs(struct lab_session *session)
{
    reach_init(&session->reach, session->network, session->world);
    size_t count = session->reach.pair_count;
    session->ways = must(calloc(2 * count + 1, sizeof *session->ways));
    session->known = must(calloc(count + 1, sizeof *session->known));
    for (size_t i = 0; i < count; i++) {
        const struct reach_pair *pair = &session->reach.pairs[i];
        session->ways[2 * i] = (struct echo_way){
            pair->from.node, pair->to.node, pair->from.addr, pair->to.addr, false, false, false};
        session->ways[2 * i + 1] = (struct echo_way){
            pair->to.node, pair->from.node, pair->to.addr, pair->from.addr, false, false, false};
    }
}

static void find_insides(struct lab_session *session)
{
    const struct world *world = session->world;
    session->inside_ways = must(calloc(world->tunnel_count + 1, sizeof *session->inside_ways));
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel_end *ends = world->tunnels[i].ends;
        session->inside_ways[i] = (struct echo_way){.from = ends[TUNNEL_CUSTOMER].node,
                                                    .to = ends[TUNNEL_GATEWAY].node,
                                                    .src = ends[TUNNEL_CUSTOMER].inside,
                                                    .dst = ends[TUNNEL_GATEWAY].inside};
    }
    session->inside = echo_create(session->lab, world, session->inside_ways, world->tunnel_count);
}

static enum cli_exit begin(struct lab_session *session, const struct arguments *arguments,
                           bool quiet)
{
    struct trouble trouble = {0};
    enum cli_exit status = source_network(session->cli, arguments->operands[1],
                                          arguments_has(arguments, "json"), &session->network);
    if (status != CLI_FINE)
        return status;
    status = lab_bring_up(session->cli, arguments, session->network, quiet, &session->lab,
                          &session->brought_up);
    if (status != CLI_FINE)
        return status;
    struct network *configured = network_of(session->cli, session->lab);
    if (!configured)
        return CLI_WORLD;
    session->world = network_build(session->network);
    seen_init(&session->seen, session->world, watch_wall_us());
    player_init(&session->player, session->lab, configured, &session->seen);
    find_pairs(session);
    session->echo =
        echo_create(session->lab, session->world, session->ways, 2 * session->reach.pair_count);
    find_insides(session);
    session->watch = watch_create(session->lab, &session->seen, &trouble);
    if (session->watch)
        return CLI_FINE;
    cli_error(session->cli, "%s", trouble.sentence);
    return CLI_WORLD;
}

enum cli_exit lab_session_begin(struct cli *cli, const struct arguments *arguments, bool quiet,
                                struct lab_session *session)
{
    *session = (struct lab_session){.cli = cli, .path = arguments->operands[1]};
    enum cli_exit status = begin(session, arguments, quiet);
    if (status != CLI_FINE)
        lab_session_end(session);
    return status;
}

/* A lab that stays up keeps nothing that only this run would have brought back. */
static void boot_all(struct lab_session *session)
{
    struct trouble trouble = {0};
    bool booted;
    if (!session->brought_up && !player_boot_due(&session->player, INT64_MAX, &booted, &trouble))
        cli_error(session->cli, "%s", trouble.sentence);
}

static void take_down(const struct lab_session *session)
{
    struct trouble trouble = {0};
    bool found;
    if (!lab_stop(session->lab->name, STOP_MS, &found, &trouble))
        cli_error(session->cli, "%s", trouble.sentence);
}

void lab_session_end(struct lab_session *session)
{
    watch_destroy(session->watch);
    echo_destroy(session->echo);
    echo_destroy(session->inside);
    if (session->player.network) {
        boot_all(session);
        player_done(&session->player);
    }
    if (session->seen.world)
        seen_done(&session->seen);
    if (session->ways)
        reach_done(&session->reach);
    if (session->brought_up)
        take_down(session);
    running_free(session->lab);
    world_destroy(session->world);
    network_free(session->network);
    free(session->ways);
    free(session->inside_ways);
    free(session->known);
    free(session->lost);
    *session = (struct lab_session){0};
}

/* -- time -- */

int64_t lab_session_now_us(const struct lab_session *session)
{
    return watch_wall_us() - session->seen.began_us;
}

void lab_session_start(struct lab_session *session, int64_t from_us)
{
    seen_begin(&session->seen, watch_wall_us() - from_us);
    while (session->step < session->network->step_count &&
           session->network->story[session->step].at_us < from_us)
        session->step++;
    session->told_us = from_us - 1;
    session->asked_us = from_us - ECHO_US;
}

/* -- tunnels in tunnels -- */

/* A packet into each of them, from the customer's end, where they are swallowed. Of one that goes
 * round in itself nothing is asked: there packets multiply. One that gets nowhere leaves no trace,
 * so that no timer of an end runs otherwise. */
static void send_inside(struct lab_session *session)
{
    bool any = false;
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        const struct seen_end *state = &session->seen.ends[i][TUNNEL_CUSTOMER];
        session->inside_ways[i].idle = !state->swallowed || state->into == (int)i;
        any |= !session->inside_ways[i].idle;
    }
    if (!any)
        return;
    session->inside_us = watch_wall_us();
    session->asking_inside = true;
    echo_send(session->inside);
}

static void collect_inside(struct lab_session *session)
{
    echo_collect(session->inside);
    session->asking_inside = false;
    session->arrived_us = session->inside_us;
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        if (session->inside_ways[i].arrived)
            seen_arrives(&session->seen, (int)i, session->arrived_us);
    }
}

static void ask_inside(struct lab_session *session)
{
    int64_t since_us = watch_wall_us() - session->inside_us;
    if (session->asking_inside && since_us >= ECHO_MS * 1000)
        collect_inside(session);
    else if (!session->asking_inside && since_us >= INSIDE_US)
        send_inside(session);
}

/* -- who reaches whom -- */

static void note_change(struct lab_session *session, size_t pair, bool there, bool back)
{
    session->lost = must(realloc(session->lost, (session->lost_count + 1) * sizeof *session->lost));
    session->lost[session->lost_count++] = (struct lab_lost){session->asked_us, pair, there, back};
}

static void send_echoes(struct lab_session *session)
{
    session->asked_us = lab_session_now_us(session);
    session->asking = true;
    echo_send(session->echo);
}

static void collect_echoes(struct lab_session *session)
{
    size_t count = session->reach.pair_count;
    bool *before = must(calloc(2 * count + 1, sizeof *before));
    for (size_t i = 0; i < 2 * count; i++)
        before[i] = session->ways[i].arrived;
    echo_collect(session->echo);
    for (size_t i = 0; i < count; i++) {
        bool there = session->ways[2 * i].arrived, back = session->ways[2 * i + 1].arrived;
        if (session->known[i] && (there != before[2 * i] || back != before[2 * i + 1]))
            note_change(session, i, there, back);
        session->known[i] = true;
    }
    session->asking = false;
    free(before);
}

/* A second apart; what did not come within ECHO_MS has not arrived. */
static void ask_again(struct lab_session *session)
{
    int64_t since_us = lab_session_now_us(session) - session->asked_us;
    if (session->asking && since_us >= ECHO_MS * 1000)
        collect_echoes(session);
    else if (!session->asking && since_us >= ECHO_US)
        send_echoes(session);
}

void lab_session_ask(struct lab_session *session)
{
    int64_t end_us;
    send_echoes(session);
    send_inside(session);
    end_us = session->asked_us + ECHO_MS * 1000;
    while (lab_session_now_us(session) < end_us)
        watch_hear(session->watch, HEAR_MS);
    collect_echoes(session);
    if (session->asking_inside)
        collect_inside(session);
}

/* For how long a tunnel may stand of which nothing arrives: its BGP; without, its IKE. */
static int64_t patience_us(const struct lab_session *session, int tunnel)
{
    const struct tunnel *of = &session->world->tunnels[tunnel];
    int64_t longest_us = 0;
    if (of->ends[TUNNEL_GATEWAY].neighbor)
        return session->network->vpn_connections[of->connection].bgp.hold_us;
    for (int end = 0; end < 2; end++) {
        const struct tunnel_dpd *dpd = &of->dpd[end];
        int64_t dead_us = dpd->delay_us + dpd->interval_us * (int64_t)dpd->tries;
        longest_us = dead_us > longest_us ? dead_us : longest_us;
    }
    return 2 * longest_us; /* as sim_quiet_us() has it */
}

/* Packets that go through another tunnel may arrive all the same: one that did, since they do, says
 * so. Of IPv6 none is sent: there, what stands for longer than it would without them. */
static bool arrives_all_the_same(const struct lab_session *session, int tunnel)
{
    const struct seen *seen = &session->seen;
    const struct seen_end *state = &seen->ends[tunnel][TUNNEL_CUSTOMER];
    const struct echo_way *way = &session->inside_ways[tunnel];
    bool arrives = state->into != tunnel;
    if (way->asked)
        arrives &= way->arrived && session->arrived_us - session->seen.began_us >= state->since_us;
    else
        arrives &= lab_session_now_us(session) - state->since_us > patience_us(session, tunnel);
    for (int end = 0; end < 2; end++) {
        const struct tunnel_end *at = &session->world->tunnels[tunnel].ends[end];
        arrives &= !at->neighbor || seen_session_up(seen, at->node, at->neighbor);
    }
    return arrives;
}

struct tunnel_sight lab_session_tunnel(const struct lab_session *session, int tunnel)
{
    const struct seen *seen = &session->seen;
    struct tunnel_sight state = {.into = seen_tunnel_into(seen, tunnel),
                                 .period_us = seen_period_us(seen, tunnel)};
    if (state.into != WORLD_NONE && arrives_all_the_same(session, tunnel))
        state.into = WORLD_NONE, state.being = BEING_UP;
    else
        state.being = seen_tunnel_up(seen, tunnel) ? BEING_UP
                      : state.into == WORLD_NONE   ? BEING_DOWN
                                                   : BEING_SWALLOWED;
    return state;
}

bool lab_session_sentence(const struct lab_session *session, int tunnel, bool now,
                          struct text *ret_text)
{
    const struct tunnel_end *end = &session->world->tunnels[tunnel].ends[TUNNEL_GATEWAY];
    struct tunnel_sight state = lab_session_tunnel(session, tunnel);
    if (now)
        state.period_us = 0;
    bool stands = state.period_us == 0 && state.being != BEING_DOWN;
    bool silent =
        stands && end->neighbor && !seen_session_up(&session->seen, end->node, end->neighbor);
    if (ret_text) {
        text_tunnel_sight(ret_text, session->world, tunnel, &state);
        text_add(ret_text, !silent                   ? ""
                           : state.being == BEING_UP ? ", but its BGP is down"
                                                     : ", and its BGP is down");
    }
    return stands && !silent && state.being == BEING_UP;
}

static bool all_up(const struct lab_session *session)
{
    bool all = seen_sessions_up(&session->seen);
    for (size_t i = 0; i < session->world->tunnel_count; i++)
        all &= lab_session_tunnel(session, (int)i).being == BEING_UP;
    return all;
}

bool lab_session_settle(struct lab_session *session, int64_t wait_us)
{
    int64_t end_us = watch_wall_us() + wait_us;
    while (!all_up(session) && watch_wall_us() < end_us && !interrupt_heard()) {
        ask_inside(session);
        watch_hear(session->watch, HEAR_MS);
    }
    return all_up(session);
}

/* -- playing -- */

static bool do_due(struct lab_session *session)
{
    const struct network *network = session->network;
    struct trouble trouble = {0};
    bool booted = false;
    while (session->step < network->step_count &&
           network->story[session->step].at_us <= lab_session_now_us(session)) {
        size_t step = session->step++;
        if (!player_do(&session->player, &network->story[step], (int)step, &trouble)) {
            lab_clock_hide(&session->clock);
            cli_error(session->cli, "step %zu of the story: %s", step + 1, trouble.sentence);
            return false;
        }
    }
    if (!player_boot_due(&session->player, watch_wall_us(), &booted, &trouble)) {
        lab_clock_hide(&session->clock);
        cli_error(session->cli, "%s", trouble.sentence);
        return false;
    }
    if (booted)
        watch_again(session->watch, session->lab);
    return true;
}

static bool any_between(const struct seen *seen, int64_t from_us, int64_t until_us)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (seen->moments[i].at_us > from_us && seen->moments[i].at_us <= until_us)
            return true;
    }
    return false;
}

static void tell(struct lab_session *session, int64_t until_us)
{
    struct timeline timeline = {session->world, session->network, session->seen.moments,
                                session->seen.count};
    struct timeline_options how = {.whole = true, .no_minor = !session->whole};
    if (!session->live || until_us <= session->told_us)
        return;
    if (any_between(&session->seen, session->told_us, until_us))
        lab_clock_hide(&session->clock);
    timeline_follow(&timeline, &how, session->told_us, until_us, &session->cli->out);
    session->told_us = until_us;
    fflush(session->cli->out.out);
}

bool lab_session_play(struct lab_session *session, int64_t until_us,
                      bool (*until)(const struct lab_session *session), bool steps)
{
    bool done = true;
    while (done && lab_session_now_us(session) < until_us && !interrupt_heard() &&
           !(until && until(session))) {
        done = !steps || do_due(session);
        lab_clock_show(&session->clock, lab_session_now_us(session));
        watch_hear(session->watch, HEAR_MS);
        int64_t now_us = lab_session_now_us(session);
        ask_again(session);
        ask_inside(session);
        tell(session, now_us - SETTLE_US);
    }
    tell(session, lab_session_now_us(session));
    lab_clock_hide(&session->clock);
    return done;
}
