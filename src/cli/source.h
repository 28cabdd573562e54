/* A network file as a subcommand's operand. */
#pragma once

#include "cli/cli.h"
#include "network/diagnostics.h"
#include "network/network.h"

/* Reads the file, or standard input for "-". CLI_FINE; otherwise the failure has been told and
 * nothing is returned. At most NETWORK_FILE_MAX bytes are read: what is larger is refused, by its
 * size where it has one. */
enum cli_exit source_read(struct cli *cli, const char *path, char **ret_bytes, size_t *ret_size)
    __attribute__((warn_unused_result));

/* Reads and parses; all mistakes are shown at once, as JSON when json. */
enum cli_exit source_network(struct cli *cli, const char *path, bool json,
                             struct network **ret_network) __attribute__((warn_unused_result));

/* The same of bytes that are read already. */
enum cli_exit source_parse(struct cli *cli, const char *name, struct slice text, bool json,
                           struct network **ret_network) __attribute__((warn_unused_result));

/* Mistakes as they are shown on the screen of errors. */
struct diagnostics_style source_style(const struct cli *cli);

/* How messages call it: the path, or "standard input". */
const char *source_name(const char *path);
