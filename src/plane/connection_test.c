#include "plane/connection.h"

#include "plane/vici_text_rig.h"

#include <string.h>

static uint8_t room[CONNECTION_REQUEST_MAX];

static struct plane_tunnel tunnel_made(void)
{
    return (struct plane_tunnel){
        .name = "vpn-a/1",
        .outside = 0xcb0071e1, /* 203.0.113.225 */
        .peer = 0xc633640a,    /* 198.51.100.10 */
        .options = tunnel_options_standard,
        .watch = {10000000, 10000000, 3},
        .psk = "pL4c3h0ld3r",
    };
}

/* One algorithm of each kind, so that a line can be read. */
static struct plane_tunnel narrow(void)
{
    struct plane_tunnel tunnel = tunnel_made();
    tunnel.options.ike_versions = TUNNEL_IKEV2;
    tunnel.options.phase1 =
        (struct tunnel_phase){1u << TUNNEL_AES256, 1u << TUNNEL_SHA2_256, 1u << 14};
    tunnel.options.phase2 = tunnel.options.phase1;
    return tunnel;
}

static const struct connection_files NO_FILES;

static const char *load(const struct plane_tunnel *tunnel, const struct connection_plane *plane)
{
    struct writer writer = writer_over(room, sizeof room);
    connection_load(&writer, tunnel, plane, &NO_FILES);
    CHECK(!writer.failed);
    return vici_text(writer_slice(&writer));
}

static const char *load_plain(const struct plane_tunnel *tunnel)
{
    return load(tunnel, &(struct connection_plane){.userspace = false});
}

static bool says(const struct plane_tunnel *tunnel, const char *words)
{
    const char *text = load_plain(tunnel);
    bool found = strstr(text, words) != NULL;
    if (!found)
        printf("# %s\n", text);
    return found;
}

static void a_connection_is_said_in_full(void)
{
    struct plane_tunnel tunnel = narrow();
    CHECK_TEXT(
        load(&tunnel, &(struct connection_plane){.userspace = true}),
        "load-conn vpn-a/1{version=2 local_addrs=[203.0.113.225] remote_addrs=[198.51.100.10] "
        "proposals=[aes256-sha256-modp2048] aggressive=no mobike=no encap=yes unique=no "
        "keyingtries=1 dpd_delay=10 dpd_timeout=30 reauth_time=0 rekey_time=28530 rand_time=270 "
        "over_time=270 local{auth=psk id=203.0.113.225} remote{auth=psk id=198.51.100.10} "
        "children{vpn-a/1{mode=tunnel local_ts=[0.0.0.0/0] remote_ts=[0.0.0.0/0] "
        "esp_proposals=[aes256-sha256-modp2048] life_time=3600 rekey_time=3330 rand_time=270 "
        "replay_window=1024 start_action=none dpd_action=clear close_action=none}}}");
}

static void ike_versions_are_one_or_both(void)
{
    struct plane_tunnel tunnel = narrow();
    CHECK(says(&tunnel, "{version=2 "));
    tunnel.options.ike_versions = TUNNEL_IKEV1;
    CHECK(says(&tunnel, "{version=1 "));
    tunnel.options.ike_versions = TUNNEL_IKEV1 | TUNNEL_IKEV2;
    CHECK(says(&tunnel, "{version=0 "));
}

#define ALL_GROUPS                                                                                 \
    "-ecp521-ecp384-ecp256-modp8192-modp6144-modp4096-modp3072-modp2048-modp2048s256-"             \
    "modp2048s224-modp1024s160"

static void all_that_aws_allows_is_offered_strongest_first(void)
{
    struct plane_tunnel tunnel = tunnel_made();
    CHECK(
        says(&tunnel,
             " proposals=[aes256gcm16-aes128gcm16-prfsha512-prfsha384-prfsha256-prfsha1" ALL_GROUPS
             "-modp1024 aes256-aes128-sha512-sha384-sha256-sha1" ALL_GROUPS "-modp1024]"));
    CHECK(says(&tunnel,
               " esp_proposals=[aes256gcm16-aes128gcm16" ALL_GROUPS "-modp1536-modp1024 "
               "aes256-aes128-sha512-sha384-sha256-sha1" ALL_GROUPS "-modp1536-modp1024]"));
}

