/* The room `cli`: the program `sekisho`, one file per subcommand.
 *
 *     cli.c         the table of subcommands, help, and which one is meant
 *     arguments.c   options and operands, as the subcommand's own table allows
 *     progress.c    how far a long answer is; interrupt.c whether somebody wants it to end
 *     findings.c    which findings `check` shows: --list, --only, --ignore, --baseline
 *     source.c      a network file: read, parsed, its mistakes shown
 *     play.c        a network's story, run to a moment or to its end
 *     moment_run.c  the same for questions about a moment; place.c  the ends of a packet
 *     change_words.c change_effect.c   changes as words, and as steps of a story
 *     contrast.c    two plays side by side; gateways.c  two gateways of one play
 *     playback.c    a gateway's journal, played; recording.c  that of a simulated one, written
 *     terminal.c    what the reader's terminal can take; output.c why it did not
 *     check.c simulate.c routes.c trace.c reach.c whatif.c diff.c explain.c format.c
 *     generate.c replay.c tour.c   the subcommands
 *     replace_tunnel.c  a running sekishod is told to do something
 *     lab.c         the lab's verbs; lab_up.c and lab_ask.c what they do; lab_sights.c what a tour
 *                   of it has seen
 *     capture.c     the packets inside one of its tunnels, as a file
 *     ask.c         a running sekishod is asked; show.c status.c, and show_screen.c their text
 *
 * Nothing is decided here. A subcommand asks other rooms and shows what they answer, as text for
 * people or, with --json, as the same facts for a machine (docs/reference/json.md).
 *
 * What every subcommand keeps: the answer goes to standard output and nothing else does; mistakes
 * of the user's and failures go to standard error, a mistake leaves standard output empty. The exit
 * status says what kind of an answer it is (enum cli_exit). Output that cannot be written is a
 * failure, never half an answer that looks whole. */
#pragma once

#include "explain/screen.h"

#include <stdbool.h>
#include <stddef.h>

enum cli_exit {
    CLI_FINE = 0,
    CLI_FOUND = 1, /* the answer is bad news: a finding, a tunnel down, a file not canonical */
    CLI_USAGE = 2, /* bad usage, or bad input */
    CLI_WORLD = 3, /* the machine failed: no memory, a full disk, a closed pipe, a bug of ours */
};

struct cli {
    FILE *in;
    struct screen out, err;
    const char *program;     /* as the user called it */
    const int *output_error; /* of what could not be written to out, errno; NULL: not known */
};

struct arguments;

/* What a subcommand may be given. */
struct option {
    const char *name;     /* without its dashes */
    const char *argument; /* NULL: it takes none */
    const char *sentence; /* no full stop */
};

struct command {
    const char *name;
    const char *operands; /* as in its usage line */
    const char *sentence; /* one sentence, with its full stop: `sekisho help` */
    const char *text;     /* what else is worth saying in `sekisho help NAME`; lines of 78 */
    const struct option *options;
    size_t option_count;
    unsigned least, most; /* operands */
    /* When this is the first operand, nothing behind the second one is an option of ours, but a
     * command's; NULL: never. */
    const char *verbatim;
    enum cli_exit (*run)(struct cli *cli, const struct arguments *arguments);
};

extern const struct command *const cli_commands[];
extern const size_t cli_command_count;

/* argv[0] is the program's name, as in main. Flushes both streams. */
int cli_run(struct cli *cli, int argc, char *const argv[]);

/* One sentence on standard error: "error: " and the text. */
void cli_error(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define SEKISHO_VERSION "0.1.0"
