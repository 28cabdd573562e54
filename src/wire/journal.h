/* The journal's framing: a segment's header, and records with a length and a checksum. What is in a
 * record's body is said elsewhere (engine/event_bytes.h, engine/checkpoint.h); what is said here is
 * where it ends and whether it is whole.
 *
 *     segment   header, record, record, ...
 *     header    "sekisho\n", version 16, header's size 16, segment's number 32, build 64,
 *               tables 64, wall clock 64 and engine's time 64 at its beginning, checksum 32
 *     record    checksum 32 of what follows, size of the body 32, kind 8, body
 *
 * Network byte order throughout. The checksum is CRC-32C (Castagnoli, RFC 3720 B.4). A segment
 * that was being written when the machine stopped ends in the midst of a record: that is
 * JOURNAL_SHORT, no fault. Whatever else does not add up is JOURNAL_BAD; there is no looking for
 * the next record behind it, because after a lost event the state is unknown until the next
 * checkpoint, and that is another segment's beginning. */
#pragma once

#include "base/slice.h"

enum journal_kind {
#define JOURNAL(name, word, sentence) JOURNAL_##name,
#include "wire/journal.def"
#undef JOURNAL
    JOURNAL_KINDS
};

enum {
    JOURNAL_VERSION = 1,
    JOURNAL_HEADER_BYTES = 52,
    JOURNAL_RECORD_BYTES = 9,   /* before the body */
    JOURNAL_BODY_MAX = 2 << 20, /* a filter of 65,535 rules fits */
};

struct journal_header {
    uint32_t number; /* of the segment, from 1 */
    uint64_t build;  /* who wrote it; another build does not read it */
    uint64_t tables; /* digest of the words that its numbers stand for */
    int64_t wall_us; /* since 1970 (UTC), at the engine's time */
    int64_t time_us;
};

struct journal_record {
    enum journal_kind kind;
    struct slice body; /* borrowed */
    size_t size_bytes; /* of the whole record */
};

enum journal_verdict {
    JOURNAL_WHOLE,
    JOURNAL_SHORT, /* it begins as it should and is cut; or there is nothing */
    JOURNAL_BAD,
    JOURNAL_FOREIGN, /* of a header: no journal, or of another version */
};

/* What one of the engine's numbers is called. */
enum journal_name_kind {
    JOURNAL_GATEWAY,    /* whose journal it is; number 0 */
    JOURNAL_ATTACHMENT, /* "vpn-vyatta" */
    JOURNAL_NEIGHBOR,   /* "vpn-vyatta/1" */
    JOURNAL_INTERFACE,  /* "vti1" */
    JOURNAL_VPC,
    JOURNAL_TABLE,  /* of a VPC */
    JOURNAL_TARGET, /* of a VPC */
    JOURNAL_NAME_KINDS
};

struct journal_name {
    enum journal_name_kind kind;
    uint16_t number;
    uint16_t of;       /* its VPC's number; else 0 */
    struct slice text; /* borrowed; at most JOURNAL_NAME_MAX bytes, no zero byte */
};

enum { JOURNAL_NAME_MAX = 255 };

/* Digest of the sources of the core that this program was built from. */
extern const uint64_t journal_build;

const char *journal_word(enum journal_kind kind);
const char *journal_sentence(enum journal_kind kind);

void journal_header_encode(const struct journal_header *header, struct writer *writer);
enum journal_verdict journal_header_decode(struct slice bytes, struct journal_header *ret_header)
    __attribute__((warn_unused_result));

/* Begins a record; the body is written behind it. Returns where it begins, for journal_seal. */
size_t journal_begin(struct writer *writer, enum journal_kind kind);
/* The body ends here. The checksum may be left to somebody else, who calls journal_sum. */
void journal_seal(struct writer *writer, size_t at);
/* Sets the checksum of a whole record of size_bytes bytes that journal_seal has sealed. */
void journal_sum(uint8_t *record, size_t size_bytes);

/* The record that bytes begin with. On JOURNAL_SHORT and JOURNAL_BAD, *ret_record is untouched. */
enum journal_verdict journal_next(struct slice bytes, struct journal_record *ret_record)
    __attribute__((warn_unused_result));

/* A whole record; what is too long of the text is cut off. */
void journal_name_encode(const struct journal_name *name, struct writer *writer);
bool journal_name_decode(struct slice body, struct journal_name *ret_name)
    __attribute__((warn_unused_result));

uint32_t journal_crc(uint32_t crc, struct slice bytes); /* goes on from crc; 0 to begin with */

/* 64 bits, which cursors and writers do not have. */
uint64_t journal_u64(struct cursor *cursor);
void journal_put_u64(struct writer *writer, uint64_t value);
