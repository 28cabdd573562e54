#include "explain/trace.h"

#include "explain/filter_line.h"
#include "explain/route_line.h"
#include "explain/row.h"
#include "explain/words.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 256, ROUNDS_SHOWN = 2, ROUND_HOPS_MAX = 16 };

struct tracing {
    const struct world *world;
    struct trace *trace;
    struct text place, what, note;
};

static char *copy(const char *text)
{
    char *own = strdup(text);
    assert(own);
    return own;
}

static void add_line(struct trace *trace, const struct trace_line *line)
{
    if (trace->count == trace->cap) {
        trace->cap = trace->cap ? 2 * trace->cap : 16;
        trace->lines = realloc(trace->lines, trace->cap * sizeof *trace->lines);
        assert(trace->lines);
    }
    trace->lines[trace->count++] = *line;
}

/* Where a port leads, in the words of whoever built it: a tunnel, a Direct Connect, a VPC. */
static void text_way_out(struct text *text, const struct world *world, const struct hop *hop)
{
    const struct port *port = &world->nodes[hop->node].ports[hop->port];
    if (port->kind == PORT_TUNNEL)
        text_add(text, world->tunnels[port->tunnel].id);
    else if (port->kind == PORT_VPC)
        text_add(text, world->nodes[port->peer].id);
    else if (hop->neighbor)
        text_neighbor(text, world, hop->node, hop->neighbor);
    else
        text_add(text, port_name(world, hop->node, hop->port));
}

/* Distance and metric of the candidate that the kernel holds. */
static void text_weight(struct text *text, const struct world *world, const struct hop *hop)
{
    const struct engine *engine = world->nodes[hop->node].engine;
    struct table_candidate candidate;
    for (uint32_t i = 0;
         engine && table_candidate(engine_table(engine), hop->prefix, i, &candidate); i++) {
        if (!route_is_installed(world, hop->node, hop->prefix, &candidate))
            continue;
        text_add(text, " [");
        text_u64(text, candidate.route.distance);
        text_char(text, '/');
        text_u64(text, candidate.route.metric);
        text_char(text, ']');
        return;
    }
}

/* Of the path that a gateway's kernel follows. */
static void text_path(struct text *text, const struct world *world, const struct hop *hop)
{
    struct view_routes routes;
    view_list_paths(world, hop->node, &hop->prefix, &routes);
    for (size_t i = 0; i < routes.count; i++) {
        const struct view_route *route = &routes.items[i];
        const struct rib *rib = engine_rib(world->nodes[hop->node].engine);
        if (!route->chosen)
            continue;
        text_add(text, offer_kind(route->source->kind));
        if (attr_get(&rib->attrs, route->path->attr)->as_path_bytes > 0) {
            text_add(text, ", AS path ");
            text_as_path(text, rib, route->path->attr);
        }
    }
    view_routes_done(&routes);
}

static void say_kernel(struct tracing *tracing, const struct hop *hop)
{
    const struct world *world = tracing->world;
    bool gateway = world->nodes[hop->node].kind == NODE_GATEWAY;
    bool bgp = hop->source == ROUTE_EBGP || hop->source == ROUTE_IBGP;
    text_add(&tracing->place, world->nodes[hop->node].id);
    text_prefix(&tracing->what, hop->prefix);
    text_add(&tracing->what, " → ");
    if (hop->port == 0) {
        text_add(&tracing->what, "discarded");
    } else if (gateway) {
        text_way_out(&tracing->what, world, hop);
    } else {
        if (hop->addr) {
            text_ip(&tracing->what, hop->addr);
            text_add(&tracing->what, ", ");
        }
        text_add(&tracing->what, port_name(world, hop->node, hop->port));
    }
    if (gateway)
        text_path(&tracing->note, world, hop);
    if (tracing->note.size == 0)
        text_add(&tracing->note, bgp ? "BGP" : route_source_name(hop->source));
    if (!gateway && hop->source != ROUTE_CONNECTED)
        text_weight(&tracing->note, world, hop);
    if (hop->outer)
        text_add(&tracing->note, ", of the outer VRF");
}

