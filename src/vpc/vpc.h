/* A VPC: its route tables, and which of a table's routes a packet takes.
 *
 * The third of the three decisions (design 4): not BGP's choice, not a router's table. A VPC's
 * table knows no distances; it knows origins, and the order between them is AWS's (facts/aws.md
 * 3.3; VPCUG VPC_Route_Tables.md, S2S VPNRoutingTypes.md):
 *
 *   1. the local route wins against every propagated route, more specific or not;
 *   2. otherwise the longest prefix;
 *   3. for the same prefix: local, static, prefix list, propagated.
 *
 * A static route more specific than a local one is taken (rule 2); one equal to a CIDR of the VPC
 * is refused. A route whose target is gone stays, in state blackhole, and keeps its precedence
 * (T17): it is chosen and drops. Among propagated routes of one prefix from several gateways (a
 * VPC has one, so this is a guard, not a feature) the lower gateway number comes first.
 *
 * What comes in: CIDRs, tables, subnets, routes, who propagates into which table, and from the
 * engine vpc_propagate whenever a gateway's best for a prefix appears or goes. What comes out:
 * vpc_lookup for packets and explanations, vpc_take_change for whoever follows the tables.
 *
 * Every call settles what it touches at once. Propagated routes are entered in each table that
 * takes them, so that the limit of 100 is a table's own. ASSUMED, since AWS documents the limit
 * and not what happens beyond it: those that are there stay, a newcomer beyond the limit waits, and
 * when a place is free the lowest waiting prefix takes it (VPC_OVER_LIMIT until then).
 *
 * Peering (3.10, T18) forwards only what begins and ends in the two VPCs: vpc_peering_admits.
 *
 * Numbers of gateways, peerings, instances are the caller's; tables and subnets are numbered here
 * from 1 in order of creation and never renumbered. */
#pragma once

#include "base/digest.h"
#include "net/lpm.h"

/* AWS's quotas as defaults (facts/aws.md 3.1); a caller may set others. */
enum {
    VPC_CIDR_MAX = 5,
    VPC_TABLE_MAX = 200,
    VPC_SUBNET_MAX = 200,
    VPC_ROUTE_MAX = 500,      /* per table, since June 2025; 50 in older guides, up to 1000 */
    VPC_PROPAGATED_MAX = 100, /* per table, fixed */
    VPC_PEERING_MAX = 50,
    VPC_GATEWAY_MAX = 2 /* attached to a VPC: one; another while it is replaced */
};

struct vpc_limits {
    uint32_t tables;
    uint32_t subnets;
    uint32_t routes;     /* static and prefix list routes of one table */
    uint32_t propagated; /* of one table */
    uint32_t peerings;
};

enum vpc_target_kind {
    VPC_TO_LOCAL,
    VPC_TO_INSTANCE,
    VPC_TO_INTERNET, /* an internet gateway */
    VPC_TO_GATEWAY,  /* a virtual private gateway */
    VPC_TO_PEERING,
    VPC_TO_BLACKHOLE, /* a route made to drop */
};

struct vpc_target {
    uint16_t id;  /* the caller's number; 0 with local and blackhole */
    uint8_t kind; /* enum vpc_target_kind */
};

/* In order of precedence for one prefix. The API's names are in vpc.def. */
enum vpc_origin {
#define VPC_ORIGIN(id, name, api_name) VPC_ORIGIN_##id,
#include "vpc/vpc.def"
#undef VPC_ORIGIN
    VPC_ORIGIN_COUNT
};

const char *vpc_origin_name(enum vpc_origin origin);     /* "propagated" */
const char *vpc_origin_api_name(enum vpc_origin origin); /* "EnableVgwRoutePropagation" */

enum vpc_state { VPC_ACTIVE, VPC_BLACKHOLE }; /* is the target there? */

struct vpc_route {
    struct prefix prefix;
    struct vpc_target target;
    uint8_t origin; /* enum vpc_origin */
    uint8_t state;  /* enum vpc_state */
};

/* Why a route is taken or not, and why a request is refused. */
enum vpc_reason {
#define VPC_REASON(id, name, sentence) VPC_##id,
#include "vpc/vpc.def"
#undef VPC_REASON
    VPC_REASON_COUNT
};

