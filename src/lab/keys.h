/* The network file as a lab runs it: a key of the lab's own for every tunnel, and no file of the
 * real world's: neither keys nor certificates nor TCP MD5, and no TTL security, which the routers'
 * daemons are not told of either. What stood behind 1:1 NAT stands before it. */
#pragma once

#include "network/network.h"
#include "plane/trouble.h"

/* A copy without any key, and otherwise as a lab runs it; the caller's. */
struct network *keys_forgotten(const struct network *network) __attribute__((warn_unused_result));

/* A copy, the caller's; NULL: the kernel has no random bytes. */
struct network *keys_renewed(const struct network *network, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
