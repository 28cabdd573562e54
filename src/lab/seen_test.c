/* The incident as daemons and kernels tell it: what becomes of their words. */
#include "lab/seen.h"

#include "network/build_rig.h"

#include <string.h>

#define S_US     1000000ll
#define BEGAN_US 1795348800000000ll

static struct rig rig;
static struct seen seen;
static int vyatta, gateway;

static void begin_with(const char *text)
{
    rig = rig_build(text);
    vyatta = world_find_node(rig.world, "vyatta");
    gateway = world_find_node(rig.world, "vgw-main");
    seen_init(&seen, rig.world, BEGAN_US);
}

static void begin(void)
{
    begin_with(rig_incident);
}

static void end(void)
{
    seen_done(&seen);
    rig_done(&rig);
}

static void says(int node, enum heard_speaker speaker, int64_t at_us, const char *line)
{
    struct heard heard = heard_line(speaker, (struct slice){(const uint8_t *)line, strlen(line)});
    CHECK(heard.kind != HEARD_NOTHING);
    seen_heard(&seen, node, &heard, BEGAN_US + at_us);
}

static uint16_t port(const char *name)
{
    const struct node *node = &rig.world->nodes[vyatta];
    for (uint16_t i = 1; i <= node->port_count; i++) {
        if (strcmp(node->ports[i].name, name) == 0)
            return i;
    }
    return 0;
}

static struct seen_route default_by(const char *device, enum route_source source, uint32_t metric)
{
    return (struct seen_route){.prefix = {0, 0, false},
                               .metric = metric,
                               .entry = {.port = port(device), .source = source}};
}

static void default_into_tunnel(int64_t at_us)
{
    struct seen_route route = default_by("vti1", ROUTE_EBGP, 20);
    seen_route(&seen, vyatta, &route, BEGAN_US + at_us);
}

static unsigned moments_of(enum moment_kind kind)
{
    unsigned count = 0;
    for (size_t i = 0; i < seen.count; i++)
        count += seen.moments[i].kind == kind;
    return count;
}

static void both_ends_up(int64_t at_us)
{
    says(vyatta, HEARD_CHARON, at_us,
         "10[IKE] <vpn-vyatta/1|1> IKE_SA vpn-vyatta/1[1] established "
         "between a...b");
    says(gateway, HEARD_SEKISHOD, at_us,
         "event=tunnel-up tunnel=vpn-vyatta/1 device=vpn-vyatta-1 cause=established");
}

static void a_tunnel_is_up_when_both_ends_are(void)
{
    begin();
    CHECK(!seen_tunnel_up(&seen, 0));
    says(vyatta, HEARD_CHARON, 1,
         "10[IKE] <vpn-vyatta/1|1> IKE_SA vpn-vyatta/1[1] established "
         "between a...b");
    CHECK(!seen_tunnel_up(&seen, 0));
    both_ends_up(2);
    CHECK(seen_tunnel_up(&seen, 0));
    CHECK_EQUAL(moments_of(MOMENT_IKE_UP), 3);
    end();
}

/* Both ends began, and the older of two IKE_SAs goes: the tunnel is up all the same. */
static void an_older_ike_sa_that_goes_is_not_the_tunnel(void)
{
    begin();
    both_ends_up(1);
    says(vyatta, HEARD_CHARON, 2,
         "10[IKE] <vpn-vyatta/1|2> IKE_SA vpn-vyatta/1[2] established "
         "between a...b");
    says(vyatta, HEARD_CHARON, 3,
         "10[IKE] <vpn-vyatta/1|1> received DELETE for IKE_SA vpn-vyatta/1[1]");
    says(vyatta, HEARD_CHARON, 4, "10[IKE] <vpn-vyatta/1|3> giving up after 2 retransmits");
    CHECK(seen_tunnel_up(&seen, 0));
    CHECK_EQUAL(moments_of(MOMENT_IKE_GIVEN_UP), 0);
    says(vyatta, HEARD_CHARON, 5,
         "10[IKE] <vpn-vyatta/1|2> received DELETE for IKE_SA vpn-vyatta/1[2]");
    CHECK(!seen_tunnel_up(&seen, 0));
    end();
}

