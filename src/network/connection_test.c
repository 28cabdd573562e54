#include "network/probe.h"
#include "tests/harness.h"

static void inside_addresses_are_the_hosts_of_one_slash_30(void)
{
    CHECK_BROKEN("cgw: 169.254.252.29", "cgw: 169.254.252.33",
                 "24:69 inside address 169.254.252.33 is not in the /30 of its peer | expected "
                 "169.254.252.29, the other host of 169.254.252.28/30");
    CHECK_BROKEN("cgw: 169.254.252.29", "cgw: 169.254.252.28",
                 "24:69 inside address 169.254.252.28 is not a host of the /30 | expected "
                 "169.254.252.29, the other host of 169.254.252.28/30");
    CHECK_BROKEN("vgw: 169.254.252.30", "vgw: 169.254.252.31",
                 "24:48 inside address 169.254.252.31 is not a host of the /30 | expected "
                 "169.254.252.30, the other host of 169.254.252.28/30");
    CHECK_BROKEN("{vgw: 169.254.252.30, cgw: 169.254.252.29}",
                 "{vgw: 169.254.252.28, cgw: 169.254.252.31}",
                 "24:48 neither inside address is a host of a /30 | expected the two hosts of one "
                 "/30");
    CHECK_BROKEN("{vgw: 169.254.252.30, cgw: 169.254.252.29}",
                 "{vgw: 169.254.252.29, cgw: 169.254.252.30}", "fine"); /* either order */
    CHECK_BROKEN("cgw: 169.254.252.29}}",
                 "cgw: 169.254.252.29}}\n      - {outside: 203.0.113.9, "
                 "inside: {vgw: 169.254.0.1, cgw: 169.254.0.2}}",
                 "23:5 \"tunnels\" has 3 items | expected 1 to 2");
}

static void without_ipsec_any_two_addresses_will_do(void)
{
    char *text = probe_replace(probe_sound, "guard: warn", "ipsec: none");
    char *apart = probe_replace(text, "cgw: 169.254.252.29", "cgw: 10.1.2.3");
    char *same = probe_replace(text, "cgw: 169.254.252.29", "cgw: 169.254.252.30");
    CHECK_ERRORS(apart, "fine");
    CHECK_ERRORS(same, "24:69 both ends have the same inside address");
    free(text);
    free(apart);
    free(same);
}

static void a_slash_30_is_used_once_on_a_gateway(void)
{
    CHECK_BROKEN("{vgw: 169.254.252.33, cgw: 169.254.252.34}",
                 "{vgw: 169.254.252.29, cgw: 169.254.252.30}",
                 "25:48 the inside range 169.254.252.28/30 is already used by vpn-vyatta (line 24) "
                 "| expected a /30 of its own");
    CHECK_BROKEN("{vgw: 169.254.100.1, peer: 169.254.100.2}",
                 "{vgw: 169.254.252.33, peer: 169.254.252.34}",
                 "28:20 the inside range 169.254.252.32/30 is already used by vpn-vyatta (line 25) "
                 "| expected a /30 of its own");
    CHECK_BROKEN("{vgw: 169.254.100.1, peer: 169.254.100.2}",
                 "{vgw: 169.254.252.35, peer: 169.254.99.2}",
                 "28:20 the inside range 169.254.252.32/30 is already used by vpn-vyatta (line 25) "
                 "| expected a /30 of its own");
}

/* On a network that many neighbors share. Theirs are their own all the same. */
static void host_routes_may_share_our_address(void)
{
    static const char dx[] = "{vgw: 169.254.100.1, peer: 169.254.100.2}";
    char *text = probe_replace(probe_sound, "guard: warn", "ipsec: none");
    char *apart = probe_replace(text, "{vgw: 169.254.252.30, cgw: 169.254.252.29}",
                                "{vgw: 10.9.0.1, cgw: 10.9.7.1}");
    char *shared = probe_replace(apart, dx, "{vgw: 10.9.0.1, peer: 10.9.7.2}");
    char *taken = probe_replace(apart, dx, "{vgw: 10.9.0.1, peer: 10.9.7.1}");
    char *crossed = probe_replace(apart, dx, "{vgw: 10.9.9.1, peer: 10.9.0.1}");
    CHECK_ERRORS(shared, "fine");
    CHECK_ERRORS(taken, "28:36 the inside range 10.9.7.0/30 is already used by vpn-vyatta (line "
                        "24) | expected a /30 of its own");
    CHECK_ERRORS(crossed, "28:36 the inside range 10.9.0.0/30 is already used by vpn-vyatta (line "
                          "24) | expected a /30 of its own");
    free(text);
    free(apart);
    free(shared);
    free(taken);
    free(crossed);
}

