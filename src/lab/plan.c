#include "lab/plan.h"

#include "lab/plan_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRANSIT_LEN = 31, GATEWAY_LETTERS = 28 };
#define TRANSIT 0x64400000u /* 100.64.0.0/10, RFC 6598 */

/* -- additions -- */

/* Room for one more, zeroed; the array grows by doubling. */
static void *grown(void **array, size_t *count, size_t size)
{
    if ((*count & (*count - 1)) == 0) {
        size_t cap = *count ? *count * 2 : 1;
        *array = realloc(*array, cap * size);
        assert(*array);
    }
    void *item = (char *)*array + (*count)++ * size;
    memset(item, 0, size);
    return item;
}

#define GROWN(plan, array, count)                                                                  \
    grown((void **)&(plan)->array, &(plan)->count, sizeof *(plan)->array)

int plan_space(struct lab_plan *plan, const char *lab, int node, const char *id, bool forwards)
{
    struct lab_space *space = GROWN(plan, spaces, space_count);
    char prefix[NAME_SPACE_BYTES];
    lab_prefix(lab, prefix);
    snprintf(space->name, sizeof space->name, "%.60s%.130s", prefix, id);
    for (char *at = space->name; (at = strpbrk(at, " '/")); at++)
        *at = '-'; /* what the builder has called so: "site's provider" */
    space->node = node;
    space->forwards = forwards;
    return (int)plan->space_count - 1;
}

struct lab_link *plan_link(struct lab_plan *plan, struct lab_leg one, struct lab_leg other)
{
    struct lab_link *link = GROWN(plan, links, link_count);
    link->legs[0] = one;
    link->legs[1] = other;
    return link;
}

struct lab_site *plan_site(struct lab_plan *plan)
{
    return GROWN(plan, sites, site_count);
}

struct lab_bare *plan_bare(struct lab_plan *plan)
{
    return GROWN(plan, bares, bare_count);
}

void plan_pair(struct lab_plan *plan, int space, const char *device, ip_addr addr, ip_addr peer)
{
    plan_address(plan, space, device, addr, ip_bits(ip_is_six(addr)));
    plan->addresses[plan->address_count - 1].address.peer = peer;
}

void plan_address(struct lab_plan *plan, int space, const char *device, ip_addr addr, uint8_t len)
{
    struct lab_address *address = GROWN(plan, addresses, address_count);
    address->space = space;
    snprintf(address->device, sizeof address->device, "%s", device);
    address->address = (struct plane_address){.addr = addr, .len = len};
}

void plan_route(struct lab_plan *plan, int space, const char *device, struct plane_route route)
{
    struct lab_route *added = GROWN(plan, routes, route_count);
    added->space = space;
    snprintf(added->device, sizeof added->device, "%s", device);
    added->route = route;
}

void plan_rule(struct lab_plan *plan, int space, const char *device, uint32_t table,
               uint32_t priority)
{
    struct lab_rule *rule = GROWN(plan, rules, rule_count);
    rule->space = space;
    snprintf(rule->device, sizeof rule->device, "%s", device);
    rule->table = table;
    rule->priority = priority;
}

struct lab_nat *plan_nat(struct lab_plan *plan, int space, const char *device, ip_addr elastic,
                         ip_addr inner)
{
    struct lab_nat *nat = GROWN(plan, nats, nat_count);
    *nat = (struct lab_nat){.space = space, .elastic = elastic, .inner = inner};
    snprintf(nat->device, sizeof nat->device, "%s", device);
    return nat;
}

struct lab_leg leg_of(int space, const char *device, bool answers)
{
    struct lab_leg leg = {.space = space, .answers = answers};
    snprintf(leg.device, sizeof leg.device, "%s", device);
    return leg;
}

struct lab_leg leg_to(const struct lab_plan *plan, int space, int node, bool answers)
{
    struct lab_leg leg = {.space = space, .answers = answers};
    name_device(plan->world->nodes[node].id, leg.device);
    return leg;
}

void lab_prefix(const char *name, char out[NAME_SPACE_BYTES])
{
    snprintf(out, NAME_SPACE_BYTES, "sekisho-lab-%s-", name);
}

/* sekishod takes 64 letters. */
static const char *short_id(const char *id, char room[NAME_DEVICE_BYTES])
{
    if (strlen(id) <= GATEWAY_LETTERS)
        return id;
    name_device(id, room);
    return room;
}

void lab_gateway_name(const char *name, const char *id, char out[NAME_SPACE_BYTES])
{
    char room[NAME_DEVICE_BYTES];
    snprintf(out, NAME_SPACE_BYTES, "lab-%.24s-%s.inner", name, short_id(id, room));
}

