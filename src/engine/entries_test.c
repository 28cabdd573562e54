/* What the kernel and the VPCs' route tables shall hold: interfaces, routes that BGP did not bring,
 * those it did, static VPNs, VPCs. */
#include "engine/test_gate.h"

static void router_start(enum platform platform)
{
    rig_start(&gate, rig_config(&gate, platform, 65000));
}

/* -- a router's table -- */

static void an_interface_brings_its_prefix(void)
{
    router_start(PLATFORM_FRR);
    say_interface(&gate, 1, "192.0.2.1", 24, true);
    CHECK_TEXT(rig_entry(&gate, "192.0.2.0/24"), "on 1, connected");
    say_interface(&gate, 1, "192.0.2.1", 24, false);
    CHECK_TEXT(rig_entry(&gate, "192.0.2.0/24"), "none");
    say_interface(&gate, 1, "192.0.2.1", 24, true);
    CHECK_TEXT(rig_entry(&gate, "192.0.2.0/24"), "on 1, connected");
    say_interface(&gate, 2, NULL, 0, true); /* unnumbered */
    CHECK_EQUAL(gate.entry_count, 1);
    gate_finish();
}

static void an_interface_changes_its_address(void)
{
    router_start(PLATFORM_FRR);
    say_interface(&gate, 1, "192.0.2.1", 24, true);
    say_interface(&gate, 2, "203.0.113.1", 24, true);
    say_interface(&gate, 1, "198.51.100.1", 24, true);
    CHECK_TEXT(rig_entry(&gate, "198.51.100.0/24"), "on 1, connected");
    CHECK_TEXT(rig_entry(&gate, "192.0.2.0/24"), "none");
    say_interface(&gate, 1, "198.51.100.1", 25, true);
    CHECK_TEXT(rig_entry(&gate, "198.51.100.0/25"), "on 1, connected");
    CHECK_TEXT(rig_entry(&gate, "198.51.100.0/24"), "none");
    say_interface(&gate, 1, NULL, 0, true);
    CHECK_EQUAL(gate.entry_count, 1);
    CHECK_TEXT(rig_entry(&gate, "203.0.113.0/24"), "on 2, connected");
    gate_finish();
}

/* Distances are the platform's, so BGP's [20] beats DHCP's [210] and static's [1] beats both. */
static void distances_decide(void)
{
    router_start(PLATFORM_VYATTA);
    say_interface(&gate, 1, "192.0.2.2", 24, true);
    say_interface(&gate, 2, "198.51.100.2", 24, true);
    struct event_route dhcp = {
        .prefix = net("0.0.0.0/0"), .source = ROUTE_DHCP, .gateway = ip("192.0.2.1")};
    struct event_route pinned = {
        .prefix = net("0.0.0.0/0"), .source = ROUTE_STATIC, .gateway = ip("198.51.100.1")};
    say_route(&gate, dhcp);
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 192.0.2.1 on 1, dhcp");
    say_route(&gate, pinned);
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 198.51.100.1 on 2, static");
    say_interface(&gate, 2, "198.51.100.2", 24, false);
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 192.0.2.1 on 1, dhcp");
    say_interface(&gate, 2, "198.51.100.2", 24, true);
    pinned.has_distance = true;
    pinned.distance = 250; /* a floating static */
    say_route(&gate, pinned);
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 192.0.2.1 on 1, dhcp");
    say_no_route(&gate, dhcp);
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 198.51.100.1 on 2, static");
    say_no_route(&gate, pinned);
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "none");
    gate_finish();
}

/* A host route whose next hop is on no link: what leads there decides, and the platform. */
static const char *pinned_afar(enum platform platform, const char *beside)
{
    static char entry[128];
    router_start(platform);
    say_interface(&gate, 1, "192.0.2.2", 24, true);
    say_route(&gate, (struct event_route){.prefix = net(beside),
                                          .source = ROUTE_STATIC,
                                          .gateway = ip("192.0.2.1")});
    say_route(&gate, (struct event_route){.prefix = net("203.0.113.5/32"),
                                          .source = ROUTE_STATIC,
                                          .gateway = ip("198.51.100.9")});
    CHECK(strcmp(rig_entry(&gate, beside), "none") != 0);
    snprintf(entry, sizeof entry, "%s", rig_entry(&gate, "203.0.113.5/32"));
    gate_finish();
    return entry;
}

