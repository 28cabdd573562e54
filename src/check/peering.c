#include "check/peering.h"

#include "network/edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_MAX = 3 };

/* -- which two -- */

static bool overlap(const struct network_vpc *left, const struct network_vpc *right)
{
    for (size_t i = 0; i < left->cidr_count; i++) {
        for (size_t j = 0; j < right->cidr_count; j++) {
            if (prefix_overlaps(left->cidrs[i], right->cidrs[j]))
                return true;
        }
    }
    return false;
}

static bool are_peered(const struct network *network, size_t near, size_t far)
{
    for (size_t i = 0; i < network->vpc_peering_count; i++) {
        const struct network_peering *peering = &network->vpc_peerings[i];
        size_t one = (size_t)peering->requester.index, other = (size_t)peering->accepter.index;
        if (peering->status == NETWORK_PEERING_ACTIVE &&
            ((one == near && other == far) || (one == far && other == near)))
            return true;
    }
    return false;
}

/* The instance that the router is; NULL: it is none. */
static const struct network_instance *instance_of(const struct network *network, int32_t router,
                                                  size_t *ret_vpc)
{
    for (size_t i = 0; i < network->vpc_count; i++) {
        for (size_t j = 0; j < network->vpcs[i].instance_count; j++) {
            const struct network_instance *instance = &network->vpcs[i].instances[j];
            if (instance->router.kind != NETWORK_ROUTER || instance->router.index != router)
                continue;
            *ret_vpc = i;
            return instance;
        }
    }
    return NULL;
}

static const struct network_instance *find_sides(const struct network *network, size_t connection,
                                                 size_t *ret_near, size_t *ret_far)
{
    const struct network_connection *at = &network->vpn_connections[connection];
    const struct network_vpn_gateway *gateway = &network->vpn_gateways[at->vpn_gateway.index];
    const struct network_ref *router =
        &network->customer_gateways[at->customer_gateway.index].router;
    if (gateway->vpc.kind != NETWORK_VPC || router->kind != NETWORK_ROUTER)
        return NULL;
    *ret_near = (size_t)gateway->vpc.index;
    return instance_of(network, router->index, ret_far);
}

bool peering_could_replace(const struct network *network, size_t connection, size_t *ret_near,
                           size_t *ret_far)
{
    return find_sides(network, connection, ret_near, ret_far) && *ret_near != *ret_far &&
           !overlap(&network->vpcs[*ret_near], &network->vpcs[*ret_far]) &&
           !are_peered(network, *ret_near, *ret_far);
}

/* -- what changes in a route table -- */

static bool lies_in(const struct network_vpc *vpc, struct prefix prefix)
{
    for (size_t i = 0; i < vpc->cidr_count; i++) {
        if (prefix_covers(vpc->cidrs[i], prefix))
            return true;
    }
    return false;
}

static bool is_cidr(const struct network_vpc *vpc, struct prefix prefix)
{
    for (size_t i = 0; i < vpc->cidr_count; i++) {
        if (prefix_equal(vpc->cidrs[i], prefix))
            return true;
    }
    return false;
}

/* A static route to the other VPC that the peering takes the place of: of its range, whatever it
 * leads to, and of a part of it, where it leads into the tunnel. via: id of who does. */
static bool is_replaced(const struct network_vpc_route *route, const struct network_vpc *other,
                        const char *via)
{
    return is_cidr(other, route->prefix) || (lies_in(other, route->prefix) && route->target.id &&
                                             strcmp(route->target.id, via) == 0);
}

static const struct network_vpc_route *find_route(const struct network_route_table *table,
                                                  struct prefix prefix)
{
    for (size_t i = 0; i < table->route_count; i++) {
        if (prefix_equal(table->routes[i].prefix, prefix))
            return &table->routes[i];
    }
    return NULL;
}

/* -- let it be so -- */

static void lead_over(struct network *network, size_t vpc, size_t other, const char *via,
                      struct network_ref peering)
{
    const struct network_vpc *far = &network->vpcs[other];
    for (size_t i = 0; i < network->vpcs[vpc].route_table_count; i++) {
        const struct network_route_table *table = &network->vpcs[vpc].route_tables[i];
        for (size_t j = table->route_count; j-- > 0;) {
            if (is_replaced(&table->routes[j], far, via))
                (void)network_remove_vpc_route(network, vpc, i, table->routes[j].prefix);
        }
        for (size_t j = 0; j < far->cidr_count; j++)
            network_add_vpc_route(network, vpc, i, far->cidrs[j], peering);
    }
}