static void say_vpc(struct tracing *tracing, const struct hop *hop)
{
    const struct node *vpc = &tracing->world->nodes[hop->node];
    const struct vpc *tables = world_vpc(tracing->world, vpc);
    struct vpc_route route;
    text_add(&tracing->place, vpc->table_ids[hop->table]);
    text_prefix(&tracing->what, hop->prefix);
    text_add(&tracing->what, " → ");
    if (hop->kind == HOP_LOCAL) {
        text_add(&tracing->what, "local");
        return;
    }
    const struct route_target *target = hop->target ? &vpc->targets[hop->target] : NULL;
    text_add(&tracing->what, target && target->id ? target->id : "blackhole");
    if (tables && vpc_find(tables, hop->table, hop->prefix, &route)) {
        text_add(&tracing->note, vpc_origin_name((enum vpc_origin)route.origin));
        if (route.state == VPC_BLACKHOLE)
            text_add(&tracing->note, ", state blackhole");
    }
    if (target && target->kind == VPC_TO_PEERING && target->node != WORLD_NONE) {
        text_add(&tracing->note, ", peering with ");
        text_add(&tracing->note, tracing->world->nodes[target->node].id);
    }
}

/* The table that had nothing. */
static void say_miss(struct tracing *tracing, const struct hop *hop)
{
    const struct node *node = &tracing->world->nodes[hop->node];
    text_add(&tracing->place, node->kind == NODE_VPC ? node->table_ids[hop->table] : node->id);
    text_add(&tracing->what, "nothing holds ");
    text_ip(&tracing->what, hop->dst);
    if (hop->outer)
        text_add(&tracing->note, "of the outer VRF");
}

static void say_nat(struct tracing *tracing, const struct hop *hop)
{
    bool source = hop->addr == hop->src || hop->addr != hop->dst;
    text_add(&tracing->place, tracing->world->nodes[hop->node].id);
    text_add(&tracing->what, source ? "the source becomes " : "the destination becomes ");
    text_ip(&tracing->what, hop->addr);
    bool vpc = tracing->world->nodes[hop->node].kind == NODE_VPC;
    text_add(&tracing->note, vpc ? "1:1 NAT at the internet gateway" : "1:1 NAT before the site");
}

static void say_packet(struct tracing *tracing, const struct hop *hop)
{
    text_ip(&tracing->what, hop->src);
    text_add(&tracing->what, " → ");
    text_ip(&tracing->what, hop->dst);
}

static void say_tunnel(struct tracing *tracing, const struct hop *hop)
{
    const struct tunnel *tunnel = &tracing->world->tunnels[hop->tunnel];
    bool in = hop->kind == HOP_ENCAPSULATE;
    text_add(&tracing->place, tracing->world->nodes[hop->node].id);
    text_add(&tracing->what, in ? "into " : "out of ");
    text_add(&tracing->what, tunnel->id);
    if (in) {
        text_u64(&tracing->note, hop->size_bytes);
        text_add(&tracing->note, " bytes");
    }
}

static void say_hop(struct tracing *tracing, const struct hop *hop)
{
    switch (hop->kind) {
    case HOP_KERNEL:
        say_kernel(tracing, hop);
        break;
    case HOP_VPC:
    case HOP_LOCAL:
        say_vpc(tracing, hop);
        break;
    case HOP_MISS:
        say_miss(tracing, hop);
        break;
    case HOP_GROUP:
    case HOP_ACL:
        text_filter(&tracing->place, tracing->world, hop);
        text_filter_verdict(&tracing->what, tracing->world, hop);
        text_filter_why(&tracing->note, tracing->world, hop);
        break;
    case HOP_NAT:
        say_nat(tracing, hop);
        break;
    case HOP_INTERNET:
        text_add(&tracing->place, "Internet");
        say_packet(tracing, hop);
        break;
    case HOP_ENCAPSULATE:
    case HOP_DECAPSULATE:
        say_tunnel(tracing, hop);
        break;
    case HOP_DELIVER:
        text_add(&tracing->place, tracing->world->nodes[hop->node].id);
        text_add(&tracing->what, "delivered");
        break;
    case HOP_BEYOND:
    default:
        text_add(&tracing->place, tracing->world->nodes[hop->node].kind == NODE_INTERNET
                                      ? "Internet"
                                      : tracing->world->nodes[hop->node].id);
        text_add(&tracing->what, "leaves what the file describes");
        break;
    }
}

