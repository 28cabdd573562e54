#include "network/build_rig.h"

#include "network/build_parts.h"

static const struct hop *hop_of(const struct path *path, enum hop_kind kind)
{
    for (size_t i = 0; i < path->hop_count; i++) {
        if (path->hops[i].kind == kind)
            return &path->hops[i];
    }
    return NULL;
}

static void an_instance_router_stands_in_its_subnet(void)
{
    struct rig rig = rig_build(rig_incident);
    const struct node *vyatta = rig_node(&rig, "vyatta");
    CHECK_EQUAL(vyatta->kind, NODE_ROUTER);
    CHECK_EQUAL(vyatta->platform, PLATFORM_VYATTA);
    CHECK(vyatta->in_vpc && !vyatta->source_dest_check);
    CHECK_EQUAL(vyatta->elastic_addr, RIG_IP(198, 51, 100, 10));
    CHECK_EQUAL(vyatta->config.asn, 65000);
    CHECK_EQUAL(vyatta->config.router_id, RIG_IP(10, 20, 0, 10));
    const struct port *port = rig_port(&rig, "vyatta", "eth0");
    CHECK_EQUAL(port->kind, PORT_VPC);
    CHECK_EQUAL(port->addr, RIG_IP(10, 20, 0, 10));
    CHECK_EQUAL(port->len, 24);
    CHECK_EQUAL(port->peer, world_find_node(rig.world, "vpc-branch"));
    const struct event_route *route = &rig_told(&rig, "vyatta", EVENT_ROUTE_SET, 0)->route;
    CHECK_EQUAL(route->source, ROUTE_DHCP);
    CHECK_EQUAL(route->gateway, RIG_IP(10, 20, 0, 1));
    /* the instance is the router: it is no node of its own */
    CHECK_EQUAL(world_find_node(rig.world, "i-vyatta"), WORLD_NONE);
    rig_done(&rig);
}

static void an_elastic_address_is_translated_both_ways(void)
{
    struct rig rig = rig_build(rig_incident);
    const struct public_address *address = world_address(rig.world, RIG_IP(198, 51, 100, 10));
    CHECK(address && address->node == world_find_node(rig.world, "vpc-branch"));
    rig_boot(&rig);
    struct hop hops[PATH_HOPS];
    struct path path = {.hops = hops};
    forward_outer(rig.world, 0, TUNNEL_CUSTOMER, &path);
    CHECK(path.delivered && path.node == world_find_node(rig.world, "vgw-main"));
    CHECK(hop_of(&path, HOP_NAT) && hop_of(&path, HOP_NAT)->addr == RIG_IP(198, 51, 100, 10));
    forward_outer(rig.world, 0, TUNNEL_GATEWAY, &path);
    CHECK(path.delivered && path.node == world_find_node(rig.world, "vyatta"));
    CHECK(hop_of(&path, HOP_NAT) && hop_of(&path, HOP_NAT)->addr == RIG_IP(10, 20, 0, 10));
    rig_done(&rig);
}

static void a_site_is_on_the_internet_with_its_lan_behind(void)
{
    struct rig rig =
        rig_build(rig_and(rig_site, "    lan: [172.16.0.0/24]\n    gateway: 198.51.100.254\n"));
    const struct port *port = rig_port(&rig, "site", "eth0");
    CHECK_EQUAL(port->kind, PORT_INTERNET);
    CHECK_EQUAL(port->addr, RIG_IP(198, 51, 100, 10));
    const struct event_route *route = &rig_told(&rig, "site", EVENT_ROUTE_SET, 0)->route;
    CHECK_EQUAL(route->source, ROUTE_DHCP);
    CHECK_EQUAL(route->gateway, RIG_IP(198, 51, 100, 254));
    rig_boot(&rig);
    struct path path = rig_send(&rig, "site", port->addr, RIG_IP(172, 16, 0, 9));
    CHECK(path.delivered && path.beyond && path.node == world_find_node(rig.world, "site"));
    path = rig_send(&rig, "site", port->addr, RIG_IP(10, 20, 3, 4)); /* what it announces */
    CHECK(path.delivered && path.node == world_find_node(rig.world, "site"));
    path = rig_send(&rig, "site", port->addr, RIG_IP(8, 8, 8, 8));
    CHECK(path.delivered && path.node == rig.world->internet);
    rig_done(&rig);
}

