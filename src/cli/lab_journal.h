/* A gateway's journal, read for `lab record`: what its neighbors said, when each was last heard of,
 * and when what the gateway announces covers a tunnel's outside address. */
#pragma once

#include "cli/cli.h"
#include "lab/record.h"
#include "lab/running.h"

/* Into the record, up to that moment (CLOCK_REALTIME). CLI_FINE, or it has been told why not. */
enum cli_exit lab_journal_read(struct cli *cli, const struct running_node *gateway,
                               int64_t until_us, struct record *record)
    __attribute__((warn_unused_result));
