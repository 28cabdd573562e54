#include "network/utf8.h"

#include <stdbool.h>

static bool continues(const char *text, size_t size_bytes, size_t at)
{
    return at < size_bytes && ((uint8_t)text[at] & 0xc0) == 0x80;
}

uint32_t utf8_at(const char *text, size_t size_bytes, size_t *ret_size)
{
    *ret_size = 1;
    uint8_t lead = (uint8_t)text[0];
    if (lead < 0x80)
        return lead;
    size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4)
        return UTF8_BAD;
    uint32_t code = lead & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if (!continues(text, size_bytes, i))
            return UTF8_BAD;
        code = code << 6 | ((uint8_t)text[i] & 0x3f);
    }
    static const uint32_t shortest[] = {0, 0x80, 0x800, 0x10000};
    if (code < shortest[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return UTF8_BAD;
    *ret_size = more + 1;
    return code;
}

/* The blocks of Unicode's EastAsianWidth.txt (W and F) and of its combining marks, coarsely. */
unsigned utf8_columns(uint32_t code)
{
    static const struct {
        uint32_t first, last;
        unsigned columns;
    } blocks[] = {
        {0x300, 0x36f, 0},   {0x1100, 0x115f, 2}, {0x200b, 0x200f, 0},   {0x2e80, 0x303e, 2},
        {0x3041, 0xa4cf, 2}, {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2},   {0xfe30, 0xfe6f, 2},
        {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2}, {0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (code >= blocks[i].first && code <= blocks[i].last)
            return blocks[i].columns;
    return 1;
}
