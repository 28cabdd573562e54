/* A 64-bit digest of canonical state: equal on every machine and compiler, not cryptographic. Feed
 * values, never memory that has padding. Order matters. */
#pragma once

#include "base/slice.h"

struct digest {
    uint64_t state;
};

struct digest digest_start(void);
void digest_u64(struct digest *digest, uint64_t value);
void digest_bytes(struct digest *digest, struct slice bytes); /* its length goes in as well */
uint64_t digest_end(const struct digest *digest);

/* The finalizer of splitmix64: a bijection, so no information is lost on the way. */
static inline uint64_t digest_mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Keyed hashes for tables whose keys strangers choose (neighbors choose prefixes and attributes):
 * without the secret, nobody can choose keys that collide. Bytes go through SipHash-1-3 (Aumasson,
 * Bernstein 2012); a single number through two rounds of splitmix64 with the secret before each. */
static inline uint64_t hash_u64(uint64_t key, uint64_t secret)
{
    return digest_mix(digest_mix(key ^ secret) + secret);
}
uint64_t hash_bytes(struct slice bytes, uint64_t secret);
