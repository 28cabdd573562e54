#include "check/lines.h"

#include "check/paste.h"
#include "check/paste_export.h"
#include "check/paste_six.h"
#include "check/peering.h"
#include "check/prefer.h"
#include "check/search.h"
#include "check/vendor.h"

#include "network/inside.h"
#include "network/summary.h"

#include <assert.h>
#include <stdlib.h>

static const char list_name[] = "ENDPOINTS"; /* of prefix lists that are made here */

enum { PREFIXES_NAMED = 2 };

static const struct network_router *router_of(const struct paste *paste,
                                              const struct change *change)
{
    return &paste->network->routers[change->index];
}

/* For Cisco IOS and Junos, whose words are in vendor.c. */
static struct vendor vendor_of(struct paste *paste, const struct network_router *router)
{
    return (struct vendor){paste->check, &paste->step->lines, router};
}

static uint32_t asn_of(const struct network_router *router)
{
    return router->bgp ? router->bgp->asn : 0;
}

static bool is_set_style(enum platform platform) /* configuration by `set` and `delete` */
{
    return platform == PLATFORM_VYATTA || platform == PLATFORM_VYOS;
}

/* Vyatta, and VyOS up to 1.3, name the AS in every line of BGP; VyOS from 1.4 on does not. */
static const char *bgp_of(const struct paste *paste, const struct network_router *router)
{
    return router->platform == PLATFORM_VYATTA
               ? check_text(paste->check, "protocols bgp %u", asn_of(router))
               : "protocols bgp";
}

/* -- a host route -- */

static void host_route(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    const char *prefix = text_of_prefix(change->prefix);
    const char *via = text_of_ip(change->via);
    const char *port = change->interface;
    bool on_link = change->via == 0;
    switch (router->platform) {
    case PLATFORM_VYATTA:
        if (on_link)
            paste_line(paste, "set protocols static interface-route %s next-hop-interface %s",
                       prefix, port);
        else
            paste_line(paste, "set protocols static route %s next-hop %s", prefix, via);
        break;
    case PLATFORM_VYOS:
        paste_line(paste, "set protocols static route %s %s %s", prefix,
                   on_link ? "interface" : "next-hop", on_link ? port : via);
        break;
    case PLATFORM_FRR:
        paste_line(paste, "ip route %s %s", prefix, on_link ? port : via);
        break;
    case PLATFORM_BIRD:
        paste_line(paste, on_link ? "    route %s via \"%s\";" : "    route %s via %s;", prefix,
                   on_link ? port : via);
        break;
    case PLATFORM_LINUX:
        paste_line(paste, "ip route add %s %s %s", prefix, on_link ? "dev" : "via",
                   on_link ? port : via);
        break;
    case PLATFORM_CISCO_IOS:
    case PLATFORM_JUNOS: {
        struct vendor vendor = vendor_of(paste, router);
        vendor_host_route(&vendor, change);
        break;
    }
    case PLATFORM_UNKNOWN:
    case PLATFORM_AWS:
    case PLATFORM_SEKISHO:
    case PLATFORM_COUNT:
    default:
        paste_line(paste, "a static route for %s %s %s, in the router's own words", prefix,
                   on_link ? "out of" : "with the next hop", on_link ? port : via);
        break;
    }
}

/* -- an import filter -- */

static void deny(struct paste *paste, enum platform platform, const char *prefix, unsigned rule)
{
    if (is_set_style(platform)) {
        paste_line(paste, "set policy prefix-list %s rule %u action deny", list_name, rule);
        paste_line(paste, "set policy prefix-list %s rule %u prefix %s", list_name, rule, prefix);
    } else if (platform == PLATFORM_FRR) {
        paste_line(paste, "ip prefix-list %s seq %u deny %s", list_name, rule, prefix);
    } else if (platform == PLATFORM_BIRD) {
        paste_line(paste, "    if net = %s then reject;", prefix);
    }
}

