/* What is said as a session ends (RFC 9003): by us, in bytes that may be said, and by a neighbor,
 * as it may be shown, because its bytes are a stranger's. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>

enum {
    FAREWELL_MAX = 255, /* bytes of UTF-8: RFC 9003 2 */
    FAREWELL_TEXT_MAX = 4 * FAREWELL_MAX + 1
};

/* Is it well-formed UTF-8? */
bool farewell_is_sound(const char *words);

/* Well-formed UTF-8 stays; a control character, what turns the direction of writing, a quote, a
 * backslash and every ill-formed byte become \xNN, byte by byte. */
void farewell_text(struct slice words, char ret_text[FAREWELL_TEXT_MAX]);
