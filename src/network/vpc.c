#include "network/check.h"

#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

/* "cidr" overlaps "cidr" of the same VPC. */
static void overlapping(struct checking *checking, const struct spot *earlier,
                        const struct spot *later)
{
    char text[PREFIX_TEXT_BYTES];
    struct text writer = text_over(text, sizeof text);
    text_prefix(&writer, earlier->prefix);
    check_say(checking, later->member, later->place, NULL, "overlaps %s of %s (line %u)", text,
              earlier->owner, spots_line(checking, earlier));
}

static void twice_in_table(struct checking *checking, const struct spot *earlier,
                           const struct spot *later)
{
    check_say(checking, later->member, later->place, NULL,
              "%s already has a route for this prefix (line %u)", earlier->owner,
              spots_line(checking, earlier));
}

static void address_taken(struct checking *checking, const struct spot *earlier,
                          const struct spot *later)
{
    check_say(checking, later->member, later->place, NULL, "the address is taken by %s (line %u)",
              earlier->owner, spots_line(checking, earlier));
}

static struct prefix host(ip_addr addr)
{
    return prefix_host(addr);
}

static const char *called(const char *id)
{
    return id ? id : "another one";
}

/* --- subnets and route tables --- */

static bool inside_vpc(const struct network_vpc *vpc, struct prefix prefix)
{
    for (size_t i = 0; i < vpc->cidr_count; i++)
        if (prefix_covers(vpc->cidrs[i], prefix))
            return true;
    return false;
}

static void same_vpc(struct checking *checking, const struct network_ref *ref, size_t vpc)
{
    const struct network *network = checking->network;
    if (ref->index < 0 || (size_t)ref->index == vpc)
        return;
    check_say(checking, ref, ref->place, NULL, "%s belongs to %s, not to %s", ref->id,
              called(network->vpcs[ref->index].id), called(network->vpcs[vpc].id));
}

static void check_subnets(struct checking *checking, size_t index, struct spots *spots)
{
    const struct network_vpc *vpc = &checking->network->vpcs[index];
    for (size_t i = 0; i < vpc->subnet_count; i++) {
        const struct network_subnet *subnet = &vpc->subnets[i];
        if (subnet->cidr.addr == 0 && subnet->cidr.len == 0)
            continue; /* was not read */
        spots_add(spots, (uint32_t)index, subnet->cidr, &subnet->cidr, subnet->place,
                  called(subnet->id));
        if (subnet->cidr_six.six) {
            spots_add(spots, (uint32_t)index, subnet->cidr_six, &subnet->cidr_six, subnet->place,
                      called(subnet->id));
            if (vpc->cidr_count && !inside_vpc(vpc, subnet->cidr_six))
                check_say(checking, &subnet->cidr_six, subnet->place, NULL,
                          "the subnet's range of IPv6 lies outside the CIDRs of %s",
                          called(vpc->id));
        }
        if (vpc->cidr_count && !inside_vpc(vpc, subnet->cidr))
            check_say(checking, &subnet->cidr, subnet->place, NULL,
                      "the subnet lies outside the CIDRs of %s", called(vpc->id));
        same_vpc(checking, &subnet->route_table, index);
    }
}

static void check_target(struct checking *checking, const struct network_vpc_route *route,
                         size_t vpc)
{
    const struct network *network = checking->network;
    const struct network_ref *target = &route->target;
    if (target->kind == NETWORK_INSTANCE || target->kind == NETWORK_INTERNET_GATEWAY)
        same_vpc(checking, target, vpc);
    if (route->was && target->kind != NETWORK_BLACKHOLE)
        check_say(checking, &route->was, route->place, NULL,
                  "only a route to blackhole says what it was, and this one leads to %s",
                  called(target->id));
    if (target->kind != NETWORK_PEERING || target->index < 0)
        return;
    const struct network_peering *peering = &network->vpc_peerings[target->index];
    int32_t ends[2] = {peering->requester.index, peering->accepter.index};
    if (ends[0] >= 0 && ends[1] >= 0 && ends[0] != (int32_t)vpc && ends[1] != (int32_t)vpc)
        check_say(checking, target, target->place, NULL, "%s does not end at %s", target->id,
                  called(network->vpcs[vpc].id));
}

