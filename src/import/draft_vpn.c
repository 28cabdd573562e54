/* VPN gateways, customer gateways with their routers, and VPN connections. */
#include "import/draft.h"

#include "import/remark.h"
#include "network/walk.h"

#include <inttypes.h>
#include <string.h>

enum {
    SECOND_US = 1000000,
    DEFAULT_ASN = 64512,
    DEFAULT_CUSTOMER_ASN = 65000,
    AS_TRANS = 23456,
    DPD_DELAY_S = 10,
    ROUTERS_NAMED = 8,
    MADE_INSIDE = 0xa9fe8000, /* 169.254.128.0: inside addresses that the export does not tell */
};

static bool is_asn(int64_t asn)
{
    return asn > 0 && asn <= UINT32_MAX && asn != AS_TRANS;
}

static uint32_t asn_or(struct draft *draft, const struct aws_thing *thing, int64_t asn,
                       uint32_t otherwise)
{
    if (is_asn(asn))
        return (uint32_t)asn;
    remark_say(draft->remarks, IMPORT_ASSUMED, thing->place, thing->id,
               "the AS of %s is not in the export; taken to be %" PRIu32, thing->id, otherwise);
    return otherwise;
}

static void say_name(struct draft *draft, struct place place, const struct aws_thing *thing)
{
    if (thing->name && *thing->name)
        draft_comment(draft, place, "%.80s", thing->name);
}

/* --- VPN gateways --- */

static void attach(struct draft *draft, struct network_vpn_gateway *gateway,
                   const struct aws_vpn_gateway *from)
{
    struct aws_vpc *vpc = (void *)aws_find(draft->aws, AWS_VPC, from->vpc);
    if (!from->vpc)
        return;
    if (!vpc || !vpc->is.used) {
        remark_say(draft->remarks, IMPORT_MISSING, from->is.place, from->is.id,
                   "%s, to which %s is attached, is not in the export", from->vpc, from->is.id);
        remark_depends(draft->remarks, "what %s announces of that VPC, and what it propagates",
                       from->is.id);
    } else if (vpc->vpn_gateway) {
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
                   "%s has %s attached already; %s is taken to be attached to none", vpc->is.id,
                   vpc->vpn_gateway, from->is.id);
    } else {
        vpc->vpn_gateway = from->is.id;
        gateway->vpc = draft_ref(vpc->is.id);
    }
}

void draft_gateways(struct draft *draft)
{
    struct network *network = draft->network;
    for (size_t i = 0; i < aws_count(draft->aws, AWS_VPN_GATEWAY); i++) {
        struct aws_vpn_gateway *from = (void *)aws_at(draft->aws, AWS_VPN_GATEWAY, i);
        if (from->is.dropped)
            continue;
        struct network_vpn_gateway *gateway =
            draft_add(draft, &schema_network, network, "vpn_gateways");
        gateway->id = draft_text(from->is.id);
        gateway->asn = asn_or(draft, &from->is, from->asn, DEFAULT_ASN);
        attach(draft, gateway, from);
        say_name(draft, gateway->place, &from->is);
        if (from->is.inferred)
            draft_comment(draft, gateway->place, "not in the export: what others say of it");
        from->is.used = true;
        from->is.at = network->vpn_gateway_count - 1;
    }
}

/* --- routers --- */

/* The instance that has the customer gateway's public address; NULL: it is no instance here. */
static struct network_instance *instance_at(struct draft *draft, ip_addr address)
{
    size_t owner = 0;
    if (!address || draft_claim(draft, CLAIM_ELASTIC, 0, address, 0, SIZE_MAX, &owner) ||
        owner == SIZE_MAX)
        return NULL;
    return &draft->network->vpcs[owner >> 32].instances[owner & 0xffffffff];
}

static struct network_router *add_router(struct draft *draft,
                                         const struct aws_customer_gateway *from)
{
    struct network_router *router = draft_add(draft, &schema_network, draft->network, "routers");
    struct network_instance *instance = instance_at(draft, from->address);
    router->id = draft_router_name(draft, &from->is);
    draft_comment(draft, router->place,
                  "%s: an export does not say what it runs, nor what its own table holds",
                  from->is.id);
    if (!instance)
        return router;
    instance->router = draft_ref(router->id);
    draft_comment(draft, router->place, "it is the instance %s, which has the address %s",
                  instance->id, draft_address(from->address));
    remark_say(draft->remarks, IMPORT_ASSUMED, from->is.place, from->is.id,
               "the instance %s has the address of %s: it is the router %s, whose platform and"
               " table are not known",
               instance->id, from->is.id, router->id);
    return router;
}

