#include "explain/told.h"

#include "base/sort.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>

static int by_prefix(const void *left, const void *right, const void *ctx)
{
    const struct told_route *a = left, *b = right;
    (void)ctx;
    return prefix_compare(a->prefix, b->prefix);
}

bool tells(const struct world *world, int node, uint16_t neighbor)
{
    const struct engine *engine = world->nodes[node].engine;
    return engine && engine_rib(engine) &&
           engine_session(engine, neighbor)->state == SESSION_ESTABLISHED;
}

void told_take(const struct world *world, int node, uint16_t neighbor, struct told *ret_told)
{
    const struct engine *engine = world->nodes[node].engine;
    const struct rib *rib = engine ? engine_rib(engine) : NULL;
    *ret_told = (struct told){.node = node, .neighbor = neighbor};
    if (!tells(world, node, neighbor))
        return;
    uint32_t cap = rib->live_count + 1;
    uint32_t *numbers = calloc(cap, sizeof *numbers);
    ret_told->items = calloc(cap, sizeof *ret_told->items);
    assert(numbers && ret_told->items);
    uint32_t count = rib_next(rib, NULL, numbers, cap);
    for (uint32_t i = 0; i < count; i++) {
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
        enum reason reason;
        if (engine_told(engine, neighbor, prefix, &reason).attr.v == 0)
            continue;
        ret_told->items[ret_told->count++] = (struct told_route){prefix, reason};
    }
    free(numbers);
    told_sort(ret_told);
}

void told_sort(struct told *told)
{
    struct told_route *scratch = calloc(told->count + 1, sizeof *scratch);
    assert(scratch);
    sort_stable(told->items, told->count, sizeof *scratch, scratch, by_prefix, NULL);
    free(scratch);
}

void told_done(struct told *told)
{
    free(told->items);
    *told = (struct told){0};
}

uint16_t neighbor_back(const struct world *world, int node, uint16_t neighbor)
{
    struct far_end far = far_end_of(world, node, neighbor);
    if (far.node == WORLD_NONE)
        return 0;
    const struct node *at = &world->nodes[far.node];
    for (size_t i = 0; i < at->setup_count; i++) {
        const struct event *event = &at->setup[i];
        if (event->kind != EVENT_NEIGHBOR)
            continue;
        struct far_end back = far_end_of(world, far.node, event->neighbor.neighbor);
        if (back.node == node && back.tunnel == far.tunnel &&
            back.direct_connect == far.direct_connect &&
            event->neighbor.local_addr == far.said->peer_addr)
            return event->neighbor.neighbor;
    }
    return 0;
}

void text_telling(struct text *text, const struct world *world, int node, uint16_t neighbor)
{
    struct far_end far = far_end_of(world, node, neighbor);
    text_add(text, world->nodes[node].id);
    text_add(text, " tells ");
    text_add(text, far.node == WORLD_NONE ? "its provider" : world->nodes[far.node].id);
    text_add(text, " by ");
    text_neighbor(text, world, node, neighbor);
}
