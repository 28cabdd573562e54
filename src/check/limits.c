/* T21, prefix-limit; T22, announcement-limit; T23, propagation-limit; T40f, quota: what has a
 * number, and how far from it the network is. Beyond it the level says what is known of the
 * consequence; from the warning's percentage on the finding is latent. */
#include "check/known.h"
#include "check/places.h"
#include "check/settled.h"

#include "network/summary.h"

#include <stdlib.h>

enum {
    NAMED_MAX = 4,      /* in one sentence */
    SUMMARIES_MAX = 64, /* routers in one remedy */
    GATEWAYS_OF_AWS = 5 /* VPN gateways in a Region (facts: AWS quotas), adjustable */
};

struct limit {
    int64_t most; /* 0: none */
    int64_t warn_percent;
};

enum distance { FAR, NEAR, OVER };

static enum distance distance_to(const struct limit *limit, size_t count)
{
    if (limit->most <= 0 || (int64_t)count * 100 < limit->most * limit->warn_percent)
        return FAR;
    return (int64_t)count > limit->most ? OVER : NEAR;
}

static const struct network_vpn_gateway *said_gateway(const struct check *check,
                                                      const struct node *node)
{
    struct network_ref ref = network_find(check->network, node->id);
    return ref.kind == NETWORK_VPN_GATEWAY ? &check->network->vpn_gateways[ref.index] : NULL;
}

/* -- summaries: the cure of all three -- */

static void add_summary(struct check *check, const struct world *world, int node,
                        struct change *changes, size_t *count)
{
    int32_t index;
    struct change change = {.kind = CHANGE_SUMMARIZE};
    const struct network_router *router = known_router(check->network, world, node, &index);
    if (!router || !router->bgp || *count == SUMMARIES_MAX)
        return;
    change.index = index;
    size_t said = router->bgp->announce_count + router->bgp->received_count;
    if (network_summary_count(check->network, (size_t)index) < said &&
        !change_is_among(&change, changes, *count))
        changes[(*count)++] = change;
}

static size_t saving_of(const struct check *check, const struct change *change)
{
    const struct network_bgp *bgp = check->network->routers[change->index].bgp;
    return bgp->announce_count + bgp->received_count -
           network_summary_count(check->network, (size_t)change->index);
}

/* The one that saves most comes to the place. */
static void bring_best(const struct check *check, struct change *changes, size_t count, size_t at)
{
    size_t best = at;
    for (size_t i = at + 1; i < count; i++) {
        if (saving_of(check, &changes[i]) > saving_of(check, &changes[best]))
            best = i;
    }
    struct change change = changes[at];
    changes[at] = changes[best];
    changes[best] = change;
}

/* As few sites of the gateway as need be announce summaries, until the count is below the warning.
 */
static void suggest_summaries(struct check *check, const struct world *world, int gateway,
                              const struct limit *limit, size_t count,
                              struct check_finding *finding)
{
    struct change changes[SUMMARIES_MAX];
    size_t able = 0, taken = 0;
    struct site site;
    for (size_t i = 0; site_next(world, i, &site); i++) {
        if (site.gateway == gateway)
            add_summary(check, world, site.router, changes, &able);
    }
    for (; taken < able && distance_to(limit, count) != FAR; taken++) {
        bring_best(check, changes, able, taken);
        size_t saving = saving_of(check, &changes[taken]);
        count -= saving < count ? saving : count;
    }
    if (taken > 0)
        settled_suggest(check, finding,
                        &(struct idea){CHECK_REMEDY_ORIGIN_SUMMARIZE, changes, taken, false});
}

/* -- T21 -- */

struct flow {          /* from one neighbor of a gateway */
    uint16_t own;      /* the gateway, in the router's engine; 0: no session */
    uint16_t neighbor; /* the router, in the gateway's */
    const char *id;
};

