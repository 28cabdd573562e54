#include "check/reach.h"

#include "network/build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PACKET_BYTES = 84 }; /* ping's */

struct ends {
    struct reach_end *items;
    size_t count, cap;
};

static void add_end(struct ends *ends, int node, ip_addr addr)
{
    for (size_t i = 0; i < ends->count; i++) {
        if (ends->items[i].node == node && ends->items[i].addr == addr)
            return;
    }
    if (ends->count == ends->cap) {
        ends->cap = ends->cap ? ends->cap * 2 : 16;
        ends->items = realloc(ends->items, ends->cap * sizeof *ends->items);
        assert(ends->items);
    }
    ends->items[ends->count++] = (struct reach_end){node, addr};
}

/* A host of the prefix; a default has none that would say anything about it. */
static void add_host(struct ends *ends, int node, struct prefix prefix)
{
    ip_addr host = prefix_first_host(prefix);
    if (prefix.len > 0 && host != 0)
        add_end(ends, node, host);
}

static void add_announced(struct ends *ends, int node,
                          const struct network_announcement *announcements, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_host(ends, node, announcements[i].prefix);
}

/* What lies behind a router that is an instance are other instances, which count themselves. */
static void add_router(struct ends *ends, const struct world *world,
                       const struct network_router *router)
{
    int node = world_find_node(world, router->id);
    if (node == WORLD_NONE || world->nodes[node].in_vpc)
        return;
    for (size_t i = 0; i < router->lan_count; i++)
        add_host(ends, node, router->lan[i]);
    if (!router->bgp)
        return;
    add_announced(ends, node, router->bgp->announce, router->bgp->announce_count);
    add_announced(ends, node, router->bgp->received, router->bgp->received_count);
}

static struct ends all_ends(const struct network *network, const struct world *world)
{
    struct ends ends = {0};
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (node->in_vpc && node->port_count > 0)
            add_end(&ends, (int)i, node->ports[1].addr);
        if (node->in_vpc && node->port_count > 0 && node->ports[1].six)
            add_end(&ends, (int)i, node->ports[1].six);
    }
    for (size_t i = 0; i < network->router_count; i++)
        add_router(&ends, world, &network->routers[i]);
    return ends;
}

/* Every n-th, so that at most REACH_ENDS_MAX are left. */
static void thin_out(struct ends *ends)
{
    size_t stride = (ends->count + REACH_ENDS_MAX - 1) / REACH_ENDS_MAX, kept = 0;
    for (size_t i = 0; stride > 1 && i < ends->count; i += stride)
        ends->items[kept++] = ends->items[i];
    if (stride > 1)
        ends->count = kept;
}

static void add_pair(struct reach *reach, size_t cap, struct reach_end from, struct reach_end to)
{
    assert(reach->pair_count < cap);
    reach->pairs[reach->pair_count++] = (struct reach_pair){.from = from, .to = to};
}

static void pair_all(struct reach *reach, const struct ends *ends)
{
    size_t cap = ends->count * (ends->count + 1) / 2;
    reach->pairs = calloc(cap + 1, sizeof *reach->pairs);
    assert(reach->pairs);
    for (size_t i = 0; i < ends->count; i++) {
        for (size_t j = i + 1; j < ends->count; j++) {
            if (ends->items[i].node != ends->items[j].node &&
                ip_is_six(ends->items[i].addr) == ip_is_six(ends->items[j].addr))
                add_pair(reach, cap, ends->items[i], ends->items[j]);
        }
    }
}

struct owner {
    int node;
    uint8_t len; /* of the prefix by which it owns the address */
};

static void own(struct owner *owner, int node, struct prefix prefix, ip_addr addr)
{
    if (prefix_contains(prefix, addr) && prefix.len > owner->len)
        *owner = (struct owner){node, prefix.len};
}

