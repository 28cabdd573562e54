/* The pages of docs/findings/, compiled in, so that `sekisho explain` needs no files. The array is
 * made by tools/pages.py when the program is built. */
#pragma once

#include <stddef.h>

struct page {
    const char *name; /* the finding's */
    const char *text; /* Markdown, UTF-8 */
};

extern const struct page pages[];
extern const size_t page_count;
