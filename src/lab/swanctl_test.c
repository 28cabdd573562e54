#include "lab/swanctl.h"

#include "lab/lab_rig.h"

static char text[1 << 13];

static struct swanctl_tunnel sample(void)
{
    struct swanctl_tunnel tunnel = {
        .plane = {.name = "vpn.a/1",
                  .outside = RIG_IP(100, 127, 0, 1),
                  .peer = RIG_IP(203, 0, 113, 225),
                  .options = tunnel_options_standard,
                  .watch = {.delay_us = 10000000, .interval_us = 10000000, .tries = 3},
                  .psk = "k3y.of_this",
                  .local_id = "198.51.100.10",
                  .peer_id = "203.0.113.225"},
        .starts = true,
        .restarts = true};
    return tunnel;
}

static bool connection(const struct swanctl_tunnel *tunnel)
{
    memset(text, 0, sizeof text);
    FILE *out = fmemopen(text, sizeof text - 1, "w");
    bool sound = swanctl_connection(tunnel, out);
    fclose(out);
    return sound;
}

static bool has(const char *line)
{
    char whole[256];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (strstr(text, whole))
        return true;
    printf("# no line \"%s\" in:\n%s", line, text);
    return false;
}

static void a_customer_asks_for_ever(void)
{
    struct swanctl_tunnel tunnel = sample();
    CHECK(connection(&tunnel));
    CHECK(has("    vpn_a/1 {"));
    CHECK(has("        version = 2"));
    CHECK(has("        local_addrs = 100.127.0.1"));
    CHECK(has("        remote_addrs = 203.0.113.225"));
    CHECK(has("        proposals = aes128-sha256-modp2048"));
    CHECK(has("        encap = yes"));
    CHECK(has("        keyingtries = 0"));
    CHECK(has("        dpd_delay = 10s"));
    CHECK(has("        dpd_timeout = 30s"));
    CHECK(has("            id = \"198.51.100.10\""));
    CHECK(has("                local_ts = 0.0.0.0/0"));
    CHECK(has("                start_action = start"));
    CHECK(has("                dpd_action = restart"));
    CHECK(has("        secret = \"k3y.of_this\""));
}

static void it_does_what_the_file_says(void)
{
    struct swanctl_tunnel tunnel = sample();
    tunnel.starts = tunnel.restarts = false;
    tunnel.plane.options.ike_versions = TUNNEL_IKEV1;
    tunnel.plane.options.phase1 =
        (struct tunnel_phase){1u << TUNNEL_AES256_GCM16, 1u << TUNNEL_SHA2_384, 1u << 20};
    tunnel.plane.options.phase2 =
        (struct tunnel_phase){1u << TUNNEL_AES256, 1u << TUNNEL_SHA1, 1u << 2};
    tunnel.plane.six_ours = RIG_IP(1, 1, 1, 1);
    CHECK(connection(&tunnel));
    CHECK(has("        version = 1"));
    CHECK(has("        proposals = aes256gcm16-prfsha384-ecp384"));
    CHECK(has("                esp_proposals = aes256-sha1-modp1024"));
    CHECK(has("                remote_ts = 0.0.0.0/0,::/0"));
    CHECK(has("                start_action = none"));
    CHECK(has("                dpd_action = clear"));
}

static void a_key_says_no_lines(void)
{
    struct swanctl_tunnel tunnel = sample();
    snprintf(tunnel.plane.psk, sizeof tunnel.plane.psk, "a\"\n}");
    CHECK(!connection(&tunnel));
}

static void charon_is_told_where_things_are(void)
{
    struct swanctl_tunnel tunnel = sample();
    struct charon_folder folder;
    CHECK(charon_folder_init(&folder, "/run/sekisho/lab/t1/site/vpn-a-1", NULL));
    memset(text, 0, sizeof text);
    FILE *out = fmemopen(text, sizeof text - 1, "w");
    CHECK(swanctl_charon(&tunnel, &folder, out));
    fclose(out);
    CHECK(has("            socket = unix:///run/sekisho/lab/t1/site/vpn-a-1/charon.vici"));
    CHECK(has("            path = /run/sekisho/lab/t1/site/vpn-a-1/charon.log"));
    CHECK(has("            fwmark = 0x7220"));
    CHECK(has("    retransmit_timeout = 10.000"));
    CHECK(has("    retransmit_tries = 2"));
    CHECK(has("    threads = 16"));
}

int main(void)
{
    TEST(a_customer_asks_for_ever);
    TEST(it_does_what_the_file_says);
    TEST(a_key_says_no_lines);
    TEST(charon_is_told_where_things_are);
    return harness_done();
}
