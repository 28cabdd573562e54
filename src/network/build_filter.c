/* Security groups and network ACLs, as packets meet them. */
#include "network/build_parts.h"

#include "base/sort.h"
#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

/* The instances of each of a VPC's groups, by their private addresses; kept by the world. */
static struct filter_set *members_of(struct builder *builder, size_t index)
{
    const struct network_vpc *vpc = &builder->network->vpcs[index];
    struct filter_set *sets = memory_zeroed(vpc->security_group_count + 1, sizeof *sets);
    size_t *caps = memory_zeroed(vpc->security_group_count + 1, sizeof *caps);
    world_keep(builder->world, sets);
    for (size_t i = 0; i < vpc->security_group_count; i++)
        sets[i].name = vpc->security_groups[i].id;
    for (size_t i = 0; i < vpc->instance_count; i++) {
        const struct network_instance *instance = &vpc->instances[i];
        for (size_t j = 0; j < instance->security_group_count; j++) {
            int32_t group = instance->security_groups[j].part;
            struct filter_set *set = &sets[group];
            set->items = memory_grow(set->items, set->count, &caps[group], sizeof *set->items);
            set->items[set->count++] = prefix_host(instance->address);
            if (!instance->address_six)
                continue;
            set->items = memory_grow(set->items, set->count, &caps[group], sizeof *set->items);
            set->items[set->count++] = prefix_host(instance->address_six);
        }
    }
    for (size_t i = 0; i < vpc->security_group_count; i++) {
        if (sets[i].items)
            world_keep(builder->world, sets[i].items);
    }
    free(caps);
    return sets;
}

static bool are_peered(const struct network *network, size_t one, size_t two)
{
    for (size_t i = 0; i < network->vpc_peering_count; i++) {
        const struct network_peering *peering = &network->vpc_peerings[i];
        size_t ends[] = {(size_t)peering->requester.index, (size_t)peering->accepter.index};
        if (peering->status == NETWORK_PEERING_ACTIVE &&
            ((ends[0] == one && ends[1] == two) || (ends[0] == two && ends[1] == one)))
            return true;
    }
    return false;
}

/* Whom a group's rule means by a name. A group of a VPC that is not peered is a stale one: its rule
 * matches nothing (VPC peering guide, stale security group rules). */
static const struct filter_set *set_named(struct builder *builder, size_t vpc,
                                          const struct network_ref *ref,
                                          struct filter_set *const *members)
{
    const struct network *network = builder->network;
    if (ref->kind == NETWORK_SECURITY_GROUP &&
        ((size_t)ref->index == vpc || are_peered(network, vpc, (size_t)ref->index)))
        return &members[ref->index][ref->part];
    struct filter_set *set = memory_zeroed(1, sizeof *set);
    world_keep(builder->world, set);
    set->name = ref->id;
    if (ref->kind == NETWORK_PREFIX_LIST) {
        set->items = network->prefix_lists[ref->index].prefixes;
        set->count = network->prefix_lists[ref->index].prefix_count;
    }
    return set;
}

static struct filter_rule rule_of(const struct network_traffic_rule *said)
{
    return (struct filter_rule){.number = (uint16_t)said->number,
                                .allow = said->action != NETWORK_REFUSE,
                                .protocol = (int16_t)said->protocol,
                                .low = said->ports.low,
                                .high = said->ports.high,
                                .type = (int16_t)said->type,
                                .code = (int16_t)said->code,
                                .range = said->range};
}

static void group_rules(struct builder *builder, size_t vpc, struct filter *filter,
                        enum filter_side side, const struct network_traffic_rule *said,
                        size_t count, struct filter_set *const *members)
{
    filter->rules[side] = memory_zeroed(count, sizeof *filter->rules[side]);
    filter->counts[side] = count;
    for (size_t i = 0; i < count; i++) {
        const struct network_ref *ref = &said[i].far_side;
        struct filter_rule *rule = &filter->rules[side][i];
        *rule = rule_of(&said[i]);
        if (ref->kind == NETWORK_PREFIX)
            rule->range = (struct prefix){.addr = ref->address, .len = ref->len, .six = ref->six};
        else
            rule->set = set_named(builder, vpc, ref, members);
        rule->members = ref->kind == NETWORK_SECURITY_GROUP;
    }
}

static int by_number(const void *left, const void *right, const void *ctx)
{
    const struct filter_rule *one = left, *two = right;
    (void)ctx;
    return (one->number > two->number) - (one->number < two->number);
}

static void acl_rules(struct filter *filter, enum filter_side side,
                      const struct network_traffic_rule *said, size_t count)
{
    filter->rules[side] = memory_zeroed(count, sizeof *filter->rules[side]);
    filter->counts[side] = count;
    for (size_t i = 0; i < count; i++)
        filter->rules[side][i] = rule_of(&said[i]);
    struct filter_rule *scratch = memory_zeroed(count, sizeof *scratch);
    if (count > 1)
        sort_stable(filter->rules[side], count, sizeof *scratch, scratch, by_number, NULL);
    free(scratch);
}

/* The groups' members, of all VPCs: a rule may mean a peer's. Made when the first is built. */
static struct filter_set **all_members(struct builder *builder)
{
    if (builder->members)
        return builder->members;
    builder->members = memory_zeroed(builder->network->vpc_count, sizeof *builder->members);
    world_keep(builder->world, builder->members);
    for (size_t i = 0; i < builder->network->vpc_count; i++)
        builder->members[i] = members_of(builder, i);
    return builder->members;
}

void build_filters(struct builder *builder, size_t index)
{
    const struct network_vpc *vpc = &builder->network->vpcs[index];
    struct node *node = builder_node(builder, builder->vpc_nodes[index]);
    struct filter_set *const *members = all_members(builder);
    for (size_t i = 0; i < vpc->security_group_count; i++) {
        const struct network_security_group *said = &vpc->security_groups[i];
        struct filter *group = filters_add(&node->groups, &node->group_count, said->id);
        group_rules(builder, index, group, FILTER_IN, said->inbound, said->inbound_count, members);
        group_rules(builder, index, group, FILTER_OUT, said->outbound, said->outbound_count,
                    members);
        group->all_out = said->outbound == NULL;
    }
    for (size_t i = 0; i < vpc->network_acl_count; i++) {
        const struct network_acl *said = &vpc->network_acls[i];
        struct filter *acl = filters_add(&node->acls, &node->acl_count, said->id);
        acl_rules(acl, FILTER_IN, said->inbound, said->inbound_count);
        acl_rules(acl, FILTER_OUT, said->outbound, said->outbound_count);
    }
    for (size_t i = 0; i < vpc->subnet_count; i++) {
        if (vpc->subnets[i].network_acl.kind != NETWORK_ACL)
            continue;
        node->subnets[i].acl = (uint16_t)(vpc->subnets[i].network_acl.part + 1);
        builder->world->filtered = true;
    }
}

void build_membership(struct builder *builder, int node_index,
                      const struct network_instance *instance)
{
    struct node *node = builder_node(builder, node_index);
    if (instance->security_group_count == 0)
        return;
    node->member_of = memory_zeroed(instance->security_group_count, sizeof *node->member_of);
    for (size_t i = 0; i < instance->security_group_count; i++)
        node->member_of[i] = (uint16_t)(instance->security_groups[i].part + 1);
    node->member_count = instance->security_group_count;
    builder->world->filtered = true;
}
