/* T39, inside-addresses: an inside range that AWS keeps for itself; one /30 on two tunnels of one
 * router; a host route to an address that no tunnel of the router uses any more. */
#include "check/family.h"
#include "check/known.h"
#include "check/settled.h"

#include "tunnel/inside.h"

#include <string.h>

enum { INSIDE_LEN = 30, INSIDE_SIX_LEN = 126, STALE_MAX = 16, PINS_MAX = 64 };

static struct prefix range_of(const struct tunnel *tunnel)
{
    ip_addr inside = tunnel->ends[TUNNEL_CUSTOMER].inside;
    return prefix_around(inside, ip_is_six(inside) ? INSIDE_SIX_LEN : INSIDE_LEN);
}

static struct check_finding *add(struct check *check, const struct world *world, int tunnel,
                                 enum check_level level, const char *place, const char *what)
{
    const struct tunnel *of = &world->tunnels[tunnel];
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_INSIDE_ADDRESSES, level, place, what);
    finding->connection = world->connections[of->connection].id;
    finding->tunnel = of->id;
    finding->router = world->nodes[of->ends[TUNNEL_CUSTOMER].node].id;
    finding->gateway = world->nodes[of->ends[TUNNEL_GATEWAY].node].id;
    finding->outside = of->ends[TUNNEL_CUSTOMER].outer_remote;
    return finding;
}

/* -- reserved -- */

static void find_reserved(struct check *check, const struct run *run)
{
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &run->world->tunnels[i];
        struct prefix range = range_of(tunnel);
        if (tunnel->plain || range.six ||
            tunnel_inside_check(range, &tunnel_limits_aws) != TUNNEL_FAULT_INSIDE_RESERVED)
            continue;
        struct check_finding *finding =
            add(check, run->world, (int)i, CHECK_LIKELY, tunnel->id,
                check_text(check, "%s has an inside range that is reserved, %s", tunnel->id,
                           text_of_prefix(range)));
        finding->prefix = range;
        settled_because(check, finding,
                        "AWS keeps 169.254.0.0/30 to 169.254.5.0/30 and 169.254.169.252/30 for"
                        " itself, and builds no tunnel with them");
    }
}

/* -- twice -- */

/* An earlier tunnel of the same router with the same range; WORLD_NONE: none. */
static int find_double(const struct world *world, size_t at)
{
    const struct tunnel *tunnel = &world->tunnels[at];
    for (size_t i = 0; i < at; i++) {
        const struct tunnel *other = &world->tunnels[i];
        if (other->ends[TUNNEL_CUSTOMER].node == tunnel->ends[TUNNEL_CUSTOMER].node &&
            prefix_equal(range_of(other), range_of(tunnel)))
            return (int)i;
    }
    return WORLD_NONE;
}

static bool speaks(const struct world *world, int tunnel)
{
    const struct tunnel_end *end = &world->tunnels[tunnel].ends[TUNNEL_CUSTOMER];
    const struct engine *engine = world->nodes[end->node].engine;
    if (!engine || end->neighbor == 0)
        return true;
    struct source_id source = engine_neighbor_source(engine, end->neighbor);
    return source.v != 0 && rib_source_get(engine_rib(engine), source)->counts.accepted > 0;
}

static void find_doubles(struct check *check, const struct run *run)
{
    const struct world *world = run->world;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        int other = find_double(world, i);
        if (other == WORLD_NONE)
            continue;
        bool works = sim_tunnel_up(run->sim, (int)i) && sim_tunnel_up(run->sim, other) &&
                     speaks(world, (int)i) && speaks(world, other);
        bool sure = run->end == SIM_SETTLED && !works;
        const struct tunnel *tunnel = &world->tunnels[i];
        const char *router = world->nodes[tunnel->ends[TUNNEL_CUSTOMER].node].id;
        struct check_finding *finding =
            add(check, world, (int)i, sure ? CHECK_CERTAIN : CHECK_LIKELY, tunnel->id,
                check_text(check, "%s and %s have one inside range, %s", world->tunnels[other].id,
                           tunnel->id, text_of_prefix(range_of(tunnel))));
        finding->prefix = range_of(tunnel);
        settled_because(check, finding,
                        "both end at %s, which has one route for the range: BGP of one of them"
                        " never comes up",
                        router);
        settled_because(check, finding,
                        "each gateway looks after its own ranges only; choose the inside range of"
                        " one connection when it is created");
    }
}

/* -- stale -- */

/* Whether an address is anybody's in the file, or needed by another route. */
static bool is_used(const struct world *world, const struct network_router *router, ip_addr addr)
{
    if (world_address(world, addr))
        return true;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (world->tunnels[i].ends[TUNNEL_CUSTOMER].outer_remote == addr)
            return true;
    }
    for (size_t i = 0; i < world->node_count; i++) {
        for (uint16_t port = 1; port <= world->nodes[i].port_count; port++) {
            if (port_has(&world->nodes[i].ports[port], addr))
                return true;
        }
    }
    for (size_t i = 0; i < router->route_count; i++) {
        if (router->routes[i].via == addr)
            return true;
    }
    return false;
}

