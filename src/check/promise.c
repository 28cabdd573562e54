/* T40d, asn-mismatch: what the file says at one end of a connection about the other is not so. The
 * customer gateway has another AS number than its router. */
#include "check/known.h"
#include "check/settled.h"

/* One end has answered the other's OPEN with "bad peer AS" and will do so again. */
static bool is_any_established(const struct world *world, int connection)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        const struct tunnel_end *end = &tunnel->ends[TUNNEL_GATEWAY];
        const struct engine *engine = world->nodes[end->node].engine;
        if (tunnel->connection == connection && end->neighbor != 0 && engine &&
            engine_session(engine, end->neighbor)->state == SESSION_ESTABLISHED)
            return true;
    }
    return false;
}

static void asn_mismatch(struct check *check, const struct run *run, const struct site *site)
{
    const struct world *world = run->world;
    int32_t index;
    const struct network_router *router = known_router(check->network, world, site->router, &index);
    if (site->connection == WORLD_NONE || site->is_static || !router || !router->bgp)
        return;
    struct change change = {.kind = CHANGE_CUSTOMER_ASN, .number = router->bgp->asn};
    change.index = check->network->vpn_connections[site->connection].customer_gateway.index;
    const struct network_customer_gateway *customer =
        &check->network->customer_gateways[change.index];
    if (customer->asn == router->bgp->asn || is_any_established(world, site->connection))
        return;
    bool seen = run->end == SIM_SETTLED && !world->nodes[site->router].failed;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_ASN_MISMATCH, seen ? CHECK_CERTAIN : CHECK_LIKELY, site->id,
        check_text(check, "%s has AS %u, and its router %s has AS %u: BGP does not come up",
                   customer->id, customer->asn, router->id, router->bgp->asn));
    finding->no_prefix = true;
    finding->connection = site->id;
    finding->router = router->id;
    finding->gateway = world->nodes[site->gateway].id;
    settled_because(check, finding,
                    "%s expects AS %u on %s, and answers the OPEN of another with \"bad peer AS\"",
                    finding->gateway, customer->asn, site->id);
    settled_because(check, finding,
                    "the tunnels are up all the same: IPsec knows nothing of AS numbers");
    settled_suggest(check, finding,
                    &(struct idea){CHECK_REMEDY_CUSTOMER_RENUMBER, &change, 1, false});
}

void promise_find(struct check *check, const struct run *run)
{
    struct site site;
    for (size_t i = 0; site_next(run->world, i, &site); i++)
        asn_mismatch(check, run, &site);
}
