#include "rib/prefixes.h"

#include "rib/rib_rig.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static struct source_id source;

static void start(void)
{
    rig_start(BEST_VGW);
    source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
}

static struct prefix nth(unsigned i)
{
    return rig_prefix(10, i >> 8, i & 0xff, 0, 24);
}

static void announce(unsigned from, unsigned end)
{
    for (unsigned i = from; i < end; i++)
        CHECK(rig_announce(source, nth(i), plain) <= RIB_SAME);
    rig_round();
}

static void withdraw(unsigned from, unsigned end)
{
    for (unsigned i = from; i < end; i++)
        CHECK_EQUAL(rib_withdraw(&rig, source, nth(i)), RIB_REMOVED);
    rig_round();
}

static void numbers_follow_arrival_and_stay(void)
{
    start();
    announce(0, 100);
    for (unsigned i = 0; i < 100; i++)
        CHECK_EQUAL(rib_find(&rig, nth(i)), i + 1);
    withdraw(0, 50);
    announce(20, 30);
    for (unsigned i = 0; i < 100; i++)
        CHECK_EQUAL(rib_find(&rig, nth(i)), i + 1);
    CHECK_AUDIT();
    rig_finish();
}

static void prefixes_of_one_address_are_different(void)
{
    start();
    for (uint8_t len = 0; len <= 32; len++)
        CHECK_EQUAL(rig_announce(source, prefix_around(0, len), plain), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 33);
    for (uint8_t len = 0; len <= 32; len++)
        CHECK_EQUAL(rib_find(&rig, prefix_around(0, len)), len + 1);
    rig_finish();
}

/* A neighbor that has not been told of the withdrawal yet will still ask by number. */
static void a_dead_prefix_stays_until_everybody_was_told(void)
{
    start();
    announce(0, 8);
    uint32_t told = rig.batch, number = rib_find(&rig, nth(3));
    withdraw(0, 8);
    CHECK(!rib_sweep(&rig, told, 1000));
    CHECK_EQUAL(rig.dead_count, 8);
    CHECK_EQUAL(rib_find(&rig, nth(3)), number);
    CHECK(rib_batch_after(rib_stamp(&rig, number), told));
    CHECK(!rib_sweep(&rig, rig.batch, 1000));
    CHECK_EQUAL(rig.dead_count, 0);
    CHECK_EQUAL(rib_find(&rig, nth(3)), 0);
    rig_finish();
}

static void a_sweep_waits_until_it_is_worth_a_walk(void)
{
    start();
    announce(0, 100);
    withdraw(0, 10);
    CHECK(!rib_sweep(&rig, rig.batch, 1000));
    CHECK_EQUAL(rig.dead_count, 10);
    withdraw(10, 20);
    CHECK(!rib_sweep(&rig, rig.batch, 1000));
    CHECK_EQUAL(rig.dead_count, 0);
    announce(100, 110);
    CHECK(rib_find(&rig, nth(105)) <= 20); /* numbers given back are used again */
    CHECK_AUDIT();
    rig_finish();
}

static void a_sweep_goes_in_slices(void)
{
    start();
    announce(0, 100);
    withdraw(0, 100);
    unsigned slices = 1;
    while (rib_sweep(&rig, rig.batch, 30))
        slices++;
    CHECK_EQUAL(slices, 4);
    CHECK_EQUAL(rig.dead_count, 0);
    rig_finish();
}

static void a_sweep_may_be_only_asked_for(void)
{
    start();
    announce(0, 100);
    withdraw(0, 5);
    CHECK(!rib_sweep(&rig, rig.batch, 0)); /* not worth it */
    uint32_t told = rig.batch;
    withdraw(5, 50);
    CHECK(rib_sweep(&rig, told, 0));
    CHECK_EQUAL(rig.dead_count, 50);
    CHECK(!rib_is_crowded(&rig)); /* half is not most */
    withdraw(50, 51);
    CHECK(rib_is_crowded(&rig));
    CHECK(!rib_sweep(&rig, rig.batch, 1000));
    CHECK_EQUAL(rig.dead_count, 0);
    CHECK(!rib_sweep(&rig, rig.batch, 1000)); /* it knew whom it had told when it began */
    rig_finish();
}

/* While somebody lags, walking again and again would find nothing. */
static void a_sweep_waits_for_news_of_who_was_told(void)
{
    start();
    announce(0, 100);
    uint32_t told = rig.batch;
    withdraw(0, 100);
    CHECK(rib_sweep(&rig, told, 30));
    while (rib_sweep(&rig, told, 30))
        ;
    CHECK(!rib_sweep(&rig, told, 1)); /* not begun anew */
    CHECK(rib_sweep(&rig, rig.batch, 1));
    while (rib_sweep(&rig, rig.batch, 30))
        ;
    CHECK_EQUAL(rig.dead_count, 0);
    rig_finish();
}

static void what_came_back_is_not_swept(void)
{
    start();
    announce(0, 10);
    withdraw(0, 10);
    announce(4, 5);
    CHECK_EQUAL(rig_announce(source, nth(5), plain), RIB_ADDED); /* not yet settled */
    CHECK(!rib_sweep(&rig, rig.batch, 1000));
    rig_round();
    CHECK(rig_best(nth(4)).attr.v != 0 && rig_best(nth(5)).attr.v != 0);
    CHECK_EQUAL(rig.live_count, 2);
    CHECK_AUDIT();
    rig_finish();
}