static void ranges_of_ipv6_have_two_hosts_and_one_user(void)
{
    const char *inside = "{vgw: 169.254.252.30, cgw: 169.254.252.29}";
    const char *others = "{vgw: 169.254.252.33, cgw: 169.254.252.34}";
    CHECK_BROKEN(inside, "{vgw: 169.254.252.30, cgw: 169.254.252.29}, inside_ipv6: 'fd00::/126'",
                 "fine");
    CHECK_BROKEN(inside, "{vgw: 169.254.252.30, cgw: 169.254.252.29}, inside_ipv6: 'fd00::/127'",
                 "24:99 a /127 has no two hosts | expected a /126 or a shorter prefix");
    CHECK_BROKEN(inside, "{vgw: 169.254.252.30, cgw: 169.254.252.29}, inside_ipv6: 10.0.0.0/30",
                 "24:99 inside_ipv6: 10.0.0.0/30 is not a prefix | expected an IPv6 prefix such as "
                 "2001:db8::/64");
    char *text =
        probe_replace(probe_sound, inside,
                      "{vgw: 169.254.252.30, cgw: 169.254.252.29}, inside_ipv6: 'fd00::/126'");
    char *both = probe_replace(
        text, others, "{vgw: 169.254.252.33, cgw: 169.254.252.34}, inside_ipv6: 'fd00::/64'");
    CHECK_ERRORS(both, "25:99 the inside range fd00::/64 overlaps that of vpn-vyatta (line 24) | "
                       "expected a range of its own");
    free(text);
    free(both);
}

/* What AWS lets one build is for the checker to find. */
static void two_gateways_may_share_a_slash_30(void)
{
    CHECK_BROKEN("direct_connects:",
                 "  - id: vpn-2\n    vpn_gateway: vgw-2\n    customer_gateway: cgw-vyatta\n"
                 "    tunnels: [{outside: 203.0.113.7, inside: {vgw: 169.254.252.29, cgw: "
                 "169.254.252.30}}]\ndirect_connects:",
                 "27:18 no VPN gateway is called \"vgw-2\" | there is \"vgw-main\"");
    char *text = probe_replace(probe_sound, "vpn_gateways: [", "vpn_gateways: [{id: vgw-2}, ");
    char *shared = probe_replace(text, "direct_connects:",
                                 "  - id: vpn-2\n    vpn_gateway: vgw-2\n"
                                 "    customer_gateway: cgw-vyatta\n"
                                 "    tunnels: [{outside: 203.0.113.7, inside: {vgw: "
                                 "169.254.252.29, cgw: 169.254.252.30}}]\ndirect_connects:");
    CHECK_ERRORS(shared, "fine");
    char *same_outside = probe_replace(shared, "203.0.113.7", "203.0.113.225");
    CHECK_ERRORS(same_outside,
                 "29:25 the outside address belongs to another gateway's vpn-vyatta (line 24)");
    free(text);
    free(shared);
    free(same_outside);
}

static void outside_addresses_tell_tunnels_apart(void)
{
    CHECK_BROKEN("outside: 203.0.113.226", "outside: 203.0.113.225",
                 "25:19 the outside address already leads to the same customer address, on "
                 "vpn-vyatta (line 24)");
    CHECK_BROKEN("outside: 203.0.113.226", "outside: 198.51.100.10",
                 "25:19 the outside address is the customer gateway's own");
    CHECK_BROKEN("outside: 203.0.113.226, ", "",
                 "25:9 a tunnel needs \"outside\" | The VPN gateway's public address.");
}

static void a_gateway_of_aws_has_no_guard(void)
{
    CHECK_BROKEN("platform: sekisho", "platform: aws",
                 "22:12 vgw-main is a gateway of AWS and has no guard | leave guard out, or say "
                 "platform: sekisho at the gateway");
    CHECK_BROKEN(", platform: sekisho", "",
                 "22:12 vgw-main is a gateway of AWS and has no guard | leave guard out, or say "
                 "platform: sekisho at the gateway");
    CHECK_BROKEN("guard: warn", "guard: warm",
                 "22:12 guard: warm is not known here | did you mean \"warn\"?");
}

