#include "network/edit.h"
#include "network/probe.h"
#include "tests/harness.h"

#define UNTIL   "until: 10m"
#define MOMENTS "recorded:\n  - "

static void moments_are_read_and_written(void)
{
    char *text = probe_replace(
        probe_sound, UNTIL,
        MOMENTS "{at: 90.06s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"
                "  - {at: 91s, node: dx-edge, saw: session-up, direct_connect: dxvif-1}\n"
                "  - {at: 91s, node: vyatta, saw: ike-given-up, tunnel: vpn-vyatta/1}\n" UNTIL);
    struct network *network = probe_parse(text), *again;
    struct probe probe;
    CHECK_EQUAL(network->recorded_count, 3);
    CHECK_EQUAL(network->recorded[0].at_us, 90060000);
    CHECK_EQUAL(network->recorded[0].saw, NETWORK_SAW_SESSION_DOWN);
    CHECK_EQUAL(network->recorded[0].about, NETWORK_ABOUT_TUNNEL);
    CHECK_EQUAL(network->recorded[0].of.part, 0);
    CHECK_EQUAL(network->recorded[1].about, NETWORK_ABOUT_DIRECT_CONNECT);
    CHECK_EQUAL(network->recorded[1].node.kind, NETWORK_ROUTER);
    probe_open(&probe);
    network_format(network, probe.file);
    char *written = probe_close(&probe);
    again = probe_parse(written);
    CHECK(network_equal(network, again));
    network_free(again);
    network_free(network);
    free(written);
    free(text);
}

#define CHECK_MOMENT(moment, errors) CHECK_BROKEN(UNTIL, MOMENTS moment "\n" UNTIL, errors)

static void a_moment_is_of_one_of_two_ends(void)
{
    CHECK_MOMENT("{at: 90s, node: dx-edge, saw: session-down, tunnel: vpn-vyatta/1}",
                 "38:21 dx-edge is no end of vpn-vyatta/1 | expected one of its two ends");
    CHECK_MOMENT("{at: 90s, node: vyatta, saw: session-down, direct_connect: dxvif-1}",
                 "38:21 vyatta is no end of dxvif-1 | expected one of its two ends");
    CHECK_MOMENT("{at: 90s, node: vgw-main, saw: ike-up, direct_connect: dxvif-1}",
                 "38:36 a Direct Connect has no IKE | expected session-up or session-down");
    CHECK_MOMENT("{at: 90s, node: vgw-main, saw: session-down}",
                 "38:5 a recorded moment needs one of tunnel, direct_connect");
}

static void time_does_not_run_backwards(void)
{
    CHECK_MOMENT("{at: 90s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"
                 "  - {at: 89s, node: vgw-main, saw: session-up, tunnel: vpn-vyatta/1}",
                 "39:10 time runs backwards | expected moments in the order of time");
}

static void a_connection_takes_its_moments_with_it(void)
{
    char *text = probe_replace(
        probe_sound, UNTIL,
        MOMENTS "{at: 90s, node: vyatta, saw: ike-up, tunnel: vpn-vyatta/1}\n"
                "  - {at: 91s, node: dx-edge, saw: session-up, direct_connect: dxvif-1}\n" UNTIL);
    struct network *network = probe_parse(text);
    network_remove_connection(network, 0);
    CHECK_EQUAL(network->recorded_count, 1);
    CHECK_TEXT(network->recorded[0].of.id, "dxvif-1");
    network_free(network);
    free(text);
}

int main(void)
{
    TEST(moments_are_read_and_written);
    TEST(a_moment_is_of_one_of_two_ends);
    TEST(time_does_not_run_backwards);
    TEST(a_connection_takes_its_moments_with_it);
    return harness_done();
}
