#include "network/resolve.h"

#include "network/probe.h"
#include "tests/harness.h"

static void names_are_given_once(void)
{
    CHECK_BROKEN("id: dx-edge", "id: vyatta",
                 "27:50 no router is called \"dx-edge\" | there is \"vyatta\", \"vyatta\"\n"
                 "33:10 \"vyatta\" is already the name of a router (line 30) | every name in a "
                 "file is given once\n"
                 "35:34 no router is called \"dx-edge\" | there is \"vyatta\", \"vyatta\"");
    CHECK_BROKEN("id: i-app", "id: vgw-main",
                 "16:21 \"vgw-main\" is already the name of an instance (line 6) | every name in a "
                 "file is given once");
    CHECK_BROKEN("internet_gateway: igw-branch", "internet_gateway: rtb-app",
                 "9:23 \"rtb-app\" is already the name of a route table (line 4) | every name in "
                 "a file is given once");
}

static void a_dangling_name_gets_a_suggestion(void)
{
    CHECK_BROKEN("router: vyatta}]\nvpn", "router: vyata}]\nvpn",
                 "17:70 no router is called \"vyata\" | did you mean \"vyatta\" (line 30)?");
    CHECK_BROKEN("target: i-vyatta", "target: nowhere",
                 "10:77 no instance, internet gateway, VPC peering or VPN gateway is called "
                 "\"nowhere\" | there is \"i-app\", \"i-vyatta\", \"igw-branch\", \"pcx-1\", "
                 "\"vgw-main\"");
    CHECK_BROKEN("target: i-vyatta", "target: vpc-main",
                 "10:77 vpc-main is a VPC (line 2), not an instance, internet gateway, VPC peering "
                 "or VPN gateway | did you mean \"vgw-main\" (line 16)?");
    CHECK_ERRORS("customer_gateways: [{id: c, router: r}]",
                 "1:37 no router is called \"r\" | there is none in this file");
    CHECK_BROKEN("restart: {router: vyatta}", "restart: {tunnel: vpn-vyata/1}",
                 "36:34 no tunnel is called \"vpn-vyata/1\" | did you mean \"vpn-vyatta/1\" "
                 "(line 19)?");
    CHECK_BROKEN("restart: {router: vyatta}", "restart: {tunnel: vpn-vyata/2}",
                 "36:34 no tunnel is called \"vpn-vyata/2\" | did you mean \"vpn-vyatta/2\" "
                 "(line 19)?");
    CHECK_BROKEN("restart: {router: vyatta}", "restart: {tunnel: vpn-vyata/3}",
                 "36:34 no tunnel is called \"vpn-vyata/3\" | did you mean \"vpn-vyatta/1\" "
                 "(line 19)?");
    CHECK_BROKEN("restart: {router: vyatta}", "restart: {tunnel: dxvif-1}",
                 "36:34 dxvif-1 is a Direct Connect (line 27), not a tunnel | there is "
                 "\"vpn-vyatta/1\"");
    CHECK_BROKEN("restart: {router: vyatta}", "restart: {tunnel: vpn-vyatta}",
                 "36:34 no tunnel is called \"vpn-vyatta\" | expected vpn-vyatta/1 or /2");
}

static void every_kind_is_found_by_its_name(void)
{
    static const struct {
        const char *id;
        enum network_kind kind;
        int32_t index, part;
    } cases[] = {
        {"vpc-branch", NETWORK_VPC, 1, -1},
        {"rtb-branch", NETWORK_ROUTE_TABLE, 1, 0},
        {"subnet-app", NETWORK_SUBNET, 0, 0},
        {"i-vyatta", NETWORK_INSTANCE, 1, 0},
        {"igw-branch", NETWORK_INTERNET_GATEWAY, 1, -1},
        {"pcx-1", NETWORK_PEERING, 0, -1},
        {"vgw-main", NETWORK_VPN_GATEWAY, 0, -1},
        {"cgw-vyatta", NETWORK_CUSTOMER_GATEWAY, 0, -1},
        {"vpn-vyatta", NETWORK_VPN_CONNECTION, 0, -1},
        {"vpn-vyatta/2", NETWORK_TUNNEL, 0, 1},
        {"dxvif-1", NETWORK_DIRECT_CONNECT, 0, -1},
        {"dx-edge", NETWORK_ROUTER, 1, -1},
        {"nobody", NETWORK_NOTHING, -1, -1},
        {"vpn-vyatta/3", NETWORK_NOTHING, -1, -1},
        {"vpn-vyatta/11", NETWORK_NOTHING, -1, -1},
        {"vgw-main/1", NETWORK_NOTHING, -1, -1},
        {"", NETWORK_NOTHING, -1, -1},
    };
    struct network *network = probe_parse(probe_sound);
    CHECK(network != NULL);
    for (size_t i = 0; network && i < sizeof cases / sizeof *cases; i++) {
        struct network_ref ref = network_find(network, cases[i].id);
        CHECK_EQUAL(ref.kind, cases[i].kind);
        CHECK_EQUAL(ref.index, cases[i].index);
        CHECK_EQUAL(ref.part, cases[i].part);
    }
    network_free(network);
}

static void references_hold_indices(void)
{
    struct network *network = probe_parse(probe_sound);
    CHECK(network != NULL);
    if (!network)
        return;
    const struct network_vpc *branch = &network->vpcs[1];
    CHECK_EQUAL(branch->instances[0].router.index, 0);
    CHECK_EQUAL(branch->instances[0].subnet.index, 1);
    CHECK_EQUAL(branch->instances[0].subnet.part, 0);
    CHECK_EQUAL(branch->internet_gateway.kind, NETWORK_INTERNET_GATEWAY);
    CHECK_EQUAL(branch->internet_gateway.index, 1);
    CHECK_EQUAL(branch->route_tables[0].routes[0].target.kind, NETWORK_INSTANCE);
    CHECK_EQUAL(branch->route_tables[0].routes[0].target.index, 1);
    CHECK_EQUAL(network->vpcs[0].route_tables[0].propagate[0].index, 0);
    CHECK_EQUAL(network->vpcs[0].internet_gateway.index, -1);
    CHECK_EQUAL(network->vpc_peerings[0].accepter.index, 1);
    network_free(network);
}

static void every_kind_has_a_name(void)
{
    for (int kind = 0; kind < NETWORK_KINDS; kind++)
        CHECK(network_kind_name((enum network_kind)kind) != NULL);
}

int main(void)
{
    TEST(names_are_given_once);
    TEST(a_dangling_name_gets_a_suggestion);
    TEST(every_kind_is_found_by_its_name);
    TEST(references_hold_indices);
    TEST(every_kind_has_a_name);
    return harness_done();
}
