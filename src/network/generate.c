#include "network/generate.h"

#include "network/generate_filter.h"
#include "network/generate_plan.h"
#include "network/generate_policy.h"
#include "network/generate_six.h"

#include <assert.h>
#include <stdlib.h>

const struct generate_shape generate_usual = {.gateways = 3,
                                              .sites = 6,
                                              .connections = 3,
                                              .direct_connects = 2,
                                              .steps = 3,
                                              .danger_percent = 25,
                                              .six_percent = 25};

/* One draw a statement: the order of several in one call is the compiler's. */

/* -- deciding -- */

static void plan_site(struct plan *plan, unsigned index, bool same_asn)
{
    struct site *site = &plan->sites[index];
    site->place = chance(plan, 25) ? PLACE_INSTANCE : chance(plan, 15) ? PLACE_NAT : PLACE_INTERNET;
    site->platform = PICK(plan, "vyatta", "vyos", "frr", "bird", "unknown", "cisco-ios", "junos");
    site->asn = same_asn ? 65000 : 65001 + index;
    site->underlay = (enum underlay)below(plan, UNDERLAYS);
    if (site->place == PLACE_INSTANCE && site->underlay >= UNDERLAY_EBGP_SHORT)
        site->underlay = UNDERLAY_DHCP_WRITTEN; /* a VPC speaks no BGP */
    site->pins = chance(plan, 40) ? (enum pins)below(plan, PINS) : PINS_NONE;
    site->vrf = chance(plan, 10);
}

/* Now and then the /30 of the connection before, which is another gateway's (trap T39). */
static void reuse_inside(struct plan *plan, struct connection_plan *connection)
{
    const struct connection_plan *before = connection - 1;
    if (plan->connection_count % 2 && before->gateway != connection->gateway && chance(plan, 15))
        connection->tunnels[0].inside = before->tunnels[0].inside;
}

static void plan_connection(struct plan *plan, unsigned site)
{
    struct connection_plan *connection = &plan->connections[plan->connection_count];
    connection->site = site;
    connection->gateway = below(plan, plan->gateway_count);
    connection->tunnel_count = one_to(plan, 2);
    connection->is_static = chance(plan, 12);
    for (unsigned i = 0; i < connection->tunnel_count; i++) {
        unsigned number = plan->connection_count * 2 + i;
        connection->tunnels[i] = (struct tunnel_plan){.outside = number, .inside = number};
    }
    if (connection->tunnel_count == 2 && chance(plan, 30)) { /* the first is the higher address */
        connection->tunnels[0].outside++;
        connection->tunnels[1].outside--;
    }
    reuse_inside(plan, connection);
    plan->connection_count++;
}

static void plan_all(struct plan *plan)
{
    const struct generate_shape *shape = plan->shape;
    plan->gateway_count = one_to(plan, shape->gateways);
    plan->site_count = one_to(plan, shape->sites);
    plan->direct_connect_count = below(plan, shape->direct_connects + 1);
    for (unsigned i = 0; i < plan->gateway_count; i++) {
        plan->gateways[i].vpc = chance(plan, 80);
        plan->gateways[i].aws = chance(plan, 50);
    }
    bool same_asn = chance(plan, 25);
    for (unsigned i = 0; i < plan->site_count; i++)
        plan_site(plan, i, same_asn);
    for (unsigned i = 0; i < plan->site_count; i++) {
        for (unsigned n = one_to(plan, shape->connections); n > 0; n--)
            plan_connection(plan, i);
    }
    if (plan->gateway_count > 1 && plan->gateways[0].vpc && plan->gateways[1].vpc &&
        chance(plan, 40))
        plan->peered = true;
}

/* -- addresses -- */

/* Outside addresses lie in four /24 of one /8; /30s begin at 169.254.8.0. */
static void say_outside(struct plan *plan, unsigned index)
{
    SAY(plan, "203.0.%u.%u", 110 + index % 4, 1 + index / 4);
}

static void say_inside(struct plan *plan, unsigned index, unsigned host)
{
    SAY(plan, "169.254.%u.%u", 8 + index / 64, index % 64 * 4 + host);
}

static void say_site_net(struct plan *plan, unsigned site)
{
    SAY(plan, "10.%u.0.0/16", 100 + site);
}

/* -- VPCs -- */

