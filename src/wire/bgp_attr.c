#include "wire/bgp_attr.h"
#include "wire/bgp_as_path.h"

#include <assert.h>
#include <string.h>

/* ---- the tables ---- */

enum length_rule { ONE, MANY, OWN };

static const struct rule {
    uint8_t code;
    uint8_t flags; /* the Optional and Transitive bits */
    uint8_t unit_bytes;
    uint8_t length; /* enum length_rule */
    uint8_t class;  /* enum bgp_attr_class when the length is wrong */
} rules[BGP_ATTR_COUNT] = {
#define WELL_KNOWN          BGP_FLAG_TRANSITIVE
#define OPTIONAL            BGP_FLAG_OPTIONAL
#define OPTIONAL_TRANSITIVE BGP_FLAG_OPTIONAL | BGP_FLAG_TRANSITIVE
#define DISCARD             BGP_ATTR_DISCARD
#define WITHDRAW            BGP_ATTR_TREAT_AS_WITHDRAW
#define RESET               BGP_ATTR_SESSION_RESET
#define BGP_ATTR(code, id, flags, unit, length, class, name, reference)                            \
    [BGP_INDEX_##id] = {code, flags, unit, length, class},
#include "wire/bgp_attr.def"
#undef BGP_ATTR
#undef OPTIONAL /* the name of a subcode below */
};

static const struct fault_row {
    uint8_t class;
    uint8_t subcode;
    const char *name;
    const char *sentence;
    const char *reference;
} fault_rows[BGP_FAULT_COUNT] = {
    [BGP_FAULT_NONE] = {BGP_ATTR_OK, BGP_UNSPECIFIC, "NONE", "nothing is wrong", ""},
#define BGP_FAULT(id, class, subcode, sentence, reference)                                         \
    [BGP_FAULT_##id] = {class, BGP_UPDATE_##subcode, #id, sentence, reference},
#include "wire/bgp_attr_fault.def"
#undef BGP_FAULT
};

const char *bgp_fault_name(enum bgp_attr_fault fault)
{
    assert(fault < BGP_FAULT_COUNT);
    return fault_rows[fault].name;
}

const char *bgp_fault_sentence(enum bgp_attr_fault fault)
{
    assert(fault < BGP_FAULT_COUNT);
    return fault_rows[fault].sentence;
}

const char *bgp_fault_reference(enum bgp_attr_fault fault)
{
    assert(fault < BGP_FAULT_COUNT);
    return fault_rows[fault].reference;
}

/* ---- what was found ---- */

struct decoder {
    struct slice section;
    struct bgp_attr_facts facts;
    struct bgp_attrs *attrs;
    struct bgp_attr_verdict verdict;
    struct writer room;
    uint64_t seen[4];         /* codes met, also of attributes that were found wrong */
    bool others;              /* met something that is not MP_UNREACH_NLRI */
    struct slice narrow_path; /* AS_PATH of a two-octet session */
    struct slice as4_path;
    uint32_t as4_aggregator_as;
    uint32_t as4_aggregator;
    bool unknown;
    uint16_t unknown_at[256]; /* by code: offset in the section + 1; 0: none. Valid if unknown */
};

static struct slice room_since(const struct decoder *decoder, size_t start)
{
    return (struct slice){decoder->room.data + start, decoder->room.size - start};
}

static bool is_mp(uint8_t code)
{
    return code == BGP_CODE_MP_REACH || code == BGP_CODE_MP_UNREACH;
}

static bool seen(const struct decoder *decoder, uint8_t code)
{
    return decoder->seen[code / 64] >> code % 64 & 1;
}

/* RFC 4271 6.3: which errors show the attribute in the NOTIFICATION. */
static bool shows_attribute(uint8_t subcode)
{
    return subcode != BGP_UPDATE_MALFORMED_LIST && subcode != BGP_UPDATE_AS_PATH;
}

static void blame_class(struct decoder *decoder, enum bgp_attr_fault fault,
                        enum bgp_attr_class class, uint8_t code, struct slice shown)
{
    struct bgp_attr_verdict *verdict = &decoder->verdict;
    verdict->fault_count++;
    if (class <= verdict->class)
        return;
    uint8_t subcode = fault_rows[fault].subcode;
    verdict->class = class;
    verdict->fault = fault;
    verdict->type = code;
    verdict->error = (struct bgp_error){BGP_ERROR_UPDATE, subcode, {NULL, 0}};
    if (shows_attribute(subcode))
        verdict->error.data = shown;
}

static void blame(struct decoder *decoder, enum bgp_attr_fault fault,
                  const struct bgp_raw_attr *attr)
{
    blame_class(decoder, fault, fault_rows[fault].class, attr->code, attr->whole);
}

static bool holds_as_zero(struct slice asns, unsigned width)
{
    struct cursor cursor = cursor_over(asns);
    while (cursor_remaining(&cursor) > 0)
        if ((width == 2 ? cursor_u16(&cursor) : cursor_u32(&cursor)) == 0)
            return true;
    return false;
}

/* RFC 7606 7.2, RFC 7607, RFC 5065 5; width: bytes of an AS number. A confederation segment is told
 * only of a path that is right otherwise. */
static enum bgp_attr_fault path_fault(struct slice path, unsigned width)
{
    bool confed = false;
    struct cursor cursor = cursor_over(path);
    while (cursor_remaining(&cursor) > 0) {
        if (cursor_remaining(&cursor) == 1)
            return BGP_FAULT_SEGMENT_UNDERRUN;
        uint8_t type = cursor_u8(&cursor), count = cursor_u8(&cursor);
        if (type < BGP_AS_SET || type > BGP_AS_CONFED_SET)
            return BGP_FAULT_SEGMENT_TYPE;
        confed |= type > BGP_AS_SEQUENCE;
        if (count == 0)
            return BGP_FAULT_SEGMENT_EMPTY;
        struct slice asns = cursor_slice(&cursor, (size_t)count * width);
        if (cursor.failed)
            return BGP_FAULT_SEGMENT_OVERRUN;
        if (holds_as_zero(asns, width))
            return BGP_FAULT_PATH_AS_ZERO;
    }
    return confed ? BGP_FAULT_SEGMENT_CONFED : BGP_FAULT_NONE;
}

static enum bgp_attr_fault as_path_decode(struct decoder *decoder, struct slice value)
{
    unsigned width = decoder->facts.as4 ? 4 : 2;
    enum bgp_attr_fault fault = path_fault(value, width);
    if (fault != BGP_FAULT_NONE)
        return fault;
    if (!decoder->facts.as4)
        decoder->narrow_path = value;
    bgp_attr_store(decoder->attrs, BGP_INDEX_AS_PATH, value);
    return BGP_FAULT_NONE;
}

static enum bgp_attr_fault origin_decode(struct decoder *decoder, struct slice value)
{
    struct cursor cursor = cursor_over(value);
    if (cursor_u8(&cursor) > BGP_ORIGIN_INCOMPLETE)
        return BGP_FAULT_ORIGIN_VALUE;
    bgp_attr_store(decoder->attrs, BGP_INDEX_ORIGIN, value);
    return BGP_FAULT_NONE;
}

/* A host's address is none of "this network", loopback, multicast, reserved (RFC 1122 3.2.1.3). */
static enum bgp_attr_fault next_hop_decode(struct decoder *decoder, struct slice value)
{
    struct cursor cursor = cursor_over(value);
    uint8_t top = cursor_u8(&cursor);
    if (top == 0 || top == 127 || top >= 224)
        return BGP_FAULT_NEXT_HOP_VALUE;
    bgp_attr_store(decoder->attrs, BGP_INDEX_NEXT_HOP, value);
    return BGP_FAULT_NONE;
}

static enum bgp_attr_fault aggregator_decode(struct decoder *decoder, struct slice value)
{
    struct cursor cursor = cursor_over(value);
    uint32_t asn = decoder->facts.as4 ? cursor_u32(&cursor) : cursor_u16(&cursor);
    uint32_t aggregator = cursor_u32(&cursor);
    if (cursor.failed || cursor_remaining(&cursor) > 0)
        return BGP_FAULT_LENGTH;
    if (asn == 0)
        return BGP_FAULT_AGGREGATOR_AS_ZERO;
    decoder->attrs->aggregator_as = asn;
    decoder->attrs->aggregator = aggregator;
    decoder->attrs->present |= BGP_HAS_AGGREGATOR;
    return BGP_FAULT_NONE;
}

static enum bgp_attr_fault as4_path_decode(struct decoder *decoder, struct slice value)
{
    if (decoder->facts.as4)
        return BGP_FAULT_AS4_FROM_NEW;
    enum bgp_attr_fault fault = path_fault(value, 4);
    if (value.size == 0 || (fault != BGP_FAULT_NONE && fault != BGP_FAULT_SEGMENT_CONFED))
        return BGP_FAULT_AS4_MALFORMED;
    decoder->attrs->present |= BGP_HAS_AS4_PATH;
    decoder->as4_path = value;
    if (fault == BGP_FAULT_NONE)
        return BGP_FAULT_NONE;
    size_t start = decoder->room.size;
    bgp_as_path_without_confed(value, &decoder->room);
    decoder->as4_path = room_since(decoder, start);
    return BGP_FAULT_AS4_CONFED;
}

static enum bgp_attr_fault as4_aggregator_decode(struct decoder *decoder, struct slice value)
{
    if (decoder->facts.as4)
        return BGP_FAULT_AS4_FROM_NEW;
    struct cursor cursor = cursor_over(value);
    decoder->as4_aggregator_as = cursor_u32(&cursor);
    decoder->as4_aggregator = cursor_u32(&cursor);
    if (decoder->as4_aggregator_as == 0)
        return BGP_FAULT_AS4_MALFORMED;
    decoder->attrs->present |= BGP_HAS_AS4_AGGREGATOR;
    return BGP_FAULT_NONE;
}

/* RFC 4760 3: AFI, SAFI, length and bytes of the next hop, a reserved byte, prefixes. */
static enum bgp_attr_fault mp_reach_decode(struct decoder *decoder, struct slice value)
{
    struct cursor cursor = cursor_over(value);
    struct bgp_mp mp = {.afi = cursor_u16(&cursor)};
    mp.safi = cursor_u8(&cursor);
    mp.next_hop = cursor_slice(&cursor, cursor_u8(&cursor));
    cursor_u8(&cursor);
    mp.nlri = cursor_rest(&cursor);
    if (cursor.failed)
        return BGP_FAULT_MP_FORM;
    decoder->attrs->mp_reach = mp;
    decoder->attrs->present |= BGP_HAS_MP_REACH;
    return BGP_FAULT_NONE;
}

/* RFC 4760 4: AFI, SAFI, prefixes. */
static enum bgp_attr_fault mp_unreach_decode(struct decoder *decoder, struct slice value)
{
    struct cursor cursor = cursor_over(value);
    struct bgp_mp mp = {.afi = cursor_u16(&cursor)};
    mp.safi = cursor_u8(&cursor);
    mp.nlri = cursor_rest(&cursor);
    if (cursor.failed)
        return BGP_FAULT_MP_FORM;
    decoder->attrs->mp_unreach = mp;
    decoder->attrs->present |= BGP_HAS_MP_UNREACH;
    return BGP_FAULT_NONE;
}

static enum bgp_attr_fault value_decode(struct decoder *decoder, enum bgp_attr_index index,
                                        struct slice value)
{
    switch (index) {
    case BGP_INDEX_ORIGIN:
        return origin_decode(decoder, value);
    case BGP_INDEX_AS_PATH:
        return as_path_decode(decoder, value);
    case BGP_INDEX_NEXT_HOP:
        return next_hop_decode(decoder, value);
    case BGP_INDEX_AGGREGATOR:
        return aggregator_decode(decoder, value);
    case BGP_INDEX_MP_REACH:
        return mp_reach_decode(decoder, value);
    case BGP_INDEX_MP_UNREACH:
        return mp_unreach_decode(decoder, value);
    case BGP_INDEX_AS4_PATH:
        return as4_path_decode(decoder, value);
    case BGP_INDEX_AS4_AGGREGATOR:
        return as4_aggregator_decode(decoder, value);
    case BGP_INDEX_MED:
    case BGP_INDEX_LOCAL_PREF:
    case BGP_INDEX_ORIGINATOR_ID:
    case BGP_INDEX_CLUSTER_LIST:
    case BGP_INDEX_ATOMIC_AGGREGATE:
    case BGP_INDEX_COMMUNITIES:
    case BGP_INDEX_EXT_COMMUNITIES:
    case BGP_INDEX_LARGE_COMMUNITIES:
        break;
    }
    bgp_attr_store(decoder->attrs, index, value);
    return BGP_FAULT_NONE;
}

static bool length_right(const struct rule *rule, size_t size)
{
    switch ((enum length_rule)rule->length) {
    case ONE:
        return size == rule->unit_bytes;
    case MANY:
        return size > 0 && size % rule->unit_bytes == 0;
    case OWN:
        break;
    }
    return true;
}

static bool is_internal(uint8_t code)
{
    return code == BGP_CODE_LOCAL_PREF || code == BGP_CODE_ORIGINATOR_ID ||
           code == BGP_CODE_CLUSTER_LIST;
}

static void recognized_decode(struct decoder *decoder, enum bgp_attr_index index,
                              const struct bgp_raw_attr *attr)
{
    const struct rule *rule = &rules[index];
    const uint8_t kind = BGP_FLAG_OPTIONAL | BGP_FLAG_TRANSITIVE;
    bool flags_right = (attr->flags & kind) == rule->flags;
    if (!flags_right) {
        blame(decoder, BGP_FAULT_FLAGS, attr);
        if (!is_mp(attr->code)) /* whose routes are needed to withdraw them: RFC 7606 3 j */
            return;
    }
    if (decoder->facts.external && is_internal(attr->code)) {
        blame(decoder, BGP_FAULT_INTERNAL_ONLY, attr);
        return;
    }
    enum bgp_attr_fault fault = length_right(rule, attr->value.size)
                                    ? value_decode(decoder, index, attr->value)
                                    : BGP_FAULT_LENGTH;
    if (fault == BGP_FAULT_LENGTH)
        blame_class(decoder, fault, rule->class, attr->code, attr->whole);
    else if (fault != BGP_FAULT_NONE)
        blame(decoder, fault, attr);
    if (attr->flags & BGP_FLAG_PARTIAL && rule->flags == kind)
        decoder->attrs->partial |= 1u << index;
}

/* RFC 4271 5: unknown transitive attributes are passed on, other optional ones dropped. */
static void unknown_decode(struct decoder *decoder, const struct bgp_raw_attr *attr)
{
    if (!(attr->flags & BGP_FLAG_OPTIONAL)) {
        blame(decoder, BGP_FAULT_UNKNOWN_WELL_KNOWN, attr);
        return;
    }
    if (!(attr->flags & BGP_FLAG_TRANSITIVE))
        return;
    if (!decoder->unknown)
        memset(decoder->unknown_at, 0, sizeof decoder->unknown_at);
    decoder->unknown = true;
    decoder->unknown_at[attr->code] = (uint16_t)(attr->whole.data - decoder->section.data + 1);
}

static void attr_decode(struct decoder *decoder, const struct bgp_raw_attr *attr)
{
    if (seen(decoder, attr->code)) {
        bool routes = is_mp(attr->code);
        blame(decoder, routes ? BGP_FAULT_REPEATED_MP : BGP_FAULT_REPEATED, attr);
        return;
    }
    decoder->seen[attr->code / 64] |= UINT64_C(1) << attr->code % 64;
    decoder->others |= attr->code != BGP_CODE_MP_UNREACH;
    int index = bgp_attr_index(attr->code);
    if (index < 0)
        unknown_decode(decoder, attr);
    else
        recognized_decode(decoder, (enum bgp_attr_index)index, attr);
}

/* RFC 7606 4. A multiprotocol attribute that is cut short loses its routes: 3 j. */
static void cut_short(struct decoder *decoder, const struct bgp_raw_attr *attr)
{
    decoder->others = true;
    if (attr->code == 0)
        blame(decoder, BGP_FAULT_HEADER_CUT, attr);
    else if (is_mp(attr->code))
        blame(decoder, BGP_FAULT_MP_FORM, attr);
    else
        blame(decoder, BGP_FAULT_OVERRUN, attr);
}

/* ---- the section as a whole ---- */

static void require(struct decoder *decoder, enum bgp_attr_index index)
{
    const uint8_t *code = &rules[index].code;
    if (!seen(decoder, *code))
        blame_class(decoder, BGP_FAULT_MISSING, fault_rows[BGP_FAULT_MISSING].class, *code,
                    (struct slice){code, 1});
}

/* RFC 7606 3 d, 5.2. */
static void whole_judge(struct decoder *decoder, bool whole)
{
    bool reaches = decoder->facts.nlri || decoder->attrs->mp_reach.nlri.size > 0;
    if (reaches && whole) {
        require(decoder, BGP_INDEX_ORIGIN);
        require(decoder, BGP_INDEX_AS_PATH);
        if (decoder->facts.nlri)
            require(decoder, BGP_INDEX_NEXT_HOP);
    }
    if (!reaches && decoder->others && decoder->verdict.class > BGP_ATTR_DISCARD)
        decoder->verdict.class = BGP_ATTR_SESSION_RESET;
}

/* RFC 6793 4.2.3, for what an old speaker sent. */
static void as4_merge(struct decoder *decoder)
{
    struct bgp_attrs *attrs = decoder->attrs;
    const uint32_t both = BGP_HAS_AGGREGATOR | BGP_HAS_AS4_AGGREGATOR;
    bool path4 = attrs->present & BGP_HAS_AS4_PATH;
    if ((attrs->present & both) == both) {
        if (attrs->aggregator_as == BGP_AS_TRANS) {
            attrs->aggregator_as = decoder->as4_aggregator_as;
            attrs->aggregator = decoder->as4_aggregator;
        } else {
            path4 = false;
        }
    }
    size_t start = decoder->room.size;
    if (path4)
        bgp_as_path_merge(decoder->narrow_path, decoder->as4_path, &decoder->room);
    else
        bgp_as_path_widen(decoder->narrow_path, &decoder->room);
    attrs->as_path = room_since(decoder, start);
}

/* Unknown attributes ascending by code, marked Partial. */
static void unknown_collect(struct decoder *decoder)
{
    size_t start = decoder->room.size;
    for (unsigned code = 0; code < 256; code++) {
        size_t at = decoder->unknown_at[code];
        if (at == 0)
            continue;
        struct cursor cursor = cursor_over(decoder->section);
        struct bgp_raw_attr attr;
        cursor_slice(&cursor, at - 1);
        bool whole = bgp_attr_read(&cursor, &attr);
        assert(whole);
        bgp_attr_encode(&decoder->room, attr.flags | BGP_FLAG_PARTIAL, attr.code, attr.value);
    }
    decoder->attrs->unknown = room_since(decoder, start);
}

enum { LARGE_BYTES = 12 };

static struct slice large_at(struct slice communities, size_t offset)
{
    return (struct slice){communities.data + offset, LARGE_BYTES};
}

static bool stands_before(struct slice communities, size_t offset)
{
    for (size_t at = 0; at < offset; at += LARGE_BYTES)
        if (memcmp(communities.data + at, communities.data + offset, LARGE_BYTES) == 0)
            return true;
    return false;
}

/* RFC 8092 5: redundant values are removed without a word. */
static void large_deduplicate(struct decoder *decoder)
{
    struct slice *communities = &decoder->attrs->large_communities;
    size_t start = decoder->room.size;
    for (size_t at = 0; at < communities->size; at += LARGE_BYTES)
        if (!stands_before(*communities, at))
            writer_bytes(&decoder->room, large_at(*communities, at));
    *communities = room_since(decoder, start);
}

static bool ascending(struct slice communities)
{
    for (size_t at = LARGE_BYTES; at < communities.size; at += LARGE_BYTES)
        if (memcmp(communities.data + at - LARGE_BYTES, communities.data + at, LARGE_BYTES) >= 0)
            return false;
    return true;
}

/* What depends on several attributes, or on bytes of ours. */
static void rewrite(struct decoder *decoder)
{
    struct bgp_attrs *attrs = decoder->attrs;
    if (!decoder->facts.as4 && attrs->present & BGP_HAS_AS_PATH)
        as4_merge(decoder);
    if (decoder->unknown)
        unknown_collect(decoder);
    if (!ascending(attrs->large_communities))
        large_deduplicate(decoder);
    attrs->present &= ~(uint32_t)(BGP_HAS_AS4_PATH | BGP_HAS_AS4_AGGREGATOR);
    attrs->partial &= attrs->present;
    assert(!decoder->room.failed);
}

struct bgp_attr_verdict bgp_attrs_decode(struct slice section, struct bgp_attr_facts facts,
                                         struct bgp_attr_room *room, struct bgp_attrs *ret_attrs)
{
    assert(section.size <= BGP_SECTION_MAX);
    struct decoder decoder; /* unknown_at stays as it is until something unknown comes */
    memset(&decoder, 0, offsetof(struct decoder, unknown_at));
    memset(ret_attrs, 0, sizeof *ret_attrs);
    decoder.section = section;
    decoder.facts = facts;
    decoder.attrs = ret_attrs;
    decoder.room = writer_over(room->bytes, sizeof room->bytes);
    struct cursor cursor = cursor_over(section);
    struct bgp_raw_attr attr;
    while (cursor_remaining(&cursor) > 0) {
        if (bgp_attr_read(&cursor, &attr))
            attr_decode(&decoder, &attr);
        else
            cut_short(&decoder, &attr);
    }
    whole_judge(&decoder, !cursor.failed);
    if (decoder.verdict.class <= BGP_ATTR_DISCARD)
        rewrite(&decoder);
    return decoder.verdict;
}
