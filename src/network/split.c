#include "network/split.h"

#include "base/sort.h"
#include "network/memory.h"
#include "network/resolve.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The lists of a network; what lives inside of their things goes with them. */
struct list {
    enum network_kind kind;
    size_t items_at, count_at; /* in struct network */
    size_t size_bytes;
};

#define LIST(kind, items, count)                                                                   \
    {                                                                                              \
        NETWORK_##kind, offsetof(struct network, items), offsetof(struct network, count),          \
            sizeof *((struct network *)0)->items                                                   \
    }

static const struct list lists[] = {
    LIST(VPC, vpcs, vpc_count),
    LIST(PEERING, vpc_peerings, vpc_peering_count),
    LIST(VPN_GATEWAY, vpn_gateways, vpn_gateway_count),
    LIST(CUSTOMER_GATEWAY, customer_gateways, customer_gateway_count),
    LIST(VPN_CONNECTION, vpn_connections, vpn_connection_count),
    LIST(DIRECT_CONNECT, direct_connects, direct_connect_count),
    LIST(ROUTER, routers, router_count),
};

enum { LISTS = sizeof lists / sizeof *lists, LIST_COPIED_MAX = 64 };

static size_t count_of(const struct network *network, const struct list *list)
{
    size_t count;
    memcpy(&count, (const char *)network + list->count_at, sizeof count);
    return count;
}

static const char *items_of(const struct network *network, const struct list *list)
{
    const char *items;
    memcpy(&items, (const char *)network + list->items_at, sizeof items);
    return items;
}

static void set_items(struct network *network, const struct list *list, void *items, size_t count)
{
    memcpy((char *)network + list->items_at, &items, sizeof items);
    memcpy((char *)network + list->count_at, &count, sizeof count);
}

struct splitting {
    const struct network *network;
    size_t first[NETWORK_KINDS]; /* where a list's things begin among all things */
    size_t count;
    size_t *parents; /* of things: towards the first one of its part */
    size_t *naming;  /* of long prefix lists: a thing that names it, from 1; 0: none yet */
};

static size_t root_of(const struct splitting *splitting, size_t thing)
{
    size_t *parents = splitting->parents;
    while (parents[thing] != thing) {
        parents[thing] = parents[parents[thing]];
        thing = parents[thing];
    }
    return thing;
}

static void join(struct splitting *splitting, size_t left, size_t right)
{
    size_t first = root_of(splitting, left), second = root_of(splitting, right);
    if (first < second)
        splitting->parents[second] = first;
    else
        splitting->parents[first] = second;
}

/* The list's thing that a reference names or lies in; count: none. */
static size_t thing_of(const struct splitting *splitting, const struct network_ref *ref)
{
    static const enum network_kind owners[NETWORK_KINDS] = {
        [NETWORK_VPC] = NETWORK_VPC,
        [NETWORK_ROUTE_TABLE] = NETWORK_VPC,
        [NETWORK_SUBNET] = NETWORK_VPC,
        [NETWORK_INSTANCE] = NETWORK_VPC,
        [NETWORK_INTERNET_GATEWAY] = NETWORK_VPC,
        [NETWORK_PEERING] = NETWORK_PEERING,
        [NETWORK_VPN_GATEWAY] = NETWORK_VPN_GATEWAY,
        [NETWORK_CUSTOMER_GATEWAY] = NETWORK_CUSTOMER_GATEWAY,
        [NETWORK_VPN_CONNECTION] = NETWORK_VPN_CONNECTION,
        [NETWORK_TUNNEL] = NETWORK_VPN_CONNECTION,
        [NETWORK_DIRECT_CONNECT] = NETWORK_DIRECT_CONNECT,
        [NETWORK_ROUTER] = NETWORK_ROUTER,
        [NETWORK_SECURITY_GROUP] = NETWORK_VPC,
        [NETWORK_ACL] = NETWORK_VPC,
    };
    enum network_kind owner = owners[ref->kind];
    if (owner == NETWORK_NOTHING || ref->index < 0)
        return splitting->count;
    return splitting->first[owner] + (size_t)ref->index;
}

