/* T25, gateway-asn: a gateway's AS number is a site's, too, or stands in the paths that a site
 * announces. T40a, static-or-bgp: one end of a connection speaks BGP and the other does not. T40e,
 * ipv6-over-vgw: IPv6 in the tunnels of a gateway of AWS. */
#include "check/known.h"
#include "check/settled.h"

#include <string.h>

enum { NAMED_MAX = 4, ROUTES_MAX = 64 };

/* Does the file want an address of the prefix to be reached, which it is not? */
static bool misses(const struct check *check, const struct world *world, struct prefix prefix)
{
    for (size_t i = 0; check->reach.by_file && i < check->reach.pair_count; i++) {
        const struct reach_pair *pair = &check->reach.pairs[i];
        bool touches =
            prefix_contains(prefix, pair->from.addr) || prefix_contains(prefix, pair->to.addr);
        if (touches && !reach_is_reached(world, pair))
            return true;
    }
    return false;
}

static struct check_finding *add(struct check *check, const struct world *world,
                                 const struct site *site, enum check_finding_kind kind,
                                 enum check_level level, const char *what)
{
    struct check_finding *finding = settled_add(check, kind, level, site->id, what);
    finding->router = world->nodes[site->router].id;
    finding->gateway = world->nodes[site->gateway].id;
    finding->connection = site->connection == WORLD_NONE ? NULL : site->id;
    return finding;
}

/* -- T25: equal numbers -- */

/* The AS that the gateway expects at the other end. */
static uint32_t expected_asn(const struct check *check, const struct world *world,
                             const struct site *site)
{
    if (site->connection == WORLD_NONE)
        return world->nodes[site->router].config.asn;
    int32_t customer = check->network->vpn_connections[site->connection].customer_gateway.index;
    return check->network->customer_gateways[customer].asn;
}

static void equal_asn(struct check *check, const struct run *run, const struct site *site)
{
    const struct world *world = run->world;
    const struct node *gateway = &world->nodes[site->gateway];
    uint32_t asn = gateway->config.asn;
    if (site->is_static || asn == 0 || expected_asn(check, world, site) != asn)
        return;
    bool aws = gateway->platform == PLATFORM_AWS;
    struct check_finding *finding =
        add(check, world, site, CHECK_FINDING_GATEWAY_ASN, aws ? CHECK_LIKELY : CHECK_LATENT,
            check_text(check, "%s and %s have the same AS number, %u", gateway->id,
                       world->nodes[site->router].id, asn));
    finding->no_prefix = true;
    if (aws)
        settled_because(check, finding,
                        "AWS asks for different numbers at the two ends of %s: its BGP is external,"
                        " and does not come up between equals",
                        site->id);
    else
        settled_because(check, finding,
                        "the session is internal: what one such site tells is not told to another");
    struct change change = {.kind = CHANGE_ASN};
    const struct network_router *router =
        known_router(check->network, world, site->router, &change.index);
    change.number = known_free_asn(check->network, world, asn);
    if (router && router->bgp && change.number)
        settled_suggest(check, finding, &(struct idea){CHECK_REMEDY_UNIQUE_ASN, &change, 1, false});
}

/* -- T25: in the path -- */

struct lost { /* by one attachment, for the gateway's number in its path */
    const char *names;
    struct prefix first;
    const char *path; /* of the first */
    size_t count;
    bool missed;
    bool of_gateway; /* another gateway of the file with the number told it */
};

static const char *say_path(struct check *check, const struct engine *engine,
                            const struct rib_path *path, struct prefix prefix)
{
    uint32_t as_path[EVIDENCE_PATH_MAX];
    uint16_t neighbor = engine_source_neighbor(engine, path->source);
    size_t count = neighbor ? evidence_as_path(engine, neighbor, prefix, as_path) : 0;
    const char *words = "";
    for (size_t i = 0; i < count; i++)
        words = check_text(check, "%s%s%u", words, i ? " " : "", as_path[i]);
    return words;
}

/* Some other gateway of the same number has the prefix itself. */
static bool is_anothers(const struct world *world, int gateway, struct prefix prefix)
{
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if ((int)i != gateway && node->kind == NODE_GATEWAY &&
            node->config.asn == world->nodes[gateway].config.asn && known_covers(node, prefix))
            return true;
    }
    return false;
}

static bool refuses_by(const struct world *world, const struct site *site, uint32_t number,
                       const struct rib_path **ret_path)
{
    const struct rib *rib = known_rib(&world->nodes[site->gateway]);
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    for (; path; path = rib_path_next(rib, number, path)) {
        if (path->why == REASON_OWN_AS && rib_source_get(rib, path->source)->source.attachment.v ==
                                              site_attachment(world, site)) {
            *ret_path = path;
            return true;
        }
    }
    return false;
}

