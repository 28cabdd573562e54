#include "cli/arguments.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/show_screen.h"

static const struct option options[] = {
    {"control", "PATH", "the daemon's control socket; otherwise " ASK_WHERE},
    {"json", NULL, "the answer for a machine"},
};

/* A session that is down is bad news. */
static enum cli_exit judge(const json_t *answer)
{
    json_int_t up = json_integer_value(json_object_get(answer, "established"));
    return up == json_integer_value(json_object_get(answer, "neighbors")) ? CLI_FINE : CLI_FOUND;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct ask ask;
    enum cli_exit status = ask_open(cli, arguments_value(arguments, "control"), &ask);
    if (status != CLI_FINE)
        return status;
    json_t *answer = ask_take(cli, &ask, json_pack("{s:s}", "ask", "status"));
    ask_close(&ask);
    if (!answer)
        return CLI_WORLD;
    status = judge(answer);
    if (arguments_has(arguments, "json"))
        return json_write_take(answer, cli->out.out) ? status : CLI_WORLD;
    show_status(answer, &cli->out);
    json_decref(answer);
    return status;
}

const struct command command_status = {
    .name = "status",
    .operands = "",
    .sentence = "Says whether a running sekishod is well; 1 when a session is down.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 0,
    .most = 0,
    .run = run,
};
