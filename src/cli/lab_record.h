/* What a running lab did, written as a network file with a story. */
#pragma once

#include "cli/lab.h"
#include "explain/json.h"

/* All since it was up. json: the answer for a machine, which has the file as a text. CLI_FINE, or
 * the failure has been told; CLI_WORLD also when it could not be written. */
enum cli_exit lab_record_to(struct cli *cli, const struct lab_running *lab, bool json, FILE *out)
    __attribute__((warn_unused_result));
