/* The path attributes of an UPDATE (RFC 4271 4.3, 5), decoded and judged by RFC 7606.
 *
 * The decoder reads the attribute field as the neighbor sent it and fills struct bgp_attrs: what it
 * says, with two-octet AS paths widened and merged with AS4_PATH (RFC 6793 4.2.3), so that nobody
 * behind it knows which kind of session it was. What is wrong comes out as a verdict: the hardest
 * class that any rule asks for, the rule, the attribute. To act on it is the intake's. */
#pragma once

#include "wire/bgp_canonical.h"

/* RFC 7606 2, from mild to hard. */
enum bgp_attr_class {
    BGP_ATTR_OK,
    BGP_ATTR_DISCARD,           /* the attribute is dropped, the routes stand */
    BGP_ATTR_TREAT_AS_WITHDRAW, /* all routes of the UPDATE are withdrawn, the session stands */
    BGP_ATTR_SESSION_RESET,
};

enum bgp_attr_fault {
    BGP_FAULT_NONE,
#define BGP_FAULT(name, ...) BGP_FAULT_##name,
#include "wire/bgp_attr_fault.def"
#undef BGP_FAULT
    BGP_FAULT_COUNT,
};

/* The hardest thing found (RFC 7606 3 h); of equally hard ones, the first. */
struct bgp_attr_verdict {
    enum bgp_attr_class class;
    enum bgp_attr_fault fault;
    uint8_t type;           /* code of the attribute concerned; 0 when its header is cut off */
    uint16_t fault_count;   /* all of them, for counters */
    struct bgp_error error; /* the NOTIFICATION when class is BGP_ATTR_SESSION_RESET */
};

const char *bgp_fault_name(enum bgp_attr_fault fault);
const char *bgp_fault_sentence(enum bgp_attr_fault fault);
const char *bgp_fault_reference(enum bgp_attr_fault fault);

/* Where the decoder puts what it had to rewrite: widened and merged paths, unknown attributes in
 * order, large communities without duplicates. Needs no initialization. Rewriting at most doubles a
 * section, as canonical form does: see BGP_CANONICAL_MAX. */
struct bgp_attr_room {
    uint8_t bytes[BGP_CANONICAL_MAX];
};

/* What the decoder must know of the session and the message. */
struct bgp_attr_facts {
    bool as4;      /* both sides announced the 4-octet AS capability */
    bool external; /* the neighbor is of another AS */
    bool nlri;     /* the UPDATE's NLRI field is not empty */
};

/* The section (at most BGP_SECTION_MAX bytes) of one UPDATE. ret_attrs borrows from section and
 * room. For BGP_ATTR_OK and BGP_ATTR_DISCARD it is complete, without what was discarded; for
 * BGP_ATTR_TREAT_AS_WITHDRAW only mp_reach and mp_unreach mean anything (by their presence bits);
 * for BGP_ATTR_SESSION_RESET nothing does. Mandatory attributes are asked for only where there is
 * something reachable: ORIGIN and AS_PATH with NLRI or MP_REACH_NLRI, NEXT_HOP with NLRI. Time is
 * linear in the section, but for large communities without order (quadratic in at most 339). */
struct bgp_attr_verdict bgp_attrs_decode(struct slice section, struct bgp_attr_facts facts,
                                         struct bgp_attr_room *room, struct bgp_attrs *ret_attrs)
    __attribute__((warn_unused_result));