/* What it announces is its LAN: one network, and one route. */
static void a_lan_that_is_announced_is_there_once(void)
{
    struct rig rig = rig_build(rig_and(rig_site, "    lan: [10.20.0.0/16, 172.16.0.0/24]\n"));
    const struct node *node = &rig.world->nodes[world_find_node(rig.world, "site")];
    struct prefix announced = {RIG_IP(10, 20, 0, 0), 16}, other = {RIG_IP(172, 16, 0, 0), 24};
    struct table_candidate candidate;
    rig_boot(&rig);
    CHECK(table_candidate(engine_table(node->engine), announced, 0, &candidate));
    CHECK_EQUAL(candidate.route.source, ROUTE_CONNECTED);
    CHECK(!table_candidate(engine_table(node->engine), announced, 1, &candidate));
    CHECK(table_candidate(engine_table(node->engine), other, 0, &candidate));
    rig_done(&rig);
}

static void without_a_gateway_the_next_hop_is_the_first_host(void)
{
    struct rig rig = rig_build(rig_site);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_ROUTE_SET, 0)->route.gateway, RIG_IP(198, 51, 100, 1));
    rig_done(&rig);
    CHECK_EQUAL(build_first_host(RIG_IP(198, 51, 100, 1)), RIG_IP(198, 51, 100, 2));
}

static void the_far_side_of_a_direct_connect_has_everything_behind_it(void)
{
    struct rig rig = rig_build(rig_incident);
    rig_boot(&rig);
    CHECK_EQUAL(rig_node(&rig, "dx-edge")->ports[1].kind, PORT_LAN);
    struct path path = rig_send(&rig, "dx-edge", 0, RIG_IP(8, 8, 8, 8));
    CHECK(path.delivered && path.beyond && path.node == world_find_node(rig.world, "dx-edge"));
    rig_done(&rig);
}

/* A site that announces what covers its own tunnel's endpoint or its own address gives a way out;
 * it has not the endpoint in its cellar. */
static void what_covers_its_own_endpoints_is_not_behind_a_site(void)
{
    static const char *const covering[] = {"203.0.113.0/24", "128.0.0.0/1", "198.51.100.0/24"};
    for (size_t i = 0; i < 3; i++) {
        char list[64];
        snprintf(list, sizeof list, "[10.20.0.0/16, %s]", covering[i]);
        struct rig rig = rig_build(rig_with(rig_site, "[10.20.0.0/16]", list));
        rig_boot(&rig);
        CHECK_EQUAL(rig_count(&rig, "site", EVENT_ANNOUNCE), 2);
        struct path path = {.hops = NULL};
        forward_outer(rig.world, 0, TUNNEL_CUSTOMER, &path);
        CHECK(path.delivered && path.node == world_find_node(rig.world, "vgw"));
        rig_done(&rig);
    }
}

static void a_customer_gateway_with_another_address_means_nat(void)
{
    struct rig rig = rig_build(rig_and(rig_site, "    address: 192.168.1.2\n"));
    const struct node *site = rig_node(&rig, "site");
    CHECK_EQUAL(site->ports[1].addr, RIG_IP(192, 168, 1, 2));
    CHECK_EQUAL(site->elastic_addr, RIG_IP(198, 51, 100, 10));
    CHECK(rig.world->tunnels[0].nat_t);
    rig_boot(&rig);
    struct hop hops[PATH_HOPS];
    for (int end = 0; end < 2; end++) {
        struct path path = {.hops = hops};
        forward_outer(rig.world, 0, end, &path);
        CHECK(path.delivered && path.node == rig.world->tunnels[0].ends[!end].node);
        CHECK(hop_of(&path, HOP_NAT) != NULL);
    }
    rig_done(&rig);
    rig = rig_build(rig_site);
    CHECK(!rig.world->tunnels[0].nat_t);
    rig_done(&rig);
}