static void a_static_route_wants_what_its_platform_asks(void)
{
    const char *there = "via 192.0.2.1 on 1, static";
    CHECK_TEXT(pinned_afar(PLATFORM_FRR, "198.51.100.0/24"), there);
    CHECK_TEXT(pinned_afar(PLATFORM_FRR, "0.0.0.0/0"), "none");
    CHECK_TEXT(pinned_afar(PLATFORM_VYOS, "0.0.0.0/0"), there);
    CHECK_TEXT(pinned_afar(PLATFORM_BIRD, "198.51.100.0/24"), "none");
    CHECK_TEXT(pinned_afar(PLATFORM_BIRD, "0.0.0.0/0"), "none");
    CHECK_TEXT(pinned_afar(PLATFORM_SEKISHO, "198.51.100.0/24"), "none");
}

static void a_route_may_discard(void)
{
    router_start(PLATFORM_FRR);
    struct event_route null = {
        .prefix = net("10.0.0.0/8"), .source = ROUTE_STATIC, .discard = true};
    say_route(&gate, null);
    CHECK_TEXT(rig_entry(&gate, "10.0.0.0/8"), "discard, static");
    say_no_route(&gate, null);
    CHECK_TEXT(rig_entry(&gate, "10.0.0.0/8"), "none");
    gate_finish();
}

/* The incident, at the customer: the default through the tunnel replaces DHCP's, and comes back
 * when BGP's goes (T04). */
static void a_learned_default_replaces_the_underlays(void)
{
    router_start(PLATFORM_VYATTA);
    say_attachment(&gate, (struct event_attachment){.attachment = 1});
    peer_up(peer_add(neighbor_on(1, 1, 64512, NULL)));
    say_interface(&gate, 2, "10.20.0.10", 24, true);
    say_route(&gate, (struct event_route){.prefix = net("0.0.0.0/0"),
                                          .source = ROUTE_DHCP,
                                          .gateway = ip("10.20.0.1")});
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 10.20.0.1 on 2, dhcp");
    announce_as(1, "0.0.0.0/0", (struct offer){.path = {64512, 65001}});
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 169.254.1.2 on 1, ebgp 1");
    peer_cut(&peers[1]);
    CHECK_TEXT(rig_entry(&gate, "0.0.0.0/0"), "via 10.20.0.1 on 2, dhcp");
    gate_finish();
}

/* Single-hop eBGP: the next hop is on the link, or the route is not used. */
static void a_next_hop_must_be_on_the_link(void)
{
    router_start(PLATFORM_FRR);
    say_attachment(&gate, (struct event_attachment){.attachment = 1});
    peer_up(peer_add(neighbor_on(1, 1, 64512, NULL)));
    announce_as(1, "10.1.0.0/16", (struct offer){.next_hop = ip("198.51.100.77")});
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    say_interface(&gate, 3, "192.0.2.2", 24, true);
    say_route(&gate, (struct event_route){.prefix = net("198.51.100.0/24"),
                                          .source = ROUTE_STATIC,
                                          .gateway = ip("192.0.2.1")});
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none"); /* to be reached, but not on a link */
    say_interface(&gate, 2, "198.51.100.1", 24, true);
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 198.51.100.77 on 2, ebgp 1");
    gate_finish();
}

/* "fib: none": the table knows nothing of BGP, the neighbors know everything. */
static void what_bgp_brings_may_stay_out(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    config.no_entries = true;
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    gate_finish();
}

/* -- static VPNs -- */

static void a_static_vpn_is_told_and_installed(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpn(&gate, 2);
    say_interface(&gate, 7, "169.254.7.1", 30, true);
    say_static_vpn(&gate, 2, 7, "10.7.0.0/16", true);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "on 7, static");
    CHECK_TEXT(told(1, "10.7.0.0/16"), "64512 via 169.254.1.1");
    say_static_vpn(&gate, 2, 7, "10.7.0.0/16", false);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "none");
    CHECK_TEXT(told(1, "10.7.0.0/16"), "nothing");
    say_static_vpn(&gate, 2, 7, "10.8.0.0/16", false); /* it never was */
    CHECK_EQUAL(gate.entry_count, 2);
    gate_finish();
}

