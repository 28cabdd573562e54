#include "check/survive.h"

#include "check/run.h"
#include "network/memory.h"
#include "network/step.h"

#include <stdlib.h>
#include <string.h>

enum { SECOND_US = 1000000, YAML_BYTES = 256 };

struct failing {
    const char *kind;
    const char *key; /* of a story's step */
    char id[YAML_BYTES / 2];
};

struct list {
    struct failing *items;
    size_t count, cap, left_out;
};

static void add(struct list *list, const char *kind, const char *key, const char *id)
{
    if (list->count == SURVIVE_FAILURES_MAX) {
        list->left_out++;
        return;
    }
    list->items = memory_grow(list->items, list->count, &list->cap, sizeof *list->items);
    struct failing *failing = &list->items[list->count++];
    failing->kind = kind;
    failing->key = key;
    snprintf(failing->id, sizeof failing->id, "%s", id);
}

static bool has_link(const struct node *node)
{
    for (uint16_t i = 1; i <= node->port_count; i++) {
        if (node->ports[i].kind == PORT_INTERNET || node->ports[i].kind == PORT_VPC)
            return true;
    }
    return false;
}

/* A router's provider is a node that no file names; that it fails is that the link does. */
static void list_nodes(const struct network *network, const struct world *world, struct list *list)
{
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (node->failed || (node->kind != NODE_ROUTER && node->kind != NODE_GATEWAY) ||
            network_find(network, node->id).kind == NETWORK_NOTHING)
            continue;
        bool router = node->kind == NODE_ROUTER;
        add(list, router ? "router" : "gateway", router ? "router" : "vpn_gateway", node->id);
        if (router && has_link(node) && !node->underlay_down)
            add(list, "link of router", "link", node->id);
    }
}

/* In the world as it has come to rest. */
static void list_failures(const struct network *network, const struct world *world,
                          struct list *list)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (!world->tunnels[i].failed)
            add(list, "tunnel", "tunnel", world->tunnels[i].id);
    }
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        if (network->vpn_connections[i].tunnel_count > 1)
            add(list, "VPN connection", "vpn_connection", network->vpn_connections[i].id);
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        if (!world->direct_connects[i].failed)
            add(list, "Direct Connect", "direct_connect", world->direct_connects[i].id);
    }
    list_nodes(network, world, list);
}

/* The network with one step more; NULL when the step cannot be, which is a bug of ours. */
static struct network *with_failure(const struct network *network, const struct failing *failing,
                                    int64_t at_us)
{
    char yaml[YAML_BYTES];
    struct diagnostics diagnostics;
    struct network *copy = network_copy(network);
    copy->until_us = -1;
    diagnostics_init(&diagnostics);
    snprintf(yaml, sizeof yaml, "{fail: {%s: %s}, at: %llds}", failing->key, failing->id,
             (long long)(at_us / SECOND_US));
    bool fine = network_add_step(copy, (struct slice){(const uint8_t *)yaml, strlen(yaml)},
                                 "failure", &diagnostics);
    diagnostics_done(&diagnostics);
    if (fine)
        return copy;
    network_free(copy);
    return NULL;
}

static bool is_own(const struct world *world, const struct failing *failing,
                   const struct reach_pair *pair)
{
    int node =
        strcmp(failing->key, "router") == 0 ? world_find_node(world, failing->id) : WORLD_NONE;
    return node != WORLD_NONE && (pair->from.node == node || pair->to.node == node);
}

static void judge(const struct reach *reach, const struct survive *survive, const struct run *run,
                  const struct failing *failing, struct survive_failure *failure)
{
    failure->settled = run->end == SIM_SETTLED;
    for (size_t i = 0; i < reach->pair_count; i++) {
        if (!survive->reached[i] || reach_is_reached(run->world, &reach->pairs[i]))
            continue;
        bool own = is_own(run->world, failing, &reach->pairs[i]);
        failure->lost[i] = !own;
        failure->lost_count += !own;
        failure->own_count += own;
    }
}

static bool try_failure(const struct network *network, const struct reach *reach, uint64_t seed,
                        int64_t at_us, const struct failing *failing, struct survive *survive)
{
    struct run run;
    struct network *copy = with_failure(network, failing, at_us);
    if (!copy)
        return false;
    bool begun = run_begin(&run, copy, seed, 0);
    if (begun) {
        struct survive_failure *failure = &survive->failures[survive->failure_count++];
        *failure = (struct survive_failure){
            .kind = failing->kind,
            .what = memory_text(failing->id, strlen(failing->id)),
            .lost = memory_zeroed(reach->pair_count, sizeof *failure->lost)};
        run_finish(&run);
        judge(reach, survive, &run, failing, failure);
        run_done(&run);
    }
    network_free(copy);
    return begun;
}

static void mark_reached(const struct reach *reach, const struct world *world,
                         struct survive *survive)
{
    survive->reached = memory_zeroed(reach->pair_count, sizeof *survive->reached);
    for (size_t i = 0; i < reach->pair_count; i++) {
        survive->reached[i] = reach_is_reached(world, &reach->pairs[i]);
        survive->reached_count += survive->reached[i];
    }
}

/* A run is over: told, and asked whether there is to be another. */
static void look_on(const struct survive_watch *watch, struct survive *survive)
{
    if (!watch)
        return;
    watch->progress(watch->context, survive->failure_count + 1, "failure");
    survive->interrupted = watch->interrupted();
}

bool survive_run(const struct network *network, const struct reach *reach, uint64_t seed,
                 const struct survive_watch *watch, struct survive *ret_survive)
{
    struct survive survive = {0};
    struct list list = {0};
    struct run run;
    if (!run_begin(&run, network, seed, 0))
        return false;
    run_finish(&run);
    int64_t at_us = (sim_now_us(run.sim) / SECOND_US + 1) * SECOND_US;
    survive.settled = run.end == SIM_SETTLED;
    mark_reached(reach, run.world, &survive);
    list_failures(network, run.world, &list);
    run_done(&run);
    survive.left_out = list.left_out;
    survive.failures = memory_zeroed(list.count, sizeof *survive.failures);
    bool fine = true;
    look_on(watch, &survive);
    for (size_t i = 0; fine && !survive.interrupted && i < list.count; i++) {
        fine = try_failure(network, reach, seed, at_us, &list.items[i], &survive);
        look_on(watch, &survive);
    }
    survive.left_out += list.count - survive.failure_count;
    free(list.items);
    if (fine)
        *ret_survive = survive;
    else
        survive_done(&survive);
    return fine;
}

void survive_done(struct survive *survive)
{
    for (size_t i = 0; i < survive->failure_count; i++) {
        free(survive->failures[i].what);
        free(survive->failures[i].lost);
    }
    free(survive->failures);
    free(survive->reached);
    *survive = (struct survive){0};
}

bool survive_holds(const struct survive *survive, size_t pair)
{
    bool holds = survive->reached[pair];
    for (size_t i = 0; holds && i < survive->failure_count; i++)
        holds = !survive->failures[i].lost[pair];
    return holds;
}
