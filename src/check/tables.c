/* T12, propagation-missing, and T16, static-to-unknown: what the gateway knows and what the route
 * tables of its VPC send to it are not the same. */
#include "check/known.h"
#include "check/places.h"
#include "check/settled.h"

enum { NAMED_MAX = 4 }; /* prefixes in one sentence */

/* -- the table -- */

/* A route of the table to the gateway that covers the prefix. */
static bool leads_there(const struct place_of_table *at, struct prefix prefix)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    while (vpc_next(at->vpc, at->table, &walk, &route, &reason)) {
        if (route.target.kind == VPC_TO_GATEWAY && prefix_covers(route.prefix, prefix))
            return true;
    }
    return false;
}

static bool has_hand_written(const struct place_of_table *at)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    while (vpc_next(at->vpc, at->table, &walk, &route, &reason)) {
        if (route.target.kind == VPC_TO_GATEWAY && route.origin != VPC_ORIGIN_PROPAGATED)
            return true;
    }
    return false;
}

/* -- T12 -- */

static bool propagates(const struct place_of_table *at, const struct network *network)
{
    const struct network_route_table *table = &at->said->route_tables[at->part];
    for (size_t i = 0; i < table->propagate_count; i++) {
        if (network->vpn_gateways[table->propagate[i].index].id &&
            world_find_node(at->world, table->propagate[i].id) == at->node->owner)
            return true;
    }
    return false;
}

/* A route of the same prefix to somewhere else is a decision; so is a default that is not there
 * where somebody writes the routes to the gateway by hand. */
static bool is_decided(const struct place_of_table *at, struct prefix prefix)
{
    struct vpc_route route;
    return vpc_find(at->vpc, at->table, prefix, &route) ||
           (prefix.len == 0 && has_hand_written(at));
}

/* The file wants somebody of the table's subnets to talk with somebody behind the prefix. */
static bool is_wanted(const struct check *check, const struct place_of_table *at,
                      struct prefix prefix)
{
    for (size_t i = 0; check->reach.by_file && i < check->reach.pair_count; i++) {
        const struct reach_pair *pair = &check->reach.pairs[i];
        if ((place_has(at, pair->from.addr) && prefix_contains(prefix, pair->to.addr)) ||
            (place_has(at, pair->to.addr) && prefix_contains(prefix, pair->from.addr)))
            return true;
    }
    return false;
}

struct missing {
    const char *names;
    struct prefix first; /* the longest; of equals the lowest */
    size_t count;
    bool wanted;
};

static struct missing find_missing(struct check *check, const struct place_of_table *at)
{
    struct missing missing = {.count = 0};
    struct known known;
    known_take(check, at->gateway, &known);
    for (size_t i = 0; i < known.count; i++) {
        struct prefix prefix = known.items[i];
        if (place_is_own(at, prefix) || leads_there(at, prefix) || is_decided(at, prefix))
            continue;
        if (missing.count == 0 || prefix.len > missing.first.len)
            missing.first = prefix;
        if (missing.count < NAMED_MAX)
            missing.names = settled_list(check, missing.names, text_of_prefix(prefix));
        missing.count++;
        missing.wanted |= is_wanted(check, at, prefix);
    }
    return missing;
}

static void propagation_missing(struct check *check, const struct place_of_table *at)
{
    struct missing missing = {.count = 0};
    if (at->subnets && !propagates(at, check->network))
        missing = find_missing(check, at);
    if (missing.count == 0)
        return;
    const char *table = at->id;
    enum check_level level = at->instance == WORLD_NONE                      ? CHECK_LATENT
                             : missing.wanted && at->run->end == SIM_SETTLED ? CHECK_CERTAIN
                                                                             : CHECK_LIKELY;
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_PROPAGATION_MISSING, level, table,
                    check_text(check, "%s has no way to %s for what %s knows", table,
                               at->gateway->id, at->gateway->id));
    finding->prefix = missing.first;
    finding->gateway = at->gateway->id;
    place_say_origin(check, at, missing.first, finding);
    settled_because(check, finding, "%s knows %s%s, and no route of %s covers %s", at->gateway->id,
                    missing.names, missing.count > NAMED_MAX ? " and more" : "", table,
                    missing.count > 1 ? "them" : "it");
    settled_because(check, finding,
                    "left out: %s; what comes from there arrives, and the answer"
                    " does not go back",
                    at->subnets);
    struct change change = {.kind = CHANGE_TABLE_PROPAGATE,
                            .index = at->vpc_index,
                            .part = at->part,
                            .number =
                                (uint32_t)network_find(check->network, at->gateway->id).index};
    settled_suggest(check, finding,
                    &(struct idea){CHECK_REMEDY_ROUTE_TABLE_PROPAGATE, &change, 1, false});
}

