#include "sim/tell_group.h"

#include "base/sort.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>

enum {
    PAIR_US = 2000000,  /* both ends of one thing come up within this */
    BATCH_US = 250000,  /* prefixes that came together */
    LOOK_BACK = 64,     /* groups looked at for one to join */
    NO_KEY = INT32_MIN, /* belongs to no tunnel and no Direct Connect */
};

bool tell_is_learned(const struct moment *route)
{
    return route->source == ROUTE_EBGP || route->source == ROUTE_IBGP;
}

/* A node that boots begins with an empty table, so its boots are part of the key. */
struct route_key {
    int node;
    unsigned boots;
    struct prefix prefix;
    size_t index;
};

static int compare_keys(const void *left, const void *right, const void *ctx)
{
    const struct route_key *a = left, *b = right;
    (void)ctx;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->boots != b->boots)
        return a->boots < b->boots ? -1 : 1;
    return prefix_compare(a->prefix, b->prefix);
}

static void link_routes(const struct world *world, const struct moment *moments, size_t count,
                        size_t *previous)
{
    struct route_key *keys = calloc(2 * count + 1, sizeof *keys);
    unsigned *boots = calloc(world->node_count + 1, sizeof *boots);
    assert(keys && boots);
    size_t key_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct moment *moment = &moments[i];
        previous[i] = TELL_NONE;
        if (moment->kind == MOMENT_BOOT)
            boots[moment->node]++;
        else if (moment->kind == MOMENT_ROUTE || moment->kind == MOMENT_ROUTE_GONE)
            keys[key_count++] =
                (struct route_key){moment->node, boots[moment->node], moment->prefix, i};
    }
    free(boots);
    sort_stable(keys, key_count, sizeof *keys, keys + count, compare_keys, NULL);
    for (size_t i = 1; i < key_count; i++) {
        if (compare_keys(&keys[i - 1], &keys[i], NULL) == 0)
            previous[keys[i].index] = keys[i - 1].index;
    }
    free(keys);
}

struct grouping {
    const struct world *world;
    const struct moment *moments;
    size_t moment_count;
    size_t opening_end; /* moments before it belong to the opening */
    struct tell_groups *groups;
};

/* Where what is out of the ordinary begins. */
static size_t opening_end(const struct moment *moments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        switch (moments[i].kind) {
        case MOMENT_BOOT:
        case MOMENT_IKE_UP:
        case MOMENT_IKE_DPD:
        case MOMENT_IKE_REPLACED:
        case MOMENT_SESSION_UP:
        case MOMENT_ROUTE:
        case MOMENT_ROUTE_GONE:
        case MOMENT_GUARD_HELD:
        case MOMENT_GUARD_WARNED:
        case MOMENT_REFUSED:
            break;
        case MOMENT_STORY:
        case MOMENT_IKE_GIVEN_UP:
        case MOMENT_SESSION_DOWN:
        case MOMENT_SWALLOWED:
        case MOMENT_FREED:
        case MOMENT_LOOP:
        case MOMENT_LIMIT:
        case MOMENT_FAILED:
        case MOMENT_RESTORED:
        case MOMENT_COUNT:
        default:
            return i;
        }
    }
    return count;
}

/* The tunnel or Direct Connect that a moment is about. */
static int key_of(const struct grouping *grouping, const struct moment *moment)
{
    if (moment->tunnel != WORLD_NONE)
        return moment->tunnel;
    if (moment->neighbor == 0)
        return NO_KEY;
    struct far_end far = far_end_of(grouping->world, moment->node, moment->neighbor);
    if (far.tunnel != WORLD_NONE)
        return far.tunnel;
    return far.direct_connect != WORLD_NONE ? -1 - far.direct_connect : NO_KEY;
}

static bool opens(const struct moment *moment)
{
    return moment->kind == MOMENT_IKE_UP || moment->kind == MOMENT_SESSION_UP ||
           (moment->kind == MOMENT_ROUTE && tell_is_learned(moment));
}