static void join_ref(struct splitting *splitting, size_t thing, const struct network_ref *ref)
{
    size_t other = thing_of(splitting, ref);
    if (other < splitting->count)
        join(splitting, thing, other);
}

/* -- by reference -- */

static void join_routes(struct splitting *splitting, size_t thing,
                        const struct network_route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        join_ref(splitting, thing, &routes[i].tunnel);
}

/* A long prefix list is not copied for every VPC that names it: those are one part. */
static void join_list(struct splitting *splitting, size_t thing, const struct network_ref *ref)
{
    if (splitting->network->prefix_lists[ref->index].prefix_count <= LIST_COPIED_MAX)
        return;
    size_t *first = &splitting->naming[ref->index];
    if (*first)
        join(splitting, thing, *first - 1);
    else
        *first = thing + 1;
}

static void join_rules(struct splitting *splitting, size_t thing,
                       const struct network_traffic_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].far_side.kind == NETWORK_PREFIX_LIST)
            join_list(splitting, thing, &rules[i].far_side);
        else
            join_ref(splitting, thing, &rules[i].far_side);
    }
}

static void join_vpc(struct splitting *splitting, size_t thing, const struct network_vpc *vpc)
{
    for (size_t i = 0; i < vpc->route_table_count; i++) {
        const struct network_route_table *table = &vpc->route_tables[i];
        for (size_t j = 0; j < table->propagate_count; j++)
            join_ref(splitting, thing, &table->propagate[j]);
        for (size_t j = 0; j < table->route_count; j++)
            join_ref(splitting, thing, &table->routes[j].target);
    }
    for (size_t i = 0; i < vpc->security_group_count; i++) {
        const struct network_security_group *group = &vpc->security_groups[i];
        join_rules(splitting, thing, group->inbound, group->inbound_count);
        join_rules(splitting, thing, group->outbound, group->outbound_count);
    }
    for (size_t i = 0; i < vpc->instance_count; i++) {
        join_ref(splitting, thing, &vpc->instances[i].router);
        join_routes(splitting, thing, vpc->instances[i].routes, vpc->instances[i].route_count);
    }
}

/* What a step makes a route lead to belongs to the step's thing from the beginning. */
static void join_step(struct splitting *splitting, const struct network_step *step)
{
    const struct network_change *change = &step->change;
    size_t thing = thing_of(splitting, &step->object);
    if (thing == splitting->count)
        return;
    join_routes(splitting, thing, change->add_routes, change->add_route_count);
    for (size_t i = 0; i < change->add_target_count; i++)
        join_ref(splitting, thing, &change->add_targets[i].target);
}

/* What is wanted between two things can only be asked of a network that has both; between two
 * addresses, of all of it. */
static void join_wanted(struct splitting *splitting, const struct network_wanted *wanted)
{
    size_t from = thing_of(splitting, &wanted->from), to = thing_of(splitting, &wanted->to);
    if (from < splitting->count)
        join_ref(splitting, from, &wanted->to);
    for (size_t i = 1; from == splitting->count && to == splitting->count && i < to; i++)
        join(splitting, 0, i);
}

