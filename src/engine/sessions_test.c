/* Sessions between engines: a gateway and customers' routers, back to back, in virtual time. */
#include "engine/test_gate.h"
#include "engine/test_pair.h"

enum { GATEWAY, LEFT, RIGHT };

/* The end of a cable: gateways are at end 0 and passive. */
static struct event_neighbor end_of(uint8_t cable, int end, uint16_t neighbor, uint16_t attachment,
                                    uint32_t peer_asn)
{
    ip_addr inside = 0xa9fe6400u + ((ip_addr)cable << 8);
    return (struct event_neighbor){.neighbor = neighbor,
                                   .attachment = attachment,
                                   .interface = neighbor,
                                   .local_addr = inside + 1 + (unsigned)end,
                                   .peer_addr = inside + 2 - (unsigned)end,
                                   .outside_addr = end == 0 ? 0xcb007100u + neighbor : 0,
                                   .peer_asn = peer_asn,
                                   .hold_s = 30,
                                   .keepalive_s = 10,
                                   .connect_retry_s = 10,
                                   .passive = end == 0};
}

static void add_gateway(void)
{
    lab_prng = prng_seed(7);
    struct engine_config config = rig_config(&lab[lab_rig_count], PLATFORM_SEKISHO, GATE_ASN);
    lab_add(config);
}

/* A router with one cable to the gateway, on an attachment of its own at both ends. */
static void add_site(enum platform platform, uint32_t asn)
{
    uint8_t at = lab_rig_count;
    lab_add(rig_config(&lab[at], platform, asn));
    say_attachment(&lab[at], (struct event_attachment){.attachment = 1});
    say_vpn(&lab[GATEWAY], at);
    lab_cable(GATEWAY, end_of(at, 0, at, at, asn), at, end_of(at, 1, 1, 1, GATE_ASN));
}

static const char *state_of(uint8_t rig, uint16_t neighbor)
{
    return session_state_word(engine_session(lab[rig].engine, neighbor)->state);
}

static const char *path_why(uint8_t rig, uint16_t neighbor, const char *prefix)
{
    const struct rib *rib = engine_rib(lab[rig].engine);
    uint32_t number = rib_find(rib, net(prefix));
    struct source_id source = engine_neighbor_source(lab[rig].engine, neighbor);
    const struct rib_path *path = number ? rib_path_of(rib, number, source) : NULL;
    return path ? reason_text(path->why)->name : "absent";
}

static void a_router_and_a_gateway_exchange_routes(void)
{
    add_gateway();
    add_site(PLATFORM_BIRD, 65001);
    say_vpc(&lab[GATEWAY], VPC_INTERFACE, 0);
    say_cidr(&lab[GATEWAY], "10.10.0.0/16");
    say_announce(&lab[LEFT], "10.20.0.0/16");
    CHECK_TEXT(state_of(GATEWAY, 1), "Active");
    CHECK_TEXT(state_of(LEFT, 1), "Connect");
    lab_pass(S);
    CHECK_TEXT(state_of(GATEWAY, 1), "Established");
    CHECK_TEXT(state_of(LEFT, 1), "Established");
    CHECK_EQUAL(rig_notes(&lab[GATEWAY], NOTE_SESSION_UP), 1);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.20.0.0/16"), "via 169.254.101.2 on 1, ebgp 1");
    CHECK_TEXT(rig_entry(&lab[LEFT], "10.10.0.0/16"), "via 169.254.101.1 on 1, ebgp 1");
    lab_pass(300 * S); /* keepalives hold it */
    CHECK_TEXT(state_of(GATEWAY, 1), "Established");
    CHECK_EQUAL(rig_notes(&lab[GATEWAY], NOTE_SESSION_DOWN), 0);
    lab_finish();
}

/* What the incident's customer does: FRR tells a route back to whom it came from, and the gateway
 * refuses its own AS. */
static void an_echo_is_refused(void)
{
    add_gateway();
    add_site(PLATFORM_VYATTA, 65001);
    add_site(PLATFORM_BIRD, 65002);
    say_announce(&lab[RIGHT], "10.30.0.0/16");
    lab_pass(S);
    CHECK_TEXT(path_why(LEFT, 1, "10.30.0.0/16"), "best");
    CHECK_TEXT(path_why(GATEWAY, 1, "10.30.0.0/16"), "own-as");
    CHECK_TEXT(path_why(GATEWAY, 2, "10.30.0.0/16"), "best");
    lab_finish();
}

