#include "import/read_rig.h"

static void a_vpc_has_ranges_that_hold(void)
{
    read_of("{'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.0.0.0/16', 'CidrBlockAssociationSet':"
            " [{'CidrBlock': '10.0.0.0/16', 'CidrBlockState': {'State': 'associated'}},"
            " {'CidrBlock': '10.1.0.0/16', 'CidrBlockState': {'State': 'disassociated'}},"
            " {'CidrBlock': '10.2.0.0/16', 'CidrBlockState': {'State': 'associated'}}]}]}");
    const struct aws_vpc *vpc = read_thing(AWS_VPC, 0);
    CHECK_EQUAL((int64_t)vpc->cidrs.count, 2);
    CHECK_EQUAL(vpc->cidrs.items[1].addr, 0x0a020000);
}

static void a_route_table_has_lines(void)
{
    read_of("{'RouteTables': [{'RouteTableId': 'rtb-1', 'VpcId': 'vpc-1', 'Associations':"
            " [{'Main': true}, {'SubnetId': 'subnet-1'},"
            "  {'SubnetId': 'subnet-2', 'AssociationState': {'State': 'disassociated'}}],"
            " 'PropagatingVgws': [{'GatewayId': 'vgw-1'}], 'Routes': ["
            " {'DestinationCidrBlock': '10.0.0.0/16', 'GatewayId': 'local'},"
            " {'DestinationCidrBlock': '10.1.0.0/16', 'GatewayId': 'vgw-1', 'State': 'active',"
            "  'Origin': 'EnableVgwRoutePropagation'},"
            " {'DestinationCidrBlock': '0.0.0.0/0', 'NatGatewayId': 'nat-1', 'State': 'blackhole'},"
            " {'DestinationCidrBlock': '10.9.0.0/16', 'NetworkInterfaceId': 'eni-1',"
            "  'InstanceId': 'i-1'},"
            " {'DestinationIpv6CidrBlock': '::/0', 'EgressOnlyInternetGatewayId': 'eigw-1'},"
            " {'DestinationPrefixListId': 'pl-1', 'GatewayId': 'vpce-1'}]}]}");
    const struct aws_route_table *table = read_thing(AWS_ROUTE_TABLE, 0);
    CHECK(table->main && !table->edge);
    CHECK_EQUAL((int64_t)table->subnet_count, 1);
    CHECK_TEXT(table->propagating[0], "vgw-1");
    CHECK_EQUAL((int64_t)table->route_count, 5);
    CHECK(table->routes[0].propagated && table->routes[0].to == AWS_TO_GATEWAY);
    CHECK(table->routes[1].blackhole && table->routes[1].to == AWS_TO_NAT);
    CHECK(table->routes[2].to == AWS_TO_INTERFACE);
    CHECK_TEXT(table->routes[2].instance, "i-1");
    CHECK(table->routes[3].prefix.six && table->routes[3].to == AWS_TO_OTHER);
    CHECK_TEXT(table->routes[4].list, "pl-1");
}

static void an_unknown_state_is_told_and_taken_as_usual(void)
{
    read_of("{'RouteTables': [{'RouteTableId': 'rtb-1', 'Routes': [\n"
            " {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-1',\n"
            "  'State': 'sleeping'}]}]}");
    read_says(3, "State is \"sleeping\"; expected active, blackhole or filtered");
    const struct aws_route_table *table = read_thing(AWS_ROUTE_TABLE, 0);
    CHECK(!table->routes[0].blackhole);
}

static void a_wrong_prefix_costs_its_route(void)
{
    read_of("{'RouteTables': [{'RouteTableId': 'rtb-1', 'Routes': [\n"
            " {'DestinationCidrBlock': '10.0.0.1/8', 'GatewayId': 'igw-1'},\n"
            " {'DestinationCidrBlock': '11.0.0.0/8', 'GatewayId': 'igw-1'}]}]}");
    read_says(2, "DestinationCidrBlock is \"10.0.0.1/8\"; expected a prefix");
    const struct aws_route_table *table = read_thing(AWS_ROUTE_TABLE, 0);
    CHECK_EQUAL((int64_t)table->route_count, 1);
}

static void gateways_are_attached_while_they_are(void)
{
    read_of(
        "{'InternetGateways': [{'InternetGatewayId': 'igw-1', 'Attachments':"
        " [{'State': 'detached', 'VpcId': 'vpc-1'}, {'State': 'available', 'VpcId': 'vpc-2'}]}],"
        " 'VpnGateways': [{'VpnGatewayId': 'vgw-1', 'State': 'deleted'},"
        " {'VpnGatewayId': 'vgw-2', 'State': 'available', 'AmazonSideAsn': 65401,"
        "  'VpcAttachments': [{'State': 'detaching', 'VpcId': 'vpc-1'}]}],"
        " 'NatGateways': [{'NatGatewayId': 'nat-1', 'State': 'deleted', 'VpcId': 'vpc-1'}]}");
    const struct aws_internet_gateway *internet = read_thing(AWS_INTERNET_GATEWAY, 0);
    const struct aws_vpn_gateway *deleted = read_thing(AWS_VPN_GATEWAY, 0);
    const struct aws_vpn_gateway *gateway = read_thing(AWS_VPN_GATEWAY, 1);
    const struct aws_nat_gateway *nat = read_thing(AWS_NAT_GATEWAY, 0);
    CHECK_TEXT(internet->vpc, "vpc-2");
    CHECK(deleted->is.dropped && !gateway->is.dropped && nat->is.dropped);
    CHECK(!gateway->vpc);
    CHECK_EQUAL(gateway->asn, 65401);
    CHECK_EQUAL((int64_t)read_remarks.count, 0);
}

static void a_peering_has_two_ends(void)
{
    read_of(
        "{'VpcPeeringConnections': [{'VpcPeeringConnectionId': 'pcx-1', 'Status':"
        " {'Code': 'active'}, 'RequesterVpcInfo': {'VpcId': 'vpc-1', 'CidrBlock': '10.0.0.0/16',"
        " 'CidrBlockSet': [{'CidrBlock': '10.0.0.0/16'}, {'CidrBlock': '10.1.0.0/16'}]},"
        " 'AccepterVpcInfo': {'VpcId': 'vpc-2', 'Region': 'eu-west-1', 'OwnerId': '1'}},"
        " {'VpcPeeringConnectionId': 'pcx-2', 'Status': {'Code': 'rejected'}}]}");
    const struct aws_peering *peering = read_thing(AWS_PEERING, 0);
    const struct aws_peering *rejected = read_thing(AWS_PEERING, 1);
    CHECK_EQUAL(peering->status, NETWORK_PEERING_ACTIVE);
    CHECK_EQUAL(rejected->status, NETWORK_PEERING_REJECTED);
    CHECK_TEXT(rejected->state, "rejected");
    CHECK_EQUAL((int64_t)peering->ends[0].cidrs.count, 2);
    CHECK_TEXT(peering->ends[1].vpc, "vpc-2");
    CHECK_TEXT(peering->ends[1].region, "eu-west-1");
}

int main(void)
{
    TEST(a_vpc_has_ranges_that_hold);
    TEST(a_route_table_has_lines);
    TEST(an_unknown_state_is_told_and_taken_as_usual);
    TEST(a_wrong_prefix_costs_its_route);
    TEST(gateways_are_attached_while_they_are);
    TEST(a_peering_has_two_ends);
    read_close();
    return harness_done();
}
