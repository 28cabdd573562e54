/* T24, duplicate-asn: sites of one gateway with the same AS number refuse each other's routes, and
 * with them perhaps the one that would make a tunnel swallow itself. T26, allowas-in-loop: a router
 * that may have its own AS number in a path accepts its own prefixes back. */
#include "check/known.h"
#include "check/settled.h"

#include <string.h>

enum { MEMBERS_MAX = 64, NAMED_MAX = 4 };

/* -- T24 -- */

struct group { /* of one gateway and one AS number */
    const struct world *world;
    int gateway;
    uint32_t asn;
    struct site members[MEMBERS_MAX]; /* one for each router */
    size_t count;
};

/* The first thing that one member refuses from another; router WORLD_NONE: nothing was seen. */
struct refusal {
    int router;
    struct prefix prefix;
    struct origin origin;
    bool hides; /* it covers an outside address of the router's tunnels */
};

static uint32_t asn_of(const struct world *world, const struct site *site)
{
    return site->is_static ? 0 : world->nodes[site->router].config.asn;
}

static bool is_member(const struct group *group, int router)
{
    for (size_t i = 0; i < group->count; i++) {
        if (group->members[i].router == router)
            return true;
    }
    return false;
}

/* All routers behind the site's gateway that have its AS. */
static void gather(const struct world *world, const struct site *first, struct group *ret_group)
{
    struct site site;
    *ret_group =
        (struct group){.world = world, .gateway = first->gateway, .asn = asn_of(world, first)};
    for (size_t i = 0; site_next(world, i, &site); i++) {
        if (site.gateway == first->gateway && asn_of(world, &site) == ret_group->asn &&
            !is_member(ret_group, site.router) && ret_group->count < MEMBERS_MAX)
            ret_group->members[ret_group->count++] = site;
    }
}

static bool covers_endpoint(const struct world *world, int router, struct prefix prefix)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel_end *end = &world->tunnels[i].ends[TUNNEL_CUSTOMER];
        if (end->node == router && prefix_contains(prefix, end->outer_remote))
            return true;
    }
    return false;
}

/* Did the router refuse a path for it from the gateway, for its own AS in it? */
static bool refuses(const struct rib *rib, uint32_t number, uint32_t gateway_asn)
{
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    for (; path; path = rib_path_next(rib, number, path)) {
        if (path->why == REASON_OWN_AS &&
            rib_source_get(rib, path->source)->source.peer_as == gateway_asn)
            return true;
    }
    return false;
}

static void ask_member(struct check *check, const struct group *group, const struct site *member,
                       struct refusal *refusal)
{
    const struct node *node = &group->world->nodes[member->router];
    const struct rib *rib = known_rib(node);
    if (!rib)
        return;
    uint32_t cap = rib_number_end(rib);
    uint32_t *numbers = check_take(check, cap * sizeof *numbers);
    uint32_t count = rib_next(rib, NULL, numbers, cap);
    for (uint32_t i = 0; i < count; i++) {
        struct refusal seen = {.router = member->router,
                               .prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]))};
        if (!refuses(rib, numbers[i], group->world->nodes[group->gateway].config.asn) ||
            !evidence_origin(group->world, group->gateway, seen.prefix, &seen.origin) ||
            seen.origin.node == member->router || !is_member(group, seen.origin.node))
            continue;
        seen.hides = covers_endpoint(group->world, member->router, seen.prefix);
        if (refusal->router == WORLD_NONE || (seen.hides && !refusal->hides))
            *refusal = seen;
    }
}

/* Does every member let its own AS in? Then nobody refuses anybody. */
static bool all_let_in(const struct check *check, const struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        int32_t index;
        const struct network_router *router =
            known_router(check->network, group->world, group->members[i].router, &index);
        if (!router || !router->bgp || router->bgp->allowas_in == 0)
            return false;
    }
    return true;
}

/* By which member's attachment an address lies, as the gateway has it. */
static int member_of(const struct group *group, const struct reach_end *end)
{
    if (end->node != WORLD_NONE && is_member(group, end->node))
        return end->node;
    const struct rib *rib = known_rib(&group->world->nodes[group->gateway]);
    uint32_t numbers[RIB_COVERING_MAX];
    struct origin origin;
    for (uint32_t i = rib ? rib_covering(rib, end->addr, numbers) : 0; i > 0; i--) {
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i - 1]));
        if (evidence_origin(group->world, group->gateway, prefix, &origin))
            return is_member(group, origin.node) ? origin.node : WORLD_NONE;
    }
    return WORLD_NONE;
}