static void sessions_have_the_reason_that_was_said_before(void)
{
    begin();
    says(vyatta, HEARD_BGPD, 1, "BGP: %ADJCHANGE: neighbor 169.254.252.30(x) in vrf default Up");
    says(vyatta, HEARD_BGPD, 2, "BGP: %ADJCHANGE: neighbor 169.254.252.30(x) in vrf default Up");
    CHECK_EQUAL(moments_of(MOMENT_SESSION_UP), 1);
    says(vyatta, HEARD_BGPD, 3, "BGP: %NOTIFICATION: sent to neighbor 169.254.252.30 4/0 (H) 0");
    says(vyatta, HEARD_BGPD, 3,
         "BGP: %ADJCHANGE: neighbor 169.254.252.30(x) in vrf default Down "
         "BGP Notification send");
    CHECK_EQUAL(seen.moments[1].kind, MOMENT_SESSION_DOWN);
    CHECK_EQUAL(seen.moments[1].reason, BGP_DOWN_HOLD_TIMER);
    says(gateway, HEARD_SEKISHOD, 4, "event=session-up neighbor=vpn-vyatta/1");
    CHECK(seen_session_up(&seen, gateway, rig.world->tunnels[0].ends[TUNNEL_GATEWAY].neighbor));
    end();
}

/* A router whose outer interface is in a VRF asks the VRF's table, and no other. */
static void outer_packets_ask_the_vrfs_table(void)
{
    begin();
    rig.world->nodes[vyatta].outer_vrf = true;
    default_into_tunnel(1);
    CHECK_EQUAL(moments_of(MOMENT_ROUTE), 1);
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 0);
    struct seen_route leaked = default_by("vti1", ROUTE_EBGP, 20);
    leaked.outer = true;
    seen_route(&seen, vyatta, &leaked, BEGAN_US + 2);
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 1);
    CHECK_EQUAL(moments_of(MOMENT_ROUTE), 1); /* of the VRF's table nothing is told */
    seen_route_gone(&seen, vyatta, leaked.prefix, 20, BEGAN_US + 3); /* the other table's */
    CHECK_EQUAL(moments_of(MOMENT_FREED), 0);
    seen_outer_route_gone(&seen, vyatta, leaked.prefix, 20, BEGAN_US + 4);
    CHECK_EQUAL(moments_of(MOMENT_FREED), 1);
    end();
}

/* The default goes into one tunnel, and then into the other one: each has itself and the other. */
static void the_tunnel_that_swallows_is_the_one_of_now(void)
{
    begin_with(rig_with(
        rig_incident,
        "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}\n",
        "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}\n"
        "      - {outside: 203.0.113.226, inside: {vgw: 169.254.252.34, cgw: 169.254.252.33}}\n"));
    both_ends_up(1);
    CHECK_EQUAL(seen_tunnel_into(&seen, 0), WORLD_NONE);
    default_into_tunnel(2);
    CHECK_EQUAL(seen_tunnel_into(&seen, 0), 0);
    struct seen_route other = default_by("vti2", ROUTE_EBGP, 20);
    seen_route(&seen, vyatta, &other, BEGAN_US + 3);
    CHECK_EQUAL(seen_tunnel_into(&seen, 0), 1);
    CHECK_EQUAL(seen.ends[0][TUNNEL_CUSTOMER].since_us, 3);
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 2); /* once each */
    end();
}

/* A packet that comes out of it soon after belongs to the same story; a later one to another. */
static void a_tunnel_in_a_tunnel_may_arrive(void)
{
    begin();
    both_ends_up(1);
    default_into_tunnel(2);
    seen_arrives(&seen, 0, BEGAN_US + 1);
    seen_arrives(&seen, 0, BEGAN_US + 9000000);
    CHECK_EQUAL(seen.moments[seen.count - 1].kind, MOMENT_SWALLOWED);
    CHECK(!seen.moments[seen.count - 1].arrives);
    seen_arrives(&seen, 0, BEGAN_US + 900000);
    CHECK(seen.moments[seen.count - 1].arrives);
    end();
}

