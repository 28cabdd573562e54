#include "check/margin.h"

#include <stdlib.h>

/* The two paths that matter, with what they are compared by. */
struct contest {
    const struct engine *engine;
    const struct rib *rib;
    uint32_t number; /* the prefix's */
    const struct rib_path *provider, *tunnel;
    uint16_t provider_neighbor;
};

static bool is_direct_connect(const struct world *world, int router, ip_addr peer)
{
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *direct = &world->direct_connects[i];
        if (direct->router == router &&
            world->nodes[direct->gateway].ports[direct->gateway_port].addr == peer)
            return true;
    }
    return false;
}

static uint32_t figure(const struct rib *rib, const struct rib_path *path, enum reason step)
{
    const struct attr_facts *facts = attr_get(&rib->attrs, path->attr);
    if (step == REASON_LOST_PATH_LENGTH)
        return facts->path_length;
    if (step == REASON_LOST_ORIGIN)
        return facts->origin;
    if (step == REASON_LOST_MED)
        return facts->med;
    if (step == REASON_LOST_LOCAL_PREF)
        return facts->local_pref;
    return 0;
}

/* The choice of what is used: a default that is only announced takes no part in it. */
static enum reason why_of(const struct contest *contest, const struct rib_path *path)
{
    enum reason why = engine_path_why(contest->engine, contest->number, path);
    return why == REASON_ONLY_USED ? REASON_BEST : why;
}

/* Of two that lost at one step: the one that lost by less. */
static const struct rib_path *nearer(const struct contest *contest, const struct rib_path *left,
                                     const struct rib_path *right)
{
    enum reason step = why_of(contest, left);
    uint32_t of_left = figure(contest->rib, left, step);
    uint32_t of_right = figure(contest->rib, right, step);
    bool more = step == REASON_LOST_LOCAL_PREF;
    return (more ? of_left >= of_right : of_left <= of_right) ? left : right;
}

/* The one that won, or else the one that came further. Reasons are numbered as the steps follow
 * each other. */
static const struct rib_path *further(const struct contest *contest, const struct rib_path *left,
                                      const struct rib_path *right)
{
    enum reason of_left = left ? why_of(contest, left) : REASON_NONE;
    enum reason of_right = why_of(contest, right);
    if (!left || of_right == REASON_BEST)
        return right;
    if (of_left == REASON_BEST)
        return left;
    if (of_left == of_right)
        return nearer(contest, left, right);
    return of_left > of_right ? left : right;
}

static void enter(const struct world *world, int router, const struct rib_path *path,
                  struct contest *contest)
{
    const struct engine *engine = world->nodes[router].engine;
    uint16_t neighbor = engine_source_neighbor(engine, path->source);
    const struct source *source = &rib_source_get(contest->rib, path->source)->source;
    if (neighbor == 0 || reason_refuses(path->why))
        return;
    if (evidence_teller(world, router, neighbor).gateway != WORLD_NONE) {
        contest->tunnel = further(contest, contest->tunnel, path);
    } else if (source->external && !is_direct_connect(world, router, source->peer_address)) {
        contest->provider = further(contest, contest->provider, path);
        if (contest->provider == path)
            contest->provider_neighbor = neighbor;
    }
}

bool margin_take(const struct world *world, int router, struct prefix prefix,
                 struct margin *ret_margin)
{
    const struct engine *engine = world->nodes[router].engine;
    struct contest contest = {.engine = engine, .rib = engine ? engine_rib(engine) : NULL};
    uint32_t number = contest.rib ? rib_find(contest.rib, prefix) : 0;
    contest.number = number;
    const struct rib_path *path = number ? rib_path_next(contest.rib, number, NULL) : NULL;
    for (; path; path = rib_path_next(contest.rib, number, path))
        enter(world, router, path, &contest);
    if (!contest.provider || !contest.tunnel)
        return false;
    enum reason of_provider = why_of(&contest, contest.provider);
    enum reason of_tunnel = why_of(&contest, contest.tunnel);
    bool wins = of_provider == REASON_BEST;
    if (!wins && of_tunnel != REASON_BEST)
        return false;
    enum reason step = wins ? of_tunnel : of_provider;
    *ret_margin = (struct margin){.provider_wins = wins,
                                  .step = step,
                                  .provider = figure(contest.rib, contest.provider, step),
                                  .tunnel = figure(contest.rib, contest.tunnel, step),
                                  .neighbor = contest.provider_neighbor};
    return true;
}

/* -- in words -- */

static const char *hops_of(struct check *check, uint32_t hops)
{
    return hops == 1 ? "one AS hop" : check_text(check, "%u AS hops", hops);
}

const char *margin_say(struct check *check, const struct margin *margin)
{
    uint32_t provider = margin->provider, tunnel = margin->tunnel;
    uint32_t between = provider < tunnel ? tunnel - provider : provider - tunnel;
    switch ((unsigned)margin->step) {
    case REASON_LOST_PATH_LENGTH:
        return check_text(check, "%s: the provider's AS path is %u long, the tunnel's %u",
                          hops_of(check, between), provider, tunnel);
    case REASON_LOST_LOCAL_PREF:
        return check_text(check, "local preference %u for the provider, %u for the tunnel",
                          provider, tunnel);
    case REASON_LOST_MED:
        return check_text(check, "MED %u from the provider, %u through the tunnel", provider,
                          tunnel);
    case REASON_LOST_ORIGIN:
        return check_text(check, "origin code %u from the provider, %u through the tunnel",
                          provider, tunnel);
    case REASON_LOST_AGE:
        return check_text(check,
                          "nothing but age: the AS paths are equally long, and the %s was"
                          " there first",
                          margin->provider_wins ? "provider's" : "tunnel's");
    default:
        return check_text(check, "a tie-break: %s", reason_text(margin->step)->sentence);
    }
}

const char *margin_say_route(struct check *check, const struct world *world, int router,
                             struct prefix prefix, const struct margin *margin)
{
    const struct node *node = &world->nodes[router];
    const struct event_neighbor *provider = engine_neighbor(node->engine, margin->neighbor);
    return check_text(check, "B   %s [%u/0] via %s, %s", text_of_prefix(prefix),
                      node->profile->distance[ROUTE_EBGP], text_of_ip(provider->peer_addr),
                      node->ports[provider->interface].name);
}
