#include "network/probe.h"
#include "tests/harness.h"

static void time_does_not_run_backwards(void)
{
    CHECK_BROKEN("at: 240s", "at: 59999ms",
                 "36:10 time runs backwards: 59.999s after 60s (line 35) | expected steps in the "
                 "order of time");
    CHECK_BROKEN("at: 240s", "at: 60s", "fine");
    CHECK_BROKEN("until: 10m", "until: 239s",
                 "37:8 the story ends before its step at 240s (line 36) | expected a time behind "
                 "the last step");
    CHECK_BROKEN("until: 10m", "until: 10m\ninternet_delay: 10s", "fine");
    CHECK_BROKEN("until: 10m", "internet_delay: 10.001s",
                 "37:17 internet_delay: 10.001s is too long | expected at most 10s");
    CHECK_BROKEN("at: 240s", "at: 240",
                 "36:10 at: 240 is not a duration | expected a duration such as 60s, 1.5s or "
                 "500ms, a year at most");
}

static void a_step_has_one_verb(void)
{
    CHECK_BROKEN("restart: {router: vyatta}", "restart: {router: vyatta}, fail: {router: vyatta}",
                 "36:43 \"fail\" stands beside \"restart\" | one is enough");
    CHECK_BROKEN(", restart: {router: vyatta}", "",
                 "36:5 a step of the story needs one of announce, withdraw, fail, restore, "
                 "restart, replace, configure");
    CHECK_BROKEN("restart:", "restar:",
                 "36:16 \"restar\" is not a key of a step of the story | did you mean "
                 "\"restart\"?");
    CHECK_BROKEN("restart: {router: vyatta}", "restart: {}",
                 "36:25 restart needs one of router, tunnel, vpn_connection, direct_connect, "
                 "session, vpn_gateway");
    CHECK_BROKEN("restart: {router: vyatta}", "replace: {tunnel: vpn-vyatta/1}",
                 "36:25 replace needs \"router\" | Which.\n"
                 "36:26 \"tunnel\" is not a key of replace | expected one of router");
}

static void a_static_connection_has_no_session(void)
{
    char *is_static = probe_replace(probe_sound, "guard: warn", "static_routes: [10.1.0.0/16]");
    char *text =
        probe_replace(is_static, "restart: {router: vyatta}", "restart: {session: vpn-vyatta/1}");
    char *errors = probe_errors(text);
    CHECK(strstr(errors, "vpn-vyatta is static and has no session | expected a tunnel with BGP"));
    free(errors);
    free(text);
    free(is_static);
}

static void whose_router_speaks_no_bgp_has_no_session(void)
{
    char *fails =
        probe_replace(probe_sound, "restart: {router: vyatta}", "fail: {session: vpn-vyatta/2}");
    char *silent =
        probe_replace(fails, "bgp: {asn: 65000, announce: [10.20.0.0/16]}}", "outer_vrf: true}");
    char *unknown = probe_replace(fails, "198.51.100.10, router: vyatta}]", "198.51.100.11}]");
    CHECK_ERRORS(fails, "fine");
    CHECK_ERRORS(silent, "36:32 vpn-vyatta has no session: vyatta speaks no BGP | give the router "
                         "bgp with an asn");
    CHECK_ERRORS(unknown, "fine");
    free(unknown);
    free(silent);
    free(fails);
}

static const struct network_step *parse_step(const char *verb, struct network **ret_network)
{
    char *text = probe_replace(probe_sound, "restart: {router: vyatta}", verb);
    *ret_network = probe_parse(text);
    free(text);
    return *ret_network ? &(*ret_network)->story[1] : NULL;
}