static void an_address_that_nobody_says_is_a_reserved_one(void)
{
    struct rig rig =
        rig_build(rig_with(rig_site, ", address: 198.51.100.10, router: site", "")); /* neither */
    const struct node *cgw = rig_node(&rig, "cgw");
    CHECK_EQUAL(cgw->platform, PLATFORM_UNKNOWN);
    CHECK_EQUAL(cgw->ports[1].addr, build_unknown_address(0));
    rig_boot(&rig);
    struct path path = {.hops = NULL};
    forward_outer(rig.world, 0, TUNNEL_GATEWAY, &path);
    CHECK(path.delivered && path.node == world_find_node(rig.world, "cgw"));
    rig_done(&rig);
    rig = rig_build(rig_with(rig_site, "address: 198.51.100.10, ", ""));
    CHECK_EQUAL(rig_node(&rig, "site")->ports[1].addr, build_unknown_address(0));
    rig_done(&rig);
}

static void routes_of_the_file_reach_the_table(void)
{
    struct rig rig = rig_build(
        rig_and(rig_site, "    routes:\n"
                          "      - {prefix: 0.0.0.0/0, via: 198.51.100.1, distance: 210}\n"
                          "      - {prefix: 203.0.113.1/32, via: 198.51.100.1, interface: eth0}\n"
                          "      - {prefix: 10.99.0.0/16, blackhole: true}\n"
                          "      - {prefix: 10.10.0.0/16, tunnel: vpn/1}\n"
                          "      - {prefix: 10.98.0.0/16, via: 198.51.100.1, from: kernel, "
                          "metric: 3523215361}\n"));
    rig_boot(&rig);
    rig_establish(&rig);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_ROUTE_SET, 0)->route.distance, 210);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_ROUTE_SET, 1)->route.interface, 1);
    struct path path = rig_send(&rig, "site", 0, RIG_IP(10, 99, 1, 1));
    CHECK(!path.delivered && path.drop == DROP_DISCARDED);
    path = rig_send(&rig, "site", 0, RIG_IP(10, 10, 1, 1));
    CHECK(path.tunnels_seen == 1 && path.node == world_find_node(rig.world, "vgw"));
    CHECK(path.drop == DROP_GATEWAY_UNKNOWN_PREFIX);
    struct table_best best;
    const struct table *table = engine_table(rig_node(&rig, "site")->engine);
    CHECK(table_find(table, (struct prefix){RIG_IP(10, 98, 0, 0), 16}, &best));
    CHECK(best.route.distance == 210 && best.route.metric == 1); /* of the metric's top byte */
    rig_done(&rig);
}

/* Nobody's network is as wide: no next hop is found in it. */
static void halves_of_a_default_do_not_lie_behind(void)
{
    struct rig rig = rig_build(
        rig_with(rig_site, "announce: [10.20.0.0/16]", "announce: [10.20.0.0/16, 0.0.0.0/1]"));
    const struct node *site = rig_node(&rig, "site");
    unsigned behind = 0;
    for (size_t i = 0; i < site->setup_count; i++) {
        const struct event *event = &site->setup[i];
        behind += event->kind == EVENT_ROUTE_SET && event->route.prefix.len == 16;
        CHECK(event->kind != EVENT_ROUTE_SET || event->route.prefix.len != 1);
    }
    CHECK_EQUAL(behind, 1);
    rig_done(&rig);
}

static void latencies_of_the_file_override_the_profile(void)
{
    struct rig rig = rig_build(rig_and(
        rig_site, "    latency: {rib_to_fib: 7ms, session_restart: 5s, first_update: 2s}\n"));
    const struct platform_profile *profile = rig_node(&rig, "site")->profile;
    const struct platform_profile *frr = platform_profile(PLATFORM_FRR);
    CHECK_EQUAL(profile->rib_to_fib.min_us, 7000);
    CHECK_EQUAL(profile->rib_to_fib.max_us, 7000);
    CHECK_EQUAL(profile->session_restart.min_us, 5000000);
    CHECK_EQUAL(platform_first_update_us(profile, 3, true), 2000000);
    CHECK_EQUAL(profile->decision.max_us, frr->decision.max_us);
    CHECK(rig_node(&rig, "site")->config.profile == profile);
    rig_done(&rig);
}

