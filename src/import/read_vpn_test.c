#include "import/read_rig.h"

#include "network/network.h"

#define XML_TUNNEL(outside, inside)                                                                \
    "<ipsec_tunnel><customer_gateway><tunnel_outside_address><ip_address>198.51.100.10"            \
    "</ip_address></tunnel_outside_address><tunnel_inside_address><ip_address>169.254.10." inside  \
    "6</ip_address></tunnel_inside_address><bgp><asn>65010</asn><hold_time>30</hold_time></bgp>"   \
    "</customer_gateway><vpn_gateway><tunnel_outside_address><ip_address>" outside                 \
    "</ip_address></tunnel_outside_address><tunnel_inside_address><ip_address>169.254.10." inside  \
    "5</ip_address></tunnel_inside_address><bgp><asn>64999</asn></bgp></vpn_gateway>"              \
    "</ipsec_tunnel>"
#define XML(tunnels) "<vpn_connection>" tunnels "</vpn_connection>"

static const struct aws_connection *connection_of(const char *rest)
{
    char text[4096];
    snprintf(text, sizeof text,
             "{'VpnConnections': [{'VpnConnectionId': 'vpn-1', 'CustomerGatewayId': 'cgw-1',"
             " 'VpnGatewayId': 'vgw-1', 'State': 'available'%s}]}",
             rest);
    read_of(text);
    return read_thing(AWS_VPN_CONNECTION, 0);
}

static void the_configuration_tells_the_tunnels(void)
{
    const struct aws_connection *connection =
        connection_of(", 'CustomerGatewayConfiguration': '" XML(
            XML_TUNNEL("203.0.113.1", "1") XML_TUNNEL("203.0.113.2", "2")) "'");
    CHECK_EQUAL((int64_t)connection->tunnel_count, 2);
    CHECK_EQUAL(connection->tunnels[1].outside, 0xcb007102);
    CHECK_EQUAL(connection->tunnels[1].inside_vgw, 0xa9fe0a19);
    CHECK_EQUAL(connection->tunnels[1].inside_cgw, 0xa9fe0a1a);
    CHECK_EQUAL(connection->vgw_asn, 64999);
    CHECK_EQUAL(connection->cgw_asn, 65010);
    CHECK_EQUAL(connection->cgw_address, 0xc633640a);
    CHECK_EQUAL(connection->hold_s, 30);
    CHECK(connection->configured && connection->static_only == ITEM_UNSAID);
    CHECK_EQUAL((int64_t)read_remarks.count, 0);
}

static void options_and_telemetry_meet_by_address(void)
{
    const struct aws_connection *connection = connection_of(
        ", 'Options': {'StaticRoutesOnly': false, 'TunnelOptions': [{'OutsideIpAddress':"
        " '203.0.113.1', 'TunnelInsideCidr': '169.254.10.4/30', 'PreSharedKey': 'secret_key',"
        " 'DpdTimeoutSeconds': 45, 'DpdTimeoutAction': 'restart', 'StartupAction': 'start',"
        " 'IkeVersions': [{'Value': 'ikev1'}]}, {'OutsideIpAddress': '203.0.113.2',"
        " 'IkeVersions': [{'Value': 'ikev1'}, {'Value': 'ikev2'}]}]},"
        " 'VgwTelemetry': [{'OutsideIpAddress': '203.0.113.2', 'Status': 'DOWN',"
        " 'StatusMessage': 'IPSEC IS DOWN', 'AcceptedRouteCount': 0},"
        " {'OutsideIpAddress': '203.0.113.1', 'Status': 'UP', 'AcceptedRouteCount': 3}]");
    const struct aws_tunnel *one = &connection->tunnels[0], *two = &connection->tunnels[1];
    CHECK_EQUAL((int64_t)connection->tunnel_count, 2);
    CHECK_EQUAL(one->inside_vgw, 0xa9fe0a05);
    CHECK_EQUAL(one->inside_cgw, 0xa9fe0a06);
    CHECK_EQUAL(one->dpd_timeout_s, 45);
    CHECK_EQUAL(one->dpd_action, NETWORK_DPD_RESTART);
    CHECK_EQUAL(one->startup, NETWORK_STARTUP_START);
    CHECK(one->only_ike1 && !two->only_ike1);
    CHECK(one->up && one->accepted == 3 && !two->up && two->accepted == 0);
    CHECK_TEXT(two->message, "IPSEC IS DOWN");
    CHECK_EQUAL(connection->static_only, ITEM_NO);
}

static void a_third_tunnel_is_told(void)
{
    connection_of(", 'VgwTelemetry': [{'OutsideIpAddress': '203.0.113.1', 'Status': 'UP'},"
                  "{'OutsideIpAddress': '203.0.113.2', 'Status': 'UP'},\n"
                  "{'OutsideIpAddress': '203.0.113.3', 'Status': 'UP'}]");
    read_says(2, "has two tunnels with other outside addresses already");
}

static void bad_xml_costs_the_configuration(void)
{
    const struct aws_connection *connection =
        connection_of(", 'VgwTelemetry': [{'OutsideIpAddress': '203.0.113.1', 'Status': 'UP'}],\n"
                      " 'CustomerGatewayConfiguration': '<!DOCTYPE a><vpn_connection/>'");
    read_says(2, "the CustomerGatewayConfiguration of vpn-1 has a DTD or an entity");
    CHECK_EQUAL((int64_t)connection->tunnel_count, 1);
    connection_of(", 'CustomerGatewayConfiguration': '<vpn_connection>\\n<a></vpn_connection>'");
    read_says(1, "in its line 2, is not XML");
    connection_of(",\n 'CustomerGatewayConfiguration': {}");
    read_says(2, "CustomerGatewayConfiguration is an object; expected a text");
}

static void static_routes_and_deleted_ones(void)
{
    const struct aws_connection *connection =
        connection_of(", 'Options': {'StaticRoutesOnly': true}, 'Routes':"
                      " [{'DestinationCidrBlock': '10.9.0.0/16', 'State': 'available'},"
                      " {'DestinationCidrBlock': '10.8.0.0/16', 'State': 'deleted'}]");
    CHECK_EQUAL(connection->static_only, ITEM_YES);
    CHECK_EQUAL((int64_t)connection->routes.count, 1);
    read_of("{'VpnConnections': [{'VpnConnectionId': 'vpn-1', 'State': 'deleted'}],"
            " 'CustomerGateways': [{'CustomerGatewayId': 'cgw-1', 'BgpAsn': '65000', 'State':"
            " 'deleted'}, {'CustomerGatewayId': 'cgw-2', 'BgpAsnExtended': '4200000000',"
            " 'IpAddress': '198.51.100.10'}]}");
    connection = read_thing(AWS_VPN_CONNECTION, 0);
    const struct aws_customer_gateway *deleted = read_thing(AWS_CUSTOMER_GATEWAY, 0);
    const struct aws_customer_gateway *gateway = read_thing(AWS_CUSTOMER_GATEWAY, 1);
    CHECK(connection->is.dropped && deleted->is.dropped && !gateway->is.dropped);
    CHECK_EQUAL(gateway->asn, 4200000000);
    CHECK_EQUAL(gateway->address, 0xc633640a);
}

int main(void)
{
    TEST(the_configuration_tells_the_tunnels);
    TEST(options_and_telemetry_meet_by_address);
    TEST(a_third_tunnel_is_told);
    TEST(bad_xml_costs_the_configuration);
    TEST(static_routes_and_deleted_ones);
    read_close();
    return harness_done();
}
