/* The guard's policy `carve`: what covers an endpoint is told in pieces that do not. Endpoint of
 * neighbor n: 203.0.113.n. */
#include "engine/parts.h"
#include "engine/test_gate.h"

#include "base/prng.h"

static struct event_attachment carved(uint16_t attachment, uint16_t cgw)
{
    return (struct event_attachment){.attachment = attachment,
                                     .kind = ATTACHMENT_VPN,
                                     .customer_gateway = cgw,
                                     .guard = GUARD_CARVE};
}

/* Neighbor n of attachment n and customer gateway n, whose policy is to carve, up. */
static void carved_vpn(uint16_t n, uint32_t asn)
{
    say_attachment(&gate, carved(n, n));
    peer_up(gate_tunnel(n, n, asn));
}

static void a_prefix_is_told_in_pieces(void)
{
    gate_start();
    carved_vpn(1, 65001);
    gate_dx(2, 65002);
    gate_vpn(3, 65003);
    announce(2, "203.0.113.0/30");
    CHECK_TEXT(told(1, "203.0.113.0/30"), "nothing");
    CHECK_TEXT(why_not(1, "203.0.113.0/30"), "guard-carve");
    CHECK_TEXT(told(1, "203.0.113.0/32"), "64512 65002 via 169.254.1.1");
    CHECK_TEXT(told(1, "203.0.113.2/31"), "64512 65002 via 169.254.1.1");
    CHECK_EQUAL(peers[1].told_count, 2);
    CHECK_EQUAL(rig_notes(&gate, NOTE_GUARD_HELD), 2);
    CHECK_EQUAL(rig_note(&gate, NOTE_GUARD_HELD).reason, REASON_GUARD_HOLD);
    CHECK_EQUAL(peers[2].told_count, 0);
    CHECK_TEXT(told(3, "203.0.113.0/30"), "nothing"); /* covers its endpoint, and it holds */
    CHECK_EQUAL(peers[3].told_count, 0);
    CHECK_TEXT(why_not(3, "203.0.113.0/32"), "fragment-of-others");
    CHECK_TEXT(rig_entry(&gate, "203.0.113.0/30"), "via 169.254.2.2 on 2, ebgp 2");
    CHECK_TEXT(rig_entry(&gate, "203.0.113.0/32"), "none"); /* the gateway has the whole */
    withdraw(2, "203.0.113.0/30");
    CHECK_EQUAL(peers[1].told_count, 0);
    CHECK_EQUAL(engine_rib(gate.engine)->live_count, 0);
    gate_finish();
}

/* A default is held: its complement would beat static defaults that it does not beat itself. So is
 * what would fall into too many pieces. */
static void a_default_is_not_carved(void)
{
    gate_start();
    carved_vpn(1, 65001);
    gate_dx(2, 65002);
    announce(2, "0.0.0.0/0");
    announce(2, "128.0.0.0/1");
    CHECK_EQUAL(peers[1].told_count, 0);
    CHECK_TEXT(why_not(1, "0.0.0.0/0"), "guard-hold");
    CHECK_TEXT(why_not(1, "128.0.0.0/1"), "guard-hold");
    announce(2, "203.0.0.0/16");
    CHECK_EQUAL(peers[1].told_count, 16);
    CHECK_TEXT(told(1, "203.0.128.0/17"), "64512 65002 via 169.254.1.1");
    gate_finish();
}

/* What somebody announces himself is the best, and everybody's. */
static void a_piece_never_replaces_a_learned_path(void)
{
    gate_start();
    carved_vpn(1, 65001);
    gate_dx(2, 65002);
    gate_dx(3, 65003);
    announce(2, "203.0.113.0/30");
    announce_as(3, "203.0.113.2/31", (struct offer){.path = {65003, 65033, 65034}});
    CHECK_TEXT(told(1, "203.0.113.2/31"), "64512 65003 65033 65034 via 169.254.1.1");
    CHECK_TEXT(told(2, "203.0.113.2/31"), "64512 65003 65033 65034 via 169.254.2.1");
    CHECK_TEXT(rig_entry(&gate, "203.0.113.2/31"), "via 169.254.3.2 on 3, ebgp 3");
    withdraw(3, "203.0.113.2/31");
    CHECK_TEXT(told(1, "203.0.113.2/31"), "64512 65002 via 169.254.1.1");
    CHECK_TEXT(told(2, "203.0.113.2/31"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "203.0.113.2/31"), "none");
    gate_finish();
}

