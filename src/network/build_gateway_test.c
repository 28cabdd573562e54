#include "network/build_rig.h"

#include "network/build_parts.h"

static const char two_tunnels[] =
    "      - {outside: 203.0.113.2, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}\n";

static struct rig with_two_tunnels(void)
{
    const char *at = strstr(rig_site, "routers:");
    char text[4096];
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - rig_site), rig_site, two_tunnels, at);
    return rig_build(text);
}

static void a_gateway_takes_its_platform_and_asn(void)
{
    struct rig rig = rig_build(rig_incident);
    const struct node *vgw = rig_node(&rig, "vgw-main");
    CHECK_EQUAL(vgw->kind, NODE_GATEWAY);
    CHECK_EQUAL(vgw->platform, PLATFORM_SEKISHO);
    CHECK_EQUAL(vgw->config.asn, 10124);
    CHECK(vgw->config.gateway && !vgw->config.no_entries && !vgw->config.announce_back);
    rig_done(&rig);
}

static void a_gateway_without_a_fib_installs_nothing_of_bgp(void)
{
    struct rig rig = rig_build(rig_with(rig_site, "asn: 64600,", "asn: 64600, fib: none,"));
    CHECK(rig_node(&rig, "vgw")->config.no_entries);
    rig_done(&rig);
}

static void both_ends_of_a_tunnel_know_each_other(void)
{
    struct rig rig = rig_build(rig_site);
    const struct tunnel *tunnel = &rig.world->tunnels[0];
    CHECK_TEXT(tunnel->id, "vpn/1");
    CHECK_EQUAL(tunnel->ends[0].outer_local, RIG_IP(203, 0, 113, 1));
    CHECK_EQUAL(tunnel->ends[0].outer_remote, RIG_IP(198, 51, 100, 10));
    CHECK_EQUAL(tunnel->ends[1].outer_local, RIG_IP(198, 51, 100, 10));
    CHECK_EQUAL(tunnel->ends[1].outer_remote, RIG_IP(203, 0, 113, 1));
    CHECK_EQUAL(tunnel->ends[0].inside, RIG_IP(169, 254, 10, 1));
    const struct event_neighbor *here = &rig_told(&rig, "vgw", EVENT_NEIGHBOR, 0)->neighbor;
    const struct event_neighbor *there = &rig_told(&rig, "site", EVENT_NEIGHBOR, 0)->neighbor;
    CHECK(here->local_addr == there->peer_addr && here->peer_addr == there->local_addr);
    CHECK(here->peer_asn == 65010 && there->peer_asn == 64600);
    CHECK(here->passive && !there->passive);
    CHECK_EQUAL(here->outside_addr, RIG_IP(203, 0, 113, 1));
    CHECK_EQUAL(here->interface, tunnel->ends[0].port);
    CHECK_EQUAL(tunnel->ends[1].neighbor, there->neighbor);
    const struct public_address *owner = world_address(rig.world, RIG_IP(203, 0, 113, 1));
    CHECK(owner && owner->node == tunnel->ends[0].node && owner->tunnel == 0);
    rig_done(&rig);
}

/* The gateway's BGP expects what the customer gateway says, whatever the router thinks. */
static void the_gateway_expects_the_customer_gateways_as(void)
{
    struct rig rig = rig_build(rig_with(rig_site, "asn: 65010, address", "asn: 65011, address"));
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_NEIGHBOR, 0)->neighbor.peer_asn, 65011);
    CHECK_EQUAL(rig_node(&rig, "site")->config.asn, 65010);
    rig_done(&rig);
}

