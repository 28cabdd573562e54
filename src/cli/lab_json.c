/* What was seen of a lab, for a machine: the form of `simulate --json`. */
#include "cli/ask.h"
#include "cli/lab_session.h"
#include "explain/view_json.h"
#include "explain/words.h"
#include "network/build.h"
#include "world/names.h"

/* -- tunnels and flaps -- */

static json_t *tunnel_json(const struct lab_session *session, size_t index)
{
    const struct world *world = session->world;
    const struct tunnel *tunnel = &world->tunnels[index];
    const struct tunnel_end *gateway = &tunnel->ends[TUNNEL_GATEWAY];
    int64_t swallowed_us = seen_swallowed_us(&session->seen, (int)index);
    bool established = seen_session_up(&session->seen, gateway->node, gateway->neighbor);
    json_t *object = json_object();
    json_put(object, "tunnel", json_text(tunnel->id));
    json_put(object, "connection", json_text(world->connections[tunnel->connection].id));
    json_put(object, "gateway", json_text(world->nodes[gateway->node].id));
    json_put(object, "router", json_text(world->nodes[tunnel->ends[TUNNEL_CUSTOMER].node].id));
    json_put(object, "outside", json_address(gateway->outer_local));
    json_put(object, "up", json_boolean(seen_tunnel_up(&session->seen, (int)index)));
    json_put(object, "bgp",
             gateway->neighbor ? json_text(established ? "Established" : "down") : json_null());
    json_put(object, "swallowed_s", swallowed_us < 0 ? json_null() : json_seconds(swallowed_us));
    return object;
}

static json_t *flaps_json(const struct lab_session *session)
{
    json_t *list = json_array();
    for (size_t i = 0; i < session->world->tunnel_count; i++) {
        int64_t period_us = seen_period_us(&session->seen, (int)i);
        if (period_us == 0)
            continue;
        json_t *object = json_object();
        json_put(object, "tunnel", json_text(session->world->tunnels[i].id));
        json_put(object, "period_s", json_seconds(period_us));
        json_put(object, "cycles", json_integer((json_int_t)seen_cycles(&session->seen, (int)i)));
        json_push(list, object);
    }
    return list;
}

/* -- tables -- */

static json_t *route_json(const struct lab_session *session, int node,
                          const struct seen_route *route)
{
    const struct kernel_entry *entry = &route->entry;
    const struct kernel_entry *held =
        kernel_exact(&session->world->nodes[node].kernel, route->prefix);
    bool used = held && held->port == entry->port && held->gateway == entry->gateway;
    json_t *object = json_object();
    json_put(object, "prefix", json_prefix(route->prefix));
    json_put(object, "chosen", json_boolean(used));
    json_put(object, "used", json_boolean(used));
    json_put(object, "source", json_text(route_source_name(entry->source)));
    json_put(object, "metric", json_integer((json_int_t)route->metric));
    json_put(object, "via", entry->gateway ? json_address(entry->gateway) : json_null());
    json_put(object, "interface",
             entry->port ? json_text(port_name(session->world, node, entry->port)) : json_null());
    json_put(object, "blackhole", json_boolean(entry->port == 0));
    return object;
}

static json_t *kernel_json(const struct lab_session *session, int node)
{
    const struct seen_node *seen = &session->seen.nodes[node];
    json_t *list = json_array(), *object = json_object();
    for (size_t i = 0; i < seen->route_count; i++)
        json_push(list, route_json(session, node, &seen->routes[i]));
    json_put(object, "kind", json_text("router"));
    json_put(object, "up", json_true());
    json_put(object, "routes", list);
    return object;
}

