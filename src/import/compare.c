#include "import/compare.h"

#include "import/remark.h"
#include "network/build.h"
#include "network/memory.h"
#include "sim/sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A network of a thousand connections needs a million; beyond, nobody waits for a comparison. */
enum { EVENTS_MAX = 4000000, TOLD_MAX = 3000000 };

struct compare {
    const struct aws *aws;
    const struct network *network;
    const struct world *world;
    const struct sim *sim;
    struct import_remarks *remarks;
    struct import_compared counts;
};

static const char *text_of(struct prefix prefix, char *buffer)
{
    struct text text = text_over(buffer, PREFIX_TEXT_BYTES);
    text_prefix(&text, prefix);
    return buffer;
}

/* --- tables --- */

struct beside { /* one route table, in the export and in the model */
    const struct aws_route_table *table;
    const struct vpc *vpc;
    uint16_t number;
};

static bool is_used_gateway(const struct compare *compare, const char *id)
{
    const struct aws_thing *gateway = aws_find(compare->aws, AWS_VPN_GATEWAY, id);
    return gateway && gateway->used;
}

/* The model's propagated route of exactly this prefix, chosen or not. */
static bool propagates(const struct beside *beside, struct prefix prefix)
{
    struct vpc_route route;
    enum vpc_reason reason;
    for (uint32_t i = 0;
         vpc_candidate(beside->vpc, beside->number, prefix_address(prefix), i, &route, &reason);
         i++) {
        if (route.origin == VPC_ORIGIN_PROPAGATED && prefix_equal(route.prefix, prefix))
            return true;
    }
    return false;
}

/* ret_static: a static route stands at that prefix, behind which AWS shows no propagated one. */
static bool is_exported(const struct aws_route_table *table, struct prefix prefix, bool *ret_static)
{
    *ret_static = false;
    for (size_t i = 0; i < table->route_count; i++) {
        if (!prefix_equal(table->routes[i].prefix, prefix))
            continue;
        if (table->routes[i].propagated)
            return true;
        *ret_static = true;
    }
    return false;
}

static void compare_exported(struct compare *compare, const struct beside *beside)
{
    char text[PREFIX_TEXT_BYTES];
    for (size_t i = 0; i < beside->table->route_count; i++) {
        const struct aws_route *route = &beside->table->routes[i];
        if (!route->propagated || !is_used_gateway(compare, route->target))
            continue;
        compare->counts.routes++;
        if (propagates(beside, route->prefix))
            compare->counts.routes_agree++;
        else
            remark_say(compare->remarks, IMPORT_DIFFERS, route->place, beside->table->is.id,
                       "%s: the export has %s propagated from %s, and the model has not",
                       beside->table->is.id, text_of(route->prefix, text), route->target);
    }
}

static void compare_modeled(struct compare *compare, const struct beside *beside)
{
    char text[PREFIX_TEXT_BYTES];
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    while (vpc_next(beside->vpc, beside->number, &walk, &route, &reason)) {
        bool is_static;
        if (route.origin != VPC_ORIGIN_PROPAGATED ||
            is_exported(beside->table, route.prefix, &is_static) || is_static)
            continue;
        compare->counts.routes++;
        remark_say(compare->remarks, IMPORT_DIFFERS, beside->table->is.place, beside->table->is.id,
                   "%s: the model propagates %s into it, and the export does not have it",
                   beside->table->is.id, text_of(route.prefix, text));
    }
}

static void compare_tables(struct compare *compare)
{
    for (size_t i = 0; i < compare->network->vpc_count; i++) {
        const struct network_vpc *vpc = &compare->network->vpcs[i];
        int at = vpc->route_table_count ? world_find_node(compare->world, vpc->id) : WORLD_NONE;
        if (at == WORLD_NONE)
            continue;
        for (size_t j = 0; j < vpc->route_table_count; j++) {
            struct beside beside = {
                .table = (void *)aws_find(compare->aws, AWS_ROUTE_TABLE, vpc->route_tables[j].id),
                .vpc = world_vpc(compare->world, &compare->world->nodes[at]),
                .number = (uint16_t)(j + 1)};
            if (!beside.table || !beside.vpc)
                continue;
            compare_exported(compare, &beside);
            compare_modeled(compare, &beside);
        }
    }
}

/* --- tunnels --- */

/* What the gateway accepted on the tunnel; -1: it speaks no BGP there. */
static int64_t accepted_on(const struct world *world, const struct tunnel *tunnel)
{
    const struct tunnel_end *end = &tunnel->ends[TUNNEL_GATEWAY];
    const struct engine *engine = world->nodes[end->node].engine;
    const struct rib *rib = engine && end->neighbor ? engine_rib(engine) : NULL;
    struct source_id source = {0};
    if (rib)
        source = engine_neighbor_source(engine, end->neighbor);
    return rib && source.v ? (int64_t)rib_source_get(rib, source)->counts.accepted : -1;
}