/* The nth session of an attachment; false: no more. */
static bool flow_next(const struct world *world, const struct site *site, size_t *at,
                      struct flow *ret_flow)
{
    if (site->connection == WORLD_NONE) {
        const struct direct_connect *direct = &world->direct_connects[site->direct_connect];
        const struct engine *engine = world->nodes[site->router].engine;
        bool second = *at == 1 && direct->neighbor_six != 0;
        *ret_flow = (struct flow){.neighbor = second ? direct->neighbor_six : direct->neighbor,
                                  .id = site->id};
        for (uint16_t i = 1; engine && i <= engine_neighbor_count(engine); i++) {
            const struct event_neighbor *said = engine_neighbor(engine, i);
            bool over_six = direct->neighbor_six != 0 && ip_is_six(said->local_addr);
            if (said->interface == direct->router_port && over_six == second)
                ret_flow->own = i;
        }
        return (*at)++ == 0 || second;
    }
    for (; *at < world->tunnel_count; ++*at) {
        const struct tunnel *tunnel = &world->tunnels[*at];
        if (tunnel->connection != site->connection)
            continue;
        *ret_flow = (struct flow){tunnel->ends[TUNNEL_CUSTOMER].neighbor,
                                  tunnel->ends[TUNNEL_GATEWAY].neighbor, tunnel->id};
        ++*at;
        return true;
    }
    return false;
}

static const struct network_filter *import_of(const struct check *check, const struct site *site)
{
    struct network_ref ref = network_find(check->network, site->id);
    return ref.kind == NETWORK_DIRECT_CONNECT ? &check->network->direct_connects[ref.index].import
                                              : &check->network->vpn_connections[ref.index].import;
}

/* What the router says to the gateway and the gateway would take: not what it has from there. */
static size_t count_said(struct check *check, const struct world *world, const struct site *site,
                         uint16_t own)
{
    const struct node *router = &world->nodes[site->router];
    const struct rib *rib = known_rib(router);
    uint32_t asn = world->nodes[site->gateway].config.asn;
    uint32_t *numbers;
    uint32_t count = known_numbers(check, own ? rib : NULL, &numbers);
    size_t said = 0;
    for (uint32_t i = 0; i < count; i++) {
        enum reason reason;
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
        struct rib_route told = engine_told(router->engine, own, prefix, &reason);
        said += told.attr.v != 0 && attr_path_count(&rib->attrs, told.attr, asn) == 0 &&
                network_filter_permits(import_of(check, site), 0, prefix);
    }
    return said;
}

static struct limit limit_of(const struct check *check, const struct site *site,
                             const struct network_vpn_gateway *gateway, bool *ret_closes)
{
    struct network_ref ref = network_find(check->network, site->id);
    bool direct = ref.kind == NETWORK_DIRECT_CONNECT;
    const struct network_limits *own = direct ? &check->network->direct_connects[ref.index].limits
                                              : &check->network->vpn_connections[ref.index].limits;
    int64_t most = direct ? gateway->limits.dx_received : gateway->limits.vpn_received;
    enum network_over over = own->over == NETWORK_OVER_UNSAID ? gateway->limits.over : own->over;
    *ret_closes = over != NETWORK_OVER_REFUSE;
    return (struct limit){own->received >= 0 ? own->received : most,
                          own->warn_percent >= 0 ? own->warn_percent
                                                 : gateway->limits.warn_percent};
}

struct fullest { /* of an attachment's sessions */
    struct flow flow;
    struct limit limit;
    size_t count;
    unsigned closings; /* seen in the run */
    bool closes;       /* what is done beyond the limit */
};

static const char *say_count(struct check *check, const struct fullest *fullest, const char *router,
                             const char *gateway)
{
    long long most = (long long)fullest->limit.most;
    if (distance_to(&fullest->limit, fullest->count) == OVER)
        return check_text(check, "%s announces %zu prefixes; %s takes %lld, and %s", router,
                          fullest->count, gateway, most,
                          fullest->closes ? "closes the session" : "refuses the others");
    if (fullest->closings > 0)
        return check_text(check, "%s announces at times more than the %lld prefixes that %s takes",
                          router, most, gateway);
    return check_text(check, "%s announces %zu of the %lld prefixes that %s takes from it", router,
                      fullest->count, most, gateway);
}

