/* What questions about a moment share: the story run to it, and the tables that were asked for. */
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

/* By the options time, seed and json; without views. Mistakes are told. */
enum cli_exit moment_run_take(struct cli *cli, const struct arguments *arguments, const char *path,
                              struct moment_run *ret_moment) __attribute__((warn_unused_result));
/* The views of NAME[,NAME...]; NULL: all. `asked` is how a mistake calls the names, such as "--at".
 * On a mistake the moment is done with. */
enum cli_exit moment_run_views(struct cli *cli, const char *names, const char *asked,
                               struct moment_run *moment) __attribute__((warn_unused_result));
void moment_run_done(struct moment_run *moment);

void moment_run_headline(const struct moment_run *moment, const struct screen *screen);
/* {"at_s", "end"} */
json_t *moment_run_json(const struct moment_run *moment);

/* Of what stops packets besides routes: what the file gives of it. */
void moment_filters(const struct world *world, const struct screen *screen);
/* Adds "not_judged" and "filters". */
void moment_filters_json(const struct world *world, json_t *object);
