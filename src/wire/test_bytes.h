/* For the tests of this room: bytes written as hexadecimal text, attributes put together by hand,
 * random AS paths. Written without the codec, so that it cannot share its mistakes. */
#pragma once

#include "base/prng.h"
#include "base/slice.h"

#include <assert.h>
#include <string.h>

struct bytes {
    uint8_t data[8192];
    size_t size;
};

static inline struct slice slice_of(const struct bytes *bytes)
{
    return (struct slice){bytes->data, bytes->size};
}

static inline void put(struct bytes *bytes, uint64_t value, unsigned count)
{
    assert(bytes->size + count <= sizeof bytes->data);
    while (count-- > 0)
        bytes->data[bytes->size++] = (uint8_t)(value >> (8 * count));
}

static inline void put_slice(struct bytes *bytes, struct slice slice)
{
    for (size_t i = 0; i < slice.size; i++)
        put(bytes, slice.data[i], 1);
}

/* "ff 00 0a": digits in pairs, spaces anywhere between them */
static inline void put_hex(struct bytes *bytes, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    while (*text) {
        if (*text == ' ') {
            text++;
            continue;
        }
        const char *high = strchr(digits, text[0]), *low = strchr(digits, text[1]);
        assert(high && low && text[1]);
        put(bytes, (uint64_t)((high - digits) * 16 + (low - digits)), 1);
        text += 2;
    }
}

static inline struct bytes hex(const char *text)
{
    struct bytes bytes = {.size = 0};
    put_hex(&bytes, text);
    return bytes;
}

/* An attribute; the flag 0x10 asks for a length of two bytes. */
static inline void put_attr(struct bytes *bytes, uint8_t flags, uint8_t code, struct slice value)
{
    put(bytes, flags, 1);
    put(bytes, code, 1);
    put(bytes, value.size, flags & 0x10 ? 2 : 1);
    put_slice(bytes, value);
}

static inline void put_attr_hex(struct bytes *bytes, uint8_t flags, uint8_t code, const char *value)
{
    struct bytes content = hex(value);
    put_attr(bytes, flags, code, slice_of(&content));
}

static inline bool bytes_are(struct slice found, const char *expected)
{
    struct bytes bytes = hex(expected);
    return slice_equal(found, slice_of(&bytes));
}

/* A path as a test thinks of it: sequences and sets of AS numbers. */
enum { MODEL_SEGMENTS_MAX = 6, MODEL_ASNS_MAX = 255 };

struct model_path {
    unsigned segment_count;
    struct model_segment {
        uint8_t type;
        unsigned count;
        uint32_t asns[MODEL_ASNS_MAX];
    } segments[MODEL_SEGMENTS_MAX];
};

static inline void put_path(struct bytes *bytes, const struct model_path *path, unsigned width)
{
    for (unsigned i = 0; i < path->segment_count; i++) {
        const struct model_segment *segment = &path->segments[i];
        put(bytes, segment->type, 1);
        put(bytes, segment->count, 1);
        for (unsigned k = 0; k < segment->count; k++)
            put(bytes, width == 2 && segment->asns[k] > 65535 ? 23456 : segment->asns[k], width);
    }
}

/* Mostly one short sequence, sometimes sets and long segments; large: AS numbers above 65535. */
static inline struct model_path random_path(struct prng *prng, bool large)
{
    struct model_path path = {.segment_count = (unsigned)prng_below(prng, 4)};
    for (unsigned i = 0; i < path.segment_count; i++) {
        struct model_segment *segment = &path.segments[i];
        segment->type = prng_below(prng, 4) == 0 ? 1 : 2;
        unsigned most = prng_below(prng, 8) == 0 ? MODEL_ASNS_MAX : 6;
        segment->count = 1 + (unsigned)prng_below(prng, most);
        for (unsigned k = 0; k < segment->count; k++)
            segment->asns[k] = large && prng_below(prng, 3) == 0
                                   ? 65536 + (uint32_t)prng_below(prng, 4000000000)
                                   : 1 + (uint32_t)prng_below(prng, 23000);
    }
    return path;
}
