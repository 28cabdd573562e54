#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

#define INSTANCE(groups)                                                                           \
    "'Instances': [{'InstanceId': 'i-1', 'SubnetId': 'subnet-1', 'PrivateIpAddress':"              \
    " '10.10.1.10', 'SecurityGroups': [" groups "]}]"
#define GROUP(id, in, rest)                                                                        \
    "{'GroupId': '" id "', 'VpcId': 'vpc-1', 'IpPermissions': [" in "]" rest "}"
#define FROM(protocol, ports, far) "{'IpProtocol': '" protocol "', " ports far "}"

static void groups_of_instances_are_written(void)
{
    rig_of("{" RIG_VPC ", "
           INSTANCE("{'GroupId': 'sg-1'}, {'GroupId': 'sg-1'}, {'GroupId': 'sg-2'}")
           ", 'SecurityGroups': [" GROUP("sg-1",
           FROM("tcp", "'FromPort': 443, 'ToPort': 443, ",
                "'IpRanges': [{'CidrIp': '10.0.0.0/8'}], 'Ipv6Ranges': [{'CidrIpv6': '::/0'}],"
                " 'PrefixListIds': [{'PrefixListId': 'pl-1'}],"
                " 'UserIdGroupPairs': [{'GroupId': 'sg-3'}]") ", "
           FROM("icmp", "'FromPort': 8, 'ToPort': -1, ", "'IpRanges': [{'CidrIp': '0.0.0.0/0'}]")
           ", " FROM("udp", "'FromPort': 0, 'ToPort': 65535, ",
                     "'IpRanges': [{'CidrIp': '10.1.0.0/16'}]"),
           ", 'IpPermissionsEgress': [" FROM("-1", "", "'IpRanges': [{'CidrIp': '0.0.0.0/0'}]")
           "]") ", " GROUP("sg-2", "", ", 'IpPermissionsEgress': []") ", " GROUP("sg-3", "", "")
           ", " GROUP("sg-4", "", "") "], 'PrefixLists': [{'PrefixListId': 'pl-1', 'Cidrs':"
           " ['10.7.0.0/16']}]}");
    CHECK(rig_has("          - {protocol: tcp, ports: 443, from: 10.0.0.0/8}\n"
                  "          - {protocol: tcp, ports: 443, from: ::/0}\n"
                  "          - {protocol: tcp, ports: 443, from: pl-1}\n"
                  "          - {protocol: tcp, ports: 443, from: sg-3}\n"
                  "          - {protocol: icmp, type: 8, from: 0.0.0.0/0}\n"
                  "          - {protocol: udp, from: 10.1.0.0/16}\n"
                  "        outbound: [{to: 0.0.0.0/0}]\n"));
    CHECK(rig_has("{id: sg-2, inbound: [], outbound: []}") && rig_has("{id: sg-3, inbound: []}"));
    CHECK(rig_has("security_groups: [sg-1, sg-2]") && !rig_has("sg-4"));
    CHECK(rig_has("prefix_lists:\n  - {id: pl-1, prefixes: [10.7.0.0/16]}\n"));
    CHECK_EQUAL((int64_t)rig_count(IMPORT_WRONG), 0);
}

static void an_instance_with_an_unknown_group_is_not_filtered(void)
{
    rig_of("{" RIG_VPC ", " INSTANCE("{'GroupId': 'sg-1'}, {'GroupId': 'sg-9'}")
           ", 'SecurityGroups': [" GROUP("sg-1", "", "") "]}");
    CHECK(!rig_has("security_groups"));
    const struct import_remark *missing =
        rig_remark(IMPORT_MISSING, "sg-9, a security group of i-1, is not in the export");
    CHECK(missing && missing->depends && strstr(missing->depends, "what i-1 lets in and out"));
}