/* The other tunnel of the connection takes over: all its routes move, and nobody hears of it. */
static void a_static_vpn_moves_to_the_other_tunnel(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpn(&gate, 2);
    say_interface(&gate, 7, "169.254.7.1", 30, true);
    say_interface(&gate, 8, "169.254.8.1", 30, true);
    say_static_vpn(&gate, 2, 7, "10.7.0.0/16", true);
    say_static_vpn(&gate, 2, 7, "10.8.0.0/16", true);
    uint32_t updates = peers[1].update_count;
    say_static_vpn(&gate, 2, 8, "10.7.0.0/16", true);
    say_static_vpn(&gate, 2, 8, "10.8.0.0/16", true);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "on 8, static");
    CHECK_TEXT(rig_entry(&gate, "10.8.0.0/16"), "on 8, static");
    CHECK_EQUAL(peers[1].update_count, updates);
    gate_finish();
}

/* Two connections with the same route have the same attributes: it is another way all the same. */
static void a_static_vpn_moves_to_the_other_connection(void)
{
    gate_start();
    say_vpn(&gate, 1);
    say_vpn(&gate, 2);
    say_interface(&gate, 7, "169.254.7.1", 30, true);
    say_interface(&gate, 8, "169.254.8.1", 30, true);
    say_static_vpn(&gate, 1, 7, "10.7.0.0/16", true);
    say_static_vpn(&gate, 2, 8, "10.7.0.0/16", true);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "on 7, static");
    say_static_vpn(&gate, 1, 7, "10.7.0.0/16", false);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "on 8, static");
    say_static_vpn(&gate, 1, 7, "10.7.0.0/16", true);
    say_static_vpn(&gate, 2, 8, "10.7.0.0/16", false);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "on 7, static");
    gate_finish();
}

static void a_static_vpn_that_is_not_best_waits(void)
{
    gate_start();
    gate_dx(1, 65001);
    say_vpn(&gate, 2);
    say_interface(&gate, 7, "169.254.7.1", 30, true);
    announce(1, "10.7.0.0/16");
    say_static_vpn(&gate, 2, 7, "10.7.0.0/16", true);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    say_static_vpn(&gate, 2, 8, "10.7.0.0/16", true);
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    withdraw(1, "10.7.0.0/16");
    CHECK_TEXT(rig_entry(&gate, "10.7.0.0/16"), "on 8, static");
    gate_finish();
}

/* -- VPCs -- */

static void a_vpcs_range_is_told_to_everybody(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    CHECK_TEXT(told(1, "10.10.0.0/16"), "64512 via 169.254.1.1");
    CHECK_TEXT(rig_entry(&gate, "10.10.0.0/16"), "on 100, connected");
    say_cidr(&gate, "10.11.0.0/16");
    CHECK_TEXT(told(1, "10.11.0.0/16"), "64512 via 169.254.1.1");
    CHECK_TEXT(rig_entry(&gate, "10.10.0.0/16"), "on 100, connected");
    gate_finish();
}

/* Propagation is a table's own affair (T12). */
static void routes_propagate_where_it_is_enabled(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    say_table(&gate, 2, false);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.1.0.0/16"), "gateway 1, propagated");
    CHECK_TEXT(rig_vpc_entry(&gate, 2, "10.1.0.0/16"), "none");
    say_table(&gate, 2, true);
    CHECK_TEXT(rig_vpc_entry(&gate, 2, "10.1.0.0/16"), "gateway 1, propagated");
    say_table(&gate, 1, false);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.1.0.0/16"), "none");
    peer_cut(&peers[1]);
    CHECK_TEXT(rig_vpc_entry(&gate, 2, "10.1.0.0/16"), "none");
    gate_finish();
}

/* A VPC that is attached while routes are there sees them, too. */
static void a_late_vpc_sees_what_is_there(void)
{
    gate_start();
    gate_vpn(1, 65001);
    announce(1, "10.1.0.0/16");
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.1.0.0/16"), "gateway 1, propagated");
    gate_finish();
}

/* The local route wins against a more specific one that was propagated; a static one beats a
 * propagated one of its prefix (T14). */
