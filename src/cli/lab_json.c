/* What was seen of a lab, for a machine: the form of `simulate --json`. */
#include "cli/lab_session.h"
#include "cli/lab_tables.h"
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
    json_put(object, "up", json_boolean(lab_session_tunnel(session, (int)index).being == BEING_UP));
    json_put(object, "state",
             json_text(tunnel_being_word(lab_session_tunnel(session, (int)index).being)));
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
    json_put(object, "tables", lab_tables_json(session));
    json_put(object, "reach", reach_json(session));
    json_put(object, "flaps", flaps_json(session));
    return object;
}
