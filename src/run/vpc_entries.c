#include "run/vpc_entries.h"

#include "network/memory.h"
#include "run/round.h"
#include "run/table_numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct vpc_entries_key {
    int vpc; /* the world's node */
    uint16_t table;
    struct prefix prefix;
};

static bool is_made_here(const struct plan *plan, int vpc)
{
    return plan->plug_count > 0 && plan->world->nodes[vpc].kind == NODE_VPC &&
           world_vpc_home(plan->world, vpc) == plan->node_index;
}

static bool is_told(const struct daemon *daemon)
{
    return daemon->tunnels.fd >= 0 && daemon->plan->plug_count > 0;
}

bool vpc_entries_boot(struct plan *plan)
{
    for (size_t i = 0; i < plan->world->node_count; i++) {
        struct node *node = &plan->world->nodes[i];
        if (!is_made_here(plan, (int)i) || node->owner != (int)i)
            continue;
        struct event event = {.kind = EVENT_BOOT, .boot = {.seed = 1}};
        node->engine = engine_create(&node->config);
        if (!node->engine)
            return false;
        bool more = engine_step(node->engine, &event).more;
        for (size_t e = 0; e < node->setup_count; e++)
            more = engine_step(node->engine, &node->setup[e]).more;
        event.kind = EVENT_CONTINUE;
        while (more)
            more = engine_step(node->engine, &event).more;
    }
    return true;
}

/* -- what has changed -- */

void vpc_entries_all(struct daemon *daemon)
{
    struct vpc_entries *entries = &daemon->vpc_entries;
    *entries = (struct vpc_entries){
        .keys = entries->keys, .cap = entries->cap, .anew = true, .swept = entries->swept};
}

static int gateways_vpc(const struct plan *plan)
{
    for (size_t i = 0; i < plan->world->node_count; i++) {
        if (plan->world->nodes[i].kind == NODE_VPC &&
            plan->world->nodes[i].owner == plan->node_index)
            return (int)i;
    }
    return WORLD_NONE;
}

void vpc_entries_changed(struct daemon *daemon, const struct effect_vpc_entry *entry)
{
    struct vpc_entries *entries = &daemon->vpc_entries;
    if (!is_told(daemon) || entry->route.origin == VPC_ORIGIN_LOCAL)
        return;
    if (entries->count == VPC_ENTRIES_MAX) {
        vpc_entries_all(daemon);
        return;
    }
    if (entries->first > 0 && entries->first == entries->count)
        entries->first = entries->count = 0;
    entries->keys =
        memory_grow(entries->keys, entries->count, &entries->cap, sizeof *entries->keys);
    entries->keys[entries->count++] =
        (struct vpc_entries_key){gateways_vpc(daemon->plan), entry->table, entry->route.prefix};
}

/* -- as the keeper is told -- */

/* What is not there, and what drops, has no device. */
static void put_way(const struct plan *plan, const struct node *vpc, const struct vpc_route *route,
                    struct plane_vpc_entry *entry)
{
    const struct vpc_target *target = &route->target;
    bool there = route->state == VPC_ACTIVE && target->id >= 1 && target->id <= vpc->target_count;
    const struct route_target *to = there ? &vpc->targets[target->id] : NULL;
    if (!to || target->kind == VPC_TO_BLACKHOLE)
        return;
    if (target->kind == VPC_TO_GATEWAY)
        snprintf(entry->device, sizeof entry->device, PLANE_VPC_GATEWAY);
    else
        name_device(to->id, entry->device);
    if (target->kind != VPC_TO_INSTANCE || to->node == WORLD_NONE)
        return;
    const struct port *port = &plan->world->nodes[to->node].ports[1];
    entry->gateway = route->prefix.six ? port->six : port->addr;
    name_device(vpc->subnets[port->subnet].id, entry->otherwise);
    if (entry->gateway == 0)
        entry->device[0] = entry->otherwise[0] = '\0';
}

static void entry_of(const struct plan *plan, const struct vpc_entries_key *key,
                     const struct vpc_route *route, struct plane_vpc_entry *ret_entry)
{
    const struct node *vpc = &plan->world->nodes[key->vpc];
    *ret_entry = (struct plane_vpc_entry){.prefix = key->prefix,
                                          .table = table_number(plan, key->vpc, key->table)};
    snprintf(ret_entry->vpc, sizeof ret_entry->vpc, "%s", vpc->id);
    ret_entry->present = route && route->target.kind != VPC_TO_LOCAL;
    if (!ret_entry->present)
        return;
    ret_entry->propagated = route->origin == VPC_ORIGIN_PROPAGATED;
    put_way(plan, vpc, route, ret_entry);
}

