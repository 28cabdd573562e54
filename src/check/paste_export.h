/* What a router does not announce to a neighbor: an export filter, in the words of its platform. */
#pragma once

#include "check/paste.h"

/* Changes to one router, of both families; each names a prefix and a neighbor. A list is made, of a
 * name of its own; BIRD has one filter, which is to be edited. Sources as in paste_six.h and
 * vendor.h. */
void paste_export_filter(struct paste *paste, const struct network_router *router,
                         const struct change *changes, size_t count);
/* In one line what: "do not announce 10.20.7.0/24 to 169.254.253.29, 169.254.253.33". */
const char *paste_withheld(struct paste *paste, const struct change *changes, size_t count,
                           const char *prefixes);
