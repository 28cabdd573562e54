#include "rib/prefixes.h"

#include <assert.h>

static uint32_t number_of(uint64_t slot)
{
    return (uint32_t)(slot & ((1u << PREFIX_NUMBER_BITS) - 1));
}

uint32_t prefix_find(const struct rib *rib, const struct prefix *prefix)
{
    if (prefix->six)
        return lpm_exact(&rib->six, *prefix);
    uint64_t key = prefix_key(prefix);
    return number_of(slots_find(&rib->slots, slots_hash(&rib->slots, key), key));
}

uint32_t rib_find(const struct rib *rib, struct prefix prefix)
{
    return prefix_find(rib, &prefix);
}

static bool is_full(const struct rib *rib)
{
    return rib->prefixes.high == (1u << PREFIX_NUMBER_BITS) - 1 && rib->prefixes.free_head == 0;
}

static uint32_t create(struct rib *rib, uint32_t addr, unsigned bits)
{
    uint32_t number = pool_take(&rib->prefixes);
    if (number == 0)
        return 0;
    *prefix_at(rib, number) = (struct rib_prefix){
        .addr = addr, .bits = (uint16_t)(bits | RIB_IN_USE | RIB_DEAD), .stamp = rib->batch};
    rib->dead_count++;
    return number;
}

static uint32_t create_six(struct rib *rib, struct prefix prefix)
{
    uint32_t handle = pool_take(&rib->six_addrs);
    if (handle == 0)
        return 0;
    ((struct rib_six *)pool_get(&rib->six_addrs, handle))->addr = prefix.addr;
    uint32_t number = create(rib, handle, prefix.len | RIB_SIX);
    if (number != 0 && lpm_set(&rib->six, prefix, number))
        return number;
    if (number != 0) {
        *prefix_at(rib, number) = (struct rib_prefix){0};
        pool_give(&rib->prefixes, number);
        rib->dead_count--;
    }
    pool_give(&rib->six_addrs, handle);
    return 0;
}

static uint32_t find_or_create_six(struct rib *rib, struct prefix prefix, bool *ret_fresh)
{
    uint32_t number = lpm_exact(&rib->six, prefix);
    *ret_fresh = number == 0;
    return number != 0 || is_full(rib) ? number : create_six(rib, prefix);
}

uint32_t prefix_find_or_create(struct rib *rib, const struct prefix *prefix, bool *ret_fresh)
{
    if (prefix->six)
        return find_or_create_six(rib, *prefix, ret_fresh);
    uint64_t key = prefix_key(prefix);
    uint64_t hash = slots_hash(&rib->slots, key);
    uint32_t number = number_of(slots_find(&rib->slots, hash, key));
    *ret_fresh = number == 0;
    if (number != 0)
        return number;
    if (is_full(rib) || !slots_reserve(&rib->slots, hash))
        return 0;
    number = create(rib, (uint32_t)prefix->addr, prefix->len);
    if (number == 0)
        return 0;
    slots_insert(&rib->slots, hash, key << PREFIX_NUMBER_BITS | number);
    return number;
}

/* Of IPv4. */
static uint64_t record_key(const struct rib_prefix *prefix)
{
    return (uint64_t)prefix->addr << 6 | (prefix->bits & 63);
}

void prefix_forget(struct rib *rib, uint32_t number)
{
    struct rib_prefix *prefix = prefix_at(rib, number);
    assert((prefix->bits & (RIB_IN_USE | RIB_DEAD)) == (RIB_IN_USE | RIB_DEAD));
    assert((prefix->bits & (RIB_DIRTY | RIB_HELD)) == 0 && prefix->paths == 0);
    if (prefix->bits & RIB_SIX) {
        lpm_remove(&rib->six, rib_prefix_of(rib, prefix));
        pool_give(&rib->six_addrs, prefix->addr);
    } else {
        uint64_t key = record_key(prefix);
        slots_remove(&rib->slots, slots_hash(&rib->slots, key), key << PREFIX_NUMBER_BITS | number);
    }
    *prefix = (struct rib_prefix){0};
    pool_give(&rib->prefixes, number);
    rib->dead_count--;
}

/* Each place names the next one: the slot a record, the record a path, the path its attributes. So
 * first all slots are fetched, then all records, and so on, and the waits of each kind pass
 * together. */
