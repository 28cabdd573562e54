#include "explain/losers.h"

#include "explain/route_line.h"
#include "explain/row.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>

struct asking {
    const struct world *world;
    const struct hop *hop;
    struct losers *losers;
};

/* What a longer prefix does to a shorter one is the same in every table. */
static const char less_specific[] = LOSER_LENGTH;
static const char less_specific_is[] = "less specific";

static const char not_installed[] = "not-installed";
static const char not_installed_yet[] = "the kernel does not hold it";

/* An empty text over the new loser's route. */
static struct text add_loser(struct losers *losers, struct prefix prefix, const char *why,
                             const char *sentence)
{
    if (losers->count == losers->cap) {
        losers->cap = losers->cap ? 2 * losers->cap : 8;
        losers->items = realloc(losers->items, losers->cap * sizeof *losers->items);
        assert(losers->items);
    }
    struct loser *loser = &losers->items[losers->count++];
    *loser = (struct loser){.prefix = prefix, .why = why, .sentence = sentence};
    return text_over(loser->route, sizeof loser->route);
}

static bool is_decision(const struct asking *asking, struct prefix prefix)
{
    return asking->hop->kind != HOP_MISS && prefix_equal(asking->hop->prefix, prefix);
}

/* -- a VPC's table -- */

static void ask_vpc(const struct asking *asking)
{
    const struct node *node = &asking->world->nodes[asking->hop->node];
    const struct vpc *vpc = world_vpc(asking->world, node);
    struct view view = {.kind = VIEW_VPC, .node = asking->hop->node, .table = asking->hop->table};
    struct vpc_route route;
    enum vpc_reason reason;
    for (uint32_t i = 0;
         vpc && vpc_candidate(vpc, view.table, asking->hop->dst, i, &route, &reason); i++) {
        if (reason == VPC_CHOSEN)
            continue;
        bool length = reason == VPC_LOST_LENGTH;
        struct text text = add_loser(asking->losers, route.prefix,
                                     length ? less_specific : vpc_reason_name(reason),
                                     length ? less_specific_is : vpc_reason_sentence(reason));
        struct view_route listed = {.prefix = route.prefix, .vpc = route};
        text_view_route_itself(&text, asking->world, &view, &listed);
    }
}

/* -- a gateway's paths -- */

static void add_path(const struct asking *asking, const struct view_route *route, const char *why,
                     const char *sentence)
{
    struct view view = {.kind = VIEW_GATEWAY, .node = asking->hop->node};
    struct text text = add_loser(asking->losers, route->prefix, why, sentence);
    text_view_route_itself(&text, asking->world, &view, route);
}

static void ask_gateway(const struct asking *asking, struct prefix prefix)
{
    struct view_routes routes;
    view_list_paths(asking->world, asking->hop->node, &prefix, &routes);
    for (size_t i = 0; i < routes.count; i++) {
        const struct view_route *route = &routes.items[i];
        if (!route->chosen)
            add_path(asking, route, route->why, route->sentence);
        else if (!route->used)
            add_path(asking, route, not_installed, not_installed_yet);
        else if (!is_decision(asking, prefix))
            add_path(asking, route, less_specific, less_specific_is);
    }
    view_routes_done(&routes);
}

/* -- a router's table -- */

static void add_candidate(const struct asking *asking, struct prefix prefix,
                          const struct table_candidate *candidate, const char *why,
                          const char *sentence)
{
    struct text text = add_loser(asking->losers, prefix, why, sentence);
    text_route_line(&text, asking->world, asking->hop->node, prefix, candidate, 0, 0);
}

static void ask_router(const struct asking *asking, struct prefix prefix)
{
    const struct engine *engine = asking->world->nodes[asking->hop->node].engine;
    struct table_candidate candidate;
    for (uint32_t i = 0; engine && table_candidate(engine_table(engine), prefix, i, &candidate);
         i++) {
        bool held = route_is_installed(asking->world, asking->hop->node, prefix, &candidate);
        if (held && is_decision(asking, prefix))
            continue;
        if (candidate.reason != TABLE_CHOSEN)
            add_candidate(asking, prefix, &candidate, table_reason_name(candidate.reason),
                          table_reason_sentence(candidate.reason));
        else if (!held)
            add_candidate(asking, prefix, &candidate, not_installed, not_installed_yet);
        else
            add_candidate(asking, prefix, &candidate, less_specific, less_specific_is);
    }
}

/* A VRF's table for outer packets has no mind of its own: what the kernel holds is all there is. */
static void ask_outer(const struct asking *asking, struct prefix prefix)
{
    const struct node *node = &asking->world->nodes[asking->hop->node];
    const struct kernel_entry *entry = kernel_exact(&node->outer, prefix);
    if (!entry || is_decision(asking, prefix))
        return;
    struct text text = add_loser(asking->losers, prefix, less_specific, less_specific_is);
    if (entry->gateway) {
        text_add(&text, "via ");
        text_ip(&text, entry->gateway);
        text_add(&text, ", ");
    }
    text_add(&text, port_name(asking->world, asking->hop->node, entry->port));
}

static void ask_kernel(const struct asking *asking)
{
    const struct node *node = &asking->world->nodes[asking->hop->node];
    for (int len = ip_bits(ip_is_six(asking->hop->dst)); len >= 0; len--) {
        struct prefix prefix = prefix_around(asking->hop->dst, (uint8_t)len);
        if (asking->hop->outer)
            ask_outer(asking, prefix);
        else if (node->kind == NODE_GATEWAY)
            ask_gateway(asking, prefix);
        else
            ask_router(asking, prefix);
    }
}

void losers_take(const struct world *world, const struct hop *hop, struct losers *ret_losers)
{
    *ret_losers = (struct losers){0};
    struct asking asking = {.world = world, .hop = hop, .losers = ret_losers};
    bool asks = hop->kind == HOP_KERNEL || hop->kind == HOP_VPC || hop->kind == HOP_LOCAL ||
                hop->kind == HOP_MISS;
    if (asks && world->nodes[hop->node].kind == NODE_VPC)
        ask_vpc(&asking);
    else if (asks)
        ask_kernel(&asking);
}

void losers_done(struct losers *losers)
{
    free(losers->items);
    *losers = (struct losers){0};
}
