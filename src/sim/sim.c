#include "sim/sim.h"

#include "sim/parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Routers boot within 15 s of each other, or a quarter of the time to the story's first step. On
 * each, the routing daemon is there first and charon follows, as in the laboratory: half a second
 * later, and a charon answers 39 to 180 ms after it was started (lab README; two are started there
 * in turn). */
enum { PHASE_US = 15000000, CHARON_US = 578000, CHARON_SPREAD_US = 282000 };

const char *moment_word(enum moment_kind kind)
{
    static const char *const words[] = {
#define MOMENT(name, word, sentence) word,
#include "sim/moment.def"
#undef MOMENT
    };
    return words[kind];
}

const char *moment_sentence(enum moment_kind kind)
{
    static const char *const sentences[] = {
#define MOMENT(name, word, sentence) sentence,
#include "sim/moment.def"
#undef MOMENT
    };
    return sentences[kind];
}

struct moment *sim_say(struct sim *sim, enum moment_kind kind, int node, int tunnel)
{
    if (sim->moment_count == sim->moment_cap) {
        sim->moment_cap = sim->moment_cap ? sim->moment_cap * 2 : 64;
        sim->moments = realloc(sim->moments, sim->moment_cap * sizeof *sim->moments);
        assert(sim->moments);
    }
    struct moment *moment = &sim->moments[sim->moment_count++];
    *moment = (struct moment){.at_us = sim->now_us,
                              .kind = kind,
                              .node = node,
                              .tunnel = tunnel,
                              .into_tunnel = WORLD_NONE,
                              .step = -1};
    digest_u64(&sim->digest, (uint64_t)sim->now_us);
    digest_u64(&sim->digest, (uint64_t)kind << 32 | (uint32_t)node);
    digest_u64(&sim->digest, (uint32_t)tunnel);
    return moment;
}

int sim_neighbor_tunnel(const struct sim *sim, int node, uint16_t neighbor)
{
    const struct node *at = &sim->world->nodes[node];
    if (!neighbor || !at->engine)
        return WORLD_NONE;
    uint16_t interface = engine_neighbor(at->engine, neighbor)->interface;
    return at->ports[interface].kind == PORT_TUNNEL ? at->ports[interface].tunnel : WORLD_NONE;
}

static int64_t draw(struct sim *sim, struct span span)
{
    return span.min_us + sim_late(sim, span.max_us - span.min_us);
}

static void write_kernel(struct sim *sim, const struct happening *happening)
{
    struct node *node = &sim->world->nodes[happening->node];
    struct kernel *kernel = happening->outer ? &node->outer : &node->kernel;
    struct kernel_entry entry = happening->entry;
    entry.since_us = sim->now_us;
    if (happening->present)
        kernel_set(kernel, happening->prefix, &entry);
    else if (kernel_exact(kernel, happening->prefix))
        kernel_remove(kernel, happening->prefix);
}

static void effect_entry(struct sim *sim, int node_index, const struct effect_entry *wanted,
                         bool outer, int64_t delay_us)
{
    struct node_state *state = &sim->nodes[node_index];
    struct happening happening = {.kind = HAPPENS_KERNEL,
                                  .node = node_index,
                                  .incarnation = state->incarnation,
                                  .present = wanted->present,
                                  .outer = outer,
                                  .prefix = wanted->prefix};
    happening.entry = (struct kernel_entry){.port = wanted->interface,
                                            .neighbor = wanted->neighbor,
                                            .gateway = wanted->gateway,
                                            .source = wanted->source};
    if (sim->instant) {
        write_kernel(sim, &happening);
        return;
    }
    if (state->kernel_at_us < sim->now_us + delay_us)
        state->kernel_at_us = sim->now_us + delay_us;
    sim_at(sim, state->kernel_at_us, &happening);
}

