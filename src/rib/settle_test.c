#include "rib/rib_rig.h"
#include "tests/abort.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static const struct rig_attrs longer = {.path = {65001, 65002}, .next_hop = 0x0a000001};
static struct source_id one, two, three;

static void start(void)
{
    rig_start(BEST_VGW);
    one = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    two = rig_source(SOURCE_VPN_BGP, 2, 65002, 2);
    three = rig_source(SOURCE_DX, 3, 65003, 3);
}

static struct prefix nth(unsigned i)
{
    return rig_prefix(10, i, 0, 0, 16);
}

static void every_loser_knows_its_step(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, nth(0), longer), RIB_ADDED);
    CHECK_EQUAL(rig_announce(two, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(three, nth(0), longer), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rig_why(nth(0), one), REASON_LOST_KIND);
    CHECK_EQUAL(rig_why(nth(0), two), REASON_LOST_KIND);
    CHECK_EQUAL(rig_why(nth(0), three), REASON_BEST);
    CHECK_EQUAL(rib_withdraw(&rig, three, nth(0)), RIB_REMOVED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rig_why(nth(0), one), REASON_LOST_PATH_LENGTH);
    CHECK_EQUAL(rig_why(nth(0), two), REASON_BEST);
    CHECK_AUDIT();
    rig_finish();
}

/* Reasons are written anew even where nothing is told. */
static void a_change_among_losers_is_decided_and_not_told(void)
{
    start();
    for (unsigned i = 5; i < 10; i++) {
        CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
        CHECK_EQUAL(rig_round(), 1);
    }
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(two, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 1);
    uint32_t stamp = rib_stamp(&rig, rib_find(&rig, nth(0)));
    CHECK_EQUAL(rig_why(nth(0), two), REASON_LOST_ROUTER_ID);
    CHECK_EQUAL(rig_announce(two, nth(0), longer), RIB_REPLACED);
    CHECK_EQUAL(rig_round(), 0);
    CHECK_EQUAL(rig_why(nth(0), two), REASON_LOST_PATH_LENGTH);
    CHECK_EQUAL(rib_stamp(&rig, rib_find(&rig, nth(0))), stamp);
    CHECK_AUDIT();
    rig_finish();
}

static void the_best_path_is_the_first_of_its_chain(void)
{
    start();
    struct source_id sources[] = {one, two, three};
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQUAL(rig_announce(sources[i], nth(0), plain), RIB_ADDED);
    rig_round();
    const struct rib_path *first = rib_path_next(&rig, rib_find(&rig, nth(0)), NULL);
    CHECK_EQUAL(first->source.v, three.v);
    unsigned count = 0;
    for (const struct rib_path *path = first; path; count++)
        path = rib_path_next(&rig, rib_find(&rig, nth(0)), path);
    CHECK_EQUAL(count, 3);
    rig_finish();
}

static void a_change_names_what_was_and_what_is(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    rig_round();
    struct attr_id before = rig_best(nth(0)).attr;
    CHECK_EQUAL(rig_announce(three, nth(0), longer), RIB_ADDED);
    CHECK_EQUAL(rib_settle(&rig), 1);
    const struct rib_change *change = rib_change_at(&rig, 0);
    CHECK_EQUAL(change->old_source, one.v);
    CHECK_EQUAL(change->new_source, three.v);
    CHECK(attr_equal(change->old_attr, before) && !attr_equal(change->new_attr, before));
    CHECK(audience_same(change->old_held, AUDIENCE_ALL) && !change->touched);
    CHECK_EQUAL(rib_best(&rig, change->number).source.v, three.v);
    rib_settled(&rig);
    rig_finish();
}

