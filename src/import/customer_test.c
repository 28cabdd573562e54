#include "import/customer.h"

#include "network/network.h"
#include "tests/harness.h"

#include <stdlib.h>

#define KEY(psk) "<ike><pre_shared_key>" psk "</pre_shared_key></ike>"
#define ADDRESSES(outside, inside)                                                                 \
    "<tunnel_outside_address><ip_address>" outside "</ip_address></tunnel_outside_address>"        \
    "<tunnel_inside_address><ip_address>" inside "</ip_address></tunnel_inside_address>"
#define TUNNEL(outside, inside_vgw, inside_cgw, rest)                                              \
    "<ipsec_tunnel><customer_gateway>" ADDRESSES(                                                  \
        "198.51.100.10",                                                                           \
        inside_cgw) "<bgp><asn>65000</asn><hold_time>30</hold_time></bgp></customer_gateway>"      \
                    "<vpn_gateway>" ADDRESSES(                                                     \
                        outside, inside_vgw) "<bgp><asn>7224</asn></bgp></vpn_gateway>" rest       \
                                             "<ipsec><dead_peer_detection><interval>10</"          \
                                             "interval><retries>3</retries>"                       \
                                             "</dead_peer_detection></ipsec></ipsec_tunnel>\n"
#define HEAD                                                                                       \
    "<vpn_connection "                                                                             \
    "id=\"vpn-44a8938f\">\n<customer_gateway_id>cgw-8f8938f4</customer_gateway_id>"                \
    "<vpn_gateway_id>vgw-8db04f81</vpn_gateway_id>\n"
#define STATIC "<vpn_connection_attributes>NoBGPVPNConnection</vpn_connection_attributes>"
#define ONE    TUNNEL("203.0.113.1", "169.254.252.29", "169.254.252.30", KEY("abcdefgh"))
#define TWO    TUNNEL("203.0.113.2", "169.254.253.29", "169.254.253.30", KEY("key.with_64"))
#define TAIL   "</vpn_connection>"

static char said[1024];

/* NULL: said says why. What it is parses. */
static struct network *network_of(const char *xml, const struct customer_wishes *wishes)
{
    struct slice bytes = {(const uint8_t *)xml, strlen(xml)};
    struct diagnostics diagnostics;
    struct network *network = NULL;
    size_t size = 0;
    memset(said, 0, sizeof said);
    FILE *err = fmemopen(said, sizeof said, "w");
    char *text = customer_network(bytes, "a.xml", wishes, err, &size);
    fclose(err);
    if (!text)
        return NULL;
    CHECK_EQUAL(size, strlen(text));
    diagnostics_init(&diagnostics);
    bool fine =
        network_parse((struct slice){(const uint8_t *)text, size}, "a.xml", &diagnostics, &network);
    if (!fine)
        printf("# %s\n", text);
    CHECK(fine);
    diagnostics_done(&diagnostics);
    free(text);
    return network;
}

static void both_tunnels_have_their_keys(void)
{
    struct customer_wishes wishes = {.announce = "10.1.0.0/16,10.2.0.0/16"};
    struct network *network = network_of(HEAD ONE TWO TAIL, &wishes);
    CHECK(network != NULL);
    if (!network)
        return;
    const struct network_connection *connection = &network->vpn_connections[0];
    CHECK_TEXT(connection->id, "vpn-44a8938f");
    CHECK_TEXT(network->customer_gateways[0].id, "cgw-8f8938f4");
    CHECK(network->customer_gateways[0].address == 0xc633640a);
    CHECK_EQUAL(network->vpn_gateways[0].asn, 7224);
    CHECK_EQUAL(connection->tunnel_count, 2);
    CHECK_TEXT(connection->tunnels[0].psk, "abcdefgh");
    CHECK_TEXT(connection->tunnels[1].psk, "key.with_64");
    CHECK(connection->tunnels[1].outside == 0xcb007102);
    CHECK(connection->tunnels[1].inside_cgw == 0xa9fefd1e);
    CHECK_EQUAL(connection->bgp.hold_us, 30000000);
    CHECK(network->customer_gateways[0].dpd != NULL);
    CHECK_EQUAL(network->customer_gateways[0].dpd->retries, 3);
    CHECK_EQUAL(network->customer_gateways[0].dpd->action, NETWORK_DPD_RESTART);
    CHECK(!connection->static_routes);
    CHECK_EQUAL(network->routers[0].bgp->asn, 65000);
    CHECK_EQUAL(network->routers[0].bgp->announce_count, 2);
    network_free(network);
}

