/* net.ipv4.ip_forward of the namespace that we are in: packets to and from the endpoints of the
 * userspace plane are forwarded. Whoever has to set it notes so, in a file of a folder that is the
 * namespace's; the last gateway that is taken down sets it back. Where it was set before any of
 * ours came, nothing is noted and nothing set back. */
#pragma once

#include "plane/trouble.h"

#include <stdbool.h>

/* It shall be set, for this gateway. Absolute, and cheap to say again. folder: where notes are, and
 * is there. */
bool forwarding_take(const char *folder, const char *gateway, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* This gateway needs it no more. Does nothing when it never noted a need. */
bool forwarding_give_back(const char *folder, const char *gateway, struct trouble *ret_trouble);

/* What this gateway has noted of other namespaces: of one that is gone, or that it was led out of
 * before it was killed and started anew elsewhere. */
void forwarding_sweep(const char *folder, const char *gateway);
