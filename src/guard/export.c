#include "guard/export.h"

#include <assert.h>

/* One customer gateway's use of one outside address. It is in two chains: of the address, ascending
 * by customer gateway, and of the customer gateway, in no order. */
struct guard_use {
    uint32_t next;
    uint32_t next_own;
    uint32_t count; /* tunnels */
    ip_addr outside;
    struct cgw_id cgw;
};

static struct guard_use *use_at(const struct guard *guard, uint32_t use)
{
    return pool_get(&guard->uses, use);
}

static struct prefix endpoint_of(ip_addr outside)
{
    return prefix_host(outside);
}

void guard_init(struct guard *guard, struct budget *budget, uint8_t chunk_shift)
{
    *guard = (struct guard){.budget = budget};
    lpm_init(&guard->endpoints, budget, chunk_shift);
    pool_init(&guard->uses, budget, sizeof(struct guard_use), chunk_shift);
    pool_init(&guard->owners, budget, sizeof(uint32_t), chunk_shift);
}

void guard_done(struct guard *guard)
{
    lpm_done(&guard->endpoints);
    pool_done(&guard->uses);
    pool_done(&guard->owners);
}

/* -- endpoints -- */

/* The first use not before the customer gateway, and the one before it (0: it is the first). */
static uint32_t find_use(const struct guard *guard, uint32_t first, struct cgw_id cgw,
                         uint32_t *ret_previous)
{
    uint32_t at = first, previous = 0;
    while (at && use_at(guard, at)->cgw.v < cgw.v) {
        previous = at;
        at = use_at(guard, at)->next;
    }
    *ret_previous = previous;
    return at;
}

/* Sees to it that the array of customer gateways reaches so far. */
static bool reserve_owner(struct guard *guard, struct cgw_id cgw)
{
    while (guard->owners.high < cgw.v)
        if (pool_take(&guard->owners) == 0)
            return false;
    return true;
}

static uint32_t *own_uses(const struct guard *guard, struct cgw_id cgw)
{
    return pool_get(&guard->owners, cgw.v);
}

bool guard_endpoint_add(struct guard *guard, struct cgw_id cgw, ip_addr outside)
{
    assert(cgw.v != 0);
    uint32_t first = lpm_exact(&guard->endpoints, endpoint_of(outside)), previous;
    uint32_t at = find_use(guard, first, cgw, &previous);
    if (at && use_at(guard, at)->cgw.v == cgw.v) {
        use_at(guard, at)->count++;
        return true;
    }
    uint32_t fresh = reserve_owner(guard, cgw) ? pool_take(&guard->uses) : 0;
    if (fresh == 0)
        return false;
    if (previous) {
        use_at(guard, previous)->next = fresh;
    } else if (!lpm_set(&guard->endpoints, endpoint_of(outside), fresh)) {
        pool_give(&guard->uses, fresh);
        return false;
    }
    uint32_t *own = own_uses(guard, cgw);
    *use_at(guard, fresh) = (struct guard_use){
        .next = at, .next_own = *own, .count = 1, .outside = outside, .cgw = cgw};
    *own = fresh;
    return true;
}

uint32_t guard_endpoint_count(const struct guard *guard, struct cgw_id cgw, ip_addr outside)
{
    uint32_t previous;
    uint32_t at =
        find_use(guard, lpm_exact(&guard->endpoints, endpoint_of(outside)), cgw, &previous);
    return at && use_at(guard, at)->cgw.v == cgw.v ? use_at(guard, at)->count : 0;
}

static void unlink_own(struct guard *guard, struct cgw_id cgw, uint32_t use)
{
    uint32_t *link = own_uses(guard, cgw);
    while (*link != use)
        link = &use_at(guard, *link)->next_own;
    *link = use_at(guard, use)->next_own;
}

void guard_endpoint_remove(struct guard *guard, struct cgw_id cgw, ip_addr outside)
{
    struct prefix endpoint = endpoint_of(outside);
    uint32_t previous;
    uint32_t at = find_use(guard, lpm_exact(&guard->endpoints, endpoint), cgw, &previous);
    assert(at && use_at(guard, at)->cgw.v == cgw.v);
    if (--use_at(guard, at)->count > 0)
        return;
    uint32_t next = use_at(guard, at)->next;
    unlink_own(guard, cgw, at);
    pool_give(&guard->uses, at);
    if (previous) {
        use_at(guard, previous)->next = next;
    } else if (next) {
        bool replaced = lpm_set(&guard->endpoints, endpoint, next); /* needs no memory */
        assert(replaced);
        (void)replaced;
    } else {
        lpm_remove(&guard->endpoints, endpoint);
    }
}

/* -- the question -- */

