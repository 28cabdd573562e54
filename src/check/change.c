#include "check/change.h"

#include "check/peering.h"
#include "network/edit.h"
#include "network/policy.h"
#include "network/summary.h"

#include <string.h>

bool change_equal(const struct change *left, const struct change *right)
{
    return left->kind == right->kind && left->index == right->index && left->part == right->part &&
           prefix_equal(left->prefix, right->prefix) && left->via == right->via &&
           left->neighbor == right->neighbor && left->number == right->number &&
           strncmp(left->interface, right->interface, sizeof left->interface) == 0;
}

bool change_is_among(const struct change *change, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (change_equal(change, &changes[i]))
            return true;
    }
    return false;
}

/* -- is it so? -- */

static bool has_own(const struct network_router *router, struct prefix prefix)
{
    for (size_t i = 0; i < router->route_count; i++) {
        if (prefix_equal(router->routes[i].prefix, prefix))
            return true;
    }
    return false;
}

/* The host route is there and nothing beside it that could be taken instead. */
static bool has_host_route(const struct network_router *router, const struct change *change)
{
    bool there = false;
    for (size_t i = 0; i < router->route_count; i++) {
        const struct network_route *own = &router->routes[i];
        if (!prefix_equal(own->prefix, change->prefix))
            continue;
        if (own->from != ROUTE_STATIC || own->via != change->via || own->tunnel.id)
            return false;
        there = true;
    }
    return there;
}

static bool announces(const struct network_announcement *announcements, size_t count,
                      struct prefix prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (prefix_equal(announcements[i].prefix, prefix))
            return true;
    }
    return false;
}

static bool is_announcing(const struct network *network, const struct change *change)
{
    const struct network_bgp *bgp = network->routers[change->index].bgp;
    for (size_t i = 0; i < network->step_count; i++) {
        const struct network_step *step = &network->story[i];
        if (step->verb == NETWORK_STEP_ANNOUNCE && step->object.kind == NETWORK_ROUTER &&
            step->object.index == change->index &&
            prefix_equal(step->announcement.prefix, change->prefix))
            return true;
    }
    return bgp && (announces(bgp->announce, bgp->announce_count, change->prefix) ||
                   announces(bgp->received, bgp->received_count, change->prefix));
}

static bool has_static(const struct network_connection *connection, struct prefix prefix)
{
    for (size_t i = 0; i < connection->static_route_count; i++) {
        if (prefix_equal(connection->static_routes[i], prefix))
            return true;
    }
    return false;
}

static bool has_entry(const struct network_route_table *table, struct prefix prefix)
{
    for (size_t i = 0; i < table->route_count; i++) {
        if (prefix_equal(table->routes[i].prefix, prefix))
            return true;
    }
    return false;
}

static bool propagates(const struct network_route_table *table, uint32_t gateway)
{
    for (size_t i = 0; i < table->propagate_count; i++) {
        if ((uint32_t)table->propagate[i].index == gateway)
            return true;
    }
    return false;
}

enum network_kind change_place(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_GUARD_HOLD:
    case CHANGE_EXPORT_DENY:
    case CHANGE_STOP_STATIC:
    case CHANGE_SPEAK_BGP:
    case CHANGE_ADD_STATIC:
    case CHANGE_REFUSE:
    case CHANGE_PEER:
        return NETWORK_VPN_CONNECTION;
    case CHANGE_REFUSE_DIRECT:
        return NETWORK_DIRECT_CONNECT;
    case CHANGE_GATEWAY_ASN:
        return NETWORK_VPN_GATEWAY;
    case CHANGE_CUSTOMER_ASN:
        return NETWORK_CUSTOMER_GATEWAY;
    case CHANGE_TABLE_DELETE:
    case CHANGE_TABLE_PROPAGATE:
        return NETWORK_VPC;
    case CHANGE_HOST_ROUTE:
    case CHANGE_IMPORT_DENY:
    case CHANGE_PREFER:
    case CHANGE_WITHHOLD:
    case CHANGE_STOP:
    case CHANGE_ROUTER_DELETE:
    case CHANGE_ALLOWAS_OFF:
    case CHANGE_ASN:
    case CHANGE_NEXT_HOP_ROUTE:
    case CHANGE_SUMMARIZE:
    case CHANGE_ANNOUNCE:
    case CHANGE_ROUTE_TUNNEL:
    default:
        return NETWORK_ROUTER;
    }
}

