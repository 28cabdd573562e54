#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

#define TWO_SITES(routes, first, second)                                                           \
    "{" RIG_VPC ", " RIG_GATEWAY ", " RIG_TABLE(routes) ", 'CustomerGateways': ["                  \
    RIG_CUSTOMER("1", "65010", "198.51.100.10") ", " RIG_CUSTOMER("2", "65020", "198.51.100.20")   \
    "], 'VpnConnections': [" RIG_CONNECTION("1", "28", first) ", " RIG_CONNECTION("2", "32",       \
    second) "]"
#define THREE_ROUTES                                                                               \
    RIG_ROUTE("10.20.0.0/16") ", " RIG_ROUTE("10.30.0.0/16") ", " RIG_ROUTE("0.0.0.0/0")

/* Who accepted nothing is out of the question; then there is one answer. */
static void the_only_one_that_can_have_announced_it(void)
{
    rig_of(TWO_SITES(THREE_ROUTES, "3", "0") "}");
    CHECK(rig_has("bgp: {asn: 65010, received: [0.0.0.0/0, 10.20.0.0/16, 10.30.0.0/16]}"));
    CHECK(!rig_remark(IMPORT_ASSUMED, "does not say who announced"));
    CHECK(rig_remark(IMPORT_MISSING, "vpn-2 had accepted no route when it was exported"));
}

static void what_the_counts_leave_open_is_written_down(void)
{
    rig_of(TWO_SITES(THREE_ROUTES, "1", "2") "}");
    CHECK(rig_has("- 10.20.0.0/16  # or another of: vpn-1 (1 accepted), vpn-2 (2 "
                  "accepted)\n"));
    const struct network *network = import_network(rig_import);
    CHECK_EQUAL((int64_t)network->routers[0].bgp->received_count, 1);
    CHECK_EQUAL((int64_t)network->routers[1].bgp->received_count, 2);
    CHECK_EQUAL(network->routers[1].bgp->received[0].prefix.len, 0);
    CHECK(rig_remark(IMPORT_ASSUMED,
                     "0.0.0.0/0, 10.30.0.0/16 at vgw-1: an export does not say who announced it; "
                     "the counts allow vpn-1 (1 accepted), vpn-2 (2 accepted); "
                     "taken to be vpn-2"));
}

/* An instance's router announces the VPC around it, rather than something else. */
static void what_lies_around_a_router_is_its_own(void)
{
    rig_of(TWO_SITES(THREE_ROUTES, "2", "1")
           ", 'Instances': [{'InstanceId': 'i-1', 'SubnetId': 'subnet-2',"
           " 'PrivateIpAddress': '10.20.1.10', 'PublicIpAddress': '198.51.100.20'}]}");
    CHECK(!rig_has("router: router-cgw-2}, ")); /* its VPC is not in the export */
    rig_open();
    rig_add("a.json", TWO_SITES(THREE_ROUTES, "2", "1") "}");
    rig_add("b.json", "{'Vpcs': [{'VpcId': 'vpc-2', 'CidrBlock': '10.20.0.0/16'}], 'Subnets':"
            " [{'SubnetId': 'subnet-2', 'VpcId': 'vpc-2', 'CidrBlock': '10.20.1.0/24'}],"
            " 'Instances': [{'InstanceId': 'i-1', 'SubnetId': 'subnet-2',"
            " 'PrivateIpAddress': '10.20.1.10', 'PublicIpAddress': '198.51.100.20'}]}");
    rig_finish();
    const struct network *network = import_network(rig_import);
    CHECK_EQUAL(network->routers[1].bgp->received[0].prefix.addr, 0x0a140000);
    CHECK_EQUAL((int64_t)network->routers[1].bgp->received_count, 1);
}

static void counts_that_do_not_fit_are_told(void)
{
    rig_of(TWO_SITES(THREE_ROUTES, "1", "1") "}");
    CHECK(rig_remark(IMPORT_DIFFERS, "0.0.0.0/0 at vgw-1: propagated, and no attachment's accepted"
                                     " count leaves room for it"));
    rig_of(TWO_SITES(RIG_ROUTE("10.20.0.0/16"), "4", "0") "}");
    const struct import_remark *unseen = rig_remark(
        IMPORT_MISSING, "vpn-1 accepted 4 routes, of which 1 can be seen in route tables");
    CHECK(unseen && strstr(unseen->depends, "what is reached by vpn-1"));
    rig_of(TWO_SITES(RIG_ROUTE("10.20.0.0/16"), "0", "0") "}");
    CHECK(rig_remark(IMPORT_MISSING, "nothing in the export can have announced it"));
}

static void tunnels_that_count_otherwise_are_told(void)
{
    rig_of("{" RIG_VPC ", " RIG_GATEWAY ", " RIG_TABLE(RIG_ROUTE("10.20.0.0/16"))
           ", 'CustomerGateways': [" RIG_CUSTOMER("1", "65010", "198.51.100.10")
           "], 'VpnConnections': [{'VpnConnectionId': 'vpn-1', 'CustomerGatewayId':"
           " 'cgw-1', 'VpnGatewayId': 'vgw-1', 'VgwTelemetry': [{'OutsideIpAddress':"
           " '203.0.113.1', 'Status': 'UP', 'StatusMessage': '1 BGP ROUTES'},"
           " {'OutsideIpAddress': '203.0.113.2', 'Status': 'UP', 'AcceptedRouteCount':" " 0}]}]}");
    CHECK(rig_remark(IMPORT_DIFFERS, "vpn-1 accepted 1 routes on one tunnel and 0 on the other"));
    CHECK(rig_has("received: [10.20.0.0/16]"));
}

