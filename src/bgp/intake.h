/* Intake: a received UPDATE becomes prefixes withdrawn, prefixes announced and one canonical
 * attribute set, or what RFC 7606 demands instead. wire says what is broken and of which class;
 * here it is acted upon:
 *
 *   attribute discard   the attribute is left out, the routes are kept
 *   treat-as-withdraw   every prefix announced is withdrawn instead; the session lives
 *   session reset       only where it cannot be told which prefixes are meant (RFC 7606 3 j, 5.3)
 *
 * Nothing here knows a session's state or a RIB: what matters of them is in struct intake_facts.
 *
 * IPv6's routes stand in attributes (RFC 4760), with a next hop of their own: they come out beside
 * IPv4's, and their attributes are the same but for that. Where no family can be read any more, the
 * session is reset, 3/9 (RFC 4760 7, RFC 7606 7.11).
 *
 * There are two halves, so that who interns attributes need not decode those it has seen:
 *
 *     intake_split(message, &intake);                       lengths and prefixes
 *     if (intake.verdict == INTAKE_ROUTES && intake.announced.size > 0)
 *         ... attr_find(store, intake.section), or else ...
 *         intake_judge(&facts, &room, &intake);             attributes
 *     switch (intake.verdict) ...
 *
 * intake_update is both. The bytes of a section may stand for themselves only on a session of
 * four-octet AS numbers, and only when the set found is one that this session may bring (no
 * LOCAL_PREF, ORIGINATOR_ID or CLUSTER_LIST from an external neighbor). */
#pragma once

#include "base/slice.h"
#include "net/ip.h"
#include "rib/reason.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_message.h"

/* What an UPDATE is judged by. */
struct intake_facts {
    uint32_t peer_as;
    ip_addr local_addr; /* ours, on the connection: never a next hop for us (RFC 4271 5.1.3) */
    ip_addr other_addr; /* ours of the other family; 0: none */
    bool external;      /* peer_as is not ours */
    bool four_octet_as; /* struct open_terms */
    bool six;           /* the same: without it, IPv6's routes are ignored */
    bool enforce_first_as;
};

enum intake_verdict {
    INTAKE_ROUTES,     /* withdrawn, and announced with attributes; either may be empty */
    INTAKE_WITHDRAW,   /* withdrawn, and announced is to be withdrawn as well; flaw says why */
    INTAKE_END_OF_RIB, /* of nothing: the neighbor's table of a family is complete (RFC 4724 2) */
    INTAKE_RESET,      /* the session must end with error (BGP_DOWN_BAD_UPDATE) */
};

/* Where bytes go that had to be rewritten. Needs no initialization; lives as long as the intake is
 * looked at. */
struct intake_room {
    struct bgp_attr_room decoded;
    uint8_t canonical[BGP_CANONICAL_MAX];
    uint8_t canonical_six[BGP_CANONICAL_MAX + 16];
};

/* Slices borrow from the message and the room. */
struct intake {
    enum intake_verdict verdict;
    bool six;               /* END_OF_RIB: whose */
    size_t withdrawn_count; /* prefixes */
    size_t announced_count;
    struct slice withdrawn; /* checked: walk it with bgp_nlri_next */
    struct slice announced;
    struct slice section;       /* the attributes as they came */
    struct slice attributes;    /* canonical; empty unless something is announced */
    struct slice withdrawn_six; /* of IPv6: the same, by intake_judge */
    struct slice announced_six;
    struct slice attributes_six;  /* with another next hop */
    struct bgp_attr_verdict flaw; /* class BGP_ATTR_DISCARD may come with ROUTES */
    struct bgp_error error;       /* RESET: the NOTIFICATION */
    enum reason refusal;          /* ROUTES: REASON_NONE, or intake_refusal */
    enum reason refusal_six;
};

/* First half: verdict is ROUTES, END_OF_RIB or RESET; flaw, attributes and refusal are empty. The
 * message is whole, as BGP_ACTION_UPDATE has it. */
void intake_split(struct slice message, struct intake *ret_intake);

/* Second half, on what the first left with ROUTES; verdict becomes ROUTES, WITHDRAW, RESET, or
 * IPv6's END_OF_RIB. */
void intake_judge(const struct intake_facts *facts, struct intake_room *room,
                  struct intake *intake);

void intake_update(const struct intake_facts *facts, struct slice message, struct intake_room *room,
                   struct intake *ret_intake);

/* May the neighbor offer routes with this first AS and next hop? Not an error in the message, so
 * the routes are refused, not withdrawn: REASON_FIRST_AS when it is external, enforce_first_as is
 * set and the path does not begin with its AS (RFC 4271 6.3; FRR's bgp enforce-first-as; route
 * servers do not prepend theirs); REASON_NEXT_HOP when the next hop is our own address (RFC 4271
 * 5.1.3). Else REASON_NONE. first_as 0: none. */
enum reason intake_refusal(const struct intake_facts *facts, uint32_t first_as, ip_addr next_hop);
