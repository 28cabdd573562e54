/* T29, backup-more-specific: the VPN that is to stand in for a Direct Connect takes the traffic all
 * the time, because its prefixes are longer. T30, prepending-in-vain: a longer AS path, where
 * something else decides before paths are compared. T37, asymmetric-tunnels: one direction of a
 * connection goes by one tunnel, the other by the other. */
#include "check/offers.h"
#include "check/settled.h"

enum {
    NAMED_MAX = 4,
    PAIRS_MAX = 64,
    PARTS_MAX = 64,
    WIDE_LEN = 8 /* what is wider is a default in disguise, and nobody's range */
};

/* -- T29, at the gateway -- */

struct pair { /* a Direct Connect and the VPN that is its backup */
    struct site direct, backup;
    struct prefix range;
    struct prefix parts[PARTS_MAX];
    size_t count;
};

struct pairs {
    struct pair *items;
    size_t count;
};

static void note_part(struct pairs *pairs, const struct offer *wide, const struct offer *part)
{
    struct pair *pair = pairs->items;
    while (pair < pairs->items + pairs->count &&
           (pair->direct.direct_connect != wide->site.direct_connect ||
            pair->backup.connection != part->site.connection))
        pair++;
    if (pair == pairs->items + PAIRS_MAX)
        return;
    if (pair == pairs->items + pairs->count) {
        *pair = (struct pair){.direct = wide->site, .backup = part->site, .range = wide->prefix};
        pairs->count++;
    }
    if (pair->count < PARTS_MAX)
        pair->parts[pair->count++] = part->prefix;
}

/* Does it lie at the same place as far as one can see? What is prepended is not to be used. */
static bool is_backed_up(struct check *check, const struct world *world, const struct offer *wide,
                         const struct site *backup)
{
    return wide->site.connection == WORLD_NONE && wide->prefix.len >= WIDE_LEN &&
           !offer_is_prepended(world, wide) &&
           (wide->site.router == backup->router ||
            offers_lie_within(check, world, backup->gateway, backup->router, wide->site.router));
}

static void look_for_range(struct check *check, const struct world *world,
                           const struct offer *offers, size_t count, struct pairs *pairs)
{
    uint32_t around[COVERS_MAX];
    const struct offer *part = &offers[0];
    for (size_t i = 0; i < count; i++) {
        if (offers[i].site.connection == WORLD_NONE)
            return; /* Direct Connect has it, too */
    }
    size_t covers = offers_around(world, part->site.gateway, part->prefix, around);
    for (size_t i = 0; i < covers; i++) {
        struct offer wide[OFFERS_MAX];
        size_t wide_count = offers_of(world, part->site.gateway, around[i], wide);
        for (size_t k = 0; k < wide_count; k++) {
            if (!is_backed_up(check, world, &wide[k], &part->site))
                continue;
            note_part(pairs, &wide[k], part);
            return;
        }
    }
}

/* Both announce the same; Direct Connect then comes first. */
static void suggest_parts(struct check *check, const struct world *world, const struct pair *pair,
                          struct check_finding *finding)
{
    struct change changes[PARTS_MAX];
    struct change change = {.kind = CHANGE_ANNOUNCE};
    const struct network_router *router =
        known_router(check->network, world, pair->direct.router, &change.index);
    if (!router || !router->bgp || pair->direct.router == pair->backup.router)
        return;
    for (size_t i = 0; i < pair->count; i++) {
        change.prefix = pair->parts[i];
        changes[i] = change;
    }
    settled_suggest(check, finding,
                    &(struct idea){.kind = CHECK_REMEDY_ORIGIN_ANNOUNCE,
                                   .changes = changes,
                                   .count = pair->count,
                                   .disputed = true});
}

static void say_pair(struct check *check, const struct world *world, const struct pair *pair)
{
    const char *names = NULL, *gateway = world->nodes[pair->backup.gateway].id;
    for (size_t i = 0; i < pair->count && i < NAMED_MAX; i++)
        names = settled_list(check, names, text_of_prefix(pair->parts[i]));
    if (pair->count > NAMED_MAX)
        names = check_text(check, "%s and %zu more", names, pair->count - NAMED_MAX);
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_BACKUP_MORE_SPECIFIC, CHECK_LATENT, pair->backup.id,
                    check_text(check, "%s sends to %s by %s, not by %s", gateway, names,
                               pair->backup.id, pair->direct.id));
    finding->prefix = pair->parts[0];
    finding->router = world->nodes[pair->backup.router].id;
    finding->gateway = gateway;
    finding->connection = pair->backup.id;
    settled_because(check, finding,
                    "%s announces only %s, which is wider, and the longest prefix comes before"
                    " Direct Connect's preference",
                    pair->direct.id, text_of_prefix(pair->range));
    settled_because(check, finding, "%s carries nothing to %s while the VPN is up", pair->direct.id,
                    names);
    suggest_parts(check, world, pair, finding);
}

