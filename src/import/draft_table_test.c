#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

#define TABLE(rest)                                                                                \
    "{" RIG_VPC ", " RIG_GATEWAY                                                                   \
    ", 'InternetGateways': [{'InternetGatewayId': 'igw-1', 'Attachments':"                         \
    " [{'State': 'available', 'VpcId': 'vpc-1'}]}], 'RouteTables':"                                \
    " [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1', 'Associations': [{'Main':" " true}], " rest     \
    "}]"
#define ROUTES(routes)        TABLE("'Routes': [" routes "]")
#define ROUTE(prefix, target) "{'DestinationCidrBlock': '" prefix "', " target "}"

static void targets_are_those_of_a_network_file(void)
{
    rig_of(ROUTES(ROUTE("0.0.0.0/0", "'GatewayId': 'igw-1'") ", " ROUTE("10.20.0.0/16",
           "'GatewayId': 'vgw-1'") ", " ROUTE("10.30.0.0/16", "'InstanceId': 'i-1'") ", "
           ROUTE("10.31.0.0/16", "'NetworkInterfaceId': 'eni-1'"))
           ", 'Instances': [{'InstanceId': 'i-1', 'SubnetId': 'subnet-1',"
           " 'PrivateIpAddress': '10.10.1.10'}], 'NetworkInterfaces':"
           " [{'NetworkInterfaceId': 'eni-1', 'Attachment': {'InstanceId': 'i-1'}}]}");
    CHECK(rig_has("{prefix: 0.0.0.0/0, target: igw-1}"));
    CHECK(rig_has("{prefix: 10.20.0.0/16, target: vgw-1}"));
    CHECK(rig_has("{prefix: 10.30.0.0/16, target: i-1}"));
    CHECK(rig_has("{prefix: 10.31.0.0/16, target: i-1}"));
    CHECK_EQUAL((int64_t)rig_count(IMPORT_NOT_MODELED), 0);
}

/* A route keeps its place before propagated ones, whatever it leads to. */
static void what_a_network_file_has_not_drops(void)
{
    rig_of(ROUTES(ROUTE("10.1.0.0/16", "'TransitGatewayId': 'tgw-1'") ", " ROUTE("10.2.0.0/16",
           "'VpcPeeringConnectionId': 'pcx-9'") ", " ROUTE("10.3.0.0/16",
           "'GatewayId': 'vpce-1'") ", " ROUTE("10.4.0.0/16",
           "'NatGatewayId': 'nat-9', 'State': 'blackhole'") ", " ROUTE("10.5.0.0/16",
           "'GatewayId': 'vgw-9'") ", " ROUTE("10.6.0.0/16", "'InstanceId': 'i-9'") ", "
           ROUTE("10.7.0.0/16", "'GatewayId': 'igw-9'")) "}");
    CHECK(rig_has("{prefix: 10.1.0.0/16, target: blackhole}  # tgw-1: a transit gateway, which is "
                  "not modeled\n"));
    CHECK(rig_has("{prefix: 10.2.0.0/16, target: blackhole}  # pcx-9: not in the export\n"));
    CHECK(rig_has("{prefix: 10.3.0.0/16, target: blackhole}"));
    CHECK(rig_has("{prefix: 10.4.0.0/16, target: blackhole, was: nat-9}\n"));
    CHECK(rig_has("{prefix: 10.7.0.0/16, target: blackhole}  # igw-9: not in the export\n"));
    const struct import_remark *missing =
        rig_remark(IMPORT_MISSING, "rtb-1: 10.5.0.0/16 leads to vgw-9, not in the export");
    CHECK(missing && missing->depends && strstr(missing->depends, "asks rtb-1 for 10.5.0.0/16"));
    CHECK(rig_remark(IMPORT_NOT_MODELED, "10.1.0.0/16 leads to tgw-1"));
    CHECK(!rig_remark(IMPORT_MISSING, "10.4.0.0/16"));
}

static void routes_of_ipv6_are_routes(void)
{
    rig_of(ROUTES(ROUTE("0.0.0.0/0", "'GatewayId': 'igw-1'") ", {'DestinationIpv6CidrBlock':"
           " '::/0', 'GatewayId': 'igw-1'}, {'DestinationIpv6CidrBlock': '2001:db8::/32',"
           " 'EgressOnlyInternetGatewayId': 'eigw-1'},\n {'DestinationIpv6CidrBlock':"
           " '2001:db8::1/32', 'GatewayId': 'igw-1'}") "}");
    CHECK(rig_has("{prefix: 0.0.0.0/0, target: igw-1}"));
    CHECK(rig_has("::/0") && rig_has("2001:db8::/32"));
    CHECK(rig_remark(IMPORT_NOT_MODELED, "2001:db8::/32 leads to eigw-1, no target of a network"));
    const struct import_remark *bits = rig_remark(IMPORT_WRONG, "an IPv6 prefix such as 2001:db8");
    CHECK(bits && bits->line == 2);
}