static void tables_without_propagation_show_nothing(void)
{
    rig_of("{" RIG_VPC ", " RIG_GATEWAY
           ", 'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1',"
           " 'Associations': [{'Main': true}]}], 'CustomerGateways': [" RIG_CUSTOMER("1",
           "65010", "198.51.100.10") "], 'VpnConnections': [" RIG_CONNECTION("1", "28", "2") "]}");
    CHECK(rig_remark(IMPORT_MISSING, "no route table takes the routes of vgw-1"));
    CHECK(rig_has("bgp: {asn: 65010}"));
}

static void a_static_route_is_nobodys_announcement(void)
{
    rig_of("{" RIG_VPC ", " RIG_GATEWAY ", " RIG_TABLE(RIG_ROUTE("10.20.0.0/16"))
           ", 'CustomerGateways': [" RIG_CUSTOMER("1", "65010", "198.51.100.10")
           "], 'VpnConnections': [{'VpnConnectionId': 'vpn-1', 'CustomerGatewayId':"
           " 'cgw-1', 'VpnGatewayId': 'vgw-1', 'Options': {'StaticRoutesOnly': true},"
           " 'VgwTelemetry': [{'OutsideIpAddress': '203.0.113.1', 'Status': 'UP',"
           " 'AcceptedRouteCount': 1}], 'Routes': [{'DestinationCidrBlock':"
           " '10.20.0.0/16', 'State': 'available'}]}]}");
    CHECK(rig_has("static_routes: [10.20.0.0/16]"));
    CHECK(!rig_has("received:"));
    CHECK_EQUAL((int64_t)rig_count(IMPORT_DIFFERS), 0);
}

/* One router on two gateways that heard different things of it. */
static void what_one_gateway_did_not_hear_is_held_back(void)
{
    rig_open();
    rig_add("a.json", "{" RIG_VPC ", " RIG_GATEWAY ", " RIG_TABLE(RIG_ROUTE("10.20.0.0/16"))
            ", 'CustomerGateways': [" RIG_CUSTOMER("1", "65010", "198.51.100.10")
            "], 'VpnConnections': [" RIG_CONNECTION("1", "28", "1") "]}");
    rig_add("b.json",
            "{'Vpcs': [{'VpcId': 'vpc-2', 'CidrBlock': '10.11.0.0/16'}], 'VpnGateways':"
            " [{'VpnGatewayId': 'vgw-2', 'AmazonSideAsn': 64513, 'VpcAttachments':"
            " [{'VpcId': 'vpc-2'}]}], 'RouteTables': [{'RouteTableId': 'rtb-2', 'VpcId':"
            " 'vpc-2', 'PropagatingVgws': [{'GatewayId': 'vgw-2'}], 'Routes':"
            " [{'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'vgw-2', 'Origin':"
            " 'EnableVgwRoutePropagation'}]}], 'VpnConnections': [{'VpnConnectionId':"
            " 'vpn-2', 'CustomerGatewayId': 'cgw-1', 'VpnGatewayId': 'vgw-2', 'Options':"
            " {'TunnelOptions': [{'OutsideIpAddress': '203.0.113.9', 'TunnelInsideCidr':"
            " '169.254.20.28/30'}]}, 'VgwTelemetry': [{'OutsideIpAddress': '203.0.113.9',"
            " 'Status': 'UP', 'AcceptedRouteCount': 1}]}]}");
    rig_finish();
    CHECK(rig_has("received: [0.0.0.0/0, 10.20.0.0/16]"));
    CHECK(rig_has("{deny: 0.0.0.0/0, neighbor: 169.254.10.29}"));
    CHECK(rig_has("{deny: 10.20.0.0/16, neighbor: 169.254.20.29}"));
}

static void a_leftover_of_propagation_is_told(void)
{
    rig_of("{" RIG_VPC ", " RIG_GATEWAY
           ", 'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1',"
           " 'Associations': [{'Main': true}], 'Routes': [" RIG_ROUTE("10.20.0.0/16") "]}]}");
    CHECK(rig_remark(IMPORT_DIFFERS, "rtb-1 has 10.20.0.0/16 propagated from vgw-1, and does not "
                                     "name it among its PropagatingVgws"));
}

/* clang-format on */

int main(void)
{
    TEST(the_only_one_that_can_have_announced_it);
    TEST(what_the_counts_leave_open_is_written_down);
    TEST(what_lies_around_a_router_is_its_own);
    TEST(counts_that_do_not_fit_are_told);
    TEST(tunnels_that_count_otherwise_are_told);
    TEST(tables_without_propagation_show_nothing);
    TEST(a_static_route_is_nobodys_announcement);
    TEST(what_one_gateway_did_not_hear_is_held_back);
    TEST(a_leftover_of_propagation_is_told);
    rig_close();
    return harness_done();
}
