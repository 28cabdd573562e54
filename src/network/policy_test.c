#include "network/policy.h"

#include "network/probe.h"
#include "tests/harness.h"

/* A gateway with one connection and one Direct Connect; what is given comes into their maps and
 * into the router's BGP. */
struct places {
    const char *platform, *connection, *dx, *bgp;
};

static const char *text_with(struct places at)
{
    static char text[8192];
    snprintf(text, sizeof text,
             "vpn_gateways: [{id: vgw, platform: %s}]\n"
             "customer_gateways: [{id: cgw, address: 198.51.100.10, router: site}]\n"
             "vpn_connections:\n"
             "  - {id: vpn, vpn_gateway: vgw, customer_gateway: cgw, %s\n"
             "     tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: "
             "169.254.10.2}}]}\n"
             "direct_connects:\n"
             "  - {id: dx, vpn_gateway: vgw, router: edge, %s\n"
             "     inside: {vgw: 169.254.20.1, peer: 169.254.20.2}}\n"
             "routers:\n"
             "  - {id: site, bgp: {asn: 65000%s}}\n"
             "  - {id: edge, bgp: {asn: 65001}}\n",
             at.platform ? at.platform : "sekisho", at.connection ? at.connection : "",
             at.dx ? at.dx : "", at.bgp ? at.bgp : "");
    return text;
}

static void check_error(struct places at, const char *expected)
{
    char *errors = probe_errors(text_with(at));
    CHECK_TEXT(errors, expected);
    free(errors);
}

static void all_of_it_is_read(void)
{
    struct network *network = probe_parse(text_with((struct places){
        .connection = "accept: [10.1.0.0/16, {prefix: 10.0.0.0/8, ge: 9, le: 24}], "
                      "refuse_default: true, on_import: {local_preference: 0, "
                      "add_communities: [7224:7300], remove_communities: [65535:65281]}, "
                      "import: [{deny: 10.0.0.0/8, le: 32, community: 65001:7}], ",
        .dx = "on_export: {med: 0, prepend: 3, keep_communities: false}, ",
        .bgp = ", neighbors: [{address: 169.254.10.1, on_import: {local_preference: 90}, "
               "limits: {received: 10, over: refuse, warn_percent: 50}}]"}));
    const struct network_connection *vpn = &network->vpn_connections[0];
    CHECK_EQUAL(vpn->policy.accept_count, 2);
    CHECK_EQUAL(vpn->policy.accept[0].prefix.len, 16);
    CHECK(vpn->policy.accept[1].ge == 9 && vpn->policy.accept[1].le == 24);
    CHECK(vpn->policy.refuse_default && !vpn->policy.on_export);
    CHECK_EQUAL(vpn->import.rules[0].community, 65001u << 16 | 7);
    struct route_edit edit = network_route_edit(vpn->policy.on_import, false);
    CHECK(edit.has_local_pref && edit.local_pref == 0 && !edit.has_med && !edit.drop_communities);
    CHECK(edit.add_count == 1 && edit.add[0] == (7224u << 16 | 7300));
    CHECK(edit.remove_count == 1 && edit.remove[0] == 0xffffff01u);
    edit = network_route_edit(network->direct_connects[0].policy.on_export, true);
    CHECK(edit.has_med && edit.med == 0 && edit.prepend == 3 && edit.drop_communities);
    CHECK(!edit.has_local_pref);
    const struct network_bgp *bgp = network->routers[0].bgp;
    const struct network_neighbor *own = network_policy_towards(bgp, 0xa9fe0a01u);
    CHECK(own && own->limits.received == 10 && own->limits.over == NETWORK_OVER_REFUSE);
    CHECK(!network_policy_towards(bgp, 0xa9fe0a02u) && !network_policy_towards(NULL, 0xa9fe0a01u));
    CHECK(network_policy_says(&vpn->policy) && network_policy_says(&own->policy));
    network_free(network);
}

static void what_changes_nothing_is_no_edit(void)
{
    struct network *network = probe_parse(text_with((struct places){.dx = "on_import: {}, "}));
    struct route_edit edit =
        network_route_edit(network->direct_connects[0].policy.on_import, false);
    CHECK(route_edit_is_nothing(&edit));
    edit = network_route_edit(NULL, true);
    CHECK(route_edit_is_nothing(&edit));
    network_free(network);
}

