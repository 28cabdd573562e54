#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

/* The level of the one finding of a kind; -1: there is none. */
static int level_of(enum check_finding_kind kind, const char *from, const char *to)
{
    char name[64];
    snprintf(name, sizeof name, "%s.yaml", check_finding_name(kind));
    struct network *network = rig_story(name, from, to);
    struct check *check = rig_check_without_cures(network);
    size_t count = rig_count(check, kind);
    CHECK(count <= 1);
    int level = count == 1 ? (int)rig_finding(check, kind, 0)->level : -1;
    check_free(check);
    network_free(network);
    return level;
}

static const char wanted[] = "wanted: [{from: i-app, to: 10.20.0.10}]\n\nrouters:\n";

/* -- T14 -- */

static void what_is_lost_by_the_static_route_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_STATIC_SHADOWS;
    struct network *network = rig_story("static-shadows.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "rtb-app");
    CHECK_TEXT(finding->origin.router, "tokyo");
    CHECK(
        strstr(finding->because.items[1], "is lost at i-old-vpn: the packet is neither from the"));
    check_free(check);
    network_free(network);
    rig_story_cured("static-shadows.yaml", NULL, NULL, kind, CHECK_REMEDY_ROUTE_TABLE_DELETE, NULL);
    CHECK_EQUAL(level_of(kind, "routers:\n", wanted), CHECK_CERTAIN);
}

static void elsewhere_and_nobody_are_latent(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_STATIC_SHADOWS;
    /* nobody uses the table: its subnet has another one */
    CHECK_EQUAL(level_of(kind,
                         "    subnets: [{id: subnet-app, cidr: 10.10.1.0/24, route_table: "
                         "rtb-app}]\n",
                         "      - {id: rtb-other, propagate: [vgw-main]}\n    subnets: [{id: "
                         "subnet-app, cidr: 10.10.1.0/24, route_table: rtb-other}]\n"),
                CHECK_LATENT);
    /* it does not propagate, or the gateway does not know it */
    CHECK_EQUAL(level_of(kind, "propagate: [vgw-main], ", ""), -1);
    CHECK_EQUAL(level_of(kind, "announce: [10.20.0.0/16]", "announce: [10.21.0.0/16]"), -1);
}

/* What a peer has is reached over the peering, whoever else announces it. */
static void a_peers_own_range_goes_over_the_peering(void)
{
    struct network *network =
        rig_story("peering-not-transitive-near.yaml", "announce: [10.20.0.0/16]",
                  "announce: [10.20.0.0/16, 10.50.0.0/16]");
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_STATIC_SHADOWS), 0);
    check_free(check);
    network_free(network);
}

/* A default to the Internet is everybody's, unless the site's is said to be the way out. */
static void a_default_to_the_internet_is_no_mistake(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_STATIC_SHADOWS;
    char *text = rig_read_in("tests/stories", "static-shadows.yaml");
    rig_edit(text, "cidrs: [10.10.0.0/16]", "cidrs: [10.10.0.0/16]\n    internet_gateway: igw-1");
    rig_edit(text, "{prefix: 10.20.0.0/16, target: i-old-vpn}",
             "{prefix: 0.0.0.0/0, target: igw-1}");
    rig_edit(text, "announce: [10.20.0.0/16]", "announce: [0.0.0.0/0]");
    struct network *network = rig_parse(text);
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_count(check, kind), 0);
    check_free(check);
    network_free(network);
    rig_edit(text, "    vpn_gateway: vgw-main\n",
             "    vpn_gateway: vgw-main\n    internet_exit: true\n");
    network = rig_parse(text);
    check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_count(check, kind), 1);
    CHECK_EQUAL(rig_finding(check, kind, 0)->level, CHECK_LATENT);
    check_free(check);
    network_free(network);
    free(text);
}

/* -- T17 -- */

static void a_route_without_its_target_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_BLACKHOLE_ROUTE;
    CHECK_EQUAL(level_of(kind, NULL, NULL), CHECK_LIKELY);
    CHECK_EQUAL(level_of(kind, "routers:\n", wanted), CHECK_CERTAIN);
    /* what nothing else would carry; what nobody uses */
    CHECK_EQUAL(level_of(kind, "{prefix: 10.20.0.0/16, ", "{prefix: 10.99.0.0/16, "), CHECK_LATENT);
    CHECK_EQUAL(level_of(kind,
                         "instances:\n      - {id: i-app, subnet: subnet-app, address: "
                         "10.10.1.10}",
                         "instances: []"),
                CHECK_LATENT);
    rig_story_cured("blackhole-route.yaml", NULL, NULL, kind, CHECK_REMEDY_ROUTE_TABLE_DELETE,
                    NULL);
}

