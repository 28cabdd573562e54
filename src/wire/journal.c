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

/* A row is a sum of its bits' rows: the remainders of the eight powers of two. */
#define ROW(i)                                                                                     \
    (((i)&1u ? 0xf26b8303u : 0) ^ ((i)&2u ? 0xe13b70f7u : 0) ^ ((i)&4u ? 0xc79a971fu : 0) ^        \
     ((i)&8u ? 0x8ad958cfu : 0) ^ ((i)&16u ? 0x105ec76fu : 0) ^ ((i)&32u ? 0x20bd8edeu : 0) ^      \
     ((i)&64u ? 0x417b1dbcu : 0) ^ ((i)&128u ? 0x82f63b78u : 0))
#define ROWS_4(i)  ROW(i), ROW((i) + 1), ROW((i) + 2), ROW((i) + 3)
#define ROWS_16(i) ROWS_4(i), ROWS_4((i) + 4), ROWS_4((i) + 8), ROWS_4((i) + 12)
#define ROWS_64(i) ROWS_16(i), ROWS_16((i) + 16), ROWS_16((i) + 32), ROWS_16((i) + 48)

static const uint32_t rows[256] = {ROWS_64(0), ROWS_64(64), ROWS_64(128), ROWS_64(192)};

uint32_t journal_crc(uint32_t crc, struct slice bytes)
{
    crc = ~crc;
    for (size_t i = 0; i < bytes.size; i++)
        crc = crc >> 8 ^ rows[(crc ^ bytes.data[i]) & 0xff];
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