static void ikev1_lists_combinations(void)
{
    struct plane_tunnel tunnel = narrow();
    tunnel.options.ike_versions = TUNNEL_IKEV1;
    tunnel.options.phase1 = tunnel.options.phase2 =
        (struct tunnel_phase){1u << TUNNEL_AES128 | 1u << TUNNEL_AES256 | 1u << TUNNEL_AES256_GCM16,
                              1u << TUNNEL_SHA1 | 1u << TUNNEL_SHA2_256, 1u << 2 | 1u << 14};
    CHECK(says(&tunnel, " proposals=[aes256-sha256-modp2048 aes256-sha1-modp2048 "
                        "aes128-sha256-modp2048 aes128-sha1-modp2048 aes256-sha256-modp1024 "
                        "aes256-sha1-modp1024 aes128-sha256-modp1024 aes128-sha1-modp1024]"));
    CHECK(says(&tunnel, " esp_proposals=[aes256gcm16-modp2048-modp1024 "
                        "aes256-sha256-modp2048-modp1024 aes256-sha1-modp2048-modp1024 "
                        "aes128-sha256-modp2048-modp1024 aes128-sha1-modp2048-modp1024]"));
    tunnel.options = tunnel_options_standard;
    tunnel.options.ike_versions = TUNNEL_IKEV1; /* all of AWS's fit */
    CHECK(says(&tunnel, "aes128-sha1-modp1024]"));
}

/* Between lifetime - margin - fuzz and lifetime - margin it is replaced. */
static void lifetimes_margin_and_fuzz(void)
{
    struct plane_tunnel tunnel = narrow();
    tunnel.options.phase1_lifetime_s = 28000;
    tunnel.options.phase2_lifetime_s = 3000;
    tunnel.options.rekey_margin_s = 540;
    tunnel.options.rekey_fuzz_percent = 50;
    CHECK(says(&tunnel, " rekey_time=27460 rand_time=270 over_time=540 "));
    CHECK(says(&tunnel, " life_time=3000 rekey_time=2460 rand_time=270 "));
    tunnel.options.rekey_fuzz_percent = 0;
    CHECK(says(&tunnel, " life_time=3000 rekey_time=2460 rand_time=0 "));
    tunnel.options.replay_window_packets = 64;
    CHECK(says(&tunnel, " replay_window=64 "));
}

static void dead_peers(void)
{
    struct plane_tunnel tunnel = narrow();
    tunnel.watch = tunnel_watch_of(1); /* a quarter of a second, three times */
    CHECK(says(&tunnel, " dpd_delay=1 dpd_timeout=1 "));
    tunnel.watch = (struct tunnel_watch){7500000, 7500000, 3};
    CHECK(says(&tunnel, " dpd_delay=8 dpd_timeout=23 "));
    tunnel.options.dead_action = TUNNEL_DEAD_NONE; /* never asked, never found dead */
    CHECK(says(&tunnel, " dpd_delay=0 "));
    tunnel.options.dead_action = TUNNEL_DEAD_RESTART; /* we do, not charon */
    tunnel.options.startup = TUNNEL_STARTUP_START;
    CHECK(says(&tunnel, " start_action=none dpd_action=clear close_action=none}"));
}