static void check_route_tables(struct checking *checking, size_t index, struct spots *spots,
                               uint32_t *table_number)
{
    const struct network_vpc *vpc = &checking->network->vpcs[index];
    for (size_t i = 0; i < vpc->route_table_count; i++, ++*table_number) {
        const struct network_route_table *table = &vpc->route_tables[i];
        for (size_t j = 0; j < table->route_count; j++) {
            const struct network_vpc_route *route = &table->routes[j];
            spots_add(spots, *table_number, route->prefix, &route->prefix, route->place,
                      called(table->id));
            check_target(checking, route, index);
        }
    }
}

/* --- instances --- */

/* The network, its router, its resolver, one in reserve, and the broadcast address: VPC guide. */
static bool is_reserved(struct prefix cidr, ip_addr address)
{
    ip_addr last = cidr.addr | ~ip_mask_four(cidr.len);
    return address - cidr.addr < 4 || address == last;
}

static void check_address_six(struct checking *checking, const struct network_instance *instance,
                              const struct network_subnet *subnet)
{
    bool inside = subnet->cidr_six.six && prefix_contains(subnet->cidr_six, instance->address_six);
    if (instance->address_six != 0 && !inside)
        check_say(checking, &instance->address_six, instance->place, NULL,
                  "the address is not in %s's range of IPv6%s", called(subnet->id),
                  subnet->cidr_six.six ? "" : ", which has none");
}

static void check_address(struct checking *checking, const struct network_instance *instance,
                          const struct network_subnet *subnet)
{
    char cidr[PREFIX_TEXT_BYTES];
    struct text writer = text_over(cidr, sizeof cidr);
    text_prefix(&writer, subnet->cidr);
    if (subnet->cidr.addr == 0 || instance->address == 0)
        return;
    if (!prefix_contains(subnet->cidr, instance->address))
        check_say(checking, &instance->address, instance->place, NULL,
                  "the address is not in %s of %s", cidr, called(subnet->id));
    else if (is_reserved(subnet->cidr, instance->address))
        check_say(checking, &instance->address, instance->place,
                  "a VPC keeps the first four and the last address of a subnet",
                  "the address is reserved in %s", cidr);
}

/* An instance's router is that instance and no other. */
static void check_router_use(struct checking *checking, const struct network_instance *instance,
                             const struct network_instance **used)
{
    int32_t router = instance->router.index;
    if (router < 0)
        return;
    if (instance->routes)
        check_say(checking, &instance->routes, instance->place, NULL,
                  "the routes of %s belong to its router, %s", called(instance->id),
                  instance->router.id);
    if (used[router])
        check_say(checking, &instance->router, instance->router.place, NULL,
                  "%s is already the instance %s (line %u)", instance->router.id,
                  called(used[router]->id), used[router]->place.line);
    else
        used[router] = instance;
}

struct instance_spots {
    struct spots addresses, elastic;
    const struct network_instance **used; /* by router */
};

static void check_instances(struct checking *checking, size_t index, struct instance_spots *spots)
{
    const struct network_vpc *vpc = &checking->network->vpcs[index];
    for (size_t i = 0; i < vpc->instance_count; i++) {
        const struct network_instance *instance = &vpc->instances[i];
        const char *id = called(instance->id);
        same_vpc(checking, &instance->subnet, index);
        if (instance->subnet.index == (int32_t)index) {
            check_address(checking, instance, &vpc->subnets[instance->subnet.part]);
            check_address_six(checking, instance, &vpc->subnets[instance->subnet.part]);
        }
        if (instance->address)
            spots_add(&spots->addresses, (uint32_t)index, host(instance->address),
                      &instance->address, instance->place, id);
        if (instance->address_six)
            spots_add(&spots->addresses, (uint32_t)index, host(instance->address_six),
                      &instance->address_six, instance->place, id);
        if (instance->elastic_address)
            spots_add(&spots->elastic, 0, host(instance->elastic_address),
                      &instance->elastic_address, instance->place, id);
        check_router_use(checking, instance, spots->used);
    }
}