static void timers_are_the_connections_or_the_routers_own(void)
{
    struct rig rig = rig_build(rig_site);
    const struct event_neighbor *said = &rig_told(&rig, "vgw", EVENT_NEIGHBOR, 0)->neighbor;
    CHECK(said->keepalive_s == 10 && said->hold_s == 30); /* AWS's */
    CHECK_EQUAL(said->connect_retry_s, 10);               /* the keepalive time */
    rig_done(&rig);
    rig = rig_build(
        rig_with(rig_site, "bgp: {asn: 65010,",
                 "bgp: {asn: 65010, timers: {keepalive: 2s, hold: 6s, connect_retry: 120s},"));
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_NEIGHBOR, 0)->neighbor.hold_s, 30);
    said = &rig_told(&rig, "site", EVENT_NEIGHBOR, 0)->neighbor;
    CHECK(said->keepalive_s == 2 && said->hold_s == 6 && said->connect_retry_s == 120);
    rig_done(&rig);
}

static void without_a_hold_time_there_are_no_keepalives(void)
{
    struct rig rig = rig_build(
        rig_with(rig_site, "    tunnels:\n", "    bgp: {keepalive: 0s, hold: 0s}\n    tunnels:\n"));
    const struct event_neighbor *said = &rig_told(&rig, "vgw", EVENT_NEIGHBOR, 0)->neighbor;
    CHECK(said->keepalive_s == 0 && said->hold_s == 0 && said->connect_retry_s == 120);
    rig_done(&rig);
}

static void of_two_tunnels_the_higher_outside_address_says_a_med(void)
{
    struct rig rig = with_two_tunnels();
    CHECK_EQUAL((int64_t)rig.world->tunnel_count, 2);
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_NEIGHBOR, 0)->neighbor.med, 0);
    CHECK(rig_told(&rig, "vgw", EVENT_NEIGHBOR, 1)->neighbor.med > 0);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_NEIGHBOR, 1)->neighbor.med, 0);
    CHECK_TEXT(rig_port(&rig, "site", "vti2")->name, "vti2");
    CHECK_EQUAL(rig_port(&rig, "site", "vti2")->part, 1);
    rig_done(&rig);
}

/* Split horizon at the gateway is the connection's; at the router it is each neighbor's. */
static void two_tunnels_are_one_attachment_of_the_gateway(void)
{
    struct rig rig = with_two_tunnels();
    CHECK_EQUAL(rig_count(&rig, "vgw", EVENT_ATTACHMENT), 1);
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_NEIGHBOR, 1)->neighbor.attachment, 1);
    CHECK_EQUAL(rig_count(&rig, "site", EVENT_ATTACHMENT), 2);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_NEIGHBOR, 1)->neighbor.attachment, 2);
    CHECK_EQUAL(rig.world->connections[0].router_attachment, 1);
    CHECK_EQUAL(rig_count(&rig, "vgw", EVENT_ENDPOINT), 2);
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ENDPOINT, 1)->endpoint.addr, RIG_IP(203, 0, 113, 2));
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ENDPOINT, 1)->endpoint.customer_gateway, 1);
    rig_done(&rig);
}

static void a_routers_filter_for_one_neighbor_is_that_neighbors(void)
{
    const char *at = strstr(rig_site, "routers:");
    char text[4096];
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - rig_site), rig_site, two_tunnels, at);
    struct rig rig = rig_build(rig_with(
        text, "bgp: {asn: 65010,",
        "bgp: {asn: 65010, import: [{deny: 0.0.0.0/0, neighbor: 169.254.10.5}], allowas_in: 2,"));
    const struct event_filter *first = &rig_told(&rig, "site", EVENT_FILTER, 0)->filter;
    const struct event_filter *second = &rig_told(&rig, "site", EVENT_FILTER, 1)->filter;
    CHECK(first->attachment == 1 && first->count == 0 && first->permit_rest);
    CHECK(second->attachment == 2 && second->count == 1 && !second->export);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_NEIGHBOR, 0)->neighbor.allowas_in, 2);
    rig_done(&rig);
}

