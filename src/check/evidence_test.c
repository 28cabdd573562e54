#include "check/evidence.h"

#include "check/check_rig.h"

static struct hop hops[PATH_HOPS];

/* The network at the moment at which its first tunnel is swallowed. */
static void at_the_moment(struct run *run, const struct network *network)
{
    struct run first;
    CHECK(run_begin(&first, network, RIG_SEED, 0));
    run_finish(&first);
    int64_t at_us = sim_swallowed_us(first.sim, 0);
    CHECK(at_us > 0);
    run_done(&first);
    CHECK(run_begin(run, network, RIG_SEED, 0));
    run_until(run, at_us);
}

static const char *id_of(const struct run *run, int node)
{
    return node == WORLD_NONE ? "nobody" : run->world->nodes[node].id;
}

static void the_incident_is_laid_open(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    struct evidence evidence;
    struct path path;
    at_the_moment(&run, network);
    CHECK(evidence_take(run.world, 0, hops, &evidence, &path));
    CHECK_TEXT(id_of(&run, evidence.router), "vyatta");
    CHECK_EQUAL(evidence.end, TUNNEL_CUSTOMER);
    CHECK_EQUAL(evidence.into, 0);
    CHECK_EQUAL(evidence.prefix.len, 0);
    CHECK_EQUAL(evidence.turn, TURN_ROUTER);
    CHECK(evidence.by_bgp && !evidence.by_next_hop && evidence.by_distance);
    CHECK_TEXT(id_of(&run, evidence.teller.gateway), "vgw-main");
    CHECK_TEXT(run.world->connections[evidence.teller.connection].id, "vpn-vyatta");
    CHECK_TEXT(id_of(&run, evidence.origin.node), "dx-edge");
    CHECK_TEXT(run.world->direct_connects[evidence.origin.direct_connect].id, "dxvif-1");
    CHECK_EQUAL(evidence.origin.connection, WORLD_NONE);
    CHECK_EQUAL((int64_t)evidence.as_path_count, 2);
    CHECK_EQUAL(evidence.as_path[0], 10124);
    CHECK_EQUAL(evidence.as_path[1], 65001);
    CHECK_EQUAL(evidence.underlay_via, rig_ip(10, 20, 0, 1));
    CHECK_EQUAL(evidence.underlay_port, 1);
    run_done(&run);
    network_free(network);
}

static void nothing_is_seen_while_all_is_well(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    struct evidence evidence;
    struct path path;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_until(&run, 59000000);
    CHECK(!evidence_take(run.world, 0, hops, &evidence, &path));
    CHECK(path.delivered);
    run_done(&run);
    network_free(network);
}

static void a_loop_is_told_until_it_repeats(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    struct evidence evidence;
    struct path path;
    struct check_texts loop = {0};
    struct check *check = rig_blank(network);
    at_the_moment(&run, network);
    CHECK(evidence_take(run.world, 0, hops, &evidence, &path));
    evidence_say_loop(check, run.world, &path, &loop);
    CHECK_EQUAL((int64_t)loop.count, 5);
    CHECK_TEXT(loop.items[0], "vyatta: 203.0.113.225 via 0.0.0.0/0 -> vti1");
    CHECK_TEXT(loop.items[1], "vyatta: ESP into vpn-vyatta/1");
    CHECK_TEXT(loop.items[2], loop.items[0]);
    CHECK_TEXT(loop.items[3], loop.items[1]);
    check_free(check);
    run_done(&run);
    network_free(network);
}

static void the_choice_is_told_as_operators_read_it(void)
{
    struct network *network = rig_example("incident.yaml");
    struct run run;
    struct evidence evidence;
    struct path path;
    struct check_finding finding = {0};
    struct check *check = rig_blank(network);
    at_the_moment(&run, network);
    CHECK(evidence_take(run.world, 0, hops, &evidence, &path));
    evidence_say_choice(check, run.world, &evidence, &finding);
    CHECK_TEXT(finding.route, "B>* 0.0.0.0/0 [20/0] via 169.254.252.30, vti1");
    CHECK_TEXT(finding.beaten, "S   0.0.0.0/0 [210/0] via 10.20.0.1, eth0 (DHCP)");
    CHECK_TEXT(finding.port, "vti1");
    CHECK_TEXT(finding.told_by, "vgw-main");
    CHECK_TEXT(finding.into, "vpn-vyatta/1");
    CHECK(check_has_text(&finding.why, "distance"));
    CHECK(check_has_text(&finding.why, "guard-warn"));
    check_free(check);
    run_done(&run);
    network_free(network);
}