/* Customer gateways with one address are one router. */
static void join_router(struct draft *draft, struct aws_customer_gateway *from)
{
    struct network *network = draft->network;
    size_t at = network->router_count;
    bool is_new = !from->address || draft_claim(draft, CLAIM_ROUTER, 0, from->address, 0, at, &at);
    if (is_new) {
        add_router(draft, from);
        from->router = network->router_count - 1;
        return;
    }
    from->router = at;
    remark_say(draft->remarks, IMPORT_ASSUMED, from->is.place, from->is.id,
               "%s has the address of another customer gateway: both are taken to be the router %s",
               from->is.id, network->routers[at].id);
}

static void draft_customer(struct draft *draft, struct aws_customer_gateway *from)
{
    struct network *network = draft->network;
    struct network_customer_gateway *customer =
        draft_add(draft, &schema_network, network, "customer_gateways");
    join_router(draft, from);
    customer->id = draft_text(from->is.id);
    customer->asn = asn_or(draft, &from->is, from->asn, DEFAULT_CUSTOMER_ASN);
    customer->address = from->address;
    customer->router = draft_ref(network->routers[from->router].id);
    if (from->is.name && *from->is.name &&
        strcmp(from->is.name, network->routers[from->router].id) != 0)
        say_name(draft, customer->place, &from->is);
    from->is.used = true;
    from->is.at = network->customer_gateway_count - 1;
}

/* Those on which nothing hangs say nothing of any route. */
static struct aws_customer_gateway *customer_of(struct draft *draft,
                                                const struct aws_connection *connection)
{
    struct aws_customer_gateway *customer =
        (void *)aws_find(draft->aws, AWS_CUSTOMER_GATEWAY, connection->customer_gateway);
    if (customer && !customer->is.used)
        draft_customer(draft, customer);
    return customer;
}

/* --- tunnels --- */

static bool is_pair(ip_addr one, ip_addr two)
{
    return (one ^ two) == 3 && (one & 3) != 0 && (one & 3) != 3;
}

static void refuse_tunnel(struct draft *draft, const struct aws_connection *from,
                          const struct aws_tunnel *tunnel, const char *why)
{
    remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
               "the tunnel of %s with the outside address %s %s; it is left out", from->is.id,
               draft_address(tunnel->outside), why);
}

/* Of IPv6: 126, its ranges lie in fd00::/8, where AWS takes them from. */
static uint8_t inside_len(ip_addr inside)
{
    return ip_is_six(inside) ? 126 : 30;
}

/* Inside addresses of its own, where the export tells none. */
static void make_inside(struct draft *draft, const struct aws_connection *from, uint32_t gateway,
                        struct network_tunnel *tunnel)
{
    size_t owner;
    ip_addr net = from->six ? (ip_addr)0xfd00 << 112 | MADE_INSIDE : MADE_INSIDE;
    while (!draft_claim(draft, CLAIM_INSIDE, gateway, net, 0, 0, &owner))
        net += 4;
    tunnel->inside_vgw = net + 1;
    tunnel->inside_cgw = net + 2;
    remark_say(draft->remarks, IMPORT_ASSUMED, from->is.place, from->is.id,
               "the inside addresses of %s are not in the export; %s/%u stands for them",
               from->is.id, draft_address(net), inside_len(net));
}

static bool take_inside(struct draft *draft, const struct aws_tunnel *from, uint32_t gateway,
                        struct network_tunnel *tunnel)
{
    size_t owner;
    tunnel->inside_vgw = from->inside_vgw;
    tunnel->inside_cgw = from->inside_cgw;
    return is_pair(from->inside_vgw, from->inside_cgw) &&
           draft_claim(draft, CLAIM_INSIDE, gateway, from->inside_vgw & ~(ip_addr)3, 0, 0, &owner);
}

static const char *outside_refused(struct draft *draft, const struct aws_tunnel *tunnel,
                                   uint32_t gateway, ip_addr customer)
{
    size_t owner = gateway;
    if (tunnel->outside == customer)
        return "has the customer gateway's own address";
    if (!draft_claim(draft, CLAIM_OUTSIDE, 0, tunnel->outside, 0, gateway, &owner) &&
        owner != gateway)
        return "has the outside address of another gateway's tunnel";
    if (customer &&
        !draft_claim(draft, CLAIM_OUTSIDE_PAIR, 0, tunnel->outside, customer, 0, &owner))
        return "leads to the same customer as another tunnel with that address";
    return NULL;
}