void peering_apply(struct network *network, size_t connection)
{
    size_t near, far;
    if (peering_could_replace(network, connection, &near, &far)) {
        const struct network_connection *at = &network->vpn_connections[connection];
        const char *router = find_sides(network, connection, &near, &far)->id;
        char id[32] = "pcx-new";
        for (unsigned i = 2; network_find(network, id).kind != NETWORK_NOTHING; i++)
            snprintf(id, sizeof id, "pcx-new-%u", i);
        struct network_ref peering = network_add_peering(network, id, near, far);
        lead_over(network, near, far, at->vpn_gateway.id, peering);
        lead_over(network, far, near, router, peering);
    }
    network_remove_connection(network, connection);
}

/* -- what is lost -- */

static bool is_in(const struct network_vpc *vpc, ip_addr addr)
{
    return lies_in(vpc, prefix_host(addr));
}

bool peering_gives_up(const struct network *network, size_t connection,
                      const struct reach_pair *pair)
{
    size_t near, far;
    if (!find_sides(network, connection, &near, &far))
        return false;
    const struct network_vpc *gateways = &network->vpcs[near], *routers = &network->vpcs[far];
    return (is_in(routers, pair->from.addr) && !is_in(gateways, pair->to.addr)) ||
           (is_in(routers, pair->to.addr) && !is_in(gateways, pair->from.addr));
}

/* -- in lines -- */

static const char *destination_of(struct paste *paste, struct prefix prefix)
{
    return check_text(paste->check, "--destination%s-cidr-block %s", prefix.six ? "-ipv6" : "",
                      text_of_prefix(prefix));
}

static void paste_table(struct paste *paste, const struct network_route_table *table,
                        const struct network_vpc *other, const char *via)
{
    for (size_t i = 0; i < table->route_count; i++) {
        if (is_replaced(&table->routes[i], other, via) && !is_cidr(other, table->routes[i].prefix))
            paste_line(paste, "aws ec2 delete-route --route-table-id %s %s", table->id,
                       destination_of(paste, table->routes[i].prefix));
    }
    for (size_t i = 0; i < other->cidr_count; i++)
        paste_line(paste, "aws ec2 %s-route --route-table-id %s %s --vpc-peering-connection-id NEW",
                   find_route(table, other->cidrs[i]) ? "replace" : "create", table->id,
                   destination_of(paste, other->cidrs[i]));
}

/* Other attachments of the gateway, by name. */
static const char *others_of(struct paste *paste, size_t connection)
{
    const struct network *network = paste->network;
    int32_t gateway = network->vpn_connections[connection].vpn_gateway.index;
    const char *names = NULL;
    size_t count = 0;
    for (size_t i = 0; i < network->direct_connect_count + network->vpn_connection_count; i++) {
        bool direct = i < network->direct_connect_count;
        size_t at = direct ? i : i - network->direct_connect_count;
        const struct network_ref *of = direct ? &network->direct_connects[at].vpn_gateway
                                              : &network->vpn_connections[at].vpn_gateway;
        const char *id = direct ? network->direct_connects[at].id : network->vpn_connections[at].id;
        if (of->index != gateway || (!direct && at == connection))
            continue;
        if (count++ < NAMED_MAX)
            names = names ? check_text(paste->check, "%s, %s", names, id) : id;
    }
    return count > NAMED_MAX ? check_text(paste->check, "%s and %zu more", names, count - NAMED_MAX)
                             : names;
}

const char *peering_introduce(struct paste *paste, size_t connection)
{
    size_t near, far;
    const struct network *network = paste->network;
    bool could = peering_could_replace(network, connection, &near, &far);
    assert(could);
    paste->step->where = network->vpcs[near].id;
    paste->step->platform = PLATFORM_AWS;
    return check_text(paste->check, "peer it with %s, and do without %s", network->vpcs[far].id,
                      network->vpn_connections[connection].id);
}

void peering_paste(struct paste *paste, size_t connection)
{
    const struct network *network = paste->network;
    size_t near, far;
    if (!peering_could_replace(network, connection, &near, &far))
        return;
    const struct network_vpc *one = &network->vpcs[near], *other = &network->vpcs[far];
    const char *router = find_sides(network, connection, &near, &far)->id;
    const char *beyond = others_of(paste, connection);
    if (beyond)
        paste_line(paste, "# not transitive: what is behind %s is not reached from %s by it",
                   beyond, other->id);
    paste_line(paste, "aws ec2 create-vpc-peering-connection --vpc-id %s --peer-vpc-id %s", one->id,
               other->id);
    paste_line(paste, "aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id NEW");
    for (size_t i = 0; i < one->route_table_count; i++)
        paste_table(paste, &one->route_tables[i], other,
                    network->vpn_connections[connection].vpn_gateway.id);
    for (size_t i = 0; i < other->route_table_count; i++)
        paste_table(paste, &other->route_tables[i], one, router);
    paste_line(paste, "aws ec2 delete-vpn-connection --vpn-connection-id %s",
               network->vpn_connections[connection].id);
}