static void say_gateway_vpc(struct plan *plan, unsigned index)
{
    unsigned net = 10 + index;
    char name[16];
    snprintf(name, sizeof name, "%u", index);
    SAY(plan, "  - id: vpc-%u\n    cidrs: [10.%u.0.0/16", index, net);
    if (chance(plan, 10))
        SAY(plan, ", 172.%u.0.0/16", 16 + index);
    if (chance(plan, 5) && !(plan->peered && index < 2)) /* who overlaps cannot be peered */
        SAY(plan, ", 10.%u.0.0/16", 100 + below(plan, plan->site_count));
    six_vpc_cidr(plan, index);
    SAY(plan, "]\n");
    SAY(plan, "    route_tables:\n      - id: rtb-%u\n", index);
    if (!chance(plan, 10))
        SAY(plan, "        propagate: [vgw-%u]\n", index);
    SAY(plan, "        routes: [");
    const char *separator = "";
    if (chance(plan, 20)) {
        SAY(plan, "{prefix: 0.0.0.0/0, target: vgw-%u}", index);
        separator = ", ";
    }
    unsigned other = below(plan, 4); /* what stands before a site's propagated prefix */
    if (other < 2 && chance(plan, 40)) {
        SAY(plan, "%s{prefix: 10.100.0.0/16, target: ", separator);
        if (other == 0)
            SAY(plan, "blackhole}");
        else
            SAY(plan, "i-%u}", index);
        separator = ", ";
    }
    if (plan->peered && index < 2) {
        SAY(plan, "%s{prefix: 10.%u.0.0/16, target: pcx}", separator, 10 + !index);
        separator = ", ";
    }
    if (plan->peered && index < 2 && chance(plan, 30)) /* behind the peer: not transitive */
        SAY(plan, ", {prefix: 10.%u.0.0/16, target: pcx}", 101);
    six_vpc_routes(plan, index, separator);
    SAY(plan, "]\n");
    if (chance(plan, 30))
        SAY(plan, "      - {id: rtb-plain-%u}\n", index);
    filter_vpc(plan, name);
    SAY(plan, "    subnets: [{id: subnet-%u, cidr: 10.%u.1.0/24", index, net);
    six_vpc_subnet(plan, index);
    filter_subnet(plan, name);
    SAY(plan, "}]\n    instances: [{id: i-%u, subnet: subnet-%u, address: 10.%u.1.10", index, index,
        net);
    six_vpc_instance(plan, index);
    filter_instance(plan, name, ", ");
    SAY(plan, "}]\n");
}

static void say_site_vpc(struct plan *plan, unsigned site)
{
    unsigned net = 100 + site;
    char name[16];
    snprintf(name, sizeof name, "site-%u", site);
    SAY(plan, "  - id: vpc-site-%u\n    cidrs: [10.%u.0.0/16", site, net);
    six_site_cidr(plan, site, "", 56);
    SAY(plan, "]\n    internet_gateway: igw-%u\n    route_tables:\n", site);
    SAY(plan, "      - id: rtb-site-%u\n        routes:\n", site);
    for (unsigned i = 0; i < plan->gateway_count; i++)
        SAY(plan, "          - {prefix: 10.%u.0.0/16, target: i-site-%u}\n", 10 + i, site);
    six_site_vpc_routes(plan, site);
    SAY(plan, "          - {prefix: 0.0.0.0/0, target: igw-%u}\n", site);
    filter_vpc(plan, name);
    SAY(plan, "    subnets: [{id: subnet-site-%u, cidr: 10.%u.0.0/24", site, net);
    six_site_cidr(plan, site, "ipv6_cidr: ", 64);
    filter_subnet(plan, name);
    SAY(plan, "}]\n    instances:\n      - id: i-site-%u\n        subnet: subnet-site-%u\n", site,
        site);
    SAY(plan, "        address: 10.%u.0.10\n        elastic_address: 198.51.%u.10", net,
        100 + site);
    six_site_address(plan, site, "\n        ", 10);
    filter_instance(plan, name, "\n        ");
    SAY(plan, "\n        source_dest_check: %s\n        router: site-%u\n",
        chance(plan, 95) ? "false" : "true", site);
    SAY(plan, "      - {id: i-host-%u, subnet: subnet-site-%u, address: 10.%u.0.20", site, site,
        net);
    six_site_address(plan, site, ", ", 20);
    filter_instance(plan, name, ", ");
    SAY(plan, "}\n");
}

