#include "rib/rib.h"

#include "rib/adj_out.h"
#include "rib/prefixes.h"

#include <assert.h>

const struct rib_config rib_config_small = {
    .rules = BEST_VGW, .change_limit = 4096, .chunk_shift = 3, .page_shift = 10, .slot_shift = 0};

/* 131,072 changes a batch: sorting withdrawals pays when a slice is dense (docs: hub speed). */
const struct rib_config rib_config_hub = {.rules = BEST_VGW,
                                          .change_limit = 131072,
                                          .chunk_shift = 12,
                                          .page_shift = 16,
                                          .slot_shift = 8};

void rib_init(struct rib *rib, struct budget *budget, const struct rib_config *config)
{
    assert(config->change_limit >= 16);
    *rib = (struct rib){.config = *config, .budget = budget};
    uint8_t shift = config->chunk_shift, small_shift = 3;
    attr_store_init(&rib->attrs, budget, config->secret, config->page_shift, config->slot_shift);
    audiences_init(&rib->audiences, budget, small_shift);
    slots_init(&rib->slots, budget, config->secret + 1, config->slot_shift, SLOT_KEY,
               PREFIX_NUMBER_BITS);
    slots_init(&rib->except_slots, budget, config->secret + 2, 0, SLOT_KEY, 32);
    lpm_init(&rib->six, budget, shift);
    pool_init(&rib->six_addrs, budget, sizeof(struct rib_six), shift);
    pool_init(&rib->prefixes, budget, sizeof(struct rib_prefix), shift);
    pool_init(&rib->paths, budget, sizeof(struct rib_path), shift);
    pool_init(&rib->sources, budget, sizeof(struct rib_source), small_shift);
    pool_init(&rib->excepts, budget, sizeof(struct rib_except), small_shift);
    pool_init(&rib->changes, budget, sizeof(struct rib_change), shift);
}

void rib_done(struct rib *rib)
{
    adj_out_done(rib);
    audiences_done(&rib->audiences);
    attr_store_done(&rib->attrs);
    slots_done(&rib->slots);
    slots_done(&rib->except_slots);
    lpm_done(&rib->six);
    pool_done(&rib->six_addrs);
    pool_done(&rib->prefixes);
    pool_done(&rib->paths);
    pool_done(&rib->sources);
    pool_done(&rib->excepts);
    pool_done(&rib->changes);
    budget_put(rib->budget, rib->scratch, rib->scratch_cap * sizeof *rib->scratch);
    rib->scratch = NULL;
    rib->scratch_cap = 0;
}

/* -- sources -- */

struct source_id rib_source_add(struct rib *rib, const struct source *source)
{
    bool numbers_left = rib->sources.free_head != 0 || rib->sources.high < UINT16_MAX;
    uint32_t handle = numbers_left ? pool_take(&rib->sources) : 0;
    struct source_id id = {(uint16_t)handle};
    if (handle != 0)
        *source_at(rib, id) =
            (struct rib_source){.source = *source, .first = UINT32_MAX, .used = true};
    return id;
}

const struct rib_source *rib_source_get(const struct rib *rib, struct source_id id)
{
    const struct rib_source *source = source_at(rib, id);
    assert(source->used);
    return source;
}

void rib_source_remove(struct rib *rib, struct source_id id)
{
    struct rib_source *source = source_at(rib, id);
    assert(source->used && source->counts.accepted == 0 && source->counts.refused == 0);
    assert(source->counts.best == 0);
    source->used = false;
    pool_give(&rib->sources, id.v);
    if (rib->sources.used_count == 0)
        pool_done(&rib->sources);
}

void rib_source_change(struct rib *rib, struct source_id id, const struct source *source)
{
    assert(source_at(rib, id)->used);
    source_at(rib, id)->source = *source;
}

/* -- looking -- */

static const struct rib_change *pending(const struct rib *rib, uint32_t number)
{
    const struct rib_prefix *prefix = prefix_at(rib, number);
    return prefix->bits & RIB_DIRTY ? rib_change_at(rib, prefix->stamp - 1) : NULL;
}

struct rib_route rib_best(const struct rib *rib, uint32_t number)
{
    const struct rib_change *change = pending(rib, number);
    if (change)
        return (struct rib_route){change->old_attr, {change->old_source}};
    uint32_t first = prefix_at(rib, number)->paths;
    if (first == 0)
        return (struct rib_route){{0}, {0}};
    const struct rib_path *path = path_at(rib, first);
    if (path->why != REASON_BEST)
        return (struct rib_route){{0}, {0}};
    return (struct rib_route){path->attr, path->source};
}

uint32_t rib_stamp(const struct rib *rib, uint32_t number)
{
    const struct rib_change *change = pending(rib, number);
    return change ? change->stamp : prefix_at(rib, number)->stamp;
}

const struct rib_path *rib_path_next(const struct rib *rib, uint32_t number,
                                     const struct rib_path *at)
{
    uint32_t next = at ? at->next : prefix_at(rib, number)->paths;
    return next ? path_at(rib, next) : NULL;
}

const struct rib_path *rib_path_of(const struct rib *rib, uint32_t number, struct source_id source)
{
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    while (path && path->source.v != source.v)
        path = rib_path_next(rib, number, path);
    return path;
}

/* The trie gives the longest first. */
static uint32_t covering_six(const struct rib *rib, ip_addr addr, uint32_t *ret_numbers)
{
    uint32_t count = 0;
    struct prefix match = {.len = 129};
    while (match.len > 0) {
        uint32_t number = lpm_match(&rib->six, addr, (uint8_t)(match.len - 1), &match);
        if (number == 0)
            break;
        if (!(prefix_at(rib, number)->bits & RIB_DEAD))
            ret_numbers[count++] = number;
    }
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t kept = ret_numbers[i];
        ret_numbers[i] = ret_numbers[count - 1 - i];
        ret_numbers[count - 1 - i] = kept;
    }
    return count;
}

uint32_t rib_covering(const struct rib *rib, ip_addr addr, uint32_t ret_numbers[RIB_COVERING_MAX])
{
    uint32_t count = 0;
    if (ip_is_six(addr))
        return covering_six(rib, addr, ret_numbers);
    for (uint8_t len = 0; len <= 32; len++) {
        uint32_t number = rib_find(rib, prefix_around(addr, len));
        if (number != 0 && !(prefix_at(rib, number)->bits & RIB_DEAD))
            ret_numbers[count++] = number;
    }
    return count;
}