/* --- peerings --- */

static void peered_twice(struct checking *checking, const struct spot *earlier,
                         const struct spot *later)
{
    check_say(checking, later->member, later->place, NULL,
              "these VPCs are already peered by %s (line %u)", earlier->owner,
              spots_line(checking, earlier));
}

static void check_peered_cidrs(struct checking *checking, const struct network_peering *peering)
{
    const struct network_vpc *one = &checking->network->vpcs[peering->requester.index];
    const struct network_vpc *two = &checking->network->vpcs[peering->accepter.index];
    for (size_t i = 0; i < one->cidr_count; i++) {
        for (size_t j = 0; j < two->cidr_count; j++) {
            if (!prefix_overlaps(one->cidrs[i], two->cidrs[j]))
                continue;
            check_say(checking, &peering->accepter, peering->place, NULL,
                      "%s and %s overlap and cannot be peered", called(one->id), called(two->id));
            return;
        }
    }
}

/* No overlap of any CIDR, one peering a pair: PEER vpc-peering-basics.md. */
static void check_peerings(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots pairs = {0};
    for (size_t i = 0; i < network->vpc_peering_count; i++) {
        const struct network_peering *peering = &network->vpc_peerings[i];
        int32_t one = peering->requester.index, two = peering->accepter.index;
        if (one < 0 || two < 0)
            continue;
        if (one == two) {
            check_say(checking, &peering->accepter, peering->place, NULL,
                      "%s cannot be peered with itself", peering->accepter.id);
            continue;
        }
        /* a pair of indices as group and address: both orders are the same pair */
        uint32_t low = (uint32_t)(one < two ? one : two), high = (uint32_t)(one < two ? two : one);
        spots_add(&pairs, low, host(high), &peering->accepter, peering->place, called(peering->id));
        check_peered_cidrs(checking, peering);
    }
    spots_judge_take(checking, &pairs, SPOTS_EQUAL, peered_twice);
}

void check_vpcs(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots cidrs = {0}, subnets = {0}, routes = {0};
    struct instance_spots instances = {
        .used = memory_zeroed(network->router_count, sizeof *instances.used)};
    uint32_t table_number = 0;
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        for (size_t j = 0; j < vpc->cidr_count; j++)
            spots_add(&cidrs, (uint32_t)i, vpc->cidrs[j], &vpc->cidrs[j], vpc->place,
                      called(vpc->id));
        check_subnets(checking, i, &subnets);
        check_route_tables(checking, i, &routes, &table_number);
        check_instances(checking, i, &instances);
    }
    spots_judge_take(checking, &cidrs, SPOTS_OVERLAP, overlapping);
    spots_judge_take(checking, &subnets, SPOTS_OVERLAP, overlapping);
    spots_judge_take(checking, &routes, SPOTS_EQUAL, twice_in_table);
    spots_judge_take(checking, &instances.addresses, SPOTS_EQUAL, address_taken);
    spots_judge_take(checking, &instances.elastic, SPOTS_EQUAL, address_taken);
    free(instances.used);
    check_peerings(checking);
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct field route_table_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_route_table, id), .required = true,
     .sentence = "Its name."},
    {.key = "propagate", .type = FIELD_REF,
     LIST(network_route_table, propagate, propagate_count), .kinds = KIND(VPN_GATEWAY),
     .open = "none", .sentence = "VPN gateways whose routes are propagated into it."},
    {.key = "routes", .type = FIELD_STRUCT, LIST(network_route_table, routes, route_count),
     .of = &schema_vpc_route, .open = "none",
     .sentence = "Its static routes; the local one needs no mention."},
};
const struct schema schema_route_table = {
    .noun = "a route table", .title = "Route tables",
    .size = sizeof(struct network_route_table), .kind = NETWORK_ROUTE_TABLE,
    FIELDS(route_table_fields),
};

