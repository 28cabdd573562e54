/* Things that an export refers to and does not hold, as far as others tell what they are: VPN
 * gateways from route tables and connections, customer gateways from the configurations of
 * connections. They are added to the export, and a remark says so. */
#pragma once

#include "import/aws.h"

/* After aws_settle, which is done again where something was added. */
void infer_gateways(struct aws *aws);
