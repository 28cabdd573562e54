/* What five hundred random networks have in them: everything that the generator promises occurs,
 * and nothing of it is the rule. Counted in the networks as they are read, not as they were drawn.
 */
#include "network/generate.h"

#include "tests/harness.h"

enum { SEEDS = 500, LEAST = 10, DHCP_DISTANCE = 210 };

/* One line each; a network counts once for each. */
#define FEATURES                                                                                   \
    FEATURE(SITES_1)                                                                               \
    FEATURE(SITES_2)                                                                               \
    FEATURE(SITES_3)                                                                               \
    FEATURE(SITES_4)                                                                               \
    FEATURE(SITES_5)                                                                               \
    FEATURE(SITES_6)                                                                               \
    FEATURE(CONNECTIONS_1)                                                                         \
    FEATURE(CONNECTIONS_2)                                                                         \
    FEATURE(CONNECTIONS_3)                                                                         \
    FEATURE(ONE_TUNNEL)                                                                            \
    FEATURE(TWO_TUNNELS)                                                                           \
    FEATURE(HIGHER_ADDRESS_FIRST)                                                                  \
    FEATURE(STATIC_VPN)                                                                            \
    FEATURE(STATIC_VPN_DEFAULT)                                                                    \
    FEATURE(NO_DIRECT_CONNECT)                                                                     \
    FEATURE(ONE_DIRECT_CONNECT)                                                                    \
    FEATURE(TWO_DIRECT_CONNECTS)                                                                   \
    FEATURE(ONE_GATEWAY)                                                                           \
    FEATURE(SEVERAL_GATEWAYS)                                                                      \
    FEATURE(ROUTER_ON_TWO_GATEWAYS)                                                                \
    FEATURE(GATEWAY_OF_AWS)                                                                        \
    FEATURE(GATEWAY_OF_SEKISHO)                                                                    \
    FEATURE(GATEWAY_WITHOUT_VPC)                                                                   \
    FEATURE(GATEWAY_LIMIT)                                                                         \
    FEATURE(PEERING)                                                                               \
    FEATURE(ROUTE_TO_PEERING)                                                                      \
    FEATURE(ROUTE_TO_BLACKHOLE)                                                                    \
    FEATURE(ROUTE_TO_INSTANCE)                                                                     \
    FEATURE(ROUTE_TO_GATEWAY)                                                                      \
    FEATURE(NO_PROPAGATION)                                                                        \
    FEATURE(OVERLAPPING_VPC)                                                                       \
    FEATURE(SITE_IN_VPC)                                                                           \
    FEATURE(SITE_BEHIND_NAT)                                                                       \
    FEATURE(UNDERLAY_NOT_SAID)                                                                     \
    FEATURE(UNDERLAY_DHCP)                                                                         \
    FEATURE(UNDERLAY_STATIC)                                                                       \
    FEATURE(UNDERLAY_FLOATING)                                                                     \
    FEATURE(UNDERLAY_KERNEL)                                                                       \
    FEATURE(UNDERLAY_KERNEL_FAR)                                                                   \
    FEATURE(UNDERLAY_EBGP_SHORT)                                                                   \
    FEATURE(UNDERLAY_EBGP_LONG)                                                                    \
    FEATURE(UNDERLAY_VRF)                                                                          \
    FEATURE(PINS_NONE)                                                                             \
    FEATURE(PINS_SOME)                                                                             \
    FEATURE(PINS_ALL)                                                                              \
    FEATURE(PINS_STALE)                                                                            \
    FEATURE(PINS_RECURSIVE)                                                                        \
    FEATURE(GUARD_HOLD)                                                                            \
    FEATURE(GUARD_WARN)                                                                            \
    FEATURE(GUARD_CARVE)                                                                           \
    FEATURE(GUARD_REFUSE)                                                                          \
    FEATURE(GUARD_UNSAID)                                                                          \
    FEATURE(SAME_ASN)                                                                              \
    FEATURE(UNIQUE_ASNS)                                                                           \
    FEATURE(ALLOWAS_IN)                                                                            \
    FEATURE(SAME_INSIDE)                                                                           \
    FEATURE(ANNOUNCES_DEFAULT)                                                                     \
    FEATURE(ANNOUNCES_HALVES)                                                                      \
    FEATURE(ANNOUNCES_SLASH_8)                                                                     \
    FEATURE(ANNOUNCES_SLASH_24)                                                                    \
    FEATURE(ANNOUNCES_OWN_RANGE)                                                                   \
    FEATURE(ANNOUNCES_LONGER_PATH)                                                                 \
    FEATURE(FILTER_OF_ROUTER)                                                                      \
    FEATURE(FILTER_OF_GATEWAY)                                                                     \
    FEATURE(MAY_ANNOUNCE)                                                                          \
    FEATURE(INTERNET_EXIT)                                                                         \
    FEATURE(STORY)                                                                                 \
    FEATURE(VYATTA)                                                                                \
    FEATURE(VYOS)                                                                                  \
    FEATURE(FRR)                                                                                   \
    FEATURE(BIRD)                                                                                  \
    FEATURE(CISCO_IOS)                                                                             \
    FEATURE(JUNOS)                                                                                 \
    FEATURE(UNKNOWN)

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
    const struct network *network;
    bool has[HAS_ALL];
};