static void effect_note(struct sim *sim, int node, const struct effect_note *note)
{
    static const int kinds[NOTE_COUNT] = {
        [NOTE_SESSION_UP] = MOMENT_SESSION_UP, [NOTE_SESSION_DOWN] = MOMENT_SESSION_DOWN,
        [NOTE_ROUTE_REFUSED] = MOMENT_REFUSED, [NOTE_LIMIT_EXCEEDED] = MOMENT_LIMIT,
        [NOTE_GUARD_HELD] = MOMENT_GUARD_HELD, [NOTE_GUARD_WARNED] = MOMENT_GUARD_WARNED,
        [NOTE_ROUTES_KEPT] = MOMENT_COUNT,     [NOTE_ROUTES_EXPIRED] = MOMENT_COUNT,
        [NOTE_BFD_UP] = MOMENT_COUNT,          [NOTE_BFD_DOWN] = MOMENT_COUNT,
        [NOTE_RESTART_OVER] = MOMENT_COUNT,    [NOTE_LIMIT_NEAR] = MOMENT_COUNT,
        [NOTE_OUT_OF_BUDGET] = MOMENT_COUNT,   [NOTE_MALFORMED] = MOMENT_COUNT,
        [NOTE_VPC_REFUSED] = MOMENT_COUNT,
    };
    if (kinds[note->kind] == MOMENT_COUNT)
        return;
    struct moment *moment = sim_say(sim, (enum moment_kind)kinds[note->kind], node,
                                    sim_neighbor_tunnel(sim, node, note->neighbor));
    moment->neighbor = note->neighbor;
    moment->prefix = note->prefix;
    moment->reason = note->reason;
    moment->attachment = note->attachment;
    sim->last_change_us = sim->now_us;
}

/* To whoever plays TCP. */
static void effect_connection(struct sim *sim, int node, const struct effect *effect)
{
    struct event_connection at = effect->connection;
    if (sim->instant && effect->kind == EFFECT_CONNECT)
        instant_connect(sim, node, at.neighbor);
    else if (sim->instant && effect->kind == EFFECT_CLOSE)
        instant_close(sim, node, at);
    else if (sim->instant)
        instant_send(sim, node, at);
    else if (effect->kind == EFFECT_CONNECT)
        tcp_connect(sim, node, at.neighbor);
    else if (effect->kind == EFFECT_CLOSE)
        tcp_close(sim, node, at);
    else
        tcp_send(sim, node, at);
}

static void apply_effects(struct sim *sim, int node, const struct step *step)
{
    const struct engine_config *config = &sim->world->nodes[node].config;
    int64_t kernel_delay_us = config->asn ? draw(sim, config->profile->rib_to_fib) : 0;
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const struct effect *effect = &step->effects[i];
        switch (effect->kind) {
        case EFFECT_CONNECT:
        case EFFECT_CLOSE:
        case EFFECT_SEND:
            effect_connection(sim, node, effect);
            break;
        case EFFECT_BFD_SEND: /* where time stands still, no silence is noticed */
            if (!sim->instant)
                datagram_send(sim, node, effect->connection.neighbor);
            break;
        case EFFECT_ENTRY:
            effect_entry(sim, node, &effect->entry, false, kernel_delay_us);
            break;
        case EFFECT_VPC_ENTRY: /* a VPC's tables are asked where they are */
            sim_queue_look(sim, WORLD_NONE);
            sim->last_change_us = sim->now_us;
            break;
        case EFFECT_NOTE:
            effect_note(sim, node, &effect->note);
            break;
        case EFFECT_COUNT:
        default:
            break;
        }
    }
}

static void arm_wake(struct sim *sim, int node, int64_t wake_at_us)
{
    struct node_state *state = &sim->nodes[node];
    if (state->wake_timer && state->wake_at_us == wake_at_us)
        return;
    sim_cancel(sim, &state->wake_timer);
    state->wake_at_us = wake_at_us;
    if (wake_at_us == ENGINE_NEVER)
        return;
    struct happening happening = {.kind = HAPPENS_WAKE, .node = node};
    if (wake_at_us < sim->now_us)
        wake_at_us = sim->now_us;
    state->wake_timer = sim_at(sim, wake_at_us, &happening);
}

