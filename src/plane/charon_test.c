#include "plane/charon.h"

#include "plane/charon_rig.h"

#include <signal.h>

static unsigned mode_of(const char *path)
{
    struct stat about = {0};
    CHECK_EQUAL(stat(path, &about), 0);
    return about.st_mode & 0777;
}

static void a_charon_is_started_and_told(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    rig_begin();
    rig_goes = false;
    rig_want(&tunnel);
    CHECK(rig_start());
    CHECK_EQUAL(charon_state(rig_charon), CHARON_STARTING);
    RIG_UNTIL(charon_state(rig_charon) == CHARON_READY);
    CHECK_TEXT(rig_story, "ready");
    CHECK_EQUAL(mode_of(rig_folder), 0700);
    CHECK_EQUAL(mode_of(rig_path("strongswan.conf")), 0600);
    CHECK_EQUAL(mode_of(rig_path("charon.log")), 0600);
    CHECK(strstr(rig_read("strongswan.conf"), "retransmit_timeout = 1.000\n") != NULL);
    CHECK_EQUAL(rig_asked("load-"), 0); /* not before its devices are in their place */
    charon_go(rig_charon);
    RIG_UNTIL(rig_asked("load-conn vpn-a/1{") == 1);
    CHECK_EQUAL(rig_asked("load-shared id=vpn-a/1 "), 1);
    CHECK(strstr(rig_read("strongswan.conf"), tunnel.psk) == NULL);
    CHECK(charon_pid(rig_charon) > 0 && charon_pid(rig_charon) != getpid());
    rig_end();
}

static void a_charon_that_dies_is_started_again(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    rig_begin();
    rig_want(&tunnel);
    CHECK(rig_start());
    RIG_UNTIL(rig_asked("load-conn ") == 1);
    rig_write("sas", "w", "vpn-a/1 1 1 INSTALLED\n");
    rig_write("event", "w", "child-updown");
    RIG_UNTIL(rig_told("ready established"));
    pid_t before = charon_pid(rig_charon);
    rig_write("sas", "w", "");
    kill(before, SIGKILL);
    RIG_UNTIL(rig_told("ready established daemon-ended down ready"));
    CHECK(charon_pid(rig_charon) != before);
    RIG_UNTIL(rig_asked("load-conn ") == 2 && rig_asked("load-shared ") == 2);
    rig_end();
}

static void who_comes_later_adopts_it(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    rig_begin();
    rig_want(&tunnel);
    CHECK(rig_start());
    rig_write("sas", "w", "vpn-a/1 1 1 INSTALLED\n");
    CHECK(!charon_is_adopted(rig_charon));
    RIG_UNTIL(rig_told("ready established"));
    pid_t before = charon_pid(rig_charon);
    rig_leave();
    rig_begin();
    rig_want(&tunnel);
    CHECK(rig_start());
    CHECK(charon_is_adopted(rig_charon));
    RIG_UNTIL(rig_told("adopted established"));
    CHECK_EQUAL(charon_pid(rig_charon), before);
    rig_count();
    CHECK_EQUAL(rig_asked("load-conn "), 1); /* it has that */
    CHECK_EQUAL(rig_asked("terminate"), 0);
    rig_end();
}

static void what_differs_is_loaded_and_what_nobody_wants_is_not(void)
{
    struct plane_tunnel tunnel = rig_tunnel(), other = rig_tunnel();
    rig_begin();
    memcpy(other.name, "vpn-b/1", 8);
    rig_want(&tunnel);
    rig_want(&other);
    CHECK(rig_start());
    RIG_UNTIL(strstr(rig_read("loaded"), " vpn-a/1\n") && strstr(rig_read("loaded"), " vpn-b/1\n"));
    rig_leave();
    rig_begin();
    tunnel.options.rekey_margin_s++;
    rig_want(&tunnel);
    CHECK(rig_start());
    RIG_UNTIL(rig_asked("load-conn vpn-a/1{") == 2);
    RIG_UNTIL(rig_asked("unload-conn name=vpn-b/1") == 1 &&
              rig_asked("terminate ike=vpn-b/1") == 1);
    RIG_UNTIL(strstr(rig_read("loaded"), " vpn-a/1\n") &&
              !strstr(rig_read("loaded"), " vpn-b/1\n"));
    rig_end();
}

