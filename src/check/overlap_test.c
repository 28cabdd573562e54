#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static int level_of(const char *story, const char *from, const char *to)
{
    struct network *network = rig_story(story, from, to);
    struct check *check = rig_check_without_cures(network);
    size_t count = rig_count(check, CHECK_FINDING_VPC_OVERLAP);
    CHECK(count <= 1);
    int level = count == 1 ? (int)rig_finding(check, CHECK_FINDING_VPC_OVERLAP, 0)->level : -1;
    check_free(check);
    network_free(network);
    return level;
}

static void a_sites_range_inside_the_vpc_is_told(void)
{
    struct network *network = rig_story("vpc-overlap.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_VPC_OVERLAP, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "vpc-main");
    CHECK_TEXT(finding->router, "tokyo");
    CHECK_TEXT(finding->connection, "vpn-tokyo");
    CHECK(prefix_equal(finding->prefix, rig_prefix(10, 10, 7, 0, 24)));
    CHECK(strstr(finding->because.items[0], "lies in 10.10.0.0/16 of vpc-main"));
    check_free(check);
    network_free(network);
}

static void what_is_wanted_is_certain_and_an_empty_vpc_latent(void)
{
    CHECK_EQUAL(level_of("vpc-overlap.yaml", "routers:\n",
                         "wanted: [{from: i-app, to: 10.10.7.9}]\n\nrouters:\n"),
                CHECK_CERTAIN);
    CHECK_EQUAL(level_of("vpc-overlap.yaml",
                         "instances: [{id: i-app, subnet: subnet-app, address: 10.10.1.10}]",
                         "instances: []"),
                CHECK_LATENT);
}

/* All of the VPC's range, and not only a part of it. */
static void the_vpcs_own_prefix_from_a_site_is_told(void)
{
    CHECK_EQUAL(
        level_of("vpc-overlap-near.yaml", "announce: [10.0.0.0/8]", "announce: [10.10.0.0/16]"),
        CHECK_LIKELY);
}

static void a_summary_counts_where_the_site_lives_inside(void)
{
    CHECK_EQUAL(level_of("vpc-overlap-near.yaml", NULL, NULL), -1);
    CHECK_EQUAL(level_of("vpc-overlap-near.yaml", "lan: [10.20.0.0/16,",
                         "lan: [10.20.0.0/16, 10.10.8.0/24,"),
                CHECK_LIKELY);
    CHECK_EQUAL(level_of("vpc-overlap-near.yaml", "lan: [10.20.0.0/16,", "lan: [0.0.0.0/0,"), -1);
}

static void a_static_route_of_the_prefix_leads_there(void)
{
    CHECK_EQUAL(level_of("vpc-overlap.yaml", "routes: []}",
                         "routes: [{prefix: 10.10.7.0/24, target: vgw-main}]}"),
                -1);
}

int main(void)
{
    TEST(a_sites_range_inside_the_vpc_is_told);
    TEST(what_is_wanted_is_certain_and_an_empty_vpc_latent);
    TEST(the_vpcs_own_prefix_from_a_site_is_told);
    TEST(a_summary_counts_where_the_site_lives_inside);
    TEST(a_static_route_of_the_prefix_leads_there);
    return harness_done();
}
