/* We have restarted: what was told and installed before stays until everybody has spoken. */
#include "engine/test_gate.h"

enum { DEFERRAL_S = 120 };

static struct event_neighbor helper(uint16_t n, uint16_t restart_s)
{
    struct event_neighbor neighbor = neighbor_on(n, n, 65000u + n, NULL);
    neighbor.restart_s = restart_s;
    return neighbor;
}

/* Neighbors 1 and 2 may keep our routes, neighbor 3 may not. */
static void begin(uint16_t deferral_s)
{
    gate.deferral_s = deferral_s;
    gate_start();
    for (uint16_t n = 1; n <= 3; n++) {
        say_attachment(&gate, (struct event_attachment){.attachment = n, .kind = ATTACHMENT_DX});
        peer_add(helper(n, n < 3 ? DEFERRAL_S : 0));
        peers[n].restart_s = 90;
        peers[n].restart_flags = BGP_FORWARDING_KEPT;
    }
}

static void end_of_rib(uint16_t n)
{
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_end_of_rib_encode(&writer);
    peer_send(&peers[n], writer_slice(&writer));
}

static bool says_kept(uint16_t n)
{
    const struct bgp_open *open = &peers[n].open;
    return open->restart_family_count > 0 && open->restart_families[0].flags & BGP_FORWARDING_KEPT;
}

static bool says_restarted(uint16_t n)
{
    return peers[n].open.restart_flags & BGP_RESTARTED;
}

static void nothing_changes_until_all_have_spoken(void)
{
    begin(DEFERRAL_S);
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    end_of_rib(1);
    CHECK_EQUAL(gate.entry_count, 0);
    CHECK_EQUAL(peers[1].update_count, 0);
    CHECK(!checkpoint_possible(gate.engine));
    peer_up(&peers[2]);
    announce(2, "10.2.0.0/16");
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 0);
    CHECK_EQUAL(gate.entry_count + peers[1].update_count + peers[2].update_count, 0);
    end_of_rib(2);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 1);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    CHECK_TEXT(told(1, "10.2.0.0/16"), "64512 65002 via 169.254.1.1");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_EQUAL(peers[1].end_count, 1);
    CHECK_EQUAL(peers[2].end_count, 1);
    rig_pass(&gate, 2 * DEFERRAL_S * (int64_t)S);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 1);
    gate_finish();
}

/* End-of-RIB has nothing behind it that was there before: who keeps our routes drops what was not
 * said by then. With a daemon that gathers changes, too. */
static void end_of_rib_comes_behind_everything(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.decision = (struct span){50 * MS, 50 * MS};
    config.rounds = true;
    gate.deferral_s = DEFERRAL_S;
    rig_start(&gate, config);
    for (uint16_t n = 1; n <= 2; n++) {
        say_attachment(&gate, (struct event_attachment){.attachment = n, .kind = ATTACHMENT_DX});
        peer_add(helper(n, DEFERRAL_S));
        peers[n].restart_s = 90;
        peer_up(&peers[n]);
    }
    end_of_rib(2);
    announce(1, "10.1.0.0/16");
    end_of_rib(1);
    CHECK_EQUAL(peers[2].end_count, 1);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

static void nobody_is_waited_for_longer_than_the_timer(void)
{
    begin(DEFERRAL_S);
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    end_of_rib(1);
    rig_pass(&gate, (DEFERRAL_S - 1) * (int64_t)S);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    rig_pass(&gate, 2 * S);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 1);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    CHECK_EQUAL(peers[1].end_count, 1);
    gate_finish();
}

/* RFC 4724 4.1: nor for who does not know End-of-RIB, nor for who has restarted as well. */
static void who_will_not_speak_is_not_waited_for(void)
{
    begin(DEFERRAL_S);
    peers[1].restart_s = 0;
    peers[2].restarted = true;
    peer_up(&peers[1]);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 0);
    peer_up(&peers[2]);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 1);
    gate_finish();
}

static void who_is_stopped_by_hand_is_not_waited_for(void)
{
    begin(DEFERRAL_S);
    peer_up(&peers[1]);
    end_of_rib(1);
    say_connection(&gate, EVENT_HALT, 2, 0);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 1);
    gate_finish();
}

