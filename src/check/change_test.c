#include "check/change.h"

#include "check/check_rig.h"

/* Done once, it is done; the original does not know of it; the copy can be written and read. */
static struct network *apply(const struct network *network, const struct change *change)
{
    CHECK(!change_is_done(network, change));
    struct network *copy = change_copy(network, change, 1);
    CHECK(change_is_done(copy, change));
    CHECK(!change_is_done(network, change));
    CHECK(!network_equal(network, copy));
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    network_format(copy, out);
    fclose(out);
    struct network *again = rig_parse(text);
    CHECK(again && network_equal(copy, again));
    network_free(again);
    free(text);
    return copy;
}

static int32_t index_of(const struct network *network, const char *id)
{
    struct network_ref ref = network_find(network, id);
    CHECK(ref.index >= 0);
    return ref.index;
}

static void the_guard_holds(void)
{
    struct network *network = rig_example("incident.yaml");
    struct change change = {.kind = CHANGE_GUARD_HOLD};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL(copy->vpn_connections[0].guard, NETWORK_GUARD_HOLD);
    network_free(copy);
    network_free(network);
}

static void a_prefix_is_not_announced_there(void)
{
    struct network *network = rig_example("incident.yaml");
    struct change change = {.kind = CHANGE_EXPORT_DENY};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->vpn_connections[0].export.rule_count, 1);
    network_free(copy);
    network_free(network);
}

static void a_host_route_replaces_one_that_leads_elsewhere(void)
{
    struct network *network = rig_network(
        "incident.yaml", "via: 10.20.0.1, from: dhcp}",
        "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.225/32, via: 172.16.0.1}", NULL, NULL);
    int32_t vyatta = index_of(network, "vyatta");
    struct change change = {.kind = CHANGE_HOST_ROUTE,
                            .index = vyatta,
                            .prefix = rig_prefix(203, 0, 113, 225, 32),
                            .via = rig_ip(10, 20, 0, 1)};
    struct network *copy = apply(network, &change);
    const struct network_router *router = &copy->routers[vyatta];
    CHECK_EQUAL((int64_t)router->route_count, 2);
    CHECK_EQUAL(router->routes[1].via, rig_ip(10, 20, 0, 1));
    CHECK_EQUAL(router->routes[1].from, ROUTE_STATIC);
    network_free(copy);
    network_free(network);
}

/* Routes left out stand for a default by DHCP; with one route said, it has to be said, too. */
static void a_host_route_keeps_the_default_that_nobody_wrote(void)
{
    struct network *network = rig_network(
        "incident.yaml", "    routes: [{prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp}]\n", "",
        NULL, NULL);
    int32_t vyatta = index_of(network, "vyatta");
    CHECK(network->routers[vyatta].routes == NULL);
    struct change change = {.kind = CHANGE_HOST_ROUTE,
                            .index = vyatta,
                            .prefix = rig_prefix(203, 0, 113, 225, 32),
                            .via = rig_ip(10, 20, 0, 1)};
    struct network *copy = apply(network, &change);
    const struct network_router *router = &copy->routers[vyatta];
    CHECK_EQUAL((int64_t)router->route_count, 2);
    CHECK_EQUAL(router->routes[0].from, ROUTE_DHCP);
    CHECK_EQUAL(router->routes[0].prefix.len, 0);
    network_free(copy);
    network_free(network);
}

static void a_host_route_may_name_the_interface(void)
{
    struct network *network = rig_example("incident.yaml");
    int32_t vyatta = index_of(network, "vyatta");
    struct change change = {.kind = CHANGE_HOST_ROUTE,
                            .index = vyatta,
                            .prefix = rig_prefix(203, 0, 113, 225, 32),
                            .interface = "eth0"};
    struct network *copy = apply(network, &change);
    CHECK_TEXT(copy->routers[vyatta].routes[1].interface, "eth0");
    network_free(copy);
    network_free(network);
}