static bool is_outer(const struct node *node, uint16_t port)
{
    return port <= node->port_count && (port == 0 || node->ports[port].kind == PORT_INTERNET ||
                                        node->ports[port].kind == PORT_VPC);
}

/* A router's VRF has a table of its own: another engine, which is told of the outer interface and
 * of routes that may lead there, and knows nothing of BGP. Returns whether the event was the VRF's
 * alone: routes by BGP that do not come from the router's own sessions. */
static bool step_vrf(struct sim *sim, int node_index, const struct event *event)
{
    const struct node *node = &sim->world->nodes[node_index];
    struct engine *vrf = sim->nodes[node_index].vrf;
    bool route = event->kind == EVENT_ROUTE_SET || event->kind == EVENT_ROUTE_REMOVE;
    bool concerns = route ? is_outer(node, event->route.interface)
                          : event->kind == EVENT_INTERFACE && event->interface.interface != 0 &&
                                is_outer(node, event->interface.interface);
    if (!vrf || !concerns)
        return false;
    struct step step = engine_step(vrf, event);
    for (uint32_t i = 0; i < step.effect_count; i++) {
        if (step.effects[i].kind == EFFECT_ENTRY)
            effect_entry(sim, node_index, &step.effects[i].entry, true, 0);
    }
    return route && event->route.source == ROUTE_EBGP;
}

static void hear(const struct sim *sim, int node, const struct event *event)
{
    const struct sim_listener *listener = sim->options.listener;
    if (listener && listener->node == node)
        listener->hear(listener->ctx, sim->world->nodes[node].engine, event);
}

void sim_step_engine(struct sim *sim, int node, struct event *event)
{
    struct engine *engine = sim->world->nodes[node].engine;
    if (!engine)
        return;
    struct step step;
    struct event more = {.kind = EVENT_CONTINUE};
    event->at_us = more.at_us = sim->now_us;
    if (step_vrf(sim, node, event))
        return;
    step = engine_step(engine, event);
    hear(sim, node, event);
    apply_effects(sim, node, &step);
    while (step.more) {
        step = engine_step(engine, &more);
        hear(sim, node, &more);
        apply_effects(sim, node, &step);
    }
    if (sim->world->nodes[node].engine == engine)
        arm_wake(sim, node, step.wake_at_us);
    if (sim->options.audit && !sim->complaint)
        sim->complaint = engine_audit(engine);
}

void sim_queue_look(struct sim *sim, int node)
{
    if (sim->instant) /* whoever asks looks */
        return;
    if (node == WORLD_NONE)
        sim->look_all = true;
    else
        sim->nodes[node].changed = true;
    if (sim->look_queued)
        return;
    sim->look_queued = true;
    struct happening happening = {.kind = HAPPENS_LOOK};
    sim_at(sim, sim->now_us, &happening);
}

/* Through a VPC or a Direct Connect a packet comes to other nodes, whose tables matter as well. */
static bool is_wide(const struct node *node)
{
    bool wide = false;
    for (uint16_t i = 1; i <= node->port_count; i++)
        wide |= node->ports[i].kind == PORT_VPC || node->ports[i].kind == PORT_DX;
    return wide && node->kind != NODE_GATEWAY;
}

static void look_at(struct sim *sim, int tunnel, int end)
{
    struct tunnel_state *state = &sim->tunnels[tunnel];
    int node = sim->world->tunnels[tunnel].ends[end].node;
    struct path path = {.hops = NULL};
    if (!sim->look_all && !sim->nodes[node].changed && !sim->nodes[node].wide)
        return;
    forward_outer(sim->world, tunnel, end, &path);
    if (path.swallowed == state->swallowed[end])
        return;
    state->swallowed[end] = path.swallowed;
    struct moment *moment =
        sim_say(sim, path.swallowed ? MOMENT_SWALLOWED : MOMENT_FREED, node, tunnel);
    moment->into_tunnel = path.into_tunnel;
    moment->arrives = path.swallowed && path.delivered && !path.beyond;
    moment->state = sim_router_digest(sim, node);
    state->last_loop_us = -1;
    if (path.swallowed && state->first_swallowed_us < 0)
        state->first_swallowed_us = sim->now_us;
    sim->any_swallowed |= path.swallowed;
}

