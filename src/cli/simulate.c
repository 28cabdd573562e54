#include "cli/simulate.h"

#include "check/reach.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/recording.h"
#include "cli/source.h"
#include "cli/timeline.h"
#include "explain/grid.h"
#include "explain/view_json.h"
#include "explain/words.h"

#include <inttypes.h>

static const struct option options[] = {
    {"timeline", NULL, "every line; otherwise the main ones, and a circle once"},
    {"json", NULL, "the answer for a machine: every moment, all tables"},
    {"until", "TIME", "stop there, such as 90s; otherwise where the end can be told"},
    {"limit", "TIME", "give up there, if the end cannot be told: 24h unless said"},
    {"seed", "N", "of all phases and latencies; 1 unless said, or what fits a recording best"},
    {"journal", "DIR", "write a gateway's journal there, for sekisho replay"},
    {"node", "GATEWAY", "whose journal; the file's only gateway unless said"},
};

static const char *session_name(const struct play *play, const struct tunnel_end *end)
{
    static const char *const names[] = {
        [SESSION_IDLE] = "Idle",
        [SESSION_CONNECT] = "Connect",
        [SESSION_ACTIVE] = "Active",
        [SESSION_OPEN_SENT] = "OpenSent",
        [SESSION_OPEN_CONFIRM] = "OpenConfirm",
        [SESSION_ESTABLISHED] = "Established",
    };
    const struct engine *engine = play->world->nodes[end->node].engine;
    if (!engine || !end->neighbor)
        return NULL;
    return names[engine_session(engine, end->neighbor)->state];
}

static json_t *tunnel_json(const struct play *play, size_t index)
{
    const struct world *world = play->world;
    const struct tunnel *tunnel = &world->tunnels[index];
    const struct tunnel_end *ends = tunnel->ends;
    int64_t swallowed_us = sim_swallowed_us(play->sim, (int)index);
    json_t *object = json_object();
    json_put(object, "tunnel", json_text(tunnel->id));
    json_put(object, "connection", json_text(world->connections[tunnel->connection].id));
    json_put(object, "gateway", json_text(world->nodes[ends[TUNNEL_GATEWAY].node].id));
    json_put(object, "router", json_text(world->nodes[ends[TUNNEL_CUSTOMER].node].id));
    json_put(object, "outside", json_address(ends[TUNNEL_GATEWAY].outer_local));
    json_put(object, "up", json_boolean(sim_tunnel_up(play->sim, (int)index)));
    json_put(object, "state", json_text(tunnel_being_word(play_tunnel(play, (int)index).being)));
    json_put(object, "bgp", json_text(session_name(play, &ends[TUNNEL_GATEWAY])));
    json_put(object, "swallowed_s", swallowed_us < 0 ? json_null() : json_seconds(swallowed_us));
    return object;
}

static json_t *tunnels_json(const struct play *play)
{
    json_t *list = json_array();
    for (size_t i = 0; i < play->world->tunnel_count; i++)
        json_push(list, tunnel_json(play, i));
    return list;
}

static json_t *flaps_json(const struct play *play)
{
    json_t *list = json_array();
    for (size_t i = 0; i < play->world->tunnel_count; i++) {
        int64_t period_us = sim_period_us(play->sim, (int)i);
        if (period_us == 0)
            continue;
        json_t *object = json_object();
        json_put(object, "tunnel", json_text(play->world->tunnels[i].id));
        json_put(object, "period_s", json_seconds(period_us));
        json_push(list, object);
    }
    return list;
}

/* One direction of a pair: how a packet fares that is sent now. What is delivered to somebody else,
 * as a private address to the Internet, has not arrived. */
static json_t *way_json(const struct world *world, struct reach_end from, struct reach_end to)
{
    struct packet packet = {
        .src = from.addr, .dst = to.addr, .size_bytes = 84, .tunnel = WORLD_NONE};
    struct path path = {.hops = NULL};
    if (from.node == WORLD_NONE)
        return json_null();
    forward(world, from.node, &packet, &path);
    json_t *object = json_object();
    bool there = to.node == WORLD_NONE || path.node == to.node;
    json_put(object, "arrives", json_boolean(path.delivered && there));
    json_put(object, "at", json_text(path.node == WORLD_NONE ? NULL : world->nodes[path.node].id));
    json_put(object, "drop", json_text(path.delivered ? NULL : drop_word(path.drop)));
    return object;
}

static json_t *end_json(const struct world *world, struct reach_end end)
{
    json_t *object = json_object();
    json_put(object, "node", json_text(end.node == WORLD_NONE ? NULL : world->nodes[end.node].id));
    json_put(object, "address", json_address(end.addr));
    return object;
}

static json_t *reach_json(const struct play *play)
{
    struct reach reach;
    json_t *list = json_array();
    reach_init(&reach, play->network, play->world);
    for (size_t i = 0; i < reach.pair_count; i++) {
        const struct reach_pair *pair = &reach.pairs[i];
        json_t *object = json_object();
        json_put(object, "from", end_json(play->world, pair->from));
        json_put(object, "to", end_json(play->world, pair->to));
        json_put(object, "there", way_json(play->world, pair->from, pair->to));
        json_put(object, "back", way_json(play->world, pair->to, pair->from));
        json_push(list, object);
    }
    reach_done(&reach);
    return list;
}

