/* Looking at an engine: what questions are asked of it, and its digest. */
#include "engine/test_gate.h"

static void an_engine_is_described_as_it_was_told(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_dx(2, 65002);
    CHECK_EQUAL(engine_config_of(gate.engine)->asn, GATE_ASN);
    CHECK_EQUAL(engine_neighbor_count(gate.engine), 2);
    CHECK_EQUAL(engine_attachment_count(gate.engine), 2);
    CHECK_EQUAL(engine_neighbor(gate.engine, 2)->peer_asn, 65002);
    CHECK_EQUAL(engine_attachment(gate.engine, 1)->kind, ATTACHMENT_VPN);
    CHECK_EQUAL(engine_session(gate.engine, 1)->state, SESSION_ESTABLISHED);
    CHECK(table_find(engine_table(gate.engine), net("169.254.1.0/30"), &(struct table_best){0}));
    gate_finish();
}

static void an_engine_without_bgp_has_none(void)
{
    rig_start(&gate, rig_config(&gate, PLATFORM_LINUX, 0));
    CHECK(engine_rib(gate.engine) == NULL);
    CHECK_EQUAL(engine_neighbor_count(gate.engine), 0);
    CHECK_EQUAL(engine_attachment_count(gate.engine), 0);
    gate_finish();
}

/* Sources and neighbors are each other's names; other sources are nobody's. */
static void sources_have_their_neighbors(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpn(&gate, 2);
    say_static_vpn(&gate, 2, 9, "10.9.0.0/16", true);
    say_vpn(&gate, 3);
    peer_up(gate_tunnel(2, 3, 65002));
    say_announce(&gate, "10.8.0.0/16");
    const struct rib *rib = engine_rib(gate.engine);
    for (uint16_t n = 1; n <= 2; n++)
        CHECK_EQUAL(engine_source_neighbor(gate.engine, engine_neighbor_source(gate.engine, n)), n);
    static const char *const others[] = {"10.9.0.0/16", "10.8.0.0/16"};
    for (int i = 0; i < 2; i++) {
        struct rib_route best = rib_best(rib, rib_find(rib, net(others[i])));
        CHECK(best.attr.v != 0);
        CHECK_EQUAL(engine_source_neighbor(gate.engine, best.source), 0);
    }
    gate_finish();
}

static void what_is_told_is_told_with_its_reason(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    enum reason reason;
    struct rib_route route = engine_told(gate.engine, 2, net("10.1.0.0/16"), &reason);
    CHECK(route.attr.v != 0);
    CHECK_EQUAL(route.source.v, engine_neighbor_source(gate.engine, 1).v);
    CHECK_EQUAL(reason, REASON_NONE);
    CHECK_EQUAL(engine_told(gate.engine, 1, net("10.1.0.0/16"), &reason).attr.v, 0);
    CHECK_EQUAL(reason, REASON_SPLIT_HORIZON);
    CHECK_EQUAL(engine_told(gate.engine, 2, net("10.7.0.0/16"), &reason).attr.v, 0);
    CHECK_EQUAL(reason, REASON_NONE);
    gate_finish();
}

/* T24: the neighbor refuses it, so it is worth knowing that it was sent. */
static void what_the_neighbor_will_refuse_is_told(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65001);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(why_not(2, "10.1.0.0/16"), "as-loop-sent");
    gate_finish();
}

static void what_is_warned_of_is_told(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    say_attachment(&gate, (struct event_attachment){.attachment = 2,
                                                    .kind = ATTACHMENT_VPN,
                                                    .customer_gateway = 2,
                                                    .guard = GUARD_WARN});
    announce(1, "0.0.0.0/0");
    CHECK_TEXT(told(2, "0.0.0.0/0"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(why_not(2, "0.0.0.0/0"), "guard-warn");
    gate_finish();
}

/* A route whose attributes fill a message has no room for our AS before its path. */
static void what_does_not_fit_is_not_told(void)
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
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    peer_update(&peers[1], net("10.1.0.0/16"), writer_slice(&writer));
    CHECK_TEXT(why(1, "10.1.0.0/16"), "best");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(why_not(2, "10.1.0.0/16"), "attributes-too-long");
    gate_finish();
}

/* -- the digest -- */

static uint64_t digest_of(const char *const *prefixes, int count, int first)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.200.0.0/16");
    say_table(&gate, 1, true);
    for (int i = 0; i < count; i++) {
        announce(1, prefixes[(first + i) % count]);
        announce(2, prefixes[(first + 2 * i) % count]);
    }
    uint64_t digest = engine_digest(gate.engine);
    gate_finish();
    return digest;
}

