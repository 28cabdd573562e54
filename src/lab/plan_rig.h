/* What the tests of a lab's plan share: a plan of a text, and what stands in it. */
#pragma once

#include "lab/plan.h"
#include "network/build_rig.h"

static struct rig rig;

RIG_UNUSED static struct lab_plan *plan_of(const char *text)
{
    rig = rig_build(text);
    rig_boot(&rig);
    return lab_plan(rig.world, "t1");
}

RIG_UNUSED static void done(struct lab_plan *plan)
{
    lab_plan_free(plan);
    rig_done(&rig);
}

RIG_UNUSED static int space(const struct lab_plan *plan, const char *node)
{
    return plan->space_of[world_find_node(rig.world, node)];
}

RIG_UNUSED static bool linked(const struct lab_plan *plan, const char *one, const char *other)
{
    for (size_t i = 0; i < plan->link_count; i++) {
        const struct lab_leg *legs = plan->links[i].legs;
        for (int end = 0; end < 2; end++) {
            if (legs[end].space == space(plan, one) && legs[!end].space == space(plan, other))
                return true;
        }
    }
    return false;
}

/* The route of this text in the space of that node, through that device. */
RIG_UNUSED static const struct plane_route *route(const struct lab_plan *plan, const char *node,
                                                  const char *text, uint32_t table,
                                                  const char *device)
{
    for (size_t i = 0; i < plan->route_count; i++) {
        const struct lab_route *at = &plan->routes[i];
        char buffer[PREFIX_TEXT_BYTES];
        struct text prefix = text_over(buffer, sizeof buffer);
        text_prefix(&prefix, at->route.to);
        if (at->space == space(plan, node) && strcmp(buffer, text) == 0 &&
            at->route.table == table && strcmp(at->device, device) == 0)
            return &at->route;
    }
    return NULL;
}
