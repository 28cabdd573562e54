#include "check/places.h"

#include "check/evidence.h"
#include "check/settled.h"

bool place_has(const struct place_of_table *at, ip_addr addr)
{
    for (size_t i = 0; i < at->node->subnet_count; i++) {
        const struct subnet *subnet = &at->node->subnets[i];
        if (subnet->table == at->table && prefix_contains(subnet->prefix, addr))
            return true;
    }
    return false;
}

bool place_is_own(const struct place_of_table *at, struct prefix prefix)
{
    for (size_t i = 0; i < at->said->cidr_count; i++) {
        if (prefix_covers(at->said->cidrs[i], prefix))
            return true;
    }
    return false;
}

void place_say_origin(struct check *check, const struct place_of_table *at, struct prefix prefix,
                      struct check_finding *finding)
{
    struct origin origin;
    if (at->gateway && evidence_origin(at->world, at->node->owner, prefix, &origin))
        evidence_say_origin(check, at->world, &origin, finding);
}

static bool goes_by(const struct place_of_table *at, ip_addr from, ip_addr to, struct prefix prefix)
{
    struct vpc_route route;
    return place_has(at, from) && vpc_lookup(at->vpc, at->table, to, &route) != VPC_NO_ROUTE &&
           prefix_equal(route.prefix, prefix);
}

bool place_misses(const struct check *check, const struct place_of_table *at, struct prefix prefix)
{
    for (size_t i = 0; check->reach.by_file && i < check->reach.pair_count; i++) {
        const struct reach_pair *pair = &check->reach.pairs[i];
        if ((goes_by(at, pair->from.addr, pair->to.addr, prefix) ||
             goes_by(at, pair->to.addr, pair->from.addr, prefix)) &&
            !reach_is_reached(at->world, pair))
            return true;
    }
    return false;
}

const char *place_target(const struct place_of_table *at, struct vpc_target target)
{
    return target.id ? at->node->targets[target.id].id : "nowhere";
}

static void look_at_subnets(struct check *check, struct place_of_table *at)
{
    for (size_t i = 0; i < at->node->subnet_count; i++) {
        if (at->node->subnets[i].table == at->table)
            at->subnets = settled_list(check, at->subnets, at->node->subnets[i].id);
    }
    for (size_t i = 0; i < at->world->node_count && at->instance == WORLD_NONE; i++) {
        const struct node *node = &at->world->nodes[i];
        if (node->in_vpc && node->port_count > 0 && node->ports[1].kind == PORT_VPC &&
            &at->world->nodes[node->ports[1].peer] == at->node &&
            place_has(at, node->ports[1].addr))
            at->instance = (int)i;
    }
}

void places_ask(struct check *check, const struct run *run,
                void (*ask)(struct check *check, const struct place_of_table *at))
{
    for (size_t i = 0; i < run->world->node_count; i++) {
        const struct node *node = &run->world->nodes[i];
        struct network_ref ref = network_find(check->network, node->id);
        if (node->kind != NODE_VPC || ref.kind != NETWORK_VPC)
            continue;
        struct place_of_table at = {.world = run->world,
                                    .run = run,
                                    .node = node,
                                    .vpc = world_vpc(run->world, node),
                                    .said = &check->network->vpcs[ref.index],
                                    .vpc_index = ref.index,
                                    .instance = WORLD_NONE};
        at.gateway = node->owner == (int)i ? NULL : &run->world->nodes[node->owner];
        for (size_t part = 0; at.vpc && part < at.said->route_table_count; part++) {
            struct place_of_table table = at;
            table.part = (int32_t)part;
            table.table = (uint16_t)(part + 1);
            table.id = node->table_ids[table.table];
            look_at_subnets(check, &table);
            ask(check, &table);
        }
    }
}
