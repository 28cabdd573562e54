#include "lab/heard.h"

#include "tests/harness.h"

#include <string.h>

#define S_US 1000000ll

static struct heard hear(enum heard_speaker speaker, const char *line)
{
    return heard_line(speaker, (struct slice){(const uint8_t *)line, strlen(line)});
}

static ip_addr addr(const char *text)
{
    ip_addr read = 0;
    CHECK(ip_parse(text, strlen(text), &read));
    return read;
}

static void frr_tells_of_sessions(void)
{
    struct heard up = hear(HEARD_BGPD, "2026/11/22 23:40:16.125 BGP: [M59KS-A3ZXZ] %ADJCHANGE: "
                                       "neighbor 169.254.252.30(vgw) in vrf default Up");
    struct heard down = hear(HEARD_BGPD, "2026/11/22 23:40:17.000 BGP: [M59KS-A3ZXZ] %ADJCHANGE: "
                                         "neighbor 2001:db8::1(Unknown) in vrf default Down "
                                         "BGP Notification received");
    CHECK_EQUAL(up.kind, HEARD_SESSION_UP);
    CHECK(up.peer == addr("169.254.252.30"));
    CHECK_EQUAL(up.day_us, ((23 * 60 + 40) * 60 + 16) * S_US + 125000);
    CHECK_EQUAL(down.kind, HEARD_SESSION_DOWN);
    CHECK(down.peer == addr("2001:db8::1"));
    CHECK_EQUAL(down.reason, BGP_DOWN_NOTIFICATION);
}

/* The reason of its own NOTIFICATION stands in the line before. */
static void frr_says_first_why(void)
{
    struct heard why =
        hear(HEARD_BGPD, "2026/11/22 23:40:16.1 BGP: [HZN6M] %NOTIFICATION: sent to neighbor "
                         "169.254.252.30 4/0 (Hold Timer Expired) 0 bytes");
    struct heard down = hear(HEARD_BGPD, "2026/11/22 23:40:16.1 BGP: %ADJCHANGE: neighbor "
                                         "169.254.252.30(vgw) in vrf default Down BGP "
                                         "Notification send");
    CHECK_EQUAL(why.kind, HEARD_NOTICE);
    CHECK_EQUAL(why.reason, BGP_DOWN_HOLD_TIMER);
    CHECK_EQUAL(down.kind, HEARD_SESSION_DOWN);
    CHECK_EQUAL(down.reason, BGP_DOWN_NONE);
}

static void bird_tells_of_sessions(void)
{
    struct heard up = hear(HEARD_BIRD, "23:40:16.125 <TRACE> n7: BGP session established");
    struct heard why = hear(HEARD_BIRD, "23:40:16.125 <RMT> n7: Error: Hold timer expired");
    struct heard down = hear(HEARD_BIRD, "23:40:16.125 <TRACE> n7: BGP session closed");
    CHECK_EQUAL(up.kind, HEARD_SESSION_UP);
    CHECK_EQUAL(up.neighbor, 7);
    CHECK_EQUAL(why.kind, HEARD_NOTICE);
    CHECK_EQUAL(why.reason, BGP_DOWN_HOLD_TIMER);
    CHECK_EQUAL(down.kind, HEARD_SESSION_DOWN);
    CHECK_EQUAL(hear(HEARD_BIRD, "23:40:16.125 <TRACE> own_ipv4: State changed to up").kind,
                HEARD_NOTHING);
}

