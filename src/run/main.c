/* The daemon's program: streams in, status out. */
#include "run/run.h"

#include <signal.h>

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    return run_sekishod(argc, argv, stdout, stderr);
}
