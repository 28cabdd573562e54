/* A gateway and two sites, three daemons on real sockets. */
#include "run/daemon.h"

#include "run/journal_rig.h"

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

/* -- starting again -- */

#define ALONE                                                                                      \
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho, fib: none}]\n"                        \
    "customer_gateways: [{id: cgw-a, asn: 65001, address: 198.51.100.1}]\n"                        \
    "vpn_connections:\n"                                                                           \
    "  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, ipsec: none,\n"                    \
    "     bgp: {graceful_restart: 60s}, tunnels: [\n"                                              \
    "      {outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}}]}\n"

/* Whether it took this for a restart: neighbors may keep what they were told. */
static bool started_again(const char *journal, const char *control)
{
    rig_begin(&gateway, (const char *const[]){"--network", rig_path, "--journal", journal,
                                              "--control", control, NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
    return strstr(gateway.said, "event=restarted waits=60") != NULL;
}

/* With fib: none nothing in the kernel tells of an earlier life. Ended by SIGQUIT it is as if it
 * had been killed, and its control socket is gone; the mark beside the journal tells. */
static void who_leaves_is_known_when_it_is_back(void)
{
    char control[64];
    const char *journal = journal_new();
    rig_file(ALONE);
    snprintf(control, sizeof control, "/tmp/sekishod-%d.control", (int)getpid());
    CHECK(!started_again(journal, control));
    CHECK_EQUAL(rig_end(&gateway, SIGQUIT), RUN_FINE);
    CHECK(access(control, F_OK) != 0);
    CHECK(started_again(journal, control));
    CHECK_EQUAL(rig_end(&gateway, SIGKILL), -1);
    CHECK(started_again(journal, control));
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    CHECK(!started_again(journal, control));
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    CHECK(!started_again("none", control)); /* without a journal the socket tells */
    CHECK_EQUAL(rig_end(&gateway, SIGKILL), -1);
    CHECK(started_again("none", control));
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
}

/* One that could not begin has not been anybody's neighbor, and changes nothing about that. */
static void a_start_in_vain_is_no_life(void)
{
    char control[64];
    const char *journal = journal_new();
    snprintf(control, sizeof control, "/tmp/sekishod-%d.control", (int)getpid());
    CHECK(!started_again(journal, control));
    CHECK_EQUAL(rig_end(&gateway, SIGKILL), -1);
    rig_begin(&gateway, (const char *const[]){"--network", rig_path, "--journal", journal,
                                              "--metrics", "203.0.113.9:9179", NULL});
    CHECK_EQUAL(rig_end(&gateway, 0), RUN_WORLD);
    CHECK(started_again(journal, control));
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
}

int main(void)
{
    if (rig_network()) {
        TEST(sites_exchange_routes_through_the_gateway);
        TEST(who_stops_says_goodbye);
        TEST(a_killed_neighbor_is_lost_and_found);
        TEST(a_stopping_gateway_ends_in_bounded_time);
        TEST(who_leaves_is_known_when_it_is_back);
        TEST(a_start_in_vain_is_no_life);
    } else {
        harness_skip("daemons", "no network namespace may be made here");
    }
    return harness_done();
}
