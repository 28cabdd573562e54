#include "explain/losers.h"

#include "explain/run_rig.h"

static struct rig rig;

static struct losers losers_of(int node, enum hop_kind kind, const char *dst, const char *prefix)
{
    struct hop hop = {.kind = kind,
                      .node = node,
                      .dst = addr_of(dst),
                      .prefix = net_of(prefix),
                      .table = rig.world->nodes[node].kind == NODE_VPC};
    struct losers losers;
    losers_take(rig.world, &hop, &losers);
    return losers;
}

static void check_loser(const struct losers *losers, size_t index, const char *route,
                        const char *why)
{
    CHECK(index < losers->count);
    if (index >= losers->count)
        return;
    CHECK_TEXT(losers->items[index].route, route);
    CHECK_TEXT(losers->items[index].why, why);
    CHECK(losers->items[index].sentence[0] != 0);
}

static void a_router_tells_the_beaten_and_the_less_specific(void)
{
    struct losers losers = losers_of(rig.site, HOP_KERNEL, "203.0.113.225", "0.0.0.0/0");
    CHECK_EQUAL((int64_t)losers.count, 1);
    check_loser(&losers, 0, "S   [210/0] via 10.20.0.1, eth0 (DHCP)", "distance");
    losers_done(&losers);
    losers = losers_of(rig.site, HOP_KERNEL, "10.30.0.1", "10.30.0.0/16");
    CHECK_EQUAL((int64_t)losers.count, 2);
    check_loser(&losers, 0, "B>* [20/0] via 169.254.252.30, vti1", "length");
    check_loser(&losers, 1, "S   [210/0] via 10.20.0.1, eth0 (DHCP)", "distance");
    losers_done(&losers);
}

static void what_the_kernel_lacks_is_said(void)
{
    kernel_remove(&rig.world->nodes[rig.site].kernel, net_of("10.30.0.0/16"));
    struct losers losers = losers_of(rig.site, HOP_KERNEL, "10.30.0.1", "0.0.0.0/0");
    check_loser(&losers, 0, "B>  [20/0] via 169.254.252.30, vti1", "not-installed");
    losers_done(&losers);
    kernel_remove(&rig.world->nodes[rig.vgw].kernel, net_of("10.30.0.0/16"));
    losers = losers_of(rig.vgw, HOP_MISS, "10.30.0.1", "0.0.0.0/0");
    check_loser(&losers, 0, "dx, DX, AS path 65001", "not-installed");
    losers_done(&losers);
}

static void a_gateway_tells_its_other_paths(void)
{
    struct losers losers = losers_of(rig.vgw, HOP_KERNEL, "10.20.0.1", "10.20.0.0/16");
    CHECK_EQUAL((int64_t)losers.count, 1);
    check_loser(&losers, 0, "dx, DX, AS path 65001", "length");
    losers_done(&losers);
    losers = losers_of(rig.vgw, HOP_KERNEL, "10.10.0.1", "10.10.0.0/16");
    check_loser(&losers, 0, "dx, DX, AS path 65001", "length");
    losers_done(&losers);
}

static void a_vpc_tells_its_other_routes(void)
{
    struct losers losers = losers_of(rig.vpc, HOP_VPC, "10.99.0.1", "10.99.0.0/16");
    CHECK_EQUAL((int64_t)losers.count, 1);
    check_loser(&losers, 0, "vgw, propagated", "length");
    losers_done(&losers);
}

static void a_hop_that_asks_no_table_has_none(void)
{
    struct losers losers = losers_of(rig.vgw, HOP_ENCAPSULATE, "10.20.0.1", "10.20.0.0/16");
    CHECK_EQUAL((int64_t)losers.count, 0);
    losers_done(&losers);
}

int main(void)
{
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    TEST(a_router_tells_the_beaten_and_the_less_specific);
    TEST(a_gateway_tells_its_other_paths);
    TEST(a_vpc_tells_its_other_routes);
    TEST(a_hop_that_asks_no_table_has_none);
    TEST(what_the_kernel_lacks_is_said);
    rig_done(&rig);
    return harness_done();
}