static void say_vpcs(struct plan *plan)
{
    SAY(plan, "vpcs:\n");
    bool any = false;
    for (unsigned i = 0; i < plan->gateway_count; i++) {
        if (plan->gateways[i].vpc)
            say_gateway_vpc(plan, i);
        any |= plan->gateways[i].vpc;
    }
    for (unsigned i = 0; i < plan->site_count; i++) {
        if (plan->sites[i].place == PLACE_INSTANCE)
            say_site_vpc(plan, i);
        any |= plan->sites[i].place == PLACE_INSTANCE;
    }
    if (!any)
        SAY(plan, "  []\n");
    filter_lists(plan);
    if (plan->peered)
        SAY(plan, "vpc_peerings: [{id: pcx, requester: vpc-0, accepter: vpc-1}]\n");
}

/* -- gateways and connections -- */

static void say_gateways(struct plan *plan)
{
    SAY(plan, "vpn_gateways:\n");
    for (unsigned i = 0; i < plan->gateway_count; i++) {
        SAY(plan, "  - {id: vgw-%u, asn: %u, platform: %s", i, 64512 + i,
            plan->gateways[i].aws ? "aws" : "sekisho");
        if (plan->gateways[i].vpc)
            SAY(plan, ", vpc: vpc-%u", i);
        if (chance(plan, 10)) {
            SAY(plan, ", limits: {vpn_received: %u", 1 + below(plan, 4));
            SAY(plan, ", over: %s}", PICK(plan, "close", "refuse"));
        }
        SAY(plan, "}\n");
    }
    SAY(plan, "customer_gateways:\n");
    for (unsigned i = 0; i < plan->site_count; i++)
        SAY(plan, "  - {id: cgw-%u, asn: %u, address: 198.51.%u.10, router: site-%u%s}\n", i,
            plan->sites[i].asn, 100 + i, i,
            chance(plan, 15) ? ", dpd: {action: restart, interval: 11s}" : "");
}

static void say_tunnel(struct plan *plan, struct tunnel_plan *tunnel)
{
    tunnel->vgw = 1 + below(plan, 2);
    SAY(plan, "      - {outside: ");
    say_outside(plan, tunnel->outside);
    SAY(plan, ", inside: {vgw: ");
    say_inside(plan, tunnel->inside, tunnel->vgw);
    SAY(plan, ", cgw: ");
    say_inside(plan, tunnel->inside, 3 - tunnel->vgw);
    SAY(plan, "}");
    six_inside(plan, tunnel);
    SAY(plan, "}\n");
}

static void say_timers(struct plan *plan, bool aws)
{
    bool fast = plan->shape->fast || chance(plan, 30);
    if (fast)
        SAY(plan, "    bgp: {keepalive: 3s, hold: 9s, connect_retry: 3s}\n");
    if (fast && !aws)
        SAY(plan, "    dpd: {delay: 3s, interval: 3s}\n");
    else if (chance(plan, 15))
        SAY(plan, "    dpd: {delay: 10s, retries: 4, interval: 8s}\n");
}

static void say_connection(struct plan *plan, unsigned index)
{
    struct connection_plan *connection = &plan->connections[index];
    bool aws = plan->gateways[connection->gateway].aws;
    SAY(plan, "  - id: vpn-%u\n    vpn_gateway: vgw-%u\n    customer_gateway: cgw-%u\n", index,
        connection->gateway, connection->site);
    if (!aws && chance(plan, 60))
        SAY(plan, "    guard: %s\n", PICK(plan, "hold", "warn", "carve", "refuse"));
    SAY(plan, "    tunnels:\n");
    for (unsigned i = 0; i < connection->tunnel_count; i++)
        say_tunnel(plan, &connection->tunnels[i]);
    if (connection->is_static) {
        SAY(plan, "    static_routes: [");
        say_site_net(plan, connection->site);
        SAY(plan, "%s", chance(plan, plan->shape->danger_percent) ? ", 0.0.0.0/0" : "");
        six_static_routes(plan, connection);
        SAY(plan, "]\n");
    }
    say_timers(plan, aws);
    if (chance(plan, 15))
        SAY(plan, "    startup: start\n");
    if (chance(plan, 10))
        SAY(plan, "    import: [{deny: 0.0.0.0/0}]\n");
    if (chance(plan, 10))
        SAY(plan, "    export: [{deny: 0.0.0.0/0, le: %u}]\n", below(plan, 9));
    if (chance(plan, 15)) {
        SAY(plan, "    may_announce: [10.0.0.0/8");
        six_may_announce(plan);
        SAY(plan, "]\n");
    }
    if (chance(plan, 10))
        SAY(plan, "    internet_exit: true\n");
    policy_connection(plan, connection);
}

