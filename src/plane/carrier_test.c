#include "plane/carrier.h"

#include "tests/harness.h"

static void a_tunnel_without_a_charon_is_down(void)
{
    struct plane_tunnel tunnel = {.name = "vpn-a/1"};
    struct report_tunnel said;
    carrier_report(NULL, &tunnel, "vpn-a-1", &said);
    CHECK_TEXT(said.name, "vpn-a/1");
    CHECK_TEXT(said.device, "vpn-a-1");
    CHECK(!said.up);
    CHECK_EQUAL(said.cause, TUNNEL_CAUSE_NONE);
}

/* 100 bytes in the first pair, then 30 in the next one. */
static void counts_go_on_through_a_rekeying(void)
{
    struct charon_totals totals = {0};
    struct charon_sa sa = {.spi_in = 1, .bytes_in = 60, .packets_out = 1};
    carrier_add(&totals, &sa);
    sa.bytes_in = 100;
    carrier_add(&totals, &sa);
    CHECK_EQUAL(totals.before[0] + totals.present[0], 100);
    sa = (struct charon_sa){.spi_in = 2, .bytes_in = 10, .packets_out = 2};
    carrier_add(&totals, &sa);
    CHECK_EQUAL(totals.before[0] + totals.present[0], 110);
    sa.bytes_in = 30;
    carrier_add(&totals, &sa);
    CHECK_EQUAL(totals.before[0] + totals.present[0], 130);
    CHECK_EQUAL(totals.before[3] + totals.present[3], 3);
}

int main(void)
{
    TEST(a_tunnel_without_a_charon_is_down);
    TEST(counts_go_on_through_a_rekeying);
    return harness_done();
}
