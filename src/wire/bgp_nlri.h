/* A field of prefixes of one family: Withdrawn Routes or Network Layer Reachability of IPv4 (RFC
 * 4271 4.3), and the same within MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760 5).
 *
 * A prefix is a length in bits and as many bytes as that needs. Bits behind the length are of no
 * consequence (RFC 4271 4.3) and come out cleared. A field is right as a whole or not at all: when
 * a length exceeds 32, or 128, or a prefix runs past the end (RFC 7606 5.3), nothing behind it can
 * be found, so the session is reset, 3/10 (RFC 7606 3 j). Hence the order of use:
 *
 *     if (!bgp_nlri_check(field, six, &count)) ...reset...
 *     struct cursor cursor = cursor_over(field);
 *     while (bgp_nlri_next(&cursor, six, &prefix)) ...
 */
#pragma once

#include "base/slice.h"
#include "net/ip.h"

enum { BGP_NLRI_PREFIX_MAX = 5, BGP_NLRI_SIX_MAX = 17 }; /* bytes of a /32, of a /128 */

/* Is the whole field right, and how many prefixes has it? ret_count is set only when it is. */
bool bgp_nlri_check(struct slice field, bool six, size_t *ret_count)
    __attribute__((warn_unused_result));

/* The next prefix; false at the end and, cursor->failed then, at the first wrong one. */
bool bgp_nlri_next(struct cursor *cursor, bool six, struct prefix *ret_prefix)
    __attribute__((warn_unused_result));

/* 1 to 17 bytes: no more than the prefix needs. Failure is the writer's. */
void bgp_nlri_encode(struct writer *writer, const struct prefix *prefix);

/* Bytes that bgp_nlri_encode will write. */
static inline size_t bgp_nlri_size(const struct prefix *prefix)
{
    return 1 + (size_t)(prefix->len + 7) / 8;
}