/* Two sites with the same AS number do not see each other's routes (T24). */
static void sites_of_the_same_as_refuse_each_other(void)
{
    add_gateway();
    add_site(PLATFORM_BIRD, 65001);
    add_site(PLATFORM_BIRD, 65001);
    say_announce(&lab[LEFT], "10.1.0.0/16");
    say_announce(&lab[RIGHT], "10.2.0.0/16");
    lab_pass(S);
    CHECK_TEXT(path_why(GATEWAY, 1, "10.1.0.0/16"), "best");
    CHECK_TEXT(path_why(LEFT, 1, "10.2.0.0/16"), "own-as");
    CHECK_TEXT(path_why(RIGHT, 1, "10.1.0.0/16"), "own-as");
    CHECK_TEXT(rig_entry(&lab[LEFT], "10.2.0.0/16"), "none");
    lab_finish();
}

static void unless_they_allow_it(void)
{
    add_gateway();
    add_site(PLATFORM_BIRD, 65001);
    lab_add(rig_config(&lab[RIGHT], PLATFORM_BIRD, 65001));
    say_attachment(&lab[RIGHT], (struct event_attachment){.attachment = 1});
    say_vpn(&lab[GATEWAY], 2);
    struct event_neighbor at_right = end_of(2, 1, 1, 1, GATE_ASN);
    at_right.allowas_in = 1;
    lab_cable(GATEWAY, end_of(2, 0, 2, 2, 65001), RIGHT, at_right);
    say_announce(&lab[LEFT], "10.1.0.0/16");
    lab_pass(S);
    CHECK_TEXT(path_why(RIGHT, 1, "10.1.0.0/16"), "best");
    lab_finish();
}

/* Silence for the hold time ends the session at both ends, and what was learned goes. */
static void silence_ends_the_session(void)
{
    add_gateway();
    add_site(PLATFORM_BIRD, 65001);
    say_announce(&lab[LEFT], "10.1.0.0/16");
    lab_pass(10 * S);
    cables[0].dark = true;
    lab_pass(19 * S);
    CHECK_TEXT(state_of(GATEWAY, 1), "Established");
    lab_pass(12 * S);
    CHECK_TEXT(state_of(GATEWAY, 1), "Active");
    CHECK_EQUAL(rig_note(&lab[GATEWAY], NOTE_SESSION_DOWN).reason, BGP_DOWN_HOLD_TIMER);
    CHECK_EQUAL(rig_note(&lab[LEFT], NOTE_SESSION_DOWN).reason, BGP_DOWN_HOLD_TIMER);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.1.0.0/16"), "none");
    cables[0].dark = false;
    lab_pass(12 * S);
    CHECK_TEXT(state_of(GATEWAY, 1), "Established");
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.1.0.0/16"), "via 169.254.101.2 on 1, ebgp 1");
    lab_finish();
}

/* Both ends connect at once; one connection is left (RFC 4271 6.8). */
static void a_collision_leaves_one_connection(void)
{
    add_gateway();
    lab_add(rig_config(&lab[LEFT], PLATFORM_BIRD, 65001));
    say_attachment(&lab[LEFT], (struct event_attachment){.attachment = 1});
    say_vpn(&lab[GATEWAY], 1);
    struct event_neighbor at_gateway = end_of(1, 0, 1, 1, 65001);
    at_gateway.passive = false;
    lab_cable(GATEWAY, at_gateway, LEFT, end_of(1, 1, 1, 1, GATE_ASN));
    say_announce(&lab[LEFT], "10.1.0.0/16");
    lab_pass(S);
    CHECK_EQUAL(call_count, 2);
    CHECK_TEXT(state_of(GATEWAY, 1), "Established");
    CHECK_TEXT(state_of(LEFT, 1), "Established");
    CHECK_EQUAL(rig_notes(&lab[GATEWAY], NOTE_SESSION_UP), 1);
    CHECK_EQUAL(rig_notes(&lab[GATEWAY], NOTE_SESSION_DOWN), 0);
    CHECK_TEXT(path_why(GATEWAY, 1, "10.1.0.0/16"), "best");
    lab_finish();
}

