#include "plane/charon_parts.h"

#include "plane/charon_rig.h"

static void begin(const struct plane_tunnel *tunnel)
{
    rig_begin();
    rig_want(tunnel);
    CHECK(rig_start());
    RIG_UNTIL(rig_asked("load-conn ") == 1);
    rig_count();
}

/* Does the one stand before the other in what was asked? */
static bool is_before(const char *one, const char *other)
{
    const char *text = rig_read("asked"), *first = strstr(text, one);
    return first && strstr(first, other);
}

static void keys_are_there_before_their_connection(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    begin(&tunnel);
    CHECK(is_before("load-shared id=vpn-a/1 type=IKE data=pL4c3h0ld3r", "load-conn vpn-a/1{"));
    CHECK(strstr(rig_read("loaded"), tunnel.psk) == NULL);
    rig_end();
}

static void the_same_is_not_said_twice(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    begin(&tunnel);
    rig_want(&tunnel);
    rig_count();
    CHECK_EQUAL(rig_asked("load-conn "), 1);
    tunnel.options.replay_window_packets = 64;
    rig_want(&tunnel);
    RIG_UNTIL(rig_asked("load-conn ") == 2);
    rig_end();
}

static void a_new_key_stands_beside_the_former(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    begin(&tunnel);
    memcpy(tunnel.psk, "another_key", 12);
    rig_want(&tunnel);
    RIG_UNTIL(rig_asked(" data=another_key ") == 1);
    CHECK_EQUAL(rig_asked("load-shared id=vpn-a/1 (former) type=IKE data=pL4c3h0ld3r "), 1);
    /* the last is the one that charon uses for itself */
    CHECK(is_before("load-shared id=vpn-a/1 (former) ",
                    "load-shared id=vpn-a/1 type=IKE data=another_key "));
    CHECK_EQUAL(rig_asked("unload-shared"), 0); /* there is no moment without a key */
    CHECK_EQUAL(rig_asked("load-conn "), 1);    /* nothing else changes, and no SA is touched */
    CHECK_EQUAL(rig_asked("terminate"), 0);
    /* the peer does not know it yet: ours is tried with the former one, too */
    unlink(rig_path("asked"));
    rig_write("charon.log", "a",
              "21:01:46 09[IKE] <vpn-a/1|9> received AUTHENTICATION_FAILED notify error\n");
    RIG_UNTIL(rig_asked("load-shared id=vpn-a/1 (former) ") == 1);
    CHECK(is_before("load-shared id=vpn-a/1 type=IKE ", "load-shared id=vpn-a/1 (former) "));
    rig_end();
}

static void a_peer_of_two_tunnels_has_keys_of_both_ends(void)
{
    struct plane_tunnel tunnel = rig_tunnel(), other = rig_tunnel();
    begin(&tunnel);
    CHECK_EQUAL(rig_asked("owners=[198.51.100.10]"), 1);
    memcpy(other.name, "vpn-a/2", 8);
    other.outside++;
    rig_want(&other);
    RIG_UNTIL(rig_asked("owners=[198.51.100.10 203.0.113.226]") == 1);
    CHECK_EQUAL(rig_asked("owners=[198.51.100.10 203.0.113.225]"), 1);
    rig_end();
}

static void who_starts_is_asked_for_once_it_is_loaded(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    tunnel.options.startup = TUNNEL_STARTUP_START;
    begin(&tunnel);
    RIG_UNTIL(rig_asked("initiate child=vpn-a/1 ike=vpn-a/1 timeout=-1") == 1);
    CHECK(is_before("load-conn vpn-a/1{", "initiate "));
    rig_end();
}

static void what_nobody_wants_is_unloaded(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    begin(&tunnel);
    charon_unwant(rig_charon, "vpn-a/1");
    CHECK(charon_sa(rig_charon, "vpn-a/1") == NULL);
    RIG_UNTIL(rig_asked("unload-shared id=vpn-a/1") == 2);
    CHECK(is_before("unload-conn name=vpn-a/1", "terminate ike=vpn-a/1 "));
    RIG_UNTIL(rig_read("loaded")[0] == '\0');
    rig_end();
}

static void what_charon_refuses_is_told(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    rig_begin();
    CHECK(rig_start());
    RIG_UNTIL(rig_told("ready"));
    rig_write("refuse", "w", "load-conn");
    rig_want(&tunnel);
    RIG_UNTIL(rig_told("ready vpn-a/1:  charon refused the connection: it was told to"));
    CHECK(strstr(rig_read("loaded"), "vpn-a/1") == NULL);
    rig_end();
}