static bool leads_into(const struct network_router *router, const struct change *change)
{
    for (size_t i = 0; i < router->route_count; i++) {
        const struct network_ref *tunnel = &router->routes[i].tunnel;
        if (prefix_equal(router->routes[i].prefix, change->prefix) &&
            tunnel->kind == NETWORK_TUNNEL && tunnel->index == (int32_t)change->number &&
            tunnel->part == change->part)
            return true;
    }
    return false;
}

static bool is_peered(const struct network *network, const struct change *change)
{
    size_t near, far;
    return !peering_could_replace(network, (size_t)change->index, &near, &far);
}

static bool prefers(const struct network_bgp *bgp, const struct change *change)
{
    const struct network_neighbor *own = network_policy_towards(bgp, change->neighbor);
    return own && own->policy.on_import &&
           own->policy.on_import->local_preference == change->number;
}

bool change_is_done(const struct network *network, const struct change *change)
{
    int32_t index = change->index;
    switch (change->kind) {
    case CHANGE_GUARD_HOLD:
        return network_guard_of(network, &network->vpn_connections[index]) == NETWORK_GUARD_HOLD;
    case CHANGE_EXPORT_DENY:
        return !network_filter_permits(&network->vpn_connections[index].export, 0, change->prefix);
    case CHANGE_HOST_ROUTE:
    case CHANGE_NEXT_HOP_ROUTE:
        return has_host_route(&network->routers[index], change);
    case CHANGE_IMPORT_DENY:
        return !network_filter_permits(&network->routers[index].bgp->import, change->neighbor,
                                       change->prefix);
    case CHANGE_PREFER:
        return prefers(network->routers[index].bgp, change);
    case CHANGE_WITHHOLD:
        return !network_filter_permits(&network->routers[index].bgp->export, change->neighbor,
                                       change->prefix);
    case CHANGE_REFUSE:
        return !network_filter_permits(&network->vpn_connections[index].import, 0, change->prefix);
    case CHANGE_REFUSE_DIRECT:
        return !network_filter_permits(&network->direct_connects[index].import, 0, change->prefix);
    case CHANGE_STOP:
        return !is_announcing(network, change);
    case CHANGE_STOP_STATIC:
        return !has_static(&network->vpn_connections[index], change->prefix);
    case CHANGE_TABLE_DELETE:
        return !has_entry(&network->vpcs[index].route_tables[change->part], change->prefix);
    case CHANGE_TABLE_PROPAGATE:
        return propagates(&network->vpcs[index].route_tables[change->part], change->number);
    case CHANGE_PEER:
        return is_peered(network, change);
    case CHANGE_ALLOWAS_OFF:
        return network->routers[index].bgp->allowas_in == 0;
    case CHANGE_ASN:
        return network->routers[index].bgp->asn == change->number;
    case CHANGE_ANNOUNCE:
        return is_announcing(network, change);
    case CHANGE_ROUTE_TUNNEL:
        return leads_into(&network->routers[index], change);
    case CHANGE_GATEWAY_ASN:
        return network->vpn_gateways[index].asn == change->number;
    case CHANGE_CUSTOMER_ASN:
        return network->customer_gateways[index].asn == change->number;
    case CHANGE_SPEAK_BGP:
        return network->vpn_connections[index].static_routes == NULL;
    case CHANGE_ADD_STATIC:
        return has_static(&network->vpn_connections[index], change->prefix);
    case CHANGE_SUMMARIZE:
        return network_summary_count(network, (size_t)index) ==
               network->routers[index].bgp->announce_count +
                   network->routers[index].bgp->received_count;
    case CHANGE_ROUTER_DELETE:
    default:
        return !has_own(&network->routers[index], change->prefix);
    }
}

/* -- let it be so -- */

static void host_route(struct network *network, const struct change *change)
{
    size_t index = (size_t)change->index;
    const struct network_router *router = &network->routers[index];
    /* routes that are not known stand for a default by DHCP; once some are said, it must be said */
    if (!router->routes && !router->underlay && change->via) {
        struct network_route dhcp = network_static_route((struct prefix){0, 0}, change->via);
        dhcp.from = ROUTE_DHCP;
        network_add_route(network, index, &dhcp);
    }
    (void)network_remove_route(network, index, change->prefix);
    struct network_route route = network_static_route(change->prefix, change->via);
    char interface[CHANGE_INTERFACE_BYTES];
    memcpy(interface, change->interface, sizeof interface);
    if (interface[0])
        route.interface = interface;
    network_add_route(network, index, &route);
}

