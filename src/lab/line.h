/* Where a link's end is by now. lab.json says where `lab up` has put it; one that is in a gateway's
 * outer namespace is handed over, and sekishod has taken it where it belongs: to the inner
 * namespace, or to a VPC's. */
#pragma once

#include "lab/running.h"

/* The namespace that has the end's device. false: none of those in which it may be has it. */
bool line_find(const struct lab_running *lab, const struct running_end *end,
               char ret_space[NAME_SPACE_BYTES], struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