/* -- nodes -- */

/* What lies behind it: it answers itself. Its ranges stand among its other routes, so that longer
 * ones go before them as they do in the simulated router, and in the table of local addresses, for
 * which the kernel speaks; that one is asked for single addresses alone. There is no default in it,
 * or every address were the router's own; one of IPv6 is asked for last. */
static void plan_behind(struct lab_plan *plan, int node, int space)
{
    const struct node *of = &plan->world->nodes[node];
    bool ranges = false;
    for (size_t i = 0; i < of->setup_count; i++) {
        const struct event_route *said = &of->setup[i].route;
        if (of->setup[i].kind != EVENT_ROUTE_SET || said->interface == 0 ||
            of->ports[said->interface].kind != PORT_LAN)
            continue;
        struct plane_route route = {
            .to = said->prefix, .table = LAB_LOCAL_TABLE, .kind = RTNETLINK_LOCAL_ROUTE};
        if (said->prefix.len == 0 && said->prefix.six) {
            route.table = LAB_BEHIND_TABLE;
            plan_rule(plan, space, "", LAB_BEHIND_TABLE, LAB_BEHIND_PRIORITY);
        }
        if (said->prefix.len > 0 || said->prefix.six)
            plan_route(plan, space, "lo", route);
        if (said->prefix.six)
            continue;
        route.table = 0;
        plan_route(plan, space, "lo", route);
        ranges = true;
    }
    if (!ranges)
        return;
    struct lab_rule *rule = GROWN(plan, rules, rule_count);
    *rule = (struct lab_rule){.space = space, .local_hosts = true};
}

bool lab_has_vrf(const struct node *node)
{
    return node->outer_vrf && node->platform != PLATFORM_SEKISHO;
}

/* The same route for packets that come from the VRF, where it leads out. */
static void plan_in_vrf(struct lab_plan *plan, int node, int space, struct plane_route route,
                        const char *device)
{
    if (!lab_has_vrf(&plan->world->nodes[node]))
        return;
    route.table = LAB_VRF_TABLE;
    plan_route(plan, space, device, route);
}

/* What finds nothing there must not go on to the other tables; a metric that no daemon takes. */
static void plan_vrf(struct lab_plan *plan, int space)
{
    plan->spaces[space].vrf = true;
    plan_route(plan, space, "",
               (struct plane_route){.table = LAB_VRF_TABLE,
                                    .metric = UINT32_MAX,
                                    .kind = RTNETLINK_UNREACHABLE_ROUTE});
}

static bool is_on_link(const struct node *of, ip_addr gateway)
{
    for (uint16_t i = 1; gateway && i <= of->port_count; i++) {
        const struct port *port = &of->ports[i];
        ip_addr own = ip_is_six(gateway) ? port->six : port->addr;
        uint8_t len = ip_is_six(gateway) ? port->six_len : port->len;
        if (own && prefix_contains(prefix_around(own, len), gateway))
            return true;
    }
    return gateway == 0;
}

/* What its DHCP client puts into the kernel by itself; routing daemons have the rest. One whose
 * next hop is on no link the kernel would refuse (platform_needs_link). */
static void plan_kernel_routes(struct lab_plan *plan, int node, int space)
{
    const struct node *of = &plan->world->nodes[node];
    for (size_t i = 0; i < of->setup_count; i++) {
        const struct event_route *said = &of->setup[i].route;
        if (of->setup[i].kind != EVENT_ROUTE_SET || said->source == ROUTE_CONNECTED ||
            (said->interface && of->ports[said->interface].kind != PORT_VPC &&
             of->ports[said->interface].kind != PORT_INTERNET))
            continue;
        bool kernel = said->source == ROUTE_KERNEL || of->kind == NODE_INSTANCE ||
                      (said->source == ROUTE_DHCP && of->profile->dhcp_is_kernel) ||
                      of->platform == PLATFORM_LINUX || of->platform == PLATFORM_SEKISHO;
        if (!kernel || !is_on_link(of, said->gateway))
            continue;
        struct plane_route route = {.to = said->prefix,
                                    .gateway = said->gateway,
                                    .metric = said->has_metric ? said->metric
                                                               : of->profile->metric[said->source]};
        if (said->discard)
            route.kind = RTNETLINK_BLACKHOLE_ROUTE;
        const char *device = said->interface ? of->ports[said->interface].name : "";
        plan_in_vrf(plan, node, space, route, device);
        route.onlink = lab_has_vrf(of) && said->interface && route.gateway;
        plan_route(plan, space, device, route);
    }
}

