/* VICI, the protocol by which strongSwan's charon is configured and asked, over a Unix stream
 * socket (strongSwan 5.9: src/libcharon/plugins/vici/README.md).
 *
 * A packet is its length (32 bits, without itself), a type, for some types a name, and a message. A
 * message is a flat run of elements: key-values, and sections and lists that begin and end. Keys
 * and names are at most 255 bytes, values at most 65,535.
 *
 * Reading and writing are both flat: who reads asks for one element after the other and keeps track
 * of depth itself; a message is judged as a whole, once, before anybody believes its first element:
 *
 *     switch (vici_packet(stream, &packet)) ...
 *     if (!vici_message_check(packet.message)) ...close the connection...
 *     struct cursor cursor = cursor_over(packet.message);
 *     while (vici_next(&cursor, &element)) ...
 *
 * Values are bytes. What charon sends is text; a private key may be anything. */
#pragma once

#include "base/slice.h"

enum {
    VICI_LENGTH_BYTES = 4,
    VICI_PACKET_MAX = 512 * 1024, /* of charon's own, vici_socket.h: VICI_MESSAGE_SIZE_MAX */
    VICI_NAME_MAX = 255,
    VICI_VALUE_MAX = 65535,
    VICI_DEPTH_MAX = 16, /* sections within sections; charon's own answers need 5 */
};

enum vici_packet_type {
    VICI_REQUEST,         /* named: a command */
    VICI_RESPONSE,        /* its answer */
    VICI_UNKNOWN_COMMAND, /* its refusal */
    VICI_REGISTER,        /* named: an event is wanted */
    VICI_UNREGISTER,      /* named: no longer */
    VICI_CONFIRM,
    VICI_UNKNOWN_EVENT,
    VICI_EVENT, /* named */
    VICI_PACKET_TYPES
};

struct vici_packet {
    enum vici_packet_type type;
    struct slice name;    /* empty where the type has none */
    struct slice message; /* elements, not yet checked */
    size_t size_bytes;    /* of the whole, length included */
};

enum vici_verdict {
    VICI_WHOLE,
    VICI_MORE, /* the stream ends within the packet */
    VICI_BAD,  /* too long, of no known type, or its name runs past its end: nothing behind it
                  can be found */
};

/* The packet that the stream begins with; *ret_packet, which borrows, is set when it is whole. */
enum vici_verdict vici_packet(struct slice stream, struct vici_packet *ret_packet)
    __attribute__((warn_unused_result));

enum vici_element_type {
    VICI_SECTION = 1, /* named; until its VICI_SECTION_END */
    VICI_SECTION_END,
    VICI_KEY_VALUE, /* named, and a value */
    VICI_LIST,      /* named; until its VICI_LIST_END, with nothing but items in it */
    VICI_LIST_ITEM, /* a value */
    VICI_LIST_END,
};

struct vici_element {
    enum vici_element_type type;
    struct slice name;
    struct slice value;
};

/* Is every element whole, does what begins end in its order, and is nothing deeper than
 * VICI_DEPTH_MAX? */
bool vici_message_check(struct slice message) __attribute__((warn_unused_result));

/* The next element; false at the end and, cursor->failed then, at one that is cut or of no known
 * type. */
bool vici_next(struct cursor *cursor, struct vici_element *ret_element)
    __attribute__((warn_unused_result));

/* The value of the first key of this name on the message's top level; false: there is none. */
bool vici_find(struct slice message, const char *key, struct slice *ret_value)
    __attribute__((warn_unused_result));

/* Passes over what the cursor stands in, to behind its end: call it after a VICI_SECTION or
 * VICI_LIST was read and is of no interest. */
void vici_skip(struct cursor *cursor);

/* Writing. vici_begin leaves room for the length, vici_end fills it in; between them come elements.
 * Names and values that are too long fail the writer as a full buffer does. */
void vici_begin(struct writer *writer, enum vici_packet_type type, const char *name);
void vici_end(struct writer *writer);
void vici_section(struct writer *writer, const char *name);
void vici_section_end(struct writer *writer);
void vici_key(struct writer *writer, const char *name, struct slice value);
void vici_key_text(struct writer *writer, const char *name, const char *value);
void vici_key_u64(struct writer *writer, const char *name, uint64_t value); /* in decimal */
void vici_list(struct writer *writer, const char *name);
void vici_list_item(struct writer *writer, struct slice value);
void vici_list_text(struct writer *writer, const char *value);
void vici_list_end(struct writer *writer);
