#include "explain/journey.h"

#include "world/names.h"

#include <string.h>

enum { PACKET_BYTES = 84, SENTENCE_BYTES = 1024 }; /* ping's */

/* -- by which attachments -- */

static void add_via(struct journey_way *way, const char *name)
{
    bool again = way->via_count > 0 && strcmp(way->via[way->via_count - 1], name) == 0;
    if (way->via_count < JOURNEY_VIA_MAX && !again)
        way->via[way->via_count++] = name;
}

static const char *direct_connect_of(const struct world *world, const struct hop *hop)
{
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *direct = &world->direct_connects[i];
        if ((direct->gateway == hop->node && direct->gateway_port == hop->port) ||
            (direct->router == hop->node && direct->router_port == hop->port))
            return direct->id;
    }
    return NULL;
}

/* What the packet itself crosses; what its outer packets cross is the tunnel's. */
static void take_via(const struct world *world, const struct path *path, struct journey_way *way)
{
    for (size_t i = 0; i < path->hop_count; i++) {
        const struct hop *hop = &path->hops[i];
        const struct node *node = &world->nodes[hop->node];
        const char *direct = hop->kind == HOP_KERNEL ? direct_connect_of(world, hop) : NULL;
        if (hop->depth > 0)
            continue;
        if (hop->kind == HOP_ENCAPSULATE)
            add_via(way, world->tunnels[hop->tunnel].id);
        else if (hop->kind == HOP_INTERNET)
            add_via(way, "the Internet");
        else if (direct)
            add_via(way, direct);
        else if (hop->kind == HOP_VPC && hop->target &&
                 node->targets[hop->target].kind == VPC_TO_PEERING)
            add_via(way, node->targets[hop->target].id);
    }
}

static bool is_mirrored(const struct journey_way *there, const struct journey_way *back)
{
    if (there->via_count != back->via_count)
        return false;
    for (size_t i = 0; i < there->via_count; i++) {
        if (strcmp(there->via[i], back->via[back->via_count - 1 - i]) != 0)
            return false;
    }
    return true;
}

/* -- one way -- */

/* Addresses of the packet as it was last seen outside of all tunnels. */
static void last_seen(const struct path *path, ip_addr *src, ip_addr *dst)
{
    for (size_t i = 0; i < path->hop_count; i++) {
        if (path->hops[i].depth > 0)
            continue;
        *src = path->hops[i].src;
        *dst = path->hops[i].dst;
    }
}

static void go(const struct world *world, struct journey_end from, struct journey_end to,
               struct traffic traffic, const struct path *answers, struct journey_way *way,
               struct hop *hops)
{
    struct packet packet = {.src = from.addr,
                            .dst = to.addr,
                            .kind = PACKET_PLAIN,
                            .size_bytes = PACKET_BYTES,
                            .tunnel = WORLD_NONE,
                            .traffic = traffic,
                            .answers = answers};
    struct path path = {.hops = hops};
    *way = (struct journey_way){.asked = true, .from = from, .to = to};
    forward(world, from.node, &packet, &path);
    trace_take(world, &path, &way->trace);
    take_via(world, &path, way);
    way->stray = path.delivered && to.node != WORLD_NONE && path.node != to.node;
    way->path = path;
}

static bool arrives(const struct journey_way *way)
{
    return way->path.delivered && !way->stray;
}

/* The tunnel by whose lack of an SA the way ends. */
static int tunnel_down_on(const struct world *world, const struct journey_way *way)
{
    const struct hop *last = NULL;
    if (!way->asked || way->path.delivered ||
        (way->path.drop != DROP_NO_SA && way->path.drop != DROP_UNKNOWN_SA))
        return WORLD_NONE;
    for (size_t i = 0; i < way->trace.count; i++) {
        const struct hop *hop = &way->trace.lines[i].hop;
        if (hop->kind == HOP_ENCAPSULATE ||
            (hop->kind == HOP_KERNEL &&
             world->nodes[hop->node].ports[hop->port].kind == PORT_TUNNEL))
            last = hop;
    }
    if (!last)
        return WORLD_NONE;
    return last->kind == HOP_ENCAPSULATE ? last->tunnel
                                         : world->nodes[last->node].ports[last->port].tunnel;
}

static void follow_outer(const struct world *world, struct journey *journey, struct hop *hops)
{
    for (int end = 0; journey->down != WORLD_NONE && end < 2; end++) {
        struct path path = {.hops = hops};
        forward_outer(world, journey->down, end, &path);
        trace_take(world, &path, &journey->outer[end]);
    }
}

