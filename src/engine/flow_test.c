/* Routes on their way through a gateway: what comes in at one neighbor and goes out at others, what
 * is chosen, what is refused, and when. */
#include "engine/test_gate.h"

enum { KEPT_REFUSED = 100 }; /* policy.c */

static void a_route_goes_to_the_others_with_their_next_hop(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_dx(3, 65003);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    withdraw(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    gate_finish();
}

/* CloudHub: each site hears the others', whoever came first (S2S VPN_CloudHub.md). */
static void sites_hear_of_each_other_whoever_came_first(void)
{
    gate_start();
    gate_vpn(1, 65001);
    announce(1, "10.1.0.0/16");
    gate_vpn(2, 65002);
    announce(2, "10.2.0.0/16");
    gate_vpn(3, 65003);
    CHECK_TEXT(told(1, "10.2.0.0/16"), "64512 65002 via 169.254.1.1");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1");
    CHECK_TEXT(told(3, "10.2.0.0/16"), "64512 65002 via 169.254.3.1");
    CHECK_EQUAL(peers[3].told_count, 2);
    gate_finish();
}

/* Neither tunnel of a connection hears what the connection said, and the tunnel that we do not
 * choose is the one with our MED. */
static void a_connections_two_tunnels_are_one_attachment(void)
{
    gate_start();
    say_vpn(&gate, 1);
    peer_up(gate_tunnel(1, 1, 65001));
    struct event_neighbor other = neighbor_on(2, 1, 65001, "203.0.113.2");
    other.med = 100;
    peer_up(peer_add(other));
    gate_vpn(3, 65003);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(why_not(2, "10.1.0.0/16"), "split-horizon");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1");
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "higher-outside-address");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    announce(3, "10.3.0.0/16");
    CHECK_TEXT(told(1, "10.3.0.0/16"), "64512 65003 via 169.254.1.1");
    CHECK_TEXT(told(2, "10.3.0.0/16"), "64512 65003 via 169.254.2.1 med 100");
    peer_cut(&peers[1]);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.2.2 on 2, ebgp 2");
    gate_finish();
}

/* A received MED is compared, and never passed on. */
static void a_received_med_is_not_passed_on(void)
{
    gate_start();
    say_vpn(&gate, 1);
    peer_up(gate_tunnel(1, 1, 65001));
    peer_up(gate_tunnel(2, 1, 65001));
    gate_vpn(3, 65003);
    announce_as(1, "10.1.0.0/16", (struct offer){.med = 200});
    announce_as(2, "10.1.0.0/16", (struct offer){.med = 100});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "higher-med");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "best");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1");
    gate_finish();
}

/* S2S VPNRoutingTypes.md: Direct Connect, then static VPN, then BGP VPN, whatever the path. */
static void direct_connect_beats_static_beats_bgp(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_dx(2, 65002);
    say_vpn(&gate, 3);
    say_interface(&gate, 9, "169.254.9.1", 30, true);
    gate_vpn(3, 65003);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1");
    say_static_vpn(&gate, 3, 9, "10.1.0.0/16", true);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "weaker-attachment");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "64512 via 169.254.1.1");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 via 169.254.3.1");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "on 9, static");
    announce_as(2, "10.1.0.0/16", (struct offer){.path = {65002, 65022, 65023}});
    CHECK_TEXT(why(2, "10.1.0.0/16"), "best");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65002 65022 65023 via 169.254.3.1");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.2.2 on 2, ebgp 2");
    peer_cut(&peers[2]);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "on 9, static");
    say_static_vpn(&gate, 3, 9, "10.1.0.0/16", false);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "nothing");
    gate_finish();
}

/* DXG routing-and-bgp.md: 7224:7300 before 7224:7200 before 7224:7100, before the AS path. */
static void direct_connect_communities_come_before_the_path(void)
{
    gate_start();
    gate_dx(1, 65001);
    gate_dx(2, 65002);
    announce_as(1, "10.1.0.0/16", (struct offer){.communities = {7224u << 16 | 7100}});
    announce_as(2, "10.1.0.0/16",
                (struct offer){.path = {65002, 65003}, .communities = {7224u << 16 | 7300}});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "lower-community-preference");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "best");
    gate_finish();
}

/* The one who sends a path with our AS in it is refused, and its path stays to be explained (T24).
 * What contains the neighbor's AS is sent: it is the neighbor who refuses. */