static void a_halted_session_says_goodbye_and_may_begin_again(void)
{
    gate_start();
    gate_vpn(1, 65001);
    announce(1, "10.1.0.0/16");
    say_connection(&gate, EVENT_HALT, 1, 0);
    CHECK_TEXT(notice(1), "6/2");
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_ADMIN);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    CHECK(!session_accepts(engine_session(gate.engine, 1)));
    rig_pass(&gate, 3600 * (int64_t)S);
    CHECK(!session_accepts(engine_session(gate.engine, 1)));
    say_start(&gate, 1);
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    gate_finish();
}

/* What was not fetched when the session is started anew must not be left behind: gate_finish
 * counts. The data of this Cease is an allocation. */
static void a_farewell_that_nobody_fetched_is_no_leak(void)
{
    gate_start();
    say_attachment(&gate, (struct event_attachment){.attachment = 1, .prefix_limit = 1});
    peer_up(peer_add(neighbor_on(1, 1, 65001, NULL)));
    gate.tell_far = NULL;
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_MAX_PREFIXES);
    say_connection(&gate, EVENT_HALT, 1, 0);
    say_start(&gate, 1);
    CHECK(session_accepts(engine_session(gate.engine, 1)));
    gate_finish();
}

/* FRR waits for more peers before its first UPDATE, longer the more it knows, and one more for a
 * connection that came in (bgp_updgrp.h; measured at 1.15 s). */
static void the_first_update_waits_as_the_daemon_does(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.first_update_us = 1000 * MS;
    gate.profile.first_update_per_peer_us = 50 * MS;
    gate.profile.first_update_limit_us = 10 * S;
    rig_start(&gate, config);
    say_announce(&gate, "10.9.0.0/16");
    say_vpn(&gate, 1);
    say_vpn(&gate, 2);
    gate_tunnel(1, 1, 65001);
    gate_tunnel(2, 2, 65002);
    say_connection(&gate, EVENT_HALT, 1, 0); /* it knows two peers when it starts again */
    say_start(&gate, 1);
    rig_until(&gate, 4 * S);
    peer_up(&peers[1]);
    int64_t wait_us = platform_first_update_us(&gate.profile, 2, true);
    CHECK_EQUAL(wait_us, 1150 * MS);
    rig_until(&gate, 4 * S + wait_us - 1);
    CHECK_EQUAL(peers[1].update_count, 0);
    rig_until(&gate, 4 * S + wait_us);
    CHECK_TEXT(told(1, "10.9.0.0/16"), "64512 via 169.254.1.1");
    gate_finish();
}

