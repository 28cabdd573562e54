#include "engine/coder.h"

#include <assert.h>

void code_u8(struct coder *coder, uint8_t *value)
{
    if (coder->out)
        writer_u8(coder->out, *value);
    else
        *value = cursor_u8(coder->in);
}

void code_u16(struct coder *coder, uint16_t *value)
{
    if (coder->out)
        writer_u16(coder->out, *value);
    else
        *value = cursor_u16(coder->in);
}

void code_u32(struct coder *coder, uint32_t *value)
{
    if (coder->out)
        writer_u32(coder->out, *value);
    else
        *value = cursor_u32(coder->in);
}

void code_u64(struct coder *coder, uint64_t *value)
{
    uint32_t high = (uint32_t)(*value >> 32), low = (uint32_t)*value;
    code_u32(coder, &high);
    code_u32(coder, &low);
    *value = (uint64_t)high << 32 | low;
}

void code_i64(struct coder *coder, int64_t *value)
{
    uint64_t bits = (uint64_t)*value;
    code_u64(coder, &bits);
    *value = (int64_t)bits;
}

int code_below(struct coder *coder, int value, int limit)
{
    uint8_t byte = (uint8_t)value;
    assert(!coder->out || (value >= 0 && value < limit));
    code_u8(coder, &byte);
    if (byte < limit)
        return byte;
    coder->wrong = true;
    return 0;
}

void code_bool(struct coder *coder, bool *value)
{
    *value = code_below(coder, *value, 2) != 0;
}

static void code_number(struct coder *coder, bool six, ip_addr *addr)
{
    uint64_t high = (uint64_t)(*addr >> 64), low = (uint64_t)*addr;
    uint32_t four = (uint32_t)*addr;
    if (!six) {
        code_u32(coder, &four);
        *addr = four;
        return;
    }
    code_u64(coder, &high);
    code_u64(coder, &low);
    *addr = (ip_addr)high << 64 | low;
}

void code_ip(struct coder *coder, ip_addr *addr)
{
    bool six = ip_is_six(*addr);
    code_bool(coder, &six);
    code_number(coder, six, addr);
    coder->wrong |= ip_is_six(*addr) != six;
}

void code_prefix(struct coder *coder, struct prefix *prefix)
{
    code_bool(coder, &prefix->six);
    code_u8(coder, &prefix->len);
    code_number(coder, prefix->six, &prefix->addr);
    if (coder->out)
        return;
    bool fits = prefix->len <= ip_bits(prefix->six);
    if (fits && prefix_equal(prefix_make(prefix->six, prefix->addr, prefix->len), *prefix))
        return;
    coder->wrong = true;
    *prefix = (struct prefix){0, 0, false};
}

void code_slice(struct coder *coder, struct slice *bytes)
{
    uint32_t size = (uint32_t)bytes->size;
    code_u32(coder, &size);
    if (coder->out)
        writer_bytes(coder->out, *bytes);
    else
        *bytes = cursor_slice(coder->in, size);
}

void *code_room(struct coder *coder, const void *there, uint32_t count, size_t size_bytes,
                size_t least_bytes)
{
    if (coder->out)
        return (void *)(uintptr_t)there;
    if (count > cursor_remaining(coder->in) / least_bytes) {
        coder->wrong = true;
        return NULL;
    }
    void *room = arena_take(coder->arena, count * size_bytes + 1);
    coder->wrong |= !room;
    return room;
}