static void an_as_loop_is_refused_where_it_arrives(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65001);
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, GATE_ASN, 65009}});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "own-as");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

static void what_is_refused_takes_the_earlier_offers_place(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, GATE_ASN}});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "own-as");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65077}});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "first-as");
    announce_as(1, "10.1.0.0/16", (struct offer){.next_hop = local_addr_of(1)});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "bad-next-hop");
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, 65002}});
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 65002 via 169.254.2.1");
    CHECK_EQUAL(engine_rib(gate.engine)->live_count, 1);
    gate_finish();
}

static void martians_are_refused(void)
{
    gate_start();
    gate_vpn(1, 65001);
    announce(1, "127.0.0.0/8");
    announce(1, "169.254.7.0/24");
    announce(1, "224.1.0.0/16");
    announce(1, "240.0.0.0/8");
    announce(1, "0.0.0.0/0");
    CHECK_TEXT(why(1, "127.0.0.0/8"), "martian");
    CHECK_TEXT(why(1, "169.254.7.0/24"), "link-local");
    CHECK_TEXT(why(1, "224.1.0.0/16"), "multicast");
    CHECK_TEXT(why(1, "240.0.0.0/8"), "reserved");
    CHECK_TEXT(why(1, "0.0.0.0/0"), "best");
    CHECK_EQUAL(rig_notes(&gate, NOTE_ROUTE_REFUSED), 0); /* not one for each route */
    gate_finish();
}

/* What a refused default could have done is worth a note. */
static void a_refused_default_is_noted(void)
{
    gate_start();
    gate_vpn(1, 65001);
    announce_as(1, "0.0.0.0/0", (struct offer){.path = {65001, GATE_ASN}});
    announce_as(1, "203.0.113.0/24", (struct offer){.path = {65001, GATE_ASN}});
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, GATE_ASN}});
    CHECK_EQUAL(rig_notes(&gate, NOTE_ROUTE_REFUSED), 2);
    struct effect_note note = rig_note(&gate, NOTE_ROUTE_REFUSED);
    CHECK_EQUAL(note.reason, REASON_OWN_AS);
    CHECK_EQUAL(note.neighbor, 1);
    CHECK_EQUAL(note.attachment, 1);
    CHECK(prefix_equal(note.prefix, net("203.0.113.0/24")));
    gate_finish();
}

/* -- the limit -- */

static void announce_many(uint16_t neighbor, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count; i++) {
        char prefix[PREFIX_TEXT_BYTES];
        struct text text = text_over(prefix, sizeof prefix);
        text_prefix(&text, prefix_around(0x0a000000u + (i << 8), 24));
        announce(neighbor, prefix);
    }
}

static struct event_attachment limited(bool refuses_alone)
{
    return (struct event_attachment){.attachment = 1,
                                     .kind = ATTACHMENT_VPN,
                                     .customer_gateway = 1,
                                     .guard = GUARD_HOLD,
                                     .prefix_limit = 100,
                                     .limit_refuses_alone = refuses_alone};
}

/* AWS: Cease 6/1 with AFI 1, SAFI 1 and the limit, and the 101st costs the other hundred. */
static void the_101st_prefix_ends_the_session(void)
{
    gate_start();
    say_attachment(&gate, limited(false));
    peer_up(gate_tunnel(1, 1, 65001));
    gate_vpn(2, 65002);
    announce_many(1, 0, 79);
    CHECK_EQUAL(rig_notes(&gate, NOTE_LIMIT_NEAR), 0);
    announce_many(1, 79, 21);
    CHECK_EQUAL(rig_notes(&gate, NOTE_LIMIT_NEAR), 1);
    CHECK_EQUAL(rig_note(&gate, NOTE_LIMIT_NEAR).neighbor, 1);
    CHECK_EQUAL(rig_note(&gate, NOTE_LIMIT_NEAR).attachment, 1);
    CHECK(prefix_equal(rig_note(&gate, NOTE_LIMIT_NEAR).prefix, net("10.0.79.0/24")));
    CHECK_EQUAL(peers[2].told_count, 100);
    announce_many(1, 0, 100); /* what is known does not count twice */
    CHECK_EQUAL(rig_notes(&gate, NOTE_LIMIT_EXCEEDED), 0);
    CHECK_TEXT(notice(1), "none");
    announce_many(1, 100, 1);
    CHECK_TEXT(notice(1), "6/1 00010100000064");
    CHECK_EQUAL(rig_notes(&gate, NOTE_LIMIT_EXCEEDED), 1);
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_MAX_PREFIXES);
    CHECK_EQUAL(peers[2].told_count, 0);
    CHECK(!peers[1].connected);
    CHECK(!session_accepts(engine_session(gate.engine, 1))); /* it stays idle for a minute */
    rig_pass(&gate, 60 * S);
    CHECK(session_accepts(engine_session(gate.engine, 1)));
    peer_up(&peers[1]);
    announce_many(1, 0, 80);
    CHECK_EQUAL(rig_notes(&gate, NOTE_LIMIT_NEAR), 2);
    gate_finish();
}

