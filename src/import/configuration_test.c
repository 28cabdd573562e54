#include "import/configuration.h"

#include "tests/harness.h"

#include <jansson.h>
#include <stdlib.h>

#define TUNNEL(outside, inside_vgw, inside_cgw)                                                    \
    "<ipsec_tunnel><customer_gateway>"                                                             \
    "<tunnel_outside_address><ip_address>198.51.100.10</ip_address></tunnel_outside_address>"      \
    "<tunnel_inside_address><ip_address>" inside_cgw "</ip_address></tunnel_inside_address>"       \
    "<bgp><asn>65000</asn><hold_time>30</hold_time></bgp></customer_gateway><vpn_gateway>"         \
    "<tunnel_outside_address><ip_address>" outside "</ip_address></tunnel_outside_address>"        \
    "<tunnel_inside_address><ip_address>" inside_vgw "</ip_address></tunnel_inside_address>"       \
    "<bgp><asn>7224</asn></bgp></vpn_gateway>"                                                     \
    "<ipsec><dead_peer_detection><interval>10</interval><retries>3</retries>"                      \
    "</dead_peer_detection></ipsec></ipsec_tunnel>\n"
#define ONE TUNNEL("203.0.113.1", "169.254.252.29", "169.254.252.30")
#define TWO TUNNEL("203.0.113.2", "169.254.253.29", "169.254.253.30")

static struct configuration configuration;
static unsigned line;

static const char *read_text(const char *xml)
{
    const char *problem = configuration_read(xml, strlen(xml), &configuration, &line);
    return problem ? problem : "";
}

static void tunnels_are_read(void)
{
    CHECK_TEXT(read_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn_connection id=\"vpn-1\">"
                         "<!-- a comment --> " ONE TWO "</vpn_connection>"),
               "");
    const struct configuration_tunnel *two = &configuration.tunnels[1];
    CHECK_EQUAL((int64_t)configuration.tunnel_count, 2);
    CHECK(!configuration.static_only);
    CHECK_EQUAL(configuration.tunnels[0].vgw.outside, 0xcb007101);
    CHECK_EQUAL(two->vgw.outside, 0xcb007102);
    CHECK_EQUAL(two->vgw.inside, 0xa9fefd1d);
    CHECK_EQUAL(two->cgw.inside, 0xa9fefd1e);
    CHECK_EQUAL(two->cgw.outside, 0xc633640a);
    CHECK_EQUAL(two->vgw.asn, 7224);
    CHECK_EQUAL(two->cgw.asn, 65000);
    CHECK_EQUAL(two->hold_s, 30);
    CHECK_EQUAL(two->interval_s, 10);
    CHECK_EQUAL(two->retries, 3);
}

static void what_is_left_out_is_open(void)
{
    CHECK_TEXT(read_text("<vpn_connection><vpn_connection_attributes> NoBGPVPNConnection "
                         "</vpn_connection_attributes><ipsec_tunnel/></vpn_connection>"),
               "");
    CHECK(configuration.static_only);
    CHECK_EQUAL((int64_t)configuration.tunnel_count, 1);
    CHECK_EQUAL(configuration.tunnels[0].vgw.outside, 0);
    CHECK_EQUAL(configuration.tunnels[0].vgw.asn, -1);
    CHECK_EQUAL(configuration.tunnels[0].hold_s, -1);
}

static void refused(const char *xml, unsigned on, const char *part)
{
    const struct configuration before = {.tunnel_count = 77};
    configuration = before;
    CHECK(strstr(read_text(xml), part) != NULL);
    CHECK_EQUAL(line, on);
    CHECK_EQUAL((int64_t)configuration.tunnel_count, 77);
}

static void bad_xml_is_refused_with_its_line(void)
{
    refused("<vpn_connection>\n<ipsec_tunnel>", 2, "is not XML");
    refused("vpn_connection", 1, "is not XML");
    refused("", 1, "is not XML");
    refused("<vpn_gateway/>", 1, "is no vpn_connection");
    refused("<vpn_connection>" ONE TWO ONE "</vpn_connection>", 3, "more than two tunnels");
    refused("<vpn_connection>\n" TUNNEL("203.0.113.300", "169.254.252.29",
                                        "169.254.252.30") "</vpn_connection>",
            2, "no IPv4 address");
    refused("<vpn_connection><ipsec_tunnel>\n<customer_gateway><bgp><asn>many</asn></bgp>"
            "</customer_gateway></ipsec_tunnel></vpn_connection>",
            2, "no number");
}

/* No entity is ever expanded, no file read, whatever the text asks for. */
static void declarations_are_refused_unread(void)
{
    refused("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><vpn_connection>&b;"
            "</vpn_connection>",
            0, "has a DTD or an entity");
    refused("<!DOCTYPE a SYSTEM \"http://198.51.100.1/a.dtd\"><vpn_connection/>", 0, "has a DTD");
    refused("<vpn_connection>&other;</vpn_connection>", 1, "is not XML");
    /* the declaration does not decide how the bytes are read */
    refused("<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADwAIQ-DOCTYPE a+AD4-<vpn_connection/>", 1,
            "is not XML");
}

static void what_is_too_large_is_refused(void)
{
    size_t size = CONFIGURATION_BYTES_MAX + 1;
    char *text = malloc(size);
    CHECK(text != NULL);
    memset(text, ' ', size);
    const char *problem = configuration_read(text, size, &configuration, &line);
    CHECK(problem && strstr(problem, "larger than 1 MiB"));
    free(text);
}

/* As AWS wrote it in 2017. */
static void a_real_one_is_read(void)
{
    json_t *root = json_load_file(
        "tests/data/hybrid-cloud-aws/aws_configs/us-west-2/VpnConnections.json", 0, NULL);
    const char *xml = json_string_value(
        json_object_get(json_array_get(json_object_get(root, "VpnConnections"), 0),
                        "CustomerGatewayConfiguration"));
    CHECK(xml != NULL);
    CHECK_TEXT(read_text(xml ? xml : ""), "");
    CHECK_EQUAL((int64_t)configuration.tunnel_count, 2);
    CHECK_EQUAL(configuration.tunnels[0].vgw.asn, 65401);
    json_decref(root);
}

/* Inside of a connection of IPv6; its outside addresses are IPv4's. */
static void inside_may_be_ipv6(void)
{
#define OF(tunnel) "<vpn_connection>" tunnel "</vpn_connection>"
    CHECK_TEXT(read_text(OF(TUNNEL("203.0.113.1", "fd00:7::1", "fd00:7::2"))), "");
    CHECK(configuration.tunnels[0].vgw.inside == ((ip_addr)0xfd000007 << 96 | 1));
    CHECK(configuration.tunnels[0].cgw.inside == ((ip_addr)0xfd000007 << 96 | 2));
    CHECK_TEXT(read_text(OF(TUNNEL("203.0.113.1", "fe80::1", "fd00:7::2"))),
               "has no address in an ip_address");
    CHECK_TEXT(read_text(OF(TUNNEL("fd00::9", "fd00:7::1", "fd00:7::2"))),
               "has no IPv4 address in an ip_address");
}

int main(void)
{
    TEST(tunnels_are_read);
    TEST(what_is_left_out_is_open);
    TEST(bad_xml_is_refused_with_its_line);
    TEST(declarations_are_refused_unread);
    TEST(what_is_too_large_is_refused);
    TEST(a_real_one_is_read);
    TEST(inside_may_be_ipv6);
    return harness_done();
}