static void join_by_reference(struct splitting *splitting)
{
    const struct network *network = splitting->network;
    const size_t *first = splitting->first;
    for (size_t i = 0; i < network->vpc_count; i++)
        join_vpc(splitting, first[NETWORK_VPC] + i, &network->vpcs[i]);
    for (size_t i = 0; i < network->vpc_peering_count; i++) {
        join_ref(splitting, first[NETWORK_PEERING] + i, &network->vpc_peerings[i].requester);
        join_ref(splitting, first[NETWORK_PEERING] + i, &network->vpc_peerings[i].accepter);
    }
    for (size_t i = 0; i < network->vpn_gateway_count; i++)
        join_ref(splitting, first[NETWORK_VPN_GATEWAY] + i, &network->vpn_gateways[i].vpc);
    for (size_t i = 0; i < network->customer_gateway_count; i++)
        join_ref(splitting, first[NETWORK_CUSTOMER_GATEWAY] + i,
                 &network->customer_gateways[i].router);
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *at = &network->vpn_connections[i];
        join_ref(splitting, first[NETWORK_VPN_CONNECTION] + i, &at->vpn_gateway);
        join_ref(splitting, first[NETWORK_VPN_CONNECTION] + i, &at->customer_gateway);
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *at = &network->direct_connects[i];
        join_ref(splitting, first[NETWORK_DIRECT_CONNECT] + i, &at->vpn_gateway);
        join_ref(splitting, first[NETWORK_DIRECT_CONNECT] + i, &at->router);
    }
    for (size_t i = 0; i < network->router_count; i++)
        join_routes(splitting, first[NETWORK_ROUTER] + i, network->routers[i].routes,
                    network->routers[i].route_count);
    for (size_t i = 0; i < network->step_count; i++)
        join_step(splitting, &network->story[i]);
    for (size_t i = 0; i < network->wanted_count; i++)
        join_wanted(splitting, &network->wanted[i]);
}

/* -- by what two of them have, on the Internet -- */

struct owned {
    ip_addr addr;
    uint32_t asn; /* a provider's, instead */
    size_t thing;
};

struct owners {
    struct owned *items;
    size_t count, cap;
};

static void own(struct owners *owners, ip_addr addr, uint32_t asn, size_t thing)
{
    if (addr == 0 && asn == 0)
        return;
    owners->items = memory_grow(owners->items, owners->count, &owners->cap, sizeof *owners->items);
    owners->items[owners->count++] = (struct owned){addr, asn, thing};
}

static int by_what(const void *left, const void *right, const void *ctx)
{
    const struct owned *first = left, *second = right;
    (void)ctx;
    if (first->addr != second->addr)
        return first->addr > second->addr ? 1 : -1;
    return (first->asn > second->asn) - (first->asn < second->asn);
}

static void list_owners(const struct splitting *splitting, struct owners *owners)
{
    const struct network *network = splitting->network;
    const size_t *first = splitting->first;
    for (size_t i = 0; i < network->vpc_count; i++) {
        for (size_t j = 0; j < network->vpcs[i].instance_count; j++)
            own(owners, network->vpcs[i].instances[j].elastic_address, 0, first[NETWORK_VPC] + i);
    }
    for (size_t i = 0; i < network->customer_gateway_count; i++)
        own(owners, network->customer_gateways[i].address, 0, first[NETWORK_CUSTOMER_GATEWAY] + i);
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *at = &network->vpn_connections[i];
        for (size_t j = 0; j < at->tunnel_count; j++)
            own(owners, at->tunnels[j].outside, 0, first[NETWORK_VPN_CONNECTION] + i);
    }
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_router *at = &network->routers[i];
        own(owners, at->address, 0, first[NETWORK_ROUTER] + i);
        if (at->underlay) /* routers of one provider may have one neighbor */
            own(owners, 0, at->underlay->asn, first[NETWORK_ROUTER] + i);
    }
}

static void join_by_owners(struct splitting *splitting)
{
    struct owners owners = {0};
    list_owners(splitting, &owners);
    struct owned *scratch = memory_zeroed(owners.count, sizeof *scratch);
    if (owners.count > 1)
        sort_stable(owners.items, owners.count, sizeof *scratch, scratch, by_what, NULL);
    for (size_t i = 1; i < owners.count; i++) {
        if (by_what(&owners.items[i], &owners.items[i - 1], NULL) == 0)
            join(splitting, owners.items[i].thing, owners.items[i - 1].thing);
    }
    free(scratch);
    free(owners.items);
}

/* -- the parts -- */

/* Where each thing goes: the number of its part. Returns how many parts there are. */
static size_t number_parts(const struct splitting *splitting, size_t *ret_part_of)
{
    size_t count = 0;
    for (size_t i = 0; i < splitting->count; i++) {
        size_t root = root_of(splitting, i);
        ret_part_of[i] = root == i ? count++ : ret_part_of[root];
    }
    return count;
}

