/* A step of a story, folded into what a network file says: the file as somebody would write it who
 * found the network behind that step. A lab configures its routers so, and compares it with how
 * they were configured before. */
#pragma once

#include "network/network.h"

/* announce, withdraw and configure; the other verbs are done to machines and lines, and change
 * nothing here. The network owns all it points to (network_parse, network_copy); the step may be
 * its own, and stays in its story. */
void network_fold(struct network *network, const struct network_step *step);