static bool is_wanted(const struct check *check, const struct group *group)
{
    for (size_t i = 0; check->reach.by_file && i < check->reach.pair_count; i++) {
        int from = member_of(group, &check->reach.pairs[i].from);
        int to = member_of(group, &check->reach.pairs[i].to);
        if (from != WORLD_NONE && to != WORLD_NONE && from != to)
            return true;
    }
    return false;
}

/* Every site but one gets a number of its own. The one that keeps it is the first Direct Connect,
 * whose far side is seldom ours to change, or else the first connection. */
static void suggest_numbers(struct check *check, const struct group *group, bool seen,
                            struct check_finding *finding)
{
    struct change changes[MEMBERS_MAX];
    size_t count = 0, keeps = 0;
    uint32_t asn = group->asn;
    while (keeps < group->count && group->members[keeps].connection != WORLD_NONE)
        keeps++;
    keeps = keeps == group->count ? 0 : keeps;
    for (size_t i = 0; i < group->count; i++) {
        struct change change = {.kind = CHANGE_ASN};
        const struct network_router *router =
            known_router(check->network, group->world, group->members[i].router, &change.index);
        if (i == keeps)
            continue;
        asn = known_free_asn(check->network, group->world, asn);
        if (!router || !router->bgp || asn == 0)
            return;
        change.number = asn;
        changes[count++] = change;
    }
    settled_suggest(check, finding, &(struct idea){CHECK_REMEDY_UNIQUE_ASN, changes, count, seen});
}

static void say_refusal(struct check *check, const struct group *group,
                        const struct refusal *refusal, struct check_finding *finding)
{
    const struct world *world = group->world;
    finding->no_prefix = refusal->router == WORLD_NONE;
    if (finding->no_prefix) {
        settled_because(check, finding,
                        "each finds its own number in the path of what the other announces, and"
                        " refuses it; nothing of that kind was seen yet");
        return;
    }
    finding->prefix = refusal->prefix;
    finding->router = world->nodes[refusal->router].id;
    evidence_say_origin(check, world, &refusal->origin, finding);
    check_add_text(check, &finding->why, reason_text(REASON_OWN_AS)->name);
    settled_because(check, finding, "%s refuses %s of %s: %s", finding->router,
                    text_of_prefix(refusal->prefix), world->nodes[refusal->origin.node].id,
                    reason_text(REASON_OWN_AS)->sentence);
    if (refusal->hides)
        settled_because(check, finding,
                        "it covers an outside address that %s needs: numbers of their own uncover"
                        " tunnel-recursion",
                        finding->router);
}

static void say_duplicate(struct check *check, const struct run *run, const struct group *group)
{
    const struct world *world = group->world;
    struct refusal refusal = {.router = WORLD_NONE};
    const char *names = NULL;
    for (size_t i = 0; i < group->count; i++) {
        if (i < NAMED_MAX)
            names = settled_list(check, names, world->nodes[group->members[i].router].id);
        ask_member(check, group, &group->members[i], &refusal);
    }
    if (group->count > NAMED_MAX)
        names = check_text(check, "%s and others", names);
    bool seen = refusal.router != WORLD_NONE;
    if (!seen && all_let_in(check, group))
        return;
    bool sure = seen && run->end == SIM_SETTLED;
    enum check_level level = !is_wanted(check, group) ? CHECK_LATENT
                             : sure                   ? CHECK_CERTAIN
                                                      : CHECK_LIKELY;
    const struct site *last = &group->members[group->count - 1];
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_DUPLICATE_ASN, level, names,
                    check_text(check, "%s have the same AS number, %u, and do not reach each other",
                               names, group->asn));
    finding->gateway = world->nodes[group->gateway].id;
    finding->router = world->nodes[last->router].id;
    finding->connection = last->connection == WORLD_NONE ? NULL : last->id;
    settled_because(check, finding,
                    "all are sites of %s, which repeats the routes of each to the"
                    " others",
                    finding->gateway);
    say_refusal(check, group, &refusal, finding);
    suggest_numbers(check, group, seen, finding);
}

static void duplicate_asn(struct check *check, const struct run *run)
{
    struct site site;
    for (size_t i = 0; site_next(run->world, i, &site); i++) {
        struct group group;
        if (asn_of(run->world, &site) == 0)
            continue;
        gather(run->world, &site, &group);
        bool first = group.count > 0 && strcmp(group.members[0].id, site.id) == 0;
        if (first && group.count > 1)
            say_duplicate(check, run, &group);
    }
}

