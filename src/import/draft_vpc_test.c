#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

static void a_vpc_with_what_lies_in_it(void)
{
    rig_of("{" RIG_VPC ", 'InternetGateways': [{'InternetGatewayId': 'igw-1', 'Attachments':"
           " [{'State': 'available', 'VpcId': 'vpc-1'}]}]}");
    CHECK(rig_has("vpcs:\n"
                  "  - id: vpc-1\n"
                  "    cidrs: [10.10.0.0/16]\n"
                  "    internet_gateway: igw-1\n"
                  "    subnets: [{id: subnet-1, cidr: 10.10.1.0/24}]\n"));
    CHECK_EQUAL((int64_t)rig_count(IMPORT_WRONG), 0);
}

static void what_has_no_home_is_left_out(void)
{
    rig_of("{'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.0.0.0/16'}],\n 'Subnets':"
           " [{'SubnetId': 'subnet-a', 'VpcId': 'vpc-9', 'CidrBlock':"
           " '10.0.0.0/24'},\n{'SubnetId': 'subnet-b', 'VpcId': 'vpc-1', 'CidrBlock':"
           " '10.7.0.0/24'},\n{'SubnetId': 'subnet-c', 'VpcId': 'vpc-1', 'CidrBlock':"
           " '10.0.0.0/24'},\n{'SubnetId': 'subnet-d', 'VpcId': 'vpc-1', 'CidrBlock':"
           " '10.0.0.128/25'}]}");
    CHECK(rig_has("subnets: [{id: subnet-c, cidr: 10.0.0.0/24}]"));
    CHECK(rig_remark(IMPORT_MISSING, "the VPC of the subnet subnet-a (vpc-9)"));
    const struct import_remark *outside =
        rig_remark(IMPORT_WRONG, "subnet-b, 10.7.0.0/24, lies outside the ranges of vpc-1");
    CHECK(outside && outside->line == 3);
    CHECK(rig_remark(IMPORT_WRONG, "subnet-d overlaps subnet-c"));
}

static void a_vpc_without_range_is_wrong(void)
{
    rig_of("{'Vpcs': [{'VpcId': 'vpc-1'}, {'VpcId': 'vpc-2', 'CidrBlock':" " '10.0.0.0/16'}]}");
    CHECK(rig_remark(IMPORT_WRONG, "vpc-1 has no CidrBlock"));
    CHECK(rig_has("vpcs:\n  - {id: vpc-2, cidrs: [10.0.0.0/16]}\n"));
}

#define PEERING(id, code, one, two)                                                                \
    "{'VpcPeeringConnectionId': '" id "', 'Status': {'Code': '" code                               \
    "'}, 'RequesterVpcInfo': {'VpcId': '" one                                                      \
    "', 'CidrBlock': '10.1.0.0/16'}, 'AccepterVpcInfo': {'VpcId': '" two                           \
    "', 'CidrBlock': '10.2.0.0/16', 'Region': 'eu-west-1'}}"
#define TWO_VPCS                                                                                   \
    "'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.1.0.0/16'}, {'VpcId': 'vpc-2',"                  \
    " 'CidrBlock': '10.2.0.0/16'}, {'VpcId': 'vpc-3', 'CidrBlock':" " '10.1.0.0/16'}]"

static void peerings_join_what_does_not_overlap(void)
{
    rig_of("{" TWO_VPCS ", 'VpcPeeringConnections': [" PEERING("pcx-1", "active", "vpc-1",
           "vpc-2") ", " PEERING("pcx-2", "active", "vpc-2", "vpc-1") ", " PEERING("pcx-3",
           "active", "vpc-1", "vpc-3") ", " PEERING("pcx-4", "expired", "vpc-2", "vpc-3") "]}");
    CHECK(rig_has("vpc_peerings:\n  - {id: pcx-1, requester: vpc-1, accepter: vpc-2}\n"
                  "  - {id: pcx-4, requester: vpc-2, accepter: vpc-3, status: expired}\n"));
    CHECK(rig_remark(IMPORT_WRONG, "pcx-2 peers"));
    CHECK(rig_remark(IMPORT_WRONG, "pcx-3 peers"));
}

/* Of two VPCs that are peered anew, and of a stranger, the old peering is not worth a word. */
static void a_peering_that_is_over_gives_way(void)
{
    rig_of("{" TWO_VPCS ", 'VpcPeeringConnections': [" PEERING("pcx-0", "deleted", "vpc-1",
           "vpc-2") ", " PEERING("pcx-1", "active", "vpc-1", "vpc-2") ", " PEERING("pcx-2",
           "rejected", "vpc-1", "vpc-9") "]}");
    CHECK(rig_has("vpc_peerings:\n  - {id: pcx-1, requester: vpc-1, accepter: vpc-2}\n"));
    CHECK(rig_remark(IMPORT_ASSUMED, "pcx-0 is deleted: it carries nothing, and is left out"));
    CHECK(rig_remark(IMPORT_ASSUMED, "pcx-2 is rejected: it carries nothing, and is left out"));
    CHECK(!rig_has("pcx-0, ") && !rig_has("vpc-9"));
    CHECK_EQUAL((int64_t)rig_count(IMPORT_WRONG), 0);
}

