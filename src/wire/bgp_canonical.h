/* Path attributes: what they are, struct bgp_attrs that holds them, and their canonical form.
 *
 * Canonical bytes are the attributes worth keeping, ascending by type code, with four-octet AS
 * numbers, extended length only where it is needed and no stray flag bits. Equal contents give
 * equal bytes, whichever kind of session they came by: this is what the rib interns, by memcmp.
 *
 * Kept are ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF, ATOMIC_AGGREGATE, AGGREGATOR, the
 * communities of three sizes, ORIGINATOR_ID, CLUSTER_LIST and unknown transitive attributes (marked
 * Partial, RFC 4271 5). Not kept are MP_REACH_NLRI and MP_UNREACH_NLRI, which are routes, not
 * attributes of them; AS4_*, which the decoder merged; unknown non-transitive ones, which end here.
 * Communities stay in the order in which they came. */
#pragma once

#include "base/slice.h"
#include "net/ip.h"
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
};

enum { BGP_ATTR_COUNT = BGP_INDEX_LARGE_COMMUNITIES + 1 };

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

const char *bgp_attr_name(uint8_t code); /* NULL when it is not of the table */
int bgp_attr_index(uint8_t code);        /* enum bgp_attr_index; -1 when it is not of the table */

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
    uint32_t aggregator; /* its router id */
    ip_addr next_hop;
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

/* One attribute, with the extended length only where it is needed. Failure is the writer's. */
void bgp_attr_encode(struct writer *writer, uint8_t flags, uint8_t code, struct slice value);

/* Attributes ascending by type code, those that canonical form keeps. own_as is put before the path
 * (0: nothing); without as4, AS numbers have two octets and AS4_PATH and AS4_AGGREGATOR stand
 * beside them where needed (RFC 6793 4.2.2). ret_next_hop is where in the writer the four bytes of
 * NEXT_HOP lie, when it is present. Failure is the writer's. */
struct bgp_attr_form {
    uint32_t own_as;
    bool as4;
};
void bgp_attrs_encode(const struct bgp_attrs *attrs, struct bgp_attr_form form,
                      struct writer *writer, size_t *ret_next_hop);

/* At most BGP_CANONICAL_MAX bytes for anything decoded. Failure is the writer's. */
void bgp_attrs_encode_canonical(const struct bgp_attrs *attrs, struct writer *writer);

/* Trusts its bytes as far as meaning goes: they are our own, and asserts that they are. ret_attrs
 * borrows from canonical. */
void bgp_attrs_decode_canonical(struct slice canonical, struct bgp_attrs *ret_attrs);

/* One attribute as it stands in a section or in canonical bytes. */
struct bgp_raw_attr {
    uint8_t flags;
    uint8_t code;
    struct slice value;
    struct slice whole; /* flags, code, length, value */
};

/* The next one; at the end or when it is cut off the cursor fails and the answer is false. Then
 * code is 0 when not even the header was whole, and value and whole are empty. */
bool bgp_attr_read(struct cursor *cursor, struct bgp_raw_attr *ret_attr)
    __attribute__((warn_unused_result));

/* Unknown transitive attributes, ascending by code. Start with cursor_over(attrs->unknown). */
bool bgp_unknown_next(struct cursor *cursor, struct bgp_raw_attr *ret_attr)
    __attribute__((warn_unused_result));

/* Puts a value, whose length is right, where it belongs in attrs and marks it present. AS_PATH and
 * AGGREGATOR have four-octet AS numbers; the attributes that canonical form does not keep are for
 * the decoder of sections and only marked. */
void bgp_attr_store(struct bgp_attrs *attrs, enum bgp_attr_index index, struct slice value);

bool bgp_communities_contain(struct slice communities, uint32_t community);