static void compare_tunnel(struct compare *compare, const struct aws_connection *connection,
                           const struct aws_tunnel *told, int index)
{
    const struct tunnel *tunnel = &compare->world->tunnels[index];
    bool up = sim_tunnel_up(compare->sim, index);
    int64_t accepted = accepted_on(compare->world, tunnel);
    const char *message = told->message && *told->message ? told->message : "no message";
    bool alike =
        up == told->up && (!up || accepted < 0 || told->accepted < 0 || accepted == told->accepted);
    compare->counts.tunnels++;
    compare->counts.tunnels_agree += alike;
    if (alike)
        return;
    char routes[48] = "";
    if (accepted >= 0)
        snprintf(routes, sizeof routes, " with %" PRId64 " route%s", accepted,
                 accepted == 1 ? "" : "s");
    remark_say(compare->remarks, IMPORT_DIFFERS, connection->is.place, connection->is.id,
               "%s: telemetry says %s, %.60s; the model has it %s%s", tunnel->id,
               told->up ? "UP" : "DOWN", message, up ? "up" : "down", routes);
}

/* Tunnels are built in the order of the file. */
static void compare_tunnels(struct compare *compare)
{
    int index = 0;
    for (size_t i = 0; i < compare->network->vpn_connection_count; i++) {
        const struct network_connection *said = &compare->network->vpn_connections[i];
        const struct aws_connection *connection =
            (void *)aws_find(compare->aws, AWS_VPN_CONNECTION, said->id);
        for (size_t j = 0; j < said->tunnel_count; j++, index++) {
            for (size_t k = 0; connection && k < connection->tunnel_count; k++) {
                const struct aws_tunnel *told = &connection->tunnels[k];
                if (told->telemetry && told->outside == said->tunnels[j].outside)
                    compare_tunnel(compare, connection, told, index);
            }
        }
    }
}

/* --- the run --- */

static void say_restless(struct compare *compare, enum sim_end end)
{
    if (end == SIM_REPEATS)
        remark_say(compare->remarks, IMPORT_DIFFERS, (struct import_place){0}, NULL,
                   "the model goes round and never comes to rest, so that its tables are not"
                   " compared with the export's; sekisho check says why");
    else
        remark_say(compare->remarks, IMPORT_ASSUMED, (struct import_place){0}, NULL,
                   "the model did not come to rest within %d events, so that its tables are not"
                   " compared with the export's",
                   EVENTS_MAX);
}

/* How often a gateway tells a neighbor a route: what a run costs. */
static uint64_t told_in(const struct network *network)
{
    struct load {
        uint64_t neighbors, routes;
    } *loads = memory_zeroed(network->vpn_gateway_count, sizeof *loads);
    uint64_t told = 0;
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        const struct network_customer_gateway *customer =
            &network->customer_gateways[connection->customer_gateway.index];
        const struct network_bgp *bgp = network->routers[customer->router.index].bgp;
        struct load *load = &loads[connection->vpn_gateway.index];
        load->neighbors += connection->tunnel_count;
        load->routes += bgp ? bgp->received_count : 0;
    }
    for (size_t i = 0; i < network->vpn_gateway_count; i++)
        told += loads[i].neighbors * loads[i].routes;
    free(loads);
    return told;
}

void compare_run(const struct aws *aws, const struct network *network,
                 struct import_remarks *remarks, struct import_compared *ret_counts)
{
    const struct sim_options options = {.seed = 1, .events = EVENTS_MAX};
    struct compare compare = {.aws = aws, .network = network, .remarks = remarks};
    if (told_in(network) > TOLD_MAX) {
        remark_say(remarks, IMPORT_ASSUMED, (struct import_place){0}, NULL,
                   "the network is too large to be run here, so that its tables are not compared"
                   " with the export's");
        *ret_counts = compare.counts;
        return;
    }
    struct world *world = network_build(network);
    struct sim *sim = world ? sim_create(world, network, &options) : NULL;
    if (sim) {
        enum sim_end end = sim_run_story(sim);
        compare.world = world;
        compare.sim = sim;
        compare.counts.done = end == SIM_SETTLED;
        if (end == SIM_SETTLED) {
            compare_tables(&compare);
            compare_tunnels(&compare);
        } else {
            say_restless(&compare, end);
        }
    }
    sim_destroy(sim);
    world_destroy(world);
    *ret_counts = compare.counts;
}