/* What the gateway does not know otherwise: of the rest, the refusal is an echo's. */
static struct lost find_lost(struct check *check, const struct world *world,
                             const struct site *site)
{
    struct lost lost = {.count = 0};
    const struct node *gateway = &world->nodes[site->gateway];
    const struct rib *rib = known_rib(gateway);
    uint32_t *numbers;
    uint32_t count = known_numbers(check, rib, &numbers);
    for (uint32_t i = 0; i < count; i++) {
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
        const struct rib_path *path;
        if (rib_best(rib, numbers[i]).attr.v != 0 || !refuses_by(world, site, numbers[i], &path))
            continue;
        if (lost.count == 0) {
            lost.first = prefix;
            lost.path = say_path(check, gateway->engine, path, prefix);
        }
        if (lost.count++ < NAMED_MAX)
            lost.names = settled_list(check, lost.names, text_of_prefix(prefix));
        lost.missed |= misses(check, world, prefix);
        lost.of_gateway |= is_anothers(world, site->gateway, prefix);
    }
    return lost;
}

static void own_asn_in_path(struct check *check, const struct run *run, const struct site *site)
{
    const struct world *world = run->world;
    const struct node *gateway = &world->nodes[site->gateway];
    if (site->is_static || !known_rib(gateway) || run->end != SIM_SETTLED)
        return;
    struct lost lost = find_lost(check, world, site);
    if (lost.count == 0)
        return;
    enum check_level level = lost.missed       ? CHECK_CERTAIN
                             : lost.of_gateway ? CHECK_LATENT
                                               : CHECK_LIKELY;
    struct check_finding *finding =
        add(check, world, site, CHECK_FINDING_GATEWAY_ASN, level,
            check_text(check, "%s refuses what %s announces: its own AS number, %u, is in the path",
                       gateway->id, world->nodes[site->router].id, gateway->config.asn));
    finding->prefix = lost.first;
    check_add_text(check, &finding->why, reason_text(REASON_OWN_AS)->name);
    settled_because(check, finding, "%s%s by %s; AS path%s %s", lost.names,
                    lost.count > NAMED_MAX ? " and more" : "", site->id,
                    lost.count > 1 ? " of the first:" : "", lost.path);
    settled_because(check, finding,
                    lost.of_gateway ? "another gateway has the same number: through a site, neither"
                                      " learns what is the other's"
                                    : "somebody behind the site has the gateway's number");
    struct change change = {.kind = CHANGE_GATEWAY_ASN,
                            .number = known_free_asn(check->network, world, gateway->config.asn)};
    struct network_ref ref = network_find(check->network, gateway->id);
    change.index = ref.index;
    if (ref.kind == NETWORK_VPN_GATEWAY && change.number)
        settled_suggest(check, finding,
                        &(struct idea){CHECK_REMEDY_GATEWAY_RENUMBER, &change, 1, true});
}

/* -- T40a: static or BGP -- */

/* Does the router speak BGP with anybody in the file? */
static bool has_session(const struct check *check, const struct world *world, int router)
{
    struct site site;
    for (size_t i = 0; site_next(world, i, &site); i++) {
        if (site.router == router && !site.is_static)
            return true;
    }
    int32_t index;
    const struct network_router *said = known_router(check->network, world, router, &index);
    return said && said->underlay;
}

static bool is_static_route(const struct network_connection *connection, struct prefix prefix)
{
    for (size_t i = 0; i < connection->static_route_count; i++) {
        if (prefix_covers(connection->static_routes[i], prefix))
            return true;
    }
    return false;
}

/* What lies behind the router, as far as the file says so, and is no static route. */
struct behind {
    struct prefix prefixes[ROUTES_MAX];
    size_t count;
    const char *names;
    bool missed;
};

static void add_behind(struct check *check, const struct world *world,
                       const struct network_connection *connection, struct prefix prefix,
                       struct behind *behind)
{
    for (size_t i = 0; i < behind->count; i++) {
        if (prefix_equal(behind->prefixes[i], prefix))
            return;
    }
    if (is_static_route(connection, prefix) || behind->count == ROUTES_MAX)
        return;
    if (behind->count < NAMED_MAX)
        behind->names = settled_list(check, behind->names, text_of_prefix(prefix));
    behind->prefixes[behind->count++] = prefix;
    behind->missed |= misses(check, world, prefix);
}

static struct behind find_behind(struct check *check, const struct world *world,
                                 const struct network_connection *connection,
                                 const struct network_router *router)
{
    struct behind behind = {.count = 0};
    const struct network_bgp *bgp = router ? router->bgp : NULL;
    for (size_t i = 0; bgp && i < bgp->announce_count; i++)
        add_behind(check, world, connection, bgp->announce[i].prefix, &behind);
    for (size_t i = 0; !bgp && router && i < router->lan_count; i++)
        add_behind(check, world, connection, router->lan[i], &behind);
    return behind;
}

