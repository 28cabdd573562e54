/* What a neighbor says as it ends a session (RFC 9003), as it may be shown: its bytes are a
 * stranger's. */
#pragma once

#include "base/slice.h"

enum { FAREWELL_TEXT_MAX = 4 * 255 + 1 };

/* Well-formed UTF-8 stays; a control character, what turns the direction of writing, a quote, a
 * backslash and every ill-formed byte become \xNN, byte by byte. */
void farewell_text(struct slice words, char ret_text[FAREWELL_TEXT_MAX]);
