#include "lab/plan.h"

#include "lab/plan_rig.h"

/* vpc-main is sekishod's to make, and has no internet gateway; its gateway has two spaces, and the
 * Vyatta's IKE daemon one. */
static void every_node_has_a_space_of_its_own(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    CHECK_EQUAL(plan->space_count, rig.world->node_count - 1 + 2);
    CHECK(lab_space_of(plan, world_find_node(rig.world, "vpc-main")) == NULL);
    CHECK_TEXT(lab_space_of(plan, world_find_node(rig.world, "vyatta")), "sekisho-lab-t1-vyatta");
    for (size_t i = 0; i < plan->space_count; i++) {
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(plan->spaces[i].name, plan->spaces[j].name) != 0);
    }
    CHECK(plan->spaces[space(plan, "vyatta")].forwards);
    CHECK(!plan->spaces[space(plan, "i-app")].forwards);
    done(plan);
}

/* What is sekishod's to take stands in the gateway's outer space. */
static void links_are_the_worlds(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    CHECK(linked(plan, "vyatta", "vpc-branch"));
    CHECK(linked(plan, "i-app", "vgw-main"));
    CHECK(linked(plan, "vpc-branch", "internet"));
    CHECK(linked(plan, "vgw-main", "internet"));
    CHECK(!linked(plan, "vyatta", "vgw-main"));
    done(plan);
}

/* On the Internet each address has its one way; the outside ones lead to their gateway. */
static void the_internet_knows_every_address(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    const struct plane_route *outside = route(plan, "internet", "203.0.113.225/32", 0, "");
    const struct plane_route *elastic = route(plan, "internet", "198.51.100.10/32", 0, "");
    CHECK(outside && elastic && outside->gateway != elastic->gateway);
    CHECK(route(plan, "vgw-main", "0.0.0.0/0", 0, ""));
    done(plan);
}

/* A site's provider takes nobody else's addresses from it; a VPC's and a gateway's link bear many.
 */
static void a_site_says_only_its_own(void)
{
    static const char file[] =
        "vpn_gateways: [{id: vgw}]\n"
        "customer_gateways: [{id: cgw, address: 198.51.100.9, router: site}]\n"
        "vpn_connections: [{id: vpn, vpn_gateway: vgw, customer_gateway: cgw, tunnels: "
        "[{outside: 203.0.113.9, inside: {vgw: 169.254.9.1, cgw: 169.254.9.2}}]}]\n"
        "routers: [{id: site, platform: frr, routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1}], "
        "bgp: {asn: 65009}}]\n";
    struct lab_plan *plan = plan_of(file);
    unsigned own = 0;
    for (size_t i = 0; i < plan->link_count; i++) {
        for (int end = 0; end < 2; end++) {
            const struct lab_leg *leg = &plan->links[i].legs[end];
            own += leg->own != 0;
            CHECK(!leg->own ||
                  (leg->space == plan->internet && leg->answers &&
                   leg->own == RIG_IP(198, 51, 100, 9) &&
                   prefix_equal(leg->range, (struct prefix){RIG_IP(198, 51, 100, 0), 24, false})));
        }
    }
    CHECK_EQUAL(own, 1);
    done(plan);
}

/* What lies behind a router it answers for, and speaks for; of a whole Internet behind it, it only
 * takes what is sent there. */
static void what_lies_behind_answers(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    const struct plane_route *lan = route(plan, "dx-edge", "10.30.0.0/16", LAB_LOCAL_TABLE, "lo");
    const struct plane_route *rest = route(plan, "dx-edge", "0.0.0.0/0", 0, "lo");
    CHECK(lan && lan->kind == RTNETLINK_LOCAL_ROUTE);
    CHECK(rest && rest->kind == RTNETLINK_LOCAL_ROUTE);
    CHECK(!route(plan, "dx-edge", "0.0.0.0/0", LAB_LOCAL_TABLE, "lo"));
    done(plan);
}