static void a_neighbor_is_refused_a_prefix(void)
{
    struct network *network = rig_example("incident-two-tunnels.yaml");
    int32_t vyatta = index_of(network, "vyatta");
    struct change changes[2] = {
        {.kind = CHANGE_IMPORT_DENY, .index = vyatta, .neighbor = rig_ip(169, 254, 252, 30)},
        {.kind = CHANGE_IMPORT_DENY, .index = vyatta, .neighbor = rig_ip(169, 254, 252, 34)}};
    struct network *copy = apply(network, &changes[0]);
    CHECK(!change_is_done(copy, &changes[1]));
    network_free(copy);
    copy = change_copy(network, changes, 2);
    CHECK(change_is_done(copy, &changes[0]) && change_is_done(copy, &changes[1]));
    network_free(copy);
    network_free(network);
}

static void an_announcer_stops_now_and_in_the_story(void)
{
    struct network *story = rig_example("incident.yaml");
    struct change change = {.kind = CHANGE_STOP, .index = index_of(story, "dx-edge")};
    struct network *copy = apply(story, &change);
    CHECK_EQUAL((int64_t)copy->step_count, (int64_t)story->step_count - 1);
    network_free(copy);
    network_free(story);
    struct network *sample = rig_example("pasted-sample.yaml");
    change.index = index_of(sample, "nagano");
    copy = apply(sample, &change);
    CHECK_EQUAL((int64_t)copy->routers[change.index].bgp->announce_count, 1);
    network_free(copy);
    network_free(sample);
}

static void static_routes_of_a_connection_and_of_a_router_go(void)
{
    struct network *network =
        rig_network("pasted-sample.yaml", "customer_gateway: cgw-nagano\n",
                    "customer_gateway: cgw-nagano\n    static_routes: [10.40.0.0/16, 0.0.0.0/0]\n",
                    "\n    bgp: {asn: 65020, announce: [10.40.0.0/16, 0.0.0.0/0]}", "");
    struct change change = {.kind = CHANGE_STOP_STATIC, .index = index_of(network, "vpn-nagano")};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->vpn_connections[change.index].static_route_count, 1);
    CHECK(copy->vpn_connections[change.index].static_routes != NULL);
    network_free(copy);
    change = (struct change){.kind = CHANGE_ROUTER_DELETE, .index = index_of(network, "tokyo")};
    copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->routers[change.index].route_count, 0);
    network_free(copy);
    network_free(network);
}

static void an_entry_of_a_route_table_goes(void)
{
    struct network *network = rig_example("incident.yaml");
    struct change change = {.kind = CHANGE_TABLE_DELETE,
                            .index = index_of(network, "vpc-branch"),
                            .prefix = rig_prefix(10, 10, 0, 0, 16)};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->vpcs[change.index].route_tables[0].route_count, 1);
    network_free(copy);
    network_free(network);
}

static void a_gateway_propagates_into_a_table(void)
{
    struct network *network = rig_story("propagation-missing.yaml", NULL, NULL);
    struct change change = {.kind = CHANGE_TABLE_PROPAGATE, .part = 1};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->vpcs[0].route_tables[1].propagate_count, 1);
    CHECK_EQUAL((int64_t)copy->vpcs[0].route_tables[0].propagate_count, 1);
    network_free(copy);
    network_free(network);
}

static void a_router_and_its_customer_gateways_change_their_number(void)
{
    struct network *network = rig_story("duplicate-asn.yaml", NULL, NULL);
    struct change change = {.kind = CHANGE_ASN, .index = 1, .number = 65007};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL(copy->routers[1].bgp->asn, 65007);
    CHECK_EQUAL(copy->customer_gateways[1].asn, 65007);
    CHECK_EQUAL(copy->routers[0].bgp->asn, 65000);
    CHECK_EQUAL(copy->customer_gateways[0].asn, 65000);
    network_free(copy);
    network_free(network);
}

static void its_own_number_is_let_in_no_more(void)
{
    struct network *network = rig_story("allowas-in-loop.yaml", NULL, NULL);
    struct change change = {.kind = CHANGE_ALLOWAS_OFF};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL(copy->routers[0].bgp->allowas_in, 0);
    network_free(copy);
    network_free(network);
}

static void a_router_announces_one_more(void)
{
    struct network *network = rig_story("prepending-in-vain.yaml", NULL, NULL);
    struct change change = {.kind = CHANGE_ANNOUNCE, .prefix = rig_prefix(10, 20, 0, 0, 17)};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->routers[0].bgp->announce_count, 2);
    network_free(copy);
    network_free(network);
}