static void or_it_is_refused_alone(void)
{
    gate_start();
    say_attachment(&gate, limited(true));
    peer_up(gate_tunnel(1, 1, 65001));
    gate_vpn(2, 65002);
    announce_many(1, 0, 130);
    CHECK_TEXT(notice(1), "none");
    CHECK_EQUAL(peers[2].told_count, 100);
    CHECK_EQUAL(rig_notes(&gate, NOTE_LIMIT_NEAR), 1);
    CHECK_EQUAL(rig_notes(&gate, NOTE_LIMIT_EXCEEDED), 1); /* once a session */
    CHECK_TEXT(why(1, "10.0.99.0/24"), "best");
    CHECK_TEXT(why(1, "10.0.100.0/24"), "prefix-limit");
    withdraw(1, "10.0.7.0/24");
    announce(1, "10.0.100.0/24"); /* there is room again */
    CHECK_TEXT(why(1, "10.0.100.0/24"), "best");
    CHECK_EQUAL(peers[2].told_count, 100);
    gate_finish();
}

/* Beyond what is kept of refused paths they are only counted. */
static void refused_paths_are_kept_up_to_a_limit(void)
{
    gate_start();
    say_attachment(&gate, limited(true));
    peer_up(gate_tunnel(1, 1, 65001));
    announce_many(1, 0, 100 + KEPT_REFUSED + 50);
    const struct rib_counts *counts =
        &rib_source_get(engine_rib(gate.engine), engine_neighbor_source(gate.engine, 1))->counts;
    CHECK_EQUAL(counts->accepted, 100);
    CHECK_EQUAL(counts->refused, KEPT_REFUSED);
    CHECK_EQUAL(counts->discarded, 50);
    withdraw(1, "10.0.3.0/24");
    CHECK_EQUAL(counts->accepted, 99);
    CHECK_EQUAL(counts->discarded, 50);
    gate_finish();
}

/* -- broken UPDATEs -- */

static void a_broken_attribute_withdraws_the_route(void)
{
    static const uint8_t bad_origin[] = {0x40, 1, 1, 9, 0x40, 2, 0, 0x40, 3, 4, 169, 254, 1, 2};
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    peer_update(&peers[1], net("10.1.0.0/16"), (struct slice){bad_origin, sizeof bad_origin});
    CHECK_EQUAL(rig_notes(&gate, NOTE_MALFORMED), 1);
    CHECK_EQUAL(rig_note(&gate, NOTE_MALFORMED).neighbor, 1);
    CHECK_EQUAL(rig_note(&gate, NOTE_MALFORMED).attachment, 1);
    CHECK_TEXT(bgp_fault_name(rig_note(&gate, NOTE_MALFORMED).reason), "ORIGIN_VALUE");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK(peers[1].connected);
    gate_finish();
}

/* What the same message withdraws is withdrawn as well. */
static void a_broken_attribute_spares_no_withdrawal(void)
{
    static const uint8_t bad_origin[] = {0x40, 1, 1, 9, 0x40, 2, 0, 0x40, 3, 4, 169, 254, 1, 2};
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    size_t at;
    CHECK(bgp_update_begin(&update, &writer));
    CHECK(bgp_update_withdraw(&update, net("10.1.0.0/16")));
    CHECK(bgp_update_attributes(&update, (struct slice){bad_origin, sizeof bad_origin}, &at));
    CHECK(bgp_update_announce(&update, net("10.2.0.0/16")));
    bgp_update_finish(&update);
    gate_start();
    gate_vpn(1, 65001);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    announce(1, "10.3.0.0/16");
    peer_send(&peers[1], writer_slice(&writer));
    CHECK_TEXT(why(1, "10.1.0.0/16"), "absent");
    CHECK_TEXT(why(1, "10.2.0.0/16"), "absent");
    CHECK_TEXT(why(1, "10.3.0.0/16"), "best");
    gate_finish();
}

