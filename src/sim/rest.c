/* What must hold in a world at rest: what a neighbor has heard from me is what I tell it, and what
 * a kernel holds is what its router's table wants. */
#include "sim/parts.h"

#include "wire/bgp_canonical.h"

/* One direction of a session: who speaks, who listens. */
struct direction {
    const struct engine *from, *to;
    uint16_t neighbor; /* the listener, as the speaker's engine numbers it */
    uint16_t speaker;  /* the speaker, as the listener's engine numbers it */
};

static bool is_established(const struct engine *engine, uint16_t neighbor)
{
    return engine && engine_session(engine, neighbor)->state == SESSION_ESTABLISHED;
}

static const struct rib_path *heard(const struct direction *way, struct prefix prefix)
{
    const struct rib *rib = engine_rib(way->to);
    uint32_t number = rib_find(rib, prefix);
    return number ? rib_path_of(rib, number, engine_neighbor_source(way->to, way->speaker)) : NULL;
}

/* What policies make of communities is asked of neither engine: any order, none twice. */
static bool has_community(struct slice communities, uint32_t community)
{
    return bgp_communities_contain(communities, community);
}

static bool is_among(const uint32_t *items, unsigned count, uint32_t item)
{
    for (unsigned i = 0; i < count; i++)
        if (items[i] == item)
            return true;
    return false;
}

/* Is the community in the set after the edit, if this is whether it was there before? */
static bool stays(const struct route_edit *edit, uint32_t community, bool was)
{
    if (!edit)
        return was;
    return (was && !edit->drop_communities &&
            !is_among(edit->remove, edit->remove_count, community)) ||
           is_among(edit->add, edit->add_count, community);
}

static struct slice communities_of(const struct engine *engine, struct attr_id attr)
{
    struct bgp_attrs attrs;
    bgp_attrs_decode_canonical(attr_bytes(&engine_rib(engine)->attrs, attr), &attrs);
    return attrs.communities;
}

/* Every community of the one is in the other, or an edit on the way explains it; both ways. */
static bool same_communities(const struct direction *way, struct attr_id told, struct attr_id heard)
{
    struct slice mine = communities_of(way->from, told), its = communities_of(way->to, heard);
    const struct route_edit *out =
        engine_edit(way->from, engine_neighbor(way->from, way->neighbor)->attachment, true);
    const struct route_edit *in =
        engine_edit(way->to, engine_neighbor(way->to, way->speaker)->attachment, false);
    struct cursor all[] = {cursor_over(mine), cursor_over(its)};
    for (int i = 0; i < 2; i++) {
        while (cursor_remaining(&all[i]) > 0) {
            uint32_t community = cursor_u32(&all[i]);
            bool sent = stays(out, community, has_community(mine, community));
            if (stays(in, community, sent) != has_community(its, community))
                return false;
        }
    }
    for (unsigned i = 0; out && i < out->add_count; i++)
        if (stays(in, out->add[i], true) != has_community(its, out->add[i]))
            return false;
    for (unsigned i = 0; in && i < in->add_count; i++)
        if (!has_community(its, in->add[i]))
            return false;
    return true;
}

/* The listener's set of attributes is the speaker's as an UPDATE carries it: the speaker's AS in
 * front where the session is external (RFC 4271 5.1.2), as often as its policy says, its address as
 * the next hop (5.1.3); then as the listener's policy has it. */
static bool same_attributes(const struct direction *way, struct attr_id told, struct attr_id heard)
{
    const struct attr_facts *mine = attr_get(&engine_rib(way->from)->attrs, told);
    const struct attr_facts *its = attr_get(&engine_rib(way->to)->attrs, heard);
    uint32_t asn = engine_config_of(way->from)->asn;
    const struct event_neighbor *to = engine_neighbor(way->from, way->neighbor);
    bool external = to->peer_asn != asn;
    const struct route_edit *out = engine_edit(way->from, to->attachment, true);
    const struct route_edit *in =
        engine_edit(way->to, engine_neighbor(way->to, way->speaker)->attachment, false);
    uint32_t added = external ? 1u + (out ? out->prepend : 0) : 0;
    bool has_med = to->med || (out && out->has_med);
    uint32_t med = has_med ? to->med + (out && out->has_med ? out->med : 0) : 0;
    return its->origin == mine->origin && its->path_length == mine->path_length + added &&
           its->med == med &&
           (!external || its->local_pref == (in && in->has_local_pref ? in->local_pref : 100)) &&
           same_communities(way, told, heard) && (!external || its->first_as == asn) &&
           (!external || its->last_as == (mine->path_length ? mine->last_as : asn)) &&
           attr_next_hop(its) == to->local_addr;
}

