/* VPCs: the Internet's side, route tables, peerings. */
#include "lab/plan_parts.h"

#include <stdio.h>

/* Elastic addresses are the VPC's on the Internet; what comes to them is NAT's. */
static void plan_internet_gateway(struct lab_plan *plan, int vpc)
{
    const struct world *world = plan->world;
    plan_transit(plan, vpc, PLAN_IGW);
    for (size_t i = 0; i < world->address_count; i++) {
        if (world->addresses[i].node == vpc && !ip_is_six(world->addresses[i].addr))
            plan_by_transit(plan, vpc, world->addresses[i].addr);
    }
}

/* The device that a route's target stands for; false: there is none, and packets end there. */
static bool device_of(const struct lab_plan *plan, int vpc, struct vpc_target target,
                      char out[NAME_DEVICE_BYTES])
{
    const struct node *of = &plan->world->nodes[vpc];
    snprintf(out, NAME_DEVICE_BYTES, PLAN_IGW);
    if (target.kind == VPC_TO_INTERNET)
        return of->internet_gateway;
    if (target.kind != VPC_TO_INSTANCE && target.kind != VPC_TO_PEERING)
        return false;
    name_device(plan->world->nodes[of->targets[target.id].node].id, out);
    return true;
}

/* An instance answers for itself alone, not for what lies behind it. */
static void put_instance(const struct lab_plan *plan, int vpc, const struct vpc_route *said,
                         struct plane_route *route)
{
    int node = plan->world->nodes[vpc].targets[said->target.id].node;
    const struct port *port = &plan->world->nodes[node].ports[1];
    route->gateway = said->prefix.six ? port->six : port->addr;
    route->onlink = true;
}

static void plan_table_route(struct lab_plan *plan, int vpc, uint16_t table,
                             const struct vpc_route *said)
{
    char device[NAME_DEVICE_BYTES];
    struct plane_route route = {.to = said->prefix, .table = (uint32_t)LAB_VPC_TABLE + table};
    if (said->target.kind == VPC_TO_LOCAL)
        route.kind = RTNETLINK_UNREACHABLE_ROUTE; /* but for those who are there */
    else if (said->state == VPC_BLACKHOLE || !device_of(plan, vpc, said->target, device))
        route.kind = RTNETLINK_BLACKHOLE_ROUTE;
    else if (said->target.kind == VPC_TO_INTERNET && !said->prefix.six)
        route.gateway = plan_transit_addr(vpc);
    else if (said->target.kind == VPC_TO_INSTANCE)
        put_instance(plan, vpc, said, &route);
    plan_route(plan, plan->space_of[vpc], route.kind == RTNETLINK_UNICAST_ROUTE ? device : "",
               route);
}

/* Who is there, in every table: the local route is one of the VPC, not of a subnet. */
static void plan_locals(struct lab_plan *plan, int vpc, uint16_t table)
{
    const struct world *world = plan->world;
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (!node->in_vpc || node->ports[1].peer != vpc)
            continue;
        char device[NAME_DEVICE_BYTES];
        struct plane_route route = {.to = prefix_host(node->ports[1].addr),
                                    .table = (uint32_t)LAB_VPC_TABLE + table};
        name_device(node->id, device);
        plan_route(plan, plan->space_of[vpc], device, route);
        route.to = prefix_host(node->ports[1].six);
        if (node->ports[1].six)
            plan_route(plan, plan->space_of[vpc], device, route);
    }
}

static void plan_table(struct lab_plan *plan, int vpc, const struct vpc *tables, uint16_t table)
{
    struct vpc_walk walk = {.index = 0};
    struct vpc_route route;
    enum vpc_reason reason;
    plan_locals(plan, vpc, table);
    while (vpc_next(tables, table, &walk, &route, &reason)) {
        if (reason == VPC_CHOSEN || reason == VPC_GONE || reason == VPC_DISCARDS)
            plan_table_route(plan, vpc, table, &route);
    }
}

const char *plan_internet_gateway_id(const struct node *vpc)
{
    for (uint16_t i = 1; vpc->internet_gateway && i <= vpc->target_count; i++) {
        if (vpc->targets[i].kind == VPC_TO_INTERNET)
            return vpc->targets[i].id;
    }
    return NULL;
}

/* The other side of an internet gateway whose VPC sekishod makes: it answers for every address, and
 * has a way to those that the VPC has. */
static void plan_beyond(struct lab_plan *plan, int vpc, int home)
{
    const struct world *world = plan->world;
    const struct node *of = &world->nodes[vpc];
    char device[NAME_DEVICE_BYTES];
    int space = plan->space_of[vpc];
    if (space == WORLD_NONE)
        return;
    plan_internet_gateway(plan, vpc);
    name_device(plan_internet_gateway_id(of), device);
    plan_link(plan, leg_of(space, "vpc", true), leg_of(plan->space_of[home], device, false));
    plan_route(plan, space, "", (struct plane_route){.gateway = plan_transit_addr(vpc)});
    for (size_t i = 0; i < of->subnet_count; i++) {
        if (!of->subnets[i].prefix.six)
            plan_route(plan, space, "vpc", (struct plane_route){.to = of->subnets[i].prefix});
    }
}

void plan_vpc(struct lab_plan *plan, int vpc)
{
    const struct node *of = &plan->world->nodes[vpc];
    const struct vpc *tables = world_vpc(plan->world, of);
    int home = world_vpc_home(plan->world, vpc);
    if (home != WORLD_NONE) {
        plan_beyond(plan, vpc, home);
        return;
    }
    if (of->internet_gateway)
        plan_internet_gateway(plan, vpc);
    for (uint16_t i = 1; tables && i <= of->table_count; i++)
        plan_table(plan, vpc, tables, i);
}

static struct lab_leg peering_leg(const struct lab_plan *plan, const struct peering *peering,
                                  int end, int home)
{
    char device[NAME_DEVICE_BYTES];
    name_device(peering->id, device);
    return home == WORLD_NONE
               ? leg_to(plan, plan->space_of[peering->vpcs[end]], peering->vpcs[!end], true)
               : leg_of(plan->space_of[home], device, false);
}

/* One between two VPCs that the same sekishod makes is its own to make.
 * Packets that come over a peering find who is there and nothing else: it leads nowhere on. */
void plan_peerings(struct lab_plan *plan)
{
    const struct world *world = plan->world;
    for (size_t i = 0; i < world->peering_count; i++) {
        const struct peering *peering = &world->peerings[i];
        int homes[2] = {world_vpc_home(world, peering->vpcs[0]),
                        world_vpc_home(world, peering->vpcs[1])};
        if (homes[0] == WORLD_NONE || homes[0] != homes[1])
            plan_link(plan, peering_leg(plan, peering, 0, homes[0]),
                      peering_leg(plan, peering, 1, homes[1]));
    }
}