/* T06: the host route is there, and its next hop is found through the tunnel. */
static void a_next_hop_behind_the_tunnel_is_seen_through(void)
{
    struct network *network = rig_network(
        "incident.yaml", "via: 10.20.0.1, from: dhcp}",
        "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.225/32, via: 172.16.0.1}", NULL, NULL);
    struct run run;
    struct evidence evidence;
    struct path path;
    at_the_moment(&run, network);
    CHECK(evidence_take(run.world, 0, hops, &evidence, &path));
    CHECK(evidence.by_next_hop && evidence.by_bgp);
    CHECK_EQUAL(evidence.prefix.len, 0);
    CHECK_TEXT(id_of(&run, evidence.origin.node), "dx-edge");
    run_done(&run);
    network_free(network);
}

static void a_configured_route_into_the_tunnel_is_nobody_elses(void)
{
    struct network *network = rig_network(
        "incident.yaml", "via: 10.20.0.1, from: dhcp}",
        "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.0/24, tunnel: vpn-vyatta/1}", NULL, NULL);
    struct run run;
    struct evidence evidence;
    struct path path;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_until(&run, 59000000);
    CHECK(evidence_take(run.world, 0, hops, &evidence, &path));
    CHECK(!evidence.by_bgp);
    CHECK_EQUAL(evidence.prefix.len, 24);
    CHECK_EQUAL(evidence.teller.gateway, WORLD_NONE);
    CHECK_EQUAL(evidence.origin.node, WORLD_NONE);
    CHECK_EQUAL((int64_t)evidence.as_path_count, 0);
    run_done(&run);
    network_free(network);
}

/* A route table of the router's VPC leads the packets into a gateway, and that into a tunnel. */
static void a_route_table_may_lead_astray(void)
{
    char *text = rig_read("incident.yaml");
    rig_edit(text, "{prefix: 0.0.0.0/0, target: igw-branch}",
             "{prefix: 203.0.113.0/24, target: vgw-edge}, {prefix: 0.0.0.0/0, target: igw-branch}");
    rig_edit(text, "customer_gateways:\n",
             "  - {id: vgw-edge, asn: 10125, vpc: vpc-branch}\n\ncustomer_gateways:\n"
             "  - {id: cgw-hq, asn: 65007, address: 192.0.2.7, router: hq}\n");
    rig_edit(text, "vpn_connections:\n",
             "vpn_connections:\n  - id: vpn-hq\n    vpn_gateway: vgw-edge\n"
             "    customer_gateway: cgw-hq\n    tunnels: [{outside: 203.0.114.225, inside: {vgw:"
             " 169.254.252.34, cgw: 169.254.252.33}}]\n");
    rig_edit(text, "routers:\n",
             "routers:\n  - {id: hq, platform: frr, routes: [{prefix: 0.0.0.0/0, via:"
             " 192.0.2.1}], bgp: {asn: 65007, announce: [0.0.0.0/0]}}\n");
    struct network *network = rig_parse(text);
    struct run run;
    struct evidence evidence;
    struct path path;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_until(&run, 59000000);
    int tunnel = world_find_tunnel(run.world, "vpn-vyatta/1");
    CHECK(evidence_take(run.world, tunnel, hops, &evidence, &path));
    CHECK_EQUAL(evidence.turn, TURN_TABLE);
    CHECK(evidence.is_static);
    CHECK_EQUAL(evidence.prefix.len, 24);
    CHECK_TEXT(id_of(&run, evidence.vpc), "vpc-branch");
    CHECK_EQUAL(evidence.into, world_find_tunnel(run.world, "vpn-hq/1"));
    run_done(&run);
    network_free(network);
    free(text);
}

int main(void)
{
    TEST(the_incident_is_laid_open);
    TEST(nothing_is_seen_while_all_is_well);
    TEST(a_loop_is_told_until_it_repeats);
    TEST(the_choice_is_told_as_operators_read_it);
    TEST(a_next_hop_behind_the_tunnel_is_seen_through);
    TEST(a_configured_route_into_the_tunnel_is_nobody_elses);
    TEST(a_route_table_may_lead_astray);
    return harness_done();
}
