/* What the sites of a gateway offer it, prefix by prefix: who else has it, who has what lies around
 * it, and how it is judged. Look-ups in a world as it stands. */
#pragma once

#include "check/known.h"

enum { OFFERS_MAX = 32, COVERS_MAX = RIB_COVERING_MAX };

struct offer { /* one a site: the better of its two tunnels */
    struct site site;
    struct prefix prefix;
    const struct rib_path *path; /* of the gateway's RIB; its `why` says how it fared */
};

/* Of this prefix, by its number in the gateway's RIB; the best first. Refused ones are none. */
size_t offers_of(const struct world *world, int gateway, uint32_t number,
                 struct offer ret_offers[OFFERS_MAX]);
/* Of a family's default: one a router, since its connections lead to the same way out. */
size_t offers_of_default(const struct world *world, int gateway, bool six,
                         struct offer ret_offers[OFFERS_MAX]);
/* Numbers of the prefixes around this one, the narrowest first, without itself and the default. */
size_t offers_around(const struct world *world, int gateway, struct prefix prefix,
                     uint32_t ret_numbers[COVERS_MAX]);
/* The offer of that router among them; NULL: it makes none. */
const struct offer *offers_by(const struct offer *offers, size_t count, int router);

/* The AS path as the gateway has it; of a static route it is empty. Returns how many. */
size_t offer_path(const struct world *world, const struct offer *offer,
                  uint32_t ret_as_path[EVIDENCE_PATH_MAX]);
/* Does the path begin with one AS more than once? */
bool offer_is_prepended(const struct world *world, const struct offer *offer);
/* Everything that the one router offers the gateway lies in something that the other does. */
bool offers_lie_within(struct check *check, const struct world *world, int gateway, int router,
                       int other);
