/* Two configurations of one FRR daemon, and the commands that turn the one into the other: what
 * `vtysh` is told so that a running router becomes what its file would be by now. As in FRR's own
 * files (lab/frr.h), a line is inside the last one that is indented less, and `exit` ends that. */
#pragma once

#include <stddef.h>

struct commands {
    char **items; /* in order, from "configure terminal" to "end"; empty: nothing differs */
    size_t count, cap;
};

void frr_difference(const char *before, const char *after, struct commands *ret_commands);
void commands_done(struct commands *commands);
