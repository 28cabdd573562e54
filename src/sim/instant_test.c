#include "sim/instant.h"

#include "sim/sim_rig.h"

/* Two sites of one gateway; the first behind the provider's default by DHCP. */
static const char text[] =
    "vpcs: [{id: vpc, cidrs: [10.0.0.0/16], route_tables: [{id: rtb, propagate: [vgw]}]}]\n"
    "vpn_gateways: [{id: vgw, asn: 64512, vpc: vpc}]\n"
    "customer_gateways:\n"
    "  - {id: cgw-a, address: 198.51.100.10, asn: 65001, router: a}\n"
    "  - {id: cgw-b, address: 198.18.0.10, asn: 65002, router: b}\n"
    "  - {id: cgw-c, address: 198.18.4.10, router: c}\n"
    "vpn_connections:\n"
    "  - id: vpn-a\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw-a\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}\n"
    "      - {outside: 203.0.113.2, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}\n"
    "  - id: vpn-b\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw-b\n"
    "    limits: {received: 2}\n"
    "    tunnels: [{outside: 203.0.113.9, inside: {vgw: 169.254.20.1, cgw: 169.254.20.2}}]\n"
    "  - id: vpn-c\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw-c\n"
    "    static_routes: [10.4.0.0/16]\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.17, inside: {vgw: 169.254.40.1, cgw: 169.254.40.2}}\n"
    "      - {outside: 203.0.113.18, inside: {vgw: 169.254.40.5, cgw: 169.254.40.6}}\n"
    "direct_connects:\n"
    "  - {id: dx, vpn_gateway: vgw, router: edge, vlan: 101,\n"
    "     inside: {vgw: 169.254.30.1, peer: 169.254.30.2}}\n"
    "routers:\n"
    "  - {id: a, platform: vyos, routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}],\n"
    "     bgp: {asn: 65001, announce: [10.1.0.0/16]}}\n"
    "  - {id: b, platform: vyos, routes: [{prefix: 0.0.0.0/0, via: 198.18.0.1}],\n"
    "     bgp: {asn: 65002, announce: [10.2.0.0/16]}}\n"
    "  - {id: c, platform: vyos, routes: [{prefix: 0.0.0.0/0, via: 198.18.4.1}]}\n"
    "  - {id: edge, platform: unknown, bgp: {asn: 65003, announce: [10.3.0.0/16]}}\n";

struct still {
    struct rig rig;
    struct sim *sim;
};

static struct still begin(void)
{
    struct still still = {.rig = rig_build(text)};
    still.sim = instant_create(still.rig.world, still.rig.network);
    CHECK(still.sim != NULL);
    return still;
}

static void end(struct still *still)
{
    for (size_t i = 0; i < still->rig.world->node_count; i++) {
        const struct engine *engine = still->rig.world->nodes[i].engine;
        const char *wrong = engine ? engine_audit(engine) : NULL;
        CHECK_TEXT(wrong ? wrong : "sound", "sound");
    }
    sim_destroy(still->sim);
    rig_done(&still->rig);
}

static void all_up(struct still *still)
{
    for (int i = 0; i < (int)still->rig.world->tunnel_count; i++)
        instant_set_tunnel(still->sim, i, true);
    CHECK(instant_settle(still->sim));
}

static const struct kernel_entry *entry(const struct still *still, const char *node, ip_addr addr,
                                        uint8_t len)
{
    return kernel_exact(&rig_node(&still->rig, node)->kernel, (struct prefix){addr, len});
}

enum { SITE_A = 0x0a010000, SITE_B = 0x0a020000, EDGE = 0x0a030000 };

static void announce(struct still *still, const char *node, struct prefix prefix,
                     enum event_kind kind)
{
    struct event event = {.kind = kind, .announce = {.prefix = prefix}};
    sim_tell(still->sim, world_find_node(still->rig.world, node), &event);
    CHECK(instant_settle(still->sim));
}

static void nobody_is_heard_before_tunnels_are_up(void)
{
    struct still still = begin();
    CHECK(instant_settle(still.sim));
    CHECK(!entry(&still, "vgw", SITE_A, 16));
    CHECK(entry(&still, "vgw", EDGE, 16) != NULL); /* a Direct Connect needs none */
    CHECK(!entry(&still, "a", EDGE, 16));
    end(&still);
}

static void everybody_hears_everything_at_once(void)
{
    struct still still = begin();
    all_up(&still);
    CHECK(entry(&still, "a", SITE_B, 16) != NULL && entry(&still, "a", EDGE, 16) != NULL);
    CHECK(entry(&still, "b", SITE_A, 16) != NULL && entry(&still, "edge", SITE_A, 16) != NULL);
    CHECK_EQUAL(sim_now_us(still.sim), 0);
    end(&still);
}

static void a_tunnel_that_goes_takes_its_routes_along(void)
{
    struct still still = begin();
    all_up(&still);
    instant_set_tunnel(still.sim, world_find_tunnel(still.rig.world, "vpn-b/1"), false);
    CHECK(instant_settle(still.sim));
    CHECK(!entry(&still, "a", SITE_B, 16) && !entry(&still, "b", SITE_A, 16));
    instant_set_tunnel(still.sim, world_find_tunnel(still.rig.world, "vpn-a/1"), false);
    CHECK(instant_settle(still.sim));
    const struct kernel_entry *by_the_other = entry(&still, "vgw", SITE_A, 16);
    CHECK(by_the_other && rig_node(&still.rig, "vgw")->ports[by_the_other->port].part == 1);
    all_up(&still);
    CHECK(entry(&still, "a", SITE_B, 16) != NULL && entry(&still, "b", SITE_A, 16) != NULL);
    end(&still);
}

