/* The room `net`: IPv4 addresses, prefixes, their text, and the table that finds the longest match
 * (lpm4.h). It knows no route, no neighbor and no tunnel: what a prefix leads to is a number that
 * its owner chose.
 *
 * An address is a number in host order; bytes of the network are turned where they are decoded, in
 * `wire`. A prefix is an address and a length, and has no host bits set: every function that makes
 * one sees to it, every function that takes one may rely on it. So two prefixes are the same set of
 * addresses exactly when both fields are equal, and two prefixes overlap exactly when one covers
 * the other. That covering, not equality with 0.0.0.0/0, is what the guard asks about an endpoint.
 *
 * The order of prefixes is by address, then by length: what covers comes before what it
 * covers, with nothing foreign between them. lpm4_next walks in this order.
 *
 * Text is as strict in as it is out: four decimal octets without leading zeros (010 is eight to
 * inet_addr, as POSIX has it, and ten to people), a length without sign or leading zero, nothing
 * before and nothing behind. One prefix has one spelling; what parses prints as it was written.
 * A prefix with host bits set is an error of its own, with the prefix that was meant, because the
 * message that names it is worth more than a refusal. */
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

/* size bytes of text, no zero byte needed; false: not an address, *ret_addr is untouched. */
bool ip4_parse(const char *text, size_t size, ip4 *ret_addr);
enum prefix4_error { PREFIX4_OK, PREFIX4_SYNTAX, PREFIX4_HOST_BITS };
/* With host bits set, *ret_prefix is the prefix that was probably meant; on a syntax error it is
 * untouched. */
enum prefix4_error prefix4_parse(const char *text, size_t size, struct prefix4 *ret_prefix);

/* The whole of it or, where there is no room, nothing and cut. */
void text_ip4(struct text *text, ip4 addr);
void text_prefix4(struct text *text, struct prefix4 prefix);
