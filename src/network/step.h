/* Steps of a story that do not come from the file: read as the file's own are, by the same table,
 * and said to be wrong in the same words. */
#pragma once

#include "network/network.h"

/* Adds a step at the story's end. text is the YAML map of one step, such as "{at: 60s, fail:
 * {tunnel: vpn-vyatta/1}}"; name is how messages call it. The network must be sound, and own all it
 * points to (network_parse, network_copy). false: the mistakes are in diagnostics, and the network
 * is fit for nothing but network_free. */
bool network_add_step(struct network *network, struct slice text, const char *name,
                      struct diagnostics *diagnostics) __attribute__((warn_unused_result));