static void draft_tunnel(struct draft *draft, struct network_connection *connection,
                         const struct aws_connection *from, const struct aws_tunnel *tunnel,
                         uint32_t gateway, ip_addr customer)
{
    struct network_tunnel said = {.outside = tunnel->outside};
    const char *refused = outside_refused(draft, tunnel, gateway, customer);
    bool told = tunnel->inside_vgw && tunnel->inside_cgw;
    if (!refused && told &&
        (ip_is_six(tunnel->inside_vgw) != from->six || ip_is_six(tunnel->inside_cgw) != from->six))
        refused = from->six ? "has inside addresses of IPv4, and its connection IPv6"
                            : "has inside addresses of IPv6, and its connection IPv4";
    if (!refused && told && from->six && tunnel->inside_vgw >> 120 != 0xfd)
        refused = "has inside addresses that are not in fd00::/8";
    if (!refused && told && !take_inside(draft, tunnel, gateway, &said))
        refused = from->six ? "has inside addresses that are no pair of a /126, or another tunnel's"
                            : "has inside addresses that are no pair of a /30, or another tunnel's";
    if (refused) {
        refuse_tunnel(draft, from, tunnel, refused);
        return;
    }
    if (!told)
        make_inside(draft, from, gateway, &said);
    struct network_tunnel *at = draft_add(draft, &schema_connection, connection, "tunnels");
    said.place = at->place;
    *at = said;
    if (tunnel->telemetry)
        draft_trailing(draft, at->place, "telemetry: %s%s%.60s", tunnel->up ? "UP" : "DOWN",
                       tunnel->message && *tunnel->message ? ", " : "",
                       tunnel->message ? tunnel->message : "");
}

/* --- options, which a network file has for a connection and AWS for a tunnel --- */

static void say_unequal(struct draft *draft, const struct aws_connection *from, const char *what)
{
    remark_say(draft->remarks, IMPORT_ASSUMED, from->is.place, from->is.id,
               "the tunnels of %s differ in %s; the first one's is taken for both", from->is.id,
               what);
}

/* AWS's time is the silence after which a peer is dead: the delay, then some questions. */
static void take_dpd_time(struct network_dpd *dpd, int64_t timeout_s)
{
    int64_t rest_s = timeout_s - DPD_DELAY_S;
    dpd->delay_us = (int64_t)DPD_DELAY_S * SECOND_US;
    dpd->retries = rest_s % 3 == 0 ? 3 : 2;
    dpd->interval_us = rest_s * SECOND_US / dpd->retries;
}

static void take_dpd(struct draft *draft, struct network_connection *connection,
                     const struct aws_connection *from)
{
    const struct aws_tunnel *one = &from->tunnels[0], *two = &from->tunnels[1];
    int64_t timeout_s = one->dpd_timeout_s;
    if (timeout_s < 0 && from->interval_s > 0 && from->retries > 0)
        timeout_s = from->interval_s * (from->retries + 1);
    if (timeout_s > 0 && timeout_s < 30) {
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
                   "%s gives up a peer after %" PRId64 " s; expected 30 s or more; 30 s are taken",
                   from->is.id, timeout_s);
        timeout_s = 30;
    }
    if (timeout_s > 0)
        take_dpd_time(&connection->dpd, timeout_s);
    if (one->dpd_action >= 0) /* in the order of network_dpd_action */
        connection->dpd.action = (enum network_dpd_action)one->dpd_action;
    if (from->tunnel_count == 2 &&
        (one->dpd_timeout_s != two->dpd_timeout_s || one->dpd_action != two->dpd_action))
        say_unequal(draft, from, "dead-peer detection");
}

static void take_options(struct draft *draft, struct network_connection *connection,
                         const struct aws_connection *from, ip_addr customer)
{
    const struct aws_tunnel *one = &from->tunnels[0], *two = &from->tunnels[1];
    take_dpd(draft, connection, from);
    if (one->only_ike1)
        connection->ike = 1;
    if (one->startup == NETWORK_STARTUP_START && !one->only_ike1 && customer)
        connection->startup = NETWORK_STARTUP_START;
    if (from->tunnel_count == 2 &&
        (one->startup != two->startup || one->only_ike1 != two->only_ike1))
        say_unequal(draft, from, "startup action or IKE version");
    if (from->hold_s >= 3 && from->hold_s * SECOND_US != connection->bgp.hold_us) {
        connection->bgp.hold_us = from->hold_s * SECOND_US;
        connection->bgp.keepalive_us = from->hold_s / 3 * SECOND_US;
    }
}

static void take_static_routes(struct draft *draft, struct network_connection *connection,
                               const struct aws_connection *from)
{
    struct network_router *router = &draft->network->routers[from->router];
    draft_empty(&schema_connection, connection, "static_routes");
    for (size_t i = 0; i < from->routes.count; i++) {
        struct prefix prefix = from->routes.items[i];
        bool known = prefix.len == 0;
        *(struct prefix *)draft_add(draft, &schema_connection, connection, "static_routes") =
            prefix;
        for (size_t j = 0; j < router->lan_count && !known; j++)
            known = prefix_equal(router->lan[j], prefix);
        if (!known)
            *(struct prefix *)draft_add(draft, &schema_router, router, "lan") = prefix;
    }
}

