#include "import/read_rig.h"

static const struct aws_filter *group_of(const char *permissions)
{
    char json[2048];
    snprintf(json, sizeof json, "{'SecurityGroups': [{'GroupId': 'sg-1', 'VpcId': 'vpc-1',\n%s}]}",
             permissions);
    read_of(json);
    return read_thing(AWS_SECURITY_GROUP, 0);
}

static void a_permission_is_a_rule_for_each_far_side(void)
{
    const struct aws_filter *group = group_of(
        "'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 23, 'IpRanges':"
        " [{'CidrIp': '10.0.0.0/8'}, {'CidrIp': '10.1.0.0/16'}], 'UserIdGroupPairs':"
        " [{'GroupId': 'sg-2'}]}], 'IpPermissionsEgress': [{'IpProtocol': '-1', 'Ipv6Ranges':"
        " [{'CidrIpv6': '::/0'}]}]");
    CHECK_EQUAL((int64_t)group->rule_count, 4);
    CHECK_TEXT(group->vpc, "vpc-1");
    CHECK_EQUAL(group->rules[1].protocol, 6);
    CHECK_EQUAL(group->rules[1].low, 22);
    CHECK_EQUAL(group->rules[1].high, 23);
    CHECK_EQUAL(group->rules[1].range.len, 16);
    CHECK(!group->rules[2].ranged && !group->rules[2].out);
    CHECK_TEXT(group->rules[2].group, "sg-2");
    CHECK(group->rules[3].out && group->rules[3].range.six && group->out_said);
    CHECK_EQUAL(group->rules[3].low, -1);
    CHECK(!group_of("'IpPermissions': []")->out_said);
}

static void what_cannot_be_read_is_said_and_left_out(void)
{
    CHECK_EQUAL((int64_t)group_of("'IpPermissions': [{'IpProtocol': 'tpc'}]")->rule_count, 0);
    read_says(2, "expected -1, tcp, udp, icmp, icmpv6 or a number from 0 to 255");
    const struct aws_filter *group =
        group_of("'IpPermissions': [{'IpProtocol': 'tcp', 'IpRanges': [{'CidrIp': '10.0.0.1/8'},"
                 " {'CidrIp': '10.0.0.0/8'}]}]");
    CHECK_EQUAL((int64_t)group->rule_count, 1);
    read_says(2, "a prefix such as 10.0.0.0/16");
    group_of("'IpPermissions': [{'IpProtocol': 'tcp', 'FromPort': 65536}]");
    read_says(2, "a number from 0 to 65535");
    group_of("'IpPermissions': {}");
    read_says(2, "a list");
    group_of("'IpPermissions': [{'IpProtocol': '-1', 'Ipv6Ranges': [{'CidrIpv6': '10.0.0.0/8'}]}]");
    read_says(2, "an IPv6 prefix such as 2001:db8::/56");
}

static const struct aws_filter *acl_of(const char *entry)
{
    char json[1024];
    snprintf(json, sizeof json,
             "{'NetworkAcls': [{'NetworkAclId': 'acl-1', 'Associations': [{'SubnetId':"
             " 'subnet-1'}], 'Entries': [\n{%s}]}]}",
             entry);
    read_of(json);
    return read_thing(AWS_NETWORK_ACL, 0);
}

static void entries_are_read(void)
{
    const struct aws_filter *acl =
        acl_of("'RuleNumber': 5, 'Egress': true, 'Protocol': '17', 'RuleAction': 'allow',"
               " 'CidrBlock': '10.0.0.0/8', 'PortRange': {'From': 53, 'To': 54}");
    CHECK_EQUAL((int64_t)acl->rule_count, 1);
    CHECK(acl->rules[0].out && !acl->rules[0].deny && acl->rules[0].ranged);
    CHECK_EQUAL(acl->rules[0].number, 5);
    CHECK_EQUAL(acl->rules[0].high, 54);
    CHECK_TEXT(acl->subnets[0], "subnet-1");
    acl = acl_of("'RuleNumber': 32767, 'Protocol': '-1', 'CidrBlock': '0.0.0.0/0'");
    CHECK_EQUAL((int64_t)acl->rule_count, 0);
    CHECK_EQUAL((int64_t)read_remarks.count, 0);
    acl = acl_of("'RuleNumber': 5, 'Protocol': '6', 'RuleAction': 'permit', 'CidrBlock':"
                 " '10.0.0.0/8'");
    CHECK(acl->rules[0].deny); /* nothing is let through by mistake */
    read_says(2, "allow or deny");
    acl_of("'RuleNumber': 32769, 'Protocol': '6'");
    read_says(2, "a number from 0 to 32768");
}

static void lists_have_cidrs_or_entries(void)
{
    read_of("{'PrefixLists': [{'PrefixListId': 'pl-1', 'Cidrs': ['10.0.0.0/8', '2001:db8::/32']},"
            " {'PrefixListId': 'pl-2', 'Entries': [{'Cidr': '10.0.0.0/8'}]},"
            " {'PrefixListId': 'pl-3'}]}");
    const struct aws_prefix_list *list = read_thing(AWS_PREFIX_LIST, 0);
    CHECK_EQUAL((int64_t)list->prefixes.count, 2);
    list = read_thing(AWS_PREFIX_LIST, 1);
    CHECK(list->told && list->prefixes.count == 1);
    list = read_thing(AWS_PREFIX_LIST, 2);
    CHECK(!list->told);
    read_of("{'PrefixLists': [{'PrefixListId': 'pl-1', 'Cidrs': [\n7]}]}");
    read_says(2, "a prefix such as 10.0.0.0/16");
}

int main(void)
{
    TEST(a_permission_is_a_rule_for_each_far_side);
    TEST(what_cannot_be_read_is_said_and_left_out);
    TEST(entries_are_read);
    TEST(lists_have_cidrs_or_entries);
    read_close();
    return harness_done();
}
