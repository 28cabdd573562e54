#include "check/settled.h"

#include "check/check_rig.h"

static void a_number_that_the_router_has_not_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_ASN_MISMATCH;
    struct network *network = rig_story("asn-mismatch.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE); /* as if nothing were wrong */
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK_TEXT(finding->place, "vpn-tokyo");
    CHECK_TEXT(finding->what,
               "cgw-tokyo has AS 65000, and its router tokyo has AS 65010: BGP does not come up");
    check_free(check);
    network_free(network);
    rig_story_cured("asn-mismatch.yaml", NULL, NULL, kind, CHECK_REMEDY_CUSTOMER_RENUMBER,
                    "aws ec2 create-customer-gateway --type ipsec.1 --bgp-asn 65010 --ip-address"
                    " 198.51.100.10");
}

static void nobody_asks_for_the_number_of_a_static_connection(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_ASN_MISMATCH;
    CHECK_EQUAL(rig_level(kind, "asn-mismatch-near.yaml", NULL, NULL), -1);
    CHECK_EQUAL(rig_level(kind, "asn-mismatch.yaml", "customer_gateway: cgw-tokyo\n",
                          "customer_gateway: cgw-tokyo\n    static_routes: [10.20.0.0/16]\n"),
                -1);
}

int main(void)
{
    TEST(a_number_that_the_router_has_not_is_told);
    TEST(nobody_asks_for_the_number_of_a_static_connection);
    return harness_done();
}
