/* Outside addresses in the outer namespace, where the kernel's plane needs them on a device: one
 * that the namespace does not have is put on its loopback device as a /32, with a label that says
 * whose it is. What has no such label was there before, and stays. */
#pragma once

#include "plane/rtnetlink.h"

/* The namespace does not have it; false, too, when the kernel does not say. */
bool outside_is_gone(struct rtnetlink *outer, ip_addr addr);

/* Of the namespace that we are in: the address that packets to the peer would be from; 0: no route
 * leads there. */
ip_addr outside_towards(ip_addr peer);

/* The namespace shall have it. */
bool outside_own(struct rtnetlink *outer, const char *gateway, ip_addr outside,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Of the gateway's own there shall be none but these. */
bool outside_weed(struct rtnetlink *outer, const char *gateway, const ip_addr *wanted, size_t count,
                  struct trouble *ret_trouble);
