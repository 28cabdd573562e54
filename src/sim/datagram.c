/* BFD's packets: sent once, there or not. They go the way that BGP's segments go, and in a tunnel
 * are as good a sign of life. */
#include "sim/parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_BYTES = 28 }; /* IP and UDP */

/* Whose session is it at the far node? 0: nobody's. */
static uint16_t neighbor_with(const struct engine *engine, ip_addr local_addr, ip_addr peer_addr)
{
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        const struct event_neighbor *neighbor = engine_neighbor(engine, i);
        if (neighbor->local_addr == local_addr && neighbor->peer_addr == peer_addr)
            return i;
    }
    return 0;
}

static void transmit(struct sim *sim, int node, const struct event_neighbor *from,
                     struct slice bytes)
{
    struct hop hops[PATH_HOPS];
    struct path path = {.hops = hops};
    struct packet packet = {.src = from->local_addr,
                            .dst = from->peer_addr,
                            .kind = PACKET_PLAIN,
                            .size_bytes = HEADERS_BYTES + (uint32_t)bytes.size,
                            .tunnel = WORLD_NONE};
    forward(sim->world, node, &packet, &path);
    sim_note_way(sim, node, &path);
    const struct node *to = path.delivered && !path.beyond ? &sim->world->nodes[path.node] : NULL;
    uint16_t neighbor =
        to && to->engine ? neighbor_with(to->engine, from->peer_addr, from->local_addr) : 0;
    struct fate fate = {.size = (uint32_t)bytes.size};
    if (sim->faults)
        fate = fault_fate(sim, FAULT_SEGMENT_LOST, fate.size);
    if (neighbor == 0 || fate.lost)
        return;
    struct happening happening = {.kind = HAPPENS_DATAGRAM, .node = path.node};
    happening.segment = (struct segment){.connection = neighbor, .size = fate.size};
    happening.segment.bytes = malloc(bytes.size);
    assert(happening.segment.bytes);
    memcpy(happening.segment.bytes, bytes.data, bytes.size);
    sim_at(sim, sim->now_us + path.delay_us + sim_late(sim, 200) + fate.late_us, &happening);
}

void datagram_send(struct sim *sim, int node, uint16_t neighbor)
{
    struct engine *engine = sim->world->nodes[node].engine;
    uint8_t bytes[BFD_PACKET_BYTES];
    size_t size;
    while ((size = engine_pull_bfd(engine, neighbor, bytes, sizeof bytes)) > 0)
        transmit(sim, node, engine_neighbor(engine, neighbor), (struct slice){bytes, size});
}

void datagram_arrive(struct sim *sim, const struct segment *segment, int node)
{
    const struct node *at = &sim->world->nodes[node];
    uint16_t neighbor = (uint16_t)segment->connection;
    bool there = at->engine && !at->failed && neighbor <= engine_neighbor_count(at->engine);
    struct event event = {.kind = EVENT_BFD_RECEIVED,
                          .received = {.connection = {.neighbor = neighbor},
                                       .bytes = {segment->bytes, segment->size}}};
    if (there)
        sim_step_engine(sim, node, &event);
}
