/* A network file of any size: a VPC with one gateway, and sites with a router each that announce
 * their networks over a connection of one or two tunnels. */
#pragma once

#include "base/slice.h"
#include "network/network.h"

#include <stdio.h>
#include <stdlib.h>

struct hub {
    unsigned connections; /* at most 4000 */
    unsigned tunnels;     /* of each: 1 or 2 */
    unsigned routes;      /* of each, at most 1000 */
    bool aws;             /* whose gateway: AWS's, which has no guard, or Sekisho's */
    bool dhcp;            /* the sites' own default: by DHCP, weaker than BGP's, or static */
    bool mutual;          /* the last two connections, of one tunnel each, are of one site, and what
                             site-1 announces leads each into the other (T02) */
    bool announced;       /* site-1 announces the default after a minute */
};

/* Of connection number's first tunnel. */
static inline void hub_write_outside(unsigned number, FILE *out)
{
    unsigned pair = number * 2;
    fprintf(out, "203.%u.%u.%u/32", pair >> 14, pair >> 6 & 255, (pair & 63) + 1);
}

static inline bool hub_is_second(const struct hub *hub, unsigned number)
{
    return hub->mutual && number == hub->connections;
}

static inline void hub_write_connection(const struct hub *hub, unsigned number, FILE *out)
{
    fprintf(out,
            "  - id: vpn-%u\n    vpn_gateway: vgw-hub\n    customer_gateway: cgw-%u\n"
            "    limits: {received: 1000}\n",
            number, number - hub_is_second(hub, number));
    if (hub->mutual && number + 1 >= hub->connections) {
        fprintf(out, "    export: [{deny: ");
        hub_write_outside(number, out);
        fprintf(out, "}]\n");
    }
    fprintf(out, "    tunnels:\n");
    for (unsigned tunnel = 0; tunnel < hub->tunnels; tunnel++) {
        unsigned pair = number * 2 + tunnel;
        fprintf(out,
                "      - {outside: 203.%u.%u.%u, inside: {vgw: 169.254.%u.%u, cgw: "
                "169.254.%u.%u}}\n",
                pair >> 14, pair >> 6 & 255, (pair & 63) + 1, pair >> 6 & 255, (pair & 63) * 4 + 1,
                pair >> 6 & 255, (pair & 63) * 4 + 2);
    }
}

static inline void hub_write_router(const struct hub *hub, unsigned number, FILE *out)
{
    fprintf(out,
            "  - id: site-%u\n    platform: vyos\n    routes: [{prefix: 0.0.0.0/0, via: "
            "198.%u.%u.1%s}]\n    bgp:\n      asn: %u\n      announce:\n",
            number, 18 + (number >> 8), number & 255, hub->dhcp ? ", from: dhcp" : "",
            65000 + number);
    for (unsigned route = 0; route < hub->routes; route++) {
        unsigned network = number * hub->routes + route;
        fprintf(out, "        - %u.%u.%u.0/24\n", 20 + (network >> 16), network >> 8 & 255,
                network & 255);
    }
    for (unsigned other = hub->connections - 1; hub->mutual && number == 1; other++) {
        fprintf(out, "        - ");
        hub_write_outside(other, out);
        fprintf(out, "\n");
        if (other == hub->connections)
            break;
    }
}

static inline void hub_write(const struct hub *hub, FILE *out)
{
    fprintf(out,
            "vpcs:\n  - id: vpc-hub\n    cidrs: [10.0.0.0/16]\n    route_tables: [{id: rtb-hub, "
            "propagate: [vgw-hub]}]\n    subnets: [{id: subnet-hub, cidr: 10.0.1.0/24, "
            "route_table: rtb-hub}]\n    instances: [{id: i-hub, subnet: subnet-hub, address: "
            "10.0.1.10}]\nvpn_gateways:\n  - id: vgw-hub\n    asn: 64512\n    vpc: vpc-hub\n"
            "    platform: %s\n    limits: {connections: 4000, propagated: 100000, "
            "vpn_received: 1000, vpn_announced: 100000}\ncustomer_gateways:\n",
            hub->aws ? "aws" : "sekisho");
    for (unsigned i = 1; i <= hub->connections - hub->mutual; i++)
        fprintf(out, "  - {id: cgw-%u, asn: %u, address: 198.%u.%u.2, router: site-%u}\n", i,
                65000 + i, 18 + (i >> 8), i & 255, i);
    fprintf(out, "vpn_connections:\n");
    for (unsigned i = 1; i <= hub->connections; i++)
        hub_write_connection(hub, i, out);
    fprintf(out, "routers:\n");
    for (unsigned i = 1; i <= hub->connections - hub->mutual; i++)
        hub_write_router(hub, i, out);
    if (hub->announced)
        fprintf(out, "story: [{at: 60s, announce: {router: site-1, prefix: 0.0.0.0/0}}]\n");
}

/* The caller frees *ret_text. */
static inline struct slice hub_text(const struct hub *hub, char **ret_text)
{
    size_t size = 0;
    FILE *out = open_memstream(ret_text, &size);
    if (!out)
        abort();
    hub_write(hub, out);
    fclose(out);
    return (struct slice){(const uint8_t *)*ret_text, size};
}

/* The text as a network; a text that is not sound ends the program. */
static inline struct network *hub_parse(struct slice text)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    diagnostics_init(&diagnostics);
    if (!network_parse(text, "hub.yaml", &diagnostics, &network)) {
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stderr);
        exit(1);
    }
    diagnostics_done(&diagnostics);
    return network;
}
