/* Labs' pasts, handmade: what is in the story, and what follows from it and is not. */
#include "lab/record.h"

#include "network/build_rig.h"
#include "network/edit.h"

#define S_US     1000000ll
#define SINCE_US 1795348800000000ll

static struct rig rig;
static struct record record;

static void begin(void)
{
    rig = rig_build(rig_incident);
    record_init(&record, rig.network, rig.world, SINCE_US, SINCE_US + 3600 * S_US);
}

static void end(void)
{
    record_free(&record);
    rig_done(&rig);
}

static struct prefix at(const char *text)
{
    struct prefix prefix;
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static void see(enum moment_kind kind, int end_of_tunnel, int64_t at_s)
{
    const struct tunnel_end *of = &rig.world->tunnels[0].ends[end_of_tunnel];
    bool session = kind == MOMENT_SESSION_UP || kind == MOMENT_SESSION_DOWN;
    struct moment moment = {.kind = kind,
                            .node = of->node,
                            .neighbor = session ? of->neighbor : 0,
                            .tunnel = session ? WORLD_NONE : 0};
    record_moment(&record, &moment, SINCE_US + at_s * S_US);
}

static void see_line(enum moment_kind kind, enum bgp_down reason, int64_t at_s)
{
    const struct direct_connect *line = &rig.world->direct_connects[0];
    struct moment moment = {.kind = kind,
                            .node = line->gateway,
                            .neighbor = line->neighbor,
                            .tunnel = WORLD_NONE,
                            .reason = (uint8_t)reason};
    record_moment(&record, &moment, SINCE_US + at_s * S_US);
}

static int node(const char *id)
{
    return world_find_node(rig.world, id);
}

/* The story and the moments as the file has them. */
static void check_file(const char *expected)
{
    int64_t began_us;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct diagnostics diagnostics;
    struct network *network = record_network(&record, &began_us), *again = NULL;
    network_format(network, out);
    fclose(out);
    const char *story = strstr(text, "story:");
    CHECK_TEXT(story ? story : "", expected);
    diagnostics_init(&diagnostics);
    CHECK(network_parse((struct slice){(const uint8_t *)text, size}, "x", &diagnostics, &again));
    CHECK(again && network_equal(network, again));
    diagnostics_done(&diagnostics);
    network_free(again);
    network_free(network);
    free(text);
}

/* The default is news; what the file says already, and what comes again, is not. */
static void what_is_announced_is_a_step(void)
{
    const uint32_t behind[] = {64999, 64998};
    begin();
    record_announced(&record, node("dx-edge"), at("10.30.0.0/16"), NULL, 0, SINCE_US - S_US);
    record_announced(&record, node("dx-edge"), at("10.30.0.0/16"), NULL, 0, SINCE_US + S_US);
    record_announced(&record, node("dx-edge"), at("0.0.0.0/0"), NULL, 0, SINCE_US + 5 * S_US);
    record_announced(&record, node("dx-edge"), at("0.0.0.0/0"), NULL, 0, SINCE_US + 90 * S_US);
    record_announced(&record, node("dx-edge"), at("10.40.0.0/16"), behind, 2, SINCE_US + 9 * S_US);
    record_withdrawn(&record, node("dx-edge"), at("0.0.0.0/0"), SINCE_US + 95 * S_US);
    record_withdrawn(&record, node("dx-edge"), at("0.0.0.0/0"), SINCE_US + 96 * S_US);
    check_file("story:\n"
               "  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n"
               "  - {at: 64s, announce: {router: dx-edge, prefix: 10.40.0.0/16, as_path: [64999, "
               "64998]}}\n"
               "  - {at: 150s, withdraw: {router: dx-edge, prefix: 0.0.0.0/0}}\n");
    end();
}

/* A step that the lab played says it already. */
static void what_was_done_is_not_said_twice(void)
{
    begin();
    CHECK(record_done(&record, "{at: 0s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}",
                      SINCE_US + 10 * S_US));
    CHECK(!record_done(&record, "{at: 0s, announce: {router: nobody, prefix: 0.0.0.0/0}}",
                       SINCE_US + 10 * S_US));
    record_announced(&record, node("dx-edge"), at("0.0.0.0/0"), NULL, 0,
                     SINCE_US + 10 * S_US + 90000);
    check_file("story:\n"
               "  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n");
    CHECK_EQUAL(record.steps[0].source, RECORD_DONE);
    end();
}

static void flap(void)
{
    see(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, 40);
    see(MOMENT_IKE_GIVEN_UP, TUNNEL_GATEWAY, 50);
    see(MOMENT_IKE_GIVEN_UP, TUNNEL_CUSTOMER, 60);
    see(MOMENT_IKE_UP, TUNNEL_GATEWAY, 61);
    see(MOMENT_IKE_UP, TUNNEL_CUSTOMER, 61);
}

#define FLAP                                                                                       \
    "\nrecorded:\n"                                                                                \
    "  - {at: 90s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"                     \
    "  - {at: 100s, node: vgw-main, saw: ike-given-up, tunnel: vpn-vyatta/1}\n"                    \
    "  - {at: 110s, node: vyatta, saw: ike-given-up, tunnel: vpn-vyatta/1}\n"                      \
    "  - {at: 111s, node: vgw-main, saw: ike-up, tunnel: vpn-vyatta/1}\n"                          \
    "  - {at: 111s, node: vyatta, saw: ike-up, tunnel: vpn-vyatta/1}\n"

/* A tunnel that is lost while a route covers its outside address follows from the route. Another
 * gateway's journal may have been read before. */
static void a_loss_by_a_route_is_no_step(void)
{
    begin();
    record_covered(&record, 1, true, SINCE_US + 300 * S_US);
    record_announced(&record, node("dx-edge"), at("0.0.0.0/0"), NULL, 0, SINCE_US + 10 * S_US);
    record_covered(&record, 0, true, SINCE_US + 10 * S_US);
    flap();
    check_file("story:\n"
               "  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n" FLAP);
    end();
}

/* The same without one: the packets were lost behind the last message, until it comes up. */
static void a_loss_by_nothing_is_a_failure(void)
{
    begin();
    record_sign(&record, "vpn-vyatta/1", SINCE_US + 10 * S_US - 1000);
    record_sign(&record, "dxvif-1", SINCE_US + 44 * S_US);
    flap();
    check_file("story:\n"
               "  - {at: 60s, fail: {tunnel: vpn-vyatta/1}}\n"
               "  - {at: 110.95s, restore: {tunnel: vpn-vyatta/1}}\n" FLAP);
    CHECK_EQUAL(record.steps[0].source, RECORD_LOST);
    end();
}

/* Who was struck loses for that reason. */
static void a_loss_by_a_step_is_that_steps(void)
{
    begin();
    CHECK(record_done(&record, "{at: 0s, restart: {router: vyatta}}", SINCE_US + 10 * S_US));
    flap();
    check_file("story:\n"
               "  - {at: 60s, restart: {router: vyatta}}\n" FLAP);
    end();
}

/* A session's reset takes no tunnel along. */
static void a_session_that_was_struck_is_no_reason_for_its_tunnel(void)
{
    int64_t began_us;
    begin();
    CHECK(record_done(&record, "{at: 0s, restart: {session: vpn-vyatta/1}}", SINCE_US + 10 * S_US));
    flap();
    network_free(record_network(&record, &began_us));
    CHECK_EQUAL(record.step_count, 3); /* that, and the tunnel fails and works again */
    end();
}

/* Made anew at the gateway without having been given up: somebody ended it. */
static void a_tunnel_that_is_made_anew_was_restarted(void)
{
    begin();
    see(MOMENT_IKE_UP, TUNNEL_GATEWAY, 70);
    check_file("story:\n"
               "  - {at: 60s, restart: {tunnel: vpn-vyatta/1}}\n"
               "\nrecorded:\n"
               "  - {at: 60.05s, node: vgw-main, saw: ike-up, tunnel: vpn-vyatta/1}\n");
    end();
}

static void a_line_is_cut_or_its_session_reset(void)
{
    begin();
    record_sign(&record, "dxvif-1", SINCE_US + 10 * S_US - 1000);
    see_line(MOMENT_SESSION_DOWN, BGP_DOWN_HOLD_TIMER, 40);
    see_line(MOMENT_SESSION_UP, BGP_DOWN_NONE, 71);
    see_line(MOMENT_SESSION_DOWN, BGP_DOWN_NOTIFICATION, 400);
    see_line(MOMENT_SESSION_UP, BGP_DOWN_NONE, 402);
    check_file("story:\n"
               "  - {at: 60s, fail: {direct_connect: dxvif-1}}\n"
               "  - {at: 120s, restore: {direct_connect: dxvif-1}}\n"
               "  - {at: 450s, restart: {direct_connect: dxvif-1}}\n"
               "\nrecorded:\n"
               "  - {at: 90s, node: vgw-main, saw: session-down, direct_connect: dxvif-1}\n"
               "  - {at: 121s, node: vgw-main, saw: session-up, direct_connect: dxvif-1}\n"
               "  - {at: 450s, node: vgw-main, saw: session-down, direct_connect: dxvif-1}\n"
               "  - {at: 452s, node: vgw-main, saw: session-up, direct_connect: dxvif-1}\n");
    end();
}

static void see_session(enum moment_kind kind, int end_of_tunnel, enum bgp_down reason, int64_t ms)
{
    const struct tunnel_end *of = &rig.world->tunnels[0].ends[end_of_tunnel];
    struct moment moment = {.kind = kind,
                            .node = of->node,
                            .neighbor = of->neighbor,
                            .tunnel = WORLD_NONE,
                            .reason = (uint8_t)reason};
    record_moment(&record, &moment, SINCE_US + ms * 1000);
}

static void reset_at_10_s(void)
{
    see_session(MOMENT_SESSION_DOWN, TUNNEL_CUSTOMER, BGP_DOWN_ADMIN, 10000);
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_NOTIFICATION, 10001);
    see_session(MOMENT_SESSION_UP, TUNNEL_GATEWAY, BGP_DOWN_NONE, 12000);
}