/* It keeps nothing for us, but what it says counts as much as what others say. */
static void who_is_up_and_knows_the_end_is_waited_for(void)
{
    begin(DEFERRAL_S);
    for (uint16_t n = 1; n <= 3; n++)
        peer_up(&peers[n]);
    end_of_rib(1);
    end_of_rib(2);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 0);
    end_of_rib(3);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 1);
    gate_finish();
}

/* They are passive ends; one that was refused while we were away may come back too late. */
static void who_is_waited_for_is_called(void)
{
    begin(DEFERRAL_S);
    CHECK_EQUAL(peers[1].call_count, 1);
    CHECK_EQUAL(peers[3].call_count, 0); /* keeps nothing for us */
    peer_up(&peers[1]);
    say_connection(&gate, EVENT_CONNECT_FAILED, 2, BGP_OUT);
    rig_pass(&gate, DEFERRAL_S * (int64_t)S / 2);
    CHECK_EQUAL(peers[1].call_count, 1);
    CHECK(peers[2].call_count > 1);
    rig_pass(&gate, DEFERRAL_S * (int64_t)S);
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 1);
    say_connection(&gate, EVENT_CONNECT_FAILED, 2, BGP_OUT);
    rig_pass(&gate, DEFERRAL_S * (int64_t)S); /* the attempt that was planned */
    uint32_t calls = peers[2].call_count;
    say_connection(&gate, EVENT_CONNECT_FAILED, 2, BGP_OUT);
    rig_pass(&gate, DEFERRAL_S * (int64_t)S);
    CHECK_EQUAL(peers[2].call_count, calls);
    gate_finish();
}

static void the_open_says_so_as_long_as_it_lasts(void)
{
    begin(DEFERRAL_S);
    peer_up(&peers[1]);
    CHECK(says_restarted(1) && says_kept(1));
    CHECK_EQUAL(peers[1].open.restart_time_s, DEFERRAL_S);
    rig_pass(&gate, (DEFERRAL_S + 1) * (int64_t)S);
    peer_cut(&peers[1]);
    peer_up(&peers[1]);
    CHECK(!says_restarted(1) && says_kept(1));
    gate_finish();
}

/* Of a fresh start nothing is kept: what the neighbor was told in another life is void. */
static void a_fresh_start_keeps_nothing(void)
{
    begin(0);
    peer_up(&peers[1]);
    CHECK(!says_restarted(1) && !says_kept(1));
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    CHECK_EQUAL(rig_notes(&gate, NOTE_RESTART_OVER), 0);
    peer_cut(&peers[1]); /* the session ends, and we go on forwarding */
    peer_up(&peers[1]);
    CHECK(!says_restarted(1) && says_kept(1));
    gate_finish();
}

/* RFC 4724 3: a capability of no family; 2: End-of-RIB is of use to everybody who knows it. */
static void who_keeps_nothing_is_told_the_end_as_well(void)
{
    begin(0);
    peer_up(&peers[3]);
    CHECK(peers[3].open.graceful_restart);
    CHECK_EQUAL(peers[3].open.restart_family_count, 0);
    CHECK_EQUAL(peers[3].end_count, 1);
    announce(3, "10.1.0.0/16");
    peer_cut(&peers[3]);
    CHECK_TEXT(why(3, "10.1.0.0/16"), "absent");
    gate_finish();
}

int main(void)
{
    TEST(nothing_changes_until_all_have_spoken);
    TEST(end_of_rib_comes_behind_everything);
    TEST(nobody_is_waited_for_longer_than_the_timer);
    TEST(who_will_not_speak_is_not_waited_for);
    TEST(who_is_stopped_by_hand_is_not_waited_for);
    TEST(who_is_up_and_knows_the_end_is_waited_for);
    TEST(who_is_waited_for_is_called);
    TEST(the_open_says_so_as_long_as_it_lasts);
    TEST(a_fresh_start_keeps_nothing);
    TEST(who_keeps_nothing_is_told_the_end_as_well);
    return harness_done();
}
