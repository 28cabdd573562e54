#include "wire/bgp_message.h"

#include <assert.h>
#include <string.h>

static const uint8_t marker[BGP_MARKER_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static struct bgp_error error_of(uint8_t code, uint8_t subcode, struct slice bytes)
{
    return (struct bgp_error){code, subcode, bytes};
}

static struct bgp_error bare_error(uint8_t code, uint8_t subcode)
{
    return error_of(code, subcode, (struct slice){NULL, 0});
}

/* ---- the stream ---- */

/* May a message of this type have this length? (RFC 4271 6.1) */
static bool length_allowed(uint8_t type, size_t length)
{
    switch (type) {
    case BGP_OPEN:
        return length >= BGP_OPEN_MIN;
    case BGP_UPDATE:
        return length >= BGP_UPDATE_MIN;
    case BGP_NOTIFICATION:
        return length >= BGP_NOTIFICATION_MIN;
    case BGP_KEEPALIVE:
        return length == BGP_KEEPALIVE_BYTES;
    default:
        return length >= BGP_REFRESH_BYTES;
    }
}

enum bgp_frame_verdict bgp_frame(struct slice stream, struct bgp_frame *ret_frame,
                                 struct bgp_error *ret_error)
{
    enum { LENGTH_AT = BGP_MARKER_BYTES, TYPE_AT = BGP_MARKER_BYTES + 2 };
    size_t marked = stream.size < BGP_MARKER_BYTES ? stream.size : BGP_MARKER_BYTES;
    if (marked > 0 && memcmp(stream.data, marker, marked) != 0) {
        *ret_error = bare_error(BGP_ERROR_HEADER, BGP_HEADER_NOT_SYNCHRONIZED);
        return BGP_FRAME_BAD;
    }
    if (stream.size < TYPE_AT)
        return BGP_FRAME_SHORT;
    struct cursor cursor = cursor_over(stream);
    cursor_slice(&cursor, BGP_MARKER_BYTES);
    size_t length = cursor_u16(&cursor);
    struct slice length_field = {stream.data + LENGTH_AT, 2};
    if (length < BGP_HEADER_BYTES || length > BGP_MESSAGE_MAX) {
        *ret_error = error_of(BGP_ERROR_HEADER, BGP_HEADER_BAD_LENGTH, length_field);
        return BGP_FRAME_BAD;
    }
    if (stream.size < BGP_HEADER_BYTES)
        return BGP_FRAME_SHORT;
    uint8_t type = cursor_u8(&cursor);
    if (type < BGP_OPEN || type > BGP_ROUTE_REFRESH) {
        struct slice type_field = {stream.data + TYPE_AT, 1};
        *ret_error = error_of(BGP_ERROR_HEADER, BGP_HEADER_BAD_TYPE, type_field);
        return BGP_FRAME_BAD;
    }
    if (!length_allowed(type, length)) {
        *ret_error = error_of(BGP_ERROR_HEADER, BGP_HEADER_BAD_LENGTH, length_field);
        return BGP_FRAME_BAD;
    }
    struct slice body = cursor_slice(&cursor, length - BGP_HEADER_BYTES);
    if (cursor.failed)
        return BGP_FRAME_SHORT;
    *ret_frame = (struct bgp_frame){(enum bgp_type)type, body, length};
    return BGP_FRAME_WHOLE;
}

/* Writes a header; its length is filled in by message_finish, which is given what this returned. */
static size_t message_begin(struct writer *writer, enum bgp_type type)
{
    size_t start = writer->size;
    writer_bytes(writer, (struct slice){marker, sizeof marker});
    writer_u16(writer, 0);
    writer_u8(writer, (uint8_t)type);
    return start;
}

static void message_finish(struct writer *writer, size_t start)
{
    if (!writer->failed)
        writer_patch_u16(writer, start + BGP_MARKER_BYTES, (uint16_t)(writer->size - start));
}

/* ---- OPEN ---- */

enum { PARAMETER_CAPABILITIES = 2, PARAMETER_EXTENDED = 255 };

uint32_t bgp_open_as(const struct bgp_open *open)
{
    return open->has_as4 ? open->as4 : open->as2;
}

static bool family_listed(const struct bgp_family *families, unsigned count, uint16_t afi,
                          uint8_t safi)
{
    for (unsigned i = 0; i < count; i++)
        if (families[i].afi == afi && families[i].safi == safi)
            return true;
    return false;
}

bool bgp_open_has_family(const struct bgp_open *open, uint16_t afi, uint8_t safi)
{
    return family_listed(open->families, open->family_count, afi, safi);
}

/* False when the list is full; a family that is in it already stays as it is. */
static bool family_add(struct bgp_family *families, uint8_t *count, struct bgp_family family)
{
    if (family_listed(families, *count, family.afi, family.safi))
        return true;
    if (*count == BGP_FAMILIES_MAX)
        return false;
    families[(*count)++] = family;
    return true;
}

/* RFC 4760 8: AFI, a reserved byte, SAFI. */
static bool multiprotocol_decode(struct slice value, struct bgp_open *open)
{
    struct cursor cursor = cursor_over(value);
    struct bgp_family family = {.afi = cursor_u16(&cursor)};
    cursor_u8(&cursor);
    family.safi = cursor_u8(&cursor);
    if (cursor.failed || cursor_remaining(&cursor) > 0)
        return false;
    if (!family_add(open->families, &open->family_count, family))
        open->unknown_count++;
    return true;
}

static bool as4_decode(struct slice value, struct bgp_open *open)
{
    struct cursor cursor = cursor_over(value);
    uint32_t asn = cursor_u32(&cursor);
    if (cursor.failed || cursor_remaining(&cursor) > 0)
        return false;
    if (!open->has_as4)
        open->as4 = asn;
    open->has_as4 = true;
    return true;
}

/* RFC 4724 3: four bits of flags, twelve of seconds, then AFI, SAFI, flags of each family. */
static void graceful_restart_decode(struct slice value, struct bgp_open *open)
{
    struct cursor cursor = cursor_over(value);
    uint16_t flags_time = cursor_u16(&cursor);
    if (cursor.failed || cursor_remaining(&cursor) % 4 != 0) {
        open->unknown_count++;
        return;
    }
    open->graceful_restart = true;
    open->restart_flags = (uint8_t)(flags_time >> 12);
    open->restart_time_s = flags_time & 0xfff;
    open->restart_family_count = 0;
    while (cursor_remaining(&cursor) > 0) {
        struct bgp_family family = {.afi = cursor_u16(&cursor)};
        family.safi = cursor_u8(&cursor);
        family.flags = cursor_u8(&cursor);
        if (!family_add(open->restart_families, &open->restart_family_count, family))
            open->unknown_count++;
    }
}

static bool capability_decode(uint8_t code, struct slice value, struct bgp_open *open)
{
    switch (code) {
    case BGP_CAP_MULTIPROTOCOL:
        return multiprotocol_decode(value, open);
    case BGP_CAP_AS4:
        return as4_decode(value, open);
    case BGP_CAP_REFRESH:
        open->refresh = true;
        return true;
    case BGP_CAP_ENHANCED_REFRESH:
        open->enhanced_refresh = true;
        return true;
    case BGP_CAP_GRACEFUL_RESTART:
        graceful_restart_decode(value, open);
        return true;
    default:
        open->unknown_count++;
        return true;
    }
}

static bool capabilities_decode(struct slice parameter, struct bgp_open *open)
{
    struct cursor cursor = cursor_over(parameter);
    open->capabilities = true;
    while (cursor_remaining(&cursor) > 0) {
        uint8_t code = cursor_u8(&cursor);
        struct slice value = cursor_slice(&cursor, cursor_u8(&cursor));
        if (cursor.failed || !capability_decode(code, value, open))
            return false;
    }
    return true;
}

/* The subcode of what is wrong; negative when nothing is. parameters: from the length on. */
static int parameters_decode(struct slice parameters, struct bgp_open *open)
{
    struct cursor cursor = cursor_over(parameters);
    size_t length = cursor_u8(&cursor);
    struct cursor ahead = cursor;
    bool extended = length > 0 && cursor_u8(&ahead) == PARAMETER_EXTENDED; /* RFC 9072 2 */
    if (extended) {
        cursor_u8(&cursor);
        length = cursor_u16(&cursor);
    }
    if (cursor.failed || cursor_remaining(&cursor) != length)
        return BGP_UNSPECIFIC;
    while (cursor_remaining(&cursor) > 0) {
        uint8_t type = cursor_u8(&cursor);
        size_t size = extended ? cursor_u16(&cursor) : cursor_u8(&cursor);
        struct slice value = cursor_slice(&cursor, size);
        if (cursor.failed)
            return BGP_UNSPECIFIC;
        if (type != PARAMETER_CAPABILITIES)
            return BGP_OPEN_UNSUPPORTED_PARAMETER;
        if (!capabilities_decode(value, open))
            return BGP_UNSPECIFIC;
    }
    return -1;
}

bool bgp_open_decode(struct slice body, struct bgp_open *ret_open, struct bgp_error *ret_error)
{
    static const uint8_t highest_version[2] = {0, BGP_VERSION};
    struct cursor cursor = cursor_over(body);
    struct bgp_open open = {.version = cursor_u8(&cursor)};
    open.as2 = cursor_u16(&cursor);
    open.hold_time_s = cursor_u16(&cursor);
    open.identifier = cursor_u32(&cursor);
    if (cursor.failed) {
        *ret_error = bare_error(BGP_ERROR_OPEN, BGP_UNSPECIFIC);
        return false;
    }
    if (open.version != BGP_VERSION) {
        struct slice version = {highest_version, sizeof highest_version};
        *ret_error = error_of(BGP_ERROR_OPEN, BGP_OPEN_UNSUPPORTED_VERSION, version);
        return false;
    }
    if (open.hold_time_s > 0 && open.hold_time_s < BGP_HOLD_TIME_MIN_S) {
        *ret_error = bare_error(BGP_ERROR_OPEN, BGP_OPEN_UNACCEPTABLE_HOLD_TIME);
        return false;
    }
    if (open.identifier == 0) {
        *ret_error = bare_error(BGP_ERROR_OPEN, BGP_OPEN_BAD_IDENTIFIER);
        return false;
    }
    int subcode = parameters_decode(cursor_rest(&cursor), &open);
    if (subcode >= 0) {
        *ret_error = bare_error(BGP_ERROR_OPEN, (uint8_t)subcode);
        return false;
    }
    *ret_open = open;
    return true;
}

static void capability_encode(struct writer *writer, enum bgp_capability code, size_t size)
{
    writer_u8(writer, (uint8_t)code);
    writer_u8(writer, (uint8_t)size);
}

static void graceful_restart_encode(const struct bgp_open *open, struct writer *writer)
{
    capability_encode(writer, BGP_CAP_GRACEFUL_RESTART, 2 + 4u * open->restart_family_count);
    writer_u16(writer,
               (uint16_t)((open->restart_flags & 0xf) << 12 | (open->restart_time_s & 0xfff)));
    for (unsigned i = 0; i < open->restart_family_count; i++) {
        writer_u16(writer, open->restart_families[i].afi);
        writer_u8(writer, open->restart_families[i].safi);
        writer_u8(writer, open->restart_families[i].flags);
    }
}

static void capabilities_encode(const struct bgp_open *open, struct writer *writer)
{
    for (unsigned i = 0; i < open->family_count; i++) {
        capability_encode(writer, BGP_CAP_MULTIPROTOCOL, 4);
        writer_u16(writer, open->families[i].afi);
        writer_u8(writer, 0);
        writer_u8(writer, open->families[i].safi);
    }
    if (open->refresh)
        capability_encode(writer, BGP_CAP_REFRESH, 0);
    if (open->graceful_restart)
        graceful_restart_encode(open, writer);
    if (open->has_as4) {
        capability_encode(writer, BGP_CAP_AS4, 4);
        writer_u32(writer, open->as4);
    }
    if (open->enhanced_refresh)
        capability_encode(writer, BGP_CAP_ENHANCED_REFRESH, 0);
}

void bgp_open_encode(const struct bgp_open *open, struct writer *writer)
{
    assert(open->family_count <= BGP_FAMILIES_MAX);
    assert(open->restart_family_count <= BGP_FAMILIES_MAX);
    size_t start = message_begin(writer, BGP_OPEN);
    writer_u8(writer, open->version);
    writer_u16(writer, open->as2);
    writer_u16(writer, open->hold_time_s);
    writer_u32(writer, open->identifier);
    size_t length_at = writer->size;
    writer_u8(writer, 0);
    if (open->capabilities) {
        writer_u8(writer, PARAMETER_CAPABILITIES);
        writer_u8(writer, 0);
        capabilities_encode(open, writer);
        /* At most 16 * 6 + 2 + 68 + 6 + 2 bytes, so both lengths fit in theirs. */
        if (!writer->failed) {
            writer_patch_u8(writer, length_at, (uint8_t)(writer->size - length_at - 1));
            writer_patch_u8(writer, length_at + 2, (uint8_t)(writer->size - length_at - 3));
        }
    }
    message_finish(writer, start);
}

/* ---- NOTIFICATION, KEEPALIVE, ROUTE-REFRESH ---- */

static bool carries_text(uint8_t code, uint8_t subcode)
{
    return code == BGP_ERROR_CEASE && (subcode == BGP_CEASE_SHUTDOWN || subcode == BGP_CEASE_RESET);
}

struct bgp_notification bgp_notification_decode(struct slice body)
{
    struct cursor cursor = cursor_over(body);
    struct bgp_notification notification = {.code = cursor_u8(&cursor)};
    notification.subcode = cursor_u8(&cursor);
    notification.data = cursor_rest(&cursor);
    if (carries_text(notification.code, notification.subcode)) {
        struct cursor text = cursor_over(notification.data);
        notification.text = cursor_slice(&text, cursor_u8(&text));
    }
    return notification;
}

void bgp_notification_encode(struct bgp_error error, struct writer *writer)
{
    const size_t most = BGP_MESSAGE_MAX - BGP_NOTIFICATION_MIN;
    if (error.data.size > most)
        error.data.size = most;
    size_t start = message_begin(writer, BGP_NOTIFICATION);
    writer_u8(writer, error.code);
    writer_u8(writer, error.subcode);
    writer_bytes(writer, error.data);
    message_finish(writer, start);
}

void bgp_shutdown_encode(uint8_t subcode, struct slice text, struct writer *writer)
{
    assert(carries_text(BGP_ERROR_CEASE, subcode));
    size_t size = text.size;
    if (size > BGP_SHUTDOWN_TEXT_MAX) {
        size = BGP_SHUTDOWN_TEXT_MAX;
        while (size > 0 && (text.data[size] & 0xc0) == 0x80) /* inside a UTF-8 character */
            size--;
    }
    size_t start = message_begin(writer, BGP_NOTIFICATION);
    writer_u8(writer, BGP_ERROR_CEASE);
    writer_u8(writer, subcode);
    writer_u8(writer, (uint8_t)size);
    writer_bytes(writer, (struct slice){text.data, size});
    message_finish(writer, start);
}

void bgp_keepalive_encode(struct writer *writer)
{
    message_finish(writer, message_begin(writer, BGP_KEEPALIVE));
}

bool bgp_refresh_decode(struct slice message, struct bgp_refresh *ret_refresh,
                        struct bgp_error *ret_error)
{
    struct cursor cursor = cursor_over(message);
    cursor_slice(&cursor, BGP_HEADER_BYTES);
    struct bgp_refresh refresh = {.afi = cursor_u16(&cursor)};
    refresh.kind = cursor_u8(&cursor);
    refresh.safi = cursor_u8(&cursor);
    bool demarcation = refresh.kind == BGP_REFRESH_BEGIN || refresh.kind == BGP_REFRESH_END;
    if (cursor.failed || (demarcation && cursor_remaining(&cursor) > 0)) {
        *ret_error = error_of(BGP_ERROR_REFRESH, BGP_REFRESH_BAD_LENGTH, message);
        return false;
    }
    *ret_refresh = refresh;
    return true;
}

void bgp_refresh_encode(struct bgp_refresh refresh, struct writer *writer)
{
    size_t start = message_begin(writer, BGP_ROUTE_REFRESH);
    writer_u16(writer, refresh.afi);
    writer_u8(writer, refresh.kind);
    writer_u8(writer, refresh.safi);
    message_finish(writer, start);
}

/* ---- UPDATE, cut in three ---- */

bool bgp_update_split(struct slice body, struct bgp_update_fields *ret_fields,
                      struct bgp_error *ret_error)
{
    struct cursor cursor = cursor_over(body);
    struct bgp_update_fields fields = {.withdrawn = cursor_slice(&cursor, cursor_u16(&cursor))};
    fields.attributes = cursor_slice(&cursor, cursor_u16(&cursor));
    fields.nlri = cursor_rest(&cursor);
    if (cursor.failed) {
        *ret_error = bare_error(BGP_ERROR_UPDATE, BGP_UPDATE_MALFORMED_LIST);
        return false;
    }
    *ret_fields = fields;
    return true;
}