void journey_take(const struct world *world, struct journey_end from, struct journey_end to,
                  struct traffic traffic, struct journey *ret_journey)
{
    struct hop hops[PATH_HOPS], hops_back[PATH_HOPS];
    struct journey journey = {.down = WORLD_NONE, .traffic = traffic};
    struct journey_end answerer = to, asker = from;
    go(world, from, to, traffic, NULL, &journey.there, hops);
    if (arrives(&journey.there))
        last_seen(&journey.there.path, &asker.addr, &answerer.addr);
    if (to.node != WORLD_NONE) {
        go(world, answerer, asker, traffic_answer(traffic), &journey.there.path, &journey.back,
           hops_back);
        journey.back.path.hops = NULL;
    }
    journey.there.path.hops = NULL;
    bool there = arrives(&journey.there), back = journey.back.asked && arrives(&journey.back);
    journey.verdict = there && back                  ? JOURNEY_ARRIVES
                      : there && !journey.back.asked ? JOURNEY_ONE_WAY
                      : there                        ? JOURNEY_LOST_BACK
                      : back || !journey.back.asked  ? JOURNEY_LOST_THERE
                                                     : JOURNEY_LOST_BOTH;
    journey.asymmetric = there && back && !is_mirrored(&journey.there, &journey.back);
    journey.down = tunnel_down_on(world, &journey.there);
    if (journey.down == WORLD_NONE)
        journey.down = tunnel_down_on(world, &journey.back);
    follow_outer(world, &journey, hops);
    *ret_journey = journey;
}

void journey_done(struct journey *journey)
{
    trace_done(&journey->there.trace);
    trace_done(&journey->back.trace);
    for (int end = 0; end < 2; end++)
        trace_done(&journey->outer[end]);
    *journey = (struct journey){0};
}

const char *journey_verdict_name(enum journey_verdict verdict)
{
    static const char *const names[] = {
        [JOURNEY_ARRIVES] = "arrives",       [JOURNEY_ONE_WAY] = "one-way",
        [JOURNEY_LOST_THERE] = "lost-there", [JOURNEY_LOST_BACK] = "lost-back",
        [JOURNEY_LOST_BOTH] = "lost-both",
    };
    return names[verdict];
}

bool journey_is_fine(const struct journey *journey)
{
    return journey->verdict == JOURNEY_ARRIVES || journey->verdict == JOURNEY_ONE_WAY;
}

/* -- words -- */

void text_journey_end(struct text *text, const struct world *world, struct journey_end end)
{
    const struct node *node = end.node == WORLD_NONE ? NULL : &world->nodes[end.node];
    bool own = false;
    for (uint16_t i = 1; node && i <= node->port_count; i++)
        own |= port_has(&node->ports[i], end.addr);
    if (own) {
        text_add(text, node->id);
        text_char(text, ' ');
    }
    text_ip(text, end.addr);
    text_add(text, node && !own ? " behind " : "");
    text_add(text, node && !own ? node->id : "");
}

/* Where a way ends, and why; nothing when it arrives. */
static void text_loss(struct text *text, const struct world *world, const struct journey_way *way)
{
    const char *where = way->trace.where ? way->trace.where : "its beginning";
    if (way->stray && world->nodes[way->path.node].kind == NODE_INTERNET) {
        text_add(text, "it leaves for the Internet, where nobody in the file has ");
        text_ip(text, way->to.addr);
        return;
    }
    if (way->stray) {
        text_add(text, where);
        text_add(text, " takes it, which is not ");
        text_add(text, world->nodes[way->to.node].id);
        return;
    }
    text_add(text, "at ");
    text_add(text, where);
    text_add(text, ": ");
    text_part(text, drop_sentence(way->path.drop));
}

void text_journey(struct text *text, const struct world *world, const struct journey *journey)
{
    switch (journey->verdict) {
    case JOURNEY_LOST_THERE:
        text_add(text, "lost, ");
        text_loss(text, world, &journey->there);
        break;
    case JOURNEY_LOST_BACK:
        text_add(text, "lost on the way back, ");
        text_loss(text, world, &journey->back);
        break;
    case JOURNEY_LOST_BOTH:
        text_add(text, "lost both ways; there ");
        text_loss(text, world, &journey->there);
        text_add(text, "; back ");
        text_loss(text, world, &journey->back);
        break;
    case JOURNEY_ONE_WAY:
        text_add(text, "arrives; the answer begins outside of the file");
        break;
    case JOURNEY_ARRIVES:
    case JOURNEY_VERDICTS:
    default:
        text_add(text, journey->asymmetric ? "arrives; the answer takes another way" : "arrives");
        break;
    }
}