/* Where a tunnel's own packets go is asked anew whenever tables have changed. */
static void look(struct sim *sim)
{
    const struct world *world = sim->world;
    sim->look_queued = false;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++)
            look_at(sim, (int)i, end);
    }
    for (size_t i = 0; i < world->node_count; i++)
        sim->nodes[i].changed = false;
    sim->look_all = false;
}

static void kernel_happens(struct sim *sim, const struct happening *happening)
{
    struct node *node = &sim->world->nodes[happening->node];
    if (happening->incarnation != sim->nodes[happening->node].incarnation)
        return;
    if (sim->faults && happening->kind == HAPPENS_KERNEL && fault_entry(sim, happening))
        return;
    struct kernel *kernel = happening->outer ? &node->outer : &node->kernel;
    const struct kernel_entry *old = kernel_exact(kernel, happening->prefix);
    if (!happening->present && !old)
        return;
    if (!happening->outer) {
        const struct kernel_entry *told = happening->present ? &happening->entry : old;
        struct moment *moment = sim_say(sim, happening->present ? MOMENT_ROUTE : MOMENT_ROUTE_GONE,
                                        happening->node, WORLD_NONE);
        moment->prefix = happening->prefix;
        moment->port = told->port;
        moment->gateway = told->gateway;
        moment->source = (uint8_t)told->source;
        moment->neighbor = told->neighbor;
    }
    write_kernel(sim, happening);
    sim->last_change_us = sim->now_us;
    sim_queue_look(sim, happening->node);
}

/* An entry that failed is offered anew, as the engine's table wants it by now. */
static void repair_happens(struct sim *sim, struct happening *happening)
{
    const struct node_state *state = &sim->nodes[happening->node];
    const struct engine *engine =
        happening->outer ? state->vrf : sim->world->nodes[happening->node].engine;
    struct table_best best;
    if (happening->incarnation != state->incarnation || !engine)
        return;
    happening->present =
        table_find(engine_table(engine), happening->prefix, &best) && best.way.kind != TABLE_HERE;
    if (happening->present) {
        bool by_bgp = best.route.source == ROUTE_EBGP || best.route.source == ROUTE_IBGP;
        happening->entry = (struct kernel_entry){.port = best.way.interface,
                                                 .neighbor = by_bgp ? (uint16_t)best.route.tag : 0,
                                                 .gateway = best.way.gateway,
                                                 .source = (enum route_source)best.route.source};
    }
    kernel_happens(sim, happening);
}

void sim_shut_down(struct sim *sim, int node_index)
{
    struct node *node = &sim->world->nodes[node_index];
    struct node_state *state = &sim->nodes[node_index];
    if (sim->instant)
        instant_forget_node(sim, node_index);
    else
        tcp_forget_node(sim, node_index);
    ike_forget_node(sim, node_index);
    sim_cancel(sim, &state->wake_timer);
    state->incarnation++;
    state->booted = false;
    engine_destroy(node->engine);
    engine_destroy(state->vrf);
    node->engine = state->vrf = NULL;
    kernel_clear(&node->kernel);
    kernel_clear(&node->outer);
    sim->last_change_us = sim->now_us;
    sim_queue_look(sim, WORLD_NONE);
}

void sim_boot(struct sim *sim, int node, int64_t at_us)
{
    struct happening happening = {
        .kind = HAPPENS_BOOT, .node = node, .incarnation = sim->nodes[node].incarnation};
    if (sim->last_boot_us < at_us)
        sim->last_boot_us = at_us;
    sim_at(sim, at_us, &happening);
}