/* -- T26 -- */

/* What came back. */
struct echo {
    struct prefix prefix;
    const struct source *source;
    bool taken; /* the kernel sends packets there */
};

static bool holds(const uint32_t *as_path, size_t count, uint32_t asn)
{
    for (size_t i = 0; i < count; i++) {
        if (as_path[i] == asn)
            return true;
    }
    return false;
}

/* A path for what the router announces itself, through its own AS, accepted. */
static bool is_echo(const struct node *router, const struct rib *rib, uint32_t number,
                    const struct rib_path *path)
{
    uint32_t as_path[EVIDENCE_PATH_MAX];
    uint16_t neighbor = engine_source_neighbor(router->engine, path->source);
    struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, number));
    if (neighbor == 0 || reason_refuses(path->why))
        return false;
    size_t count = evidence_as_path(router->engine, neighbor, prefix, as_path);
    return holds(as_path, count, router->config.asn);
}

static bool is_own(const struct network_router *router, struct prefix prefix)
{
    for (size_t i = 0; i < router->bgp->announce_count; i++) {
        if (router->bgp->announce[i].prefix.len > 0 &&
            prefix_overlaps(router->bgp->announce[i].prefix, prefix))
            return true;
    }
    for (size_t i = 0; i < router->lan_count; i++) {
        if (prefix_overlaps(router->lan[i], prefix))
            return true;
    }
    return false;
}

static bool find_echo(struct check *check, const struct node *node,
                      const struct network_router *router, struct echo *ret_echo)
{
    const struct rib *rib = engine_rib(node->engine);
    uint32_t cap = rib ? rib_number_end(rib) : 0;
    uint32_t *numbers = check_take(check, (cap + 1) * sizeof *numbers);
    uint32_t count = rib ? rib_next(rib, NULL, numbers, cap) : 0;
    bool found = false;
    for (uint32_t i = 0; i < count; i++) {
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
        const struct rib_path *path = rib_path_next(rib, numbers[i], NULL);
        const struct kernel_entry *entry = kernel_exact(&node->kernel, prefix);
        bool taken = entry && entry->source == ROUTE_EBGP;
        for (; is_own(router, prefix) && path; path = rib_path_next(rib, numbers[i], path)) {
            if (!is_echo(node, rib, numbers[i], path) || (found && ret_echo->taken >= taken))
                continue;
            *ret_echo = (struct echo){prefix, &rib_source_get(rib, path->source)->source, taken};
            found = true;
        }
    }
    return found;
}

static void say_echo(struct check *check, const struct run *run, const struct node *node,
                     const struct network_router *router, int32_t index, const struct echo *echo)
{
    enum check_level level = !echo->taken              ? CHECK_LATENT
                             : run->end == SIM_SETTLED ? CHECK_CERTAIN
                                                       : CHECK_LIKELY;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_ALLOWAS_IN_LOOP, level, node->id,
        check_text(check, "%s accepts its own %s back", node->id, text_of_prefix(echo->prefix)));
    finding->prefix = echo->prefix;
    finding->router = node->id;
    check_add_text(check, &finding->why, "allowas-in");
    settled_because(check, finding,
                    "allowas_in: %d lets AS %u into the paths that it accepts,"
                    " and %s offers it one for its own range",
                    (int)router->bgp->allowas_in, node->config.asn,
                    text_of_ip(echo->source->peer_address));
    settled_because(check, finding,
                    echo->taken
                        ? "packets for it leave by the neighbor that has them from here"
                        : "its own route comes first; when that fails, packets for it go round");
    struct change change = {.kind = CHANGE_ALLOWAS_OFF, .index = index};
    settled_suggest(check, finding,
                    &(struct idea){CHECK_REMEDY_CGW_ALLOWAS_IN_OFF, &change, 1, false});
}

void asn_find(struct check *check, const struct run *run)
{
    duplicate_asn(check, run);
    for (size_t i = 0; i < run->world->node_count; i++) {
        const struct node *node = &run->world->nodes[i];
        int32_t index;
        const struct network_router *router =
            node->kind == NODE_ROUTER ? known_router(check->network, run->world, (int)i, &index)
                                      : NULL;
        struct echo echo = {.taken = false};
        if (router && router->bgp && router->bgp->allowas_in > 0 && node->engine &&
            find_echo(check, node, router, &echo))
            say_echo(check, run, node, router, index, &echo);
    }
}