static void say_consequence(struct check *check, const struct fullest *fullest,
                            struct check_finding *finding)
{
    bool over = distance_to(&fullest->limit, fullest->count) == OVER;
    if (fullest->closings > 0) {
        settled_because(check, finding,
                        "BGP on %s is closed with Cease, maximum number of prefixes reached; it"
                        " comes back a minute later, and is closed again",
                        fullest->flow.id);
        settled_because(check, finding, "the one too many costs all the others");
    } else if (over && fullest->closes) {
        settled_because(check, finding,
                        "the session was not up in the run; once it is, it is"
                        " closed, and all the others are lost with the one");
    } else if (over) {
        settled_because(check, finding,
                        "those that come last are refused: which ones they are may"
                        " be others after a restart");
    } else {
        settled_because(check, finding, "with %lld more %s",
                        (long long)fullest->limit.most - (long long)fullest->count + 1,
                        fullest->closes ? "the session is closed, and all of them are lost"
                                        : "those beyond the limit are refused");
    }
}

static void say_received(struct check *check, const struct world *world, const struct site *site,
                         const struct fullest *fullest)
{
    const char *router = world->nodes[site->router].id, *gateway = world->nodes[site->gateway].id;
    bool over = distance_to(&fullest->limit, fullest->count) == OVER;
    enum check_level level = fullest->closings > 0 ? CHECK_CERTAIN
                             : over                ? CHECK_LIKELY
                                                   : CHECK_LATENT;
    struct check_finding *finding = settled_add(check, CHECK_FINDING_PREFIX_LIMIT, level, site->id,
                                                say_count(check, fullest, router, gateway));
    finding->no_prefix = true;
    finding->router = router;
    finding->gateway = gateway;
    finding->connection = site->connection == WORLD_NONE ? NULL : site->id;
    say_consequence(check, fullest, finding);
    struct change changes[1];
    size_t change_count = 0;
    add_summary(check, world, site->router, changes, &change_count);
    if (change_count > 0)
        settled_suggest(
            check, finding,
            &(struct idea){CHECK_REMEDY_ORIGIN_SUMMARIZE, changes, 1, level > CHECK_LATENT});
}

static void received(struct check *check, const struct run *run)
{
    struct site site;
    for (size_t i = 0; site_next(run->world, i, &site); i++) {
        const struct network_vpn_gateway *gateway =
            said_gateway(check, &run->world->nodes[site.gateway]);
        if (site.is_static || !gateway)
            continue;
        struct flow flow;
        struct fullest fullest = {.count = 0};
        size_t at = 0;
        fullest.limit = limit_of(check, &site, gateway, &fullest.closes);
        while (flow_next(run->world, &site, &at, &flow)) {
            size_t count = count_said(check, run->world, &site, flow.own);
            if (count > fullest.count) {
                fullest.count = count;
                fullest.flow = flow;
            }
        }
        fullest.closings = run_limit_closings(run, site.gateway, fullest.flow.neighbor);
        if (distance_to(&fullest.limit, fullest.count) != FAR)
            say_received(check, run->world, &site, &fullest);
    }
}

/* -- what a gateway passes on -- */

/* "vpn-tokyo brings 40, vpn-osaka 35": who has the gateway's best paths. */
static const char *say_bringers(struct check *check, const struct world *world, int gateway)
{
    struct known known;
    struct site site;
    const char *names = NULL;
    size_t named = 0;
    const struct rib *rib = known_rib(&world->nodes[gateway]);
    known_take(check, &world->nodes[gateway], &known);
    for (size_t i = 0; rib && site_next(world, i, &site); i++) {
        size_t brings = 0;
        for (size_t k = 0; site.gateway == gateway && k < known.count; k++) {
            struct rib_route best = rib_best(rib, rib_find(rib, known.items[k]));
            brings += rib_source_get(rib, best.source)->source.attachment.v ==
                      site_attachment(world, &site);
        }
        if (brings > 0 && named++ < NAMED_MAX)
            names = settled_list(
                check, names,
                check_text(check, "%s %s%zu", site.id, named == 1 ? "brings " : "", brings));
    }
    return named > NAMED_MAX ? check_text(check, "%s and others", names) : names;
}

