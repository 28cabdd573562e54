#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

/* -- T21 -- */

static void the_hundred_and_first_prefix_closes_the_session(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_PREFIX_LIMIT;
    struct network *network = rig_story("prefix-limit.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
    CHECK(check_complaint(check) == NULL);
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK_TEXT(finding->place, "vpn-tokyo");
    CHECK(strstr(finding->because.items[0], "is closed with Cease"));
    check_free(check);
    network_free(network);
    rig_story_cured("prefix-limit.yaml", NULL, NULL, kind, CHECK_REMEDY_ORIGIN_SUMMARIZE,
                    "announce summaries: 4 prefixes instead of 101");
}

static void up_to_the_limit_is_a_margin(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_PREFIX_LIMIT;
    CHECK_EQUAL(rig_level(kind, "prefix-limit.yaml", ", 10.20.100.0/24]", "]"), CHECK_LATENT);
    static const char twenty[] = "10.20.80.0/24, 10.20.81.0/24,";
    CHECK_EQUAL(rig_level(kind, "prefix-limit.yaml", twenty, ""), CHECK_LATENT); /* 99 */
    CHECK_EQUAL(rig_level(kind, "prefix-limit-near.yaml", "    vpn_gateway: vgw-main\n",
                          "    vpn_gateway: vgw-main\n    limits: {received: 1}\n"),
                CHECK_LATENT);
    CHECK_EQUAL(rig_level(kind, "prefix-limit-near.yaml", "    vpn_gateway: vgw-main\n",
                          "    vpn_gateway: vgw-main\n    limits: {received: 2}\n"),
                -1); /* one of two is half */
    CHECK_EQUAL(
        rig_level(kind, "prefix-limit-near.yaml", "    vpn_gateway: vgw-main\n",
                  "    vpn_gateway: vgw-main\n    limits: {received: 2, warn_percent: 50}\n"),
        CHECK_LATENT);
}

static void what_is_refused_alone_is_likely_and_what_is_filtered_nothing(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_PREFIX_LIMIT;
    static const char head[] = "    vpn_gateway: vgw-main\n";
    CHECK_EQUAL(rig_level(kind, "prefix-limit.yaml", head,
                          "    vpn_gateway: vgw-main\n    limits: {over: refuse}\n"),
                CHECK_LIKELY);
    CHECK_EQUAL(
        rig_level(kind, "prefix-limit.yaml", head,
                  "    vpn_gateway: vgw-main\n    import: [{permit: 10.20.0.0/18, le: 24}]\n"),
        -1); /* 64 are left */
}

/* What comes by Direct Connect has its own limit. */
static void a_virtual_interface_has_a_limit_too(void)
{
    struct network *network = rig_network(
        "incident-held.yaml", "announce: [10.30.0.0/16]", "announce: [10.30.0.0/16, 10.31.0.0/16]",
        "platform: sekisho", "platform: sekisho, limits: {dx_received: 2}");
    struct check *check = rig_check_without_cures(network);
    bool told = false;
    for (size_t i = 0; i < rig_count(check, CHECK_FINDING_PREFIX_LIMIT); i++)
        told |= strcmp(rig_finding(check, CHECK_FINDING_PREFIX_LIMIT, i)->place, "dxvif-1") == 0;
    CHECK(told);
    check_free(check);
    network_free(network);
}

/* -- T22, T23 -- */

static void what_is_announced_to_a_site_has_a_limit(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_ANNOUNCEMENT_LIMIT;
    struct network *network = rig_story("announcement-limit.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "vpn-tokyo");
    CHECK_TEXT(finding->because.items[0], "vpn-tokyo brings 1, vpn-nagano 24");
    check_free(check);
    network_free(network);
    rig_story_cured("announcement-limit.yaml", NULL, NULL, kind, CHECK_REMEDY_ORIGIN_SUMMARIZE,
                    "announce summaries: 2 prefixes instead of 24");
    CHECK_EQUAL(
        rig_level(kind, "announcement-limit.yaml", "vpn_announced: 20", "vpn_announced: 25"),
        CHECK_LATENT);
    CHECK_EQUAL(
        rig_level(kind, "announcement-limit.yaml", "vpn_announced: 20", "vpn_announced: 32"),
        -1); /* 78 of a hundred */
    CHECK_EQUAL(rig_level(kind, "announcement-limit.yaml", "vpn_announced: 20", "vpn_announced: 0"),
                -1); /* none */
}

static void a_table_takes_so_many_routes(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_PROPAGATION_LIMIT;
    struct network *network = rig_story("propagation-limit.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK(strstr(finding->because.items[1], "10.40."));
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "rtb-app");
    CHECK(strstr(finding->what, "takes 100 propagated routes, and vgw-main has 120"));
    check_free(check);
    network_free(network);
    rig_story_cured("propagation-limit.yaml", NULL, NULL, kind, CHECK_REMEDY_ORIGIN_SUMMARIZE,
                    "announce summaries: 4 prefixes instead of 60");
    CHECK_EQUAL(rig_level(kind, "propagation-limit.yaml", ", vpc: vpc-main}",
                          ", vpc: vpc-main, limits: {propagated: 120}}"),
                CHECK_LATENT);
    CHECK_EQUAL(rig_level(kind, "propagation-limit.yaml", "propagate: [vgw-main]", "propagate: []"),
                -1);
}

/* -- T40 -- */

static void quotas_are_counted(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_QUOTA;
    CHECK_EQUAL(rig_level(kind, "quota.yaml", NULL, NULL), CHECK_LIKELY);
    CHECK_EQUAL(rig_level(kind, "quota.yaml", "{id: vgw-main}",
                          "{id: vgw-main, limits: {connections: 11}}"),
                CHECK_LATENT);
    CHECK_EQUAL(rig_level(kind, "quota.yaml", "{id: vgw-main}",
                          "{id: vgw-main, limits: {connections: 14}}"),
                -1);
    CHECK_EQUAL(rig_level(kind, "quota-near.yaml", "{id: vgw-main}",
                          "{id: vgw-main, limits: {static_routes: 1}}"),
                -1); /* nobody has static routes */
    CHECK_EQUAL(rig_level(kind, "quota-near.yaml", "    customer_gateway: cgw-tokyo\n",
                          "    customer_gateway: cgw-tokyo\n    static_routes: [10.1.0.0/16]\n"),
                -1);
}

static void five_gateways_are_a_regions(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_QUOTA;
    CHECK_EQUAL(rig_level(kind, "quota-near.yaml", "  - {id: vgw-main}\n",
                          "  - {id: vgw-main}\n  - {id: g2}\n  - {id: g3}\n  - {id: g4}\n"
                          "  - {id: g5}\n"),
                -1);
    CHECK_EQUAL(rig_level(kind, "quota-near.yaml", "  - {id: vgw-main}\n",
                          "  - {id: vgw-main}\n  - {id: g2}\n  - {id: g3}\n  - {id: g4}\n"
                          "  - {id: g5}\n  - {id: g6}\n"),
                CHECK_LIKELY);
}

int main(void)
{
    TEST(the_hundred_and_first_prefix_closes_the_session);
    TEST(up_to_the_limit_is_a_margin);
    TEST(what_is_refused_alone_is_likely_and_what_is_filtered_nothing);
    TEST(a_virtual_interface_has_a_limit_too);
    TEST(what_is_announced_to_a_site_has_a_limit);
    TEST(a_table_takes_so_many_routes);
    TEST(quotas_are_counted);
    TEST(five_gateways_are_a_regions);
    return harness_done();
}
