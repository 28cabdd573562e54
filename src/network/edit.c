#include "network/edit.h"

#include "network/memory.h"
#include "network/walk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A list with a copy of item put in at the place. */
static void *inserted(const struct schema *schema, void *items, size_t *count, size_t at,
                      const void *item)
{
    size_t size = schema->size;
    char *grown = memory_zeroed(*count + 1, size);
    if (items) {
        memcpy(grown, items, at * size);
        memcpy(grown + (at + 1) * size, (char *)items + at * size, (*count - at) * size);
    }
    walk_copy(schema, grown + at * size, item);
    free(items);
    ++*count;
    return grown;
}

static void removed(const struct schema *schema, void *items, size_t *count, size_t at)
{
    size_t size = schema->size;
    char *item = (char *)items + at * size;
    walk_release(schema, item);
    memmove(item, item + size, (*count - at - 1) * size);
    --*count;
}

static struct network_ref no_ref(void)
{
    return (struct network_ref){.index = -1, .part = -1};
}

struct network_route network_static_route(struct prefix prefix, ip_addr via)
{
    return (struct network_route){.prefix = prefix,
                                  .via = via,
                                  .tunnel = no_ref(),
                                  .from = ROUTE_STATIC,
                                  .distance = -1,
                                  .metric = -1};
}

struct network_rule network_deny(struct prefix prefix, ip_addr neighbor)
{
    return (struct network_rule){
        .action = NETWORK_DENY, .prefix = prefix, .ge = -1, .le = -1, .neighbor = neighbor};
}

void network_add_route(struct network *network, size_t router, const struct network_route *route)
{
    struct network_router *at = &network->routers[router];
    at->routes = inserted(&schema_route, at->routes, &at->route_count, at->route_count, route);
}

bool network_remove_route(struct network *network, size_t router, struct prefix prefix)
{
    struct network_router *at = &network->routers[router];
    size_t before = at->route_count;
    for (size_t i = at->route_count; i-- > 0;)
        if (prefix_equal(at->routes[i].prefix, prefix))
            removed(&schema_route, at->routes, &at->route_count, i);
    return at->route_count < before;
}

struct network_filter *network_filter_of(struct network *network, struct network_ref ref,
                                         enum network_direction direction)
{
    struct network_filter *import = NULL, *export = NULL;
    if (ref.kind == NETWORK_ROUTER && network->routers[ref.index].bgp) {
        import = &network->routers[ref.index].bgp->import;
        export = &network->routers[ref.index].bgp->export;
    } else if (ref.kind == NETWORK_VPN_CONNECTION) {
        import = &network->vpn_connections[ref.index].import;
        export = &network->vpn_connections[ref.index].export;
    } else if (ref.kind == NETWORK_DIRECT_CONNECT) {
        import = &network->direct_connects[ref.index].import;
        export = &network->direct_connects[ref.index].export;
    }
    return direction == NETWORK_IMPORT ? import : export;
}

void network_add_rule(struct network_filter *filter, const struct network_rule *rule)
{
    filter->rules = inserted(&schema_router_rule, filter->rules, &filter->rule_count, 0, rule);
}

void network_prefer(struct network *network, size_t router, ip_addr neighbor, uint32_t preference)
{
    struct network_bgp *bgp = network->routers[router].bgp;
    size_t at = 0;
    while (at < bgp->neighbor_count && bgp->neighbors[at].address != neighbor)
        at++;
    if (at == bgp->neighbor_count) {
        struct network_neighbor fresh = {0};
        schema_initialize(&schema_neighbor, &fresh);
        fresh.address = neighbor;
        bgp->neighbors =
            inserted(&schema_neighbor, bgp->neighbors, &bgp->neighbor_count, at, &fresh);
    }
    struct network_edit **edit = &bgp->neighbors[at].policy.on_import;
    if (!*edit) {
        *edit = memory_zeroed(1, sizeof **edit);
        schema_initialize(&schema_import_edit, *edit);
    }
    (*edit)->local_preference = preference;
}

void network_set_guard(struct network *network, size_t connection, enum network_guard guard)
{
    assert(guard != NETWORK_GUARD_NONE);
    network->vpn_connections[connection].guard = guard;
}

