/* The law against a charon that is played: it takes what it is offered, as libipsec does, and
 * encrypts what it can. What waits in it is bounded, and nobody loses what there was room for. */
#include "plane/pressure.h"

#include "tests/harness.h"

enum { LOOK_US = PRESSURE_LOOK_MS * 1000, PACKET = 1400 };

struct played {
    struct pressure pressure;
    struct pressure_counts counts;
    uint64_t waits, most, dropped, changes; /* packets */
};

/* One look's time: offered and able in packets a second. */
static void play(struct played *at, uint64_t offered, uint64_t able)
{
    uint64_t comes = offered * LOOK_US / 1000000, can = able * LOOK_US / 1000000;
    uint64_t may = at->pressure.rate * LOOK_US / 1000000 / PACKET;
    if (at->pressure.rate && comes > may) {
        at->dropped += comes - may;
        comes = may;
    }
    at->waits += comes;
    uint64_t goes = at->waits < can ? at->waits : can;
    at->waits -= goes;
    at->counts.taken_packets += comes;
    at->counts.taken_bytes += comes * PACKET;
    at->counts.sent_packets += goes;
    if (at->waits > at->most)
        at->most = at->waits;
    at->changes += pressure_look(&at->pressure, &at->counts, LOOK_US);
}

static void play_for(struct played *at, unsigned looks, uint64_t offered, uint64_t able)
{
    for (unsigned i = 0; i < looks; i++)
        play(at, offered, able);
}

static void who_keeps_up_is_never_bounded(void)
{
    struct played at = {0};
    play_for(&at, 500, 30000, 40000);
    play_for(&at, 1, 60000, 40000); /* a burst of TCP */
    play_for(&at, 500, 39000, 40000);
    CHECK_EQUAL(at.pressure.rate, 0);
    CHECK_EQUAL(at.changes, 0);
    CHECK_EQUAL(at.dropped, 0);
}

/* Ten minutes of five times what it can: without a bound 96,000,000 packets would wait. */
static void a_flood_waits_within_bounds(void)
{
    struct played at = {0};
    play_for(&at, 1, 0, 40000);
    play_for(&at, 10, 200000, 40000);
    uint64_t before = at.counts.sent_packets;
    play_for(&at, 3000, 200000, 40000);
    CHECK(at.most < 50000); /* 8,000, and what came until it was seen */
    CHECK(at.pressure.rate > 0);
    uint64_t sent = at.counts.sent_packets - before;
    CHECK(sent > 3000ull * 8000 * 90 / 100); /* and he is kept busy */
}

static void what_he_can_changes_and_so_does_the_rate(void)
{
    struct played at = {0};
    play_for(&at, 300, 200000, 40000);
    at.most = 0;
    play_for(&at, 300, 200000, 10000);
    CHECK(at.most < 60000);
    uint64_t before = at.counts.sent_packets;
    play_for(&at, 300, 200000, 80000);
    CHECK(at.counts.sent_packets - before > 300ull * 16000 * 70 / 100);
}

static void after_the_flood_there_is_no_bound(void)
{
    struct played at = {0};
    play_for(&at, 50, 200000, 40000);
    CHECK(at.pressure.rate > 0);
    play_for(&at, 100, 1000, 40000);
    CHECK_EQUAL(at.pressure.rate, 0);
    CHECK_EQUAL(at.waits, 0);
    uint64_t changes = at.changes;
    play_for(&at, 100, 0, 40000);
    CHECK_EQUAL(at.changes, changes);
}

/* Without an SA everything is thrown away: nothing waits, and a rate would only be in the way. */
static void who_throws_away_is_not_behind(void)
{
    struct pressure pressure = {0};
    struct pressure_counts counts = {0};
    for (unsigned i = 0; i < 100; i++) {
        counts.taken_packets += 40000;
        counts.taken_bytes += 40000 * PACKET;
        CHECK(!pressure_look(&pressure, &counts, LOOK_US));
    }
    CHECK_EQUAL(pressure.rate, 0);
}

static void a_new_device_begins_anew(void)
{
    struct played at = {0};
    play_for(&at, 50, 200000, 40000);
    CHECK(at.pressure.rate > 0);
    CHECK(pressure_look(&at.pressure, &(struct pressure_counts){10, 1000, 10}, LOOK_US));
    CHECK_EQUAL(at.pressure.rate, 0);
    CHECK_EQUAL(at.pressure.behind, 0);
}

int main(void)
{
    TEST(who_keeps_up_is_never_bounded);
    TEST(a_flood_waits_within_bounds);
    TEST(what_he_can_changes_and_so_does_the_rate);
    TEST(after_the_flood_there_is_no_bound);
    TEST(who_throws_away_is_not_behind);
    TEST(a_new_device_begins_anew);
    return harness_done();
}