static void note(struct census *census, enum feature feature, bool is_so)
{
    census->has[feature] |= is_so;
}

/* -- sites -- */

static void count_default(struct census *census, const struct network_route *route)
{
    bool far = route->distance >= DHCP_DISTANCE;
    bool kernel_far = route->metric > 1 << 24; /* its top byte is the distance */
    note(census, HAS_UNDERLAY_DHCP, route->from == ROUTE_DHCP);
    note(census, HAS_UNDERLAY_STATIC, route->from == ROUTE_STATIC && !far);
    note(census, HAS_UNDERLAY_FLOATING, route->from == ROUTE_STATIC && far);
    note(census, HAS_UNDERLAY_KERNEL, route->from == ROUTE_KERNEL && !kernel_far);
    note(census, HAS_UNDERLAY_KERNEL_FAR, route->from == ROUTE_KERNEL && kernel_far);
}

/* Is it the outside address of one of the router's tunnels? */
static bool is_endpoint(const struct network *network, const struct network_router *router,
                        ip_addr addr)
{
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        int32_t at = network->customer_gateways[connection->customer_gateway.index].router.index;
        for (size_t t = 0; &network->routers[at] == router && t < connection->tunnel_count; t++) {
            if (connection->tunnels[t].outside == addr)
                return true;
        }
    }
    return false;
}

static size_t tunnels_of(const struct network *network, const struct network_router *router)
{
    size_t count = 0;
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        int32_t at = network->customer_gateways[connection->customer_gateway.index].router.index;
        count += &network->routers[at] == router ? connection->tunnel_count : 0;
    }
    return count;
}

static void count_routes(struct census *census, const struct network_router *router)
{
    size_t pins = 0, tunnels = tunnels_of(census->network, router);
    for (size_t i = 0; i < router->route_count; i++) {
        const struct network_route *route = &router->routes[i];
        bool pin = route->prefix.len == 32;
        bool on_link = route->via >> 22 != (100u << 2 | 1); /* not in 100.64.0.0/10 */
        if (route->prefix.len == 0)
            count_default(census, route);
        if (pin && !is_endpoint(census->network, router, route->prefix.addr))
            note(census, HAS_PINS_STALE, true);
        else if (pin && !on_link)
            note(census, HAS_PINS_RECURSIVE, true);
        else
            pins += pin;
    }
    note(census, HAS_UNDERLAY_NOT_SAID, tunnels > 0 && !router->routes && !router->underlay);
    note(census, HAS_PINS_NONE, tunnels > 0 && pins == 0);
    note(census, HAS_PINS_SOME, pins > 0 && pins < tunnels);
    note(census, HAS_PINS_ALL, pins > 0 && pins == tunnels);
}

