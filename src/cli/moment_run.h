/* What `routes` and `explain` share: the story run to a moment, and the tables that were asked for
 * by --at. */
#pragma once

#include "cli/arguments.h"
#include "cli/play.h"
#include "explain/json.h"
#include "explain/view.h"

struct moment_run {
    struct play play;
    struct views views;
    const char *name; /* of the file, as messages call it */
};

/* By the options at, time, seed and json. Mistakes are told. */
enum cli_exit moment_run_take(struct cli *cli, const struct arguments *arguments, const char *path,
                              struct moment_run *ret_moment) __attribute__((warn_unused_result));
void moment_run_done(struct moment_run *moment);

void moment_run_headline(const struct moment_run *moment, const struct screen *screen);
/* {"at_s", "end", "verdict"} */
json_t *moment_run_json(const struct moment_run *moment);
