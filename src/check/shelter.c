#include "check/shelter.h"

#include <string.h>

/* One announcement of one prefix on its way to the router, and what becomes of it. */
struct passage {
    struct teller teller;
    struct prefix4 prefix;
    enum check_level level;
    const char *why;        /* name of the reason */
    const char *protection; /* in words */
    const char *line;       /* the line that does it; NULL */
};

struct search {
    struct check *check;
    const struct world *world;
    int tunnel;
    int router;
    ip4 outside;
    bool found;
    struct passage best;
};

/* The graver; of equals the more specific, which is the harder to see. */
static void keep(struct search *search, const struct passage *passage)
{
    const struct passage *best = &search->best;
    bool better = !search->found || passage->level > best->level ||
                  (passage->level == best->level && passage->prefix.len > best->prefix.len);
    if (better)
        search->best = *passage;
    search->found = true;
}

static const char *guard_word(enum guard_policy policy)
{
    switch (policy) {
    case GUARD_CARVE:
        return "guard: carve";
    case GUARD_REFUSE:
        return "guard: refuse";
    case GUARD_HOLD:
    case GUARD_OFF:
    case GUARD_WARN:
    default:
        return "guard: hold";
    }
}

/* The gateway does not announce it there. */
static void kept_back(struct search *search, struct passage *passage, enum reason reason)
{
    const struct world *world = search->world;
    const struct connection *connection = &world->connections[passage->teller.connection];
    const struct node *gateway = &world->nodes[passage->teller.gateway];
    bool guard = reason == REASON_GUARD_HOLD || reason == REASON_GUARD_CARVE;
    if (!guard && reason != REASON_EXPORT_FILTER)
        return;
    passage->level = CHECK_PROTECTED;
    passage->why = reason_text(reason)->name;
    passage->protection = check_text(search->check, "%s holds %s back from %s", gateway->id,
                                     text_of_prefix4(passage->prefix), connection->id);
    if (guard)
        passage->line =
            guard_word(engine_attachment(gateway->engine, connection->attachment)->guard);
    keep(search, passage);
}

/* The router does not accept it. */
static void refused(struct search *search, struct passage *passage, enum reason reason)
{
    const struct reason_text *text = reason_text(reason);
    passage->level = reason == REASON_OWN_AS ? CHECK_LATENT : CHECK_PROTECTED;
    passage->why = text->name;
    passage->protection = check_text(search->check, "%s refuses it only because %s",
                                     search->world->nodes[search->router].id, text->sentence);
    keep(search, passage);
}

/* Why the route lost in the router's table to one of the same prefix. */
static const char *lost_by(const struct table *table, struct prefix4 prefix)
{
    struct table_candidate candidate;
    for (uint32_t i = 1; table_candidate(table, prefix, i, &candidate); i++) {
        if (candidate.route.source == ROUTE_EBGP || candidate.route.source == ROUTE_IBGP)
            return table_reason_name(candidate.reason);
    }
    return NULL;
}

/* The router accepts it, and yet the tunnel's packets go elsewhere. */
static void outdone(struct search *search, struct passage *passage)
{
    const struct node *router = &search->world->nodes[search->router];
    passage->level = CHECK_PROTECTED;
    if (router->outer_vrf) {
        passage->why = "outer-vrf";
        passage->protection = check_text(
            search->check, "%s routes the tunnel's packets by its outer VRF", router->id);
        passage->line = "outer_vrf: true";
        keep(search, passage);
        return;
    }
    struct prefix4 taken;
    const struct table *table = engine_table(router->engine);
    if (!kernel_match(&router->kernel, search->outside, &taken) || taken.len < passage->prefix.len)
        return;
    bool longer = taken.len > passage->prefix.len;
    passage->why = longer ? "longest-prefix" : lost_by(table, taken);
    passage->line = evidence_say_route(search->check, search->world, search->router, taken, 0);
    if (!passage->why || !passage->line)
        return;
    passage->protection =
        check_text(search->check, "%s has a route of its own for %s, which %s", router->id,
                   text_of_prefix4(taken), longer ? "is more specific" : "stands before BGP's");
    keep(search, passage);
}

