#include "network/generate.h"

#include "tests/harness.h"

#include <stdlib.h>

enum { SEEDS = 300, LEAST = 8 };

/* Counted in the networks as they are read. */
#define FEATURES                                                                                   \
    FEATURE(VPC)                                                                                   \
    FEATURE(TWO_RANGES)                                                                            \
    FEATURE(SITE_IN_VPC)                                                                           \
    FEATURE(TUNNEL_OF_SEKISHO)                                                                     \
    FEATURE(TUNNEL_OF_AWS)                                                                         \
    FEATURE(ONE_TUNNEL_OF_TWO)                                                                     \
    FEATURE(STATIC_VPN)                                                                            \
    FEATURE(MAY_ANNOUNCE)                                                                          \
    FEATURE(DIRECT_CONNECT)                                                                        \
    FEATURE(SECOND_SESSION)                                                                        \
    FEATURE(SITE_ANNOUNCES)                                                                        \
    FEATURE(ANNOUNCES_LONGER_PATH)                                                                 \
    FEATURE(ANNOUNCES_DEFAULT)                                                                     \
    FEATURE(ANNOUNCES_HALVES)                                                                      \
    FEATURE(ANNOUNCES_UNICAST)                                                                     \
    FEATURE(ANNOUNCES_ANOTHERS)                                                                    \
    FEATURE(ROUTE_INTO_TUNNEL)                                                                     \
    FEATURE(ROUTE_VIA)                                                                             \
    FEATURE(ROUTE_DISCARDS)                                                                        \
    FEATURE(ROUTE_ON_LINK)                                                                         \
    FEATURE(VPC_DEFAULT)                                                                           \
    FEATURE(VPC_BLACKHOLE)                                                                         \
    FEATURE(VPC_INSTANCE)                                                                          \
    FEATURE(VPC_PEERING)                                                                           \
    FEATURE(WANTED)                                                                                \
    FEATURE(STEP)

enum feature {
#define FEATURE(name) HAS_##name,
    FEATURES
#undef FEATURE
        HAS_ALL
};

static const char *const names[] = {
#define FEATURE(name) #name,
    FEATURES
#undef FEATURE
};

struct census {
    bool has[HAS_ALL];
};

static void note(struct census *census, enum feature feature, bool is_so)
{
    census->has[feature] |= is_so;
}

static void count_vpc(struct census *census, const struct network_vpc *vpc)
{
    size_t ranges = 0;
    bool is_site = vpc->instances[0].router.kind == NETWORK_ROUTER;
    for (size_t i = 0; i < vpc->cidr_count; i++)
        ranges += vpc->cidrs[i].six;
    note(census, HAS_VPC, ranges > 0 && vpc->instances[0].address_six != 0);
    note(census, HAS_SITE_IN_VPC, ranges > 0 && is_site);
    note(census, HAS_TWO_RANGES, ranges > 1);
    for (size_t i = 0; i < vpc->route_table_count; i++) {
        const struct network_route_table *table = &vpc->route_tables[i];
        for (size_t j = 0; j < table->route_count; j++) {
            const struct network_vpc_route *route = &table->routes[j];
            bool six = route->prefix.six;
            note(census, HAS_VPC_DEFAULT, six && route->target.kind == NETWORK_VPN_GATEWAY);
            note(census, HAS_VPC_BLACKHOLE, six && route->target.kind == NETWORK_BLACKHOLE);
            note(census, HAS_VPC_PEERING, six && route->target.kind == NETWORK_PEERING);
            note(census, HAS_VPC_INSTANCE,
                 six && route->target.kind == NETWORK_INSTANCE && !is_site);
        }
    }
}

static void count_connection(struct census *census, const struct network *network,
                             const struct network_connection *connection)
{
    bool aws = network->vpn_gateways[connection->vpn_gateway.index].platform == PLATFORM_AWS;
    bool first = connection->tunnels[0].inside_six.six;
    note(census, HAS_TUNNEL_OF_AWS, first && aws);
    note(census, HAS_TUNNEL_OF_SEKISHO, first && !aws);
    note(census, HAS_ONE_TUNNEL_OF_TWO,
         first && connection->tunnel_count == 2 && !connection->tunnels[1].inside_six.six);
    for (size_t i = 0; i < connection->static_route_count; i++)
        note(census, HAS_STATIC_VPN, connection->static_routes[i].six);
    for (size_t i = 0; i < connection->may_announce_count; i++)
        note(census, HAS_MAY_ANNOUNCE, connection->may_announce[i].six);
}

static void count_announced(struct census *census, const struct network_announcement *said)
{
    if (!said->prefix.six)
        return;
    note(census, HAS_SITE_ANNOUNCES, said->prefix.len == 56 && said->prefix.addr >> 80 > 0x10);
    note(census, HAS_ANNOUNCES_LONGER_PATH, said->as_path_count > 0);
    note(census, HAS_ANNOUNCES_DEFAULT, said->prefix.len == 0);
    note(census, HAS_ANNOUNCES_HALVES, said->prefix.len == 1);
    note(census, HAS_ANNOUNCES_UNICAST, said->prefix.len == 3);
    note(census, HAS_ANNOUNCES_ANOTHERS, said->prefix.len == 57);
}

