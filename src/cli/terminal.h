/* What the reader of a stream can take. */
#pragma once

#include "explain/screen.h"

/* file: where out goes. UTF-8 where the locale's characters are; color on a terminal unless
 * NO_COLOR is set (no-color.org) or TERM is dumb; the terminal's width, COLUMNS, or SCREEN_COLUMNS
 * where it is neither. Calls setlocale for characters only. */
struct screen terminal_screen(FILE *out, int file);

enum { TERMINAL_COLUMNS = 100, TERMINAL_COLUMNS_LEAST = 40, TERMINAL_COLUMNS_MOST = 200 };