static void guards_and_limits_are_the_attachments(void)
{
    static const struct {
        const char *guard;
        enum guard_policy policy;
    } guards[] = {{"", GUARD_HOLD},
                  {"    guard: warn\n", GUARD_WARN},
                  {"    guard: carve\n", GUARD_CARVE},
                  {"    guard: refuse\n", GUARD_REFUSE}};
    char lines[128];
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++) {
        snprintf(lines, sizeof lines, "%s    tunnels:\n", guards[i].guard);
        struct rig rig = rig_build(rig_with(rig_site, "    tunnels:\n", lines));
        CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.guard, guards[i].policy);
        CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.prefix_limit, 100);
        rig_done(&rig);
    }
    struct rig rig = rig_build(rig_with(rig_site, "platform: sekisho", "platform: aws"));
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.guard, GUARD_OFF);
    rig_done(&rig);
    rig = rig_build(rig_with(rig_site, "platform: sekisho",
                             "platform: sekisho, limits: {vpn_received: 7, over: refuse}"));
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.prefix_limit, 7);
    CHECK(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.limit_refuses_alone);
    rig_done(&rig);
    rig = rig_build(rig_with(rig_site, "    tunnels:\n",
                             "    limits: {received: 9, over: close}\n    tunnels:\n"));
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.prefix_limit, 9);
    CHECK(!rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.limit_refuses_alone);
    rig_done(&rig);
}

static void who_starts_and_who_restarts(void)
{
    struct rig rig = rig_build(rig_site);
    const struct tunnel *tunnel = &rig.world->tunnels[0];
    CHECK(!tunnel->starts[0] && tunnel->starts[1]);
    CHECK(!tunnel->restarts[0] && tunnel->restarts[1]);
    CHECK_EQUAL(tunnel->dpd[0].delay_us, 10000000);
    CHECK_EQUAL(tunnel->dpd[1].tries, 3);
    rig_done(&rig);
    rig = rig_build(rig_with(rig_site, "asn: 65010, address",
                             "asn: 65010, startup: add, dpd: {delay: 5s, retries: 4, "
                             "interval: 2s, action: clear}, address"));
    tunnel = &rig.world->tunnels[0];
    CHECK(!tunnel->starts[1] && !tunnel->restarts[1]);
    CHECK(tunnel->dpd[1].delay_us == 5000000 && tunnel->dpd[1].interval_us == 2000000);
    CHECK(tunnel->dpd[1].tries == 4 && tunnel->dpd[0].tries == 3);
    rig_done(&rig);
    rig = rig_build(rig_with(rig_site, "    tunnels:\n",
                             "    startup: start\n    dpd: {action: restart}\n    tunnels:\n"));
    CHECK(rig.world->tunnels[0].starts[0] && rig.world->tunnels[0].restarts[0]);
    rig_done(&rig);
}

static void a_static_connection_speaks_no_bgp(void)
{
    struct rig rig =
        rig_build(rig_with(rig_site, "    tunnels:\n",
                           "    static_routes: [10.20.0.0/16, 10.21.0.0/16]\n    tunnels:\n"));
    CHECK_EQUAL(rig_count(&rig, "vgw", EVENT_NEIGHBOR), 0);
    CHECK_EQUAL(rig_count(&rig, "site", EVENT_NEIGHBOR), 0);
    CHECK_EQUAL(rig_count(&rig, "vgw", EVENT_STATIC_VPN), 2);
    CHECK(rig.world->connections[0].is_static);
    rig_boot(&rig);
    rig_establish(&rig);
    struct path path = rig_send(&rig, "vgw", 0, RIG_IP(10, 21, 0, 5));
    CHECK(path.tunnels_seen == 1 && path.node != world_find_node(rig.world, "vgw"));
    rig_done(&rig);
}

