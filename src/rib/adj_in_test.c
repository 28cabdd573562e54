#include "rib/lose.h"
#include "rib/rib_rig.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static const struct rig_attrs longer = {.path = {65001, 65002}, .next_hop = 0x0a000001};
static struct source_id one, two;

static void start(void)
{
    rig_start(BEST_VGW);
    one = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    two = rig_source(SOURCE_VPN_BGP, 2, 65002, 2);
}

static struct prefix nth(unsigned i)
{
    return rig_prefix(10, i >> 8, i & 0xff, 0, 24);
}

static enum rib_result refuse(struct source_id source, struct prefix prefix, enum reason reason)
{
    struct attr_id attr = rig_attr(&plain);
    enum rib_result result = rib_announce(&rig, source, prefix, attr, reason);
    attr_unref(&rig.attrs, attr);
    return result;
}

static const struct rib_counts *counts(struct source_id source)
{
    return &rib_source_get(&rig, source)->counts;
}

static void a_refused_path_is_kept_and_never_chosen(void)
{
    start();
    CHECK_EQUAL(refuse(one, nth(0), REASON_OWN_AS), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 0);
    CHECK_EQUAL(rig_best(nth(0)).attr.v, 0);
    CHECK_EQUAL(rig_why(nth(0), one), REASON_OWN_AS);
    CHECK_EQUAL(counts(one)->refused, 1);
    CHECK_EQUAL(counts(one)->accepted, 0);
    CHECK_EQUAL(rig_announce(two, nth(0), longer), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rig_best(nth(0)).source.v, two.v);
    CHECK_EQUAL(rig_why(nth(0), one), REASON_OWN_AS);
    CHECK_AUDIT();
    rig_finish();
}

static void a_path_may_become_refused_and_accepted_again(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    rig_round();
    CHECK_EQUAL(refuse(one, nth(0), REASON_IMPORT_FILTER), RIB_REPLACED);
    CHECK_EQUAL(refuse(one, nth(0), REASON_IMPORT_FILTER), RIB_SAME);
    CHECK_EQUAL(refuse(one, nth(0), REASON_NOT_ALLOWED), RIB_REPLACED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rig_best(nth(0)).attr.v, 0);
    CHECK(counts(one)->refused == 1 && counts(one)->accepted == 0 && counts(one)->best == 0);
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_REPLACED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(counts(one)->best, 1);
    CHECK_AUDIT();
    rig_finish();
}