/* One rule more in the filter that the change is about; `neighbor` is 0 where it is a gateway's. */
static void deny(struct network *network, const struct change *change)
{
    bool export = change->kind == CHANGE_EXPORT_DENY || change->kind == CHANGE_WITHHOLD;
    struct network_ref ref = {.kind = change_place(change->kind), .index = change->index};
    struct network_rule rule = network_deny(change->prefix, change->neighbor);
    network_add_rule(network_filter_of(network, ref, export ? NETWORK_EXPORT : NETWORK_IMPORT),
                     &rule);
}

static void stop_static(struct network_connection *connection, struct prefix prefix)
{
    size_t kept = 0;
    for (size_t i = 0; i < connection->static_route_count; i++) {
        if (!prefix_equal(connection->static_routes[i], prefix))
            connection->static_routes[kept++] = connection->static_routes[i];
    }
    connection->static_route_count = kept;
}

/* The customer gateways say which AS the router has, so they change with it. */
static void set_asn(struct network *network, const struct change *change)
{
    network->routers[change->index].bgp->asn = change->number;
    for (size_t i = 0; i < network->customer_gateway_count; i++) {
        struct network_customer_gateway *gateway = &network->customer_gateways[i];
        if (gateway->router.kind == NETWORK_ROUTER && gateway->router.index == change->index)
            gateway->asn = change->number;
    }
}

void change_apply(struct network *network, const struct change *change)
{
    size_t index = (size_t)change->index;
    switch (change->kind) {
    case CHANGE_GUARD_HOLD:
        network_set_guard(network, index, NETWORK_GUARD_HOLD);
        break;
    case CHANGE_HOST_ROUTE:
    case CHANGE_NEXT_HOP_ROUTE:
        host_route(network, change);
        break;
    case CHANGE_PREFER:
        network_prefer(network, index, change->neighbor, change->number);
        break;
    case CHANGE_EXPORT_DENY:
    case CHANGE_IMPORT_DENY:
    case CHANGE_WITHHOLD:
    case CHANGE_REFUSE:
    case CHANGE_REFUSE_DIRECT:
        deny(network, change);
        break;
    case CHANGE_STOP:
        (void)network_remove_announcement(network, index, change->prefix);
        break;
    case CHANGE_STOP_STATIC:
        stop_static(&network->vpn_connections[index], change->prefix);
        break;
    case CHANGE_TABLE_DELETE:
        (void)network_remove_vpc_route(network, index, (size_t)change->part, change->prefix);
        break;
    case CHANGE_TABLE_PROPAGATE:
        network_add_propagation(network, index, (size_t)change->part, change->number);
        break;
    case CHANGE_ALLOWAS_OFF:
        network->routers[index].bgp->allowas_in = 0;
        break;
    case CHANGE_ASN:
        set_asn(network, change);
        break;
    case CHANGE_ANNOUNCE:
        network_add_announcement(network, index, change->prefix);
        break;
    case CHANGE_ROUTE_TUNNEL:
        (void)network_route_into(network, index, change->prefix, change->number, change->part);
        break;
    case CHANGE_GATEWAY_ASN:
        network->vpn_gateways[index].asn = change->number;
        break;
    case CHANGE_CUSTOMER_ASN:
        network->customer_gateways[index].asn = change->number;
        break;
    case CHANGE_SPEAK_BGP:
        network_speak_bgp(network, index);
        break;
    case CHANGE_ADD_STATIC:
        network_add_static(network, index, change->prefix);
        break;
    case CHANGE_SUMMARIZE:
        network_summarize(network, index);
        break;
    case CHANGE_PEER:
        peering_apply(network, index);
        break;
    case CHANGE_ROUTER_DELETE:
    default:
        (void)network_remove_route(network, index, change->prefix);
        break;
    }
}

struct network *change_copy(const struct network *network, const struct change *changes,
                            size_t count)
{
    struct network *copy = network_copy(network);
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind != CHANGE_PEER)
            change_apply(copy, &changes[i]);
    }
    for (int32_t at = (int32_t)network->vpn_connection_count; at-- > 0;) { /* the indices move up */
        for (size_t i = 0; i < count; i++) {
            if (changes[i].kind == CHANGE_PEER && changes[i].index == at)
                change_apply(copy, &changes[i]);
        }
    }
    return copy;
}
