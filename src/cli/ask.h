/* Questions to a running sekishod, at its control socket (docs/reference/control.md). */
#pragma once

#include "cli/cli.h"

#include <jansson.h>

/* Each gateway has a folder of its name there, and its socket in it (run/control.h). */
#define ASK_FOLDER "/run/sekisho"
#define ASK_WHERE  ASK_FOLDER "/ID/control, of the only gateway there"

enum { ASK_PATH = 108 }; /* sun_path */

struct ask {
    int fd;
    FILE *in; /* the same, for lines */
    char path[ASK_PATH];
};

/* The only socket in a folder of the folder at which somebody answers; where nobody does, the only
 * one there. CLI_WORLD after a sentence: there is none, or several are. */
enum cli_exit ask_find(struct cli *cli, const char *folder, char ret_path[static ASK_PATH])
    __attribute__((warn_unused_result));

/* path NULL: what ask_find finds in ASK_FOLDER. CLI_FINE; CLI_WORLD after a sentence: nobody
 * answers there. */
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
