/* Every reason of rib/reason.def is reached by an engine that was told a story, or it is listed
 * here with who reaches it. A reason that nothing yields explains nothing. */
#include "engine/test_gate.h"

static const struct {
    enum reason reason;
    const char *who;
} elsewhere[] = {
    {REASON_AS_ZERO, "guard/import_test: RFC 7607 has such an UPDATE treated as a withdrawal"},
    {REASON_MALFORMED, "nobody: such a route is withdrawn, so no path is left to carry it"},
    {REASON_FAMILY, "engine/six_test: a neighbor that exchanges the other family only"},
    {REASON_ONLY_TOLD, "engine/aside_test: a default that is announced and not used"},
    {REASON_ONLY_USED, "engine/aside_test: what is used beside it"},
    {REASON_NOT_BEST, "nobody: only the best path is asked for"},
    {REASON_EXPORT_LIMIT, "rib/except_test: AWS documents 1000, and not what happens then"},
};

static void attach(uint16_t attachment)
{
    say_attachment(&gate, (struct event_attachment){.attachment = attachment});
}

/* A neighbor of an attachment of its own; its identifier may be another's. */
static struct peer *speaker(uint16_t n, uint32_t asn, uint32_t router_id)
{
    attach(n);
    struct peer *peer = peer_add(neighbor_on(n, n, asn, NULL));
    peer->router_id = router_id;
    peer_up(peer);
    return peer;
}

static void speak(enum platform platform)
{
    struct engine_config config = rig_config(&gate, platform, 65000);
    config.announce_back = false;
    rig_start(&gate, config);
}

static void what_a_router_compares(void)
{
    speak(PLATFORM_BIRD);
    speaker(1, 65001, 1);
    speaker(2, 65002, 2);
    speaker(3, 65000, 3);
    speaker(4, 65000, 4);
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, 65009}});
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(1, "10.1.0.0/16"), "longer-as-path");
    announce_as(1, "10.2.0.0/16", (struct offer){.origin = BGP_ORIGIN_INCOMPLETE});
    announce(2, "10.2.0.0/16");
    CHECK_TEXT(why(1, "10.2.0.0/16"), "higher-origin");
    announce(1, "10.3.0.0/16");
    announce(2, "10.3.0.0/16");
    CHECK_TEXT(why(2, "10.3.0.0/16"), "higher-router-id");
    announce_as(3, "10.4.0.0/16", (struct offer){.path = {65007}, .local_pref = 50});
    announce_as(4, "10.4.0.0/16", (struct offer){.path = {65007}, .local_pref = 60});
    CHECK_TEXT(why(3, "10.4.0.0/16"), "lower-local-preference");
    announce_as(3, "10.5.0.0/16", (struct offer){.path = {65007}, .local_pref = 100});
    announce(1, "10.5.0.0/16");
    CHECK_TEXT(why(3, "10.5.0.0/16"), "internal");
    CHECK_TEXT(why_not(3, "10.4.0.0/16"), "internal-to-internal");
    CHECK_TEXT(told(1, "10.4.0.0/16"), "65000 65007 via 169.254.1.1");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "65002 via 169.254.3.1 local-pref 100");
    say_announce(&gate, "10.1.0.0/16");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "not-local");
    gate_finish();
}

static void what_breaks_ties(void)
{
    speak(PLATFORM_BIRD);
    speaker(1, 65001, 7);
    speaker(2, 65002, 7);
    attach(3);
    struct event_neighbor twin = neighbor_on(3, 3, 65003, NULL);
    twin.peer_addr = peer_addr_of(1);
    struct peer *peer = peer_add(twin);
    peer->router_id = 7;
    peer_up(peer);
    for (uint16_t n = 1; n <= 3; n++)
        announce_as(n, "10.1.0.0/16", (struct offer){.next_hop = peer_addr_of(n)});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "higher-peer-address");
    CHECK_TEXT(why(3, "10.1.0.0/16"), "later-source");
    gate_finish();
    speak(PLATFORM_FRR);
    speaker(1, 65001, 9);
    speaker(2, 65002, 3);
    announce(1, "10.1.0.0/16");
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "younger");
    gate_finish();
}

static void what_a_gateway_compares(void)
{
    gate_start();
    say_vpn(&gate, 1);
    peer_up(gate_tunnel(1, 1, 65001));
    peer_up(gate_tunnel(2, 1, 65001));
    gate_dx(3, 65003);
    gate_dx(4, 65004);
    announce(1, "10.1.0.0/16");
    announce(2, "10.1.0.0/16");
    CHECK_TEXT(why(2, "10.1.0.0/16"), "higher-outside-address");
    announce_as(1, "10.1.0.0/16", (struct offer){.med = 9});
    CHECK_TEXT(why(1, "10.1.0.0/16"), "higher-med");
    announce_as(3, "10.1.0.0/16", (struct offer){.communities = {7224u << 16 | 7100}});
    CHECK_TEXT(why(2, "10.1.0.0/16"), "weaker-attachment");
    announce(4, "10.1.0.0/16");
    CHECK_TEXT(why(3, "10.1.0.0/16"), "lower-community-preference");
    gate_finish();
}

