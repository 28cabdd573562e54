#include "rib/adj_out.h"

#include "rib/rib_rig.h"
#include "tests/abort.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static struct source_id source;
static struct prefix prefix;

/* A batch with one change, being looked at. */
static struct rib_change *start(void)
{
    rig_start(BEST_VGW);
    prefix = rig_prefix(0, 0, 0, 0, 0);
    source = rig_source(SOURCE_DX, 1, 65001, 1);
    CHECK_EQUAL(rig_announce(source, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rib_settle(&rig), 1);
    return rib_change_at(&rig, 0);
}

static struct rib_change *touch(void)
{
    rib_settled(&rig);
    CHECK_EQUAL(rib_touch(&rig, prefix), RIB_SAME);
    CHECK_EQUAL(rib_settle(&rig), 1);
    return rib_change_at(&rig, 0);
}

static struct attachment_id nth(uint16_t i)
{
    return (struct attachment_id){i};
}

static void exceptions_are_remembered_with_their_reasons(void)
{
    struct rib_change *change = start();
    uint32_t number = change->number;
    CHECK(adj_out_except(&rig, change, nth(5), REASON_GUARD_HOLD));
    CHECK(adj_out_except(&rig, change, nth(2), REASON_GUARD_WARN));
    CHECK(adj_out_except(&rig, change, nth(9), REASON_GUARD_CARVE));
    CHECK(adj_out_except(&rig, change, nth(5), REASON_EXPORT_LIMIT));
    rib_settled(&rig);
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(5)), REASON_EXPORT_LIMIT);
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(2)), REASON_GUARD_WARN);
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(3)), REASON_NONE);
    static const uint16_t expected[] = {2, 5, 9};
    struct attachment_id at = {0};
    enum reason reason;
    for (unsigned i = 0; i < 3; i++) {
        CHECK(adj_out_exception_next(&rig, number, &at, &reason));
        CHECK_EQUAL(at.v, expected[i]);
    }
    CHECK_EQUAL(reason, REASON_GUARD_CARVE);
    CHECK(!adj_out_exception_next(&rig, number, &at, &reason));
    CHECK_AUDIT();
    rig_finish();
}

static struct audience held_of(uint32_t number)
{
    struct audience held;
    CHECK(adj_out_held(&rig, number, &held));
    return held;
}

static void only_some_reasons_leave_the_attachment_out(void)
{
    struct rib_change *change = start();
    CHECK(adj_out_except(&rig, change, nth(2), REASON_GUARD_WARN));
    CHECK(adj_out_except(&rig, change, nth(3), REASON_AS_LOOP_SENT));
    CHECK(audience_same(held_of(change->number), AUDIENCE_ALL));
    CHECK(adj_out_except(&rig, change, nth(4), REASON_GUARD_HOLD));
    CHECK(audience_same(held_of(change->number), audience_but(nth(4))));
    CHECK(adj_out_except(&rig, change, nth(4), REASON_GUARD_WARN));
    CHECK(audience_same(held_of(change->number), AUDIENCE_ALL));
    rig_finish();
}

static void the_last_exception_taken_away_leaves_nothing(void)
{
    struct rib_change *change = start();
    size_t before = rig_budget.used_bytes;
    for (uint16_t i = 1; i < 20; i++)
        CHECK(adj_out_except(&rig, change, nth(i), REASON_GUARD_HOLD));
    CHECK_EQUAL(rig.excepts.used_count, 1);
    CHECK(!audience_has(&rig.audiences, held_of(change->number), nth(7)));
    for (uint16_t i = 1; i < 20; i++)
        CHECK(adj_out_except(&rig, change, nth(i), REASON_NONE));
    CHECK(adj_out_except(&rig, change, nth(3), REASON_NONE));
    CHECK_EQUAL(rig.excepts.used_count, 0);
    CHECK_EQUAL(adj_out_exception(&rig, change->number, nth(7)), REASON_NONE);
    CHECK(rig_budget.used_bytes < before + 1024); /* chunks of pools, no contents */
    rib_settled(&rig);
    CHECK_AUDIT();
    rig_finish();
}

static void a_change_knows_whom_exceptions_left_before(void)
{
    struct rib_change *change = start();
    CHECK(audience_same(change->old_held, AUDIENCE_ALL));
    CHECK(adj_out_except(&rig, change, nth(4), REASON_GUARD_HOLD));
    CHECK(adj_out_except(&rig, change, nth(5), REASON_GUARD_HOLD));
    change = touch();
    CHECK(!audience_has(&rig.audiences, change->old_held, nth(4)));
    CHECK(audience_has(&rig.audiences, change->old_held, nth(6)));
    adj_out_clear(&rig, change);
    CHECK(!audience_has(&rig.audiences, change->old_held, nth(4)));
    change = touch();
    CHECK(audience_same(change->old_held, AUDIENCE_ALL));
    rig_finish();
}