/* What is not wished for is not said, and is what a network file means then. */
static void the_version_of_ike_is_as_wished(void)
{
    for (unsigned ike = 0; ike <= 2; ike++) {
        struct customer_wishes wishes = {.announce = "10.1.0.0/16", .ike = ike};
        struct network *network = network_of(HEAD ONE TWO TAIL, &wishes);
        CHECK(network && network->vpn_connections[0].ike == (ike == 1 ? 1 : 2));
        network_free(network);
    }
}

static void without_bgp_it_is_told_where_the_tunnels_lead(void)
{
    struct customer_wishes wishes = {.announce = "10.1.0.0/16", .reach = "10.10.0.0/16"};
    struct network *network = network_of(HEAD STATIC ONE TWO TAIL, &wishes);
    CHECK(network != NULL);
    if (!network)
        return;
    CHECK_EQUAL(network->vpn_connections[0].static_route_count, 1);
    CHECK_EQUAL(network->routers[0].route_count, 2);
    CHECK_EQUAL(network->routers[0].routes[1].tunnel.part, 1);
    CHECK_EQUAL(network->routers[0].routes[1].distance, 2);
    network_free(network);
    wishes.reach = NULL;
    CHECK(!network_of(HEAD STATIC ONE TWO TAIL, &wishes));
    CHECK(strstr(said, "a.xml: is of a static VPN connection") && strstr(said, "--reach PREFIXES"));
    wishes.reach = "10.10.0.0/16";
    CHECK(!network_of(HEAD ONE TWO TAIL, &wishes));
    CHECK(strstr(said, "--reach is given, but the connection of a.xml has BGP"));
}

static void refused(const char *xml, const char *why)
{
    struct customer_wishes wishes = {.announce = "10.1.0.0/16"};
    CHECK(!network_of(xml, &wishes));
    CHECK_TEXT(said, why);
}

static void what_is_missing_is_named(void)
{
    refused(HEAD ONE, "error: a.xml:4: is not XML; expected a vpn_connection as AWS writes it\n");
    refused(HEAD ONE TUNNEL("203.0.113.2", "169.254.253.29", "169.254.253.30", "") TAIL,
            "error: a.xml: tunnel 2 has no pre_shared_key; expected one, as AWS writes it\n");
    refused(HEAD ONE TUNNEL("203.0.113.2", "169.254.253.29", "169.254.253.30", KEY("0short")) TAIL,
            "error: a.xml:4: has a pre_shared_key that is none; expected 8 to 64 letters, digits, "
            "periods and underscores that do not begin with 0\n");
    refused(HEAD TAIL, "error: a.xml: has no ipsec_tunnel; expected two, as AWS writes them\n");
    refused(HEAD "<ipsec_tunnel/>" TAIL,
            "error: a.xml: tunnel 1 has no tunnel_outside_address of both ends; expected one, as "
            "AWS writes it\n");
    refused("<vpn_connection id='a: [b'>" ONE TAIL,
            "error: a.xml:1: has an id that is no name: letters, digits, hyphens, 59 at most\n");
    refused("", "error: a.xml:1: is not XML; expected a vpn_connection as AWS writes it\n");
}

static void a_wish_is_a_prefix(void)
{
    struct customer_wishes wishes = {.announce = "10.1.0.0/16,10.2.0.1/16"};
    CHECK(!network_of(HEAD ONE TWO TAIL, &wishes));
    CHECK_TEXT(said, "error: --announce 10.2.0.1/16 is no prefix; expected 10.0.0.0/16, several "
                     "with commas\n");
}

int main(void)
{
    TEST(both_tunnels_have_their_keys);
    TEST(the_version_of_ike_is_as_wished);
    TEST(without_bgp_it_is_told_where_the_tunnels_lead);
    TEST(what_is_missing_is_named);
    TEST(a_wish_is_a_prefix);
    return harness_done();
}