/* -- static VPN connections: the gateway's routes lead into the first tunnel that is up -- */

static void say_static(struct sim *sim, int node_index, uint16_t attachment, uint16_t port)
{
    const struct node *node = &sim->world->nodes[node_index];
    for (size_t i = 0; i < node->setup_count; i++) {
        struct event event = node->setup[i];
        if (event.kind != EVENT_STATIC_VPN || event.static_vpn.attachment != attachment)
            continue;
        event.static_vpn.interface = port;
        sim_step_engine(sim, node_index, &event);
    }
}

/* A booting engine is told of the first tunnel. */
static void reset_static(struct sim *sim, int node)
{
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &sim->world->tunnels[i];
        if (tunnel->part == 0 && tunnel->ends[TUNNEL_GATEWAY].node == node)
            sim->connections[tunnel->connection].active_port = tunnel->ends[TUNNEL_GATEWAY].port;
    }
}

void sim_choose_static(struct sim *sim, int changed)
{
    int index = sim->world->tunnels[changed].connection;
    const struct connection *connection = &sim->world->connections[index];
    uint16_t *active = &sim->connections[index].active_port, chosen = 0;
    if (!connection->is_static || !sim->world->nodes[connection->gateway].engine)
        return;
    for (size_t i = 0; chosen == 0 && i < sim->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &sim->world->tunnels[i];
        if (tunnel->connection == index && tunnel->ends[TUNNEL_GATEWAY].sa)
            chosen = tunnel->ends[TUNNEL_GATEWAY].port;
    }
    if (chosen == 0 || chosen == *active) /* none is up: the routes stay (traps.md T40) */
        return;
    say_static(sim, connection->gateway, connection->attachment, chosen);
    *active = chosen;
}

static void start_tunnels(struct sim *sim, int node)
{
    for (size_t i = 0; i < sim->world->tunnel_count && !sim->instant; i++) {
        for (int end = 0; end < 2; end++) {
            const struct tunnel *tunnel = &sim->world->tunnels[i];
            struct ike_end *ike = &sim->tunnels[i].ends[end];
            if (tunnel->ends[end].node != node || !tunnel->starts[end] || tunnel->plain)
                continue;
            struct happening happening = {
                .kind = HAPPENS_IKE_START, .node = node, .tunnel = (int)i, .end = (uint8_t)end};
            ike->start_timer =
                sim_at(sim, sim->now_us + CHARON_US + sim_late(sim, CHARON_SPREAD_US), &happening);
        }
    }
}

static void boot_vrf(const struct node *node, struct node_state *state, const struct event *boot)
{
    struct engine_config config = node->config;
    config.asn = 0;
    state->vrf = engine_create(&config);
    assert(state->vrf);
    engine_step(state->vrf, boot);
}

/* Latencies without their spread: the least. */
static void take_exact_profile(struct node_state *state, const struct platform_profile *profile)
{
    state->profile = *profile;
    state->profile.decision.max_us = profile->decision.min_us;
    state->profile.rib_to_fib.max_us = profile->rib_to_fib.min_us;
    state->profile.withdraw_to_fib.max_us = profile->withdraw_to_fib.min_us;
    state->profile.session_restart.max_us = profile->session_restart.min_us;
    state->profile.jitter_percent = 0;
}

static void take_instant_profile(struct node_state *state, const struct platform_profile *profile)
{
    state->profile = *profile;
    platform_take_no_time(&state->profile);
}

static struct engine *make_engine(struct sim *sim, int node_index)
{
    struct engine_config config = sim->world->nodes[node_index].config;
    struct node_state *state = &sim->nodes[node_index];
    if (sim->instant)
        take_instant_profile(state, config.profile);
    else if (sim->options.no_phase)
        take_exact_profile(state, config.profile);
    if (sim->options.no_phase)
        config.profile = &state->profile;
    struct engine *engine = engine_create(&config);
    assert(engine);
    return engine;
}

