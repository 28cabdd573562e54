#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/commands.h"
#include "explain/grid.h"
#include "network/diagnostics.h"
#include "network/suggest.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { USAGE_COLUMNS = 80 };

/* clang-format off */
const struct command *const cli_commands[] = {
    &command_check,
    &command_simulate,
    &command_routes,
    &command_trace,
    &command_reach,
    &command_whatif,
    &command_diff,
    &command_explain,
    &command_format,
    &command_generate,
    &command_import,
    &command_tour,
    &command_show,
    &command_status,
    &command_replay,
    &command_replace_tunnel,
    &command_capture,
    &command_lab,
};
/* clang-format on */
const size_t cli_command_count = sizeof cli_commands / sizeof *cli_commands;

void cli_error(struct cli *cli, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = screen_text(format, arguments);
    va_end(arguments);
    screen_say(&cli->err, "%serror:%s ", SCREEN_RED, SCREEN_END);
    screen_put(&cli->err, text);
    fputc('\n', cli->err.out);
    free(text);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    }
    return NULL;
}

static enum cli_exit unknown_command(struct cli *cli, const char *name)
{
    struct suggestion suggestion = suggest_for(name);
    for (size_t i = 0; i < cli_command_count; i++)
        suggest_offer(&suggestion, cli_commands[i]->name, i);
    suggest_offer(&suggestion, "help", cli_command_count);
    struct quoted shown = diagnostics_quote(name, strlen(name));
    if (suggestion.nearest)
        cli_error(cli, "there is no command \"%s\"; did you mean \"%s\"?", shown.text,
                  suggestion.nearest);
    else
        cli_error(cli, "there is no command \"%s\"; see: %s help", shown.text, cli->program);
    return CLI_USAGE;
}

static void show_commands(const struct screen *screen)
{
    struct grid grid = {0};
    screen_put(screen,
               "usage: sekisho COMMAND [OPTION...] FILE|-\n\n"
               "Asks a network file why a route is where it is, and what would happen.\n\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        grid_begin(&grid);
        grid_say(&grid, "%s%s%s", SCREEN_BOLD, cli_commands[i]->name, SCREEN_END);
        grid_add(&grid, cli_commands[i]->sentence);
    }
    grid_render(&grid, screen, 2);
    grid_done(&grid);
    screen_put(screen,
               "\nFILE is a network file, sekisho-network(5); - reads standard input.\n"
               "sekisho help COMMAND tells a command's options; sekisho --version the version.\n"
               "Exit status: 0 fine, 1 bad news, 2 bad usage or input, 3 the machine failed.\n");
}

/* In one line; where that would be long, each of several forms in one of its own. */
static void show_usage(const struct screen *screen, const struct command *command)
{
    const char *options = command->option_count ? " [OPTION...]" : "", *before = "usage: ";
    const char *form = command->operands, *next;
    size_t size = strlen("usage: sekisho  ") + strlen(command->name) + strlen(options);
    bool apart = size + strlen(form) > USAGE_COLUMNS;
    for (; apart && (next = strstr(form, " | ")); form = next + 3) {
        screen_say(screen, "%ssekisho %s%s %.*s\n", before, command->name, options,
                   (int)(next - form), form);
        before = "       ";
    }
    screen_say(screen, "%ssekisho %s%s%s%s\n", before, command->name, options,
               command->most ? " " : "", form);
}

static void show_command(const struct screen *screen, const struct command *command)
{
    struct grid grid = {0};
    show_usage(screen, command);
    screen_say(screen, "\n%s\n", command->sentence);
    if (command->text)
        screen_say(screen, "\n%s\n", command->text);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        grid_begin(&grid);
        grid_say(&grid, "%s--%s%s%s%s", SCREEN_BOLD, option->name, SCREEN_END,
                 option->argument ? " " : "", option->argument ? option->argument : "");
        grid_add(&grid, option->sentence);
    }
    if (command->option_count)
        fputc('\n', screen->out);
    grid_render(&grid, screen, 2);
    grid_done(&grid);
}

static enum cli_exit help(struct cli *cli, int argc, char *const argv[])
{
    if (argc > 1) {
        cli_error(cli, "help takes one command at most");
        return CLI_USAGE;
    }
    bool all = argc == 0 || strcmp(argv[0], "help") == 0;
    const struct command *command = all ? NULL : find_command(argv[0]);
    if (!all && !command)
        return unknown_command(cli, argv[0]);
    if (command)
        show_command(&cli->out, command);
    else
        show_commands(&cli->out);
    return CLI_FINE;
}

static enum cli_exit dispatch(struct cli *cli, int argc, char *const argv[])
{
    const char *name = argc > 1 ? argv[1] : NULL;
    struct arguments arguments;
    if (!name) {
        show_commands(&cli->err);
        return CLI_USAGE;
    }
    if (strcmp(name, "--version") == 0 && argc == 2) {
        screen_put(&cli->out, "sekisho " SEKISHO_VERSION "\n");
        return CLI_FINE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(cli, argc - 2, argv + 2);
    const struct command *command = find_command(name);
    if (!command)
        return unknown_command(cli, name);
    if (!arguments_read(cli, command, argc - 2, argv + 2, &arguments))
        return CLI_USAGE;
    if (arguments.wants_help) {
        show_command(&cli->out, command);
        return CLI_FINE;
    }
    return command->run(cli, &arguments);
}

int cli_run(struct cli *cli, int argc, char *const argv[])
{
    cli->program = argc > 0 ? argv[0] : "sekisho";
    enum cli_exit status = dispatch(cli, argc, argv);
    if (fflush(cli->out.out) != 0 || ferror(cli->out.out)) {
        int error = cli->output_error ? *cli->output_error : 0;
        cli_error(cli, "cannot write the answer to standard output: %s",
                  error ? strerror(error) : "output error");
        status = CLI_WORLD;
    }
    fflush(cli->err.out);
    return (int)status;
}
