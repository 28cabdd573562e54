/* Routes of IPv6 between engines: over sessions of IPv4 and of IPv6, both families and one. */
#include "engine/test_gate.h"
#include "engine/test_pair.h"
#include "guard/import.h"

enum { GATEWAY, LEFT, RIGHT, LATE };

enum carries { BOTH_OVER_FOUR, BOTH_OVER_SIX, ONLY_FOUR, ONLY_SIX };

static ip_addr address(bool six, uint8_t cable, int end)
{
    ip_addr four = 0xa9fe6400u + ((ip_addr)cable << 8) + 1 + (unsigned)end;
    ip_addr site = (ip_addr)0xfd00 << 112 | (ip_addr)cable << 64;
    return six ? site + 1 + (unsigned)end : four;
}

/* Gateways are at end 0 and passive. */
static struct event_neighbor end_of(uint8_t cable, int end, uint16_t neighbor, uint32_t peer_asn,
                                    enum carries carries)
{
    bool six = carries == BOTH_OVER_SIX || carries == ONLY_SIX;
    bool both = carries == BOTH_OVER_FOUR || carries == BOTH_OVER_SIX;
    return (struct event_neighbor){.neighbor = neighbor,
                                   .attachment = neighbor,
                                   .interface = neighbor,
                                   .local_addr = address(six, cable, end),
                                   .peer_addr = address(six, cable, !end),
                                   .other_addr = both ? address(!six, cable, end) : 0,
                                   .outside_addr = end == 0 ? 0xcb007100u + neighbor : 0,
                                   .peer_asn = peer_asn,
                                   .hold_s = 30,
                                   .keepalive_s = 10,
                                   .connect_retry_s = 10,
                                   .passive = end == 0};
}

/* The link's prefixes, so that next hops in them lead somewhere. */
static void say_link(uint8_t rig, uint16_t interface, uint8_t cable)
{
    for (int six = 0; six < 2; six++)
        say_route(&lab[rig], (struct event_route){
                                 .prefix = prefix_around(address(six, cable, 0), six ? 64 : 30),
                                 .source = ROUTE_CONNECTED,
                                 .interface = interface});
}

static void add_gateway(void)
{
    lab_prng = prng_seed(7);
    lab_add(rig_config(&lab[lab_rig_count], PLATFORM_SEKISHO, GATE_ASN));
}

static void add_site(uint32_t asn, enum carries here, enum carries there)
{
    uint8_t at = lab_rig_count;
    lab_add(rig_config(&lab[at], PLATFORM_BIRD, asn));
    say_attachment(&lab[at], (struct event_attachment){.attachment = 1});
    say_vpn(&lab[GATEWAY], at);
    say_link(GATEWAY, at, at);
    say_link(at, 1, at);
    lab_cable(GATEWAY, end_of(at, 0, at, asn, here), at, end_of(at, 1, 1, GATE_ASN, there));
}

static const char *state_of(uint8_t rig, uint16_t neighbor)
{
    return session_state_word(engine_session(lab[rig].engine, neighbor)->state);
}

static const char *why_not_told(uint8_t rig, uint16_t neighbor, const char *prefix)
{
    enum reason reason;
    struct rib_route told = engine_told(lab[rig].engine, neighbor, net(prefix), &reason);
    return told.attr.v ? "told" : reason_text(reason)->name;
}

static void both_families_go_over_a_session_of_ipv4(void)
{
    add_gateway();
    add_site(65001, BOTH_OVER_FOUR, BOTH_OVER_FOUR);
    add_site(65002, BOTH_OVER_FOUR, BOTH_OVER_FOUR);
    say_announce(&lab[LEFT], "2001:db8:1::/48");
    say_announce(&lab[LEFT], "10.1.0.0/16");
    lab_pass(S);
    CHECK_TEXT(state_of(GATEWAY, 1), "Established");
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "2001:db8:1::/48"), "via fd00:0:0:1::2 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "2001:db8:1::/48"), "via fd00:0:0:2::1 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "10.1.0.0/16"), "via 169.254.102.1 on 1, ebgp 1");
    say_withdraw(&lab[LEFT], "2001:db8:1::/48");
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "2001:db8:1::/48"), "none");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "2001:db8:1::/48"), "none");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "10.1.0.0/16"), "via 169.254.102.1 on 1, ebgp 1");
    lab_finish();
}