static void suggest_statics(struct check *check, const struct site *site,
                            const struct behind *behind, struct check_finding *finding)
{
    struct change changes[ROUTES_MAX];
    for (size_t i = 0; i < behind->count; i++)
        changes[i] = (struct change){
            .kind = CHANGE_ADD_STATIC, .index = site->connection, .prefix = behind->prefixes[i]};
    if (behind->count > 0)
        settled_suggest(check, finding,
                        &(struct idea){CHECK_REMEDY_VPN_STATIC, changes, behind->count, true});
}

static const char *say_mix_up(struct check *check, const struct site *site, const char *router,
                              bool speaks, bool empty)
{
    if (!site->is_static)
        return check_text(check, "%s is to speak BGP, and %s does not", site->id, router);
    if (speaks)
        return check_text(check, "%s is static%s, and %s speaks BGP", site->id,
                          empty ? " and has no routes" : "", router);
    return check_text(check, "%s is static%s", site->id,
                      empty ? ", and has no routes" : ", and lacks routes");
}

static void static_or_bgp(struct check *check, const struct run *run, const struct site *site)
{
    const struct world *world = run->world;
    int32_t index;
    const struct network_router *router = known_router(check->network, world, site->router, &index);
    if (site->connection == WORLD_NONE || (!router && !site->is_static))
        return;
    const struct network_connection *connection =
        &check->network->vpn_connections[site->connection];
    bool speaks = router && router->bgp && !has_session(check, world, site->router);
    bool silent = router && !router->bgp, empty = connection->static_route_count == 0;
    if (site->is_static ? !speaks && !empty : !silent)
        return;
    struct behind behind = find_behind(check, world, connection, router);
    bool lacks = empty || behind.count > 0;
    enum check_level level = behind.missed && run->end == SIM_SETTLED ? CHECK_CERTAIN
                             : lacks                                  ? CHECK_LIKELY
                                                                      : CHECK_LATENT;
    const char *name = world->nodes[site->router].id, *gateway = world->nodes[site->gateway].id;
    struct check_finding *finding = add(check, world, site, CHECK_FINDING_STATIC_OR_BGP, level,
                                        say_mix_up(check, site, name, speaks, empty));
    finding->no_prefix = behind.count == 0;
    if (behind.count > 0)
        finding->prefix = behind.prefixes[0];
    if (behind.count > 0)
        settled_because(check, finding, "%s%s behind %s: %s does not know it", behind.names,
                        behind.count > NAMED_MAX ? " and more" : "", name, gateway);
    else if (empty)
        settled_because(check, finding, "%s knows no way to the site", gateway);
    else
        settled_because(check, finding,
                        "what %s announces is in the static routes; its session never comes up, and"
                        " it learns nothing from %s",
                        name, gateway);
    if (site->is_static)
        settled_because(check, finding, "static routes stay when both tunnels are down");
    struct change change = {.kind = CHANGE_SPEAK_BGP, .index = site->connection};
    if (speaks)
        settled_suggest(check, finding, &(struct idea){CHECK_REMEDY_VPN_BGP, &change, 1, lacks});
    else
        suggest_statics(check, site, &behind, finding);
}

/* -- T40e -- */

/* AWS's gateways carry IPv4 alone in their tunnels; a Transit Gateway carries both. */
static void ipv6_over_vgw(struct check *check, const struct world *world, const struct site *site)
{
    const struct node *gateway = &world->nodes[site->gateway];
    if (site->connection == WORLD_NONE || gateway->platform != PLATFORM_AWS)
        return;
    const struct network_connection *connection =
        &check->network->vpn_connections[site->connection];
    bool range = false, session = false;
    for (size_t i = 0; i < connection->tunnel_count; i++) {
        range |= connection->tunnels[i].inside_six.len > 0;
        session |= ip_is_six(connection->tunnels[i].inside_vgw);
    }
    if (!range && !session)
        return;
    struct check_finding *finding =
        add(check, world, site, CHECK_FINDING_IPV6_OVER_VGW, CHECK_LIKELY,
            check_text(check, "%s is to carry IPv6, and a gateway of AWS carries none", site->id));
    finding->no_prefix = true;
    settled_because(check, finding,
                    "%s its tunnels; AWS has IPv6 inside of VPNs on Transit"
                    " Gateways only, and the run, which carries it, does not show that",
                    session ? "IPv6 is inside of" : "inside_ipv6 is said of");
}

void objects_find(struct check *check, const struct run *run)
{
    struct site site;
    for (size_t i = 0; site_next(run->world, i, &site); i++) {
        equal_asn(check, run, &site);
        own_asn_in_path(check, run, &site);
        static_or_bgp(check, run, &site);
        ipv6_over_vgw(check, run->world, &site);
    }
}
