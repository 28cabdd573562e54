/* Borrowed bytes, the cursor that reads them and the writer that makes them.
 *
 * A cursor's first error sticks: from then on every read gives zero and nothing remains, so a
 * decoder reads a whole structure and asks once. Network byte order throughout. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const uint8_t *data;
    size_t size; /* bytes */
};

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct cursor cursor_over(struct slice bytes);
uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_u16(struct cursor *cursor);
uint32_t cursor_u32(struct cursor *cursor);
struct slice cursor_slice(struct cursor *cursor, size_t size); /* empty when it fails */
struct slice cursor_rest(struct cursor *cursor);               /* all that remains; consumes it */

static inline size_t cursor_remaining(const struct cursor *cursor)
{
    return cursor->failed ? 0 : (size_t)(cursor->end - cursor->at);
}

/* Writes into memory of the caller's; the first write that does not fit sticks, too. */
struct writer {
    uint8_t *data;
    size_t cap;
    size_t size;
    bool failed;
};

struct writer writer_over(uint8_t *data, size_t cap);
void writer_u8(struct writer *writer, uint8_t value);
void writer_u16(struct writer *writer, uint16_t value);
void writer_u32(struct writer *writer, uint32_t value);
void writer_bytes(struct writer *writer, struct slice bytes);
/* For lengths that are known afterwards. The bytes must have been written: else it asserts, save in
 * a writer that failed, which takes no patches. */
void writer_patch_u8(struct writer *writer, size_t offset, uint8_t value);
void writer_patch_u16(struct writer *writer, size_t offset, uint16_t value);

static inline struct slice writer_slice(const struct writer *writer)
{
    return (struct slice){writer->data, writer->size};
}

bool slice_equal(struct slice left, struct slice right);
