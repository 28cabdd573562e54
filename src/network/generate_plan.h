/* For generate*.c only: what is decided about a network before it is written, and how is drawn. */
#pragma once

#include "network/generate.h"

#include "base/prng.h"

#include <stdio.h>

enum site_place { PLACE_INTERNET, PLACE_NAT, PLACE_INSTANCE };

enum underlay {
    UNDERLAY_DHCP, /* said nowhere */
    UNDERLAY_DHCP_WRITTEN,
    UNDERLAY_STATIC,
    UNDERLAY_FLOATING, /* static, distance 210 */
    UNDERLAY_KERNEL,
    UNDERLAY_KERNEL_FAR, /* its metric's top byte says 210 */
    UNDERLAY_EBGP_SHORT,
    UNDERLAY_EBGP_LONG,
    UNDERLAYS
};

enum pins { PINS_NONE, PINS_ONE, PINS_ALL, PINS_STALE, PINS_RECURSIVE, PINS };

struct site {
    enum site_place place;
    enum underlay underlay;
    enum pins pins;
    const char *platform;
    unsigned asn;
    bool vrf;
    bool six;         /* it announces a range of IPv6 */
    bool six_statics; /* and has routes of IPv6 of its own */
};

struct gateway {
    bool vpc;
    bool aws;
    bool six; /* its VPC has a range of IPv6 */
};

struct tunnel_plan {
    unsigned outside; /* index of the outside address */
    unsigned inside;  /* index of the /30 */
    unsigned vgw;     /* which of its hosts is the gateway's: 1 or 2; drawn as it is written */
    bool six;         /* and of the /126 */
};

struct connection_plan {
    unsigned site, gateway;
    unsigned tunnel_count;
    struct tunnel_plan tunnels[2];
    bool is_static;
};

enum { CONNECTIONS_MAX = GENERATE_SITES_MAX * GENERATE_CONNECTIONS_MAX };

/* What is decided before anything is written, because several nouns speak of it. */
struct plan {
    struct prng prng;
    struct prng filter_prng; /* of its own, too */
    struct prng policy_prng; /* and of its own */
    struct prng six_prng;    /* of its own: what a seed has of IPv4 does not depend on IPv6 */
    const struct generate_shape *shape;
    FILE *out;
    struct gateway gateways[GENERATE_GATEWAYS_MAX];
    struct site sites[GENERATE_SITES_MAX];
    struct connection_plan connections[CONNECTIONS_MAX];
    unsigned gateway_count, site_count, connection_count, direct_connect_count;
    bool peered;   /* the first two gateways' VPCs */
    bool six;      /* IPv6 in it */
    bool filtered; /* security groups and network ACLs */
    bool policed;  /* allow-lists, changes of attributes, communities */
};

static inline unsigned below(struct plan *plan, unsigned limit)
{
    return (unsigned)prng_below(&plan->prng, limit);
}

static inline bool chance(struct plan *plan, unsigned percent)
{
    return below(plan, 100) < percent;
}

static inline unsigned one_to(struct plan *plan, unsigned most)
{
    return 1 + below(plan, most);
}

static inline const char *pick(struct plan *plan, const char *const *texts, unsigned count)
{
    return texts[below(plan, count)];
}

static inline bool six_chance(struct plan *plan, unsigned percent)
{
    return plan->six && prng_below(&plan->six_prng, 100) < percent;
}

#define PICK(plan, ...)                                                                            \
    pick(plan, (const char *const[]){__VA_ARGS__},                                                 \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
#define SAY(plan, ...) fprintf((plan)->out, __VA_ARGS__)
