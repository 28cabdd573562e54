/* Networks that look like the trap and are none (traps.md, counter-examples of group A): no tunnel
 * is ever swallowed. Each is also run without what saves it, and then it is: otherwise its holding
 * would prove nothing. */
#include "tests/harness.h"

#include "network/build.h"
#include "sim/sim.h"

#include <stdlib.h>

enum { SECOND_US = 1000000 };

/* A site with two tunnels to a gateway of AWS, at whose Direct Connect something is announced. */
struct site {
    const char *address; /* its own; the provider is the first host of its /24 */
    const char *routes;  /* lines of its table */
    const char *rest;    /* further lines of the router; "" for none */
    const char *bgp;     /* further members of its bgp; "" for none */
    unsigned far_asn;    /* of the Direct Connect's router */
    const char *prefix;  /* which that announces at 60 s */
};

/* What came of it. */
struct outcome {
    bool swallowed, lost, up; /* any tunnel ever, any tunnel ever, all at the end */
    bool taken;               /* the announced prefix leads into a tunnel at 65 s */
    bool refused;             /* the site has refused it */
};

static struct network *network_of(const struct site *site)
{
    char text[2048];
    int size = snprintf(
        text, sizeof text,
        "vpn_gateways: [{id: vgw, asn: 10124}]\n"
        "customer_gateways: [{id: cgw, address: %s, router: site}]\n"
        "vpn_connections:\n"
        "  - id: vpn\n"
        "    vpn_gateway: vgw\n"
        "    customer_gateway: cgw\n"
        "    tunnels:\n"
        "      - {outside: 203.0.113.225, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}}\n"
        "      - {outside: 203.0.113.226, inside: {vgw: 169.254.10.5, cgw: 169.254.10.6}}\n"
        "direct_connects:\n"
        "  - {id: dx, vpn_gateway: vgw, router: edge, internet_exit: true,\n"
        "     inside: {vgw: 169.254.100.1, peer: 169.254.100.2}}\n"
        "routers:\n"
        "  - id: site\n"
        "    platform: vyos\n"
        "    routes: [%s]\n"
        "%s"
        "    bgp: {asn: 65000, announce: [10.20.0.0/16]%s}\n"
        "  - {id: edge, bgp: {asn: %u}}\n"
        "story: [{at: 60s, announce: {router: edge, prefix: %s}}]\n",
        site->address, site->routes, site->rest, site->bgp, site->far_asn, site->prefix);
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    if (!network_parse((struct slice){(const uint8_t *)text, (size_t)size}, "site", &diagnostics,
                       &network))
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
    diagnostics_done(&diagnostics);
    return network;
}

static void see_moments(const struct sim *sim, int site, struct outcome *outcome)
{
    size_t count;
    const struct moment *moments = sim_moments(sim, &count);
    for (size_t i = 0; i < count; i++) {
        enum moment_kind kind = moments[i].kind;
        outcome->swallowed |= kind == MOMENT_SWALLOWED;
        outcome->lost |= kind == MOMENT_IKE_GIVEN_UP || kind == MOMENT_SESSION_DOWN;
        outcome->refused |= kind == MOMENT_REFUSED && moments[i].node == site;
    }
}

static struct outcome run(const struct site *site)
{
    struct outcome outcome = {.up = true};
    struct network *network = network_of(site);
    CHECK(network != NULL);
    if (!network)
        return outcome;
    struct world *world = network_build(network);
    struct sim *sim =
        sim_create(world, network, &(struct sim_options){.seed = 1, .no_phase = true});
    int node = world_find_node(world, "site");
    sim_run(sim, 65ll * SECOND_US);
    const struct node *at = &world->nodes[node];
    const struct kernel_entry *entry =
        kernel_exact(&at->kernel, network->story[0].announcement.prefix);
    outcome.taken = entry && at->ports[entry->port].kind == PORT_TUNNEL;
    sim_run_story(sim);
    see_moments(sim, node, &outcome);
    for (size_t i = 0; i < world->tunnel_count; i++)
        outcome.up &= sim_tunnel_up(sim, (int)i);
    sim_destroy(sim);
    world_destroy(world);
    network_free(network);
    return outcome;
}