static struct tell_group *begin(struct grouping *grouping, size_t index)
{
    struct tell_groups *groups = grouping->groups;
    if (groups->count == groups->cap) {
        groups->cap = groups->cap ? 2 * groups->cap : 32;
        groups->items = realloc(groups->items, groups->cap * sizeof *groups->items);
        assert(groups->items);
    }
    struct tell_group *group = &groups->items[groups->count++];
    *group = (struct tell_group){.kind = grouping->moments[index].kind,
                                 .at_us = grouping->moments[index].at_us,
                                 .again_of = TELL_NONE};
    return group;
}

static void join(struct tell_group *group, size_t index)
{
    if (group->count == group->cap) {
        group->cap = group->cap ? 2 * group->cap : 2;
        group->members = realloc(group->members, group->cap * sizeof *group->members);
        assert(group->members);
    }
    group->members[group->count++] = index;
}

/* A table's change that is not worth a line: what a node has from its own configuration when it
 * boots, and its own routes generally, unless one takes the place of what BGP brought. */
static bool is_quiet(const struct grouping *grouping, size_t index)
{
    const struct moment *moment = &grouping->moments[index];
    size_t before = grouping->groups->previous[index];
    if (moment->kind == MOMENT_ROUTE_GONE)
        return !tell_is_learned(moment);
    if (moment->kind != MOMENT_ROUTE || tell_is_learned(moment))
        return false;
    return before == TELL_NONE || grouping->moments[before].kind == MOMENT_ROUTE_GONE ||
           !tell_is_learned(&grouping->moments[before]);
}

/* Was this request of dead-peer detection the one that nobody answered? */
static bool was_answered(const struct grouping *grouping, size_t index)
{
    const struct moment *asked = &grouping->moments[index];
    for (size_t i = index + 1; i < grouping->moment_count; i++) {
        const struct moment *moment = &grouping->moments[i];
        if (moment->tunnel != asked->tunnel || moment->node != asked->node)
            continue;
        if (moment->kind == MOMENT_IKE_GIVEN_UP)
            return false;
        if (moment->kind == MOMENT_IKE_DPD || moment->kind == MOMENT_IKE_UP)
            return true;
    }
    return true;
}

/* Does a route take another one's place? Then it has a line of its own. */
static bool takes_over(const struct grouping *grouping, size_t index)
{
    size_t before = grouping->groups->previous[index];
    const struct moment *moments = grouping->moments;
    return before != TELL_NONE && moments[index].kind == MOMENT_ROUTE &&
           moments[before].kind == MOMENT_ROUTE && moments[before].source != moments[index].source;
}

static bool belongs(const struct grouping *grouping, const struct tell_group *group, size_t index)
{
    const struct moment *first = &grouping->moments[group->members[0]];
    const struct moment *moment = &grouping->moments[index];
    int64_t apart_us = moment->at_us - group->at_us;
    if (group->opening || group->kind != moment->kind)
        return false;
    switch (moment->kind) {
    case MOMENT_BOOT:
        return apart_us == 0;
    case MOMENT_IKE_UP:
    case MOMENT_SESSION_UP:
        return apart_us < PAIR_US && group->count == 1 && first->node != moment->node &&
               key_of(grouping, first) == key_of(grouping, moment) &&
               key_of(grouping, moment) != NO_KEY;
    case MOMENT_ROUTE:
    case MOMENT_ROUTE_GONE:
        return apart_us < BATCH_US && first->node == moment->node &&
               first->neighbor == moment->neighbor && !takes_over(grouping, index) &&
               !takes_over(grouping, group->members[0]);
    case MOMENT_GUARD_HELD:
    case MOMENT_GUARD_WARNED:
        return apart_us < BATCH_US && first->node == moment->node &&
               first->attachment == moment->attachment;
    case MOMENT_REFUSED:
        return apart_us < BATCH_US && first->node == moment->node &&
               first->neighbor == moment->neighbor && first->reason == moment->reason;
    case MOMENT_SWALLOWED:
    case MOMENT_FREED: /* one route leads all of them astray */
        return apart_us == 0 && first->node == moment->node &&
               first->into_tunnel == moment->into_tunnel && first->arrives == moment->arrives;
    case MOMENT_STORY:
    case MOMENT_IKE_DPD:
    case MOMENT_IKE_GIVEN_UP:
    case MOMENT_IKE_REPLACED:
    case MOMENT_SESSION_DOWN:
    case MOMENT_LOOP:
    case MOMENT_LIMIT:
    case MOMENT_FAILED:
    case MOMENT_RESTORED:
    case MOMENT_COUNT:
    default:
        return false;
    }
}

