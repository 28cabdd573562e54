/* What an attachment may say and hear: the guard on the way out, filters both ways, and what
 * happens when either changes while routes are there. Endpoint of neighbor n: 203.0.113.n. */
#include "engine/test_gate.h"

static struct event_attachment vpn(uint16_t attachment, uint16_t cgw, enum guard_policy guard)
{
    return (struct event_attachment){
        .attachment = attachment, .kind = ATTACHMENT_VPN, .customer_gateway = cgw, .guard = guard};
}

/* The incident, held: the default of the Direct Connect is not told to who would swallow its own
 * tunnel by it (T01). */
static void a_default_is_held_back_from_customers(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_dx(2, 65002);
    gate_dx(3, 65003);
    announce(2, "0.0.0.0/0");
    CHECK_TEXT(told(1, "0.0.0.0/0"), "nothing");
    CHECK_TEXT(why_not(1, "0.0.0.0/0"), "guard-hold");
    CHECK_TEXT(told(3, "0.0.0.0/0"), "64512 65002 via 169.254.3.1");
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 169.254.2.2 on 2, ebgp 2");
    CHECK_EQUAL(rig_notes(&gate, NOTE_GUARD_HELD), 1);
    struct effect_note note = rig_note(&gate, NOTE_GUARD_HELD);
    CHECK_EQUAL(note.attachment, 1);
    CHECK_EQUAL(note.reason, REASON_GUARD_HOLD);
    CHECK(prefix_equal(note.prefix, net("0.0.0.0/0")));
    CHECK_EQUAL(note.outside, ip("203.0.113.1"));
    gate_finish();
}

static void or_told_and_reported(void)
{
    gate_start();
    say_attachment(&gate, vpn(1, 1, GUARD_WARN));
    peer_up(gate_tunnel(1, 1, 65001));
    gate_dx(2, 65002);
    announce(2, "0.0.0.0/0");
    CHECK_TEXT(told(1, "0.0.0.0/0"), "64512 65002 via 169.254.1.1");
    CHECK_EQUAL(rig_notes(&gate, NOTE_GUARD_WARNED), 1);
    CHECK_EQUAL(rig_note(&gate, NOTE_GUARD_WARNED).outside, ip("203.0.113.1"));
    announce_as(2, "0.0.0.0/0", (struct offer){.path = {65002, 65020}});
    CHECK_EQUAL(rig_notes(&gate, NOTE_GUARD_WARNED), 1); /* it was said */
    gate_finish();
}

static void an_aws_gateway_has_no_guard(void)
{
    gate_start();
    say_attachment(&gate, vpn(1, 1, GUARD_OFF));
    peer_up(gate_tunnel(1, 1, 65001));
    gate_dx(2, 65002);
    announce(2, "0.0.0.0/0");
    CHECK_TEXT(told(1, "0.0.0.0/0"), "64512 65002 via 169.254.1.1");
    CHECK_EQUAL(rig_notes(&gate, NOTE_GUARD_WARNED) + rig_notes(&gate, NOTE_GUARD_HELD), 0);
    gate_finish();
}

/* It is the containment that counts, not being the default (T03). */
static void covering_prefixes_are_held_too(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_dx(2, 65002);
    static const char *const held[] = {"128.0.0.0/1", "203.0.0.0/8", "203.0.113.0/24",
                                       "203.0.113.1/32"};
    static const char *const passed[] = {"0.0.0.0/1", "203.0.112.0/24", "203.0.113.2/32",
                                         "203.0.113.2/31"};
    for (int i = 0; i < 4; i++) {
        announce(2, held[i]);
        announce(2, passed[i]);
        CHECK_TEXT(told(1, held[i]), "nothing");
        CHECK_TEXT(told(1, passed[i]), "64512 65002 via 169.254.1.1");
    }
    CHECK_EQUAL(peers[1].told_count, 4);
    gate_finish();
}

/* Two tunnels could carry each other, also of two connections: every endpoint of the customer
 * gateway counts (T02). Another customer is not concerned. */
static void any_tunnel_of_the_customer_counts(void)
{
    gate_start();
    say_attachment(&gate, vpn(1, 7, GUARD_HOLD));
    say_attachment(&gate, vpn(2, 7, GUARD_HOLD));
    say_attachment(&gate, vpn(3, 8, GUARD_HOLD));
    for (uint16_t n = 1; n <= 3; n++)
        peer_up(peer_add(neighbor_on(n, n, 65000 + n, NULL)));
    say_endpoint(&gate, 7, "203.0.113.1", true);
    say_endpoint(&gate, 7, "198.51.100.2", true);
    say_endpoint(&gate, 8, "192.0.2.3", true);
    gate_dx(4, 65004);
    announce(4, "198.51.100.0/24");
    CHECK_TEXT(told(1, "198.51.100.0/24"), "nothing");
    CHECK_TEXT(told(2, "198.51.100.0/24"), "nothing");
    CHECK_TEXT(told(3, "198.51.100.0/24"), "64512 65004 via 169.254.3.1");
    gate_finish();
}

