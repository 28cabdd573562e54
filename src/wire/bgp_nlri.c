#include "wire/bgp_nlri.h"

bool bgp_nlri_next(struct cursor *cursor, struct prefix4 *ret_prefix)
{
    if (cursor_remaining(cursor) == 0)
        return false;
    uint8_t len = cursor_u8(cursor);
    struct slice bytes = cursor_slice(cursor, (size_t)(len + 7) / 8);
    if (len > 32)
        cursor->failed = true;
    if (cursor->failed)
        return false;
    ip4 addr = 0;
    for (size_t i = 0; i < bytes.size; i++)
        addr |= (ip4)bytes.data[i] << (24 - 8 * i);
    *ret_prefix = (struct prefix4){addr & prefix4_mask(len), len};
    return true;
}

bool bgp_nlri_check(struct slice field, size_t *ret_count)
{
    struct cursor cursor = cursor_over(field);
    struct prefix4 prefix;
    size_t count = 0;
    while (bgp_nlri_next(&cursor, &prefix))
        count++;
    if (cursor.failed)
        return false;
    *ret_count = count;
    return true;
}

void bgp_nlri_encode(struct writer *writer, struct prefix4 prefix)
{
    uint8_t bytes[BGP_NLRI_PREFIX_MAX] = {
        prefix.len,
        (uint8_t)(prefix.addr >> 24),
        (uint8_t)(prefix.addr >> 16),
        (uint8_t)(prefix.addr >> 8),
        (uint8_t)prefix.addr,
    };
    writer_bytes(writer, (struct slice){bytes, bgp_nlri_size(prefix)});
}
