/* Which findings `sekisho check` knows, and which of them it is to show. */
#pragma once

#include "check/baseline.h"
#include "check/select.h"
#include "cli/cli.h"

/* --only and --ignore. false: the mistake has been told. */
bool findings_selected(struct cli *cli, const struct arguments *arguments,
                       struct selection *ret_selection) __attribute__((warn_unused_result));

/* --list: the selected ones, name, trap and sentence. */
enum cli_exit findings_list(struct cli *cli, const struct selection *selection, bool json);

/* Reads --baseline; NULL where it is not given. CLI_FINE; otherwise the failure has been told. */
enum cli_exit findings_baseline(struct cli *cli, const char *path, bool json,
                                struct baseline **ret_baseline) __attribute__((warn_unused_result));
