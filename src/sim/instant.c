#include "sim/instant.h"

#include "sim/parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PULL_BYTES = 2 * BGP_MESSAGE_MAX,
    BOUND_LEAST = 20000, /* happenings of one settling; */
    BOUND_A_PAIR = 64,   /* and for each pair of sessions: everybody tells everybody, many times */
};

/* One of a session's two possible connections: who made it is its direction. */
struct wire {
    bool known[2]; /* does the end have it? */
    uint32_t generation;
};

struct session_end {
    int node;
    uint16_t neighbor;
};

struct link {
    struct session_end ends[2];
    struct wire wires[2]; /* [i]: made by ends[i] */
    bool connecting[2];
    bool granted; /* one connection may be made */
    int tunnel;   /* WORLD_NONE: over none */
    int direct_connect;
};

struct instant {
    struct link *links;
    uint32_t count;
    uint32_t **by_neighbor; /* of nodes: neighbor -> 1 + link * 2 + end; 0: nobody there */
    bool *tunnels_up;
};

/* -- who speaks with whom -- */

static const struct event_neighbor *said_of(const struct node *node, ip_addr local, ip_addr peer)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event_neighbor *said = &node->setup[i].neighbor;
        if (node->setup[i].kind == EVENT_NEIGHBOR && said->local_addr == local &&
            said->peer_addr == peer)
            return said;
    }
    return NULL;
}

static uint16_t neighbor_count(const struct node *node)
{
    uint16_t count = 0;
    for (size_t i = 0; i < node->setup_count; i++)
        count = (uint16_t)(count + (node->setup[i].kind == EVENT_NEIGHBOR));
    return count;
}

/* The node at the other end of what a port leads to; WORLD_NONE: nobody. */
static int far_node(const struct world *world, int node, const struct event_neighbor *said)
{
    const struct port *port = &world->nodes[node].ports[said->interface];
    if (port->kind == PORT_TUNNEL) {
        const struct tunnel *tunnel = &world->tunnels[port->tunnel];
        return tunnel->ends[tunnel->ends[0].node == node].node;
    }
    if (port->kind == PORT_DX)
        return port->peer;
    const struct public_address *owner = world_address(world, said->peer_addr);
    return owner ? owner->node : WORLD_NONE;
}

static int direct_connect_of(const struct world *world, int node, uint16_t port)
{
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *direct = &world->direct_connects[i];
        if ((direct->gateway == node && direct->gateway_port == port) ||
            (direct->router == node && direct->router_port == port))
            return (int)i;
    }
    return WORLD_NONE;
}

/* The neighbor with whom said's session is: over a tunnel it is the one at its other end, for two
 * tunnels may have the same inside addresses. */
static uint16_t far_neighbor(const struct world *world, int node, int far,
                             const struct event_neighbor *said)
{
    const struct port *port = &world->nodes[node].ports[said->interface];
    if (port->kind == PORT_TUNNEL) {
        const struct tunnel *tunnel = &world->tunnels[port->tunnel];
        return tunnel->ends[tunnel->ends[0].node == node].neighbor;
    }
    const struct event_neighbor *its =
        said_of(&world->nodes[far], said->peer_addr, said->local_addr);
    return its ? its->neighbor : 0;
}

static void link_up(struct sim *sim, int node, const struct event_neighbor *said)
{
    struct instant *instant = sim->instant;
    const struct world *world = sim->world;
    int far = far_node(world, node, said);
    if (instant->by_neighbor[node][said->neighbor] || far == WORLD_NONE || far == node)
        return;
    uint16_t its = far_neighbor(world, node, far, said);
    if (!its || instant->by_neighbor[far][its])
        return;
    const struct port *port = &world->nodes[node].ports[said->interface];
    instant->links[instant->count] = (struct link){
        .ends = {{node, said->neighbor}, {far, its}},
        .tunnel = port->kind == PORT_TUNNEL ? port->tunnel : WORLD_NONE,
        .direct_connect =
            port->kind == PORT_DX ? direct_connect_of(world, node, said->interface) : WORLD_NONE};
    instant->by_neighbor[node][said->neighbor] = 1 + instant->count * 2;
    instant->by_neighbor[far][its] = 1 + instant->count * 2 + 1;
    instant->count++;
}