static void selectors(void)
{
    struct plane_tunnel tunnel = narrow();
    tunnel.six_ours = (ip_addr)0xfd00 << 112 | 1;
    CHECK(says(&tunnel, " local_ts=[0.0.0.0/0 ::/0] remote_ts=[0.0.0.0/0 ::/0] "));
    tunnel.options.local_range.six = tunnel.options.remote_range.six = true; /* IPv6 alone */
    CHECK(says(&tunnel, " local_ts=[::/0] remote_ts=[::/0] "));
    tunnel.options.local_range = (struct prefix){0x0a0a0000, 16};
    tunnel.options.remote_range = (struct prefix){0x0a140000, 16};
    CHECK(says(&tunnel, " local_ts=[10.10.0.0/16] remote_ts=[10.20.0.0/16] "));
}

static void who_is_who(void)
{
    struct plane_tunnel tunnel = narrow();
    tunnel.outside_public = 0x36000001; /* 54.0.0.1, in front of a 1:1 NAT */
    CHECK(says(&tunnel, "{version=2 local_addrs=[203.0.113.225] "));
    CHECK(says(&tunnel, " local{auth=psk id=54.0.0.1} "));
    memcpy(tunnel.local_id, "gateway.example", 16);
    memcpy(tunnel.peer_id, "branch.example", 15);
    CHECK(says(&tunnel, " local{auth=psk id=gateway.example} remote{auth=psk id=branch.example}"));
    tunnel = narrow();
    tunnel.peer = 0;
    CHECK(says(&tunnel, " remote_addrs=[%any] "));
    CHECK(says(&tunnel, " remote{auth=psk} "));
}

static void certificates(void)
{
    struct plane_tunnel tunnel = narrow();
    const struct connection_files files = {{(const uint8_t *)"PEM", 3}, {(const uint8_t *)"CA", 2}};
    struct writer writer = writer_over(room, sizeof room);
    tunnel.psk[0] = '\0';
    connection_load(&writer, &tunnel, &(struct connection_plane){.userspace = true}, &files);
    /* our identity is the certificate's; the peer's is said, and who must have signed it */
    CHECK(strstr(vici_text(writer_slice(&writer)),
                 " local{auth=pubkey certs=[PEM]} remote{auth=pubkey id=198.51.100.10 "
                 "cacerts=[CA]} ") != NULL);
    memcpy(tunnel.peer_id, "CN=branch", 10);
    writer = writer_over(room, sizeof room);
    connection_load(&writer, &tunnel, &(struct connection_plane){.userspace = true}, &files);
    CHECK(strstr(vici_text(writer_slice(&writer)),
                 " remote{auth=pubkey id=CN=branch cacerts=[CA]} "));
    writer = writer_over(room, sizeof room);
    connection_private_key(&writer, (struct slice){(const uint8_t *)"KEY", 3});
    CHECK_TEXT(vici_text(writer_slice(&writer)), "load-key type=any data=KEY");
    writer = writer_over(room, sizeof room);
    connection_keys(&writer);
    CHECK_TEXT(vici_text(writer_slice(&writer)), "get-keys");
    writer = writer_over(room, sizeof room);
    connection_unload_key(&writer, (struct slice){(const uint8_t *)"0a1b", 4});
    CHECK_TEXT(vici_text(writer_slice(&writer)), "unload-key id=0a1b");
}

static void planes(void)
{
    struct plane_tunnel tunnel = narrow();
    struct connection_plane xfrm = {.interface_id = 42};
    CHECK(strstr(load(&tunnel, &xfrm), " encap=no ") != NULL);
    CHECK(strstr(load(&tunnel, &xfrm), " if_id_in=42 if_id_out=42 ") != NULL);
    CHECK(strstr(load_plain(&tunnel), "if_id") == NULL);
    tunnel.forced_nat_t = true;
    CHECK(strstr(load(&tunnel, &xfrm), " encap=yes ") != NULL);
}

static const char *shared(const struct plane_tunnel *tunnel, enum connection_key key, bool both)
{
    struct writer writer = writer_over(room, sizeof room);
    connection_shared(&writer, tunnel, tunnel->psk, key, both);
    return vici_text(writer_slice(&writer));
}

