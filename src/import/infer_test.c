#include "import/infer.h"

#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

/* Everything but the connections and the tables was forgotten. */
static void gateways_are_inferred_from_what_hangs_on_them(void)
{
    rig_of("{" RIG_VPC ", " RIG_TABLE(RIG_ROUTE("10.20.0.0/16"))
           ", 'VpnConnections': [{'VpnConnectionId': 'vpn-1', 'CustomerGatewayId':"
           " 'cgw-1', 'VpnGatewayId': 'vgw-1', 'CustomerGatewayConfiguration':"
           " '<vpn_connection><ipsec_tunnel><customer_gateway><tunnel_outside_address>"
           "<ip_address>198.51.100.10</ip_address></tunnel_outside_address><bgp><asn>65010"
           "</asn></bgp></customer_gateway><vpn_gateway><tunnel_outside_address>"
           "<ip_address>203.0.113.1</ip_address></tunnel_outside_address><bgp><asn>64999"
           "</asn></bgp></vpn_gateway></ipsec_tunnel></vpn_connection>'}]}");
    CHECK(rig_has("  # not in the export: what others say of it\n"
                  "  - {id: vgw-1, asn: 64999, vpc: vpc-1}\n"));
    CHECK(rig_has("{id: cgw-1, asn: 65010, address: 198.51.100.10, router: router-cgw-1}"));
    CHECK(rig_has("received: [10.20.0.0/16]"));
    const struct import_remark *missing = rig_remark(IMPORT_MISSING, "vgw-1 is not in the export");
    CHECK(missing && strstr(missing->depends, "its AS (taken from what hangs on it)"));
    CHECK(rig_remark(IMPORT_MISSING, "cgw-1 is not in the export"));
}

static void what_nobody_tells_is_said(void)
{
    rig_of("{'virtualInterfaces': [{'virtualInterfaceId': 'dxvif-1', 'virtualGatewayId':"
           " 'vgw-1', 'asn': 65001, 'amazonAddress': '169.254.100.1/30',"
           " 'customerAddress': '169.254.100.2/30'}]}");
    CHECK(rig_has("vpn_gateways:\n"));
    const struct import_remark *missing = rig_remark(IMPORT_MISSING, "vgw-1 is not in the export");
    CHECK(missing &&
          strstr(missing->depends, "its AS (taken to be 64512) and its VPC (taken to be none)"));
}

/* clang-format on */

int main(void)
{
    TEST(gateways_are_inferred_from_what_hangs_on_them);
    TEST(what_nobody_tells_is_said);
    rig_close();
    return harness_done();
}