static void a_session_of_ipv6_carries_either(void)
{
    add_gateway();
    add_site(65001, BOTH_OVER_SIX, BOTH_OVER_SIX);
    add_site(65002, ONLY_SIX, ONLY_SIX);
    say_announce(&lab[LEFT], "2001:db8:1::/48");
    say_announce(&lab[LEFT], "10.1.0.0/16");
    say_announce(&lab[RIGHT], "2001:db8:2::/48");
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.1.0.0/16"), "via 169.254.101.2 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "2001:db8:1::/48"), "via fd00:0:0:2::1 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[LEFT], "2001:db8:2::/48"), "via fd00:0:0:1::1 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[RIGHT], "10.1.0.0/16"), "none");
    CHECK_TEXT(why_not_told(GATEWAY, 2, "10.1.0.0/16"), "other-family");
    lab_finish();
}

static void what_one_end_lacks_is_not_exchanged(void)
{
    add_gateway();
    add_site(65001, BOTH_OVER_FOUR, ONLY_FOUR);
    add_site(65002, BOTH_OVER_FOUR, BOTH_OVER_FOUR);
    say_announce(&lab[RIGHT], "2001:db8:2::/48");
    say_announce(&lab[RIGHT], "10.2.0.0/16");
    lab_pass(S);
    CHECK_TEXT(state_of(GATEWAY, 1), "Established");
    CHECK_TEXT(rig_entry(&lab[LEFT], "10.2.0.0/16"), "via 169.254.101.1 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[LEFT], "2001:db8:2::/48"), "none");
    CHECK_TEXT(why_not_told(GATEWAY, 1, "2001:db8:2::/48"), "other-family");
    lab_finish();
}

static void without_a_common_family_there_is_no_session(void)
{
    add_gateway();
    struct event_neighbor passive = end_of(1, 0, 1, 65001, ONLY_FOUR);
    struct event_neighbor site = end_of(1, 1, 1, GATE_ASN, ONLY_SIX);
    lab_add(rig_config(&lab[LEFT], PLATFORM_VYOS, 65001));
    say_attachment(&lab[LEFT], (struct event_attachment){.attachment = 1});
    say_vpn(&lab[GATEWAY], 1);
    lab_cable(GATEWAY, passive, LEFT, site);
    lab_pass(50 * MS);
    CHECK(strcmp(state_of(GATEWAY, 1), "Established") != 0);
    CHECK(strcmp(state_of(LEFT, 1), "Established") != 0);
    lab_finish();
}

static uint32_t origin_of(uint8_t rig, const char *prefix)
{
    const struct rib *rib = engine_rib(lab[rig].engine);
    uint32_t number = rib_find(rib, net(prefix));
    return number ? attr_get(&rib->attrs, rib_best(rib, number).attr)->last_as : 0;
}

/* Two sites in turn, so that a walk goes from one attribute set to the other and back. */
static void who_comes_late_is_told_everything(void)
{
    add_gateway();
    add_site(65001, BOTH_OVER_FOUR, BOTH_OVER_FOUR);
    add_site(65002, BOTH_OVER_FOUR, BOTH_OVER_FOUR);
    lab_pass(S);
    for (unsigned i = 0; i < 300; i++) {
        char prefix[PREFIX_TEXT_BYTES];
        snprintf(prefix, sizeof prefix, "2001:db8:%x::/%u", i, 48 + i % 16);
        say_announce(&lab[i % 2 ? LEFT : RIGHT], prefix);
        snprintf(prefix, sizeof prefix, "10.%u.%u.0/24", i / 256, i % 256);
        say_announce(&lab[i % 3 ? LEFT : RIGHT], prefix);
        lab_pass(2 * MS);
    }
    lab_pass(S);
    add_site(65003, BOTH_OVER_SIX, BOTH_OVER_SIX);
    lab_pass(5 * S);
    CHECK_EQUAL(engine_rib(lab[GATEWAY].engine)->best_count, 600);
    CHECK_EQUAL(engine_rib(lab[LATE].engine)->best_count, 600);
    CHECK_EQUAL(rig_notes(&lab[LATE], NOTE_MALFORMED), 0);
    CHECK_EQUAL(origin_of(LATE, "2001:db8:1::/49"), 65001);
    CHECK_EQUAL(origin_of(LATE, "2001:db8:2::/50"), 65002);
    CHECK_EQUAL(origin_of(LATE, "2001:db8:3::/51"), 65001);
    CHECK_TEXT(rig_entry(&lab[LATE], "2001:db8:12b::/59"), "via fd00:0:0:3::1 on 1, ebgp 1");
    CHECK(engine_audit(lab[GATEWAY].engine) == NULL && engine_audit(lab[LATE].engine) == NULL);
    cables[2].dark = true; /* and everything goes with its session */
    lab_pass(60 * S);
    CHECK_EQUAL(engine_rib(lab[LATE].engine)->best_count, 0);
    CHECK_EQUAL(engine_rib(lab[GATEWAY].engine)->best_count, 600);
    lab_finish();
}

static void the_guard_holds_what_covers_an_endpoint(void)
{
    add_gateway();
    add_site(65001, BOTH_OVER_FOUR, BOTH_OVER_FOUR);
    add_site(65002, BOTH_OVER_FOUR, BOTH_OVER_FOUR);
    say_endpoint(&lab[GATEWAY], 1, "2001:db8:ffff::1", true);
    say_announce(&lab[RIGHT], "::/0");
    say_announce(&lab[RIGHT], "2001:db8::/32");
    say_announce(&lab[RIGHT], "2001:db8:2::/48");
    say_announce(&lab[RIGHT], "0.0.0.0/0");
    lab_pass(S);
    CHECK_TEXT(why_not_told(GATEWAY, 1, "::/0"), "guard-hold");
    CHECK_TEXT(why_not_told(GATEWAY, 1, "2001:db8::/32"), "guard-hold");
    CHECK_TEXT(why_not_told(GATEWAY, 1, "2001:db8:2::/48"), "told");
    CHECK_TEXT(why_not_told(GATEWAY, 1, "0.0.0.0/0"), "told"); /* no endpoint of IPv4 is known */
    CHECK_TEXT(rig_entry(&lab[LEFT], "::/0"), "none");
    lab_finish();
}

static uint64_t digest_with(const char *prefix, const char *gateway, const char *endpoint)
{
    add_gateway();
    say_link(GATEWAY, 1, 1);
    say_endpoint(&lab[GATEWAY], 1, endpoint, true);
    say_route(&lab[GATEWAY], (struct event_route){.prefix = net(prefix),
                                                  .source = ROUTE_STATIC,
                                                  .gateway = ip(gateway)});
    uint64_t digest = engine_digest(lab[GATEWAY].engine);
    lab_finish();
    return digest;
}

/* What differs in its upper 64 bits only is another state. */
static void a_digest_sees_whole_addresses(void)
{
    const char *one = "2001:db8:1::/48", *hop = "fd00:0:0:1::1", *end = "2001:db8:e::1";
    uint64_t digest = digest_with(one, hop, end);
    CHECK(digest == digest_with(one, hop, end));
    CHECK(digest != digest_with("2001:db8:2::/48", hop, end));
    CHECK(digest != digest_with(one, "fd00:0:0:2::1", end));
    CHECK(digest != digest_with(one, hop, "2001:db8:f::1"));
}

static void martians_of_ipv6_are_refused_by_kind(void)
{
    CHECK_EQUAL(guard_martian(net("::1/128")), REASON_RESERVED);
    CHECK_EQUAL(guard_martian(net("::/8")), REASON_RESERVED);
    CHECK_EQUAL(guard_martian(net("fe80::/10")), REASON_LINK_LOCAL);
    CHECK_EQUAL(guard_martian(net("ff02::/16")), REASON_MULTICAST);
    CHECK_EQUAL(guard_martian(net("::/0")), REASON_NONE);
    CHECK_EQUAL(guard_martian(net("fd00::/8")), REASON_NONE);
    CHECK_EQUAL(guard_martian(net("2001:db8::/32")), REASON_NONE);
}

int main(void)
{
    TEST(both_families_go_over_a_session_of_ipv4);
    TEST(a_session_of_ipv6_carries_either);
    TEST(what_one_end_lacks_is_not_exchanged);
    TEST(without_a_common_family_there_is_no_session);
    TEST(who_comes_late_is_told_everything);
    TEST(the_guard_holds_what_covers_an_endpoint);
    TEST(a_digest_sees_whole_addresses);
    TEST(martians_of_ipv6_are_refused_by_kind);
    return harness_done();
}