static void say_which(struct check *check, const struct world *world, int gateway,
                      struct check_finding *finding)
{
    const char *bringers = say_bringers(check, world, gateway);
    if (bringers)
        settled_because(check, finding, "%s", bringers);
}

/* -- T22 -- */

static size_t count_announced(struct check *check, const struct node *gateway, uint16_t neighbor)
{
    const struct rib *rib = known_rib(gateway);
    uint32_t *numbers;
    uint32_t count = known_numbers(check, neighbor ? rib : NULL, &numbers);
    size_t told = 0;
    for (uint32_t i = 0; i < count; i++) {
        enum reason reason;
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
        told += engine_told(gateway->engine, neighbor, prefix, &reason).attr.v != 0;
    }
    return told;
}

static void say_announced(struct check *check, const struct world *world, const struct site *site,
                          const struct limit *limit, size_t count)
{
    const char *router = world->nodes[site->router].id, *gateway = world->nodes[site->gateway].id;
    bool over = distance_to(limit, count) == OVER;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_ANNOUNCEMENT_LIMIT, over ? CHECK_LIKELY : CHECK_LATENT, site->id,
        over ? check_text(check, "%s has %zu prefixes to announce to %s, and may announce %lld",
                          gateway, count, router, (long long)limit->most)
             : check_text(check, "%s announces %zu prefixes to %s, of %lld that it may", gateway,
                          count, router, (long long)limit->most));
    finding->no_prefix = true;
    finding->router = router;
    finding->gateway = gateway;
    finding->connection = site->id;
    say_which(check, world, site->gateway, finding);
    if (over)
        settled_because(
            check, finding,
            "which are left out is not documented; %s then reaches only some of the others"
            " (the run announces all)",
            router);
    suggest_summaries(check, world, site->gateway, limit, count, finding);
}

static void announced(struct check *check, const struct run *run)
{
    struct site site;
    for (size_t i = 0; site_next(run->world, i, &site); i++) {
        const struct node *node = &run->world->nodes[site.gateway];
        const struct network_vpn_gateway *gateway = said_gateway(check, node);
        if (site.is_static || !gateway || site.connection == WORLD_NONE)
            continue;
        const struct network_limits *own = &check->network->vpn_connections[site.connection].limits;
        struct limit limit = {own->announced >= 0 ? own->announced : gateway->limits.vpn_announced,
                              own->warn_percent >= 0 ? own->warn_percent
                                                     : gateway->limits.warn_percent};
        struct flow flow;
        size_t at = 0, most = 0;
        while (flow_next(run->world, &site, &at, &flow)) {
            size_t count = count_announced(check, node, flow.neighbor);
            most = count > most ? count : most;
        }
        if (distance_to(&limit, most) != FAR)
            say_announced(check, run->world, &site, &limit, most);
    }
}

/* -- T23 -- */

static const char *say_waiting(struct check *check, const struct place_of_table *at)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    const char *names = NULL;
    size_t count = 0;
    while (vpc_next(at->vpc, at->table, &walk, &route, &reason)) {
        if (reason == VPC_OVER_LIMIT && count++ < NAMED_MAX)
            names = settled_list(check, names, text_of_prefix(route.prefix));
    }
    return count > NAMED_MAX ? check_text(check, "%s and more", names) : names;
}

