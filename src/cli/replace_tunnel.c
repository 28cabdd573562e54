#include "cli/arguments.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "explain/json.h"

#include <poll.h>
#include <string.h>

enum { LOOK_MS = 100 };

static const struct option options[] = {
    {"control", "PATH", "the daemon's control socket; otherwise " ASK_WHERE},
    {"outside", NULL, "as AWS replaces an endpoint: the former SAs end first"},
    {"json", NULL, "the answer for a machine"},
};

static const char *state_of(const json_t *row)
{
    const char *state =
        json_string_value(json_object_get(json_object_get(row, "replacement"), "state"));
    return state ? state : "";
}

/* The daemon gives it up after a minute, so this ends. NULL: *ret_status, and it has been told. */
static json_t *wait_for_end(struct cli *cli, struct ask *ask, const char *name,
                            enum cli_exit *ret_status)
{
    json_t *row = ask_tunnel(cli, ask, name, ret_status);
    while (row && strcmp(state_of(row), "under-way") == 0) {
        json_decref(row);
        poll(NULL, 0, LOOK_MS);
        row = ask_tunnel(cli, ask, name, ret_status);
    }
    return row;
}

static enum cli_exit tell(struct cli *cli, const json_t *row, const char *name, bool json)
{
    const json_t *replacement = json_object_get(row, "replacement");
    bool done = strcmp(state_of(row), "done") == 0;
    bool outside = json_is_true(json_object_get(replacement, "outside"));
    double took = json_number_value(json_object_get(replacement, "took"));
    enum cli_exit status = done ? CLI_FINE : CLI_FOUND;
    if (json) {
        json_t *answer = json_copy((json_t *)(uintptr_t)replacement);
        json_object_set_new(answer, "tunnel", json_string(name));
        return json_write_take(answer, cli->out.out) ? status : CLI_WORLD;
    }
    if (!done)
        screen_say(&cli->out, "%s was not replaced; see sekisho show tunnels\n", name);
    else if (outside)
        screen_say(&cli->out, "%s came back after %.3f s\n", name, took);
    else
        screen_say(&cli->out, "%s was replaced without a gap, in %.3f s\n", name, took);
    return status;
}

static enum cli_exit replace(struct cli *cli, const struct arguments *arguments, struct ask *ask)
{
    const char *name = arguments->operands[0];
    enum cli_exit status;
    json_t *row = ask_tunnel(cli, ask, name, &status);
    if (!row)
        return status;
    json_decref(row);
    json_t *begun = ask_take(cli, ask,
                             json_pack("{s:s, s:s, s:b}", "ask", "replace-tunnel", "tunnel", name,
                                       "outside", (int)arguments_has(arguments, "outside")));
    if (!begun)
        return CLI_WORLD;
    json_decref(begun);
    row = wait_for_end(cli, ask, name, &status);
    if (row)
        status = tell(cli, row, name, arguments_has(arguments, "json"));
    json_decref(row);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct ask ask;
    enum cli_exit status = ask_open(cli, arguments_value(arguments, "control"), &ask);
    if (status != CLI_FINE)
        return status;
    status = replace(cli, arguments, &ask);
    ask_close(&ask);
    return status;
}

const struct command command_replace_tunnel = {
    .name = "replace-tunnel",
    .operands = "TUNNEL",
    .sentence = "Has a running sekishod replace the IPsec SAs of one of its tunnels.",
    .text =
        "Both phases: the new SAs are there before the former ones end, and no packet is lost.\n"
        "With --outside the former ones end first, as when AWS replaces an endpoint: what is\n"
        "sent meanwhile is lost or takes the other tunnel. It waits until the tunnel has its new\n"
        "SAs; exit status 1: it went down, or has them not after a minute.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
