#include "network/probe.h"
#include "tests/harness.h"

static void sound_file_is_sound(void)
{
    CHECK_ERRORS(probe_sound, "fine");
}

static void ranges_do_not_overlap(void)
{
    CHECK_BROKEN("[10.20.0.0/16]", "[10.20.0.0/16, 10.20.4.0/22]",
                 "8:27 overlaps 10.20.0.0/16 of vpc-branch (line 8)");
    CHECK_BROKEN("[{id: subnet-edge,", "[{id: s-2, cidr: 10.20.0.128/25}, {id: subnet-edge,",
                 "11:72 overlaps 10.20.0.128/25 of s-2 (line 11)");
    CHECK_BROKEN("cidr: 10.10.1.0/24", "cidr: 10.99.1.0/24",
                 "5:38 the subnet lies outside the CIDRs of vpc-main\n"
                 "6:58 the address is not in 10.99.1.0/24 of subnet-app");
}

static void ipv6_fits_as_ipv4_does(void)
{
    static const char subnet[] = "cidr: 10.10.1.0/24";
    static const char six[] = "cidr: 10.10.1.0/24, ipv6_cidr: '2001:db8:1::/64'";
    char *vpc = probe_replace(probe_sound, "[10.10.0.0/16]", "[10.10.0.0/16, '2001:db8:1::/56']");
    char *cidr = probe_replace(vpc, subnet, six);
    char *address = probe_replace(cidr, "address: 10.10.1.10",
                                  "address: 10.10.1.10, ipv6_address: '2001:db8:1::10'");
    char *elsewhere = probe_replace(cidr, "address: 10.10.1.10",
                                    "address: 10.10.1.10, ipv6_address: '2001:db8:1:1::10'");
    CHECK_ERRORS(address, "fine");
    CHECK_ERRORS(elsewhere, "6:84 the address is not in subnet-app's range of IPv6");
    CHECK_BROKEN(subnet, six, "5:63 the subnet's range of IPv6 lies outside the CIDRs of vpc-main");
    CHECK_BROKEN("address: 10.10.1.10", "address: 10.10.1.10, ipv6_address: '2001:db8:1::10'",
                 "6:84 the address is not in subnet-app's range of IPv6, which has none");
    free(vpc);
    free(cidr);
    free(address);
    free(elsewhere);
}

static void addresses_fit_their_subnet(void)
{
    CHECK_BROKEN("address: 10.10.1.10", "address: 10.10.2.10",
                 "6:58 the address is not in 10.10.1.0/24 of subnet-app");
    const char *reserved[] = {"10.10.1.0", "10.10.1.1", "10.10.1.3", "10.10.1.255"};
    for (size_t i = 0; i < 4; i++) {
        char to[40];
        snprintf(to, sizeof to, "address: %s", reserved[i]);
        CHECK_BROKEN("address: 10.10.1.10", to,
                     "6:58 the address is reserved in 10.10.1.0/24 | a VPC keeps the first four "
                     "and the last address of a subnet");
    }
    CHECK_BROKEN("[{id: i-app,", "[{id: i-2, subnet: subnet-app, address: 10.10.1.10}, {id: i-app,",
                 "6:110 the address is taken by i-2 (line 6)");
    CHECK_BROKEN("address: 10.10.1.10", "address: 10.10.1.10, elastic_address: 198.51.100.10",
                 "14:27 the address is taken by i-app (line 6)");
}

static void names_stay_in_their_vpc(void)
{
    CHECK_BROKEN("route_table: rtb-app", "route_table: rtb-branch",
                 "5:65 rtb-branch belongs to vpc-branch, not to vpc-main");
    CHECK_BROKEN("subnet: subnet-app", "subnet: subnet-edge",
                 "6:37 subnet-edge belongs to vpc-branch, not to vpc-main");
    CHECK_BROKEN("routes: []", "routes: [{prefix: 0.0.0.0/0, target: igw-branch}]",
                 "4:94 igw-branch belongs to vpc-branch, not to vpc-main");
    CHECK_BROKEN("routes: []", "routes: [{prefix: 10.99.0.0/16, target: i-vyatta}]",
                 "4:97 i-vyatta belongs to vpc-branch, not to vpc-main");
    CHECK_BROKEN("routes: []", "routes: [{prefix: 10.99.0.0/16, target: pcx-1}]", "fine");
    CHECK_BROKEN("routes: []", "routes: [{prefix: 10.99.0.0/16, target: blackhole}]", "fine");
    CHECK_BROKEN("vpcs:\n",
                 "vpcs:\n  - {id: v3, cidrs: [10.99.0.0/16], route_tables: [{id: rtb-3, "
                 "routes: [{prefix: 10.10.0.0/16, target: pcx-1}]}]}\n",
                 "2:104 pcx-1 does not end at v3");
}

static void a_table_has_one_route_a_prefix(void)
{
    CHECK_BROKEN("target: i-vyatta}",
                 "target: i-vyatta}, {prefix: 10.10.0.0/16, target: blackhole}",
                 "10:97 rtb-branch already has a route for this prefix (line 10)");
    CHECK_BROKEN("target: i-vyatta}",
                 "target: i-vyatta}, {prefix: 10.10.1.0/24, target: blackhole}", "fine");
}

static void only_a_blackhole_was_something(void)
{
    CHECK_BROKEN("target: i-vyatta}",
                 "target: i-vyatta}, {prefix: 10.9.0.0/16, target: blackhole, was: pcx-old}",
                 "fine");
    CHECK_BROKEN(
        "target: i-vyatta}", "target: i-vyatta, was: pcx-old}",
        "10:92 only a route to blackhole says what it was, and this one leads to i-vyatta");
}

static void a_router_is_one_instance_and_keeps_its_routes(void)
{
    CHECK_BROKEN("address: 10.10.1.10", "address: 10.10.1.10, router: vyatta",
                 "14:76 vyatta is already the instance i-app (line 6)");
    CHECK_BROKEN("router: vyatta}\nvpc_p", "router: vyatta, routes: []}\nvpc_p",
                 "14:84 the routes of i-vyatta belong to its router, vyatta");
}

static void peerings_join_two_vpcs_once(void)
{
    CHECK_BROKEN("accepter: vpc-branch", "accepter: vpc-main",
                 "15:59 vpc-main cannot be peered with itself");
    CHECK_BROKEN("accepter: vpc-branch}",
                 "accepter: vpc-branch}, {id: pcx-2, requester: vpc-branch, accepter: vpc-main}",
                 "15:117 these VPCs are already peered by pcx-1 (line 15)");
    CHECK_BROKEN("cidrs: [10.20.0.0/16]", "cidrs: [10.20.0.0/16, 10.10.9.0/24]",
                 "15:59 vpc-main and vpc-branch overlap and cannot be peered");
}

int main(void)
{
    TEST(sound_file_is_sound);
    TEST(ranges_do_not_overlap);
    TEST(ipv6_fits_as_ipv4_does);
    TEST(addresses_fit_their_subnet);
    TEST(names_stay_in_their_vpc);
    TEST(a_table_has_one_route_a_prefix);
    TEST(only_a_blackhole_was_something);
    TEST(a_router_is_one_instance_and_keeps_its_routes);
    TEST(peerings_join_two_vpcs_once);
    return harness_done();
}
