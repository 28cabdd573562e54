/* IPv6 addresses as text: read in every form of RFC 4291 2.2, written as RFC 5952 has it. For the
 * room only; ip4.h is what others ask. */
#pragma once

#include "net/ip4.h"

/* The whole text; false: not an address. */
bool six_parse(const char *text, size_t size, ip4 *ret_addr);
void six_text(struct text *text, ip4 addr);
