/* The kernel's settings of a namespace (/proc/sys/net), by their names: "net.ipv4.ip_forward". A
 * device's name may hold dots; in a path they stay: "net/ipv4/conf/eth0.7/rp_filter". */
#pragma once

#include "plane/space.h"

enum { SYSCTL_BYTES = 64 };

/* Without the line's end. */
bool sysctl_get(const char *space, const char *path, char ret_value[SYSCTL_BYTES],
                struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* It shall be so. What is so already is not written; where it may not be written, the sentence says
 * what it is and what somebody else must make of it. */
bool sysctl_put(const char *space, const char *path, const char *value, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
