#include "explain/view_json.h"

#include "explain/row.h"
#include "wire/bgp_as_path.h"
#include "world/names.h"

static const char *source_name(enum source_kind kind)
{
    static const char *const names[] = {
        [SOURCE_LOCAL] = "local",           [SOURCE_DX] = "dx",
        [SOURCE_VPN_STATIC] = "vpn-static", [SOURCE_VPN_BGP] = "vpn-bgp",
        [SOURCE_PLAIN_BGP] = "bgp",         [SOURCE_FRAGMENT] = "piece",
    };
    return names[kind];
}

static const char *target_kind_name(enum vpc_target_kind kind)
{
    static const char *const names[] = {
        [VPC_TO_LOCAL] = "local",
        [VPC_TO_INSTANCE] = "instance",
        [VPC_TO_INTERNET] = "internet-gateway",
        [VPC_TO_GATEWAY] = "vpn-gateway",
        [VPC_TO_PEERING] = "peering",
        [VPC_TO_BLACKHOLE] = "blackhole",
    };
    return names[kind];
}

/* A flat list, as people write it: sets are taken apart. */
static json_t *as_path_json(const struct rib *rib, struct attr_id attr)
{
    const struct attr_facts *facts = attr_get(&rib->attrs, attr);
    struct slice bytes = attr_bytes(&rib->attrs, attr);
    struct cursor cursor =
        cursor_over((struct slice){bytes.data + facts->as_path_at, facts->as_path_bytes});
    struct bgp_segment segment;
    json_t *path = json_array();
    while (bgp_as_path_next(&cursor, &segment)) {
        for (unsigned i = 0; i < segment.count; i++)
            json_push(path, json_integer(bgp_segment_as(&segment, i)));
    }
    return path;
}

static void put_path(const struct world *world, int node, const struct view_route *route,
                     json_t *object)
{
    const struct rib *rib = engine_rib(world->nodes[node].engine);
    const struct attr_facts *facts = attr_get(&rib->attrs, route->path->attr);
    char bytes[160];
    struct text text = text_over(bytes, sizeof bytes);
    text_offerer(&text, world, node, route);
    json_put(object, "from", json_text(bytes));
    json_put(object, "source", json_text(source_name(route->source->kind)));
    json_put(object, "asn",
             route->source->peer_as ? json_integer(route->source->peer_as) : json_null());
    json_put(object, "as_path", as_path_json(rib, route->path->attr));
    /* What a router originates has its router id in this place, which is no next hop of IPv6's. */
    bool its = ip_is_six(attr_next_hop(facts)) == route->prefix.six;
    json_put(object, "next_hop", its ? json_address(attr_next_hop(facts)) : json_null());
    json_put(object, "med", facts->flags & ATTR_HAS_MED ? json_integer(facts->med) : json_null());
    if (route->stale)
        json_put(object, "stale", json_true());
}

static void put_candidate(const struct world *world, const struct view *view,
                          const struct view_route *route, int64_t now_us, json_t *object)
{
    const struct table_candidate *candidate = &route->candidate;
    uint16_t port =
        candidate->way.kind == TABLE_OUT ? candidate->way.interface : candidate->route.interface;
    json_put(object, "source", json_text(route_source_name(candidate->route.source)));
    json_put(object, "distance", json_integer(candidate->route.distance));
    json_put(object, "metric", json_integer(candidate->route.metric));
    json_put(object, "via",
             candidate->route.gateway ? json_address(candidate->route.gateway) : json_null());
    json_put(object, "interface",
             port ? json_text(interface_port_name(world, view->node, port)) : json_null());
    json_put(object, "blackhole", json_boolean(candidate->route.flags & ROUTE_DISCARD));
    json_put(object, "age_s",
             route->since_us >= 0 ? json_seconds(now_us - route->since_us) : json_null());
    if (route->neighbor) {
        char bytes[160];
        struct text text = text_over(bytes, sizeof bytes);
        text_neighbor(&text, world, view->node, route->neighbor);
        json_put(object, "from", json_text(bytes));
    }
}

static void put_vpc(const struct world *world, const struct view *view,
                    const struct view_route *route, json_t *object)
{
    json_put(object, "target", json_text(target_name(world, view, route->vpc.target)));
    json_put(object, "target_kind",
             json_text(target_kind_name((enum vpc_target_kind)route->vpc.target.kind)));
    json_put(object, "origin", json_text(vpc_origin_name((enum vpc_origin)route->vpc.origin)));
    json_put(object, "state",
             json_text(route->vpc.state == VPC_BLACKHOLE ? "blackhole" : "active"));
}

json_t *view_route_json(const struct world *world, const struct view *view,
                        const struct view_route *route, int64_t now_us)
{
    json_t *object = json_object();
    json_put(object, "prefix", json_prefix(route->prefix));
    json_put(object, "chosen", json_boolean(route->chosen));
    json_put(object, "used", json_boolean(route->used));
    json_put(object, "why", json_text(route->why));
    if (route->path)
        put_path(world, view->node, route, object);
    else if (view->kind == VIEW_VPC)
        put_vpc(world, view, route, object);
    else
        put_candidate(world, view, route, now_us, object);
    return object;
}

json_t *view_json(const struct world *world, const struct view *view, const struct prefix *only,
                  int64_t now_us)
{
    struct view_routes routes;
    view_list(world, view, only, &routes);
    json_t *list = json_array();
    for (size_t i = 0; i < routes.count; i++)
        json_push(list, view_route_json(world, view, &routes.items[i], now_us));
    view_routes_done(&routes);
    json_t *object = json_object();
    json_put(object, "kind", json_text(view_kind_name(view->kind)));
    json_put(object, "up", json_boolean(view_is_up(world, view)));
    json_put(object, "routes", list);
    return object;
}

json_t *views_json(const struct world *world, const struct views *views, int64_t now_us)
{
    json_t *object = json_object();
    for (size_t i = 0; i < views->count; i++)
        json_put(object, views->items[i].name, view_json(world, &views->items[i], NULL, now_us));
    return object;
}
