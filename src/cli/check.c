#include "check/check.h"

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/source.h"
#include "explain/json.h"
#include "network/diagnostics.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct option options[] = {
    {"json", NULL, "the answer for a machine"},
    {"fail-on", "LEVEL",
     "exit 1 from this level on: certain, likely (unless said), latent, protected"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"all", NULL, "every remedy that was seen to cure (unless said otherwise)"},
    {"cheapest", NULL, "for each finding only the smallest remedy that cures"},
    {"no-variants", NULL, "do not try announcements that an attachment could make"},
    {"apply", "N", "write the file with remedy N applied, and nothing else"},
};

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool read_level(struct cli *cli, const struct arguments *arguments,
                       enum check_level *ret_level)
{
    const char *name = arguments_value(arguments, "fail-on");
    *ret_level = CHECK_LIKELY;
    if (!name || check_find_level(name, ret_level))
        return true;
    struct quoted shown = diagnostics_quote(name, strlen(name));
    cli_error(cli, "--fail-on %s: expected certain, likely, latent or protected", shown.text);
    return false;
}

static enum cli_exit apply(struct cli *cli, const struct check *check, uint64_t number)
{
    size_t total = check_remedy_total(check);
    struct network *cured =
        number >= 1 && number <= total ? check_remedy_applied(check, (size_t)number) : NULL;
    if (!cured) {
        if (total == 0)
            cli_error(cli, "--apply: there is no remedy to apply");
        else
            cli_error(cli, "--apply: expected a remedy's number, 1 to %zu", total);
        return CLI_USAGE;
    }
    network_format(cured, cli->out.out);
    network_free(cured);
    return CLI_FINE;
}

static enum cli_exit show(struct cli *cli, const struct check *check, const char *name, bool json,
                          enum check_level fail_on)
{
    const struct check_render_options how = {
        .title = name, .color = cli->out.color, .utf8 = !cli->out.ascii, .width = cli->out.width};
    if (!json)
        check_render(check, cli->out.out, &how);
    else if (!json_write_take(check_json(check), cli->out.out))
        return CLI_WORLD;
    return check_exit_code(check, fail_on) ? CLI_FOUND : CLI_FINE;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *path = arguments->operands[0];
    bool json = arguments_has(arguments, "json");
    struct check_options how = {.cheapest = arguments_has(arguments, "cheapest"),
                                .no_variants = arguments_has(arguments, "no-variants"),
                                .clock_us = monotonic_us};
    enum check_level fail_on;
    uint64_t number;
    struct network *network;
    if (how.cheapest && arguments_has(arguments, "all")) {
        cli_error(cli, "--all and --cheapest exclude each other");
        return CLI_USAGE;
    }
    if (!read_level(cli, arguments, &fail_on) ||
        !arguments_number(cli, arguments, "seed", 1, &how.seed) ||
        !arguments_number(cli, arguments, "apply", 0, &number))
        return CLI_USAGE;
    enum cli_exit status = source_network(cli, path, json, &network);
    if (status != CLI_FINE)
        return status;
    struct check *check = check_run(network, &how);
    if (!check) {
        cli_error(cli, "no memory to check the network");
        status = CLI_WORLD;
    } else if (arguments_has(arguments, "apply")) {
        status = apply(cli, check, number);
    } else {
        status = show(cli, check, source_name(path), json, fail_on);
    }
    check_free(check);
    network_free(network);
    return status;
}

const struct command command_check = {
    .name = "check",
    .operands = "FILE|-",
    .sentence = "Runs the network and says what is wrong, how sure it is, and what cures it.",
    .text = "Every remedy that is shown was applied to a copy and run: afterwards all tunnels are\n"
            "up and nothing that was reachable is lost.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
