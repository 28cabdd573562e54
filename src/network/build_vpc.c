/* VPCs, their tables and instances. */
#include "network/build_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint16_t table_number(const struct network_vpc *vpc, const struct network_ref *table)
{
    (void)vpc;
    return table->kind == NETWORK_ROUTE_TABLE ? (uint16_t)(table->part + 1) : 1;
}

/* Target 1 of a VPC that has a gateway is the gateway: so the engine numbers it, too. */
static void build_tables(struct builder *builder, const struct network_vpc *vpc, int index)
{
    struct node *node = builder_node(builder, index);
    for (size_t i = 0; i < vpc->route_table_count; i++)
        node_add_table(node, vpc->route_tables[i].id);
    if (vpc->route_table_count == 0)
        node_add_table(node, "main");
    for (size_t i = 0; i < vpc->subnet_count; i++)
        node_add_subnet(node, vpc->subnets[i].id, vpc->subnets[i].cidr,
                        table_number(vpc, &vpc->subnets[i].route_table));
    node->internet_gateway = vpc->internet_gateway.kind == NETWORK_INTERNET_GATEWAY;
}

void build_vpcs(struct builder *builder)
{
    for (size_t i = 0; i < builder->network->vpc_count; i++) {
        const struct network_vpc *vpc = &builder->network->vpcs[i];
        int index = world_add_node(builder->world, NODE_VPC, vpc->id);
        builder->vpc_nodes[i] = index;
        build_tables(builder, vpc, index);
        build_filters(builder, i);
    }
}

void build_instance_port(struct builder *builder, int node_index, const struct network_vpc *vpc,
                         int vpc_node, const struct network_instance *instance)
{
    struct node *node = builder_node(builder, node_index);
    const struct network_subnet *subnet = &vpc->subnets[instance->subnet.part];
    struct port port = {.name = "eth0",
                        .kind = PORT_VPC,
                        .addr = instance->address,
                        .len = subnet->cidr.len,
                        .six = instance->address_six,
                        .six_len = subnet->cidr_six.len,
                        .up = true,
                        .peer = vpc_node,
                        .tunnel = WORLD_NONE,
                        .subnet = instance->subnet.part};
    node->in_vpc = true;
    node->source_dest_check = instance->source_dest_check;
    node->elastic_addr = instance->elastic_address;
    build_interface(node, node_add_port(node, port));
    build_membership(builder, node_index, instance);
    if (instance->address_six)
        world_add_address(builder->world, (struct public_address){.addr = instance->address_six,
                                                                  .node = vpc_node,
                                                                  .tunnel = WORLD_NONE});
    if (instance->elastic_address)
        world_add_address(builder->world, (struct public_address){.addr = instance->elastic_address,
                                                                  .node = vpc_node,
                                                                  .tunnel = WORLD_NONE});
}

static void build_instance(struct builder *builder, const struct network_vpc *vpc, int vpc_node,
                           const struct network_instance *instance)
{
    int index = world_add_node(builder->world, NODE_INSTANCE, instance->id);
    struct node *node = builder_node(builder, index);
    build_engine(node, PLATFORM_LINUX, 0, 0);
    build_instance_port(builder, index, vpc, vpc_node, instance);
    node = builder_node(builder, index);
    if (instance->dhcp) {
        struct event event = {
            .route = {.source = ROUTE_DHCP,
                      .gateway = vpc->subnets[instance->subnet.part].cidr.addr + 1,
                      .interface = 1}};
        build_setup(node, EVENT_ROUTE_SET, event);
    }
    if (instance->dhcp && instance->address_six) {
        struct event event = {
            .route = {.prefix = {.six = true},
                      .source = ROUTE_DHCP,
                      .gateway = vpc->subnets[instance->subnet.part].cidr_six.addr + 1,
                      .interface = 1}};
        build_setup(node, EVENT_ROUTE_SET, event);
    }
    for (size_t i = 0; i < instance->route_count; i++) {
        struct event event;
        build_route(node, &instance->routes[i], (uint32_t)i + 1, &event);
        node_add_setup(node, &event);
    }
}

static uint16_t find_target(struct node *vpc, enum vpc_target_kind kind, const char *id, int node)
{
    for (uint16_t i = 1; i <= vpc->target_count; i++) {
        if (vpc->targets[i].kind == kind && strcmp(vpc->targets[i].id, id) == 0)
            return i;
    }
    return node_add_target(vpc,
                           (struct route_target){.kind = kind, .id = strdup(id), .node = node});
}

/* The event for a route; a gateway that is attached elsewhere cannot be its target. */
struct event build_vpc_route(const struct world *world, const struct network *network, int vpc_node,
                             uint16_t table, const struct network_vpc_route *route)
{
    struct node *vpc = &world->nodes[vpc_node];
    const struct network_ref *to = &route->target;
    struct event event = {.kind = EVENT_VPC_ROUTE};
    struct vpc_target *target = &event.vpc_part.target;
    event.vpc_part.vpc = vpc->vpc;
    event.vpc_part.table = table;
    event.vpc_part.prefix = route->prefix;
    event.vpc_part.present = true;
    target->kind = VPC_TO_BLACKHOLE;
    if (to->kind == NETWORK_INTERNET_GATEWAY) {
        target->kind = VPC_TO_INTERNET;
        target->id = find_target(vpc, VPC_TO_INTERNET, to->id, WORLD_NONE);
    } else if (to->kind == NETWORK_INSTANCE) {
        target->kind = VPC_TO_INSTANCE;
        target->id = find_target(vpc, VPC_TO_INSTANCE, to->id, build_find(world, network, to).node);
    } else if (to->kind == NETWORK_PEERING) {
        target->kind = VPC_TO_PEERING;
        target->id = find_target(vpc, VPC_TO_PEERING, to->id, WORLD_NONE);
    } else if (to->kind == NETWORK_VPN_GATEWAY && vpc->owner == world_find_node(world, to->id)) {
        target->kind = VPC_TO_GATEWAY;
        target->id = ENGINE_GATEWAY;
    }
    return event;
}