static void a_bare_blackhole_may_be_meant(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_BLACKHOLE_ROUTE;
    CHECK_EQUAL(level_of(kind, ", was: pcx-old", ""), CHECK_LATENT);
    char *text = rig_read_in("tests/stories", "blackhole-route.yaml");
    rig_edit(text, ", was: pcx-old", "");
    rig_edit(text, "routers:\n", wanted);
    struct network *network = rig_parse(text);
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL(rig_finding(check, kind, 0)->level, CHECK_CERTAIN);
    check_free(check);
    network_free(network);
    free(text);
}

static void a_peering_and_a_gateway_can_be_gone(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_BLACKHOLE_ROUTE;
    struct network *network = rig_story("peering-not-transitive-near.yaml", "accepter: vpc-main}",
                                        "accepter: vpc-main, status: rejected}");
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count(check, kind), 2);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 2);
    CHECK(strstr(rig_finding(check, kind, 0)->what, "the peering pcx-shop is rejected"));
    check_free(check);
    network_free(network);
    char *text = rig_read_in("tests/stories", "blackhole-route.yaml");
    rig_edit(text, "target: blackhole, was: pcx-old", "target: vgw-old");
    rig_edit(text, "vpn_gateways:\n", "vpn_gateways:\n  - {id: vgw-old, asn: 64513}\n");
    network = rig_parse(text);
    check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_count(check, kind), 1);
    CHECK(strstr(rig_finding(check, kind, 0)->what, "vgw-old is not attached to vpc-main"));
    check_free(check);
    network_free(network);
    free(text);
}

/* -- T18 -- */

static void what_a_peering_does_not_carry_is_told(void)
{
    const enum check_finding_kind kind = CHECK_FINDING_PEERING_NOT_TRANSITIVE;
    static const char route[] = "{prefix: 10.20.0.0/16, target: pcx-shop}";
    CHECK_EQUAL(level_of(kind, NULL, NULL), CHECK_LIKELY);
    CHECK_EQUAL(
        level_of(kind, "routers:\n", "wanted: [{from: i-shop, to: 10.20.0.10}]\n\nrouters:\n"),
        CHECK_CERTAIN);
    CHECK_EQUAL(level_of(kind, route, "{prefix: 0.0.0.0/0, target: pcx-shop}"), CHECK_LIKELY);
    /* a summary; an inactive peering, which is another finding's */
    CHECK_EQUAL(level_of(kind, route, "{prefix: 10.0.0.0/8, target: pcx-shop}"), -1);
    CHECK_EQUAL(level_of(kind, "accepter: vpc-main}", "accepter: vpc-main, status: pending}"), -1);
}

/* The gateway has it, too: one finding says so, and the route may go. */
static void a_peering_before_the_gateways_route_is_told_once(void)
{
    struct network *network =
        rig_story("peering-not-transitive-near.yaml", "{prefix: 10.50.0.0/16, target: pcx-shop}",
                  "{prefix: 10.20.0.0/16, target: pcx-shop}");
    struct check *check = rig_check(network);
    const struct check_finding *finding =
        rig_finding(check, CHECK_FINDING_PEERING_NOT_TRANSITIVE, 0);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_STATIC_SHADOWS), 0);
    CHECK(strstr(finding->because.items[1], "10.20.0.0/16 to vgw-main (propagated)"));
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(what_is_lost_by_the_static_route_is_told);
    TEST(elsewhere_and_nobody_are_latent);
    TEST(a_peers_own_range_goes_over_the_peering);
    TEST(a_default_to_the_internet_is_no_mistake);
    TEST(a_route_without_its_target_is_told);
    TEST(a_bare_blackhole_may_be_meant);
    TEST(a_peering_and_a_gateway_can_be_gone);
    TEST(what_a_peering_does_not_carry_is_told);
    TEST(a_peering_before_the_gateways_route_is_told_once);
    return harness_done();
}
