/* The story: what happens to the world from outside, in the file's words. */
#include "sim/parts.h"

#include "network/build.h"

#include <assert.h>

/* ASSUMED: how long a restarted router, and a new instance in its place, take until its daemons
 * run. Nothing but the length of that outage depends on it. */
enum { BOOT_US = 15000000, REPLACE_US = 60000000 };

void story_queue(struct sim *sim)
{
    for (size_t i = 0; i < sim->network->step_count; i++) {
        struct happening happening = {.kind = HAPPENS_STEP, .step = (int)i};
        sim_at(sim, sim->network->story[i].at_us, &happening);
    }
}

static void boot_again(struct sim *sim, int node, const struct network_step *step)
{
    int64_t after_us = sim->instant ? 0 : step->verb == NETWORK_STEP_REPLACE ? REPLACE_US : BOOT_US;
    sim_shut_down(sim, node);
    sim->world->nodes[node].failed = false;
    sim_boot(sim, node, sim->now_us + after_us);
}

/* A tunnel or connection restarted by hand: its IKE is torn down and brought up again. */
static void restart_tunnel(struct sim *sim, int tunnel)
{
    for (int end = 0; end < 2 && !sim->instant; end++)
        ike_clear(sim, tunnel, end);
}

/* A gateway's leg in its VPC is no link to the underlay. */
static void set_link(struct sim *sim, int node, bool up)
{
    struct node *at = &sim->world->nodes[node];
    for (uint16_t i = 1; at->kind != NODE_GATEWAY && i <= at->port_count; i++) {
        if (at->ports[i].kind == PORT_INTERNET || at->ports[i].kind == PORT_VPC)
            at->ports[i].up = up;
    }
    at->underlay_down = !up;
}

static void set_direct_connect(struct sim *sim, int index, bool up)
{
    struct direct_connect *direct = &sim->world->direct_connects[index];
    int nodes[] = {direct->gateway, direct->router};
    uint16_t ports[] = {direct->gateway_port, direct->router_port};
    direct->failed = !up;
    for (int i = 0; i < 2; i++) {
        struct port *port = &sim->world->nodes[nodes[i]].ports[ports[i]];
        struct event event = {.kind = EVENT_INTERFACE};
        event.interface = (struct event_interface){
            .interface = ports[i], .addr = port->addr, .len = port->len, .up = up};
        port->up = up;
        sim_step_engine(sim, nodes[i], &event);
    }
}

static void restart_session(struct sim *sim, int node, uint16_t neighbor)
{
    struct event halt = {.kind = EVENT_HALT, .halt = {.connection = {.neighbor = neighbor}}};
    struct event start = {.kind = EVENT_START, .connection = {.neighbor = neighbor}};
    sim_step_engine(sim, node, &halt);
    sim_step_engine(sim, node, &start);
}

/* Its session is reset by hand at the far side, where somebody may. */
static void restart_direct_connect(struct sim *sim, int index)
{
    const struct direct_connect *direct = &sim->world->direct_connects[index];
    const struct engine *engine = sim->world->nodes[direct->router].engine;
    uint16_t count = engine ? engine_neighbor_count(engine) : 0;
    for (uint16_t i = 1; i <= count; i++) {
        if (engine_neighbor(engine, i)->interface == direct->router_port)
            restart_session(sim, direct->router, i);
    }
}

/* Reset at the customer's end, as a Direct Connect's at the far side. */
static void strike_session(struct sim *sim, const struct network_step *step,
                           const struct build_place *at)
{
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        struct tunnel *tunnel = &sim->world->tunnels[i];
        const struct tunnel_end *customer = &tunnel->ends[TUNNEL_CUSTOMER];
        if (tunnel->connection != at->connection || tunnel->part != at->part)
            continue;
        tunnel->session_failed = step->verb == NETWORK_STEP_FAIL;
        if (step->verb == NETWORK_STEP_RESTART && customer->neighbor &&
            sim->world->nodes[customer->node].engine)
            restart_session(sim, customer->node, customer->neighbor);
    }
}