static void say_direct_connects(struct plan *plan)
{
    if (plan->direct_connect_count > 0)
        SAY(plan, "direct_connects:\n");
    for (unsigned i = 0; i < plan->direct_connect_count; i++) {
        unsigned gateway = below(plan, plan->gateway_count);
        SAY(plan, "  - id: dxvif-%u\n    vpn_gateway: vgw-%u\n    router: dx-%u\n", i, gateway, i);
        SAY(plan, "    vlan: %u\n    inside: {vgw: 169.254.%u.1, peer: 169.254.%u.2}\n", 101 + i,
            100 + i, 100 + i);
        six_direct_connect(plan, i);
        if (plan->shape->fast)
            SAY(plan, "    bgp: {keepalive: 3s, hold: 9s, connect_retry: 3s}\n");
        if (chance(plan, 10))
            SAY(plan, "    import: [{deny: 0.0.0.0/0}]\n");
        policy_direct_connect(plan, gateway);
    }
}

/* -- routers -- */

/* What covers tunnels' endpoints, or an attachment's own public range (trap T08). The last of five
 * kinds is the default, which who has it from a provider does not originate as well. */
static void say_danger(struct plan *plan, const char *separator, unsigned site, unsigned kinds)
{
    SAY(plan, "%s", separator);
    switch (below(plan, kinds)) {
    case 0:
        SAY(plan, "0.0.0.0/1, 128.0.0.0/1");
        break;
    case 1:
        SAY(plan, "203.0.0.0/8");
        break;
    case 2:
        SAY(plan, "203.0.110.0/24");
        break;
    case 3:
        SAY(plan, "198.51.%u.0/24", 100 + site);
        break;
    default:
        SAY(plan, "0.0.0.0/0");
    }
}

static void say_bgp(struct plan *plan, unsigned index)
{
    const struct site *site = &plan->sites[index];
    SAY(plan, "    bgp:\n      asn: %u\n      announce: [", site->asn);
    if (chance(plan, 10)) {
        SAY(plan, "{prefix: ");
        say_site_net(plan, index);
        SAY(plan, ", as_path: [%u, %u]}", site->asn, site->asn);
    } else {
        say_site_net(plan, index);
    }
    if (chance(plan, plan->shape->danger_percent))
        say_danger(plan, ", ", index, site->underlay < UNDERLAY_EBGP_SHORT ? 5 : 4);
    six_announce(plan, index);
    policy_announce(plan, index);
    SAY(plan, "]\n");
    if (chance(plan, 15))
        SAY(plan, "      allowas_in: %u\n", one_to(plan, 3));
    if (chance(plan, 20))
        SAY(plan, "      announce_back: %s\n", PICK(plan, "true", "false"));
    if (chance(plan, 15) && site->underlay < UNDERLAY_EBGP_SHORT) /* or it refuses its provider */
        SAY(plan, "      import: [{deny: 0.0.0.0/0}]\n");
    if (chance(plan, 10)) {
        SAY(plan, "      export: [{permit: ");
        say_site_net(plan, index);
        SAY(plan, ", le: 24}]\n");
    } else {
        policy_rules(plan);
    }
    policy_router(plan, index);
}

/* The next hop of its uplink, as it has it. */
static void say_next_hop(struct plan *plan, unsigned index)
{
    switch (plan->sites[index].place) {
    case PLACE_INSTANCE:
        SAY(plan, "10.%u.0.1", 100 + index);
        break;
    case PLACE_NAT:
        SAY(plan, "192.168.%u.1", index);
        break;
    case PLACE_INTERNET:
    default:
        SAY(plan, "198.51.%u.1", 100 + index);
    }
}

