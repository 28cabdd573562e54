#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static const enum check_finding_kind backup = CHECK_FINDING_BACKUP_MORE_SPECIFIC;
static const enum check_finding_kind vain = CHECK_FINDING_PREPENDING_IN_VAIN;
static const enum check_finding_kind tunnels = CHECK_FINDING_ASYMMETRIC_TUNNELS;

/* -- T29 -- */

static void a_backup_with_longer_prefixes_is_told(void)
{
    struct network *network = rig_story("backup-more-specific.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, backup, 0);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->what,
               "vgw-main sends to 10.20.1.0/24, 10.20.2.0/24 by vpn-tokyo, not by dxvif-1");
    CHECK(strstr(finding->because.items[0], "announces only 10.20.0.0/16, which is wider"));
    check_free(check);
    network_free(network);
    rig_story_cured("backup-more-specific.yaml", NULL, NULL, backup, CHECK_REMEDY_ORIGIN_ANNOUNCE,
                    NULL);
}

static void what_is_no_backup_is_let_be(void)
{
    CHECK_EQUAL(rig_level(backup, "backup-more-specific-near.yaml", NULL, NULL), -1);
    /* announces something else besides; a default in disguise; meant by prepending */
    CHECK_EQUAL(rig_level(backup, "backup-more-specific.yaml", "[10.20.1.0/24, 10.20.2.0/24]",
                          "[10.20.1.0/24, 10.21.0.0/16]"),
                -1);
    CHECK_EQUAL(rig_level(backup, "backup-more-specific.yaml",
                          "asn: 65011, announce: [10.20.0.0/16]",
                          "asn: 65011, announce: [0.0.0.0/1]"),
                -1);
    CHECK_EQUAL(rig_level(backup, "backup-more-specific.yaml",
                          "asn: 65011, announce: [10.20.0.0/16]",
                          "asn: 65011, announce: [{prefix: 10.20.0.0/16, as_path: [65011]}]"),
                -1);
}

/* One router with both. By Direct Connect it hears the range of another site, by VPN a part. */
static void a_router_may_prefer_the_vpn_too(void)
{
    char *text = rig_read_in("tests/stories", "foreign-prefix.yaml");
    rig_edit(text, "routers:\n",
             "direct_connects:\n"
             "  - {id: dxvif-1, vpn_gateway: vgw-main, router: third, vlan: 101, inside: {vgw:"
             " 169.254.100.1, peer: 169.254.100.2}, export: [{deny: 10.20.7.0/24}]}\n\n"
             "routers:\n"
             "  - {id: third, platform: frr, bgp: {asn: 65030, announce: [10.60.0.0/16]}}\n");
    rig_edit(text, "customer_gateways:\n",
             "customer_gateways:\n  - {id: cgw-third, asn: 65030, address: 198.51.103.10, router:"
             " third}\n");
    rig_edit(text, "vpn_connections:\n",
             "vpn_connections:\n"
             "  - id: vpn-third\n    vpn_gateway: vgw-main\n    customer_gateway: cgw-third\n"
             "    tunnels:\n"
             "      - {outside: 203.0.113.245, inside: {vgw: 169.254.254.29, cgw:"
             " 169.254.254.30}}\n");
    struct network *network = rig_parse(text);
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_count(check, backup), 1);
    CHECK_TEXT(rig_finding(check, backup, 0)->what,
               "third sends to 10.20.7.0/24 by VPN, not by its Direct Connect");
    check_free(check);
    network_free(network);
    free(text);
}

/* -- T30 -- */

static void prepending_against_the_kind_of_attachment_is_told(void)
{
    struct network *network = rig_story("prepending-in-vain.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, vain, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "dxvif-1");
    CHECK_TEXT(finding->why.items[0], "weaker-attachment");
    CHECK(strstr(finding->because.items[0], "by dxvif-1: 65011 65011 65011; by vpn-tokyo: 65010"));
    check_free(check);
    network_free(network);
    rig_story_cured("prepending-in-vain.yaml", NULL, NULL, vain, CHECK_REMEDY_ORIGIN_ANNOUNCE,
                    NULL);
}

static void prepending_that_works_or_hurts_nobody_is_let_be(void)
{
    CHECK_EQUAL(rig_level(vain, "prepending-in-vain-near.yaml", NULL, NULL), -1);
    /* the only path; another's number, no prepending */
    CHECK_EQUAL(rig_level(vain, "prepending-in-vain.yaml", "announce: [10.20.0.0/16]",
                          "announce: [10.21.0.0/16]"),
                -1);
    CHECK_EQUAL(
        rig_level(vain, "prepending-in-vain.yaml", "as_path: [65011, 65011]", "as_path: [65012]"),
        -1);
}

/* -- T37 -- */

static void two_directions_by_two_tunnels_are_told(void)
{
    struct network *network = rig_story("asymmetric-tunnels.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, tunnels, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->what, "vgw-main sends by vpn-tokyo/1, and tokyo answers by vpn-tokyo/2");
    CHECK(strstr(finding->because.items[1], "rp_filter: strict"));
    check_free(check);
    network_free(network);
    rig_story_cured("asymmetric-tunnels.yaml", NULL, NULL, tunnels, CHECK_REMEDY_CGW_SAME_TUNNEL,
                    NULL);
    CHECK_EQUAL(
        rig_level(tunnels, "asymmetric-tunnels.yaml", "rp_filter: strict", "rp_filter: loose"),
        CHECK_LATENT);
    CHECK_EQUAL(rig_level(tunnels, "asymmetric-tunnels.yaml", "    rp_filter: strict\n", ""),
                CHECK_LATENT);
    CHECK_EQUAL(rig_level(tunnels, "asymmetric-tunnels-near.yaml", NULL, NULL), -1);
}

static void halves_of_ipv6_are_offered(void)
{
    struct network *network = rig_story("dual-stack.yaml", "\"2001:db8:30::/48\"",
                                        "{prefix: \"2001:db8:20::/48\", as_path: [65001, 65001]}");
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, vain, 0);
    CHECK(finding->prefix.six);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count > 0)
        CHECK_EQUAL(finding->remedies[0].changes[0].prefix.len, 49);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(a_backup_with_longer_prefixes_is_told);
    TEST(what_is_no_backup_is_let_be);
    TEST(a_router_may_prefer_the_vpn_too);
    TEST(prepending_against_the_kind_of_attachment_is_told);
    TEST(prepending_that_works_or_hurts_nobody_is_let_be);
    TEST(two_directions_by_two_tunnels_are_told);
    TEST(halves_of_ipv6_are_offered);
    return harness_done();
}
