#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/moment_run.h"
#include "explain/beside.h"
#include "explain/view_json.h"

static const struct option options[] = {
    {"at", "NODE[,NODE...]", "only these routers, gateways, instances, VPCs, route tables"},
    {"time", "TIME", "at that moment of the story, such as 61s; otherwise at its end"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"json", NULL, "the answer for a machine"},
};

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct moment_run moment;
    enum cli_exit status = moment_run_take(cli, arguments, arguments->operands[0], &moment);
    if (status == CLI_FINE)
        status = moment_run_views(cli, arguments_value(arguments, "at"), "--at ", &moment);
    if (status != CLI_FINE)
        return status;
    const struct world *world = moment.play.world;
    int64_t now_us = sim_now_us(moment.play.sim);
    if (arguments_has(arguments, "json")) {
        json_t *object = moment_run_json(&moment);
        json_put(object, "tables", views_json(world, &moment.views, now_us));
        if (!json_write_take(object, cli->out.out))
            status = CLI_WORLD;
    } else {
        moment_run_headline(&moment, &cli->out);
        fputc('\n', cli->out.out);
        beside_render(world, &moment.views, now_us, &cli->out);
    }
    moment_run_done(&moment);
    return status;
}

const struct command command_routes = {
    .name = "routes",
    .operands = "FILE|-",
    .sentence = "Puts all tables side by side, the same prefix on the same line.",
    .text = "In a router's column > is the table's choice and * what the kernel holds, as in\n"
            "`show ip route`; a gateway's column names the attachment of its best path.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
