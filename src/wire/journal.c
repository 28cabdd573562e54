#include "wire/journal.h"

#include <assert.h>
#include <string.h>

static const char *const words[] = {
#define JOURNAL(name, word, sentence) word,
#include "wire/journal.def"
#undef JOURNAL
};

static const char *const sentences[] = {
#define JOURNAL(name, word, sentence) sentence,
#include "wire/journal.def"
#undef JOURNAL
};

enum { MAGIC_BYTES = 8, SUM_BYTES = 4 };
static const uint8_t magic[MAGIC_BYTES] = {'s', 'e', 'k', 'i', 's', 'h', 'o', '\n'};

/* Eight bytes at once (Kounavis and Berry, 2005): table n has the remainders of a byte with n zero
 * bytes behind it. A row is a sum of its bits' rows: those of the eight powers of two. */
#define ROW(i, a, b, c, d, e, f, g, h)                                                             \
    (((i)&1u ? (a) : 0) ^ ((i)&2u ? (b) : 0) ^ ((i)&4u ? (c) : 0) ^ ((i)&8u ? (d) : 0) ^           \
     ((i)&16u ? (e) : 0) ^ ((i)&32u ? (f) : 0) ^ ((i)&64u ? (g) : 0) ^ ((i)&128u ? (h) : 0))
#define ROWS_4(i, ...)                                                                             \
    ROW(i, __VA_ARGS__), ROW((i) + 1, __VA_ARGS__), ROW((i) + 2, __VA_ARGS__),                     \
        ROW((i) + 3, __VA_ARGS__)
#define ROWS_16(i, ...)                                                                            \
    ROWS_4(i, __VA_ARGS__), ROWS_4((i) + 4, __VA_ARGS__), ROWS_4((i) + 8, __VA_ARGS__),            \
        ROWS_4((i) + 12, __VA_ARGS__)
#define ROWS_64(i, ...)                                                                            \
    ROWS_16(i, __VA_ARGS__), ROWS_16((i) + 16, __VA_ARGS__), ROWS_16((i) + 32, __VA_ARGS__),       \
        ROWS_16((i) + 48, __VA_ARGS__)
#define ROWS_256(...)                                                                              \
    {                                                                                              \
        ROWS_64(0, __VA_ARGS__), ROWS_64(64, __VA_ARGS__), ROWS_64(128, __VA_ARGS__),              \
            ROWS_64(192, __VA_ARGS__)                                                              \
    }

static const uint32_t rows[8][256] = {
    ROWS_256(0xf26b8303u, 0xe13b70f7u, 0xc79a971fu, 0x8ad958cfu, 0x105ec76fu, 0x20bd8edeu,
             0x417b1dbcu, 0x82f63b78u),
    ROWS_256(0x13a29877u, 0x274530eeu, 0x4e8a61dcu, 0x9d14c3b8u, 0x3fc5f181u, 0x7f8be302u,
             0xff17c604u, 0xfbc3faf9u),
    ROWS_256(0xa541927eu, 0x4f6f520du, 0x9edea41au, 0x38513ec5u, 0x70a27d8au, 0xe144fb14u,
             0xc76580d9u, 0x8b277743u),
    ROWS_256(0xdd45aab8u, 0xbf672381u, 0x7b2231f3u, 0xf64463e6u, 0xe964b13du, 0xd725148bu,
             0xaba65fe7u, 0x52a0c93fu),
    ROWS_256(0x38116facu, 0x7022df58u, 0xe045beb0u, 0xc5670b91u, 0x8f2261d3u, 0x1ba8b557u,
             0x37516aaeu, 0x6ea2d55cu),
    ROWS_256(0xef306b19u, 0xdb8ca0c3u, 0xb2f53777u, 0x6006181fu, 0xc00c303eu, 0x85f4168du,
             0x0e045bebu, 0x1c08b7d6u),
    ROWS_256(0x68032cc8u, 0xd0065990u, 0xa5e0c5d1u, 0x4e2dfd53u, 0x9c5bfaa6u, 0x3d5b83bdu,
             0x7ab7077au, 0xf56e0ef4u),
    ROWS_256(0x493c7d27u, 0x9278fa4eu, 0x211d826du, 0x423b04dau, 0x847609b4u, 0x0d006599u,
             0x1a00cb32u, 0x34019664u),
};