/* How a state came about is not in it. */
static void the_order_of_arrival_is_not_in_the_digest(void)
{
    static const char *const prefixes[] = {"10.1.0.0/16", "10.2.0.0/16", "0.0.0.0/0", "10.4.0.0/16",
                                           "10.4.4.0/24"};
    uint64_t digest = digest_of(prefixes, 5, 0);
    for (int first = 1; first < 5; first++)
        CHECK(digest_of(prefixes, 5, first) == digest);
    CHECK(digest_of(prefixes, 4, 0) != digest);
    harness_digest("a gateway's state", digest);
}

static uint64_t last_digest;

static bool digest_changed(void)
{
    uint64_t was = last_digest;
    last_digest = engine_digest(gate.engine);
    return last_digest != was;
}

static void tell_policies(void)
{
    struct event_attachment warned = {
        .attachment = 1, .kind = ATTACHMENT_VPN, .customer_gateway = 1, .guard = GUARD_WARN};
    say_attachment(&gate, warned);
    CHECK(digest_changed());
    warned.prefix_limit = 100;
    say_attachment(&gate, warned);
    CHECK(digest_changed());
    warned.limit_refuses_alone = true;
    say_attachment(&gate, warned);
    CHECK(digest_changed());
    say_filter(&gate, 1, true, "10.99.0.0/16");
    CHECK(digest_changed());
    say_filter(&gate, 1, true, "10.98.0.0/16");
    CHECK(digest_changed());
    say_filter(&gate, 1, false, "10.98.0.0/16");
    CHECK(digest_changed());
    say_endpoint(&gate, 1, "198.51.100.1", true);
    CHECK(digest_changed());
    say_endpoint(&gate, 1, "198.51.100.1", false);
    CHECK(digest_changed());
}

/* All that decides is in it, and time by itself is not. */
static void what_decides_is_in_the_digest(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    CHECK(digest_changed());
    announce(1, "10.1.0.0/16");
    CHECK(digest_changed());
    announce_as(1, "10.1.0.0/16", (struct offer){.path = {65001, 65009}});
    CHECK(digest_changed());
    announce(1, "10.1.0.0/16");
    CHECK(digest_changed());
    announce(1, "10.1.0.0/16");
    CHECK(!digest_changed());
    say_interface(&gate, 9, "192.0.2.1", 24, true);
    CHECK(digest_changed());
    say_interface(&gate, 9, "192.0.2.1", 24, false);
    CHECK(digest_changed());
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_table(&gate, 1, false);
    CHECK(digest_changed());
    say_vpc_route(&gate, 1, "10.9.0.0/16", (struct vpc_target){4, VPC_TO_INSTANCE}, true);
    CHECK(digest_changed());
    tell_policies();
    rig_pass(&gate, 3600 * (int64_t)S);
    CHECK(!digest_changed());
    peer_cut(&peers[2]);
    CHECK(digest_changed());
    gate_finish();
}

int main(void)
{
    TEST(an_engine_is_described_as_it_was_told);
    TEST(an_engine_without_bgp_has_none);
    TEST(sources_have_their_neighbors);
    TEST(what_is_told_is_told_with_its_reason);
    TEST(what_the_neighbor_will_refuse_is_told);
    TEST(what_is_warned_of_is_told);
    TEST(what_does_not_fit_is_not_told);
    TEST(the_order_of_arrival_is_not_in_the_digest);
    TEST(what_decides_is_in_the_digest);
    return harness_done();
}
