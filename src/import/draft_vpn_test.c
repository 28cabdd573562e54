#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

#define CONNECTIONS(customers, connections)                                                        \
    "{" RIG_VPC ", " RIG_GATEWAY ", 'CustomerGateways': [" customers "], 'VpnConnections': ["      \
    connections "]}"
#define VPN(rest)                                                                                  \
    "{'VpnConnectionId': 'vpn-1', 'CustomerGatewayId': 'cgw-1', 'VpnGatewayId':" " 'vgw-1'" rest   \
    "}"
#define ONE_CUSTOMER RIG_CUSTOMER("1", "65010", "198.51.100.10")

static void a_connection_has_gateway_customer_and_router(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER, RIG_CONNECTION("1", "28", "0")));
    CHECK(rig_has("  - {id: vgw-1, asn: 64512, vpc: vpc-1}\n") ||
          rig_has("  - {id: vgw-1, vpc: vpc-1}\n"));
    CHECK(rig_has("- {id: cgw-1, asn: 65010, address: 198.51.100.10, router: router-cgw-1}"));
    CHECK(rig_has("- {outside: 203.0.113.1, inside: {vgw: 169.254.10.29, cgw: 169.254.10.30}}"
                  "  # telemetry: UP\n"));
    CHECK(rig_has("bgp: {asn: 65010}"));
    CHECK(rig_remark(IMPORT_ASSUMED, "router-cgw-1: what it runs"));
}

/* The incident: the customer gateway is an instance of another VPC. */
static void an_instance_with_that_address_is_the_router(void)
{
    rig_of("{" RIG_VPC ", " RIG_GATEWAY ", 'CustomerGateways': [" ONE_CUSTOMER
           "], 'VpnConnections': [" RIG_CONNECTION("1", "28", "0")
           "], 'Instances': [{'InstanceId': 'i-edge', 'SubnetId': 'subnet-1',"
           " 'PrivateIpAddress': '10.10.1.10', 'PublicIpAddress': '198.51.100.10',"
           " 'State': {'Name': 'stopped'}}]}");
    CHECK(rig_has("router: router-cgw-1\n"));
    CHECK(rig_has("  # it is the instance i-edge, which has the address 198.51.100.10\n"));
    CHECK(rig_has("  # not running when it was exported\n"));
    CHECK(rig_remark(IMPORT_ASSUMED, "the instance i-edge has the address of cgw-1"));
    const struct network *network = import_network(rig_import);
    CHECK(network && network->vpcs[0].instances[0].router.kind == NETWORK_ROUTER);
}

static void one_address_is_one_router(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER ", " RIG_CUSTOMER("2", "65020", "198.51.100.10"),
           RIG_CONNECTION("1", "28", "0") ", " RIG_CONNECTION("2", "32", "0")));
    CHECK_EQUAL((int64_t)import_network(rig_import)->router_count, 1);
    CHECK(rig_remark(IMPORT_ASSUMED, "cgw-2 has the address of another customer gateway"));
    CHECK(rig_remark(IMPORT_ASSUMED, "has AS 65010 towards others and 65020 on vpn-2"));
}

static void what_is_not_told_is_assumed(void)
{
    rig_of("{'VpnGateways': [{'VpnGatewayId': 'vgw-1'}], 'CustomerGateways':"
           " [{'CustomerGatewayId': 'cgw-1'}], 'VpnConnections': ["
           VPN(", 'VgwTelemetry': [{'OutsideIpAddress': '203.0.113.1', 'Status': 'DOWN',"
           " 'StatusMessage': 'IPSEC IS DOWN'}]") "]}");
    CHECK(rig_has("inside: {vgw: 169.254.128.1, cgw: 169.254.128.2}}  # telemetry: DOWN, IPSEC IS "
                  "DOWN\n"));
    CHECK(rig_remark(IMPORT_ASSUMED, "the AS of vgw-1 is not in the export; taken to be 64512"));
    CHECK(rig_remark(IMPORT_ASSUMED, "the AS of cgw-1 is not in the export; taken to be 65000"));
    CHECK(rig_remark(IMPORT_ASSUMED, "the inside addresses of vpn-1 are not in the export"));
}