/* Once as it is, once without what saves it. taken: the prefix is in the table all the same. */
static void check_holds(const struct site *site, bool taken, const struct site *unsaved)
{
    struct outcome outcome = run(site);
    CHECK(!outcome.swallowed);
    CHECK(!outcome.lost);
    CHECK(outcome.up);
    CHECK_EQUAL(outcome.taken, taken);
    outcome = run(unsaved);
    CHECK(outcome.swallowed);
    CHECK(outcome.lost);
    CHECK(!outcome.up);
}

#define DHCP_DEFAULT   "{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}"
#define STATIC_DEFAULT "{prefix: 0.0.0.0/0, via: 198.51.100.1}"
#define PINS                                                                                       \
    ", {prefix: 203.0.113.225/32, via: 198.51.100.1}"                                              \
    ", {prefix: 203.0.113.226/32, via: 198.51.100.1}"

static const struct site incident = {.address = "198.51.100.10",
                                     .routes = DHCP_DEFAULT,
                                     .rest = "",
                                     .bgp = "",
                                     .far_asn = 65001,
                                     .prefix = "0.0.0.0/0"};

static void a_wanted_default_with_protected_endpoints_holds(void)
{
    struct site site = incident;
    site.routes = DHCP_DEFAULT PINS;
    check_holds(&site, true, &incident);
}

static void an_outer_interface_in_a_vrf_holds(void)
{
    struct site site = incident;
    site.rest = "    outer_vrf: true\n";
    check_holds(&site, true, &incident);
}

static void a_default_refused_on_import_holds(void)
{
    struct site site = incident;
    site.bgp = ", import: [{deny: 0.0.0.0/0}]";
    check_holds(&site, false, &incident);
    CHECK(run(&site).refused);
    CHECK(!run(&incident).refused);
}

/* Latent: it is saved until the sites' ASNs are made unique (T24). */
static void a_default_that_the_own_as_keeps_out_holds(void)
{
    struct site site = incident;
    site.far_asn = 65000;
    check_holds(&site, false, &incident);
    CHECK(run(&site).refused);
    struct site let_in = site;
    let_in.bgp = ", allowas_in: 1"; /* T26 */
    check_holds(&site, false, &let_in);
}

/* The endpoints lie on the site's own link. */
static void a_covering_prefix_loses_to_a_connected_one(void)
{
    struct site site = incident;
    site.address = "203.0.113.10";
    site.routes = "{prefix: 0.0.0.0/0, via: 203.0.113.1}";
    site.prefix = "203.0.0.0/8";
    struct site elsewhere = incident;
    elsewhere.routes = STATIC_DEFAULT;
    elsewhere.prefix = site.prefix;
    check_holds(&site, true, &elsewhere);
}

static void a_covering_prefix_loses_to_the_providers_longer_one(void)
{
    struct site site = incident;
    site.routes = STATIC_DEFAULT ", {prefix: 203.0.113.0/24, via: 198.51.100.1}";
    site.prefix = "203.0.0.0/8";
    struct site without = site;
    without.routes = STATIC_DEFAULT;
    check_holds(&site, true, &without);
    struct site wider = site; /* not longer: /7 */
    wider.routes = STATIC_DEFAULT ", {prefix: 202.0.0.0/7, via: 198.51.100.1}";
    check_holds(&site, true, &wider);
}

/* The provider says it by BGP; then its /24 is as good as a configured one. */
static void a_covering_prefix_loses_to_a_longer_one_by_bgp(void)
{
    struct site site = incident;
    site.routes = "";
    site.rest = "    underlay: {asn: 64701, announce: [0.0.0.0/0, 203.0.113.0/24]}\n";
    site.bgp = ", export: [{permit: 10.20.0.0/16}]";
    site.prefix = "203.0.0.0/8";
    struct site without = site;
    without.rest = "    underlay: {asn: 64701, announce: [0.0.0.0/0]}\n";
    check_holds(&site, true, &without);
}

int main(void)
{
    TEST(a_wanted_default_with_protected_endpoints_holds);
    TEST(an_outer_interface_in_a_vrf_holds);
    TEST(a_default_refused_on_import_holds);
    TEST(a_default_that_the_own_as_keeps_out_holds);
    TEST(a_covering_prefix_loses_to_a_connected_one);
    TEST(a_covering_prefix_loses_to_the_providers_longer_one);
    TEST(a_covering_prefix_loses_to_a_longer_one_by_bgp);
    return harness_done();
}
