/* Graceful restart and enhanced refresh: which routes stay, how long, and what makes them go. */
#include "engine/test_gate.h"
#include "rib/lose.h"

static struct event_neighbor graceful(uint16_t n, uint16_t restart_s)
{
    struct event_neighbor neighbor = neighbor_on(n, n, 65000u + n, NULL);
    neighbor.restart_s = restart_s;
    return neighbor;
}

/* Neighbor 1 restarts gracefully; neighbor 2 is who is told of its routes. */
static void begin(uint8_t flags)
{
    gate_start();
    for (uint16_t n = 1; n <= 2; n++) {
        say_attachment(&gate, (struct event_attachment){.attachment = n, .kind = ATTACHMENT_DX});
        peer_add(graceful(n, 120));
    }
    peers[1].restart_s = 90;
    peers[1].restart_flags = flags;
    peer_up(&peers[1]);
    peer_up(&peers[2]);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
}

static bool stale(const char *prefix)
{
    const struct rib *rib = engine_rib(gate.engine);
    uint32_t number = rib_find(rib, net(prefix));
    const struct rib_path *path =
        number ? rib_path_of(rib, number, engine_neighbor_source(gate.engine, 1)) : NULL;
    return path && rib_path_is_stale(rib, number, path);
}

static void end_of_rib(uint16_t n)
{
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_end_of_rib_encode(&writer);
    peer_send(&peers[n], writer_slice(&writer));
}

static void demarcate(uint16_t n, enum bgp_refresh_kind kind)
{
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_refresh_encode((struct bgp_refresh){BGP_AFI_IPV4, (uint8_t)kind, BGP_SAFI_UNICAST},
                       &writer);
    peer_send(&peers[n], writer_slice(&writer));
}