static const struct field subnet_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_subnet, id), .required = true,
     .sentence = "Its name."},
    {.key = "cidr", .type = FIELD_PREFIX, AT(network_subnet, cidr), .required = true,
     .sentence = "Its range, inside one of the VPC's."},
    {.key = "ipv6_cidr", .type = FIELD_PREFIX, .six = FIELD_SIX, AT(network_subnet, cidr_six),
     .open = "none", .sentence = "Its range of IPv6, inside one of the VPC's."},
    {.key = "route_table", .type = FIELD_REF, AT(network_subnet, route_table),
     .kinds = KIND(ROUTE_TABLE), .open = "the VPC's first route table",
     .sentence = "The route table that its packets ask."},
    {.key = "network_acl", .type = FIELD_REF, AT(network_subnet, network_acl), .kinds = KIND(ACL),
     .open = "not known: nothing is filtered",
     .sentence = "The network ACL that judges what crosses its border."},
    {.key = "interface", .type = FIELD_DEVICE, AT(network_subnet, interface),
     .open = "one that is called like the subnet",
     .sentence = "The device of the machine behind which the subnet's instances are, which "
                 "`sekishod` takes; it gets the subnet's first host."},
};
const struct schema schema_subnet = {
    .noun = "a subnet", .title = "Subnets",
    .size = sizeof(struct network_subnet), .kind = NETWORK_SUBNET, FIELDS(subnet_fields),
};

static const struct field instance_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_instance, id), .required = true,
     .sentence = "Its name."},
    {.key = "subnet", .type = FIELD_REF, AT(network_instance, subnet), .required = true,
     .kinds = KIND(SUBNET), .sentence = "Where it is."},
    {.key = "address", .type = FIELD_ADDRESS, AT(network_instance, address), .required = true,
     .sentence = "Its address in the subnet."},
    {.key = "ipv6_address", .type = FIELD_ADDRESS, .six = FIELD_SIX,
     AT(network_instance, address_six), .open = "none",
     .sentence = "Its address in the subnet's range of IPv6; public where there is an internet "
                 "gateway."},
    {.key = "elastic_address", .type = FIELD_ADDRESS, AT(network_instance, elastic_address),
     .open = "none",
     .sentence = "Its public address: 1:1 NAT at the internet gateway, hence NAT-T for IPsec."},
    {.key = "source_dest_check", .type = FIELD_BOOL, AT(network_instance, source_dest_check),
     .initial = "true",
     .sentence = "Whether packets that are neither from nor for it are dropped."},
    {.key = "dhcp", .type = FIELD_BOOL, AT(network_instance, dhcp), .initial = "true",
     .sentence = "Whether it has a default route through the subnet's first host by DHCP; without "
                 "meaning where it is a router, whose routes tell everything."},
    {.key = "router", .type = FIELD_REF, AT(network_instance, router), .kinds = KIND(ROUTER),
     .open = "a plain host", .sentence = "The router that it is."},
    {.key = "interface", .type = FIELD_DEVICE, AT(network_instance, interface),
     .open = "one that is called like the instance",
     .sentence = "The device of the machine with nobody but this instance behind it, which "
                 "`sekishod` takes; a subnet's `interface` serves all others."},
    {.key = "security_groups", .type = FIELD_REF,
     LIST(network_instance, security_groups, security_group_count), .kinds = KIND(SECURITY_GROUP),
     .least = 1, .most = NETWORK_GROUPS_MAX, .open = "not known: nothing is filtered",
     .sentence = "Its security groups; what one of them allows is allowed."},
    {.key = "routes", .type = FIELD_STRUCT, LIST(network_instance, routes, route_count),
     .of = &schema_route, .open = "none but DHCP's",
     .sentence = "Its own table, besides DHCP's default; a router's belong to the router."},
};
const struct schema schema_instance = {
    .noun = "an instance", .title = "Instances",
    .size = sizeof(struct network_instance), .kind = NETWORK_INSTANCE, FIELDS(instance_fields),
};

