#include "check/spare.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 64 }; /* of one change: a filter for each neighbor of its router */

#define LOOK_EVERY_US       (100ll * 1000)
#define SWALLOWED_WITHIN_US (3ll * 1000000)
#define BACK_EVERY_US       (1ll * 1000000)
#define BACK_WITHIN_US      (1200ll * 1000000)

struct undoing {
    int node;
    struct event made[EVENTS_MAX], taken_back[EVENTS_MAX];
    size_t count;
};

/* -- the events of a change -- */

static void add(struct undoing *undoing, const struct event *made, const struct event *taken_back)
{
    undoing->made[undoing->count] = *made;
    undoing->taken_back[undoing->count++] = *taken_back;
}

static void undoing_done(struct undoing *undoing)
{
    for (size_t i = 0; i < undoing->count; i++) {
        if (undoing->taken_back[i].kind == EVENT_FILTER)
            free((void *)(uintptr_t)undoing->taken_back[i].filter.rules);
    }
}

static bool has_route(const struct network_router *router, struct prefix prefix)
{
    for (size_t i = 0; i < router->route_count; i++) {
        if (prefix_equal(router->routes[i].prefix, prefix))
            return true;
    }
    return false;
}

/* Only where it has replaced nothing. */
static void undo_route(const struct world *world, const struct network_router *router,
                       const struct change *change, struct undoing *undoing)
{
    undoing->node = world_find_node(world, router->id);
    if (undoing->node == WORLD_NONE || has_route(router, change->prefix))
        return;
    const struct node *node = &world->nodes[undoing->node];
    for (size_t i = 0; i < node->setup_count && undoing->count < EVENTS_MAX; i++) {
        struct event event = node->setup[i];
        if (event.kind != EVENT_ROUTE_SET || event.route.source != ROUTE_STATIC ||
            !prefix_equal(event.route.prefix, change->prefix))
            continue;
        event.kind = EVENT_ROUTE_REMOVE;
        add(undoing, &node->setup[i], &event);
    }
}

static bool is_denial(const struct prefix_rule *rule, struct prefix prefix)
{
    return !rule->permit && prefix_equal(rule->prefix, prefix) && rule->ge == prefix.len &&
           rule->le == prefix.len;
}

/* The filter without its first rule that denies the prefix; nothing where it has none. */
static void undo_denial(const struct event *filter, struct prefix prefix, struct undoing *undoing)
{
    size_t count = filter->filter.count, at = 0;
    while (at < count && !is_denial(&filter->filter.rules[at], prefix))
        at++;
    if (at == count || undoing->count == EVENTS_MAX)
        return;
    struct prefix_rule *rules = calloc(count, sizeof *rules);
    assert(rules);
    memcpy(rules, filter->filter.rules, at * sizeof *rules);
    memcpy(rules + at, filter->filter.rules + at + 1, (count - at - 1) * sizeof *rules);
    struct event event = *filter;
    event.filter.rules = rules;
    event.filter.count = (uint16_t)(count - 1);
    add(undoing, filter, &event);
}

/* Is the attachment that of the neighbor? 0: of any. */
static bool is_with(const struct node *node, uint16_t attachment, ip_addr neighbor)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *said = &node->setup[i];
        if (said->kind == EVENT_NEIGHBOR && said->neighbor.attachment == attachment &&
            (neighbor == 0 || said->neighbor.peer_addr == neighbor))
            return true;
    }
    return false;
}

static void undo_import(const struct world *world, const struct network_router *router,
                        const struct change *change, struct undoing *undoing)
{
    undoing->node = world_find_node(world, router->id);
    if (undoing->node == WORLD_NONE)
        return;
    const struct node *node = &world->nodes[undoing->node];
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *said = &node->setup[i];
        if (said->kind == EVENT_FILTER && !said->filter.export &&
            is_with(node, said->filter.attachment, change->neighbor))
            undo_denial(said, change->prefix, undoing);
    }
}

static void undo_export(const struct world *world, const char *id, const struct change *change,
                        struct undoing *undoing)
{
    int index = world_find_connection(world, id);
    if (index == WORLD_NONE) /* another change has taken it away */
        return;
    const struct connection *connection = &world->connections[index];
    const struct node *node = &world->nodes[connection->gateway];
    undoing->node = connection->gateway;
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *said = &node->setup[i];
        if (said->kind == EVENT_FILTER && said->filter.export &&
            said->filter.attachment == connection->attachment)
            undo_denial(said, change->prefix, undoing);
    }
}

static void undo(const struct world *world, const struct network *original,
                 const struct change *change, struct undoing *undoing)
{
    undoing->count = 0;
    if (change->kind == CHANGE_HOST_ROUTE || change->kind == CHANGE_NEXT_HOP_ROUTE)
        undo_route(world, &original->routers[change->index], change, undoing);
    else if (change->kind == CHANGE_IMPORT_DENY)
        undo_import(world, &original->routers[change->index], change, undoing);
    else if (change->kind == CHANGE_EXPORT_DENY)
        undo_export(world, original->vpn_connections[change->index].id, change, undoing);
}

/* -- for a moment -- */

static void tell(struct run *run, const struct undoing *undoing, const struct event *events)
{
    for (size_t i = 0; i < undoing->count; i++)
        sim_tell(run->sim, undoing->node, &events[i]);
}

static bool is_swallowed_since(const struct run *run, size_t from)
{
    size_t count;
    const struct moment *moments = sim_moments(run->sim, &count);
    for (size_t i = from; i < count; i++) {
        if (moments[i].kind == MOMENT_SWALLOWED)
            return true;
    }
    return false;
}

static bool swallows(struct run *run)
{
    int64_t end_us = sim_now_us(run->sim) + SWALLOWED_WITHIN_US;
    size_t from;
    (void)sim_moments(run->sim, &from);
    while (sim_now_us(run->sim) < end_us && !is_swallowed_since(run, from))
        run_until(run, sim_now_us(run->sim) + LOOK_EVERY_US);
    return is_swallowed_since(run, from);
}

static size_t sessions_up(const struct world *world)
{
    size_t count = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        const struct engine *engine = world->nodes[i].engine;
        for (uint16_t k = 1; engine && k <= engine_neighbor_count(engine); k++)
            count += engine_session(engine, k)->state == SESSION_ESTABLISHED;
    }
    return count;
}

/* A route that is configured is back before any session is lost. What a neighbor is to say again,
 * it says in a tunnel that is given up first, by one end and then by the other. */
static bool comes_back(struct run *run, size_t sessions)
{
    int64_t end_us = sim_now_us(run->sim) + BACK_WITHIN_US;
    bool lost = false, back = false;
    while (!back && sim_now_us(run->sim) < end_us) {
        run_until(run, sim_now_us(run->sim) + BACK_EVERY_US);
        bool up = run_all_up(run) && sessions_up(run->world) == sessions;
        lost |= !up;
        back = up && (!lost || sim_is_quiet(run->sim));
    }
    return back;
}

void spare_mark(struct run *run, const struct network *original, const struct change *changes,
                size_t count, bool *needed)
{
    struct undoing *undoing = calloc(1, sizeof *undoing);
    size_t sessions = sessions_up(run->world);
    bool back = undoing != NULL;
    for (size_t i = 0; back && i < count; i++) {
        undo(run->world, original, &changes[i], undoing);
        if (undoing->count == 0)
            continue;
        tell(run, undoing, undoing->taken_back);
        needed[i] = swallows(run);
        tell(run, undoing, undoing->made);
        back = comes_back(run, sessions);
        undoing_done(undoing);
    }
    free(undoing);
}
