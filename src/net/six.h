/* IPv6 addresses as text: read in every form of RFC 4291 2.2, written as RFC 5952 has it. For the
 * room only; ip.h is what others ask. */
#pragma once

#include "net/ip.h"

/* The whole text; false: not an address. */
bool six_parse(const char *text, size_t size, ip_addr *ret_addr);
void six_text(struct text *text, ip_addr addr);