static struct tell_group *opening_of(struct grouping *grouping, size_t index)
{
    int key = key_of(grouping, &grouping->moments[index]);
    struct tell_groups *groups = grouping->groups;
    for (size_t i = 0; i < groups->count; i++) {
        struct tell_group *group = &groups->items[i];
        if (group->opening && key_of(grouping, &grouping->moments[group->members[0]]) == key)
            return group;
    }
    struct tell_group *group = begin(grouping, index);
    group->opening = true;
    return group;
}

/* Of a swallowed tunnel: the earlier moment with the same state since the story's last step. */
static size_t again_of(const struct grouping *grouping, size_t index)
{
    const struct moment *now = &grouping->moments[index];
    size_t found = TELL_NONE;
    for (size_t i = index; i-- > 0;) {
        const struct moment *moment = &grouping->moments[i];
        if (moment->kind == MOMENT_STORY || moment->kind == MOMENT_FAILED ||
            moment->kind == MOMENT_RESTORED)
            break;
        if (moment->kind == MOMENT_SWALLOWED && moment->tunnel == now->tunnel &&
            moment->node == now->node && moment->state == now->state) {
            found = i;
            break;
        }
    }
    return found;
}

static void place(struct grouping *grouping, size_t index)
{
    const struct moment *moment = &grouping->moments[index];
    struct tell_groups *groups = grouping->groups;
    bool opening = index < grouping->opening_end;
    if (is_quiet(grouping, index) || (opening && moment->kind == MOMENT_BOOT) ||
        (moment->kind == MOMENT_IKE_DPD && was_answered(grouping, index)))
        return;
    if (opening && opens(moment) && key_of(grouping, moment) != NO_KEY) {
        struct tell_group *group = opening_of(grouping, index);
        group->at_us = moment->at_us;
        join(group, index);
        return;
    }
    for (size_t i = groups->count; i-- > 0 && i + LOOK_BACK >= groups->count;) {
        struct tell_group *group = &groups->items[i];
        if (belongs(grouping, group, index)) {
            join(group, index);
            if (moment->kind == MOMENT_SWALLOWED && group->again_of != again_of(grouping, index) &&
                again_of(grouping, index) == TELL_NONE)
                group->again_of = TELL_NONE;
            return;
        }
    }
    struct tell_group *group = begin(grouping, index);
    join(group, index);
    if (moment->kind == MOMENT_SWALLOWED)
        group->again_of = again_of(grouping, index);
}

static int compare_groups(const void *left, const void *right, const void *ctx)
{
    const struct tell_group *a = left, *b = right;
    (void)ctx;
    return a->at_us < b->at_us ? -1 : a->at_us > b->at_us;
}

void tell_group_moments(const struct world *world, const struct moment *moments, size_t count,
                        bool whole, struct tell_groups *ret_groups)
{
    struct grouping grouping = {
        .world = world, .moments = moments, .moment_count = count, .groups = ret_groups};
    *ret_groups = (struct tell_groups){.previous = calloc(count + 1, sizeof(size_t))};
    assert(ret_groups->previous);
    link_routes(world, moments, count, ret_groups->previous);
    grouping.opening_end = whole ? 0 : opening_end(moments, count);
    for (size_t i = 0; i < count; i++)
        place(&grouping, i);
    struct tell_group *scratch = calloc(ret_groups->count + 1, sizeof *scratch);
    assert(scratch);
    sort_stable(ret_groups->items, ret_groups->count, sizeof *scratch, scratch, compare_groups,
                NULL);
    free(scratch);
}

void tell_groups_done(struct tell_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        free(groups->items[i].members);
    free(groups->items);
    free(groups->previous);
    *groups = (struct tell_groups){0};
}
