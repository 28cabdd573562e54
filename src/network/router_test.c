#include "network/probe.h"
#include "tests/harness.h"

static void a_rule_names_a_neighbor_that_exists(void)
{
    CHECK_BROKEN("announce: [10.20.0.0/16]",
                 "announce: [10.20.0.0/16], import: [{deny: 0.0.0.0/0, neighbor: 169.254.252.30}]",
                 "fine");
    CHECK_BROKEN("announce: [10.20.0.0/16]",
                 "announce: [10.20.0.0/16], import: [{deny: 0.0.0.0/0, neighbor: 169.254.252.29}]",
                 "32:87 vyatta has no neighbor 169.254.252.29 | its neighbors are 169.254.252.30, "
                 "169.254.252.33");
    CHECK_ERRORS("routers: [{id: r, bgp: {asn: 1, export: [{permit: 0.0.0.0/0, neighbor: "
                 "10.0.0.1}]}}]",
                 "1:72 r has no neighbor 10.0.0.1 | it has none");
    CHECK_ERRORS("routers: [{id: r, gateway: 10.0.0.1, underlay: {asn: 2, announce: [0.0.0.0/0]},\n"
                 " bgp: {asn: 1, export: [{permit: 0.0.0.0/0, neighbor: 10.0.0.1}]}}]",
                 "fine");
    CHECK_BROKEN("restart: {router: vyatta}",
                 "configure: {router: vyatta, import: [{deny: 0.0.0.0/0, neighbor: 10.0.0.1}]}",
                 "36:81 vyatta has no neighbor 10.0.0.1 | its neighbors are 169.254.252.30, "
                 "169.254.252.33");
}

static void what_it_announces_is_told_once(void)
{
    CHECK_BROKEN("[10.30.0.0/16]", "[10.30.0.0/16, 10.31.0.0/16, {prefix: 10.30.0.0/16, med: 5}]",
                 "33:85 dx-edge already names this prefix (line 33)");
    CHECK_BROKEN("[10.30.0.0/16]", "[10.30.0.0/16], received: [10.30.0.0/16]",
                 "33:63 what dx-edge announces is told twice | expected announce or received");
    CHECK_BROKEN("announce: [10.30.0.0/16]", "received: [{prefix: 10.30.0.0/16, as_path: [7, 7]}]",
                 "fine");
    CHECK_BROKEN("bgp: {asn: 65001, announce: [10.30.0.0/16]}",
                 "underlay: {asn: 3, announce: [0.0.0.0/0]}",
                 "33:19 dx-edge speaks no BGP with its underlay | give the router bgp with an asn\n"
                 "35:34 dx-edge speaks no BGP | give the router bgp with an asn");
}

static void an_instances_address_is_the_routers(void)
{
    CHECK_BROKEN("platform: vyatta,", "platform: vyatta, address: 10.20.0.10,", "fine");
    CHECK_BROKEN("platform: vyatta,", "platform: vyatta, address: 10.20.0.11,",
                 "30:45 vyatta is the instance i-vyatta, which has another address | leave it out");
}

static void a_sekishod_has_no_vrf(void)
{
    CHECK_BROKEN("platform: vyatta,", "platform: vyatta, outer_vrf: true,", "fine");
    CHECK_BROKEN("platform: vyatta,", "platform: sekisho, outer_vrf: false,", "fine");
    CHECK_BROKEN("platform: vyatta,", "platform: sekisho, outer_vrf: true,",
                 "30:48 vyatta is a sekishod, which knows no VRF | leave it out: sekishod pins the "
                 "way of its tunnels' packets");
}

static void every_platform_can_be_named(void)
{
    for (int platform = 0; platform < PLATFORM_COUNT; platform++) {
        char text[80];
        snprintf(text, sizeof text, "routers: [{id: r, platform: %s}]",
                 platform_name((enum platform)platform));
        struct network *network = probe_parse(text);
        CHECK(network && (int)network->routers[0].platform == platform);
        network_free(network);
    }
}

static void what_is_left_out_is_open(void)
{
    struct network *network = probe_parse("routers: [{id: r}, {id: s, routes: [], bgp: {asn: 7}}]");
    CHECK(network != NULL);
    if (!network)
        return;
    const struct network_router *router = network->routers;
    CHECK_EQUAL(router[0].platform, PLATFORM_UNKNOWN);
    CHECK(router[0].routes == NULL);
    CHECK(router[0].bgp == NULL);
    CHECK(router[1].routes != NULL);
    CHECK_EQUAL((int64_t)router[1].route_count, 0);
    CHECK_EQUAL(router[1].bgp->announce_back, NETWORK_UNSAID);
    CHECK_EQUAL(router[1].bgp->timers.hold_us, -1);
    CHECK_EQUAL(router[1].bgp->allowas_in, 0);
    CHECK(router[1].bgp->announce == NULL);
    network_free(network);
}

int main(void)
{
    TEST(a_rule_names_a_neighbor_that_exists);
    TEST(what_it_announces_is_told_once);
    TEST(an_instances_address_is_the_routers);
    TEST(a_sekishod_has_no_vrf);
    TEST(every_platform_can_be_named);
    TEST(what_is_left_out_is_open);
    return harness_done();
}