static void options_bind_as_aws_binds_them(void)
{
    char *aws = probe_replace(probe_sound, "platform: sekisho", "platform: aws");
    char *fast = probe_replace(aws, "guard: warn", "dpd: {delay: 3s, interval: 3s}");
    CHECK_ERRORS(fast, "22:18 a gateway of AWS cannot give up a peer so soon | expected delay + "
                       "retries x interval of 30s or more");
    free(aws);
    free(fast);
    CHECK_BROKEN("guard: warn", "dpd: {delay: 3s, interval: 3s}", "fine");
    CHECK_BROKEN("guard: warn", "startup: start\n    ike: 1",
                 "22:14 a gateway starts IKE itself in version 2 only | expected ike: 2");
    char *start = probe_replace(probe_sound, "guard: warn", "startup: start");
    char *nowhere =
        probe_replace(start, "address: 198.51.100.10, router: vyatta}]", "router: vyatta}]");
    CHECK_ERRORS(start, "fine");
    CHECK_ERRORS(nowhere, "22:14 nobody knows where to start IKE towards: cgw-vyatta has no "
                          "address | give the customer gateway an address");
    free(start);
    free(nowhere);
    CHECK_BROKEN("guard: warn", "static_routes: [10.1.0.0/16, 10.2.0.0/16, 10.1.0.0/16]",
                 "22:47 vpn-vyatta already has this route (line 22)");
}

static void defaults_are_those_of_aws(void)
{
    struct network *network = probe_parse(probe_sound);
    CHECK(network != NULL);
    if (!network)
        return;
    const struct network_connection *connection = &network->vpn_connections[0];
    CHECK_EQUAL(connection->bgp.keepalive_us, 10000000);
    CHECK_EQUAL(connection->bgp.hold_us, 30000000);
    CHECK_EQUAL(connection->bgp.connect_retry_us, -1);
    CHECK_EQUAL(connection->dpd.delay_us, 10000000);
    CHECK_EQUAL(connection->dpd.retries, 3);
    CHECK_EQUAL(connection->dpd.interval_us, 10000000);
    CHECK_EQUAL(connection->dpd.action, NETWORK_DPD_CLEAR);
    CHECK_EQUAL(connection->ike, 2);
    CHECK_EQUAL(connection->startup, NETWORK_STARTUP_ADD);
    CHECK_EQUAL(connection->ipsec, NETWORK_IPSEC_REQUIRED);
    CHECK(connection->static_routes == NULL);
    CHECK(connection->may_announce == NULL);
    CHECK(!connection->internet_exit);
    CHECK_EQUAL(connection->limits.received, -1);
    CHECK_EQUAL((int64_t)connection->tunnel_count, 2);
    CHECK_EQUAL(connection->tunnels[0].outside, 0xcb0071e1);
    CHECK_EQUAL(connection->tunnels[0].inside_vgw, 0xa9fefc1e);
    CHECK_EQUAL(connection->tunnels[0].inside_cgw, 0xa9fefc1d);
    network_free(network);
}

static void keys_are_checked_and_never_shown(void)
{
    CHECK_BROKEN("outside: 203.0.113.225,", "outside: 203.0.113.225, psk: 0tellmenot,",
                 "24:34 psk: the key cannot be used | expected 8 to 64 letters, digits, . or _, "
                 "not beginning with 0");
    CHECK_BROKEN("outside: 203.0.113.225,", "outside: 203.0.113.225, psk: tellmenot_9.,", "fine");
    char *text = probe_replace(probe_sound, "outside: 203.0.113.225,",
                               "psk: 0tellmenot, outsid: 203.0.113.225,");
    struct diagnostics diagnostics;
    struct network *network = NULL;
    struct probe probe;
    diagnostics_init(&diagnostics);
    probe_open(&probe);
    CHECK(!network_parse(probe_slice(text), "test.yaml", &diagnostics, &network));
    diagnostics_render(&diagnostics, (struct diagnostics_style){0}, probe.file);
    diagnostics_json(&diagnostics, probe.file);
    char *shown = probe_close(&probe);
    CHECK(strstr(shown, "tellmenot") == NULL);
    CHECK(strstr(shown, "psk: ***") != NULL);
    free(shown);
    free(text);
    diagnostics_done(&diagnostics);
}

int main(void)
{
    TEST(inside_addresses_are_the_hosts_of_one_slash_30);
    TEST(without_ipsec_any_two_addresses_will_do);
    TEST(a_slash_30_is_used_once_on_a_gateway);
    TEST(host_routes_may_share_our_address);
    TEST(ranges_of_ipv6_have_two_hosts_and_one_user);
    TEST(two_gateways_may_share_a_slash_30);
    TEST(outside_addresses_tell_tunnels_apart);
    TEST(a_gateway_of_aws_has_no_guard);
    TEST(options_bind_as_aws_binds_them);
    TEST(defaults_are_those_of_aws);
    TEST(keys_are_checked_and_never_shown);
    return harness_done();
}