static void permit_rest(struct paste *paste, const struct network_router *router, unsigned rule)
{
    if (is_set_style(router->platform)) {
        paste_line(paste, "set policy prefix-list %s rule %u action permit", list_name, rule);
        paste_line(paste, "set policy prefix-list %s rule %u prefix 0.0.0.0/0", list_name, rule);
        paste_line(paste, "set policy prefix-list %s rule %u le 32", list_name, rule);
    } else if (router->platform == PLATFORM_FRR) {
        paste_line(paste, "ip prefix-list %s seq %u permit 0.0.0.0/0 le 32", list_name, rule);
        paste_line(paste, "router bgp %u", asn_of(router));
        paste_line(paste, " address-family ipv4 unicast");
    } else if (router->platform == PLATFORM_BIRD) {
        paste_line(paste, "    accept;");
        paste_line(paste, "}");
    }
}

static void use_list(struct paste *paste, const struct network_router *router, ip_addr addr)
{
    const char *neighbor = text_of_ip(addr);
    if (router->platform == PLATFORM_VYATTA)
        paste_line(paste, "set %s neighbor %s prefix-list import %s", bgp_of(paste, router),
                   neighbor, list_name);
    else if (router->platform == PLATFORM_VYOS)
        paste_line(paste, "set %s neighbor %s address-family ipv4-unicast prefix-list import %s",
                   bgp_of(paste, router), neighbor, list_name);
    else if (router->platform == PLATFORM_FRR)
        paste_line(paste, "  neighbor %s prefix-list %s in", neighbor, list_name);
    else if (router->platform == PLATFORM_BIRD)
        paste_line(paste, "# protocol bgp, neighbor %s:  ipv4 { import filter endpoints; };",
                   neighbor);
}

static void import_filter(struct paste *paste, const struct network_router *router,
                          const struct change *changes, size_t count)
{
    struct vendor vendor = vendor_of(paste, router);
    unsigned rule = 10;
    bool lists = is_set_style(router->platform) || router->platform == PLATFORM_FRR ||
                 router->platform == PLATFORM_BIRD;
    if (vendor_knows(router->platform)) {
        vendor_import_filter(&vendor, changes, count);
        return;
    }
    for (size_t i = 0; !lists && i < count; i++)
        paste_line(paste, "refuse %s from the BGP neighbor %s, in the router's own words",
                   text_of_prefix(changes[i].prefix), text_of_ip(changes[i].neighbor));
    if (!lists)
        return;
    if (router->platform == PLATFORM_BIRD)
        paste_line(paste, "filter endpoints {");
    for (size_t i = 0; i < count; i++) {
        if (!paste_is_new_prefix(changes, i))
            continue;
        deny(paste, router->platform, text_of_prefix(changes[i].prefix), rule);
        rule += 10;
    }
    permit_rest(paste, router, rule);
    for (size_t i = 0; i < count; i++) {
        if (paste_is_new_neighbor(changes, i))
            use_list(paste, router, changes[i].neighbor);
    }
}

static void import_filters(struct paste *paste, const struct change *all, size_t count)
{
    const struct network_router *router = router_of(paste, all);
    size_t fours, sixes;
    const struct change *four = paste_of_family(paste, all, count, false, &fours);
    const struct change *six = paste_of_family(paste, all, count, true, &sixes);
    if (fours > 0)
        import_filter(paste, router, four, fours);
    if (sixes > 0)
        paste_six_import_filter(paste, router, six, sixes);
}

/* -- an announcement less -- */

static void stop(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    const char *prefix = text_of_prefix(change->prefix);
    struct vendor vendor = vendor_of(paste, router);
    if (change->prefix.six) {
        paste_six_stop(paste, router, change->prefix);
    } else if (vendor_knows(router->platform)) {
        vendor_stop(&vendor, change->prefix);
    } else if (router->platform == PLATFORM_VYATTA) {
        paste_line(paste, "delete %s network %s", bgp_of(paste, router), prefix);
    } else if (router->platform == PLATFORM_VYOS) {
        paste_line(paste, "delete protocols bgp address-family ipv4-unicast network %s", prefix);
    } else if (router->platform == PLATFORM_FRR) {
        paste_line(paste, "router bgp %u", asn_of(router));
        paste_line(paste, " address-family ipv4 unicast");
        paste_line(paste, "  no network %s", prefix);
    } else if (router->platform == PLATFORM_BIRD) {
        paste_line(paste, "# in its export filter:  if net = %s then reject;", prefix);
    } else {
        paste_line(paste, "stop announcing %s", prefix);
    }
}