/* The table's own route to the same prefix is before the list's. */
static void a_route_to_a_list_is_one_to_each_of_its_entries(void)
{
    rig_of(ROUTES("{'DestinationPrefixListId': 'pl-1', 'GatewayId': 'vgw-1'}, "
           ROUTE("10.2.0.0/16", "'GatewayId': 'igw-1'") ", {'DestinationPrefixListId': 'pl-9',"
           " 'GatewayId': 'vgw-1'}, {'DestinationPrefixListId': 'pl-2', 'GatewayId': 'vpce-1'}")
           ", 'PrefixLists': [{'PrefixListId': 'pl-1', 'Entries': [{'Cidr': '10.1.0.0/16'},"
           " {'Cidr': '10.2.0.0/16'}]}, {'PrefixListId': 'pl-2', 'Cidrs': ['192.0.2.0/24']},"
           " {'PrefixListId': 'pl-9'}]}");
    CHECK(rig_has("{prefix: 10.2.0.0/16, target: igw-1}"));
    CHECK(rig_has("{prefix: 10.1.0.0/16, target: vgw-1}  # of pl-1\n"));
    CHECK(!rig_has("10.2.0.0/16, target: vgw-1") && !rig_has("192.0.2.0/24"));
    const struct import_remark *missing =
        rig_remark(IMPORT_MISSING, "the entries of pl-9, which leads to vgw-1, are not in the");
    CHECK(missing && missing->depends && strstr(missing->depends, "an address of pl-9"));
    CHECK(rig_remark(IMPORT_ASSUMED, "pl-1 is written as one to each of its 2 entries"));
    CHECK(rig_remark(IMPORT_NOT_MODELED, "pl-2 leads to vpce-1, no target of a network file"));
}

static void a_nat_gateway_leads_to_the_internet(void)
{
    rig_of(ROUTES(ROUTE("0.0.0.0/0", "'NatGatewayId': 'nat-1'"))
           ", 'NatGateways': [{'NatGatewayId': 'nat-1', 'State': 'available'}]}");
    CHECK(rig_has("{prefix: 0.0.0.0/0, target: igw-1}  # nat-1: a NAT gateway, taken for the"));
    CHECK(rig_remark(IMPORT_NOT_MODELED, "nat-1, a NAT gateway, taken for the internet gateway"));
}

static void an_internet_gateway_that_is_not_there_is_assumed(void)
{
    rig_of("{" RIG_VPC ", 'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1',"
           " 'Associations': [{'Main': true}], 'Routes': [" ROUTE("0.0.0.0/0",
           "'GatewayId': 'igw-7'") "]}]}");
    CHECK(rig_has("internet_gateway: igw-7"));
    CHECK(rig_has("target: igw-7"));
    CHECK(rig_remark(IMPORT_ASSUMED, "igw-7 is not in the export; taken to be attached to vpc-1"));
}

static void the_main_table_comes_first(void)
{
    rig_of("{" RIG_VPC ", 'RouteTables': [{'RouteTableId': 'rtb-b', 'VpcId': 'vpc-1',"
           " 'Associations': [{'SubnetId': 'subnet-1'}]}, {'RouteTableId': 'rtb-a',"
           " 'VpcId': 'vpc-1', 'Associations': [{'Main': true}, {'SubnetId':"
           " 'subnet-9'}]}, {'RouteTableId': 'rtb-c', 'VpcId': 'vpc-9'},"
           " {'RouteTableId': 'rtb-d', 'VpcId': 'vpc-1', 'Associations': [{'SubnetId':"
           " 'subnet-1'}]}]}");
    CHECK(rig_has("route_tables: [{id: rtb-a}, {id: rtb-b}, {id: rtb-d}]"));
    CHECK(rig_has("{id: subnet-1, cidr: 10.10.1.0/24, route_table: rtb-b}"));
    CHECK(rig_remark(IMPORT_MISSING, "subnet-9, which asks rtb-a, is not in the export"));
    CHECK(rig_remark(IMPORT_MISSING, "the VPC of rtb-c (vpc-9) is not in the export"));
    CHECK(rig_remark(IMPORT_WRONG, "subnet-1 asks rtb-d, and rtb-b"));
    CHECK(!rig_remark(IMPORT_MISSING, "the main route table"));
}

static void a_main_table_that_is_not_there_is_missed(void)
{
    rig_of("{" RIG_VPC ", 'RouteTables': []}");
    const struct import_remark *missing =
        rig_remark(IMPORT_MISSING, "the main route table of vpc-1 is not in the export");
    CHECK(missing && strstr(missing->depends, "the routes of subnet-1"));
}

static void a_gateways_table_is_said_to_lead_nothing(void)
{
    rig_of("{" RIG_VPC ", 'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1',"
           " 'Associations': [{'GatewayId': 'igw-1'}], 'Routes':"
           " ["
           ROUTE("10.1.0.0/16", "'GatewayId': 'vgw-1'") ", " ROUTE("10.1.0.0/16",
           "'GatewayId': 'vgw-2'") "]}]}");
    CHECK(rig_remark(IMPORT_NOT_MODELED, "rtb-1 is a gateway's route table"));
    CHECK(rig_remark(IMPORT_WRONG, "rtb-1 has a second static route for 10.1.0.0/16"));
}

/* clang-format on */

int main(void)
{
    TEST(targets_are_those_of_a_network_file);
    TEST(what_a_network_file_has_not_drops);
    TEST(routes_of_ipv6_are_routes);
    TEST(a_route_to_a_list_is_one_to_each_of_its_entries);
    TEST(a_nat_gateway_leads_to_the_internet);
    TEST(an_internet_gateway_that_is_not_there_is_assumed);
    TEST(the_main_table_comes_first);
    TEST(a_main_table_that_is_not_there_is_missed);
    TEST(a_gateways_table_is_said_to_lead_nothing);
    rig_close();
    return harness_done();
}
