/* Exceptions on export: a sorted array for each of the few prefixes that have any. */
#include "rib/adj_out.h"
#include "rib/prefixes.h"

#include <assert.h>
#include <string.h>

enum { FIRST_ITEMS = 2 };

static struct rib_except *except_of(const struct rib *rib, uint32_t number)
{
    if (!(prefix_at(rib, number)->bits & RIB_HELD))
        return NULL;
    uint64_t hash = slots_hash(&rib->except_slots, number);
    return pool_get(&rib->excepts, (uint32_t)slots_find(&rib->except_slots, hash, number));
}

static struct rib_except *except_create(struct rib *rib, uint32_t number)
{
    uint64_t hash = slots_hash(&rib->except_slots, number);
    if (!slots_reserve(&rib->except_slots, hash))
        return NULL;
    uint32_t handle = pool_take(&rib->excepts);
    if (handle == 0)
        return NULL;
    slots_insert(&rib->except_slots, hash, (uint64_t)number << 32 | handle);
    struct rib_except *except = pool_get(&rib->excepts, handle);
    *except = (struct rib_except){.number = number};
    prefix_at(rib, number)->bits |= RIB_HELD;
    return except;
}

static void put_contents(struct rib *rib, struct rib_except *except)
{
    budget_put(rib->budget, except->items, except->cap * sizeof *except->items);
    audience_unref(&rib->audiences, except->only);
    audience_unref(&rib->audiences, except->held);
    *except = (struct rib_except){0};
}

static void except_destroy(struct rib *rib, uint32_t number)
{
    uint64_t hash = slots_hash(&rib->except_slots, number);
    uint64_t slot = slots_find(&rib->except_slots, hash, number);
    slots_remove(&rib->except_slots, hash, slot);
    put_contents(rib, pool_get(&rib->excepts, (uint32_t)slot));
    pool_give(&rib->excepts, (uint32_t)slot);
    prefix_at(rib, number)->bits &= (uint16_t)~RIB_HELD;
}

void adj_out_done(struct rib *rib)
{
    for (uint32_t i = 1; i < rib_number_end(rib) && rib->excepts.used_count > 0; i++)
        if (except_of(rib, i))
            except_destroy(rib, i);
    for (uint32_t i = 0; i < rib->settled_count; i++)
        audience_unref(&rib->audiences, rib_change_at(rib, i)->old_held);
}

