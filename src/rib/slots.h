/* The hash behind prefixes and attributes: open addressing over slots of eight bytes, in sub-tables
 * that grow by half, each on its own, so that no growth step is long (hub-speed: 256 sub-tables,
 * 0.1 ms). A slot holds what tells keys apart (all of a prefix, 32 bits of an attribute set's hash)
 * and a number; 0 is an empty slot. Linear probing at load 1/2 to 3/4, deletion by shifting back,
 * so there are no tombstones here. Never iterated: order would depend on the secret. */
#pragma once

#include "base/alloc.h"

#include <stdbool.h>

struct slot_part {
    uint64_t *slots;
    uint32_t cap;
    uint32_t count;
};

struct slots {
    struct budget *budget;
    struct slot_part *parts; /* 1 << shift; allocated with the first insertion */
    /* The hash of a slot's key, for moving it: must equal what was given to slots_insert. */
    uint64_t (*hash)(const void *ctx, uint64_t slot);
    const void *ctx;
    uint32_t count;
    uint8_t shift; /* 0 (small) to 8 (hub) */
};

void slots_init(struct slots *slots, struct budget *budget, uint8_t shift,
                uint64_t (*hash)(const void *ctx, uint64_t slot), const void *ctx);
void slots_done(struct slots *slots);

/* Room for one more under this hash. false: the budget refuses; nothing changed. */
bool slots_reserve(struct slots *slots, uint64_t hash) __attribute__((warn_unused_result));
void slots_insert(struct slots *slots, uint64_t hash, uint64_t slot); /* after slots_reserve */
void slots_remove(struct slots *slots, uint64_t hash, uint64_t slot); /* asserts it is there */

/* The part by the hash's top bits, the place in it by the low 32 bits, in their order. */
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
