/* Is what was made of an export what the export shows? The network is run, once, until it comes to
 * rest; then its route tables are held against the export's propagated routes, both ways, and its
 * tunnels against the telemetry. What differs is a remark. */
#pragma once

#include "import/aws.h"
#include "network/network.h"

/* The network was made of the export. Routes of things that the network does not have are not
 * compared: remarks speak of them already. */
void compare_run(const struct aws *aws, const struct network *network,
                 struct import_remarks *remarks, struct import_compared *ret_counts);