static void one_that_is_otherwise_is_not_adopted(void)
{
    rig_begin();
    CHECK(rig_start());
    RIG_UNTIL(rig_told("ready"));
    pid_t before = charon_pid(rig_charon);
    rig_leave();
    rig_begin();
    charon_leave(rig_charon);
    rig_spec.watch.interval_us *= 2;
    rig_charon = charon_create(&rig_loop, &rig_spec, &RIG_EARS);
    CHECK(rig_start());
    RIG_UNTIL(rig_told("ready"));
    CHECK(charon_pid(rig_charon) != before);
    CHECK(kill(before, 0) != 0);
    rig_end();
}

/* The line alone breaks: charon is asked for what it has, and nothing else happens. */
static void what_is_left_behind_is_stopped(void)
{
    rig_begin();
    CHECK(rig_start());
    RIG_UNTIL(rig_told("ready"));
    pid_t before = charon_pid(rig_charon);
    rig_leave();
    rig_begin(); /* never started: nobody wants it any more */
    rig_end();
    CHECK(kill(before, 0) != 0);
}

static void what_cannot_be_had_is_told_in_a_sentence(void)
{
    char why[CHARON_WHY_BYTES];
    rig_begin();
    charon_leave(rig_charon);
    rig_spec.program = "/nowhere/charon";
    rig_charon = charon_create(&rig_loop, &rig_spec, &RIG_EARS);
    CHECK(charon_start(rig_charon, why) < 0);
    CHECK_TEXT(why, "/nowhere/charon (package charon-systemd): No such file or directory");
    charon_stop(rig_charon);
    memcpy(rig_spec.folder, "/nowhere/at/all", 16);
    rig_charon = charon_create(&rig_loop, &rig_spec, &RIG_EARS);
    CHECK(charon_start(rig_charon, why) < 0);
    CHECK_TEXT(why, "the folder /nowhere/at/all cannot be made: No such file or directory");
    charon_leave(rig_charon);
    rig_end_loop();
}

static void a_tunnel_needs_a_key_or_certificates(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    char why[CHARON_WHY_BYTES];
    rig_begin();
    tunnel.psk[0] = '\0';
    CHECK(!charon_want(rig_charon, &tunnel, 0, why));
    CHECK_TEXT(why,
               "vpn-a/1 has neither a pre-shared key nor certificate, private key and authority");
    memcpy(tunnel.certificate, "/nowhere/c.pem", 15);
    memcpy(tunnel.private_key, "/nowhere/k.pem", 15);
    memcpy(tunnel.authority, "/nowhere/a.pem", 15);
    CHECK(!charon_want(rig_charon, &tunnel, 0, why));
    CHECK_TEXT(why, "/nowhere/c.pem cannot be read: No such file or directory");
    CHECK(charon_status(rig_charon, "vpn-a/1") == NULL);
    rig_leave();
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as the keeper does: a charon that dies takes its socket along */
    rig_maybe_play();
    TEST(a_charon_is_started_and_told);
    TEST(a_charon_that_dies_is_started_again);
    TEST(who_comes_later_adopts_it);
    TEST(what_differs_is_loaded_and_what_nobody_wants_is_not);
    TEST(one_that_is_otherwise_is_not_adopted);
    TEST(what_is_left_behind_is_stopped);
    TEST(what_cannot_be_had_is_told_in_a_sentence);
    TEST(a_tunnel_needs_a_key_or_certificates);
    return harness_done();
}
