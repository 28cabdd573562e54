#include "plane/charon_parts.h"

#include "plane/charon_rig.h"

static void begin(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    rig_begin();
    rig_want(&tunnel);
    CHECK(rig_start());
    RIG_UNTIL(charon_state(rig_charon) == CHARON_READY);
    rig_count();
    rig_story[0] = '\0';
}

static void now(const char *sas, const char *event)
{
    rig_write("sas", "w", sas);
    rig_write("event", "w", event);
}

static void a_tunnel_comes_is_replaced_and_goes(void)
{
    begin();
    now("vpn-a/1 1 1 INSTALLED\n", "child-updown");
    RIG_UNTIL(rig_told("established"));
    CHECK_EQUAL(charon_sa(rig_charon, "vpn-a/1")->bytes_in, 77);
    now("vpn-a/1 1 1 REKEYED\nvpn-a/1 1 2 INSTALLED\n", "child-rekey");
    RIG_UNTIL(rig_told("established rekeyed"));
    now("vpn-a/1 1 2 INSTALLED\n", "child-rekey"); /* the old one is gone, that is all */
    rig_count();
    now("vpn-a/1 2 2 INSTALLED\n", "ike-rekey");
    RIG_UNTIL(rig_told("established rekeyed rekeyed"));
    now("", "ike-updown");
    RIG_UNTIL(rig_told("established rekeyed rekeyed deleted"));
    CHECK(!charon_status(rig_charon, "vpn-a/1")->up);
    rig_end();
}

static void the_log_says_why(void)
{
    begin();
    now("vpn-a/1 1 1 INSTALLED\n", "child-updown");
    RIG_UNTIL(rig_told("established"));
    rig_write("charon.log", "a", "21:02:09 16[IKE] <vpn-a/1|1> giving up after 2 retransmits\n");
    now("", "ike-updown");
    RIG_UNTIL(rig_told("established dead-peer"));
    rig_end();
}

/* No event tells of attempts that fail: the log alone does. */
static void attempts_fail_without_an_event(void)
{
    begin();
    rig_write("charon.log", "a",
              "21:00:51 01[IKE] <vpn-a/1|5> received NO_PROPOSAL_CHOSEN notify, no CHILD_SA "
              "built\n");
    RIG_UNTIL(rig_told("no-proposal"));
    rig_write("charon.log", "a",
              "21:00:49 09[IKE] <4> 198.51.100.10 is initiating an IKE_SA\n"
              "21:00:49 09[IKE] <4> received proposals unacceptable\n"
              "21:00:49 09[IKE] <5> 198.51.100.11 is initiating an IKE_SA\n"
              "21:00:49 09[IKE] <5> received proposals unacceptable\n");
    RIG_UNTIL(rig_told("no-proposal no-proposal"));
    rig_count();
    CHECK_TEXT(rig_story, "no-proposal no-proposal"); /* a stranger is nobody's */
    CHECK_EQUAL(charon_status(rig_charon, "vpn-a/1")->failures, 2);
    rig_end();
}

static void what_harms_nobody_is_not_told(void)
{
    begin();
    now("vpn-a/1 1 1 INSTALLED\n", "child-updown");
    RIG_UNTIL(rig_told("established"));
    rig_write("charon.log", "a",
              "21:01:46 09[IKE] <vpn-a/1|9> received AUTHENTICATION_FAILED notify error\n");
    rig_count();
    CHECK_TEXT(rig_story, "established"); /* a second attempt, and the first is up */
    now("vpn-a/1 1 1 INSTALLED\nvpn-z/1 3 3 INSTALLED\n", "ike-updown");
    rig_count();
    CHECK_TEXT(rig_story, "established");
    rig_end();
}

/* Authentication anew makes SAs of which no event tells. */
static void the_log_says_that_there_is_more_to_see(void)
{
    begin();
    rig_write("sas", "w", "vpn-a/1 1 1 INSTALLED\n");
    rig_write("charon.log", "a",
              "21:01:43 09[IKE] <vpn-a/1|8> CHILD_SA vpn-a/1{7} established with SPIs\n");
    RIG_UNTIL(rig_told("established"));
    rig_end();
}

static void what_is_done_by_hand_is_told_so(void)
{
    begin();
    now("vpn-a/1 1 1 INSTALLED\n", "child-updown");
    RIG_UNTIL(rig_told("established"));
    charon_terminate(rig_charon, "vpn-a/1");
    RIG_UNTIL(rig_asked("terminate ike=vpn-a/1 ") == 1);
    rig_write("charon.log", "a", "21:01:45 09[IKE] <vpn-a/1|1> received DELETE for IKE_SA\n");
    now("", "ike-updown");
    RIG_UNTIL(rig_told("established admin"));
    charon_initiate(rig_charon, "vpn-a/1");
    RIG_UNTIL(rig_asked("initiate child=vpn-a/1 ") == 1);
    now("vpn-a/1 2 2 INSTALLED\n", "child-updown");
    RIG_UNTIL(charon_status(rig_charon, "vpn-a/1")->up);
    charon_endpoint_replaced(rig_charon, "vpn-a/1");
    RIG_UNTIL(rig_asked("terminate ike=vpn-a/1 ") == 2);
    now("", "ike-updown");
    RIG_UNTIL(rig_told("established admin established endpoint-replaced"));
    rig_end();
}

/* Its peer does not know where to ask, whatever its startup is. */
static void what_is_from_an_address_that_is_gone_comes_anew(void)
{
    struct plane_tunnel tunnel = rig_tunnel();
    begin();
    tunnel.options.startup = TUNNEL_STARTUP_ADD;
    rig_want(&tunnel);
    charon_address_gone(rig_charon, "vpn-a/1"); /* it is not up */
    now("vpn-a/1 7 1 INSTALLED\n", "child-updown");
    RIG_UNTIL(rig_told("established"));
    charon_address_gone(rig_charon, "vpn-a/1");
    RIG_UNTIL(rig_asked("terminate ike-id=7 force=yes ") == 1);
    now("", "ike-updown");
    RIG_UNTIL(rig_told("established address-gone"));
    RIG_UNTIL(rig_asked("initiate child=vpn-a/1 ") == 1);
    rig_end();
}

int main(void)
{
    rig_maybe_play();
    TEST(a_tunnel_comes_is_replaced_and_goes);
    TEST(the_log_says_why);
    TEST(attempts_fail_without_an_event);
    TEST(what_harms_nobody_is_not_told);
    TEST(the_log_says_that_there_is_more_to_see);
    TEST(what_is_done_by_hand_is_told_so);
    TEST(what_is_from_an_address_that_is_gone_comes_anew);
    return harness_done();
}
