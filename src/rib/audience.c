#include "rib/audience.h"

#include <assert.h>
#include <string.h>

/* An interned list: ascending, no doubles, never 0. */
struct audience_list {
    uint32_t refs;
    uint32_t count; /* 0: given back */
    uint16_t *items;
};

enum { LIST_MASK = 0x3fffffff };

/* A set seen as a list and whether it is the list or all but the list. */
struct view {
    const uint16_t *items;
    uint32_t count;
    bool but;
    uint16_t one; /* storage for the sets written in the number */
};

void audiences_init(struct audiences *audiences, struct budget *budget, uint8_t chunk_shift)
{
    *audiences = (struct audiences){.budget = budget};
    pool_init(&audiences->lists, budget, sizeof(struct audience_list), chunk_shift);
}

void audiences_done(struct audiences *audiences)
{
    for (uint32_t i = 1; i <= audiences->lists.high; i++) {
        struct audience_list *list = pool_get(&audiences->lists, i);
        if (list->count)
            budget_put(audiences->budget, list->items, list->count * sizeof *list->items);
    }
    pool_done(&audiences->lists);
}

static bool is_list(struct audience audience)
{
    return audience_kind(audience) == AUDIENCE_KIND_BUT_LIST ||
           audience_kind(audience) == AUDIENCE_KIND_ONLY_LIST;
}

static struct audience_list *list_of(const struct audiences *audiences, struct audience audience)
{
    struct audience_list *list = pool_get(&audiences->lists, audience.v & LIST_MASK);
    assert(list->refs > 0);
    return list;
}

static void view_of(const struct audiences *audiences, struct audience audience, struct view *view)
{
    enum audience_kind kind = audience_kind(audience);
    view->but = kind == AUDIENCE_KIND_BUT_ONE || kind == AUDIENCE_KIND_BUT_LIST;
    if (is_list(audience)) {
        const struct audience_list *list = list_of(audiences, audience);
        view->items = list->items;
        view->count = list->count;
        return;
    }
    view->one = (uint16_t)(audience.v & 0xffffu);
    view->items = &view->one;
    view->count = view->one != 0;
}

bool audience_list_has(const struct audiences *audiences, struct audience audience,
                       struct attachment_id attachment)
{
    const struct audience_list *list = list_of(audiences, audience);
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->items[middle] < attachment.v)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < list->count && list->items[low] == attachment.v;
    return found == (audience_kind(audience) == AUDIENCE_KIND_ONLY_LIST);
}

void audience_ref(struct audiences *audiences, struct audience audience)
{
    if (is_list(audience))
        list_of(audiences, audience)->refs++;
}

void audience_unref(struct audiences *audiences, struct audience audience)
{
    if (!is_list(audience))
        return;
    struct audience_list *list = list_of(audiences, audience);
    if (--list->refs > 0)
        return;
    budget_put(audiences->budget, list->items, list->count * sizeof *list->items);
    list->items = NULL;
    list->count = 0;
    list->refs = 0;
    pool_give(&audiences->lists, audience.v & LIST_MASK);
    if (audiences->lists.used_count == 0)
        pool_done(&audiences->lists);
}

static uint32_t find_list(const struct audiences *audiences, const uint16_t *items, uint32_t count)
{
    for (uint32_t i = 1; i <= audiences->lists.high; i++) {
        const struct audience_list *list = pool_get(&audiences->lists, i);
        if (list->count == count && memcmp(list->items, items, count * sizeof *items) == 0)
            return i;
    }
    return 0;
}

static struct audience of_list(uint32_t handle, bool but)
{
    uint32_t kind = but ? AUDIENCE_KIND_BUT_LIST : AUDIENCE_KIND_ONLY_LIST;
    return (struct audience){kind << 30 | handle};
}