static void rules_that_cannot_be_said_are_left_out(void)
{
    rig_of("{" RIG_VPC ", " INSTANCE("{'GroupId': 'sg-1'}") ", 'SecurityGroups': [" GROUP("sg-1",
           FROM("tcp", "'FromPort': 22, 'ToPort': 22, ", "'UserIdGroupPairs': [{'GroupId': 'sg-9',"
                " 'UserId': '2'}], 'PrefixListIds': [{'PrefixListId': 'pl-9'}]") ", "
           FROM("tcp", "'FromPort': 9, 'ToPort': 7, ", "'IpRanges': [{'CidrIp': '10.0.0.0/8'}]")
           ", " FROM("udp", "'FromPort': 0, 'ToPort': 0, ",
                     "'IpRanges': [{'CidrIp': '10.0.0.0/8'}]"), "") "]}");
    CHECK(rig_has("{id: sg-1, inbound: []}"));
    CHECK(rig_remark(IMPORT_MISSING, "a rule of sg-1 is left out: sg-9: that group is not in the"));
    CHECK(rig_remark(IMPORT_MISSING, "pl-9: the entries of that list are not in the export"));
    CHECK(rig_remark(IMPORT_WRONG, "its ports run backwards"));
    CHECK(rig_remark(IMPORT_WRONG, "nobody has port 0"));
}

#define ENTRY(number, out, protocol, action, rest)                                                 \
    "{'RuleNumber': " number ", 'Egress': " out ", 'Protocol': '" protocol "', 'RuleAction': '"    \
    action "', " rest "}"

static void network_acls_of_subnets_are_written(void)
{
    rig_of("{" RIG_VPC ", 'NetworkAcls': [{'NetworkAclId': 'acl-1', 'VpcId': 'vpc-1',"
           " 'Associations': [{'SubnetId': 'subnet-1'}, {'SubnetId': 'subnet-9'}], 'Entries': ["
           ENTRY("100", "false", "6", "allow",
                 "'CidrBlock': '0.0.0.0/0', 'PortRange': {'From': 1024, 'To': 65535}") ", "
           ENTRY("110", "true", "-1", "deny", "'Ipv6CidrBlock': '::/0'") ", "
           ENTRY("120", "true", "1", "allow",
                 "'CidrBlock': '10.0.0.0/8', 'IcmpTypeCode': {'Type': 3, 'Code': -1}") ",\n"
           ENTRY("120", "true", "-1", "deny", "'CidrBlock': '10.0.0.0/8'") ", "
           ENTRY("32767", "true", "-1", "deny", "'CidrBlock': '0.0.0.0/0'") ", "
           ENTRY("32768", "true", "-1", "deny", "'Ipv6CidrBlock': '::/0'")
           "]}, {'NetworkAclId': 'acl-2', 'VpcId': 'vpc-1', 'Associations': []}]}");
    CHECK(rig_has("        inbound: [{rule: 100, action: allow, protocol: tcp, ports: 1024-65535, "
                  "from: 0.0.0.0/0}]\n"
                  "        outbound:\n"
                  "          - {rule: 110, action: deny, to: ::/0}\n"
                  "          - {rule: 120, action: allow, protocol: icmp, type: 3, "
                  "to: 10.0.0.0/8}\n"));
    CHECK(rig_has("{id: subnet-1, cidr: 10.10.1.0/24, network_acl: acl-1}") && !rig_has("acl-2"));
    const struct import_remark *second = rig_remark(IMPORT_WRONG, "acl-1 has a second rule 120");
    CHECK(second && second->line == 2);
    CHECK_EQUAL((int64_t)rig_count(IMPORT_WRONG), 1);
}

/* clang-format on */

int main(void)
{
    TEST(groups_of_instances_are_written);
    TEST(an_instance_with_an_unknown_group_is_not_filtered);
    TEST(rules_that_cannot_be_said_are_left_out);
    TEST(network_acls_of_subnets_are_written);
    rig_close();
    return harness_done();
}