static void propagated(struct check *check, const struct place_of_table *at)
{
    const struct network_vpn_gateway *gateway =
        at->gateway ? said_gateway(check, at->gateway) : NULL;
    uint32_t waiting = 0;
    size_t count = gateway ? vpc_propagated_count(at->vpc, at->table, &waiting) : 0;
    struct limit limit = {gateway ? gateway->limits.propagated : 0,
                          gateway ? gateway->limits.warn_percent : 0};
    if (distance_to(&limit, count + waiting) == FAR)
        return;
    bool over = waiting > 0;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_PROPAGATION_LIMIT, over && at->subnets ? CHECK_LIKELY : CHECK_LATENT,
        at->id,
        over ? check_text(check, "%s takes %lld propagated routes, and %s has %zu for it", at->id,
                          (long long)limit.most, gateway->id, count + waiting)
             : check_text(check, "%s has %zu of the %lld propagated routes that it takes", at->id,
                          count, (long long)limit.most));
    finding->no_prefix = true;
    finding->gateway = at->gateway->id;
    say_which(check, at->world, at->node->owner, finding);
    if (over)
        settled_because(check, finding,
                        "which are left out is not documented; in the run those that came last are:"
                        " %s",
                        say_waiting(check, at));
    if (!at->subnets)
        settled_because(check, finding, "no subnet uses %s now", at->id);
    suggest_summaries(check, at->world, at->node->owner, &limit, count + waiting, finding);
}

/* -- T40f: quotas -- */

/* key: of the file, which says that the quota was raised; NULL: none does. */
static void quota(struct check *check, const char *place, const char *gateway, size_t count,
                  const struct limit *limit, const char *of_what, const char *key)
{
    enum distance distance = distance_to(limit, count);
    if (distance == FAR)
        return;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_QUOTA, distance == OVER ? CHECK_LIKELY : CHECK_LATENT, place,
        distance == OVER ? check_text(check, "%s has %zu %s, and may have %lld", place, count,
                                      of_what, (long long)limit->most)
                         : check_text(check, "%s has %zu of %lld %s", place, count,
                                      (long long)limit->most, of_what));
    finding->no_prefix = true;
    finding->gateway = gateway;
    if (distance == OVER)
        settled_because(check, finding,
                        "AWS refuses the request that goes beyond, in the middle of whatever was to"
                        " be built");
    else if ((int64_t)count == limit->most)
        settled_because(check, finding, "the request for the next one is refused");
    else
        settled_because(check, finding, "%lld more, and the next request is refused",
                        (long long)limit->most - (long long)count);
    if (key)
        settled_because(check, finding, "if it was raised, the file says so with limits: {%s: ...}",
                        key);
}

static void quotas(struct check *check)
{
    const struct network *network = check->network;
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &network->vpn_gateways[i];
        size_t count = 0;
        for (size_t k = 0; k < network->vpn_connection_count; k++)
            count += network->vpn_connections[k].vpn_gateway.index == (int32_t)i;
        struct limit limit = {gateway->limits.connections, gateway->limits.warn_percent};
        quota(check, gateway->id, gateway->id, count, &limit, "VPN connections", "connections");
    }
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        const struct network_vpn_gateway *gateway =
            &network->vpn_gateways[connection->vpn_gateway.index];
        struct limit limit = {gateway->limits.static_routes, gateway->limits.warn_percent};
        quota(check, connection->id, gateway->id, connection->static_route_count, &limit,
              "static routes", NULL);
    }
}

void limits_find_region(struct check *check)
{
    const struct network *network = check->network;
    struct limit limit = {GATEWAYS_OF_AWS, 100};
    size_t count = 0;
    for (size_t i = 0; i < network->vpn_gateway_count; i++)
        count += network->vpn_gateways[i].platform == PLATFORM_AWS;
    quota(check, "the Region", NULL, count > GATEWAYS_OF_AWS ? count : 0, &limit,
          "VPN gateways, if all are in one", NULL);
}

void limits_find(struct check *check, const struct run *run)
{
    received(check, run);
    announced(check, run);
    places_ask(check, run, propagated);
    quotas(check);
    if (!check->region)
        limits_find_region(check);
}