/* Who announces a prefix is not told it, guard or no guard; and when somebody else's is chosen, the
 * guard is asked anew. */
static void a_new_best_is_judged_anew(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "0.0.0.0/0");
    CHECK_TEXT(why_not(1, "0.0.0.0/0"), "split-horizon");
    CHECK_TEXT(why_not(2, "0.0.0.0/0"), "guard-hold");
    CHECK_EQUAL(rig_notes(&gate, NOTE_GUARD_HELD), 1);
    CHECK_EQUAL(rig_note(&gate, NOTE_GUARD_HELD).attachment, 2);
    gate_dx(3, 65003);
    announce(3, "0.0.0.0/0");
    CHECK_TEXT(why_not(1, "0.0.0.0/0"), "guard-hold");
    CHECK_TEXT(told(3, "0.0.0.0/0"), "nothing");
    peer_cut(&peers[3]);
    CHECK_TEXT(why_not(1, "0.0.0.0/0"), "split-horizon");
    gate_finish();
}

/* -- while routes are there -- */

static void a_policy_changes_at_run_time(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_dx(2, 65002);
    announce(2, "0.0.0.0/0");
    announce(2, "10.2.0.0/16");
    say_attachment(&gate, vpn(1, 1, GUARD_WARN));
    CHECK_TEXT(told(1, "0.0.0.0/0"), "64512 65002 via 169.254.1.1");
    say_attachment(&gate, vpn(1, 1, GUARD_REFUSE));
    CHECK_TEXT(told(1, "0.0.0.0/0"), "nothing");
    say_attachment(&gate, vpn(1, 1, GUARD_OFF));
    CHECK_TEXT(told(1, "0.0.0.0/0"), "64512 65002 via 169.254.1.1");
    say_attachment(&gate, vpn(1, 1, GUARD_HOLD));
    CHECK_TEXT(told(1, "0.0.0.0/0"), "nothing");
    CHECK_TEXT(told(1, "10.2.0.0/16"), "64512 65002 via 169.254.1.1");
    gate_finish();
}

static void an_endpoint_comes_and_goes_at_run_time(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_dx(2, 65002);
    announce(2, "198.51.100.0/24");
    CHECK_TEXT(told(1, "198.51.100.0/24"), "64512 65002 via 169.254.1.1");
    say_endpoint(&gate, 1, "198.51.100.9", true);
    CHECK_TEXT(told(1, "198.51.100.0/24"), "nothing");
    CHECK_EQUAL(rig_note(&gate, NOTE_GUARD_HELD).outside, ip("198.51.100.9"));
    say_endpoint(&gate, 1, "198.51.100.9", true); /* a second tunnel uses it as well */
    say_endpoint(&gate, 1, "198.51.100.9", false);
    CHECK_TEXT(told(1, "198.51.100.0/24"), "nothing");
    say_endpoint(&gate, 1, "198.51.100.9", false);
    CHECK_TEXT(told(1, "198.51.100.0/24"), "64512 65002 via 169.254.1.1");
    gate_finish();
}

/* An attachment that becomes another customer gateway's is asked of the new one's endpoints, and no
 * longer of the old one's. */
static void an_attachment_changes_its_customer(void)
{
    gate_start();
    say_attachment(&gate, vpn(1, 7, GUARD_HOLD));
    peer_up(peer_add(neighbor_on(1, 1, 65001, NULL)));
    say_endpoint(&gate, 7, "203.0.113.7", true);
    say_endpoint(&gate, 8, "198.51.100.8", true);
    gate_dx(2, 65002);
    announce(2, "203.0.113.0/24");
    announce(2, "198.51.100.0/24");
    CHECK_TEXT(told(1, "203.0.113.0/24"), "nothing");
    CHECK_TEXT(told(1, "198.51.100.0/24"), "64512 65002 via 169.254.1.1");
    say_attachment(&gate, vpn(1, 8, GUARD_HOLD));
    CHECK_TEXT(told(1, "203.0.113.0/24"), "64512 65002 via 169.254.1.1");
    CHECK_TEXT(told(1, "198.51.100.0/24"), "nothing");
    gate_finish();
}

/* A customer's second connection comes after the route: its endpoint may be the first one's. */
static void a_new_attachment_of_a_known_customer_is_judged(void)
{
    gate_start();
    say_attachment(&gate, vpn(1, 7, GUARD_HOLD));
    say_endpoint(&gate, 7, "203.0.113.7", true);
    say_attachment(&gate, (struct event_attachment){.attachment = 2, .kind = ATTACHMENT_DX});
    peer_up(peer_add(neighbor_on(1, 2, 65001, NULL)));
    announce(1, "0.0.0.0/0");
    say_attachment(&gate, vpn(3, 7, GUARD_HOLD));
    peer_up(peer_add(neighbor_on(2, 3, 65002, NULL)));
    CHECK_TEXT(told(2, "0.0.0.0/0"), "nothing");
    CHECK_TEXT(why_not(2, "0.0.0.0/0"), "guard-hold");
    gate_finish();
}

/* -- filters -- */

