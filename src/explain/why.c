#include "explain/why.h"

#include "explain/told.h"

#include "rib/adj_out.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ABSENT_BYTES = 512 };

static bool is_established(const struct engine *engine, uint16_t neighbor)
{
    return engine_session(engine, neighbor)->state == SESSION_ESTABLISHED;
}

/* Why a speaker has not been told: the answer of each neighbor. */
static void say_untold(const struct world *world, int node, struct prefix prefix, struct text *text)
{
    const struct engine *engine = world->nodes[node].engine;
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        struct far_end far = far_end_of(world, node, i);
        uint16_t back = neighbor_back(world, node, i);
        const char *name = far.node == WORLD_NONE ? "its provider" : world->nodes[far.node].id;
        const struct engine *other = far.node == WORLD_NONE ? NULL : world->nodes[far.node].engine;
        text_add(text, text->size ? "; " : "");
        if (!is_established(engine, i)) {
            text_add(text, "the session with ");
            text_add(text, name);
            text_add(text, " is down");
            continue;
        }
        enum reason reason = REASON_NONE;
        bool told = back && other && engine_told(other, back, prefix, &reason).attr.v != 0;
        text_add(text, name);
        text_add(text, told                    ? " has just announced it"
                       : reason == REASON_NONE ? " has none"
                                               : " does not announce it here: ");
        if (!told && reason != REASON_NONE)
            text_add(text, reason_text(reason)->sentence);
    }
}

static bool gateway_has(const struct world *world, int gateway, struct prefix prefix)
{
    const struct engine *engine = world->nodes[gateway].engine;
    const struct rib *rib = engine ? engine_rib(engine) : NULL;
    uint32_t number = rib ? rib_find(rib, prefix) : 0;
    return number && rib_best(rib, number).attr.v != 0;
}

/* Why the first of the paths that the gateway is offered is refused; REASON_NONE: it is offered
 * none. */
static enum reason refusal_of(const struct world *world, int gateway, struct prefix prefix)
{
    const struct engine *engine = world->nodes[gateway].engine;
    const struct rib *rib = engine ? engine_rib(engine) : NULL;
    uint32_t number = rib ? rib_find(rib, prefix) : 0;
    const struct rib_path *path = number ? rib_path_next(rib, number, NULL) : NULL;
    return path && reason_refuses(path->why) ? (enum reason)path->why : REASON_NONE;
}

static void say_absent_from_vpc(const struct world *world, const struct view *view,
                                struct prefix prefix, struct text *text)
{
    const struct node *vpc = &world->nodes[view->node];
    const struct vpc *tables = world_vpc(world, vpc);
    const char *gateway = vpc->owner == view->node ? NULL : world->nodes[vpc->owner].id;
    text_add(text, "no static route");
    if (!gateway)
        return;
    if (!gateway_has(world, vpc->owner, prefix)) {
        enum reason refused = refusal_of(world, vpc->owner, prefix);
        text_add(text, ", and ");
        text_add(text, gateway);
        text_add(text, refused == REASON_NONE ? " has none to propagate"
                                              : " refuses what it is offered: ");
        if (refused != REASON_NONE)
            text_add(text, reason_text(refused)->sentence);
    } else if (!vpc_propagates(tables, view->table, ENGINE_GATEWAY)) {
        text_add(text, "; ");
        text_add(text, gateway);
        text_add(text, " has one, but does not propagate into this table");
    } else {
        text_add(text, "; ");
        text_add(text, gateway);
        text_add(text, " has one that waits: ");
        text_add(text, vpc_reason_sentence(VPC_OVER_LIMIT));
    }
}

/* What packets do without it. */
static void say_instead(const struct world *world, const struct view *view, struct prefix prefix,
                        struct text *text)
{
    struct prefix instead;
    const struct node *node = &world->nodes[view->node];
    bool found;
    if (view->kind == VIEW_VPC) {
        struct vpc_route route = {0};
        found = vpc_lookup(world_vpc(world, node), view->table, prefix_address(prefix), &route) !=
                VPC_NO_ROUTE;
        instead = route.prefix;
    } else {
        found = kernel_match(&node->kernel, prefix_address(prefix), &instead) != NULL;
    }
    if (!found || !prefix_covers(instead, prefix))
        return;
    text_add(text, "; packets take ");
    text_prefix(text, instead);
}

static char *say_absent(const struct world *world, const struct view *view, struct prefix prefix)
{
    char bytes[ABSENT_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    const struct engine *engine = world->nodes[view->node].engine;
    if (!view_is_up(world, view)) {
        text_add(&text, "down");
    } else {
        if (view->kind == VIEW_VPC)
            say_absent_from_vpc(world, view, prefix, &text);
        else if (engine_neighbor_count(engine) > 0)
            say_untold(world, view->node, prefix, &text);
        else
            text_add(&text, "not configured, and nobody to learn it from");
        say_instead(world, view, prefix, &text);
    }
    char *own = strdup(bytes);
    assert(own);
    return own;
}

static struct attachment_id attachment_of_neighbor(const struct engine *engine, uint16_t neighbor)
{
    return (struct attachment_id){engine_neighbor(engine, neighbor)->attachment};
}

static void take_told(const struct world *world, struct prefix prefix, struct why_table *table)
{
    int node = table->view.node;
    const struct engine *engine = world->nodes[node].engine;
    const struct rib *rib = engine ? engine_rib(engine) : NULL;
    uint32_t number = rib ? rib_find(rib, prefix) : 0;
    uint16_t count = engine ? engine_neighbor_count(engine) : 0;
    table->told = calloc(count + 1u, sizeof *table->told);
    assert(table->told);
    for (uint16_t i = 1; i <= count; i++) {
        struct why_told *told = &table->told[table->told_count++];
        told->neighbor = i;
        told->far = far_end_of(world, node, i).node;
        told->established = is_established(engine, i);
        told->announced = engine_told(engine, i, prefix, &told->reason).attr.v != 0;
        if (told->announced && number)
            told->reason = adj_out_exception(rib, number, attachment_of_neighbor(engine, i));
    }
}

static bool is_offered(const struct why_table *table)
{
    return table->view.kind == VIEW_GATEWAY ? table->routes.count > 0 : table->paths.count > 0;
}

void why_take(const struct world *world, struct prefix prefix, const struct views *views,
              struct why *ret_why)
{
    *ret_why = (struct why){.prefix = prefix,
                            .tables = calloc(views->count + 1, sizeof *ret_why->tables),
                            .count = views->count};
    assert(ret_why->tables);
    for (size_t i = 0; i < views->count; i++) {
        struct why_table *table = &ret_why->tables[i];
        table->view = views->items[i];
        view_list(world, &table->view, &prefix, &table->routes);
        if (table->view.kind == VIEW_ROUTER)
            view_list_paths(world, table->view.node, &prefix, &table->paths);
        if (is_offered(table))
            take_told(world, prefix, table);
        if (table->routes.count == 0 && table->paths.count == 0)
            table->absent = say_absent(world, &table->view, prefix);
    }
}

void why_done(struct why *why)
{
    for (size_t i = 0; i < why->count; i++) {
        view_routes_done(&why->tables[i].routes);
        view_routes_done(&why->tables[i].paths);
        free(why->tables[i].told);
        free(why->tables[i].absent);
    }
    free(why->tables);
    *why = (struct why){0};
}