#define RESET                                                                                      \
    "\nrecorded:\n"                                                                                \
    "  - {at: 60s, node: vyatta, saw: session-down, tunnel: vpn-vyatta/1}\n"                       \
    "  - {at: 60.001s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"                 \
    "  - {at: 62s, node: vgw-main, saw: session-up, tunnel: vpn-vyatta/1}\n"

/* Whoever ended it: the tunnel stood, and nobody struck it. */
static void a_session_that_is_ended_was_reset(void)
{
    begin();
    reset_at_10_s();
    check_file("story:\n"
               "  - {at: 60s, restart: {session: vpn-vyatta/1}}\n" RESET);
    CHECK_EQUAL(record.steps[0].source, RECORD_LOST);
    end();
    begin();
    CHECK(record_done(&record, "{at: 0s, restart: {session: vpn-vyatta/1}}", SINCE_US + 10 * S_US));
    reset_at_10_s();
    check_file("story:\n"
               "  - {at: 60s, restart: {session: vpn-vyatta/1}}\n" RESET);
    CHECK_EQUAL(record.step_count, 1);
    end();
}

/* One that was shut, and opened minutes later. */
static void a_session_that_stays_away_was_kept_away(void)
{
    begin();
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_TCP_CLOSED, 10000);
    see_session(MOMENT_SESSION_UP, TUNNEL_GATEWAY, BGP_DOWN_NONE, 130000);
    check_file("story:\n"
               "  - {at: 60s, restart: {session: vpn-vyatta/1}}\n"
               "  - {at: 60.05s, fail: {session: vpn-vyatta/1}}\n"
               "  - {at: 179s, restore: {session: vpn-vyatta/1}}\n"
               "\nrecorded:\n"
               "  - {at: 60s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"
               "  - {at: 180s, node: vgw-main, saw: session-up, tunnel: vpn-vyatta/1}\n");
    end();
}