/* -- an announcement more -- */

static void delete_own(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    const char *prefix = text_of_prefix(change->prefix);
    struct vendor vendor = vendor_of(paste, router);
    if (change->prefix.six)
        paste_six_delete_static(paste, router, change->prefix);
    else if (vendor_knows(router->platform))
        vendor_delete_static(&vendor, change->prefix);
    else if (is_set_style(router->platform))
        paste_line(paste, "delete protocols static route %s", prefix);
    else if (router->platform == PLATFORM_FRR)
        paste_line(paste, "no ip route %s", prefix);
    else if (router->platform == PLATFORM_LINUX)
        paste_line(paste, "ip route del %s", prefix);
    else
        paste_line(paste, "delete the static route for %s", prefix);
}

static void announce(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    const char *prefix = text_of_prefix(change->prefix);
    if (router->platform == PLATFORM_VYATTA)
        paste_line(paste, "set %s network %s", bgp_of(paste, router), prefix);
    else if (router->platform == PLATFORM_VYOS)
        paste_line(paste, "set protocols bgp address-family ipv4-unicast network %s", prefix);
    else if (router->platform == PLATFORM_FRR)
        paste_line(paste, "  network %s", prefix);
    else if (router->platform == PLATFORM_BIRD)
        paste_line(paste, "# in its export filter:  if net = %s then accept;", prefix);
    else
        paste_line(paste, "announce %s, too", prefix);
}

static void announcements(struct paste *paste, const struct change *all, size_t all_count)
{
    const struct network_router *router = router_of(paste, all);
    struct vendor vendor = vendor_of(paste, router);
    size_t count, sixes;
    const struct change *changes = paste_of_family(paste, all, all_count, false, &count);
    const struct change *six = paste_of_family(paste, all, all_count, true, &sixes);
    if (sixes > 0)
        paste_six_announce(paste, router, six, sixes);
    if (count > 0 && vendor_knows(router->platform)) {
        vendor_announce(&vendor, changes, count);
        return;
    }
    if (router->platform == PLATFORM_FRR && count > 0) {
        paste_line(paste, "router bgp %u", asn_of(router));
        paste_line(paste, " address-family ipv4 unicast");
    }
    for (size_t i = 0; i < count; i++)
        announce(paste, &changes[i]);
}

/* -- the other tunnel -- */

/* Its next hop is the gateway's inside address there. */
static void route_tunnel(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    const struct network_connection *connection = &paste->network->vpn_connections[change->number];
    const char *prefix = text_of_prefix(change->prefix);
    const char *via = text_of_ip(connection->tunnels[change->part].inside_vgw);
    struct change into = {.prefix = change->prefix,
                          .via = connection->tunnels[change->part].inside_vgw};
    struct vendor vendor = vendor_of(paste, router);
    delete_own(paste, change);
    if (change->prefix.six) /* the gateway has the first host */
        paste_six_static(paste, router, change->prefix,
                         network_tunnel_inside(&connection->tunnels[change->part]).six[0]);
    else if (vendor_knows(router->platform))
        vendor_host_route(&vendor, &into);
    else if (is_set_style(router->platform))
        paste_line(paste, "set protocols static route %s next-hop %s", prefix, via);
    else if (router->platform == PLATFORM_FRR)
        paste_line(paste, "ip route %s %s", prefix, via);
    else if (router->platform == PLATFORM_LINUX)
        paste_line(paste, "ip route add %s via %s", prefix, via);
    else
        paste_line(paste, "a static route for %s with the next hop %s", prefix, via);
}

/* -- summaries instead of their parts -- */

