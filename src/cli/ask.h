/* Questions to a running sekishod, at its control socket (docs/reference/control.md). */
#pragma once

#include "cli/cli.h"

#include <jansson.h>

#define ASK_PATH "/run/sekishod/control"

struct ask {
    int fd;
    FILE *in; /* the same, for lines */
    const char *path;
};

/* path NULL: ASK_PATH. CLI_FINE; CLI_WORLD after a sentence: nobody answers there. */
enum cli_exit ask_open(struct cli *cli, const char *path, struct ask *ret_ask)
    __attribute__((warn_unused_result));
void ask_close(struct ask *ask);

/* One question; the request's reference is given up. NULL: the failure, or what the daemon says is
 * wrong with the question, has been told. */
json_t *ask_take(struct cli *cli, struct ask *ask, json_t *request);
/* The next line that comes by itself; NULL: there is none. */
json_t *ask_next(struct ask *ask);

/* What the daemon says of a tunnel that it makes, with the `namespace` that its device is in: a new
 * reference. NULL: *ret_status, and why has been told. */
json_t *ask_tunnel(struct cli *cli, struct ask *ask, const char *name, enum cli_exit *ret_status);
