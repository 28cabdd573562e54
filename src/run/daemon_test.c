/* A gateway and two sites, three daemons on real sockets. */
#include "run/daemon.h"

#include "run/run_rig.h"

static struct rig_child gateway, site_a, site_b;

static void begin(struct rig_child *child, const char *role, const char *id)
{
    rig_begin(child, (const char *const[]){"--network", rig_path, role, id, NULL});
    CHECK(rig_hears(child, "event=ready"));
}

static void sites_exchange_routes_through_the_gateway(void)
{
    rig_file(RIG_PAIR);
    begin(&gateway, "--gateway", "vgw");
    begin(&site_a, "--router", "site-a");
    begin(&site_b, "--router", "site-b");
    CHECK(rig_hears(&site_a, "event=session-up neighbor=vpn-a/1"));
    CHECK(rig_hears(&site_b, "event=session-up neighbor=vpn-b/1"));
    CHECK(rig_hears(&gateway, "event=guard-held neighbor=vpn-b prefix=0.0.0.0/0"));
}

/* The neighbor is told why, and it comes back when the daemon does. */
static void who_stops_says_goodbye(void)
{
    CHECK_EQUAL(rig_end(&site_b, SIGTERM), RUN_FINE);
    CHECK(strstr(site_b.said, "event=stopping node=site-b"));
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-b/1 reason=notification-received"));
    CHECK(rig_hears(&gateway, "words=\"sekishod stops\""));
    rig_begin(&site_b,
              (const char *const[]){"--network", rig_path, "--router", "site-b", "--farewell",
                                    "zur\xc3\xbc"
                                    "ck um 14 Uhr",
                                    NULL});
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-b/1"));
    CHECK(rig_hears(&site_b, "event=session-up"));
    CHECK_EQUAL(rig_end(&site_b, SIGTERM), RUN_FINE);
    CHECK(rig_hears(&gateway, "words=\"zur\xc3\xbc"
                              "ck um 14 Uhr\""));
    begin(&site_b, "--router", "site-b");
    CHECK(rig_hears(&site_b, "event=session-up neighbor=vpn-b/1"));
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-b/1"));
}

static void a_killed_neighbor_is_lost_and_found(void)
{
    CHECK_EQUAL(rig_end(&site_a, SIGKILL), -1);
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-a/1 reason=tcp-closed"));
    begin(&site_a, "--router", "site-a");
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
}

static void a_stopping_gateway_ends_in_bounded_time(void)
{
    CHECK_EQUAL(rig_end(&gateway, SIGINT), RUN_FINE);
    CHECK(rig_hears(&site_a, "event=session-down neighbor=vpn-a/1 reason=notification-received"));
    CHECK_EQUAL(rig_end(&site_a, SIGTERM), RUN_FINE);
    CHECK_EQUAL(rig_end(&site_b, SIGTERM), RUN_FINE);
}

int main(void)
{
    if (rig_network()) {
        TEST(sites_exchange_routes_through_the_gateway);
        TEST(who_stops_says_goodbye);
        TEST(a_killed_neighbor_is_lost_and_found);
        TEST(a_stopping_gateway_ends_in_bounded_time);
    } else {
        harness_skip("daemons", "no network namespace may be made here");
    }
    return harness_done();
}