static void summary(struct paste *paste, const struct network_router *router, const char *prefix)
{
    if (router->platform == PLATFORM_VYATTA)
        paste_line(paste, "set %s aggregate-address %s summary-only", bgp_of(paste, router),
                   prefix);
    else if (router->platform == PLATFORM_VYOS)
        paste_line(paste,
                   "set protocols bgp address-family ipv4-unicast aggregate-address %s"
                   " summary-only",
                   prefix);
    else if (router->platform == PLATFORM_FRR)
        paste_line(paste, "  aggregate-address %s summary-only", prefix);
    else if (router->platform == PLATFORM_BIRD)
        paste_line(paste, "    route %s blackhole;", prefix);
    else
        paste_line(paste, "announce %s, and nothing that lies inside", prefix);
}

static void summaries_of_four(struct paste *paste, const struct network_router *router,
                              const struct prefix *prefixes, size_t count)
{
    struct vendor vendor = vendor_of(paste, router);
    if (vendor_knows(router->platform)) {
        vendor_summaries(&vendor, prefixes, count);
        return;
    }
    if (router->platform == PLATFORM_FRR) {
        paste_line(paste, "router bgp %u", asn_of(router));
        paste_line(paste, " address-family ipv4 unicast");
    } else if (router->platform == PLATFORM_BIRD) {
        paste_line(paste, "# its export filter accepts these, and rejects what lies inside");
        paste_line(paste, "protocol static summaries {");
        paste_line(paste, "    ipv4;");
    }
    for (size_t i = 0; i < count; i++)
        summary(paste, router, text_of_prefix(prefixes[i]));
    if (router->platform == PLATFORM_BIRD)
        paste_line(paste, "}");
}

static void summaries(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    size_t count;
    struct prefix *prefixes = network_summaries(paste->network, (size_t)change->index, &count);
    size_t fours = 0; /* prefixes ascend, and IPv4's come first */
    while (fours < count && !prefixes[fours].six)
        fours++;
    if (fours < count)
        paste_six_summaries(paste, router, prefixes + fours, count - fours);
    if (fours > 0)
        summaries_of_four(paste, router, prefixes, fours);
    free(prefixes);
}

/* -- its own AS -- */

/* Towards each neighbor of the router: the gateways' inside addresses. */
static void allowas_off(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    struct vendor vendor = vendor_of(paste, router);
    const struct network *network = paste->network;
    if (router->platform == PLATFORM_FRR) {
        paste_line(paste, "router bgp %u", asn_of(router));
        paste_line(paste, " address-family ipv4 unicast");
    }
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        const struct network_customer_gateway *customer =
            &network->customer_gateways[connection->customer_gateway.index];
        if (customer->router.index != change->index || customer->router.kind != NETWORK_ROUTER)
            continue;
        for (size_t j = 0; j < connection->tunnel_count; j++) {
            const char *neighbor = text_of_ip(connection->tunnels[j].inside_vgw);
            if (vendor_knows(router->platform))
                vendor_allowas_off(&vendor, connection->tunnels[j].inside_vgw);
            else if (router->platform == PLATFORM_VYATTA)
                paste_line(paste, "delete %s neighbor %s allowas-in", bgp_of(paste, router),
                           neighbor);
            else if (router->platform == PLATFORM_VYOS)
                paste_line(paste, "delete %s neighbor %s address-family ipv4-unicast allowas-in",
                           bgp_of(paste, router), neighbor);
            else if (router->platform == PLATFORM_FRR)
                paste_line(paste, "  no neighbor %s allowas-in", neighbor);
            else
                paste_line(paste, "no path with the own AS from %s", neighbor);
        }
    }
}

/* A customer gateway's number cannot be changed: a new one takes its place. */
static void new_customer_gateway(struct paste *paste, int32_t index, uint32_t asn)
{
    const struct network *network = paste->network;
    paste_line(paste, "aws ec2 create-customer-gateway --type ipsec.1 --bgp-asn %u --ip-address %s",
               asn, text_of_ip(network->customer_gateways[index].address));
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        if (connection->customer_gateway.index == index)
            paste_line(
                paste,
                "aws ec2 modify-vpn-connection --vpn-connection-id %s --customer-gateway-id NEW",
                connection->id);
    }
}

