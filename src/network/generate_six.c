#include "network/generate_six.h"

enum { SIX_SEED = 0x51 };

static const char *six_pick(struct plan *plan, const char *const *texts, unsigned count)
{
    return texts[prng_below(&plan->six_prng, count)];
}

#define SIX_PICK(plan, ...)                                                                        \
    six_pick(plan, (const char *const[]){__VA_ARGS__},                                             \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* VPCs and sites have a /56 each, Direct Connects a /48. */
static unsigned vpc_net(unsigned gateway)
{
    return 0x10 + gateway;
}

static unsigned site_net(unsigned site)
{
    return 0x100 + site;
}

/* -- deciding -- */

/* AWS carries none through a virtual private gateway's tunnels; now and then somebody tries. */
static void plan_connection(struct plan *plan, struct connection_plan *connection)
{
    bool carried = six_chance(plan, plan->gateways[connection->gateway].aws ? 10 : 80);
    for (unsigned i = 0; i < connection->tunnel_count; i++)
        connection->tunnels[i].six = carried && (i == 0 || six_chance(plan, 90));
}

void six_plan(struct plan *plan, uint64_t seed)
{
    plan->six_prng = prng_seed(seed ^ (uint64_t)SIX_SEED << 56);
    plan->six = true;
    plan->six = six_chance(plan, plan->shape->six_percent);
    for (unsigned i = 0; i < plan->gateway_count; i++)
        plan->gateways[i].six = plan->gateways[i].vpc && six_chance(plan, 85);
    for (unsigned i = 0; i < plan->site_count; i++) {
        plan->sites[i].six = six_chance(plan, 85);
        plan->sites[i].six_statics = six_chance(plan, 25);
    }
    for (unsigned i = 0; i < plan->connection_count; i++)
        plan_connection(plan, &plan->connections[i]);
}

/* -- VPCs -- */

void six_vpc_cidr(struct plan *plan, unsigned gateway)
{
    if (plan->gateways[gateway].six)
        SAY(plan, ", \"2001:db8:%x::/56\"", vpc_net(gateway));
    if (plan->gateways[gateway].six && six_chance(plan, 5))
        SAY(plan, ", \"2001:db8:%x:ff00::/56\"", vpc_net(gateway));
}

void six_vpc_subnet(struct plan *plan, unsigned gateway)
{
    if (plan->gateways[gateway].six)
        SAY(plan, ", ipv6_cidr: \"2001:db8:%x:1::/64\"", vpc_net(gateway));
}

void six_vpc_instance(struct plan *plan, unsigned gateway)
{
    if (plan->gateways[gateway].six)
        SAY(plan, ", ipv6_address: \"2001:db8:%x:1::10\"", vpc_net(gateway));
}

/* What stands before propagated routes, hides them, or leads nowhere. */
void six_vpc_routes(struct plan *plan, unsigned gateway, const char *separator)
{
    if (six_chance(plan, 20)) {
        SAY(plan, "%s{prefix: \"::/0\", target: vgw-%u}", separator, gateway);
        separator = ", ";
    }
    if (six_chance(plan, 15)) {
        SAY(plan, "%s{prefix: \"2001:db8:%x::/%s\", target: ", separator, site_net(0),
            SIX_PICK(plan, "56", "64"));
        if (six_chance(plan, 50))
            SAY(plan, "i-%u}", gateway);
        else
            SAY(plan, "blackhole}");
        separator = ", ";
    }
    if (plan->peered && gateway < 2 && plan->gateways[!gateway].six)
        SAY(plan, "%s{prefix: \"2001:db8:%x::/56\", target: pcx}", separator, vpc_net(!gateway));
}

void six_site_cidr(struct plan *plan, unsigned site, const char *key, unsigned len)
{
    if (plan->sites[site].six)
        SAY(plan, ", %s\"2001:db8:%x::/%u\"", key, site_net(site), len);
}

void six_site_address(struct plan *plan, unsigned site, const char *separator, unsigned host)
{
    if (plan->sites[site].six)
        SAY(plan, "%sipv6_address: \"2001:db8:%x::%u\"", separator, site_net(site), host);
}

void six_site_vpc_routes(struct plan *plan, unsigned site)
{
    for (unsigned i = 0; plan->sites[site].six && i < plan->gateway_count; i++) {
        if (plan->gateways[i].six)
            SAY(plan, "          - {prefix: \"2001:db8:%x::/56\", target: i-site-%u}\n", vpc_net(i),
                site);
    }
    if (plan->sites[site].six)
        SAY(plan, "          - {prefix: \"::/0\", target: igw-%u}\n", site);
}

/* -- connections -- */

void six_inside(struct plan *plan, const struct tunnel_plan *tunnel)
{
    if (tunnel->six)
        SAY(plan, ", inside_ipv6: \"fd00:8:%x::/126\"", tunnel->inside);
}

void six_static_routes(struct plan *plan, const struct connection_plan *connection)
{
    if (!connection->tunnels[0].six)
        return;
    six_site_cidr(plan, connection->site, "", 56);
    if (six_chance(plan, plan->shape->danger_percent))
        SAY(plan, ", \"::/0\"");
}

void six_may_announce(struct plan *plan)
{
    if (six_chance(plan, 60))
        SAY(plan, ", \"2001:db8::/32\"");
}

void six_direct_connect(struct plan *plan, unsigned index)
{
    if (!six_chance(plan, 70))
        return;
    if (six_chance(plan, 40))
        SAY(plan, "    ipv6_session: {vgw: \"fd00:100:%x::1\", peer: \"fd00:100:%x::2\"}\n", index,
            index);
    else
        SAY(plan, "    inside_ipv6: \"fd00:100:%x::/126\"\n", index);
}

/* -- announcements -- */

/* What takes what is not its own: everything, its halves, all that is handed out, somebody's own
 * range, and a part of another's. No tunnel's endpoint lies in any of it: outside addresses are
 * IPv4's. */
static void say_danger(struct plan *plan)
{
    if (six_chance(plan, plan->shape->danger_percent))
        SAY(plan, ", %s",
            SIX_PICK(plan, "\"::/0\"", "\"::/1\", \"8000::/1\"", "\"2000::/3\"",
                     "\"2001:db8:10::/56\"", "\"2001:db8:100:80::/57\""));
}

void six_announce(struct plan *plan, unsigned site)
{
    if (plan->sites[site].six && six_chance(plan, 10))
        SAY(plan, ", {prefix: \"2001:db8:%x::/56\", as_path: [%u, %u]}", site_net(site),
            plan->sites[site].asn, plan->sites[site].asn);
    else
        six_site_cidr(plan, site, "", 56);
    say_danger(plan);
}

void six_direct_connect_announce(struct plan *plan, unsigned index)
{
    if (six_chance(plan, 80))
        SAY(plan, ", \"2001:db8:%x::/48\"", 0x200 + index);
    say_danger(plan);
}

/* -- routers' own routes -- */

bool six_has_routes(const struct plan *plan, unsigned site)
{
    bool any = plan->sites[site].six_statics;
    for (unsigned i = 0; i < plan->connection_count; i++)
        any |= plan->connections[i].site == site && plan->connections[i].tunnels[0].six &&
               plan->connections[i].is_static;
    return any;
}

/* Into the first tunnel of static connections that carry IPv6. */
static void say_into_tunnels(struct plan *plan, unsigned site)
{
    unsigned into[GENERATE_GATEWAYS_MAX] = {0};
    for (unsigned i = 0; i < plan->connection_count; i++) {
        const struct connection_plan *connection = &plan->connections[i];
        if (connection->site == site && connection->is_static && connection->tunnels[0].six &&
            plan->gateways[connection->gateway].six && !into[connection->gateway]++)
            SAY(plan, "      - {prefix: \"2001:db8:%x::/56\", tunnel: vpn-%u/1}\n",
                vpc_net(connection->gateway), i);
    }
}

void six_routes(struct plan *plan, unsigned site)
{
    static const char *const kinds[] = {
        "{prefix: \"::/0\", blackhole: true}",
        "{prefix: \"2001:db8::/32\", blackhole: true}",
        "{prefix: \"2000::/3\", via: \"fd00:8::1\"}", /* of the first connection's tunnel */
        "{prefix: \"2001:db8:10:1::/64\", interface: eth0}",
    };
    say_into_tunnels(plan, site);
    if (!plan->sites[site].six_statics)
        return;
    if (plan->sites[site].place == PLACE_INSTANCE && plan->sites[site].six)
        SAY(plan, "      - {prefix: \"::/0\", via: \"2001:db8:%x::1\"%s}\n", site_net(site),
            SIX_PICK(plan, "", ", from: dhcp", ", distance: 210"));
    else
        SAY(plan, "      - %s\n", six_pick(plan, kinds, sizeof kinds / sizeof *kinds));
}

/* -- wanted reachability and the story -- */

void six_wanted(struct plan *plan, const struct connection_plan *connection)
{
    if (plan->gateways[connection->gateway].six && six_chance(plan, 60))
        SAY(plan, "  - {from: i-%u, to: \"2001:db8:%x::20\"}\n", connection->gateway,
            site_net(connection->site));
}

bool six_step(struct plan *plan, unsigned site)
{
    if (!six_chance(plan, 30))
        return false;
    if (six_chance(plan, 70)) { /* one after the other: arguments have no order */
        const char *prefix = SIX_PICK(plan, "\"::/0\"", "\"8000::/1\"", "\"2001:db8:10::/56\"");
        const char *verb = SIX_PICK(plan, "announce", "announce", "withdraw");
        SAY(plan, "%s: {router: site-%u, prefix: %s}", verb, site, prefix);
    } else {
        SAY(plan, "configure: {router: site-%u, import: [{deny: \"::/0\"%s}]}", site,
            SIX_PICK(plan, "", ", le: 128"));
    }
    return true;
}
