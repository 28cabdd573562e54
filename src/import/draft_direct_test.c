#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

#define INTERFACE(rest)                                                                            \
    "{'virtualInterfaceId': 'dxvif-1', 'virtualInterfaceType': 'private',"                         \
    " 'virtualInterfaceState': 'available', 'vlan': 101, 'asn': 65001,"                            \
    " 'amazonAddress': '169.254.100.1/30', 'customerAddress': '169.254.100.2/30'," " " rest "}"
#define WITH(interfaces) "{" RIG_VPC ", " RIG_GATEWAY ", 'virtualInterfaces': [" interfaces "]"

static void an_interface_hangs_on_its_gateway(void)
{
    rig_of(WITH(INTERFACE("'virtualGatewayId': 'vgw-1', 'authKey': 'very_secret', 'bgpPeers':"
           " [{'bgpStatus': 'down'}]")) "}");
    CHECK(rig_has("  # its BGP was down when it was exported\n"
                  "  - id: dxvif-1\n"
                  "    vpn_gateway: vgw-1\n"
                  "    router: router-dxvif-1\n"
                  "    vlan: 101\n"
                  "    inside: {vgw: 169.254.100.1, peer: 169.254.100.2}\n"));
    CHECK(rig_has("- {id: router-dxvif-1, bgp: {asn: 65001}}\n"));
    CHECK(!rig_has("very_secret"));
}

/* What comes by a Direct Connect gateway does not reach VPN connections. */
static void a_gateway_between_keeps_apart(void)
{
    rig_of("{" RIG_VPC ", " RIG_GATEWAY ", " RIG_TABLE(RIG_ROUTE("10.30.0.0/16"))
           ", 'CustomerGateways': [" RIG_CUSTOMER("1", "65010", "198.51.100.10")
           "], 'VpnConnections': [" RIG_CONNECTION("1", "28", "0") "], 'virtualInterfaces': ["
           INTERFACE("'directConnectGatewayId': 'dxgw-1'")
           "], 'directConnectGatewayAssociations': [{'associationId': 'a-1',"
           " 'directConnectGatewayId': 'dxgw-1', 'associationState': 'associated',"
           " 'associatedGateway': {'id': 'vgw-1'}}]}");
    CHECK(rig_has("    export: [{permit: 10.10.0.0/16}]\n    may_announce: []\n"));
    CHECK(rig_has("    export: [{deny: 10.30.0.0/16}]\n"));
    CHECK(rig_has("bgp: {asn: 65001, received: [10.30.0.0/16]}"));
}

static void what_ends_nowhere_is_missed(void)
{
    rig_of(WITH(INTERFACE("'virtualGatewayId': ''")) "}");
    CHECK(rig_remark(IMPORT_MISSING, "dxvif-1 ends on"));
    rig_of(WITH(INTERFACE("'directConnectGatewayId': 'dxgw-1'")) "}");
    CHECK(rig_remark(IMPORT_MISSING, "dxvif-1 ends on dxgw-1, and no VPN gateway"));
    rig_of(WITH("{'virtualInterfaceId': 'dxvif-2', 'virtualInterfaceType':"
           " 'public'},{'virtualInterfaceId': 'dxvif-3', 'virtualInterfaceType':"
           " 'private', 'asn': 1}") "}");
    CHECK(rig_remark(IMPORT_NOT_MODELED, "dxvif-2 is a virtual interface of the type public"));
    CHECK(rig_remark(IMPORT_WRONG, "dxvif-3 is left out: its addresses"));
}

static void inside_addresses_are_its_own(void)
{
    rig_of(WITH(INTERFACE("'virtualGatewayId': 'vgw-1'")
           ", {'virtualInterfaceId': 'dxvif-2', 'asn': 65002, 'amazonAddress':"
           " '169.254.100.1/30', 'customerAddress': '169.254.100.2/30',"
           " 'virtualGatewayId': 'vgw-1'}") "}");
    CHECK(rig_remark(IMPORT_WRONG, "dxvif-2 has an inside address that another attachment"));
    CHECK_EQUAL((int64_t)import_network(rig_import)->direct_connect_count, 1);
}

static void a_peer_of_ipv6_is_a_session_of_its_own(void)
{
    rig_of(WITH(
        INTERFACE("'virtualGatewayId': 'vgw-1', 'bgpPeers': ["
                  "{'addressFamily': 'ipv4', 'bgpStatus': 'up'},"
                  " {'addressFamily': 'ipv6', 'bgpStatus': 'up',"
                  " 'amazonAddress': '2001:db8:100::1/125',"
                  " 'customerAddress': '2001:db8:100::2/125'}]") ", "
        "{'virtualInterfaceId': 'dxvif-6', 'asn': 65006, 'addressFamily': 'ipv6',"
        " 'amazonAddress': '2001:db8:200::1/125', 'customerAddress': '2001:db8:200::2/125',"
        " 'virtualGatewayId': 'vgw-1'},"
        " {'virtualInterfaceId': 'dxvif-7', 'asn': 65007, 'addressFamily': 'ipv6',"
        " 'amazonAddress': '2001:db8:200::1/125', 'customerAddress': '2001:db8:200::2/125',"
        " 'virtualGatewayId': 'vgw-1'}") "}");
    CHECK(rig_has("    inside: {vgw: 169.254.100.1, peer: 169.254.100.2}\n"
                  "    ipv6_session: {vgw: 2001:db8:100::1, peer: 2001:db8:100::2}\n"));
    CHECK(rig_has("    inside: {vgw: 2001:db8:200::1, peer: 2001:db8:200::2}\n"));
    CHECK(rig_remark(IMPORT_WRONG, "dxvif-7 has an inside address that another attachment"));
}

/* clang-format on */

int main(void)
{
    TEST(an_interface_hangs_on_its_gateway);
    TEST(a_gateway_between_keeps_apart);
    TEST(what_ends_nowhere_is_missed);
    TEST(inside_addresses_are_its_own);
    TEST(a_peer_of_ipv6_is_a_session_of_its_own);
    rig_close();
    return harness_done();
}