static void find_links(struct sim *sim)
{
    const struct world *world = sim->world;
    struct instant *instant = sim->instant;
    size_t total = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        uint16_t count = neighbor_count(&world->nodes[i]);
        instant->by_neighbor[i] = calloc(count + 1u, sizeof *instant->by_neighbor[i]);
        assert(instant->by_neighbor[i]);
        total += count;
    }
    instant->links = calloc(total + 1, sizeof *instant->links);
    assert(instant->links);
    for (size_t i = 0; i < world->node_count; i++) {
        for (size_t e = 0; e < world->nodes[i].setup_count; e++) {
            if (world->nodes[i].setup[e].kind == EVENT_NEIGHBOR)
                link_up(sim, (int)i, &world->nodes[i].setup[e].neighbor);
        }
    }
}

static struct link *link_of(const struct sim *sim, int node, uint16_t neighbor, int *ret_end)
{
    uint32_t at = sim->instant->by_neighbor[node][neighbor];
    if (at == 0)
        return NULL;
    *ret_end = (int)((at - 1) % 2);
    return &sim->instant->links[(at - 1) / 2];
}

/* -- what goes over the wire -- */

static void send(struct sim *sim, const struct link *link, int wire, int to_end,
                 enum segment_kind kind, struct slice bytes)
{
    struct happening happening = {.kind = HAPPENS_SEGMENT, .node = link->ends[to_end].node};
    happening.segment =
        (struct segment){.connection = (uint32_t)(link - sim->instant->links) * 2 + (uint32_t)wire,
                         .generation = link->wires[wire].generation,
                         .to_end = (uint8_t)to_end,
                         .kind = kind,
                         .size = (uint32_t)bytes.size};
    if (bytes.size > 0) {
        happening.segment.bytes = malloc(bytes.size);
        assert(happening.segment.bytes);
        memcpy(happening.segment.bytes, bytes.data, bytes.size);
    }
    sim_at(sim, sim->now_us, &happening);
}

/* The engine's own number of the wire at that end. */
static struct event_connection connection_at(const struct link *link, int wire, int end)
{
    return (struct event_connection){.neighbor = link->ends[end].neighbor,
                                     .slot = wire == end ? BGP_OUT : BGP_IN};
}

static void tell(struct sim *sim, const struct link *link, int wire, int end, enum event_kind kind)
{
    struct event event = {.kind = kind};
    if (kind == EVENT_HALT)
        event.halt = (struct event_halt){.connection = connection_at(link, wire, end)};
    else
        event.connection = connection_at(link, wire, end);
    sim_step_engine(sim, link->ends[end].node, &event);
}

void instant_connect(struct sim *sim, int node, uint16_t neighbor)
{
    int end;
    struct link *link = link_of(sim, node, neighbor, &end);
    struct happening failed = {.kind = HAPPENS_SEGMENT, .node = node};
    if (link) {
        link->connecting[end] = true;
        send(sim, link, end, !end, SEGMENT_SYN, (struct slice){0});
        return;
    }
    failed.segment = (struct segment){.kind = SEGMENT_RST, .to_end = (uint8_t)neighbor};
    failed.segment.connection = neighbor;
    failed.segment.generation = UINT32_MAX; /* a neighbor that is not in the file */
    sim_at(sim, sim->now_us, &failed);
}

void instant_send(struct sim *sim, int node, struct event_connection connection)
{
    int end;
    struct link *link = link_of(sim, node, connection.neighbor, &end);
    int wire = connection.slot == BGP_OUT ? end : !end;
    uint8_t bytes[PULL_BYTES];
    if (!link || !link->wires[wire].known[end])
        return;
    for (;;) {
        size_t size = engine_pull(sim->world->nodes[node].engine, connection, bytes, sizeof bytes);
        if (size == 0)
            return;
        send(sim, link, wire, !end, SEGMENT_BYTES, (struct slice){bytes, size});
    }
}

