#include "check/inquiry.h"

#include "check/check_rig.h"

/* The findings of a story that a failure would bring about. */
static size_t count_failures(const struct check *check, const struct check_finding **ret_first)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (finding->condition && strstr(finding->condition, " failed") && count++ == 0)
            *ret_first = finding;
    }
    return count;
}

static struct check *check_story(const char *name, const char *from, const char *to,
                                 struct network **ret_network)
{
    *ret_network = rig_story(name, from, to);
    return rig_check_without_cures(*ret_network);
}

static void a_way_that_does_not_take_over_is_told(void)
{
    struct network *network;
    struct check *check = check_story("no-failover.yaml", NULL, NULL, &network);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_NO_FAILOVER, 0);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_NO_FAILOVER), 2);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->condition, "the tunnel vpn-tokyo/1 failed");
    CHECK_TEXT(finding->what,
               "10.10.1.10 and 10.20.0.1 would lose each other if the tunnel vpn-tokyo/1 failed");
    CHECK_TEXT(finding->because.items[0], "10.10.1.10 (i-app) and 10.20.0.1 (tokyo) would both "
                                          "still have a way to vgw-main, and not take it");
    CHECK_TEXT(finding->place, "vpn-tokyo/1");
    CHECK_TEXT(finding->gateway, "vgw-main");
    CHECK_TEXT(finding->identity, "no-failover vpn-tokyo/1 - -");
    check_free(check);
    network_free(network);
}

static void a_way_that_takes_over_is_not(void)
{
    struct network *network;
    const struct check_finding *first = NULL;
    struct check *check = check_story("no-failover-near.yaml", NULL, NULL, &network);
    CHECK_EQUAL((int64_t)count_failures(check, &first), 0);
    check_free(check);
    network_free(network);
}

/* With it goes what only it connected. */
static void the_loss_of_what_failed_is_no_finding(void)
{
    static const char *const names[] = {"single-tunnel.yaml", "one-announcement-away.yaml"};
    for (size_t i = 0; i < 2; i++) {
        struct network *network;
        const struct check_finding *first = NULL;
        struct check *check = check_story(names[i], NULL, NULL, &network);
        CHECK_EQUAL((int64_t)count_failures(check, &first), 0);
        CHECK(check_variants_screened(check) > 2);
        check_free(check);
        network_free(network);
    }
}

static void what_a_failure_uncovers_swallows(void)
{
    struct network *network = rig_story("hidden-by-direct-connect.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    const struct check_finding *first = NULL;
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)count_failures(check, &first), 1);
    if (first) {
        CHECK_EQUAL(first->kind, CHECK_FINDING_TUNNEL_RECURSION);
        CHECK_EQUAL(first->level, CHECK_LATENT);
        CHECK_TEXT(first->condition, "dxvif-1 failed");
        CHECK_TEXT(first->tunnel, "vpn-tokyo/1");
        CHECK_TEXT(first->origin.router, "nagano");
        CHECK(!first->conditional); /* it is announced already */
        CHECK(first->remedy_count > 0);
    }
    check_free(check);
    network_free(network);
}

/* A cure of what a failure would bring about: nothing comes of the failure any more. */
static void its_cure_cures_it(void)
{
    struct network *network = rig_story("hidden-by-direct-connect.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        if (!finding->condition || strcmp(finding->condition, "dxvif-1 failed") != 0)
            continue;
        for (size_t j = 0; j < finding->remedy_count; j++) {
            const struct check_finding *first = NULL;
            struct network *cured = check_remedy_network(check, i, j);
            struct check *again = rig_check_without_cures(cured);
            CHECK_EQUAL((int64_t)count_failures(again, &first), 0);
            check_free(again);
            network_free(cured);
        }
    }
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(a_way_that_does_not_take_over_is_told);
    TEST(a_way_that_takes_over_is_not);
    TEST(the_loss_of_what_failed_is_no_finding);
    TEST(what_a_failure_uncovers_swallows);
    TEST(its_cure_cures_it);
    return harness_done();
}