static void follow(struct search *search, struct passage *passage)
{
    const struct world *world = search->world;
    const struct engine *gateway = world->nodes[passage->teller.gateway].engine;
    const struct engine *router = world->nodes[search->router].engine;
    enum reason reason = REASON_NONE;
    struct rib_route told =
        engine_told(gateway, passage->teller.neighbor, passage->prefix, &reason);
    if (told.attr.v == 0) {
        kept_back(search, passage, reason);
        return;
    }
    const struct rib *rib = router ? engine_rib(router) : NULL;
    uint32_t number = rib ? rib_find(rib, passage->prefix) : 0;
    const struct rib_path *path =
        number
            ? rib_path_of(rib, number, engine_neighbor_source(router, passage->teller.own_neighbor))
            : NULL;
    if (!path)
        return;
    if (reason_refuses(path->why))
        refused(search, passage, (enum reason)path->why);
    else
        outdone(search, passage);
}

/* All prefixes of the gateway that cover the outside address, but for what the router says itself,
 * by this connection or another. */
static void ask_gateway(struct search *search, const struct teller *teller)
{
    const struct node *gateway = &search->world->nodes[teller->gateway];
    const struct rib *rib = gateway->engine ? engine_rib(gateway->engine) : NULL;
    uint32_t numbers[RIB_COVERING_MAX];
    uint32_t count = rib ? rib_covering(rib, search->outside, numbers) : 0;
    for (uint32_t i = 0; i < count; i++) {
        struct passage passage = {.teller = *teller,
                                  .prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]))};
        struct origin origin;
        if (evidence_origin(search->world, teller->gateway, passage.prefix, &origin) &&
            origin.node != search->router)
            follow(search, &passage);
    }
}

static void say_path(struct check *check, const struct world *world, const struct passage *passage,
                     const struct origin *origin, struct check_finding *finding)
{
    const struct node *router =
        &world->nodes[world->connections[passage->teller.connection].router];
    uint32_t path[EVIDENCE_PATH_MAX];
    size_t count = router->engine ? evidence_as_path(router->engine, passage->teller.own_neighbor,
                                                     passage->prefix, path)
                                  : 0;
    if (count == 0) { /* held back: as it would be received */
        path[count++] = world->nodes[passage->teller.gateway].config.asn;
        for (size_t i = 0; i < origin->as_path_count && count < EVIDENCE_PATH_MAX; i++)
            path[count++] = origin->as_path[i];
    }
    finding->as_path = check_take(check, count * sizeof *path);
    memcpy(finding->as_path, path, count * sizeof *path);
    finding->as_path_count = count;
}

static void say(const struct search *search)
{
    struct check *check = search->check;
    const struct world *world = search->world;
    const struct passage *best = &search->best;
    struct check_finding *finding = check_add_finding(check);
    finding->kind = CHECK_FINDING_TUNNEL_RECURSION;
    finding->level = best->level;
    finding->protection = best->protection;
    finding->guard_line = best->line;
    finding->prefix = best->prefix;
    check_add_text(check, &finding->why, best->why);
    struct origin origin;
    evidence_say_place(check, world, search->tunnel, finding);
    if (!evidence_origin(world, best->teller.gateway, best->prefix, &origin))
        return;
    evidence_say_origin(check, world, &origin, finding);
    say_path(check, world, best, &origin, finding);
}

void shelter_find(struct check *check, const struct world *world, int tunnel)
{
    const struct tunnel_end *end = &world->tunnels[tunnel].ends[TUNNEL_CUSTOMER];
    struct search search = {.check = check,
                            .world = world,
                            .tunnel = tunnel,
                            .router = end->node,
                            .outside = end->outer_remote};
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel_end *other = &world->tunnels[i].ends[TUNNEL_CUSTOMER];
        if (other->node != search.router || other->neighbor == 0)
            continue;
        struct teller teller = evidence_teller(world, search.router, other->neighbor);
        if (teller.gateway != WORLD_NONE && teller.neighbor != 0)
            ask_gateway(&search, &teller);
    }
    if (search.found)
        say(&search);
}