static bool propagates(const struct builder *builder, const struct node *vpc,
                       const struct network_route_table *table)
{
    for (size_t i = 0; i < table->propagate_count; i++) {
        if (builder->gateway_nodes[table->propagate[i].index] == vpc->owner)
            return true;
    }
    return false;
}

static void build_peerings(struct builder *builder)
{
    const struct network *network = builder->network;
    for (size_t i = 0; i < network->vpc_peering_count; i++) {
        const struct network_peering *peering = &network->vpc_peerings[i];
        int ends[] = {peering->requester.index, peering->accepter.index};
        world_add_peering(builder->world, peering->id, builder->vpc_nodes[ends[0]],
                          builder->vpc_nodes[ends[1]]);
        for (int end = 0; end < 2; end++) {
            struct node *vpc = builder_node(builder, builder->vpc_nodes[ends[end]]);
            const struct network_vpc *other = &network->vpcs[ends[!end]];
            struct event event = {.kind = EVENT_VPC_PEERING};
            event.vpc_part.vpc = vpc->vpc;
            event.vpc_part.peering = (struct vpc_peering){
                .id = find_target(vpc, VPC_TO_PEERING, peering->id, builder->vpc_nodes[ends[!end]]),
                .active = peering->status == NETWORK_PEERING_ACTIVE};
            struct vpc_peering *said = &event.vpc_part.peering;
            for (size_t c = 0; c < other->cidr_count && c < VPC_CIDR_MAX; c++)
                said->cidrs[said->cidr_count++] = other->cidrs[c];
            node_add_setup(builder_node(builder, vpc->owner), &event);
        }
    }
}

/* The gateway whose engine holds the VPC, or the VPC's own node. */
static void build_owner(struct builder *builder, size_t index)
{
    const struct network *network = builder->network;
    int vpc_index = builder->vpc_nodes[index];
    struct node *vpc = builder_node(builder, vpc_index);
    struct event event = {.vpc = {.vpc = 1}};
    vpc->vpc = 1;
    vpc->owner = vpc_index;
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &network->vpn_gateways[i];
        if (gateway->vpc.kind != NETWORK_VPC || gateway->vpc.index != (int32_t)index ||
            vpc->owner != vpc_index)
            continue;
        struct port port = {
            .name = "vpc", .kind = PORT_VPC, .up = true, .peer = vpc_index, .tunnel = WORLD_NONE};
        vpc->owner = builder->gateway_nodes[i];
        event.vpc.interface = node_add_port(builder_node(builder, vpc->owner), port);
        event.vpc.propagated_limit = (uint32_t)gateway->limits.propagated;
        find_target(vpc, VPC_TO_GATEWAY, gateway->id, vpc->owner);
    }
    if (vpc->owner == vpc_index)
        build_engine(vpc, PLATFORM_LINUX, 0, 0);
    build_setup(builder_node(builder, vpc->owner), EVENT_VPC, event);
}

static void build_parts_of(struct builder *builder, const struct network_vpc *vpc,
                           struct node *node)
{
    struct node *owner = builder_node(builder, node->owner);
    for (size_t i = 0; i < vpc->cidr_count; i++) {
        struct event event = {
            .vpc_part = {.vpc = node->vpc, .prefix = vpc->cidrs[i], .present = true}};
        build_setup(owner, EVENT_VPC_CIDR, event);
    }
    for (uint16_t i = 1; i <= node->table_count; i++) {
        struct event event = {.vpc_part = {.vpc = node->vpc, .table = i}};
        event.vpc_part.present =
            vpc->route_table_count > 0 && propagates(builder, node, &vpc->route_tables[i - 1]);
        build_setup(owner, EVENT_VPC_TABLE, event);
    }
    for (size_t i = 0; i < node->subnet_count; i++) {
        struct event event = {.vpc_part = {.vpc = node->vpc,
                                           .table = node->subnets[i].table,
                                           .prefix = node->subnets[i].prefix}};
        build_setup(owner, EVENT_VPC_SUBNET, event);
    }
}

void build_vpc_routes(struct builder *builder)
{
    const struct network *network = builder->network;
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        build_owner(builder, i);
        build_parts_of(builder, vpc, builder_node(builder, builder->vpc_nodes[i]));
        for (size_t n = 0; n < vpc->instance_count; n++) {
            if (vpc->instances[n].router.kind != NETWORK_ROUTER)
                build_instance(builder, vpc, builder->vpc_nodes[i], &vpc->instances[n]);
        }
    }
    build_peerings(builder);
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        for (size_t t = 0; t < vpc->route_table_count; t++) {
            for (size_t r = 0; r < vpc->route_tables[t].route_count; r++) {
                int at = builder->vpc_nodes[i];
                struct event event = build_vpc_route(builder->world, network, at, (uint16_t)(t + 1),
                                                     &vpc->route_tables[t].routes[r]);
                struct node *node = builder_node(builder, at);
                node_add_setup(builder_node(builder, node->owner), &event);
            }
        }
    }
}
