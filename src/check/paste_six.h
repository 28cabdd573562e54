/* Changes as lines to paste where they concern IPv6, for the platforms that have words of their own
 * for it: VyOS (route6, prefix-list6, ipv6-unicast: VyOS's user guide, "Static", "Prefix List",
 * "BGP"), FRR (ipv6 route, ipv6 prefix-list, address-family ipv6 unicast: FRR's user guide,
 * "STATIC", "Filtering", "BGP"), BIRD (a channel of its own: BIRD's user's guide 3.4), Cisco IOS
 * (the same commands as FRR's: "Cisco IOS IPv6 Command Reference") and Junos (rib inet6.0: "static
 * (Routing Options)"; a policy's route-filter takes both families). Neighbors are called by the
 * address that their session has, which is IPv4's. Other platforms get words. */
#pragma once

#include "check/paste.h"

/* All prefixes that changes name are IPv6's. */
void paste_six_import_filter(struct paste *paste, const struct network_router *router,
                             const struct change *changes, size_t count);
void paste_six_stop(struct paste *paste, const struct network_router *router, struct prefix prefix);
void paste_six_announce(struct paste *paste, const struct network_router *router,
                        const struct change *changes, size_t count);
void paste_six_static(struct paste *paste, const struct network_router *router,
                      struct prefix prefix, ip_addr via);
void paste_six_delete_static(struct paste *paste, const struct network_router *router,
                             struct prefix prefix);
void paste_six_summaries(struct paste *paste, const struct network_router *router,
                         const struct prefix *prefixes, size_t count);