static const struct field vpc_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_vpc, id), .required = true, .sentence = "Its name."},
    {.key = "cidrs", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     LIST(network_vpc, cidrs, cidr_count), .required = true, .least = 1, .most = 50,
     .sentence = "Its ranges; they do not overlap."},
    {.key = "internet_gateway", .type = FIELD_DEFINE, AT(network_vpc, internet_gateway),
     .kinds = KIND(INTERNET_GATEWAY), .open = "none",
     .sentence = "The name of its internet gateway, which routes may name as their target."},
    {.key = "route_tables", .type = FIELD_STRUCT,
     LIST(network_vpc, route_tables, route_table_count), .of = &schema_route_table,
     .open = "none: only the local route",
     .sentence = "Its route tables; the first is the main one."},
    {.key = "security_groups", .type = FIELD_STRUCT,
     LIST(network_vpc, security_groups, security_group_count), .of = &schema_security_group,
     .most = NETWORK_RULES_MAX,
     .open = "none", .sentence = "Its security groups."},
    {.key = "network_acls", .type = FIELD_STRUCT,
     LIST(network_vpc, network_acls, network_acl_count), .of = &schema_network_acl,
     .most = NETWORK_RULES_MAX, .open = "none", .sentence = "Its network ACLs."},
    {.key = "subnets", .type = FIELD_STRUCT, LIST(network_vpc, subnets, subnet_count),
     .of = &schema_subnet, .open = "none", .sentence = "Its subnets; they do not overlap."},
    {.key = "instances", .type = FIELD_STRUCT, LIST(network_vpc, instances, instance_count),
     .of = &schema_instance, .open = "none", .sentence = "What runs in it."},
};
const struct schema schema_vpc = {
    .noun = "a VPC", .title = "VPCs",
    .size = sizeof(struct network_vpc), .kind = NETWORK_VPC, FIELDS(vpc_fields),
};

static const struct choice status_choices[] = {
    {"active", NETWORK_PEERING_ACTIVE}, {"pending", NETWORK_PEERING_PENDING},
    {"rejected", NETWORK_PEERING_REJECTED}, {"expired", NETWORK_PEERING_EXPIRED},
    {"deleted", NETWORK_PEERING_DELETED}, {"failed", NETWORK_PEERING_FAILED}, {0}};

const char *network_peering_status_name(enum network_peering_status status)
{
    return status_choices[status].text;
}

static const struct field peering_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_peering, id), .required = true,
     .sentence = "Its name, which routes may name as their target."},
    {.key = "requester", .type = FIELD_REF, AT(network_peering, requester), .required = true,
     .kinds = KIND(VPC), .sentence = "One VPC."},
    {.key = "accepter", .type = FIELD_REF, AT(network_peering, accepter), .required = true,
     .kinds = KIND(VPC), .sentence = "The other; their ranges do not overlap."},
    {.key = "status", .type = FIELD_CHOICE, AT(network_peering, status),
     .choices = status_choices, .initial = "active",
     .sentence = "Whether it carries anything; routes to one that is not active are blackholes."},
};
const struct schema schema_peering = {
    .noun = "a VPC peering", .title = "VPC peerings",
    .text = "Not transitive: it carries only what goes from one of the two VPCs to the other.",
    .size = sizeof(struct network_peering), .kind = NETWORK_PEERING, FIELDS(peering_fields),
};

/* clang-format on */
