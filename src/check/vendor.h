/* Changes as lines to paste into Cisco IOS and Junos, which call the same things otherwise than the
 * platforms that descend from zebra. Names that a configuration must have and the file does not
 * tell are those of AWS's samples: Junos's group of neighbors is `ebgp`, its export policy
 * EXPORT-DEFAULT, whose last term is `reject`. */
#pragma once

#include "check/parts.h"

/* A router to be changed, and where its lines go. */
struct vendor {
    struct check *check;
    struct check_texts *lines;
    const struct network_router *router;
};

bool vendor_knows(enum platform platform);

void vendor_host_route(const struct vendor *vendor, const struct change *change);
void vendor_delete_static(const struct vendor *vendor, struct prefix prefix);
/* All denials of one filter: each prefix once, then each neighbor once. */
void vendor_import_filter(const struct vendor *vendor, const struct change *changes, size_t count);
void vendor_stop(const struct vendor *vendor, struct prefix prefix);
/* All announcements of one router, besides what it announces. */
void vendor_announce(const struct vendor *vendor, const struct change *changes, size_t count);
/* These, and nothing that lies inside. */
void vendor_summaries(const struct vendor *vendor, const struct prefix *prefixes, size_t count);
/* No path that holds its own AS, towards this neighbor; on Junos towards all. */
void vendor_allowas_off(const struct vendor *vendor, ip_addr neighbor);
void vendor_renumber(const struct vendor *vendor, uint32_t asn);
