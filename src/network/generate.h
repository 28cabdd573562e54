/* Random networks: what people build, and what they regret, from a seed. One generator for tests,
 * for comparisons, and for whoever wants to see one (`sekisho generate`).
 *
 * A network has gateways of AWS and of Sekisho, some with a VPC; sites with one to three VPN
 * connections of one or two tunnels to them; Direct Connects. A site is a router on the Internet,
 * one behind NAT, or an instance in a VPC of its own. How it reaches the Internet is one of
 * everything that occurs: DHCP, a static default near or far in distance, a kernel route, a
 * provider that speaks BGP with a short or a long path, a VRF. It may pin its tunnels' endpoints
 * with host routes: none, one, all, stale ones, or through a next hop that is not on the link.
 * ASNs are unique or all the same, with or without allowas-in. Somebody may announce what covers
 * the endpoints: the default, its halves, an /8, a /24, or the range that its own address lies in.
 * A share of the networks has IPv6 besides (generate_six.h), and, where the shape says so, security
 * groups and network ACLs (generate_filter.h) and policies (generate_policy.h); what a seed has
 * otherwise is the same with them or without, but for a step of the story.
 *
 * Every network is sound: it is written as a file and read by network_parse. All randomness comes
 * from the seed, so the same seed and shape give the same network everywhere. Of each connection
 * one end at least begins IKE, and begins again: nobody waits for ever (trap T35). */
#pragma once

#include "network/network.h"

/* At most so many of each; at least one gateway, one site, one connection a site. */
struct generate_shape {
    unsigned gateways;
    unsigned sites;
    unsigned connections; /* a site */
    unsigned direct_connects;
    unsigned steps;          /* of a story that begins at 120 s; 0: no story */
    unsigned danger_percent; /* of the speakers, how many announce what covers endpoints */
    unsigned six_percent;    /* of the networks, how many have IPv6 in VPCs, sites and tunnels */
    unsigned filter_percent; /* and security groups and network ACLs */
    unsigned policy_percent; /* and what accepts and changes routes, at gateways and routers */
    bool fast;               /* timers of seconds: short runs */
};

enum {
    GENERATE_GATEWAYS_MAX = 8,
    GENERATE_SITES_MAX = 32,
    GENERATE_CONNECTIONS_MAX = 3,
    GENERATE_DIRECT_CONNECTS_MAX = 8,
    GENERATE_STEPS_MAX = 16,
};

extern const struct generate_shape generate_usual; /* 3 gateways, 6 sites, 3 steps */

/* Asserts that the shape is within the maxima. */
struct network *network_generate(uint64_t seed, const struct generate_shape *shape)
    __attribute__((warn_unused_result));