static void a_route_changes_its_tunnel(void)
{
    struct network *network = rig_story("asymmetric-tunnels.yaml", NULL, NULL);
    struct change change = {.kind = CHANGE_ROUTE_TUNNEL, .prefix = rig_prefix(10, 10, 0, 0, 16)};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL(copy->routers[0].routes[1].tunnel.part, 0);
    network_free(copy);
    network_free(network);
}

static void a_gateway_or_a_customer_gateway_changes_its_number(void)
{
    struct network *network = rig_example("incident.yaml");
    struct change change = {.kind = CHANGE_GATEWAY_ASN, .number = 64999};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL(copy->vpn_gateways[0].asn, 64999);
    network_free(copy);
    change = (struct change){.kind = CHANGE_CUSTOMER_ASN, .number = 64998};
    copy = apply(network, &change);
    CHECK_EQUAL(copy->customer_gateways[0].asn, 64998);
    CHECK_EQUAL(copy->routers[0].bgp->asn, network->routers[0].bgp->asn);
    network_free(copy);
    network_free(network);
}

static void a_connection_speaks_bgp_or_gets_a_route(void)
{
    struct network *network = rig_story("static-or-bgp.yaml", NULL, NULL);
    struct change change = {.kind = CHANGE_SPEAK_BGP};
    struct network *copy = apply(network, &change);
    CHECK(copy->vpn_connections[0].static_routes == NULL);
    network_free(copy);
    change = (struct change){.kind = CHANGE_ADD_STATIC, .prefix = rig_prefix(10, 20, 0, 0, 16)};
    copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->vpn_connections[0].static_route_count, 1);
    network_free(copy);
    network_free(network);
}

static void many_prefixes_become_few(void)
{
    struct network *network = rig_story("prefix-limit.yaml", NULL, NULL);
    struct change change = {.kind = CHANGE_SUMMARIZE};
    struct network *copy = apply(network, &change);
    CHECK_EQUAL((int64_t)copy->routers[0].bgp->announce_count, 4);
    network_free(copy);
    network_free(network);
}

static void changes_are_told_apart(void)
{
    struct change one = {.kind = CHANGE_HOST_ROUTE, .prefix = rig_prefix(203, 0, 113, 225, 32)};
    struct change others[7];
    for (int i = 0; i < 7; i++)
        others[i] = one;
    others[0].kind = CHANGE_STOP;
    others[1].index = 1;
    others[2].part = 1;
    others[3].prefix.addr++;
    others[4].via = 1;
    others[5].interface[0] = 'e';
    others[6].number = 1;
    for (int i = 0; i < 7; i++)
        CHECK(!change_equal(&one, &others[i]));
    CHECK(!change_is_among(&one, others, 7));
    struct change other = one;
    CHECK(change_equal(&one, &other));
    other.neighbor = 1;
    CHECK(!change_equal(&one, &other));
    CHECK(change_is_among(&others[5], others, 6));
}

int main(void)
{
    TEST(the_guard_holds);
    TEST(a_prefix_is_not_announced_there);
    TEST(a_host_route_replaces_one_that_leads_elsewhere);
    TEST(a_host_route_keeps_the_default_that_nobody_wrote);
    TEST(a_host_route_may_name_the_interface);
    TEST(a_neighbor_is_refused_a_prefix);
    TEST(an_announcer_stops_now_and_in_the_story);
    TEST(static_routes_of_a_connection_and_of_a_router_go);
    TEST(an_entry_of_a_route_table_goes);
    TEST(a_gateway_propagates_into_a_table);
    TEST(a_router_and_its_customer_gateways_change_their_number);
    TEST(its_own_number_is_let_in_no_more);
    TEST(a_router_announces_one_more);
    TEST(a_route_changes_its_tunnel);
    TEST(a_gateway_or_a_customer_gateway_changes_its_number);
    TEST(a_connection_speaks_bgp_or_gets_a_route);
    TEST(many_prefixes_become_few);
    TEST(changes_are_told_apart);
    return harness_done();
}
