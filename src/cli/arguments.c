#include "cli/arguments.h"

#include "network/scalar.h"
#include "network/suggest.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct command *command, const char *name, size_t size)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (strlen(command->options[i].name) == size &&
            memcmp(command->options[i].name, name, size) == 0)
            return i;
    }
    return command->option_count;
}

static void unknown_option(struct cli *cli, const struct command *command, const char *dashes,
                           const char *name)
{
    struct suggestion suggestion = suggest_for(name);
    for (size_t i = 0; i < command->option_count; i++)
        suggest_offer(&suggestion, command->options[i].name, i);
    suggest_offer(&suggestion, "help", command->option_count);
    struct quoted shown = diagnostics_quote(name, strlen(name));
    if (suggestion.nearest)
        cli_error(cli, "%s has no option %s%s; did you mean --%s?", command->name, dashes,
                  shown.text, suggestion.nearest);
    else
        cli_error(cli, "%s has no option %s%s; see: %s help %s", command->name, dashes, shown.text,
                  cli->program, command->name);
}

/* One option, with its argument where it takes one; how many words it took, 0: a mistake. */
static int read_option(struct cli *cli, int argc, char *const argv[], struct arguments *arguments)
{
    const struct command *command = arguments->command;
    const char *word = argv[0] + 2, *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word) : strlen(word);
    size_t place = place_of(command, word, size);
    if (place == command->option_count) {
        struct quoted name = diagnostics_quote(word, size);
        unknown_option(cli, command, "--", name.text);
        return 0;
    }
    const struct option *option = &command->options[place];
    if (!option->argument) {
        arguments->values[place] = "";
        if (equals)
            cli_error(cli, "--%s takes no argument", option->name);
        return !equals;
    }
    if (!equals && argc < 2) {
        cli_error(cli, "--%s needs %s: %s", option->name, option->argument, option->sentence);
        return 0;
    }
    arguments->values[place] = equals ? equals + 1 : argv[1];
    return equals ? 1 : 2;
}

static bool enough(struct cli *cli, const struct arguments *arguments)
{
    const struct command *command = arguments->command;
    if (arguments->operand_count >= command->least)
        return true;
    cli_error(cli, "%s needs %s; see: %s help %s", command->name, command->operands, cli->program,
              command->name);
    return false;
}

static bool add_operand(struct cli *cli, struct arguments *arguments, const char *word)
{
    const struct command *command = arguments->command;
    if (arguments->operand_count == command->most) {
        struct quoted shown = diagnostics_quote(word, strlen(word));
        cli_error(cli, "%s has no use for \"%s\"; it takes %s", command->name, shown.text,
                  command->most ? command->operands : "options only");
        return false;
    }
    arguments->operands[arguments->operand_count++] = word;
    return true;
}

static bool is_verbatim(const struct arguments *arguments)
{
    const char *word = arguments->command->verbatim;
    return word && arguments->operand_count >= 2 && strcmp(arguments->operands[0], word) == 0;
}

bool arguments_read(struct cli *cli, const struct command *command, int argc, char *const argv[],
                    struct arguments *ret_arguments)
{
    struct arguments arguments = {.command = command};
    assert(command->option_count <= OPTIONS_MAX && command->most <= OPERANDS_MAX);
    bool options = true;
    for (int i = 0; i < argc;) {
        const char *word = argv[i];
        options &= !is_verbatim(&arguments);
        if (options && strcmp(word, "--") == 0) {
            options = false;
            i++;
        } else if (options && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            arguments.wants_help = true;
            i++;
        } else if (options && word[0] == '-' && word[1] == '-') {
            int taken = read_option(cli, argc - i, argv + i, &arguments);
            if (!taken)
                return false;
            i += taken;
        } else if (options && word[0] == '-' && word[1]) {
            unknown_option(cli, command, "-", word + 1);
            return false;
        } else {
            if (!add_operand(cli, &arguments, word))
                return false;
            i++;
        }
    }
    if (!arguments.wants_help && !enough(cli, &arguments))
        return false;
    *ret_arguments = arguments;
    return true;
}

const char *arguments_value(const struct arguments *arguments, const char *option)
{
    size_t place = place_of(arguments->command, option, strlen(option));
    assert(place < arguments->command->option_count);
    return arguments->values[place];
}

bool arguments_has(const struct arguments *arguments, const char *option)
{
    return arguments_value(arguments, option) != NULL;
}

/* As it was said, and nothing as "". */
static struct quoted said_as(const char *value)
{
    return *value ? diagnostics_quote(value, strlen(value)) : diagnostics_quote("\"\"", 2);
}

bool arguments_number(struct cli *cli, const struct arguments *arguments, const char *option,
                      uint64_t fallback, uint64_t *ret_number)
{
    const char *value = arguments_value(arguments, option);
    char *end = NULL;
    if (!value) {
        *ret_number = fallback;
        return true;
    }
    errno = 0;
    bool digits = value[0] >= '0' && value[0] <= '9';
    unsigned long long number = digits ? strtoull(value, &end, 10) : 0;
    if (!digits || *end || errno) {
        struct quoted shown = said_as(value);
        cli_error(cli, "--%s %s: expected a number, 0 or more", option, shown.text);
        return false;
    }
    *ret_number = number;
    return true;
}

bool arguments_duration(struct cli *cli, const struct arguments *arguments, const char *option,
                        int64_t fallback_us, int64_t *ret_us)
{
    static const struct field duration = {.type = FIELD_DURATION};
    const char *value = arguments_value(arguments, option);
    char seconds[64];
    if (!value) {
        *ret_us = fallback_us;
        return true;
    }
    size_t size = strlen(value);
    bool bare = size > 0 && size < sizeof seconds - 1 && strspn(value, "0123456789.") == size;
    snprintf(seconds, sizeof seconds, "%ss", bare ? value : "");
    struct scalar_verdict verdict =
        scalar_parse(&duration, bare ? seconds : value, bare ? size + 1 : size, ret_us);
    if (!verdict.fine) {
        struct quoted shown = said_as(value);
        cli_error(cli, "--%s %s: expected %s", option, shown.text, verdict.expected);
    }
    return verdict.fine;
}
