#include "network/edit.h"

#include "network/probe.h"
#include "tests/harness.h"

static const struct prefix everything = {0, 0};

/* After an edit the network still formats to what parses to it. */
static char *sound_format(const struct network *network)
{
    char *text = probe_format(network);
    struct network *again = probe_parse(text);
    CHECK(again && network_equal(network, again));
    network_free(again);
    return text;
}

static void check_says(const struct network *network, const char *line)
{
    char *text = sound_format(network);
    CHECK(strstr(text, line) != NULL);
    free(text);
}

static void check_silent(const struct network *network, const char *line)
{
    char *text = sound_format(network);
    CHECK(strstr(text, line) == NULL);
    free(text);
}

static struct network *sound_copy(void)
{
    struct network *network = probe_parse(probe_sound);
    struct network *copy = network ? network_copy(network) : calloc(1, sizeof *network);
    CHECK(network != NULL);
    network_free(network);
    return copy;
}

static void a_route_is_added_and_removed(void)
{
    struct network *network = sound_copy();
    struct network_route route = network_static_route((struct prefix){0xcb0071e1, 32}, 0x0a140001);
    network_add_route(network, 0, &route);
    check_says(network, "{prefix: 203.0.113.225/32, via: 10.20.0.1}");
    CHECK(network_remove_route(network, 0, everything));
    CHECK(!network_remove_route(network, 0, everything));
    check_silent(network, "from: dhcp");
    network_add_route(network, 1, &route); /* its routes were not known */
    check_says(network,
               "- id: dx-edge\n    routes: [{prefix: 203.0.113.225/32, via: 10.20.0.1}]\n");
    network_free(network);
}

static void a_rule_goes_in_front(void)
{
    struct network *network = sound_copy();
    struct network_rule rule = network_deny(everything, 0x0a140001);
    rule.neighbor = 0;
    struct network_ref ref = network_find(network, "vyatta");
    struct network_filter *filter = network_filter_of(network, ref, NETWORK_IMPORT);
    CHECK(filter == &network->routers[0].bgp->import);
    CHECK(network_filter_permits(filter, 1, everything));
    network_add_rule(filter, &rule);
    CHECK(!network_filter_permits(filter, 1, everything));
    rule.action = NETWORK_PERMIT;
    network_add_rule(filter, &rule);
    CHECK(network_filter_permits(filter, 1, everything));
    check_says(network, "import: [{permit: 0.0.0.0/0}, {deny: 0.0.0.0/0}]");
    ref = network_find(network, "vpn-vyatta");
    CHECK(network_filter_of(network, ref, NETWORK_EXPORT) == &network->vpn_connections[0].export);
    ref = network_find(network, "dxvif-1");
    CHECK(network_filter_of(network, ref, NETWORK_IMPORT) == &network->direct_connects[0].import);
    ref = network_find(network, "vpc-main");
    CHECK(network_filter_of(network, ref, NETWORK_IMPORT) == NULL);
    network_free(network);
}

static void the_guard_is_set(void)
{
    struct network *network = sound_copy();
    network_set_guard(network, 0, NETWORK_GUARD_HOLD);
    check_says(network, "guard: hold");
    network_set_guard(network, 0, NETWORK_GUARD_UNSAID);
    check_silent(network, "guard");
    network_free(network);
}

static void an_announcement_is_gone_from_the_story_too(void)
{
    struct network *network = sound_copy();
    CHECK(network_remove_announcement(network, 1, everything));
    CHECK_EQUAL((int64_t)network->step_count, 1);
    check_silent(network, "0.0.0.0/0}}");
    CHECK(!network_remove_announcement(network, 1, everything));
    CHECK(network_remove_announcement(network, 1, (struct prefix){0x0a1e0000, 16}));
    check_says(network, "{asn: 65001, announce: []}");
    CHECK(!network_remove_announcement(network, 0, everything));
    network_free(network);
}

static void a_vpc_route_comes_and_goes(void)
{
    struct network *network = sound_copy();
    struct network_ref peering = network_add_peering(network, "pcx-2", 1, 0);
    CHECK_EQUAL(peering.index, 1);
    network_add_vpc_route(network, 0, 0, (struct prefix){0x0a140000, 16}, peering);
    char *text = probe_format(network);
    CHECK(strstr(text, "{id: pcx-2, requester: vpc-branch, accepter: vpc-main}") != NULL);
    CHECK(strstr(text, "routes: [{prefix: 10.20.0.0/16, target: pcx-2}]") != NULL);
    free(text);
    CHECK(network_remove_vpc_route(network, 0, 0, (struct prefix){0x0a140000, 16}));
    CHECK(!network_remove_vpc_route(network, 0, 0, (struct prefix){0x0a140000, 16}));
    network_free(network);
}