static void without_ipsec_any_two_addresses_reach_each_other(void)
{
    struct rig rig = rig_build(
        rig_with(rig_with(rig_site, "    tunnels:\n", "    ipsec: none\n    tunnels:\n"),
                 "{vgw: 169.254.10.1, cgw: 169.254.10.2}", "{vgw: 10.0.0.1, cgw: 192.168.77.9}"));
    CHECK(rig.world->tunnels[0].plain);
    rig_boot(&rig);
    struct path path = rig_send(&rig, "vgw", RIG_IP(10, 0, 0, 1), RIG_IP(192, 168, 77, 9));
    CHECK(path.delivered && path.node == world_find_node(rig.world, "site"));
    path = rig_send(&rig, "site", RIG_IP(192, 168, 77, 9), RIG_IP(10, 0, 0, 1));
    CHECK(path.delivered && path.node == world_find_node(rig.world, "vgw"));
    rig_done(&rig);
}

static void a_direct_connect_joins_gateway_and_router(void)
{
    struct rig rig = rig_build(rig_incident);
    const struct direct_connect *direct = &rig.world->direct_connects[0];
    CHECK_EQUAL(direct->gateway, world_find_node(rig.world, "vgw-main"));
    CHECK_EQUAL(direct->router, world_find_node(rig.world, "dx-edge"));
    CHECK_EQUAL(rig_port(&rig, "vgw-main", "dx101")->peer, direct->router);
    const struct event_attachment *said =
        &rig_told(&rig, "vgw-main", EVENT_ATTACHMENT, 1)->attachment;
    CHECK(said->kind == ATTACHMENT_DX && said->attachment == direct->attachment);
    const struct event_neighbor *here = &rig_told(&rig, "vgw-main", EVENT_NEIGHBOR, 1)->neighbor;
    CHECK(here->keepalive_s == 30 && here->hold_s == 90 && here->peer_asn == 65001);
    CHECK_EQUAL(here->neighbor, direct->neighbor);
    rig_boot(&rig);
    struct path path =
        rig_send(&rig, "dx-edge", RIG_IP(169, 254, 100, 2), RIG_IP(169, 254, 100, 1));
    CHECK(path.delivered && path.node == direct->gateway);
    rig_done(&rig);
}

/* AWS takes any two addresses for a virtual interface. */
static void a_direct_connects_addresses_need_no_common_prefix(void)
{
    struct rig rig = rig_build(rig_with(rig_incident, "{vgw: 169.254.100.1, peer: 169.254.100.2}",
                                        "{vgw: 172.31.0.1, peer: 172.31.0.14}"));
    rig_boot(&rig);
    struct path path = rig_send(&rig, "dx-edge", RIG_IP(172, 31, 0, 14), RIG_IP(172, 31, 0, 1));
    CHECK(path.delivered && path.node == world_find_node(rig.world, "vgw-main"));
    rig_done(&rig);
}

static void a_far_side_without_bgp_has_no_session(void)
{
    struct rig rig =
        rig_build(rig_with(rig_incident, "    bgp: {asn: 65001, announce: [10.30.0.0/16]}\n", ""));
    CHECK_EQUAL(rig_count(&rig, "vgw-main", EVENT_NEIGHBOR), 1);
    CHECK_EQUAL(rig_count(&rig, "vgw-main", EVENT_ATTACHMENT), 2);
    CHECK(rig.world->direct_connects[0].attachment == 2);
    CHECK(rig.world->direct_connects[0].neighbor == 0);
    rig_done(&rig);
}

static const char hub[] =
    "vpn_gateways: [{id: vgw-a, asn: 64601}, {id: vgw-b, asn: 64602}]\n"
    "customer_gateways:\n"
    "  - {id: cgw-1, asn: 65001, address: 198.51.100.1, router: one}\n"
    "  - {id: cgw-2, asn: 65002, address: 198.51.101.2}\n"
    "  - {id: cgw-3, asn: 65002, address: 198.51.101.2}\n"
    "vpn_connections:\n"
    "  - id: vpn-1\n"
    "    vpn_gateway: vgw-a\n"
    "    customer_gateway: cgw-1\n"
    "    tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}]\n"
    "  - id: vpn-2\n"
    "    vpn_gateway: vgw-a\n"
    "    customer_gateway: cgw-2\n"
    "    tunnels: [{outside: 203.0.113.2, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}]\n"
    "  - id: vpn-3\n"
    "    vpn_gateway: vgw-b\n"
    "    customer_gateway: cgw-3\n"
    "    tunnels: [{outside: 203.0.113.3, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}]\n"
    "  - id: vpn-4\n"
    "    vpn_gateway: vgw-b\n"
    "    customer_gateway: cgw-1\n"
    "    tunnels: [{outside: 203.0.113.4, inside: {vgw: 169.254.10.9, cgw: 169.254.10.10}}]\n"
    "routers: [{id: one, bgp: {asn: 65001, announce: [10.1.0.0/16]}}]\n";

