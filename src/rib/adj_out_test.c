#include "rib/adj_out.h"

#include "rib/rib_rig.h"

enum { ATTACHMENTS = 6 };

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static const struct rig_attrs longer = {.path = {65001, 65002}, .next_hop = 0x0a000001};
static const struct export_policy external = {.own_as = 64512, .external = true, .as4 = true};
static const struct adj_out_filter no_filter;
static struct source_id one, two, dx;
static struct prefix prefix;

static void start(void)
{
    rig_start(BEST_VGW);
    prefix = rig_prefix(10, 0, 0, 0, 8);
    one = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    two = rig_source(SOURCE_VPN_BGP, 1, 65001, 2); /* the connection's other tunnel */
    dx = rig_source(SOURCE_DX, 3, 65003, 3);
}

static struct attachment_id nth(uint16_t i)
{
    return (struct attachment_id){i};
}

/* Settles, and says what the one change means. */
static struct adj_out_diff diff_of(const struct export_policy *policy)
{
    CHECK_EQUAL(rib_settle(&rig), 1);
    struct adj_out_diff diff = {AUDIENCE_NOBODY, AUDIENCE_NOBODY};
    CHECK(adj_out_diff(&rig, policy, &no_filter, rib_change_at(&rig, 0), &diff));
    return diff;
}

static void done(const struct adj_out_diff *diff)
{
    adj_out_diff_done(&rig, diff);
    rib_settled(&rig);
}

static void a_new_route_goes_to_all_but_its_attachment(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
    struct adj_out_diff diff = diff_of(&external);
    CHECK(audience_same(diff.announce, audience_but(nth(1))));
    CHECK(audience_is_nobody(diff.withdraw));
    done(&diff);
    rig_finish();
}

/* hub speed 4: all but S get the announcement, S alone gets a withdrawal. */
static void when_best_passes_from_x_to_s_only_s_gets_a_withdrawal(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
    struct adj_out_diff diff = diff_of(&external);
    done(&diff);
    CHECK_EQUAL(rig_announce(dx, prefix, longer), RIB_ADDED);
    diff = diff_of(&external);
    CHECK(audience_same(diff.announce, audience_but(nth(3))));
    CHECK(audience_same(diff.withdraw, audience_only(nth(3))));
    done(&diff);
    CHECK_EQUAL(rib_withdraw(&rig, dx, prefix), RIB_REMOVED);
    diff = diff_of(&external);
    CHECK(audience_same(diff.announce, audience_but(nth(1))));
    CHECK(audience_same(diff.withdraw, audience_only(nth(1))));
    done(&diff);
    CHECK_EQUAL(rib_withdraw(&rig, one, prefix), RIB_REMOVED);
    diff = diff_of(&external);
    CHECK(audience_is_nobody(diff.announce));
    CHECK(audience_same(diff.withdraw, audience_but(nth(1))));
    done(&diff);
    rig_finish();
}

/* To all others the route is what it was. */
static void the_same_attributes_from_elsewhere_are_told_only_to_who_had_none(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
    struct adj_out_diff diff = diff_of(&external);
    done(&diff);
    CHECK_EQUAL(rig_announce(dx, prefix, plain), RIB_ADDED);
    diff = diff_of(&external);
    CHECK(audience_same(diff.announce, audience_only(nth(1))));
    CHECK(audience_same(diff.withdraw, audience_only(nth(3))));
    done(&diff);
    rig_finish();
}

/* The two tunnels of a connection are one attachment: no path returns to either, and none is told
 * again when only the tunnel changes. */
static void passing_from_tunnel_to_tunnel_tells_nobody(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(two, prefix, plain), RIB_ADDED);
    struct adj_out_diff diff = diff_of(&external);
    done(&diff);
    CHECK_EQUAL(rib_withdraw(&rig, one, prefix), RIB_REMOVED);
    diff = diff_of(&external);
    CHECK(audience_is_nobody(diff.announce) && audience_is_nobody(diff.withdraw));
    done(&diff);
    rig_finish();
}

static void a_router_that_announces_back_has_no_split_horizon(void)
{
    start();
    struct export_policy policy = external;
    policy.announce_back = true;
    CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
    struct adj_out_diff diff = diff_of(&policy);
    CHECK(audience_same(diff.announce, AUDIENCE_ALL));
    done(&diff);
    uint32_t number = rib_find(&rig, prefix);
    CHECK(adj_out_route(&rig, &policy, &no_filter, nth(1), number, NULL).attr.v != 0);
    rig_finish();
}