/* Of two that cover the endpoint the longer one decides, within itself. */
static void the_longest_prefix_decides(void)
{
    gate_start();
    carved_vpn(1, 65001);
    gate_dx(2, 65002);
    gate_dx(3, 65003);
    announce(2, "203.0.113.0/28");
    CHECK_EQUAL(peers[1].told_count, 4);
    CHECK_TEXT(told(1, "203.0.113.2/31"), "64512 65002 via 169.254.1.1");
    announce(3, "203.0.113.0/30");
    CHECK_EQUAL(peers[1].told_count, 4);
    CHECK_TEXT(told(1, "203.0.113.2/31"), "64512 65003 via 169.254.1.1");
    CHECK_TEXT(told(1, "203.0.113.8/29"), "64512 65002 via 169.254.1.1");
    withdraw(3, "203.0.113.0/30");
    CHECK_TEXT(told(1, "203.0.113.2/31"), "64512 65002 via 169.254.1.1");
    announce_as(2, "203.0.113.0/28", (struct offer){.path = {65002, 65022}});
    CHECK_TEXT(told(1, "203.0.113.2/31"), "64512 65002 65022 via 169.254.1.1");
    gate_finish();
}

/* Two customers: the same piece may be both's, or one's; it may even cover the other's endpoint. */
static void each_customer_has_its_own_pieces(void)
{
    gate_start();
    say_attachment(&gate, carved(1, 1));
    say_attachment(&gate, carved(2, 2));
    say_endpoint(&gate, 1, "203.0.113.1", true);
    say_endpoint(&gate, 2, "203.0.113.5", true);
    peer_up(peer_add(neighbor_on(1, 1, 65001, NULL)));
    peer_up(peer_add(neighbor_on(2, 2, 65002, NULL)));
    gate_dx(3, 65003);
    announce(3, "203.0.113.0/28");
    CHECK_TEXT(told(1, "203.0.113.4/30"), "64512 65003 via 169.254.1.1");
    CHECK_TEXT(told(2, "203.0.113.4/30"), "nothing");
    CHECK_TEXT(told(2, "203.0.113.0/30"), "64512 65003 via 169.254.2.1");
    CHECK_TEXT(told(1, "203.0.113.8/29"), "64512 65003 via 169.254.1.1");
    CHECK_TEXT(told(2, "203.0.113.8/29"), "64512 65003 via 169.254.2.1");
    CHECK_EQUAL(peers[1].told_count, 4);
    CHECK_EQUAL(peers[2].told_count, 4);
    CHECK_EQUAL(peers[3].told_count, 0);
    gate_finish();
}

/* Its pieces do not return to who announced the whole. */
static void pieces_do_not_return(void)
{
    gate_start();
    carved_vpn(1, 65001);
    carved_vpn(2, 65002);
    announce(1, "203.0.113.0/30");
    CHECK_EQUAL(peers[1].told_count, 0);
    CHECK_EQUAL(peers[2].told_count, 2);
    announce_as(2, "203.0.113.0/30", (struct offer){.path = {65002, 65022}});
    CHECK_EQUAL(peers[2].told_count, 2);
    withdraw(1, "203.0.113.0/30"); /* now it is the other's */
    CHECK_EQUAL(peers[1].told_count, 2);
    CHECK_TEXT(told(1, "203.0.113.0/32"), "64512 65002 65022 via 169.254.1.1");
    CHECK_EQUAL(peers[2].told_count, 0);
    gate_finish();
}