static void say_default(struct plan *plan, unsigned index)
{
    static const char *const ways[UNDERLAYS] = {
        [UNDERLAY_DHCP_WRITTEN] = ", from: dhcp",
        [UNDERLAY_STATIC] = "",
        [UNDERLAY_FLOATING] = ", distance: 210",
        [UNDERLAY_KERNEL] = ", from: kernel",
        [UNDERLAY_KERNEL_FAR] = ", from: kernel, metric: 3523215361", /* 210 << 24 | 1 */
    };
    const char *way = ways[plan->sites[index].underlay];
    if (!way)
        return;
    SAY(plan, "      - {prefix: 0.0.0.0/0, via: ");
    say_next_hop(plan, index);
    SAY(plan, "%s}\n", way);
}

static void say_pin(struct plan *plan, unsigned index, const struct tunnel_plan *tunnel)
{
    SAY(plan, "      - {prefix: ");
    if (plan->sites[index].pins == PINS_STALE)
        SAY(plan, "203.0.%u.%u", 110 + tunnel->outside % 4, 240);
    else
        say_outside(plan, tunnel->outside);
    SAY(plan, "/32, via: ");
    if (plan->sites[index].pins == PINS_RECURSIVE)
        SAY(plan, "100.64.%u.1", index);
    else
        say_next_hop(plan, index);
    SAY(plan, "}\n");
}

/* Routes into the tunnels of static connections, and host routes for endpoints. */
static void say_tunnel_routes(struct plan *plan, unsigned index)
{
    const struct site *site = &plan->sites[index];
    unsigned most = site->pins == PINS_NONE ? 0 : site->pins == PINS_ONE ? 1 : ~0u;
    bool stale[4] = {false}; /* a prefix may stand once */
    unsigned into[GENERATE_GATEWAYS_MAX] = {0};
    for (unsigned i = 0; i < plan->connection_count; i++) {
        const struct connection_plan *connection = &plan->connections[i];
        if (connection->site != index)
            continue;
        if (connection->is_static && !into[connection->gateway]++)
            SAY(plan, "      - {prefix: 10.%u.0.0/16, tunnel: vpn-%u/1}\n",
                10 + connection->gateway, i);
        for (unsigned t = 0; t < connection->tunnel_count && most > 0; t++, most--) {
            unsigned net = connection->tunnels[t].outside % 4;
            if (site->pins == PINS_STALE && stale[net])
                continue;
            stale[net] = true;
            say_pin(plan, index, &connection->tunnels[t]);
        }
    }
}

static bool has_routes(const struct plan *plan, unsigned index)
{
    const struct site *site = &plan->sites[index];
    bool any = site->pins != PINS_NONE || six_has_routes(plan, index) ||
               (site->underlay != UNDERLAY_DHCP && site->underlay < UNDERLAY_EBGP_SHORT);
    for (unsigned i = 0; i < plan->connection_count; i++)
        any |= plan->connections[i].site == index && plan->connections[i].is_static;
    return any;
}

static void say_site(struct plan *plan, unsigned index)
{
    const struct site *site = &plan->sites[index];
    SAY(plan, "  - id: site-%u\n    platform: %s\n", index, site->platform);
    if (site->place == PLACE_NAT)
        SAY(plan, "    address: 192.168.%u.2\n", index);
    if (has_routes(plan, index)) {
        SAY(plan, "    routes:\n");
        /* a table that is given is the whole table, so DHCP's default is in it, too */
        if (site->underlay == UNDERLAY_DHCP) {
            SAY(plan, "      - {prefix: 0.0.0.0/0, via: ");
            say_next_hop(plan, index);
            SAY(plan, ", from: dhcp}\n");
        }
        say_default(plan, index);
        say_tunnel_routes(plan, index);
        six_routes(plan, index);
    }
    say_bgp(plan, index);
    if (site->vrf)
        SAY(plan, "    outer_vrf: true\n");
    if (site->underlay >= UNDERLAY_EBGP_SHORT)
        SAY(plan, "    underlay: {asn: %u, announce: [{prefix: 0.0.0.0/0%s}]}\n", 64700 + index,
            site->underlay == UNDERLAY_EBGP_LONG ? ", as_path: [64801, 64802, 64803]" : "");
}

static void say_direct_connect_router(struct plan *plan, unsigned index)
{
    SAY(plan, "  - id: dx-%u\n    platform: %s\n    bgp:\n      asn: %u\n", index,
        PICK(plan, "unknown", "unknown", "frr"), 65101 + index);
    SAY(plan, "      %s: [10.%u.0.0/16", PICK(plan, "announce", "announce", "received"),
        200 + index);
    if (chance(plan, plan->shape->danger_percent))
        say_danger(plan, ", ", 0, 5);
    six_direct_connect_announce(plan, index);
    SAY(plan, "]\n");
}

