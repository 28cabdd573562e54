#include "wire/vici.h"

#include "base/text.h"

#include <assert.h>

static bool has_name(enum vici_packet_type type)
{
    return type == VICI_REQUEST || type == VICI_REGISTER || type == VICI_UNREGISTER ||
           type == VICI_EVENT;
}

enum vici_verdict vici_packet(struct slice stream, struct vici_packet *ret_packet)
{
    struct cursor cursor = cursor_over(stream);
    uint32_t size = cursor_u32(&cursor);
    if (cursor.failed)
        return VICI_MORE;
    if (size == 0 || size > VICI_PACKET_MAX)
        return VICI_BAD;
    uint8_t type = stream.size > VICI_LENGTH_BYTES ? stream.data[VICI_LENGTH_BYTES] : 0;
    if (type >= VICI_PACKET_TYPES)
        return VICI_BAD;
    struct slice content = cursor_slice(&cursor, size);
    if (cursor.failed)
        return VICI_MORE;
    struct vici_packet packet = {.type = (enum vici_packet_type)type,
                                 .size_bytes = VICI_LENGTH_BYTES + size};
    cursor = cursor_over(content);
    cursor_u8(&cursor);
    if (has_name(packet.type))
        packet.name = cursor_slice(&cursor, cursor_u8(&cursor));
    if (cursor.failed)
        return VICI_BAD;
    packet.message = cursor_rest(&cursor);
    *ret_packet = packet;
    return VICI_WHOLE;
}

bool vici_next(struct cursor *cursor, struct vici_element *ret_element)
{
    if (cursor_remaining(cursor) == 0)
        return false;
    uint8_t type = cursor_u8(cursor);
    struct vici_element element = {.type = (enum vici_element_type)type};
    if (type < VICI_SECTION || type > VICI_LIST_END)
        cursor->failed = true;
    if (type == VICI_SECTION || type == VICI_KEY_VALUE || type == VICI_LIST)
        element.name = cursor_slice(cursor, cursor_u8(cursor));
    if (type == VICI_KEY_VALUE || type == VICI_LIST_ITEM)
        element.value = cursor_slice(cursor, cursor_u16(cursor));
    if (cursor->failed)
        return false;
    *ret_element = element;
    return true;
}

bool vici_message_check(struct slice message)
{
    struct cursor cursor = cursor_over(message);
    struct vici_element element;
    unsigned depth = 0;
    bool in_list = false;
    while (vici_next(&cursor, &element)) {
        bool of_list = element.type == VICI_LIST_ITEM || element.type == VICI_LIST_END;
        if (in_list != of_list)
            return false;
        if (element.type == VICI_LIST || element.type == VICI_LIST_END)
            in_list = element.type == VICI_LIST;
        if (element.type == VICI_SECTION && depth++ == VICI_DEPTH_MAX)
            return false;
        if (element.type == VICI_SECTION_END && depth-- == 0)
            return false;
    }
    return !cursor.failed && depth == 0 && !in_list;
}

void vici_skip(struct cursor *cursor)
{
    struct vici_element element;
    unsigned depth = 1;
    while (depth > 0 && vici_next(cursor, &element)) {
        if (element.type == VICI_SECTION || element.type == VICI_LIST)
            depth++;
        if (element.type == VICI_SECTION_END || element.type == VICI_LIST_END)
            depth--;
    }
}

static struct slice slice_of_text(const char *text)
{
    size_t size = 0;
    while (size <= VICI_VALUE_MAX && text[size]) /* one byte too many is too many */
        size++;
    return (struct slice){(const uint8_t *)text, size};
}

bool vici_find(struct slice message, const char *key, struct slice *ret_value)
{
    struct cursor cursor = cursor_over(message);
    struct vici_element element;
    while (vici_next(&cursor, &element)) {
        if (element.type == VICI_SECTION || element.type == VICI_LIST)
            vici_skip(&cursor);
        if (element.type == VICI_KEY_VALUE && slice_equal(element.name, slice_of_text(key))) {
            *ret_value = element.value;
            return true;
        }
    }
    return false;
}

static void add_name(struct writer *writer, const char *name)
{
    struct slice bytes = slice_of_text(name);
    if (bytes.size > VICI_NAME_MAX)
        writer->failed = true;
    writer_u8(writer, (uint8_t)bytes.size);
    writer_bytes(writer, bytes);
}

static void add_value(struct writer *writer, struct slice value)
{
    if (value.size > VICI_VALUE_MAX)
        writer->failed = true;
    writer_u16(writer, (uint16_t)value.size);
    writer_bytes(writer, value);
}

void vici_begin(struct writer *writer, enum vici_packet_type type, const char *name)
{
    assert(writer->size == 0 && has_name(type) == (name != NULL));
    writer_u32(writer, 0);
    writer_u8(writer, (uint8_t)type);
    if (name)
        add_name(writer, name);
}

void vici_end(struct writer *writer)
{
    size_t size = writer->size - VICI_LENGTH_BYTES;
    if (writer->failed || size > VICI_PACKET_MAX) {
        writer->failed = true;
        return;
    }
    writer_patch_u16(writer, 0, (uint16_t)(size >> 16));
    writer_patch_u16(writer, 2, (uint16_t)size);
}

void vici_section(struct writer *writer, const char *name)
{
    writer_u8(writer, VICI_SECTION);
    add_name(writer, name);
}

void vici_section_end(struct writer *writer)
{
    writer_u8(writer, VICI_SECTION_END);
}

void vici_key(struct writer *writer, const char *name, struct slice value)
{
    writer_u8(writer, VICI_KEY_VALUE);
    add_name(writer, name);
    add_value(writer, value);
}

void vici_key_text(struct writer *writer, const char *name, const char *value)
{
    vici_key(writer, name, slice_of_text(value));
}

void vici_key_u64(struct writer *writer, const char *name, uint64_t value)
{
    char digits[24];
    struct text text = text_over(digits, sizeof digits);
    text_u64(&text, value);
    vici_key_text(writer, name, digits);
}

void vici_list(struct writer *writer, const char *name)
{
    writer_u8(writer, VICI_LIST);
    add_name(writer, name);
}

void vici_list_item(struct writer *writer, struct slice value)
{
    writer_u8(writer, VICI_LIST_ITEM);
    add_value(writer, value);
}

void vici_list_text(struct writer *writer, const char *value)
{
    vici_list_item(writer, slice_of_text(value));
}

void vici_list_end(struct writer *writer)
{
    writer_u8(writer, VICI_LIST_END);
}
