/* How a lab is: its programs, as the kernel has them, and its tunnels and sessions, as its gateways
 * say. */
#pragma once

#include "lab/running.h"

/* docs/reference/json.md, "lab status"; the caller's. */
json_t *lab_look(const struct lab_running *lab) __attribute__((warn_unused_result));

/* Does every program run, and is every tunnel and every session up? */
bool lab_is_well(const json_t *look);
