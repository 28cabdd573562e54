/* The kernel's settings of a namespace, by their paths below /proc/sys: "net/ipv4/ip_forward",
 * "net/ipv4/conf/eth0.7/rp_filter" (in sysctl(8)'s words the dot of a device would be a slash). */
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
