#include "import/compare.h"

#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

#define SITE(tables, connections)                                                                  \
    "{" RIG_VPC ", " RIG_GATEWAY ", " tables ", 'CustomerGateways': ["                             \
    RIG_CUSTOMER("1", "65010", "198.51.100.10") "], 'VpnConnections': [" connections "]"

static void what_agrees_is_counted(void)
{
    rig_of(SITE(RIG_TABLE(RIG_ROUTE("10.20.0.0/16") ", " RIG_ROUTE("10.30.0.0/16")),
           RIG_CONNECTION("1", "28", "2")) "}");
    struct import_compared compared = import_compared(rig_import);
    CHECK(compared.done);
    CHECK_EQUAL((int64_t)compared.tunnels, 1);
    CHECK_EQUAL((int64_t)compared.tunnels_agree, 1);
    CHECK_EQUAL((int64_t)compared.routes, 2);
    CHECK_EQUAL((int64_t)compared.routes_agree, 2);
    CHECK_EQUAL((int64_t)rig_count(IMPORT_DIFFERS), 0);
    CHECK(rig_has("# Run until it comes to rest, it has 1 of 1 tunnels as the telemetry has them, "
                  "and 2 of 2\n# propagated routes.\n"));
}

/* Of two tables that take the gateway's routes one lacks a route: an old export, or T13. */
static void a_table_that_lacks_a_route_is_told(void)
{
    rig_of("{" RIG_VPC ", " RIG_GATEWAY ", 'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId':"
           " 'vpc-1', 'Associations': [{'Main': true}], 'PropagatingVgws': [{'GatewayId':"
           " 'vgw-1'}], 'Routes': [" RIG_ROUTE("10.20.0.0/16") "]}, {'RouteTableId': 'rtb-2',"
           " 'VpcId': 'vpc-1', 'PropagatingVgws': [{'GatewayId': 'vgw-1'}], 'Routes': []},"
           " {'RouteTableId': 'rtb-3', 'VpcId': 'vpc-1', 'PropagatingVgws': [{'GatewayId':"
           " 'vgw-1'}], 'Routes': [{'DestinationCidrBlock': '10.20.0.0/16', 'GatewayId':"
           " 'vgw-1', 'Origin': 'CreateRoute'}]}], 'CustomerGateways': ["
           RIG_CUSTOMER("1", "65010", "198.51.100.10") "], 'VpnConnections': ["
           RIG_CONNECTION("1", "28", "1") "]}");
    CHECK(rig_remark(IMPORT_DIFFERS, "rtb-2: the model propagates 10.20.0.0/16 into it, and the "
                                     "export does not have it"));
    CHECK(!rig_remark(IMPORT_DIFFERS, "rtb-3"));
    CHECK_EQUAL((int64_t)import_compared(rig_import).routes, 2);
    CHECK_EQUAL((int64_t)import_compared(rig_import).routes_agree, 1);
}

/* What is left of a propagation that was switched off is not in the model. */
static void a_leftover_is_told(void)
{
    rig_of(SITE("'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1', 'Associations':"
           " [{'Main': true}], 'Routes': [" RIG_ROUTE("10.20.0.0/16") "]}]",
           RIG_CONNECTION("1", "28", "1")) "}");
    CHECK(rig_remark(IMPORT_DIFFERS, "rtb-1: the export has 10.20.0.0/16 propagated from vgw-1, "
                                     "and the model has not"));
}

static void telemetry_that_differs_is_told(void)
{
    rig_of(SITE(RIG_TABLE(RIG_ROUTE("10.20.0.0/16")),
           "{'VpnConnectionId': 'vpn-1', 'CustomerGatewayId': 'cgw-1', 'VpnGatewayId': 'vgw-1',"
           " 'VgwTelemetry': [{'OutsideIpAddress': '203.0.113.1', 'Status': 'UP',"
           " 'AcceptedRouteCount': 3, 'StatusMessage': '3 BGP ROUTES'}, {'OutsideIpAddress':"
           " '203.0.113.2', 'Status': 'DOWN', 'StatusMessage': 'IPSEC IS DOWN'}]}") "}");
    CHECK(rig_remark(IMPORT_DIFFERS, "vpn-1/1: telemetry says UP, 3 BGP ROUTES; the model has it up"
                                     " with 1 route"));
    CHECK(rig_remark(IMPORT_DIFFERS, "vpn-1/2: telemetry says DOWN, IPSEC IS DOWN; the model has it"
                                     " up with 1 route"));
    CHECK_EQUAL((int64_t)import_compared(rig_import).tunnels_agree, 0);
}

/* The incident: what was exported in a good moment does not last. */
static void what_goes_round_is_not_compared(void)
{
    char *problem = NULL;
    rig_open();
    CHECK(import_take_path(rig_import, "tests/data/exports/incident", &problem));
    free(problem);
    rig_finish();
    CHECK(rig_done_well && !import_compared(rig_import).done);
    CHECK(rig_remark(IMPORT_DIFFERS, "the model goes round and never comes to rest"));
}

/* clang-format on */

int main(void)
{
    TEST(what_agrees_is_counted);
    TEST(a_table_that_lacks_a_route_is_told);
    TEST(a_leftover_is_told);
    TEST(telemetry_that_differs_is_told);
    TEST(what_goes_round_is_not_compared);
    rig_close();
    return harness_done();
}
