#include "import/read_rig.h"

static void instances_run_or_not(void)
{
    read_of("{'Reservations': [{'Instances': [{'InstanceId': 'i-1', 'SubnetId': 'subnet-1',"
            " 'VpcId': 'vpc-1', 'PrivateIpAddress': '10.0.0.10', 'PublicIpAddress':"
            " '198.51.100.10', 'SourceDestCheck': false, 'State': {'Name': 'running'}},"
            " {'InstanceId': 'i-2', 'State': {'Name': 'stopped'}},"
            " {'InstanceId': 'i-3', 'State': {'Name': 'terminated'}}, {'InstanceId': 'i-4'}]}]}");
    const struct aws_instance *instance = read_thing(AWS_INSTANCE, 0);
    const struct aws_instance *stopped = read_thing(AWS_INSTANCE, 1);
    const struct aws_instance *gone = read_thing(AWS_INSTANCE, 2);
    const struct aws_instance *unsaid = read_thing(AWS_INSTANCE, 3);
    CHECK(instance->running && !stopped->running && !stopped->is.dropped && gone->is.dropped);
    CHECK(unsaid->running);
    CHECK_EQUAL(instance->address, 0x0a00000a);
    CHECK_EQUAL(instance->public_address, 0xc633640a);
    CHECK_EQUAL(instance->source_dest_check, ITEM_NO);
}

static void interfaces_and_addresses_name_their_instance(void)
{
    read_of("{'NetworkInterfaces': [{'NetworkInterfaceId': 'eni-1', 'Attachment': {'InstanceId':"
            " 'i-1', 'DeviceIndex': 0}, 'Association': {'PublicIp': '198.51.100.10'},"
            " 'SourceDestCheck': false}, {'NetworkInterfaceId': 'eni-2'}],"
            " 'Addresses': [{'AllocationId': 'eipalloc-1', 'PublicIp': '198.51.100.11',"
            " 'NetworkInterfaceId': 'eni-1'}]}");
    const struct aws_interface *interface = read_thing(AWS_INTERFACE, 0);
    const struct aws_interface *alone = read_thing(AWS_INTERFACE, 1);
    const struct aws_address *address = read_thing(AWS_ADDRESS, 0);
    CHECK_TEXT(interface->instance, "i-1");
    CHECK(interface->primary && !alone->primary && !alone->instance);
    CHECK_EQUAL(interface->public_address, 0xc633640a);
    CHECK_EQUAL(interface->source_dest_check, ITEM_NO);
    CHECK_EQUAL(address->address, 0xc633640b);
    CHECK_TEXT(address->interface, "eni-1");
}

static void an_instance_has_groups_and_an_address_of_ipv6(void)
{
    read_of("{'Instances': [{'InstanceId': 'i-1', 'SecurityGroups': [{'GroupId': 'sg-1'},"
            " {'GroupId': 'sg-2'}], 'NetworkInterfaces': [{'Ipv6Addresses':"
            " [{'Ipv6Address': '2001:db8::10'}, {'Ipv6Address': '2001:db8::11'}]}]}]}");
    const struct aws_instance *instance = read_thing(AWS_INSTANCE, 0);
    CHECK_EQUAL((int64_t)instance->group_count, 2);
    CHECK_TEXT(instance->groups[1], "sg-2");
    CHECK_EQUAL((int64_t)(instance->address_six & 0xffff), 0x10);
    read_of("{'Instances': [{'InstanceId': 'i-1',\n 'Ipv6Address': 'fe80::1'}]}");
    read_says(2, "an IPv6 address such as 2001:db8::10");
}

int main(void)
{
    TEST(instances_run_or_not);
    TEST(interfaces_and_addresses_name_their_instance);
    TEST(an_instance_has_groups_and_an_address_of_ipv6);
    read_close();
    return harness_done();
}
