/* A connection's stream cut into messages. What arrives whole is not copied; what arrives cut in
 * two is kept: a beginning shorter than a header in the inbox itself, more in a block of the
 * message's size from the budget. */
#pragma once

#include "base/alloc.h"
#include "base/slice.h"
#include "wire/bgp_message.h"

/* Zeroed is empty. */
struct inbox {
    uint8_t *block;      /* NULL but while a message is cut in two, or was and may be looked at */
    uint16_t block_size; /* bytes of it that are there */
    uint8_t head_size;   /* bytes of a cut header */
    uint8_t head[BGP_HEADER_BYTES];
};

enum inbox_verdict {
    INBOX_MORE,      /* all bytes were taken, and more are needed */
    INBOX_MESSAGE,   /* ret_message, whole, its header checked; valid until the next call */
    INBOX_BAD,       /* ret_error: a Message Header Error, RFC 4271 6.1; the stream is lost */
    INBOX_NO_MEMORY, /* the budget refused; the stream is lost */
};

/* Takes at most one message from bytes; ret_taken says how many bytes that were. */
enum inbox_verdict inbox_take(struct inbox *inbox, struct budget *budget, struct slice bytes,
                              size_t *ret_taken, struct slice *ret_message,
                              struct bgp_error *ret_error) __attribute__((warn_unused_result));

/* Forgets what was stored, and the last message. */
void inbox_clear(struct inbox *inbox, struct budget *budget);