/* Takes over items, a block of budget for cap of them, whatever comes of it. */
static bool intern_take(struct audiences *audiences, uint16_t *items, uint32_t cap, uint32_t count,
                        bool but, struct audience *ret_audience)
{
    struct attachment_id one = {count == 0 ? 0 : items[0]};
    uint32_t handle = 0;
    bool done = true;
    if (count <= 1) {
        *ret_audience = but ? audience_but(one) : audience_only(one);
    } else if ((handle = find_list(audiences, items, count)) != 0) {
        *ret_audience = of_list(handle, but);
        audience_ref(audiences, *ret_audience);
    } else {
        handle = pool_take(&audiences->lists);
        uint16_t *kept = handle ? budget_get(audiences->budget, count * sizeof *kept) : NULL;
        if (handle && !kept)
            pool_give(&audiences->lists, handle);
        done = kept != NULL;
        if (done) {
            memcpy(kept, items, count * sizeof *kept);
            *(struct audience_list *)pool_get(&audiences->lists, handle) =
                (struct audience_list){1, count, kept};
            *ret_audience = of_list(handle, but);
        }
    }
    budget_put(audiences->budget, items, cap * sizeof *items);
    return done;
}

/* What of two ascending lists is wanted. */
struct wanted {
    bool left_only;
    bool both;
    bool right_only;
};

static uint32_t merge(const struct view *left, const struct view *right, struct wanted wanted,
                      uint16_t *items)
{
    uint32_t count = 0, l = 0, r = 0;
    while (l < left->count || r < right->count) {
        bool take_left =
            l < left->count && (r == right->count || left->items[l] <= right->items[r]);
        bool take_right =
            r < right->count && (l == left->count || right->items[r] <= left->items[l]);
        uint16_t item = take_left ? left->items[l] : right->items[r];
        bool keep = take_left && take_right ? wanted.both
                    : take_left             ? wanted.left_only
                                            : wanted.right_only;
        if (keep)
            items[count++] = item;
        l += take_left;
        r += take_right;
    }
    return count;
}

static bool meet_views(struct audiences *audiences, const struct view *left,
                       const struct view *right, struct audience *ret_audience)
{
    bool but = left->but && right->but;
    struct wanted wanted = {
        .left_only = right->but, .both = left->but == right->but, .right_only = left->but};
    uint32_t cap = left->count + right->count;
    uint16_t small[2];
    if (cap <= 2) { /* nearly always: neither is a list */
        uint32_t count = merge(left, right, wanted, small);
        if (count <= 1) {
            struct attachment_id one = {count == 0 ? 0 : small[0]};
            *ret_audience = but ? audience_but(one) : audience_only(one);
            return true;
        }
    }
    uint16_t *items = budget_get(audiences->budget, cap * sizeof *items);
    if (!items)
        return false;
    uint32_t count = merge(left, right, wanted, items);
    return intern_take(audiences, items, cap, count, but, ret_audience);
}

bool audience_meet(struct audiences *audiences, struct audience left, struct audience right,
                   struct audience *ret_audience)
{
    struct view left_view, right_view;
    view_of(audiences, left, &left_view);
    view_of(audiences, right, &right_view);
    return meet_views(audiences, &left_view, &right_view, ret_audience);
}

/* The usual cases, which need neither memory nor a merge; true: *ret_audience is set. */
static bool without_quickly(struct audience left, struct audience right,
                            struct audience *ret_audience)
{
    if (audience_same(left, right) || audience_is_nobody(left) ||
        audience_same(right, AUDIENCE_ALL)) {
        *ret_audience = AUDIENCE_NOBODY;
        return true;
    }
    bool but_one = audience_kind(left) == AUDIENCE_KIND_BUT_ONE &&
                   audience_kind(right) == AUDIENCE_KIND_BUT_ONE;
    if (but_one)
        *ret_audience = audience_only((struct attachment_id){(uint16_t)right.v});
    return but_one;
}

bool audience_without(struct audiences *audiences, struct audience left, struct audience right,
                      struct audience *ret_audience)
{
    if (without_quickly(left, right, ret_audience))
        return true;
    if (audience_is_nobody(right)) {
        audience_ref(audiences, left);
        *ret_audience = left;
        return true;
    }
    struct view left_view, right_view;
    view_of(audiences, left, &left_view);
    view_of(audiences, right, &right_view);
    right_view.but = !right_view.but;
    return meet_views(audiences, &left_view, &right_view, ret_audience);
}

bool audience_of(struct audiences *audiences, const uint16_t *attachments, uint32_t count, bool but,
                 struct audience *ret_audience)
{
    struct view all = {.but = true};
    struct view view = {.items = attachments, .count = count, .but = but};
    for (uint32_t i = 0; i < count; i++)
        assert(attachments[i] > (i == 0 ? 0 : attachments[i - 1]));
    return meet_views(audiences, &all, &view, ret_audience);
}