static void a_router_announces_back_as_its_platform_or_its_file_says(void)
{
    static const struct {
        const char *from, *to;
        bool back;
    } cases[] = {{"platform: frr", "platform: frr", true},
                 {"platform: frr", "platform: bird", false},
                 {"bgp: {asn: 65010,", "bgp: {asn: 65010, announce_back: false,", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig rig = rig_build(rig_with(rig_site, cases[i].from, cases[i].to));
        CHECK_EQUAL(rig_node(&rig, "site")->config.announce_back, cases[i].back);
        rig_done(&rig);
    }
}

static void what_was_received_is_announced(void)
{
    struct rig rig =
        rig_build(rig_with(rig_site, "announce: [10.20.0.0/16]",
                           "received: [{prefix: 10.30.0.0/16, as_path: [65020], med: 7, "
                           "communities: [7224:7100]}]"));
    const struct event_announce *said = &rig_told(&rig, "site", EVENT_ANNOUNCE, 0)->announce;
    CHECK_EQUAL(said->prefix.addr, RIG_IP(10, 30, 0, 0));
    CHECK(said->as_path_count == 1 && said->as_path[0] == 65020);
    CHECK(said->has_med && said->med == 7);
    CHECK(said->community_count == 1 && said->communities[0] == (7224u << 16 | 7100));
    rig_boot(&rig); /* and lies behind the router */
    CHECK_EQUAL(rig_send(&rig, "site", 0, RIG_IP(10, 30, 1, 1)).node,
                world_find_node(rig.world, "site"));
    rig_done(&rig);
}

static void a_vrf_is_known_and_sessions_start_last(void)
{
    struct rig rig = rig_build(rig_and(rig_site, "    outer_vrf: true\n"));
    const struct node *site = rig_node(&rig, "site");
    CHECK(site->outer_vrf && !rig_node(&rig, "vgw")->outer_vrf);
    CHECK_EQUAL(rig_count(&rig, "site", EVENT_START), 1);
    CHECK_EQUAL(site->setup[site->setup_count - 1].kind, EVENT_START);
    CHECK_EQUAL(rig_node(&rig, "vgw")->setup[rig_node(&rig, "vgw")->setup_count - 1].kind,
                EVENT_START);
    rig_done(&rig);
}

static void a_filter_becomes_rules_for_its_neighbor(void)
{
    struct network_rule rules[] = {
        {.action = NETWORK_DENY, .prefix = {0, 0}, .ge = -1, .le = 0},
        {.action = NETWORK_DENY, .prefix = {RIG_IP(10, 0, 0, 0), 8}, .ge = 24, .le = -1},
        {.action = NETWORK_PERMIT,
         .prefix = {RIG_IP(10, 1, 0, 0), 16},
         .ge = -1,
         .le = -1,
         .neighbor = RIG_IP(169, 254, 10, 1)}};
    struct network_filter filter = {rules, 3};
    uint16_t count;
    bool rest;
    struct prefix_rule *made = build_rules(&filter, RIG_IP(169, 254, 10, 1), &count, &rest);
    CHECK(count == 3 && !rest); /* one permits, so what none matches is denied */
    CHECK(made[1].ge == 24 && made[1].le == 32 && !made[1].permit);
    CHECK(made[2].ge == 16 && made[2].le == 16 && made[2].permit);
    free(made);
    made = build_rules(&filter, RIG_IP(169, 254, 10, 5), &count, &rest);
    CHECK(count == 2 && rest);
    free(made);
    filter.rule_count = 0;
    CHECK(build_rules(&filter, 0, &count, &rest) == NULL && count == 0 && rest);
}

/* Beside a sekishod the kernel compares metrics: its own routes have 20, the host's what they have.
 */
static void a_router_that_runs_sekishod_shares_its_hosts_kernel(void)
{
    const char *to = "    platform: sekisho\n    routes:\n"
                     "      - {prefix: 0.0.0.0/0, via: 198.51.100.1, distance: 210}\n"
                     "      - {prefix: 10.9.0.0/16, tunnel: vpn/1, metric: 7}\n";
    struct rig rig = rig_build(rig_with(rig_site, "    platform: frr\n", to));
    const struct node *site = rig_node(&rig, "site");
    const struct platform_profile *profile = site->config.profile;
    CHECK_EQUAL(profile->order, TABLE_BY_METRIC);
    CHECK(profile->assumed & 1u << PLATFORM_ASSUMES_DHCP_METRIC);
    CHECK(!rig_told(&rig, "site", EVENT_ROUTE_SET, 0)->route.has_metric);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_ROUTE_SET, 2)->route.metric, 20);
    CHECK_EQUAL(rig_node(&rig, "vgw")->config.profile->order, TABLE_BY_DISTANCE);
    rig_boot(&rig);
    struct event learned = {.kind = EVENT_ROUTE_SET,
                            .route = {.source = ROUTE_EBGP, .gateway = RIG_IP(169, 254, 10, 1)}};
    (void)engine_step(site->engine, &learned);
    struct table_candidate first, second;
    CHECK(table_candidate(engine_table(site->engine), (struct prefix){0, 0}, 0, &first));
    CHECK(table_candidate(engine_table(site->engine), (struct prefix){0, 0}, 1, &second));
    CHECK_EQUAL(first.route.source, ROUTE_STATIC);
    CHECK(second.route.source == ROUTE_EBGP && second.reason == TABLE_LOST_METRIC);
    rig_done(&rig);
}

