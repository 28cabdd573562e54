/* T11, default-from-sample: an attachment announces the default, though nobody has said that it is
 * the way to the Internet (`internet_exit`). The samples that AWS hands out do that. */
#include "check/family.h"
#include "check/offers.h"
#include "check/settled.h"

#include <string.h>

static bool is_meant(const struct network *network, const struct site *site)
{
    struct network_ref ref = network_find(network, site->id);
    return ref.kind == NETWORK_DIRECT_CONNECT ? network->direct_connects[ref.index].internet_exit
                                              : network->vpn_connections[ref.index].internet_exit;
}

/* The attachment has a list of what it may announce, and the default is not in it: foreign-prefix
 * tells that, and the default is not told twice. */
static bool is_forbidden(const struct network *network, const struct site *site,
                         struct prefix everything)
{
    return !network_may_announce(network, network_find(network, site->id), everything);
}

/* The gateway's path for the default from this attachment; NULL: it has none in the end. */
static const struct rib_path *path_from(const struct world *world, const struct site *site,
                                        struct prefix everything)
{
    const struct engine *engine = world->nodes[site->gateway].engine;
    const struct rib *rib = engine ? engine_rib(engine) : NULL;
    uint32_t number = rib ? rib_find(rib, everything) : 0;
    uint16_t attachment = site->connection == WORLD_NONE
                              ? world->direct_connects[site->direct_connect].attachment
                              : world->connections[site->connection].attachment;
    const struct rib_path *path = number ? rib_path_next(rib, number, NULL) : NULL;
    while (path && rib_source_get(rib, path->source)->source.attachment.v != attachment)
        path = rib_path_next(rib, number, path);
    return path;
}

/* The gravest of what becomes of tunnels by this default: -1 when it is nothing. */
static int harm_of(const struct check *check, const struct site *site, struct prefix everything,
                   const struct check_finding **ret_worst)
{
    int harm = -1;
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        bool its = family_has(finding->kind) && !finding->what && finding->origin.attachment &&
                   strcmp(finding->origin.attachment, site->id) == 0 &&
                   prefix_equal(finding->prefix, everything);
        if (!its || (int)finding->level <= harm)
            continue;
        harm = (int)finding->level;
        *ret_worst = finding;
    }
    return harm;
}

/* The line of AWS's sample, as the platform has it; NULL: no sample is known. */
static const char *sample_line(struct check *check, const struct network_router *router)
{
    switch (router->platform) {
    case PLATFORM_VYATTA:
        return check_text(check, "set protocols bgp %u network 0.0.0.0/0", router->bgp->asn);
    case PLATFORM_VYOS:
        return "set protocols bgp address-family ipv4-unicast network 0.0.0.0/0";
    case PLATFORM_FRR:
        return "network 0.0.0.0/0";
    case PLATFORM_CISCO_IOS:
        return "network 0.0.0.0";
    case PLATFORM_JUNOS:
        return "set policy-options policy-statement EXPORT-DEFAULT term default from route-filter"
               " 0.0.0.0/0 exact";
    case PLATFORM_BIRD:
    case PLATFORM_LINUX:
    case PLATFORM_UNKNOWN:
    case PLATFORM_AWS:
    case PLATFORM_SEKISHO:
    case PLATFORM_COUNT:
    default:
        return NULL;
    }
}

static void say_harm(struct check *check, struct check_finding *finding,
                     const struct check_finding *worst)
{
    if (!worst && check->verdict == CHECK_UNKNOWN)
        settled_because(check, finding,
                        "whether a tunnel takes harm now is not known; the next site on %s is told"
                        " it, too",
                        finding->gateway);
    else if (!worst)
        settled_because(check, finding,
                        "no tunnel takes harm now; the next site on %s is told it, too",
                        finding->gateway);
    else
        settled_because(check, finding, "%s is %s it: see %s", worst->tunnel,
                        worst->level >= CHECK_LIKELY ? "swallowed by" : "kept from",
                        check_finding_name(worst->kind));
}

static void say(struct check *check, const struct world *world, const struct site *site,
                const struct network_router *router, struct prefix everything)
{
    const struct rib_path *path = path_from(world, site, everything);
    const struct check_finding *worst = NULL;
    bool refused = path && reason_refuses(path->why);
    int harm = refused ? (int)CHECK_PROTECTED : harm_of(check, site, everything, &worst);
    struct offer rivals[OFFERS_MAX];
    if (harm < 0 && offers_of_default(world, site->gateway, everything.six, rivals) > 1)
        return; /* two-defaults says whose is used */
    if (site->connection == WORLD_NONE && worst)
        return; /* of a Direct Connect that finding says as much: no sample was pasted there */
    enum check_level level = harm < 0               ? CHECK_LATENT
                             : harm >= CHECK_LIKELY ? CHECK_LIKELY
                                                    : (enum check_level)harm;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_DEFAULT_FROM_SAMPLE, level, site->id,
        check_text(check, "%s announces the default%s, and nobody said it is the way out",
                   router->id, everything.six ? " of IPv6" : ""));
    finding->prefix = everything;
    finding->router = router->id;
    finding->gateway = world->nodes[site->gateway].id;
    finding->origin = (struct check_origin){router->id, site->id, router->bgp->asn};
    finding->connection = site->connection == WORLD_NONE ? NULL : site->id;
    settled_because(check, finding, "%s comes by %s, which does not say internet_exit",
                    text_of_prefix(everything), site->id);
    bool sampled = site->connection != WORLD_NONE && !everything.six; /* AWS's samples are IPv4's */
    const char *line = sampled ? sample_line(check, router) : NULL;
    if (line)
        settled_because(check, finding, "the configuration that AWS hands out has the line: %s",
                        line);
    if (refused)
        finding->protection = check_text(check, "%s refuses it, because %s", finding->gateway,
                                         reason_text((enum reason)path->why)->sentence);
    else
        say_harm(check, finding, worst);
    if (path)
        check_add_text(check, &finding->why, reason_text((enum reason)path->why)->name);
}

/* The gateway's address, as the router's neighbor. */
static ip_addr neighbor_of(const struct world *world, const struct site *site)
{
    if (site->connection == WORLD_NONE) {
        const struct direct_connect *direct = &world->direct_connects[site->direct_connect];
        const struct port *port = &world->nodes[site->gateway].ports[direct->gateway_port];
        return port->addr ? port->addr : port->six;
    }
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (world->tunnels[i].connection == site->connection)
            return world->tunnels[i].ends[TUNNEL_GATEWAY].inside;
    }
    return 0;
}

static void find_default(struct check *check, const struct run *run, struct prefix everything)
{
    struct site site;
    for (size_t i = 0; site_next(run->world, i, &site); i++) {
        int32_t index;
        const struct network_router *router =
            known_router(check->network, run->world, site.router, &index);
        if (!router || site.is_static || !known_announces(check->network, index, everything) ||
            !network_filter_permits(&router->bgp->export, neighbor_of(run->world, &site),
                                    everything) ||
            is_meant(check->network, &site) || is_forbidden(check->network, &site, everything))
            continue;
        say(check, run->world, &site, router, everything);
    }
}

void sample_find(struct check *check, const struct run *run)
{
    find_default(check, run, prefix_make(false, 0, 0));
    find_default(check, run, prefix_make(true, 0, 0));
}