static void what_cannot_be_read_ends_the_session(void)
{
    static const uint8_t overrun[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0,    25,   2,    0,    2,    33,   10};
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    uint8_t bytes[25] = {0};
    memcpy(bytes, overrun, sizeof overrun);
    peer_send(&peers[1], (struct slice){bytes, sizeof bytes});
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_BAD_UPDATE);
    CHECK_EQUAL(peers[1].notice[0], 3);
    CHECK_EQUAL(rig_notes(&gate, NOTE_MALFORMED), 1);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    gate_finish();
}

/* -- losing a neighbor -- */

static void a_lost_session_takes_its_routes_everywhere(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_vpn(3, 65003);
    announce(1, "10.1.0.0/16");
    announce(1, "10.9.0.0/16");
    announce_as(2, "10.9.0.0/16", (struct offer){.path = {65002, 65022}});
    peer_cut(&peers[1]);
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_TCP_CLOSED);
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).attachment, 1);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(2, "10.9.0.0/16"), "nothing"); /* its own is the best now */
    CHECK_TEXT(told(3, "10.9.0.0/16"), "64512 65002 65022 via 169.254.3.1");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    CHECK_TEXT(rig_entry(&gate, "10.9.0.0/16"), "via 169.254.2.2 on 2, ebgp 2");
    peer_up(&peers[1]);
    CHECK_TEXT(told(1, "10.9.0.0/16"), "64512 65002 65022 via 169.254.1.1");
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1");
    gate_finish();
}

/* More than one step's worth: the list of changes is bounded, so it goes in slices. */
static void a_lost_session_goes_in_slices(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    uint32_t count = rib_config_small.change_limit + 500;
    say_packed(1, count, false);
    CHECK_EQUAL(peers[2].told_count, count);
    peer_cut(&peers[1]);
    CHECK_EQUAL(peers[2].told_count, 0);
    CHECK_EQUAL(engine_rib(gate.engine)->live_count, 0);
    gate_finish();
}

/* -- time -- */

/* Changes gather for as long as the platform's daemon lets them (FRR: its work queue's 50 ms), and
 * go out then, not a microsecond before or after. */
static void decisions_take_as_long_as_the_daemons(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.decision = (struct span){51 * MS, 51 * MS};
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    rig_until(&gate, 5 * S);
    announce(1, "10.1.0.0/16");
    CHECK_EQUAL(gate.wake_at_us, 5 * S + 51 * MS);
    rig_until(&gate, 5 * S + 20 * MS);
    announce(1, "10.2.0.0/16"); /* joins the first one's queue */
    rig_until(&gate, 5 * S + 51 * MS - 1);
    CHECK_EQUAL(peers[2].update_count, 0);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    rig_until(&gate, 5 * S + 51 * MS);
    CHECK_EQUAL(peers[2].update_count, 1);
    CHECK_EQUAL(peers[2].told_count, 2);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    gate_finish();
}

/* And a lost session's routes for its own time: withdraw_to_fib counts to the kernel, of which
 * rib_to_fib comes after the engine. */
static void a_lost_sessions_routes_go_when_the_daemon_takes_them(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.withdraw_to_fib = (struct span){72 * MS, 72 * MS};
    gate.profile.rib_to_fib = (struct span){11 * MS, 11 * MS};
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    rig_until(&gate, 9 * S);
    peer_cut(&peers[1]);
    rig_until(&gate, 9 * S + 61 * MS - 1);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    rig_until(&gate, 9 * S + 61 * MS);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    gate_finish();
}

/* What is announced again before it was taken away stays; the rest goes. */
static void a_quick_return_keeps_what_is_said_again(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.withdraw_to_fib = (struct span){S, S};
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    peer_cut(&peers[1]);
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    rig_pass(&gate, S);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "nothing");
    gate_finish();
}

/* A replaced router comes back with another identifier before its old routes are gone: what it says
 * again is judged by who it is now. */
static void a_quick_return_as_somebody_else(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.withdraw_to_fib = (struct span){S, S};
    rig_start(&gate, config);
    gate_dx(1, 65001);
    gate_dx(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "higher-router-id");
    peer_cut(&peers[1]);
    peers[1].router_id = peers[2].router_id + 1;
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    rig_pass(&gate, S);
    CHECK_TEXT(why(1, "10.1.0.0/16"), "higher-router-id");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "best");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "64512 65002 via 169.254.1.1");
    gate_finish();
}