/* A line that was cut while the node was away is still cut. */
static void say_cut_lines(struct sim *sim, int node_index)
{
    const struct node *node = &sim->world->nodes[node_index];
    for (uint16_t i = 1; i <= node->port_count; i++) {
        const struct port *port = &node->ports[i];
        struct event event = {.kind = EVENT_INTERFACE,
                              .interface = {i, port->addr, port->len, false}};
        if (port->kind == PORT_DX && !port->up)
            sim_step_engine(sim, node_index, &event);
    }
}

static void boot_happens(struct sim *sim, const struct happening *happening)
{
    struct node *node = &sim->world->nodes[happening->node];
    struct node_state *state = &sim->nodes[happening->node];
    if (happening->incarnation != state->incarnation || state->booted)
        return;
    state->booted = true;
    node->engine = make_engine(sim, happening->node);
    struct event boot = {
        .kind = EVENT_BOOT, .at_us = sim->now_us, .boot = {.seed = prng_next(&sim->prng)}};
    if (node->outer_vrf)
        boot_vrf(node, state, &boot);
    sim_step_engine(sim, happening->node, &boot);
    for (size_t i = 0; i < node->setup_count; i++) {
        struct event event = node->setup[i];
        sim_step_engine(sim, happening->node, &event);
    }
    say_cut_lines(sim, happening->node);
    reset_static(sim, happening->node);
    if (node->kind == NODE_ROUTER || node->kind == NODE_GATEWAY)
        sim_say(sim, MOMENT_BOOT, happening->node, WORLD_NONE);
    start_tunnels(sim, happening->node);
}

static void happen(struct sim *sim, struct happening *happening)
{
    struct event wake = {.kind = EVENT_TIME};
    switch (happening->kind) {
    case HAPPENS_BOOT:
        boot_happens(sim, happening);
        break;
    case HAPPENS_WAKE:
        sim->nodes[happening->node].wake_timer = 0;
        sim_step_engine(sim, happening->node, &wake);
        break;
    case HAPPENS_KERNEL:
        kernel_happens(sim, happening);
        break;
    case HAPPENS_SEGMENT:
        if (sim->instant)
            instant_arrive(sim, &happening->segment, happening->node);
        else
            tcp_arrive(sim, &happening->segment, happening->node);
        free(happening->segment.bytes);
        break;
    case HAPPENS_DATAGRAM:
        datagram_arrive(sim, &happening->segment, happening->node);
        free(happening->segment.bytes);
        break;
    case HAPPENS_TCP:
        tcp_timer(sim, (uint32_t)happening->tunnel, happening->end);
        break;
    case HAPPENS_IKE:
        if (sim->nodes[happening->node].booted && !sim->world->nodes[happening->node].failed)
            ike_arrive(sim, &happening->ike);
        break;
    case HAPPENS_IKE_DPD:
        ike_dpd_job(sim, happening->tunnel, happening->end);
        break;
    case HAPPENS_IKE_RETRY:
        ike_retry_job(sim, happening->tunnel, happening->end);
        break;
    case HAPPENS_IKE_START:
        sim->tunnels[happening->tunnel].ends[happening->end].start_timer = 0;
        ike_start(sim, happening->tunnel, happening->end);
        break;
    case HAPPENS_STEP:
        story_step(sim, happening->step);
        break;
    case HAPPENS_REPAIR:
        repair_happens(sim, happening);
        break;
    case HAPPENS_FAULT:
        fault_strike(sim);
        break;
    case HAPPENS_LOOK:
        look(sim);
        break;
    default:
        break;
    }
}