/* A part while it is put together: the whole's structs, borrowed. */
struct drawer {
    char *items[LISTS];
    size_t counts[LISTS];
    struct network_wanted *wanted;
    size_t wanted_count;
    struct network_step *story;
    size_t step_count;
};

static void fill(const struct splitting *splitting, const size_t *part_of, struct drawer *drawers,
                 struct network_part *parts)
{
    for (size_t l = 0; l < LISTS; l++) {
        const char *items = items_of(splitting->network, &lists[l]);
        for (size_t i = 0; i < count_of(splitting->network, &lists[l]); i++) {
            size_t part = part_of[splitting->first[lists[l].kind] + i];
            size_t at = drawers[part].counts[l]++;
            if (!drawers[part].items[l])
                continue;
            memcpy(drawers[part].items[l] + at * lists[l].size_bytes,
                   items + i * lists[l].size_bytes, lists[l].size_bytes);
            parts[part].of[lists[l].kind][at] = (int32_t)i;
        }
    }
}

static void make_room(struct drawer *drawer, struct network_part *part)
{
    for (size_t l = 0; l < LISTS; l++) {
        drawer->items[l] = memory_zeroed(drawer->counts[l] + 1, lists[l].size_bytes);
        part->of[lists[l].kind] = memory_zeroed(drawer->counts[l] + 1, sizeof(int32_t));
        drawer->counts[l] = 0;
    }
    drawer->wanted = memory_zeroed(drawer->wanted_count + 1, sizeof *drawer->wanted);
    drawer->wanted_count = 0;
    drawer->story = memory_zeroed(drawer->step_count + 1, sizeof *drawer->story);
    drawer->step_count = 0;
}

/* Of one part, or of it and an address. */
static void fill_wanted(const struct splitting *splitting, const size_t *part_of,
                        struct drawer *drawers)
{
    for (size_t i = 0; i < splitting->network->wanted_count; i++) {
        const struct network_wanted *wanted = &splitting->network->wanted[i];
        size_t thing = thing_of(splitting, &wanted->from);
        if (thing == splitting->count)
            thing = thing_of(splitting, &wanted->to);
        if (thing == splitting->count)
            continue;
        struct drawer *drawer = &drawers[part_of[thing]];
        if (drawer->wanted)
            drawer->wanted[drawer->wanted_count] = *wanted;
        drawer->wanted_count++;
    }
}

static void fill_stories(const struct splitting *splitting, const size_t *part_of,
                         struct drawer *drawers)
{
    for (size_t i = 0; i < splitting->network->step_count; i++) {
        const struct network_step *step = &splitting->network->story[i];
        size_t thing = thing_of(splitting, &step->object);
        if (thing == splitting->count)
            continue;
        struct drawer *drawer = &drawers[part_of[thing]];
        if (drawer->story)
            drawer->story[drawer->step_count] = *step;
        drawer->step_count++;
    }
}

struct named_lists {
    int32_t *items; /* in the whole's prefix lists */
    size_t count, cap;
};

static void name_lists(struct named_lists *named, const struct network_traffic_rule *rules,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].far_side.kind != NETWORK_PREFIX_LIST)
            continue;
        named->items = memory_grow(named->items, named->count, &named->cap, sizeof *named->items);
        named->items[named->count++] = rules[i].far_side.index;
    }
}

static int by_index(const void *left, const void *right, const void *ctx)
{
    const int32_t *one = left, *two = right;
    (void)ctx;
    return (*one > *two) - (*one < *two);
}

/* The prefix lists that the part's rules name, borrowed from the whole. */
static struct network_prefix_list *lists_named(const struct network *whole,
                                               const struct network *view, size_t *ret_count)
{
    struct named_lists named = {0};
    for (size_t i = 0; i < view->vpc_count; i++) {
        for (size_t j = 0; j < view->vpcs[i].security_group_count; j++) {
            const struct network_security_group *group = &view->vpcs[i].security_groups[j];
            name_lists(&named, group->inbound, group->inbound_count);
            name_lists(&named, group->outbound, group->outbound_count);
        }
    }
    int32_t *scratch = memory_zeroed(named.count, sizeof *scratch);
    if (named.count > 1)
        sort_stable(named.items, named.count, sizeof *scratch, scratch, by_index, NULL);
    free(scratch);
    struct network_prefix_list *found = memory_zeroed(named.count, sizeof *found);
    *ret_count = 0;
    for (size_t i = 0; i < named.count; i++) {
        if (i == 0 || named.items[i] != named.items[i - 1])
            found[(*ret_count)++] = whole->prefix_lists[named.items[i]];
    }
    free(named.items);
    return found;
}