/* A gateway's best routes, as it answers itself, page by page. */
static void take_routes(const struct lab_session *session, struct ask *ask, json_t *list)
{
    json_t *after = NULL;
    bool more = true;
    while (more) {
        json_t *question = json_object(), *answer, *route;
        size_t index;
        json_put(question, "ask", json_text("routes"));
        if (after)
            json_put(question, "after", after);
        after = NULL;
        answer = ask_take(session->cli, ask, question);
        json_array_foreach(json_object_get(answer, "routes"), index, route)
        {
            json_put(route, "chosen", json_true());
            json_array_append(list, route);
        }
        more = json_is_string(json_object_get(answer, "next"));
        if (more)
            after = json_incref(json_object_get(answer, "next"));
        json_decref(answer);
    }
}

static json_t *gateway_json(const struct lab_session *session, const struct running_daemon *daemon)
{
    json_t *list = json_array(), *object = json_object();
    struct ask ask;
    if (running_lives(daemon) && ask_open(session->cli, daemon->socket, &ask) == CLI_FINE) {
        take_routes(session, &ask, list);
        ask_close(&ask);
    }
    json_put(object, "kind", json_text("gateway"));
    json_put(object, "up", json_boolean(running_lives(daemon)));
    json_put(object, "routes", list);
    return object;
}

static json_t *tables_json(const struct lab_session *session)
{
    json_t *object = json_object();
    for (size_t i = 0; i < session->lab->node_count; i++) {
        const struct running_node *at = &session->lab->nodes[i];
        const struct running_daemon *daemon = running_daemon(at, "sekishod", NULL);
        int node = world_find_node(session->world, at->id);
        if (node == WORLD_NONE)
            continue;
        if (at->kind == NODE_GATEWAY && daemon)
            json_put(object, at->id, gateway_json(session, daemon));
        else if (at->kind == NODE_ROUTER)
            json_put(object, at->id, kernel_json(session, node));
    }
    return object;
}

/* -- who reaches whom -- */

static json_t *way_json(const struct echo_way *way)
{
    if (!way->asked)
        return json_null();
    json_t *object = json_object();
    json_put(object, "arrives", json_boolean(way->arrived));
    return object;
}

static json_t *end_json(const struct world *world, struct reach_end end)
{
    json_t *object = json_object();
    json_put(object, "node", json_text(end.node == WORLD_NONE ? NULL : world->nodes[end.node].id));
    json_put(object, "address", json_address(end.addr));
    return object;
}

static json_t *changes_json(const struct lab_session *session, size_t pair)
{
    json_t *list = json_array();
    for (size_t i = 0; i < session->lost_count; i++) {
        const struct lab_lost *lost = &session->lost[i];
        if (lost->pair != pair)
            continue;
        json_t *object = json_object();
        json_put(object, "at_s", json_seconds(lost->at_us));
        json_put(object, "there", json_boolean(lost->there));
        json_put(object, "back", json_boolean(lost->back));
        json_push(list, object);
    }
    return list;
}

static json_t *reach_json(const struct lab_session *session)
{
    json_t *list = json_array();
    for (size_t i = 0; i < session->reach.pair_count; i++) {
        const struct reach_pair *pair = &session->reach.pairs[i];
        json_t *object = json_object();
        json_put(object, "from", end_json(session->world, pair->from));
        json_put(object, "to", end_json(session->world, pair->to));
        json_put(object, "there", way_json(&session->ways[2 * i]));
        json_put(object, "back", way_json(&session->ways[2 * i + 1]));
        json_put(object, "changes", changes_json(session, i));
        json_push(list, object);
    }
    return list;
}

json_t *lab_session_json(struct lab_session *session)
{
    struct timeline timeline = {session->world, session->network, session->seen.moments,
                                session->seen.count};
    json_t *object = json_object(), *tunnels = json_array();
    for (size_t i = 0; i < session->world->tunnel_count; i++)
        json_push(tunnels, tunnel_json(session, i));
    json_put(object, "lab", json_text(session->lab->name));
    json_put(object, "end_s", json_seconds(lab_session_now_us(session)));
    json_put(object, "timeline", timeline_json(&timeline));
    json_put(object, "tunnels", tunnels);
    json_put(object, "tables", tables_json(session));
    json_put(object, "reach", reach_json(session));
    json_put(object, "flaps", flaps_json(session));
    return object;
}