static void count_router(struct census *census, const struct network_router *router)
{
    for (size_t i = 0; i < router->bgp->announce_count; i++)
        count_announced(census, &router->bgp->announce[i]);
    for (size_t i = 0; i < router->bgp->received_count; i++)
        count_announced(census, &router->bgp->received[i]);
    for (size_t i = 0; i < router->route_count; i++) {
        const struct network_route *route = &router->routes[i];
        bool six = route->prefix.six;
        note(census, HAS_ROUTE_INTO_TUNNEL, six && route->tunnel.id != NULL);
        note(census, HAS_ROUTE_VIA, six && route->via != 0);
        note(census, HAS_ROUTE_DISCARDS, six && route->blackhole);
        note(census, HAS_ROUTE_ON_LINK, six && route->interface != NULL);
    }
}

static void take(struct census *census, const struct network *network)
{
    for (size_t i = 0; i < network->vpc_count; i++)
        count_vpc(census, &network->vpcs[i]);
    for (size_t i = 0; i < network->vpn_connection_count; i++)
        count_connection(census, network, &network->vpn_connections[i]);
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        note(census, HAS_DIRECT_CONNECT, network->direct_connects[i].inside_six.six);
        note(census, HAS_SECOND_SESSION, network->direct_connects[i].session_six != NULL);
    }
    for (size_t i = 0; i < network->router_count; i++)
        count_router(census, &network->routers[i]);
    for (size_t i = 0; i < network->wanted_count; i++)
        note(census, HAS_WANTED, ip_is_six(network->wanted[i].to.address));
    for (size_t i = 0; i < network->step_count; i++)
        note(census, HAS_STEP, network->story[i].announcement.prefix.six);
}

static struct network *generated(uint64_t seed, unsigned percent)
{
    struct generate_shape shape = generate_usual;
    shape.six_percent = percent;
    return network_generate(seed, &shape);
}

static void everything_of_ipv6_occurs_and_nothing_is_the_rule(void)
{
    unsigned counts[HAS_ALL] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *network = generated(seed, 100);
        struct census census = {{false}};
        take(&census, network);
        for (int i = 0; i < HAS_ALL; i++)
            counts[i] += census.has[i];
        network_free(network);
    }
    for (int i = 0; i < HAS_ALL; i++) {
        bool fits = counts[i] >= LEAST && counts[i] < SEEDS;
        if (!fits)
            printf("# %s: %u of %d\n", names[i], counts[i], SEEDS);
        CHECK(fits);
    }
}

static void a_share_of_the_networks_has_it(void)
{
    unsigned with = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *none = generated(seed, 0);
        struct network *usual = generated(seed, generate_usual.six_percent);
        struct census census = {{false}}, of_none = {{false}};
        take(&census, usual);
        take(&of_none, none);
        bool any = false;
        for (int i = 0; i < HAS_ALL; i++) {
            CHECK(!of_none.has[i]);
            any |= census.has[i];
        }
        CHECK_EQUAL(network_equal(none, usual), !any); /* and the others are as they were */
        with += any;
        network_free(none);
        network_free(usual);
    }
    CHECK(with > SEEDS / 5 && with < SEEDS / 3);
}

/* What a router says of IPv4, with IPv6 or without. */
static void check_same_four(const struct network_router *left, const struct network_router *right)
{
    size_t at = 0;
    CHECK_EQUAL(left->platform, right->platform);
    CHECK_EQUAL(left->address, right->address);
    for (size_t i = 0; i < right->bgp->announce_count; i++) {
        if (right->bgp->announce[i].prefix.six)
            continue;
        CHECK(at < left->bgp->announce_count &&
              prefix_equal(left->bgp->announce[at].prefix, right->bgp->announce[i].prefix));
        at++;
    }
    CHECK_EQUAL(at, left->bgp->announce_count);
}

static void ipv4_is_the_same_with_it_or_without(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *four = generated(seed, 0), *both = generated(seed, 100);
        CHECK_EQUAL(four->vpc_count, both->vpc_count);
        CHECK_EQUAL(four->router_count, both->router_count);
        CHECK_EQUAL(four->step_count, both->step_count);
        CHECK_EQUAL(four->vpn_connection_count, both->vpn_connection_count);
        for (size_t i = 0; i < four->vpn_connection_count; i++) {
            const struct network_connection *left = &four->vpn_connections[i];
            const struct network_connection *right = &both->vpn_connections[i];
            CHECK_EQUAL(left->tunnels[0].outside, right->tunnels[0].outside);
            CHECK_EQUAL(left->tunnels[0].inside_vgw, right->tunnels[0].inside_vgw);
            CHECK_EQUAL(left->guard, right->guard);
        }
        for (size_t i = 0; i < four->router_count; i++)
            check_same_four(&four->routers[i], &both->routers[i]);
        network_free(four);
        network_free(both);
    }
}

int main(void)
{
    TEST(everything_of_ipv6_occurs_and_nothing_is_the_rule);
    TEST(a_share_of_the_networks_has_it);
    TEST(ipv4_is_the_same_with_it_or_without);
    return harness_done();
}