#define ENDED                                                                                      \
    "\nrecorded:\n"                                                                                \
    "  - {at: 60s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"                     \
    "  - {at: 65s, node: vgw-main, saw: session-down, direct_connect: dxvif-1}\n"

/* Ended seconds before somebody looks: whether it stays away shows later. */
static void a_session_that_is_not_back_yet_was_reset(void)
{
    begin();
    record.until_us = SINCE_US + 30 * S_US;
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_TCP_CLOSED, 10000);
    see_line(MOMENT_SESSION_DOWN, BGP_DOWN_TCP_CLOSED, 15);
    check_file("story:\n"
               "  - {at: 60s, restart: {session: vpn-vyatta/1}}\n"
               "  - {at: 65s, restart: {direct_connect: dxvif-1}}\n" ENDED);
    end();
    begin();
    record.until_us = SINCE_US + 36 * S_US;
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_TCP_CLOSED, 10000);
    see_line(MOMENT_SESSION_DOWN, BGP_DOWN_TCP_CLOSED, 15);
    check_file("story:\n"
               "  - {at: 60s, restart: {session: vpn-vyatta/1}}\n"
               "  - {at: 60.05s, fail: {session: vpn-vyatta/1}}\n"
               "  - {at: 65s, fail: {direct_connect: dxvif-1}}\n" ENDED);
    end();
}

