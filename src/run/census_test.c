/* Counts of an engine's routes, against what it was told. */
#include "run/census.h"

#include "engine/test_gate.h"

static struct census census;

static unsigned count_all(uint32_t most)
{
    unsigned slices = 1;
    census_begin(&census, gate.engine);
    while (census_go_on(&census, gate.engine, most))
        slices++;
    return slices;
}

static void what_was_refused_and_held_is_counted(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(1, "127.0.0.0/8");
    announce(2, "127.0.0.0/8");
    announce(1, "0.0.0.0/0");
    CHECK_EQUAL(count_all(CENSUS_LOOKS), 1);
    CHECK_EQUAL(census_refused(&census, 1, REASON_MARTIAN), 1);
    CHECK_EQUAL(census_refused(&census, 2, REASON_MARTIAN), 1);
    CHECK_EQUAL(census_refused(&census, 1, REASON_OWN_AS), 0);
    CHECK_EQUAL(census_held(&census, 2, REASON_GUARD_HOLD), 1);
    CHECK_EQUAL(census_held(&census, 1, REASON_GUARD_HOLD), 0);
    withdraw(1, "0.0.0.0/0");
    withdraw(2, "127.0.0.0/8");
    count_all(CENSUS_LOOKS);
    CHECK_EQUAL(census_held(&census, 2, REASON_GUARD_HOLD), 0);
    CHECK_EQUAL(census_refused(&census, 2, REASON_MARTIAN), 0);
    gate_finish();
}

static void who_is_told_how_much_is_counted(void)
{
    uint32_t told = 0;
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    announce(2, "10.3.0.0/16");
    count_all(CENSUS_LOOKS);
    CHECK(census_told(&census, 2, false, &told) && told == 2);
    CHECK(census_told(&census, 1, false, &told) && told == 1);
    CHECK(census_told(&census, 1, true, &told) && told == 0);
    gate_vpn(3, 65003); /* came since: nothing is known of it, and nothing is read beyond the end */
    CHECK(!census_told(&census, 3, false, &told));
    CHECK_EQUAL(census_refused(&census, 3, REASON_MARTIAN), 0);
    CHECK_EQUAL(census_held(&census, 3, REASON_GUARD_HOLD), 0);
    gate_finish();
}

/* A table is counted in slices; what each neighbor is told is a slice of its own. */
static void a_round_has_a_slice(void)
{
    uint32_t told = 0;
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    say_packed(1, 64, false);
    CHECK_EQUAL(count_all(8), 64 * 2 / 8 + 2 + 1);
    CHECK(census_told(&census, 2, false, &told) && told == 64);
    CHECK_EQUAL(census.looks, 64 * 2 + 2 * 65);
    gate_finish();
}

int main(void)
{
    TEST(what_was_refused_and_held_is_counted);
    TEST(who_is_told_how_much_is_counted);
    TEST(a_round_has_a_slice);
    census_done(&census);
    return harness_done();
}