/* The old set lives until the batch has been looked at, although no path holds it any more. */
static void the_old_attributes_live_as_long_as_the_batch(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    rig_round();
    CHECK_EQUAL(rib_withdraw(&rig, one, nth(0)), RIB_REMOVED);
    CHECK_EQUAL(rib_settle(&rig), 1);
    CHECK_EQUAL(rig.attrs.count, 1);
    CHECK_EQUAL(attr_get(&rig.attrs, rib_change_at(&rig, 0)->old_attr)->path_length, 1);
    rib_settled(&rig);
    CHECK_EQUAL(rig.attrs.count, 0);
    rig_finish();
}

static void a_round_without_changes_has_no_batch(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    rig_round();
    uint32_t batch = rig.batch;
    CHECK_EQUAL(rig_round(), 0);
    CHECK_EQUAL(rig_announce(one, nth(1), plain), RIB_ADDED);
    CHECK_EQUAL(rib_withdraw(&rig, one, nth(1)), RIB_REMOVED);
    CHECK_EQUAL(rig_round(), 0);
    CHECK_EQUAL(rig.batch, batch);
    rig_finish();
}

static void announce_in_batch(void *ctx)
{
    (void)ctx;
    enum rib_result result = rig_announce(two, nth(9), plain);
    (void)result;
}

static void changes_wait_while_a_batch_is_looked_at(void)
{
    start();
    CHECK_EQUAL(rig_announce(one, nth(0), plain), RIB_ADDED);
    CHECK_EQUAL(rib_settle(&rig), 1);
    CHECK(aborts(announce_in_batch, NULL));
    rib_settled(&rig);
    rig_finish();
}

/* Only what differs is kept of the list, in its order. */
static void what_did_not_change_leaves_the_batch(void)
{
    start();
    for (unsigned i = 0; i < 20; i++)
        CHECK_EQUAL(rig_announce(one, nth(i), plain), RIB_ADDED);
    rig_round();
    for (unsigned i = 0; i < 20; i++) {
        CHECK_EQUAL(rig_announce(two, nth(i), i % 3 == 0 ? longer : plain), RIB_ADDED);
        if (i % 4 == 0)
            CHECK_EQUAL(rib_withdraw(&rig, one, nth(i)), RIB_REMOVED);
    }
    CHECK_EQUAL(rib_settle(&rig), 5);
    for (unsigned i = 0; i < 5; i++) {
        CHECK(prefix_equal(rib_change_prefix(&rig, rib_change_at(&rig, i)), nth(4 * i)));
        CHECK_EQUAL(rib_stamp(&rig, rib_change_at(&rig, i)->number), rig.batch);
    }
    rib_settled(&rig);
    CHECK_AUDIT();
    rig_finish();
}

static void many_paths_to_one_prefix_are_decided(void)
{
    rig_start(BEST_RFC4271);
    struct source_id sources[500];
    for (unsigned i = 0; i < 500; i++) {
        sources[i] = rig_source(SOURCE_PLAIN_BGP, (uint16_t)(i + 1), 65001, 1000 - i);
        struct rig_attrs attrs = plain;
        attrs.has_med = true;
        attrs.med = i / 100;
        CHECK_EQUAL(rig_announce(sources[i], nth(0), attrs), RIB_ADDED);
    }
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rig_best(nth(0)).source.v, sources[99].v);
    CHECK_EQUAL(rig_why(nth(0), sources[100]), REASON_LOST_MED);
    CHECK_EQUAL(rig_why(nth(0), sources[98]), REASON_LOST_ROUTER_ID);
    CHECK_AUDIT();
    rig_finish();
}

int main(void)
{
    TEST(every_loser_knows_its_step);
    TEST(a_change_among_losers_is_decided_and_not_told);
    TEST(the_best_path_is_the_first_of_its_chain);
    TEST(a_change_names_what_was_and_what_is);
    TEST(the_old_attributes_live_as_long_as_the_batch);
    TEST(a_round_without_changes_has_no_batch);
    TEST(changes_wait_while_a_batch_is_looked_at);
    TEST(what_did_not_change_leaves_the_batch);
    TEST(many_paths_to_one_prefix_are_decided);
    return harness_done();
}
