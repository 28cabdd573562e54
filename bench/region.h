/* The network file of a region: gateways of AWS with a VPC each, that share nothing with each
 * other. Each has as many sites, with a router and a connection of their own, which announce their
 * networks. Of ten gateways
 *
 *     six are sound: every site has pinned its tunnels' endpoints to a default of its own;
 *     one has sites that pin nothing, and whose default, by DHCP, would give way to one by BGP;
 *     one has a site that announces the default after a minute, and half of the others fall to it,
 *         again and again;
 *     one has two sites with one AS number, and pins nothing: its static defaults would not stand
 *         against half of everything;
 *     one has a Direct Connect that announces the default, which every site withstands, though it
 *         pins nothing.
 *
 * So six of ten have nothing to be found but that a connection has one tunnel, where it has; the
 * others have findings about every tunnel, and remedies to be searched. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct region {
    unsigned gateways;    /* at most 250 */
    unsigned connections; /* of each, at most 100; 16,000 in all */
    unsigned routes;      /* of each */
    unsigned tunnels;     /* of each: 1 or 2 */
};

enum region_kind { REGION_SOUND, REGION_WEAK, REGION_FALLS, REGION_TWINS, REGION_DIRECT };

static inline enum region_kind region_kind(unsigned gateway)
{
    static const enum region_kind kinds[10] = {
        [3] = REGION_WEAK, [5] = REGION_FALLS, [7] = REGION_TWINS, [9] = REGION_DIRECT};
    return kinds[gateway % 10];
}

/* The default of a site: does it give way? */
static inline bool region_gives_way(unsigned gateway, unsigned site)
{
    enum region_kind kind = region_kind(gateway);
    return kind == REGION_WEAK || (kind == REGION_FALLS && site % 2 == 1);
}

static inline unsigned region_asn(unsigned gateway, unsigned site)
{
    return 65000 + (region_kind(gateway) == REGION_TWINS && site == 1 ? 0 : site);
}

static inline void region_write_vpcs(const struct region *region, FILE *out)
{
    fputs("vpcs:\n", out);
    for (unsigned i = 0; i < region->gateways; i++)
        fprintf(out,
                "  - id: vpc-%u\n    cidrs: [10.%u.0.0/16]\n    route_tables: [{id: rtb-%u, "
                "propagate: [vgw-%u]}]\n    subnets: [{id: subnet-%u, cidr: 10.%u.1.0/24, "
                "route_table: rtb-%u}]\n    instances: [{id: i-%u, subnet: subnet-%u, address: "
                "10.%u.1.10}]\n",
                i, i, i, i, i, i, i, i, i, i);
    fputs("vpn_gateways:\n", out);
    for (unsigned i = 0; i < region->gateways; i++)
        fprintf(out,
                "  - {id: vgw-%u, asn: 64512, vpc: vpc-%u, limits: {connections: 1000, propagated: "
                "100000, vpn_received: 1000, vpn_announced: 100000}}\n",
                i, i);
}

static inline void region_write_connection(const struct region *region, unsigned gateway,
                                           unsigned site, FILE *out)
{
    unsigned all = gateway * region->connections + site;
    fprintf(out,
            "  - id: vpn-%u-%u\n    vpn_gateway: vgw-%u\n    customer_gateway: cgw-%u-%u\n"
            "    limits: {received: 1000}\n    tunnels:\n",
            gateway, site, gateway, gateway, site);
    for (unsigned tunnel = 0; tunnel < region->tunnels; tunnel++) {
        unsigned pair = all * 2 + tunnel, inside = 32 + site * 2 + tunnel;
        fprintf(out,
                "      - {outside: 203.%u.%u.%u, inside: {vgw: 169.254.%u.%u, cgw: "
                "169.254.%u.%u}}\n",
                pair >> 14, pair >> 6 & 255, (pair & 63) + 1, inside >> 6, (inside & 63) * 4 + 1,
                inside >> 6, (inside & 63) * 4 + 2);
    }
}

static inline void region_write_router(const struct region *region, unsigned gateway, unsigned site,
                                       FILE *out)
{
    unsigned all = gateway * region->connections + site;
    fprintf(out,
            "  - id: site-%u-%u\n    platform: vyos\n    routes:\n      - {prefix: 0.0.0.0/0, via: "
            "198.%u.%u.1%s}\n",
            gateway, site, 18 + (all >> 8), all & 255,
            region_gives_way(gateway, site) ? ", from: dhcp" : "");
    for (unsigned pair = all * 2;
         region_kind(gateway) == REGION_SOUND && pair < all * 2 + region->tunnels; pair++)
        fprintf(out, "      - {prefix: 203.%u.%u.%u/32, via: 198.%u.%u.1}\n", pair >> 14,
                pair >> 6 & 255, (pair & 63) + 1, 18 + (all >> 8), all & 255);
    fprintf(out, "    bgp:\n      asn: %u\n      announce:\n", region_asn(gateway, site));
    for (unsigned route = 0; route < region->routes; route++) {
        unsigned network = all * region->routes + route;
        fprintf(out, "        - %u.%u.%u.0/24\n", 20 + (network >> 16), network >> 8 & 255,
                network & 255);
    }
}

static inline void region_write_directs(const struct region *region, FILE *out)
{
    for (unsigned i = 0; i < region->gateways; i++) {
        if (region_kind(i) == REGION_DIRECT)
            fprintf(out,
                    "%s  - {id: dxvif-%u, vpn_gateway: vgw-%u, router: edge-%u, vlan: %u, "
                    "inside: {vgw: 169.254.100.1, peer: 169.254.100.2}}\n",
                    i < 10 ? "direct_connects:\n" : "", i, i, i, 100 + i);
    }
}

static inline void region_write_story(const struct region *region, FILE *out)
{
    for (unsigned i = 0; i < region->gateways; i++) {
        if (region_kind(i) == REGION_FALLS)
            fprintf(out, "%s  - {at: 60s, announce: {router: site-%u-0, prefix: 0.0.0.0/0}}\n",
                    i < 10 ? "story:\n" : "", i);
    }
}

static inline void region_write(const struct region *region, FILE *out)
{
    unsigned count = region->gateways * region->connections;
    region_write_vpcs(region, out);
    fputs("customer_gateways:\n", out);
    for (unsigned i = 0; i < count; i++) {
        unsigned gateway = i / region->connections, site = i % region->connections;
        fprintf(out, "  - {id: cgw-%u-%u, asn: %u, address: 198.%u.%u.2, router: site-%u-%u}\n",
                gateway, site, region_asn(gateway, site), 18 + (i >> 8), i & 255, gateway, site);
    }
    fputs("vpn_connections:\n", out);
    for (unsigned i = 0; i < count; i++)
        region_write_connection(region, i / region->connections, i % region->connections, out);
    region_write_directs(region, out);
    fputs("routers:\n", out);
    for (unsigned i = 0; i < count; i++)
        region_write_router(region, i / region->connections, i % region->connections, out);
    for (unsigned i = 0; i < region->gateways; i++) {
        if (region_kind(i) == REGION_DIRECT)
            fprintf(out,
                    "  - {id: edge-%u, platform: unknown, bgp: {asn: 64900, announce: "
                    "[0.0.0.0/0]}}\n",
                    i);
    }
    region_write_story(region, out);
}
