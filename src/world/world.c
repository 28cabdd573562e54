#include "world/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A world that cannot be built for want of memory is no world: the programs that build worlds end.
 */
static void *must(void *block)
{
    if (!block) {
        fputs("sekisho: out of memory\n", stderr);
        exit(3);
    }
    return block;
}

static void *grow(void *array, size_t count, size_t item_size)
{
    /* room for a power of two: grows when count reaches one */
    if (count & (count - 1))
        return array;
    size_t cap = count ? count * 2 : 1;
    return must(realloc(array, cap * item_size));
}

static void *alloc_get(void *ctx, size_t size_bytes)
{
    (void)ctx;
    return malloc(size_bytes);
}

static void alloc_put(void *ctx, void *block, size_t size_bytes)
{
    (void)ctx;
    (void)size_bytes;
    free(block);
}

struct alloc world_alloc(void)
{
    return (struct alloc){NULL, alloc_get, alloc_put};
}

/* Kernel tables belong to the world as a whole; their memory is not anybody's budget. Each thread
 * counts its own worlds. */
static struct budget *kernel_budget(void)
{
    static _Thread_local struct budget budget;
    if (!budget.alloc.get)
        budget_init(&budget, world_alloc(), 0);
    return &budget;
}

static void kernel_init(struct kernel *kernel)
{
    lpm_init(&kernel->prefixes, kernel_budget(), 3);
    pool_init(&kernel->entries, kernel_budget(), sizeof(struct kernel_entry), 3);
}

static void kernel_done(struct kernel *kernel)
{
    lpm_done(&kernel->prefixes);
    pool_done(&kernel->entries);
}

void kernel_clear(struct kernel *kernel)
{
    kernel_done(kernel);
    kernel_init(kernel);
}

void kernel_set(struct kernel *kernel, struct prefix prefix, const struct kernel_entry *entry)
{
    uint32_t handle = lpm_exact(&kernel->prefixes, prefix);
    if (!handle) {
        handle = pool_take(&kernel->entries);
        must(handle ? kernel : NULL);
        must(lpm_set(&kernel->prefixes, prefix, handle) ? kernel : NULL);
    }
    *(struct kernel_entry *)pool_get(&kernel->entries, handle) = *entry;
}

void kernel_remove(struct kernel *kernel, struct prefix prefix)
{
    uint32_t handle = lpm_exact(&kernel->prefixes, prefix);
    if (!handle)
        return;
    lpm_remove(&kernel->prefixes, prefix);
    pool_give(&kernel->entries, handle);
}

const struct kernel_entry *kernel_match(const struct kernel *kernel, ip_addr addr,
                                        struct prefix *ret_prefix)
{
    struct prefix prefix;
    uint32_t handle = lpm_match(&kernel->prefixes, addr, ip_bits(ip_is_six(addr)), &prefix);
    if (!handle)
        return NULL;
    if (ret_prefix)
        *ret_prefix = prefix;
    return pool_get(&kernel->entries, handle);
}

const struct kernel_entry *kernel_exact(const struct kernel *kernel, struct prefix prefix)
{
    uint32_t handle = lpm_exact(&kernel->prefixes, prefix);
    return handle ? pool_get(&kernel->entries, handle) : NULL;
}

static const struct kernel_entry *match_past_tunnels(const struct node *node, ip_addr addr,
                                                     struct prefix *ret_prefix)
{
    bool six = ip_is_six(addr);
    for (int len = ip_bits(six); len >= 0; len--) {
        struct prefix prefix = prefix_make(six, addr, (uint8_t)len);
        const struct kernel_entry *entry = kernel_exact(&node->kernel, prefix);
        if (!entry || (entry->port && node->ports[entry->port].kind == PORT_TUNNEL))
            continue;
        *ret_prefix = prefix;
        return entry;
    }
    return NULL;
}

const struct kernel_entry *node_outer_match(const struct node *node, ip_addr addr,
                                            struct prefix *ret_prefix)
{
    if (node->outer_vrf)
        return kernel_match(&node->outer, addr, ret_prefix);
    return node->pins ? match_past_tunnels(node, addr, ret_prefix)
                      : kernel_match(&node->kernel, addr, ret_prefix);
}

