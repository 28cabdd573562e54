#include "network/generate.h"

#include "base/digest.h"
#include "tests/harness.h"

#include <stdlib.h>

enum { SEEDS = 400 };

static char *formatted(const struct network *network)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    network_format(network, out);
    fclose(out);
    return text;
}

static struct network *parsed(const char *text)
{
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    bool sound = network_parse((struct slice){(const uint8_t *)text, strlen(text)}, "formatted",
                               &diagnostics, &network);
    CHECK(sound);
    diagnostics_done(&diagnostics);
    return network;
}

static void what_is_formatted_is_read_again_equal(void)
{
    struct digest digest = digest_start();
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *network = network_generate(seed, &generate_usual);
        char *text = formatted(network);
        struct network *again = parsed(text);
        CHECK(again && network_equal(network, again));
        digest_bytes(&digest, (struct slice){(const uint8_t *)text, strlen(text)});
        network_free(again);
        network_free(network);
        free(text);
    }
    harness_digest("400 generated networks", digest_end(&digest));
}

static void a_seed_gives_one_network(void)
{
    struct network *one = network_generate(7, &generate_usual);
    struct network *same = network_generate(7, &generate_usual);
    struct network *other = network_generate(8, &generate_usual);
    CHECK(network_equal(one, same));
    CHECK(!network_equal(one, other));
    network_free(one);
    network_free(same);
    network_free(other);
}

static void shapes_are_kept(void)
{
    static const struct generate_shape shapes[] = {
        {.gateways = 1, .sites = 1, .connections = 1},
        {.gateways = 1, .sites = 2, .connections = 1, .direct_connects = 1, .fast = true},
        {.gateways = GENERATE_GATEWAYS_MAX,
         .sites = GENERATE_SITES_MAX,
         .connections = GENERATE_CONNECTIONS_MAX,
         .direct_connects = GENERATE_DIRECT_CONNECTS_MAX,
         .steps = GENERATE_STEPS_MAX,
         .danger_percent = 100},
    };
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        const struct generate_shape *shape = &shapes[s];
        for (uint64_t seed = 1; seed <= 40; seed++) {
            struct network *network = network_generate(seed, shape);
            CHECK(network->vpn_gateway_count >= 1 && network->vpn_gateway_count <= shape->gateways);
            size_t sites = network->customer_gateway_count;
            CHECK(sites >= 1 && sites <= shape->sites);
            CHECK(network->vpn_connection_count >= sites &&
                  network->vpn_connection_count <= sites * shape->connections);
            CHECK(network->direct_connect_count <= shape->direct_connects);
            CHECK(network->step_count <= shape->steps);
            for (size_t i = 0; shape->fast && i < network->vpn_connection_count; i++)
                CHECK_EQUAL(network->vpn_connections[i].bgp.hold_us, 9000000);
            network_free(network);
        }
    }
}

/* Of each connection somebody begins, and begins again: otherwise one fault ends it for ever. */
static void somebody_begins_again(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *network = network_generate(seed, &generate_usual);
        for (size_t i = 0; i < network->customer_gateway_count; i++) {
            const struct network_customer_gateway *customer = &network->customer_gateways[i];
            CHECK_EQUAL(customer->startup, NETWORK_STARTUP_START);
            CHECK(!customer->dpd || customer->dpd->action == NETWORK_DPD_RESTART);
        }
        network_free(network);
    }
}

/* What the seeds together must have: each of these occurs, and is not the rule. */
struct census {
    unsigned networks, aws, hubs, instances, behind_nat, vrfs, providers, long_paths, kernel, far;
    unsigned pinned, stale, recursive, statics, two_tunnels, guards, same_asn, allowas, dangers;
    unsigned direct_connects, several_gateways, stories, filters, swapped, limited, peered,
        platforms;
};

static void count_routers(const struct network *network, struct census *census)
{
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_router *router = &network->routers[i];
        census->behind_nat += router->address != 0;
        census->vrfs += router->outer_vrf;
        census->providers += router->underlay != NULL;
        census->long_paths += router->underlay && router->underlay->announce[0].as_path_count > 1;
        census->allowas += router->bgp->allowas_in > 0;
        census->filters += router->bgp->import.rules || router->bgp->export.rules;
        census->dangers += router->bgp->announce_count > 1 || router->bgp->received_count > 1;
        census->platforms |= 1u << router->platform;
        for (size_t r = 0; r < router->route_count; r++) {
            const struct network_route *route = &router->routes[r];
            census->kernel += route->from == ROUTE_KERNEL;
            census->far += route->distance == 210 || route->metric > 1 << 24;
            census->pinned += route->prefix.len == 32;
            census->stale += route->prefix.len == 32 && (route->prefix.addr & 255) == 240;
            census->recursive += route->via >> 22 == (100u << 2 | 1); /* 100.64.0.0/10 */
        }
    }
}

static void count_connections(const struct network *network, struct census *census)
{
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        const struct network_tunnel *tunnels = connection->tunnels;
        census->statics += connection->static_routes != NULL;
        census->two_tunnels += connection->tunnel_count == 2;
        census->guards += connection->guard != NETWORK_GUARD_UNSAID;
        census->swapped += connection->tunnel_count == 2 && tunnels[0].outside > tunnels[1].outside;
    }
    for (size_t i = 1; i < network->customer_gateway_count; i++)
        census->same_asn += network->customer_gateways[i].asn == network->customer_gateways[0].asn;
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        census->aws += network->vpn_gateways[i].platform == PLATFORM_AWS;
        census->hubs += network->vpn_gateways[i].vpc.kind == NETWORK_NOTHING;
        census->limited += network->vpn_gateways[i].limits.vpn_received < 100;
    }
}

static void every_kind_occurs(void)
{
    struct census census = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *network = network_generate(seed, &generate_usual);
        census.networks++;
        census.direct_connects += network->direct_connect_count > 0;
        census.several_gateways += network->vpn_gateway_count > 1;
        census.stories += network->step_count > 0;
        census.peered += network->vpc_peering_count > 0;
        for (size_t v = 0; v < network->vpc_count; v++)
            census.instances += network->vpcs[v].instances[0].router.kind == NETWORK_ROUTER;
        count_routers(network, &census);
        count_connections(network, &census);
        network_free(network);
    }
    const unsigned counts[] = {
        census.aws,     census.hubs,      census.instances,   census.behind_nat,
        census.vrfs,    census.providers, census.long_paths,  census.kernel,
        census.far,     census.pinned,    census.stale,       census.recursive,
        census.statics, census.guards,    census.two_tunnels, census.same_asn,
        census.allowas, census.dangers,   census.filters,     census.direct_connects,
        census.stories, census.peered,    census.swapped,     census.several_gateways,
        census.limited,
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        CHECK(counts[i] >= 20);
    CHECK_EQUAL(census.platforms, 1u << PLATFORM_VYATTA | 1u << PLATFORM_VYOS | 1u << PLATFORM_FRR |
                                      1u << PLATFORM_BIRD | 1u << PLATFORM_UNKNOWN |
                                      1u << PLATFORM_CISCO_IOS | 1u << PLATFORM_JUNOS);
}

int main(void)
{
    TEST(what_is_formatted_is_read_again_equal);
    TEST(a_seed_gives_one_network);
    TEST(shapes_are_kept);
    TEST(somebody_begins_again);
    TEST(every_kind_occurs);
    return harness_done();
}
