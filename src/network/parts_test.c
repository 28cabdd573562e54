#include "network/probe.h"
#include "tests/harness.h"

static void a_route_leads_to_one_place(void)
{
    static const char route[] = "via: 10.20.0.1, from: dhcp";
    CHECK_BROKEN(route, "from: dhcp",
                 "31:24 the route leads nowhere | expected via, interface, "
                 "tunnel or blackhole");
    CHECK_BROKEN(route, "via: 10.20.0.1, interface: eth0", "fine");
    CHECK_BROKEN(route, "interface: eth0", "fine");
    CHECK_BROKEN(route, "tunnel: vpn-vyatta/2", "fine");
    CHECK_BROKEN(route, "blackhole: true", "fine");
    const char *several = "31:24 the route leads to several places | expected one of via (with or "
                          "without interface), tunnel and blackhole";
    CHECK_BROKEN(route, "via: 10.20.0.1, tunnel: vpn-vyatta/2", several);
    CHECK_BROKEN(route, "via: 10.20.0.1, blackhole: true", several);
    CHECK_BROKEN(route, "interface: eth0, blackhole: true", several);
    CHECK_BROKEN(route, "tunnel: vpn-vyatta/3",
                 "31:43 no tunnel is called \"vpn-vyatta/3\" | expected vpn-vyatta/1 or /2");
    CHECK_BROKEN(route, "via: 10.20.0.1, distance: 256",
                 "31:61 distance: 256 is out of range | expected a number from 0 to 255");
}

static void next_hops_are_of_the_prefixs_family(void)
{
    static const char line[] = "prefix: 0.0.0.0/0, via: 10.20.0.1, from: dhcp";
    CHECK_BROKEN(line, "prefix: '::/0', via: 'fd00::1'", "fine");
    CHECK_BROKEN(line, "prefix: '::/0', via: 10.20.0.1",
                 "31:37 the next hop is of the other family | expected a next hop of the prefix's "
                 "own family");
    CHECK_BROKEN(line, "prefix: '::/0', via: 'fe80::1'",
                 "31:24 the route leads nowhere | expected via, interface, tunnel or blackhole\n"
                 "31:37 via: \"fe80::1\" is no host's address | expected a unicast IPv6 address");
}

static void rules_know_both_families(void)
{
    static const char announce[] = "announce: [10.20.0.0/16]";
    CHECK_BROKEN(announce, "import: [{permit: '2001:db8::/32', le: 64}]", "fine");
    CHECK_BROKEN(announce, "import: [{permit: 10.0.0.0/8, le: 64}]",
                 "32:58 no prefix is as long as that | expected at most 32, of IPv6 128");
}

static void a_rule_can_match(void)
{
    static const char announce[] = "announce: [10.20.0.0/16]";
    CHECK_BROKEN(announce, "import: [{permit: 10.0.0.0/8, ge: 16, le: 24}]", "fine");
    CHECK_BROKEN(announce, "import: [{permit: 10.0.0.0/8, ge: 7}]",
                 "32:58 ge: 7 can match nothing below a /8 | expected at least the prefix's own "
                 "length");
    CHECK_BROKEN(announce, "import: [{permit: 10.0.0.0/8, le: 7}]",
                 "32:58 le: 7 is shorter than /8 | expected at least ge or the prefix's length");
    CHECK_BROKEN(announce, "import: [{permit: 10.0.0.0/8, ge: 24, le: 20}]",
                 "32:66 le: 20 is shorter than /24 | expected at least ge or the prefix's length");
    CHECK_BROKEN(announce, "import: [{deny: 10.0.0.0/8, permit: 10.0.0.0/8}]",
                 "32:52 \"permit\" stands beside \"deny\" | one is enough");
    CHECK_BROKEN(announce, "import: [{le: 20}]", "32:33 a rule needs one of deny, permit");
}

static void timers_keep_a_session_alive(void)
{
    CHECK_BROKEN("guard: warn", "bgp: {keepalive: 1s, hold: 3s}", "fine");
    CHECK_BROKEN("guard: warn", "bgp: {hold: 0s}", "fine");
    CHECK_BROKEN("guard: warn", "bgp: {keepalive: 1s, hold: 2s}",
                 "22:32 the hold time is too short (RFC 4271, 4.2) | expected 0s or at least 3s");
    CHECK_BROKEN("guard: warn", "bgp: {keepalive: 300ms}",
                 "22:22 BGP has no such timer (RFC 4271, 4.2) | expected whole seconds, at most "
                 "65535s");
    CHECK_BROKEN("guard: warn", "bgp: {hold: 90000s}",
                 "22:17 BGP has no such timer (RFC 4271, 4.2) | expected whole seconds, at most "
                 "65535s");
    CHECK_BROKEN("guard: warn", "dpd: {retries: 0}",
                 "22:20 retries: 0 is out of range | expected a number from 1 to 100");
    CHECK_BROKEN("guard: warn", "dpd: {delay: 10ms}",
                 "22:18 delay: 10ms is too short | expected at least 100ms");
}

