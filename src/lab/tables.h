/* Route tables of VPCs that the lab itself holds, changed while it runs: those of VPCs that are a
 * gateway's are sekishod's (world_vpc_home). */
#pragma once

#include "lab/running.h"

/* The worlds' VPCs have booted (lab_boot_vpcs). *count grows by one for each VPC whose tables are
 * others now. False: a kernel did not take one. */
bool tables_apply(const struct lab_running *lab, const struct world *before,
                  const struct world *after, unsigned *count, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
