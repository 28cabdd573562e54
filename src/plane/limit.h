/* A bound for what goes into a device, by the queue before it (tc-tbf(8)). */
#pragma once

#include "plane/rtnetlink.h"

/* Bytes a second; 0: no bound, and the kernel's own queue again. What does not fit into a tenth of
 * a second is dropped. */
bool limit_put(struct rtnetlink *here, const char *name, uint64_t rate, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
