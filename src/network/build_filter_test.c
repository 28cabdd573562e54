#include "network/build_rig.h"

/* i-a and i-b share a subnet, i-c is in another one, i-p in the peer's VPC. */
static const char filtered[] =
    "vpcs:\n"
    "  - id: vpc-1\n"
    "    cidrs: [10.1.0.0/16]\n"
    "    route_tables: [{id: rtb, routes: [{prefix: 10.2.0.0/16, target: pcx},\n"
    "                   {prefix: 10.4.0.0/16, target: i-a}]}]\n"
    "    security_groups:\n"
    "      - {id: sg-a, inbound: [{from: sg-a}, {protocol: tcp, ports: 22, from: sg-p},\n"
    "                             {protocol: udp, from: pl}, {protocol: esp, from: '::/0'}]}\n"
    "      - {id: sg-c, inbound: [{protocol: tcp, ports: 80-81, from: sg-a}], outbound: []}\n"
    "      - {id: sg-old, inbound: [{from: sg-q}]}\n"
    "    network_acls:\n"
    "      - id: acl\n"
    "        inbound: [{rule: 200, action: deny, from: 0.0.0.0/0},\n"
    "                  {rule: 100, action: allow, protocol: tcp, ports: 80, from: 10.1.0.0/16}]\n"
    "        outbound: [{rule: 1, action: allow, to: 0.0.0.0/0}]\n"
    "    subnets: [{id: subnet-ab, cidr: 10.1.1.0/24},\n"
    "              {id: subnet-c, cidr: 10.1.2.0/24, network_acl: acl}]\n"
    "    instances:\n"
    "      - {id: i-a, subnet: subnet-ab, address: 10.1.1.10, security_groups: [sg-a],\n"
    "         source_dest_check: false}\n"
    "      - {id: i-b, subnet: subnet-ab, address: 10.1.1.11, security_groups: [sg-old, sg-a]}\n"
    "      - {id: i-c, subnet: subnet-c, address: 10.1.2.10, security_groups: [sg-c]}\n"
    "      - {id: i-free, subnet: subnet-ab, address: 10.1.1.12}\n"
    "  - id: vpc-2\n"
    "    cidrs: [10.2.0.0/16]\n"
    "    route_tables: [{id: rtb-2, routes: [{prefix: 10.1.0.0/16, target: pcx}]}]\n"
    "    security_groups: [{id: sg-p}]\n"
    "    subnets: [{id: subnet-p, cidr: 10.2.1.0/24}]\n"
    "    instances: [{id: i-p, subnet: subnet-p, address: 10.2.1.10, security_groups: [sg-p]}]\n"
    "  - {id: vpc-3, cidrs: [10.3.0.0/16], security_groups: [{id: sg-q}],\n"
    "     subnets: [{id: subnet-q, cidr: 10.3.1.0/24}],\n"
    "     instances: [{id: i-q, subnet: subnet-q, address: 10.3.1.10,\n"
    "                  security_groups: [sg-q]}]}\n"
    "vpc_peerings: [{id: pcx, requester: vpc-1, accepter: vpc-2}]\n"
    "prefix_lists: [{id: pl, prefixes: [10.1.1.12/32, 10.9.0.0/16]}]\n";

static const struct filter *group_of(const struct rig *rig, const char *vpc, size_t index)
{
    return &rig->world->nodes[world_find_node(rig->world, vpc)].groups[index];
}