/* Without IPsec it swallows itself as with it, as in the simulator. */
static void a_plain_tunnel_has_no_way_through_itself(void)
{
    begin_with(rig_with(rig_incident, "    tunnels:\n", "    ipsec: none\n    tunnels:\n"));
    CHECK(seen_tunnel_up(&seen, 0));
    default_into_tunnel(1);
    CHECK(!seen_tunnel_up(&seen, 0));
    CHECK_EQUAL(seen_tunnel_into(&seen, 0), 0);
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 1);
    struct seen_route own = default_by("eth0", ROUTE_DHCP, 0);
    seen_route(&seen, vyatta, &own, BEGAN_US + 2);
    CHECK(seen_tunnel_up(&seen, 0));
    CHECK_EQUAL(moments_of(MOMENT_FREED), 1);
    end();
}

static void the_lowest_metric_is_what_packets_take(void)
{
    begin();
    struct seen_route own = default_by("eth0", ROUTE_KERNEL, 1024);
    seen_route(&seen, vyatta, &own, BEGAN_US + 1);
    default_into_tunnel(2);
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 1);
    CHECK_EQUAL(seen_swallowed_us(&seen, 0), 2);
    seen_route_gone(&seen, vyatta, own.prefix, 20, BEGAN_US + 3);
    CHECK_EQUAL(moments_of(MOMENT_FREED), 1);
    own.metric = 0;
    seen_route(&seen, vyatta, &own, BEGAN_US + 4);
    default_into_tunnel(5); /* its own is preferred: nothing is swallowed */
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 1);
    end();
}

static void a_host_route_keeps_the_tunnel_out_of_itself(void)
{
    begin();
    struct seen_route pin = default_by("eth0", ROUTE_STATIC, 0);
    pin.prefix = (struct prefix){0xcb0071e1, 32, false};
    seen_route(&seen, vyatta, &pin, BEGAN_US + 1);
    default_into_tunnel(2);
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 0);
    CHECK_EQUAL(seen_swallowed_us(&seen, 0), -1);
    end();
}

static void what_a_dump_leaves_out_is_gone(void)
{
    begin();
    default_into_tunnel(1);
    seen_sweep(&seen, vyatta, 1, BEGAN_US + 2);
    CHECK_EQUAL(moments_of(MOMENT_ROUTE_GONE), 1);
    CHECK_EQUAL(moments_of(MOMENT_FREED), 1);
    end();
}

static void what_was_before_the_beginning_leaves_no_moment(void)
{
    begin();
    both_ends_up(-5 * S_US);
    CHECK_EQUAL(seen.count, 0);
    CHECK(seen_tunnel_up(&seen, 0));
    default_into_tunnel(S_US);
    seen_begin(&seen, BEGAN_US + 2 * S_US);
    CHECK_EQUAL(seen.count, 0);
    CHECK(!seen_tunnel_up(&seen, 0));
    end();
}

static void moments_are_in_the_order_of_their_times(void)
{
    begin();
    default_into_tunnel(5 * S_US);
    says(vyatta, HEARD_CHARON, 4 * S_US, "10[IKE] <vpn-vyatta/1|1> sending DPD request");
    CHECK_EQUAL(seen.moments[0].kind, MOMENT_IKE_DPD);
    for (size_t i = 1; i < seen.count; i++)
        CHECK(seen.moments[i - 1].at_us <= seen.moments[i].at_us);
    end();
}

/* Each cycle begins with a new IKE_SA; the second loop inside of one belongs to it. */
static void the_period_is_that_of_its_cycles(void)
{
    static const int64_t begins_s[] = {0, 76, 154, 232};
    begin();
    for (size_t i = 0; i < 4; i++) {
        int64_t at_us = begins_s[i] * S_US;
        both_ends_up(at_us);
        default_into_tunnel(at_us + S_US);
        seen_route_gone(&seen, vyatta, (struct prefix){0, 0, false}, 20,
                        BEGAN_US + at_us + 30 * S_US);
        default_into_tunnel(at_us + 36 * S_US);
        seen_route_gone(&seen, vyatta, (struct prefix){0, 0, false}, 20,
                        BEGAN_US + at_us + 66 * S_US);
        says(vyatta, HEARD_CHARON, at_us + 70 * S_US,
             "10[IKE] <vpn-vyatta/1|1> giving up after 2 retransmits");
    }
    CHECK_EQUAL(seen_cycles(&seen, 0), 3);
    CHECK_EQUAL(seen_period_us(&seen, 0), 78 * S_US);
    CHECK_EQUAL(seen_cycle_us(&seen, 0), 78 * S_US);
    CHECK_EQUAL(moments_of(MOMENT_SWALLOWED), 8);
    end();
}

