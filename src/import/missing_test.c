#include "import/missing.h"

#include "import/import_rig.h"

static void what_nobody_asked_for_is_listed(void)
{
    rig_of("{" RIG_VPC "}");
    const struct import_remark *missing = rig_remark(
        IMPORT_MISSING,
        "VirtualInterfaces is not in the export (aws directconnect describe-virtual-interfaces)");
    CHECK(missing && strstr(missing->depends, "may announce a default"));
    CHECK(rig_remark(IMPORT_MISSING, "VpnConnections is not in the export"));
    CHECK(!rig_remark(IMPORT_MISSING, "Vpcs is not in"));
    CHECK(!rig_remark(IMPORT_MISSING, "SecurityGroups"));
}

static void an_empty_answer_is_an_answer(void)
{
    rig_of("{" RIG_VPC ", 'VirtualInterfaces': []}");
    CHECK(!rig_remark(IMPORT_MISSING, "VirtualInterfaces"));
}

static void a_region_that_was_asked_for_less_is_named(void)
{
    rig_open();
    rig_add("eu-west-1/a.json", "{" RIG_VPC "}");
    rig_add("us-east-1/a.json", "{'Vpcs': []}");
    rig_finish();
    CHECK(rig_remark(IMPORT_MISSING, "Subnets is not in us-east-1 (aws ec2 describe-subnets)"));
    CHECK(!rig_remark(IMPORT_MISSING, "Subnets is not in eu-west-1"));
}

static void what_has_no_place_is_listed(void)
{
    rig_of("{" RIG_VPC ", 'TransitGateways': [{'TransitGatewayId': 'tgw-1'}]}");
    CHECK(rig_remark(IMPORT_NOT_MODELED, "tgw-1 is a transit gateway: nothing is said of what "
                                         "hangs on it"));
    rig_of("{" RIG_VPC "}");
    CHECK_EQUAL((int64_t)rig_count(IMPORT_NOT_MODELED), 0);
}

int main(void)
{
    TEST(what_nobody_asked_for_is_listed);
    TEST(an_empty_answer_is_an_answer);
    TEST(a_region_that_was_asked_for_less_is_named);
    TEST(what_has_no_place_is_listed);
    rig_close();
    return harness_done();
}
