/* For the tests of this room, which include tests/harness.h: a text goes in, errors or the network
 * come out. */
#pragma once

#include "network/network.h"

#include <stdlib.h>
#include <string.h>

static inline struct slice probe_slice(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

/* What FILE-writing functions wrote, as a text that the caller frees. */
struct probe {
    char *text;
    size_t size;
    FILE *file;
};

static inline void probe_open(struct probe *probe)
{
    *probe = (struct probe){0};
    probe->file = open_memstream(&probe->text, &probe->size);
}

static inline char *probe_close(struct probe *probe)
{
    fclose(probe->file);
    return probe->text;
}

/* The errors as lines "2:7 message | hint"; "fine" when there are none. */
static inline char *probe_errors_in(struct slice text)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    struct probe probe;
    diagnostics_init(&diagnostics);
    probe_open(&probe);
    if (network_parse(text, "test.yaml", &diagnostics, &network))
        fputs("fine", probe.file);
    for (size_t i = 0; i < diagnostics.count; i++) {
        const struct diagnostic *item = &diagnostics.items[i];
        fprintf(probe.file, "%s%u:%u %s%s%s", i ? "\n" : "", item->place.line, item->place.column,
                item->message, item->hint ? " | " : "", item->hint ? item->hint : "");
    }
    network_free(network);
    diagnostics_done(&diagnostics);
    return probe_close(&probe);
}

static inline char *probe_errors(const char *text)
{
    return probe_errors_in(probe_slice(text));
}

/* The network, which the test expects to be sound; else its errors are shown. */
static inline struct network *probe_parse(const char *text)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    diagnostics_init(&diagnostics);
    if (!network_parse(probe_slice(text), "test.yaml", &diagnostics, &network))
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
    diagnostics_done(&diagnostics);
    return network;
}

static inline char *probe_format(const struct network *network)
{
    struct probe probe;
    probe_open(&probe);
    network_format(network, probe.file);
    return probe_close(&probe);
}

/* A sound file, for tests that break one thing. The line numbers stand at the left. */
/* clang-format off */
static const char probe_sound[] =
/* 1*/ "vpcs:\n"
/* 2*/ "  - id: vpc-main\n"
/* 3*/ "    cidrs: [10.10.0.0/16]\n"
/* 4*/ "    route_tables: [{id: rtb-app, propagate: [vgw-main], routes: []}]\n"
/* 5*/ "    subnets: [{id: subnet-app, cidr: 10.10.1.0/24, route_table: rtb-app}]\n"
/* 6*/ "    instances: [{id: i-app, subnet: subnet-app, address: 10.10.1.10}]\n"
/* 7*/ "  - id: vpc-branch\n"
/* 8*/ "    cidrs: [10.20.0.0/16]\n"
/* 9*/ "    internet_gateway: igw-branch\n"
/*10*/ "    route_tables: [{id: rtb-branch, routes: [{prefix: 10.10.0.0/16, target: i-vyatta}]}]\n"
/*11*/ "    subnets: [{id: subnet-edge, cidr: 10.20.0.0/24, route_table: rtb-branch}]\n"
/*12*/ "    instances:\n"
/*13*/ "      - {id: i-vyatta, subnet: subnet-edge, address: 10.20.0.10,\n"
/*14*/ "         elastic_address: 198.51.100.10, source_dest_check: false, router: vyatta}\n"
/*15*/ "vpc_peerings: [{id: pcx-1, requester: vpc-main, accepter: vpc-branch}]\n"
/*16*/ "vpn_gateways: [{id: vgw-main, asn: 10124, vpc: vpc-main, platform: sekisho}]\n"
/*17*/ "customer_gateways: [{id: cgw-vyatta, address: 198.51.100.10, router: vyatta}]\n"
/*18*/ "vpn_connections:\n"
/*19*/ "  - id: vpn-vyatta\n"
/*20*/ "    vpn_gateway: vgw-main\n"
/*21*/ "    customer_gateway: cgw-vyatta\n"
/*22*/ "    guard: warn\n"
/*23*/ "    tunnels:\n"
/*24*/ "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}\n"
/*25*/ "      - {outside: 203.0.113.226, inside: {vgw: 169.254.252.33, cgw: 169.254.252.34}}\n"
/*26*/ "direct_connects:\n"
/*27*/ "  - {id: dxvif-1, vpn_gateway: vgw-main, router: dx-edge, vlan: 101,\n"
/*28*/ "     inside: {vgw: 169.254.100.1, peer: 169.254.100.2}}\n"
/*29*/ "routers:\n"
/*30*/ "  - {id: vyatta, platform: vyatta,\n"
/*31*/ "     routes: [{prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp}],\n"
/*32*/ "     bgp: {asn: 65000, announce: [10.20.0.0/16]}}\n"
/*33*/ "  - {id: dx-edge, bgp: {asn: 65001, announce: [10.30.0.0/16]}}\n"
/*34*/ "story:\n"
/*35*/ "  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n"
/*36*/ "  - {at: 240s, restart: {router: vyatta}}\n"
/*37*/ "until: 10m\n";
/* clang-format on */

/* A copy of the text with the first `from` turned into `to`; the caller frees it. */
static inline char *probe_replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    struct probe probe;
    probe_open(&probe);
    if (at)
        fprintf(probe.file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    else
        fprintf(probe.file, "# \"%s\" is not in the text\n*", from);
    return probe_close(&probe);
}

/* The sound file with one thing broken has exactly these errors. */
#define CHECK_BROKEN(from, to, expected)                                                           \
    do {                                                                                           \
        char *broken_text = probe_replace(probe_sound, from, to);                                  \
        CHECK_ERRORS(broken_text, expected);                                                       \
        free(broken_text);                                                                         \
    } while (0)

#define CHECK_ERRORS(yaml, expected)                                                               \
    do {                                                                                           \
        char *found_errors = probe_errors(yaml);                                                   \
        harness_same_text(found_errors, expected, __FILE__, __LINE__);                             \
        free(found_errors);                                                                        \
    } while (0)
