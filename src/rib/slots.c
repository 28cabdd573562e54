#include "rib/slots.h"

#include <assert.h>
#include <string.h>

enum { FIRST_CAP = 8 };

void slots_init(struct slots *slots, struct budget *budget, uint64_t secret, uint8_t shift,
                enum slot_kind kind, uint8_t number_bits)
{
    assert(shift <= 8 && number_bits >= 8 && number_bits <= 32);
    assert(kind == SLOT_KEY || number_bits == 32);
    *slots = (struct slots){.budget = budget,
                            .secret = secret,
                            .shift = shift,
                            .kind = (uint8_t)kind,
                            .number_bits = number_bits};
}

static void put_slots(struct slots *slots, struct slot_part *part)
{
    budget_put(slots->budget, part->slots, part->cap * sizeof *part->slots);
    *part = (struct slot_part){0};
}

void slots_done(struct slots *slots)
{
    if (!slots->parts)
        return;
    size_t part_count = (size_t)1 << slots->shift;
    for (size_t i = 0; i < part_count; i++)
        put_slots(slots, &slots->parts[i]);
    budget_put(slots->budget, slots->parts, part_count * sizeof *slots->parts);
    slots->parts = NULL;
    slots->count = 0;
}

/* The low 32 bits of the hash of what a slot holds: all that its place in a part depends on. */
static uint64_t hash_of_slot(const struct slots *slots, uint64_t slot)
{
    uint64_t key = slot >> slots->number_bits;
    return slots->kind == SLOT_TAG ? key : slots_hash(slots, key);
}

static void place(struct slot_part *part, uint64_t hash, uint64_t slot)
{
    uint32_t at = slots_home(part, hash);
    while (part->slots[at])
        at = slots_after(part, at);
    part->slots[at] = slot;
    part->count++;
}

static bool grow(struct slots *slots, struct slot_part *part)
{
    uint32_t cap = part->cap ? part->cap + part->cap / 2 : FIRST_CAP;
    if (cap < part->cap)
        return false;
    uint64_t *fresh = budget_get(slots->budget, cap * sizeof *fresh);
    if (!fresh)
        return false;
    struct slot_part grown = {.slots = fresh, .cap = cap};
    for (uint32_t i = 0; i < part->cap; i++)
        if (part->slots[i])
            place(&grown, hash_of_slot(slots, part->slots[i]), part->slots[i]);
    assert(grown.count == part->count);
    put_slots(slots, part);
    *part = grown;
    return true;
}

bool slots_reserve(struct slots *slots, uint64_t hash)
{
    if (!slots->parts) {
        slots->parts =
            budget_get(slots->budget, ((size_t)1 << slots->shift) * sizeof *slots->parts);
        if (!slots->parts)
            return false;
    }
    struct slot_part *part = slots_part(slots, hash);
    if (part->count < part->cap - part->cap / 4)
        return true;
    return grow(slots, part);
}

void slots_insert(struct slots *slots, uint64_t hash, uint64_t slot)
{
    assert(slot != 0);
    struct slot_part *part = slots_part(slots, hash);
    assert(part->count < part->cap);
    place(part, hash, slot);
    slots->count++;
}

/* Closes the gap: a later slot of the same run moves into it when its home is not behind the gap.
 */
static void shift_back(const struct slots *slots, struct slot_part *part, uint32_t gap)
{
    for (uint32_t at = slots_after(part, gap); part->slots[at]; at = slots_after(part, at)) {
        uint32_t home = slots_home(part, hash_of_slot(slots, part->slots[at]));
        uint32_t from_home = at >= home ? at - home : at + part->cap - home;
        uint32_t from_gap = at >= gap ? at - gap : at + part->cap - gap;
        if (from_home < from_gap)
            continue;
        part->slots[gap] = part->slots[at];
        gap = at;
    }
    part->slots[gap] = 0;
}

void slots_remove(struct slots *slots, uint64_t hash, uint64_t slot)
{
    assert(slots->parts && slot != 0);
    struct slot_part *part = slots_part(slots, hash);
    assert(part->count > 0);
    uint32_t at = slots_home(part, hash);
    while (part->slots[at] != slot) {
        assert(part->slots[at]);
        at = slots_after(part, at);
    }
    shift_back(slots, part, at);
    part->count--;
    slots->count--;
    if (part->count == 0 && part->cap > FIRST_CAP)
        put_slots(slots, part);
}

uint64_t slots_find(const struct slots *slots, uint64_t hash, uint64_t key)
{
    assert(slots->kind == SLOT_KEY);
    if (!slots->parts)
        return 0;
    const struct slot_part *part = slots_part(slots, hash);
    if (part->cap == 0)
        return 0;
    for (uint32_t at = slots_home(part, hash); part->slots[at]; at = slots_after(part, at))
        if (part->slots[at] >> slots->number_bits == key)
            return part->slots[at];
    return 0;
}

void slots_hint(const struct slots *slots, uint64_t hash)
{
    if (!slots->parts)
        return;
    const struct slot_part *part = slots_part(slots, hash);
    if (part->cap > 0)
        slots_fetch(&part->slots[slots_home(part, hash)]);
}

size_t slots_bytes(const struct slots *slots)
{
    if (!slots->parts)
        return 0;
    size_t part_count = (size_t)1 << slots->shift;
    size_t bytes = part_count * sizeof *slots->parts;
    for (size_t i = 0; i < part_count; i++)
        bytes += slots->parts[i].cap * sizeof(uint64_t);
    return bytes;
}
