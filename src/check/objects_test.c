#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

/* -- T25 -- */

static void the_gateways_number_in_a_path_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_GATEWAY_ASN;
    struct network *network = rig_story("gateway-asn.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "vpn-nagano");
    CHECK(prefix_equal(finding->prefix, rig_prefix(10, 41, 0, 0, 16)));
    CHECK_TEXT(finding->because.items[0], "10.41.0.0/16 by vpn-nagano; AS path 65020 64512");
    check_free(check);
    network_free(network);
    rig_story_cured("gateway-asn.yaml", NULL, NULL, kind, CHECK_REMEDY_GATEWAY_RENUMBER, NULL);
    CHECK_EQUAL(rig_level(kind, "gateway-asn.yaml", "routers:\n",
                          "wanted: [{from: i-app, to: 10.41.0.9}]\n\nrouters:\n"),
                CHECK_CERTAIN);
}

/* What a router hears from the gateway and tells it back is nothing that the gateway lacks. */
static void an_echo_is_no_finding(void)
{
    CHECK_EQUAL(rig_level(CHECK_FINDING_GATEWAY_ASN, "gateway-asn-near.yaml", NULL, NULL), -1);
    CHECK_EQUAL(rig_level(CHECK_FINDING_GATEWAY_ASN, "gateway-asn-near.yaml", "      asn: 65020\n",
                          "      asn: 65020\n      announce_back: true\n"),
                -1);
}

static void a_site_with_the_gateways_number_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_GATEWAY_ASN;
    char *text = rig_read_in("tests/stories", "gateway-asn-near.yaml");
    rig_edit(text, "cgw-tokyo, asn: 65010", "cgw-tokyo, asn: 64512");
    rig_edit(text, "bgp: {asn: 65010", "bgp: {asn: 64512");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL((int64_t)rig_count(check, kind), 1);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1)
        CHECK_TEXT(finding->remedies[0].change, "AS 64513 instead of 64512");
    check_free(check);
    network_free(network);
    rig_edit(text, "vpc: vpc-main}", "vpc: vpc-main, platform: sekisho}");
    network = rig_parse(text);
    check = rig_check_without_cures(network);
    CHECK_EQUAL(rig_finding(check, kind, 0)->level, CHECK_LATENT);
    check_free(check);
    network_free(network);
    free(text);
}

/* -- T40 -- */

static void a_static_connection_to_a_speaker_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_STATIC_OR_BGP;
    CHECK_EQUAL(rig_level(kind, "static-or-bgp.yaml", NULL, NULL), CHECK_LIKELY);
    CHECK_EQUAL(
        rig_level(kind, "static-or-bgp.yaml", "static_routes: []", "static_routes: [10.20.0.0/16]"),
        CHECK_LATENT);
    CHECK_EQUAL(
        rig_level(kind, "static-or-bgp.yaml", "static_routes: []", "static_routes: [10.20.0.0/17]"),
        CHECK_LIKELY);
    CHECK_EQUAL(rig_level(kind, "static-or-bgp.yaml", "routers:\n",
                          "wanted: [{from: i-app, to: 10.20.0.9}]\n\nrouters:\n"),
                CHECK_CERTAIN);
    rig_story_cured("static-or-bgp.yaml", NULL, NULL, kind, CHECK_REMEDY_VPN_BGP, NULL);
}

static void routes_that_lack_are_added(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_STATIC_OR_BGP;
    CHECK_EQUAL(rig_level(kind, "static-or-bgp-near.yaml", NULL, NULL), -1);
    CHECK_EQUAL(rig_level(kind, "static-or-bgp-near.yaml", "static_routes: [10.20.0.0/16]",
                          "static_routes: []"),
                CHECK_LIKELY);
    rig_story_cured("static-or-bgp-near.yaml", "static_routes: [10.20.0.0/16]", "static_routes: []",
                    kind, CHECK_REMEDY_VPN_STATIC, NULL);
    /* BGP at the gateway alone */
    CHECK_EQUAL(
        rig_level(kind, "static-or-bgp-near.yaml", "    static_routes: [10.20.0.0/16]\n", ""),
        CHECK_LIKELY);
    rig_story_cured("static-or-bgp-near.yaml", "    static_routes: [10.20.0.0/16]\n", "", kind,
                    CHECK_REMEDY_VPN_STATIC, NULL);
}

/* A router may speak BGP elsewhere. */
static void a_speaker_to_somebody_else_may_be_static_here(void)
{
    CHECK_EQUAL(rig_level(CHECK_FINDING_STATIC_OR_BGP, "static-or-bgp.yaml",
                          "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1}]\n",
                          "    underlay: {asn: 65099, announce: [0.0.0.0/0]}\n"),
                CHECK_LIKELY); /* that it has no routes at all is told all the same */
    CHECK_EQUAL(rig_level(CHECK_FINDING_STATIC_OR_BGP, "static-or-bgp.yaml",
                          "    static_routes: []\n", "    static_routes: [10.99.0.0/16]\n"),
                CHECK_LIKELY);
}

/* -- T40e -- */

static void ipv6_in_the_tunnels_of_aws_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_IPV6_OVER_VGW;
    CHECK_EQUAL(rig_level(kind, "ipv6-over-vgw.yaml", NULL, NULL), CHECK_LIKELY);
    CHECK_EQUAL(rig_level(kind, "ipv6-over-vgw-near.yaml", NULL, NULL), -1);
    CHECK_EQUAL(rig_level(kind, "static-or-bgp-near.yaml", NULL, NULL), -1);
    /* IPv6 alone, as AWS has it on Transit Gateways */
    CHECK_EQUAL(rig_level(kind, "ipv6-sessions.yaml", "{vgw: \"fd00:252:28::1\"",
                          "{vgw: \"fd00:252:28::1\""),
                -1);
    CHECK_EQUAL(rig_level(kind, "ipv6-sessions.yaml", ", platform: sekisho", ""), CHECK_LIKELY);
}

int main(void)
{
    TEST(the_gateways_number_in_a_path_is_told);
    TEST(an_echo_is_no_finding);
    TEST(a_site_with_the_gateways_number_is_told);
    TEST(a_static_connection_to_a_speaker_is_told);
    TEST(routes_that_lack_are_added);
    TEST(a_speaker_to_somebody_else_may_be_static_here);
    TEST(ipv6_in_the_tunnels_of_aws_is_told);
    return harness_done();
}
