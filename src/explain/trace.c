#include "explain/trace.h"

#include "explain/grid.h"
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

static void say_kernel(struct tracing *tracing, const struct hop *hop)
{
    const struct node *node = &tracing->world->nodes[hop->node];
    struct table_candidate candidate;
    text_add(&tracing->place, node->id);
    text_prefix4(&tracing->what, hop->prefix);
    text_add(&tracing->what, " → ");
    if (hop->addr) {
        text_ip4(&tracing->what, hop->addr);
        text_add(&tracing->what, ", ");
    }
    text_add(&tracing->what, port_name(tracing->world, hop->node, hop->port));
    bool bgp = hop->source == ROUTE_EBGP || hop->source == ROUTE_IBGP;
    text_add(&tracing->note, bgp ? "BGP" : route_source_name(hop->source));
    for (uint32_t i = 0;
         node->engine && table_candidate(engine_table(node->engine), hop->prefix, i, &candidate);
         i++) {
        if (candidate.route.source != hop->source || hop->source == ROUTE_CONNECTED)
            continue;
        text_add(&tracing->note, " [");
        text_u64(&tracing->note, candidate.route.distance);
        text_char(&tracing->note, '/');
        text_u64(&tracing->note, candidate.route.metric);
        text_char(&tracing->note, ']');
        break;
    }
}

static void say_vpc(struct tracing *tracing, const struct hop *hop)
{
    const struct node *vpc = &tracing->world->nodes[hop->node];
    const struct vpc *tables = world_vpc(tracing->world, vpc);
    struct vpc_route route;
    text_add(&tracing->place, vpc->table_ids[hop->table]);
    text_prefix4(&tracing->what, hop->prefix);
    text_add(&tracing->what, " → ");
    if (hop->kind == HOP_LOCAL) {
        text_add(&tracing->what, "local");
        return;
    }
    const char *target = hop->target ? vpc->targets[hop->target].id : "blackhole";
    text_add(&tracing->what, target ? target : "?");
    if (tables && vpc_find(tables, hop->table, hop->prefix, &route))
        text_add(&tracing->note, vpc_origin_name((enum vpc_origin)route.origin));
}

static void say_nat(struct tracing *tracing, const struct hop *hop)
{
    bool source = hop->addr == hop->src || hop->addr != hop->dst;
    text_add(&tracing->place, tracing->world->nodes[hop->node].id);
    text_add(&tracing->what, source ? "the source becomes " : "the destination becomes ");
    text_ip4(&tracing->what, hop->addr);
    text_add(&tracing->note, "1:1 NAT at the internet gateway");
}

static void say_packet(struct tracing *tracing, const struct hop *hop)
{
    text_ip4(&tracing->what, hop->src);
    text_add(&tracing->what, " → ");
    text_ip4(&tracing->what, hop->dst);
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
    case HOP_NAT:
        say_nat(tracing, hop);
        break;
    case HOP_INTERNET:
        text_add(&tracing->place, "underlay");
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
        text_add(&tracing->place, tracing->world->nodes[hop->node].id);
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
    struct trace_line line = {.number = number,
                              .depth = hop->depth,
                              .place = copy(place),
                              .what = copy(what),
                              .note = copy(note)};
    add_line(tracing->trace, &line);
}

static bool same_hop(const struct hop *left, const struct hop *right)
{
    return left->kind == right->kind && left->node == right->node && left->port == right->port &&
           left->tunnel == right->tunnel && left->table == right->table &&
           left->src == right->src && left->dst == right->dst &&
           prefix4_equal(left->prefix, right->prefix);
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
    struct trace_line line = {.place = copy("…"), .what = copy(what), .note = copy("")};
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
    struct trace trace = {.arrived = path->delivered};
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
    }
    free(trace->lines);
    free(trace->end);
    *trace = (struct trace){0};
}

void trace_render(const struct trace *trace, const struct screen *screen, unsigned indent)
{
    struct grid grid = {.right = 1};
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_line *line = &trace->lines[i];
        grid_begin(&grid);
        if (line->number)
            grid_say(&grid, "%u", line->number);
        else
            grid_add(&grid, "");
        grid_add(&grid, line->place);
        grid_add(&grid, line->what);
        grid_add(&grid, line->note);
    }
    grid_render(&grid, screen, indent);
    screen_blanks(screen, indent);
    screen_say(screen, "%s%s%s\n", trace->arrived ? SCREEN_GREEN : SCREEN_RED, trace->end,
               SCREEN_END);
    grid_done(&grid);
}
