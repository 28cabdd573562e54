/* A router's and an instance's table is its kernel's. A gateway's, and those of the VPCs that it
 * makes, are its engine's, played from its journal; those of a VPC that the lab made stand in the
 * file. Of a VPC's tables packets take what its kernel has. */
#include "cli/lab_tables.h"

#include "cli/playback.h"
#include "explain/view_json.h"
#include "explain/words.h"
#include "lab/held.h"
#include "lab/plan.h"
#include "lab/start.h"
#include "network/build.h"
#include "plane/vpc.h"
#include "world/names.h"

#include <string.h>

/* -- routers and instances -- */

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
    for (size_t i = 0; i < seen->route_count; i++) {
        if (!seen->routes[i].outer)
            json_push(list, route_json(session, node, &seen->routes[i]));
    }
    json_put(object, "kind", json_text("router"));
    json_put(object, "up", json_true());
    json_put(object, "routes", list);
    return object;
}

/* -- gateways -- */

/* What a gateway's engine holds by now, played from its journal; NULL: it has ended, or its journal
 * cannot be played to the end. */
static const struct world *play_gateway(const struct lab_session *session,
                                        const struct running_node *running,
                                        struct playback *ret_playback)
{
    const struct running_daemon *daemon = running_daemon(running, "sekishod", NULL);
    char path[LAB_PATH_BYTES];
    struct playback_moment moment;
    *ret_playback = (struct playback){0};
    snprintf(path, sizeof path, "%.90s/journal", running->folder);
    if (!daemon || !running_lives(daemon) ||
        playback_open(session->cli, path, ret_playback) != CLI_FINE ||
        !playback_begin(ret_playback, INT64_MAX))
        return NULL;
    while (playback_next(ret_playback, INT64_MAX, &moment))
        continue;
    if (!playback_engine(ret_playback))
        return NULL;
    playback_name_all(ret_playback);
    return ret_playback->world;
}

static json_t *none_json(enum view_kind kind)
{
    json_t *table = json_object();
    json_put(table, "kind", json_text(view_kind_name(kind)));
    json_put(table, "up", json_false());
    json_put(table, "routes", json_array());
    return table;
}

static json_t *gateway_json(const struct world *tables)
{
    struct views views;
    json_t *object = NULL;
    views_all(tables, &views);
    for (size_t i = 0; i < views.count && !object; i++) {
        if (views.items[i].kind == VIEW_GATEWAY)
            object = view_json(tables, &views.items[i], NULL, 0);
    }
    views_done(&views);
    return object ? object : none_json(VIEW_GATEWAY);
}

/* -- VPCs -- */

/* The local route is of the VPC, and of no table of its kernel's. */
static json_t *table_json(const struct world *world, const struct view *view,
                          const struct held *held, bool of_lab)
{
    struct view_routes routes;
    json_t *list = json_array(), *object = json_object();
    view_list(world, view, NULL, &routes);
    for (size_t i = 0; i < routes.count; i++) {
        struct view_route *route = &routes.items[i];
        if (route->vpc.target.kind != VPC_TO_LOCAL)
            route->used = route->used && held_in_table(held, view->table, of_lab, route->prefix);
        json_push(list, view_route_json(world, view, route, 0));
    }
    view_routes_done(&routes);
    json_put(object, "kind", json_text(view_kind_name(view->kind)));
    json_put(object, "up", json_boolean(view_is_up(world, view)));
    json_put(object, "routes", list);
    return object;
}

/* The same table of the same VPC, in another world; false: it is not there. */
static bool same_table(const struct world *world, const struct node *vpc, uint16_t table,
                       struct view *ret_view)
{
    int node = world_find_node(world, vpc->id);
    if (node == WORLD_NONE || world->nodes[node].kind != NODE_VPC)
        return false;
    for (uint16_t i = 1; i <= world->nodes[node].table_count; i++) {
        if (strcmp(world->nodes[node].table_ids[i], vpc->table_ids[table]) != 0)
            continue;
        *ret_view = (struct view){.kind = VIEW_VPC, .node = node, .table = i};
        return true;
    }
    return false;
}

/* tables: a world that holds them. */
static void put_tables(const struct lab_session *session, int vpc, const struct world *tables,
                       const char *space, bool of_lab, json_t *object)
{
    struct held held = held_in(space);
    struct views views;
    views_all(session->world, &views);
    for (size_t i = 0; i < views.count; i++) {
        const struct view *view = &views.items[i];
        struct view there;
        if (view->kind == VIEW_VPC && view->node == vpc &&
            same_table(tables, &session->world->nodes[vpc], view->table, &there))
            json_put(object, view->name, table_json(tables, &there, &held, of_lab));
    }
    views_done(&views);
    held_done(&held);
}

static void put_down(const struct lab_session *session, int vpc, json_t *object)
{
    struct views views;
    views_all(session->world, &views);
    for (size_t i = 0; i < views.count; i++) {
        if (views.items[i].kind == VIEW_VPC && views.items[i].node == vpc)
            json_put(object, views.items[i].name, none_json(VIEW_VPC));
    }
    views_done(&views);
}

/* The gateway's table, and those of all VPCs that it makes. */
static void put_made(const struct lab_session *session, int gateway,
                     const struct running_node *running, json_t *object)
{
    const struct world *world = session->world;
    char called[NAME_SPACE_BYTES], space[NAME_SPACE_BYTES];
    struct playback playback;
    const struct world *tables = play_gateway(session, running, &playback);
    lab_gateway_name(session->lab->name, running->id, called);
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].kind != NODE_VPC || world_vpc_home(world, (int)i) != gateway)
            continue;
        plane_vpc_name(called, world->nodes[i].id, space);
        if (tables)
            put_tables(session, (int)i, tables, space, false, object);
        else
            put_down(session, (int)i, object);
    }
    json_put(object, running->id, tables ? gateway_json(tables) : none_json(VIEW_GATEWAY));
    if (playback.world)
        playback_done(&playback);
}

/* Of those that are no gateway's nothing moves but by the story: the file as it is by now. */
static void put_own(const struct lab_session *session, json_t *object)
{
    const struct world *world = session->world;
    const struct network *now = session->player.network;
    struct world *booted = network_build(now ? now : session->network);
    lab_boot_vpcs(booted);
    for (size_t i = 0; i < world->node_count; i++) {
        const struct running_node *running = running_node(session->lab, world->nodes[i].id);
        if (running && running->space[0] && world->nodes[i].kind == NODE_VPC &&
            world_vpc_home(world, (int)i) == WORLD_NONE)
            put_tables(session, (int)i, booted, running->space, true, object);
    }
    world_destroy(booted);
}

/* -- all -- */

json_t *lab_tables_json(const struct lab_session *session)
{
    json_t *object = json_object();
    put_own(session, object);
    for (size_t i = 0; i < session->lab->node_count; i++) {
        const struct running_node *at = &session->lab->nodes[i];
        int node = world_find_node(session->world, at->id);
        if (node == WORLD_NONE)
            continue;
        if (at->kind == NODE_GATEWAY)
            put_made(session, node, at, object);
        else if (at->kind == NODE_ROUTER || at->kind == NODE_INSTANCE)
            json_put(object, at->id, kernel_json(session, node));
    }
    return object;
}
