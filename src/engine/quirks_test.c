#include "engine/test_gate.h"

enum { SLEEP_US = 3 * S, AWAKE_US = 2 * MS };

/* A daemon that announces a route to two neighbors, who are not connected. */
static void begin_asleep(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.first_update_sleep_us = SLEEP_US;
    gate.profile.first_update_us = AWAKE_US;
    rig_start(&gate, config);
    say_announce(&gate, "10.9.0.0/16");
    for (uint16_t n = 1; n <= 2; n++) {
        say_vpn(&gate, n);
        gate_tunnel(n, n, 65000u + n);
    }
}

/* Says nothing until then, and has said it right after. */
static void check_told_at(uint16_t neighbor, int64_t at_us)
{
    rig_until(&gate, at_us - 1);
    CHECK_EQUAL(peers[neighbor].update_count, 0);
    rig_until(&gate, at_us);
    CHECK(strcmp(told(neighbor, "10.9.0.0/16"), "nothing") != 0);
}

static void the_first_update_sleeps_for_as_long_as_nothing_happens(void)
{
    begin_asleep();
    rig_until(&gate, 4 * S);
    peer_up(&peers[1]);
    check_told_at(1, 4 * S + SLEEP_US);
    gate_finish();
}

static void an_update_wakes_it_and_is_in_the_table_before(void)
{
    begin_asleep();
    rig_until(&gate, 4 * S);
    peer_up(&peers[1]);
    rig_until(&gate, 4 * S + 100 * MS);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    check_told_at(1, 4 * S + 100 * MS + AWAKE_US);
    gate_finish();
}

static void what_others_say_wakes_it_and_so_does_a_timer(void)
{
    begin_asleep();
    rig_until(&gate, 4 * S);
    peer_up(&peers[1]);
    rig_until(&gate, 4 * S + 100 * MS);
    peer_up(&peers[2]);
    check_told_at(1, 4 * S + 100 * MS + AWAKE_US);
    CHECK_EQUAL(peers[2].update_count, 0);
    gate_finish();

    begin_asleep();
    say_connection(&gate, EVENT_HALT, 1, 0);
    struct event_neighbor brisk = neighbor_on(1, 1, 65001, "203.0.113.1");
    brisk.hold_s = 3;
    brisk.keepalive_s = 1;
    peer_add(brisk);
    rig_until(&gate, 4 * S);
    peer_up(&peers[1]);
    check_told_at(1, 5 * S + AWAKE_US); /* its keepalive */
    gate_finish();
}

/* -- errors -- */

static void begin_patient(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.session_restart = (struct span){1 * S, 1 * S};
    gate.profile.error_wait_us = 10 * S;
    gate.profile.error_wait_limit_us = 30 * S;
    gate.profile.error_forget_us = 60 * S;
    rig_start(&gate, config);
    say_vpn(&gate, 1);
    gate_tunnel(1, 1, 65001);
    rig_pass(&gate, 2 * S);
}

/* The session comes up, ends so, and starts again after a second and this many, of which a random
 * quarter may be missing. */
static void check_waits(uint8_t code, uint8_t subcode, int64_t seconds)
{
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    peer_up(&peers[1]);
    bgp_notification_encode((struct bgp_error){code, subcode, {0}}, &writer);
    if (code)
        peer_send(&peers[1], writer_slice(&writer));
    else
        say_connection(&gate, EVENT_CLOSED, 1, BGP_IN);
    peers[1].connected = false;
    CHECK_TEXT(session_state_word(engine_session(gate.engine, 1)->state), "Idle");
    rig_pass(&gate, 1 * S + seconds * S * 3 / 4 - 1);
    CHECK_TEXT(session_state_word(engine_session(gate.engine, 1)->state), "Idle");
    rig_pass(&gate, seconds * S / 4 + 1);
    CHECK(session_accepts(engine_session(gate.engine, 1)));
}

static void after_each_error_it_waits_longer_up_to_a_limit(void)
{
    begin_patient();
    check_waits(0, 0, 0);               /* closed: no error */
    check_waits(BGP_ERROR_CEASE, 4, 0); /* nor is this one */
    check_waits(BGP_ERROR_HOLD_TIMER, 0, 10);
    check_waits(BGP_ERROR_HOLD_TIMER, 0, 20);
    check_waits(BGP_ERROR_HOLD_TIMER, 0, 30);
    check_waits(BGP_ERROR_HOLD_TIMER, 0, 30);
    check_waits(0, 0, 30); /* as long as the last time */
    gate_finish();
}

static void errors_are_forgotten(void)
{
    begin_patient();
    check_waits(BGP_ERROR_HOLD_TIMER, 0, 10);
    check_waits(BGP_ERROR_HOLD_TIMER, 0, 20);
    rig_pass(&gate, 60 * S);
    check_waits(BGP_ERROR_HOLD_TIMER, 0, 10);
    gate_finish();
}

int main(void)
{
    TEST(the_first_update_sleeps_for_as_long_as_nothing_happens);
    TEST(an_update_wakes_it_and_is_in_the_table_before);
    TEST(what_others_say_wakes_it_and_so_does_a_timer);
    TEST(after_each_error_it_waits_longer_up_to_a_limit);
    TEST(errors_are_forgotten);
    return harness_done();
}
