/* Borrowed bytes, the cursor that reads them and the writer that makes them.
 *
 * A cursor's first error sticks: from then on every read gives zero and nothing remains, so a
 * decoder reads a whole structure and asks once. Network byte order throughout.
 *
 * The single steps stand here for the compiler's sake: a table of routes is read and written by a
 * hundred million of them, and a call costs more than most. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *data;
    size_t size; /* bytes */
};

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline struct cursor cursor_over(struct slice bytes)
{
    return (struct cursor){bytes.data, bytes.size ? bytes.data + bytes.size : bytes.data, false};
}

static inline size_t cursor_remaining(const struct cursor *cursor)
{
    return cursor->failed ? 0 : (size_t)(cursor->end - cursor->at);
}

/* The next size bytes, or NULL and failed for ever. */
static inline const uint8_t *cursor_advance(struct cursor *cursor, size_t size)
{
    if (size > cursor_remaining(cursor))
        cursor->failed = true;
    if (cursor->failed)
        return NULL;
    const uint8_t *at = cursor->at;
    if (size)
        cursor->at += size;
    return at;
}

static inline uint8_t cursor_u8(struct cursor *cursor)
{
    const uint8_t *at = cursor_advance(cursor, 1);
    return at ? at[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *cursor)
{
    const uint8_t *at = cursor_advance(cursor, 2);
    return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

static inline uint32_t cursor_u32(struct cursor *cursor)
{
    const uint8_t *at = cursor_advance(cursor, 4);
    return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3] : 0;
}

/* Empty when it fails. */
static inline struct slice cursor_slice(struct cursor *cursor, size_t size)
{
    const uint8_t *at = cursor_advance(cursor, size);
    return cursor->failed ? (struct slice){NULL, 0} : (struct slice){at, size};
}

/* All that remains; consumes it. */
static inline struct slice cursor_rest(struct cursor *cursor)
{
    return cursor_slice(cursor, cursor_remaining(cursor));
}

/* Writes into memory of the caller's; the first write that does not fit sticks, too. */
struct writer {
    uint8_t *data;
    size_t cap;
    size_t size;
    bool failed;
};

static inline struct writer writer_over(uint8_t *data, size_t cap)
{
    return (struct writer){.data = data, .cap = cap};
}

/* Room for size more bytes, or NULL and failed for ever. */
static inline uint8_t *writer_extend(struct writer *writer, size_t size)
{
    if (size > writer->cap - writer->size)
        writer->failed = true;
    if (writer->failed)
        return NULL;
    uint8_t *at = writer->data + writer->size;
    writer->size += size;
    return at;
}

static inline void writer_u8(struct writer *writer, uint8_t value)
{
    uint8_t *at = writer_extend(writer, 1);
    if (at)
        at[0] = value;
}

static inline void writer_u16(struct writer *writer, uint16_t value)
{
    uint8_t *at = writer_extend(writer, 2);
    if (!at)
        return;
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void writer_u32(struct writer *writer, uint32_t value)
{
    uint8_t *at = writer_extend(writer, 4);
    if (!at)
        return;
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static inline void writer_bytes(struct writer *writer, struct slice bytes)
{
    if (bytes.size == 0)
        return;
    uint8_t *at = writer_extend(writer, bytes.size);
    if (at)
        memcpy(at, bytes.data, bytes.size);
}

/* For lengths that are known afterwards. The bytes must have been written: else it asserts, save in
 * a writer that failed, which takes no patches. */
void writer_patch_u8(struct writer *writer, size_t offset, uint8_t value);
void writer_patch_u16(struct writer *writer, size_t offset, uint16_t value);

static inline struct slice writer_slice(const struct writer *writer)
{
    return (struct slice){writer->data, writer->size};
}

bool slice_equal(struct slice left, struct slice right);
