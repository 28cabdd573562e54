#include "explain/told.h"

#include "explain/run_rig.h"

static struct rig rig;

static void a_neighbor_is_told_what_the_engine_says(void)
{
    struct told told;
    CHECK(tells(rig.world, rig.vgw, 1));
    told_take(rig.world, rig.vgw, 1, &told);
    CHECK_EQUAL((int64_t)told.count, 3);
    CHECK(prefix_equal(told.items[0].prefix, net_of("0.0.0.0/0")));
    CHECK_EQUAL(told.items[0].reason, REASON_GUARD_WARN);
    CHECK(prefix_equal(told.items[1].prefix, net_of("10.10.0.0/16")));
    CHECK(prefix_equal(told.items[2].prefix, net_of("10.30.0.0/16")));
    CHECK_EQUAL(told.items[2].reason, REASON_NONE);
    told_done(&told);
}

static void who_is_told_by_what_is_said(void)
{
    char bytes[100];
    struct text text = text_over(bytes, sizeof bytes);
    text_telling(&text, rig.world, rig.vgw, 1);
    CHECK_TEXT(bytes, "vgw tells site by vpn/1");
    text = text_over(bytes, sizeof bytes);
    text_telling(&text, rig.world, rig.edge, 1);
    CHECK_TEXT(bytes, "edge tells vgw by dx");
}

static void a_session_that_is_down_tells_nothing(void)
{
    struct told told;
    struct event halt = {.kind = EVENT_HALT, .connection = {.neighbor = 1}};
    rig_step(&rig, rig.vgw, halt);
    CHECK(!tells(rig.world, rig.vgw, 1));
    told_take(rig.world, rig.vgw, 1, &told);
    CHECK_EQUAL((int64_t)told.count, 0);
    told_done(&told);
    CHECK(!tells(rig.world, rig.vpc, 1));
}

int main(void)
{
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    TEST(a_neighbor_is_told_what_the_engine_says);
    TEST(who_is_told_by_what_is_said);
    TEST(a_session_that_is_down_tells_nothing);
    rig_done(&rig);
    return harness_done();
}