static void several_gateways_and_sites_keep_apart(void)
{
    struct rig rig = rig_build(hub);
    CHECK_EQUAL(rig_count(&rig, "vgw-a", EVENT_NEIGHBOR), 2);
    CHECK_EQUAL(rig_count(&rig, "vgw-b", EVENT_NEIGHBOR), 2);
    CHECK_EQUAL(rig_count(&rig, "one", EVENT_NEIGHBOR), 2); /* one router, two gateways */
    CHECK_EQUAL(rig_told(&rig, "one", EVENT_NEIGHBOR, 0)->neighbor.peer_asn, 64601);
    CHECK_EQUAL(rig_told(&rig, "one", EVENT_NEIGHBOR, 1)->neighbor.peer_asn, 64602);
    CHECK(rig_node(&rig, "vgw-a")->config.router_id != rig_node(&rig, "vgw-b")->config.router_id);
    rig_done(&rig);
}

/* Two customer gateways with one address are one device, of which nothing is known. */
static void what_stands_for_an_unknown_customer_gateway(void)
{
    struct rig rig = rig_build(hub);
    const struct node *device = rig_node(&rig, "cgw-2");
    CHECK_EQUAL(world_find_node(rig.world, "cgw-3"), WORLD_NONE);
    CHECK_EQUAL(rig.world->connections[1].router, rig.world->connections[2].router);
    CHECK_EQUAL(device->platform, PLATFORM_UNKNOWN);
    CHECK_EQUAL(device->config.asn, 65002);
    CHECK_EQUAL(rig_told(&rig, "cgw-2", EVENT_ROUTE_SET, 0)->route.source, ROUTE_DHCP);
    CHECK_EQUAL(rig_count(&rig, "cgw-2", EVENT_ANNOUNCE), 0);
    rig_boot(&rig);
    struct path path = {.hops = NULL};
    forward_outer(rig.world, 2, TUNNEL_CUSTOMER, &path);
    CHECK(path.delivered && path.node == world_find_node(rig.world, "vgw-b"));
    rig_done(&rig);
}

static void a_customer_gateway_with_a_routers_address_is_that_router(void)
{
    struct rig rig = rig_build(
        rig_and(rig_with(rig_site, ", router: site}", "}"), "    address: 198.51.100.10\n"));
    CHECK_EQUAL(rig.world->connections[0].router, world_find_node(rig.world, "site"));
    CHECK_EQUAL(world_find_node(rig.world, "cgw"), WORLD_NONE);
    rig_done(&rig);
}

/* -- sessions over IPv6 -- */

