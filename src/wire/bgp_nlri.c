#include "wire/bgp_nlri.h"

/* Of IPv4 in 32 bits: a table of the Internet is decoded in half the time. */
static ip_addr address_of(bool six, const uint8_t *bytes, size_t size)
{
    if (six) {
        ip_addr addr = 0;
        for (size_t i = 0; i < size; i++)
            addr |= (ip_addr)bytes[i] << (120 - 8 * i);
        return addr;
    }
    uint32_t addr = 0;
    for (size_t i = 0; i < size; i++)
        addr |= (uint32_t)bytes[i] << (24 - 8 * i);
    return addr;
}

bool bgp_nlri_next(struct cursor *cursor, bool six, struct prefix *ret_prefix)
{
    if (cursor_remaining(cursor) == 0)
        return false;
    uint8_t len = cursor_u8(cursor);
    struct slice bytes = cursor_slice(cursor, (size_t)(len + 7) / 8);
    if (len > ip_bits(six))
        cursor->failed = true;
    if (cursor->failed)
        return false;
    *ret_prefix = prefix_make(six, address_of(six, bytes.data, bytes.size), len);
    return true;
}

bool bgp_nlri_check(struct slice field, bool six, size_t *ret_count)
{
    size_t count = 0;
    for (size_t at = 0; at < field.size; count++) {
        uint8_t len = field.data[at];
        size_t size = 1 + (size_t)(len + 7) / 8;
        if (len > ip_bits(six) || size > field.size - at)
            return false;
        at += size;
    }
    *ret_count = count;
    return true;
}

void bgp_nlri_encode(struct writer *writer, const struct prefix *prefix)
{
    size_t size = bgp_nlri_size(prefix);
    uint8_t *at = writer_extend(writer, size);
    if (!at)
        return;
    at[0] = prefix->len;
    uint32_t four = (uint32_t)prefix->addr;
    for (size_t i = 1; i < size && !prefix->six; i++)
        at[i] = (uint8_t)(four >> (32 - 8 * i));
    for (size_t i = 1; i < size && prefix->six; i++)
        at[i] = (uint8_t)(prefix->addr >> (128 - 8 * i));
}
