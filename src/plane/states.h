/* What the kernel holds of a tunnel for ESP: states with keys, and policies that lead into its XFRM
 * interface. They belong to a charon, and outlive one that is killed: packets go on through a
 * tunnel that nobody looks after, and its next charon knows nothing of them. */
#pragma once

#include "plane/trouble.h"

#include <stdint.h>

/* Removes all that have the number of this XFRM interface, in the namespace that the caller is in.
 * ret_count: how many there were. A kernel without XFRM has none. */
bool states_clear(uint32_t number, unsigned *ret_count, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