static void rules_are_built_as_the_file_has_them(void)
{
    struct rig rig = rig_build(filtered);
    const struct node *vpc = &rig.world->nodes[world_find_node(rig.world, "vpc-1")];
    const struct filter *group = group_of(&rig, "vpc-1", 0);
    CHECK(rig.world->filtered);
    CHECK_EQUAL((int64_t)vpc->group_count, 3);
    CHECK(group->all_out && !vpc->groups[1].all_out && vpc->groups[1].counts[FILTER_OUT] == 0);
    CHECK_TEXT(group->rules[FILTER_IN][0].set->name, "sg-a");
    CHECK_EQUAL((int64_t)group->rules[FILTER_IN][0].set->count, 2);
    CHECK(group->rules[FILTER_IN][3].range.six && group->rules[FILTER_IN][3].range.len == 0);
    CHECK(group->rules[FILTER_IN][0].members && !group->rules[FILTER_IN][2].members);
    CHECK_EQUAL((int64_t)group->rules[FILTER_IN][1].set->count, 1); /* of the peer's VPC */
    CHECK_EQUAL((int64_t)group->rules[FILTER_IN][2].set->count, 2);
    CHECK_EQUAL((int64_t)vpc->groups[2].rules[FILTER_IN][0].set->count, 0); /* of a stranger's */
    CHECK_EQUAL(vpc->subnets[0].acl, 0);
    CHECK_EQUAL(vpc->subnets[1].acl, 1);
    CHECK_EQUAL(vpc->acls[0].rules[FILTER_IN][0].number, 100);
    CHECK(!vpc->acls[0].rules[FILTER_IN][1].allow);
    const struct node *b = &rig.world->nodes[world_find_node(rig.world, "i-b")];
    CHECK(b->member_count == 2 && b->member_of[0] == 3 && b->member_of[1] == 1);
    rig_done(&rig);
}

static void nothing_said_is_nothing_built(void)
{
    struct rig rig = rig_build(rig_incident);
    CHECK(!rig.world->filtered);
    for (size_t i = 0; i < rig.world->node_count; i++)
        CHECK(rig.world->nodes[i].member_count == 0 && rig.world->nodes[i].group_count == 0);
    rig_done(&rig);
}

static enum drop sent(const struct rig *rig, const char *from, const char *to, uint8_t protocol,
                      uint16_t port)
{
    const struct world *world = rig->world;
    int node = world_find_node(world, from), there = world_find_node(world, to);
    struct path path = {.hops = NULL};
    struct packet packet = {.src = world->nodes[node].ports[1].addr,
                            .dst = world->nodes[there].ports[1].addr,
                            .size_bytes = 84,
                            .tunnel = WORLD_NONE,
                            .traffic = {protocol, 49152, port}};
    forward(world, node, &packet, &path);
    return path.drop;
}

static void packets_meet_them(void)
{
    struct rig rig = rig_build(filtered);
    rig_boot(&rig);
    CHECK_EQUAL(sent(&rig, "i-a", "i-b", TRAFFIC_TCP, 22), DROP_NONE); /* from its group */
    CHECK_EQUAL(sent(&rig, "i-free", "i-b", TRAFFIC_TCP, 22), DROP_GROUP_IN);
    CHECK_EQUAL(sent(&rig, "i-free", "i-b", TRAFFIC_UDP, 53), DROP_NONE); /* by the list */
    CHECK_EQUAL(sent(&rig, "i-p", "i-a", TRAFFIC_TCP, 22), DROP_NONE);    /* of a peer's group */
    CHECK_EQUAL(sent(&rig, "i-p", "i-a", TRAFFIC_TCP, 23), DROP_GROUP_IN);
    CHECK_EQUAL(sent(&rig, "i-a", "i-c", TRAFFIC_TCP, 80), DROP_NONE);
    CHECK_EQUAL(sent(&rig, "i-a", "i-c", TRAFFIC_TCP, 81), DROP_ACL_IN);
    CHECK_EQUAL(sent(&rig, "i-p", "i-c", TRAFFIC_TCP, 80), DROP_ACL_IN);
    CHECK_EQUAL(sent(&rig, "i-c", "i-a", TRAFFIC_TCP, 22), DROP_GROUP_OUT);
    rig_done(&rig);
}

/* VPC user guide, security group rules: with a router between, a reference to the group does not
 * allow traffic. */
static void members_are_known_only_when_they_send_themselves(void)
{
    struct rig rig = rig_build(filtered);
    rig_boot(&rig);
    struct path path = {.hops = NULL};
    struct packet packet = {.src = RIG_IP(10, 1, 1, 11),
                            .dst = RIG_IP(10, 1, 2, 10),
                            .size_bytes = 84,
                            .tunnel = WORLD_NONE,
                            .traffic = {TRAFFIC_TCP, 49152, 80}};
    forward(rig.world, world_find_node(rig.world, "i-b"), &packet, &path);
    CHECK_EQUAL(path.drop, DROP_NONE);
    forward(rig.world, world_find_node(rig.world, "i-a"), &packet, &path); /* i-b's, passed on */
    CHECK_EQUAL(path.drop, DROP_GROUP_IN);
    rig_done(&rig);
}

