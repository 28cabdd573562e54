#include "wire/bgp_canonical.h"
#include "wire/bgp_as_path.h"

#include <assert.h>
#include <string.h>

#define WELL_KNOWN          BGP_FLAG_TRANSITIVE
#define OPTIONAL            BGP_FLAG_OPTIONAL
#define OPTIONAL_TRANSITIVE BGP_FLAG_OPTIONAL | BGP_FLAG_TRANSITIVE

static const struct {
    uint8_t code;
    uint8_t flags;
    const char *name;
} rows[BGP_ATTR_COUNT] = {
#define BGP_ATTR(code, id, flags, unit, length, class, name, reference)                            \
    [BGP_INDEX_##id] = {code, flags, name},
#include "wire/bgp_attr.def"
#undef BGP_ATTR
};

enum { CODE_LIMIT = BGP_CODE_LARGE_COMMUNITIES + 1 }; /* above every code of the table */

static const uint8_t places[CODE_LIMIT] = {
/* index + 1, or 0 */
#define BGP_ATTR(code, id, ...) [code] = BGP_INDEX_##id + 1,
#include "wire/bgp_attr.def"
#undef BGP_ATTR
};

int bgp_attr_index(uint8_t code)
{
    return code < CODE_LIMIT ? places[code] - 1 : -1;
}

const char *bgp_attr_name(uint8_t code)
{
    int index = bgp_attr_index(code);
    return index < 0 ? NULL : rows[index].name;
}

bool bgp_communities_contain(struct slice communities, uint32_t community)
{
    struct cursor cursor = cursor_over(communities);
    while (cursor_remaining(&cursor) > 0)
        if (cursor_u32(&cursor) == community && !cursor.failed)
            return true;
    return false;
}

/* ---- reading ---- */

bool bgp_attr_read(struct cursor *cursor, struct bgp_raw_attr *ret_attr)
{
    const uint8_t *start = cursor->at;
    struct bgp_raw_attr attr = {.flags = cursor_u8(cursor)};
    attr.code = cursor_u8(cursor);
    size_t size = attr.flags & BGP_FLAG_EXTENDED ? cursor_u16(cursor) : cursor_u8(cursor);
    if (cursor->failed)
        attr.code = 0;
    attr.value = cursor_slice(cursor, size);
    if (!cursor->failed)
        attr.whole = (struct slice){start, (size_t)(cursor->at - start)};
    *ret_attr = attr;
    return !cursor->failed;
}

bool bgp_unknown_next(struct cursor *cursor, struct bgp_raw_attr *ret_attr)
{
    struct bgp_raw_attr attr;
    while (cursor_remaining(cursor) > 0) {
        if (!bgp_attr_read(cursor, &attr))
            return false;
        if (bgp_attr_index(attr.code) >= 0)
            continue;
        attr.flags &= (uint8_t)~BGP_FLAG_EXTENDED;
        *ret_attr = attr;
        return true;
    }
    return false;
}

void bgp_attr_store(struct bgp_attrs *attrs, enum bgp_attr_index index, struct slice value)
{
    struct cursor cursor = cursor_over(value);
    switch (index) {
    case BGP_INDEX_ORIGIN:
        attrs->origin = cursor_u8(&cursor);
        break;
    case BGP_INDEX_AS_PATH:
        attrs->as_path = value;
        break;
    case BGP_INDEX_NEXT_HOP:
        attrs->next_hop = cursor_u32(&cursor);
        for (unsigned i = 0; value.size == 16 && i < 3; i++)
            attrs->next_hop = attrs->next_hop << 32 | cursor_u32(&cursor);
        break;
    case BGP_INDEX_MED:
        attrs->med = cursor_u32(&cursor);
        break;
    case BGP_INDEX_LOCAL_PREF:
        attrs->local_pref = cursor_u32(&cursor);
        break;
    case BGP_INDEX_AGGREGATOR:
        attrs->aggregator_as = cursor_u32(&cursor);
        attrs->aggregator = cursor_u32(&cursor);
        break;
    case BGP_INDEX_COMMUNITIES:
        attrs->communities = value;
        break;
    case BGP_INDEX_ORIGINATOR_ID:
        attrs->originator_id = cursor_u32(&cursor);
        break;
    case BGP_INDEX_CLUSTER_LIST:
        attrs->cluster_list = value;
        break;
    case BGP_INDEX_EXT_COMMUNITIES:
        attrs->ext_communities = value;
        break;
    case BGP_INDEX_LARGE_COMMUNITIES:
        attrs->large_communities = value;
        break;
    case BGP_INDEX_ATOMIC_AGGREGATE:
    case BGP_INDEX_MP_REACH:
    case BGP_INDEX_MP_UNREACH:
    case BGP_INDEX_AS4_PATH:
    case BGP_INDEX_AS4_AGGREGATOR:
        break;
    }
    assert(!cursor.failed);
    attrs->present |= 1u << index;
}

void bgp_attrs_decode_canonical(struct slice canonical, struct bgp_attrs *ret_attrs)
{
    memset(ret_attrs, 0, sizeof *ret_attrs);
    struct cursor cursor = cursor_over(canonical);
    struct bgp_raw_attr attr;
    while (cursor_remaining(&cursor) > 0) {
        bool whole = bgp_attr_read(&cursor, &attr);
        assert(whole);
        int index = bgp_attr_index(attr.code);
        if (index < 0) {
            ret_attrs->unknown = canonical;
            continue;
        }
        bgp_attr_store(ret_attrs, (enum bgp_attr_index)index, attr.value);
        if (attr.flags & BGP_FLAG_PARTIAL)
            ret_attrs->partial |= 1u << index;
    }
}

/* ---- writing ---- */

static void header_encode(struct writer *writer, uint8_t flags, uint8_t code, size_t size)
{
    bool extended = size > UINT8_MAX;
    flags &= BGP_FLAG_OPTIONAL | BGP_FLAG_TRANSITIVE | BGP_FLAG_PARTIAL;
    uint8_t bytes[4] = {extended ? flags | BGP_FLAG_EXTENDED : flags, code};
    if (extended) {
        bytes[2] = (uint8_t)(size >> 8);
        bytes[3] = (uint8_t)size;
    } else {
        bytes[2] = (uint8_t)size;
    }
    writer_bytes(writer, (struct slice){bytes, extended ? 4 : 3});
}

void bgp_attr_encode(struct writer *writer, uint8_t flags, uint8_t code, struct slice value)
{
    header_encode(writer, flags, code, value.size);
    writer_bytes(writer, value);
}

/* The state of one encoding. */
struct encoder {
    const struct bgp_attrs *attrs;
    struct bgp_attr_form form;
    struct writer *writer;
    struct cursor unknown;       /* behind the pending one */
    struct bgp_raw_attr pending; /* the next unknown attribute */
    bool has_pending;
};

static uint8_t flags_of(const struct encoder *encoder, enum bgp_attr_index index)
{
    bool partial = encoder->attrs->partial >> index & 1;
    return partial ? rows[index].flags | BGP_FLAG_PARTIAL : rows[index].flags;
}

static void value_encode(struct encoder *encoder, enum bgp_attr_index index, struct slice value)
{
    bgp_attr_encode(encoder->writer, flags_of(encoder, index), rows[index].code, value);
}

static void number_encode(struct encoder *encoder, enum bgp_attr_index index, uint32_t number)
{
    const uint8_t bytes[7] = {
        flags_of(encoder, index), rows[index].code,        4,
        (uint8_t)(number >> 24),  (uint8_t)(number >> 16), (uint8_t)(number >> 8),
        (uint8_t)number};
    writer_bytes(encoder->writer, (struct slice){bytes, sizeof bytes});
}

static void path_encode(struct encoder *encoder)
{
    struct slice path = encoder->attrs->as_path;
    struct bgp_attr_form form = encoder->form;
    header_encode(encoder->writer, flags_of(encoder, BGP_INDEX_AS_PATH), BGP_CODE_AS_PATH,
                  bgp_as_path_export_size(path, form.own_as, form.as4));
    bgp_as_path_export(path, form.own_as, form.as4, encoder->writer);
}

/* RFC 6793 4.2.2: where its AS number does not fit, the whole truth is in AS4_AGGREGATOR. */
static void aggregator_encode(struct encoder *encoder)
{
    const struct bgp_attrs *attrs = encoder->attrs;
    struct writer *writer = encoder->writer;
    bool as4 = encoder->form.as4;
    header_encode(writer, flags_of(encoder, BGP_INDEX_AGGREGATOR), BGP_CODE_AGGREGATOR,
                  as4 ? 8 : 6);
    if (as4)
        writer_u32(writer, attrs->aggregator_as);
    else
        writer_u16(writer, (uint16_t)(attrs->aggregator_as > UINT16_MAX ? BGP_AS_TRANS
                                                                        : attrs->aggregator_as));
    writer_u32(writer, attrs->aggregator);
}

/* AS4_PATH and AS4_AGGREGATOR are ours, so never partial. */
static void as4_path_encode(struct encoder *encoder)
{
    struct slice path = encoder->attrs->as_path;
    uint32_t own_as = encoder->form.own_as;
    header_encode(encoder->writer, OPTIONAL_TRANSITIVE, BGP_CODE_AS4_PATH,
                  bgp_as_path_export_size(path, own_as, true));
    bgp_as_path_export(path, own_as, true, encoder->writer);
}

static void as4_aggregator_encode(struct encoder *encoder)
{
    header_encode(encoder->writer, OPTIONAL_TRANSITIVE, BGP_CODE_AS4_AGGREGATOR, 8);
    writer_u32(encoder->writer, encoder->attrs->aggregator_as);
    writer_u32(encoder->writer, encoder->attrs->aggregator);
}

/* What is to be written: all that is present but routes; and what a two-octet neighbor needs. */
static uint32_t written(const struct bgp_attrs *attrs, struct bgp_attr_form form)
{
    uint32_t set = attrs->present & ~(uint32_t)(BGP_HAS_MP_REACH | BGP_HAS_MP_UNREACH |
                                                BGP_HAS_AS4_PATH | BGP_HAS_AS4_AGGREGATOR);
    if (form.as4)
        return set;
    if (set & BGP_HAS_AS_PATH && bgp_as_path_needs_as4(attrs->as_path, form.own_as))
        set |= BGP_HAS_AS4_PATH;
    if (set & BGP_HAS_AGGREGATOR && attrs->aggregator_as > UINT16_MAX)
        set |= BGP_HAS_AS4_AGGREGATOR;
    return set;
}

/* An address of IPv6 stands in canonical form where IPv4's does. */
static void next_hop_encode(struct encoder *encoder, ip_addr next_hop)
{
    uint8_t bytes[16];
    unsigned size = ip_is_six(next_hop) ? 16 : 4;
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(next_hop >> (8 * (size - 1 - i)));
    value_encode(encoder, BGP_INDEX_NEXT_HOP, (struct slice){bytes, size});
}

static void one_encode(struct encoder *encoder, enum bgp_attr_index index, size_t *ret_next_hop)
{
    const struct bgp_attrs *attrs = encoder->attrs;
    switch (index) {
    case BGP_INDEX_ORIGIN:
        value_encode(encoder, index, (struct slice){&attrs->origin, 1});
        break;
    case BGP_INDEX_AS_PATH:
        path_encode(encoder);
        break;
    case BGP_INDEX_NEXT_HOP:
        next_hop_encode(encoder, attrs->next_hop);
        *ret_next_hop = encoder->writer->size - 4;
        break;
    case BGP_INDEX_MED:
        number_encode(encoder, index, attrs->med);
        break;
    case BGP_INDEX_LOCAL_PREF:
        number_encode(encoder, index, attrs->local_pref);
        break;
    case BGP_INDEX_ATOMIC_AGGREGATE:
        value_encode(encoder, index, (struct slice){NULL, 0});
        break;
    case BGP_INDEX_AGGREGATOR:
        aggregator_encode(encoder);
        break;
    case BGP_INDEX_COMMUNITIES:
        value_encode(encoder, index, attrs->communities);
        break;
    case BGP_INDEX_ORIGINATOR_ID:
        number_encode(encoder, index, attrs->originator_id);
        break;
    case BGP_INDEX_CLUSTER_LIST:
        value_encode(encoder, index, attrs->cluster_list);
        break;
    case BGP_INDEX_EXT_COMMUNITIES:
        value_encode(encoder, index, attrs->ext_communities);
        break;
    case BGP_INDEX_AS4_PATH:
        as4_path_encode(encoder);
        break;
    case BGP_INDEX_AS4_AGGREGATOR:
        as4_aggregator_encode(encoder);
        break;
    case BGP_INDEX_LARGE_COMMUNITIES:
        value_encode(encoder, index, attrs->large_communities);
        break;
    case BGP_INDEX_MP_REACH:
    case BGP_INDEX_MP_UNREACH:
        break;
    }
}

/* The unknown attributes whose codes are below limit. */
static void unknown_encode(struct encoder *encoder, unsigned limit)
{
    while (encoder->has_pending && encoder->pending.code < limit) {
        const struct bgp_raw_attr *attr = &encoder->pending;
        bgp_attr_encode(encoder->writer, attr->flags, attr->code, attr->value);
        encoder->has_pending = bgp_unknown_next(&encoder->unknown, &encoder->pending);
    }
}

void bgp_attrs_encode(const struct bgp_attrs *attrs, struct bgp_attr_form form,
                      struct writer *writer, size_t *ret_next_hop)
{
    struct encoder encoder = {attrs, form, writer, cursor_over(attrs->unknown), {0}, false};
    encoder.has_pending = bgp_unknown_next(&encoder.unknown, &encoder.pending);
    uint32_t set = written(attrs, form);
    while (set != 0) {
        unsigned index = (unsigned)__builtin_ctz(set);
        set &= set - 1;
        unknown_encode(&encoder, rows[index].code);
        one_encode(&encoder, (enum bgp_attr_index)index, ret_next_hop);
    }
    unknown_encode(&encoder, 256);
}

void bgp_attrs_encode_canonical(const struct bgp_attrs *attrs, struct writer *writer)
{
    size_t next_hop;
    bgp_attrs_encode(attrs, (struct bgp_attr_form){.as4 = true}, writer, &next_hop);
}