json_t *simulate_json(const struct play *play, uint64_t seed, const struct departures *departures)
{
    char digest[20];
    struct views views;
    struct timeline timeline = timeline_of(play);
    json_t *object = json_object();
    views_all(play->world, &views);
    snprintf(digest, sizeof digest, "%016" PRIx64, sim_digest(play->sim));
    json_put(object, "verdict", json_text(play_verdict_name(play->verdict)));
    json_put(object, "end", json_text(play_end_name(play->end)));
    json_put(object, "end_s", json_seconds(sim_now_us(play->sim)));
    json_put(object, "seed", json_seed(seed));
    json_put(object, "digest", json_text(digest));
    json_put(object, "timeline", timeline_json(&timeline));
    json_put(object, "tunnels", tunnels_json(play));
    json_put(object, "tables", views_json(play->world, &views, sim_now_us(play->sim)));
    json_put(object, "reach", reach_json(play));
    json_put(object, "flaps", flaps_json(play));
    if (departures && play->network->recorded_count > 0)
        json_put(object, "recorded", departing_json(play->world, departures));
    views_done(&views);
    return object;
}

static void show(const struct play *play, const char *name, uint64_t seed, bool whole,
                 const struct departures *departures, const struct screen *screen)
{
    struct timeline_options how = {.whole = whole, .no_minor = !whole};
    struct timeline timeline = timeline_of(play);
    play_headline(play, name, screen);
    fputc('\n', screen->out);
    timeline_render(&timeline, &how, screen);
    if (play->network->recorded_count > 0)
        departing_show(play->world, departures, screen);
    screen_say(screen, "\n%sseed %" PRIu64 ", %" PRIu64 " events, digest %016" PRIx64 "%s\n",
               SCREEN_FAINT, seed, sim_event_count(play->sim), sim_digest(play->sim), SCREEN_END);
}

/* The file's gateway; NULL: it has none, or several, and it has been told. */
static const char *only_gateway(struct cli *cli, const struct network *network)
{
    if (network->vpn_gateway_count == 1)
        return network->vpn_gateways[0].id;
    cli_error(cli, "--journal: the file has %zu gateways; expected --node GATEWAY",
              network->vpn_gateway_count);
    return NULL;
}

/* The run, and beside it the journal that is asked for. */
static enum cli_exit play_recorded(struct cli *cli, const struct arguments *arguments,
                                   struct play *play, struct sim_options *sim, int64_t until_us)
{
    const char *directory = arguments_value(arguments, "journal");
    const char *node = arguments_value(arguments, "node");
    struct recording *recording = NULL;
    enum cli_exit status = CLI_FINE;
    if (node && !directory) {
        cli_error(cli, "--node: expected --journal DIR with it");
        return CLI_USAGE;
    }
    if (directory && !node && !(node = only_gateway(cli, play->network)))
        return CLI_USAGE;
    if (directory)
        recording = recording_create(cli, directory, node, play->world, &status);
    if (status != CLI_FINE)
        return status;
    sim->listener = recording ? recording_listener(recording) : NULL;
    status = play_run(cli, play, sim, until_us);
    if (status == CLI_FINE)
        departing_reach(play, until_us);
    return recording_close(recording) ? status : CLI_WORLD;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *path = arguments->operands[0];
    bool json = arguments_has(arguments, "json");
    uint64_t seed;
    int64_t until_us, limit_us;
    struct network *network;
    struct play play;
    if (!arguments_number(cli, arguments, "seed", 1, &seed) ||
        !arguments_duration(cli, arguments, "until", -1, &until_us) ||
        !play_limit(cli, arguments, &limit_us))
        return CLI_USAGE;
    enum cli_exit status = source_network(cli, path, json, &network);
    if (status != CLI_FINE)
        return status;
    if (network->recorded_count > 0 && !arguments_has(arguments, "seed")) {
        status = departing_seed(cli, network, limit_us, until_us, &seed);
        if (status != CLI_FINE) {
            network_free(network);
            return status;
        }
    }
    struct sim_options sim = {.seed = seed, .limit_us = limit_us};
    status = play_build(cli, network, &play);
    if (status == CLI_FINE)
        status = play_recorded(cli, arguments, &play, &sim, until_us);
    if (status != CLI_FINE) {
        play_done(&play);
        return status;
    }
    struct departures departures;
    departing_find(&play, &departures);
    status = departures.departing > 0 ? CLI_FOUND : play_exit(&play);
    if (!json)
        show(&play, source_name(path), seed, arguments_has(arguments, "timeline"), &departures,
             &cli->out);
    else if (!json_write_take(simulate_json(&play, seed, &departures), cli->out.out))
        status = CLI_WORLD;
    departures_done(&departures);
    play_done(&play);
    return status;
}

const struct command command_simulate = {
    .name = "simulate",
    .operands = "FILE|-",
    .sentence = "Plays the file's story in virtual time and tells what happens when.",
    .text =
        "The same file and seed give the same run, event by event, on every machine. Where the\n"
        "file has recorded moments (sekisho lab record), it is said which of them the run has\n"
        "not, or at another time; phases of timers are in no recording, so of twenty seeds\n"
        "the one is played that departs least.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