/* -- wanted reachability and the story -- */

static void say_wanted(struct plan *plan)
{
    SAY(plan, "wanted:\n");
    for (unsigned i = 0; i < plan->connection_count; i++) {
        const struct connection_plan *connection = &plan->connections[i];
        if (!plan->gateways[connection->gateway].vpc || !chance(plan, 30))
            continue;
        SAY(plan, "  - {from: i-%u, to: 10.%u.0.20}\n", connection->gateway,
            100 + connection->site);
        six_wanted(plan, connection);
    }
    SAY(plan, "  - {from: site-0, to: 10.100.0.20}\n");
}

static void say_step(struct plan *plan, unsigned at_s)
{
    unsigned site = below(plan, plan->site_count);
    unsigned connection = below(plan, plan->connection_count);
    SAY(plan, "  - {at: %us, ", at_s);
    if (six_step(plan, site) || policy_step(plan, site)) {
        SAY(plan, "}\n");
        return;
    }
    switch (below(plan, 8)) {
    case 0:
        SAY(plan, "restart: {router: site-%u}", site);
        break;
    case 1:
        SAY(plan, "replace: {router: site-%u}", site);
        break;
    case 2:
        SAY(plan, "%s: {tunnel: vpn-%u/1}", PICK(plan, "fail", "restore", "restart"), connection);
        break;
    case 3:
        SAY(plan, "%s: {vpn_gateway: vgw-0}", PICK(plan, "fail", "restore", "restart"));
        break;
    case 4:
        SAY(plan, "withdraw: {router: site-%u, prefix: 0.0.0.0/0}", site);
        break;
    case 5:
        SAY(plan, "configure: {router: site-%u, import: [{deny: 0.0.0.0/0}]}", site);
        break;
    case 6:
        SAY(plan, "%s: {link: site-%u}", PICK(plan, "fail", "restore"), site);
        break;
    default:
        SAY(plan, "announce: {router: site-%u, prefix: %s}", site,
            PICK(plan, "0.0.0.0/0", "128.0.0.0/1", "203.0.110.0/24"));
    }
    SAY(plan, "}\n");
}

static void say_story(struct plan *plan)
{
    unsigned steps = below(plan, plan->shape->steps + 1), at_s = 120;
    if (steps > 0)
        SAY(plan, "story:\n");
    for (; steps > 0; steps--) {
        say_step(plan, at_s);
        at_s += below(plan, 300);
    }
}

static void say_all(struct plan *plan)
{
    say_vpcs(plan);
    say_gateways(plan);
    SAY(plan, "vpn_connections:\n");
    for (unsigned i = 0; i < plan->connection_count; i++)
        say_connection(plan, i);
    say_direct_connects(plan);
    SAY(plan, "routers:\n");
    for (unsigned i = 0; i < plan->site_count; i++)
        say_site(plan, i);
    for (unsigned i = 0; i < plan->direct_connect_count; i++)
        say_direct_connect_router(plan, i);
    say_wanted(plan);
    say_story(plan);
}

struct network *network_generate(uint64_t seed, const struct generate_shape *shape)
{
    assert(shape->gateways > 0 && shape->gateways <= GENERATE_GATEWAYS_MAX);
    assert(shape->sites > 0 && shape->sites <= GENERATE_SITES_MAX);
    assert(shape->connections > 0 && shape->connections <= GENERATE_CONNECTIONS_MAX);
    assert(shape->direct_connects <= GENERATE_DIRECT_CONNECTS_MAX);
    assert(shape->steps <= GENERATE_STEPS_MAX);
    struct plan plan = {.prng = prng_seed(seed), .shape = shape};
    char *text = NULL;
    size_t size = 0;
    plan.out = open_memstream(&text, &size);
    assert(plan.out);
    plan_all(&plan);
    six_plan(&plan, seed);
    filter_plan(&plan, seed);
    policy_plan(&plan, seed);
    say_all(&plan);
    fclose(plan.out);
    struct network *network = NULL;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    bool sound = network_parse((struct slice){(const uint8_t *)text, size}, "generated",
                               &diagnostics, &network);
    if (!sound) /* a bug of the writer's above: say where */
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stderr);
    assert(sound);
    diagnostics_done(&diagnostics);
    free(text);
    return network;
}
