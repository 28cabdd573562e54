#include "network/build_rig.h"

static const char peered[] =
    "vpcs:\n"
    "  - id: vpc-a\n"
    "    cidrs: [10.1.0.0/16]\n"
    "    route_tables:\n"
    "      - id: rtb-a\n"
    "        propagate: [vgw]\n"
    "        routes:\n"
    "          - {prefix: 10.2.0.0/16, target: pcx}\n"
    "          - {prefix: 10.3.0.0/16, target: blackhole}\n"
    "          - {prefix: 10.4.0.0/16, target: i-nat}\n"
    "          - {prefix: 10.5.0.0/16, target: vgw}\n"
    "          - {prefix: 0.0.0.0/0, target: pcx}\n"
    "      - {id: rtb-plain}\n"
    "    subnets:\n"
    "      - {id: subnet-a, cidr: 10.1.1.0/24}\n"
    "      - {id: subnet-plain, cidr: 10.1.2.0/24, route_table: rtb-plain}\n"
    "    instances:\n"
    "      - {id: i-a, subnet: subnet-a, address: 10.1.1.10}\n"
    "      - {id: i-plain, subnet: subnet-plain, address: 10.1.2.10}\n"
    "      - {id: i-nat, subnet: subnet-a, address: 10.1.1.20}\n"
    "      - {id: i-fixed, subnet: subnet-a, address: 10.1.1.30, dhcp: false,\n"
    "         routes: [{prefix: 10.9.0.0/16, via: 10.1.1.1}]}\n"
    "  - id: vpc-b\n"
    "    cidrs: [10.2.0.0/16]\n"
    "    internet_gateway: igw-b\n"
    "    route_tables: [{id: rtb-b, routes: [{prefix: 10.1.0.0/16, target: pcx},\n"
    "                   {prefix: 0.0.0.0/0, target: igw-b}]}]\n"
    "    subnets: [{id: subnet-b, cidr: 10.2.1.0/24}]\n"
    "    instances:\n"
    "      - {id: i-b, subnet: subnet-b, address: 10.2.1.10}\n"
    "      - {id: i-public, subnet: subnet-b, address: 10.2.1.11, elastic_address: 192.0.2.11}\n"
    "vpc_peerings: [{id: pcx, requester: vpc-a, accepter: vpc-b}]\n"
    "vpn_gateways: [{id: vgw, vpc: vpc-a, limits: {propagated: 5}}]\n";

static struct rig booted(void)
{
    struct rig rig = rig_build(peered);
    rig_boot(&rig);
    return rig;
}

static enum drop drop_of(const struct rig *rig, const char *from, ip_addr dst)
{
    ip_addr src = rig_node(rig, from)->ports[1].addr;
    return rig_send(rig, from, src, dst).drop;
}

static bool reaches(const struct rig *rig, const char *from, const char *to)
{
    ip_addr src = rig_node(rig, from)->ports[1].addr, dst = rig_node(rig, to)->ports[1].addr;
    struct path path = rig_send(rig, from, src, dst);
    return path.delivered && path.node == world_find_node(rig->world, to);
}

static void a_vpc_is_held_by_its_gateway_or_by_itself(void)
{
    struct rig rig = booted();
    CHECK_EQUAL(rig_node(&rig, "vpc-a")->owner, world_find_node(rig.world, "vgw"));
    CHECK(rig_node(&rig, "vpc-a")->engine == NULL);
    CHECK_EQUAL(rig_node(&rig, "vpc-b")->owner, world_find_node(rig.world, "vpc-b"));
    CHECK(world_vpc(rig.world, rig_node(&rig, "vpc-a")) != NULL);
    CHECK(world_vpc(rig.world, rig_node(&rig, "vpc-b")) != NULL);
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_VPC, 0)->vpc.propagated_limit, 5);
    rig_done(&rig);
}

static void instances_of_a_vpc_reach_each_other(void)
{
    struct rig rig = booted();
    CHECK(reaches(&rig, "i-a", "i-plain"));
    CHECK(reaches(&rig, "i-b", "i-public"));
    CHECK_EQUAL(drop_of(&rig, "i-a", RIG_IP(10, 1, 1, 99)), DROP_NO_INSTANCE);
    CHECK(rig_told(&rig, "vgw", EVENT_VPC_TABLE, 0)->vpc_part.present); /* propagates into one */
    CHECK(!rig_told(&rig, "vgw", EVENT_VPC_TABLE, 1)->vpc_part.present);
    rig_done(&rig);
}

static void a_peering_carries_what_is_the_other_vpcs(void)
{
    struct rig rig = booted();
    CHECK(reaches(&rig, "i-a", "i-b"));
    CHECK(reaches(&rig, "i-b", "i-a"));
    CHECK_EQUAL(drop_of(&rig, "i-a", RIG_IP(8, 8, 8, 8)), DROP_NOT_TRANSITIVE);
    CHECK_EQUAL(drop_of(&rig, "i-plain", RIG_IP(10, 2, 1, 10)), DROP_NO_VPC_ROUTE);
    rig_done(&rig);
}