void network_add_static(struct network *network, size_t connection, struct prefix prefix)
{
    struct network_connection *at = &network->vpn_connections[connection];
    size_t cap = at->static_route_count;
    at->static_routes =
        memory_grow(at->static_routes, at->static_route_count, &cap, sizeof *at->static_routes);
    at->static_routes[at->static_route_count++] = prefix;
}

void network_speak_bgp(struct network *network, size_t connection)
{
    struct network_connection *at = &network->vpn_connections[connection];
    free(at->static_routes);
    at->static_routes = NULL;
    at->static_route_count = 0;
}

static bool is_of(const struct network_ref *ref, size_t connection)
{
    return (ref->kind == NETWORK_VPN_CONNECTION || ref->kind == NETWORK_TUNNEL) &&
           ref->index == (int32_t)connection;
}

static void move_up(const struct field *field, void *member, struct place place, void *ctx)
{
    const size_t *connection = ctx;
    struct network_ref *ref = member;
    (void)place;
    if (field->type != FIELD_REF ||
        (ref->kind != NETWORK_VPN_CONNECTION && ref->kind != NETWORK_TUNNEL))
        return;
    if (ref->index > (int32_t)*connection)
        ref->index--;
}

/* A router and what it calls a neighbor. */
struct session_end {
    int32_t router;
    ip_addr neighbor;
};

static bool is_neighbor(const struct network *network, const struct session_end *end)
{
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *at = &network->vpn_connections[i];
        int32_t router = network->customer_gateways[at->customer_gateway.index].router.index;
        for (size_t j = 0; router == end->router && j < at->tunnel_count; j++) {
            if (at->tunnels[j].inside_vgw == end->neighbor)
                return true;
        }
    }
    return false;
}

static void forget_rules(struct network_filter *filter, ip_addr neighbor)
{
    for (size_t i = filter->rule_count; i-- > 0;) {
        if (filter->rules[i].neighbor == neighbor)
            removed(&schema_router_rule, filter->rules, &filter->rule_count, i);
    }
}

/* Whatever the router has been told about a neighbor that it does not have any more. */
static void forget_neighbor(struct network *network, const struct session_end *end)
{
    struct network_bgp *bgp = network->routers[end->router].bgp;
    for (size_t i = bgp ? bgp->neighbor_count : 0; i-- > 0;) {
        if (bgp->neighbors[i].address == end->neighbor)
            removed(&schema_neighbor, bgp->neighbors, &bgp->neighbor_count, i);
    }
    if (bgp) {
        forget_rules(&bgp->import, end->neighbor);
        forget_rules(&bgp->export, end->neighbor);
    }
    for (size_t i = network->step_count; i-- > 0;) {
        struct network_step *step = &network->story[i];
        if (step->verb != NETWORK_STEP_CONFIGURE || step->object.kind != NETWORK_ROUTER ||
            step->object.index != end->router)
            continue;
        forget_rules(&step->change.import, end->neighbor);
        forget_rules(&step->change.export, end->neighbor);
        if (step->change.neighbor == end->neighbor)
            removed(&schema_step, network->story, &network->step_count, i);
    }
}

void network_remove_connection(struct network *network, size_t connection)
{
    const struct network_connection *gone = &network->vpn_connections[connection];
    struct session_end ends[2] = {{-1, 0}, {-1, 0}};
    for (size_t i = 0; gone->customer_gateway.index >= 0 && i < gone->tunnel_count && i < 2; i++) {
        ends[i].router = network->customer_gateways[gone->customer_gateway.index].router.index;
        ends[i].neighbor = gone->tunnels[i].inside_vgw;
    }
    for (size_t i = network->step_count; i-- > 0;) {
        if (is_of(&network->story[i].object, connection))
            removed(&schema_step, network->story, &network->step_count, i);
    }
    for (size_t i = network->recorded_count; i-- > 0;) {
        if (is_of(&network->recorded[i].of, connection))
            removed(&schema_recorded, network->recorded, &network->recorded_count, i);
    }
    for (size_t i = 0; i < network->router_count; i++) {
        struct network_router *router = &network->routers[i];
        for (size_t j = router->route_count; j-- > 0;) {
            if (is_of(&router->routes[j].tunnel, connection))
                removed(&schema_route, router->routes, &router->route_count, j);
        }
    }
    removed(&schema_connection, network->vpn_connections, &network->vpn_connection_count,
            connection);
    for (size_t i = 0; i < 2; i++) {
        if (ends[i].router >= 0 && !is_neighbor(network, &ends[i]))
            forget_neighbor(network, &ends[i]);
    }
    walk_scalars(&schema_network, network, move_up, &connection);
}