static void new_customer_gateways(struct paste *paste, const struct change *change)
{
    const struct network *network = paste->network;
    for (size_t i = 0; i < network->customer_gateway_count; i++) {
        const struct network_customer_gateway *customer = &network->customer_gateways[i];
        if (customer->router.kind == NETWORK_ROUTER && customer->router.index == change->index)
            new_customer_gateway(paste, (int32_t)i, change->number);
    }
}

static void renumber(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    uint32_t asn = asn_of(router);
    struct vendor vendor = vendor_of(paste, router);
    if (vendor_knows(router->platform)) {
        vendor_renumber(&vendor, change->number);
    } else if (router->platform == PLATFORM_VYATTA) {
        paste_line(paste, "edit protocols");
        paste_line(paste, "rename bgp %u to bgp %u", asn, change->number);
        paste_line(paste, "exit");
    } else if (router->platform == PLATFORM_VYOS) {
        paste_line(paste, "set protocols bgp system-as %u", change->number);
    } else if (router->platform == PLATFORM_FRR) {
        paste_line(paste, "# router bgp %u, all of it, becomes:  router bgp %u", asn,
                   change->number);
    } else if (router->platform == PLATFORM_BIRD) {
        paste_line(paste, "# in every protocol bgp:  local as %u;", change->number);
    } else {
        paste_line(paste, "AS %u instead of %u", change->number, asn);
    }
    new_customer_gateways(paste, change);
}

static const char *table_id(const struct paste *paste, const struct change *change)
{
    return paste->network->vpcs[change->index].route_tables[change->part].id;
}

/* -- where, and in one line what -- */

static void place_router(struct paste *paste, const struct change *change)
{
    paste->step->where = router_of(paste, change)->id;
    paste->step->platform = router_of(paste, change)->platform;
}

static void place_gateway(struct paste *paste, const struct change *change)
{
    const struct network_connection *connection = &paste->network->vpn_connections[change->index];
    const struct network_vpn_gateway *gateway =
        &paste->network->vpn_gateways[connection->vpn_gateway.index];
    paste->step->where = gateway->id;
    paste->step->platform = gateway->platform;
}

static void place_table(struct paste *paste, const struct change *change)
{
    paste->step->where = table_id(paste, change);
    paste->step->platform = PLATFORM_AWS;
}

static bool is_far_side(const struct network *network, int32_t router)
{
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        if (network->direct_connects[i].router.index == router)
            return true;
    }
    return false;
}

/* "0.0.0.0/1, 128.0.0.0/1", each once; of many the first. */
static const char *prefixes_of(struct paste *paste, const struct change *changes, size_t count)
{
    const char *words = NULL;
    size_t named = 0, more = 0;
    for (size_t i = 0; i < count; i++) {
        const char *prefix = text_of_prefix(changes[i].prefix);
        if (!paste_is_new_prefix(changes, i))
            continue;
        if (named++ < PREFIXES_NAMED)
            words = words ? check_text(paste->check, "%s, %s", words, prefix)
                          : check_text(paste->check, "%s", prefix);
        else
            more++;
    }
    return more ? check_text(paste->check, "%s and %zu more", words, more) : words;
}