/* By the gateway's hold timer since its last message, by the customer's that long before. */
static void a_session_that_expires_in_a_tunnel_that_stands_was_mute(void)
{
    begin();
    record_sign(&record, "vpn-vyatta/1", SINCE_US + 10 * S_US - 1000);
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_HOLD_TIMER, 40000);
    see_session(MOMENT_SESSION_UP, TUNNEL_GATEWAY, BGP_DOWN_NONE, 71000);
    check_file("story:\n"
               "  - {at: 60s, fail: {session: vpn-vyatta/1}}\n"
               "  - {at: 120s, restore: {session: vpn-vyatta/1}}\n"
               "\nrecorded:\n"
               "  - {at: 90s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"
               "  - {at: 121s, node: vgw-main, saw: session-up, tunnel: vpn-vyatta/1}\n");
    end();
    begin();
    record_sign(&record, "vpn-vyatta/1", SINCE_US + 39 * S_US);
    see_session(MOMENT_SESSION_DOWN, TUNNEL_CUSTOMER, BGP_DOWN_HOLD_TIMER, 40000);
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_NOTIFICATION, 40001);
    check_file("story:\n"
               "  - {at: 60s, fail: {session: vpn-vyatta/1}}\n"
               "\nrecorded:\n"
               "  - {at: 90s, node: vyatta, saw: session-down, tunnel: vpn-vyatta/1}\n"
               "  - {at: 90.001s, node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n");
    end();
}

/* It went with its tunnel, was swallowed, or had too many routes: none of it is a step. */
static void a_session_that_ends_for_a_reason_is_no_step(void)
{
    begin();
    record_sign(&record, "vpn-vyatta/1", SINCE_US + 10 * S_US - 1000);
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_HOLD_TIMER, 40000);
    see(MOMENT_IKE_GIVEN_UP, TUNNEL_GATEWAY, 50);
    see(MOMENT_IKE_UP, TUNNEL_GATEWAY, 61);
    int64_t began_us;
    network_free(record_network(&record, &began_us));
    CHECK_EQUAL(record.step_count, 2); /* the tunnel fails, and works again */
    end();
    begin();
    record_covered(&record, 0, true, SINCE_US + 10 * S_US);
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_HOLD_TIMER, 40000);
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_NOTIFICATION, 60000);
    network_free(record_network(&record, &began_us));
    CHECK_EQUAL(record.step_count, 0);
    end();
    begin();
    see_session(MOMENT_SESSION_DOWN, TUNNEL_GATEWAY, BGP_DOWN_MAX_PREFIXES, 40000);
    network_free(record_network(&record, &began_us));
    CHECK_EQUAL(record.step_count, 0);
    end();
}

static void a_route_by_hand_is_a_step(void)
{
    ip_addr via;
    begin();
    CHECK(ip_parse("10.20.0.1", 9, &via));
    record_by_hand(&record, node("vyatta"), at("203.0.113.225/32"), via, SINCE_US + 30 * S_US);
    check_file("story:\n"
               "  - {at: 60s, configure: {router: vyatta, add_routes: [{prefix: 203.0.113.225/32, "
               "via: 10.20.0.1}]}}\n");
    end();
}

static void nothing_is_no_story(void)
{
    begin();
    check_file("");
    end();
}

int main(void)
{
    TEST(what_is_announced_is_a_step);
    TEST(what_was_done_is_not_said_twice);
    TEST(a_loss_by_a_route_is_no_step);
    TEST(a_loss_by_nothing_is_a_failure);
    TEST(a_loss_by_a_step_is_that_steps);
    TEST(a_session_that_was_struck_is_no_reason_for_its_tunnel);
    TEST(a_tunnel_that_is_made_anew_was_restarted);
    TEST(a_line_is_cut_or_its_session_reset);
    TEST(a_session_that_is_ended_was_reset);
    TEST(a_session_that_stays_away_was_kept_away);
    TEST(a_session_that_is_not_back_yet_was_reset);
    TEST(a_session_that_expires_in_a_tunnel_that_stands_was_mute);
    TEST(a_session_that_ends_for_a_reason_is_no_step);
    TEST(a_route_by_hand_is_a_step);
    TEST(nothing_is_no_story);
    return harness_done();
}
