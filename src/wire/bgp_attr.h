/* Path attributes (RFC 4271 4.3, 5) decoded, judged by RFC 7606, and put into canonical form.
 *
 * Three forms:
 *   - the section of an UPDATE, as the neighbor sent it;
 *   - struct bgp_attrs: what it says, with two-octet AS paths widened and merged with AS4_PATH (RFC
 *     6793 4.2.3), so that nobody behind the decoder knows which kind of session it was;
 *   - canonical bytes: the attributes worth keeping, ascending by type code, four-octet AS numbers,
 *     extended length only where it is needed, no stray flag bits. Equal contents give equal bytes,
 *     whichever session they came by: this is what the rib interns, by memcmp.
 *
 * Canonical form keeps ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF, ATOMIC_AGGREGATE, AGGREGATOR,
 * the communities of three sizes, ORIGINATOR_ID, CLUSTER_LIST and unknown transitive attributes
 * (marked Partial, RFC 4271 5). It does not hold MP_REACH_NLRI and MP_UNREACH_NLRI, which are
 * routes, not attributes of them; AS4_*, which are merged; unknown non-transitive ones, which end
 * here. Communities stay in the order in which they came. */
#pragma once

#include "base/slice.h"
#include "net/ip4.h"
#include "wire/bgp_message.h"

enum bgp_attr_code {
#define BGP_ATTR(code, name, ...) BGP_CODE_##name = code,
#include "wire/bgp_attr.def"
#undef BGP_ATTR
};

enum bgp_attr_index { /* place in the table of bgp_attr.def */
#define BGP_ATTR(code, name, ...) BGP_INDEX_##name,
#include "wire/bgp_attr.def"
#undef BGP_ATTR
                      BGP_ATTR_COUNT,
};

enum bgp_attr_bit { /* for bgp_attrs.present and .partial */
#define BGP_ATTR(code, name, ...) BGP_HAS_##name = 1 << BGP_INDEX_##name,
#include "wire/bgp_attr.def"
#undef BGP_ATTR
};

enum bgp_attr_flag {
    BGP_FLAG_OPTIONAL = 0x80,
    BGP_FLAG_TRANSITIVE = 0x40,
    BGP_FLAG_PARTIAL = 0x20,
    BGP_FLAG_EXTENDED = 0x10,
};

enum bgp_origin { BGP_ORIGIN_IGP, BGP_ORIGIN_EGP, BGP_ORIGIN_INCOMPLETE };

#define BGP_NO_EXPORT           0xffffff01u /* RFC 1997 */
#define BGP_NO_ADVERTISE        0xffffff02u
#define BGP_NO_EXPORT_SUBCONFED 0xffffff03u

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

const char *bgp_attr_name(uint8_t code); /* NULL when it is not of the table */
const char *bgp_fault_name(enum bgp_attr_fault fault);
const char *bgp_fault_sentence(enum bgp_attr_fault fault);
const char *bgp_fault_reference(enum bgp_attr_fault fault);

/* MP_REACH_NLRI or MP_UNREACH_NLRI (RFC 4760 3, 4), parsed for form. Whoever negotiated no family
 * but IPv4 unicast, in the UPDATE's own fields, ignores it. */
struct bgp_mp {
    uint16_t afi;
    uint8_t safi;
    struct slice next_hop; /* MP_REACH_NLRI only */
    struct slice nlri;
};

struct bgp_attrs {
    uint32_t present; /* BGP_HAS_* */
    uint32_t partial; /* BGP_HAS_* of optional transitive ones that came with the Partial bit */
    uint8_t origin;   /* enum bgp_origin */
    uint32_t med;
    uint32_t local_pref;
    uint32_t originator_id;
    uint32_t aggregator_as;
    ip4 aggregator;
    ip4 next_hop;
    struct slice as_path;           /* see bgp_as_path.h */
    struct slice communities;       /* 4 bytes each */
    struct slice ext_communities;   /* 8 bytes each */
    struct slice large_communities; /* 12 bytes each, none twice (RFC 8092 5) */
    struct slice cluster_list;      /* 4 bytes each */
    struct slice unknown; /* encoded attributes; walk it with bgp_unknown_next, not by hand */
    struct bgp_mp mp_reach;
    struct bgp_mp mp_unreach;
};

enum {
    /* what fits in an UPDATE beside its header and two lengths */
    BGP_SECTION_MAX = BGP_MESSAGE_MAX - BGP_UPDATE_MIN,
    /* Canonical bytes of any section: a two-octet path may double, nothing grows more, and a
     * doubled value with an extended length (4 + 2n) is not above twice the attribute (3 + n). */
    BGP_CANONICAL_MAX = 2 * BGP_SECTION_MAX,
};

/* Where the decoder puts what it had to rewrite: widened and merged paths, unknown attributes in
 * order, large communities without duplicates. Same bound as above. Needs no initialization. */
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

/* At most BGP_CANONICAL_MAX bytes for anything decoded. Failure is the writer's. */
void bgp_attrs_encode_canonical(const struct bgp_attrs *attrs, struct writer *writer);

/* Trusts its bytes as far as meaning goes: they are our own, and asserts that they are. ret_attrs
 * borrows from canonical. */
void bgp_attrs_decode_canonical(struct slice canonical, struct bgp_attrs *ret_attrs);

/* Unknown transitive attributes, ascending by code. Start with cursor_over(attrs->unknown). */
struct bgp_unknown {
    uint8_t flags; /* with BGP_FLAG_PARTIAL, without BGP_FLAG_EXTENDED */
    uint8_t code;
    struct slice value;
};
bool bgp_unknown_next(struct cursor *cursor, struct bgp_unknown *ret_unknown)
    __attribute__((warn_unused_result));

bool bgp_communities_contain(struct slice communities, uint32_t community);
