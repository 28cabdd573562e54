#include "lab/plan_rig.h"

static const struct lab_link *link_with(const struct lab_plan *plan, const char *device)
{
    for (size_t i = 0; i < plan->link_count; i++) {
        for (int end = 0; end < 2; end++) {
            if (strcmp(plan->links[i].legs[end].device, device) == 0)
                return &plan->links[i];
        }
    }
    return NULL;
}

static bool has_address(const struct lab_plan *plan, int at, const char *device, ip_addr addr)
{
    for (size_t i = 0; i < plan->address_count; i++) {
        if (plan->addresses[i].space == at && plan->addresses[i].address.addr == addr &&
            strcmp(plan->addresses[i].device, device) == 0)
            return true;
    }
    return false;
}

static void a_direct_connect_is_handed_over(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    const struct lab_link *link = link_with(plan, "dxvif-1");
    int gateway = world_find_node(rig.world, "vgw-main");
    CHECK(link && link->id && !link->line);
    CHECK_TEXT(link->id, "dxvif-1");
    CHECK_EQUAL(link->legs[0].space, space(plan, "vgw-main"));
    CHECK_EQUAL(link->legs[1].space, space(plan, "dx-edge"));
    for (size_t i = 0; i < plan->address_count; i++)
        CHECK(strcmp(plan->addresses[i].device, "dxvif-1") != 0);
    CHECK(
        has_address(plan, space(plan, "dx-edge"), link->legs[1].device, RIG_IP(169, 254, 100, 2)));
    CHECK_TEXT(plan->spaces[plan->inner_of[gateway]].name, "sekisho-lab-t1-vgw-main.inner");
    char name[NAME_SPACE_BYTES], inner[NAME_SPACE_BYTES];
    lab_gateway_name("t1", "vgw-main", name);
    name_inner(name, inner);
    CHECK_TEXT(inner, plan->spaces[plan->inner_of[gateway]].name);
    done(plan);
}

/* What the IKE daemon sends is routed by the router's own table, with the router's address. */
static void an_ike_daemon_is_behind_its_router(void)
{
    struct lab_plan *plan = plan_of(rig_incident);
    CHECK_EQUAL(plan->site_count, 1);
    const struct lab_site *site = &plan->sites[0];
    const struct lab_link *link = link_with(plan, "ike-vti1");
    CHECK(link && link->line);
    CHECK_EQUAL(link->legs[0].space, space(plan, "vyatta"));
    CHECK_EQUAL(link->legs[1].space, site->space);
    CHECK_TEXT(plan->spaces[site->space].name, "sekisho-lab-t1-vyatta@vpn-vyatta-1");
    CHECK(!plan->spaces[site->space].forwards);
    CHECK(route(plan, "vyatta", "100.127.0.1/32", LAB_IKE_TABLE, "ike-vti1"));
    const struct lab_nat *nat = &plan->nats[plan->nat_count - 1];
    CHECK_EQUAL(nat->space, space(plan, "vyatta"));
    CHECK_EQUAL(nat->elastic, RIG_IP(10, 20, 0, 10));
    CHECK_EQUAL(nat->inner, site->addr);
    CHECK_EQUAL(nat->peer, RIG_IP(203, 0, 113, 225));
    done(plan);
}

/* Two tunnels of a router are two daemons, and one rule. */
static void each_tunnel_has_a_daemon(void)
{
    struct lab_plan *plan = plan_of(rig_with(
        rig_incident,
        "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}\n",
        "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}\n"
        "      - {outside: 203.0.113.226, inside: {vgw: 169.254.252.34, cgw: 169.254.252.33}}\n"));
    unsigned rules = 0;
    CHECK_EQUAL(plan->site_count, 2);
    CHECK(plan->sites[0].addr != plan->sites[1].addr);
    CHECK(plan->nats[plan->nat_count - 1].peer != plan->nats[plan->nat_count - 2].peer);
    for (size_t i = 0; i < plan->rule_count; i++)
        rules += plan->rules[i].table == LAB_IKE_TABLE;
    CHECK_EQUAL(rules, 1);
    done(plan);
}

/* Its outer packets leave from the router and come to the gateway's outer namespace; the inner ones
 * to its inner one. */
static void a_tunnel_without_ipsec_is_a_device_at_either_end(void)
{
    struct lab_plan *plan =
        plan_of(rig_with(rig_incident, "    tunnels:\n", "    ipsec: none\n    tunnels:\n"));
    int gateway = world_find_node(rig.world, "vgw-main");
    CHECK_EQUAL(plan->site_count, 0);
    CHECK_EQUAL(plan->bare_count, 1);
    const struct lab_bare *bare = &plan->bares[0];
    CHECK_EQUAL(bare->outer, space(plan, "vgw-main"));
    CHECK_EQUAL(bare->ends[TUNNEL_GATEWAY].space, plan->inner_of[gateway]);
    CHECK_TEXT(bare->ends[TUNNEL_GATEWAY].device, "vpn-vyatta-1");
    CHECK_EQUAL(bare->ends[TUNNEL_CUSTOMER].space, space(plan, "vyatta"));
    CHECK_TEXT(bare->ends[TUNNEL_CUSTOMER].device, "vti1");
    CHECK(has_address(plan, bare->outer, "outer0", RIG_IP(203, 0, 113, 225)));
    CHECK(has_address(plan, plan->inner_of[gateway], "vpn-vyatta-1", RIG_IP(169, 254, 252, 30)));
    CHECK(has_address(plan, space(plan, "vyatta"), "vti1", RIG_IP(169, 254, 252, 29)));
    for (size_t i = 0; i < plan->rule_count; i++)
        CHECK(plan->rules[i].table != LAB_IKE_TABLE);
    done(plan);
}

int main(void)
{
    TEST(a_direct_connect_is_handed_over);
    TEST(an_ike_daemon_is_behind_its_router);
    TEST(each_tunnel_has_a_daemon);
    TEST(a_tunnel_without_ipsec_is_a_device_at_either_end);
    return harness_done();
}
