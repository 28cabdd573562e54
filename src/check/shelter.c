#include "check/shelter.h"

#include "check/margin.h"
#include "check/mechanism.h"

#include <string.h>

/* One announcement of one prefix on its way to the router, and what becomes of it. */
struct passage {
    struct teller teller;
    struct prefix prefix;
    enum check_level level;
    const char *why;        /* name of the reason */
    const char *protection; /* in words */
    const char *line;       /* the line that does it; NULL */
    const char *margin;     /* LATENT, by best path: what decides; NULL */
    ip_addr next_hop;       /* protected: of the route `pinned`, behind the prefix; 0 */
    struct prefix pinned;
};

struct search {
    struct check *check;
    const struct world *world;
    int tunnel;
    int router;
    ip_addr outside;
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
                                     text_of_prefix(passage->prefix), connection->id);
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
static const char *lost_by(const struct table *table, struct prefix prefix)
{
    struct table_candidate candidate;
    for (uint32_t i = 1; table_candidate(table, prefix, i, &candidate); i++) {
        if (candidate.route.source == ROUTE_EBGP || candidate.route.source == ROUTE_IBGP)
            return table_reason_name(candidate.reason);
    }
    return NULL;
}

/* Best path keeps the provider's by luck, which is not what anybody would call a protection; but a
 * preference somebody has set. */
static bool is_held_by_margin(struct search *search, struct passage *passage)
{
    const struct node *router = &search->world->nodes[search->router];
    struct margin margin;
    if (!margin_take(search->world, search->router, passage->prefix, &margin) ||
        !margin.provider_wins)
        return false;
    bool meant = margin.step == REASON_LOST_LOCAL_PREF;
    passage->level = meant ? CHECK_PROTECTED : CHECK_LATENT;
    passage->why = reason_text(margin.step)->name;
    passage->margin = margin_say(search->check, &margin);
    passage->line =
        evidence_say_route(search->check, search->world, search->router, passage->prefix, 0);
    passage->protection = check_text(search->check,
                                     meant ? "%s prefers what its provider announces"
                                           : "%s keeps its provider's route only by a margin",
                                     router->id);
    keep(search, passage);
    return true;
}

/* Where the route that saves it has a next hop behind the prefix, something saves that, too: the
 * route by which the next hop is reached. */
static void look_at_next_hop(struct search *search, struct passage *passage, struct prefix taken)
{
    const struct node *router = &search->world->nodes[search->router];
    const struct table *table = engine_table(router->engine);
    struct table_candidate chosen;
    struct prefix chain[TABLE_DEPTH_MAX];
    struct table_way way;
    if (!table_candidate(table, taken, 0, &chosen) || chosen.route.gateway == 0 ||
        chosen.route.interface != 0 || !prefix_contains(passage->prefix, chosen.route.gateway))
        return;
    uint32_t count = table_chain(table, chosen.route.gateway, chain, TABLE_DEPTH_MAX, &way);
    struct table_best best;
    if (count == 0 || !table_find(table, chain[0], &best) || best.route.source == ROUTE_CONNECTED)
        return;
    passage->next_hop = chosen.route.gateway;
    passage->pinned = taken;
    passage->line = evidence_say_route(search->check, search->world, search->router, chain[0], 0);
    passage->protection = check_text(search->check, "%s reaches that next hop by %s", router->id,
                                     text_of_prefix(chain[0]));
}

/* The router accepts it, and yet the tunnel's packets go elsewhere. */
static void outdone(struct search *search, struct passage *passage)
{
    const struct node *router = &search->world->nodes[search->router];
    passage->level = CHECK_PROTECTED;
    if (router->outer_vrf || router->pins) {
        passage->why = "outer-vrf";
        bool pins = router->platform == PLATFORM_SEKISHO;
        passage->protection = check_text(search->check,
                                         pins ? "%s pins the way of the tunnel's packets"
                                              : "%s routes the tunnel's packets by its outer VRF",
                                         router->id);
        passage->line = pins ? "platform: sekisho" : "outer_vrf: true";
        keep(search, passage);
        return;
    }
    struct prefix taken;
    const struct table *table = engine_table(router->engine);
    if (!kernel_match(&router->kernel, search->outside, &taken) || taken.len < passage->prefix.len)
        return;
    bool longer = taken.len > passage->prefix.len;
    if (!longer && is_held_by_margin(search, passage))
        return;
    passage->why = longer ? "longest-prefix" : lost_by(table, taken);
    passage->line = evidence_say_route(search->check, search->world, search->router, taken, 0);
    if (!passage->why || !passage->line)
        return;
    passage->protection =
        check_text(search->check, "%s has a route of its own for %s, which %s", router->id,
                   text_of_prefix(taken), longer ? "is more specific" : "stands before BGP's");
    look_at_next_hop(search, passage, taken);
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
    struct origin origin = {.node = WORLD_NONE};
    bool known = evidence_origin(world, best->teller.gateway, best->prefix, &origin);
    finding->level = best->level;
    finding->protection = best->protection;
    finding->guard_line = best->line;
    finding->margin = best->margin;
    finding->next_hop = best->next_hop;
    finding->pinned = best->pinned;
    finding->prefix = best->prefix;
    finding->told_by = check_text(check, "%s", world->nodes[best->teller.gateway].id);
    finding->through = check_text(check, "%s", world->connections[best->teller.connection].id);
    finding->traits =
        mechanism_of_prefix(world, search->tunnel, best->teller.gateway, best->prefix, &origin);
    if (finding->traits & FAMILY_OWN_RANGE)
        finding->own = mechanism_own_range(world, origin.node, best->prefix);
    if (best->margin && best->prefix.len == 0)
        finding->traits |= FAMILY_BY_BGP;
    if (best->next_hop)
        finding->traits |= FAMILY_NEXT_HOP;
    family_name(check, finding);
    check_add_text(check, &finding->why, best->why);
    evidence_say_place(check, world, search->tunnel, finding);
    if (!known)
        return;
    evidence_say_origin(check, world, &origin, finding);
    say_path(check, world, best, &origin, finding);
}

/* Each would go through the other, but for what protects the one or the other. */
static bool is_pair(const struct check_finding *left, const struct check_finding *right)
{
    return left->through && right->through && strcmp(left->through, right->connection) == 0 &&
           strcmp(right->through, left->connection) == 0 && left->traits & FAMILY_ELSEWHERE;
}

void shelter_pair(struct check *check, size_t from)
{
    for (size_t i = from; i < check->finding_count; i++) {
        struct check_finding *finding = &check->findings[i];
        for (size_t j = from; (finding->traits & FAMILY_ELSEWHERE) && j < check->finding_count;
             j++) {
            if (!is_pair(finding, &check->findings[j]))
                continue;
            finding->traits |= FAMILY_CIRCLE;
            family_name(check, finding);
            break;
        }
    }
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
