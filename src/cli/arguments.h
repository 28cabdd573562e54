/* A subcommand's options and operands. Options may stand anywhere before "--"; "-" is an operand.
 */
#pragma once

#include "cli/cli.h"

#include <stdint.h>

enum { OPERANDS_MAX = 256, OPTIONS_MAX = 16 };

struct arguments {
    const struct command *command;
    const char *operands[OPERANDS_MAX];
    unsigned operand_count;
    const char *values[OPTIONS_MAX]; /* by the option's place in its table; NULL: not given */
    bool wants_help;
};

/* false: the user's mistake has been told. argv begins behind the subcommand's name. */
bool arguments_read(struct cli *cli, const struct command *command, int argc, char *const argv[],
                    struct arguments *ret_arguments) __attribute__((warn_unused_result));

/* NULL: not given; "" for an option without an argument. Asserts that the command has the option.
 */
const char *arguments_value(const struct arguments *arguments, const char *option);
bool arguments_has(const struct arguments *arguments, const char *option);

/* Typed values, absent ones from fallback. false: the mistake has been told. */
bool arguments_number(struct cli *cli, const struct arguments *arguments, const char *option,
                      uint64_t fallback, uint64_t *ret_number) __attribute__((warn_unused_result));
/* A duration as network files have them: 61s, 1.5s, 500ms, 2m; a bare number is seconds. */
bool arguments_duration(struct cli *cli, const struct arguments *arguments, const char *option,
                        int64_t fallback_us, int64_t *ret_us) __attribute__((warn_unused_result));