static void a_key_is_in_a_file_that_can_be_found(void)
{
    CHECK_BROKEN("guard: warn", "bgp: {ttl_security: 1, md5_file: /etc/sekisho/dx.key}", "fine");
    CHECK_BROKEN(
        "guard: warn", "bgp: {md5_file: dx.key}",
        "22:21 md5_file: dx.key is not a path | expected a file's path from the root on: /, "
        "letters, digits or . _ - @; 200 at most");
    CHECK_BROKEN("guard: warn", "bgp: {ttl_security: 0}",
                 "22:25 ttl_security: 0 is out of range | expected a number from 1 to 254");
    CHECK_BROKEN("guard: warn", "bgp: {ttl_security: 255}",
                 "22:25 ttl_security: 255 is out of range | expected a number from 1 to 254");
    CHECK_BROKEN(
        "guard: warn", "bgp: {md5: secret}",
        "22:11 \"md5\" is not a key of a connection's BGP | expected one of keepalive, hold, "
        "connect_retry, graceful_restart, advertisement_interval, bfd, ttl_security, md5_file");
    CHECK_BROKEN(
        "announce: [10.20.0.0/16]", "timers: {md5_file: /a}",
        "32:33 \"md5_file\" is not a key of a router's timers | expected one of keepalive, "
        "hold, connect_retry, graceful_restart, advertisement_interval");
}

static void announcements_wait_whole_seconds(void)
{
    CHECK_BROKEN("guard: warn", "bgp: {advertisement_interval: 30s}", "fine");
    CHECK_BROKEN("guard: warn", "bgp: {advertisement_interval: 600s}", "fine");
    CHECK_BROKEN("guard: warn", "bgp: {advertisement_interval: 601s}",
                 "22:35 advertisement_interval: 601s is too long | expected at most 600s");
    CHECK_BROKEN("guard: warn", "bgp: {advertisement_interval: 500ms}",
                 "22:35 BGP has no such timer (RFC 4271, 4.2) | expected whole seconds, at most "
                 "65535s");
}

static void a_restart_fits_its_capability(void)
{
    CHECK_BROKEN("guard: warn", "bgp: {graceful_restart: 4095s}", "fine");
    CHECK_BROKEN("guard: warn", "bgp: {graceful_restart: 4096s}",
                 "22:29 BGP cannot say so (RFC 4724, 3) | expected whole seconds, at most 4095s");
    CHECK_BROKEN("guard: warn", "bgp: {graceful_restart: 500ms}",
                 "22:29 BGP cannot say so (RFC 4724, 3) | expected whole seconds, at most 4095s");
}

static void bfd_fits_its_packet(void)
{
    CHECK_BROKEN("guard: warn", "bgp: {bfd: {}}", "fine");
    CHECK_BROKEN("guard: warn", "bgp: {bfd: {interval: 1s, multiplier: 255}}", "fine");
    CHECK_BROKEN("guard: warn", "bgp: {bfd: {interval: 61s}}",
                 "22:27 interval: 61s is too long | expected at most 60s");
    CHECK_BROKEN("guard: warn", "bgp: {bfd: {interval: 9ms}}",
                 "22:27 interval: 9ms is too short | expected at least 10ms");
    CHECK_BROKEN("guard: warn", "bgp: {bfd: {multiplier: 0}}",
                 "22:29 multiplier: 0 is out of range | expected a number from 1 to 255");
}

static void a_bare_prefix_is_an_announcement(void)
{
    struct network *network = probe_parse(
        "routers: [{id: r, bgp: {asn: 1, announce: [10.0.0.0/8, {prefix: 11.0.0.0/8}]}}]");
    CHECK(network != NULL);
    if (!network)
        return;
    const struct network_announcement *announce = network->routers[0].bgp->announce;
    CHECK_EQUAL(announce[0].prefix.addr, 0x0a000000);
    CHECK_EQUAL(announce[0].med, -1);
    CHECK(announce[0].as_path == NULL);
    CHECK_EQUAL(announce[1].prefix.addr, 0x0b000000);
    network_free(network);
}

int main(void)
{
    TEST(a_route_leads_to_one_place);
    TEST(next_hops_are_of_the_prefixs_family);
    TEST(rules_know_both_families);
    TEST(a_rule_can_match);
    TEST(timers_keep_a_session_alive);
    TEST(a_key_is_in_a_file_that_can_be_found);
    TEST(announcements_wait_whole_seconds);
    TEST(a_restart_fits_its_capability);
    TEST(bfd_fits_its_packet);
    TEST(a_bare_prefix_is_an_announcement);
    return harness_done();
}