static void text_via(struct text *text, const struct journey_way *way)
{
    for (size_t i = 0; i < way->via_count; i++) {
        text_add(text, i ? ", " : "");
        text_add(text, way->via[i]);
    }
    if (way->via_count == 0)
        text_add(text, "no attachment");
}

static void render_headline(const struct world *world, const struct journey *journey,
                            const struct screen *screen)
{
    char bytes[SENTENCE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    const char *color = !journey_is_fine(journey) ? SCREEN_RED
                        : journey->asymmetric     ? SCREEN_YELLOW
                                                  : SCREEN_GREEN;
    text_journey_end(&text, world, journey->there.from);
    text_add(&text, " → ");
    text_journey_end(&text, world, journey->there.to);
    if (world->filtered || traffic_has_ports(journey->traffic.protocol)) {
        text_add(&text, ", ");
        text_traffic(&text, journey->traffic);
    }
    screen_say(screen, "%s%s%s\n  %s", SCREEN_BOLD, bytes, SCREEN_END, color);
    text = text_over(bytes, sizeof bytes);
    text_journey(&text, world, journey);
    screen_paragraph(screen, 2, 2, bytes);
    screen_put(screen, SCREEN_END);
    if (!journey->asymmetric)
        return;
    text = text_over(bytes, sizeof bytes);
    text_add(&text, "there by ");
    text_via(&text, &journey->there);
    text_add(&text, "; back by ");
    text_via(&text, &journey->back);
    screen_blanks(screen, 2);
    screen_paragraph(screen, 2, 2, bytes);
}

/* A way that ends well is told by its last hop. */
static void render_trace(const char *title, const struct trace *trace, const struct screen *screen)
{
    screen_say(screen, "\n%s%s%s\n", SCREEN_BOLD, title, SCREEN_END);
    trace_render(trace, screen, 1);
}

void journey_render(const struct world *world, const struct journey *journey,
                    const struct screen *screen)
{
    char title[SENTENCE_BYTES];
    render_headline(world, journey, screen);
    render_trace("there", &journey->there.trace, screen);
    if (journey->back.asked)
        render_trace("back", &journey->back.trace, screen);
    for (int end = 0; journey->down != WORLD_NONE && end < 2; end++) {
        const struct tunnel *tunnel = &world->tunnels[journey->down];
        struct text text = text_over(title, sizeof title);
        text_add(&text, "why ");
        text_add(&text, tunnel->id);
        text_add(&text, " is not up: its own packets from ");
        text_add(&text, world->nodes[tunnel->ends[end].node].id);
        render_trace(title, &journey->outer[end], screen);
    }
}

/* -- for a machine -- */

json_t *journey_end_json(const struct world *world, struct journey_end end)
{
    json_t *object = json_object();
    json_put(object, "node", json_text(end.node == WORLD_NONE ? NULL : world->nodes[end.node].id));
    json_put(object, "address", json_address(end.addr));
    return object;
}

static json_t *way_json(const struct world *world, const struct journey_way *way)
{
    if (!way->asked)
        return json_null();
    json_t *object = trace_json(world, &way->trace), *via = json_array();
    for (size_t i = 0; i < way->via_count; i++)
        json_push(via, json_text(way->via[i]));
    json_put(object, "arrives", json_boolean(arrives(way)));
    json_put(object, "via", via);
    return object;
}

static json_t *outer_json(const struct world *world, const struct journey *journey)
{
    if (journey->down == WORLD_NONE)
        return json_null();
    json_t *object = json_object();
    json_put(object, "tunnel", json_text(world->tunnels[journey->down].id));
    json_put(object, "from_gateway", trace_json(world, &journey->outer[TUNNEL_GATEWAY]));
    json_put(object, "from_customer", trace_json(world, &journey->outer[TUNNEL_CUSTOMER]));
    return object;
}

json_t *journey_json(const struct world *world, const struct journey *journey)
{
    char bytes[SENTENCE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    json_t *object = json_object();
    text_journey(&text, world, journey);
    json_put(object, "from", journey_end_json(world, journey->there.from));
    json_put(object, "to", journey_end_json(world, journey->there.to));
    json_put(object, "result", json_text(journey_verdict_name(journey->verdict)));
    json_put(object, "what", json_text(bytes));
    text = text_over(bytes, sizeof bytes);
    text_traffic(&text, journey->traffic);
    json_put(object, "packet", json_text(bytes));
    json_put(object, "asymmetric", json_boolean(journey->asymmetric));
    json_put(object, "there", way_json(world, &journey->there));
    json_put(object, "back", way_json(world, &journey->back));
    json_put(object, "outer", outer_json(world, journey));
    return object;
}