static void add_hop(struct tracing *tracing, const struct hop *hop, unsigned number)
{
    char place[LINE_BYTES], what[LINE_BYTES], note[LINE_BYTES];
    tracing->place = text_over(place, sizeof place);
    tracing->what = text_over(what, sizeof what);
    tracing->note = text_over(note, sizeof note);
    say_hop(tracing, hop);
    struct trace_line line = {.hop = *hop,
                              .number = number,
                              .place = copy(place),
                              .what = copy(what),
                              .note = copy(note)};
    losers_take(tracing->world, hop, &line.losers);
    add_line(tracing->trace, &line);
}

static bool same_hop(const struct hop *left, const struct hop *right)
{
    return left->kind == right->kind && left->node == right->node && left->port == right->port &&
           left->tunnel == right->tunnel && left->table == right->table &&
           left->src == right->src && left->dst == right->dst &&
           prefix_equal(left->prefix, right->prefix) && left->filter == right->filter &&
           left->rule == right->rule && left->side == right->side;
}

/* The shortest round that the record ends in, and where its first begins; 0: none. */
static size_t find_round(const struct path *path, size_t *ret_begin)
{
    for (size_t hops = 1; hops <= ROUND_HOPS_MAX; hops++) {
        size_t same = 0;
        while (same + hops < path->hop_count &&
               same_hop(&path->hops[path->hop_count - 1 - same],
                        &path->hops[path->hop_count - 1 - same - hops]))
            same++;
        if (same < hops * ROUNDS_SHOWN)
            continue;
        *ret_begin = path->hop_count - same - hops;
        return hops;
    }
    return 0;
}

static void add_rounds(struct tracing *tracing, const struct path *path, size_t begin, size_t hops)
{
    char what[LINE_BYTES];
    struct text text = text_over(what, sizeof what);
    size_t left_out = path->hop_count - begin - hops * ROUNDS_SHOWN;
    uint32_t bytes = path->hops[begin + hops].size_bytes - path->hops[begin].size_bytes;
    text_u64(&text, (left_out + hops - 1) / hops);
    text_add(&text, " rounds more");
    if (bytes > 0) {
        text_add(&text, ", ");
        text_u64(&text, bytes);
        text_add(&text, " bytes longer each time");
    }
    struct trace_line line = {.hop = path->hops[begin + hops * ROUNDS_SHOWN - 1],
                              .place = copy("…"),
                              .what = copy(what),
                              .note = copy("")};
    add_line(tracing->trace, &line);
}

static char *ending(const struct world *world, const struct path *path)
{
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    if (path->delivered) {
        text_add(&text, path->beyond ? "leaves what the file describes" : "delivered");
        return copy(bytes);
    }
    text_add(&text, "lost");
    if (path->node != WORLD_NONE) {
        text_add(&text, " at ");
        text_add(&text, world->nodes[path->node].id);
    }
    text_add(&text, ": ");
    text_part(&text, drop_sentence(path->drop));
    return copy(bytes);
}

