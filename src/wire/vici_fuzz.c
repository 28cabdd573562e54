/* charon's stream: cut into packets, each message walked; what is right is written again and must
 * come back the same. */
#include "wire/vici.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *text_of(struct slice name)
{
    static char text[VICI_NAME_MAX + 1];
    memcpy(text, name.data, name.size);
    text[name.size] = 0;
    return text;
}

static void write_element(struct writer *writer, const struct vici_element *element)
{
    switch (element->type) {
    case VICI_SECTION:
        vici_section(writer, text_of(element->name));
        break;
    case VICI_SECTION_END:
        vici_section_end(writer);
        break;
    case VICI_KEY_VALUE:
        vici_key(writer, text_of(element->name), element->value);
        break;
    case VICI_LIST:
        vici_list(writer, text_of(element->name));
        break;
    case VICI_LIST_ITEM:
        vici_list_item(writer, element->value);
        break;
    case VICI_LIST_END:
        vici_list_end(writer);
        break;
    }
}

static void message_again(struct slice message)
{
    static uint8_t room[VICI_PACKET_MAX];
    struct writer writer = writer_over(room, sizeof room);
    struct cursor cursor = cursor_over(message);
    struct vici_element element;
    bool has_zero = false; /* in a name: C's text ends there */
    while (vici_next(&cursor, &element)) {
        has_zero |= element.name.size > 0 && memchr(element.name.data, 0, element.name.size);
        write_element(&writer, &element);
    }
    assert(!cursor.failed);
    assert(has_zero || (!writer.failed && slice_equal(writer_slice(&writer), message)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice stream = {bytes, size};
    struct vici_packet packet;
    enum vici_verdict verdict;
    while ((verdict = vici_packet(stream, &packet)) == VICI_WHOLE) {
        struct slice value;
        assert(packet.size_bytes > VICI_LENGTH_BYTES && packet.size_bytes <= stream.size);
        if (vici_message_check(packet.message))
            message_again(packet.message);
        if (vici_find(packet.message, "errmsg", &value))
            assert(value.data + value.size <= packet.message.data + packet.message.size);
        stream.data += packet.size_bytes;
        stream.size -= packet.size_bytes;
    }
    assert(verdict == VICI_BAD || stream.size < VICI_LENGTH_BYTES + VICI_PACKET_MAX);
    return 0;
}