/* What a step of the story makes longer is no cycle. */
static void a_step_of_the_story_is_no_part_of_a_cycle(void)
{
    begin();
    for (int i = 0; i < 4; i++) {
        both_ends_up(i * 78 * S_US + (i > 1 ? 40 * S_US : 0));
        default_into_tunnel(i * 78 * S_US + (i > 1 ? 40 * S_US : 0) + S_US);
        seen_route_gone(&seen, vyatta, (struct prefix){0, 0, false}, 20,
                        BEGAN_US + i * 78 * S_US + (i > 1 ? 40 * S_US : 0) + 31 * S_US);
    }
    CHECK_EQUAL(seen_period_us(&seen, 0), 78 * S_US);
    seen_say(&seen, MOMENT_STORY, vyatta, WORLD_NONE, BEGAN_US + 120 * S_US);
    CHECK_EQUAL(seen_period_us(&seen, 0), 78 * S_US);
    seen_say(&seen, MOMENT_BOOT, vyatta, WORLD_NONE, BEGAN_US + 10 * S_US);
    CHECK_EQUAL(seen_period_us(&seen, 0), 0); /* one is left */
    end();
}

static void one_cycle_is_no_flap(void)
{
    begin();
    both_ends_up(0);
    default_into_tunnel(S_US);
    CHECK_EQUAL(seen_period_us(&seen, 0), 0);
    CHECK_EQUAL(seen_cycle_us(&seen, 0), 0);
    end();
}

static void a_guard_is_told_of_its_attachment(void)
{
    begin();
    says(gateway, HEARD_SEKISHOD, 1, "event=guard-warned neighbor=vpn-vyatta prefix=0.0.0.0/0");
    CHECK_EQUAL(seen.count, 1);
    CHECK_EQUAL(seen.moments[0].kind, MOMENT_GUARD_WARNED);
    CHECK(seen.moments[0].attachment != 0);
    end();
}

static void who_is_not_of_the_network_is_not_heard(void)
{
    begin();
    says(vyatta, HEARD_BGPD, 1, "BGP: %ADJCHANGE: neighbor 192.0.2.99(x) in vrf default Up");
    says(vyatta, HEARD_CHARON, 1, "10[IKE] <vpn-x/1|1> sending DPD request");
    CHECK_EQUAL(seen.count, 0);
    end();
}

int main(void)
{
    TEST(a_tunnel_is_up_when_both_ends_are);
    TEST(an_older_ike_sa_that_goes_is_not_the_tunnel);
    TEST(sessions_have_the_reason_that_was_said_before);
    TEST(outer_packets_ask_the_vrfs_table);
    TEST(the_tunnel_that_swallows_is_the_one_of_now);
    TEST(a_tunnel_in_a_tunnel_may_arrive);
    TEST(a_plain_tunnel_has_no_way_through_itself);
    TEST(the_lowest_metric_is_what_packets_take);
    TEST(a_host_route_keeps_the_tunnel_out_of_itself);
    TEST(what_a_dump_leaves_out_is_gone);
    TEST(what_was_before_the_beginning_leaves_no_moment);
    TEST(moments_are_in_the_order_of_their_times);
    TEST(the_period_is_that_of_its_cycles);
    TEST(a_step_of_the_story_is_no_part_of_a_cycle);
    TEST(one_cycle_is_no_flap);
    TEST(a_guard_is_told_of_its_attachment);
    TEST(who_is_not_of_the_network_is_not_heard);
    return harness_done();
}
