/* The hash behind prefixes and attributes: open addressing over slots of eight bytes, in sub-tables
 * that grow by half, each on its own, so that no growth step is long (256 sub-tables at a million
 * keys: 0.1 ms). A slot holds what tells keys apart (all of a prefix, 32 bits of an attribute set's
 * hash) above a number; 0 is an empty slot. Linear probing at load 1/2 to 3/4, deletion by shifting
 * back, so there are no tombstones here. Never iterated: the order would depend on the secret. */
#pragma once

#include "base/alloc.h"
#include "base/digest.h"

#include <stdbool.h>

struct slot_part {
    uint64_t *slots;
    uint32_t cap;
    uint32_t count;
};

/* What stands above the number in a slot. */
enum slot_kind {
    SLOT_KEY, /* the key itself, hashed with the secret */
    SLOT_TAG, /* the low 32 bits of the key's hash; the key is elsewhere */
};

struct slots {
    struct budget *budget;
    struct slot_part *parts; /* 1 << shift; allocated with the first insertion */
    uint64_t secret;
    uint32_t count;
    uint8_t shift; /* 0 (small) to 8 (hub) */
    uint8_t kind;  /* enum slot_kind */
    uint8_t number_bits;
};

/* number_bits: how many low bits of a slot are the number; 32 for SLOT_TAG. */
void slots_init(struct slots *slots, struct budget *budget, uint64_t secret, uint8_t shift,
                enum slot_kind kind, uint8_t number_bits);
void slots_done(struct slots *slots);

/* Room for one more under this hash. false: the budget refuses; nothing changed. */
bool slots_reserve(struct slots *slots, uint64_t hash) __attribute__((warn_unused_result));
void slots_insert(struct slots *slots, uint64_t hash, uint64_t slot); /* after slots_reserve */
void slots_remove(struct slots *slots, uint64_t hash, uint64_t slot); /* asserts it is there */

/* For SLOT_KEY; hash is slots_hash of the key. 0: not there. */
uint64_t slots_find(const struct slots *slots, uint64_t hash, uint64_t key);
size_t slots_bytes(const struct slots *slots);
/* Fetches the place where a key with this hash is, or would be, ahead of its use. */
void slots_hint(const struct slots *slots, uint64_t hash);
/* The same of any place in memory. A function that does nothing but fetch has no effect in gcc's
 * eyes, and calls to it go: the empty line of assembler is one. Without it a withdrawal takes twice
 * as long. */
static inline void slots_fetch(const void *place)
{
    __asm__ volatile("");
    __builtin_prefetch(place);
}

static inline uint64_t slots_hash(const struct slots *slots, uint64_t key)
{
    return hash_u64(key, slots->secret);
}

/* The part by the hash's top bits, the place in it by its low 32 bits, in their order. */
static inline struct slot_part *slots_part(const struct slots *slots, uint64_t hash)
{
    return &slots->parts[slots->shift == 0 ? 0 : hash >> (64 - slots->shift)];
}

static inline uint32_t slots_home(const struct slot_part *part, uint64_t hash)
{
    return (uint32_t)(((hash & 0xffffffffu) * part->cap) >> 32);
}

static inline uint32_t slots_after(const struct slot_part *part, uint32_t index)
{
    return index + 1 == part->cap ? 0 : index + 1;
}
