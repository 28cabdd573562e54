/* UTF-8 (RFC 3629) as far as showing a user's own line back to them needs it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The code point at text, its length in ret_size; an ill-formed byte gives UTF8_BAD, length 1. */
enum { UTF8_BAD = 0xffffffff };
uint32_t utf8_at(const char *text, size_t size_bytes, size_t *ret_size);

/* How many columns of a terminal it takes: 0 (combining), 1, or 2 (East Asian wide, emoji). */
unsigned utf8_columns(uint32_t code_point);