static bool is_somebodys(const struct world *world, ip_addr addr)
{
    for (size_t i = 0; i < world->node_count; i++) {
        for (uint16_t p = 1; p <= world->nodes[i].port_count; p++) {
            if (port_has(&world->nodes[i].ports[p], addr))
                return true;
        }
    }
    return false;
}

/* Next hops on the link that are nobody's are the far end's. */
static void plan_next_hops(struct lab_plan *plan, int node, const struct lab_leg *there)
{
    const struct node *of = &plan->world->nodes[node];
    const struct port *port = &of->ports[1];
    for (size_t i = 0; i < of->setup_count; i++) {
        ip_addr gateway = of->setup[i].route.gateway;
        if (of->setup[i].kind != EVENT_ROUTE_SET || gateway == 0)
            continue;
        uint8_t len = ip_is_six(gateway) ? port->six_len : port->len;
        ip_addr own = ip_is_six(gateway) ? port->six : port->addr;
        bool near = own && prefix_contains(prefix_around(own, len), gateway);
        if (near && !is_somebodys(plan->world, gateway))
            plan_address(plan, there->space, there->device, gateway, ip_bits(ip_is_six(gateway)));
    }
}

/* Each site has a link of its own, whatever range its address is said to be in. Its provider lets
 * nobody else's address out as a source (BCP 38), but does not see what goes to a neighbor on the
 * range: to_provider() and to_neighbor() in world/forward.c. */
static void plan_on_internet(struct lab_plan *plan, int node, int space)
{
    const struct port *port = &plan->world->nodes[node].ports[1];
    struct lab_leg there = leg_to(plan, plan->internet, node, true);
    struct lab_leg here = leg_of(space, port->name, false);
    there.own = port->addr;
    there.range = prefix_around(port->addr, port->len);
    here.in_vrf = lab_has_vrf(&plan->world->nodes[node]);
    plan_link(plan, here, there);
    plan_address(plan, space, port->name, port->addr, port->len);
    plan_route(plan, plan->internet, there.device,
               (struct plane_route){.to = prefix_host(port->addr)});
    plan_next_hops(plan, node, &there);
    if (plan->world->nodes[node].elastic_addr == 0)
        return;
    ip_addr elastic = plan->world->nodes[node].elastic_addr;
    plan_nat(plan, plan->internet, "", elastic, port->addr);
}

/* The instance's own end; the other one is sekishod's to take, or in the lab's own VPC. */
static void plan_in_vpc(struct lab_plan *plan, int node, int space)
{
    const struct node *of = &plan->world->nodes[node];
    const struct port *port = &of->ports[1];
    int home = world_vpc_home(plan->world, port->peer);
    int vpc = home == WORLD_NONE ? plan->space_of[port->peer] : plan->space_of[home];
    struct lab_leg there = leg_to(plan, vpc, node, home == WORLD_NONE);
    struct lab_leg here = leg_of(space, port->name, false);
    here.in_vrf = lab_has_vrf(of);
    plan_link(plan, here, there);
    plan_address(plan, space, port->name, port->addr, port->len);
    if (port->six)
        plan_address(plan, space, port->name, port->six, port->six_len);
    if (of->elastic_addr && plan->space_of[port->peer] != WORLD_NONE)
        plan_nat(plan, plan->space_of[port->peer], PLAN_IGW, of->elastic_addr, port->addr);
    if (home != WORLD_NONE)
        return;
    plan_route(plan, vpc, there.device, (struct plane_route){.to = prefix_host(port->addr)});
    plan_next_hops(plan, node, &there);
    if (port->six)
        plan_route(plan, vpc, there.device, (struct plane_route){.to = prefix_host(port->six)});
    uint16_t table = plan->world->nodes[port->peer].subnets[port->subnet].table;
    plan_rule(plan, vpc, there.device, (uint32_t)LAB_VPC_TABLE + table, LAB_VPC_PRIORITY);
}

ip_addr plan_transit_addr(int node)
{
    return TRANSIT + (ip_addr)(unsigned)node * 2;
}

ip_addr plan_transit(struct lab_plan *plan, int node, const char *device)
{
    ip_addr far = plan_transit_addr(node);
    int space = plan->space_of[node];
    struct lab_leg there = leg_to(plan, plan->internet, node, false);
    plan_link(plan, leg_of(space, device, false), there);
    plan_address(plan, plan->internet, there.device, far, TRANSIT_LEN);
    plan_address(plan, space, device, far + 1, TRANSIT_LEN);
    return far;
}

static bool is_among(ip_addr addr, ip_addr first, size_t count)
{
    return addr >= first && addr - first < count;
}

bool lab_has_address(const struct world *world, ip_addr addr)
{
    return is_among(addr, TRANSIT, 2 * world->node_count) ||
           is_among(addr, PLAN_ENDPOINTS, world->tunnel_count + 1);
}