static ip_addr address(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static void a_tunnel_of_ipv6_has_nothing_else(void)
{
    struct rig rig = rig_build(rig_with(rig_site, "{vgw: 169.254.10.1, cgw: 169.254.10.2}",
                                        "{vgw: \"fd00::1\", cgw: \"fd00::2\"}"));
    const struct tunnel *tunnel = &rig.world->tunnels[0];
    for (int end = 0; end < 2; end++) {
        const char *node = end ? "site" : "vgw";
        const struct event_neighbor *said = &rig_told(&rig, node, EVENT_NEIGHBOR, 0)->neighbor;
        const struct port *port = &rig_node(&rig, node)->ports[tunnel->ends[end].port];
        ip_addr own = address(end ? "fd00::2" : "fd00::1");
        CHECK(said->local_addr == own && said->peer_addr == address(end ? "fd00::1" : "fd00::2"));
        CHECK(said->other_addr == 0 && said->interface == tunnel->ends[end].port);
        CHECK(port->addr == 0 && port->six == own && port->six_len == 126);
    }
    rig_done(&rig);
}

static void a_direct_connect_may_have_a_session_of_each_family(void)
{
    static const char both[] =
        "peer: 169.254.100.2}\n    ipv6_session: {vgw: \"2001:db8::1\", peer: "
        "\"2001:db8::9\"}";
    struct rig rig = rig_build(rig_with(rig_incident, "peer: 169.254.100.2}", both));
    const struct direct_connect *direct = &rig.world->direct_connects[0];
    const struct node *vgw = rig_node(&rig, "vgw-main"), *edge = rig_node(&rig, "dx-edge");
    CHECK(direct->neighbor != 0 && direct->neighbor_six == direct->neighbor + 1);
    const struct event_neighbor *four = NULL, *six = NULL, *far = NULL;
    size_t host_routes = 0;
    for (size_t i = 0; i < vgw->setup_count; i++) {
        const struct event *said = &vgw->setup[i];
        if (said->kind == EVENT_NEIGHBOR && said->neighbor.neighbor == direct->neighbor)
            four = &said->neighbor;
        if (said->kind == EVENT_NEIGHBOR && said->neighbor.neighbor == direct->neighbor_six)
            six = &said->neighbor;
        host_routes += said->kind == EVENT_ROUTE_SET && said->route.prefix.len == 128 &&
                       said->route.prefix.addr == address("2001:db8::9");
    }
    for (size_t i = 0; i < edge->setup_count; i++) {
        if (edge->setup[i].kind == EVENT_NEIGHBOR &&
            edge->setup[i].neighbor.peer_addr == address("2001:db8::1"))
            far = &edge->setup[i].neighbor;
    }
    CHECK(four && six && far);
    CHECK(four && four->other_addr == 0 && four->local_addr == RIG_IP(169, 254, 100, 1));
    CHECK(six && six->other_addr == 0 && six->peer_addr == address("2001:db8::9"));
    CHECK(six && four && six->attachment == four->attachment && six->attachment != 0);
    CHECK(far && far->local_addr == address("2001:db8::9") && !far->passive);
    CHECK_EQUAL((int64_t)host_routes, 1); /* they are no pair */
    rig_done(&rig);
}

int main(void)
{
    TEST(a_gateway_takes_its_platform_and_asn);
    TEST(a_gateway_without_a_fib_installs_nothing_of_bgp);
    TEST(both_ends_of_a_tunnel_know_each_other);
    TEST(the_gateway_expects_the_customer_gateways_as);
    TEST(timers_are_the_connections_or_the_routers_own);
    TEST(without_a_hold_time_there_are_no_keepalives);
    TEST(of_two_tunnels_the_higher_outside_address_says_a_med);
    TEST(two_tunnels_are_one_attachment_of_the_gateway);
    TEST(a_routers_filter_for_one_neighbor_is_that_neighbors);
    TEST(guards_and_limits_are_the_attachments);
    TEST(who_starts_and_who_restarts);
    TEST(a_static_connection_speaks_no_bgp);
    TEST(without_ipsec_any_two_addresses_reach_each_other);
    TEST(a_direct_connect_joins_gateway_and_router);
    TEST(a_direct_connects_addresses_need_no_common_prefix);
    TEST(a_far_side_without_bgp_has_no_session);
    TEST(several_gateways_and_sites_keep_apart);
    TEST(what_stands_for_an_unknown_customer_gateway);
    TEST(a_customer_gateway_with_a_routers_address_is_that_router);
    TEST(a_tunnel_of_ipv6_has_nothing_else);
    TEST(a_direct_connect_may_have_a_session_of_each_family);
    return harness_done();
}