static void a_gateway_of_aws_has_none(void)
{
    static const char *const keys[] = {"accept: [10.0.0.0/8], ", "refuse_default: true, ",
                                       "on_import: {local_preference: 5}, ",
                                       "on_export: {prepend: 1}, "};
    static const char *const names[] = {"accept", "refuse_default", "on_import", "on_export"};
    for (int i = 0; i < 4; i++) {
        char said[128];
        snprintf(said, sizeof said,
                 "%s vgw is a gateway of AWS and has no %s | leave it out, or say platform: "
                 "sekisho at the gateway",
                 i == 1 ? "4:72" : "4:56", names[i]);
        check_error((struct places){.platform = "aws", .connection = keys[i]}, said);
        memcpy(said, i == 1 ? "7:62" : "7:46", 4);
        check_error((struct places){.platform = "aws", .dx = keys[i]}, said);
    }
}

static void a_static_vpn_has_none(void)
{
    check_error((struct places){.connection = "static_routes: [10.1.0.0/16], "
                                              "on_export: {prepend: 1}, "},
                "4:86 a static VPN speaks no BGP that on_export could change | leave out this or "
                "static_routes");
}

static void mistakes_have_places(void)
{
    check_error(
        (struct places){.connection = "on_import: {local_preference: -1}, "},
        "4:86 local_preference: -1 is not a number | expected a number from 0 to 4294967295");
    check_error((struct places){.connection = "on_export: {prepend: 17}, "},
                "4:77 prepend: 17 is out of range | expected a number from 0 to 16");
    check_error(
        (struct places){.connection = "on_import: {med: 5}, "},
        "4:68 \"med\" is not a key of changes on import | expected one of local_preference, "
        "add_communities, remove_communities, keep_communities");
    check_error((struct places){.dx = "on_import: {add_communities: [7224:7300], "
                                      "remove_communities: [7224:7300]}, "},
                "7:109 7224:7300 is added and removed | expected it in one of the two");
    check_error((struct places){.dx = "accept: [{prefix: 10.0.0.0/16, ge: 8}], "},
                "7:81 ge: 8 can match nothing below a /16 | expected at least the prefix's own "
                "length");
    check_error((struct places){.bgp = ", neighbors: [{address: 169.254.10.9}]"},
                "10:56 site has no neighbor 169.254.10.9 | its neighbors are 169.254.10.1");
    check_error((struct places){.bgp = ", neighbors: [{address: 169.254.10.1}, "
                                       "{address: 169.254.10.1}]"},
                "10:81 site already has a policy towards this neighbor (line 10)");
}

static void check_configured(const char *platform, const char *what, const char *expected)
{
    char text[8192 + 256];
    snprintf(text, sizeof text, "%sstory:\n  - {at: 60s, configure: {%s}}\n",
             text_with((struct places){.platform = platform}), what);
    char *errors = probe_errors(text);
    CHECK_TEXT(errors, expected);
    free(errors);
}

static void a_configured_policy_is_checked_alike(void)
{
    check_configured("aws", "direct_connect: dx, on_export: {prepend: 1}",
                     "13:47 vgw is a gateway of AWS and has no on_export | leave it out");
    check_configured("aws", "direct_connect: dx, accept: []",
                     "13:47 vgw is a gateway of AWS and has no accept | leave it out");
    check_configured("sekisho", "direct_connect: dx, accept: []", "fine");
    check_configured("sekisho", "router: site, accept: [], neighbor: 169.254.10.1", "fine");
    check_configured("sekisho", "router: site, accept: [], neighbor: 169.254.10.9",
                     "13:63 site has no neighbor 169.254.10.9 | its neighbors are 169.254.10.1");
    check_configured("sekisho", "router: site, import: [], neighbor: 169.254.10.1",
                     "13:63 nothing changes towards it | expected accept, on_import or on_export");
    check_configured(
        "sekisho", "direct_connect: dx, accept: [], neighbor: 169.254.10.1",
        "13:59 \"neighbor\" does not go with what this configure is about | it goes with router");
}

int main(void)
{
    TEST(all_of_it_is_read);
    TEST(what_changes_nothing_is_no_edit);
    TEST(a_gateway_of_aws_has_none);
    TEST(a_static_vpn_has_none);
    TEST(mistakes_have_places);
    TEST(a_configured_policy_is_checked_alike);
    return harness_done();
}