void plan_by_transit(struct lab_plan *plan, int node, ip_addr addr)
{
    plan_route(
        plan, plan->internet, "",
        (struct plane_route){.to = prefix_host(addr), .gateway = plan_transit_addr(node) + 1});
}

/* The outer namespace: sekishod makes endpoints there, to which their outside addresses lead. */
static void plan_gateway(struct lab_plan *plan, int node)
{
    const struct world *world = plan->world;
    ip_addr far = plan_transit(plan, node, LAB_OUTER);
    plan_route(plan, plan->space_of[node], "", (struct plane_route){.gateway = far});
    for (size_t i = 0; i < world->address_count; i++) {
        const struct public_address *address = &world->addresses[i];
        if (address->node == node && address->tunnel != WORLD_NONE && !ip_is_six(address->addr))
            plan_by_transit(plan, node, address->addr);
    }
}

/* Without anything to make sekishod speaks BGP where it was started. */
static bool makes_something(const struct world *world, int gateway)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (world->tunnels[i].ends[TUNNEL_GATEWAY].node == gateway && !world->tunnels[i].plain)
            return true;
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        if (world->direct_connects[i].gateway == gateway)
            return true;
    }
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].kind == NODE_VPC && world_vpc_home(world, (int)i) == gateway)
            return true;
    }
    return false;
}

/* Of a VPC that sekishod makes, the lab has what lies beyond its internet gateway. */
static void plan_spaces_of(struct lab_plan *plan, const char *lab, int node)
{
    const struct node *of = &plan->world->nodes[node];
    bool forwards = of->kind != NODE_INSTANCE || !of->source_dest_check;
    const char *id = of->id;
    plan->inner_of[node] = plan->space_of[node] = WORLD_NONE;
    if (of->kind == NODE_VPC && world_vpc_home(plan->world, node) != WORLD_NONE)
        id = plan_internet_gateway_id(of);
    if (id)
        plan->space_of[node] = plan_space(plan, lab, node, id, forwards);
    if (of->kind != NODE_GATEWAY || !makes_something(plan->world, node))
        return;
    char inner[NAME_SPACE_BYTES], room[NAME_DEVICE_BYTES];
    snprintf(inner, sizeof inner, "%s.inner", short_id(of->id, room));
    plan->inner_of[node] = plan_space(plan, lab, node, inner, true);
}

static void plan_nodes(struct lab_plan *plan, const char *lab)
{
    const struct world *world = plan->world;
    for (size_t i = 0; i < world->node_count; i++)
        plan_spaces_of(plan, lab, (int)i);
    plan->internet = plan->space_of[world->internet];
}

static void plan_node(struct lab_plan *plan, int node)
{
    const struct node *of = &plan->world->nodes[node];
    int space = plan->space_of[node];
    if (of->kind == NODE_VPC)
        plan_vpc(plan, node);
    else if (of->kind == NODE_GATEWAY)
        plan_gateway(plan, node);
    else if (of->kind != NODE_INTERNET) {
        if (of->in_vpc)
            plan_in_vpc(plan, node, space);
        else if (of->port_count > 0 && of->ports[1].kind == PORT_INTERNET)
            plan_on_internet(plan, node, space);
        if (lab_has_vrf(of))
            plan_vrf(plan, space);
        plan_kernel_routes(plan, node, space);
        plan_behind(plan, node, space);
    }
}

struct lab_plan *lab_plan(const struct world *world, const char *name)
{
    struct lab_plan *plan = calloc(1, sizeof *plan);
    assert(plan);
    plan->world = world;
    plan->space_of = calloc(world->node_count, sizeof *plan->space_of);
    plan->inner_of = calloc(world->node_count, sizeof *plan->inner_of);
    assert(plan->space_of && plan->inner_of);
    plan_nodes(plan, name);
    for (size_t i = 0; i < world->node_count; i++)
        plan_node(plan, (int)i);
    plan_peerings(plan);
    plan_attachments(plan, name);
    return plan;
}

void lab_plan_free(struct lab_plan *plan)
{
    if (!plan)
        return;
    free(plan->spaces);
    free(plan->links);
    free(plan->addresses);
    free(plan->routes);
    free(plan->rules);
    free(plan->nats);
    free(plan->sites);
    free(plan->bares);
    free(plan->space_of);
    free(plan->inner_of);
    free(plan);
}

const char *lab_space_of(const struct lab_plan *plan, int node)
{
    int space = node == WORLD_NONE ? WORLD_NONE : plan->space_of[node];
    return space == WORLD_NONE ? NULL : plan->spaces[space].name;
}