static void a_gateway_propagates_into_a_table(void)
{
    struct network *network = sound_copy();
    size_t before = network->vpcs[0].route_tables[0].propagate_count;
    network_add_propagation(network, 0, 0, 0);
    const struct network_route_table *table = &network->vpcs[0].route_tables[0];
    CHECK_EQUAL((int64_t)table->propagate_count, (int64_t)before + 1);
    CHECK_TEXT(table->propagate[before].id, network->vpn_gateways[0].id);
    CHECK_EQUAL(table->propagate[before].kind, NETWORK_VPN_GATEWAY);
    CHECK_EQUAL(table->propagate[before].index, 0);
    network_free(network);
}

static void an_announcement_more(void)
{
    struct network *network = sound_copy();
    network_add_announcement(network, 0, (struct prefix){0x0a150000, 16});
    check_says(network, "announce: [10.20.0.0/16, 10.21.0.0/16]");
    network_free(network);
}

static void a_route_leads_into_the_other_tunnel(void)
{
    static const struct prefix prefix = {0x0a0a0000, 16};
    char *text = probe_replace(probe_sound, "via: 10.20.0.1, from: dhcp}",
                               "via: 10.20.0.1, from: dhcp}, {prefix: 10.10.0.0/16, tunnel:"
                               " vpn-vyatta/1}");
    struct network *network = probe_parse(text);
    CHECK(network_route_into(network, 0, prefix, 0, 1));
    check_says(network, "{prefix: 10.10.0.0/16, tunnel: vpn-vyatta/2}");
    CHECK(!network_route_into(network, 0, everything, 0, 1));
    network_free(network);
    free(text);
}

static void a_connection_is_static_or_speaks_bgp(void)
{
    struct network *network = sound_copy();
    network_add_static(network, 0, (struct prefix){0x0a140000, 16});
    network_add_static(network, 0, (struct prefix){0x0a150000, 16});
    check_says(network, "static_routes: [10.20.0.0/16, 10.21.0.0/16]");
    network_speak_bgp(network, 0);
    check_silent(network, "static_routes");
    network_free(network);
}

/* What the router says of it as of a neighbor goes with it; what it says of others stays. */
static void a_connection_goes_with_what_is_said_of_it(void)
{
    char *policed =
        probe_replace(probe_sound, "announce: [10.20.0.0/16]}",
                      "announce: [10.20.0.0/16],\n"
                      "      neighbors: [{address: 169.254.252.30, accept: [10.10.0.0/16]}],\n"
                      "      import: [{deny: 0.0.0.0/0, neighbor: 169.254.252.33}, {deny: "
                      "10.99.0.0/16}]}");
    char *text =
        probe_replace(policed, "until: 10m\n",
                      "  - {at: 300s, configure: {router: vyatta, on_import: {}, neighbor: "
                      "169.254.252.30}}\n"
                      "  - {at: 310s, configure: {router: vyatta, export: [{deny: 0.0.0.0/0, "
                      "neighbor: 169.254.252.33}]}}\n"
                      "  - {at: 320s, restart: {tunnel: vpn-vyatta/1}}\nuntil: 10m\n");
    struct network *network = probe_parse(text);
    CHECK(network != NULL);
    CHECK_EQUAL((int64_t)network->step_count, 5);
    network_remove_connection(network, 0);
    CHECK_EQUAL((int64_t)network->step_count, 3);
    CHECK_EQUAL((int64_t)network->routers[0].bgp->neighbor_count, 0);
    CHECK_EQUAL((int64_t)network->routers[0].bgp->import.rule_count, 1);
    check_says(network, "import: [{deny: 10.99.0.0/16}]");
    check_silent(network, "169.254.252.");
    network_free(network);
    free(policed);
    free(text);
}

int main(void)
{
    TEST(a_route_is_added_and_removed);
    TEST(a_rule_goes_in_front);
    TEST(the_guard_is_set);
    TEST(an_announcement_is_gone_from_the_story_too);
    TEST(a_vpc_route_comes_and_goes);
    TEST(a_gateway_propagates_into_a_table);
    TEST(an_announcement_more);
    TEST(a_route_leads_into_the_other_tunnel);
    TEST(a_connection_is_static_or_speaks_bgp);
    TEST(a_connection_goes_with_what_is_said_of_it);
    return harness_done();
}
