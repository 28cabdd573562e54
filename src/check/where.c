#include "check/where.h"

#include <string.h>

static struct place in_vpc(const struct network_vpc *vpc, struct network_ref ref)
{
    switch ((int)ref.kind) {
    case NETWORK_ROUTE_TABLE:
        return vpc->route_tables[ref.part].place;
    case NETWORK_SUBNET:
        return vpc->subnets[ref.part].place;
    case NETWORK_INSTANCE:
        return vpc->instances[ref.part].place;
    case NETWORK_INTERNET_GATEWAY:
        return vpc->internet_gateway.place;
    default:
        return vpc->place;
    }
}

struct place where_is(const struct network *network, const char *id)
{
    struct network_ref ref = network_find(network, id);
    switch (ref.kind) {
    case NETWORK_VPC:
    case NETWORK_ROUTE_TABLE:
    case NETWORK_SUBNET:
    case NETWORK_INSTANCE:
    case NETWORK_INTERNET_GATEWAY:
        return in_vpc(&network->vpcs[ref.index], ref);
    case NETWORK_PEERING:
        return network->vpc_peerings[ref.index].place;
    case NETWORK_VPN_GATEWAY:
        return network->vpn_gateways[ref.index].place;
    case NETWORK_CUSTOMER_GATEWAY:
        return network->customer_gateways[ref.index].place;
    case NETWORK_VPN_CONNECTION:
        return network->vpn_connections[ref.index].place;
    case NETWORK_TUNNEL:
        return network->vpn_connections[ref.index].tunnels[ref.part].place;
    case NETWORK_DIRECT_CONNECT:
        return network->direct_connects[ref.index].place;
    case NETWORK_ROUTER:
        return network->routers[ref.index].place;
    case NETWORK_NOTHING:
    case NETWORK_BLACKHOLE:
    case NETWORK_ADDRESS:
    case NETWORK_SECURITY_GROUP:
    case NETWORK_ACL:
    case NETWORK_PREFIX_LIST:
    case NETWORK_PREFIX:
    case NETWORK_KINDS:
    default:
        return (struct place){0};
    }
}

/* Of the first of several: "tokyo, nagano". */
static struct place where_first(const struct network *network, const char *names)
{
    char first[128];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(names, ","), names);
    return where_is(network, first);
}

struct place where_finding(const struct network *network, const struct check_finding *finding)
{
    const char *const candidates[] = {finding->place, finding->tunnel, finding->connection,
                                      finding->router, finding->gateway};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        struct place place =
            candidates[i] ? where_first(network, candidates[i]) : (struct place){0};
        if (place.line)
            return place;
    }
    return (struct place){0};
}