/* The AS of its router where it speaks BGP. */
static void take_bgp(struct draft *draft, const struct aws_connection *from, uint32_t asn)
{
    struct network_router *router = &draft->network->routers[from->router];
    if (!router->bgp) {
        struct network_bgp *bgp = draft_make(draft, &schema_router, router, "bgp");
        bgp->asn = asn;
    } else if (router->bgp->asn != asn) {
        remark_say(draft->remarks, IMPORT_ASSUMED, from->is.place, from->is.id,
                   "the router %s has AS %" PRIu32 " towards others and %" PRIu32
                   " on %s; one router has one AS here, so this session does not come up in the"
                   " model",
                   router->id, router->bgp->asn, asn, from->is.id);
    }
}

/* --- connections --- */

/* NULL: it can be drafted. */
static const char *left_out_for(const struct draft *draft, const struct aws_connection *from)
{
    const struct aws_thing *gateway = aws_find(draft->aws, AWS_VPN_GATEWAY, from->vpn_gateway);
    if (!from->vpn_gateway || !gateway || !gateway->used)
        return "it names no VPN gateway that there is";
    if (!aws_find(draft->aws, AWS_CUSTOMER_GATEWAY, from->customer_gateway))
        return "it names no customer gateway that there is";
    if (from->tunnel_count == 0)
        return "neither its configuration nor options nor telemetry tell a tunnel";
    return NULL;
}

static void draft_connection(struct draft *draft, struct aws_connection *from)
{
    struct network *network = draft->network;
    const char *why = left_out_for(draft, from);
    if (why) {
        remark_say(draft->remarks, IMPORT_MISSING, from->is.place, from->is.id,
                   "%s is left out: %s", from->is.id, why);
        remark_depends(draft->remarks, "its routes, and whether it takes harm");
        return;
    }
    const struct aws_thing *gateway = aws_find(draft->aws, AWS_VPN_GATEWAY, from->vpn_gateway);
    const struct aws_customer_gateway *customer = customer_of(draft, from);
    struct network_connection *connection =
        draft_add(draft, &schema_network, network, "vpn_connections");
    connection->id = draft_text(from->is.id);
    connection->vpn_gateway = draft_ref(gateway->id);
    connection->customer_gateway = draft_ref(customer->is.id);
    for (size_t i = 0; i < from->tunnel_count; i++)
        draft_tunnel(draft, connection, from, &from->tunnels[i], (uint32_t)gateway->at,
                     customer->address);
    if (connection->tunnel_count == 0) { /* a remark says why, tunnel by tunnel */
        walk_release(&schema_connection, connection);
        network->vpn_connection_count--;
        return;
    }
    from->router = customer->router;
    say_name(draft, connection->place, &from->is);
    take_options(draft, connection, from, customer->address);
    if (from->static_only == ITEM_YES)
        take_static_routes(draft, connection, from);
    else
        take_bgp(draft, from, network->customer_gateways[customer->is.at].asn);
    from->is.used = true;
    from->is.at = network->vpn_connection_count - 1;
    draft_attached(draft, (struct draft_attachment){
                              .gateway = gateway->at, .connection = from, .index = from->is.at});
}

/* Of all routers at once: it is the same with each. */
static void say_unknown(struct draft *draft)
{
    const struct network *network = draft->network;
    char *names = NULL;
    size_t size;
    FILE *out = network->router_count ? open_memstream(&names, &size) : NULL;
    if (!out)
        return;
    for (size_t i = 0; i < network->router_count && i < ROUTERS_NAMED; i++)
        fprintf(out, "%s%s", i ? ", " : "", network->routers[i].id);
    if (network->router_count > ROUTERS_NAMED)
        fprintf(out, " and %zu more", network->router_count - ROUTERS_NAMED);
    fclose(out);
    remark_say(draft->remarks, IMPORT_ASSUMED, (struct import_place){0}, NULL,
               "%s: what %s and its own table holds is not in an export; the platform is left"
               " unknown and the table out, and then a default by DHCP is taken for granted",
               names, network->router_count == 1 ? "it runs" : "each of them runs");
    free(names);
}

void draft_connections(struct draft *draft)
{
    size_t transit = 0;
    for (size_t i = 0; i < aws_count(draft->aws, AWS_VPN_CONNECTION); i++) {
        struct aws_connection *connection = (void *)aws_at(draft->aws, AWS_VPN_CONNECTION, i);
        bool on_transit = connection->transit_gateway && !connection->vpn_gateway;
        transit += !connection->is.dropped && on_transit;
        if (!connection->is.dropped && !on_transit)
            draft_connection(draft, connection);
    }
    if (transit)
        remark_say(draft->remarks, IMPORT_NOT_MODELED, (struct import_place){0}, NULL,
                   "%zu VPN connection%s of transit gateways", transit, transit == 1 ? "" : "s");
    say_unknown(draft);
}