/* -- T16 -- */

/* An attachment of the gateway whose announcements are not in the file, or that is down now. */
static const char *unknown_site(const struct check *check, const struct place_of_table *at)
{
    struct site site;
    for (size_t i = 0; site_next(at->world, i, &site); i++) {
        int32_t index;
        if (site.gateway != at->node->owner || site.is_static)
            continue;
        const struct network_router *router =
            known_router(check->network, at->world, site.router, &index);
        if (!router || !router->bgp || (!router->bgp->announce && !router->bgp->received))
            return site.id;
    }
    return NULL;
}

/* By configuration somebody announces it, and only now it is not there. */
static bool is_announced(const struct check *check, const struct place_of_table *at,
                         struct prefix prefix)
{
    struct site site;
    for (size_t i = 0; site_next(at->world, i, &site); i++) {
        int32_t index;
        if (site.gateway != at->node->owner ||
            !known_router(check->network, at->world, site.router, &index))
            continue;
        for (unsigned len = 0; len <= prefix.len; len++) {
            if (known_announces(check->network, index,
                                prefix_make(prefix.six, prefix.addr, (uint8_t)len)))
                return true;
        }
    }
    return false;
}

/* Known prefixes that the table leads to the gateway by this very route. */
static size_t count_served(struct check *check, const struct place_of_table *at,
                           struct prefix prefix)
{
    struct known known;
    struct vpc_route route;
    size_t count = 0;
    known_take(check, at->gateway, &known);
    for (size_t i = 0; i < known.count; i++)
        count +=
            prefix_covers(prefix, known.items[i]) &&
            vpc_lookup(at->vpc, at->table, prefix_address(known.items[i]), &route) == VPC_CHOSEN &&
            prefix_equal(route.prefix, prefix);
    return count;
}

static enum check_level judge_unknown(const struct place_of_table *at, struct prefix prefix,
                                      size_t served, const char *unknown)
{
    if (!at->subnets || (served > 0 && prefix.len > 0))
        return CHECK_LATENT;
    bool sure = at->run->end == SIM_SETTLED && served == 0 && !unknown;
    return sure ? CHECK_CERTAIN : CHECK_LIKELY;
}

static void static_to_unknown(struct check *check, const struct place_of_table *at,
                              struct prefix prefix)
{
    if (known_covers(at->gateway, prefix) || is_announced(check, at, prefix))
        return;
    size_t served = count_served(check, at, prefix);
    const char *table = at->id, *unknown = unknown_site(check, at);
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_STATIC_TO_UNKNOWN, judge_unknown(at, prefix, served, unknown), table,
        check_text(check, "%s sends %s to %s, which drops it", table, text_of_prefix(prefix),
                   at->gateway->id));
    finding->prefix = prefix;
    finding->gateway = at->gateway->id;
    settled_because(check, finding,
                    "a gateway forwards only to prefixes that it knows, and %s knows none that"
                    " covers %s",
                    at->gateway->id, text_of_prefix(prefix));
    if (served > 0)
        settled_because(check, finding,
                        "%zu that it knows lie inside and are served; the rest is dropped", served);
    if (unknown)
        settled_because(check, finding, "what %s announces is not in the file", unknown);
    if (!at->subnets)
        settled_because(check, finding, "no subnet uses %s now", table);
    struct change change = {
        .kind = CHANGE_TABLE_DELETE, .index = at->vpc_index, .part = at->part, .prefix = prefix};
    settled_suggest(check, finding,
                    &(struct idea){CHECK_REMEDY_ROUTE_TABLE_DELETE, &change, 1, false});
}

static void static_routes(struct check *check, const struct place_of_table *at)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    while (vpc_next(at->vpc, at->table, &walk, &route, &reason)) {
        if (route.target.kind == VPC_TO_GATEWAY && route.origin == VPC_ORIGIN_STATIC)
            static_to_unknown(check, at, route.prefix);
    }
}

/* -- all tables -- */

static void look_at_table(struct check *check, const struct place_of_table *at)
{
    if (!at->gateway)
        return;
    propagation_missing(check, at);
    static_routes(check, at);
}

void tables_find(struct check *check, const struct run *run)
{
    places_ask(check, run, look_at_table);
}