void trace_take(const struct world *world, const struct path *path, struct trace *ret_trace)
{
    const char *where = path->node == WORLD_NONE ? NULL : world->nodes[path->node].id;
    struct trace trace = {.arrived = path->delivered, .drop = path->drop, .where = where};
    struct tracing tracing = {.world = world, .trace = &trace};
    size_t begin = 0, hops = find_round(path, &begin);
    size_t shown = hops ? begin + hops * ROUNDS_SHOWN : path->hop_count;
    for (size_t i = 0; i < shown; i++)
        add_hop(&tracing, &path->hops[i], (unsigned)i + 1);
    if (hops)
        add_rounds(&tracing, path, begin, hops);
    trace.end = ending(world, path);
    *ret_trace = trace;
}

void trace_done(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        free(trace->lines[i].place);
        free(trace->lines[i].what);
        free(trace->lines[i].note);
        losers_done(&trace->lines[i].losers);
    }
    free(trace->lines);
    free(trace->end);
    *trace = (struct trace){0};
}

/* -- the screen -- */

/* Where the columns of a trace begin. */
struct columns {
    unsigned number, place, what, note;
};

/* A bar for each tunnel that the packet is in. */
static void text_place(struct text *text, const struct trace_line *line, bool named)
{
    for (unsigned i = 0; i < line->hop.depth; i++)
        text_add(text, "│ ");
    text_add(text, named ? line->place : "");
}

static struct columns columns_of(const struct trace *trace, const struct screen *screen,
                                 unsigned indent)
{
    unsigned place = 0, what = 0, digits = trace->count > 9 ? 2 : 1;
    for (size_t i = 0; i < trace->count; i++) {
        char bytes[LINE_BYTES];
        struct text text = text_over(bytes, sizeof bytes);
        text_place(&text, &trace->lines[i], true);
        unsigned columns = screen_columns(screen, bytes);
        place = columns > place ? columns : place;
        columns = screen_columns(screen, trace->lines[i].what);
        what = columns > what ? columns : what;
    }
    struct columns at = {.number = indent, .place = indent + digits + 2};
    at.what = at.place + place + 2;
    at.note = at.what + what + 2;
    return at;
}

static void put_place(const struct trace_line *line, bool named, const struct columns *at,
                      const struct screen *screen)
{
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    text_place(&text, line, named);
    screen_pad(screen, bytes, at->what - at->place);
}

static void put_line(const struct trace_line *line, const struct columns *at,
                     const struct screen *screen)
{
    unsigned digits = at->place - at->number - 2;
    if (line->number)
        screen_say(screen, "%*s%*u  ", (int)at->number, "", (int)digits, line->number);
    else
        screen_blanks(screen, at->place);
    put_place(line, true, at, screen);
    if (!line->note[0]) {
        screen_paragraph(screen, at->what, at->what + 2, line->what);
        return;
    }
    if (at->note + screen_columns(screen, line->note) <= screen->width) {
        screen_pad(screen, line->what, at->note - at->what);
        screen_say(screen, "%s\n", line->note);
        return;
    }
    screen_paragraph(screen, at->what, at->what + 2, line->what);
    screen_blanks(screen, at->place);
    put_place(line, false, at, screen);
    screen_blanks(screen, 2);
    screen_paragraph(screen, at->what + 2, at->what + 4, line->note);
}

