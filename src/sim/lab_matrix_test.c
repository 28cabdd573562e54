/* Which customer gateways are hit when a default arrives by BGP: the table that was measured with
 * FRR 8.4.4 and BIRD 2.0.12 in network namespaces, row by row, from the network file to the end of
 * the story. The router's table is looked at while the announced default is in it; what stands
 * there is what `show ip route` and the kernel's table said. */
#include "tests/harness.h"

#include "network/build.h"
#include "sim/sim.h"

#include <stdlib.h>

enum { SECOND_US = 1000000 };

struct row {
    const char *platform;
    const char *own; /* the router's own default, in the file's words */
    /* the table afterwards: the chosen line, and the one behind it */
    struct line {
        enum route_source source;
        uint8_t distance;
        uint32_t metric;
    } chosen, behind;
    bool hit;
};

/* (210 << 24) + 1, as VyOS writes a DHCP default of distance 210 into the kernel. */
#define METRIC_OF_VYOS "3523215361"

static const struct row rows[] = {
    {"frr", "from: kernel, metric: 0", {ROUTE_KERNEL, 0, 0}, {ROUTE_EBGP, 20, 0}, false},
    {"frr", "from: kernel, metric: 1024", {ROUTE_KERNEL, 0, 1024}, {ROUTE_EBGP, 20, 0}, false},
    {"frr",
     "from: kernel, metric: " METRIC_OF_VYOS,
     {ROUTE_EBGP, 20, 0},
     {ROUTE_KERNEL, 210, 1},
     true},
    {"frr", "distance: 1", {ROUTE_STATIC, 1, 0}, {ROUTE_EBGP, 20, 0}, false},
    {"frr", "distance: 210", {ROUTE_EBGP, 20, 0}, {ROUTE_STATIC, 210, 0}, true},
    {"bird", "from: kernel, metric: 0", {ROUTE_KERNEL, 0, 0}, {ROUTE_EBGP, 155, 32}, false},
    {"bird", "from: kernel, metric: 1024", {ROUTE_EBGP, 155, 32}, {ROUTE_KERNEL, 0, 1024}, true},
};

static struct network *parsed(const char *text)
{
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    if (!network_parse((struct slice){(const uint8_t *)text, strlen(text)}, "row", &diagnostics,
                       &network))
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
    diagnostics_done(&diagnostics);
    return network;
}

static struct network *network_of(const struct row *row)
{
    char text[2048];
    snprintf(text, sizeof text,
             "vpn_gateways: [{id: vgw, asn: 10124}]\n"
             "customer_gateways: [{id: cgw, address: 198.51.100.10, router: customer}]\n"
             "vpn_connections:\n"
             "  - id: vpn\n"
             "    vpn_gateway: vgw\n"
             "    customer_gateway: cgw\n"
             "    tunnels: [{outside: 203.0.113.225,\n"
             "               inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}]\n"
             "direct_connects:\n"
             "  - {id: dx, vpn_gateway: vgw, router: edge,\n"
             "     inside: {vgw: 169.254.100.1, peer: 169.254.100.2}}\n"
             "routers:\n"
             "  - id: customer\n"
             "    platform: %s\n"
             "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, %s}]\n"
             "    bgp: {asn: 65000, announce: [10.20.0.0/16]}\n"
             "  - {id: edge, bgp: {asn: 65001}}\n"
             "story: [{at: 60s, announce: {router: edge, prefix: 0.0.0.0/0}}]\n",
             row->platform, row->own);
    return parsed(text);
}

static void check_line(const struct table *table, uint32_t index, const struct line *expected)
{
    struct table_candidate candidate = {.reason = TABLE_REASON_COUNT};
    CHECK(table_candidate(table, (struct prefix){0, 0}, index, &candidate));
    CHECK_EQUAL(candidate.route.source, expected->source);
    CHECK_EQUAL(candidate.route.distance, expected->distance);
    CHECK_EQUAL(candidate.route.metric, expected->metric);
    CHECK((candidate.reason == TABLE_CHOSEN) == (index == 0));
}