static void a_static_connection_s_routes_move_to_the_tunnel_that_is_up(void)
{
    struct still still = begin();
    all_up(&still);
    const struct port *ports = rig_node(&still.rig, "vgw")->ports;
    CHECK_EQUAL(ports[entry(&still, "vgw", 0x0a040000, 16)->port].part, 0);
    instant_set_tunnel(still.sim, world_find_tunnel(still.rig.world, "vpn-c/1"), false);
    CHECK(instant_settle(still.sim));
    CHECK_EQUAL(ports[entry(&still, "vgw", 0x0a040000, 16)->port].part, 1);
    end(&still);
}

static void a_default_by_the_tunnel_swallows_its_packets(void)
{
    struct still still = begin();
    struct path path = {.hops = NULL};
    int tunnel = world_find_tunnel(still.rig.world, "vpn-a/1");
    all_up(&still);
    CHECK(instant_passes(still.sim, tunnel, TUNNEL_CUSTOMER, &path));
    announce(&still, "edge", (struct prefix){0, 0}, EVENT_ANNOUNCE);
    CHECK(!instant_passes(still.sim, tunnel, TUNNEL_CUSTOMER, &path) && path.swallowed);
    CHECK(instant_passes(still.sim, tunnel, TUNNEL_GATEWAY, &path));
    announce(&still, "edge", (struct prefix){0, 0}, EVENT_WITHDRAW);
    CHECK(instant_passes(still.sim, tunnel, TUNNEL_CUSTOMER, &path));
    end(&still);
}

static struct network_ref named(const struct still *still, char *id)
{
    struct network_ref ref = network_find(still->rig.network, id);
    ref.id = id;
    return ref;
}

static void who_has_failed_is_away_until_restored(void)
{
    struct still still = begin();
    struct network_step step = {.verb = NETWORK_STEP_FAIL,
                                .about = NETWORK_ABOUT_ROUTER,
                                .object = named(&still, (char[]){"b"})};
    int tunnel = world_find_tunnel(still.rig.world, "vpn-b/1");
    all_up(&still);
    instant_play(still.sim, &step);
    CHECK(instant_settle(still.sim));
    CHECK(instant_is_cut(still.sim, tunnel));
    CHECK(!entry(&still, "a", SITE_B, 16));
    step.verb = NETWORK_STEP_RESTORE;
    instant_play(still.sim, &step);
    CHECK(instant_settle(still.sim));
    CHECK(!instant_is_cut(still.sim, tunnel));
    CHECK(entry(&still, "a", SITE_B, 16) && entry(&still, "b", SITE_A, 16));
    end(&still);
}

static void a_direct_connect_fails_and_returns(void)
{
    struct still still = begin();
    struct network_step step = {.verb = NETWORK_STEP_FAIL,
                                .about = NETWORK_ABOUT_DIRECT_CONNECT,
                                .object = named(&still, (char[]){"dx"})};
    all_up(&still);
    instant_play(still.sim, &step);
    CHECK(instant_settle(still.sim));
    CHECK(!entry(&still, "a", EDGE, 16));
    step.verb = NETWORK_STEP_RESTORE;
    instant_play(still.sim, &step);
    CHECK(instant_settle(still.sim));
    CHECK(entry(&still, "a", EDGE, 16) != NULL);
    end(&still);
}

/* The session over the limit is closed (Cease 6/1), is begun anew in each settling and closed
 * again, and is back when there is less to say. */
static void a_session_over_its_limit_stays_closed(void)
{
    struct still still = begin();
    all_up(&still);
    announce(&still, "b", (struct prefix){0x0a040000, 16}, EVENT_ANNOUNCE);
    CHECK(entry(&still, "vgw", SITE_B, 16) != NULL);
    announce(&still, "b", (struct prefix){0x0a050000, 16}, EVENT_ANNOUNCE);
    CHECK(!entry(&still, "vgw", SITE_B, 16));
    CHECK(instant_settle(still.sim));
    CHECK(!entry(&still, "vgw", SITE_B, 16));
    announce(&still, "b", (struct prefix){0x0a050000, 16}, EVENT_WITHDRAW);
    CHECK(instant_settle(still.sim));
    CHECK(entry(&still, "vgw", SITE_B, 16) != NULL);
    end(&still);
}

int main(void)
{
    TEST(nobody_is_heard_before_tunnels_are_up);
    TEST(everybody_hears_everything_at_once);
    TEST(a_tunnel_that_goes_takes_its_routes_along);
    TEST(a_static_connection_s_routes_move_to_the_tunnel_that_is_up);
    TEST(a_default_by_the_tunnel_swallows_its_packets);
    TEST(who_has_failed_is_away_until_restored);
    TEST(a_direct_connect_fails_and_returns);
    TEST(a_session_over_its_limit_stays_closed);
    return harness_done();
}
