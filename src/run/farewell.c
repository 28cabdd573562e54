#include "run/farewell.h"

#include "network/utf8.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static bool may_be_shown(uint32_t code)
{
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool turns = code == 0x61c || code == 0x200e || code == 0x200f ||
                 (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return code != (uint32_t)UTF8_BAD && !control && !turns && code != '"' && code != '\\';
}

bool farewell_is_sound(const char *words)
{
    for (size_t size = strlen(words), at = 0, length; at < size; at += length) {
        if (utf8_at(words + at, size - at, &length) == (uint32_t)UTF8_BAD)
            return false;
    }
    return true;
}

void farewell_text(struct slice words, char ret_text[FAREWELL_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    const char *bytes = (const char *)words.data;
    size_t size = 0;
    assert(words.size <= FAREWELL_MAX);
    for (size_t at = 0, length; at < words.size; at += length) {
        uint32_t code = utf8_at(bytes + at, words.size - at, &length);
        if (may_be_shown(code)) {
            memcpy(ret_text + size, bytes + at, length);
            size += length;
            continue;
        }
        for (size_t i = at; i < at + length; i++) {
            memcpy(ret_text + size, "\\x", 2);
            ret_text[size + 2] = digits[words.data[i] >> 4];
            ret_text[size + 3] = digits[words.data[i] & 15];
            size += 4;
        }
    }
    ret_text[size] = '\0';
}
