#include "network/read.h"

#include "network/probe.h"
#include "tests/harness.h"

static void unknown_keys_get_a_suggestion(void)
{
    CHECK_BROKEN("vpn_gateways:", "vpn_gatways:",
                 "4:46 no VPN gateway is called \"vgw-main\" | there is none in this file\n"
                 "16:1 \"vpn_gatways\" is not a key of a network file | did you mean "
                 "\"vpn_gateways\"?\n"
                 "20:18 no VPN gateway is called \"vgw-main\" | there is none in this file\n"
                 "27:32 no VPN gateway is called \"vgw-main\" | there is none in this file");
    CHECK_BROKEN(
        "vlan: 101", "colour: 101",
        "27:59 \"colour\" is not a key of a Direct Connect | expected one of id, "
        "vpn_gateway, router, vlan, interface, inside, inside_ipv6, ipv6_session, bgp, import, "
        "export, may_announce, internet_exit, limits, accept, refuse_default, on_import, "
        "on_export");
    CHECK_BROKEN("{id: rtb-app,", "{id: rtb-app, id: rtb-2,",
                 "4:34 \"id\" is written twice (first on line 4) | leave one out");
}

static void what_is_missing_is_named_once(void)
{
    CHECK_BROKEN("outside: 203.0.113.225", "outsid: 203.0.113.225",
                 "24:10 \"outsid\" is not a key of a tunnel | did you mean \"outside\"?");
    CHECK_BROKEN("customer_gateway: cgw-vyatta", "ike: 2",
                 "19:5 a VPN connection needs \"customer_gateway\" | The far end.");
    CHECK_ERRORS("routers: [{}]", "1:11 a router needs \"id\" | Its name.");
    CHECK_ERRORS("vpcs: [{id: v, cidrs: []}]", "1:16 \"cidrs\" has 0 items | expected 1 to 50");
}

static void wrong_types_are_named(void)
{
    CHECK_ERRORS("[]", "1:1 a network file is expected here, not a list | expected a map, such as "
                       "{key: value}");
    CHECK_ERRORS("vyatta", "1:1 a network file is expected here, not vyatta | expected a map, "
                           "such as {key: value}");
    CHECK_ERRORS("routers: vyatta", "1:10 \"routers\" must be a list, not vyatta | expected [], "
                                    "[one, two] or lines that begin with -");
    CHECK_ERRORS("routers:", "1:1 \"routers\" has no value | expected [], [one, two] or lines "
                             "that begin with -");
    CHECK_ERRORS("routers: [vyatta]", "1:11 a router is expected here, not vyatta | expected a "
                                      "map, such as {key: value}");
    CHECK_ERRORS("routers: [{id: [a]}]", "1:16 \"id\" must be one value, not a list");
    CHECK_ERRORS("routers: [{id: ~}]", "1:16 \"id\" has no value");
    CHECK_ERRORS("routers: [{id: a, bgp: 65000}]", "1:24 a router's BGP is expected here, not "
                                                   "65000 | expected a map, such as {key: value}");
    CHECK_ERRORS("routers: [{id: a, outer_vrf: yes}]",
                 "1:30 outer_vrf: yes is neither true nor false | expected true or false");
    CHECK_ERRORS("routers: [{id: a, outer_vrf: \"true\"}]",
                 "1:30 outer_vrf: \"true\" is text | expected it without quotes");
    CHECK_ERRORS("routers: [{id: a, lan: 10.0.0.0/8}]",
                 "1:24 \"lan\" must be a list, not 10.0.0.0/8 | expected [], [one, two] or lines "
                 "that begin with -");
}

/* Sixteen bits number what an engine has many of. */
static void what_engines_number_is_bounded(void)
{
    struct probe probe;
    probe_open(&probe);
    fputs("routers: [{id: r, bgp: {asn: 65000, import: [", probe.file);
    for (int i = 0; i <= NETWORK_RULES_MAX; i++)
        fputs("{deny: 0.0.0.0/0}, ", probe.file);
    fputs("]}}]\nvpn_connections: [", probe.file);
    for (int i = 0; i <= NETWORK_ATTACHMENTS_MAX; i++)
        fputs("{}, ", probe.file);
    fputs("]\ndirect_connects: [", probe.file);
    for (int i = 0; i <= NETWORK_ATTACHMENTS_MAX; i++)
        fputs("{}, ", probe.file);
    fputs("]\n", probe.file);
    char *text = probe_close(&probe);
    CHECK_ERRORS(text, "1:37 \"import\" has 10001 items | expected 10000 at most\n"
                       "2:1 \"vpn_connections\" has 10001 items | expected 10000 at most\n"
                       "3:1 \"direct_connects\" has 10001 items | expected 10000 at most");
    free(text);
}

static void quoted_names_and_keys_are_read(void)
{
    CHECK_ERRORS("\"routers\": [{'id': \"a\", \"platform\": 'frr', lan: [\"10.0.0.0/8\"]}]",
                 "fine");
}

/* Everything wrong is told at once, in the order of the file. */
static void all_errors_come_together(void)
{
    char *text = probe_replace(probe_sound, "cgw: 169.254.252.29", "cgw: 169.254.252.49");
    char *second = probe_replace(text, "router: vyatta}]", "router: vyata}]");
    char *third = probe_replace(second, "at: 240s", "at: 1s");
    char *fourth = probe_replace(third, "asn: 65001", "asn: 0");
    CHECK_ERRORS(fourth,
                 "17:70 no router is called \"vyata\" | did you mean \"vyatta\" (line 30)?\n"
                 "24:69 inside address 169.254.252.49 is not in the /30 of its peer | expected "
                 "169.254.252.29, the other host of 169.254.252.28/30\n"
                 "33:30 asn: 0 is no AS number | expected 1 to 4294967295; AS 0 is reserved (RFC "
                 "7607)\n"
                 "36:10 time runs backwards: 1s after 60s (line 35) | expected steps in the order "
                 "of time");
    free(text);
    free(second);
    free(third);
    free(fourth);
}

int main(void)
{
    TEST(unknown_keys_get_a_suggestion);
    TEST(what_is_missing_is_named_once);
    TEST(wrong_types_are_named);
    TEST(what_engines_number_is_bounded);
    TEST(quoted_names_and_keys_are_read);
    TEST(all_errors_come_together);
    return harness_done();
}