bool sim_next(struct sim *sim, int64_t until_us)
{
    const struct heap_entry *first = heap_first(&sim->queue);
    if (!first || first->when_us > until_us)
        return false;
    uint32_t id = first->id;
    struct happening happening = *(struct happening *)pool_get(&sim->happenings, id);
    sim->now_us = first->when_us;
    sim->event_count++;
    heap_drop(&sim->queue, id);
    pool_give(&sim->happenings, id);
    digest_u64(&sim->digest, (uint64_t)sim->now_us);
    digest_u64(&sim->digest, (uint64_t)happening.kind << 32 | (uint32_t)happening.node);
    happen(sim, &happening);
    return true;
}

static int64_t phase_limit_us(const struct network *network)
{
    if (!network || network->step_count == 0 || network->story[0].at_us / 4 >= PHASE_US)
        return PHASE_US;
    return network->story[0].at_us / 4;
}

/* Gateways are there when customers come; instances and VPCs are there from the beginning. */
static void queue_boots(struct sim *sim)
{
    int64_t phase_us = phase_limit_us(sim->network);
    for (size_t i = 0; i < sim->world->node_count; i++) {
        struct node *node = &sim->world->nodes[i];
        sim->nodes[i].clock_offset_us = sim_late(sim, 999999);
        sim->nodes[i].wide = is_wide(node);
        bool owned = node->kind == NODE_VPC && node->owner != (int)i;
        if (node->kind == NODE_INTERNET || owned)
            continue;
        sim_boot(sim, (int)i, node->kind == NODE_ROUTER ? sim_late(sim, phase_us) : 0);
    }
}

struct sim *sim_create(struct world *world, const struct network *network,
                       const struct sim_options *options)
{
    struct sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        return NULL;
    sim->world = world;
    sim->network = network;
    sim->options = *options;
    if (!sim->options.limit_us)
        sim->options.limit_us = SIM_LIMIT_US;
    if (!sim->options.events)
        sim->options.events = SIM_EVENTS;
    sim->prng = prng_seed(options->seed);
    sim->digest = digest_start();
    budget_init(&sim->budget, world_alloc(), 0);
    heap_init(&sim->queue, &sim->budget);
    pool_init(&sim->happenings, &sim->budget, sizeof(struct happening), 6);
    sim->nodes = calloc(world->node_count, sizeof *sim->nodes);
    sim->tunnels = calloc(world->tunnel_count + 1, sizeof *sim->tunnels);
    sim->connections = calloc(world->connection_count + 1, sizeof *sim->connections);
    assert(sim->nodes && sim->tunnels && sim->connections);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        sim->tunnels[i].first_swallowed_us = sim->tunnels[i].last_loop_us = -1;
        cycles_init(&sim->tunnels[i].cycles);
        world->tunnels[i].ends[0].sa = world->tunnels[i].ends[1].sa = 0;
    }
    for (size_t i = 0; i < world->node_count; i++) {
        engine_destroy(world->nodes[i].engine);
        world->nodes[i].engine = NULL;
        kernel_clear(&world->nodes[i].kernel);
        kernel_clear(&world->nodes[i].outer);
    }
    sim->quiet_us = sim_quiet_us(world);
    queue_boots(sim);
    if (options->faults)
        fault_init(sim, options->faults);
    if (network)
        story_queue(sim);
    return sim;
}

void sim_destroy(struct sim *sim)
{
    if (!sim)
        return;
    tcp_done(sim);
    fault_done(sim);
    instant_done(sim);
    while (heap_first(&sim->queue)) {
        uint32_t id = heap_first(&sim->queue)->id;
        const struct happening *happening = pool_get(&sim->happenings, id);
        if (happening->kind == HAPPENS_SEGMENT)
            free(happening->segment.bytes);
        heap_drop(&sim->queue, id);
    }
    heap_done(&sim->queue);
    pool_done(&sim->happenings);
    for (size_t i = 0; i < sim->world->node_count; i++)
        engine_destroy(sim->nodes[i].vrf);
    free(sim->nodes);
    free(sim->tunnels);
    free(sim->connections);
    free(sim->moments);
    free(sim);
}