static void fetch_keys(const struct rib *rib, const uint64_t *keys, uint32_t count)
{
    uint64_t hashes[RIB_HINTS];
    uint32_t handles[RIB_HINTS], found = 0;
    for (uint32_t i = 0; i < count; i++) {
        hashes[i] = slots_hash(&rib->slots, keys[i]);
        slots_hint(&rib->slots, hashes[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = number_of(slots_find(&rib->slots, hashes[i], keys[i]));
        if (number != 0)
            slots_fetch(prefix_at(rib, handles[found++] = number));
    }
    count = found;
    found = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t path = prefix_at(rib, handles[i])->paths;
        if (path != 0)
            slots_fetch(path_at(rib, handles[found++] = path));
    }
    for (uint32_t i = 0; i < found; i++)
        slots_fetch(attr_get(&rib->attrs, path_at(rib, handles[i])->attr));
}

void rib_hint(const struct rib *rib, const struct prefix *prefixes, uint32_t count)
{
    uint64_t keys[RIB_HINTS];
    uint32_t key_count = 0;
    assert(count <= RIB_HINTS);
    for (uint32_t i = 0; i < count; i++) {
        if (!prefixes[i].six)
            keys[key_count++] = prefix_key(&prefixes[i]);
    }
    fetch_keys(rib, keys, key_count);
}

/* -- the list of changes -- */

uint32_t rib_room(const struct rib *rib)
{
    return rib->config.change_limit - rib->change_count;
}

bool change_mark(struct rib *rib, uint32_t number)
{
    struct rib_prefix *prefix = prefix_at(rib, number);
    if (prefix->bits & RIB_DIRTY)
        return true;
    assert(rib->settled_count == 0); /* a batch is being looked at: changes must wait */
    if (rib->change_count == rib->config.change_limit)
        return false;
    if (rib->change_count == rib->changes.high && pool_take(&rib->changes) == 0)
        return false;
    struct rib_route best = rib_best(rib, number);
    struct rib_change *change = pool_get(&rib->changes, ++rib->change_count);
    *change = (struct rib_change){.number = number,
                                  .addr = prefix->addr,
                                  .len = (uint8_t)prefix->bits,
                                  .six = prefix->bits & RIB_SIX,
                                  .old_attr = best.attr,
                                  .old_source = best.source.v,
                                  .stamp = prefix->stamp};
    attr_ref(&rib->attrs, best.attr);
    prefix->stamp = rib->change_count;
    prefix->bits |= RIB_DIRTY;
    return true;
}

enum rib_result rib_touch(struct rib *rib, struct prefix prefix)
{
    uint32_t number = rib_find(rib, prefix);
    if (number == 0)
        return RIB_ABSENT;
    bool changing = prefix_at(rib, number)->bits & RIB_DIRTY;
    if (!changing && rib_best(rib, number).attr.v == 0)
        return RIB_ABSENT;
    if (!change_mark(rib, number))
        return RIB_FULL;
    rib_change_at(rib, prefix_at(rib, number)->stamp - 1)->touched = true;
    return RIB_SAME;
}

/* -- the end of a prefix -- */

void rib_release_if_empty(struct rib *rib)
{
    if (rib->live_count + rib->dead_count + rib->change_count > 0)
        return;
    assert(rib->paths.used_count == 0 && rib->slots.count == 0);
    lpm_done(&rib->six);
    pool_done(&rib->six_addrs);
    pool_done(&rib->prefixes);
    pool_done(&rib->paths);
    pool_done(&rib->changes);
    pool_done(&rib->excepts);
    slots_done(&rib->slots);
    slots_done(&rib->except_slots);
    budget_put(rib->budget, rib->scratch, rib->scratch_cap * sizeof *rib->scratch);
    rib->scratch = NULL;
    rib->scratch_cap = 0;
    rib->sweep_at = 0;
}

/* Is a sweep worth a walk? When an eighth of all numbers are dead: so each dead one costs a look at
 * eight, whatever the size of the table. */
static bool sweep_due(const struct rib *rib, uint32_t told)
{
    if (rib->dead_count == 0)
        return false;
    if (rib->dead_count < rib->prefixes.high / 8 && rib->live_count > 0)
        return false;
    return rib->sweep_told != told || rib->sweep_told == rib->batch;
}

bool rib_is_crowded(const struct rib *rib)
{
    return rib->dead_count > rib->prefixes.high / 2;
}

/* What is removed lies all over the hash: the slots of the next records are fetched together. */
static void fetch_dead(const struct rib *rib, uint32_t from)
{
    for (uint32_t at = from; at < from + RIB_HINTS && at < rib_number_end(rib); at++) {
        const struct rib_prefix *prefix = prefix_at(rib, at);
        if ((prefix->bits & (RIB_DEAD | RIB_SIX)) == RIB_DEAD)
            slots_hint(&rib->slots, slots_hash(&rib->slots, record_key(prefix)));
    }
}

bool rib_sweep(struct rib *rib, uint32_t told, uint32_t limit)
{
    if (rib->sweep_at == 0 && !sweep_due(rib, told))
        return false;
    if (rib->sweep_at <= 1) { /* so far, nothing was looked at */
        rib->sweep_at = 1;
        rib->sweep_told = told;
    }
    for (uint32_t i = 0; i < limit && rib->sweep_at < rib_number_end(rib); i++, rib->sweep_at++) {
        if (i % RIB_HINTS == 0)
            fetch_dead(rib, rib->sweep_at);
        const struct rib_prefix *prefix = prefix_at(rib, rib->sweep_at);
        bool dead = (prefix->bits & (RIB_DEAD | RIB_DIRTY)) == RIB_DEAD;
        if (dead && !rib_batch_after(prefix->stamp, told))
            prefix_forget(rib, rib->sweep_at);
    }
    if (rib->sweep_at < rib_number_end(rib))
        return true;
    rib->sweep_at = 0;
    rib_release_if_empty(rib);
    return false;
}