static void certificates_are_sent_with_their_key(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    rig_begin();
    CHECK(rig_start());
    RIG_UNTIL(rig_told("ready"));
    rig_write("pem", "w", "PEM");
    tunnel.psk[0] = '\0';
    snprintf(tunnel.certificate, sizeof tunnel.certificate, "%s", rig_path("pem"));
    memcpy(tunnel.private_key, tunnel.certificate, sizeof tunnel.private_key);
    memcpy(tunnel.authority, tunnel.certificate, sizeof tunnel.authority);
    rig_want(&tunnel);
    RIG_UNTIL(rig_asked(" local{auth=pubkey certs=[PEM]} remote{auth=pubkey id=198.51.100.10 "
                        "cacerts=[PEM]}") == 1);
    CHECK(is_before("load-key type=any data=PEM", "load-conn vpn-a/1{"));
    CHECK_EQUAL(rig_asked("load-shared id"), 0 + rig_asked("unload-shared id"));
    rig_end();
}

static struct plane_tunnel by_certificate(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    tunnel.psk[0] = '\0';
    snprintf(tunnel.certificate, sizeof tunnel.certificate, "%s", rig_path("pem"));
    memcpy(tunnel.private_key, tunnel.certificate, sizeof tunnel.private_key);
    memcpy(tunnel.authority, tunnel.certificate, sizeof tunnel.authority);
    return tunnel;
}

static void a_private_key_that_is_nobodys_is_unloaded(void)
{
    rig_begin();
    CHECK(rig_start());
    RIG_UNTIL(rig_told("ready"));
    rig_write("pem", "w", "one");
    rig_write("keys", "w", "one strange");
    struct plane_tunnel tunnel = by_certificate();
    rig_want(&tunnel);
    RIG_UNTIL(rig_asked("unload-key id=strange") == 1);
    rig_write("pem", "w", "two"); /* the key was exchanged */
    rig_write("keys", "w", "one two");
    rig_want(&tunnel);
    RIG_UNTIL(rig_asked("unload-key id=one") == 1);
    rig_write("keys", "w", "two");
    charon_unwant(rig_charon, "vpn-a/1");
    RIG_UNTIL(rig_asked("unload-key id=two") == 1);
    CHECK_EQUAL(rig_asked("unload-key"), 3);
    rig_end();
}

static void a_certificate_of_anybody_is_refused(void)
{
    char why[CHARON_WHY_BYTES] = "";
    rig_begin();
    CHECK(rig_start());
    RIG_UNTIL(rig_told("ready"));
    rig_write("pem", "w", "PEM");
    struct plane_tunnel tunnel = by_certificate();
    tunnel.peer = 0;
    CHECK(!charon_want(rig_charon, &tunnel, 0, why));
    CHECK(strstr(why, "vpn-a/1: anybody with a certificate of this authority"));
    memcpy(tunnel.peer_id, "CN=branch", 10);
    CHECK(charon_want(rig_charon, &tunnel, 0, why));
    rig_end();
}

/* More than charon's line takes at once, and each is said once. */
static void many_tunnels_are_loaded_one_after_the_other(void)
{
    enum { MANY = 300 };
    struct plane_tunnel tunnel = rig_tunnel();
    rig_begin();
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(tunnel.name, sizeof tunnel.name, "vpn-%u/1", i);
        tunnel.peer++;
        rig_want(&tunnel);
    }
    CHECK(rig_start());
    RIG_UNTIL(rig_asked("load-conn ") == MANY);
    CHECK_EQUAL(rig_asked("load-shared "), MANY);
    RIG_UNTIL(strstr(rig_read("loaded"), " vpn-299/1\n"));
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(tunnel.name, sizeof tunnel.name, "vpn-%u/1", i);
        charon_unwant(rig_charon, tunnel.name);
    }
    RIG_UNTIL(rig_asked("unload-conn ") == MANY && rig_read("loaded")[0] == '\0');
    CHECK(rig_told("ready"));
    rig_end();
}

int main(void)
{
    rig_maybe_play();
    TEST(keys_are_there_before_their_connection);
    TEST(the_same_is_not_said_twice);
    TEST(a_new_key_stands_beside_the_former);
    TEST(a_peer_of_two_tunnels_has_keys_of_both_ends);
    TEST(who_starts_is_asked_for_once_it_is_loaded);
    TEST(what_nobody_wants_is_unloaded);
    TEST(what_charon_refuses_is_told);
    TEST(certificates_are_sent_with_their_key);
    TEST(a_private_key_that_is_nobodys_is_unloaded);
    TEST(a_certificate_of_anybody_is_refused);
    TEST(many_tunnels_are_loaded_one_after_the_other);
    return harness_done();
}
