#include "wire/bgp_as_path.h"
#include "wire/bgp_message.h"

#include <assert.h>

static bool is_confed(uint8_t type)
{
    return type == BGP_AS_CONFED_SEQUENCE || type == BGP_AS_CONFED_SET;
}

/* width: bytes of an AS number, 2 or 4 */
static bool segment_next(struct cursor *cursor, unsigned width, struct bgp_segment *ret_segment)
{
    struct bgp_segment segment = {.type = cursor_u8(cursor)};
    segment.count = cursor_u8(cursor);
    segment.asns = cursor_slice(cursor, (size_t)segment.count * width);
    if (cursor->failed)
        return false;
    *ret_segment = segment;
    return true;
}

bool bgp_as_path_next(struct cursor *cursor, struct bgp_segment *ret_segment)
{
    return segment_next(cursor, 4, ret_segment);
}

static uint32_t read_as(struct slice asns, unsigned index, unsigned width)
{
    assert((size_t)(index + 1) * width <= asns.size);
    const uint8_t *at = asns.data + (size_t)index * width;
    if (width == 2)
        return (uint32_t)at[0] << 8 | at[1];
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint32_t bgp_segment_as(const struct bgp_segment *segment, unsigned index)
{
    return read_as(segment->asns, index, 4);
}

static unsigned segment_length(const struct bgp_segment *segment)
{
    if (is_confed(segment->type))
        return 0;
    return segment->type == BGP_AS_SET ? 1 : segment->count;
}

static unsigned path_length(struct slice path, unsigned width)
{
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    unsigned length = 0;
    while (segment_next(&cursor, width, &segment))
        length += segment_length(&segment);
    return length;
}

unsigned bgp_as_path_length(struct slice path)
{
    return path_length(path, 4);
}

uint32_t bgp_as_path_first(struct slice path)
{
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment))
        if (!is_confed(segment.type))
            return segment.type == BGP_AS_SEQUENCE ? bgp_segment_as(&segment, 0) : 0;
    return 0;
}

uint32_t bgp_as_path_origin(struct slice path)
{
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    uint32_t origin = 0;
    while (bgp_as_path_next(&cursor, &segment))
        origin = segment.type == BGP_AS_SEQUENCE ? bgp_segment_as(&segment, segment.count - 1u) : 0;
    return origin;
}

bool bgp_as_path_contains(struct slice path, uint32_t asn)
{
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment))
        for (unsigned i = 0; i < segment.count; i++)
            if (bgp_segment_as(&segment, i) == asn)
                return true;
    return false;
}

/* ---- rewriting ---- */

/* The first count AS numbers of a segment, read in one width and written in another. */
static void segment_write(const struct bgp_segment *segment, unsigned count, unsigned width,
                          bool as4, struct writer *writer)
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t asn = read_as(segment->asns, i, width);
        if (as4)
            writer_u32(writer, asn);
        else
            writer_u16(writer, (uint16_t)(asn > UINT16_MAX ? BGP_AS_TRANS : asn));
    }
}

static void segment_begin(uint8_t type, unsigned count, struct writer *writer)
{
    assert(count > 0 && count <= BGP_SEGMENT_MAX);
    writer_u8(writer, type);
    writer_u8(writer, (uint8_t)count);
}

void bgp_as_path_widen(struct slice narrow, struct writer *writer)
{
    struct cursor cursor = cursor_over(narrow);
    struct bgp_segment segment;
    while (segment_next(&cursor, 2, &segment)) {
        segment_begin(segment.type, segment.count, writer);
        segment_write(&segment, segment.count, 2, true, writer);
    }
}

/* Writes the last sequence of the leading part and the first segment of AS4_PATH, as one where that
 * can be. */
static void junction_write(const struct bgp_segment *lead, unsigned lead_count,
                           struct cursor *as4_path, struct writer *writer)
{
    struct bgp_segment next;
    struct cursor ahead = *as4_path;
    bool joins = bgp_as_path_next(&ahead, &next) && next.type == BGP_AS_SEQUENCE &&
                 lead_count + next.count <= BGP_SEGMENT_MAX;
    segment_begin(BGP_AS_SEQUENCE, joins ? lead_count + next.count : lead_count, writer);
    segment_write(lead, lead_count, 2, true, writer);
    if (joins) {
        writer_bytes(writer, next.asns);
        *as4_path = ahead;
    }
}

void bgp_as_path_merge(struct slice narrow, struct slice as4_path, struct writer *writer)
{
    unsigned narrow_length = path_length(narrow, 2), as4_length = path_length(as4_path, 4);
    if (narrow_length < as4_length) {
        bgp_as_path_widen(narrow, writer);
        return;
    }
    unsigned missing = narrow_length - as4_length; /* to be taken from the leading part */
    struct cursor cursor = cursor_over(narrow), tail = cursor_over(as4_path);
    struct bgp_segment segment;
    while (segment_next(&cursor, 2, &segment)) {
        unsigned length = segment_length(&segment);
        if (missing == 0)
            break;
        if (segment.type == BGP_AS_SEQUENCE && length >= missing) {
            junction_write(&segment, missing, &tail, writer);
            break;
        }
        segment_begin(segment.type, segment.count, writer);
        segment_write(&segment, segment.count, 2, true, writer);
        missing -= length;
    }
    writer_bytes(writer, cursor_rest(&tail));
}

void bgp_as_path_without_confed(struct slice path, struct writer *writer)
{
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment)) {
        if (is_confed(segment.type))
            continue;
        segment_begin(segment.type, segment.count, writer);
        writer_bytes(writer, segment.asns);
    }
}

/* Does own_as go into the path's first segment? */
static bool prepend_joins(struct slice path)
{
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    return bgp_as_path_next(&cursor, &segment) && segment.type == BGP_AS_SEQUENCE &&
           segment.count < BGP_SEGMENT_MAX;
}

size_t bgp_as_path_export_size(struct slice path, uint32_t own_as, bool as4)
{
    size_t width = as4 ? 4 : 2;
    size_t size = own_as == 0 ? 0 : prepend_joins(path) ? width : 2 + width;
    if (as4)
        return size + path.size;
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment))
        size += 2 + 2u * segment.count;
    return size;
}

void bgp_as_path_export(struct slice path, uint32_t own_as, bool as4, struct writer *writer)
{
    const uint8_t own_bytes[4] = {(uint8_t)(own_as >> 24), (uint8_t)(own_as >> 16),
                                  (uint8_t)(own_as >> 8), (uint8_t)own_as};
    const struct bgp_segment own = {BGP_AS_SEQUENCE, 1, {own_bytes, sizeof own_bytes}};
    bool joins = own_as != 0 && prepend_joins(path);
    if (own_as != 0 && !joins) {
        segment_begin(BGP_AS_SEQUENCE, 1, writer);
        segment_write(&own, 1, 4, as4, writer);
    }
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment)) {
        segment_begin(segment.type, segment.count + (joins ? 1u : 0u), writer);
        if (joins)
            segment_write(&own, 1, 4, as4, writer);
        joins = false;
        if (as4)
            writer_bytes(writer, segment.asns);
        else
            segment_write(&segment, segment.count, 4, false, writer);
    }
}

bool bgp_as_path_needs_as4(struct slice path, uint32_t own_as)
{
    if (own_as > UINT16_MAX)
        return true;
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment)) {
        for (unsigned i = 0; i < segment.count; i++)
            if (bgp_segment_as(&segment, i) > UINT16_MAX)
                return true;
    }
    return false;
}