/* Whose host an address is: an instance's own, or that of a router in whose network it lies. */
static int owner_of(const struct network *network, const struct world *world, ip_addr addr)
{
    struct owner owner = {WORLD_NONE, 0};
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].in_vpc && port_has(&world->nodes[i].ports[1], addr))
            return (int)i;
    }
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_router *router = &network->routers[i];
        int node = world_find_node(world, router->id);
        for (size_t j = 0; j < router->lan_count; j++)
            own(&owner, node, router->lan[j], addr);
        for (size_t j = 0; router->bgp && j < router->bgp->announce_count; j++)
            own(&owner, node, router->bgp->announce[j].prefix, addr);
        for (size_t j = 0; router->bgp && j < router->bgp->received_count; j++)
            own(&owner, node, router->bgp->received[j].prefix, addr);
    }
    return owner.node;
}

struct reach_end reach_end_of(const struct network *network, const struct world *world,
                              const struct network_ref *ref)
{
    if (ref->kind == NETWORK_ADDRESS)
        return (struct reach_end){owner_of(network, world, ref->address), ref->address};
    struct build_place place = build_find(world, network, ref);
    struct ends ends = {0};
    if (ref->kind == NETWORK_ROUTER)
        add_router(&ends, world, &network->routers[ref->index]);
    const struct node *node = &world->nodes[place.node];
    struct reach_end end = {place.node, node->port_count ? node->ports[1].addr : 0};
    if (ends.count > 0)
        end = ends.items[0];
    free(ends.items);
    return end;
}

/* The node's first end of the family; unchanged when it has none. */
static struct reach_end of_family(const struct network *network, const struct world *world,
                                  struct reach_end end, bool six)
{
    struct ends ends = all_ends(network, world);
    struct reach_end found = end;
    for (size_t i = ends.count; i-- > 0;) {
        if (ends.items[i].node == end.node && ip_is_six(ends.items[i].addr) == six)
            found = ends.items[i];
    }
    free(ends.items);
    return found;
}

void reach_meet(const struct network *network, const struct world *world, bool may_move[2],
                struct reach_end *from, struct reach_end *to)
{
    struct reach_end *ends[2] = {from, to};
    for (int i = 0; i < 2 && ip_is_six(from->addr) != ip_is_six(to->addr); i++) {
        if (may_move[i] && ends[i]->node != WORLD_NONE)
            *ends[i] = of_family(network, world, *ends[i], ip_is_six(ends[!i]->addr));
    }
}

static struct reach_pair meeting(const struct network *network, const struct world *world,
                                 const struct network_wanted *wanted)
{
    struct reach_pair pair = {.from = reach_end_of(network, world, &wanted->from),
                              .to = reach_end_of(network, world, &wanted->to)};
    bool may_move[2] = {wanted->from.kind != NETWORK_ADDRESS, wanted->to.kind != NETWORK_ADDRESS};
    reach_meet(network, world, may_move, &pair.from, &pair.to);
    return pair;
}

static void pair_said(struct reach *reach, const struct network *network, const struct world *world)
{
    reach->by_file = true;
    reach->pairs = calloc(network->wanted_count, sizeof *reach->pairs);
    assert(reach->pairs);
    for (size_t i = 0; i < network->wanted_count; i++) {
        struct reach_pair pair = meeting(network, world, &network->wanted[i]);
        add_pair(reach, network->wanted_count, pair.from, pair.to);
    }
}

void reach_init_all(struct reach *reach, const struct network *network, const struct world *world)
{
    *reach = (struct reach){0};
    struct ends ends = all_ends(network, world);
    reach->ends_in_all = ends.count;
    thin_out(&ends);
    reach->end_count = ends.count;
    pair_all(reach, &ends);
    free(ends.items);
}

void reach_init_from(struct reach *reach, const struct network *network, const struct world *world,
                     struct reach_end from)
{
    *reach = (struct reach){0};
    struct ends ends = all_ends(network, world);
    reach->ends_in_all = ends.count;
    thin_out(&ends);
    reach->end_count = ends.count;
    reach->pairs = calloc(ends.count + 1, sizeof *reach->pairs);
    assert(reach->pairs);
    for (size_t i = 0; i < ends.count; i++) {
        if (ends.items[i].node != from.node &&
            ip_is_six(ends.items[i].addr) == ip_is_six(from.addr))
            add_pair(reach, ends.count, from, ends.items[i]);
    }
    free(ends.items);
}