struct world *world_create(void)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return NULL;
    world->internet = world_add_node(world, NODE_INTERNET, "internet");
    world->underlay_delay_us = 1000; /* ASSUMED: a metropolitan network's; the timers are seconds */
    return world;
}

static void filters_done(struct filter *filters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(filters[i].id);
        free(filters[i].rules[FILTER_IN]);
        free(filters[i].rules[FILTER_OUT]);
    }
    free(filters);
}

static void node_done(struct node *node)
{
    free(node->id);
    engine_destroy(node->engine);
    free(node->setup);
    free(node->profile);
    free(node->ports);
    free(node->places);
    kernel_done(&node->kernel);
    kernel_done(&node->outer);
    for (size_t i = 0; i < node->subnet_count; i++)
        free(node->subnets[i].id);
    free(node->subnets);
    for (uint16_t i = 1; i <= node->table_count; i++)
        free(node->table_ids[i]);
    free(node->table_ids);
    for (uint16_t i = 1; i <= node->target_count; i++)
        free(node->targets[i].id);
    free(node->targets);
    free(node->member_of);
    filters_done(node->groups, node->group_count);
    filters_done(node->acls, node->acl_count);
}

void world_destroy(struct world *world)
{
    if (!world)
        return;
    for (size_t i = 0; i < world->node_count; i++)
        node_done(&world->nodes[i]);
    free(world->nodes);
    for (size_t i = 0; i < world->tunnel_count; i++)
        free(world->tunnels[i].id);
    free(world->tunnels);
    for (size_t i = 0; i < world->connection_count; i++)
        free(world->connections[i].id);
    free(world->connections);
    for (size_t i = 0; i < world->direct_connect_count; i++)
        free(world->direct_connects[i].id);
    free(world->direct_connects);
    for (size_t i = 0; i < world->peering_count; i++)
        free(world->peerings[i].id);
    free(world->peerings);
    for (size_t i = 0; i < world->kept_count; i++)
        free(world->kept[i]);
    free(world->kept);
    free(world->addresses);
    free(world);
}

int world_find_node(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->node_count; i++) {
        if (strcmp(world->nodes[i].id, id) == 0)
            return (int)i;
    }
    return WORLD_NONE;
}

int world_find_tunnel(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (strcmp(world->tunnels[i].id, id) == 0)
            return (int)i;
    }
    return WORLD_NONE;
}

int world_find_connection(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->connection_count; i++) {
        if (strcmp(world->connections[i].id, id) == 0)
            return (int)i;
    }
    return WORLD_NONE;
}

int world_find_direct_connect(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        if (strcmp(world->direct_connects[i].id, id) == 0)
            return (int)i;
    }
    return WORLD_NONE;
}

int world_add_node(struct world *world, enum node_kind kind, const char *id)
{
    world->nodes = grow(world->nodes, world->node_count, sizeof *world->nodes);
    struct node *node = &world->nodes[world->node_count];
    *node = (struct node){.id = must(strdup(id)), .kind = kind, .owner = WORLD_NONE};
    node->source_dest_check = true;
    kernel_init(&node->kernel);
    kernel_init(&node->outer);
    return (int)world->node_count++;
}

uint16_t node_add_port(struct node *node, struct port port)
{
    size_t places = (size_t)node->port_count + 2;
    node->ports = must(realloc(node->ports, places * sizeof *node->ports));
    if (node->port_count == 0)
        node->ports[0] = (struct port){.peer = WORLD_NONE, .tunnel = WORLD_NONE};
    node->ports[++node->port_count] = port;
    return node->port_count;
}

void node_add_setup(struct node *node, const struct event *event)
{
    if (node->setup_count == node->setup_cap) {
        node->setup_cap = node->setup_cap ? node->setup_cap * 2 : 16;
        node->setup = must(realloc(node->setup, node->setup_cap * sizeof *node->setup));
    }
    node->setup[node->setup_count++] = *event;
}

int world_add_tunnel(struct world *world, const char *id)
{
    world->tunnels = grow(world->tunnels, world->tunnel_count, sizeof *world->tunnels);
    world->tunnels[world->tunnel_count] = (struct tunnel){.id = must(strdup(id))};
    return (int)world->tunnel_count++;
}

int world_add_connection(struct world *world, const char *id)
{
    world->connections =
        grow(world->connections, world->connection_count, sizeof *world->connections);
    world->connections[world->connection_count] = (struct connection){.id = must(strdup(id))};
    return (int)world->connection_count++;
}