/* Its ranges are routes among the others, for which the kernel's first rule makes way. */
static void ranges_behind_it_are_no_more_than_routes(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    const struct plane_route *lan = route(plan, "dx-edge", "10.30.0.0/16", 0, "lo");
    CHECK(lan && lan->kind == RTNETLINK_LOCAL_ROUTE);
    unsigned rules = 0;
    for (size_t i = 0; i < plan->rule_count; i++)
        rules += plan->rules[i].local_hosts && plan->rules[i].space == space(plan, "dx-edge");
    CHECK_EQUAL(rules, 1);
    done(plan);
}

/* The kernel would refuse it, and then there would be no lab. */
static void a_kernels_route_has_its_next_hop_on_a_link(void)
{
    struct lab_plan *plan = plan_of(
        rig_with(rig_incident, "platform: vyatta\n    routes: [{prefix: 0.0.0.0/0,",
                 "platform: sekisho\n    routes: [{prefix: 203.0.113.225/32, via: 192.0.2.1},"
                 " {prefix: 0.0.0.0/0,"));
    CHECK(route(plan, "vyatta", "0.0.0.0/0", 0, ""));
    CHECK(!route(plan, "vyatta", "203.0.113.225/32", 0, ""));
    done(plan);
}

/* A DHCP client's default is in the kernel where the daemon does not have it. */
static void defaults_are_the_kernels_or_the_daemons(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    CHECK(!route(plan, "vyatta", "0.0.0.0/0", 0, "eth0")); /* staticd's, with distance 210 */
    CHECK(route(plan, "i-app", "0.0.0.0/0", 0, "eth0"));
    done(plan);
    plan = plan_of(rig_site);
    const struct plane_route *own = route(plan, "site", "0.0.0.0/0", 0, "eth0");
    CHECK(own && own->metric == 1024 && own->gateway == RIG_IP(198, 51, 100, 1));
    done(plan);
}

static bool in_vrf(const struct lab_plan *plan, const char *node, const char *device)
{
    for (size_t i = 0; i < plan->link_count; i++) {
        for (int end = 0; end < 2; end++) {
            const struct lab_leg *leg = &plan->links[i].legs[end];
            if (leg->space == space(plan, node) && strcmp(leg->device, device) == 0)
                return leg->in_vrf;
        }
    }
    CHECK(false);
    return false;
}

/* Outer packets come from the IKE daemon and leave by eth0; both are in the VRF, whose table has
 * the DHCP client's route, too, and is the last that they ask. */
static void an_outer_vrf_has_both_ends_of_outer_packets(void)
{
    const char *text = rig_with(rig_site, "platform: frr", "platform: linux\n    outer_vrf: true");
    struct lab_plan *plan = plan_of(text);
    CHECK(plan->spaces[space(plan, "site")].vrf);
    CHECK(in_vrf(plan, "site", "eth0") && in_vrf(plan, "site", "ike-vti1"));
    const struct plane_route *out = route(plan, "site", "0.0.0.0/0", LAB_VRF_TABLE, "eth0");
    const struct plane_route *none = route(plan, "site", "0.0.0.0/0", LAB_VRF_TABLE, "");
    CHECK(out && none && none->kind == RTNETLINK_UNREACHABLE_ROUTE && none->metric > out->metric);
    CHECK(route(plan, "site", "0.0.0.0/0", 0, "eth0"));
    done(plan);
    plan = plan_of(rig_site);
    CHECK(!plan->spaces[space(plan, "site")].vrf && !in_vrf(plan, "site", "eth0"));
    done(plan);
}

int main(void)
{
    TEST(every_node_has_a_space_of_its_own);
    TEST(links_are_the_worlds);
    TEST(the_internet_knows_every_address);
    TEST(a_site_says_only_its_own);
    TEST(what_lies_behind_answers);
    TEST(ranges_behind_it_are_no_more_than_routes);
    TEST(a_kernels_route_has_its_next_hop_on_a_link);
    TEST(defaults_are_the_kernels_or_the_daemons);
    TEST(an_outer_vrf_has_both_ends_of_outer_packets);
    return harness_done();
}
