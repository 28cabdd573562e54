#include "wire/bgp_nlri.h"

bool bgp_nlri_next(struct cursor *cursor, bool six, struct prefix *ret_prefix)
{
    if (cursor_remaining(cursor) == 0)
        return false;
    uint8_t len = cursor_u8(cursor), bits = ip_bits(six);
    struct slice bytes = cursor_slice(cursor, (size_t)(len + 7) / 8);
    if (len > bits)
        cursor->failed = true;
    if (cursor->failed)
        return false;
    ip_addr addr = 0;
    for (size_t i = 0; i < bytes.size; i++)
        addr |= (ip_addr)bytes.data[i] << (bits - 8 - 8 * i);
    *ret_prefix = prefix_make(six, addr, len);
    return true;
}

bool bgp_nlri_check(struct slice field, bool six, size_t *ret_count)
{
    struct cursor cursor = cursor_over(field);
    struct prefix prefix;
    size_t count = 0;
    while (bgp_nlri_next(&cursor, six, &prefix))
        count++;
    if (cursor.failed)
        return false;
    *ret_count = count;
    return true;
}

void bgp_nlri_encode(struct writer *writer, const struct prefix *prefix)
{
    uint8_t bytes[BGP_NLRI_SIX_MAX] = {prefix->len};
    size_t size = bgp_nlri_size(prefix);
    if (prefix->six) {
        for (size_t i = 1; i < size; i++)
            bytes[i] = (uint8_t)(prefix->addr >> (128 - 8 * i));
    } else {
        uint32_t addr = (uint32_t)prefix->addr;
        bytes[1] = (uint8_t)(addr >> 24);
        bytes[2] = (uint8_t)(addr >> 16);
        bytes[3] = (uint8_t)(addr >> 8);
        bytes[4] = (uint8_t)addr;
    }
    writer_bytes(writer, (struct slice){bytes, size});
}
