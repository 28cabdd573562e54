#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/moment_run.h"
#include "cli/packet_words.h"
#include "cli/place.h"
#include "explain/journey.h"

static const struct option options[] = {
    PACKET_OPTIONS,
    {"time", "TIME", "at that moment of the story, such as 61s; otherwise at its end"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"json", NULL, "the answer for a machine"},
};

static enum cli_exit show(struct cli *cli, const struct moment_run *moment, struct reach_end from,
                          struct reach_end to, struct traffic traffic, bool json)
{
    const struct world *world = moment->play.world;
    struct journey journey;
    enum cli_exit status;
    journey_take(world, (struct journey_end){from.node, from.addr},
                 (struct journey_end){to.node, to.addr}, traffic, &journey);
    status = journey_is_fine(&journey) ? CLI_FINE : CLI_FOUND;
    if (json) {
        json_t *object = moment_run_json(moment), *answer = journey_json(world, &journey);
        json_object_update(object, answer);
        json_decref(answer);
        moment_filters_json(world, object);
        if (!json_write_take(object, cli->out.out))
            status = CLI_WORLD;
    } else {
        moment_run_headline(moment, &cli->out);
        journey_render(world, &journey, &cli->out);
        moment_filters(world, &cli->out);
    }
    journey_done(&journey);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct moment_run moment;
    struct reach_end ends[2];
    struct packet_words packet;
    if (!packet_words_read(cli, arguments, &packet))
        return CLI_USAGE;
    enum cli_exit status = moment_run_take(cli, arguments, arguments->operands[0], &moment);
    if (status != CLI_FINE)
        return status;
    const struct network *network = moment.play.network;
    const struct world *world = moment.play.world;
    const char *words[2] = {arguments->operands[1], arguments->operands[2]};
    if (place_ends(cli, network, world, words, ends))
        status =
            show(cli, &moment, ends[0], ends[1], packet_traffic(&packet, ip_is_six(ends[0].addr)),
                 arguments_has(arguments, "json"));
    else
        status = CLI_USAGE;
    moment_run_done(&moment);
    return status;
}

const struct command command_trace = {
    .name = "trace",
    .operands = "FILE|- FROM TO",
    .sentence = "Follows one packet and its answer through every table that they consult.",
    .text = "FROM and TO are instances, routers or addresses. At each table stands the line that\n"
            "decided, and below it what else held the address and why it was not taken.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 3,
    .most = 3,
    .run = run,
};
