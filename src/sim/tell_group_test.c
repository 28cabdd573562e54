#include "sim/tell_group.h"

#include "sim/tell_rig.h"

static struct network *network;
static struct world *world;

enum { GATEWAY_NEIGHBOR = 1, MS_US = 1000 };

static struct moment at(int64_t at_us, enum moment_kind kind, const char *node, int tunnel)
{
    return (struct moment){.at_us = at_us,
                           .kind = kind,
                           .node = world_find_node(world, node),
                           .tunnel = tunnel,
                           .into_tunnel = tunnel,
                           .neighbor = tunnel == 0 ? GATEWAY_NEIGHBOR : 0,
                           .step = -1};
}

/* "2+1": the sizes of the groups, in order; o before an opening. */
static const char *sizes(const struct moment *moments, size_t count, bool whole)
{
    static char bytes[256];
    struct text text = text_over(bytes, sizeof bytes);
    struct tell_groups groups;
    tell_group_moments(world, moments, count, whole, &groups);
    for (size_t i = 0; i < groups.count; i++) {
        text_add(&text, i ? "+" : "");
        text_add(&text, groups.items[i].opening ? "o" : "");
        text_u64(&text, groups.items[i].count);
    }
    tell_groups_done(&groups);
    return bytes;
}

static void both_ends_are_one(void)
{
    struct moment moments[] = {
        at(0, MOMENT_STORY, "edge", WORLD_NONE),
        at(5 * MS_US, MOMENT_IKE_UP, "vgw", 0),
        at(9 * MS_US, MOMENT_IKE_UP, "vyatta", 0),
        at(20 * MS_US, MOMENT_SESSION_UP, "vyatta", 0),
        at(21 * MS_US, MOMENT_SESSION_UP, "vgw", 0),
        at(5000 * MS_US, MOMENT_IKE_UP, "vgw", 0),
        at(9000 * MS_US, MOMENT_IKE_UP, "vyatta", 0), /* too late to be the same */
    };
    CHECK_TEXT(sizes(moments, 7, false), "1+2+2+1+1");
}

static void how_a_tunnel_first_came_up_is_one_line(void)
{
    struct moment moments[] = {
        at(0, MOMENT_BOOT, "vgw", WORLD_NONE),
        at(5 * MS_US, MOMENT_IKE_UP, "vgw", 0),
        at(9 * MS_US, MOMENT_IKE_UP, "vyatta", 0),
        at(20 * MS_US, MOMENT_SESSION_UP, "vyatta", 0),
        at(2000 * MS_US, MOMENT_ROUTE, "vyatta", WORLD_NONE),
        at(9000 * MS_US, MOMENT_STORY, "edge", WORLD_NONE),
        at(9001 * MS_US, MOMENT_IKE_UP, "vyatta", 0),
    };
    moments[4].source = ROUTE_EBGP;
    moments[4].neighbor = GATEWAY_NEIGHBOR;
    CHECK_TEXT(sizes(moments, 7, false), "o4+1+1");
    CHECK_TEXT(sizes(moments, 7, true), "1+2+1+1+1+1");
}

static void a_nodes_own_routes_are_no_news(void)
{
    struct moment moments[] = {
        at(0, MOMENT_STORY, "edge", WORLD_NONE),        at(1, MOMENT_ROUTE, "vyatta", WORLD_NONE),
        at(2, MOMENT_ROUTE, "vyatta", WORLD_NONE),      at(3, MOMENT_ROUTE, "vyatta", WORLD_NONE),
        at(4, MOMENT_ROUTE_GONE, "vyatta", WORLD_NONE), at(5, MOMENT_BOOT, "vyatta", WORLD_NONE),
        at(6, MOMENT_ROUTE, "vyatta", WORLD_NONE),
    };
    moments[1].source = moments[3].source = moments[4].source = moments[6].source = ROUTE_DHCP;
    moments[2].source = ROUTE_EBGP;
    CHECK_TEXT(sizes(moments, 2, true), "1");
    CHECK_TEXT(sizes(moments, 4, true), "1+1+1"); /* taken over, and back */
    CHECK_TEXT(sizes(moments, 7, true), "1+1+1+1");
    struct tell_groups groups;
    tell_group_moments(world, moments, 7, true, &groups);
    CHECK(groups.previous[1] == TELL_NONE);
    CHECK_EQUAL((int64_t)groups.previous[2], 1);
    CHECK_EQUAL((int64_t)groups.previous[4], 3);
    CHECK(groups.previous[6] == TELL_NONE); /* it booted in between */
    tell_groups_done(&groups);
}

static void only_the_unanswered_request_is_told(void)
{
    struct moment moments[] = {
        at(0, MOMENT_STORY, "edge", WORLD_NONE), at(1, MOMENT_IKE_DPD, "vgw", 0),
        at(2, MOMENT_IKE_DPD, "vyatta", 0),      at(3, MOMENT_IKE_DPD, "vgw", 0),
        at(4, MOMENT_IKE_GIVEN_UP, "vgw", 0),
    };
    CHECK_TEXT(sizes(moments, 3, true), "1");
    CHECK_TEXT(sizes(moments, 5, true), "1+1+1");
}

static void a_state_that_comes_back_is_known(void)
{
    struct moment moments[] = {
        at(0, MOMENT_SWALLOWED, "vyatta", 0),  at(10, MOMENT_STORY, "edge", WORLD_NONE),
        at(20, MOMENT_SWALLOWED, "vyatta", 0), at(30, MOMENT_SWALLOWED, "vyatta", 0),
        at(40, MOMENT_SWALLOWED, "vyatta", 0),
    };
    struct tell_groups groups;
    moments[3].state = 1;
    tell_group_moments(world, moments, 5, true, &groups);
    CHECK_EQUAL((int64_t)groups.count, 5);
    CHECK(groups.items[2].again_of == TELL_NONE); /* before the story's step is another time */
    CHECK(groups.items[3].again_of == TELL_NONE);
    CHECK_EQUAL((int64_t)groups.items[4].again_of, 2);
    tell_groups_done(&groups);
}

static void a_run_without_moments_has_no_groups(void)
{
    CHECK_TEXT(sizes(NULL, 0, false), "");
}

int main(void)
{
    network = tell_network();
    world = network_build(network);
    TEST(both_ends_are_one);
    TEST(how_a_tunnel_first_came_up_is_one_line);
    TEST(a_nodes_own_routes_are_no_news);
    TEST(only_the_unanswered_request_is_told);
    TEST(a_state_that_comes_back_is_known);
    TEST(a_run_without_moments_has_no_groups);
    world_destroy(world);
    network_free(network);
    return harness_done();
}