static bool send_one(struct daemon *daemon, const struct vpc_entries_key *key,
                     const struct vpc_route *route)
{
    struct order order = {.kind = ORDER_ENTRY};
    entry_of(daemon->plan, key, route, &order.entry);
    return order_send(daemon->tunnels.fd, &order) == 0;
}

static bool send_kind(struct daemon *daemon, enum order_kind kind)
{
    return order_send(daemon->tunnels.fd, &(struct order){.kind = kind}) == 0;
}

static const struct vpc *tables_of(const struct daemon *daemon, int vpc)
{
    return world_vpc(daemon->plan->world, &daemon->plan->world->nodes[vpc]);
}

/* false: the keeper takes no more. */
static bool send_changes(struct daemon *daemon, size_t most)
{
    struct vpc_entries *entries = &daemon->vpc_entries;
    for (size_t i = 0; i < most && entries->first < entries->count; i++) {
        const struct vpc_entries_key *key = &entries->keys[entries->first];
        const struct vpc *tables = tables_of(daemon, key->vpc);
        struct vpc_route route;
        bool has = tables && vpc_find(tables, key->table, key->prefix, &route);
        if (!send_one(daemon, key, has ? &route : NULL))
            return false;
        entries->first++;
    }
    return true;
}

/* -- all of them -- */

/* The next table, of the next VPC that is made here; false: there is none. */
static bool next_table(const struct daemon *daemon, struct vpc_entries *entries)
{
    const struct world *world = daemon->plan->world;
    size_t vpc = (size_t)entries->vpc;
    entries->table++;
    entries->walk = (struct vpc_walk){.index = 0};
    while (vpc < world->node_count && (!is_made_here(daemon->plan, (int)vpc) ||
                                       entries->table > world->nodes[vpc].table_count)) {
        vpc++;
        entries->table = 1;
    }
    entries->vpc = (int)vpc;
    return vpc < world->node_count;
}

static bool send_table(struct daemon *daemon, size_t *most)
{
    struct vpc_entries *entries = &daemon->vpc_entries;
    const struct vpc *tables = tables_of(daemon, entries->vpc);
    struct vpc_walk before = entries->walk;
    struct vpc_route route;
    enum vpc_reason reason;
    while (tables && *most > 0 &&
           vpc_next(tables, entries->table, &entries->walk, &route, &reason)) {
        struct vpc_entries_key key = {entries->vpc, entries->table, route.prefix};
        bool chosen = reason == VPC_CHOSEN || reason == VPC_GONE || reason == VPC_DISCARDS;
        if (chosen && route.target.kind != VPC_TO_LOCAL && !send_one(daemon, &key, &route)) {
            entries->walk = before;
            return false;
        }
        before = entries->walk;
        (*most)--;
    }
    return true;
}

static bool send_all(struct daemon *daemon, size_t most)
{
    struct vpc_entries *entries = &daemon->vpc_entries;
    if (!entries->begun) {
        if (!send_kind(daemon, ORDER_AGAIN))
            return false;
        entries->begun = next_table(daemon, entries) || true;
    }
    while ((size_t)entries->vpc < daemon->plan->world->node_count) {
        if (!send_table(daemon, &most))
            return false;
        if (most == 0)
            return true;
        next_table(daemon, entries);
    }
    if (entries->swept && !send_kind(daemon, ORDER_SWEEP))
        return false;
    entries->anew = entries->begun = false;
    return true;
}

void vpc_entries_send(struct daemon *daemon)
{
    struct vpc_entries *entries = &daemon->vpc_entries;
    if (!is_told(daemon) || daemon->tunnels.leaving || entries->again_at_us > daemon->now_us)
        return;
    if (daemon->tunnels.queue.count > 0) { /* what was said before comes before */
        entries->again_at_us = daemon->now_us + VPC_ENTRIES_WAIT_US;
        return;
    }
    bool fine = !entries->anew || send_all(daemon, VPC_ENTRIES_AT_ONCE);
    fine = fine && (entries->anew || send_changes(daemon, VPC_ENTRIES_AT_ONCE));
    bool all_said = fine && !entries->anew && entries->first == entries->count;
    if (all_said && !entries->swept && !daemon->kernel.keeping && !engine_waits(daemon->engine)) {
        fine = send_kind(daemon, ORDER_SWEEP);
        entries->swept = fine;
    }
    entries->again_at_us = fine ? 0 : daemon->now_us + VPC_ENTRIES_WAIT_US;
}

int64_t vpc_entries_wake_us(const struct daemon *daemon)
{
    const struct vpc_entries *entries = &daemon->vpc_entries;
    if (!is_told(daemon) || daemon->tunnels.leaving ||
        (!entries->anew && entries->first == entries->count))
        return INT64_MAX;
    return entries->again_at_us;
}

void vpc_entries_done(struct vpc_entries *entries)
{
    free(entries->keys);
    *entries = (struct vpc_entries){0};
}