static void set_tunnels(struct sim *sim, int connection, int only, bool up)
{
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        struct tunnel *tunnel = &sim->world->tunnels[i];
        if (tunnel->connection == connection && (only < 0 || tunnel->part == only))
            tunnel->failed = !up;
    }
}

/* fail and restore, restart: of whatever the step names. */
static void strike(struct sim *sim, const struct network_step *step, const struct build_place *at)
{
    bool up = step->verb == NETWORK_STEP_RESTORE;
    bool restart = step->verb == NETWORK_STEP_RESTART || step->verb == NETWORK_STEP_REPLACE;
    if (step->about == NETWORK_ABOUT_SESSION) {
        strike_session(sim, step, at);
    } else if (step->about == NETWORK_ABOUT_LINK) {
        set_link(sim, at->node, up);
    } else if (step->about == NETWORK_ABOUT_DIRECT_CONNECT) {
        set_direct_connect(sim, at->direct_connect, up || restart);
        if (restart)
            restart_direct_connect(sim, at->direct_connect);
    } else if (step->about == NETWORK_ABOUT_TUNNEL || step->about == NETWORK_ABOUT_CONNECTION) {
        set_tunnels(sim, at->connection, at->part, up || restart);
        for (size_t i = 0; restart && i < sim->world->tunnel_count; i++) {
            const struct tunnel *tunnel = &sim->world->tunnels[i];
            if (tunnel->connection == at->connection && (at->part < 0 || tunnel->part == at->part))
                restart_tunnel(sim, (int)i);
        }
    } else if (restart) {
        boot_again(sim, at->node, step);
    } else if (up) {
        sim->world->nodes[at->node].failed = false;
        sim_boot(sim, at->node, sim->now_us);
    } else {
        sim_shut_down(sim, at->node);
        sim->world->nodes[at->node].failed = true;
    }
}

/* Configuration lasts: it is told to the running engine and to every later one. */
static void tell(struct sim *sim, int node, struct event *event)
{
    node_add_setup(&sim->world->nodes[node], event);
    sim_step_engine(sim, node, event);
}

static void announce(struct sim *sim, const struct network_step *step, int node)
{
    struct event event;
    build_announcement(&step->announcement, &event);
    if (step->verb == NETWORK_STEP_WITHDRAW)
        event.kind = EVENT_WITHDRAW;
    tell(sim, node, &event);
}

static void configure(struct sim *sim, const struct network_step *step)
{
    struct build_changes changes;
    build_change(sim->world, sim->network, step, &changes);
    for (size_t i = 0; i < changes.count; i++)
        tell(sim, changes.items[i].node, &changes.items[i].event);
    build_changes_done(&changes);
}

void story_do(struct sim *sim, const struct network_step *step)
{
    struct build_place at = build_find(sim->world, sim->network, &step->object);
    switch (step->verb) {
    case NETWORK_STEP_ANNOUNCE:
    case NETWORK_STEP_WITHDRAW:
        announce(sim, step, at.node);
        break;
    case NETWORK_STEP_FAIL:
    case NETWORK_STEP_RESTORE:
    case NETWORK_STEP_RESTART:
    case NETWORK_STEP_REPLACE:
        strike(sim, step, &at);
        break;
    case NETWORK_STEP_CONFIGURE:
        configure(sim, step);
        break;
    case NETWORK_STEP_NONE:
    default:
        break;
    }
    sim_queue_look(sim, WORLD_NONE);
}

void story_step(struct sim *sim, int index)
{
    const struct network_step *step = &sim->network->story[index];
    struct build_place at = build_find(sim->world, sim->network, &step->object);
    enum moment_kind kind = step->verb == NETWORK_STEP_FAIL      ? MOMENT_FAILED
                            : step->verb == NETWORK_STEP_RESTORE ? MOMENT_RESTORED
                                                                 : MOMENT_STORY;
    sim_say(sim, kind, at.node, WORLD_NONE)->step = index;
    sim->last_change_us = sim->now_us;
    sim->steps_done++;
    story_do(sim, step);
}
