#include "check/mechanism.h"

#include "check/margin.h"

enum { CHAIN_MAX = 16, HALF_LEN = 1 };

/* -- who goes through whom -- */

/* The tunnel that takes this one's packets; WORLD_NONE: none does. */
static int taker_of(const struct world *world, int tunnel)
{
    for (int end = TUNNEL_CUSTOMER; end >= TUNNEL_GATEWAY; end--) {
        struct path path = {.hops = NULL};
        forward_outer(world, tunnel, end, &path);
        if (path.swallowed)
            return path.into_tunnel;
    }
    return WORLD_NONE;
}

struct chain {
    int tunnels[CHAIN_MAX];
    size_t count; /* the last one comes again: it is among the earlier ones */
    bool is_closed;
};

static void follow(const struct world *world, int tunnel, struct chain *chain)
{
    *chain = (struct chain){.count = 0};
    while (tunnel != WORLD_NONE && !chain->is_closed && chain->count < CHAIN_MAX) {
        for (size_t i = 0; i < chain->count; i++)
            chain->is_closed |= chain->tunnels[i] == tunnel;
        chain->tunnels[chain->count++] = tunnel;
        tunnel = taker_of(world, tunnel);
    }
}

/* A tunnel and its twin that swallows itself, with the same end of the same route: one story. */
static bool is_twin(const struct world *world, const struct chain *chain)
{
    return chain->count == 3 && chain->tunnels[1] == chain->tunnels[2] &&
           world->tunnels[chain->tunnels[0]].connection ==
               world->tunnels[chain->tunnels[1]].connection;
}

static bool is_alone(const struct chain *chain)
{
    return chain->count == 2;
}

bool mechanism_look_again(struct check *check, const struct world *world,
                          struct check_finding *finding)
{
    const struct evidence *evidence = finding->evidence;
    struct chain chain;
    if (!evidence || evidence->into == evidence->tunnel ||
        (finding->traits & (FAMILY_CIRCLE | FAMILY_TWIN)))
        return false;
    follow(world, evidence->tunnel, &chain);
    if (!chain.is_closed || is_alone(&chain))
        return false;
    finding->traits |= is_twin(world, &chain) ? FAMILY_TWIN : FAMILY_CIRCLE;
    for (size_t i = 0; (finding->traits & FAMILY_CIRCLE) && i < chain.count; i++)
        check_add_text(check, &finding->circle, world->tunnels[chain.tunnels[i]].id);
    return true;
}

/* -- the prefix -- */

ip_addr mechanism_own_range(const struct world *world, int router, struct prefix prefix)
{
    for (size_t i = 0; prefix.len > HALF_LEN && i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        ip_addr own = tunnel->ends[TUNNEL_GATEWAY].outer_remote;
        if (tunnel->ends[TUNNEL_CUSTOMER].node == router && prefix_contains(prefix, own))
            return own;
    }
    return 0;
}

/* Does a default by BGP come before this one? */
static bool is_weaker(const struct platform_profile *profile, const struct table_route *own)
{
    return profile->order == TABLE_BY_METRIC ? own->metric > profile->metric[ROUTE_EBGP]
                                             : own->distance > profile->distance[ROUTE_EBGP];
}

/* Of the router's own default, learned from nobody. */
static unsigned own_default(const struct world *world, int router)
{
    const struct prefix everything = {0, 0};
    const struct node *node = &world->nodes[router];
    const struct table *table = node->engine ? engine_table(node->engine) : NULL;
    struct table_candidate candidate;
    for (uint32_t i = 0; table && table_candidate(table, everything, i, &candidate); i++) {
        enum route_source source = (enum route_source)candidate.route.source;
        if (source == ROUTE_EBGP || source == ROUTE_IBGP)
            continue;
        return is_weaker(node->profile, &candidate.route) ? FAMILY_WEAK : 0;
    }
    return 0;
}

unsigned mechanism_of_prefix(const struct world *world, int tunnel, int told_by,
                             struct prefix prefix, const struct origin *origin)
{
    const struct tunnel *of = &world->tunnels[tunnel];
    unsigned traits =
        prefix.len > 0 ? FAMILY_COVERING : own_default(world, of->ends[TUNNEL_CUSTOMER].node);
    if (told_by != WORLD_NONE && told_by != of->ends[TUNNEL_GATEWAY].node)
        traits |= FAMILY_ELSEWHERE;
    if (origin->node != WORLD_NONE && mechanism_own_range(world, origin->node, prefix) != 0)
        traits |= FAMILY_OWN_RANGE;
    return traits;
}

/* -- all of it -- */

static void say_margin(struct check *check, const struct world *world,
                       struct check_finding *finding)
{
    const struct evidence *evidence = finding->evidence;
    struct margin margin;
    if (evidence->turn != TURN_ROUTER || !evidence->by_bgp ||
        !margin_take(world, evidence->router, evidence->prefix, &margin) || margin.provider_wins)
        return;
    if (evidence->prefix.len == 0)
        finding->traits |= FAMILY_BY_BGP;
    finding->margin = margin_say(check, &margin);
    finding->beaten = margin_say_route(check, world, evidence->router, evidence->prefix, &margin);
    check_add_text(check, &finding->why, reason_text(margin.step)->name);
}

/* By metric, where a platform compares no distances. */
static bool is_weak(const struct world *world, const struct evidence *evidence)
{
    struct table_candidate second;
    return evidence->turn == TURN_ROUTER && evidence->by_bgp && evidence->prefix.len == 0 &&
           table_candidate(engine_table(world->nodes[evidence->router].engine), evidence->prefix, 1,
                           &second) &&
           second.route.source != ROUTE_EBGP && second.route.source != ROUTE_IBGP;
}

void mechanism_say(struct check *check, const struct world *world, struct check_finding *finding)
{
    const struct evidence *evidence = finding->evidence;
    finding->traits |= mechanism_of_prefix(world, evidence->tunnel, evidence->teller.gateway,
                                           evidence->prefix, &evidence->origin) &
                       ~(unsigned)FAMILY_WEAK;
    if (finding->traits & FAMILY_OWN_RANGE)
        finding->own = mechanism_own_range(world, evidence->origin.node, evidence->prefix);
    if (is_weak(world, evidence))
        finding->traits |= FAMILY_WEAK;
    say_margin(check, world, finding);
    if (evidence->by_next_hop) {
        finding->traits |= FAMILY_NEXT_HOP;
        finding->next_hop = evidence->next_hop;
        finding->pinned = evidence->pinned;
    }
    (void)mechanism_look_again(check, world, finding);
}
