#include "import/read_rig.h"

static void an_interface_is_read(void)
{
    read_of("{'virtualInterfaces': [{'virtualInterfaceId': 'dxvif-1', 'virtualInterfaceType':"
            " 'private', 'virtualInterfaceState': 'available', 'vlan': 101, 'asn': 65001,"
            " 'amazonSideAsn': 7224, 'authKey': 'very_secret', 'amazonAddress': '169.254.100.1/30',"
            " 'customerAddress': '169.254.100.2/30', 'virtualGatewayId': 'vgw-1',"
            " 'bgpPeers': [{'addressFamily': 'ipv6', 'bgpStatus': 'down'},"
            " {'addressFamily': 'ipv4', 'bgpStatus': 'up'}]}]}");
    const struct aws_virtual_interface *interface = read_thing(AWS_VIRTUAL_INTERFACE, 0);
    CHECK(interface->is_private && !interface->is.dropped);
    CHECK_TEXT(interface->vpn_gateway, "vgw-1");
    CHECK_EQUAL(interface->vlan, 101);
    CHECK_EQUAL(interface->asn, 65001);
    CHECK_EQUAL(interface->amazon, 0xa9fe6401);
    CHECK_EQUAL(interface->customer, 0xa9fe6402);
    CHECK_EQUAL(interface->bgp_up, ITEM_YES);
}

static void the_peer_tells_what_the_interface_does_not(void)
{
    read_of("{'VirtualInterfaces': [{'VirtualInterfaceId': 'dxvif-1', 'VirtualInterfaceType':"
            " 'transit', 'BgpPeers': [{'Asn': 65001, 'AmazonAddress': '169.254.100.1/30',"
            " 'CustomerAddress': '169.254.100.2/30', 'BgpStatus': 'down'}]},"
            " {'VirtualInterfaceId': 'dxvif-2', 'VirtualInterfaceState': 'deleted'}]}");
    const struct aws_virtual_interface *interface = read_thing(AWS_VIRTUAL_INTERFACE, 0);
    const struct aws_virtual_interface *deleted = read_thing(AWS_VIRTUAL_INTERFACE, 1);
    CHECK(!interface->is_private && deleted->is.dropped && deleted->is_private);
    CHECK_EQUAL(interface->asn, 65001);
    CHECK_EQUAL(interface->amazon, 0xa9fe6401);
    CHECK_EQUAL(interface->bgp_up, ITEM_NO);
    CHECK_EQUAL(deleted->bgp_up, ITEM_UNSAID);
}

static void an_association_is_read(void)
{
    read_of("{'directConnectGatewayAssociations': [{'associationId': 'b25e0e60-1',"
            " 'directConnectGatewayId': 'dxgw-1', 'associationState': 'associated',"
            " 'associatedGateway': {'id': 'vgw-1', 'type': 'virtualPrivateGateway'},"
            " 'allowedPrefixesToDirectConnectGateway': [{'cidr': '10.0.0.0/16'}]},"
            " {'associationId': 'c25e0e60-1', 'virtualGatewayId': 'vgw-2',"
            "  'associationState': 'disassociated'}]}");
    const struct aws_dx_association *association = read_thing(AWS_DX_ASSOCIATION, 0);
    const struct aws_dx_association *older = read_thing(AWS_DX_ASSOCIATION, 1);
    CHECK_TEXT(association->gateway, "vgw-1");
    CHECK_TEXT(association->dx_gateway, "dxgw-1");
    CHECK_EQUAL((int64_t)association->allowed.count, 1);
    CHECK_TEXT(older->gateway, "vgw-2");
    CHECK(older->is.dropped);
}

static void a_peer_of_ipv6_is_read(void)
{
    read_of("{'virtualInterfaces': [{'virtualInterfaceId': 'dxvif-1', 'asn': 65001,"
            " 'amazonAddress': '169.254.100.1/30', 'customerAddress': '169.254.100.2/30',"
            " 'bgpPeers': [{'addressFamily': 'ipv6', 'bgpStatus': 'up', 'amazonAddress':"
            " '2001:db8:100::1/125', 'customerAddress': '2001:db8:100::2/125'},"
            " {'addressFamily': 'ipv4', 'bgpStatus': 'down'}]},"
            " {'virtualInterfaceId': 'dxvif-2', 'asn': 65001, 'addressFamily': 'ipv6',"
            " 'amazonAddress': '2001:db8:200::1/125', 'customerAddress': '2001:db8:200::2/125',"
            " 'bgpPeers': [{'addressFamily': 'ipv6', 'bgpStatus': 'up'}]}]}");
    const struct aws_virtual_interface *both = read_thing(AWS_VIRTUAL_INTERFACE, 0);
    const struct aws_virtual_interface *one = read_thing(AWS_VIRTUAL_INTERFACE, 1);
    CHECK_EQUAL(both->amazon, 0xa9fe6401);
    CHECK(both->amazon_six >> 64 == 0x20010db801000000 && (uint64_t)both->amazon_six == 1);
    CHECK_EQUAL((uint64_t)both->customer_six, 2);
    CHECK_EQUAL(both->bgp_up, ITEM_YES);
    CHECK(one->amazon == 0 && one->customer == 0);
    CHECK(one->amazon_six >> 64 == 0x20010db802000000 && (uint64_t)one->customer_six == 2);
}

int main(void)
{
    TEST(an_interface_is_read);
    TEST(the_peer_tells_what_the_interface_does_not);
    TEST(an_association_is_read);
    TEST(a_peer_of_ipv6_is_read);
    read_close();
    return harness_done();
}