const char *vpc_reason_name(enum vpc_reason reason);
const char *vpc_reason_sentence(enum vpc_reason reason);

/* What a request comes to: done, or a refusal that changed nothing. */
enum vpc_verdict {
    VPC_DONE,
    VPC_REFUSED_LIMIT,   /* a quota of struct vpc_limits */
    VPC_REFUSED_OVERLAP, /* a CIDR that overlaps one of the VPC's, or a peer's */
    VPC_REFUSED_LOCAL,   /* a route equal to the local one */
    VPC_REFUSED_OUTSIDE, /* a subnet outside the VPC's CIDRs */
    VPC_REFUSED_BUDGET,  /* memory */
};

struct vpc_peering {
    uint16_t id;
    uint8_t cidr_count;
    bool active;
    struct prefix cidrs[VPC_CIDR_MAX]; /* the other VPC's */
};

struct vpc {
    struct budget *budget;
    struct vpc_limits limits;
    struct prefix cidrs[VPC_CIDR_MAX];
    uint32_t cidr_count;
    struct pool tables;   /* handle = table number */
    struct pool subnets;  /* handle = subnet number */
    struct pool routes;   /* of all tables */
    struct pool nodes;    /* one a table and prefix */
    struct pool peerings; /* in order of appearance */
    struct pool gateways; /* in order of appearance, with what each propagates */
    struct pool gone;     /* targets that are not there */
    uint32_t gone_first;
    uint32_t changed_first, changed_last;
};

struct vpc_change {
    struct prefix prefix;
    struct vpc_route old; /* as told last; meaningful when had */
    struct vpc_route now; /* meaningful when has */
    uint16_t table;
    bool had;
    bool has;
};

extern const struct vpc_limits vpc_limits_of_aws;

void vpc_init(struct vpc *vpc, const struct vpc_limits *limits, struct budget *budget);
void vpc_done(struct vpc *vpc);

/* A CIDR becomes a local route in every table, now and later. */
enum vpc_verdict vpc_add_cidr(struct vpc *vpc, struct prefix cidr)
    __attribute__((warn_unused_result));
/* VPC_REFUSED_OUTSIDE: a subnet lies in it. One that the VPC does not have is gone already. */
enum vpc_verdict vpc_remove_cidr(struct vpc *vpc, struct prefix cidr)
    __attribute__((warn_unused_result));
enum vpc_verdict vpc_add_table(struct vpc *vpc, uint16_t *ret_table)
    __attribute__((warn_unused_result));
/* Subnets do not overlap each other and lie within one CIDR. */
enum vpc_verdict vpc_add_subnet(struct vpc *vpc, struct prefix prefix, uint16_t table,
                                uint16_t *ret_subnet) __attribute__((warn_unused_result));
void vpc_associate(struct vpc *vpc, uint16_t subnet, uint16_t table);
uint16_t vpc_subnet_table(const struct vpc *vpc, uint16_t subnet);
struct prefix vpc_subnet_prefix(const struct vpc *vpc, uint16_t subnet);
uint16_t vpc_subnet_of(const struct vpc *vpc, ip_addr addr); /* 0: none */

/* Creates or replaces the table's route of this prefix and origin (VPC_ORIGIN_STATIC or
 * VPC_ORIGIN_PREFIX_LIST). Its state follows from its target. */
enum vpc_verdict vpc_set_route(struct vpc *vpc, uint16_t table, struct prefix prefix,
                               enum vpc_origin origin, struct vpc_target target)
    __attribute__((warn_unused_result));
/* Was it there? */
bool vpc_remove_route(struct vpc *vpc, uint16_t table, struct prefix prefix,
                      enum vpc_origin origin);

/* A target appears or goes away; every target is there until it is said to be gone, save peerings,
 * which are there when vpc_set_peering made them active. Routes that name it change state. A
 * gateway that goes also takes its propagated routes: say so with vpc_forget_gateway. */
enum vpc_verdict vpc_set_target(struct vpc *vpc, struct vpc_target target, bool present)
    __attribute__((warn_unused_result));