static enum reason why_not(const struct export_policy *policy, uint16_t attachment)
{
    enum reason reason;
    struct rib_route route =
        adj_out_route(&rig, policy, &no_filter, nth(attachment), rib_find(&rig, prefix), &reason);
    CHECK_EQUAL(route.attr.v == 0, reason != REASON_NONE);
    return reason;
}

static void well_known_communities_are_obeyed(void)
{
    start();
    struct rig_attrs attrs = plain;
    struct export_policy internal = external;
    internal.external = false;
    attrs.communities[0] = 0xffffff01u;
    CHECK_EQUAL(rig_announce(one, prefix, attrs), RIB_ADDED);
    struct adj_out_diff diff = diff_of(&external);
    CHECK(audience_is_nobody(diff.announce));
    done(&diff);
    CHECK_EQUAL(why_not(&external, 2), REASON_NO_EXPORT);
    CHECK_EQUAL(why_not(&internal, 2), REASON_NONE);
    attrs.communities[0] = 0xffffff02u;
    CHECK_EQUAL(rig_announce(one, prefix, attrs), RIB_REPLACED);
    rig_round();
    CHECK_EQUAL(why_not(&internal, 2), REASON_NO_EXPORT);
    attrs.communities[0] = 0;
    CHECK_EQUAL(rig_announce(one, prefix, attrs), RIB_REPLACED);
    rig_round();
    CHECK_EQUAL(why_not(&external, 2), REASON_NONE);
    CHECK_EQUAL(why_not(&external, 1), REASON_SPLIT_HORIZON);
    rig_finish();
}

static void internal_neighbors_are_not_told_what_internal_ones_said(void)
{
    start();
    struct export_policy internal = external;
    internal.external = false;
    struct source source = {.kind = SOURCE_PLAIN_BGP, .attachment = {4}, .peer_address = 4};
    struct source_id ibgp = rib_source_add(&rig, &source);
    CHECK_EQUAL(rig_announce(ibgp, prefix, plain), RIB_ADDED);
    rig_round();
    CHECK_EQUAL(why_not(&internal, 2), REASON_INTERNAL);
    CHECK_EQUAL(why_not(&external, 2), REASON_NONE);
    rig_finish();
}

static void policies_differ_by_what_shows_in_an_update(void)
{
    struct export_policy other = external;
    CHECK(export_policy_same(&external, &other));
    other.med = 5; /* without has_med it does not show */
    other.local_pref = 7;
    CHECK(export_policy_same(&external, &other));
    other.has_med = true;
    CHECK(!export_policy_same(&external, &other));
    struct export_policy changed[7] = {external, external, external, external,
                                       external, external, external};
    changed[0].own_as++;
    changed[1].filter = 1;
    changed[2].external = false;
    changed[3].as4 = false;
    changed[4].has_med = true;
    changed[5].announce_back = true;
    changed[6].keep_next_hop = true;
    for (unsigned i = 0; i < 7; i++)
        CHECK(!export_policy_same(&external, &changed[i]));
}

/* -- random changes of best and of exceptions: whoever follows the diffs holds what is due -- */

static bool parity_filter(const void *ctx, uint16_t filter, struct prefix which,
                          struct rib_route route)
{
    (void)ctx;
    (void)which;
    return route.source.v % filter != 0;
}

static void except_some(struct prng *prng, struct rib_change *change, bool excepted[ATTACHMENTS])
{
    adj_out_clear(&rig, change);
    memset(excepted, 0, ATTACHMENTS * sizeof *excepted);
    if (change->new_attr.v == 0)
        return;
    if (prng_below(prng, 6) == 0) {
        uint16_t only[] = {2, 4};
        CHECK(adj_out_restrict(&rig, change, only, 2));
        for (uint16_t a = 0; a < ATTACHMENTS; a++)
            excepted[a] = a != 2 && a != 4;
    }
    for (uint16_t a = 1; a < ATTACHMENTS; a++) {
        if (prng_below(prng, 3))
            continue;
        CHECK(adj_out_except(&rig, change, nth(a), REASON_GUARD_HOLD));
        excepted[a] = true;
    }
}