static void policies_and_endpoints_change(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_dx(2, 65002);
    announce(2, "203.0.113.0/30");
    CHECK_EQUAL(peers[1].told_count, 0);
    say_attachment(&gate, carved(1, 1));
    CHECK_EQUAL(peers[1].told_count, 2);
    say_endpoint(&gate, 1, "203.0.113.2", true);
    CHECK_EQUAL(peers[1].told_count, 2);
    CHECK_TEXT(told(1, "203.0.113.3/32"), "64512 65002 via 169.254.1.1");
    say_endpoint(&gate, 1, "203.0.113.1", false);
    CHECK_TEXT(told(1, "203.0.113.0/31"), "64512 65002 via 169.254.1.1");
    say_endpoint(&gate, 1, "203.0.113.2", false);
    CHECK_EQUAL(peers[1].told_count, 1);
    CHECK_TEXT(told(1, "203.0.113.0/30"), "64512 65002 via 169.254.1.1");
    say_endpoint(&gate, 1, "203.0.113.3", true);
    CHECK_EQUAL(peers[1].told_count, 2);
    struct event_attachment held = carved(1, 1);
    held.guard = GUARD_HOLD;
    say_attachment(&gate, held);
    CHECK_EQUAL(peers[1].told_count, 0);
    CHECK_EQUAL(engine_rib(gate.engine)->live_count, 1);
    gate_finish();
}

static void a_late_neighbor_is_told_the_pieces(void)
{
    gate_start();
    say_attachment(&gate, carved(1, 1));
    gate_tunnel(1, 1, 65001);
    gate_dx(2, 65002);
    gate_dx(3, 65003);
    announce(2, "203.0.113.0/30");
    peer_up(&peers[1]);
    CHECK_EQUAL(peers[1].told_count, 2);
    peer_cut(&peers[2]);
    CHECK_EQUAL(peers[1].told_count, 0);
    gate_finish();
}

/* -- by chance -- */

enum { CUSTOMERS = 3, SPEAKERS = 5, PREFIXES = 9 };

static const char *const universe[PREFIXES] = {
    "0.0.0.0/0",      "203.0.0.0/14",   "203.0.113.0/24", "203.0.113.0/28", "203.0.113.0/30",
    "203.0.113.4/30", "203.0.113.2/31", "203.0.113.8/29", "203.0.112.0/24"};

/* Which best path carries packets to the address, with everything told in full? 0: none. */
static uint32_t whole_way(ip_addr addr)
{
    const struct rib *rib = engine_rib(gate.engine);
    uint32_t numbers[RIB_COVERING_MAX];
    for (uint32_t i = rib_covering(rib, addr, numbers); i > 0; i--) {
        struct rib_route best = rib_best(rib, numbers[i - 1]);
        if (best.attr.v && rib_source_get(rib, best.source)->source.kind != SOURCE_FRAGMENT)
            return numbers[i - 1];
    }
    return 0;
}

/* What a customer knows leads each address where the whole would, save its own endpoints; and what
 * is not carved because it cannot be is not known. */
static void check_customer(uint16_t n, ip_addr addr)
{
    const struct peer *peer = &peers[n];
    const struct rib *rib = engine_rib(gate.engine);
    struct guard *guard = &gate.engine->bgp->guard;
    struct guard_cursor cursor = {0};
    const struct told *longest = NULL;
    for (uint32_t i = 0; i < peer->told_count; i++) {
        const struct told *told = &peer->told[i];
        if (prefix_contains(told->prefix, addr) &&
            (!longest || told->prefix.len > longest->prefix.len))
            longest = told;
    }
    while (guard_covered_next(guard, (struct prefix){addr, 32}, &cursor)) {
        if (cursor.cgw.v == n) {
            CHECK(longest == NULL);
            return;
        }
    }
    uint32_t number = whole_way(addr);
    if (number == 0) {
        CHECK(longest == NULL);
        return;
    }
    struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, number));
    struct rib_route best = rib_best(rib, number);
    struct guard_verdict verdict =
        guard_export_judge(guard, (struct cgw_id){n}, GUARD_CARVE, prefix);
    if (verdict.action == GUARD_HOLD || rib_source_get(rib, best.source)->source.attachment.v == n)
        return; /* a shorter one may be told, or none */
    CHECK(longest != NULL);
    if (longest)
        CHECK_EQUAL(longest->path[1], attr_get(&rib->attrs, best.attr)->first_as);
}