static void local_and_static_win(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    announce(1, "10.10.7.0/24");
    announce(1, "0.0.0.0/0");
    struct vpc_route route;
    CHECK_EQUAL(vpc_lookup(engine_vpc(gate.engine, 1), 1, ip("10.10.7.9"), &route), VPC_CHOSEN);
    CHECK_EQUAL(route.target.kind, VPC_TO_LOCAL);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "0.0.0.0/0"), "gateway 1, propagated");
    struct vpc_target internet = {5, VPC_TO_INTERNET};
    say_vpc_route(&gate, 1, "0.0.0.0/0", internet, true);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "0.0.0.0/0"), "internet 5, static");
    say_vpc_part(&gate, EVENT_VPC_TARGET, (struct event_vpc_part){.target = internet});
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "0.0.0.0/0"), "internet 5, static, blackhole");
    say_vpc_route(&gate, 1, "0.0.0.0/0", internet, false);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "0.0.0.0/0"), "gateway 1, propagated");
    gate_finish();
}

static void what_a_vpc_refuses_is_noted(void)
{
    gate_start();
    say_vpc(&gate, 0, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_cidr(&gate, "10.10.7.0/24");
    CHECK_EQUAL(rig_note(&gate, NOTE_VPC_REFUSED).reason, VPC_REFUSED_OVERLAP);
    say_table(&gate, 1, false);
    say_vpc_route(&gate, 1, "10.10.0.0/16", (struct vpc_target){1, VPC_TO_INSTANCE}, true);
    CHECK_EQUAL(rig_note(&gate, NOTE_VPC_REFUSED).reason, VPC_REFUSED_LOCAL);
    say_vpc_part(&gate, EVENT_VPC_SUBNET,
                 (struct event_vpc_part){.table = 1, .prefix = net("10.11.0.0/24")});
    CHECK_EQUAL(rig_note(&gate, NOTE_VPC_REFUSED).reason, VPC_REFUSED_OUTSIDE);
    CHECK_EQUAL(rig_notes(&gate, NOTE_VPC_REFUSED), 3);
    gate_finish();
}

/* The 201st table is refused; what is then said of it is refused too. */
static void a_table_that_was_refused_is_not_there(void)
{
    gate_start();
    say_vpc(&gate, 0, 0);
    say_cidr(&gate, "10.10.0.0/16");
    gate.unaudited = true;
    for (uint16_t table = 1; table <= VPC_TABLE_MAX + 1; table++)
        say_table(&gate, table, false);
    gate.unaudited = false;
    CHECK_EQUAL(rig_notes(&gate, NOTE_VPC_REFUSED), 1);
    say_vpc_route(&gate, VPC_TABLE_MAX + 1, "10.9.0.0/16", (struct vpc_target){1, VPC_TO_INSTANCE},
                  true);
    say_vpc_part(
        &gate, EVENT_VPC_SUBNET,
        (struct event_vpc_part){.table = VPC_TABLE_MAX + 1, .prefix = net("10.10.1.0/24")});
    say_table(&gate, VPC_TABLE_MAX + 1, true);
    say_vpc_route(&gate, VPC_TABLE_MAX + 1, "10.9.0.0/16", (struct vpc_target){0}, false);
    CHECK_EQUAL(rig_notes(&gate, NOTE_VPC_REFUSED), 5);
    CHECK_EQUAL(rig_note(&gate, NOTE_VPC_REFUSED).reason, VPC_REFUSED_LIMIT);
    gate_finish();
}

/* A peering's far ranges are reached while it is active, and only they (T18). */
static void a_peering_carries_its_two_vpcs(void)
{
    gate_start();
    say_vpc(&gate, 0, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, false);
    struct vpc_peering peering = {
        .id = 3, .cidr_count = 1, .active = true, .cidrs = {net("10.20.0.0/16")}};
    struct vpc_target target = {3, VPC_TO_PEERING};
    say_vpc_route(&gate, 1, "10.16.0.0/12", target, true);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.16.0.0/12"), "peering 3, static, blackhole");
    say_vpc_part(&gate, EVENT_VPC_PEERING, (struct event_vpc_part){.peering = peering});
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.16.0.0/12"), "peering 3, static");
    struct vpc_route route;
    const struct vpc *vpc = engine_vpc(gate.engine, 1);
    CHECK_EQUAL(vpc_lookup(vpc, 1, ip("10.20.1.1"), &route), VPC_CHOSEN);
    CHECK_EQUAL(vpc_lookup(vpc, 1, ip("10.21.1.1"), &route), VPC_TRANSIT);
    gate_finish();
}

/* A table takes so many propagated routes and no more. */
static void a_full_table_takes_no_more(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpc(&gate, VPC_INTERFACE, 2);
    say_table(&gate, 1, true);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    announce(1, "10.3.0.0/16");
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.3.0.0/16"), "none");
    withdraw(1, "10.1.0.0/16");
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.3.0.0/16"), "gateway 1, propagated");
    gate_finish();
}

/* Its ranges stay, of which no neighbor hears again; all else is as it is said from then on. */
static void a_vpc_said_again_is_empty_but_for_its_ranges(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    say_table(&gate, 2, true);
    say_vpc_part(&gate, EVENT_VPC_SUBNET,
                 (struct event_vpc_part){.table = 2, .prefix = net("10.10.1.0/24")});
    say_vpc_route(&gate, 1, "10.9.0.0/16", (struct vpc_target){3, VPC_TO_INSTANCE}, true);
    announce(1, "10.1.0.0/16");
    uint32_t updates = peers[1].update_count;
    say_vpc(&gate, VPC_INTERFACE, 0);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.10.0.0/16"), "none");
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.9.0.0/16"), "none");
    CHECK_TEXT(rig_vpc_entry(&gate, 2, "10.1.0.0/16"), "none");
    CHECK_EQUAL(vpc_subnet_of(engine_vpc(gate.engine, 1), ip("10.10.1.1")), 0);
    say_table(&gate, 1, true);
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.1.0.0/16"), "gateway 1, propagated");
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.10.0.0/16"), "local");
    CHECK_TEXT(told(1, "10.10.0.0/16"), "64512 via 169.254.1.1");
    CHECK_EQUAL(peers[1].update_count, updates);
    gate_finish();
}

static void a_range_goes_with_what_it_brought(void)
{
    gate_start();
    gate_vpn(1, 65001);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_cidr(&gate, "10.11.0.0/16");
    say_table(&gate, 1, false);
    struct event_vpc_part gone = {.prefix = net("10.11.0.0/16")};
    say_vpc_part(&gate, EVENT_VPC_CIDR, gone);
    CHECK_TEXT(told(1, "10.10.0.0/16"), "64512 via 169.254.1.1");
    CHECK_TEXT(told(1, "10.11.0.0/16"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "10.11.0.0/16"), "none");
    CHECK_TEXT(rig_vpc_entry(&gate, 1, "10.11.0.0/16"), "none");
    say_vpc(&gate, 0, 0); /* another gateway's by now */
    CHECK_TEXT(told(1, "10.10.0.0/16"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "10.10.0.0/16"), "none");
    say_vpc(&gate, VPC_INTERFACE, 0);
    CHECK_TEXT(told(1, "10.10.0.0/16"), "64512 via 169.254.1.1");
    CHECK_TEXT(rig_entry(&gate, "10.10.0.0/16"), "on 100, connected");
    gate_finish();
}

int main(void)
{
    TEST(an_interface_brings_its_prefix);
    TEST(an_interface_changes_its_address);
    TEST(distances_decide);
    TEST(a_static_route_wants_what_its_platform_asks);
    TEST(a_route_may_discard);
    TEST(a_learned_default_replaces_the_underlays);
    TEST(a_next_hop_must_be_on_the_link);
    TEST(what_bgp_brings_may_stay_out);
    TEST(a_static_vpn_is_told_and_installed);
    TEST(a_static_vpn_moves_to_the_other_tunnel);
    TEST(a_static_vpn_moves_to_the_other_connection);
    TEST(a_static_vpn_that_is_not_best_waits);
    TEST(a_vpcs_range_is_told_to_everybody);
    TEST(routes_propagate_where_it_is_enabled);
    TEST(a_late_vpc_sees_what_is_there);
    TEST(local_and_static_win);
    TEST(what_a_vpc_refuses_is_noted);
    TEST(a_peering_carries_its_two_vpcs);
    TEST(a_full_table_takes_no_more);
    TEST(a_table_that_was_refused_is_not_there);
    TEST(a_vpc_said_again_is_empty_but_for_its_ranges);
    TEST(a_range_goes_with_what_it_brought);
    return harness_done();
}
