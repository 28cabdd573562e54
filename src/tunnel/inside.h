/* The inside of a tunnel: a /30 with one address for each end. AWS takes it from 169.254.0.0/16 and
 * keeps seven for itself; when it chooses, the gateway has the first host and the customer gateway
 * the second. Among all tunnels of a gateway no two may overlap (T39). */
#pragma once

#include "net/ip.h"
#include "tunnel/options.h"

enum {
    TUNNEL_INSIDE_RESERVED = 7,
    TUNNEL_INSIDE_COUNT = 16384 - TUNNEL_INSIDE_RESERVED, /* that may be given out */
};

/* As a range of its own. TUNNEL_FAULT_NONE with limits of any_inside. */
enum tunnel_fault tunnel_inside_check(struct prefix inside, const struct tunnel_limits *limits);

/* Both addresses are given: they must be the two hosts of one such /30, in either order. Sets
 * ret_inside when they are the hosts of a /30 at all. With any_inside any two that differ. */
enum tunnel_fault tunnel_inside_pair_check(ip_addr gateway, ip_addr customer,
                                           const struct tunnel_limits *limits,
                                           struct prefix *ret_inside);

ip_addr tunnel_inside_gateway(struct prefix inside);  /* the first host */
ip_addr tunnel_inside_customer(struct prefix inside); /* the second */

/* The ranges that may be given out, in order: number < TUNNEL_INSIDE_COUNT. Who gives one out draws
 * a number and goes on from there to the first that is free. */
struct prefix tunnel_inside_of(uint32_t number);