/* Enable or DisableVgwRoutePropagation: the gateway's prefixes enter the table or leave it. At most
 * VPC_GATEWAY_MAX gateways a table. */
enum vpc_verdict vpc_set_propagation(struct vpc *vpc, uint16_t table, uint16_t gateway, bool on)
    __attribute__((warn_unused_result));
bool vpc_propagates(const struct vpc *vpc, uint16_t table, uint16_t gateway);

/* The gateway has a best for this prefix, or no longer. Idempotent. */
enum vpc_verdict vpc_propagate(struct vpc *vpc, uint16_t gateway, struct prefix prefix,
                               bool present) __attribute__((warn_unused_result));
void vpc_forget_gateway(struct vpc *vpc, uint16_t gateway); /* detached: all it propagated goes */

/* The peering as it shall be; one peering per id. An inactive one makes its routes blackholes. */
enum vpc_verdict vpc_set_peering(struct vpc *vpc, const struct vpc_peering *peering)
    __attribute__((warn_unused_result));

/* May a packet cross the peering, leaving this VPC (outbound) or entering it? VPC_CHOSEN, or
 * VPC_TRANSIT: its source or destination lies outside the two VPCs. VPC_GONE: no such peering. */
enum vpc_reason vpc_peering_admits(const struct vpc *vpc, uint16_t peering, bool outbound,
                                   ip_addr source, ip_addr destination);

/* The route a packet to addr takes. VPC_CHOSEN with ret_route; VPC_NO_ROUTE; or, with ret_route,
 * the reason why the packet is dropped there: VPC_GONE (state blackhole), VPC_DISCARDS, or
 * VPC_TRANSIT (addr is not in the peer's own CIDRs). */
enum vpc_reason vpc_lookup(const struct vpc *vpc, uint16_t table, ip_addr addr,
                           struct vpc_route *ret_route);

/* All routes of the table that hold addr, index 0, 1, ...: longest prefix first, then precedence.
 * ret_reason: VPC_CHOSEN, or why it was not taken. false: no more. */
bool vpc_candidate(const struct vpc *vpc, uint16_t table, ip_addr addr, uint32_t index,
                   struct vpc_route *ret_route, enum vpc_reason *ret_reason);

/* All routes of a table in order of prefix, then precedence, as DescribeRouteTables and `routes`
 * list them: start with index 0 at NULL, then from what was returned. */
struct vpc_walk {
    struct prefix at;
    uint32_t index; /* of the next route at this prefix */
    bool begun;
};
bool vpc_next(const struct vpc *vpc, uint16_t table, struct vpc_walk *walk,
              struct vpc_route *ret_route, enum vpc_reason *ret_reason);

/* What is the chosen route of exactly this prefix, others aside? false: none. */
bool vpc_find(const struct vpc *vpc, uint16_t table, struct prefix prefix,
              struct vpc_route *ret_route);

/* Targets that are gone, one a call, in no order that matters; *cursor is 0 to begin with. */
bool vpc_gone_next(const struct vpc *vpc, uint32_t *cursor, struct vpc_target *ret_target);

/* Does the gateway's propagated route of this prefix wait beyond the table's limit? */
bool vpc_waits(const struct vpc *vpc, uint16_t table, struct prefix prefix, uint16_t gateway);
/* It is to wait, whatever the limit: a VPC that is made again has who had a place before. false:
 * there is no such route. */
bool vpc_make_wait(struct vpc *vpc, uint16_t table, struct prefix prefix, uint16_t gateway)
    __attribute__((warn_unused_result));

/* Counts towards the quotas; waiting: propagated prefixes beyond the limit. */
uint32_t vpc_route_count(const struct vpc *vpc, uint16_t table);
uint32_t vpc_propagated_count(const struct vpc *vpc, uint16_t table, uint32_t *ret_waiting);

/* The next (table, prefix) whose chosen route differs from what was told; false: none. */
bool vpc_take_change(struct vpc *vpc, struct vpc_change *ret_change);

void vpc_digest(const struct vpc *vpc, struct digest *digest);
size_t vpc_size_bytes(const struct vpc *vpc);
bool vpc_holds(const struct vpc *vpc); /* recounts everything; for tests and invariants */