void instant_close(struct sim *sim, int node, struct event_connection connection)
{
    int end;
    struct link *link = link_of(sim, node, connection.neighbor, &end);
    if (!link)
        return;
    int wire = connection.slot == BGP_OUT ? end : !end;
    instant_send(sim, node, connection); /* a farewell may be pending */
    if (wire == end)
        link->connecting[end] = false;
    if (!link->wires[wire].known[end])
        return;
    link->wires[wire].known[end] = false;
    send(sim, link, wire, !end, SEGMENT_FIN, (struct slice){0});
}

static void arrive_syn(struct sim *sim, struct link *link, int end)
{
    const struct session_end *far = &link->ends[!end];
    const struct engine *engine = sim->world->nodes[far->node].engine;
    struct wire *other = &link->wires[!end];
    if (!link->connecting[end])
        return;
    link->connecting[end] = false;
    if (!link->granted || other->known[0] || other->known[1] || !engine ||
        !session_accepts(engine_session(engine, far->neighbor))) {
        tell(sim, link, end, end, EVENT_CONNECT_FAILED);
        return;
    }
    link->granted = false;
    link->wires[end] =
        (struct wire){.known = {true, true}, .generation = link->wires[end].generation + 1};
    tell(sim, link, end, !end, EVENT_CONNECTED);
    if (link->wires[end].known[end])
        tell(sim, link, end, end, EVENT_CONNECTED);
}

void instant_arrive(struct sim *sim, const struct segment *segment, int node)
{
    if (segment->generation == UINT32_MAX) {
        struct event event = {.kind = EVENT_CONNECT_FAILED};
        event.connection = (struct event_connection){(uint16_t)segment->connection, BGP_OUT};
        sim_step_engine(sim, node, &event);
        return;
    }
    struct link *link = &sim->instant->links[segment->connection / 2];
    int at = (int)(segment->connection % 2), end = segment->to_end;
    struct wire *wire = &link->wires[at];
    if (segment->kind == SEGMENT_SYN) {
        arrive_syn(sim, link, at);
        return;
    }
    if (segment->generation != wire->generation || !wire->known[end])
        return;
    if (segment->kind == SEGMENT_FIN) {
        wire->known[end] = false;
        tell(sim, link, at, end, EVENT_CLOSED);
        return;
    }
    struct event event = {.kind = EVENT_RECEIVED};
    event.received.connection = connection_at(link, at, end);
    event.received.bytes = (struct slice){segment->bytes, segment->size};
    sim_step_engine(sim, node, &event);
}

void instant_forget_node(struct sim *sim, int node)
{
    for (uint32_t i = 0; i < sim->instant->count; i++) {
        struct link *link = &sim->instant->links[i];
        for (int end = 0; end < 2; end++) {
            if (link->ends[end].node != node)
                continue;
            link->connecting[end] = false;
            for (int wire = 0; wire < 2; wire++) {
                if (link->wires[wire].known[end])
                    send(sim, link, wire, !end, SEGMENT_FIN, (struct slice){0});
                link->wires[wire].known[end] = false;
            }
        }
    }
}

/* -- settling -- */

static bool is_away(const struct node *node)
{
    return node->failed || !node->engine;
}

bool instant_is_cut(const struct sim *sim, int tunnel)
{
    const struct tunnel *of = &sim->world->tunnels[tunnel];
    bool cut = of->failed;
    for (int end = 0; end < 2; end++) {
        const struct node *node = &sim->world->nodes[of->ends[end].node];
        cut |= is_away(node) || node->underlay_down;
    }
    return cut;
}

static bool is_wanted(const struct sim *sim, const struct link *link)
{
    const struct node *nodes = sim->world->nodes;
    const struct node *first = &nodes[link->ends[0].node], *second = &nodes[link->ends[1].node];
    if (is_away(first) || is_away(second))
        return false;
    if (link->tunnel != WORLD_NONE)
        return sim->instant->tunnels_up[link->tunnel] && !instant_is_cut(sim, link->tunnel) &&
               !sim->world->tunnels[link->tunnel].session_failed;
    if (link->direct_connect != WORLD_NONE)
        return !sim->world->direct_connects[link->direct_connect].failed;
    return !first->underlay_down && !second->underlay_down;
}