static void every_verb_and_object_is_read_and_written(void)
{
    static const struct {
        const char *text;
        enum network_verb verb;
        enum network_about about;
        enum network_kind kind;
    } cases[] = {
        {"withdraw: {router: dx-edge, prefix: 0.0.0.0/0}", NETWORK_STEP_WITHDRAW,
         NETWORK_ABOUT_NONE, NETWORK_ROUTER},
        {"fail: {router: vyatta}", NETWORK_STEP_FAIL, NETWORK_ABOUT_ROUTER, NETWORK_ROUTER},
        {"fail: {tunnel: vpn-vyatta/2}", NETWORK_STEP_FAIL, NETWORK_ABOUT_TUNNEL, NETWORK_TUNNEL},
        {"fail: {vpn_connection: vpn-vyatta}", NETWORK_STEP_FAIL, NETWORK_ABOUT_CONNECTION,
         NETWORK_VPN_CONNECTION},
        {"fail: {link: i-vyatta}", NETWORK_STEP_FAIL, NETWORK_ABOUT_LINK, NETWORK_INSTANCE},
        {"restore: {direct_connect: dxvif-1}", NETWORK_STEP_RESTORE, NETWORK_ABOUT_DIRECT_CONNECT,
         NETWORK_DIRECT_CONNECT},
        {"fail: {session: vpn-vyatta/1}", NETWORK_STEP_FAIL, NETWORK_ABOUT_SESSION, NETWORK_TUNNEL},
        {"restore: {session: vpn-vyatta/1}", NETWORK_STEP_RESTORE, NETWORK_ABOUT_SESSION,
         NETWORK_TUNNEL},
        {"restart: {session: vpn-vyatta/2}", NETWORK_STEP_RESTART, NETWORK_ABOUT_SESSION,
         NETWORK_TUNNEL},
        {"restart: {vpn_gateway: vgw-main}", NETWORK_STEP_RESTART, NETWORK_ABOUT_GATEWAY,
         NETWORK_VPN_GATEWAY},
        {"replace: {router: vyatta}", NETWORK_STEP_REPLACE, NETWORK_ABOUT_NONE, NETWORK_ROUTER},
        {"configure: {vpn_connection: vpn-vyatta, guard: hold}", NETWORK_STEP_CONFIGURE,
         NETWORK_ABOUT_CONNECTION, NETWORK_VPN_CONNECTION},
        {"configure: {router: vyatta, remove_routes: [0.0.0.0/0]}", NETWORK_STEP_CONFIGURE,
         NETWORK_ABOUT_ROUTER, NETWORK_ROUTER},
        {"configure: {route_table: rtb-app, add_routes: [{prefix: 0.0.0.0/0, target: pcx-1}]}",
         NETWORK_STEP_CONFIGURE, NETWORK_ABOUT_ROUTE_TABLE, NETWORK_ROUTE_TABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *network;
        const struct network_step *step = parse_step(cases[i].text, &network);
        CHECK(step != NULL);
        if (!step)
            continue;
        CHECK_EQUAL(step->verb, cases[i].verb);
        CHECK_EQUAL(step->about, cases[i].about);
        CHECK_EQUAL(step->object.kind, cases[i].kind);
        CHECK_EQUAL(step->object.index < 0, false);
        char *text = probe_format(network);
        CHECK(strstr(text, cases[i].text) != NULL);
        free(text);
        network_free(network);
    }
}

static void announce_carries_what_bgp_says(void)
{
    struct network *network;
    const struct network_step *step = parse_step(
        "announce: {router: dx-edge, prefix: 0.0.0.0/0, as_path: [7, 7, 8], med: 5, communities: "
        "[7224:7300]}",
        &network);
    CHECK(step != NULL);
    if (!step)
        return;
    CHECK_EQUAL((int64_t)step->announcement.as_path_count, 3);
    CHECK_EQUAL(step->announcement.as_path[2], 8);
    CHECK_EQUAL(step->announcement.med, 5);
    CHECK_EQUAL(step->announcement.communities[0], 7224u << 16 | 7300);
    network_free(network);
}

static void configure_changes_what_the_object_has(void)
{
    CHECK_BROKEN("restart: {router: vyatta}", "configure: {router: vyatta}",
                 "36:27 configure changes nothing");
    CHECK_BROKEN("restart: {router: vyatta}", "configure: {router: vyatta, guard: hold}",
                 "36:44 \"guard\" does not go with what this configure is about | it goes with "
                 "vpn_connection");
    CHECK_BROKEN("restart: {router: vyatta}",
                 "configure: {vpn_connection: vpn-vyatta, add_routes: []}",
                 "36:56 \"add_routes\" does not go with what this configure is about | it goes "
                 "with route_table");
    struct network *network;
    const struct network_step *step = parse_step(
        "configure: {router: vyatta, add_routes: [{prefix: 203.0.113.225/32, via: 10.20.0.1}], "
        "import: []}",
        &network);
    CHECK(step && step->change.add_route_count == 1 &&
          step->change.add_routes[0].via == 0x0a140001);
    CHECK(step && step->change.import.rules && step->change.import.rule_count == 0);
    CHECK(step && !step->change.export.rules);
    network_free(network);
}

static void who_announces_speaks_bgp(void)
{
    CHECK_BROKEN(", bgp: {asn: 65001, announce: [10.30.0.0/16]}", "",
                 "35:34 dx-edge speaks no BGP | give the router bgp with an asn");
}

static void a_gateway_of_aws_gets_no_guard_later(void)
{
    char *aws = probe_replace(probe_sound, "guard: warn", "ike: 2");
    char *text = probe_replace(aws, "platform: sekisho", "platform: aws");
    char *later = probe_replace(text, "restart: {router: vyatta}",
                                "configure: {vpn_connection: vpn-vyatta, guard: hold}");
    CHECK_ERRORS(later, "36:63 vgw-main is a gateway of AWS and has no guard | leave guard out");
    free(aws);
    free(text);
    free(later);
}

static void wanted_ends_are_names_or_addresses(void)
{
    struct network *network;
    char *text = probe_replace(probe_sound, "story:",
                               "wanted: [{from: i-app, to: 10.20.0.7}, {from: 10.30.0.9, to: "
                               "vyatta}]\nstory:");
    network = probe_parse(text);
    CHECK(network != NULL);
    if (network) {
        CHECK_EQUAL(network->wanted[0].from.kind, NETWORK_INSTANCE);
        CHECK_EQUAL(network->wanted[0].to.kind, NETWORK_ADDRESS);
        CHECK_EQUAL(network->wanted[0].to.address, 0x0a140007);
        CHECK_EQUAL(network->wanted[1].from.address, 0x0a1e0009);
        CHECK_EQUAL(network->wanted[1].to.kind, NETWORK_ROUTER);
    }
    network_free(network);
    free(text);
    text =
        probe_replace(probe_sound, "story:", "wanted: [{from: i-app, to: \"2001:db8::\"}]\nstory:");
    network = probe_parse(text);
    CHECK(network && network->wanted[0].to.kind == NETWORK_ADDRESS &&
          network->wanted[0].to.address >> 96 == 0x20010db8);
    char *written = network ? probe_format(network) : strdup("");
    CHECK(strstr(written, "  - {from: i-app, to: \"2001:db8::\"}\n") != NULL);
    free(written);
    network_free(network);
    free(text);
    CHECK_BROKEN("story:", "wanted: [{from: 10.20.0.7, to: \"2001:db8::7\"}]\nstory:",
                 "34:32 no packet goes from an address of one family to one of the other | "
                 "expected two addresses of one family");
    CHECK_BROKEN("story:", "wanted: [{from: i-app, to: vgw-main}]\nstory:",
                 "34:28 vgw-main is a VPN gateway (line 16), not an instance or router | there is "
                 "\"dx-edge\", \"i-app\", \"i-vyatta\", \"vyatta\"");
}

int main(void)
{
    TEST(time_does_not_run_backwards);
    TEST(a_step_has_one_verb);
    TEST(a_static_connection_has_no_session);
    TEST(whose_router_speaks_no_bgp_has_no_session);
    TEST(every_verb_and_object_is_read_and_written);
    TEST(announce_carries_what_bgp_says);
    TEST(configure_changes_what_the_object_has);
    TEST(who_announces_speaks_bgp);
    TEST(a_gateway_of_aws_gets_no_guard_later);
    TEST(wanted_ends_are_names_or_addresses);
    return harness_done();
}