static void backup_more_specific(struct check *check, const struct world *world, int gateway)
{
    struct pairs pairs = {check_take(check, PAIRS_MAX * sizeof *pairs.items), 0};
    uint32_t *numbers;
    uint32_t count = known_numbers(check, known_rib(&world->nodes[gateway]), &numbers);
    for (uint32_t i = 0; i < count; i++) {
        struct offer offers[OFFERS_MAX];
        size_t offered = offers_of(world, gateway, numbers[i], offers);
        if (offered > 0 && !offers[0].site.is_static)
            look_for_range(check, world, offers, offered, &pairs);
    }
    for (size_t i = 0; i < pairs.count; i++)
        say_pair(check, world, &pairs.items[i]);
}

/* -- T29, at a router -- */

/* Through what kind of port the path came. */
static enum port_kind port_of(const struct node *router, const struct rib_path *path)
{
    uint16_t neighbor = engine_source_neighbor(router->engine, path->source);
    uint16_t port = neighbor ? engine_neighbor(router->engine, neighbor)->interface : 0;
    return port ? router->ports[port].kind : PORT_LAN;
}

static bool has_path_by(const struct node *router, const struct rib *rib, uint32_t number,
                        enum port_kind kind)
{
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    for (; path; path = rib_path_next(rib, number, path)) {
        if (!reason_refuses(path->why) && port_of(router, path) == kind)
            return true;
    }
    return false;
}

/* The range around the prefix that comes by Direct Connect; false: none does. */
static bool find_range(const struct node *router, const struct rib *rib, struct prefix prefix,
                       struct prefix *ret_range)
{
    uint32_t numbers[RIB_COVERING_MAX];
    for (uint32_t i = rib_covering(rib, prefix_address(prefix), numbers); i > 0; i--) {
        *ret_range = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i - 1]));
        if (ret_range->len >= WIDE_LEN && ret_range->len < prefix.len &&
            has_path_by(router, rib, numbers[i - 1], PORT_DX))
            return true;
    }
    return false;
}

static void say_router(struct check *check, const struct node *router, const char *names,
                       struct prefix first, struct prefix range)
{
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_BACKUP_MORE_SPECIFIC, CHECK_LATENT, router->id,
        check_text(check, "%s sends to %s by VPN, not by its Direct Connect", router->id, names));
    finding->prefix = first;
    finding->router = router->id;
    settled_because(check, finding,
                    "it hears only %s by Direct Connect, which is wider, and takes the longest"
                    " prefix",
                    text_of_prefix(range));
}

static void router_by_vpn(struct check *check, const struct node *router)
{
    const struct rib *rib = known_rib(router);
    struct prefix first = {0, 0}, range = {0, 0}, found;
    const char *names = NULL;
    size_t named = 0;
    uint32_t *numbers;
    uint32_t count = known_numbers(check, rib, &numbers);
    for (uint32_t i = 0; i < count; i++) {
        const struct rib_path *best = rib_path_next(rib, numbers[i], NULL);
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
        if (!best || best->why != REASON_BEST || port_of(router, best) != PORT_TUNNEL ||
            has_path_by(router, rib, numbers[i], PORT_DX) ||
            !find_range(router, rib, prefix, &found))
            continue;
        if (named++ == 0) {
            first = prefix;
            range = found;
        }
        if (named <= NAMED_MAX)
            names = settled_list(check, names, text_of_prefix(prefix));
    }
    if (named > 0)
        say_router(check, router,
                   named > NAMED_MAX ? check_text(check, "%s and more", names) : names, first,
                   range);
}

/* -- T30 -- */

static bool is_half_offered(const struct world *world, const struct offer *by, struct prefix half)
{
    const struct rib *rib = known_rib(&world->nodes[by->site.gateway]);
    uint32_t number = rib_find(rib, half);
    struct offer offers[OFFERS_MAX];
    size_t count = number ? offers_of(world, by->site.gateway, number, offers) : 0;
    return offers_by(offers, count, by->site.router) != NULL;
}

static struct prefix half_of(struct prefix prefix, unsigned which)
{
    uint8_t len = (uint8_t)(prefix.len + 1);
    ip_addr bit = (ip_addr)which << (ip_bits(prefix.six) - len);
    return prefix_make(prefix.six, prefix.addr | bit, len);
}