static void charon_tells_of_tunnels(void)
{
    struct heard up = hear(HEARD_CHARON, "21:01:46 14[IKE] <vpn-a/1|9> IKE_SA vpn-a/1[9] "
                                         "established between 10.0.0.1[a]...10.0.0.2[b]");
    CHECK_EQUAL(up.kind, HEARD_IKE_UP);
    CHECK_TEXT(up.name, "vpn-a/1");
    CHECK_EQUAL(hear(HEARD_CHARON, "21:01:46 14[IKE] <vpn-a/1|9> sending DPD request").kind,
                HEARD_IKE_ASKS);
    CHECK_EQUAL(
        hear(HEARD_CHARON, "21:01:46 14[IKE] <vpn-a/1|9> giving up after 2 retransmits").kind,
        HEARD_IKE_GIVES_UP);
    CHECK_EQUAL(
        hear(HEARD_CHARON, "21:01:46 14[IKE] <vpn-a/1|9> received DELETE for IKE_SA a[1]").kind,
        HEARD_IKE_DOWN);
    CHECK_EQUAL(hear(HEARD_CHARON, "21:01:46 14[IKE] <9> giving up after 2 retransmits").kind,
                HEARD_NOTHING); /* whose it was nobody knows */
}

static void sekishod_tells_of_both(void)
{
    struct heard down = hear(HEARD_SEKISHOD, "sekishod: event=session-down neighbor=vpn-a/1 "
                                             "reason=hold-timer-expired notification=\"x\"");
    struct heard guard = hear(HEARD_SEKISHOD, "event=guard-warned neighbor=vpn-a prefix=0.0.0.0/0");
    struct heard tunnel =
        hear(HEARD_SEKISHOD, "event=tunnel-down tunnel=vpn-a/2 device=none cause=dead-peer");
    CHECK_EQUAL(down.kind, HEARD_SESSION_DOWN);
    CHECK_EQUAL(down.reason, BGP_DOWN_HOLD_TIMER);
    CHECK_TEXT(down.name, "vpn-a/1");
    CHECK_EQUAL(down.day_us, -1);
    CHECK_EQUAL(guard.kind, HEARD_GUARD_WARNED);
    CHECK_EQUAL(guard.prefix.len, 0);
    CHECK_EQUAL(tunnel.kind, HEARD_IKE_GIVES_UP);
    CHECK_TEXT(tunnel.name, "vpn-a/2");
    CHECK_EQUAL(hear(HEARD_SEKISHOD, "event=tunnel-down tunnel=a device=none cause=deleted").kind,
                HEARD_IKE_DOWN);
    CHECK_EQUAL(hear(HEARD_SEKISHOD, "event=guard-held neighbor=a prefix=0.0.0.0/99").kind,
                HEARD_NOTHING);
}

/* A line that was read a second late, just behind midnight, is of the day before. */
static void a_time_of_day_is_the_nearest(void)
{
    struct heard none = {.day_us = -1, .at_us = -1};
    int64_t noon_us = 1795348800 * S_US; /* of some day, where we are */
    struct heard then = hear(HEARD_BIRD, "12:34:56.789 <TRACE> n1: BGP session established");
    int64_t at_us = heard_at_us(&then, noon_us);
    struct heard said = hear(HEARD_SEKISHOD, "at=1795393069.593340 event=session-up neighbor=a");
    CHECK_EQUAL(heard_at_us(&said, noon_us), 1795393069593340);
    CHECK_EQUAL(heard_at_us(&none, noon_us), noon_us);
    CHECK_EQUAL(heard_at_us(&then, at_us), at_us);
    CHECK_EQUAL(heard_at_us(&then, at_us + 3 * S_US), at_us);
    CHECK_EQUAL(heard_at_us(&then, at_us - 3 * S_US), at_us); /* clocks of two lines differ */
    CHECK_EQUAL(heard_at_us(&then, at_us + 11 * 3600 * S_US), at_us);
    CHECK_EQUAL(heard_at_us(&then, at_us + 13 * 3600 * S_US), at_us + 24 * 3600 * S_US);
}

int main(void)
{
    TEST(frr_tells_of_sessions);
    TEST(frr_says_first_why);
    TEST(bird_tells_of_sessions);
    TEST(charon_tells_of_tunnels);
    TEST(sekishod_tells_of_both);
    TEST(a_time_of_day_is_the_nearest);
    return harness_done();
}