int world_add_direct_connect(struct world *world, const char *id)
{
    world->direct_connects =
        grow(world->direct_connects, world->direct_connect_count, sizeof *world->direct_connects);
    world->direct_connects[world->direct_connect_count] =
        (struct direct_connect){.id = must(strdup(id))};
    return (int)world->direct_connect_count++;
}

int world_add_peering(struct world *world, const char *id, int requester, int accepter)
{
    world->peerings = grow(world->peerings, world->peering_count, sizeof *world->peerings);
    world->peerings[world->peering_count] =
        (struct peering){.id = must(strdup(id)), .vpcs = {requester, accepter}};
    return (int)world->peering_count++;
}

void world_add_address(struct world *world, struct public_address address)
{
    world->addresses = grow(world->addresses, world->address_count, sizeof *world->addresses);
    size_t at = world->address_count++;
    for (; at > 0 && world->addresses[at - 1].addr > address.addr; at--)
        world->addresses[at] = world->addresses[at - 1];
    world->addresses[at] = address;
}

void world_keep(struct world *world, void *block)
{
    world->kept = grow(world->kept, world->kept_count, sizeof *world->kept);
    world->kept[world->kept_count++] = block;
}

const struct public_address *world_address(const struct world *world, ip_addr addr)
{
    size_t low = 0, high = world->address_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (world->addresses[middle].addr < addr)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < world->address_count && world->addresses[low].addr == addr;
    return found ? &world->addresses[low] : NULL;
}

uint16_t node_add_target(struct node *vpc, struct route_target target)
{
    size_t places = (size_t)vpc->target_count + 2;
    vpc->targets = must(realloc(vpc->targets, places * sizeof *vpc->targets));
    vpc->targets[++vpc->target_count] = target;
    return vpc->target_count;
}

uint16_t node_add_table(struct node *vpc, const char *id)
{
    size_t places = (size_t)vpc->table_count + 2;
    vpc->table_ids = must(realloc(vpc->table_ids, places * sizeof *vpc->table_ids));
    vpc->table_ids[++vpc->table_count] = must(strdup(id));
    return vpc->table_count;
}

struct filter *filters_add(struct filter **filters, size_t *count, const char *id)
{
    *filters = grow(*filters, *count, sizeof **filters);
    struct filter *filter = &(*filters)[(*count)++];
    *filter = (struct filter){.id = must(strdup(id))};
    return filter;
}

void node_add_subnet(struct node *vpc, const char *id, struct prefix prefix, uint16_t table)
{
    vpc->subnets = grow(vpc->subnets, vpc->subnet_count, sizeof *vpc->subnets);
    vpc->subnets[vpc->subnet_count++] =
        (struct subnet){.id = must(strdup(id)), .prefix = prefix, .table = table};
}

const struct vpc *world_vpc(const struct world *world, const struct node *vpc)
{
    assert(vpc->kind == NODE_VPC && vpc->owner != WORLD_NONE);
    const struct engine *engine = world->nodes[vpc->owner].engine;
    return engine ? engine_vpc(engine, vpc->vpc) : NULL;
}

/* A peering's other VPC; WORLD_NONE: it is not one of this VPC's. */
static int peer_of(const struct peering *peering, int vpc)
{
    if (peering->vpcs[0] == vpc)
        return peering->vpcs[1];
    return peering->vpcs[1] == vpc ? peering->vpcs[0] : WORLD_NONE;
}

int world_vpc_home(const struct world *world, int vpc)
{
    int home = WORLD_NONE;
    size_t done = 0, count = 0;
    bool *seen = must(calloc(world->node_count, sizeof *seen));
    int *reached = must(calloc(world->node_count, sizeof *reached));
    reached[count++] = vpc;
    seen[vpc] = true;
    while (done < count) {
        int at = reached[done++], owner = world->nodes[at].owner;
        if (owner != at && (home == WORLD_NONE || owner < home || at == vpc))
            home = owner;
        for (size_t i = 0; owner == at && i < world->peering_count; i++) {
            int other = peer_of(&world->peerings[i], at);
            if (other == WORLD_NONE || seen[other])
                continue;
            seen[other] = true;
            reached[count++] = other;
        }
    }
    free(seen);
    free(reached);
    return home;
}
