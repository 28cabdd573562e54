#include "network/split.h"

#include "tests/harness.h"

#include <string.h>

/* Two regions that share nothing but the file, one of them with two gateways. */
static const char text[] =
    "vpcs:\n"
    "  - {id: vpc-b, cidrs: [10.2.0.0/16], route_tables: [{id: rtb-b, propagate: [vgw-b]}]}\n"
    "  - {id: vpc-a, cidrs: [10.1.0.0/16], route_tables: [{id: rtb-a, propagate: [vgw-a]}]}\n"
    "vpn_gateways:\n"
    "  - {id: vgw-a, asn: 64512, vpc: vpc-a}\n"
    "  - {id: vgw-b, asn: 64513, vpc: vpc-b}\n"
    "  - {id: vgw-c, asn: 64514}\n"
    "customer_gateways:\n"
    "  - {id: cgw-b, asn: 65002, address: 198.51.100.10, router: b}\n"
    "  - {id: cgw-a, asn: 65001, address: 192.0.2.10, router: a}\n"
    "vpn_connections:\n"
    "  - {id: vpn-b, vpn_gateway: vgw-b, customer_gateway: cgw-b,\n"
    "     tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}}]}\n"
    "  - {id: vpn-a, vpn_gateway: vgw-a, customer_gateway: cgw-a,\n"
    "     tunnels: [{outside: 203.0.113.2, inside: {vgw: 169.254.2.1, cgw: 169.254.2.2}}]}\n"
    "  - {id: vpn-c, vpn_gateway: vgw-c, customer_gateway: cgw-a,\n"
    "     tunnels: [{outside: 203.0.113.3, inside: {vgw: 169.254.3.1, cgw: 169.254.3.2}}]}\n"
    "routers:\n"
    "  - {id: a, platform: frr, bgp: {asn: 65001, announce: [10.11.0.0/16]}}\n"
    "  - {id: b, platform: frr, bgp: {asn: 65002, announce: [10.12.0.0/16]}}\n"
    "wanted: [{from: a, to: 10.1.0.9}, {from: b, to: 10.2.0.9}]\n"
    "story: [{at: 1m, announce: {router: a, prefix: 0.0.0.0/0}}]\n";

static struct network *parse(const char *from, const char *to)
{
    char edited[4096];
    struct diagnostics diagnostics;
    struct network *network = NULL;
    const char *at = from ? strstr(text, from) : NULL;
    snprintf(edited, sizeof edited, "%.*s%s%s", at ? (int)(at - text) : 0, text, at ? to : "",
             at ? at + strlen(from) : text);
    diagnostics_init(&diagnostics);
    bool sound = network_parse((struct slice){(const uint8_t *)edited, strlen(edited)}, "rig",
                               &diagnostics, &network);
    CHECK(sound);
    if (!sound)
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
    diagnostics_done(&diagnostics);
    return network;
}

/* Both, one behind the other; valid until the next call. */
static const char *joined(const char *left, const char *right)
{
    static char both[4096];
    snprintf(both, sizeof both, "%s%s", left, right);
    return both;
}

static size_t count_parts(const char *from, const char *to)
{
    struct network *network = parse(from, to);
    struct network_parts parts;
    network_split(network, &parts);
    size_t count = parts.count;
    network_parts_done(&parts);
    network_free(network);
    return count;
}

static void what_shares_nothing_comes_apart(void)
{
    struct network *network = parse(NULL, NULL);
    struct network_parts parts;
    network_split(network, &parts);
    CHECK_EQUAL((int64_t)parts.count, 2);
    const struct network *b = parts.items[0].network, *a = parts.items[1].network;
    CHECK_EQUAL((int64_t)b->vpn_gateway_count, 1);
    CHECK_EQUAL((int64_t)a->vpn_gateway_count, 2);
    CHECK_TEXT(b->vpcs[0].id, "vpc-b");
    CHECK_TEXT(a->vpn_connections[1].id, "vpn-c");
    CHECK_EQUAL((int64_t)a->vpn_connection_count, 2);
    CHECK_EQUAL((int64_t)a->step_count, 1);
    CHECK_EQUAL(a->story[0].object.index, 0); /* the second one of the file is b */
    CHECK_EQUAL((int64_t)b->step_count, 0);
    CHECK_EQUAL((int64_t)a->wanted_count, 1);
    CHECK_EQUAL((int64_t)b->wanted_count, 1);
    CHECK_TEXT(b->wanted[0].from.id, "b");
    network_parts_done(&parts);
    network_free(network);
}

