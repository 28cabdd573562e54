#include "check/settled.h"

#include "check/check_rig.h"

/* Each story has the finding that it is named after, and its near miss has none at all. */
static const enum check_finding_kind kinds[] = {
    CHECK_FINDING_DEFAULT_FROM_SAMPLE,    CHECK_FINDING_PROPAGATION_MISSING,
    CHECK_FINDING_STATIC_SHADOWS,         CHECK_FINDING_VPC_OVERLAP,
    CHECK_FINDING_STATIC_TO_UNKNOWN,      CHECK_FINDING_BLACKHOLE_ROUTE,
    CHECK_FINDING_PEERING_NOT_TRANSITIVE, CHECK_FINDING_PREFIX_LIMIT,
    CHECK_FINDING_ANNOUNCEMENT_LIMIT,     CHECK_FINDING_PROPAGATION_LIMIT,
    CHECK_FINDING_DUPLICATE_ASN,          CHECK_FINDING_GATEWAY_ASN,
    CHECK_FINDING_ALLOWAS_IN_LOOP,        CHECK_FINDING_FOREIGN_PREFIX,
    CHECK_FINDING_TWO_DEFAULTS,           CHECK_FINDING_BACKUP_MORE_SPECIFIC,
    CHECK_FINDING_PREPENDING_IN_VAIN,     CHECK_FINDING_SINGLE_TUNNEL,
    CHECK_FINDING_ASYMMETRIC_TUNNELS,     CHECK_FINDING_INSIDE_ADDRESSES,
    CHECK_FINDING_STATIC_OR_BGP,          CHECK_FINDING_ASN_MISMATCH,
    CHECK_FINDING_IPV6_OVER_VGW,          CHECK_FINDING_QUOTA,
};

static enum check_verdict verdict_of_story(enum check_finding_kind kind)
{
    if (kind == CHECK_FINDING_PREFIX_LIMIT)
        return CHECK_UNSTABLE; /* the session is closed again and again */
    return CHECK_STABLE;
}

static void each_story_has_its_finding_and_nothing_else(void)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.yaml", check_finding_name(kinds[i]));
        struct network *network = rig_story(name, NULL, NULL);
        struct check *check = rig_check_as_told(network);
        CHECK_EQUAL(check_verdict(check), verdict_of_story(kinds[i]));
        CHECK_EQUAL((int64_t)rig_count(check, kinds[i]), 1);
        CHECK_EQUAL((int64_t)rig_count_settled(check), 1);
        const struct check_finding *finding = rig_finding(check, kinds[i], 0);
        CHECK(finding->because.count > 0);
        CHECK(finding->place != NULL);
        check_free(check);
        network_free(network);
    }
}

static void each_near_miss_has_none(void)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s-near.yaml", check_finding_name(kinds[i]));
        struct network *network = rig_story(name, NULL, NULL);
        struct check *check = rig_check_as_told(network);
        CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
        CHECK_EQUAL((int64_t)rig_count_settled(check), 0);
        CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
        check_free(check);
        network_free(network);
    }
}

static void no_seed_is_judged_otherwise(void)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.yaml", check_finding_name(kinds[i]));
        struct network *network = rig_story(name, NULL, NULL);
        enum check_level level = CHECK_PROTECTED;
        for (uint64_t seed = 1; seed <= 4; seed++) {
            struct check_options options = {.seed = seed, .no_remedies = true};
            struct check *check = check_run(network, &options);
            const struct check_finding *finding = rig_finding(check, kinds[i], 0);
            CHECK(seed == 1 || finding->level == level);
            level = finding->level;
            CHECK_EQUAL((int64_t)finding->remedy_count, 0);
            check_free(check);
        }
        network_free(network);
    }
}

/* The entry carries what is known inside it: a remedy
 * that loses what could be reached is not shown. */
static void what_would_lose_something_is_not_shown(void)
{
    struct network *network =
        rig_story("static-to-unknown.yaml", "propagate: [vgw-main]", "propagate: []");
    struct check *check = rig_check_as_told(network);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_STATIC_TO_UNKNOWN, 0);
    CHECK_EQUAL((int64_t)finding->remedy_count, 0);
    CHECK_EQUAL((int64_t)check_remedy_total(check), 0);
    check_free(check);
    network_free(network);
}

/* Numbers go on where tunnel-recursion's remedies end, and each can be applied. */
static void numbers_go_on(void)
{
    struct network *network = rig_network("incident-pinned.yaml", "{prefix: 203.0.113.225/32,",
                                          "{prefix: 203.0.113.5/32,", NULL, NULL);
    struct check *check = rig_check(network);
    size_t before = rig_finding(check, CHECK_FINDING_TUNNEL_RECURSION, 0)->remedy_count;
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_INSIDE_ADDRESSES, 0);
    CHECK(before > 0);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1)
        CHECK_EQUAL((int64_t)finding->remedies[0].number, (int64_t)before + 1);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(each_story_has_its_finding_and_nothing_else);
    TEST(each_near_miss_has_none);
    TEST(no_seed_is_judged_otherwise);
    TEST(what_would_lose_something_is_not_shown);
    TEST(numbers_go_on);
    return harness_done();
}
