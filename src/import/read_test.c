#include "import/read_rig.h"

static void every_noun_has_its_list(void)
{
    read_of("{'Vpcs': [{'VpcId': 'vpc-1'}], 'Subnets': [{'SubnetId': 'subnet-1'}],"
            " 'RouteTables': [{'RouteTableId': 'rtb-1'}],"
            " 'InternetGateways': [{'InternetGatewayId': 'igw-1'}],"
            " 'NatGateways': [{'NatGatewayId': 'nat-1'}],"
            " 'VpcPeeringConnections': [{'VpcPeeringConnectionId': 'pcx-1'}],"
            " 'VpnGateways': [{'VpnGatewayId': 'vgw-1'}],"
            " 'CustomerGateways': [{'CustomerGatewayId': 'cgw-1'}],"
            " 'VpnConnections': [{'VpnConnectionId': 'vpn-1'}],"
            " 'virtualInterfaces': [{'virtualInterfaceId': 'dxvif-1'}],"
            " 'directConnectGateways': [{'directConnectGatewayId': 'dxgw-1'}],"
            " 'directConnectGatewayAssociations': [{'associationId': 'a-1'}],"
            " 'Reservations': [{'Instances': [{'InstanceId': 'i-1'}]}],"
            " 'NetworkInterfaces': [{'NetworkInterfaceId': 'eni-1'}],"
            " 'Addresses': [{'AllocationId': 'eipalloc-1'}],"
            " 'SecurityGroups': [{'GroupId': 'sg-1'}], 'NetworkAcls': [{'NetworkAclId': 'acl-1'}],"
            " 'TransitGateways': [{'TransitGatewayId': 'tgw-1'}],"
            " 'TransitGatewayAttachments': [{'TransitGatewayAttachmentId': 'tgw-attach-1'}],"
            " 'PrefixLists': [{'PrefixListId': 'pl-1'}]}");
    for (enum aws_kind kind = 0; kind < AWS_KINDS; kind++) {
        CHECK_EQUAL((int64_t)aws_count(&read_aws, kind), 1);
        CHECK(read_aws.folders[0].seen >> kind & 1);
    }
    CHECK_EQUAL((int64_t)read_remarks.count, 0);
}

static void instances_may_stand_alone(void)
{
    read_of("{'Instances': [{'InstanceId': 'i-1'}, {'InstanceId': 'i-2'}]}");
    CHECK_EQUAL((int64_t)aws_count(&read_aws, AWS_INSTANCE), 2);
}

static void what_is_not_known_is_told(void)
{
    read_of("{'Tags': [], 'DhcpOptions': [1], 'Buckets': []}");
    CHECK_EQUAL(read_remarks.items[0].subject, IMPORT_NOT_MODELED);
    read_says(0, "Buckets is no answer that is read here");
}

static void pages_that_are_missing_are_told(void)
{
    read_of("{'Vpcs': [], 'NextToken': 'abc'}");
    CHECK_EQUAL(read_remarks.items[0].subject, IMPORT_MISSING);
    read_says(0, "the answer has more pages");
}

static void a_list_that_is_none_is_told(void)
{
    read_of("{'Vpcs':\n 7, 'Subnets': [{'SubnetId': 'subnet-1'}]}");
    read_says(2, "Vpcs is 7; expected a list");
    CHECK_EQUAL((int64_t)aws_count(&read_aws, AWS_SUBNET), 1);
}

int main(void)
{
    TEST(every_noun_has_its_list);
    TEST(instances_may_stand_alone);
    TEST(what_is_not_known_is_told);
    TEST(pages_that_are_missing_are_told);
    TEST(a_list_that_is_none_is_told);
    read_close();
    return harness_done();
}
