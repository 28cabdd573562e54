/* Additions to a plan, for the files that make it. */
#pragma once

#include "lab/plan.h"

#define PLAN_IGW       "igw"       /* a VPC's device towards the Internet */
#define PLAN_ENDPOINTS 0x647f0000u /* IKE daemons: 100.127.0.0/16, RFC 6598's as the transits */

/* Of a node: what is called so belongs to it. Returns the space. */
int plan_space(struct lab_plan *plan, const char *lab, int node, const char *id, bool forwards);
/* The link is valid until the next one. */
struct lab_link *plan_link(struct lab_plan *plan, struct lab_leg one, struct lab_leg other);
void plan_address(struct lab_plan *plan, int space, const char *device, ip_addr addr, uint8_t len);
void plan_route(struct lab_plan *plan, int space, const char *device, struct plane_route route);
void plan_rule(struct lab_plan *plan, int space, const char *device, uint32_t table,
               uint32_t priority);
/* Likewise. */
struct lab_nat *plan_nat(struct lab_plan *plan, int space, const char *device, ip_addr elastic,
                         ip_addr inner);
struct lab_site *plan_site(struct lab_plan *plan);
struct lab_bare *plan_bare(struct lab_plan *plan);
/* One that is alone on the device, with the other end's beside it. */
void plan_pair(struct lab_plan *plan, int space, const char *device, ip_addr addr, ip_addr peer);

/* Between the Internet and a node that is a router of its own there: the Internet's address, its
 * own being the next one. Routes to what the node has go that way. */
ip_addr plan_transit(struct lab_plan *plan, int node, const char *device);
void plan_by_transit(struct lab_plan *plan, int node, ip_addr addr);
ip_addr plan_transit_addr(int node);

struct lab_leg leg_of(int space, const char *device, bool answers);
/* A leg whose device is called after a node. */
struct lab_leg leg_to(const struct lab_plan *plan, int space, int node, bool answers);

/* plan_vpc.c: everything of a VPC but its instances' own ends. Of one that sekishod makes, what is
 * beyond its internet gateway. */
void plan_vpc(struct lab_plan *plan, int vpc);
void plan_peerings(struct lab_plan *plan);
/* The id of its internet gateway; NULL: it has none, or no route leads there. */
const char *plan_internet_gateway_id(const struct node *vpc);

/* plan_tunnel.c: Direct Connects, and customer gateways' ends of tunnels. */
void plan_attachments(struct lab_plan *plan, const char *lab);