/* Of changes at a gateway; NULL: it is at another place. */
static const char *introduce_gateway(struct paste *paste, const struct change *change,
                                     const char *prefix)
{
    const struct network *network = paste->network;
    if (change->kind == CHANGE_GATEWAY_ASN) {
        const struct network_vpn_gateway *gateway = &network->vpn_gateways[change->index];
        paste->step->where = gateway->id;
        paste->step->platform = gateway->platform;
        return check_text(paste->check, "a new gateway, AS %u instead of %u", change->number,
                          gateway->asn);
    }
    if (change->kind == CHANGE_CUSTOMER_ASN) {
        const struct network_customer_gateway *customer =
            &network->customer_gateways[change->index];
        paste->step->where = customer->id;
        paste->step->platform = PLATFORM_AWS;
        return check_text(paste->check, "a new one, AS %u instead of %u", change->number,
                          customer->asn);
    }
    if (change->kind == CHANGE_PEER)
        return peering_introduce(paste, (size_t)change->index);
    if (change->kind == CHANGE_REFUSE || change->kind == CHANGE_REFUSE_DIRECT)
        return paste_refused(paste, change, prefix);
    bool hold = change->kind == CHANGE_GUARD_HOLD || change->kind == CHANGE_EXPORT_DENY;
    bool stop = change->kind == CHANGE_STOP_STATIC, speak = change->kind == CHANGE_SPEAK_BGP;
    if (!hold && !stop && !speak && change->kind != CHANGE_ADD_STATIC)
        return NULL;
    const char *id = network->vpn_connections[change->index].id;
    place_gateway(paste, change);
    return hold    ? check_text(paste->check, "hold %s back from %s", prefix, id)
           : stop  ? check_text(paste->check, "delete the static route for %s", prefix)
           : speak ? check_text(paste->check, "a new %s that speaks BGP", id)
                   : check_text(paste->check, "a static route for %s on %s", prefix, id);
}

/* Of what a site announces, and by which tunnel it answers; NULL: it is something else. */
static const char *introduce_site(struct paste *paste, const struct change *change, size_t count,
                                  const char *prefix)
{
    const struct network *network = paste->network;
    if (change->kind != CHANGE_ANNOUNCE && change->kind != CHANGE_ROUTE_TUNNEL &&
        change->kind != CHANGE_SUMMARIZE && change->kind != CHANGE_WITHHOLD)
        return NULL;
    place_router(paste, change);
    if (change->kind == CHANGE_WITHHOLD)
        return paste_withheld(paste, change, count, prefix);
    if (change->kind == CHANGE_ANNOUNCE)
        return check_text(paste->check, "announce %s, too", prefix);
    if (change->kind == CHANGE_ROUTE_TUNNEL)
        return check_text(paste->check, "send %s into %s/%d", prefix,
                          network->vpn_connections[change->number].id, change->part + 1);
    const struct network_bgp *bgp = router_of(paste, change)->bgp;
    return check_text(paste->check, "announce summaries: %zu prefixes instead of %zu",
                      network_summary_count(network, (size_t)change->index),
                      bgp->announce_count + bgp->received_count);
}

static void introduce(struct paste *paste, const struct change *change, size_t count)
{
    struct check_step *step = paste->step;
    const char *prefix = prefixes_of(paste, change, count);
    step->change = introduce_gateway(paste, change, prefix);
    if (step->change || (step->change = introduce_site(paste, change, count, prefix)))
        return;
    switch (change->kind) {
    case CHANGE_HOST_ROUTE:
        place_router(paste, change);
        step->change = count > 1 ? "a host route for each outside address"
                                 : check_text(paste->check, "a host route for %s",
                                              text_of_ip(change->prefix.addr));
        break;
    case CHANGE_NEXT_HOP_ROUTE:
        place_router(paste, change);
        step->change = check_text(paste->check, "a way to the next hop, %s", prefix);
        break;
    case CHANGE_IMPORT_DENY:
        place_router(paste, change);
        step->change = check_text(paste->check, "refuse %s from the tunnels' neighbors", prefix);
        break;
    case CHANGE_PREFER:
        place_router(paste, change);
        step->change = "prefer what its provider announces";
        break;
    case CHANGE_STOP:
        place_router(paste, change);
        step->change = check_text(paste->check, "stop announcing %s", prefix);
        break;
    case CHANGE_TABLE_DELETE:
        place_table(paste, change);
        step->change = check_text(paste->check, "delete the route for %s", prefix);
        break;
    case CHANGE_TABLE_PROPAGATE:
        place_table(paste, change);
        step->change = check_text(paste->check, "propagate the routes of %s",
                                  paste->network->vpn_gateways[change->number].id);
        break;
    case CHANGE_ALLOWAS_OFF:
        place_router(paste, change);
        step->change = "refuse paths that hold its own AS number";
        break;
    case CHANGE_ASN:
        place_router(paste, change);
        step->change = check_text(paste->check, "AS %u instead of %u", change->number,
                                  asn_of(router_of(paste, change)));
        break;
    case CHANGE_ROUTER_DELETE:
    case CHANGE_ANNOUNCE: /* a site's, above */
    case CHANGE_ROUTE_TUNNEL:
    case CHANGE_SUMMARIZE:
    case CHANGE_WITHHOLD:
    case CHANGE_GUARD_HOLD: /* a gateway's */
    case CHANGE_EXPORT_DENY:
    case CHANGE_STOP_STATIC:
    case CHANGE_GATEWAY_ASN:
    case CHANGE_CUSTOMER_ASN:
    case CHANGE_SPEAK_BGP:
    case CHANGE_ADD_STATIC:
    case CHANGE_REFUSE:
    case CHANGE_REFUSE_DIRECT:
    case CHANGE_PEER:
    default:
        place_router(paste, change);
        step->change = check_text(paste->check, "delete its own route for %s", prefix);
        break;
    }
}