/* Attributes that no path has any more are given back. */
static void what_is_gone_leaves_nothing(void)
{
    gate_start();
    gate_vpn(1, 65001);
    const struct rib *rib = engine_rib(gate.engine);
    say_announce(&gate, "10.1.0.0/16");
    say_announce(&gate, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    announce_as(1, "10.2.0.0/16", (struct offer){.path = {65001, GATE_ASN}});
    CHECK_EQUAL(rib->attrs.count, 2);
    say_withdraw(&gate, "10.1.0.0/16");
    withdraw(1, "10.2.0.0/16");
    CHECK_EQUAL(rib->attrs.count, 0);
    gate_finish();
}

/* The list of changes may be full when an endpoint comes, or when a route goes. */
static void a_full_list_of_changes_is_settled_first(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.decision = (struct span){S, S};
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(2, "198.51.100.0/24");
    rig_pass(&gate, S);
    say_packed(2, rib_config_small.change_limit, false);
    CHECK_EQUAL(rib_room(engine_rib(gate.engine)), 0);
    say_endpoint(&gate, 1, "198.51.100.1", true);
    CHECK_TEXT(told(1, "198.51.100.0/24"), "nothing");
    CHECK_EQUAL(peers[1].told_count, rib_config_small.change_limit);
    rig_pass(&gate, S);
    say_packed(2, rib_config_small.change_limit, true);
    CHECK_EQUAL(rib_room(engine_rib(gate.engine)), 0);
    withdraw(2, "198.51.100.0/24");
    rig_pass(&gate, S);
    CHECK_EQUAL(peers[1].told_count, 0);
    CHECK_EQUAL(engine_rib(gate.engine)->live_count, 0);
    gate_finish();
}

/* Forgetting dead prefixes is work of many steps; it does not wait for the next route. */
static void dead_prefixes_are_forgotten_when_all_are_told(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    config.hub = config.no_entries = true;
    gate.profile.decision = (struct span){S, S};
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    gate.unaudited = true;
    uint32_t count = 3 * 65536;
    say_packed(1, count, false);
    rig_pass(&gate, S);
    const struct rib *rib = engine_rib(gate.engine);
    CHECK_EQUAL(rib->live_count, count);
    say_packed(1, count, true);
    CHECK(rib->dead_count > 0);
    rig_pass(&gate, S);
    CHECK_EQUAL(rib->live_count, 0);
    CHECK_EQUAL(rib->dead_count, 0);
    gate.unaudited = false;
    announce(1, "10.1.0.0/16");
    CHECK_EQUAL(rib->live_count, 1);
    gate_finish();
}

int main(void)
{
    TEST(a_route_goes_to_the_others_with_their_next_hop);
    TEST(sites_hear_of_each_other_whoever_came_first);
    TEST(a_connections_two_tunnels_are_one_attachment);
    TEST(a_received_med_is_not_passed_on);
    TEST(direct_connect_beats_static_beats_bgp);
    TEST(direct_connect_communities_come_before_the_path);
    TEST(an_as_loop_is_refused_where_it_arrives);
    TEST(what_is_refused_takes_the_earlier_offers_place);
    TEST(martians_are_refused);
    TEST(a_refused_default_is_noted);
    TEST(the_101st_prefix_ends_the_session);
    TEST(or_it_is_refused_alone);
    TEST(refused_paths_are_kept_up_to_a_limit);
    TEST(a_broken_attribute_withdraws_the_route);
    TEST(a_broken_attribute_spares_no_withdrawal);
    TEST(what_cannot_be_read_ends_the_session);
    TEST(a_lost_session_takes_its_routes_everywhere);
    TEST(a_lost_session_goes_in_slices);
    TEST(decisions_take_as_long_as_the_daemons);
    TEST(a_lost_sessions_routes_go_when_the_daemon_takes_them);
    TEST(a_quick_return_keeps_what_is_said_again);
    TEST(a_quick_return_as_somebody_else);
    TEST(what_is_gone_leaves_nothing);
    TEST(a_full_list_of_changes_is_settled_first);
    TEST(dead_prefixes_are_forgotten_when_all_are_told);
    return harness_done();
}