static void options_are_taken_over(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER,
           VPN(", 'Options': {'TunnelOptions': [{'OutsideIpAddress': '203.0.113.1',"
           " 'TunnelInsideCidr': '169.254.10.28/30', 'DpdTimeoutSeconds': 30,"
           " 'DpdTimeoutAction': 'restart', 'StartupAction': 'start'},"
           " {'OutsideIpAddress': '203.0.113.2', 'TunnelInsideCidr': '169.254.10.32/30',"
           " 'DpdTimeoutSeconds': 45}]}")));
    CHECK(rig_has("dpd: {retries: 2, action: restart}"));
    CHECK(rig_has("startup: start"));
    CHECK(rig_remark(IMPORT_ASSUMED, "the tunnels of vpn-1 differ in dead-peer detection"));
    CHECK(rig_remark(IMPORT_ASSUMED, "the tunnels of vpn-1 differ in startup action"));
    rig_of(CONNECTIONS(ONE_CUSTOMER,
           VPN(", 'Options': {'TunnelOptions': [{'OutsideIpAddress': '203.0.113.1',"
           " 'IkeVersions': [{'Value': 'ikev1'}], 'DpdTimeoutSeconds': 20}]}")));
    CHECK(rig_has("ike: 1"));
    CHECK(rig_remark(IMPORT_WRONG, "vpn-1 gives up a peer after 20 s"));
}

static void static_routes_lie_behind_the_router(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER,
           VPN(", 'Options': {'StaticRoutesOnly': true, 'TunnelOptions':"
           " [{'OutsideIpAddress': '203.0.113.1'}]}, 'Routes': [{'DestinationCidrBlock':"
           " '10.9.0.0/16', 'State': 'available'}, {'DestinationCidrBlock': '0.0.0.0/0',"
           " 'State': 'available'}]")));
    CHECK(rig_has("static_routes: [10.9.0.0/16, 0.0.0.0/0]"));
    CHECK(rig_has("lan: [10.9.0.0/16]"));
    CHECK(!rig_has("bgp:"));
}

static void contradictions_cost_a_tunnel(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER ", " RIG_CUSTOMER("2", "65020", "203.0.113.2"),
           RIG_CONNECTION("1", "28", "0") ", " RIG_CONNECTION("2", "28", "0")));
    CHECK(rig_remark(IMPORT_WRONG, "with the outside address 203.0.113.2 has the customer "
                                   "gateway's own address; it is left out"));
    CHECK(!rig_has("id: vpn-2"));
    rig_of(CONNECTIONS(ONE_CUSTOMER ", " RIG_CUSTOMER("2", "65020", "198.51.100.11"),
           RIG_CONNECTION("1", "28", "0") ", " RIG_CONNECTION("2", "28", "0")));
    CHECK(rig_remark(IMPORT_WRONG, "has inside addresses that are no pair of a /30, or another "
                                   "tunnel's"));
}

static void what_cannot_be_drafted_is_missed(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER, VPN("")
           ", {'VpnConnectionId': 'vpn-2', 'TransitGatewayId': 'tgw-1',"
           " 'CustomerGatewayId': 'cgw-1'}, {'VpnConnectionId': 'vpn-3'}"));
    CHECK(rig_remark(IMPORT_MISSING, "vpn-1 is left out: neither its configuration nor options nor "
                                     "telemetry tell a tunnel"));
    CHECK(rig_remark(IMPORT_MISSING, "vpn-3 is left out: it names no VPN gateway"));
    CHECK(rig_remark(IMPORT_NOT_MODELED, "1 VPN connection of transit gateways"));
    CHECK(!rig_has("vpn_connections:"));
}

