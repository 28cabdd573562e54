/* The OPEN messages of both ends: what we offer, and what comes of what the neighbor offers. */
#pragma once

#include "bgp/down.h"
#include "net/ip.h"
#include "wire/bgp_message.h"

/* What we bring to the negotiation. */
struct open_offer {
    uint32_t local_as;
    uint32_t peer_as; /* the only one accepted */
    uint32_t router_id;
    uint16_t hold_s;
    bool plain;         /* without capabilities: the neighbor refused them (RFC 5492 3) */
    bool six;           /* routes of IPv6 may be exchanged */
    bool no_four;       /* routes of IPv4 may not */
    uint16_t restart_s; /* graceful restart (RFC 4724): how long we may be away; 0: for no family,
                           then the capability says only that we know End-of-RIB */
    bool restarted;     /* we are back from a restart, */
    bool forgot;        /* and did not go on forwarding meanwhile */
};

enum { OPEN_FOUR = 1, OPEN_SIX = 2 }; /* families in a mask */

/* What both ends agreed on. */
struct open_terms {
    uint32_t peer_id; /* the neighbor's BGP identifier */
    uint16_t hold_s;  /* the smaller offer (RFC 4271 4.2); 0: no hold timer and no keepalives */
    bool four_octet_as;
    bool refresh;          /* the neighbor understands ROUTE-REFRESH, */
    bool enhanced_refresh; /* and its demarcations (RFC 7313) */
    bool four;             /* routes of this family are exchanged; of one at least */
    bool six;
    /* of RFC 4724; families and times when both offered it */
    bool restart;   /* the neighbor waits for End-of-RIB, and says it */
    bool restarted; /* it is back from a restart: it may wait for ours before it says its */
    uint8_t restart_families; /* whose routes it wants kept while it restarts */
    uint8_t kept_families;    /* it went on forwarding by: those kept before may stay */
    uint16_t restart_s;       /* how long it may be away */
};

/* Multiprotocol for unicast of our families, route refresh, four-octet AS numbers, and graceful
 * restart: of our families where it is offered, else of none (RFC 4724 3), so that both ends say
 * and expect End-of-RIB all the same. */
struct bgp_open open_make(const struct open_offer *offer);

/* BGP_DOWN_NONE: ret_terms hold. Else why not, and ret_error is what to answer. The checks are in
 * the order of RFC 4271 6.2, the identifier's are those of RFC 6286 2.2. */
enum bgp_down open_judge(const struct open_offer *offer, struct slice body,
                         struct open_terms *ret_terms, struct bgp_error *ret_error)
    __attribute__((warn_unused_result));