static const struct filter_rule *first_rule(const struct rig *rig)
{
    return &group_of(rig, "vpc-1", 0)->rules[FILTER_IN][1];
}

static void a_peering_that_is_not_active_makes_rules_stale(void)
{
    struct rig rig =
        rig_build(rig_with(filtered, "accepter: vpc-2", "accepter: vpc-2, status: deleted"));
    CHECK_TEXT(first_rule(&rig)->set->name, "sg-p");
    CHECK_EQUAL((int64_t)first_rule(&rig)->set->count, 0);
    rig_done(&rig);
}

/* -- a tunnel's own packets -- */

static struct path outer(const struct rig *rig, int end)
{
    static struct hop hops[PATH_HOPS];
    struct path path = {.hops = hops};
    forward_outer(rig->world, 0, end, &path);
    return path;
}

/* The incident's router with these outbound rules, and none inbound. */
static struct rig with_outbound(const char *rules)
{
    char groups[512];
    snprintf(groups, sizeof groups,
             "    security_groups: [{id: sg, inbound: [], outbound: [%s]}]\n"
             "    internet_gateway: igw-branch\n",
             rules);
    const char *text = rig_with(rig_incident, "    internet_gateway: igw-branch\n", groups);
    struct rig rig = rig_build(
        rig_with(text, "router: vyatta\n", "router: vyatta\n        security_groups: [sg]\n"));
    rig_boot(&rig);
    return rig;
}

static void groups_remember_a_tunnels_own_packets(void)
{
    struct rig rig = with_outbound("{protocol: udp, ports: 500-4500, to: 203.0.113.0/24}");
    struct tunnel *tunnel = &rig.world->tunnels[0];
    CHECK(tunnel->nat_t && tunnel->starts[TUNNEL_CUSTOMER]);
    CHECK(outer(&rig, TUNNEL_CUSTOMER).delivered);
    struct path path = outer(&rig, TUNNEL_GATEWAY);
    CHECK(path.delivered && path.hops[2].kind == HOP_GROUP && path.hops[2].remembered);
    CHECK_EQUAL(path.hops[2].traffic.to_port, 4500);
    tunnel->starts[TUNNEL_CUSTOMER] = false; /* it begins nothing: what would be answered? */
    CHECK_EQUAL(outer(&rig, TUNNEL_GATEWAY).drop, DROP_GROUP_IN);
    tunnel->ends[TUNNEL_CUSTOMER].sa = 1; /* but who has an SA has sent something */
    CHECK(outer(&rig, TUNNEL_GATEWAY).delivered);
    tunnel->nat_t = false; /* then ESP is not in UDP, and not allowed */
    CHECK_EQUAL(outer(&rig, TUNNEL_CUSTOMER).drop, DROP_GROUP_OUT);
    CHECK_EQUAL(outer(&rig, TUNNEL_GATEWAY).drop, DROP_GROUP_IN);
    tunnel->plain = true; /* no known kind of packet */
    CHECK(outer(&rig, TUNNEL_CUSTOMER).delivered);
    rig_done(&rig);
}

static void ike_needs_both_of_its_ports_behind_nat(void)
{
    struct rig rig = with_outbound("{protocol: udp, ports: 500, to: 203.0.113.0/24}");
    struct path path = {.hops = NULL};
    forward_ike(rig.world, 0, TUNNEL_CUSTOMER, 500, &path);
    CHECK(path.delivered);
    forward_ike(rig.world, 0, TUNNEL_CUSTOMER, 4500, &path);
    CHECK_EQUAL(path.drop, DROP_GROUP_OUT);
    CHECK_EQUAL(outer(&rig, TUNNEL_CUSTOMER).drop, DROP_GROUP_OUT);
    rig_done(&rig);
}

int main(void)
{
    TEST(rules_are_built_as_the_file_has_them);
    TEST(nothing_said_is_nothing_built);
    TEST(packets_meet_them);
    TEST(members_are_known_only_when_they_send_themselves);
    TEST(groups_remember_a_tunnels_own_packets);
    TEST(ike_needs_both_of_its_ports_behind_nat);
    TEST(a_peering_that_is_not_active_makes_rules_stale);
    return harness_done();
}