static void a_vpc_has_one_gateway(void)
{
    rig_of("{" RIG_VPC ", 'VpnGateways': [{'VpnGatewayId': 'vgw-1', 'AmazonSideAsn': 65001,"
           " 'VpcAttachments': [{'VpcId': 'vpc-1'}]}, {'VpnGatewayId': 'vgw-2',"
           " 'AmazonSideAsn': 65002, 'VpcAttachments': [{'VpcId': 'vpc-1'}]},"
           " {'VpnGatewayId': 'vgw-3', 'AmazonSideAsn': 65003, 'VpcAttachments':"
           " [{'VpcId': 'vpc-9'}]}]}");
    CHECK(rig_has("- {id: vgw-1, asn: 65001, vpc: vpc-1}\n"));
    CHECK(rig_has("- {id: vgw-2, asn: 65002}\n"));
    CHECK(rig_remark(IMPORT_WRONG, "vpc-1 has vgw-1 attached already"));
    CHECK(rig_remark(IMPORT_MISSING, "vpc-9, to which vgw-3 is attached, is not in the export"));
}

#define SIX_TUNNEL(outside, rest) "{'OutsideIpAddress': '" outside "'" rest "}"

/* The /30 stays in the answers, and means nothing. */
static void a_connection_of_ipv6_has_ipv6_inside(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER,
        VPN(", 'Options': {'StaticRoutesOnly': false, 'TunnelInsideIpVersion': 'ipv6',"
            " 'TunnelOptions': ["
            SIX_TUNNEL("203.0.113.1", ", 'TunnelInsideCidr': '169.254.10.4/30',"
                                      " 'TunnelInsideIpv6Cidr': 'fd00:7::/126'") ", "
            SIX_TUNNEL("203.0.113.2", "") "]}")));
    CHECK(rig_has("- {outside: 203.0.113.1, inside: {vgw: fd00:7::1, cgw: fd00:7::2}}\n"));
    CHECK(rig_has(
        "- {outside: 203.0.113.2, inside: {vgw: fd00::a9fe:8001, cgw: fd00::a9fe:8002}}"));
    CHECK(rig_remark(IMPORT_ASSUMED, "the inside addresses of vpn-1 are not in the export; "
                                     "fd00::a9fe:8000/126 stands for them"));
    rig_of(CONNECTIONS(ONE_CUSTOMER,
        VPN(", 'Options': {'TunnelInsideIpVersion': 'ipv6', 'TunnelOptions': ["
            SIX_TUNNEL("203.0.113.1", ", 'TunnelInsideIpv6Cidr': '2001:db8::/126'") ", "
            SIX_TUNNEL("203.0.113.2", ", 'TunnelInsideIpv6Cidr': 'fd00:7::/126'") "]}")));
    CHECK(rig_remark(IMPORT_WRONG, "has inside addresses that are not in fd00::/8"));
    CHECK_EQUAL((int64_t)import_network(rig_import)->vpn_connections[0].tunnel_count, 1);
}

static void its_static_routes_are_of_ipv6(void)
{
    rig_of(CONNECTIONS(ONE_CUSTOMER,
        VPN(", 'Options': {'StaticRoutesOnly': true, 'TunnelInsideIpVersion': 'ipv6',"
            " 'TunnelOptions': ["
            SIX_TUNNEL("203.0.113.1", ", 'TunnelInsideIpv6Cidr': 'fd00:7::/126'") "]},"
            " 'Routes': [{'DestinationCidrBlock': '2001:db8:20::/48', 'State': 'available'},"
            " {'DestinationCidrBlock': '10.20.0.0/16', 'State': 'available'}]")));
    CHECK(rig_has("    static_routes: [2001:db8:20::/48]\n"));
}

/* clang-format on */

int main(void)
{
    TEST(a_connection_has_gateway_customer_and_router);
    TEST(an_instance_with_that_address_is_the_router);
    TEST(one_address_is_one_router);
    TEST(what_is_not_told_is_assumed);
    TEST(options_are_taken_over);
    TEST(static_routes_lie_behind_the_router);
    TEST(contradictions_cost_a_tunnel);
    TEST(what_cannot_be_drafted_is_missed);
    TEST(a_vpc_has_one_gateway);
    TEST(a_connection_of_ipv6_has_ipv6_inside);
    TEST(its_static_routes_are_of_ipv6);
    rig_close();
    return harness_done();
}