void network_add_announcement(struct network *network, size_t router, struct prefix prefix)
{
    struct network_bgp *bgp = network->routers[router].bgp;
    struct network_announcement said = {.prefix = prefix, .med = -1};
    struct network_announcement **list = bgp->received ? &bgp->received : &bgp->announce;
    size_t *count = bgp->received ? &bgp->received_count : &bgp->announce_count;
    *list = inserted(&schema_announcement, *list, count, *count, &said);
}

bool network_route_into(struct network *network, size_t router, struct prefix prefix,
                        size_t connection, int32_t part)
{
    struct network_router *at = &network->routers[router];
    bool found = false;
    for (size_t i = 0; i < at->route_count; i++) {
        struct network_ref *tunnel = &at->routes[i].tunnel;
        if (!prefix_equal(at->routes[i].prefix, prefix) || tunnel->kind != NETWORK_TUNNEL ||
            tunnel->index != (int32_t)connection)
            continue;
        char id[128];
        int size = snprintf(id, sizeof id, "%s/%d", network->vpn_connections[connection].id,
                            (int)part + 1);
        free(tunnel->id);
        tunnel->id = memory_text(id, (size_t)size);
        tunnel->part = part;
        found = true;
    }
    return found;
}

static bool drop_announcements(struct network_announcement *items, size_t *count,
                               struct prefix prefix)
{
    size_t before = *count;
    for (size_t i = *count; i-- > 0;)
        if (prefix_equal(items[i].prefix, prefix))
            removed(&schema_announcement, items, count, i);
    return *count < before;
}

bool network_remove_announcement(struct network *network, size_t router, struct prefix prefix)
{
    struct network_bgp *bgp = network->routers[router].bgp;
    bool found = false;
    if (bgp) {
        found = drop_announcements(bgp->announce, &bgp->announce_count, prefix);
        found = drop_announcements(bgp->received, &bgp->received_count, prefix) || found;
    }
    for (size_t i = network->step_count; i-- > 0;) {
        const struct network_step *step = &network->story[i];
        bool speaks = step->verb == NETWORK_STEP_ANNOUNCE || step->verb == NETWORK_STEP_WITHDRAW;
        if (!speaks || step->object.index != (int32_t)router ||
            !prefix_equal(step->announcement.prefix, prefix))
            continue;
        found = found || step->verb == NETWORK_STEP_ANNOUNCE;
        removed(&schema_step, network->story, &network->step_count, i);
    }
    return found;
}

static struct network_route_table *table_at(struct network *network, size_t vpc, size_t table)
{
    assert(table < network->vpcs[vpc].route_table_count);
    return &network->vpcs[vpc].route_tables[table];
}

void network_add_vpc_route(struct network *network, size_t vpc, size_t table, struct prefix prefix,
                           struct network_ref target)
{
    struct network_route_table *at = table_at(network, vpc, table);
    struct network_vpc_route route = {.prefix = prefix, .target = target};
    at->routes = inserted(&schema_vpc_route, at->routes, &at->route_count, at->route_count, &route);
}

bool network_remove_vpc_route(struct network *network, size_t vpc, size_t table,
                              struct prefix prefix)
{
    struct network_route_table *at = table_at(network, vpc, table);
    for (size_t i = 0; i < at->route_count; i++) {
        if (!prefix_equal(at->routes[i].prefix, prefix))
            continue;
        removed(&schema_vpc_route, at->routes, &at->route_count, i);
        return true;
    }
    return false;
}

void network_add_propagation(struct network *network, size_t vpc, size_t table, size_t gateway)
{
    struct network_route_table *at = table_at(network, vpc, table);
    struct network_ref ref = {.id = network->vpn_gateways[gateway].id,
                              .kind = NETWORK_VPN_GATEWAY,
                              .index = (int32_t)gateway,
                              .part = -1};
    struct network_ref *grown = memory_zeroed(at->propagate_count + 1, sizeof *grown);
    for (size_t i = 0; i < at->propagate_count; i++)
        grown[i] = at->propagate[i];
    grown[at->propagate_count++] = ref;
    grown[at->propagate_count - 1].id = memory_text(ref.id, strlen(ref.id));
    free(at->propagate);
    at->propagate = grown;
}