static void the_internet_takes_what_the_file_says(void)
{
    struct world *assumed = world_create();
    struct rig rig = rig_build("vpcs: []\n");
    CHECK(assumed != NULL);
    CHECK_EQUAL(rig.world->underlay_delay_us, assumed->underlay_delay_us);
    rig_done(&rig);
    rig = rig_build("internet_delay: 250us\n");
    CHECK_EQUAL(rig.world->underlay_delay_us, 250);
    rig_done(&rig);
    rig = rig_build("internet_delay: 0s\n");
    CHECK_EQUAL(rig.world->underlay_delay_us, 0);
    rig_done(&rig);
    world_destroy(assumed);
}

static void an_empty_network_is_a_world_with_the_internet(void)
{
    struct rig rig = rig_build("vpcs: []\n");
    CHECK_EQUAL((int64_t)rig.world->node_count, 1);
    CHECK_EQUAL((int64_t)rig.world->tunnel_count, 0);
    rig_done(&rig);
}

int main(void)
{
    TEST(an_instance_router_stands_in_its_subnet);
    TEST(an_elastic_address_is_translated_both_ways);
    TEST(a_site_is_on_the_internet_with_its_lan_behind);
    TEST(a_lan_that_is_announced_is_there_once);
    TEST(without_a_gateway_the_next_hop_is_the_first_host);
    TEST(the_far_side_of_a_direct_connect_has_everything_behind_it);
    TEST(what_covers_its_own_endpoints_is_not_behind_a_site);
    TEST(a_customer_gateway_with_another_address_means_nat);
    TEST(an_address_that_nobody_says_is_a_reserved_one);
    TEST(routes_of_the_file_reach_the_table);
    TEST(halves_of_a_default_do_not_lie_behind);
    TEST(latencies_of_the_file_override_the_profile);
    TEST(a_router_announces_back_as_its_platform_or_its_file_says);
    TEST(what_was_received_is_announced);
    TEST(a_vrf_is_known_and_sessions_start_last);
    TEST(a_filter_becomes_rules_for_its_neighbor);
    TEST(a_router_that_runs_sekishod_shares_its_hosts_kernel);
    TEST(the_internet_takes_what_the_file_says);
    TEST(an_empty_network_is_a_world_with_the_internet);
    return harness_done();
}
