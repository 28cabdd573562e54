/* What each kind of remedy would change, going by the evidence. Nothing is run here. */
#include "check/remedy.h"

#include <string.h>

enum {
    PREFERRED = 200, /* twice what is not said: RFC 4271 leaves it open, FRR and IOS have 100 */
    UPLINK_PORT = 1, /* of a router, as the network is built */
};

struct list {
    const struct network *network;
    struct change *items;
    size_t count, cap;
};

static void add(struct list *list, const struct change *change)
{
    if (list->count < list->cap && !change_is_done(list->network, change))
        list->items[list->count++] = *change;
}

static const struct network_router *router_of(const struct network *network,
                                              const struct world *world, int node,
                                              int32_t *ret_index)
{
    if (node == WORLD_NONE)
        return NULL;
    struct network_ref ref = network_find(network, world->nodes[node].id);
    if (ref.kind != NETWORK_ROUTER)
        return NULL;
    *ret_index = ref.index;
    return &network->routers[ref.index];
}

/* The gateway holds the prefix back on the connection by which the router has learned it. The guard
 * knows the endpoints of its own gateway; for another gateway's it takes a filter. */
static void hold_back(const struct network *network, const struct world *world,
                      const struct evidence *evidence, struct list *list)
{
    if (evidence->teller.connection == WORLD_NONE)
        return;
    const struct connection *of = &world->connections[evidence->teller.connection];
    struct network_ref ref = network_find(network, of->id);
    const struct network_connection *said = &network->vpn_connections[ref.index];
    if (network->vpn_gateways[said->vpn_gateway.index].platform != PLATFORM_SEKISHO)
        return;
    const struct tunnel *tunnel = &world->tunnels[evidence->tunnel];
    bool own = tunnel->ends[TUNNEL_GATEWAY].node == of->gateway && of->router == evidence->router;
    bool holds = network_guard_of(network, said) == NETWORK_GUARD_HOLD;
    add(list, &(struct change){.kind = own && !holds ? CHANGE_GUARD_HOLD : CHANGE_EXPORT_DENY,
                               .index = ref.index,
                               .prefix = evidence->prefix});
}

/* Every endpoint of the router's tunnels, by the way that was there before the tunnels. */
static void pin(const struct network *network, const struct world *world,
                const struct evidence *evidence, struct list *list)
{
    struct change change = {.kind = CHANGE_HOST_ROUTE, .via = evidence->underlay_via};
    if (evidence->underlay_port == 0 || evidence->turn != TURN_ROUTER ||
        !router_of(network, world, evidence->router, &change.index))
        return;
    if (change.via == 0)
        memcpy(change.interface, world->nodes[evidence->router].ports[evidence->underlay_port].name,
               sizeof change.interface);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel_end *end = &world->tunnels[i].ends[TUNNEL_CUSTOMER];
        change.prefix = (struct prefix){end->outer_remote, 32};
        if (end->node == evidence->router && !world->tunnels[i].plain)
            add(list, &change);
    }
}

/* The next hop that is behind the prefix, by the way that was there before the tunnels (T06). */
static void pin_next_hop(const struct network *network, const struct world *world,
                         const struct evidence *evidence, struct list *list)
{
    struct change change = {.kind = CHANGE_NEXT_HOP_ROUTE, .prefix = {evidence->next_hop, 32}};
    if (!evidence->by_next_hop || evidence->turn != TURN_ROUTER ||
        !router_of(network, world, evidence->router, &change.index))
        return;
    const struct node *router = &world->nodes[evidence->router];
    change.via = evidence->underlay_via;
    if (evidence->underlay_port == 0)
        return;
    if (change.via == 0)
        memcpy(change.interface, router->ports[evidence->underlay_port].name,
               sizeof change.interface);
    add(list, &change);
}

/* From none of the neighbors that could tell the router the prefix through a tunnel. */
static void refuse(const struct network *network, const struct world *world,
                   const struct evidence *evidence, struct list *list)
{
    struct change change = {.kind = CHANGE_IMPORT_DENY, .prefix = evidence->prefix};
    const struct network_router *router =
        router_of(network, world, evidence->router, &change.index);
    if (!router || !router->bgp || !evidence->by_bgp || evidence->turn != TURN_ROUTER)
        return;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        change.neighbor = tunnel->ends[TUNNEL_GATEWAY].inside;
        if (tunnel->ends[TUNNEL_CUSTOMER].node == evidence->router &&
            tunnel->ends[TUNNEL_CUSTOMER].neighbor != 0)
            add(list, &change);
    }
}