static void follow(const struct export_policy *policy, const struct adj_out_filter *filter,
                   struct attr_id table[ATTACHMENTS], const bool excepted[ATTACHMENTS])
{
    const struct rib_change *change = rib_change_at(&rig, 0);
    struct adj_out_diff diff;
    CHECK(adj_out_diff(&rig, policy, filter, change, &diff));
    for (uint16_t a = 0; a < ATTACHMENTS; a++) {
        bool announced = audience_has(&rig.audiences, diff.announce, nth(a));
        bool withdrawn = audience_has(&rig.audiences, diff.withdraw, nth(a));
        CHECK(!(announced && withdrawn));
        CHECK(!withdrawn || table[a].v != 0); /* nothing is taken back that was not given */
        if (withdrawn)
            table[a].v = 0;
        if (announced)
            table[a] = change->new_attr;
        enum reason reason;
        struct attr_id due =
            adj_out_route(&rig, policy, filter, nth(a), change->number, &reason).attr;
        CHECK(attr_equal(table[a], due));
        CHECK(!excepted[a] || due.v == 0);
    }
    adj_out_diff_done(&rig, &diff);
}

static void following_the_changes_leads_to_what_is_due(void)
{
    struct adj_out_filter filter = {.passes = parity_filter};
    struct export_policy policies[3] = {external, external, external};
    policies[1].filter = 2;
    policies[2].announce_back = true;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct prng prng = prng_seed(seed);
        struct attr_id tables[3][ATTACHMENTS] = {{{0}}};
        bool excepted[ATTACHMENTS] = {false};
        start();
        struct source_id sources[] = {one, two, dx};
        for (unsigned step = 0; step < 300; step++) {
            struct source_id source = sources[prng_below(&prng, 3)];
            uint64_t dice = prng_below(&prng, 4);
            if (dice < 2)
                CHECK(rig_announce(source, prefix, dice ? plain : longer) <= RIB_SAME);
            else if (dice == 2)
                CHECK(rib_withdraw(&rig, source, prefix) >= RIB_REMOVED);
            else
                CHECK(rib_touch(&rig, prefix) >= RIB_SAME);
            uint32_t count = rib_settle(&rig);
            if (count > 0)
                except_some(&prng, rib_change_at(&rig, 0), excepted);
            for (unsigned p = 0; p < 3 && count > 0; p++)
                follow(&policies[p], &filter, tables[p], excepted);
            rib_settled(&rig);
            CHECK_AUDIT();
        }
        rig_finish();
    }
}

/* -- many changes in one batch: what is alike means the same -- */

/* Eight of IPv4, eight of IPv6, and so on. */
static struct prefix nth_prefix(unsigned i)
{
    if (i / 8 % 2 == 1)
        return (struct prefix){(ip_addr)0xfd00 << 112 | (ip_addr)i << 64, 64, true};
    return rig_prefix(10, 9, i, 0, 24);
}

/* Returns how many neighboring changes are alike. */
static unsigned check_alike(const struct export_policy *policy, const struct adj_out_filter *filter)
{
    unsigned alike = 0;
    for (uint32_t i = 1; i < rig.settled_count; i++) {
        const struct rib_change *left = rib_change_at(&rig, i - 1), *right = rib_change_at(&rig, i);
        struct adj_out_diff diffs[2];
        if (!adj_out_alike(policy, left, right))
            continue;
        alike++;
        CHECK(adj_out_diff(&rig, policy, filter, left, &diffs[0]));
        CHECK(adj_out_diff(&rig, policy, filter, right, &diffs[1]));
        CHECK(audience_same(diffs[0].announce, diffs[1].announce));
        CHECK(audience_same(diffs[0].withdraw, diffs[1].withdraw));
        adj_out_diff_done(&rig, &diffs[0]);
        adj_out_diff_done(&rig, &diffs[1]);
    }
    return alike;
}

static bool even_filter(const void *ctx, uint16_t filter, struct prefix which,
                        struct rib_route route)
{
    (void)ctx;
    (void)route;
    return (which.addr >> 8) % filter != 0;
}

static void offer_at_random(struct prng *prng, unsigned count)
{
    struct source_id sources[] = {one, two, dx};
    for (unsigned i = 0; i < count; i++) {
        struct source_id source = sources[prng_below(prng, 3)];
        if (prng_below(prng, 3) == 0)
            CHECK(rib_withdraw(&rig, source, nth_prefix(i)) >= RIB_REMOVED);
        else
            CHECK(rig_announce(source, nth_prefix(i), prng_below(prng, 2) ? plain : longer) <=
                  RIB_SAME);
        if (prng_below(prng, 4) == 0)
            CHECK(rib_touch(&rig, nth_prefix(i)) >= RIB_SAME);
    }
}

