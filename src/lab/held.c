#include "lab/held.h"

#include "lab/plan.h"
#include "plane/vpc.h"

#include <assert.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

static void hear(const struct rtnetlink_said *said, void *context)
{
    struct held *held = context;
    if (said->kind != RTNETLINK_ROUTE)
        return;
    held->routes = realloc(held->routes, (held->count + 1) * sizeof *held->routes);
    assert(held->routes);
    held->routes[held->count++] = said->route;
}

struct held held_in(const char *space)
{
    _Alignas(4) char room[RTNETLINK_REQUEST_BYTES];
    struct held held = {0};
    struct rtnetlink kernel;
    if (!rtnetlink_open(&kernel, space, NULL))
        return held;
    struct nlmsghdr *request = rtnetlink_begin(room, RTM_GETROUTE, NLM_F_DUMP);
    mnl_nlmsg_put_extra_header(request, sizeof(struct rtmsg));
    if (rtnetlink_dump(&kernel, request, hear, &held) != 0)
        held.count = 0;
    rtnetlink_close(&kernel);
    return held;
}

void held_done(struct held *held)
{
    free(held->routes);
    *held = (struct held){0};
}

bool held_in_table(const struct held *held, uint16_t table, bool of_lab, struct prefix prefix)
{
    for (size_t i = 0; i < held->count; i++) {
        const struct rtnetlink_route *route = &held->routes[i];
        bool is_static;
        bool there = of_lab ? route->table == (uint32_t)LAB_VPC_TABLE + table
                            : plane_vpc_is_table(route->table) &&
                                  plane_vpc_table_of(route->table, &is_static) == table;
        if (there && prefix_equal(route->to, prefix))
            return true;
    }
    return false;
}
