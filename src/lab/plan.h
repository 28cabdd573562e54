/* What a lab is made of, as data: namespaces, the links between them, addresses, routes, rules and
 * NAT. It follows from the world alone; nothing is touched here, so it can be looked at and tested
 * without root. Who makes which VPC is told in lab/lab.h.
 *
 *     the Internet   a namespace that has one link to every site, VPC and gateway, answers for
 *                    every address on them, and routes host by host
 *     a VPC          a namespace with a link to each instance; what a subnet's route table says is
 *                    asked by the device through which the packet came; elastic addresses are NAT
 *     an instance    a namespace with eth0, its subnet's first host its default
 *     a router       the same, or with eth0 on the Internet; what lies behind it (lan0) is answered
 *                    by itself
 *     a gateway      its outer namespace, and the inner one, empty, which sekishod adopts
 *     a tunnel       at the customer's end a namespace for its IKE daemon, behind the router: what
 *                    it sends has the router's address (NAT) and goes by the router's own table,
 *                    as packets of a daemon on the router would
 *     ipsec: none    the same tunnel without a daemon: a device of VXLAN at either end, whose
 *                    packets go by the router's own table, too; the gateway's lies in its inner
 *                    namespace
 *     outer_vrf      the outer interface, and the links to IKE daemons, are in a VRF of the
 *                    router's: what comes through them asks its table, and the others are not in
 *                    its way
 *     behind all     the Direct Connect's far side answers for whatever nobody else does
 *
 * Route tables of VPCs that hang on a gateway are the gateway's to fill; those of others are filled
 * here, from the engine that holds them (world_vpc), which must have booted. */
#pragma once

#include "plane/names.h"
#include "plane/routes.h"
#include "world/world.h"

struct lab_space {
    char name[NAME_SPACE_BYTES];
    int node; /* the world's */
    bool forwards;
    bool vrf; /* LAB_VRF, with LAB_VRF_TABLE: of the outer interface, and of what goes out by it */
};

struct lab_leg {
    int space;
    char device[NAME_DEVICE_BYTES];
    bool answers; /* for every address that it has a route to */
    ip_addr own;  /* a site's: of no other source anything comes in but what goes to its range, */
    struct prefix range; /* which no provider sees; 0: whatever comes */
    bool in_vrf;
};

struct lab_link {
    struct lab_leg legs[2];
    const char *id; /* of the Direct Connect that it is; NULL: none */
    bool line;      /* no neighbors are looked for on it (device_line) */
};

struct lab_address {
    int space;
    char device[NAME_DEVICE_BYTES];
    struct plane_address address;
};

/* route.device is not used: device is. */
struct lab_route {
    int space;
    char device[NAME_DEVICE_BYTES]; /* "": none */
    struct plane_route route;
};

/* Packets that came through the device ask this table. */
struct lab_rule {
    int space;
    char device[NAME_DEVICE_BYTES];
    uint32_t table;
    uint32_t priority;
    bool local_hosts; /* no rule of its own: rule_local_hosts */
};

/* Packets that come in or leave through the device, which is where the elastic address is known. */
struct lab_nat {
    int space;
    char device[NAME_DEVICE_BYTES]; /* "": any */
    ip_addr elastic, inner;
    ip_addr peer; /* with whom alone; 0: with everybody */
};

/* A customer gateway's end of a tunnel: where its IKE daemon lives. */
struct lab_site {
    int tunnel;   /* the world's */
    int space;    /* the endpoint: eth0, and nothing else */
    ip_addr addr; /* the endpoint's, which the router's NAT makes its own */
};

/* A tunnel without IPsec. */
struct lab_bare {
    int tunnel; /* the world's */
    int outer;  /* space of the gateway's outside address, where its end is made */
    struct {
        int space;
        char device[NAME_DEVICE_BYTES];
    } ends[2];
};

struct lab_plan {
    const struct world *world; /* borrowed */
    struct lab_space *spaces;
    size_t space_count;
    struct lab_link *links;
    size_t link_count;
    struct lab_address *addresses;
    size_t address_count;
    struct lab_route *routes;
    size_t route_count;
    struct lab_rule *rules;
    size_t rule_count;
    struct lab_nat *nats;
    size_t nat_count;
    struct lab_site *sites;
    size_t site_count;
    struct lab_bare *bares;
    size_t bare_count;
    int *space_of; /* by node; WORLD_NONE: it has none */
    int *inner_of; /* by node: a gateway's inner space, if it makes anything; else WORLD_NONE */
    int internet;  /* space */
};

#define LAB_OUTER     "outer0" /* a gateway's device towards the Internet */
#define LAB_VRF       "outer"
#define LAB_BARE_PORT "4789" /* of UDP, VXLAN's (RFC 7348) */

enum {
    LAB_LOCAL_TABLE = 255,   /* the kernel's */
    LAB_BEHIND_TABLE = 4000, /* asked last: what a router answers for that nobody else has */
    LAB_BEHIND_PRIORITY = 40000,
    LAB_VPC_TABLE = 1000, /* plus the route table's number */
    LAB_VPC_PRIORITY = 1000,
    LAB_VRF_TABLE = 950,
    LAB_IKE_TABLE = 900, /* asked first: where a router's own IKE daemons are */
    LAB_IKE_PRIORITY = 900,
};

/* name: of the lab, of letters and digits; the first part of all its namespaces' names. */
struct lab_plan *lab_plan(const struct world *world, const char *name)
    __attribute__((warn_unused_result));
void lab_plan_free(struct lab_plan *plan); /* NULL is fine */

/* The namespace of a node: its name, or NULL. */
const char *lab_space_of(const struct lab_plan *plan, int node);

/* Is its outer interface in a VRF? sekishod keeps its own packets apart without one. */
bool lab_has_vrf(const struct node *node);

/* Whether it is an address of the lab's own links, of 100.64.0.0/10 (RFC 6598). */
bool lab_has_address(const struct world *world, ip_addr addr);

/* What a gateway is called on this machine, which its namespaces' names follow from
 * (plane/names.h): "lab-NAME-ID.inner". */
void lab_gateway_name(const char *name, const char *id, char out[NAME_SPACE_BYTES]);

/* "sekisho-lab-NAME-": all namespaces of a lab begin so. */
void lab_prefix(const char *name, char out[NAME_SPACE_BYTES]);