/* -- all of it -- */

static bool same_place(const struct change *left, const struct change *right)
{
    return left->kind == right->kind && left->index == right->index && left->part == right->part;
}

/* A host route by another way, which looks like the cure and is not one, goes first (T06). */
static void delete_former(struct paste *paste, const struct change *change)
{
    const struct network_router *router = router_of(paste, change);
    for (size_t i = 0; i < router->route_count; i++) {
        if (!prefix_equal(router->routes[i].prefix, change->prefix))
            continue;
        delete_own(paste, change);
        return;
    }
}

static void host_routes(struct paste *paste, const struct change *changes, size_t count)
{
    bool bird = router_of(paste, changes)->platform == PLATFORM_BIRD;
    for (size_t i = 0; i < count; i++)
        delete_former(paste, &changes[i]);
    if (bird)
        paste_line(paste, "protocol static endpoints {");
    if (bird)
        paste_line(paste, "    ipv4;");
    for (size_t i = 0; i < count; i++)
        host_route(paste, &changes[i]);
    if (bird)
        paste_line(paste, "}");
}

static void paste_change(struct paste *paste, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_GUARD_HOLD:
        paste_line(paste, "guard: hold");
        break;
    case CHANGE_PREFER:
        prefer_paste(paste, change);
        break;
    case CHANGE_STOP:
        stop(paste, change);
        break;
    case CHANGE_STOP_STATIC:
        paste_stop_static(paste, change);
        break;
    case CHANGE_TABLE_DELETE:
        paste_line(paste, "aws ec2 delete-route --route-table-id %s --destination-%scidr-block %s",
                   table_id(paste, change), change->prefix.six ? "ipv6-" : "",
                   text_of_prefix(change->prefix));
        break;
    case CHANGE_ROUTER_DELETE:
        delete_own(paste, change);
        break;
    case CHANGE_TABLE_PROPAGATE:
        paste_line(paste,
                   "aws ec2 enable-vgw-route-propagation --route-table-id %s --gateway-id %s",
                   table_id(paste, change), paste->network->vpn_gateways[change->number].id);
        break;
    case CHANGE_ALLOWAS_OFF:
        allowas_off(paste, change);
        break;
    case CHANGE_ASN:
        renumber(paste, change);
        break;
    case CHANGE_ROUTE_TUNNEL:
        route_tunnel(paste, change);
        break;
    case CHANGE_GATEWAY_ASN:
        paste_gateway(paste, change);
        break;
    case CHANGE_CUSTOMER_ASN:
        new_customer_gateway(paste, change->index, change->number);
        break;
    case CHANGE_SPEAK_BGP:
        paste_connection(paste, change);
        break;
    case CHANGE_SUMMARIZE:
        summaries(paste, change);
        break;
    case CHANGE_PEER:
        peering_paste(paste, (size_t)change->index);
        break;
    case CHANGE_HOST_ROUTE: /* told together */
    case CHANGE_NEXT_HOP_ROUTE:
    case CHANGE_ANNOUNCE:
    case CHANGE_ADD_STATIC:
    case CHANGE_IMPORT_DENY:
    case CHANGE_EXPORT_DENY:
    case CHANGE_REFUSE:
    case CHANGE_REFUSE_DIRECT:
    case CHANGE_WITHHOLD:
    default:
        break;
    }
}