/* It has the traffic already, by longer prefixes. */
static bool has_halves(const struct world *world, const struct offer *offer)
{
    return !prefix_is_host(offer->prefix) &&
           is_half_offered(world, offer, half_of(offer->prefix, 0)) &&
           is_half_offered(world, offer, half_of(offer->prefix, 1));
}

static bool lost_before_paths(enum reason why)
{
    return why == REASON_LOST_KIND || why == REASON_LOST_COMMUNITY || why == REASON_LOST_LOCAL_PREF;
}

static const char *say_path(struct check *check, const struct world *world,
                            const struct offer *offer)
{
    uint32_t as_path[EVIDENCE_PATH_MAX];
    size_t count = offer_path(world, offer, as_path);
    const char *words = "";
    for (size_t i = 0; i < count; i++)
        words = check_text(check, "%s %u", words, as_path[i]);
    return count ? words : " none";
}

/* The other one announces the halves: they are longer, and that comes before all else. */
static void suggest_halves(struct check *check, const struct world *world,
                           const struct offer *other, struct check_finding *finding)
{
    struct change changes[2];
    struct change change = {.kind = CHANGE_ANNOUNCE};
    const struct network_router *router =
        known_router(check->network, world, other->site.router, &change.index);
    if (!router || !router->bgp || other->site.is_static || prefix_is_host(other->prefix) ||
        other->prefix.len == 0)
        return;
    for (unsigned i = 0; i < 2; i++) {
        change.prefix = half_of(other->prefix, i);
        changes[i] = change;
    }
    settled_suggest(check, finding,
                    &(struct idea){.kind = CHECK_REMEDY_ORIGIN_ANNOUNCE,
                                   .changes = changes,
                                   .count = 2,
                                   .disputed = true});
}

static void say_vain(struct check *check, const struct world *world, const struct offer *best,
                     const struct offer *other)
{
    const char *prefix = check_text(check, "%s", text_of_prefix(best->prefix));
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_PREPENDING_IN_VAIN, CHECK_LIKELY, best->site.id,
        check_text(check, "%s prepends %s in vain: %s is used, not %s",
                   world->nodes[best->site.router].id, prefix, best->site.id, other->site.id));
    finding->prefix = best->prefix;
    finding->router = world->nodes[best->site.router].id;
    finding->gateway = world->nodes[best->site.gateway].id;
    finding->connection = best->site.connection == WORLD_NONE ? NULL : best->site.id;
    check_add_text(check, &finding->why, reason_text((enum reason)other->path->why)->name);
    settled_because(check, finding, "AS path by %s:%s; by %s:%s", best->site.id,
                    say_path(check, world, best), other->site.id, say_path(check, world, other));
    settled_because(check, finding, "%s loses before paths are compared: %s", other->site.id,
                    reason_text((enum reason)other->path->why)->sentence);
    suggest_halves(check, world, other, finding);
}

static void prepending_in_vain(struct check *check, const struct world *world, int gateway)
{
    uint32_t *numbers;
    uint32_t count = known_numbers(check, known_rib(&world->nodes[gateway]), &numbers);
    for (uint32_t i = 0; i < count; i++) {
        struct offer offers[OFFERS_MAX];
        uint32_t path[EVIDENCE_PATH_MAX];
        size_t offered = offers_of(world, gateway, numbers[i], offers), other = 1;
        if (offered < 2 || !offer_is_prepended(world, &offers[0]))
            continue;
        size_t length = offer_path(world, &offers[0], path);
        while (other < offered && (!lost_before_paths((enum reason)offers[other].path->why) ||
                                   offer_path(world, &offers[other], path) >= length ||
                                   has_halves(world, &offers[other])))
            other++;
        if (other < offered)
            say_vain(check, world, &offers[0], &offers[other]);
    }
}

/* -- T37 -- */

/* A prefix, and by which of a connection's tunnels one end sends to it. */
struct turn {
    struct prefix prefix;
    int tunnel;
};

static int tunnel_by(const struct node *node, const struct kernel_entry *entry, int connection)
{
    const struct port *port = entry && entry->port ? &node->ports[entry->port] : NULL;
    return port && port->kind == PORT_TUNNEL && port->connection == connection ? port->tunnel
                                                                               : WORLD_NONE;
}

/* By which tunnels the gateway sends to what it has from the connection, and the router to
 * everything else that the gateway knows: the first of each that differ. */