static void count_announcements(struct census *census, const struct network_announcement *items,
                                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct prefix *prefix = &items[i].prefix;
        note(census, HAS_ANNOUNCES_DEFAULT, prefix->len == 0);
        note(census, HAS_ANNOUNCES_HALVES, prefix->len == 1);
        note(census, HAS_ANNOUNCES_SLASH_8, prefix->len == 8);
        note(census, HAS_ANNOUNCES_SLASH_24, prefix->len == 24 && prefix->addr >> 24 == 203);
        note(census, HAS_ANNOUNCES_OWN_RANGE, prefix->len == 24 && prefix->addr >> 24 == 198);
        note(census, HAS_ANNOUNCES_LONGER_PATH, items[i].as_path_count > 0);
    }
}

static void count_router(struct census *census, const struct network_router *router)
{
    static const int platforms[] = {
        [PLATFORM_VYATTA] = HAS_VYATTA,
        [PLATFORM_VYOS] = HAS_VYOS,
        [PLATFORM_FRR] = HAS_FRR,
        [PLATFORM_BIRD] = HAS_BIRD,
        [PLATFORM_CISCO_IOS] = HAS_CISCO_IOS,
        [PLATFORM_JUNOS] = HAS_JUNOS,
        [PLATFORM_UNKNOWN] = HAS_UNKNOWN,
    };
    bool long_path = router->underlay && router->underlay->announce[0].as_path_count > 1;
    note(census, (enum feature)platforms[router->platform], true);
    note(census, HAS_SITE_BEHIND_NAT, router->address != 0);
    note(census, HAS_UNDERLAY_VRF, router->outer_vrf);
    note(census, HAS_UNDERLAY_EBGP_SHORT, router->underlay && !long_path);
    note(census, HAS_UNDERLAY_EBGP_LONG, long_path);
    note(census, HAS_ALLOWAS_IN, router->bgp->allowas_in > 0);
    note(census, HAS_FILTER_OF_ROUTER, router->bgp->import.rules || router->bgp->export.rules);
    count_routes(census, router);
    count_announcements(census, router->bgp->announce, router->bgp->announce_count);
    count_announcements(census, router->bgp->received, router->bgp->received_count);
}

/* -- gateways and connections -- */

static void count_connection(struct census *census, const struct network_connection *connection)
{
    const struct network_tunnel *tunnels = connection->tunnels;
    note(census, HAS_ONE_TUNNEL, connection->tunnel_count == 1);
    note(census, HAS_TWO_TUNNELS, connection->tunnel_count == 2);
    note(census, HAS_HIGHER_ADDRESS_FIRST,
         connection->tunnel_count == 2 && tunnels[0].outside > tunnels[1].outside);
    note(census, HAS_STATIC_VPN, connection->static_routes != NULL);
    note(census, HAS_STATIC_VPN_DEFAULT, connection->static_route_count > 1);
    note(census, HAS_GUARD_HOLD, connection->guard == NETWORK_GUARD_HOLD);
    note(census, HAS_GUARD_WARN, connection->guard == NETWORK_GUARD_WARN);
    note(census, HAS_GUARD_CARVE, connection->guard == NETWORK_GUARD_CARVE);
    note(census, HAS_GUARD_REFUSE, connection->guard == NETWORK_GUARD_REFUSE);
    note(census, HAS_GUARD_UNSAID, connection->guard == NETWORK_GUARD_UNSAID);
    note(census, HAS_FILTER_OF_GATEWAY, connection->import.rules || connection->export.rules);
    note(census, HAS_MAY_ANNOUNCE, connection->may_announce != NULL);
    note(census, HAS_INTERNET_EXIT, connection->internet_exit);
}

static void count_pairs(struct census *census)
{
    const struct network *network = census->network;
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *one = &network->vpn_connections[i];
        for (size_t j = 0; j < i; j++) {
            const struct network_connection *other = &network->vpn_connections[j];
            note(census, HAS_ROUTER_ON_TWO_GATEWAYS,
                 one->customer_gateway.index == other->customer_gateway.index &&
                     one->vpn_gateway.index != other->vpn_gateway.index);
            note(census, HAS_SAME_INSIDE,
                 one->tunnels[0].inside_vgw == other->tunnels[0].inside_vgw ||
                     one->tunnels[0].inside_vgw == other->tunnels[0].inside_cgw);
        }
    }
}