bool guard_covers_any(const struct guard *guard, struct prefix prefix)
{
    return lpm_any_inside(&guard->endpoints, prefix);
}

/* The first endpoint inside the prefix that is after the address (or at all); false: none. */
static bool next_endpoint(const struct guard *guard, struct prefix prefix, const ip_addr *after,
                          ip_addr *ret_outside, uint32_t *ret_first)
{
    struct prefix from = endpoint_of(after ? *after : prefix.addr - 1), found;
    bool from_start = !after && prefix.addr == 0;
    if (!lpm_next(&guard->endpoints, from_start ? NULL : &from, &found, ret_first))
        return false;
    *ret_outside = found.addr;
    return prefix_contains(prefix, found.addr);
}

bool guard_covered_next(const struct guard *guard, struct prefix prefix,
                        struct guard_cursor *cursor)
{
    uint32_t first;
    if (cursor->started) {
        uint32_t previous;
        struct cgw_id after = {(uint16_t)(cursor->cgw.v + 1)};
        first = lpm_exact(&guard->endpoints, endpoint_of(cursor->outside));
        uint32_t use = after.v ? find_use(guard, first, after, &previous) : 0;
        if (use) {
            cursor->cgw = use_at(guard, use)->cgw;
            return true;
        }
    }
    const ip_addr *after = cursor->started ? &cursor->outside : NULL;
    ip_addr outside;
    if (!next_endpoint(guard, prefix, after, &outside, &first))
        return false;
    *cursor = (struct guard_cursor){outside, use_at(guard, first)->cgw, true};
    return true;
}

/* The lowest endpoint of the customer gateway that the prefix covers; false: none. */
static bool covered_of(const struct guard *guard, struct cgw_id cgw, struct prefix prefix,
                       ip_addr *ret_outside)
{
    bool found = false;
    uint32_t use = cgw.v <= guard->owners.high ? *own_uses(guard, cgw) : 0;
    for (; use; use = use_at(guard, use)->next_own) {
        ip_addr outside = use_at(guard, use)->outside;
        if (!prefix_contains(prefix, outside) || (found && outside > *ret_outside))
            continue;
        *ret_outside = outside;
        found = true;
    }
    return found;
}

struct guard_verdict guard_export_judge(const struct guard *guard, struct cgw_id cgw,
                                        enum guard_policy policy, struct prefix prefix)
{
    const struct guard_verdict pass = {GUARD_OFF, REASON_NONE, 0};
    ip_addr outside;
    if (policy == GUARD_OFF || cgw.v == 0 || !guard_covers_any(guard, prefix))
        return pass;
    if (!covered_of(guard, cgw, prefix, &outside))
        return pass;
    struct prefix fragments[GUARD_FRAGMENTS_MAX];
    switch (policy) {
    case GUARD_OFF:
        break;
    case GUARD_WARN:
        return (struct guard_verdict){GUARD_WARN, REASON_GUARD_WARN, outside};
    case GUARD_CARVE:
        if (guard_carve(guard, cgw, prefix, fragments) > 0)
            return (struct guard_verdict){GUARD_CARVE, REASON_GUARD_CARVE, outside};
        return (struct guard_verdict){GUARD_HOLD, REASON_GUARD_HOLD, outside};
    case GUARD_HOLD:
    case GUARD_REFUSE:
        return (struct guard_verdict){policy, REASON_GUARD_HOLD, outside};
    }
    return pass;
}

/* -- carving -- */

/* Walks down the halves of the prefix, left before right; a half without endpoints is a piece. At
 * most 128 levels, one waiting half a level. */
uint32_t guard_carve(const struct guard *guard, struct cgw_id cgw, struct prefix prefix,
                     struct prefix ret_fragments[GUARD_FRAGMENTS_MAX])
{
    if (prefix.len == 0)
        return 0;
    struct prefix pieces[GUARD_FRAGMENTS_MAX], waiting[129] = {prefix};
    uint32_t count = 0, depth = 1;
    while (depth > 0) {
        struct prefix here = waiting[--depth];
        ip_addr outside;
        if (!covered_of(guard, cgw, here, &outside)) {
            if (count == GUARD_FRAGMENTS_MAX)
                return 0;
            pieces[count++] = here;
        } else if (!prefix_is_host(here)) {
            uint8_t len = (uint8_t)(here.len + 1);
            ip_addr right = here.addr | (ip_addr)1 << (ip_bits(here.six) - len);
            waiting[depth++] = prefix_make(here.six, right, len);
            waiting[depth++] = prefix_make(here.six, here.addr, len);
        }
    }
    for (uint32_t i = 0; i < count; i++)
        ret_fragments[i] = pieces[i];
    return count;
}