static void ranges_of_ipv6_are_taken(void)
{
    rig_of("{'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.1.0.0/16', 'Ipv6CidrBlockAssociationSet':"
           " [{'Ipv6CidrBlock': '2001:db8::/56', 'Ipv6CidrBlockState': {'State': 'associated'}},"
           " {'Ipv6CidrBlock': '2001:db8:f::/56', 'Ipv6CidrBlockState': {'State':"
           " 'disassociated'}}]}], 'Subnets': [{'SubnetId': 'subnet-1', 'VpcId': 'vpc-1',"
           " 'CidrBlock': '10.1.1.0/24', 'Ipv6CidrBlockAssociationSet': [{'Ipv6CidrBlock':"
           " '2001:db8:0:1::/64'}]},\n {'SubnetId': 'subnet-2', 'VpcId': 'vpc-1', 'CidrBlock':"
           " '10.1.2.0/24', 'Ipv6CidrBlockAssociationSet': [{'Ipv6CidrBlock':"
           " '2001:db8:9::/64'}]}], 'Instances': [{'InstanceId': 'i-1', 'SubnetId': 'subnet-1',"
           " 'PrivateIpAddress': '10.1.1.10', 'NetworkInterfaces': [{'Ipv6Addresses':"
           " [{'Ipv6Address': '2001:db8:0:1::10'}]}]}]}");
    CHECK(rig_has("cidrs: [10.1.0.0/16, '2001:db8::/56']") ||
          rig_has("cidrs: [10.1.0.0/16, 2001:db8::/56]"));
    CHECK(rig_has("2001:db8:0:1::/64") && rig_has("2001:db8:0:1::10"));
    CHECK(!rig_has("2001:db8:f::") && !rig_has("2001:db8:9::/64}"));
    CHECK(rig_remark(IMPORT_WRONG, "2001:db8:9::/64, of subnet-2, is another subnet's or lies"));
}

/* The other end is in a region or an account that was not exported. */
static void a_peer_that_is_not_there_is_its_ranges(void)
{
    rig_of("{'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.1.0.0/16'}],"
           " 'VpcPeeringConnections': [" PEERING("pcx-1", "active", "vpc-1", "vpc-9") "]}");
    CHECK(rig_has("  # not in the export: its ranges are what pcx-1 says of it\n"
                  "  - {id: vpc-9, cidrs: [10.2.0.0/16]}\n"));
    CHECK(rig_has("{id: pcx-1, requester: vpc-1, accepter: vpc-9}"));
    const struct import_remark *missing =
        rig_remark(IMPORT_MISSING, "vpc-9 in eu-west-1 is not in the export");
    CHECK(missing && missing->depends);
}

/* Told by both regions, each in its own file. */
static void regions_meet(void)
{
    rig_open();
    rig_add("eu-west-1/Peerings.json", "{'VpcPeeringConnections': [" PEERING("pcx-1", "active",
            "vpc-1", "vpc-2") "]}");
    rig_add("eu-west-1/Vpcs.json", "{'Vpcs': [{'VpcId': 'vpc-2', 'CidrBlock': '10.2.0.0/16'}]}");
    rig_add("us-east-1/Peerings.json", "{'VpcPeeringConnections': [" PEERING("pcx-1", "active",
            "vpc-1", "vpc-2") "]}");
    rig_add("us-east-1/Vpcs.json", "{'Vpcs': [{'VpcId': 'vpc-1', 'CidrBlock': '10.1.0.0/16'}]}");
    rig_finish();
    CHECK(rig_has("vpc_peerings:\n  - {id: pcx-1, requester: vpc-1, accepter: vpc-2}\n"));
    CHECK_EQUAL((int64_t)rig_count(IMPORT_WRONG), 0);
}

/* clang-format on */

int main(void)
{
    TEST(a_vpc_with_what_lies_in_it);
    TEST(what_has_no_home_is_left_out);
    TEST(a_vpc_without_range_is_wrong);
    TEST(peerings_join_what_does_not_overlap);
    TEST(a_peering_that_is_over_gives_way);
    TEST(ranges_of_ipv6_are_taken);
    TEST(a_peer_that_is_not_there_is_its_ranges);
    TEST(regions_meet);
    rig_close();
    return harness_done();
}
