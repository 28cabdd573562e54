#include "network/build_rig.h"

static const char underlay[] =
    "    underlay: {asn: 64700, announce: [{prefix: 0.0.0.0/0, as_path: [64701]}]}\n";

static void the_provider_is_a_router_with_a_session(void)
{
    struct rig rig = rig_build(rig_and(rig_site, underlay));
    const struct node *provider = rig_node(&rig, "site's provider");
    CHECK_EQUAL(provider->config.asn, 64700);
    CHECK_EQUAL(provider->ports[1].addr, RIG_IP(198, 51, 100, 1)); /* the site's next hop */
    const struct event_neighbor *there =
        &rig_told(&rig, "site's provider", EVENT_NEIGHBOR, 0)->neighbor;
    const struct event_neighbor *here = &rig_told(&rig, "site", EVENT_NEIGHBOR, 1)->neighbor;
    CHECK(there->peer_asn == 65010 && here->peer_asn == 64700);
    CHECK(there->local_addr == here->peer_addr && there->peer_addr == here->local_addr);
    CHECK(there->passive != here->passive);
    CHECK_EQUAL(here->interface, 1);
    const struct event_announce *said =
        &rig_told(&rig, "site's provider", EVENT_ANNOUNCE, 0)->announce;
    CHECK(said->prefix.len == 0 && said->as_path_count == 1 && said->as_path[0] == 64701);
    rig_done(&rig);
}

/* The way to the Internet comes by BGP, so no DHCP brings another. */
static void no_default_but_the_providers(void)
{
    struct rig rig = rig_build(rig_and(rig_site, underlay));
    for (int i = 0; i < rig_count(&rig, "site", EVENT_ROUTE_SET); i++)
        CHECK(rig_told(&rig, "site", EVENT_ROUTE_SET, (size_t)i)->route.source != ROUTE_DHCP);
    rig_boot(&rig);
    struct path path = rig_send(&rig, "site", 0, RIG_IP(203, 0, 113, 1));
    CHECK(!path.delivered && path.drop == DROP_NO_ROUTE);
    path = rig_send(&rig, "site", RIG_IP(198, 51, 100, 10), RIG_IP(198, 51, 100, 1));
    CHECK(path.delivered && path.node == world_find_node(rig.world, "site's provider"));
    rig_done(&rig);
}

static void an_address_of_its_own(void)
{
    struct rig rig = rig_build(rig_and(
        rig_site, "    underlay: {asn: 64700, address: 198.51.100.77, announce: [0.0.0.0/0]}\n"));
    CHECK_EQUAL(rig_node(&rig, "site's provider")->ports[1].addr, RIG_IP(198, 51, 100, 77));
    rig_done(&rig);
}

static void one_provider_serves_two_routers(void)
{
    struct rig rig = rig_build("routers:\n"
                               "  - {id: one, address: 198.51.100.10, bgp: {asn: 65001},\n"
                               "     underlay: {asn: 64700, announce: [0.0.0.0/0]}}\n"
                               "  - {id: two, address: 198.51.100.11, bgp: {asn: 65002},\n"
                               "     underlay: {asn: 64700, announce: [0.0.0.0/0]}}\n");
    CHECK_EQUAL(rig_count(&rig, "one's provider", EVENT_NEIGHBOR), 2);
    CHECK_EQUAL(world_find_node(rig.world, "two's provider"), WORLD_NONE);
    CHECK_EQUAL(rig_told(&rig, "one's provider", EVENT_NEIGHBOR, 1)->neighbor.peer_asn, 65002);
    rig_done(&rig);
}

static void the_routers_filters_are_for_its_provider_too(void)
{
    struct rig rig = rig_build(rig_and(
        rig_with(rig_site, "bgp: {asn: 65010,",
                 "bgp: {asn: 65010, export: [{deny: 10.0.0.0/8, le: 32, neighbor: 198.51.100.1}],"),
        "    gateway: 198.51.100.1\n"
        "    underlay: {asn: 64700, announce: [0.0.0.0/0]}\n"));
    const struct event_filter *tunnel = &rig_told(&rig, "site", EVENT_FILTER, 0)->filter;
    const struct event_filter *provider = &rig_told(&rig, "site", EVENT_FILTER, 1)->filter;
    CHECK(tunnel->attachment == 1 && tunnel->count == 0 && tunnel->permit_rest);
    CHECK(provider->attachment == 2 && provider->count == 1 && provider->export);
    rig_done(&rig);
}

/* In a VRF the provider's routes compete with nothing: they are the VRF's own. */
static void behind_a_vrf_the_providers_routes_are_the_vrfs(void)
{
    struct rig rig =
        rig_build(rig_and(rig_site, "    outer_vrf: true\n"
                                    "    underlay: {asn: 64700, announce: [0.0.0.0/0]}\n"));
    CHECK_EQUAL(world_find_node(rig.world, "site's provider"), WORLD_NONE);
    CHECK_EQUAL(rig_count(&rig, "site", EVENT_NEIGHBOR), 1);
    bool found = false;
    for (int i = 0; i < rig_count(&rig, "site", EVENT_ROUTE_SET); i++) {
        const struct event_route *route =
            &rig_told(&rig, "site", EVENT_ROUTE_SET, (size_t)i)->route;
        found |= route->source == ROUTE_EBGP && route->prefix.len == 0 && route->interface == 1;
    }
    CHECK(found);
    rig_done(&rig);
}

static void a_router_without_an_outer_interface_has_no_provider(void)
{
    struct rig rig = rig_build("routers:\n"
                               "  - {id: dx, bgp: {asn: 65001},\n"
                               "     underlay: {asn: 64700, announce: [0.0.0.0/0]}}\n");
    CHECK_EQUAL(world_find_node(rig.world, "dx's provider"), WORLD_NONE);
    CHECK_EQUAL(rig_count(&rig, "dx", EVENT_NEIGHBOR), 0);
    rig_done(&rig);
}

int main(void)
{
    TEST(the_provider_is_a_router_with_a_session);
    TEST(no_default_but_the_providers);
    TEST(an_address_of_its_own);
    TEST(one_provider_serves_two_routers);
    TEST(the_routers_filters_are_for_its_provider_too);
    TEST(behind_a_vrf_the_providers_routes_are_the_vrfs);
    TEST(a_router_without_an_outer_interface_has_no_provider);
    return harness_done();
}