static void random_deed(struct prng *prng, uint8_t counts[CUSTOMERS + 1][16])
{
    uint16_t n = (uint16_t)(1 + prng_below(prng, SPEAKERS));
    const char *prefix = universe[prng_below(prng, PREFIXES)];
    uint16_t cgw = (uint16_t)(1 + prng_below(prng, CUSTOMERS));
    uint32_t host = (uint32_t)prng_below(prng, 16);
    char outside[IP_TEXT_BYTES];
    struct text text = text_over(outside, sizeof outside);
    text_ip(&text, ip("203.0.113.0") + host);
    switch (prng_below(prng, 8)) {
    case 0:
        if (peers[n].connected)
            peer_cut(&peers[n]);
        else
            peer_up(&peers[n]);
        break;
    case 1:
    case 2:
        counts[cgw][host] ^= 1;
        say_endpoint(&gate, cgw, outside, counts[cgw][host]);
        break;
    case 3:
        if (peers[n].connected)
            withdraw(n, prefix);
        break;
    default:
        if (peers[n].connected)
            announce(n, prefix);
        break;
    }
}

static void whatever_happens_pieces_lead_where_the_whole_does(void)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct prng prng = prng_seed(seed);
        uint8_t counts[CUSTOMERS + 1][16] = {{0}};
        gate_start();
        for (uint16_t i = 1; i <= SPEAKERS; i++) {
            struct event_attachment said = carved(i, i);
            if (i > CUSTOMERS)
                said = (struct event_attachment){.attachment = i, .kind = ATTACHMENT_DX};
            say_attachment(&gate, said);
            peer_up(peer_add(neighbor_on(i, i, 65000u + i, NULL)));
        }
        for (int i = 0; i < 120; i++) {
            random_deed(&prng, counts);
            for (ip_addr addr = ip("203.0.113.0"); addr < ip("203.0.113.20"); addr++) {
                for (uint16_t n = 1; n <= CUSTOMERS; n++) {
                    if (peers[n].connected)
                        check_customer(n, addr);
                }
            }
        }
        gate_finish();
    }
}

/* -- the audit -- */

static void a_wrong_piece_is_seen(void)
{
    gate_start();
    carved_vpn(1, 65001);
    gate_dx(2, 65002);
    announce(2, "203.0.113.0/30");
    struct lpm *pieces = &gate.engine->bgp->carve.pieces;
    CHECK(carve_audit(gate.engine) == NULL);
    CHECK(lpm_remove(pieces, net("203.0.113.0/32")));
    CHECK_TEXT(carve_audit(gate.engine), "a piece is not there that somebody is to be told");
    CHECK(lpm_set(pieces, net("203.0.113.0/32"), 1) && lpm_set(pieces, net("10.0.0.0/8"), 1));
    CHECK_TEXT(carve_audit(gate.engine), "a piece is there that nobody is to be told");
    CHECK(lpm_remove(pieces, net("10.0.0.0/8")));
    struct rib *rib = &gate.engine->bgp->rib;
    const struct rib_path *path = rib_path_next(rib, rib_find(rib, net("203.0.113.0/32")), NULL);
    struct rib_path *broken = pool_get(&rib->paths, 1);
    while (broken != path)
        broken++;
    struct attr_id was = broken->attr;
    broken->attr = (struct attr_id){0};
    CHECK_TEXT(carve_audit(gate.engine), "a piece has other attributes than what it was cut from");
    broken->attr = was;
    gate_finish();
}

int main(void)
{
    TEST(a_prefix_is_told_in_pieces);
    TEST(a_default_is_not_carved);
    TEST(a_piece_never_replaces_a_learned_path);
    TEST(the_longest_prefix_decides);
    TEST(each_customer_has_its_own_pieces);
    TEST(pieces_do_not_return);
    TEST(policies_and_endpoints_change);
    TEST(a_late_neighbor_is_told_the_pieces);
    TEST(whatever_happens_pieces_lead_where_the_whole_does);
    TEST(a_wrong_piece_is_seen);
    return harness_done();
}
