/* Single failures: of each tunnel, connection, Direct Connect and router. That what failed is gone,
 * and what only it connected, is no finding. A tunnel that is swallowed then is one, and so is a
 * pair that no longer reaches each other though both still hang on one gateway: the way that was to
 * take over does not. */
#include "check/inquiry.h"

#include "network/edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct failure {
    enum network_about about;
    struct network_ref object; /* id borrowed from the network */
};

/* -- who hangs on which gateway -- */

struct attached {
    const struct world *world;
    const struct screen *screen;
    int *gateways; /* nodes */
    size_t gateway_count;
    bool *items; /* of nodes, one for each gateway */
};

static bool *attached_at(const struct attached *attached, int node)
{
    return &attached->items[(size_t)node * attached->gateway_count];
}

static void attach(struct attached *attached, int node, int gateway)
{
    for (size_t i = 0; node != WORLD_NONE && i < attached->gateway_count; i++)
        attached_at(attached, node)[i] |= attached->gateways[i] == gateway;
}

static bool is_alive(const struct world *world, int node)
{
    return node != WORLD_NONE && !world->nodes[node].failed;
}

/* By lines that are up: tunnels of the set, Direct Connects, and a gateway's leg in its VPC. */
static void attach_lines(struct attached *attached)
{
    const struct world *world = attached->world;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        if (attached->screen->tunnels[i].state == SCREEN_UP)
            attach(attached, tunnel->ends[TUNNEL_CUSTOMER].node, tunnel->ends[TUNNEL_GATEWAY].node);
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *direct = &world->direct_connects[i];
        if (!direct->failed && is_alive(world, direct->router))
            attach(attached, direct->router, direct->gateway);
    }
    for (size_t i = 0; i < attached->gateway_count; i++) {
        const struct node *node = &world->nodes[attached->gateways[i]];
        for (uint16_t p = 1; p <= node->port_count; p++) {
            if (node->ports[p].kind == PORT_VPC)
                attached_at(attached, node->ports[p].peer)[i] = true;
        }
    }
}

/* A VPC hangs on what a router in it hangs on, and its instances on what it hangs on. */
static void attach_vpcs(struct attached *attached, bool outwards)
{
    const struct world *world = attached->world;
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (!node->in_vpc || node->port_count == 0 || !is_alive(world, (int)i))
            continue;
        int from = outwards ? (int)i : node->ports[1].peer;
        int to = outwards ? node->ports[1].peer : (int)i;
        for (size_t g = 0; g < attached->gateway_count; g++)
            attached_at(attached, to)[g] |= attached_at(attached, from)[g];
    }
}

static struct attached attached_now(const struct screen *screen)
{
    const struct world *world = screen->world;
    struct attached attached = {.world = world, .screen = screen};
    attached.gateways = calloc(world->node_count, sizeof *attached.gateways);
    assert(attached.gateways);
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].kind == NODE_GATEWAY)
            attached.gateways[attached.gateway_count++] = (int)i;
    }
    attached.items = calloc(world->node_count, attached.gateway_count + 1);
    assert(attached.items);
    attach_lines(&attached);
    attach_vpcs(&attached, true);
    attach_vpcs(&attached, false);
    return attached;
}

static void attached_done(struct attached *attached)
{
    free(attached->gateways);
    free(attached->items);
}

/* The gateway on which both ends still hang; WORLD_NONE: there is none, and no wonder that they
 * have lost each other. */
static int shared_gateway(const struct attached *attached, const struct reach_pair *pair)
{
    if (!is_alive(attached->world, pair->from.node) || !is_alive(attached->world, pair->to.node))
        return WORLD_NONE;
    for (size_t i = 0; i < attached->gateway_count; i++) {
        if (attached_at(attached, pair->from.node)[i] && attached_at(attached, pair->to.node)[i])
            return attached->gateways[i];
    }
    return WORLD_NONE;
}

/* -- one failure -- */

/* What came of it in the world of the iteration. */
struct outcome {
    bool asked;                    /* a tunnel that still asks does not come through */
    struct reach reach;            /* what may be asked of a network with this failure */
    const struct reach_pair *lost; /* the first pair, of the inquiry's; NULL: none */
    size_t lost_count;
    int gateway; /* on which it still hangs */
};

static void look_for_lost(const struct inquiry *inquiry, struct outcome *outcome)
{
    const struct screen *screen = &inquiry->screen;
    struct attached attached = attached_now(screen);
    const struct reach_pair *pair = NULL;
    while ((pair = reach_lost_next(&inquiry->reach, screen->world, pair)) != NULL) {
        int gateway = shared_gateway(&attached, pair);
        if (gateway == WORLD_NONE)
            continue;
        if (outcome->lost_count++ == 0) {
            outcome->lost = pair;
            outcome->gateway = gateway;
        }
    }
    for (size_t i = 0; i < outcome->reach.pair_count; i++) {
        struct reach_pair *asked = &outcome->reach.pairs[i];
        asked->wanted = asked->wanted && shared_gateway(&attached, asked) != WORLD_NONE;
    }
    attached_done(&attached);
}