static uint32_t little(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint32_t journal_crc(uint32_t crc, struct slice bytes)
{
    const uint8_t *at = bytes.data, *end = bytes.data + bytes.size;
    crc = ~crc;
    for (; end - at >= 8; at += 8) {
        uint32_t low = little(at) ^ crc, high = little(at + 4);
        crc = rows[7][low & 0xff] ^ rows[6][low >> 8 & 0xff] ^ rows[5][low >> 16 & 0xff] ^
              rows[4][low >> 24] ^ rows[3][high & 0xff] ^ rows[2][high >> 8 & 0xff] ^
              rows[1][high >> 16 & 0xff] ^ rows[0][high >> 24];
    }
    for (; at < end; at++)
        crc = crc >> 8 ^ rows[0][(crc ^ *at) & 0xff];
    return ~crc;
}

const char *journal_word(enum journal_kind kind)
{
    assert(kind < JOURNAL_KINDS);
    return words[kind];
}

const char *journal_sentence(enum journal_kind kind)
{
    assert(kind < JOURNAL_KINDS);
    return sentences[kind];
}

uint64_t journal_u64(struct cursor *cursor)
{
    uint64_t high = cursor_u32(cursor);
    return high << 32 | cursor_u32(cursor);
}

void journal_put_u64(struct writer *writer, uint64_t value)
{
    writer_u32(writer, (uint32_t)(value >> 32));
    writer_u32(writer, (uint32_t)value);
}

void journal_header_encode(const struct journal_header *header, struct writer *writer)
{
    size_t at = writer->size;
    writer_bytes(writer, (struct slice){magic, MAGIC_BYTES});
    writer_u16(writer, JOURNAL_VERSION);
    writer_u16(writer, JOURNAL_HEADER_BYTES);
    writer_u32(writer, header->number);
    journal_put_u64(writer, header->build);
    journal_put_u64(writer, header->tables);
    journal_put_u64(writer, (uint64_t)header->wall_us);
    journal_put_u64(writer, (uint64_t)header->time_us);
    if (writer->failed)
        return;
    writer_u32(writer, journal_crc(0, (struct slice){writer->data + at, writer->size - at}));
}

enum journal_verdict journal_header_decode(struct slice bytes, struct journal_header *ret_header)
{
    size_t known = bytes.size < MAGIC_BYTES ? bytes.size : MAGIC_BYTES;
    if (known > 0 && memcmp(bytes.data, magic, known) != 0)
        return JOURNAL_FOREIGN;
    struct cursor cursor = cursor_over(bytes);
    (void)cursor_slice(&cursor, MAGIC_BYTES);
    uint16_t version = cursor_u16(&cursor), size = cursor_u16(&cursor);
    if (!cursor.failed && version != JOURNAL_VERSION)
        return JOURNAL_FOREIGN;
    if (!cursor.failed && size != JOURNAL_HEADER_BYTES)
        return JOURNAL_BAD;
    struct journal_header header = {.number = cursor_u32(&cursor)};
    header.build = journal_u64(&cursor);
    header.tables = journal_u64(&cursor);
    header.wall_us = (int64_t)journal_u64(&cursor);
    header.time_us = (int64_t)journal_u64(&cursor);
    uint32_t sum = cursor_u32(&cursor);
    if (cursor.failed)
        return JOURNAL_SHORT;
    if (sum != journal_crc(0, (struct slice){bytes.data, JOURNAL_HEADER_BYTES - SUM_BYTES}))
        return JOURNAL_BAD;
    *ret_header = header;
    return JOURNAL_WHOLE;
}

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

size_t journal_begin(struct writer *writer, enum journal_kind kind)
{
    size_t at = writer->size;
    assert(kind < JOURNAL_KINDS);
    writer_u32(writer, 0);
    writer_u32(writer, 0);
    writer_u8(writer, (uint8_t)kind);
    return at;
}

void journal_seal(struct writer *writer, size_t at)
{
    if (writer->failed)
        return;
    assert(writer->size - at - JOURNAL_RECORD_BYTES <= JOURNAL_BODY_MAX);
    put_u32(writer->data + at + SUM_BYTES, (uint32_t)(writer->size - at - JOURNAL_RECORD_BYTES));
}

void journal_sum(uint8_t *record, size_t size_bytes)
{
    assert(size_bytes >= JOURNAL_RECORD_BYTES);
    put_u32(record, journal_crc(0, (struct slice){record + SUM_BYTES, size_bytes - SUM_BYTES}));
}

enum journal_verdict journal_next(struct slice bytes, struct journal_record *ret_record)
{
    struct cursor cursor = cursor_over(bytes);
    uint32_t sum = cursor_u32(&cursor), size = cursor_u32(&cursor);
    uint8_t kind = cursor_u8(&cursor);
    if (cursor.failed)
        return JOURNAL_SHORT;
    if (size > JOURNAL_BODY_MAX || kind >= JOURNAL_KINDS)
        return JOURNAL_BAD;
    struct slice body = cursor_slice(&cursor, size);
    if (cursor.failed)
        return JOURNAL_SHORT;
    size_t size_bytes = JOURNAL_RECORD_BYTES + (size_t)size;
    if (sum != journal_crc(0, (struct slice){bytes.data + SUM_BYTES, size_bytes - SUM_BYTES}))
        return JOURNAL_BAD;
    *ret_record = (struct journal_record){(enum journal_kind)kind, body, size_bytes};
    return JOURNAL_WHOLE;
}

static bool has_zero(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == 0)
            return true;
    }
    return false;
}

void journal_name_encode(const struct journal_name *name, struct writer *writer)
{
    struct slice text = name->text;
    if (text.size > JOURNAL_NAME_MAX)
        text.size = JOURNAL_NAME_MAX;
    size_t at = journal_begin(writer, JOURNAL_NAME);
    writer_u8(writer, (uint8_t)name->kind);
    writer_u16(writer, name->number);
    writer_u16(writer, name->of);
    writer_bytes(writer, text);
    journal_seal(writer, at);
}

bool journal_name_decode(struct slice body, struct journal_name *ret_name)
{
    struct cursor cursor = cursor_over(body);
    uint8_t kind = cursor_u8(&cursor);
    struct journal_name name = {.kind = (enum journal_name_kind)kind,
                                .number = cursor_u16(&cursor),
                                .of = cursor_u16(&cursor)};
    name.text = cursor_rest(&cursor);
    if (cursor.failed || kind >= JOURNAL_NAME_KINDS || name.text.size > JOURNAL_NAME_MAX ||
        has_zero(name.text))
        return false;
    *ret_name = name;
    return true;
}
