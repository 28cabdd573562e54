#include "sim/tell_rig.h"
#include "sim/tell_words.h"

static struct network *network;
static struct world *world;

static struct moment at(enum moment_kind kind, const char *node, const char *tunnel)
{
    return (struct moment){.kind = kind,
                           .node = node ? world_find_node(world, node) : WORLD_NONE,
                           .tunnel = tunnel ? world_find_tunnel(world, tunnel) : WORLD_NONE,
                           .into_tunnel = WORLD_NONE,
                           .step = -1};
}

static struct prefix net_of(const char *text)
{
    struct prefix prefix = {0, 0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static void check_said(struct moment moment, const char *wanted)
{
    char *said = tell_moment(world, network, &moment, 0);
    CHECK_TEXT(said, wanted);
    free(said);
}

static void tunnels_come_and_go(void)
{
    check_said(at(MOMENT_BOOT, "vyatta", NULL), "vyatta starts");
    check_said(at(MOMENT_IKE_UP, "vyatta", "vpn/1"), "vpn/1 up at vyatta");
    check_said(at(MOMENT_IKE_DPD, "vgw", "vpn/1"),
               "vgw asks vyatta whether it is alive; no answer comes");
    check_said(at(MOMENT_IKE_GIVEN_UP, "vgw", "vpn/1"),
               "vgw gives vyatta up after 3 requests and deletes vpn/1's SAs");
    check_said(at(MOMENT_IKE_REPLACED, "vgw", "vpn/1"),
               "vgw takes a new IKE_SA of vpn/1 for the old one");
    struct moment swallowed = at(MOMENT_SWALLOWED, "vyatta", "vpn/1");
    swallowed.into_tunnel = swallowed.tunnel;
    check_said(swallowed,
               "vpn/1 swallows itself: from here on 203.0.113.225 lies behind vti1 of vyatta");
    check_said(at(MOMENT_FREED, "vyatta", "vpn/1"), "vpn/1 finds its way past the tunnels again");
    check_said(at(MOMENT_LOOP, "vyatta", "vpn/1"),
               "vyatta: ESP → vti1 → ESP → vti1 → … longer each time, until it no longer fits: "
               "dropped");
}

/* What no IPsec wraps is not called ESP. */
static void a_plain_tunnels_loop_is_of_packets(void)
{
    world->tunnels[0].plain = true;
    check_said(at(MOMENT_LOOP, "vyatta", "vpn/1"),
               "vyatta: packet → vti1 → packet → vti1 → … longer each time, until it no longer "
               "fits: dropped");
    world->tunnels[0].plain = false;
}

static void sessions_name_both_ends(void)
{
    struct moment up = at(MOMENT_SESSION_UP, "vyatta", "vpn/1");
    up.neighbor = 1;
    check_said(up, "BGP 169.254.252.30 ↔ .29 Established at vyatta");
    struct moment down = up;
    down.kind = MOMENT_SESSION_DOWN;
    down.reason = BGP_DOWN_HOLD_TIMER;
    check_said(down, "vyatta: hold timer expired (30 s), BGP with 169.254.252.30 is down");
    down.reason = BGP_DOWN_NOTIFICATION;
    check_said(down, "vyatta: BGP with 169.254.252.30 is down: the neighbor ended the session with "
                     "a NOTIFICATION");
    down.reason = BGP_DOWN_TCP_CLOSED;
    check_said(down,
               "vyatta: BGP with 169.254.252.30 is down: the TCP connection was closed by the "
               "neighbor or the network");
}

static void routes_read_as_they_are_shown(void)
{
    struct moment moments[2] = {at(MOMENT_ROUTE, "vyatta", NULL), at(MOMENT_ROUTE, "vyatta", NULL)};
    const struct tunnel *tunnel = &world->tunnels[0];
    moments[0].source = ROUTE_DHCP;
    moments[0].gateway = 0xc6336401;
    moments[0].port = 1;
    moments[1].source = ROUTE_EBGP;
    moments[1].gateway = 0xa9fefc1e;
    moments[1].port = tunnel->ends[TUNNEL_CUSTOMER].port;
    moments[1].neighbor = tunnel->ends[TUNNEL_CUSTOMER].neighbor;
    check_said(moments[1], "vyatta learns 0.0.0.0/0 by vpn/1");
    check_said(moments[0], "vyatta has 0.0.0.0/0 (dhcp) via 198.51.100.1, eth0");
    struct tale tale;
    tell_moments(world, network, moments, 2, true, &tale);
    CHECK_EQUAL((int64_t)tale.count, 1); /* the router's own route is no news */
    CHECK_TEXT(tale.lines[0].what,
               "vyatta: B>* 0.0.0.0/0 [20] via 169.254.252.30, vti1 beats S [210] (DHCP)");
    tale_done(&tale);
    struct moment back[2] = {moments[1], moments[0]};
    tell_moments(world, network, back, 2, true, &tale);
    CHECK_TEXT(tale.lines[1].what,
               "vyatta: S>* 0.0.0.0/0 [210] (DHCP) via 198.51.100.1, eth0 is back");
    tale_done(&tale);
    moments[1].kind = MOMENT_ROUTE_GONE;
    check_said(moments[1], "vyatta loses 0.0.0.0/0");
}

static void the_gateway_says_what_it_does_not_pass_on(void)
{
    struct moment guard = at(MOMENT_GUARD_WARNED, "vgw", NULL);
    guard.attachment = world->connections[0].attachment;
    check_said(guard, "vgw tells vpn of 0.0.0.0/0, which covers 203.0.113.225");
    guard.kind = MOMENT_GUARD_HELD;
    check_said(guard, "vgw holds 0.0.0.0/0 back from vpn: it covers 203.0.113.225");
    struct moment refused = at(MOMENT_REFUSED, "vgw", "vpn/1");
    refused.neighbor = world->tunnels[0].ends[TUNNEL_GATEWAY].neighbor;
    refused.reason = REASON_OWN_AS;
    refused.prefix = net_of("10.30.0.0/16");
    check_said(refused, "vgw refuses 10.30.0.0/16 from vpn/1: own-as");
    refused.kind = MOMENT_LIMIT;
    check_said(refused, "vgw: vpn/1 announces more prefixes than its limit allows");
}

static void the_story_is_told_in_the_files_words(void)
{
    static const char *const wanted[] = {
        "edge announces 0.0.0.0/0",
        "vyatta is restarted",
        "vyatta is replaced by a new one with the same configuration",
        "vpn/1 fails",
        "vpn/1 works again",
        "edge withdraws 0.0.0.0/0",
        "the link of vyatta fails",
        "vpn is configured: guard hold",
        "vyatta is configured: +203.0.113.225/32, −0.0.0.0/0",
    };
    CHECK_EQUAL((int64_t)network->step_count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < network->step_count && i < sizeof wanted / sizeof *wanted; i++) {
        struct moment step = at(MOMENT_STORY, NULL, NULL);
        step.step = (int)i;
        check_said(step, wanted[i]);
    }
}

static void many_prefixes_are_counted(void)
{
    struct moment moments[6];
    struct tale tale;
    for (int i = 0; i < 6; i++) {
        moments[i] = at(MOMENT_ROUTE, "vyatta", NULL);
        moments[i].source = ROUTE_EBGP;
        moments[i].neighbor = 1;
        moments[i].prefix = prefix_around(0x0a000000u + ((uint32_t)i << 16), 16);
    }
    tell_moments(world, network, moments, 6, true, &tale);
    CHECK_EQUAL((int64_t)tale.count, 1);
    CHECK_TEXT(tale.lines[0].what,
               "vyatta learns 10.0.0.0/16, 10.1.0.0/16, 10.2.0.0/16 and 3 more by vpn/1");
    tale_done(&tale);
}

int main(void)
{
    network = tell_network();
    world = network_build(network);
    TEST(tunnels_come_and_go);
    TEST(a_plain_tunnels_loop_is_of_packets);
    TEST(sessions_name_both_ends);
    TEST(routes_read_as_they_are_shown);
    TEST(the_gateway_says_what_it_does_not_pass_on);
    TEST(the_story_is_told_in_the_files_words);
    TEST(many_prefixes_are_counted);
    world_destroy(world);
    network_free(network);
    return harness_done();
}
