/* Where a packet goes, told a second time: plain code over tables as `routes --json` exports them
 * and over the list of what is plugged into what. Written from what AWS and Linux say, it knows no
 * engine, no table of ours and no longest-match structure; it reads lines one after the other.
 *   VPC        a packet of an instance asks its subnet's table: local beats what is propagated
 *              within it, then the longest prefix, then static before propagated; a target that is
 *              gone drops; a peering carries only between the two VPCs' own ranges
 *   instance   with the source and destination check it neither sends nor takes what is not its own
 *   families   a packet has two addresses of one family; an address of IPv6 is public as it is
 * where the VPC has an internet gateway, and changed nowhere; tunnels' outer packets are IPv4's;
 * tables, ranges and precedence are the same for both internet   an elastic address is 1:1 NAT; a
 * provider drops another site's source (BCP 38) and, towards a gateway, one that is nobody's; on a
 * site's own link there is no provider tunnel     the outer packet asks the router's own table
 * again, or its VRF's; on a gateway it never does; 80 bytes more each time, at most 1348 from the
 * second on, 18 deep */
#pragma once

#include "explain/view_json.h"
#include "network/network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { PLAIN_LINES = 400, PLAIN_DEPTH = 18, PLAIN_HOPS = 64, PLAIN_OUTER_BYTES = 1348 };

typedef unsigned __int128 plain_addr __attribute__((aligned(4))); /* below 2^32: IPv4's */

struct plain_route {
    plain_addr addr;
    unsigned len;
    bool six;
    const char *origin, *target, *kind, *why, *interface, *from; /* borrowed from the export */
    bool used, gone, drops, connected, piece;
};

struct plain_table {
    int node;
    unsigned number; /* of a VPC's */
    bool outer;      /* of a router's VRF */
    char name[VIEW_NAME_BYTES];
    struct plain_route *routes;
    size_t count;
};

struct plain {
    const struct world *world;
    const struct network *network;
    json_t *exported;
    struct plain_table *tables;
    size_t table_count;
};

static inline const char *plain_text(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static inline bool plain_is_six(plain_addr addr)
{
    return addr > 0xffffffffu;
}

/* Bit by bit, from the first. */
static inline bool plain_holds(const struct plain_route *route, plain_addr host)
{
    unsigned bits = route->six ? 128 : 32;
    if (route->six != plain_is_six(host))
        return false;
    for (unsigned bit = 0; bit < route->len; bit++) {
        unsigned shift = bits - 1 - bit;
        if ((route->addr >> shift & 1) != (host >> shift & 1))
            return false;
    }
    return true;
}

static inline struct plain_route plain_prefix(const char *text)
{
    struct plain_route route = {.len = 0};
    char addr[64];
    unsigned char bytes[16];
    const char *slash = strchr(text, '/');
    snprintf(addr, sizeof addr, "%.*s", slash ? (int)(slash - text) : 0, text);
    route.six = strchr(addr, ':') != NULL;
    if (!slash || inet_pton(route.six ? AF_INET6 : AF_INET, addr, bytes) != 1)
        return route;
    for (int i = 0; i < (route.six ? 16 : 4); i++)
        route.addr = route.addr << 8 | bytes[i];
    route.len = (unsigned)strtoul(slash + 1, NULL, 10);
    return route;
}

static inline struct plain_route plain_of(struct prefix prefix)
{
    return (struct plain_route){.addr = prefix.addr, .len = prefix.len, .six = prefix.six};
}

static inline struct plain_route plain_read(json_t *object)
{
    struct plain_route route = plain_prefix(plain_text(object, "prefix"));
    route.origin = plain_text(object, "origin");
    route.target = plain_text(object, "target");
    route.kind = plain_text(object, "target_kind");
    route.why = plain_text(object, "why");
    route.interface = plain_text(object, "interface");
    route.from = plain_text(object, "from");
    route.used = json_is_true(json_object_get(object, "used"));
    route.gone = strcmp(plain_text(object, "state"), "blackhole") == 0;
    route.drops = json_is_true(json_object_get(object, "blackhole"));
    route.connected = strcmp(plain_text(object, "source"), "connected") == 0;
    route.piece = strcmp(plain_text(object, "source"), "piece") == 0;
    return route;
}

/* What a VRF's kernel holds is in no view: its lines as they are. */
static inline void plain_outer(struct plain *plain, int node)
{
    const struct node *at = &plain->world->nodes[node];
    struct plain_table *table = &plain->tables[plain->table_count++];
    struct prefix prefix;
    uint32_t handle;
    *table = (struct plain_table){.node = node, .outer = true};
    snprintf(table->name, sizeof table->name, "%s", at->id);
    for (bool more = lpm_next(&at->outer.prefixes, NULL, &prefix, &handle); more;) {
        const struct kernel_entry *entry = pool_get(&at->outer.entries, handle);
        table->routes = realloc(table->routes, (table->count + 1) * sizeof *table->routes);
        struct plain_route route = plain_of(prefix);
        route.interface = entry->port ? at->ports[entry->port].name : "";
        route.used = true;
        route.drops = entry->port == 0;
        route.connected = entry->source == ROUTE_CONNECTED;
        table->routes[table->count++] = route;
        struct prefix last = prefix;
        more = lpm_next(&at->outer.prefixes, &last, &prefix, &handle);
    }
}

static inline struct plain plain_export(const struct world *world, const struct network *network)
{
    struct plain plain = {.world = world, .network = network};
    struct views views;
    views_all(world, &views);
    plain.exported = views_json(world, &views, 0);
    plain.tables = calloc(views.count + world->node_count, sizeof *plain.tables);
    for (size_t i = 0; i < views.count; i++) {
        const struct view *view = &views.items[i];
        struct plain_table *table = &plain.tables[plain.table_count++];
        json_t *routes = json_object_get(json_object_get(plain.exported, view->name), "routes");
        *table = (struct plain_table){.node = view->node, .number = view->table};
        snprintf(table->name, sizeof table->name, "%s", view->name);
        table->routes = calloc(json_array_size(routes) + 1, sizeof *table->routes);
        for (size_t j = 0; j < json_array_size(routes); j++)
            table->routes[table->count++] = plain_read(json_array_get(routes, j));
    }
    views_done(&views);
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].outer_vrf)
            plain_outer(&plain, (int)i);
    }
    return plain;
}