/* The first item not before the attachment. */
static uint32_t lower_bound(const struct rib_except *except, uint16_t attachment)
{
    uint32_t low = 0, high = except->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (except->items[middle].attachment < attachment)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct rib_except_item *item_of(const struct rib_except *except, uint16_t attachment)
{
    uint32_t at = lower_bound(except, attachment);
    bool found = at < except->count && except->items[at].attachment == attachment;
    return found ? &except->items[at] : NULL;
}

static bool reserve_item(struct rib *rib, struct rib_except *except)
{
    if (except->count < except->cap)
        return true;
    uint32_t cap = except->cap ? except->cap * 2 : FIRST_ITEMS;
    struct rib_except_item *items = budget_get(rib->budget, cap * sizeof *items);
    if (!items)
        return false;
    if (except->count)
        memcpy(items, except->items, except->count * sizeof *items);
    budget_put(rib->budget, except->items, except->cap * sizeof *items);
    except->items = items;
    except->cap = cap;
    return true;
}

static bool set_item(struct rib *rib, struct rib_except *except, struct rib_except_item item)
{
    struct rib_except_item *there = item_of(except, item.attachment);
    if (there) {
        except->held_stale |= there->leaves_out != item.leaves_out;
        *there = item;
        return true;
    }
    if (!reserve_item(rib, except))
        return false;
    uint32_t at = lower_bound(except, item.attachment);
    memmove(&except->items[at + 1], &except->items[at],
            (except->count - at) * sizeof *except->items);
    except->items[at] = item;
    except->count++;
    except->held_stale |= item.leaves_out;
    return true;
}

static void remove_item(struct rib *rib, struct rib_except *except, uint16_t attachment)
{
    struct rib_except_item *there = item_of(except, attachment);
    if (!there)
        return;
    except->held_stale |= there->leaves_out;
    size_t behind = (size_t)(&except->items[--except->count] - there);
    memmove(there, there + 1, behind * sizeof *there);
    if (except->count == 0 && audience_same(except->only, AUDIENCE_ALL))
        except_destroy(rib, except->number);
}

bool adj_out_except(struct rib *rib, struct rib_change *change, struct attachment_id attachment,
                    enum reason reason)
{
    assert(rib->settled_count > 0 && attachment.v != 0);
    struct rib_except *except = except_of(rib, change->number);
    if (reason == REASON_NONE) {
        if (except)
            remove_item(rib, except, attachment.v);
        return true;
    }
    bool fresh = !except;
    change->held = true;
    if (fresh && !(except = except_create(rib, change->number)))
        return false;
    bool told = reason == REASON_GUARD_WARN || reason == REASON_AS_LOOP_SENT;
    struct rib_except_item item = {attachment.v, (uint8_t)reason, !told};
    if (set_item(rib, except, item))
        return true;
    if (fresh)
        except_destroy(rib, change->number);
    return false;
}

void adj_out_clear(struct rib *rib, const struct rib_change *change)
{
    if (change->held && except_of(rib, change->number))
        except_destroy(rib, change->number);
}

bool adj_out_restrict(struct rib *rib, struct rib_change *change, const uint16_t *attachments,
                      uint32_t count)
{
    assert(rib->settled_count > 0);
    struct audience only;
    if (!audience_of(&rib->audiences, attachments, count, false, &only))
        return false;
    struct rib_except *except = except_of(rib, change->number);
    change->held = true;
    if (!except && !(except = except_create(rib, change->number))) {
        audience_unref(&rib->audiences, only);
        return false;
    }
    audience_unref(&rib->audiences, except->only);
    except->only = only;
    except->held_stale = true;
    return true;
}

/* -- whom exceptions leave -- */

static bool left_by_items(struct rib *rib, const struct rib_except *except,
                          struct audience *ret_left)
{
    if (except->count == 0) {
        *ret_left = AUDIENCE_ALL;
        return true;
    }
    uint16_t *out = budget_get(rib->budget, except->count * sizeof *out);
    if (!out)
        return false;
    uint32_t count = 0;
    for (uint32_t i = 0; i < except->count; i++)
        if (except->items[i].leaves_out)
            out[count++] = except->items[i].attachment;
    bool done = audience_of(&rib->audiences, out, count, true, ret_left);
    budget_put(rib->budget, out, except->count * sizeof *out);
    return done;
}

bool adj_out_held(struct rib *rib, uint32_t number, struct audience *ret_held)
{
    struct rib_except *except = except_of(rib, number);
    *ret_held = except ? except->held : AUDIENCE_ALL;
    if (!except || !except->held_stale)
        return true;
    struct audience left, held;
    if (!left_by_items(rib, except, &left))
        return false;
    bool done = audience_meet(&rib->audiences, left, except->only, &held);
    audience_unref(&rib->audiences, left);
    if (!done)
        return false;
    audience_unref(&rib->audiences, except->held);
    except->held = held;
    except->held_stale = false;
    *ret_held = held;
    return true;
}

void adj_out_begin(struct rib *rib, struct rib_change *change)
{
    change->old_held = AUDIENCE_ALL;
    change->held = prefix_at(rib, change->number)->bits & RIB_HELD;
    if (!change->held)
        return;
    change->old_unknown = !adj_out_held(rib, change->number, &change->old_held);
    if (change->old_unknown)
        change->old_held = AUDIENCE_ALL;
    audience_ref(&rib->audiences, change->old_held);
}

void adj_out_end(struct rib *rib, struct rib_change *change)
{
    audience_unref(&rib->audiences, change->old_held);
    if (change->new_attr.v == 0)
        adj_out_clear(rib, change);
}

/* -- looking -- */

enum reason adj_out_exception(const struct rib *rib, uint32_t number,
                              struct attachment_id attachment)
{
    const struct rib_except *except = except_of(rib, number);
    if (!except)
        return REASON_NONE;
    const struct rib_except_item *item = item_of(except, attachment.v);
    if (item && item->leaves_out)
        return item->reason;
    if (!audience_has(&rib->audiences, except->only, attachment))
        return REASON_FRAGMENT;
    return item ? item->reason : REASON_NONE;
}

bool adj_out_exception_next(const struct rib *rib, uint32_t number, struct attachment_id *at,
                            enum reason *ret_reason)
{
    const struct rib_except *except = except_of(rib, number);
    if (!except || at->v == UINT16_MAX)
        return false;
    uint32_t next = lower_bound(except, (uint16_t)(at->v + 1));
    if (next == except->count)
        return false;
    at->v = except->items[next].attachment;
    *ret_reason = except->items[next].reason;
    return true;
}
