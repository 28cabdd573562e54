#include "import/import_rig.h"

/* Texts of several pieces, which clang-format would set in steps. */
/* clang-format off */

#define INSTANCE(id, address, rest)                                                                \
    "{'InstanceId': '" id "', 'SubnetId': 'subnet-1', 'VpcId': 'vpc-1', 'PrivateIpAddress': '"     \
    address "', 'State': {'Name': 'running'}" rest "}"
#define WITH(instances) "{" RIG_VPC ", 'Reservations': [{'Instances': [" instances "]}]"

static void instances_lie_in_subnets(void)
{
    rig_of(WITH(INSTANCE("i-1", "10.10.1.10",
           ", 'SourceDestCheck': false, 'Tags': [{'Key': 'Name', 'Value': 'edge'}]") ", "
           INSTANCE("i-2", "10.10.1.11", ", 'PublicIpAddress': '198.51.100.9'")) "}");
    CHECK(rig_has("- {id: i-1, subnet: subnet-1, address: 10.10.1.10, source_dest_check: false}"
                  "  # edge\n"));
    CHECK(rig_has("elastic_address: 198.51.100.9"));
}

static void what_cannot_be_is_left_out(void)
{
    rig_of(WITH(INSTANCE("i-1", "10.10.1.10", "") ", " INSTANCE("i-2", "10.10.1.10", "") ", "
           INSTANCE("i-3", "10.10.1.3", "") ", " INSTANCE("i-4", "10.10.9.9", "")
           ", {'InstanceId': 'i-5', 'SubnetId': 'subnet-9'}") "}");
    CHECK(rig_has("instances: [{id: i-1, subnet: subnet-1, address: 10.10.1.10}]"));
    CHECK(rig_remark(IMPORT_WRONG, "i-2: its address is another one's already"));
    CHECK(rig_remark(IMPORT_WRONG, "i-3: its address is none of its subnet's"));
    CHECK(rig_remark(IMPORT_WRONG, "i-4: its address is none of its subnet's"));
    CHECK(rig_remark(IMPORT_WRONG, "i-5: its subnet is not in the export"));
}

static void who_does_not_run_is_counted(void)
{
    rig_of("{" RIG_VPC ", 'Instances': [{'InstanceId': 'i-1', 'SubnetId': 'subnet-1',"
           " 'PrivateIpAddress': '10.10.1.10', 'State': {'Name': 'stopped'}}]}");
    CHECK(!rig_has("instances:"));
    CHECK(rig_remark(IMPORT_ASSUMED, "1 instance is not running: left out"));
}

/* describe-addresses and describe-network-interfaces tell what describe-instances does not. */
static void others_tell_the_public_address(void)
{
    rig_of(WITH(INSTANCE("i-1", "10.10.1.10", ""))
           ", 'Addresses': [{'AllocationId': 'eipalloc-1', 'PublicIp': '198.51.100.10',"
           " 'InstanceId': 'i-1'}]}");
    CHECK(rig_has("elastic_address: 198.51.100.10"));
    rig_of(WITH(INSTANCE("i-1", "10.10.1.10", ""))
           ", 'NetworkInterfaces': [{'NetworkInterfaceId': 'eni-1', 'Attachment':"
           " {'InstanceId': 'i-1', 'DeviceIndex': 0}, 'SourceDestCheck': false,"
           " 'Association': {'PublicIp': '198.51.100.11'}}]}");
    CHECK(rig_has("elastic_address: 198.51.100.11\n        source_dest_check: false\n"));
    rig_of(WITH(INSTANCE("i-1", "10.10.1.10", ""))
           ", 'NetworkInterfaces': [{'NetworkInterfaceId': 'eni-1', 'Attachment':"
           " {'InstanceId': 'i-1', 'DeviceIndex': 1}}], 'Addresses': [{'AllocationId':"
           " 'eipalloc-1', 'PublicIp': '198.51.100.12', 'NetworkInterfaceId': 'eni-1'}]}");
    CHECK(rig_has("elastic_address: 198.51.100.12"));
}

/* clang-format on */

int main(void)
{
    TEST(instances_lie_in_subnets);
    TEST(what_cannot_be_is_left_out);
    TEST(who_does_not_run_is_counted);
    TEST(others_tell_the_public_address);
    rig_close();
    return harness_done();
}