static void what_is_refused(void)
{
    gate_start();
    gate_vpn(1, 65001);
    announce_as(1, "10.2.0.0/16", (struct offer){.path = {65001, GATE_ASN}});
    announce_as(1, "10.3.0.0/16", (struct offer){.path = {65009}});
    announce_as(1, "10.4.0.0/16", (struct offer){.next_hop = local_addr_of(1)});
    announce(1, "0.0.0.0/8");
    announce(1, "169.254.9.0/24");
    announce(1, "224.0.0.0/24");
    announce(1, "250.0.0.0/8");
    say_filter(&gate, 1, false, "10.5.0.0/16");
    announce(1, "10.5.0.0/16");
    say_attachment(&gate, (struct event_attachment){.attachment = 1,
                                                    .customer_gateway = 1,
                                                    .guard = GUARD_HOLD,
                                                    .prefix_limit = 1,
                                                    .limit_refuses_alone = true});
    announce(1, "10.6.0.0/16");
    announce(1, "10.7.0.0/16");
    CHECK_TEXT(why(1, "10.7.0.0/16"), "prefix-limit");
    say_allowed(&gate, 1, "10.0.0.0/8");
    announce(1, "11.0.0.0/16");
    CHECK_TEXT(why(1, "11.0.0.0/16"), "not-in-allow-list");
    say_allowed(&gate, 1, NULL);
    say_attachment(&gate, (struct event_attachment){.attachment = 1, .refuse_default = true});
    announce(1, "0.0.0.0/0");
    CHECK_TEXT(why(1, "0.0.0.0/0"), "default-route");
    gate_finish();
}

/* RFC 8212, where the gateway wants it so: each direction by itself. */
static void what_nobody_has_a_policy_for(void)
{
    struct event_attachment strict = {
        .attachment = 2, .kind = ATTACHMENT_DX, .policy_required = true};
    gate_start();
    gate_dx(1, 65001);
    gate_dx(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(2, "10.2.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    say_attachment(&gate, strict); /* it is asked to say its routes again, and told anew */
    announce(2, "10.2.0.0/16");
    CHECK_TEXT(why(2, "10.2.0.0/16"), "no-import-policy");
    CHECK_TEXT(told(1, "10.2.0.0/16"), "nothing");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(why_not(2, "10.1.0.0/16"), "no-export-policy");
    say_filter(&gate, 2, true, "10.9.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(why(2, "10.2.0.0/16"), "no-import-policy");
    say_allowed(&gate, 2, "10.0.0.0/8");
    announce(2, "10.2.0.0/16");
    CHECK_TEXT(why(2, "10.2.0.0/16"), "best");
    gate_finish();
}

static void what_the_budget_refuses(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    config.budget_bytes = 14000;
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(notice(1), "6/8");
    gate_finish();
}

static struct event_attachment guarded(uint16_t n, enum guard_policy guard)
{
    return (struct event_attachment){
        .attachment = n, .kind = ATTACHMENT_VPN, .customer_gateway = n, .guard = guard};
}

static void what_is_not_told(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_vpn(3, 65001);
    say_attachment(&gate, guarded(2, GUARD_CARVE));
    say_attachment(&gate, guarded(3, GUARD_WARN));
    gate_dx(4, 65004);
    announce(4, "203.0.113.0/30"); /* holds for 1, carved for 2, warned of for 3 */
    announce(4, "203.0.113.0/31"); /* a piece of the other, and announced in its own right */
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(why_not(3, "10.1.0.0/16"), "as-loop-sent");
    CHECK_TEXT(why_not(1, "10.1.0.0/16"), "split-horizon");
    say_filter(&gate, 2, true, "10.1.0.0/16");
    announce_as(1, "10.2.0.0/16", (struct offer){.communities = {BGP_NO_EXPORT}});
    CHECK_TEXT(why_not(1, "203.0.113.0/30"), "guard-hold");
    CHECK_TEXT(why_not(2, "203.0.113.0/30"), "guard-carve");
    CHECK_TEXT(why_not(3, "203.0.113.0/30"), "guard-warn");
    CHECK_TEXT(why_not(1, "203.0.113.3/32"), "fragment-of-others");
    const struct rib *rib = engine_rib(gate.engine);
    CHECK(!(rib_prefix_get(rib, rib_find(rib, net("203.0.113.0/31")))->bits & RIB_DEAD));
    gate_finish();
}

static void what_does_not_fit(void)
{
    static uint8_t community_bytes[4 * 1011];
    uint8_t path_bytes[] = {BGP_AS_SEQUENCE, 1, 0, 0, 0xfd, 0xe9};
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_attrs attrs = {.present = BGP_HAS_ORIGIN | BGP_HAS_AS_PATH | BGP_HAS_NEXT_HOP |
                                         BGP_HAS_COMMUNITIES,
                              .as_path = {path_bytes, sizeof path_bytes},
                              .next_hop = peer_addr_of(1),
                              .communities = {community_bytes, sizeof community_bytes}};
    bgp_attrs_encode_canonical(&attrs, &writer);
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    peer_update(&peers[1], net("10.1.0.0/16"), writer_slice(&writer));
    CHECK_TEXT(why_not(2, "10.1.0.0/16"), "attributes-too-long");
    gate_finish();
}

static bool is_elsewhere(enum reason reason)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        if (elsewhere[i].reason == reason)
            return true;
    }
    return false;
}

static void every_reason_was_reached_or_is_listed(void)
{
    for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
        const char *name = reason_text((enum reason)reason)->name;
        bool listed = is_elsewhere((enum reason)reason);
        if (rig_seen[reason] == listed)
            CHECK_TEXT(name, listed ? "not reached, as it is listed" : "reached above");
        else
            CHECK(rig_seen[reason] != listed);
    }
}

int main(void)
{
    TEST(what_a_router_compares);
    TEST(what_breaks_ties);
    TEST(what_a_gateway_compares);
    TEST(what_is_refused);
    TEST(what_nobody_has_a_policy_for);
    TEST(what_the_budget_refuses);
    TEST(what_is_not_told);
    TEST(what_does_not_fit);
    TEST(every_reason_was_reached_or_is_listed);
    return harness_done();
}
