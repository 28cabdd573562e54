#include "guard/import.h"

#include "base/limits.h"
#include "rib/rib_rig.h"

static const struct import_policy vgw = {.own_as = 64512,
                                         .limit = LIMIT_ROUTES_FROM_CGW,
                                         .warn_percent = LIMIT_WARN_PERCENT,
                                         .limit_action = GUARD_LIMIT_CLOSE,
                                         .kept_refused = 2};

static enum reason judge_path(const struct import_policy *policy, struct rig_attrs attrs)
{
    struct attr_id attr = rig_attr(&attrs);
    enum reason reason = guard_import_attrs(policy, &rig.attrs, attr);
    CHECK_EQUAL(guard_import_judge(policy, &rig.attrs, attr, rig_prefix(10, 0, 0, 0, 8)), reason);
    attr_unref(&rig.attrs, attr);
    return reason;
}

static void our_own_as_in_the_path_is_refused(void)
{
    rig_start(BEST_VGW);
    CHECK_EQUAL(judge_path(&vgw, (struct rig_attrs){.path = {65001, 65002}}), REASON_NONE);
    CHECK_EQUAL(judge_path(&vgw, (struct rig_attrs){.path = {65001, 64512}}), REASON_OWN_AS);
    CHECK_EQUAL(judge_path(&vgw, (struct rig_attrs){.path = {0}}), REASON_NONE);
    rig_finish();
}

static void allowas_in_is_a_count(void)
{
    rig_start(BEST_VGW);
    struct import_policy policy = vgw;
    struct rig_attrs once = {.path = {65001, 64512}}, twice = {.path = {64512, 65001, 64512}};
    policy.allow_own_as = 1;
    CHECK_EQUAL(judge_path(&policy, once), REASON_NONE);
    CHECK_EQUAL(judge_path(&policy, twice), REASON_OWN_AS);
    policy.allow_own_as = 2;
    CHECK_EQUAL(judge_path(&policy, twice), REASON_NONE);
    rig_finish();
}

static void as_zero_is_refused_and_named_first(void)
{
    rig_start(BEST_VGW);
    const uint8_t bytes[] = {0x40, 1, 1,  0, /* ORIGIN */
                             0x40, 2, 14, 2,  3, 0, 0,    0xfc, 0,
                             0,    0, 0,  0,  0, 0, 0xfc, 0, /* path */
                             0x40, 3, 4,  10, 0, 0, 1};
    struct attr_id attr = attr_intern(&rig.attrs, (struct slice){bytes, sizeof bytes});
    CHECK_EQUAL(guard_import_attrs(&vgw, &rig.attrs, attr), REASON_AS_ZERO);
    CHECK_EQUAL(attr_path_count(&rig.attrs, attr, 64512), 2);
    attr_unref(&rig.attrs, attr);
    rig_finish();
}

static void martians_are_refused_by_kind(void)
{
    static const struct {
        unsigned a, b;
        uint8_t len;
        enum reason reason;
    } cases[] = {
        {0, 0, 0, REASON_NONE},
        {0, 0, 1, REASON_NONE},
        {0, 0, 7, REASON_NONE},
        {0, 0, 8, REASON_MARTIAN},
        {0, 1, 16, REASON_MARTIAN},
        {1, 0, 8, REASON_NONE},
        {126, 0, 7, REASON_NONE},
        {127, 0, 8, REASON_MARTIAN},
        {127, 3, 32, REASON_MARTIAN},
        {128, 0, 1, REASON_NONE},
        {169, 254, 15, REASON_NONE},
        {169, 254, 16, REASON_LINK_LOCAL},
        {169, 254, 30, REASON_LINK_LOCAL},
        {169, 253, 16, REASON_NONE},
        {223, 255, 16, REASON_NONE},
        {224, 0, 4, REASON_MULTICAST},
        {239, 1, 16, REASON_MULTICAST},
        {224, 0, 3, REASON_NONE},
        {240, 0, 4, REASON_RESERVED},
        {255, 255, 32, REASON_RESERVED},
        {192, 168, 16, REASON_NONE},
        {100, 64, 10, REASON_NONE},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct prefix prefix = rig_prefix(cases[i].a, cases[i].b, 0, 0, cases[i].len);
        CHECK_EQUAL(guard_martian(prefix), cases[i].reason);
        CHECK_EQUAL(guard_import_prefix(&vgw, prefix), cases[i].reason);
    }
    struct import_policy policy = vgw;
    policy.accept_martians = true;
    CHECK_EQUAL(guard_import_prefix(&policy, rig_prefix(127, 0, 0, 0, 8)), REASON_NONE);
}

