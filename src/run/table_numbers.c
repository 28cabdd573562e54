#include "run/table_numbers.h"

#include "network/memory.h"
#include "plane/vpc.h"
#include "run/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint16_t table_number(const struct plan *plan, int vpc, uint16_t table)
{
    assert(table >= 1 && table <= plan->world->nodes[vpc].table_count);
    return plan->table_numbers[vpc][table];
}

/* 0: it had no table of that name. */
static uint16_t number_before(const struct plan *was, const struct node *vpc, uint16_t table)
{
    int at = was ? world_find_node(was->world, vpc->id) : WORLD_NONE;
    const struct node *before = at == WORLD_NONE ? NULL : &was->world->nodes[at];
    for (uint16_t i = 1; before && i <= before->table_count; i++) {
        if (before->kind == NODE_VPC && strcmp(before->table_ids[i], vpc->table_ids[table]) == 0)
            return was->table_numbers[at][i];
    }
    return 0;
}

/* More than there are numbers no keeper makes, nor the engine: they stay what they are. */
static void number_vpc(const struct node *vpc, const struct plan *was, uint16_t *ret_numbers)
{
    bool taken[PLANE_VPC_TABLES + 1] = {true};
    uint16_t count = vpc->table_count < PLANE_VPC_TABLES ? vpc->table_count : PLANE_VPC_TABLES;
    for (uint16_t i = 1; i <= vpc->table_count; i++) {
        uint16_t before = i <= count ? number_before(was, vpc, i) : i;
        ret_numbers[i] = i <= count && before > PLANE_VPC_TABLES ? 0 : before;
        taken[i <= count ? ret_numbers[i] : 0] = true;
    }
    for (uint16_t i = 1, next = 1; i <= count; i++) {
        if (ret_numbers[i] != 0)
            continue;
        while (taken[i] && taken[next])
            next++; /* as many numbers as tables: there is one */
        ret_numbers[i] = taken[i] ? next : i;
        taken[ret_numbers[i]] = true;
    }
}

static void number_plugs(struct plan *plan)
{
    for (size_t i = 0; i < plan->plug_count; i++) {
        struct plane_attachment *plug = &plan->plugs[i].attachment;
        if (plug->table != 0)
            plug->table =
                table_number(plan, world_find_node(plan->world, plug->vpc), (uint16_t)plug->table);
    }
}

void table_numbers_take(struct plan *plan, const struct plan *was)
{
    const struct world *world = plan->world;
    plan->table_numbers = memory_zeroed(world->node_count, sizeof *plan->table_numbers);
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (node->kind != NODE_VPC)
            continue;
        plan->table_numbers[i] =
            memory_zeroed((size_t)node->table_count + 1, sizeof **plan->table_numbers);
        number_vpc(node, was, plan->table_numbers[i]);
    }
    number_plugs(plan);
}

void table_numbers_done(struct plan *plan)
{
    for (size_t i = 0; plan->table_numbers && i < plan->world->node_count; i++)
        free(plan->table_numbers[i]);
    free(plan->table_numbers);
    plan->table_numbers = NULL;
}