/* A host route out of the router's outer port. */
static bool is_pin(const struct node *node, const struct network_route *route)
{
    const struct kernel_entry *entry = kernel_exact(&node->kernel, route->prefix);
    if (route->prefix.len != 32 || route->from != ROUTE_STATIC || route->blackhole ||
        route->tunnel.id || !entry || entry->port == 0)
        return false;
    enum port_kind kind = node->ports[entry->port].kind;
    return kind == PORT_INTERNET || kind == PORT_VPC;
}

static bool is_pinned(const struct network_router *router, ip_addr addr)
{
    for (size_t i = 0; i < router->route_count; i++) {
        const struct network_route *route = &router->routes[i];
        if (route->prefix.len == 32 && route->prefix.addr == addr && route->from == ROUTE_STATIC)
            return true;
    }
    return false;
}

/* What of a router's is stale, and what it should pin instead. */
struct stale {
    const struct network_route *routes[STALE_MAX];
    size_t route_count;
    int tunnels[PINS_MAX]; /* that are not pinned */
    size_t tunnel_count;
};

static void look(const struct world *world, int router, const struct network_router *said,
                 struct stale *ret_stale)
{
    *ret_stale = (struct stale){.route_count = 0};
    for (size_t i = 0; i < said->route_count && ret_stale->route_count < STALE_MAX; i++) {
        const struct network_route *route = &said->routes[i];
        if (is_pin(&world->nodes[router], route) && !is_used(world, said, route->prefix.addr))
            ret_stale->routes[ret_stale->route_count++] = route;
    }
    for (size_t i = 0; i < world->tunnel_count && ret_stale->tunnel_count < PINS_MAX; i++) {
        const struct tunnel_end *end = &world->tunnels[i].ends[TUNNEL_CUSTOMER];
        if (end->node == router && !world->tunnels[i].plain && !is_pinned(said, end->outer_remote))
            ret_stale->tunnels[ret_stale->tunnel_count++] = (int)i;
    }
}

/* Is a tunnel of the router known to be swallowed? */
static bool is_struck(const struct check *check, const char *router)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        if (family_has(finding->kind) && !finding->what && finding->level >= CHECK_LIKELY &&
            finding->router && strcmp(finding->router, router) == 0)
            return true;
    }
    return false;
}

/* The present addresses by the way of the first stale route, which then goes. */
static void suggest_pins(struct check *check, const struct world *world, const struct node *node,
                         int32_t index, const struct stale *stale, struct check_finding *finding)
{
    struct change changes[STALE_MAX + PINS_MAX];
    size_t count = 0;
    const struct kernel_entry *entry = kernel_exact(&node->kernel, stale->routes[0]->prefix);
    for (size_t i = 0; i < stale->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[stale->tunnels[i]];
        changes[count] = (struct change){
            .kind = CHANGE_HOST_ROUTE,
            .index = index,
            .prefix = {tunnel->ends[TUNNEL_CUSTOMER].outer_remote, 32},
            .via = entry->gateway,
        };
        if (entry->gateway == 0)
            memcpy(changes[count].interface, node->ports[entry->port].name,
                   sizeof changes[count].interface);
        count++;
    }
    for (size_t i = 0; i < stale->route_count; i++)
        changes[count++] = (struct change){
            .kind = CHANGE_ROUTER_DELETE, .index = index, .prefix = stale->routes[i]->prefix};
    settled_suggest(check, finding,
                    &(struct idea){CHECK_REMEDY_CGW_HOST_ROUTE, changes, count, false});
}

static void say_stale(struct check *check, const struct world *world, int router, int32_t index,
                      const struct stale *stale)
{
    const struct node *node = &world->nodes[router];
    const char *old = NULL, *present = NULL;
    for (size_t i = 0; i < stale->route_count; i++)
        old = settled_list(check, old, text_of_prefix(stale->routes[i]->prefix));
    for (size_t i = 0; i < stale->tunnel_count; i++) {
        ip_addr outside = world->tunnels[stale->tunnels[i]].ends[TUNNEL_CUSTOMER].outer_remote;
        present = settled_list(check, present, text_of_ip(outside));
    }
    struct check_finding *finding = add(
        check, world, stale->tunnels[0], is_struck(check, node->id) ? CHECK_LIKELY : CHECK_LATENT,
        node->id, check_text(check, "%s pins %s, which no tunnel of its uses", node->id, old));
    finding->prefix = stale->routes[0]->prefix;
    settled_because(check, finding,
                    "its tunnels go to %s, which no host route keeps out of a tunnel; a connection"
                    " that is created anew has new addresses",
                    present);
    suggest_pins(check, world, node, index, stale, finding);
}

static void find_stale(struct check *check, const struct run *run)
{
    for (size_t i = 0; i < run->world->node_count; i++) {
        const struct node *node = &run->world->nodes[i];
        struct stale stale;
        int32_t index;
        const struct network_router *said =
            node->kind == NODE_ROUTER && !node->outer_vrf
                ? known_router(check->network, run->world, (int)i, &index)
                : NULL;
        if (!said || !node->engine)
            continue;
        look(run->world, (int)i, said, &stale);
        if (stale.route_count > 0 && stale.tunnel_count > 0)
            say_stale(check, run->world, (int)i, index, &stale);
    }
}

void inside_find(struct check *check, const struct run *run)
{
    find_reserved(check, run);
    find_doubles(check, run);
    find_stale(check, run);
}