static void put_loser(const struct trace_line *line, const struct loser *loser,
                      const struct columns *at, const struct screen *screen)
{
    char bytes[2 * LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    text_add(&text, "not ");
    text_prefix(&text, loser->prefix);
    text_char(&text, ' ');
    text_add(&text, loser->route);
    text_add(&text, "; ");
    if (strcmp(loser->why, LOSER_LENGTH) != 0) {
        text_add(&text, loser->why);
        text_add(&text, ": ");
    }
    text_add(&text, loser->sentence);
    screen_blanks(screen, at->place);
    put_place(line, false, at, screen);
    screen_put(screen, "  " SCREEN_FAINT);
    screen_paragraph(screen, at->what + 2, at->what + 6, bytes);
    screen_put(screen, SCREEN_END);
}

static void put_losers(const struct trace_line *line, const struct columns *at,
                       const struct screen *screen)
{
    size_t count = line->losers.count;
    size_t shown = count > TRACE_LOSERS_SHOWN + 1 ? TRACE_LOSERS_SHOWN : count;
    for (size_t i = 0; i < shown; i++)
        put_loser(line, &line->losers.items[i], at, screen);
    if (shown == count)
        return;
    screen_blanks(screen, at->place);
    put_place(line, false, at, screen);
    screen_say(screen, "  %snor %zu more%s\n", SCREEN_FAINT, count - shown, SCREEN_END);
}

void trace_render(const struct trace *trace, const struct screen *screen, unsigned indent)
{
    struct columns at = columns_of(trace, screen, indent);
    for (size_t i = 0; i < trace->count; i++) {
        put_line(&trace->lines[i], &at, screen);
        put_losers(&trace->lines[i], &at, screen);
    }
    if (trace->arrived)
        return;
    screen_blanks(screen, at.place);
    screen_put(screen, SCREEN_RED);
    screen_paragraph(screen, at.place, at.place + 2, trace->end);
    screen_put(screen, SCREEN_END);
}

/* -- for a machine -- */

const char *hop_kind_name(enum hop_kind kind)
{
    static const char *const names[] = {
        [HOP_KERNEL] = "kernel",
        [HOP_VPC] = "route-table",
        [HOP_LOCAL] = "local",
        [HOP_MISS] = "miss",
        [HOP_GROUP] = "security-group",
        [HOP_ACL] = "network-acl",
        [HOP_NAT] = "nat",
        [HOP_INTERNET] = "internet",
        [HOP_ENCAPSULATE] = "encapsulate",
        [HOP_DECAPSULATE] = "decapsulate",
        [HOP_DELIVER] = "deliver",
        [HOP_BEYOND] = "beyond",
    };
    return names[kind];
}

static json_t *losers_json(const struct losers *losers)
{
    json_t *list = json_array();
    for (size_t i = 0; i < losers->count; i++) {
        const struct loser *loser = &losers->items[i];
        json_t *object = json_object();
        json_put(object, "prefix", json_prefix(loser->prefix));
        json_put(object, "route", json_text(loser->route));
        json_put(object, "why", json_text(loser->why));
        json_push(list, object);
    }
    return list;
}

static json_t *line_json(const struct world *world, const struct trace_line *line)
{
    const struct hop *hop = &line->hop;
    bool decided = hop->kind == HOP_KERNEL || hop->kind == HOP_VPC || hop->kind == HOP_LOCAL;
    json_t *object = json_object();
    json_put(object, "kind", json_text(hop_kind_name(hop->kind)));
    json_put(object, "place", json_text(line->place));
    json_put(object, "depth", json_integer(hop->depth));
    json_put(object, "src", json_address(hop->src));
    json_put(object, "dst", json_address(hop->dst));
    json_put(object, "size_bytes", json_integer(hop->size_bytes));
    json_put(object, "prefix", decided ? json_prefix(hop->prefix) : json_null());
    json_put(object, "what", json_text(line->what));
    json_put(object, "why", json_text(line->note[0] ? line->note : NULL));
    json_put(object, "tunnel",
             json_text(hop->tunnel == WORLD_NONE ? NULL : world->tunnels[hop->tunnel].id));
    json_put(object, "filter", filter_json(world, hop));
    json_put(object, "lost", losers_json(&line->losers));
    return object;
}

json_t *trace_json(const struct world *world, const struct trace *trace)
{
    json_t *object = json_object(), *hops = json_array();
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->lines[i].number)
            json_push(hops, line_json(world, &trace->lines[i]));
    }
    json_put(object, "arrives", json_boolean(trace->arrived));
    json_put(object, "at", json_text(trace->where));
    json_put(object, "drop", json_text(trace->arrived ? NULL : drop_word(trace->drop)));
    json_put(object, "hops", hops);
    return object;
}
