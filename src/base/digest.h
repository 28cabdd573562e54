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

/* A keyed hash for tables whose keys strangers choose (neighbors choose prefixes and attributes).
 */
uint64_t hash_u64(uint64_t key, uint64_t secret);
uint64_t hash_bytes(struct slice bytes, uint64_t secret);