static void changes_that_are_alike_mean_the_same(void)
{
    enum { FOUR, FILTERED, SIX, BOTH, POLICIES };
    struct adj_out_filter filter = {.passes = even_filter};
    struct export_policy policies[POLICIES] = {external, external, external, external};
    bool excepted[ATTACHMENTS];
    unsigned alike[POLICIES] = {0};
    policies[FILTERED].filter = 2;
    policies[SIX].six = policies[SIX].no_four = policies[BOTH].six = true;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct prng prng = prng_seed(seed);
        start();
        for (unsigned step = 0; step < 20; step++) {
            offer_at_random(&prng, 40);
            uint32_t count = rib_settle(&rig);
            for (uint32_t i = 0; i < count; i++) {
                if (prng_below(&prng, 8) == 0)
                    except_some(&prng, rib_change_at(&rig, i), excepted);
                else if (prng_below(&prng, 8) == 0)
                    adj_out_clear(&rig, rib_change_at(&rig, i));
            }
            for (unsigned p = 0; p < POLICIES; p++)
                alike[p] += check_alike(&policies[p], &filter);
            rib_settled(&rig);
        }
        CHECK_AUDIT();
        rig_finish();
    }
    CHECK(alike[FOUR] > 300 && alike[SIX] > 300 && alike[BOTH] > 300);
    CHECK_EQUAL(alike[FILTERED], 0); /* a filter is asked about each prefix */
}

/* Nobody knows any more who was told, so whoever may be told is told. */
static void after_an_unknown_past_everybody_is_told(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rib_settle(&rig), 1);
    struct rib_change *change = rib_change_at(&rig, 0);
    CHECK(adj_out_except(&rig, change, nth(4), REASON_GUARD_HOLD));
    CHECK(adj_out_except(&rig, change, nth(5), REASON_GUARD_HOLD));
    rib_settled(&rig);
    CHECK_EQUAL(rib_touch(&rig, prefix), RIB_SAME);
    rig_memory.refuse_from = 1;
    CHECK_EQUAL(rib_settle(&rig), 1);
    rig_memory.refuse_from = 0;
    adj_out_clear(&rig, change); /* nobody is held any more */
    struct adj_out_diff diff;
    CHECK(adj_out_diff(&rig, &external, &no_filter, change, &diff));
    CHECK(audience_same(diff.announce, audience_but(nth(1))));
    CHECK(audience_is_nobody(diff.withdraw));
    done(&diff);
    rig_finish();
}

static void a_refused_diff_gives_nothing(void)
{
    for (size_t refuse = 1; refuse < 12; refuse++) {
        start();
        CHECK_EQUAL(rig_announce(one, prefix, plain), RIB_ADDED);
        CHECK_EQUAL(rib_settle(&rig), 1);
        struct rib_change *change = rib_change_at(&rig, 0);
        for (uint16_t a = 2; a < 6; a++)
            CHECK(adj_out_except(&rig, change, nth(a), REASON_GUARD_HOLD));
        rig_memory.refuse_from = rig_memory.get_count + refuse;
        struct adj_out_diff diff;
        bool given = adj_out_diff(&rig, &external, &no_filter, change, &diff);
        rig_memory.refuse_from = 0;
        CHECK(given || refuse < 10);
        if (given)
            adj_out_diff_done(&rig, &diff);
        rib_settled(&rig);
        rig_finish(); /* claims that nothing is left */
    }
}

int main(void)
{
    TEST(a_new_route_goes_to_all_but_its_attachment);
    TEST(when_best_passes_from_x_to_s_only_s_gets_a_withdrawal);
    TEST(the_same_attributes_from_elsewhere_are_told_only_to_who_had_none);
    TEST(passing_from_tunnel_to_tunnel_tells_nobody);
    TEST(a_router_that_announces_back_has_no_split_horizon);
    TEST(well_known_communities_are_obeyed);
    TEST(internal_neighbors_are_not_told_what_internal_ones_said);
    TEST(policies_differ_by_what_shows_in_an_update);
    TEST(following_the_changes_leads_to_what_is_due);
    TEST(changes_that_are_alike_mean_the_same);
    TEST(after_an_unknown_past_everybody_is_told);
    TEST(a_refused_diff_gives_nothing);
    return harness_done();
}
