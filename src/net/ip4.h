/* IPv4 addresses and prefixes, and their text. An address is a number in host order; a prefix has
 * no host bits set, and every function here that makes one sees to it. */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t ip4;

struct prefix4 {
    ip4 addr;
    uint8_t len; /* 0..32 */
};

enum { IP4_TEXT_BYTES = 16, PREFIX4_TEXT_BYTES = 19 }; /* with the zero byte */

static inline ip4 prefix4_mask(uint8_t len)
{
    return len == 0 ? 0 : (ip4)(0xffffffffu << (32 - len));
}

static inline bool prefix4_contains(struct prefix4 prefix, ip4 addr)
{
    return (addr & prefix4_mask(prefix.len)) == prefix.addr;
}

/* Does outer hold every address of inner? Equal prefixes cover each other. */
static inline bool prefix4_covers(struct prefix4 outer, struct prefix4 inner)
{
    return outer.len <= inner.len && prefix4_contains(outer, inner.addr);
}

static inline bool prefix4_equal(struct prefix4 left, struct prefix4 right)
{
    return left.addr == right.addr && left.len == right.len;
}

static inline bool prefix4_overlaps(struct prefix4 left, struct prefix4 right)
{
    return prefix4_covers(left, right) || prefix4_covers(right, left);
}

struct prefix4 prefix4_make(ip4 addr, uint8_t len);             /* clears host bits */
int prefix4_compare(struct prefix4 left, struct prefix4 right); /* by address, then length */
bool ip4_parse(const char *text, size_t size, ip4 *ret_addr);   /* strict dotted quad */
enum prefix4_error { PREFIX4_OK, PREFIX4_SYNTAX, PREFIX4_HOST_BITS };
/* With host bits set, ret_prefix is the prefix that was probably meant. */
enum prefix4_error prefix4_parse(const char *text, size_t size, struct prefix4 *ret_prefix);
void text_ip4(struct text *text, ip4 addr);
void text_prefix4(struct text *text, struct prefix4 prefix);