static bool find_turns(struct check *check, const struct world *world, const struct site *site,
                       struct turn *ret_out, struct turn *ret_back)
{
    const struct node *gateway = &world->nodes[site->gateway],
                      *router = &world->nodes[site->router];
    const struct rib *rib = known_rib(gateway);
    uint32_t *numbers;
    uint32_t count = known_numbers(check, rib, &numbers);
    *ret_out = *ret_back = (struct turn){.tunnel = WORLD_NONE};
    for (uint32_t i = 0; i < count; i++) {
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i])), matched;
        struct turn turn = {
            prefix, tunnel_by(gateway, kernel_exact(&gateway->kernel, prefix), site->connection)};
        if (turn.tunnel != WORLD_NONE && ret_out->tunnel == WORLD_NONE)
            *ret_out = turn;
        turn.tunnel =
            tunnel_by(router, kernel_match(&router->kernel, prefix_address(prefix), &matched),
                      site->connection);
        turn.prefix = matched;
        if (turn.tunnel != WORLD_NONE &&
            (ret_back->tunnel == WORLD_NONE || ret_back->tunnel == ret_out->tunnel))
            *ret_back = turn;
    }
    return ret_out->tunnel != WORLD_NONE && ret_back->tunnel != WORLD_NONE &&
           ret_out->tunnel != ret_back->tunnel;
}

/* A static route of the router into the tunnel leads into the other one. */
static void suggest_tunnel(struct check *check, const struct world *world, const struct site *site,
                           const struct turn *out, const struct turn *back,
                           struct check_finding *finding)
{
    struct change change = {.kind = CHANGE_ROUTE_TUNNEL, .prefix = back->prefix};
    const struct network_router *router =
        known_router(check->network, world, site->router, &change.index);
    change.number = (uint32_t)site->connection;
    change.part = world->tunnels[out->tunnel].part;
    for (size_t i = 0; router && i < router->route_count; i++) {
        const struct network_route *route = &router->routes[i];
        if (prefix_equal(route->prefix, back->prefix) && route->tunnel.kind == NETWORK_TUNNEL &&
            route->tunnel.index == site->connection)
            settled_suggest(check, finding,
                            &(struct idea){.kind = CHECK_REMEDY_CGW_SAME_TUNNEL,
                                           .changes = &change,
                                           .count = 1});
    }
}

static void asymmetric_tunnels(struct check *check, const struct run *run, const struct site *site)
{
    const struct world *world = run->world;
    struct turn out, back;
    int32_t index;
    if (site->connection == WORLD_NONE || run->end != SIM_SETTLED ||
        !known_rib(&world->nodes[site->gateway]) || !world->nodes[site->router].engine ||
        !find_turns(check, world, site, &out, &back))
        return;
    const struct network_router *router = known_router(check->network, world, site->router, &index);
    bool strict = router && router->rp_filter == NETWORK_RP_STRICT;
    const char *name = world->nodes[site->router].id, *gateway = world->nodes[site->gateway].id;
    const char *there = world->tunnels[out.tunnel].id, *answer = world->tunnels[back.tunnel].id;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_ASYMMETRIC_TUNNELS, strict ? CHECK_LIKELY : CHECK_LATENT, site->id,
        check_text(check, "%s sends by %s, and %s answers by %s", gateway, there, name, answer));
    finding->prefix = out.prefix;
    finding->connection = site->id;
    finding->tunnel = there;
    finding->router = name;
    finding->gateway = gateway;
    settled_because(check, finding, "%s goes by %s at %s, %s by %s at %s",
                    text_of_prefix(out.prefix), there, gateway, text_of_prefix(back.prefix), answer,
                    name);
    if (strict)
        settled_because(check, finding,
                        "%s has rp_filter: strict, and drops what comes by %s from where it sends"
                        " by %s; the run does not drop it",
                        name, there, answer);
    else
        settled_because(check, finding,
                        "a firewall that keeps state by interface, or a strict reverse-path filter,"
                        " drops one of the two directions");
    suggest_tunnel(check, world, site, &out, &back, finding);
}

void preference_find(struct check *check, const struct run *run)
{
    const struct world *world = run->world;
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (!known_rib(node))
            continue;
        if (node->kind == NODE_GATEWAY) {
            backup_more_specific(check, world, (int)i);
            prepending_in_vain(check, world, (int)i);
        } else if (node->kind == NODE_ROUTER) {
            router_by_vpn(check, node);
        }
    }
    struct site site;
    for (size_t i = 0; site_next(world, i, &site); i++)
        asymmetric_tunnels(check, run, &site);
}
