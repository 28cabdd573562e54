/* A change to one place of a network, and how it is done on a copy. A remedy is one or several
 * changes of the same kind. Places are indices in the network's own lists. */
#pragma once

#include "network/network.h"

enum change_kind {
    CHANGE_GUARD_HOLD,     /* connection `index` */
    CHANGE_EXPORT_DENY,    /* connection `index`: the prefix is not announced there */
    CHANGE_HOST_ROUTE,     /* router `index`: prefix (a /32) via, or through interface */
    CHANGE_NEXT_HOP_ROUTE, /* the same, for the next hop of other routes */
    CHANGE_IMPORT_DENY,    /* router `index`: the prefix is refused from `neighbor` */
    CHANGE_PREFER,         /* router `index`: what `neighbor` announces has the local preference
                              `number` */
    CHANGE_STOP,        /* router `index`: it no longer announces the prefix, now or in the story */
    CHANGE_STOP_STATIC, /* connection `index`: the prefix is no static route of it any more */
    CHANGE_TABLE_DELETE,    /* VPC `index`, route table `part`: the route is deleted */
    CHANGE_ROUTER_DELETE,   /* router `index`: its own static route is deleted */
    CHANGE_TABLE_PROPAGATE, /* VPC `index`, route table `part`: gateway `number` propagates into it
                             */
    CHANGE_ALLOWAS_OFF,     /* router `index`: its own AS in no path */
    CHANGE_ANNOUNCE,        /* router `index`: it announces the prefix */
    CHANGE_ROUTE_TUNNEL,    /* router `index`: its route leads into tunnel `part` of connection
                               `number` */
    CHANGE_GATEWAY_ASN,     /* VPN gateway `index`: `number` is its AS */
    CHANGE_CUSTOMER_ASN,    /* customer gateway `index`: `number` is its AS, not its router's */
    CHANGE_SPEAK_BGP,       /* connection `index`: BGP instead of static routes */
    CHANGE_ADD_STATIC,      /* connection `index`: the prefix is a static route of it */
    CHANGE_SUMMARIZE,       /* router `index`: summaries instead of what they are made of */
    CHANGE_REFUSE,          /* connection `index`: the gateway refuses the prefix from there */
    CHANGE_REFUSE_DIRECT,   /* Direct Connect `index`: the same */
    CHANGE_WITHHOLD,        /* router `index`: the prefix is not announced to `neighbor` */
    CHANGE_PEER,            /* connection `index`: a peering of the two VPCs takes its place */
    CHANGE_ASN              /* router `index`: `number` is its AS, for its customer gateways, too */
};

enum { CHANGE_INTERFACE_BYTES = 16 };

struct change {
    enum change_kind kind;
    int32_t index;
    int32_t part;
    struct prefix prefix;
    ip_addr via;
    char interface[CHANGE_INTERFACE_BYTES]; /* empty: where `via` is on the link */
    ip_addr neighbor;
    uint32_t number;
};

bool change_equal(const struct change *left, const struct change *right);
bool change_is_among(const struct change *change, const struct change *changes, size_t count);

/* In which list of the network `index` counts. */
enum network_kind change_place(enum change_kind kind);

/* Is the network already so? (Of what is taken away: is it not there?) */
bool change_is_done(const struct network *network, const struct change *change);

/* Does it in the network. */
void change_apply(struct network *network, const struct change *change);

/* A copy with all changes done. */
struct network *change_copy(const struct network *network, const struct change *changes,
                            size_t count) __attribute__((warn_unused_result));
