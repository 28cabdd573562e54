/* The program: streams in, status out. */
#include "cli/cli.h"
#include "cli/terminal.h"

#include <signal.h>

int main(int argc, char **argv)
{
    /* A closed pipe is an error of writing like others, told and with its status. */
    signal(SIGPIPE, SIG_IGN);
    struct cli cli = {.in = stdin, .out = terminal_screen(stdout), .err = terminal_screen(stderr)};
    return cli_run(&cli, argc, argv);
}
