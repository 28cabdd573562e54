#include "network/probe.h"
#include "tests/harness.h"

static void a_vpc_has_one_gateway(void)
{
    CHECK_BROKEN("vpn_gateways: [", "vpn_gateways: [{id: vgw-2, vpc: vpc-main}, ",
                 "16:76 vpc-main already has a VPN gateway, vgw-2 (line 16) | leave vpc out for a "
                 "hub without a VPC");
    CHECK_BROKEN("vpn_gateways: [", "vpn_gateways: [{id: vgw-2}, ", "fine");
}

static void defaults_are_those_of_aws(void)
{
    struct network *network =
        probe_parse("vpn_gateways: [{id: g}]\ncustomer_gateways: [{id: c}]\n");
    CHECK(network != NULL);
    if (!network)
        return;
    const struct network_vpn_gateway *gateway = &network->vpn_gateways[0];
    CHECK_EQUAL(gateway->asn, 64512);
    CHECK_EQUAL(gateway->platform, PLATFORM_AWS);
    CHECK_EQUAL(gateway->fib, NETWORK_FIB_KERNEL);
    CHECK_EQUAL(gateway->default_policy, NETWORK_OPEN);
    CHECK_EQUAL(gateway->vpc.kind, NETWORK_NOTHING);
    CHECK_EQUAL(gateway->vpc.index, -1);
    CHECK_EQUAL(gateway->limits.vpn_received, 100);
    CHECK_EQUAL(gateway->limits.vpn_announced, 1000);
    CHECK_EQUAL(gateway->limits.dx_received, 100);
    CHECK_EQUAL(gateway->limits.static_routes, 100);
    CHECK_EQUAL(gateway->limits.connections, 10);
    CHECK_EQUAL(gateway->limits.propagated, 100);
    CHECK_EQUAL(gateway->limits.warn_percent, 80);
    CHECK_EQUAL(gateway->limits.over, NETWORK_OVER_CLOSE);
    CHECK_EQUAL(gateway->latency.rib_to_fib_us, -1);
    const struct network_customer_gateway *customer = &network->customer_gateways[0];
    CHECK_EQUAL(customer->asn, 65000);
    CHECK_EQUAL(customer->address, 0);
    CHECK_EQUAL(customer->startup, NETWORK_STARTUP_START);
    CHECK(customer->dpd == NULL);
    network_free(network);
}

/* RFC 8212; AWS's documents have no such thing. */
static void a_gateway_of_ours_may_want_a_policy(void)
{
    CHECK_BROKEN("platform: sekisho", "platform: sekisho, default_policy: refuse", "fine");
    CHECK_BROKEN("vpn_gateways: [", "vpn_gateways: [{id: vgw-2, default_policy: refuse}, ",
                 "16:44 a gateway of AWS accepts and announces without a policy | leave "
                 "default_policy out, or say platform: sekisho");
}

static void impossible_asns_are_refused(void)
{
    CHECK_BROKEN("asn: 10124", "asn: 0",
                 "16:36 asn: 0 is no AS number | expected 1 to 4294967295; AS 0 is reserved (RFC "
                 "7607)");
    CHECK_BROKEN("asn: 10124", "asn: 23456",
                 "16:36 asn: 23456 belongs to nobody | expected another AS number; 23456 is "
                 "AS_TRANS (RFC 6793)");
    CHECK_BROKEN("asn: 10124", "asn: 4294967296",
                 "16:36 asn: 4294967296 is not an AS number | expected a number from 1 to "
                 "4294967295");
    CHECK_BROKEN("asn: 10124", "asn: 4294967295", "fine");
    CHECK_BROKEN("asn: 10124", "asn: 65000", "fine"); /* the customer's: a finding, no error */
}

int main(void)
{
    TEST(a_vpc_has_one_gateway);
    TEST(defaults_are_those_of_aws);
    TEST(a_gateway_of_ours_may_want_a_policy);
    TEST(impossible_asns_are_refused);
    return harness_done();
}
