/* What a gateway is attached to: Direct Connects, and customer gateways at the far ends of tunnels.
 */
#include "lab/plan_parts.h"

#include <stdio.h>

static void plan_port(struct lab_plan *plan, int space, const struct port *port)
{
    if (port->addr)
        plan_address(plan, space, port->name, port->addr, port->len);
    if (port->six)
        plan_address(plan, space, port->name, port->six, port->six_len);
}

/* The gateway's end is sekishod's to take, and to give addresses. */
static void plan_direct_connect(struct lab_plan *plan, const struct direct_connect *direct)
{
    const struct world *world = plan->world;
    const struct port *theirs = &world->nodes[direct->router].ports[direct->router_port];
    int outer = plan->space_of[direct->gateway], router = plan->space_of[direct->router];
    char device[NAME_DEVICE_BYTES];
    name_device(direct->id, device);
    plan_link(plan, leg_of(outer, device, false), leg_of(router, theirs->name, false))->id =
        direct->id;
    plan_port(plan, router, theirs);
}

/* The router gives what its IKE daemon says its own address, and its daemon what is said to it from
 * the gateway's; and it finds the daemon whatever it has learned. */
static void plan_customer(struct lab_plan *plan, const char *lab, int tunnel)
{
    const struct world *world = plan->world;
    const struct tunnel_end *end = &world->tunnels[tunnel].ends[TUNNEL_CUSTOMER];
    const struct node *router = &world->nodes[end->node];
    char name[NAME_SPACE_BYTES], device[NAME_DEVICE_BYTES];
    struct lab_site *site = plan_site(plan);
    ip_addr addr = PLAN_ENDPOINTS + (ip_addr)(unsigned)tunnel + 1;
    snprintf(name, sizeof name, "%.64s@%.96s", router->id, world->tunnels[tunnel].id);
    snprintf(device, sizeof device, "ike-%.10s", router->ports[end->port].name);
    int space = plan_space(plan, lab, end->node, name, false);
    *site = (struct lab_site){.tunnel = tunnel, .space = space, .addr = addr};
    int there = plan->space_of[end->node];
    struct lab_leg here = leg_of(there, device, false);
    here.in_vrf = lab_has_vrf(router);
    plan_link(plan, here, leg_of(space, "eth0", false))->line = true;
    plan_address(plan, space, "eth0", addr, 32);
    plan_route(plan, space, "eth0", (struct plane_route){.to = {0}});
    plan_route(plan, there, device,
               (struct plane_route){.to = prefix_host(addr), .table = LAB_IKE_TABLE});
    plan_nat(plan, there, "", end->outer_local, addr)->peer = end->outer_remote;
}

/* What both ends of a tunnel without IPsec have inside: a pair of a range, or any two. */
static void plan_inside(struct lab_plan *plan, int space, const char *device,
                        const struct port *ours, const struct port *theirs)
{
    if (ours->addr && ours->len < 32)
        plan_address(plan, space, device, ours->addr, ours->len);
    else if (ours->addr)
        plan_pair(plan, space, device, ours->addr, theirs->addr);
    if (ours->six && ours->six_len < 128)
        plan_address(plan, space, device, ours->six, ours->six_len);
    else if (ours->six)
        plan_pair(plan, space, device, ours->six, theirs->six);
}

static void plan_without_ipsec(struct lab_plan *plan, int index)
{
    const struct world *world = plan->world;
    const struct tunnel *tunnel = &world->tunnels[index];
    const struct tunnel_end *ends = tunnel->ends;
    struct lab_bare *bare = plan_bare(plan);
    bare->tunnel = index;
    bare->outer = plan->space_of[ends[TUNNEL_GATEWAY].node];
    int inner = plan->inner_of[ends[TUNNEL_GATEWAY].node];
    bare->ends[TUNNEL_GATEWAY].space = inner == WORLD_NONE ? bare->outer : inner;
    bare->ends[TUNNEL_CUSTOMER].space = plan->space_of[ends[TUNNEL_CUSTOMER].node];
    name_device(tunnel->id, bare->ends[TUNNEL_GATEWAY].device);
    snprintf(bare->ends[TUNNEL_CUSTOMER].device, NAME_DEVICE_BYTES, "%.15s",
             world->nodes[ends[TUNNEL_CUSTOMER].node].ports[ends[TUNNEL_CUSTOMER].port].name);
    plan_address(plan, bare->outer, LAB_OUTER, ends[TUNNEL_GATEWAY].outer_local,
                 ip_bits(ip_is_six(ends[TUNNEL_GATEWAY].outer_local)));
    for (int end = 0; end < 2; end++) {
        const struct port *ours = &world->nodes[ends[end].node].ports[ends[end].port];
        const struct port *theirs = &world->nodes[ends[!end].node].ports[ends[!end].port];
        plan_inside(plan, bare->ends[end].space, bare->ends[end].device, ours, theirs);
    }
}

static bool is_before(const struct world *world, size_t tunnel)
{
    for (size_t i = 0; i < tunnel; i++) {
        if (!world->tunnels[i].plain && world->tunnels[i].ends[TUNNEL_CUSTOMER].node ==
                                            world->tunnels[tunnel].ends[TUNNEL_CUSTOMER].node)
            return true;
    }
    return false;
}

void plan_attachments(struct lab_plan *plan, const char *lab)
{
    const struct world *world = plan->world;
    for (size_t i = 0; i < world->direct_connect_count; i++)
        plan_direct_connect(plan, &world->direct_connects[i]);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        int node = world->tunnels[i].ends[TUNNEL_CUSTOMER].node;
        if (node == WORLD_NONE || world->nodes[node].platform == PLATFORM_SEKISHO)
            continue; /* sekishod makes its own */
        if (world->tunnels[i].plain) {
            plan_without_ipsec(plan, (int)i);
            continue;
        }
        plan_customer(plan, lab, (int)i);
        if (!is_before(world, i))
            plan_rule(plan, plan->space_of[node], "", LAB_IKE_TABLE, LAB_IKE_PRIORITY);
    }
}
