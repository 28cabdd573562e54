#include "lab/tables.h"

#include "lab/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What a plan has in one table of one namespace; the devices' names are the plan's. */
struct entries {
    struct plane_route *items;
    size_t count;
};

static struct entries entries_of(const struct lab_plan *plan, int space, uint32_t table)
{
    struct entries entries = {.items = calloc(plan->route_count + 1, sizeof *entries.items)};
    assert(entries.items);
    for (size_t i = 0; i < plan->route_count; i++) {
        if (plan->routes[i].space != space || plan->routes[i].route.table != table)
            continue;
        entries.items[entries.count] = plan->routes[i].route;
        entries.items[entries.count++].device = plan->routes[i].device;
    }
    return entries;
}

static bool is_same(const struct plane_route *one, const struct plane_route *other)
{
    return prefix_equal(one->to, other->to) && one->gateway == other->gateway &&
           one->onlink == other->onlink && one->metric == other->metric &&
           one->kind == other->kind && strcmp(one->device, other->device) == 0;
}

static bool are_same(const struct entries *one, const struct entries *other)
{
    bool same = one->count == other->count;
    for (size_t i = 0; same && i < one->count; i++)
        same = is_same(&one->items[i], &other->items[i]);
    return same;
}

static bool apply_table(struct rtnetlink *kernel, const struct entries *was,
                        const struct entries *is, uint32_t table, bool *ret_told,
                        struct trouble *ret_trouble)
{
    if (are_same(was, is))
        return true;
    *ret_told = true;
    return route_all(kernel, table, is->items, is->count, ret_trouble);
}

static bool apply_vpc(const struct lab_plan *before, const struct lab_plan *after, int was, int is,
                      const char *space, unsigned *count, struct trouble *ret_trouble)
{
    struct rtnetlink kernel;
    bool told = false, done = true;
    if (!rtnetlink_open(&kernel, space, ret_trouble))
        return false;
    for (uint32_t i = 1; done && i <= after->world->nodes[is].table_count; i++) {
        struct entries old = entries_of(before, before->space_of[was], LAB_VPC_TABLE + i);
        struct entries new = entries_of(after, after->space_of[is], LAB_VPC_TABLE + i);
        done = apply_table(&kernel, &old, &new, LAB_VPC_TABLE + i, &told, ret_trouble);
        free(old.items);
        free(new.items);
    }
    rtnetlink_close(&kernel);
    *count += told;
    return done;
}

bool tables_apply(const struct lab_running *lab, const struct world *before,
                  const struct world *after, unsigned *count, struct trouble *ret_trouble)
{
    struct lab_plan *old = lab_plan(before, lab->name), *new = lab_plan(after, lab->name);
    bool done = true;
    for (size_t i = 0; done && i < lab->node_count; i++) {
        const struct running_node *node = &lab->nodes[i];
        int was = world_find_node(before, node->id), is = world_find_node(after, node->id);
        if (node->kind == NODE_VPC && was != WORLD_NONE && is != WORLD_NONE &&
            world_vpc_home(before, was) == WORLD_NONE && world_vpc_home(after, is) == WORLD_NONE)
            done = apply_vpc(old, new, was, is, node->space, count, ret_trouble);
    }
    lab_plan_free(old);
    lab_plan_free(new);
    return done;
}
