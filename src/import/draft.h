/* A network that is being written: structs with all values initial, each with a place of its own so
 * that comments can be attached to it. References are names; they are resolved when the file that
 * comes of it is parsed. What a network file allows once is claimed here first, so that an export
 * that contradicts itself costs a line and not the file. */
#pragma once

#include "import/aws.h"
#include "network/schema.h"

enum claim_kind {
    CLAIM_NONE,
    CLAIM_NAME_MADE,    /* of a router; key: a digest of it */
    CLAIM_TABLE_PREFIX, /* table's place; address; length, and of IPv6 256 more */
    CLAIM_ADDRESS,      /* VPC, address */
    CLAIM_ELASTIC,      /* address; the owner is the instance: VPC << 32 | its place there */
    CLAIM_ROUTER,       /* address of a customer gateway; the owner is its router */
    CLAIM_PAIR,         /* two VPCs that are peered */
    CLAIM_INSIDE,       /* gateway, /30 */
    CLAIM_OUTSIDE,      /* address; the owner is its gateway */
    CLAIM_OUTSIDE_PAIR, /* outside address, customer's address */
    CLAIM_SUBNET_SIX,   /* its range of IPv6: no two overlap, for all are /64 */
    CLAIM_ACL_RULE,     /* network ACL's place; number; 1: outbound */
};

struct draft {
    struct aws *aws;                /* borrowed */
    struct import_remarks *remarks; /* borrowed */
    struct network *network;
    size_t comment_cap;
    unsigned places;
    struct claim {
        enum claim_kind kind; /* CLAIM_NONE: free */
        uint32_t number;
        ip_addr addr, peer;
        size_t owner;
    } * claims;
    size_t claim_count, claim_cap; /* a power of two, or 0 */
    struct draft_attachment {      /* what hangs on gateways and speaks BGP, or has static routes */
        size_t gateway;            /* of the network */
        const struct aws_connection *connection;       /* NULL: it is a Direct Connect */
        const struct aws_virtual_interface *interface; /* NULL: it is a VPN connection */
        size_t index;                                  /* in the network's list */
        bool apart; /* by way of a Direct Connect gateway: not passed on to VPN connections */
    } * attachments;
    size_t attachment_count, attachment_cap;
};

void draft_init(struct draft *draft, struct aws *aws);
void draft_done(struct draft *draft);

/* A new item at the end of the owner's list of that key, initial and with a place. Pointers to the
 * list's other items end here. */
void *draft_add(struct draft *draft, const struct schema *schema, void *owner, const char *key);
/* The owner's optional struct of that key. */
void *draft_make(struct draft *draft, const struct schema *schema, void *owner, const char *key);
/* The list is written, with nothing in it. */
void draft_empty(const struct schema *schema, void *owner, const char *key);

char *draft_text(const char *text); /* a copy that the network will own */
struct network_ref draft_ref(const char *id);

/* A comment of lines of its own above the thing at the place, or behind it on its line. Several
 * above one thing follow each other. A long one is broken at words. */
void draft_comment(struct draft *draft, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void draft_trailing(struct draft *draft, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void draft_attached(struct draft *draft, struct draft_attachment attachment);

/* false: somebody has it already, and *ret_owner says who. */
bool draft_claim(struct draft *draft, enum claim_kind kind, uint32_t number, ip_addr addr,
                 ip_addr peer, size_t owner, size_t *ret_owner);

/* A name for the router of a thing: its tag Name where that can be one and nobody has it, else made
 * of its id. The caller owns it. */
char *draft_router_name(struct draft *draft, const struct aws_thing *thing);

/* Texts for remarks and comments; each call ends what the one eight calls before it returned. */
const char *draft_prefix(struct prefix prefix);
const char *draft_address(ip_addr addr);

/* The parts of the work, in this order; each looks at what the former made. */
void draft_vpcs(struct draft *draft);     /* VPCs, subnets, gateways, but no routes */
void draft_gateways(struct draft *draft); /* VPN gateways, also those only referred to */
void draft_peerings(struct draft *draft);
void draft_instances(struct draft *draft);
void draft_filters(struct draft *draft);     /* security groups, network ACLs, prefix lists */
void draft_tables(struct draft *draft);      /* route tables and which subnet asks which */
void draft_connections(struct draft *draft); /* customer gateways, routers, VPN connections */
void draft_direct(struct draft *draft);      /* Direct Connect */
void draft_learned(struct draft *draft);     /* who announced what the tables show */