static void count_sites(struct census *census)
{
    const struct network *network = census->network;
    size_t sites = network->customer_gateway_count;
    for (size_t i = 0; i < sites; i++) {
        size_t connections = 0;
        for (size_t c = 0; c < network->vpn_connection_count; c++)
            connections += network->vpn_connections[c].customer_gateway.index == (int32_t)i;
        CHECK(connections >= 1 && connections <= 3);
        note(census, (enum feature)(HAS_CONNECTIONS_1 + connections - 1), true);
    }
    CHECK(sites >= 1 && sites <= 6);
    note(census, (enum feature)(HAS_SITES_1 + sites - 1), true);
    bool same = sites > 1 && network->customer_gateways[0].asn == network->customer_gateways[1].asn;
    note(census, HAS_SAME_ASN, same);
    note(census, HAS_UNIQUE_ASNS, sites > 1 && !same);
}

static void count_gateways(struct census *census)
{
    const struct network *network = census->network;
    note(census, HAS_NO_DIRECT_CONNECT, network->direct_connect_count == 0);
    note(census, HAS_ONE_DIRECT_CONNECT, network->direct_connect_count == 1);
    note(census, HAS_TWO_DIRECT_CONNECTS, network->direct_connect_count == 2);
    note(census, HAS_ONE_GATEWAY, network->vpn_gateway_count == 1);
    note(census, HAS_SEVERAL_GATEWAYS, network->vpn_gateway_count > 1);
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &network->vpn_gateways[i];
        note(census, HAS_GATEWAY_OF_AWS, gateway->platform == PLATFORM_AWS);
        note(census, HAS_GATEWAY_OF_SEKISHO, gateway->platform == PLATFORM_SEKISHO);
        note(census, HAS_GATEWAY_WITHOUT_VPC, gateway->vpc.kind == NETWORK_NOTHING);
        note(census, HAS_GATEWAY_LIMIT, gateway->limits.vpn_received < 100);
    }
}

/* -- VPCs -- */

static void count_table(struct census *census, const struct network_route_table *table)
{
    note(census, HAS_NO_PROPAGATION, table->propagate_count == 0);
    for (size_t i = 0; i < table->route_count; i++) {
        enum network_kind to = table->routes[i].target.kind;
        note(census, HAS_ROUTE_TO_PEERING, to == NETWORK_PEERING);
        note(census, HAS_ROUTE_TO_BLACKHOLE, to == NETWORK_BLACKHOLE);
        note(census, HAS_ROUTE_TO_INSTANCE, to == NETWORK_INSTANCE);
        note(census, HAS_ROUTE_TO_GATEWAY, to == NETWORK_VPN_GATEWAY);
    }
}

static void count_vpcs(struct census *census)
{
    const struct network *network = census->network;
    note(census, HAS_PEERING, network->vpc_peering_count > 0);
    for (size_t v = 0; v < network->vpc_count; v++) {
        const struct network_vpc *vpc = &network->vpcs[v];
        bool is_site = vpc->instances[0].router.kind == NETWORK_ROUTER;
        note(census, HAS_SITE_IN_VPC, is_site);
        for (size_t i = 1; i < vpc->cidr_count; i++)
            note(census, HAS_OVERLAPPING_VPC, vpc->cidrs[i].addr >> 24 == 10);
        for (size_t i = 0; !is_site && i < vpc->route_table_count; i++)
            count_table(census, &vpc->route_tables[i]);
    }
}

static void take(struct census *census)
{
    const struct network *network = census->network;
    count_gateways(census);
    count_sites(census);
    count_pairs(census);
    count_vpcs(census);
    note(census, HAS_STORY, network->step_count > 0);
    for (size_t i = 0; i < network->vpn_connection_count; i++)
        count_connection(census, &network->vpn_connections[i]);
    for (size_t i = 0; i < network->router_count; i++)
        count_router(census, &network->routers[i]);
}

static void everything_occurs_and_nothing_is_the_rule(void)
{
    unsigned counts[HAS_ALL] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct network *network = network_generate(seed, &generate_usual);
        struct census census = {.network = network};
        take(&census);
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

int main(void)
{
    TEST(everything_occurs_and_nothing_is_the_rule);
    return harness_done();
}
