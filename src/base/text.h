/* Making text without libc: a builder over the caller's buffer. It never writes past cap, always
 * ends in a zero byte (cap > 0), and remembers that it was cut: what follows a cut is left out, so
 * that the text is always the beginning of what it should have been. Numbers are never cut in the
 * middle, where they would be other numbers; they are left out as a whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *data;
    size_t cap;  /* bytes, the zero byte included */
    size_t size; /* without the zero byte */
    bool cut;
};

struct text text_over(char *data, size_t cap);
void text_add(struct text *text, const char *string);
void text_whole(struct text *text, const char *string); /* all of it, or cut before it */
void text_char(struct text *text, char character);
void text_u64(struct text *text, uint64_t value);
void text_i64(struct text *text, int64_t value);
/* 60131000, 3 -> "60.131"; rounded to the nearest, halves away from zero; decimals 0..6. */
void text_seconds(struct text *text, int64_t us, unsigned decimals);
