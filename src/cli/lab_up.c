/* `sekisho lab up` and `sekisho lab down`. */
#include "cli/interrupt.h"
#include "cli/lab.h"
#include "cli/source.h"
#include "explain/json.h"
#include "lab/daemons.h"
#include "lab/start.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STOP_WAIT_MS = 10000, US_PER_S = 1000000, PATH_BYTES = 4096 };

/* -- how far it is -- */

struct watching {
    struct cli *cli;
    bool quiet;
    int64_t began_us;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

static double seconds_of(const struct watching *watching)
{
    return (double)(now_us() - watching->began_us) / US_PER_S;
}

static void begun(void *of, const char *what)
{
    const struct watching *watching = of;
    if (watching->quiet)
        return;
    screen_say(&watching->cli->err, "%7.1f s  %s\n", seconds_of(watching), what);
    fflush(watching->cli->err.out);
}

static bool interrupted(void *of)
{
    (void)of;
    return interrupt_heard();
}

/* -- the daemon's program -- */

static bool beside_us(char out[PATH_BYTES])
{
    ssize_t size = readlink("/proc/self/exe", out, PATH_BYTES - sizeof "/sekishod");
    if (size <= 0)
        return false;
    out[size] = '\0';
    char *slash = strrchr(out, '/');
    if (!slash)
        return false;
    memcpy(slash, "/sekishod", sizeof "/sekishod");
    return access(out, X_OK) == 0;
}

static bool in_path(char out[PATH_BYTES])
{
    const char *at = getenv("PATH");
    while (at && *at) {
        size_t size = strcspn(at, ":");
        if (size > 0 && size < PATH_BYTES - sizeof "/sekishod") {
            snprintf(out, PATH_BYTES, "%.*s/sekishod", (int)size, at);
            if (access(out, X_OK) == 0)
                return true;
        }
        at += size + (at[size] == ':');
    }
    return false;
}

static void find_sekishod(const struct arguments *arguments, char out[PATH_BYTES])
{
    const char *said = arguments_value(arguments, "sekishod");
    char found[PATH_BYTES];
    if (!said && !beside_us(found) && !in_path(found))
        snprintf(found, sizeof found, "/usr/sbin/sekishod");
    if (!realpath(said ? said : found, out))
        snprintf(out, PATH_BYTES, "%s", said ? said : found);
}

/* -- up -- */

static enum cli_exit exit_of(enum lab_outcome outcome)
{
    return outcome == LAB_DONE ? CLI_FINE : outcome == LAB_REFUSED ? CLI_USAGE : CLI_WORLD;
}

static enum cli_exit told(struct cli *cli, const struct lab_running *lab, double seconds,
                          const struct arguments *arguments)
{
    if (arguments_has(arguments, "json"))
        return json_write_take(running_json(lab), cli->out.out) ? CLI_FINE : CLI_WORLD;
    unsigned count;
    unsigned long kib = daemons_memory_kib(lab->name, &count);
    char option[LAB_OPTION_BYTES];
    lab_option(lab->name, option);
    screen_say(&cli->out, "%s: up in %.1f s, %u processes, %lu MiB\n\n", lab->name, seconds, count,
               (kib + 1023) / 1024);
    screen_say(&cli->out, "%s lab status%s\n%s lab shell%s %s\n%s lab down%s\n", cli->program,
               option, cli->program, option, lab_node_to_ask(lab), cli->program, option);
    return CLI_FINE;
}

static void file_of(const struct arguments *arguments, char out[PATH_BYTES])
{
    if (!realpath(arguments->operands[1], out))
        snprintf(out, PATH_BYTES, "%s", source_name(arguments->operands[1]));
}

/* In the reader's words when it cannot be. */
static enum cli_exit start(struct cli *cli, const struct arguments *arguments, const char *name,
                           const struct network *network, struct watching *watching,
                           struct lab_running **ret_lab)
{
    char file[PATH_BYTES], sekishod[PATH_BYTES];
    struct lab_ears ears = {watching, begun, interrupted};
    struct lab_request request = {.name = name,
                                  .file = file,
                                  .sekishod = sekishod,
                                  .network = network,
                                  .ends_with_us = strcmp(arguments->operands[0], "up") != 0};
    struct trouble trouble = {0};
    file_of(arguments, file);
    find_sekishod(arguments, sekishod);
    enum lab_outcome outcome = lab_start(&request, &ears, ret_lab, &trouble);
    if (outcome == LAB_DONE)
        return CLI_FINE;
    if (outcome == LAB_INTERRUPTED)
        cli_error(cli, "interrupted: nothing of the lab %s is left", name);
    else if (outcome == LAB_REFUSED)
        cli_error(cli, "%s: %s", source_name(arguments->operands[1]), trouble.sentence);
    else
        cli_error(cli, "%s", trouble.sentence);
    return exit_of(outcome);
}

enum cli_exit lab_up(struct cli *cli, const struct arguments *arguments)
{
    char name[LAB_NAME_BYTES];
    struct network *network;
    enum cli_exit status = lab_name(cli, arguments, 1, name);
    if (status == CLI_FINE)
        status =
            source_network(cli, arguments->operands[1], arguments_has(arguments, "json"), &network);
    if (status != CLI_FINE)
        return status;
    struct watching watching = {cli, arguments_has(arguments, "json"), now_us()};
    struct lab_running *lab = NULL;
    interrupt_listen(STDERR_FILENO, "takes down what is up already");
    status = start(cli, arguments, name, network, &watching, &lab);
    interrupt_forget();
    if (status == CLI_FINE)
        status = told(cli, lab, seconds_of(&watching), arguments);
    running_free(lab);
    network_free(network);
    return status;
}

/* Names are of files' names: another folder's file may have the same. */
static enum cli_exit check_file(struct cli *cli, const struct arguments *arguments,
                                const struct lab_running *lab, const struct network *network)
{
    char file[PATH_BYTES];
    file_of(arguments, file);
    if (strncmp(file, lab->file, sizeof lab->file - 1) == 0)
        return lab_is_its_files(cli, lab, network);
    cli_error(cli, "the lab %s is up, of %s; --lab NAME makes another of %s", lab->name, lab->file,
              source_name(arguments->operands[1]));
    return CLI_USAGE;
}

enum cli_exit lab_bring_up(struct cli *cli, const struct arguments *arguments,
                           const struct network *network, bool quiet, struct lab_running **ret_lab,
                           bool *ret_brought)
{
    char name[LAB_NAME_BYTES];
    struct watching watching = {cli, quiet, now_us()};
    enum cli_exit status = lab_name(cli, arguments, 1, name);
    if (status != CLI_FINE)
        return status;
    struct lab_running *lab = running_read(name, NULL);
    if (lab && lab->state == LAB_UP && !running_abandoned(lab)) {
        status = check_file(cli, arguments, lab, network);
        if (status == CLI_FINE && !watching.quiet)
            screen_say(&cli->err, "the lab %s is up already: it is taken as it is, and stays up\n",
                       name);
        if (status == CLI_FINE)
            *ret_lab = lab;
        else
            running_free(lab);
        return status;
    }
    running_free(lab);
    status = start(cli, arguments, name, network, &watching, ret_lab);
    *ret_brought = status == CLI_FINE;
    return status;
}

/* -- down -- */

enum cli_exit lab_down(struct cli *cli, const struct arguments *arguments)
{
    char name[LAB_NAME_BYTES];
    struct trouble trouble = {0};
    bool found = false;
    enum cli_exit status = lab_name_left(cli, arguments, 1, name);
    if (status != CLI_FINE)
        return status;
    if (!lab_stop(name, STOP_WAIT_MS, &found, &trouble)) {
        cli_error(cli, "%s", trouble.sentence);
        return CLI_WORLD;
    }
    if (arguments_has(arguments, "json")) {
        json_t *answer = json_object();
        json_put(answer, "lab", json_text(name));
        json_put(answer, "removed", json_boolean(found));
        return json_write_take(answer, cli->out.out) ? CLI_FINE : CLI_WORLD;
    }
    screen_say(&cli->out, found ? "%s: down\n" : "%s: there was none\n", name);
    return CLI_FINE;
}
