#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static const struct check_finding *duplicate_of(const struct check *check)
{
    return rig_finding(check, CHECK_FINDING_DUPLICATE_ASN, 0);
}

static void sites_that_shall_meet_and_refuse_each_other(void)
{
    struct network *network = rig_story("duplicate-asn.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 1);
    const struct check_finding *finding = duplicate_of(check);
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK_TEXT(finding->place, "tokyo, nagano");
    CHECK(check_has_text(&finding->why, "own-as"));
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1) {
        CHECK_EQUAL(finding->remedies[0].kind, CHECK_REMEDY_UNIQUE_ASN);
        CHECK_TEXT(finding->remedies[0].where, "nagano");
        struct network *cured = check_remedy_applied(check, finding->remedies[0].number);
        struct check *again = rig_check(cured);
        CHECK_EQUAL((int64_t)rig_count_settled(again), 0);
        CHECK_EQUAL(cured->routers[1].bgp->asn, 65001);
        CHECK_EQUAL(cured->customer_gateways[1].asn, 65001);
        check_free(again);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

static void nobody_wants_them_to_meet(void)
{
    struct network *network =
        rig_story("duplicate-asn.yaml", "  - {from: tokyo, to: nagano}\n", "");
    struct check *check = rig_check(network);
    CHECK_EQUAL(duplicate_of(check)->level, CHECK_LATENT);
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
    check_free(check);
    network_free(network);
}

static size_t count_in(const char *story, const char *from, const char *to)
{
    struct network *network = rig_story(story, from, to);
    struct check *check = rig_check(network);
    size_t count = rig_count(check, CHECK_FINDING_DUPLICATE_ASN) +
                   rig_count(check, CHECK_FINDING_ALLOWAS_IN_LOOP);
    check_free(check);
    network_free(network);
    return count;
}

static void near_misses(void)
{
    CHECK_EQUAL((int64_t)count_in("duplicate-asn-near.yaml", NULL, NULL), 0);
    CHECK_EQUAL((int64_t)count_in("default-from-sample.yaml", NULL, NULL), 0);
    CHECK_EQUAL((int64_t)count_in("allowas-in-loop-near.yaml", NULL, NULL), 0); /* one router */
}

/* Both let their own AS in: they reach each other, and nothing of their own comes back. */
static void sites_that_let_each_other_in(void)
{
    char *text = rig_read_in("tests/stories", "duplicate-asn.yaml");
    rig_edit(text, "announce: [10.20.0.0/16]}", "announce: [10.20.0.0/16], allowas_in: 1}");
    rig_edit(text, "announce: [10.40.0.0/16]}", "announce: [10.40.0.0/16], allowas_in: 1}");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 0);
    check_free(check);
    network_free(network);
    free(text);
}

/* The gateway of both is gone when the story ends: nobody is asked what it knew. */
static void the_gateway_has_failed(void)
{
    struct network *network =
        rig_story("duplicate-asn.yaml", "wanted:\n  - {from: tokyo, to: nagano}\n",
                  "story: [{at: 60s, fail: {vpn_gateway: vgw-main}}]\nwanted:\n");
    struct check *check = rig_check(network);
    CHECK_EQUAL(duplicate_of(check)->level, CHECK_LATENT);
    check_free(check);
    network_free(network);
}

/* What Tokyo refuses would lead its tunnel's packets astray: a number of its own is no cure. */
static void it_hides_a_recursion(void)
{
    char *text = rig_read_in("tests/stories", "duplicate-asn.yaml");
    rig_edit(text, "{prefix: 0.0.0.0/0, via: 198.51.100.1}",
             "{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp, distance: 210}");
    rig_edit(text, "announce: [10.40.0.0/16]}", "announce: [10.40.0.0/16, 0.0.0.0/0]}");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    const struct check_finding *finding = duplicate_of(check);
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK_EQUAL(finding->prefix.len, 0);
    CHECK_EQUAL((int64_t)finding->remedy_count, 0);
    const char *last = finding->because.items[finding->because.count - 1];
    CHECK(strstr(last, "unique-asn would cure it, and vpn-tokyo/1 would swallow itself"));
    check_free(check);
    network_free(network);
    free(text);
}

static void its_own_prefix_comes_back(void)
{
    struct network *network = rig_story("allowas-in-loop.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 1);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_ALLOWAS_IN_LOOP, 0);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->router, "tokyo");
    CHECK(prefix_equal(finding->prefix, rig_prefix(10, 20, 0, 0, 16)));
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1) {
        CHECK_EQUAL(finding->remedies[0].kind, CHECK_REMEDY_CGW_ALLOWAS_IN_OFF);
        struct network *cured = check_remedy_applied(check, finding->remedies[0].number);
        struct check *again = rig_check(cured);
        CHECK_EQUAL((int64_t)rig_count_settled(again), 0);
        check_free(again);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

/* A second site of the same AS announces part of Tokyo's range, which lets its own AS in. */
static void packets_go_round(void)
{
    char *text = rig_read_in("tests/stories", "duplicate-asn.yaml");
    rig_edit(text, "announce: [10.20.0.0/16]}", "announce: [10.20.0.0/16], allowas_in: 1}");
    rig_edit(text, "announce: [10.40.0.0/16]}", "announce: [10.40.0.0/16, 10.20.8.0/24]}");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_ALLOWAS_IN_LOOP, 0);
    CHECK_EQUAL(finding->level, CHECK_CERTAIN);
    CHECK(prefix_equal(finding->prefix, rig_prefix(10, 20, 8, 0, 24)));
    check_free(check);
    network_free(network);
    free(text);
}

/* Part of its range from a site of another AS is no echo, whatever it lets in. */
static void somebody_elses_part_is_no_echo(void)
{
    char *text = rig_read_in("tests/stories", "default-from-sample.yaml");
    rig_edit(text, "announce: [10.20.0.0/16]}", "announce: [10.20.0.0/16], allowas_in: 1}");
    rig_edit(text, ", 0.0.0.0/0]", ", 10.20.8.0/24]");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_ALLOWAS_IN_LOOP), 0);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_FOREIGN_PREFIX), 1);
    check_free(check);
    network_free(network);
    free(text);
}

/* Its gateway may be down in the end: then nothing was seen, and nothing breaks. */
static void a_gateway_that_is_down_says_nothing(void)
{
    struct network *network =
        rig_story("duplicate-asn.yaml", "wanted:\n",
                  "story: [{at: 60s, fail: {vpn_gateway: vgw-main}}]\n\nwanted:\n");
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_DUPLICATE_ASN), 1);
    CHECK(rig_finding(check, CHECK_FINDING_DUPLICATE_ASN, 0)->level < CHECK_CERTAIN);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(sites_that_shall_meet_and_refuse_each_other);
    TEST(nobody_wants_them_to_meet);
    TEST(near_misses);
    TEST(sites_that_let_each_other_in);
    TEST(the_gateway_has_failed);
    TEST(it_hides_a_recursion);
    TEST(its_own_prefix_comes_back);
    TEST(packets_go_round);
    TEST(somebody_elses_part_is_no_echo);
    TEST(a_gateway_that_is_down_says_nothing);
    return harness_done();
}