static void check_row(const struct row *row)
{
    struct network *network = network_of(row);
    CHECK(network != NULL);
    if (!network)
        return;
    struct world *world = network_build(network);
    struct sim *sim =
        sim_create(world, network, &(struct sim_options){.seed = 1, .no_phase = true});
    const struct node *customer = &world->nodes[world_find_node(world, "customer")];
    sim_run(sim, 65ll * SECOND_US); /* the default is in the table, nobody has given up yet */
    check_line(engine_table(customer->engine), 0, &row->chosen);
    check_line(engine_table(customer->engine), 1, &row->behind);
    const struct kernel_entry *entry = kernel_exact(&customer->kernel, (struct prefix){0, 0});
    CHECK(entry && entry->source == row->chosen.source);
    CHECK_EQUAL(sim_swallowed_us(sim, 0) >= 0, row->hit);
    CHECK_EQUAL(sim_run_story(sim), row->hit ? SIM_REPEATS : SIM_SETTLED);
    CHECK_EQUAL(sim_period_us(sim, 0) > 0, row->hit);
    CHECK_EQUAL(sim_tunnel_up(sim, 0), !row->hit);
    CHECK_EQUAL(sim_swallowed_us(sim, 0) >= 0, row->hit);
    sim_destroy(sim);
    world_destroy(world);
    network_free(network);
}

static void frr_kernel_default_of_metric_0_is_not_hit(void)
{
    check_row(&rows[0]);
}

static void frr_kernel_default_of_metric_1024_is_not_hit(void)
{
    check_row(&rows[1]);
}

static void frr_kernel_default_of_distance_210_is_hit(void)
{
    check_row(&rows[2]);
}

static void frr_static_default_of_distance_1_is_not_hit(void)
{
    check_row(&rows[3]);
}

static void frr_static_default_of_distance_210_is_hit(void)
{
    check_row(&rows[4]);
}

static void bird_default_of_metric_0_is_not_hit(void)
{
    check_row(&rows[5]);
}

static void bird_default_of_metric_1024_is_hit(void)
{
    check_row(&rows[6]);
}

/* A router by BIRD: has the gateway heard of its network when its first session swallows the
 * tunnel? The gateway tells it of a default as soon as the session is up. */
static void check_heard(const char *latency, bool heard)
{
    char text[1024];
    snprintf(text, sizeof text,
             "vpn_gateways: [{id: vgw, asn: 10124, platform: sekisho}]\n"
             "customer_gateways: [{id: cgw, address: 198.51.100.10, router: customer}]\n"
             "vpn_connections:\n"
             "  - {id: vpn, vpn_gateway: vgw, customer_gateway: cgw, guard: warn,\n"
             "     tunnels: [{outside: 203.0.113.225,\n"
             "                inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}]}\n"
             "direct_connects:\n"
             "  - {id: dx, vpn_gateway: vgw, router: edge,\n"
             "     inside: {vgw: 169.254.100.1, peer: 169.254.100.2}}\n"
             "routers:\n"
             "  - {id: edge, platform: sekisho, bgp: {asn: 65001, announce: [0.0.0.0/0]}}\n"
             "  - id: customer\n"
             "    platform: bird\n"
             "    routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: kernel, metric: 1024}]\n"
             "    bgp: {asn: 65000, announce: [10.20.0.0/16]}\n"
             "    latency: {%s}\n",
             latency);
    struct network *network = parsed(text);
    CHECK(network != NULL);
    if (!network)
        return;
    struct world *world = network_build(network);
    struct sim *sim =
        sim_create(world, network, &(struct sim_options){.seed = 1, .no_phase = true});
    const struct node *gateway = &world->nodes[world_find_node(world, "vgw")];
    sim_run(sim, 20ll * SECOND_US);
    CHECK(sim_swallowed_us(sim, 0) >= 0);
    struct table_candidate candidate;
    struct prefix lan = {0x0a140000u, 16};
    CHECK_EQUAL(table_candidate(engine_table(gateway->engine), lan, 0, &candidate), heard);
    sim_destroy(sim);
    world_destroy(world);
    network_free(network);
}

/* platform.c: its first UPDATE sleeps until it is woken, here by what swallows the tunnel. */
static void bird_is_swallowed_before_it_has_said_anything(void)
{
    check_heard("rib_to_fib: 0ms", false);
    check_heard("first_update: 0ms", true);
}

int main(void)
{
    TEST(frr_kernel_default_of_metric_0_is_not_hit);
    TEST(frr_kernel_default_of_metric_1024_is_not_hit);
    TEST(frr_kernel_default_of_distance_210_is_hit);
    TEST(frr_static_default_of_distance_1_is_not_hit);
    TEST(frr_static_default_of_distance_210_is_hit);
    TEST(bird_default_of_metric_0_is_not_hit);
    TEST(bird_default_of_metric_1024_is_hit);
    TEST(bird_is_swallowed_before_it_has_said_anything);
    return harness_done();
}