static void what_is_discarded_is_counted_and_takes_the_old_offer_away(void)
{
    start();
    CHECK_EQUAL(rib_discard(&rig, one, nth(0)), RIB_ABSENT);
    CHECK_EQUAL(rig_announce(one, nth(1), plain), RIB_ADDED);
    rig_round();
    CHECK_EQUAL(rib_discard(&rig, one, nth(1)), RIB_REMOVED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(counts(one)->discarded, 2);
    CHECK_EQUAL(counts(one)->accepted, 0);
    rib_lose(&rig, one);
    CHECK_EQUAL(counts(one)->discarded, 0);
    rig_finish();
}

static void only_the_sources_own_path_is_withdrawn(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rib_withdraw(&rig, two, nth(0)), RIB_ABSENT);
    CHECK_EQUAL(rib_withdraw(&rig, one, nth(9)), RIB_ABSENT);
    CHECK_EQUAL(rig_announce(two, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rib_withdraw(&rig, one, nth(0)), RIB_REMOVED);
    rig_round();
    CHECK_EQUAL(rig_best(nth(0)).source.v, two.v);
    CHECK_AUDIT();
    rig_finish();
}

static unsigned drop(struct source_id source, uint32_t limit)
{
    unsigned slices = 1;
    while (rib_drop(&rig, source, limit)) {
        rig_round();
        CHECK_AUDIT();
        slices++;
    }
    rig_round();
    return slices;
}

static void a_lost_session_goes_in_slices(void)
{
    start();
    for (unsigned i = 0; i < 100; i++) {
        CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
        if (i % 2)
            CHECK_EQUAL(rig_announce(two, nth(i), longer), RIB_ADDED);
    }
    rig_round();
    rib_lose(&rig, one);
    CHECK_EQUAL(rig_best(nth(0)).source.v, one.v); /* not before its slice */
    CHECK_EQUAL(drop(one, 10), 10);
    CHECK_EQUAL(counts(one)->accepted + counts(one)->best, 0);
    CHECK_EQUAL(counts(two)->best, 50);
    CHECK_EQUAL(rig.live_count, 50);
    CHECK_AUDIT();
    rib_source_remove(&rig, one);
    rig_finish();
}

static void a_walk_begins_where_the_source_begins_and_ends_with_its_last_path(void)
{
    start();
    for (unsigned i = 0; i < 100; i++)
        CHECK_EQUAL(rig_announce(i < 60 || i >= 70 ? one : two, nth(i), plain), RIB_ADDED);
    rig_round();
    rib_lose(&rig, two);
    CHECK(!rib_drop(&rig, two, 10)); /* ten prefixes looked at, not a hundred */
    rig_round();
    CHECK_EQUAL(counts(two)->accepted, 0);
    CHECK_EQUAL(counts(one)->accepted, 90);
    rig_finish();
}

/* The session comes back before the walk is over: what it says anew stays, wherever the walk is. */
static void new_offers_survive_the_walk(void)
{
    start();
    for (unsigned i = 0; i < 40; i++)
        CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
    rig_round();
    rib_lose(&rig, one);
    CHECK(rib_drop(&rig, one, 20));
    CHECK_EQUAL(rig_announce(one, nth(5), plain), RIB_ADDED); /* behind the walk */
    CHECK_EQUAL(rig_announce(one, nth(35), plain), RIB_SAME); /* before it */
    CHECK_EQUAL(rig_announce(one, nth(36), longer), RIB_REPLACED);
    drop(one, 20);
    CHECK_EQUAL(counts(one)->accepted, 3);
    CHECK(rig_best(nth(5)).attr.v && rig_best(nth(35)).attr.v && rig_best(nth(36)).attr.v);
    CHECK_EQUAL(rig_best(nth(6)).attr.v, 0);
    CHECK_AUDIT();
    rig_finish();
}

static void a_session_lost_again_during_the_walk_goes_wholly(void)
{
    start();
    for (unsigned i = 0; i < 40; i++)
        CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
    rig_round();
    rib_lose(&rig, one);
    CHECK(rib_drop(&rig, one, 20));
    CHECK_EQUAL(rig_announce(one, nth(5), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(one, nth(35), plain), RIB_SAME);
    rib_lose(&rig, one);
    CHECK_EQUAL(rig_announce(one, nth(7), plain), RIB_ADDED);
    drop(one, 20);
    CHECK_EQUAL(counts(one)->accepted, 1);
    CHECK(rig_best(nth(7)).attr.v != 0);
    CHECK_AUDIT();
    rig_finish();
}

static struct prefix nth_six(unsigned i)
{
    return prefix_make(true, (ip_addr)0x20010db8 << 96 | (ip_addr)i << 64, 64);
}

/* A neighbor that says its routes of one family again (RFC 7313) says nothing about the other. */
static void one_family_is_lost_alone(void)
{
    for (int six = 0; six < 2; six++) {
        start();
        for (unsigned i = 0; i < 20; i++) {
            CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
            CHECK_EQUAL(rig_announce(one, nth_six(i), plain), RIB_ADDED);
        }
        rig_round();
        rib_lose_family(&rig, one, six);
        CHECK_EQUAL(rig_announce(one, six ? nth_six(3) : nth(3), plain), RIB_SAME);
        CHECK_EQUAL(rib_source_get(&rig, one)->stale[six], 19);
        CHECK_EQUAL(rib_source_get(&rig, one)->stale[!six], 0);
        rig_round(); /* what is stale is chosen all the same */
        uint32_t number = rib_find(&rig, six ? nth_six(4) : nth(4));
        CHECK(rib_best(&rig, number).attr.v != 0);
        CHECK(rib_path_is_stale(&rig, number, rib_path_of(&rig, number, one)));
        number = rib_find(&rig, six ? nth_six(3) : nth(3));
        CHECK(!rib_path_is_stale(&rig, number, rib_path_of(&rig, number, one)));
        CHECK_AUDIT();
        CHECK(!rib_drop_family(&rig, one, !six, 1000));
        CHECK_EQUAL(rib_source_get(&rig, one)->counts.accepted, 40);
        while (rib_drop_family(&rig, one, six, 7))
            continue;
        rig_round();
        CHECK_EQUAL(rib_source_get(&rig, one)->held[six], 1);
        CHECK_EQUAL(rib_source_get(&rig, one)->held[!six], 20);
        CHECK_AUDIT();
        rib_lose(&rig, one);
        while (rib_drop(&rig, one, 9))
            rig_round();
        rig_round();
        CHECK_EQUAL(rib_source_get(&rig, one)->counts.accepted, 0);
        rig_finish();
    }
}

/* A neighbor that comes and goes faster than its routes can be dropped. */
static void generations_are_not_confused_however_often_a_session_is_lost(void)
{
    start();
    for (unsigned i = 0; i < 40; i++)
        CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
    rig_round();
    for (unsigned i = 0; i < 600; i++) {
        rib_lose(&rig, one);
        CHECK_EQUAL(rig_announce(one, nth(39), i % 2 ? plain : longer), RIB_REPLACED);
        CHECK_EQUAL(rib_source_get(&rig, one)->stale[0], 39);
        rig_round();
        CHECK_AUDIT();
    }
    CHECK_AUDIT();
    drop(one, 20);
    CHECK_EQUAL(counts(one)->accepted, 1);
    CHECK(rig_best(nth(39)).attr.v != 0);
    CHECK_AUDIT();
    rig_finish();
}

static void the_offer_of_a_new_session_is_young(void)
{
    rig_start(BEST_FRR);
    one = rig_source(SOURCE_PLAIN_BGP, 1, 65001, 1);
    two = rig_source(SOURCE_PLAIN_BGP, 2, 65002, 2);
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(two, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_SAME);
    rig_round();
    CHECK_EQUAL(rig_best(nth(0)).source.v, one.v);
    rib_lose(&rig, one);
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_REPLACED);
    CHECK(!rib_drop(&rig, one, 1000));
    rig_round();
    CHECK_EQUAL(rig_best(nth(0)).source.v, two.v);
    CHECK_EQUAL(rig_why(nth(0), one), REASON_LOST_AGE);
    CHECK_AUDIT();
    rig_finish();
}

/* At every single allocation of a small story the budget refuses; nothing is half done, withdrawing
 * always works. */
static void a_refused_offer_leaves_no_trace(void)
{
    for (size_t refuse = 1; refuse < 60; refuse++) {
        start();
        rig_memory.refuse_from = rig_memory.get_count + refuse;
        unsigned taken = 0;
        for (unsigned i = 0; i < 30; i++) {
            struct rig_attrs attrs = plain;
            attrs.path[0] = 65001 + i % 5;
            struct attr_id attr = rig_attr(&attrs);
            if (attr.v == 0)
                continue;
            struct source_id source = i % 3 ? one : two;
            uint32_t before = rib_find(&rig, nth(i % 20));
            enum rib_result result = rib_announce(&rig, source, nth(i % 20), attr, REASON_NONE);
            CHECK(result <= RIB_SAME || result == RIB_BUDGET || result == RIB_FULL);
            if (result > RIB_SAME)
                CHECK_EQUAL(rib_find(&rig, nth(i % 20)), before);
            taken += result == RIB_ADDED;
            attr_unref(&rig.attrs, attr);
            if (i % 7 == 0)
                rig_round();
        }
        rig_round();
        CHECK_AUDIT();
        CHECK_EQUAL(counts(one)->accepted + counts(two)->accepted, taken);
        for (unsigned i = 0; i < 20; i++) {
            while (rib_withdraw(&rig, one, nth(i)) == RIB_FULL)
                rig_round();
            while (rib_withdraw(&rig, two, nth(i)) == RIB_FULL)
                rig_round();
        }
        rig_round();
        CHECK_EQUAL(rig.live_count, 0);
        rig_finish();
    }
}

/* Without memory for a longer list, the changes go through one chunk at a time. */
static void losing_a_session_needs_no_memory(void)
{
    start();
    for (unsigned i = 0; i < 100; i++) {
        CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
        if (i % 5 == 0)
            rig_round();
    }
    rig_round();
    rig_memory.refuse_from = 1;
    rib_lose(&rig, one);
    CHECK(drop(one, 1000) > 5);
    rig_memory.refuse_from = 0;
    CHECK_EQUAL(rig.live_count, 0);
    rig_finish();
}

int main(void)
{
    TEST(a_refused_path_is_kept_and_never_chosen);
    TEST(a_path_may_become_refused_and_accepted_again);
    TEST(what_is_discarded_is_counted_and_takes_the_old_offer_away);
    TEST(only_the_sources_own_path_is_withdrawn);
    TEST(a_lost_session_goes_in_slices);
    TEST(a_walk_begins_where_the_source_begins_and_ends_with_its_last_path);
    TEST(new_offers_survive_the_walk);
    TEST(a_session_lost_again_during_the_walk_goes_wholly);
    TEST(one_family_is_lost_alone);
    TEST(generations_are_not_confused_however_often_a_session_is_lost);
    TEST(the_offer_of_a_new_session_is_young);
    TEST(a_refused_offer_leaves_no_trace);
    TEST(losing_a_session_needs_no_memory);
    return harness_done();
}