static void policy_may_refuse_a_default(void)
{
    struct import_policy policy = vgw;
    CHECK_EQUAL(guard_import_prefix(&policy, rig_prefix(0, 0, 0, 0, 0)), REASON_NONE);
    policy.refuse_default = true;
    CHECK_EQUAL(guard_import_prefix(&policy, rig_prefix(0, 0, 0, 0, 0)), REASON_DEFAULT_ROUTE);
    CHECK_EQUAL(guard_import_prefix(&policy, rig_prefix(0, 0, 0, 0, 1)), REASON_NONE);
}

static void allow_list_and_filter_have_reasons_of_their_own(void)
{
    const struct prefix_rule allowed[] = {{{0x0a000000, 8}, 8, 24, true}};
    const struct prefix_rule denied[] = {{{0x0a010000, 16}, 16, 32, false}};
    struct prefix_list allow = {allowed, 1, false}, filter = {denied, 1, true};
    struct import_policy policy = vgw;
    policy.allowed = &allow;
    policy.filter = &filter;
    CHECK_EQUAL(guard_import_prefix(&policy, rig_prefix(10, 2, 0, 0, 16)), REASON_NONE);
    CHECK_EQUAL(guard_import_prefix(&policy, rig_prefix(10, 1, 0, 0, 16)), REASON_IMPORT_FILTER);
    CHECK_EQUAL(guard_import_prefix(&policy, rig_prefix(11, 1, 0, 0, 16)), REASON_NOT_ALLOWED);
}

static void the_101st_closes_the_session_as_aws_does(void)
{
    CHECK_EQUAL(guard_limit_judge(&vgw, 0), GUARD_LIMIT_PASS);
    CHECK_EQUAL(guard_limit_judge(&vgw, 78), GUARD_LIMIT_PASS);
    CHECK_EQUAL(guard_limit_judge(&vgw, 79), GUARD_LIMIT_WARN);
    CHECK_EQUAL(guard_limit_judge(&vgw, 80), GUARD_LIMIT_PASS);
    CHECK_EQUAL(guard_limit_judge(&vgw, 99), GUARD_LIMIT_PASS);
    CHECK_EQUAL(guard_limit_judge(&vgw, 100), GUARD_LIMIT_CLOSED);
    CHECK_EQUAL(guard_limit_judge(&vgw, 5000), GUARD_LIMIT_CLOSED);
}

static void by_policy_it_is_refused_alone(void)
{
    struct import_policy policy = vgw;
    policy.limit_action = GUARD_LIMIT_REFUSE;
    CHECK_EQUAL(guard_limit_judge(&policy, 99), GUARD_LIMIT_PASS);
    CHECK_EQUAL(guard_limit_judge(&policy, 100), GUARD_LIMIT_REFUSED);
    policy.limit = 0;
    CHECK_EQUAL(guard_limit_judge(&policy, 1000000), GUARD_LIMIT_PASS);
}

static void small_limits_warn_once(void)
{
    struct import_policy policy = vgw;
    for (policy.limit = 1; policy.limit <= 30; policy.limit++) {
        unsigned warnings = 0;
        for (uint32_t accepted = 0; accepted < policy.limit; accepted++)
            warnings += guard_limit_judge(&policy, accepted) == GUARD_LIMIT_WARN;
        CHECK_EQUAL(warnings, 1);
    }
    policy.limit = 1000;
    CHECK_EQUAL(guard_limit_judge(&policy, 799), GUARD_LIMIT_WARN);
    policy.limit = 101; /* 80.8: the 81st is the first that is at least 80 % */
    CHECK_EQUAL(guard_limit_judge(&policy, 80), GUARD_LIMIT_WARN);
    policy.warn_percent = 0;
    CHECK_EQUAL(guard_limit_judge(&policy, 0), GUARD_LIMIT_PASS);
}

static void refused_paths_are_kept_up_to_a_number(void)
{
    CHECK(guard_keeps_refused(&vgw, &(struct rib_counts){.refused = 1}));
    CHECK(!guard_keeps_refused(&vgw, &(struct rib_counts){.refused = 2}));
}

int main(void)
{
    TEST(our_own_as_in_the_path_is_refused);
    TEST(allowas_in_is_a_count);
    TEST(as_zero_is_refused_and_named_first);
    TEST(martians_are_refused_by_kind);
    TEST(policy_may_refuse_a_default);
    TEST(allow_list_and_filter_have_reasons_of_their_own);
    TEST(the_101st_closes_the_session_as_aws_does);
    TEST(by_policy_it_is_refused_alone);
    TEST(small_limits_warn_once);
    TEST(refused_paths_are_kept_up_to_a_number);
    return harness_done();
}