static void an_export_filter_moves_its_neighbors(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_vpn(3, 65003);
    announce(3, "10.1.0.0/16");
    announce(3, "10.2.0.0/16");
    say_filter(&gate, 1, true, "10.1.0.0/16");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(why_not(1, "10.1.0.0/16"), "export-filter");
    CHECK_TEXT(told(1, "10.2.0.0/16"), "64512 65003 via 169.254.1.1");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65003 via 169.254.2.1");
    announce(3, "10.1.7.0/24");
    CHECK_TEXT(told(1, "10.1.7.0/24"), "nothing");
    CHECK_TEXT(told(2, "10.1.7.0/24"), "64512 65003 via 169.254.2.1");
    say_filter(&gate, 1, true, "10.2.0.0/16");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "64512 65003 via 169.254.1.1");
    CHECK_TEXT(told(1, "10.1.7.0/24"), "64512 65003 via 169.254.1.1");
    CHECK_TEXT(told(1, "10.2.0.0/16"), "nothing");
    say_filter(&gate, 1, true, NULL);
    CHECK_EQUAL(peers[1].told_count, 3);
    gate_finish();
}

/* A filter of many changes: its numbers are used again, its meaning is not. */
static void filters_change_often(void)
{
    static const char *const denied[] = {"10.1.0.0/16", "10.2.0.0/16", NULL};
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(2, "10.1.0.0/16");
    announce(2, "10.2.0.0/16");
    for (int i = 0; i < 60; i++) {
        const char *now = denied[i * 7 % 3];
        say_filter(&gate, 1, true, now);
        say_filter(&gate, 2, true, denied[i % 2]);
        CHECK_EQUAL(peers[1].told_count, now ? 1 : 2);
        if (now)
            CHECK_TEXT(told(1, now), "nothing");
    }
    gate_finish();
}

/* Asks the neighbor for its routes again, and refuses what it says then. */
static void an_import_filter_asks_again(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    say_filter(&gate, 1, false, "10.1.0.0/16");
    CHECK_EQUAL(peers[1].refresh_count, 1);
    CHECK_EQUAL(peers[2].refresh_count, 0);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "import-filter");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    announce(1, "10.2.0.0/16");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    say_filter(&gate, 1, false, NULL);
    CHECK_EQUAL(peers[1].refresh_count, 2);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

/* An export filter that is there before the session counts from its first UPDATE. */
static void a_filter_before_the_session_counts(void)
{
    gate_start();
    gate_vpn(1, 65001);
    announce(1, "10.1.0.0/16");
    say_vpn(&gate, 2);
    say_filter(&gate, 2, true, "10.1.0.0/16");
    peer_up(gate_tunnel(2, 2, 65002));
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_EQUAL(peers[2].withdrawal_count, 0);
    gate_finish();
}

/* RFC 1997. */
static void no_export_stays_here(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce_as(1, "10.1.0.0/16", (struct offer){.communities = {BGP_NO_EXPORT}});
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(why_not(2, "10.1.0.0/16"), "no-export");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    gate_finish();
}

/* A higher limit would be of no use to what was refused below it until the neighbor says it again:
 * it is asked to. */
static void a_higher_limit_takes_what_was_refused(void)
{
    struct event_attachment limited = vpn(1, 1, GUARD_HOLD);
    limited.prefix_limit = 1;
    limited.limit_refuses_alone = true;
    gate_start();
    say_attachment(&gate, limited);
    peer_up(gate_tunnel(1, 1, 65001));
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "nothing");
    say_attachment(&gate, limited);
    CHECK_EQUAL(peers[1].refresh_count, 0); /* the same policy again is no change */
    limited.prefix_limit = 0;
    say_attachment(&gate, limited);
    CHECK_EQUAL(peers[1].refresh_count, 1);
    announce(1, "10.2.0.0/16");
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    limited.prefix_limit = 1;
    say_attachment(&gate, limited);
    CHECK_EQUAL(peers[1].refresh_count, 1);
    CHECK_TEXT(told(2, "10.2.0.0/16"), "64512 65001 via 169.254.2.1");
    limited.refuse_default = true;
    say_attachment(&gate, limited);
    CHECK_EQUAL(peers[1].refresh_count, 2);
    gate_finish();
}

int main(void)
{
    TEST(a_default_is_held_back_from_customers);
    TEST(or_told_and_reported);
    TEST(an_aws_gateway_has_no_guard);
    TEST(covering_prefixes_are_held_too);
    TEST(any_tunnel_of_the_customer_counts);
    TEST(a_new_best_is_judged_anew);
    TEST(a_policy_changes_at_run_time);
    TEST(an_endpoint_comes_and_goes_at_run_time);
    TEST(an_attachment_changes_its_customer);
    TEST(a_new_attachment_of_a_known_customer_is_judged);
    TEST(an_export_filter_moves_its_neighbors);
    TEST(filters_change_often);
    TEST(an_import_filter_asks_again);
    TEST(a_filter_before_the_session_counts);
    TEST(no_export_stays_here);
    TEST(a_higher_limit_takes_what_was_refused);
    return harness_done();
}