static void a_peering_that_is_not_active_carries_nothing(void)
{
    struct rig rig = rig_build("vpcs:\n"
                               "  - id: vpc-a\n"
                               "    cidrs: [10.1.0.0/16]\n"
                               "    route_tables: [{id: rtb-a, routes: [{prefix: 10.2.0.0/16,"
                               " target: pcx}]}]\n"
                               "    subnets: [{id: subnet-a, cidr: 10.1.1.0/24}]\n"
                               "    instances: [{id: i-a, subnet: subnet-a, address: 10.1.1.10}]\n"
                               "  - {id: vpc-b, cidrs: [10.2.0.0/16]}\n"
                               "vpc_peerings: [{id: pcx, requester: vpc-a, accepter: vpc-b,"
                               " status: expired}]\n");
    rig_boot(&rig);
    CHECK_EQUAL(drop_of(&rig, "i-a", RIG_IP(10, 2, 1, 10)), DROP_BLACKHOLE);
    CHECK_TEXT(network_peering_status_name(NETWORK_PEERING_EXPIRED), "expired");
    rig_done(&rig);
}

static void each_target_is_what_it_says(void)
{
    struct rig rig = booted();
    CHECK_EQUAL(drop_of(&rig, "i-a", RIG_IP(10, 3, 0, 1)), DROP_BLACKHOLE);
    /* the instance checks source and destination, and is neither */
    CHECK_EQUAL(drop_of(&rig, "i-a", RIG_IP(10, 4, 0, 1)), DROP_SOURCE_DEST_CHECK);
    CHECK_EQUAL(drop_of(&rig, "i-a", RIG_IP(10, 5, 0, 1)), DROP_GATEWAY_UNKNOWN_PREFIX);
    rig_done(&rig);
}

static void only_a_public_address_passes_the_internet_gateway(void)
{
    struct rig rig = booted();
    CHECK_EQUAL(drop_of(&rig, "i-b", RIG_IP(8, 8, 8, 8)), DROP_NO_PUBLIC_ADDRESS);
    struct path path = rig_send(&rig, "i-public", RIG_IP(10, 2, 1, 11), RIG_IP(8, 8, 8, 8));
    CHECK(path.delivered && path.beyond && path.node == rig.world->internet);
    CHECK_EQUAL(path.hops[path.hop_count - 1].src, RIG_IP(192, 0, 2, 11));
    rig_done(&rig);
}

static void an_instance_has_dhcps_default_unless_told_otherwise(void)
{
    struct rig rig = booted();
    CHECK_EQUAL(rig_told(&rig, "i-a", EVENT_ROUTE_SET, 0)->route.gateway, RIG_IP(10, 1, 1, 1));
    CHECK_EQUAL(drop_of(&rig, "i-fixed", RIG_IP(8, 8, 8, 8)), DROP_NO_ROUTE);
    CHECK_EQUAL(drop_of(&rig, "i-fixed", RIG_IP(10, 9, 8, 8)), DROP_NOT_TRANSITIVE);
    rig_done(&rig);
}

static void a_gateway_attached_elsewhere_is_no_target(void)
{
    struct rig rig = rig_build("vpcs:\n"
                               "  - id: vpc-a\n"
                               "    cidrs: [10.1.0.0/16]\n"
                               "    route_tables:\n"
                               "      - {id: rtb, routes: [{prefix: 0.0.0.0/0, target: vgw}]}\n"
                               "    subnets: [{id: subnet, cidr: 10.1.1.0/24}]\n"
                               "    instances: [{id: i-a, subnet: subnet, address: 10.1.1.10}]\n"
                               "vpn_gateways: [{id: vgw}]\n");
    rig_boot(&rig);
    CHECK_EQUAL(drop_of(&rig, "i-a", RIG_IP(8, 8, 8, 8)), DROP_BLACKHOLE);
    rig_done(&rig);
}

/* More than a VPC may have (facts: five CIDRs): what is beyond is refused, nothing breaks. */
static void a_vpc_beyond_its_quotas_keeps_what_it_may_have(void)
{
    struct rig rig =
        rig_build("vpcs:\n"
                  "  - id: vpc-a\n"
                  "    cidrs: [10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, 10.4.0.0/16, 10.5.0.0/16, "
                  "10.6.0.0/16]\n"
                  "    subnets: [{id: s1, cidr: 10.1.1.0/24}, {id: s6, cidr: 10.6.1.0/24}]\n"
                  "    instances:\n"
                  "      - {id: i-1, subnet: s1, address: 10.1.1.10}\n"
                  "      - {id: i-6, subnet: s6, address: 10.6.1.10}\n"
                  "  - {id: vpc-b, cidrs: [10.7.0.0/16]}\n"
                  "vpc_peerings: [{id: pcx, requester: vpc-a, accepter: vpc-b}]\n");
    rig_boot(&rig);
    CHECK_EQUAL(rig_told(&rig, "vpc-b", EVENT_VPC_PEERING, 0)->vpc_part.peering.cidr_count,
                VPC_CIDR_MAX);
    CHECK(reaches(&rig, "i-6", "i-1"));
    CHECK_EQUAL(drop_of(&rig, "i-1", RIG_IP(10, 6, 1, 10)), DROP_NO_VPC_ROUTE);
    rig_done(&rig);
}

int main(void)
{
    TEST(a_vpc_is_held_by_its_gateway_or_by_itself);
    TEST(instances_of_a_vpc_reach_each_other);
    TEST(a_peering_carries_what_is_the_other_vpcs);
    TEST(a_peering_that_is_not_active_carries_nothing);
    TEST(each_target_is_what_it_says);
    TEST(only_a_public_address_passes_the_internet_gateway);
    TEST(an_instance_has_dhcps_default_unless_told_otherwise);
    TEST(a_gateway_attached_elsewhere_is_no_target);
    TEST(a_vpc_beyond_its_quotas_keeps_what_it_may_have);
    return harness_done();
}
