#include "lab/keys.h"

#include "network/build_rig.h"

static const char secrets[] =
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"
    "customer_gateways: [{id: cgw, asn: 65001, address: 198.51.100.10}]\n"
    "vpn_connections:\n"
    "  - id: vpn\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw\n"
    "    bgp: {md5_file: /etc/md5}\n"
    "    tunnels:\n"
    "      - {outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2},\n"
    "         psk_file: /etc/one.key}\n"
    "      - {outside: 203.0.113.2, inside: {vgw: 169.254.11.1, cgw: 169.254.11.2},\n"
    "         psk: s3cr3t.of_the_file}\n";

static void every_tunnel_has_a_key_of_the_labs(void)
{
    struct trouble trouble;
    struct network *network = rig_parse(secrets);
    struct network *renewed = keys_renewed(network, &trouble);
    struct network *other = keys_renewed(network, &trouble);
    CHECK(renewed && other);
    const struct network_tunnel *tunnels = renewed->vpn_connections[0].tunnels;
    CHECK(tunnels[0].psk && tunnels[1].psk && !tunnels[0].psk_file);
    CHECK_EQUAL(strlen(tunnels[0].psk), 32);
    CHECK(strcmp(tunnels[0].psk, tunnels[1].psk) != 0);
    CHECK(strcmp(tunnels[0].psk, other->vpn_connections[0].tunnels[0].psk) != 0);
    CHECK(strcmp(tunnels[1].psk, "s3cr3t.of_the_file") != 0);
    CHECK(tunnel_psk_check((struct slice){(const uint8_t *)tunnels[0].psk, 32}) ==
          TUNNEL_FAULT_NONE);
    CHECK(renewed->vpn_connections[0].bgp.md5_file == NULL);
    CHECK_TEXT(network->vpn_connections[0].tunnels[0].psk_file, "/etc/one.key");
    CHECK_TEXT(network->vpn_connections[0].bgp.md5_file, "/etc/md5");
    network_free(other);
    network_free(renewed);
    network_free(network);
}

/* What sekishod is given to read is a network file again. */
static void the_copy_can_be_read(void)
{
    struct trouble trouble;
    struct network *network = rig_parse(rig_incident);
    struct network *renewed = keys_renewed(network, &trouble);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    network_format(renewed, out);
    fclose(out);
    struct network *again = rig_parse(text);
    CHECK(network_equal(renewed, again));
    CHECK(!network_equal(network, again));
    free(text);
    network_free(again);
    network_free(renewed);
    network_free(network);
}

int main(void)
{
    TEST(every_tunnel_has_a_key_of_the_labs);
    TEST(the_copy_can_be_read);
    return harness_done();
}