/* Beyond its limits the listener only counts what it refuses. */
static bool may_be_missing(const struct direction *way)
{
    struct source_id source = engine_neighbor_source(way->to, way->speaker);
    return rib_source_get(engine_rib(way->to), source)->counts.discarded > 0;
}

static const char *audit_told(const struct direction *way)
{
    const struct rib *rib = engine_rib(way->from);
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        const struct rib_prefix *record = rib_prefix_get(rib, number);
        if (!(record->bits & RIB_IN_USE))
            continue;
        enum reason reason;
        struct prefix prefix = rib_prefix_of(rib, record);
        struct rib_route told = engine_told(way->from, way->neighbor, prefix, &reason);
        const struct rib_path *path = heard(way, prefix);
        if (told.attr.v == 0 && path)
            return "a neighbor has heard of a route that it is not told";
        if (told.attr.v != 0 && !path && !may_be_missing(way))
            return "a neighbor has not heard of a route that it is told";
        if (told.attr.v != 0 && path && !same_attributes(way, told.attr, path->attr))
            return "a neighbor has heard of a route with other attributes than it is told";
    }
    return NULL;
}

static const char *audit_heard(const struct direction *way)
{
    const struct rib *rib = engine_rib(way->to);
    struct source_id source = engine_neighbor_source(way->to, way->speaker);
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        const struct rib_prefix *record = rib_prefix_get(rib, number);
        if (record->bits & RIB_IN_USE && rib_path_of(rib, number, source) &&
            rib_find(engine_rib(way->from), rib_prefix_of(rib, record)) == 0)
            return "a neighbor has heard of a route that nobody has";
    }
    return NULL;
}

static const char *audit_session(const struct sim *sim, int node, uint16_t neighbor)
{
    const struct engine *engine = sim->world->nodes[node].engine;
    uint8_t slot = engine_session(engine, neighbor)->slot;
    const struct tcp_end *peer = tcp_peer(sim, node, (struct event_connection){neighbor, slot});
    if (!peer || !is_established(sim->world->nodes[peer->node].engine, peer->neighbor))
        return "a session is Established at one end only";
    struct direction way = {.from = engine,
                            .to = sim->world->nodes[peer->node].engine,
                            .neighbor = neighbor,
                            .speaker = peer->neighbor};
    const char *complaint = audit_told(&way);
    return complaint ? complaint : audit_heard(&way);
}

/* Every way that the table has chosen is in the kernel, and nothing else. */
static const char *audit_kernel(const struct engine *engine, const struct kernel *kernel)
{
    const struct table *table = engine_table(engine);
    struct prefix prefix, at;
    uint32_t wanted = 0, held = 0, handle;
    for (bool any = table_next(table, NULL, &prefix); any; any = table_next(table, &at, &prefix)) {
        struct table_best best;
        at = prefix;
        if (!table_find(table, prefix, &best) || best.way.kind == TABLE_HERE)
            continue;
        const struct kernel_entry *entry = kernel_exact(kernel, prefix);
        wanted++;
        if (!entry || entry->port != best.way.interface || entry->gateway != best.way.gateway ||
            entry->source != best.route.source)
            return "a kernel does not hold what its router's table wants";
    }
    bool more = lpm_next(&kernel->prefixes, NULL, &prefix, &handle);
    while (more) {
        struct prefix last = prefix;
        held++;
        more = lpm_next(&kernel->prefixes, &last, &prefix, &handle);
    }
    return held == wanted ? NULL : "a kernel holds more than its router's table wants";
}

const char *sim_audit_rest(const struct sim *sim)
{
    for (size_t i = 0; i < sim->world->node_count; i++) {
        const struct engine *engine = sim->world->nodes[i].engine;
        uint16_t count = engine ? engine_neighbor_count(engine) : 0;
        const char *complaint = engine ? engine_audit(engine) : NULL;
        if (engine && !complaint)
            complaint = audit_kernel(engine, &sim->world->nodes[i].kernel);
        if (sim->nodes[i].vrf && !complaint)
            complaint = audit_kernel(sim->nodes[i].vrf, &sim->world->nodes[i].outer);
        for (uint16_t n = 1; n <= count && !complaint; n++) {
            if (is_established(engine, n))
                complaint = audit_session(sim, (int)i, n);
        }
        if (complaint)
            return complaint;
    }
    return NULL;
}