static inline void plain_done(struct plain *plain)
{
    for (size_t i = 0; i < plain->table_count; i++)
        free(plain->tables[i].routes);
    free(plain->tables);
    json_decref(plain->exported);
}

/* -- a packet on its way -- */

struct plain_packet {
    plain_addr src, dst;
    uint32_t bytes;
    unsigned protocol, from_port, to_port; /* protocol 0: nobody filters it */
};

struct plain_frame {
    struct plain_packet inner;
    int tunnel, end;
    uint32_t sa;
};

struct plain_way {
    const struct plain *plain;
    struct plain_packet packet;
    struct plain_frame frames[PLAIN_DEPTH];
    unsigned depth, hops;
    char lines[PLAIN_LINES][128]; /* "rtb-app 10.20.0.0/16", "vyatta nothing" */
    size_t line_count;
    int sender;                      /* the instance that put it into the VPC; -1 */
    const struct plain_way *answers; /* to what it is the answer */
    struct plain_let {
        int node;
        plain_addr src, dst;
    } let[64]; /* through by security groups */
    size_t let_count;
    const char *drop; /* NULL: it arrived */
    bool ended, beyond;
    int node;
};

static inline const struct node *plain_node(const struct plain_way *way, int node)
{
    return &way->plain->world->nodes[node];
}

static inline void plain_line(struct plain_way *way, const char *place,
                              const struct plain_route *route)
{
    if (way->line_count == PLAIN_LINES)
        return;
    char *line = way->lines[way->line_count++];
    if (!route) {
        snprintf(line, sizeof way->lines[0], "%.80s nothing", place);
        return;
    }
    unsigned char bytes[16];
    char addr[INET6_ADDRSTRLEN] = "";
    int size = route->six ? 16 : 4;
    for (int i = 0; i < size; i++)
        bytes[i] = (unsigned char)(route->addr >> 8 * (size - 1 - i));
    inet_ntop(route->six ? AF_INET6 : AF_INET, bytes, addr, sizeof addr);
    snprintf(line, sizeof way->lines[0], "%.72s %s/%u", place, addr, route->len);
}

static inline int plain_drop(struct plain_way *way, int node, const char *why)
{
    way->ended = true;
    way->drop = why;
    way->node = node;
    return -1;
}

static inline int plain_arrive(struct plain_way *way, int node, bool beyond)
{
    way->ended = true;
    way->beyond = beyond;
    way->node = node;
    return -1;
}

/* Has the port the address, of either family? */
static inline bool plain_at(const struct port *port, plain_addr addr)
{
    return addr != 0 && (plain_is_six(addr) ? port->six == addr : port->addr == addr);
}

static inline int plain_decapsulate(struct plain_way *way, int node)
{
    const struct plain_frame *frame = &way->frames[way->depth - 1];
    const struct tunnel *tunnel = &way->plain->world->tunnels[frame->tunnel];
    const struct tunnel_end *here = &tunnel->ends[frame->end == 0 ? 1 : 0];
    if (here->node != node || (!tunnel->plain && here->sa != frame->sa))
        return plain_drop(way, node, "unknown-sa");
    way->packet = frame->inner;
    way->depth--;
    return node;
}