static void a_pending_change_shows_what_was_settled(void)
{
    start();
    announce(0, 1);
    uint32_t number = rib_find(&rig, nth(0)), stamp = rib_stamp(&rig, number);
    CHECK_EQUAL(rib_withdraw(&rig, source, nth(0)), RIB_REMOVED);
    CHECK_EQUAL(rib_best(&rig, number).source.v, source.v);
    CHECK_EQUAL(rib_stamp(&rig, number), stamp);
    rig_round();
    CHECK_EQUAL(rib_best(&rig, number).attr.v, 0);
    CHECK_EQUAL(rib_stamp(&rig, number), stamp + 1);
    rig_finish();
}

static void touching_reports_a_prefix_that_did_not_change(void)
{
    start();
    announce(0, 3);
    CHECK_EQUAL(rib_touch(&rig, nth(1)), RIB_SAME);
    CHECK_EQUAL(rib_touch(&rig, nth(1)), RIB_SAME);
    CHECK_EQUAL(rib_touch(&rig, nth(77)), RIB_ABSENT);
    CHECK_EQUAL(rib_settle(&rig), 1);
    const struct rib_change *change = rib_change_at(&rig, 0);
    CHECK(change->touched && attr_equal(change->old_attr, change->new_attr));
    rib_settled(&rig);
    withdraw(2, 3);
    CHECK_EQUAL(rib_touch(&rig, nth(2)), RIB_ABSENT);
    CHECK_EQUAL(rib_touch(&rig, nth(1)), RIB_SAME);
    CHECK_EQUAL(rib_withdraw(&rig, source, nth(1)), RIB_REMOVED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rig_announce(source, nth(50), plain), RIB_ADDED);
    CHECK_EQUAL(rib_touch(&rig, nth(50)), RIB_SAME);
    CHECK_EQUAL(rib_withdraw(&rig, source, nth(50)), RIB_REMOVED);
    CHECK_EQUAL(rig_round(), 0); /* there was nothing and there is nothing */
    CHECK_AUDIT();
    rig_finish();
}

static void the_list_of_changes_has_a_limit(void)
{
    struct rib_config config = rib_config_small;
    config.change_limit = 16;
    rig_start_with(config, 0);
    source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    for (unsigned i = 0; i < 16; i++) {
        CHECK_EQUAL(rib_room(&rig), 16 - i);
        CHECK_EQUAL(rig_announce(source, nth(i), plain), RIB_ADDED);
    }
    CHECK_EQUAL(rig_announce(source, nth(16), plain), RIB_FULL);
    CHECK_EQUAL(rib_find(&rig, nth(16)), 0);
    CHECK_EQUAL(rig_announce(source, nth(3), plain), RIB_SAME); /* is in the list already */
    CHECK_EQUAL(rig_round(), 16);
    CHECK_EQUAL(rig_announce(source, nth(16), plain), RIB_ADDED);
    rig_round();
    CHECK_AUDIT();
    rig_finish();
}

static void batch_numbers_wrap_around(void)
{
    CHECK(rib_batch_after(5, 3) && !rib_batch_after(3, 5) && !rib_batch_after(3, 3));
    CHECK(rib_batch_after(2, UINT32_MAX - 2) && !rib_batch_after(UINT32_MAX - 2, 2));
    start();
    rig.batch = UINT32_MAX - 1;
    announce(0, 4);
    announce(4, 8);
    announce(8, 12);
    CHECK_EQUAL(rig.batch, 1);
    withdraw(0, 12);
    CHECK(!rib_sweep(&rig, rig.batch - 1, 100));
    CHECK_EQUAL(rig.dead_count, 12);
    CHECK(!rib_sweep(&rig, rig.batch, 100));
    CHECK_EQUAL(rig.dead_count, 0);
    rig_finish();
}

/* Of what is there, of what is not, of what is dead, and before there is a table at all. */
static void a_hint_changes_nothing(void)
{
    struct prefix some[RIB_HINTS];
    start();
    for (unsigned i = 0; i < RIB_HINTS; i++)
        some[i] = nth(2 * i);
    some[3] = (struct prefix){(ip_addr)0x2a0e << 112, 32, true};
    size_t blocks = rig_memory.get_count;
    rib_hint(&rig, some, RIB_HINTS);
    CHECK_EQUAL(rig_memory.get_count, blocks);
    announce(0, 100);
    withdraw(0, 10);
    uint64_t digest = rib_digest(&rig);
    uint32_t numbers = rib_number_end(&rig);
    rib_hint(&rig, some, RIB_HINTS);
    rib_hint(&rig, some, 0);
    CHECK_EQUAL(rib_digest(&rig), digest);
    CHECK_EQUAL(rib_number_end(&rig), numbers);
    CHECK_AUDIT();
    rig_finish();
}

int main(void)
{
    TEST(a_hint_changes_nothing);
    TEST(numbers_follow_arrival_and_stay);
    TEST(prefixes_of_one_address_are_different);
    TEST(a_dead_prefix_stays_until_everybody_was_told);
    TEST(a_sweep_waits_until_it_is_worth_a_walk);
    TEST(a_sweep_goes_in_slices);
    TEST(a_sweep_may_be_only_asked_for);
    TEST(a_sweep_waits_for_news_of_who_was_told);
    TEST(what_came_back_is_not_swept);
    TEST(a_pending_change_shows_what_was_settled);
    TEST(touching_reports_a_prefix_that_did_not_change);
    TEST(the_list_of_changes_has_a_limit);
    TEST(batch_numbers_wrap_around);
    return harness_done();
}
