/* The subcommands, each in the file of its name. */
#pragma once

#include "cli/cli.h"

extern const struct command command_check, command_simulate, command_routes, command_explain,
    command_format, command_generate, command_import, command_tour, command_trace, command_whatif,
    command_diff, command_reach, command_show, command_status, command_replay,
    command_replace_tunnel, command_capture, command_lab;
