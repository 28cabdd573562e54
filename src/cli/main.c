/* The program: streams in, status out. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/terminal.h"

#include <signal.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    /* A closed pipe is an error of writing like others, told and with its status. */
    signal(SIGPIPE, SIG_IGN);
    struct output output;
    FILE *out = output_open(&output, STDOUT_FILENO);
    struct cli cli = {.in = stdin,
                      .out = terminal_screen(out ? out : stdout, STDOUT_FILENO),
                      .err = terminal_screen(stderr, STDERR_FILENO),
                      .output_error = &output.error};
    return cli_run(&cli, argc, argv);
}