/* A pair that goes through a tunnel that is swallowed is that tunnel's matter. */
static void probe(struct inquiry *inquiry, const struct network_step *fail, struct outcome *outcome)
{
    struct network_step restore = *fail;
    restore.verb = NETWORK_STEP_RESTORE;
    reach_copy(&inquiry->reach, &outcome->reach);
    instant_play(inquiry->screen.sim, fail);
    bool fails = inquiry_probe(inquiry);
    outcome->asked = fails && inquiry_is_asked(inquiry);
    look_for_lost(inquiry, outcome);
    if (fails)
        outcome->lost = NULL;
    instant_play(inquiry->screen.sim, &restore);
    screen_return(&inquiry->screen);
}

static const char *noun_of(enum network_about about)
{
    return about == NETWORK_ABOUT_TUNNEL ? "the tunnel " : "";
}

static void say_lost(struct inquiry *inquiry, const struct outcome *outcome,
                     const struct supposition *supposed, const struct world *world)
{
    struct check *check = inquiry->check;
    const struct reach_pair *lost = outcome->lost;
    struct check_finding *finding = check_add_finding(check);
    const char *from = check_text(check, "%s", text_of_ip(lost->from.addr));
    finding->kind = CHECK_FINDING_NO_FAILOVER;
    finding->level = CHECK_LATENT;
    finding->condition = supposed->words;
    finding->no_prefix = true;
    finding->gateway = check_text(check, "%s", world->nodes[outcome->gateway].id);
    finding->place = supposed->what;
    finding->what = check_text(check, "%s and %s would lose each other if %s", from,
                               text_of_ip(lost->to.addr), supposed->words);
    check_add_text(
        check, &finding->because,
        check_text(check, "%s (%s) and %s (%s) would both still have a way to %s, and not take it",
                   from, world->nodes[lost->from.node].id, text_of_ip(lost->to.addr),
                   world->nodes[lost->to.node].id, finding->gateway));
    if (outcome->lost_count > 1)
        check_add_text(check, &finding->because,
                       check_text(check, "so would %zu more pairs", outcome->lost_count - 1));
}

/* The same in time: is it so there, too? */
static void run_in_time(struct inquiry *inquiry, const struct network_step *fail,
                        const struct supposition *supposed, const struct outcome *outcome)
{
    struct network view = *inquiry->network;
    struct network_step step = *fail;
    struct run run;
    step.at_us = SUPPOSED_US;
    view.story = &step;
    view.step_count = 1;
    struct network *variant = network_copy(&view);
    if (inquiry_run(inquiry, variant, &run)) {
        bool was = outcome->lost && reach_is_reached(run.world, outcome->lost);
        inquiry_watch(inquiry, &run);
        inquiry_look(inquiry, variant, &run, supposed, &outcome->reach);
        if (was && !reach_is_reached(run.world, outcome->lost))
            say_lost(inquiry, outcome, supposed, run.world);
        run_done(&run);
    }
    network_free(variant);
}

static void try_out(struct inquiry *inquiry, const struct failure *failure)
{
    struct network_step fail = {
        .verb = NETWORK_STEP_FAIL, .about = failure->about, .object = failure->object};
    struct supposition supposed = {.origin = WORLD_NONE};
    struct outcome outcome = {.gateway = WORLD_NONE};
    if (!inquiry_may_probe(inquiry))
        return;
    supposed.what = check_text(inquiry->check, "%s", failure->object.id);
    supposed.words =
        check_text(inquiry->check, "%s%s failed", noun_of(failure->about), failure->object.id);
    probe(inquiry, &fail, &outcome);
    if (outcome.asked || outcome.lost)
        run_in_time(inquiry, &fail, &supposed, &outcome);
    reach_done(&outcome.reach);
}

/* -- all of them -- */

static void fail_connection(struct inquiry *inquiry, size_t index)
{
    const struct network_connection *at = &inquiry->network->vpn_connections[index];
    for (size_t i = 0; i < at->tunnel_count; i++) {
        struct failure tunnel = {NETWORK_ABOUT_TUNNEL,
                                 {.id = check_text(inquiry->check, "%s/%zu", at->id, i + 1),
                                  .kind = NETWORK_TUNNEL,
                                  .index = (int32_t)index,
                                  .part = (int32_t)i}};
        try_out(inquiry, &tunnel);
    }
    struct failure connection = {
        NETWORK_ABOUT_CONNECTION,
        {.id = at->id, .kind = NETWORK_VPN_CONNECTION, .index = (int32_t)index, .part = -1}};
    if (at->tunnel_count > 1)
        try_out(inquiry, &connection);
}

void failures_try(struct inquiry *inquiry)
{
    const struct network *network = inquiry->network;
    for (size_t i = 0; i < network->vpn_connection_count; i++)
        fail_connection(inquiry, i);
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        struct failure direct = {NETWORK_ABOUT_DIRECT_CONNECT,
                                 {.id = network->direct_connects[i].id,
                                  .kind = NETWORK_DIRECT_CONNECT,
                                  .index = (int32_t)i,
                                  .part = -1}};
        try_out(inquiry, &direct);
    }
    for (size_t i = 0; i < network->router_count; i++) {
        struct failure router = {NETWORK_ABOUT_ROUTER,
                                 {.id = network->routers[i].id,
                                  .kind = NETWORK_ROUTER,
                                  .index = (int32_t)i,
                                  .part = -1}};
        if (world_find_node(inquiry->screen.world, router.object.id) != WORLD_NONE)
            try_out(inquiry, &router);
    }
}
