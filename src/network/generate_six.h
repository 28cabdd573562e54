/* What random networks have of IPv6. In a share of them VPCs have a range of it, sites announce
 * one, tunnels and Direct Connects carry it, and what covers it is announced by somebody; of the
 * other networks nothing here writes a word. All of it is drawn from a sequence of its own, so that
 * a network has the same IPv4 with it or without. For generate.c only. */
#pragma once

#include "network/generate_plan.h"

/* Decides; when all else is decided. */
void six_plan(struct plan *plan, uint64_t seed);

/* Parts of nouns that generate.c writes: each continues what stands before it. */
void six_vpc_cidr(struct plan *plan, unsigned gateway);
void six_vpc_subnet(struct plan *plan, unsigned gateway);
void six_vpc_instance(struct plan *plan, unsigned gateway);
void six_vpc_routes(struct plan *plan, unsigned gateway, const char *separator);
void six_site_vpc_routes(struct plan *plan, unsigned site); /* whole lines */
void six_site_address(struct plan *plan, unsigned site, const char *separator, unsigned host);
void six_site_cidr(struct plan *plan, unsigned site, const char *key, unsigned len);
void six_inside(struct plan *plan, const struct tunnel_plan *tunnel);
void six_static_routes(struct plan *plan, const struct connection_plan *connection);
void six_may_announce(struct plan *plan);
void six_direct_connect(struct plan *plan, unsigned index);
void six_announce(struct plan *plan, unsigned site);
void six_direct_connect_announce(struct plan *plan, unsigned index);
bool six_has_routes(const struct plan *plan, unsigned site);
void six_routes(struct plan *plan, unsigned site); /* whole lines */
void six_wanted(struct plan *plan, const struct connection_plan *connection);
bool six_step(struct plan *plan, unsigned site); /* false: no, and nothing is written */
