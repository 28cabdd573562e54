#include "base/slice.h"

#include <assert.h>
#include <string.h>

struct cursor cursor_over(struct slice bytes)
{
    return (struct cursor){bytes.data, bytes.size ? bytes.data + bytes.size : bytes.data, false};
}

/* The next size bytes, or NULL and failed for ever. */
static const uint8_t *advance(struct cursor *cursor, size_t size)
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

uint8_t cursor_u8(struct cursor *cursor)
{
    const uint8_t *at = advance(cursor, 1);
    return at ? at[0] : 0;
}

uint16_t cursor_u16(struct cursor *cursor)
{
    const uint8_t *at = advance(cursor, 2);
    return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

uint32_t cursor_u32(struct cursor *cursor)
{
    const uint8_t *at = advance(cursor, 4);
    return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3] : 0;
}

struct slice cursor_slice(struct cursor *cursor, size_t size)
{
    const uint8_t *at = advance(cursor, size);
    return cursor->failed ? (struct slice){NULL, 0} : (struct slice){at, size};
}

struct slice cursor_rest(struct cursor *cursor)
{
    return cursor_slice(cursor, cursor_remaining(cursor));
}

struct writer writer_over(uint8_t *data, size_t cap)
{
    return (struct writer){.data = data, .cap = cap};
}

/* Room for size more bytes, or NULL and failed for ever. */
static uint8_t *extend(struct writer *writer, size_t size)
{
    if (size > writer->cap - writer->size)
        writer->failed = true;
    if (writer->failed)
        return NULL;
    uint8_t *at = writer->data + writer->size;
    writer->size += size;
    return at;
}

static void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void writer_u8(struct writer *writer, uint8_t value)
{
    uint8_t *at = extend(writer, 1);
    if (at)
        at[0] = value;
}

void writer_u16(struct writer *writer, uint16_t value)
{
    uint8_t *at = extend(writer, 2);
    if (at)
        put_u16(at, value);
}

void writer_u32(struct writer *writer, uint32_t value)
{
    uint8_t *at = extend(writer, 4);
    if (!at)
        return;
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

void writer_bytes(struct writer *writer, struct slice bytes)
{
    if (bytes.size == 0)
        return;
    uint8_t *at = extend(writer, bytes.size);
    if (at)
        memcpy(at, bytes.data, bytes.size);
}

/* A place that was never written because the writer failed before is no bug of the caller's. */
void writer_patch_u8(struct writer *writer, size_t offset, uint8_t value)
{
    if (writer->failed)
        return;
    assert(offset < writer->size);
    writer->data[offset] = value;
}

void writer_patch_u16(struct writer *writer, size_t offset, uint16_t value)
{
    if (writer->failed)
        return;
    assert(writer->size >= 2 && offset <= writer->size - 2);
    put_u16(writer->data + offset, value);
}

bool slice_equal(struct slice left, struct slice right)
{
    if (left.size != right.size)
        return false;
    return left.size == 0 || memcmp(left.data, right.data, left.size) == 0;
}