/* The provider's own announcement of the same prefix, where best path decides between the two. */
static void prefer(const struct network *network, const struct world *world,
                   const struct evidence *evidence, struct list *list)
{
    struct change change = {.kind = CHANGE_PREFER, .number = PREFERRED};
    const struct network_router *router =
        router_of(network, world, evidence->router, &change.index);
    const struct node *node = router ? &world->nodes[evidence->router] : NULL;
    if (!node || !router->underlay || !router->bgp || !evidence->by_bgp ||
        evidence->turn != TURN_ROUTER)
        return;
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *said = &node->setup[i];
        if (said->kind != EVENT_NEIGHBOR || said->neighbor.interface != UPLINK_PORT)
            continue;
        change.neighbor = said->neighbor.peer_addr;
        add(list, &change);
    }
}

static void delete_entry(const struct network *network, const struct world *world,
                         const struct evidence *evidence, struct list *list)
{
    struct change change = {.prefix = evidence->prefix};
    if (evidence->turn == TURN_TABLE && evidence->is_static) {
        struct network_ref ref = network_find(network, world->nodes[evidence->vpc].id);
        change.kind = CHANGE_TABLE_DELETE;
        change.index = ref.index;
        change.part = evidence->table - 1;
        if (ref.kind == NETWORK_VPC)
            add(list, &change);
    } else if (evidence->turn == TURN_ROUTER && !evidence->by_bgp) {
        change.kind = CHANGE_ROUTER_DELETE;
        if (router_of(network, world, evidence->router, &change.index))
            add(list, &change);
    }
}

static void stop(const struct network *network, const struct world *world,
                 const struct evidence *evidence, struct list *list)
{
    const struct origin *origin = &evidence->origin;
    struct change change = {.kind = CHANGE_STOP, .prefix = evidence->prefix};
    if (origin->is_static && origin->connection != WORLD_NONE) {
        struct network_ref ref = network_find(network, world->connections[origin->connection].id);
        change.kind = CHANGE_STOP_STATIC;
        change.index = ref.index;
        add(list, &change);
    } else if (router_of(network, world, origin->node, &change.index)) {
        add(list, &change);
    }
}

/* The two VPCs without the tunnel between them. */
static void peer(const struct network *network, const struct evidence *evidence, struct list *list)
{
    int32_t connection = 0;
    int tunnel = evidence->tunnel;
    while (tunnel >= (int)network->vpn_connections[connection].tunnel_count)
        tunnel -= (int)network->vpn_connections[connection++].tunnel_count;
    add(list, &(struct change){.kind = CHANGE_PEER, .index = connection});
}

size_t remedy_suggest(enum check_remedy_kind kind, const struct network *network,
                      const struct world *world, const struct evidence *evidence,
                      struct change *ret_changes, size_t cap)
{
    struct list list = {.network = network, .items = ret_changes, .cap = cap};
    switch (kind) {
    case CHECK_REMEDY_VGW_EXPORT_FILTER:
        hold_back(network, world, evidence, &list);
        break;
    case CHECK_REMEDY_CGW_HOST_ROUTE:
        pin(network, world, evidence, &list);
        break;
    case CHECK_REMEDY_CGW_NEXT_HOP_ROUTE:
        pin_next_hop(network, world, evidence, &list);
        break;
    case CHECK_REMEDY_CGW_IMPORT_FILTER:
        refuse(network, world, evidence, &list);
        break;
    case CHECK_REMEDY_CGW_LOCAL_PREFERENCE:
        prefer(network, world, evidence, &list);
        break;
    case CHECK_REMEDY_ROUTE_TABLE_DELETE:
        delete_entry(network, world, evidence, &list);
        break;
    case CHECK_REMEDY_ORIGIN_WITHDRAW:
        stop(network, world, evidence, &list);
        break;
    case CHECK_REMEDY_VPC_PEERING:
        peer(network, evidence, &list);
        break;
    case CHECK_REMEDY_ROUTE_TABLE_PROPAGATE: /* no cure of this: settled.c has them */
    case CHECK_REMEDY_CGW_ALLOWAS_IN_OFF:
    case CHECK_REMEDY_ORIGIN_ANNOUNCE:
    case CHECK_REMEDY_CGW_SAME_TUNNEL:
    case CHECK_REMEDY_GATEWAY_RENUMBER:
    case CHECK_REMEDY_CUSTOMER_RENUMBER:
    case CHECK_REMEDY_VPN_BGP:
    case CHECK_REMEDY_VPN_STATIC:
    case CHECK_REMEDY_ORIGIN_SUMMARIZE:
    case CHECK_REMEDY_UNIQUE_ASN:
    case CHECK_REMEDY_VGW_IMPORT_FILTER:
    case CHECK_REMEDY_ORIGIN_EXPORT_FILTER:
    case CHECK_REMEDY_MIXED: /* no kind of its own */
    case CHECK_REMEDY_KINDS:
    default:
        break;
    }
    return list.count;
}
