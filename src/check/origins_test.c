#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static void check_withdrawn(enum check_finding_kind kind, const char *line)
{
    char name[64];
    snprintf(name, sizeof name, "%s.yaml", check_finding_name(kind));
    struct network *network = rig_story(name, NULL, NULL);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, kind, 0);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1) {
        CHECK_EQUAL(finding->remedies[0].kind, CHECK_REMEDY_ORIGIN_WITHDRAW);
        CHECK_TEXT(finding->remedies[0].lines.items[0], line);
        struct network *cured = check_remedy_applied(check, finding->remedies[0].number);
        struct check *again = rig_check(cured);
        CHECK_EQUAL((int64_t)rig_count_settled(again), 0);
        check_free(again);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

/* -- T27 -- */

static const enum check_finding_kind foreign = CHECK_FINDING_FOREIGN_PREFIX;

static void a_part_of_anothers_range_is_told(void)
{
    struct network *network = rig_story("foreign-prefix.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, foreign, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_TEXT(finding->place, "vpn-nagano");
    CHECK_TEXT(finding->what, "nagano draws 10.20.7.0/24 out of tokyo's 10.20.0.0/16");
    CHECK_TEXT(finding->because.items[1], "tokyo has it as its own network");
    check_free(check);
    network_free(network);
    check_withdrawn(foreign, "delete protocols bgp address-family ipv4-unicast network"
                             " 10.20.7.0/24");
}

static void whose_it_is_decides(void)
{
    CHECK_EQUAL(rig_level(foreign, "foreign-prefix.yaml", "    lan: [10.20.0.0/16]\n", ""),
                CHECK_LATENT);
    CHECK_EQUAL(rig_level(foreign, "foreign-prefix.yaml", "lan: [10.40.0.0/16]",
                          "lan: [10.40.0.0/16, 10.20.7.0/24]"),
                -1);
    static const char head[] = "    customer_gateway: cgw-nagano\n";
    CHECK_EQUAL(rig_level(foreign, "foreign-prefix.yaml", head,
                          "    customer_gateway: cgw-nagano\n    may_announce: [10.0.0.0/8]\n"),
                -1);
    CHECK_EQUAL(rig_level(foreign, "foreign-prefix.yaml", head,
                          "    customer_gateway: cgw-nagano\n    may_announce: [10.40.0.0/16]\n"),
                CHECK_CERTAIN); /* pledge.c */
}

static void what_both_announce_and_what_is_nobodys_is_let_be(void)
{
    CHECK_EQUAL(rig_level(foreign, "foreign-prefix.yaml", "announce: [10.20.0.0/16]",
                          "announce: [10.20.0.0/16, 10.20.7.0/24]"),
                -1);
    CHECK_EQUAL(rig_level(foreign, "foreign-prefix.yaml", "announce: [10.20.0.0/16]",
                          "announce: [8.0.0.0/7]"),
                -1);
}

/* -- T28 -- */

static const enum check_finding_kind defaults = CHECK_FINDING_TWO_DEFAULTS;

static void whose_default_is_used_is_told(void)
{
    struct network *network = rig_story("two-defaults.yaml", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    const struct check_finding *finding = rig_finding(check, defaults, 0);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->place, "vgw-main");
    CHECK(strstr(finding->what, "the way out is tokyo's, and nagano's when that fails"));
    CHECK(strstr(finding->because.items[1], "another path has a shorter AS path"));
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE), 0);
    check_free(check);
    network_free(network);
    check_withdrawn(defaults, "delete protocols bgp address-family ipv4-unicast network 0.0.0.0/0");
}

static void one_default_or_wanted_ones_are_let_be(void)
{
    CHECK_EQUAL(rig_level(defaults, "two-defaults-near.yaml", NULL, NULL), -1);
    CHECK_EQUAL(rig_level(defaults, "two-defaults.yaml", ", 0.0.0.0/0]", "]"), -1);
    CHECK_EQUAL(rig_level(defaults, "two-defaults-near.yaml", "    internet_exit: true\n", ""),
                CHECK_LATENT);
}

static void defaults_of_ipv6_are_a_way_out_of_their_own(void)
{
    CHECK_EQUAL(
        rig_level(defaults, "dual-stack.yaml", "\"2001:db8:20::/48\"", "\"::/0\", 0.0.0.0/0"),
        -1); /* one of each family */
    char *text = rig_read_in("tests/stories", "dual-stack.yaml");
    rig_edit(text, "\"2001:db8:20::/48\"", "\"::/0\"");
    rig_edit(text, "\"2001:db8:30::/48\"", "\"::/0\"");
    rig_edit(text, "    inside_ipv6: \"fd00:100::/126\"\n",
             "    inside_ipv6: \"fd00:100::/126\"\n    internet_exit: true\n");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, defaults, 0);
    CHECK_EQUAL((int64_t)rig_count(check, defaults), 1);
    CHECK(finding->prefix.six && finding->prefix.len == 0);
    CHECK(strstr(finding->what, "vgw-main has 2 defaults of IPv6: the way out is dc's"));
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count > 0)
        CHECK(finding->remedies[0].changes[0].prefix.six);
    check_free(check);
    network_free(network);
    free(text);
}

int main(void)
{
    TEST(a_part_of_anothers_range_is_told);
    TEST(whose_it_is_decides);
    TEST(what_both_announce_and_what_is_nobodys_is_let_be);
    TEST(whose_default_is_used_is_told);
    TEST(one_default_or_wanted_ones_are_let_be);
    TEST(defaults_of_ipv6_are_a_way_out_of_their_own);
    return harness_done();
}
