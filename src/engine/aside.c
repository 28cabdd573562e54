/* A default that a router announces and does not use.
 *
 * What `network 0.0.0.0/0` announces stands among the router's own paths, beats whatever a neighbor
 * says of the default, and so keeps it out of the table. `default-originate` announces a default,
 * too, but out of nothing: it stands beside the router's paths, and the default that a neighbor
 * tells is chosen among the others and taken, for all that nobody is told of it. So the first is a
 * shelter from a default by the tunnel, and the second is none.
 *
 * Here the announced one is a path of a source of its own, which wins as what is local does and is
 * what neighbors are told. The table is given the best of the others; who asks why is told both. */
#include "engine/parts.h"

void aside_announce(struct engine *engine, const struct event_announce *announce)
{
    struct engine_bgp *bgp = engine->bgp;
    bool aside = announce->aside && announce->prefix.len == 0;
    if (aside && bgp->aside.v == 0) {
        struct source source = {.kind = SOURCE_LOCAL};
        bgp->aside = rib_source_add(&bgp->rib, &source);
        if (bgp->aside.v == 0) {
            engine_exhausted(engine, announce->prefix, 0);
            return;
        }
    }
    if (bgp->aside.v != 0) /* it is announced in one way at a time */
        flow_take(engine, aside ? bgp->local : bgp->aside, announce->prefix, false);
    flow_announce(engine, aside ? bgp->aside : bgp->local, announce);
}

void aside_withdraw(struct engine *engine, struct prefix prefix)
{
    if (engine->bgp->aside.v != 0)
        flow_take(engine, engine->bgp->aside, prefix, false);
    flow_withdraw(engine, engine->bgp->local, prefix);
}

static bool is_same(const struct table_route *left, const struct table_route *right)
{
    return left->source == right->source && left->tag == right->tag;
}

/* What was used beside the announced default goes, unless it is what is used now. */
static void take_back(struct engine *engine, struct prefix prefix, const struct table_route *old,
                      const struct table_route *now)
{
    if (!now || !is_same(old, now))
        table_remove(&engine->table, prefix, old->source, old->tag);
}

static void settle(struct engine *engine, struct prefix prefix, struct engine_aside *beside)
{
    struct rib *rib = &engine->bgp->rib;
    uint32_t number = rib_find(rib, prefix);
    struct rib_route best = number ? rib_best(rib, number) : (struct rib_route){0};
    struct table_route now;
    bool aside = best.attr.v != 0 && best.source.v == engine->bgp->aside.v;
    if (aside)
        best = rib_best_without(rib, number, engine->bgp->aside);
    bool has = entries_route_of(engine, best, &now);
    if (beside->has)
        take_back(engine, prefix, &beside->route, has ? &now : NULL);
    if (aside && has)
        entries_put(engine, prefix, &now, engine_source_neighbor(engine, best.source));
    beside->has = aside && has;
    if (beside->has)
        beside->route = now;
}

void aside_settle(struct engine *engine)
{
    struct engine_bgp *bgp = engine->bgp;
    settle(engine, (struct prefix){0, 0}, &bgp->beside[0]);
    settle(engine, (struct prefix){.six = true}, &bgp->beside[1]);
}

enum reason engine_path_why(const struct engine *engine, uint32_t number,
                            const struct rib_path *path)
{
    const struct engine_bgp *bgp = engine->bgp;
    struct rib_route best = rib_best(&bgp->rib, number);
    if (best.attr.v == 0 || bgp->aside.v == 0 || best.source.v != bgp->aside.v ||
        reason_refuses(path->why))
        return (enum reason)path->why;
    if (path->source.v == bgp->aside.v)
        return REASON_ONLY_TOLD;
    enum reason why = rib_why_without(&bgp->rib, number, bgp->aside, path->source);
    return why == REASON_BEST ? REASON_ONLY_USED : why;
}
