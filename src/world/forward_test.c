/* One packet at a time through a small world, built by hand: the seed's case.
 *
 *      app 10.10.1.10                                        peer VPC 10.40.0.0/16
 *           │ VPC main 10.10.0.0/16                          far 10.40.0.40 │
 *       ┌───┴───┐  tunnel 1, tunnel 2   ┌────────┐  VPC branch 10.20.0.0/16 │ peering
 *       │  vgw  │══════ Internet ══════════ igw ── vyatta 10.20.0.10 ── web 10.20.0.20, db .30
 *       └───┬───┘                              (198.51.100.10)   (198.51.100.20)  (no public one)
 *           │ Direct Connect
 *         edge ── lan 10.30.0.0/16
 */
#include "tests/harness.h"
#include "world/forward.h"

#include <stdlib.h>

enum { TEXT_BYTES = 4096, ESP_BYTES = 80 };

static struct world *world;
static int vgw, vpc_main, app, branch, vyatta, web, db, edge, peer_vpc, far;
static int first_tunnel, second_tunnel;
static bool reached[DROP_COUNT];
static struct hop hops[PATH_HOPS];
static struct path path;

static ip_addr ip(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static struct prefix net(const char *text)
{
    struct prefix prefix = {0, 0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static struct node *node_at(int node)
{
    return &world->nodes[node];
}

/* -- building -- */

static void add_port(int node, const char *name, enum port_kind kind, const char *addr, int to)
{
    struct port port = {.kind = kind,
                        .addr = addr ? ip(addr) : 0,
                        .len = 24,
                        .up = true,
                        .peer = kind == PORT_TUNNEL ? WORLD_NONE : to,
                        .tunnel = kind == PORT_TUNNEL ? to : WORLD_NONE};
    memcpy(port.name, name, strlen(name) + 1);
    node_add_port(node_at(node), port);
}

/* Port 0 discards. */
static void route(int node, const char *prefix, uint16_t port)
{
    struct kernel_entry entry = {.port = port, .source = ROUTE_STATIC};
    kernel_set(&node_at(node)->kernel, net(prefix), &entry);
}

static void tell(int node, struct event event)
{
    struct step step = engine_step(node_at(node)->engine, &event);
    CHECK(!step.more);
}

/* An engine with a VPC of one table and one subnet for the VPC's node. */
static void hold_vpc(int owner, int vpc, const char *cidr, const char *subnet)
{
    struct node *at = node_at(owner);
    at->config =
        (struct engine_config){.alloc = world_alloc(), .profile = platform_profile(PLATFORM_LINUX)};
    at->engine = engine_create(&at->config);
    node_at(vpc)->owner = owner;
    node_at(vpc)->vpc = 1;
    uint16_t table = node_add_table(node_at(vpc), "rtb");
    node_add_subnet(node_at(vpc), "subnet", net(subnet), table);
    tell(owner, (struct event){.kind = EVENT_BOOT});
    tell(owner, (struct event){.kind = EVENT_VPC, .vpc = {.vpc = 1}});
    tell(owner, (struct event){.kind = EVENT_VPC_CIDR,
                               .vpc_part = {.vpc = 1, .prefix = net(cidr), .present = true}});
    tell(owner, (struct event){.kind = EVENT_VPC_TABLE, .vpc_part = {.vpc = 1, .table = 1}});
}

static struct vpc_target target_of(int vpc, enum vpc_target_kind kind, int node)
{
    char *id = strdup("target");
    uint16_t number =
        node_add_target(node_at(vpc), (struct route_target){.kind = kind, .id = id, .node = node});
    return (struct vpc_target){number, (uint8_t)kind};
}

static void vpc_route(int vpc, const char *prefix, struct vpc_target target)
{
    struct event_vpc_part part = {
        .vpc = 1, .table = 1, .prefix = net(prefix), .target = target, .present = true};
    tell(node_at(vpc)->owner, (struct event){.kind = EVENT_VPC_ROUTE, .vpc_part = part});
}

static int add_instance(const char *id, enum node_kind kind, int vpc, const char *addr,
                        const char *elastic)
{
    int node = world_add_node(world, kind, id);
    struct node *at = node_at(node);
    at->in_vpc = true;
    at->elastic_addr = elastic ? ip(elastic) : 0;
    add_port(node, "eth0", PORT_VPC, addr, vpc);
    route(node, "0.0.0.0/0", 1);
    if (elastic)
        world_add_address(
            world, (struct public_address){.addr = ip(elastic), .node = vpc, .tunnel = WORLD_NONE});
    return node;
}

static int add_tunnel(const char *id, const char *outside, const char *vti)
{
    int tunnel = world_add_tunnel(world, id);
    add_port(vgw, vti, PORT_TUNNEL, "169.254.252.30", tunnel);
    add_port(vyatta, vti, PORT_TUNNEL, "169.254.252.29", tunnel);
    world->tunnels[tunnel].ends[TUNNEL_GATEWAY] =
        (struct tunnel_end){.node = vgw,
                            .port = node_at(vgw)->port_count,
                            .outer_local = ip(outside),
                            .outer_remote = ip("198.51.100.10"),
                            .sa = 7};
    world->tunnels[tunnel].ends[TUNNEL_CUSTOMER] =
        (struct tunnel_end){.node = vyatta,
                            .port = node_at(vyatta)->port_count,
                            .outer_local = ip("10.20.0.10"),
                            .outer_remote = ip(outside),
                            .sa = 7};
    world_add_address(world,
                      (struct public_address){.addr = ip(outside), .node = vgw, .tunnel = tunnel});
    return tunnel;
}

static void add_branch(void)
{
    branch = world_add_node(world, NODE_VPC, "branch");
    hold_vpc(branch, branch, "10.20.0.0/16", "10.20.0.0/24");
    node_at(branch)->internet_gateway = true;
    vyatta = add_instance("vyatta", NODE_ROUTER, branch, "10.20.0.10", "198.51.100.10");
    node_at(vyatta)->source_dest_check = false;
    web = add_instance("web", NODE_INSTANCE, branch, "10.20.0.20", "198.51.100.20");
    db = add_instance("db", NODE_INSTANCE, branch, "10.20.0.30", NULL);
    vpc_route(branch, "0.0.0.0/0", target_of(branch, VPC_TO_INTERNET, WORLD_NONE));
    vpc_route(branch, "10.10.0.0/16", target_of(branch, VPC_TO_INSTANCE, vyatta));
    vpc_route(branch, "10.99.0.0/16", (struct vpc_target){0, VPC_TO_BLACKHOLE});
}

static void add_peering(void)
{
    peer_vpc = world_add_node(world, NODE_VPC, "peer-vpc");
    hold_vpc(peer_vpc, peer_vpc, "10.40.0.0/16", "10.40.0.0/24");
    far = add_instance("far", NODE_INSTANCE, peer_vpc, "10.40.0.40", NULL);
    world_add_peering(world, "pcx", branch, peer_vpc);
    struct vpc_target to_peer = target_of(branch, VPC_TO_PEERING, peer_vpc);
    struct vpc_peering peering = {
        .id = to_peer.id, .cidr_count = 1, .active = true, .cidrs = {net("10.40.0.0/16")}};
    tell(branch,
         (struct event){.kind = EVENT_VPC_PEERING, .vpc_part = {.vpc = 1, .peering = peering}});
    vpc_route(branch, "10.40.0.0/14", to_peer); /* also 10.41.0.0/16 and on: too much */
}

static void build(void)
{
    world = world_create();
    CHECK(world != NULL);
    add_branch();
    add_peering();
    vgw = world_add_node(world, NODE_GATEWAY, "vgw");
    vpc_main = world_add_node(world, NODE_VPC, "main");
    hold_vpc(vgw, vpc_main, "10.10.0.0/16", "10.10.1.0/24");
    app = add_instance("app", NODE_INSTANCE, vpc_main, "10.10.1.10", NULL);
    vpc_route(vpc_main, "0.0.0.0/0", target_of(vpc_main, VPC_TO_GATEWAY, vgw));
    add_port(vgw, "vpc1", PORT_VPC, NULL, vpc_main);
    route(vgw, "10.10.0.0/16", 1);
    first_tunnel = add_tunnel("vpn/1", "203.0.113.225", "vti1");
    second_tunnel = add_tunnel("vpn/2", "203.0.113.226", "vti2");
    route(vgw, "10.20.0.0/16", 2);
    route(vyatta, "10.10.0.0/16", 2);
    edge = world_add_node(world, NODE_ROUTER, "edge");
    add_port(vgw, "dx101", PORT_DX, "169.254.100.1", edge);
    add_port(edge, "dx101", PORT_DX, "169.254.100.2", vgw);
    add_port(edge, "lan0", PORT_LAN, "10.30.0.1", WORLD_NONE);
    route(vgw, "10.30.0.0/16", 4);
    route(edge, "0.0.0.0/0", 1);
    route(edge, "10.30.0.0/16", 2);
}

static void destroy(void)
{
    world_destroy(world);
    world = NULL;
}

/* -- sending, and the way as words -- */

static void add_hop(struct text *text, const struct hop *hop)
{
    static const char *const words[] = {
        [HOP_VPC] = "by ",      [HOP_LOCAL] = "local ",      [HOP_NAT] = "nat ",
        [HOP_MISS] = "nothing", [HOP_ENCAPSULATE] = "into ", [HOP_DECAPSULATE] = "out of ",
        [HOP_DELIVER] = "here", [HOP_BEYOND] = "beyond",     [HOP_GROUP] = "group ",
        [HOP_ACL] = "acl "};
    const struct node *at = node_at(hop->node);
    text_add(text, at->id);
    if (hop->kind == HOP_INTERNET)
        return;
    text_char(text, ' ');
    text_add(text, hop->kind == HOP_KERNEL ? at->ports[hop->port].name : words[hop->kind]);
    if (hop->kind == HOP_VPC || hop->kind == HOP_LOCAL)
        text_prefix(text, hop->prefix);
    else if (hop->kind == HOP_GROUP || hop->kind == HOP_ACL)
        text_add(text, hop->side == FILTER_IN ? "in" : "out");
    else if (hop->kind == HOP_NAT)
        text_ip(text, hop->addr);
    else if (hop->tunnel != WORLD_NONE)
        text_add(text, world->tunnels[hop->tunnel].id);
}

static const char *words_of_path(void)
{
    static char bytes[TEXT_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    for (size_t i = 0; i < path.hop_count; i++) {
        add_hop(&text, &path.hops[i]);
        text_add(&text, ", ");
    }
    text_add(&text, path.delivered ? "arrived" : drop_word(path.drop));
    reached[path.drop] = true;
    return bytes;
}

static const char *way(int from, const char *src, const char *dst)
{
    struct packet packet = {.src = ip(src),
                            .dst = ip(dst),
                            .kind = PACKET_PLAIN,
                            .size_bytes = 84,
                            .tunnel = WORLD_NONE};
    path = (struct path){.hops = hops};
    forward(world, from, &packet, &path);
    return words_of_path();
}

static const char *outer_way(int tunnel, int end)
{
    path = (struct path){.hops = hops};
    forward_outer(world, tunnel, end, &path);
    return words_of_path();
}

/* -- inside a VPC -- */

static void instances_of_a_vpc_reach_each_other(void)
{
    build();
    CHECK_TEXT(way(web, "10.20.0.20", "10.20.0.30"),
               "web eth0, branch local 10.20.0.0/16, db here, arrived");
    CHECK_EQUAL(path.node, db);
    CHECK_TEXT(way(web, "10.20.0.20", "10.20.0.99"),
               "web eth0, branch local 10.20.0.0/16, no-instance");
    CHECK_EQUAL(path.node, branch);
    CHECK_TEXT(way(web, "10.20.0.20", "10.99.0.1"), "web eth0, branch by 10.99.0.0/16, blackhole");
    destroy();
}

static void who_is_neither_source_nor_destination_is_checked(void)
{
    build();
    CHECK_TEXT(way(web, "10.77.0.1", "10.20.0.30"), "web eth0, source-dest-check");
    CHECK_EQUAL(path.node, web);
    CHECK_TEXT(way(vyatta, "10.77.0.1", "10.20.0.30"),
               "vyatta eth0, branch local 10.20.0.0/16, db here, arrived");
    CHECK_TEXT(way(web, "10.20.0.20", "10.10.1.10"),
               "web eth0, branch by 10.10.0.0/16, vyatta vti1, vyatta into vpn/1, vyatta eth0, "
               "branch by 0.0.0.0/0, branch nat 198.51.100.10, internet, vgw out of vpn/1, "
               "vgw vpc1, app here, arrived");
    node_at(vyatta)->source_dest_check = true;
    CHECK_TEXT(way(web, "10.20.0.20", "10.10.1.10"),
               "web eth0, branch by 10.10.0.0/16, source-dest-check");
    CHECK_EQUAL(path.node, vyatta);
    destroy();
}

static void a_table_without_a_route_drops(void)
{
    build();
    CHECK_TEXT(way(far, "10.40.0.40", "10.20.0.20"), "far eth0, peer-vpc nothing, no-vpc-route");
    kernel_clear(&node_at(far)->kernel);
    CHECK_TEXT(way(far, "10.40.0.40", "10.20.0.20"), "far nothing, no-route");
    CHECK_EQUAL(path.node, far);
    route(far, "10.0.0.0/8", 0);
    CHECK_TEXT(way(far, "10.40.0.40", "10.20.0.20"), "far , discarded");
    destroy();
}

static void an_address_of_the_other_family_is_not_reached(void)
{
    build();
    CHECK_TEXT(way(web, "10.20.0.20", "2001:db8::1"), "other-family");
    CHECK_EQUAL(path.node, web);
    CHECK_TEXT(way(web, "2001:db8::1", "10.20.0.30"), "other-family");
    destroy();
}

/* T18: a peering carries what begins and ends in the two VPCs, and nothing else. */
static void a_peering_is_not_transitive(void)
{
    build();
    CHECK_TEXT(way(web, "10.20.0.20", "10.40.0.40"),
               "web eth0, branch by 10.40.0.0/14, far here, arrived");
    CHECK_TEXT(way(web, "10.20.0.20", "10.41.0.1"),
               "web eth0, branch by 10.40.0.0/14, not-transitive");
    CHECK_TEXT(way(vyatta, "10.10.1.10", "10.40.0.40"),
               "vyatta eth0, branch by 10.40.0.0/14, not-transitive");
    destroy();
}

/* -- the internet gateway -- */

static void the_internet_gateway_translates_both_ways(void)
{
    build();
    CHECK_TEXT(way(web, "10.20.0.20", "198.51.100.10"),
               "web eth0, branch by 0.0.0.0/0, branch nat 198.51.100.20, internet, "
               "branch nat 10.20.0.10, vyatta here, arrived");
    CHECK_EQUAL(path.hops[path.hop_count - 1].src, ip("198.51.100.20"));
    CHECK_EQUAL(path.hops[path.hop_count - 1].dst, ip("10.20.0.10"));
    CHECK_TEXT(way(web, "10.20.0.20", "192.0.2.1"),
               "web eth0, branch by 0.0.0.0/0, branch nat 198.51.100.20, internet, "
               "internet beyond, arrived");
    CHECK(path.beyond);
    CHECK_TEXT(way(db, "10.20.0.30", "192.0.2.1"),
               "db eth0, branch by 0.0.0.0/0, no-public-address");
    node_at(branch)->internet_gateway = false;
    CHECK_TEXT(way(web, "10.20.0.20", "192.0.2.1"),
               "web eth0, branch by 0.0.0.0/0, no-public-address");
    destroy();
}

/* What a router passes on for others has no public address of its own. */
static void only_the_instances_own_address_is_translated(void)
{
    build();
    CHECK_TEXT(way(vyatta, "10.10.1.10", "192.0.2.1"),
               "vyatta eth0, branch by 0.0.0.0/0, no-public-address");
    destroy();
}

/* -- the gateway -- */

static void a_gateway_knows_what_it_was_told(void)
{
    build();
    CHECK_TEXT(way(app, "10.10.1.10", "10.30.0.9"),
               "app eth0, main by 0.0.0.0/0, vgw dx101, edge lan0, edge beyond, arrived");
    CHECK_TEXT(way(edge, "10.30.0.9", "10.10.1.10"), "edge dx101, vgw vpc1, app here, arrived");
    CHECK_TEXT(way(app, "10.10.1.10", "10.50.0.1"),
               "app eth0, main by 0.0.0.0/0, vgw nothing, gateway-unknown-prefix");
    CHECK_TEXT(way(edge, "10.30.0.9", "10.10.1.99"), "edge dx101, vgw vpc1, no-instance");
    CHECK_TEXT(way(edge, "10.30.0.9", "0.0.0.0"),
               "edge dx101, vgw nothing, gateway-unknown-prefix");
    destroy();
}

/* What a hop shows is what decided. */
static void a_hop_says_what_decided(void)
{
    build();
    struct kernel_entry entry = {
        .port = 2, .neighbor = 5, .gateway = ip("169.254.252.29"), .source = ROUTE_EBGP};
    kernel_set(&node_at(vgw)->kernel, net("10.20.0.0/16"), &entry);
    way(app, "10.10.1.10", "10.20.0.20");
    const struct hop *by_vpc = &path.hops[1], *by_kernel = &path.hops[2];
    CHECK_EQUAL(by_vpc->table, 1);
    CHECK_EQUAL(by_vpc->target, 1);
    CHECK_EQUAL(by_vpc->addr, 0);
    CHECK(prefix_equal(by_kernel->prefix, net("10.20.0.0/16")));
    CHECK_EQUAL(by_kernel->port, 2);
    CHECK_EQUAL(by_kernel->neighbor, 5);
    CHECK_EQUAL(by_kernel->addr, ip("169.254.252.29"));
    CHECK_EQUAL(by_kernel->source, ROUTE_EBGP);
    CHECK_EQUAL(by_kernel->tunnel, WORLD_NONE);
    CHECK_EQUAL(by_kernel->src, ip("10.10.1.10"));
    destroy();
}

/* IKE and ESP come in by the outside address; nothing else does, and no outer packet ever asks the
 * inner table (T07). */
static void outer_and_inner_never_meet_in_a_gateway(void)
{
    build();
    CHECK_TEXT(way(web, "10.20.0.20", "203.0.113.225"),
               "web eth0, branch by 0.0.0.0/0, branch nat 198.51.100.20, internet, "
               "not-for-gateway");
    route(vgw, "0.0.0.0/0", 2); /* the inner table leads everything into the tunnel */
    route(vgw, "198.51.100.10/32", 2);
    CHECK_TEXT(outer_way(first_tunnel, TUNNEL_GATEWAY),
               "internet, branch nat 10.20.0.10, vyatta here, arrived");
    CHECK(!path.swallowed);
    CHECK_TEXT(way(app, "10.10.1.10", "10.20.0.20"),
               "app eth0, main by 0.0.0.0/0, vgw vti1, vgw into vpn/1, internet, "
               "branch nat 10.20.0.10, vyatta out of vpn/1, vyatta eth0, "
               "branch local 10.20.0.0/16, web here, arrived");
    CHECK(!path.swallowed);
    destroy();
}

/* -- tunnels -- */

static void a_tunnel_carries_both_ways(void)
{
    build();
    CHECK_TEXT(outer_way(first_tunnel, TUNNEL_CUSTOMER),
               "vyatta eth0, branch by 0.0.0.0/0, branch nat 198.51.100.10, internet, vgw here, "
               "arrived");
    CHECK_TEXT(way(vyatta, "10.20.0.10", "10.10.1.10"),
               "vyatta vti1, vyatta into vpn/1, vyatta eth0, branch by 0.0.0.0/0, "
               "branch nat 198.51.100.10, internet, vgw out of vpn/1, vgw vpc1, app here, arrived");
    CHECK_EQUAL(path.tunnels_seen, 1u << first_tunnel);
    CHECK_EQUAL(path.hops[0].size_bytes, 84);
    CHECK_EQUAL(path.hops[2].size_bytes, 84 + ESP_BYTES);
    CHECK_EQUAL(path.hops[2].depth, 1);
    CHECK_EQUAL(path.hops[2].src, ip("10.20.0.10"));
    CHECK_EQUAL(path.hops[2].dst, ip("203.0.113.225"));
    CHECK_EQUAL(path.hops[6].size_bytes, 84);
    CHECK_EQUAL(path.hops[6].depth, 0);
    CHECK_EQUAL(path.delay_us, 20 + 30 + 20 + world->underlay_delay_us + 20);
    CHECK_TEXT(way(app, "10.10.1.10", "10.20.0.10"),
               "app eth0, main by 0.0.0.0/0, vgw vti1, vgw into vpn/1, internet, "
               "branch nat 10.20.0.10, vyatta out of vpn/1, vyatta here, arrived");
    destroy();
}

static void a_tunnel_needs_its_sa_at_both_ends(void)
{
    build();
    struct tunnel *tunnel = &world->tunnels[first_tunnel];
    tunnel->ends[TUNNEL_CUSTOMER].sa = 0;
    CHECK_TEXT(way(vyatta, "10.20.0.10", "10.10.1.10"), "vyatta vti1, no-sa");
    way(vgw, "10.10.1.10", "10.20.0.10");
    CHECK_TEXT(drop_word(path.drop), "unknown-sa");
    CHECK_EQUAL(path.node, vyatta);
    reached[path.drop] = true;
    tunnel->ends[TUNNEL_CUSTOMER].sa = 8; /* a new one that the gateway has not heard of */
    way(vyatta, "10.20.0.10", "10.10.1.10");
    CHECK_TEXT(drop_word(path.drop), "unknown-sa");
    CHECK_EQUAL(path.node, vgw);
    world->tunnels[second_tunnel].ends[TUNNEL_GATEWAY].outer_remote = ip("198.51.100.20");
    route(vgw, "10.20.0.30/32", 3);
    way(vgw, "10.10.1.10", "10.20.0.30"); /* to somebody who has no such tunnel */
    CHECK_TEXT(drop_word(path.drop), "unknown-sa");
    CHECK_EQUAL(path.node, web);
    tunnel->plain = true; /* a connection without IPsec */
    way(vyatta, "10.20.0.10", "10.10.1.10");
    CHECK(path.delivered);
    tunnel->failed = true;
    CHECK_TEXT(way(vyatta, "10.20.0.10", "10.10.1.10"), "vyatta vti1, tunnel-down");
    destroy();
}

/* The incident: the router's default leads into its own tunnel, so the tunnel's packets go in again
 * and again, 80 bytes larger each time (measured in the laboratory). */
static void a_tunnel_swallows_itself(void)
{
    build();
    route(vyatta, "0.0.0.0/0", 2);
    outer_way(first_tunnel, TUNNEL_CUSTOMER);
    CHECK_TEXT(drop_word(path.drop), "loop-in-tunnel");
    CHECK(path.swallowed);
    CHECK_EQUAL(path.swallowed_tunnel, first_tunnel);
    CHECK_EQUAL(path.into_tunnel, first_tunnel);
    uint32_t size_bytes = 68;
    unsigned passes = 0;
    for (size_t i = 0; i < path.hop_count; i++) {
        if (path.hops[i].kind != HOP_ENCAPSULATE)
            continue;
        CHECK_EQUAL(path.hops[i].size_bytes, size_bytes);
        size_bytes += ESP_BYTES;
        passes++;
    }
    CHECK_EQUAL(passes, 17); /* 68, 148, 228, ... 1348; the next does not fit */
    way(vyatta, "10.20.0.10", "10.10.1.10");
    CHECK_TEXT(drop_word(path.drop), "loop-in-tunnel");
    CHECK_EQUAL(path.swallowed_tunnel, first_tunnel);
    outer_way(second_tunnel, TUNNEL_CUSTOMER);
    CHECK_EQUAL(path.swallowed_tunnel, second_tunnel); /* whose packet it was ... */
    CHECK_EQUAL(path.into_tunnel, first_tunnel);       /* ... and who took it first */
    destroy();
}

/* T02: each tunnel's outer packets take the other one. */
static void two_tunnels_carry_each_other(void)
{
    build();
    route(vyatta, "203.0.113.225/32", 3);
    route(vyatta, "203.0.113.226/32", 2);
    outer_way(first_tunnel, TUNNEL_CUSTOMER);
    CHECK_TEXT(drop_word(path.drop), "loop-in-tunnel");
    CHECK_EQUAL(path.swallowed_tunnel, first_tunnel);
    CHECK_EQUAL(path.into_tunnel, second_tunnel);
    CHECK_EQUAL(path.tunnels_seen, (1u << first_tunnel) | (1u << second_tunnel));
    kernel_remove(&node_at(vyatta)->kernel, net("203.0.113.226/32")); /* now it is only nested */
    CHECK_TEXT(outer_way(first_tunnel, TUNNEL_CUSTOMER),
               "vyatta vti2, vyatta into vpn/2, vyatta eth0, branch by 0.0.0.0/0, "
               "branch nat 198.51.100.10, internet, vgw out of vpn/2, vgw nothing, "
               "gateway-unknown-prefix");
    CHECK(path.swallowed);
    destroy();
}

/* A pinned host route, or an outer interface in a VRF, and the default does no harm. */
static void a_pin_or_a_vrf_protects(void)
{
    build();
    route(vyatta, "0.0.0.0/0", 2);
    route(vyatta, "203.0.113.225/32", 1);
    outer_way(first_tunnel, TUNNEL_CUSTOMER);
    CHECK(path.delivered && !path.swallowed);
    outer_way(second_tunnel, TUNNEL_CUSTOMER); /* only the pinned one */
    CHECK(path.swallowed);
    kernel_remove(&node_at(vyatta)->kernel, net("203.0.113.225/32"));
    node_at(vyatta)->outer_vrf = true;
    CHECK_TEXT(outer_way(first_tunnel, TUNNEL_CUSTOMER), "vyatta nothing, no-route");
    CHECK(path.hops[path.hop_count - 1].outer);
    struct kernel_entry uplink = {.port = 1, .source = ROUTE_DHCP};
    kernel_set(&node_at(vyatta)->outer, net("0.0.0.0/0"), &uplink);
    for (int tunnel = first_tunnel; tunnel <= second_tunnel; tunnel++) {
        outer_way(tunnel, TUNNEL_CUSTOMER);
        CHECK(path.delivered && !path.swallowed);
    }
    way(vyatta, "10.20.0.10", "10.10.1.10");
    CHECK(path.delivered);
    destroy();
}

/* A packet of full size is no loop. */
static void a_full_packet_fits_once(void)
{
    build();
    struct packet packet = {
        .src = ip("10.20.0.10"), .dst = ip("10.10.1.10"), .size_bytes = 1438, .tunnel = WORLD_NONE};
    path = (struct path){.hops = NULL}; /* nobody asks for the hops */
    forward(world, vyatta, &packet, &path);
    CHECK(path.delivered);
    CHECK_EQUAL((int64_t)path.hop_count, 0);
    destroy();
}

/* -- what fails -- */

static void what_has_failed_forwards_nothing(void)
{
    build();
    node_at(db)->failed = true;
    CHECK_TEXT(way(web, "10.20.0.20", "10.20.0.30"),
               "web eth0, branch local 10.20.0.0/16, node-down");
    CHECK_EQUAL(path.node, db);
    CHECK_TEXT(way(db, "10.20.0.30", "10.20.0.20"), "node-down");
    node_at(edge)->failed = true;
    CHECK_TEXT(way(app, "10.10.1.10", "10.30.0.9"),
               "app eth0, main by 0.0.0.0/0, vgw dx101, node-down");
    node_at(vgw)->failed = true;
    way(vyatta, "10.20.0.10", "10.10.1.10");
    CHECK_TEXT(drop_word(path.drop), "node-down");
    CHECK_EQUAL(path.node, vgw);
    outer_way(first_tunnel, TUNNEL_GATEWAY);
    CHECK_TEXT(drop_word(path.drop), "node-down");
    destroy();
}

static void a_link_that_is_down_carries_nothing(void)
{
    build();
    node_at(vgw)->ports[4].up = false;
    CHECK_TEXT(way(app, "10.10.1.10", "10.30.0.9"),
               "app eth0, main by 0.0.0.0/0, vgw dx101, link-down");
    node_at(vyatta)->underlay_down = true;
    outer_way(first_tunnel, TUNNEL_CUSTOMER);
    CHECK_TEXT(drop_word(path.drop), "link-down");
    outer_way(first_tunnel, TUNNEL_GATEWAY);
    CHECK_TEXT(drop_word(path.drop), "link-down");
    CHECK_EQUAL(path.node, vyatta);
    node_at(vyatta)->underlay_down = false;
    node_at(vgw)->underlay_down = true;
    outer_way(first_tunnel, TUNNEL_GATEWAY);
    CHECK_TEXT(drop_word(path.drop), "link-down");
    CHECK_EQUAL(path.node, vgw);
    outer_way(first_tunnel, TUNNEL_CUSTOMER);
    CHECK_TEXT(drop_word(path.drop), "link-down");
    destroy();
}

static void a_circle_ends_at_the_hop_limit(void)
{
    build();
    route(vgw, "10.50.0.0/16", 4); /* and edge's default leads back */
    way(edge, "10.30.0.9", "10.50.0.1");
    CHECK_TEXT(drop_word(path.drop), "hop-limit");
    reached[path.drop] = true;
    CHECK(!path.swallowed);
    CHECK_EQUAL((int64_t)path.hop_count, 64);
    destroy();
}

/* -- sites on the Internet -- */

/* A site behind 1:1 NAT has a public address that its own interface does not know. */
static void a_site_behind_nat(void)
{
    build();
    int site = world_add_node(world, NODE_ROUTER, "site");
    add_port(site, "eth0", PORT_INTERNET, "192.168.1.2", WORLD_NONE);
    route(site, "0.0.0.0/0", 1);
    node_at(site)->elastic_addr = ip("198.51.100.99");
    world_add_address(world, (struct public_address){
                                 .addr = ip("198.51.100.99"), .node = site, .tunnel = WORLD_NONE});
    CHECK_TEXT(way(site, "192.168.1.2", "198.51.100.20"),
               "site eth0, site nat 198.51.100.99, internet, branch nat 10.20.0.20, web here, "
               "arrived");
    CHECK_TEXT(way(web, "10.20.0.20", "198.51.100.99"),
               "web eth0, branch by 0.0.0.0/0, branch nat 198.51.100.20, internet, "
               "site nat 192.168.1.2, site here, arrived");
    CHECK_TEXT(way(site, "198.51.100.20", "192.0.2.1"), "site eth0, foreign-source");
    node_at(site)->failed = true;
    way(web, "10.20.0.20", "198.51.100.99");
    CHECK_TEXT(drop_word(path.drop), "node-down");
    destroy();
}

/* What the link itself carries no provider sees; a gateway elsewhere knows no private address. */
static void on_the_link_any_source_passes(void)
{
    build();
    int site = world_add_node(world, NODE_ROUTER, "site"), near = 0;
    add_port(site, "eth0", PORT_INTERNET, "192.0.2.10", WORLD_NONE);
    route(site, "0.0.0.0/0", 1);
    near = world_add_node(world, NODE_ROUTER, "near");
    add_port(near, "eth0", PORT_INTERNET, "192.0.2.20", WORLD_NONE);
    world_add_address(world, (struct public_address){
                                 .addr = ip("192.0.2.20"), .node = near, .tunnel = WORLD_NONE});
    CHECK_TEXT(way(site, "198.51.100.20", "192.0.2.20"), "site eth0, foreign-source");
    struct kernel_entry connected = {.port = 1, .source = ROUTE_CONNECTED};
    kernel_set(&node_at(site)->kernel, net("192.0.2.0/24"), &connected);
    CHECK_TEXT(way(site, "198.51.100.20", "192.0.2.20"), "site eth0, near here, arrived");
    CHECK_TEXT(way(site, "198.51.100.20", "192.0.2.30"), "site eth0, foreign-source");
    CHECK_TEXT(way(site, "10.9.9.9", "203.0.113.225"), "site eth0, foreign-source");
    CHECK_TEXT(way(site, "10.9.9.9", "192.0.2.1"), "site eth0, internet, internet beyond, arrived");
    destroy();
}

/* -- security groups and network ACLs (what their rules say: filter_test) -- */

static void rule(struct filter *filter, enum filter_side side, uint8_t protocol, uint16_t port,
                 const char *range)
{
    struct filter_rule rule = {.allow = true,
                               .protocol = protocol,
                               .low = port,
                               .high = port,
                               .type = -1,
                               .code = -1,
                               .range = net(range)};
    size_t count = filter->counts[side]++;
    filter->rules[side] = realloc(filter->rules[side], (count + 1) * sizeof rule);
    filter->rules[side][count] = rule;
}

/* web is in a group, db is not; both are in one subnet, which has an ACL. */
static void build_filtered(void)
{
    build();
    struct node *vpc = node_at(branch);
    struct filter *group = filters_add(&vpc->groups, &vpc->group_count, "sg-web");
    rule(group, FILTER_IN, TRAFFIC_TCP, 443, "10.20.0.0/16");
    rule(group, FILTER_OUT, TRAFFIC_TCP, 80, "0.0.0.0/0");
    struct filter *acl = filters_add(&vpc->acls, &vpc->acl_count, "acl");
    rule(acl, FILTER_OUT, TRAFFIC_TCP, 80, "0.0.0.0/0");
    rule(acl, FILTER_IN, TRAFFIC_TCP, 49152, "198.51.100.0/24");
    node_at(web)->member_of = calloc(1, sizeof *node_at(web)->member_of);
    node_at(web)->member_of[0] = 1;
    node_at(web)->member_count = 1;
    world->filtered = true;
}

static const char *sent(int from, const char *src, const char *dst, struct traffic traffic,
                        const struct path *answers)
{
    struct packet packet = {.src = ip(src),
                            .dst = ip(dst),
                            .size_bytes = 84,
                            .tunnel = WORLD_NONE,
                            .traffic = traffic,
                            .answers = answers};
    path = (struct path){.hops = hops};
    forward(world, from, &packet, &path);
    return words_of_path();
}

static const struct traffic https = {TRAFFIC_TCP, 49152, 443}, http = {TRAFFIC_TCP, 49152, 80};

static void groups_judge_at_the_instance(void)
{
    static struct hop asked_hops[PATH_HOPS];
    build_filtered();
    CHECK_TEXT(sent(db, "10.20.0.30", "10.20.0.20", http, NULL),
               "db eth0, branch local 10.20.0.0/16, web group in, security-group-in");
    CHECK_EQUAL(path.node, web);
    CHECK_TEXT(sent(db, "10.20.0.30", "10.20.0.20", https, NULL),
               "db eth0, branch local 10.20.0.0/16, web group in, web here, arrived");
    memcpy(asked_hops, hops, sizeof hops);
    struct path asked = path;
    asked.hops = asked_hops;
    CHECK_TEXT(sent(web, "10.20.0.20", "10.20.0.30", traffic_answer(https), NULL),
               "web eth0, web group out, security-group-out");
    CHECK_TEXT(sent(web, "10.20.0.20", "10.20.0.30", traffic_answer(https), &asked),
               "web eth0, web group out, branch local 10.20.0.0/16, db here, arrived");
    CHECK(path.hops[1].remembered && path.hops[1].passed);
    CHECK_TEXT(sent(web, "10.20.0.20", "10.20.0.10", traffic_answer(https), &asked),
               "web eth0, web group out, security-group-out"); /* another one asked */
    node_at(web)->source_dest_check = false;
    CHECK_TEXT(sent(web, "10.20.0.99", "10.20.0.30", traffic_answer(https), &asked),
               "web eth0, web group out, security-group-out"); /* or was asked */
    node_at(web)->source_dest_check = true;
    CHECK_TEXT(way(web, "10.20.0.20", "10.20.0.30"),
               "web eth0, branch local 10.20.0.0/16, db here, arrived"); /* nobody's traffic */
    destroy();
}

static void acls_judge_at_the_subnets_border(void)
{
    build_filtered();
    node_at(branch)->subnets[0].acl = 1;
    CHECK_TEXT(sent(db, "10.20.0.30", "10.20.0.20", https, NULL),
               "db eth0, branch local 10.20.0.0/16, web group in, web here, arrived");
    CHECK_TEXT(sent(web, "10.20.0.20", "192.0.2.1", http, NULL),
               "web eth0, web group out, branch by 0.0.0.0/0, branch acl out, "
               "branch nat 198.51.100.20, internet, internet beyond, arrived");
    CHECK_TEXT(sent(db, "10.20.0.30", "10.40.0.40", https, NULL),
               "db eth0, branch by 10.40.0.0/14, branch acl out, network-acl-out");
    CHECK_EQUAL(path.node, branch);
    CHECK_TEXT(sent(web, "10.20.0.20", "198.51.100.10", http, NULL),
               "web eth0, web group out, branch by 0.0.0.0/0, branch acl out, "
               "branch nat 198.51.100.20, internet, branch nat 10.20.0.10, branch acl in, "
               "network-acl-in");
    destroy();
}

/* -- names -- */

static void every_drop_has_a_name_and_was_reached(void)
{
    for (unsigned drop = 0; drop < DROP_COUNT; drop++) {
        const char *word = drop_word((enum drop)drop);
        const char *sentence = drop_sentence((enum drop)drop);
        CHECK(word[0] >= 'a' && word[0] <= 'z');
        CHECK(sentence[0] >= 'A' && sentence[0] <= 'Z' && sentence[strlen(sentence) - 1] == '.');
        for (unsigned other = 0; other < drop; other++)
            CHECK(strcmp(word, drop_word((enum drop)other)) != 0);
        if (!reached[drop])
            CHECK_TEXT(word, "reached by some test above");
    }
}

int main(void)
{
    TEST(instances_of_a_vpc_reach_each_other);
    TEST(who_is_neither_source_nor_destination_is_checked);
    TEST(a_table_without_a_route_drops);
    TEST(an_address_of_the_other_family_is_not_reached);
    TEST(a_peering_is_not_transitive);
    TEST(the_internet_gateway_translates_both_ways);
    TEST(only_the_instances_own_address_is_translated);
    TEST(a_gateway_knows_what_it_was_told);
    TEST(a_hop_says_what_decided);
    TEST(outer_and_inner_never_meet_in_a_gateway);
    TEST(a_tunnel_carries_both_ways);
    TEST(a_tunnel_needs_its_sa_at_both_ends);
    TEST(a_tunnel_swallows_itself);
    TEST(two_tunnels_carry_each_other);
    TEST(a_pin_or_a_vrf_protects);
    TEST(a_full_packet_fits_once);
    TEST(what_has_failed_forwards_nothing);
    TEST(a_link_that_is_down_carries_nothing);
    TEST(a_circle_ends_at_the_hop_limit);
    TEST(a_site_behind_nat);
    TEST(on_the_link_any_source_passes);
    TEST(groups_judge_at_the_instance);
    TEST(acls_judge_at_the_subnets_border);
    TEST(every_drop_has_a_name_and_was_reached);
    return harness_done();
}
