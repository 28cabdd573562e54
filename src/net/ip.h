/* The room `net`: addresses and prefixes of both families, their text, and the table that finds the
 * longest match (lpm.h). It knows no route, no neighbor and no tunnel: what a prefix leads to is a
 * number that its owner chose.
 *
 * An address is a number in host order; bytes of the network are turned where they are decoded, in
 * `wire`. One type holds both families, so that whatever is said about routes is said once: an
 * address below 2^32 is IPv4's, any other is IPv6's. That leaves out ::/96, and there is nothing
 * in it that a packet could be sent to (RFC 4291 2.5.5.1: deprecated; :: and ::1 never leave a
 * host). A prefix carries its family, because ::/0 is not 0.0.0.0/0.
 *
 * A prefix is an address and a length, and has no host bits set: every function that makes one sees
 * to it, every function that takes one may rely on it. So two prefixes are the same set of
 * addresses exactly when all fields are equal, and two prefixes overlap exactly when one covers
 * the other. That covering, not equality with 0.0.0.0/0, is what the guard asks about an endpoint.
 *
 * The order of prefixes is by family, by address, then by length: what covers comes before what it
 * covers, with nothing foreign between them. lpm_next walks in this order.
 *
 * IPv4's text is as strict in as it is out: four decimal octets without leading zeros (010 is eight
 * to inet_addr, as POSIX has it, and ten to people), a length without sign or leading zero, nothing
 * before and nothing behind. IPv6's is read in every form of RFC 4291 2.2 and written in the one
 * form of RFC 5952. A prefix with host bits set is an error of its own, with the prefix that was
 * meant, because the message that names it is worth more than a refusal. */
#pragma once

#include "base/digest.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 ip_addr __attribute__((aligned(4)));

struct prefix {
    ip_addr addr;
    uint8_t len; /* 0..32; of IPv6 0..128 */
    bool six;    /* IPv6's */
};

/* What of an address 64 bits do not hold: for digests, which take IPv4's 32 bits together with
 * something else. */
static inline void digest_six(struct digest *digest, bool six, ip_addr addr)
{
    if (!six)
        return;
    digest_u64(digest, (uint64_t)(addr >> 64));
    digest_u64(digest, (uint64_t)addr);
}

static inline void digest_prefix(struct digest *digest, struct prefix prefix)
{
    digest_u64(digest, (uint64_t)prefix.addr << 8 | prefix.len);
    digest_six(digest, prefix.six, prefix.addr);
}

enum { IP_TEXT_BYTES = 40, PREFIX_TEXT_BYTES = 44 }; /* with the zero byte */

static inline bool ip_is_six(ip_addr addr)
{
    return addr >> 32 != 0;
}

static inline uint8_t ip_bits(bool six) /* of an address */
{
    return six ? 128 : 32;
}

static inline uint32_t ip_mask_four(uint8_t len) /* IPv4's */
{
    return len == 0 ? 0 : (uint32_t)(0xffffffffu << (32 - len));
}

static inline ip_addr ip_mask(bool six, uint8_t len)
{
    if (!six)
        return ip_mask_four(len);
    return len == 0 ? 0 : ~(ip_addr)0 << (128 - len);
}

/* Are the leading bits of both the same? */
static inline bool ip_agree(bool six, uint8_t len, ip_addr left, ip_addr right)
{
    return len == 0 || (left ^ right) >> (ip_bits(six) - len) == 0;
}

static inline bool prefix_contains(struct prefix prefix, ip_addr addr)
{
    return prefix.six == ip_is_six(addr) && ip_agree(prefix.six, prefix.len, prefix.addr, addr);
}

/* Does outer hold every address of inner? Equal prefixes cover each other. */
static inline bool prefix_covers(struct prefix outer, struct prefix inner)
{
    return outer.six == inner.six && outer.len <= inner.len &&
           ip_agree(outer.six, outer.len, outer.addr, inner.addr);
}

static inline bool prefix_equal(struct prefix left, struct prefix right)
{
    return left.addr == right.addr && left.len == right.len && left.six == right.six;
}

static inline bool prefix_overlaps(struct prefix left, struct prefix right)
{
    return prefix_covers(left, right) || prefix_covers(right, left);
}

/* The address alone: a /32, or a /128. */
static inline struct prefix prefix_host(ip_addr addr)
{
    return (struct prefix){addr, ip_bits(ip_is_six(addr)), ip_is_six(addr)};
}

static inline bool prefix_is_host(struct prefix prefix)
{
    return prefix.len == ip_bits(prefix.six);
}

static inline struct prefix prefix_make(bool six, ip_addr addr, uint8_t len) /* clears host bits */
{
    return (struct prefix){addr & ip_mask(six, len), len, six};
}

static inline struct prefix prefix_around(ip_addr addr,
                                          uint8_t len) /* of the address's own family */
{
    return prefix_make(ip_is_six(addr), addr, len);
}

/* An address in it, of its own family, for look-ups: its first, where that is one. ::/0 begins with
 * ::, which as an address alone would be IPv4's. */
ip_addr prefix_address(struct prefix prefix);
/* An address in it that a packet can be sent to: the second, where there are more than two. Of IPv6
 * never one in ::/96: ::/0 and its like have 2000::1, in what is handed out (RFC 4291 2.4). 0: all
 * of it is in ::/96. */
ip_addr prefix_first_host(struct prefix prefix);

int prefix_compare(struct prefix left, struct prefix right);

/* size bytes of text, no zero byte needed; false: not an address that packets are sent to,
 * *ret_addr is untouched. */
bool ip_parse(const char *text, size_t size, ip_addr *ret_addr);
enum prefix_error { PREFIX_OK, PREFIX_SYNTAX, PREFIX_HOST_BITS };
/* With host bits set, *ret_prefix is the prefix that was probably meant; on a syntax error it is
 * untouched. */
enum prefix_error prefix_parse(const char *text, size_t size, struct prefix *ret_prefix);

/* The whole of it or, where there is no room, nothing and cut. */
void text_ip(struct text *text, ip_addr addr);
void text_prefix(struct text *text, struct prefix prefix);
