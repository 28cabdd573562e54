#include "lab/plan_rig.h"

static void a_vpcs_tables_are_what_its_engine_chose(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    uint32_t table = LAB_VPC_TABLE + 1;
    CHECK(route(plan, "vpc-branch", "10.10.0.0/16", table, "vyatta"));
    CHECK(route(plan, "vpc-branch", "0.0.0.0/0", table, "igw"));
    CHECK(route(plan, "vpc-branch", "10.20.0.10/32", table, "vyatta"));
    const struct plane_route *local = route(plan, "vpc-branch", "10.20.0.0/16", table, "");
    CHECK(local && local->kind == RTNETLINK_UNREACHABLE_ROUTE);
    CHECK(!route(plan, "vpc-main", "10.10.0.0/16", table, "")); /* the gateway's to fill */
    CHECK_EQUAL(plan->nat_count, 1);
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
    CHECK(linked(plan, "vpc-main", "vpc-branch"));
    for (size_t i = 0; i < plan->rule_count; i++)
        CHECK(plan->rules[i].space != space(plan, "vpc-branch") ||
              strcmp(plan->rules[i].device, "vpc-main") != 0);
    done(plan);
}

int main(void)
{
    TEST(a_vpcs_tables_are_what_its_engine_chose);
    TEST(peerings_are_links);
    return harness_done();
}