/* A neighbor that asks is told everything again (RFC 2918). */
static void a_neighbor_may_ask_again(void)
{
    uint8_t bytes[BGP_REFRESH_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_refresh_encode((struct bgp_refresh){BGP_AFI_IPV4, 0, BGP_SAFI_UNICAST}, &writer);
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    peers[2].told_count = 0;
    peer_send(&peers[2], writer_slice(&writer));
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_EQUAL(peers[2].told_count, 2);
    gate_finish();
}

/* -- chaos, and what must hold when it is over -- */

/* At rest a neighbor's Adj-RIB-In is our Adj-RIB-Out: the same prefixes, our next hop, one AS more
 * on the path. */
static void check_pair(uint8_t cable, int from)
{
    const struct cable *at = &cables[cable];
    const struct engine *sender = lab[at->rigs[from]].engine;
    const struct engine *receiver = lab[at->rigs[!from]].engine;
    uint16_t to = at->neighbors[from], by = at->neighbors[!from];
    const struct rib *out = engine_rib(sender), *in = engine_rib(receiver);
    uint32_t expected = 0, found = 0;
    for (uint32_t number = 1; number < rib_number_end(out); number++) {
        const struct rib_prefix *record = rib_prefix_get(out, number);
        enum reason reason;
        struct rib_route route = {{0}, {0}};
        if (record->bits & RIB_IN_USE)
            route = engine_told(sender, to, rib_prefix_of(out, record), &reason);
        if (route.attr.v == 0)
            continue;
        expected++;
        uint32_t there = rib_find(in, rib_prefix_of(out, record));
        const struct rib_path *path =
            there ? rib_path_of(in, there, engine_neighbor_source(receiver, by)) : NULL;
        CHECK(path != NULL);
        if (!path)
            continue;
        const struct attr_facts *theirs = attr_get(&in->attrs, path->attr);
        CHECK_EQUAL(attr_next_hop(theirs), engine_neighbor(sender, to)->local_addr);
        CHECK_EQUAL(theirs->path_length, attr_get(&out->attrs, route.attr)->path_length + 1);
    }
    const struct rib_counts *counts =
        &rib_source_get(in, engine_neighbor_source(receiver, by))->counts;
    found = counts->accepted + counts->refused;
    CHECK_EQUAL(found, expected);
}

/* One random number an expression: the order within one is each compiler's own. */
static void random_deed(struct prng *prng)
{
    uint8_t rig = (uint8_t)prng_below(prng, lab_rig_count);
    uint16_t attachment;
    bool export;
    char prefix[PREFIX_TEXT_BYTES];
    struct text text = text_over(prefix, sizeof prefix);
    text_prefix(&text, prefix_around(0x0a000000u + ((ip_addr)prng_below(prng, 40) << 16), 16));
    switch (prng_below(prng, 10)) {
    case 0:
        cables[prng_below(prng, cable_count)].dark ^= true;
        break;
    case 1:
        say_connection(&lab[rig], EVENT_HALT, 1, 0);
        say_connection(&lab[rig], EVENT_START, 1, 0);
        break;
    case 2:
        attachment = (uint16_t)(1 + prng_below(prng, 2));
        export = prng_below(prng, 2);
        say_filter(&lab[GATEWAY], attachment, export, prng_below(prng, 3) ? prefix : NULL);
        break;
    case 3:
    case 4:
    case 5:
        say_withdraw(&lab[rig], prefix);
        break;
    default:
        say_announce(&lab[rig], prefix);
        break;
    }
}

static uint64_t chaos(uint64_t seed)
{
    struct prng prng = prng_seed(seed);
    add_gateway();
    lab_prng = prng_fork(&prng);
    lab[GATEWAY].profile.decision = (struct span){0, 60 * MS};
    add_site(prng_below(&prng, 2) ? PLATFORM_VYATTA : PLATFORM_BIRD, 65001);
    add_site(PLATFORM_VYOS, prng_below(&prng, 2) ? 65001 : 65002);
    lab[LEFT].profile.withdraw_to_fib = (struct span){0, S};
    for (int i = 0; i < 120; i++) {
        random_deed(&prng);
        lab_pass((int64_t)prng_below(&prng, prng_below(&prng, 4) ? 300 * MS : 20 * S));
    }
    for (uint8_t i = 0; i < cable_count; i++)
        cables[i].dark = false;
    lab_pass(120 * S);
    for (uint8_t i = 0; i < cable_count; i++) {
        for (int end = 0; end < 2; end++) {
            CHECK_TEXT(state_of(cables[i].rigs[end], cables[i].neighbors[end]), "Established");
            check_pair(i, end);
        }
    }
    uint64_t digest = lab[GATEWAY].digest ^ lab[LEFT].digest ^ lab[RIGHT].digest;
    lab_finish();
    return digest;
}

static void after_chaos_both_ends_agree(void)
{
    for (uint64_t seed = 1; seed <= 12; seed++)
        chaos(seed);
}

/* The same seed is the same run, at each step. */
static void a_seed_is_a_run(void)
{
    uint64_t digest = chaos(99);
    CHECK(chaos(99) == digest);
    CHECK(chaos(100) != digest);
    harness_digest("sessions in chaos", digest);
}

int main(void)
{
    TEST(a_router_and_a_gateway_exchange_routes);
    TEST(an_echo_is_refused);
    TEST(sites_of_the_same_as_refuse_each_other);
    TEST(unless_they_allow_it);
    TEST(silence_ends_the_session);
    TEST(a_collision_leaves_one_connection);
    TEST(a_halted_session_says_goodbye_and_may_begin_again);
    TEST(a_farewell_that_nobody_fetched_is_no_leak);
    TEST(the_first_update_waits_as_the_daemon_does);
    TEST(a_neighbor_may_ask_again);
    TEST(after_chaos_both_ends_agree);
    TEST(a_seed_is_a_run);
    return harness_done();
}