/* All changes of one kind at one place. */
static void paste_place(struct paste *paste, const struct change *changes, size_t count)
{
    if (changes->kind == CHANGE_GUARD_HOLD)
        paste_line(paste, "# vpn_connections, id: %s",
                   paste->network->vpn_connections[changes->index].id);
    if (changes->kind == CHANGE_HOST_ROUTE || changes->kind == CHANGE_NEXT_HOP_ROUTE)
        host_routes(paste, changes, count);
    else if (changes->kind == CHANGE_IMPORT_DENY)
        import_filters(paste, changes, count);
    else if (paste_is_attachments(changes))
        paste_attachment_filter(paste, changes, count);
    else if (changes->kind == CHANGE_WITHHOLD)
        paste_export_filter(paste, router_of(paste, changes), changes, count);
    else if (changes->kind == CHANGE_ADD_STATIC)
        paste_statics(paste, changes, count);
    else if (changes->kind == CHANGE_ANNOUNCE)
        announcements(paste, changes, count);
    for (size_t i = 0; i < count; i++)
        paste_change(paste, &changes[i]);
}

/* Do the lines say themselves for which place they are? */
static bool names_its_place(const struct change *change)
{
    return change->kind == CHANGE_GUARD_HOLD || paste_is_attachments(change) ||
           change->kind == CHANGE_TABLE_DELETE || change->kind == CHANGE_STOP_STATIC ||
           change->kind == CHANGE_TABLE_PROPAGATE || change->kind == CHANGE_GATEWAY_ASN ||
           change->kind == CHANGE_CUSTOMER_ASN || change->kind == CHANGE_SPEAK_BGP ||
           change->kind == CHANGE_ADD_STATIC || change->kind == CHANGE_PEER;
}

static void add_step(struct check *check, struct check_remedy *remedy, const struct change *changes,
                     size_t count)
{
    struct check_step *step = &remedy->steps[remedy->step_count++];
    struct paste paste = {.check = check, .network = check->network, .step = step};
    step->kind = remedy->kind == CHECK_REMEDY_MIXED ? search_kind(changes) : remedy->kind;
    introduce(&paste, changes, count);
    paste_place(&paste, changes, count);
    bool announces = changes->kind == CHANGE_STOP || changes->kind == CHANGE_SUMMARIZE ||
                     changes->kind == CHANGE_ANNOUNCE || changes->kind == CHANGE_WITHHOLD;
    if (announces && is_far_side(check->network, changes->index))
        remedy->note = "not yours to change";
    if (count < remedy->change_count && !names_its_place(changes))
        check_add_text(check, &remedy->lines, check_text(check, "# on %s", step->where));
    for (size_t i = 0; i < step->lines.count; i++)
        check_add_text(check, &remedy->lines, step->lines.items[i]);
}

void lines_say(struct check *check, struct check_remedy *remedy)
{
    const struct change *changes = remedy->changes;
    size_t count = remedy->change_count;
    remedy->steps = check_take(check, count * sizeof *remedy->steps);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && same_place(&changes[from], &changes[to]); to++)
            ;
        add_step(check, remedy, &changes[from], to - from);
    }
    remedy->where = remedy->steps[0].where;
    remedy->change = remedy->steps[0].change;
    if (remedy->step_count > 1)
        remedy->change =
            check_text(check, "%s, and so on at %zu places", remedy->change, remedy->step_count);
    remedy->platform = remedy->steps[0].platform;
}
