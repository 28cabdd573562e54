#include "lab/plan_rig.h"

static void a_vpcs_tables_are_what_its_engine_chose(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    uint32_t table = LAB_VPC_TABLE + 1;
    const struct plane_route *on = route(plan, "vpc-branch", "10.10.0.0/16", table, "vyatta");
    CHECK(on && on->onlink && on->gateway == RIG_IP(10, 20, 0, 10));
    CHECK(route(plan, "vpc-branch", "0.0.0.0/0", table, "igw"));
    CHECK(route(plan, "vpc-branch", "10.20.0.10/32", table, "vyatta"));
    const struct plane_route *local = route(plan, "vpc-branch", "10.20.0.0/16", table, "");
    CHECK(local && local->kind == RTNETLINK_UNREACHABLE_ROUTE);
    CHECK_EQUAL(plan->nat_count, 2); /* the other is the Vyatta's own */
    CHECK_EQUAL(plan->nats[0].elastic, RIG_IP(198, 51, 100, 10));
    CHECK_EQUAL(plan->nats[0].inner, RIG_IP(10, 20, 0, 10));
    CHECK_EQUAL(plan->nats[0].space, space(plan, "vpc-branch"));
    done(plan);
}

/* A peering leads to who is there, through no table: nothing goes on from there. */
static void peerings_are_links(void)
{
    static const char peering[] = "vpc_peerings: [{id: pcx-1, requester: vpc-main, accepter:"
                                  " vpc-branch}]\n";
    struct lab_plan *plan = plan_of(rig_and(rig_incident, peering));
    /* Both VPCs are vgw-main's to make then, and the peering too. */
    CHECK(lab_space_of(plan, world_find_node(rig.world, "vpc-branch")) != NULL);
    CHECK(!linked(plan, "vgw-main", "vgw-main"));
    CHECK(linked(plan, "vyatta", "vgw-main"));
    done(plan);
}

/* Beyond an internet gateway whose VPC sekishod makes are NAT and the way back. */
static void an_internet_gateway_has_two_sides(void)
{
    struct lab_plan *plan = plan_of(rig_with(
        rig_incident, "    route_tables: [{id: rtb-app, propagate: [vgw-main], routes: []}]\n",
        "    internet_gateway: igw-main\n    route_tables: [{id: rtb-app, propagate: [vgw-main], "
        "routes: "
        "[{prefix: 0.0.0.0/0, target: igw-main}]}]\n"));
    CHECK_TEXT(lab_space_of(plan, world_find_node(rig.world, "vpc-main")),
               "sekisho-lab-t1-igw-main");
    CHECK(linked(plan, "vpc-main", "vgw-main"));
    CHECK(linked(plan, "vpc-main", "internet"));
    CHECK(route(plan, "vpc-main", "10.10.1.0/24", 0, "vpc"));
    CHECK(route(plan, "vpc-main", "0.0.0.0/0", 0, ""));
    done(plan);
}

int main(void)
{
    TEST(a_vpcs_tables_are_what_its_engine_chose);
    TEST(peerings_are_links);
    TEST(an_internet_gateway_has_two_sides);
    return harness_done();
}