struct network_ref network_add_peering(struct network *network, const char *id, size_t requester,
                                       size_t accepter)
{
    char *name = memory_text(id, strlen(id));
    struct network_peering peering = {.id = name,
                                      .requester = {.id = network->vpcs[requester].id,
                                                    .kind = NETWORK_VPC,
                                                    .index = (int32_t)requester,
                                                    .part = -1},
                                      .accepter = {.id = network->vpcs[accepter].id,
                                                   .kind = NETWORK_VPC,
                                                   .index = (int32_t)accepter,
                                                   .part = -1}};
    network->vpc_peerings =
        inserted(&schema_peering, network->vpc_peerings, &network->vpc_peering_count,
                 network->vpc_peering_count, &peering);
    free(name);
    size_t index = network->vpc_peering_count - 1;
    return (struct network_ref){.id = network->vpc_peerings[index].id,
                                .kind = NETWORK_PEERING,
                                .index = (int32_t)index,
                                .part = -1};
}

void network_drop_steps(struct network *network, size_t first)
{
    for (size_t i = first; i < network->step_count; i++)
        walk_release(&schema_step, &network->story[i]);
    if (first < network->step_count)
        network->step_count = first;
}

enum {
    INSIDE_FIRST = 0xa9fe0004u, /* 169.254.0.4, of a /30; the very first would look odd */
    INSIDE_LAST = 0xa9fefffcu,
    ASN_FIRST = 64496, /* for documentation: RFC 5398 */
    ASN_LAST = 64511,
};

static bool is_inside(const struct network *network, ip_addr net)
{
    const ip_addr mask = ~(ip_addr)3;
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        if ((network->direct_connects[i].inside_vgw & mask) == net)
            return true;
    }
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *at = &network->vpn_connections[i];
        for (size_t j = 0; j < at->tunnel_count; j++) {
            if ((at->tunnels[j].inside_vgw & mask) == net)
                return true;
        }
    }
    return false;
}

static bool is_asn(const struct network *network, uint32_t asn)
{
    bool taken = false;
    for (size_t i = 0; i < network->vpn_gateway_count; i++)
        taken |= network->vpn_gateways[i].asn == asn;
    for (size_t i = 0; i < network->router_count; i++)
        taken |= network->routers[i].bgp && network->routers[i].bgp->asn == asn;
    return taken;
}

static void add_silent_router(struct network *network, const char *id)
{
    struct network_router router;
    struct network_bgp bgp;
    uint32_t asn = ASN_FIRST;
    while (asn < ASN_LAST && is_asn(network, asn))
        asn++;
    memset(&router, 0, sizeof router);
    memset(&bgp, 0, sizeof bgp);
    schema_initialize(&schema_router, &router);
    schema_initialize(&schema_bgp, &bgp);
    router.id = memory_text(id, strlen(id));
    router.platform = PLATFORM_UNKNOWN;
    router.bgp = &bgp;
    bgp.asn = asn;
    network->routers = inserted(&schema_router, network->routers, &network->router_count,
                                network->router_count, &router);
    free(router.id);
}

void network_add_direct_connect(struct network *network, const char *id, const char *router,
                                size_t gateway)
{
    ip_addr net = INSIDE_FIRST;
    while (net < INSIDE_LAST && is_inside(network, net))
        net += 4;
    add_silent_router(network, router);
    struct network_direct_connect direct;
    memset(&direct, 0, sizeof direct);
    schema_initialize(&schema_direct_connect, &direct);
    direct.id = memory_text(id, strlen(id));
    direct.vpn_gateway = (struct network_ref){.id = network->vpn_gateways[gateway].id,
                                              .kind = NETWORK_VPN_GATEWAY,
                                              .index = (int32_t)gateway,
                                              .part = -1};
    direct.router = (struct network_ref){.id = network->routers[network->router_count - 1].id,
                                         .kind = NETWORK_ROUTER,
                                         .index = (int32_t)network->router_count - 1,
                                         .part = -1};
    direct.inside_vgw = net + 1;
    direct.inside_peer = net + 2;
    network->direct_connects =
        inserted(&schema_direct_connect, network->direct_connects, &network->direct_connect_count,
                 network->direct_connect_count, &direct);
    free(direct.id);
}