static void references_count_anew_and_back(void)
{
    struct network *network = parse(NULL, NULL);
    struct network_parts parts;
    network_split(network, &parts);
    const struct network_part *b = &parts.items[0];
    CHECK_EQUAL(b->network->vpn_connections[0].vpn_gateway.index, 0);
    CHECK_EQUAL(b->network->customer_gateways[0].router.index, 0);
    CHECK_EQUAL(b->network->vpcs[0].route_tables[0].propagate[0].index, 0);
    CHECK_EQUAL(b->of[NETWORK_ROUTER][0], 1);
    CHECK_EQUAL(b->of[NETWORK_VPN_GATEWAY][0], 1);
    CHECK_EQUAL(parts.items[1].of[NETWORK_VPN_CONNECTION][1], 2);
    CHECK_EQUAL(parts.items[1].of[NETWORK_VPN_GATEWAY][1], 2);
    network_parts_done(&parts);
    network_free(network);
}

static void what_shares_something_stays_together(void)
{
    static const char *const joined[][2] = {
        {"bgp: {asn: 65001, announce: [10.11.0.0/16]}}\n  - {id: b, platform: frr, ",
         "bgp: {asn: 65001}, underlay: {asn: 3320, announce: [0.0.0.0/0]}}\n"
         "  - {id: b, platform: frr, underlay: {asn: 3320, announce: [0.0.0.0/0]}, "},
        {"propagate: [vgw-b]", "propagate: [vgw-b, vgw-a]"},
        {"wanted:", "vpc_peerings: [{id: p, requester: vpc-a, accepter: vpc-b}]\nwanted:"},
        {"wanted:", "direct_connects: [{id: d, vpn_gateway: vgw-b, router: a, inside:"
                    " {vgw: 169.254.9.1, peer: 169.254.9.2}}]\nwanted:"},
        {"wanted: [", "wanted: [{from: a, to: b}, "},
        {"wanted: [", "wanted: [{from: 10.1.0.9, to: 10.2.0.9}, "},
        {"0.0.0.0/0}}]\n",
         "0.0.0.0/0}}, {at: 2m, configure: {route_table: rtb-b, add_routes: [{prefix:"
         " 10.9.0.0/16, target: vgw-a}]}}]\n"},
    };
    CHECK_EQUAL((int64_t)count_parts(NULL, NULL), 2);
    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++)
        CHECK_EQUAL((int64_t)count_parts(joined[i][0], joined[i][1]), 1);
}

static void one_part_is_the_whole(void)
{
    struct network *network = parse("propagate: [vgw-b]", "propagate: [vgw-b, vgw-a]");
    struct network_parts parts;
    network_split(network, &parts);
    CHECK_EQUAL((int64_t)parts.count, 1);
    CHECK(!parts.items[0].network);
    network_parts_done(&parts);
    network_free(network);
}

/* Groups of VPC b name a group or a list; of its 2 or 65 ranges, VPC a names the list, too. */
static size_t parts_by_groups(const char *far_side, unsigned ranges)
{
    char groups[2048];
    size_t used = (size_t)snprintf(
        groups, sizeof groups,
        "    security_groups: [{id: sg-b, inbound: [{from: %s}, {from: pl}]}]}\n"
        "  - {id: vpc-a, security_groups: [{id: sg-a, inbound: [{from: pl}, {from: pl}]}], "
        "cidrs: [10.1.0.0/16], route_tables: [{id: rtb-a, propagate: [vgw-a]}]}\n"
        "prefix_lists: [{id: pl-unused, prefixes: [10.0.0.0/8]}, {id: pl, prefixes: [",
        far_side);
    for (unsigned i = 0; i < ranges; i++)
        used += (size_t)snprintf(groups + used, sizeof groups - used, "%s10.%u.0.0/16",
                                 i ? ", " : "", i);
    snprintf(groups + used, sizeof groups - used, "]}]\n");
    struct network *network =
        parse("}]}\n  - {id: vpc-a, cidrs: [10.1.0.0/16], route_tables: [{id: rtb-a, propagate: "
              "[vgw-a]}]}\n",
              joined("}],\n", groups));
    struct network_parts parts;
    network_split(network, &parts);
    for (size_t i = 0; parts.count > 1 && i < parts.count; i++) {
        const struct network *part = parts.items[i].network;
        CHECK_EQUAL((int64_t)part->prefix_list_count, 1); /* once, and none that nobody names */
        CHECK_TEXT(part->prefix_lists[0].id, "pl");
        CHECK_EQUAL((int64_t)part->prefix_lists[0].prefix_count, ranges);
    }
    size_t count = parts.count;
    network_parts_done(&parts);
    network_free(network);
    return count;
}

static void rules_keep_together_what_they_name(void)
{
    CHECK_EQUAL((int64_t)parts_by_groups("sg-b", 2), 2); /* a short list is each one's own */
    CHECK_EQUAL((int64_t)parts_by_groups("sg-a", 2), 1);
    CHECK_EQUAL((int64_t)parts_by_groups("sg-b", 64), 2);
    CHECK_EQUAL((int64_t)parts_by_groups("sg-b", 65), 1);
}

int main(void)
{
    TEST(what_shares_nothing_comes_apart);
    TEST(references_count_anew_and_back);
    TEST(what_shares_something_stays_together);
    TEST(rules_keep_together_what_they_name);
    TEST(one_part_is_the_whole);
    return harness_done();
}