static enum session_state state_at(const struct sim *sim, const struct session_end *end)
{
    const struct engine *engine = sim->world->nodes[end->node].engine;
    return engine ? (enum session_state)engine_session(engine, end->neighbor)->state : SESSION_IDLE;
}

static bool is_established(const struct sim *sim, const struct link *link)
{
    return state_at(sim, &link->ends[0]) == SESSION_ESTABLISHED &&
           state_at(sim, &link->ends[1]) == SESSION_ESTABLISHED;
}

/* In silence: what had been said and not heard is lost. */
static void stop(struct sim *sim, struct link *link)
{
    memset(link->connecting, 0, sizeof link->connecting);
    link->granted = false;
    for (int wire = 0; wire < 2; wire++)
        link->wires[wire] = (struct wire){.generation = link->wires[wire].generation + 1};
    for (int end = 0; end < 2; end++) {
        if (state_at(sim, &link->ends[end]) != SESSION_IDLE)
            tell(sim, link, end, end, EVENT_HALT);
    }
}

static void begin(struct sim *sim, struct link *link)
{
    stop(sim, link);
    link->granted = true;
    for (int end = 0; end < 2; end++)
        tell(sim, link, end, end, EVENT_START);
}

static bool deliver(struct sim *sim, uint64_t most)
{
    while (sim_next(sim, sim->now_us)) {
        if (most-- == 0)
            return false;
    }
    sim->moment_count = 0; /* nobody asks when */
    return true;
}

bool instant_settle(struct sim *sim)
{
    struct instant *instant = sim->instant;
    uint64_t most = BOUND_LEAST + BOUND_A_PAIR * (uint64_t)instant->count * instant->count;
    if (!deliver(sim, most))
        return false;
    for (uint32_t i = 0; i < instant->count; i++) {
        struct link *link = &instant->links[i];
        bool wanted = is_wanted(sim, link);
        if (wanted && !is_established(sim, link))
            begin(sim, link);
        else if (!wanted && (state_at(sim, &link->ends[0]) != SESSION_IDLE ||
                             state_at(sim, &link->ends[1]) != SESSION_IDLE))
            stop(sim, link);
    }
    return deliver(sim, most);
}

void instant_set_tunnel(struct sim *sim, int tunnel, bool up)
{
    struct tunnel *of = &sim->world->tunnels[tunnel];
    sim->instant->tunnels_up[tunnel] = up;
    of->ends[0].sa = of->ends[1].sa = up && !of->plain;
    sim_choose_static(sim, tunnel);
}

void instant_play(struct sim *sim, const struct network_step *step)
{
    story_do(sim, step);
}

bool instant_passes(const struct sim *sim, int tunnel, int end, struct path *ret_path)
{
    forward_outer(sim->world, tunnel, end, ret_path);
    return ret_path->delivered && !ret_path->beyond &&
           ret_path->node == sim->world->tunnels[tunnel].ends[!end].node;
}

/* -- beginning and end -- */

struct sim *instant_create(struct world *world, const struct network *network)
{
    struct instant *instant = calloc(1, sizeof *instant);
    if (!instant)
        return NULL;
    instant->by_neighbor = calloc(world->node_count, sizeof *instant->by_neighbor);
    instant->tunnels_up = calloc(world->tunnel_count + 1, sizeof *instant->tunnels_up);
    assert(instant->by_neighbor && instant->tunnels_up);
    struct sim *sim =
        sim_create(world, NULL, &(struct sim_options){.no_phase = true, .events = UINT64_MAX});
    if (!sim) {
        free(instant->by_neighbor);
        free(instant->tunnels_up);
        free(instant);
        return NULL;
    }
    sim->network = network;
    sim->instant = instant;
    find_links(sim);
    bool booted = deliver(sim, UINT64_MAX);
    assert(booted);
    return sim;
}

void instant_done(struct sim *sim)
{
    struct instant *instant = sim->instant;
    if (!instant)
        return;
    for (size_t i = 0; i < sim->world->node_count; i++)
        free(instant->by_neighbor[i]);
    free(instant->by_neighbor);
    free(instant->tunnels_up);
    free(instant->links);
    free(instant);
}