static void routes_stay_while_a_neighbor_restarts(void)
{
    begin(BGP_FORWARDING_KEPT);
    peer_cut(&peers[1]);
    CHECK_EQUAL(rig_notes(&gate, NOTE_SESSION_DOWN), 1);
    CHECK_EQUAL(rig_notes(&gate, NOTE_ROUTES_KEPT), 1);
    rig_pass(&gate, 80 * S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK(stale("10.1.0.0/16"));
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    CHECK_EQUAL(peers[2].withdrawal_count, 0);
    uint32_t updates = peers[2].update_count;
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    CHECK(!stale("10.1.0.0/16") && stale("10.2.0.0/16"));
    end_of_rib(1);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK_TEXT(why(1, "10.2.0.0/16"), "absent"); /* it was not said again */
    CHECK_TEXT(told(2, "10.2.0.0/16"), "nothing");
    CHECK_EQUAL(peers[2].update_count, updates + 1); /* and the other was not told anew */
    rig_pass(&gate, 1000 * (int64_t)S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK_EQUAL(rig_notes(&gate, NOTE_ROUTES_EXPIRED), 0);
    gate_finish();
}

static void but_no_longer_than_it_said(void)
{
    begin(BGP_FORWARDING_KEPT);
    peer_cut(&peers[1]);
    rig_pass(&gate, 89 * S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    rig_pass(&gate, 2 * S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_EQUAL(rig_notes(&gate, NOTE_ROUTES_EXPIRED), 1);
    gate_finish();
}

/* RFC 4724 4.2: the F bit. */
static void who_forgot_its_forwarding_loses_them_at_once(void)
{
    begin(BGP_FORWARDING_KEPT);
    peer_cut(&peers[1]);
    peers[1].restart_flags = 0;
    peer_up(&peers[1]);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    gate_finish();
}

static void a_farewell_is_no_restart(void)
{
    begin(BGP_FORWARDING_KEPT);
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_notification_encode((struct bgp_error){BGP_ERROR_CEASE, BGP_CEASE_SHUTDOWN, {0}}, &writer);
    peer_send(&peers[1], writer_slice(&writer));
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    CHECK_EQUAL(rig_notes(&gate, NOTE_ROUTES_KEPT), 0);
    gate_finish();
}

static void who_does_not_offer_it_does_not_help(void)
{
    gate_start();
    say_attachment(&gate, (struct event_attachment){.attachment = 1, .kind = ATTACHMENT_DX});
    peer_add(graceful(1, 0));
    peers[1].restart_s = 90;
    peers[1].restart_flags = BGP_FORWARDING_KEPT;
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    peer_cut(&peers[1]);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    gate_finish();
}

static void a_second_loss_keeps_what_the_first_brought_back(void)
{
    begin(BGP_FORWARDING_KEPT);
    peer_cut(&peers[1]);
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    peer_cut(&peers[1]);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK_TEXT(why(1, "10.2.0.0/16"), "absent");
    rig_pass(&gate, 91 * S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    gate_finish();
}

static void who_is_back_must_say_it_again_in_time(void)
{
    begin(BGP_FORWARDING_KEPT);
    peer_cut(&peers[1]);
    peer_up(&peers[1]);
    rig_pass(&gate, 359 * (int64_t)S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    rig_pass(&gate, 2 * S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    CHECK_EQUAL(engine_session(gate.engine, 1)->state, SESSION_ESTABLISHED);
    gate_finish();
}

static void stopped_by_hand_nobody_waits(void)
{
    begin(BGP_FORWARDING_KEPT);
    peer_cut(&peers[1]);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    say_connection(&gate, EVENT_HALT, 1, 0);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    gate_finish();
}

/* RFC 4724 4.2: it restarted so fast that its former connection did not end. */
static void who_connects_anew_has_restarted(void)
{
    begin(BGP_FORWARDING_KEPT);
    CHECK(session_accepts(engine_session(gate.engine, 1)));
    say_connection(&gate, EVENT_CONNECTED, 1, BGP_IN);
    CHECK_EQUAL(engine_session(gate.engine, 1)->last_reason, BGP_DOWN_TCP_CLOSED);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK(stale("10.1.0.0/16"));
    peers[1].connected = false;
    rig_pass(&gate, 0);
    peer_up(&peers[1]);
    end_of_rib(1);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    /* neighbor 2 has said nothing of restarts: its session stands */
    CHECK(!session_accepts(engine_session(gate.engine, 2)));
    gate_finish();
}

static void who_waits_for_the_end_of_the_rib_is_told_of_it(void)
{
    begin(BGP_FORWARDING_KEPT);
    CHECK_EQUAL(peers[1].end_count, 1);
    CHECK_EQUAL(peers[2].end_count, 0);
    gate_finish();
}

/* RFC 7313 4. */
static void a_refresh_takes_away_what_is_not_said_again(void)
{
    begin(BGP_FORWARDING_KEPT);
    demarcate(1, BGP_REFRESH_BEGIN);
    CHECK_TEXT(why(1, "10.2.0.0/16"), "best");
    CHECK(stale("10.1.0.0/16"));
    announce(1, "10.1.0.0/16");
    demarcate(1, BGP_REFRESH_END);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK_TEXT(why(1, "10.2.0.0/16"), "absent");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "nothing");
    demarcate(1, BGP_REFRESH_END); /* without a beginning it says nothing */
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    demarcate(1, BGP_REFRESH_BEGIN);
    rig_pass(&gate, 361 * (int64_t)S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    gate_finish();
}

static void a_neighbor_that_asks_hears_where_it_begins_and_ends(void)
{
    begin(BGP_FORWARDING_KEPT);
    announce(2, "10.3.0.0/16");
    peers[1].refresh_count = peers[1].told_count = 0;
    demarcate(1, BGP_REFRESH_REQUEST);
    CHECK_EQUAL(peers[1].refresh_count, 2);
    CHECK_TEXT(told(1, "10.3.0.0/16"), "64512 65002 via 169.254.1.1");
    CHECK_EQUAL(peers[1].refresh_kinds[0], BGP_REFRESH_BEGIN);
    CHECK_EQUAL(peers[1].refresh_kinds[1], BGP_REFRESH_END);
    peers[2].refresh_count = 0;
    demarcate(2, BGP_REFRESH_REQUEST); /* it does not know them */
    CHECK_EQUAL(peers[2].refresh_count, 0);
    demarcate(2, BGP_REFRESH_BEGIN);
    demarcate(2, BGP_REFRESH_END);
    CHECK_TEXT(why(2, "10.3.0.0/16"), "best");
    gate_finish();
}

int main(void)
{
    TEST(routes_stay_while_a_neighbor_restarts);
    TEST(but_no_longer_than_it_said);
    TEST(who_forgot_its_forwarding_loses_them_at_once);
    TEST(a_farewell_is_no_restart);
    TEST(who_does_not_offer_it_does_not_help);
    TEST(a_second_loss_keeps_what_the_first_brought_back);
    TEST(who_is_back_must_say_it_again_in_time);
    TEST(stopped_by_hand_nobody_waits);
    TEST(who_connects_anew_has_restarted);
    TEST(who_waits_for_the_end_of_the_rib_is_told_of_it);
    TEST(a_refresh_takes_away_what_is_not_said_again);
    TEST(a_neighbor_that_asks_hears_where_it_begins_and_ends);
    return harness_done();
}
