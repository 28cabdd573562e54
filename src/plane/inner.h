/* A gateway's inner namespace: what is set in it, and how a tunnel's device looks there. */
#pragma once

#include "plane/plane.h"
#include "plane/rtnetlink.h"

/* It shall be there, and forward. */
bool inner_make(const char *space, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Of a gateway that lives together with its machine: packets may come through the device that are
 * not answered through it. In the namespace that we are in. */
bool inner_loosen(const char *device, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The tunnel's device: addresses, MTU, up. ENODEV: it is not there. */
bool inner_dress(struct rtnetlink *inner, const char *device, const struct plane_tunnel *tunnel,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));