static void exceptions_end_with_the_best_path(void)
{
    struct rib_change *change = start();
    CHECK(adj_out_except(&rig, change, nth(4), REASON_GUARD_HOLD));
    rib_settled(&rig);
    CHECK_EQUAL(rib_withdraw(&rig, source, prefix), RIB_REMOVED);
    CHECK_EQUAL(rib_settle(&rig), 1);
    CHECK_EQUAL(rig.excepts.used_count, 1);
    rib_settled(&rig);
    CHECK_EQUAL(rig.excepts.used_count, 0);
    CHECK_EQUAL(rig_announce(source, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rib_settle(&rig), 1);
    CHECK(audience_same(rib_change_at(&rig, 0)->old_held, AUDIENCE_ALL));
    CHECK_EQUAL(adj_out_exception(&rig, rib_change_at(&rig, 0)->number, nth(4)), REASON_NONE);
    rig_finish();
}

static void a_fragment_is_only_for_some(void)
{
    struct rib_change *change = start();
    uint32_t number = change->number;
    CHECK(adj_out_restrict(&rig, change, (uint16_t[]){3, 4}, 2));
    CHECK(adj_out_except(&rig, change, nth(4), REASON_GUARD_HOLD));
    CHECK(adj_out_except(&rig, change, nth(6), REASON_GUARD_WARN));
    CHECK(audience_same(held_of(number), audience_only(nth(3))));
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(3)), REASON_NONE);
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(4)), REASON_GUARD_HOLD);
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(5)), REASON_FRAGMENT);
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(6)), REASON_FRAGMENT);
    CHECK(adj_out_except(&rig, change, nth(4), REASON_NONE));
    CHECK(adj_out_except(&rig, change, nth(6), REASON_NONE));
    CHECK_EQUAL(adj_out_exception(&rig, number, nth(5)), REASON_FRAGMENT);
    CHECK(adj_out_restrict(&rig, change, NULL, 0));
    CHECK(audience_is_nobody(held_of(number)));
    rig_finish();
}

/* When it cannot be told whom exceptions left before, everybody is told anew. */
static void without_memory_the_past_is_unknown(void)
{
    struct rib_change *change = start();
    CHECK(adj_out_except(&rig, change, nth(4), REASON_GUARD_HOLD));
    CHECK(adj_out_except(&rig, change, nth(5), REASON_GUARD_HOLD));
    rib_settled(&rig);
    CHECK_EQUAL(rib_touch(&rig, prefix), RIB_SAME);
    rig_memory.refuse_from = 1;
    CHECK_EQUAL(rib_settle(&rig), 1);
    change = rib_change_at(&rig, 0);
    CHECK(change->old_unknown && audience_same(change->old_held, AUDIENCE_ALL));
    rig_memory.refuse_from = 0;
    rig_finish();
}

static void a_refused_exception_is_not_there(void)
{
    for (size_t refuse = 1; refuse < 10; refuse++) {
        struct rib_change *change = start();
        rig_memory.refuse_from = rig_memory.get_count + refuse;
        unsigned set = 0;
        for (uint16_t i = 1; i < 9; i++) {
            bool done = adj_out_except(&rig, change, nth(i), REASON_GUARD_HOLD);
            enum reason expected = done ? REASON_GUARD_HOLD : REASON_NONE;
            CHECK_EQUAL(adj_out_exception(&rig, change->number, nth(i)), expected);
            set += done;
        }
        rig_memory.refuse_from = 0;
        unsigned out = 0;
        for (uint16_t i = 1; i < 9; i++)
            out += !audience_has(&rig.audiences, held_of(change->number), nth(i));
        CHECK_EQUAL(out, set);
        rib_settled(&rig);
        CHECK_AUDIT();
        rig_finish();
    }
}

static void except_outside(void *ctx)
{
    bool done = adj_out_except(&rig, ctx, nth(1), REASON_GUARD_HOLD);
    (void)done;
}

static void exceptions_change_only_while_a_batch_is_looked_at(void)
{
    struct rib_change change = *start();
    rib_settled(&rig);
    CHECK(aborts(except_outside, &change));
    rig_finish();
}

int main(void)
{
    TEST(exceptions_are_remembered_with_their_reasons);
    TEST(only_some_reasons_leave_the_attachment_out);
    TEST(the_last_exception_taken_away_leaves_nothing);
    TEST(a_change_knows_whom_exceptions_left_before);
    TEST(exceptions_end_with_the_best_path);
    TEST(a_fragment_is_only_for_some);
    TEST(without_memory_the_past_is_unknown);
    TEST(a_refused_exception_is_not_there);
    TEST(exceptions_change_only_while_a_batch_is_looked_at);
    return harness_done();
}