/* References count anew in the part. */
static struct network *take_out(const struct network *whole, const struct drawer *drawer)
{
    struct network view = *whole;
    for (size_t l = 0; l < LISTS; l++)
        set_items(&view, &lists[l], drawer->items[l], drawer->counts[l]);
    view.wanted = drawer->wanted_count ? drawer->wanted : NULL;
    view.wanted_count = drawer->wanted_count;
    view.story = drawer->step_count ? drawer->story : NULL;
    view.step_count = drawer->step_count;
    view.recorded = NULL; /* of the whole */
    view.recorded_count = 0;
    view.comments = NULL;
    view.comment_count = 0;
    struct network_prefix_list *named = lists_named(whole, &view, &view.prefix_list_count);
    view.prefix_lists = view.prefix_list_count ? named : NULL;
    struct network *part = network_copy(&view);
    free(named);
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    resolve_names(part, &diagnostics);
    assert(diagnostics.count == 0); /* the whole was resolved, and nothing leads out of a part */
    diagnostics_done(&diagnostics);
    return part;
}

/* Everything into its drawer; or, where there is no room yet, counted. */
static void fill_all(const struct splitting *splitting, const size_t *part_of,
                     struct drawer *drawers, struct network_part *parts)
{
    fill(splitting, part_of, drawers, parts);
    fill_wanted(splitting, part_of, drawers);
    fill_stories(splitting, part_of, drawers);
}

static void drawer_done(struct drawer *drawer)
{
    for (size_t l = 0; l < LISTS; l++)
        free(drawer->items[l]);
    free(drawer->wanted);
    free(drawer->story);
}

static void part_out(const struct splitting *splitting, const size_t *part_of,
                     struct network_parts *parts)
{
    struct drawer *drawers = memory_zeroed(parts->count, sizeof *drawers);
    fill_all(splitting, part_of, drawers, parts->items);
    for (size_t i = 0; i < parts->count; i++)
        make_room(&drawers[i], &parts->items[i]);
    fill_all(splitting, part_of, drawers, parts->items);
    for (size_t i = 0; i < parts->count; i++) {
        parts->items[i].network = take_out(splitting->network, &drawers[i]);
        drawer_done(&drawers[i]);
    }
    free(drawers);
}

void network_split(const struct network *network, struct network_parts *ret_parts)
{
    struct splitting splitting = {.network = network};
    for (size_t l = 0; l < LISTS; l++) {
        splitting.first[lists[l].kind] = splitting.count;
        splitting.count += count_of(network, &lists[l]);
    }
    splitting.parents = memory_zeroed(splitting.count + 1, sizeof *splitting.parents);
    for (size_t i = 0; i < splitting.count; i++)
        splitting.parents[i] = i;
    splitting.naming = memory_zeroed(network->prefix_list_count + 1, sizeof *splitting.naming);
    join_by_reference(&splitting);
    join_by_owners(&splitting);
    size_t *part_of = memory_zeroed(splitting.count + 1, sizeof *part_of);
    ret_parts->count = number_parts(&splitting, part_of);
    ret_parts->items = memory_zeroed(ret_parts->count + 1, sizeof *ret_parts->items);
    if (ret_parts->count > 1)
        part_out(&splitting, part_of, ret_parts);
    free(part_of);
    free(splitting.parents);
    free(splitting.naming);
}

void network_parts_done(struct network_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        network_free(parts->items[i].network);
        for (size_t l = 0; l < LISTS; l++)
            free(parts->items[i].of[lists[l].kind]);
    }
    free(parts->items);
    *parts = (struct network_parts){0};
}