void reach_init(struct reach *reach, const struct network *network, const struct world *world)
{
    *reach = (struct reach){0};
    if (network->wanted_count > 0)
        pair_said(reach, network, world);
    else
        reach_init_all(reach, network, world);
}

void reach_done(struct reach *reach)
{
    free(reach->pairs);
    *reach = (struct reach){0};
}

void reach_copy(const struct reach *reach, struct reach *ret_copy)
{
    *ret_copy = *reach;
    ret_copy->pairs = calloc(reach->pair_count + 1, sizeof *ret_copy->pairs);
    assert(ret_copy->pairs);
    if (reach->pair_count > 0)
        memcpy(ret_copy->pairs, reach->pairs, reach->pair_count * sizeof *ret_copy->pairs);
}

static bool arrives(const struct world *world, struct reach_end from, struct reach_end to,
                    struct traffic traffic, const struct path *answers, struct path *ret_path)
{
    struct packet packet = {.src = from.addr,
                            .dst = to.addr,
                            .kind = PACKET_PLAIN,
                            .size_bytes = PACKET_BYTES,
                            .tunnel = WORLD_NONE,
                            .traffic = traffic,
                            .answers = answers};
    forward(world, from.node, &packet, ret_path);
    return ret_path->delivered && (to.node == WORLD_NONE || ret_path->node == to.node);
}

bool reach_arrives(const struct world *world, struct reach_end from, struct reach_end to,
                   struct traffic traffic)
{
    struct path path = {.hops = NULL};
    return from.node != WORLD_NONE && arrives(world, from, to, traffic, NULL, &path);
}

/* What cannot be asked or answered, because nobody in the file would, is no reason against it. */
static bool is_answered(const struct world *world, struct reach_end from, struct reach_end to,
                        struct traffic traffic)
{
    struct hop hops[PATH_HOPS];
    struct path asked = {.hops = hops}, answer = {.hops = NULL};
    if (from.node == WORLD_NONE)
        return true;
    return arrives(world, from, to, traffic, NULL, &asked) &&
           (to.node == WORLD_NONE ||
            arrives(world, to, from, traffic_answer(traffic), &asked, &answer));
}

bool reach_is_reached(const struct world *world, const struct reach_pair *pair)
{
    struct traffic traffic = pair->traffic;
    bool there = pair->from.node == WORLD_NONE;
    bool back = pair->to.node == WORLD_NONE;
    if (there && back)
        return false;
    if (traffic.protocol != 0)
        return is_answered(world, pair->from, pair->to, traffic) &&
               (pair->from_asks || is_answered(world, pair->to, pair->from, traffic));
    there = there || reach_arrives(world, pair->from, pair->to, traffic);
    return there && (back || reach_arrives(world, pair->to, pair->from, traffic));
}

void reach_mark(struct reach *reach, const struct world *world)
{
    for (size_t i = 0; i < reach->pair_count; i++)
        reach->pairs[i].wanted |= reach_is_reached(world, &reach->pairs[i]);
}

void reach_mark_said(struct reach *reach)
{
    for (size_t i = 0; reach->by_file && i < reach->pair_count; i++)
        reach->pairs[i].wanted = true;
}

const struct reach_pair *reach_lost_next(const struct reach *reach, const struct world *world,
                                         const struct reach_pair *after)
{
    for (size_t i = after ? (size_t)(after - reach->pairs) + 1 : 0; i < reach->pair_count; i++) {
        if (reach->pairs[i].wanted && !reach_is_reached(world, &reach->pairs[i]))
            return &reach->pairs[i];
    }
    return NULL;
}

const struct reach_pair *reach_lost(const struct reach *reach, const struct world *world)
{
    return reach_lost_next(reach, world, NULL);
}

const struct reach_pair *reach_differs(const struct reach *reach, const struct world *left,
                                       const struct world *right)
{
    for (size_t i = 0; i < reach->pair_count; i++) {
        const struct reach_pair *pair = &reach->pairs[i];
        if (reach_is_reached(left, pair) != reach_is_reached(right, pair))
            return pair;
    }
    return NULL;
}

size_t reach_wanted_count(const struct reach *reach)
{
    size_t count = 0;
    for (size_t i = 0; i < reach->pair_count; i++)
        count += reach->pairs[i].wanted;
    return count;
}