static void keys(void)
{
    struct plane_tunnel tunnel = narrow();
    CHECK_TEXT(shared(&tunnel, CONNECTION_KEY_PRESENT, false),
               "load-shared id=vpn-a/1 type=IKE data=pL4c3h0ld3r owners=[198.51.100.10]");
    CHECK_TEXT(shared(&tunnel, CONNECTION_KEY_FORMER, true),
               "load-shared id=vpn-a/1 (former) type=IKE data=pL4c3h0ld3r "
               "owners=[198.51.100.10 203.0.113.225]");
    tunnel.peer = 0;
    CHECK_TEXT(shared(&tunnel, CONNECTION_KEY_PRESENT, false),
               "load-shared id=vpn-a/1 type=IKE data=pL4c3h0ld3r owners=[%any]");
    struct writer writer = writer_over(room, sizeof room);
    connection_unshared(&writer, "vpn-a/1", CONNECTION_KEY_FORMER);
    CHECK_TEXT(vici_text(writer_slice(&writer)), "unload-shared id=vpn-a/1 (former)");
}

static void commands(void)
{
    struct writer writer = writer_over(room, sizeof room);
    connection_initiate(&writer, "vpn-a/1");
    CHECK_TEXT(vici_text(writer_slice(&writer)), "initiate child=vpn-a/1 ike=vpn-a/1 timeout=-1");
    writer = writer_over(room, sizeof room);
    connection_terminate(&writer, "vpn-a/1", 0);
    CHECK_TEXT(vici_text(writer_slice(&writer)), "terminate ike=vpn-a/1 timeout=-1");
    writer = writer_over(room, sizeof room);
    connection_terminate(&writer, "vpn-a/1", 7);
    CHECK_TEXT(vici_text(writer_slice(&writer)), "terminate ike-id=7 timeout=-1");
    writer = writer_over(room, sizeof room);
    connection_abandon(&writer, 7);
    CHECK_TEXT(vici_text(writer_slice(&writer)), "terminate ike-id=7 force=yes timeout=-1");
    writer = writer_over(room, sizeof room);
    connection_replace_ike(&writer, "vpn-a/1");
    CHECK_TEXT(vici_text(writer_slice(&writer)), "rekey ike=vpn-a/1");
    writer = writer_over(room, sizeof room);
    connection_replace_pair(&writer, "vpn-a/1");
    CHECK_TEXT(vici_text(writer_slice(&writer)), "rekey child=vpn-a/1");
    writer = writer_over(room, sizeof room);
    connection_unload(&writer, "vpn-a/1");
    CHECK_TEXT(vici_text(writer_slice(&writer)), "unload-conn name=vpn-a/1");
}

static uint64_t digest_of(const struct plane_tunnel *tunnel)
{
    struct writer writer = writer_over(room, sizeof room);
    connection_load(&writer, tunnel, &(struct connection_plane){.userspace = true}, &NO_FILES);
    return connection_digest(writer_slice(&writer));
}

static void a_digest_is_of_what_charon_is_told(void)
{
    struct plane_tunnel tunnel = tunnel_made(), other = tunnel;
    uint64_t digest = digest_of(&tunnel);
    harness_digest("connection", digest);
    memcpy(other.psk, "another_key", 12); /* a key is no part of the connection */
    other.mtu = 1300;
    CHECK_EQUAL(digest_of(&other), digest);
    other.options.replay_window_packets--;
    CHECK(digest_of(&other) != digest);
}

int main(void)
{
    TEST(a_connection_is_said_in_full);
    TEST(ike_versions_are_one_or_both);
    TEST(all_that_aws_allows_is_offered_strongest_first);
    TEST(ikev1_lists_combinations);
    TEST(lifetimes_margin_and_fuzz);
    TEST(dead_peers);
    TEST(selectors);
    TEST(who_is_who);
    TEST(certificates);
    TEST(planes);
    TEST(keys);
    TEST(commands);
    TEST(a_digest_is_of_what_charon_is_told);
    return harness_done();
}
