#include "network/ipsec.h"

#include "network/probe.h"
#include "tests/harness.h"

#define TUNNEL_1                                                                                   \
    "      - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}"

static struct tunnel_options options_with(const char *tunnel, const char *connection)
{
    char line[1024];
    snprintf(line, sizeof line, TUNNEL_1 "%s}\n", tunnel);
    char *first = probe_replace(probe_sound, TUNNEL_1 "}\n", line);
    snprintf(line, sizeof line, "guard: warn\n%s", connection);
    char *text = probe_replace(first, "guard: warn\n", line);
    struct network *network = probe_parse(text);
    struct tunnel_options options = tunnel_options_standard;
    CHECK(network != NULL);
    if (network)
        options = network_tunnel_options(&network->vpn_connections[0], 0);
    network_free(network);
    free(first);
    free(text);
    return options;
}

static void what_is_left_out_is_aws_own(void)
{
    struct tunnel_options options = options_with("", "");
    CHECK_EQUAL(options.ike_versions, TUNNEL_IKEV2);
    CHECK_EQUAL(options.phase1.encryptions, tunnel_options_standard.phase1.encryptions);
    CHECK_EQUAL(options.phase2.groups, tunnel_options_standard.phase2.groups);
    CHECK_EQUAL(options.phase1_lifetime_s, 28800);
    CHECK_EQUAL(options.rekey_margin_s, 270);
    CHECK_EQUAL(options.dpd_timeout_s, 40);
    CHECK_EQUAL(options.startup, TUNNEL_STARTUP_ADD);
    CHECK_EQUAL(options.dead_action, TUNNEL_DEAD_CLEAR);
}

static void a_tunnel_has_its_connections_options(void)
{
    struct tunnel_options options =
        options_with("", "    ike: 1\n    dpd: {delay: 5s, retries: 2, interval: 20s, action: "
                         "restart}\n    options:\n      phase1: {encryption: [AES256, "
                         "AES256-GCM-16], groups: [14, 19], lifetime: 3600s}\n      phase2: "
                         "{integrity: [SHA1], lifetime: 900s}\n      rekey_margin: 90s\n      "
                         "rekey_fuzz: 10\n      replay_window: 64\n");
    CHECK_EQUAL(options.ike_versions, TUNNEL_IKEV1);
    CHECK_EQUAL(options.dpd_timeout_s, 45);
    CHECK_EQUAL(options.dead_action, TUNNEL_DEAD_RESTART);
    CHECK_EQUAL(options.phase1.encryptions, 1 << TUNNEL_AES256 | 1 << TUNNEL_AES256_GCM16);
    CHECK_EQUAL(options.phase1.integrities, tunnel_options_standard.phase1.integrities);
    CHECK_EQUAL(options.phase1.groups, 1 << 14 | 1 << 19);
    CHECK_EQUAL(options.phase1_lifetime_s, 3600);
    CHECK_EQUAL(options.phase2.integrities, 1 << TUNNEL_SHA1);
    CHECK_EQUAL(options.phase2_lifetime_s, 900);
    CHECK_EQUAL(options.rekey_margin_s, 90);
    CHECK_EQUAL(options.rekey_fuzz_percent, 10);
    CHECK_EQUAL(options.replay_window_packets, 64);
}

static void or_its_own(void)
{
    struct tunnel_options options =
        options_with(", options: {rekey_fuzz: 20}", "    options: {rekey_fuzz: 10}\n");
    CHECK_EQUAL(options.rekey_fuzz_percent, 20);
}

static void check_tunnel_says(const char *more, const char *expected)
{
    char line[1024];
    snprintf(line, sizeof line, TUNNEL_1 ", %s}\n", more);
    CHECK_BROKEN(TUNNEL_1 "}\n", line, expected);
}

static void options_that_hang_together(void)
{
    check_tunnel_says("options: {phase1: {lifetime: 3600s}}",
                      "24:95 phase 2 lives as long as phase 1, or longer | expected less than "
                      "phase 1's");
    check_tunnel_says("options: {phase2: {lifetime: 900s}, rekey_margin: 451s}",
                      "24:136 the rekey margin is too long for the lifetime of phase 2 | expected "
                      "half of phase 2's lifetime at most");
    check_tunnel_says("options: {phase1: {groups: [2, 5]}}",
                      "24:117 Diffie-Hellman group 5 is not allowed here | expected 2 or 14 to 24");
    check_tunnel_says("options: {phase2: {groups: [2, 5]}}", "fine");
    check_tunnel_says("options: {phase1: {encryption: []}}",
                      "24:105 \"encryption\" has 0 items | expected 1 to 4");
}

static void one_way_to_know_the_peer(void)
{
    check_tunnel_says("psk: abcdefgh, psk_file: /etc/key",
                      "24:111 the tunnel has more than one way to know its peer | expected one of "
                      "psk, psk_file and certificate");
    check_tunnel_says("psk_file: /etc/key", "fine");
    check_tunnel_says("certificate: {file: /a, key_file: /b, authority_file: /c}", "fine");
    check_tunnel_says("psk_file: /etc/key, certificate: {file: /a, key_file: /b, authority_file: "
                      "/c}",
                      "24:96 the tunnel has more than one way to know its peer | expected one of "
                      "psk, psk_file and certificate");
    check_tunnel_says("outside_local: 203.0.113.225",
                      "24:101 the address behind the NAT is the public one | leave it out");
}

static void it_is_written_as_it_was_read(void)
{
    char *text = probe_replace(
        probe_sound, TUNNEL_1 "}\n",
        TUNNEL_1 ", outside_local: 10.0.0.9, psk_file: /etc/key, options: {phase2: {encryption: "
                 "[AES128], groups: [5]}, replay_window: 65}}\n");
    struct network *network = probe_parse(text);
    char *written = network ? probe_format(network) : NULL;
    struct network *again = written ? probe_parse(written) : NULL;
    CHECK(network && again && network_equal(network, again));
    CHECK(written && strstr(written, "outside_local: 10.0.0.9"));
    CHECK(written && strstr(written, "replay_window: 65"));
    network_free(network);
    network_free(again);
    free(written);
    free(text);
}

int main(void)
{
    TEST(what_is_left_out_is_aws_own);
    TEST(a_tunnel_has_its_connections_options);
    TEST(or_its_own);
    TEST(options_that_hang_together);
    TEST(one_way_to_know_the_peer);
    TEST(it_is_written_as_it_was_read);
    return harness_done();
}
