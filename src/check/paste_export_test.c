#include "check/paste_export.h"

#include "check/lines.h"

#include "check/check_rig.h"

/* Router 0 is "r", of the platform at hand. */
static const char frame[] =
    "vpn_gateways: [{id: vgw, asn: 64512}]\n"
    "customer_gateways: [{id: cgw, asn: 65000, address: 198.51.100.10, router: r}]\n"
    "vpn_connections:\n"
    "  - {id: vpn, vpn_gateway: vgw, customer_gateway: cgw, tunnels: [{outside: 203.0.113.225,"
    " inside: {vgw: 169.254.252.29, cgw: 169.254.252.30}}]}\n"
    "routers:\n"
    "  - {id: r, platform: %s, routes: [{prefix: 0.0.0.0/0, via: 198.51.100.1, from: dhcp}], bgp:"
    " {asn: 65000, announce: [10.20.0.0/16]}}\n";

enum { FIRST = 0xa9fefc1d, SECOND = 0xa9fefc21 };

static void expect(const char *platform, const struct change *changes, size_t count,
                   const char *text)
{
    char network_text[sizeof frame + 32], got[1024] = "";
    snprintf(network_text, sizeof network_text, frame, platform);
    struct network *network = rig_parse(network_text);
    struct check *check = rig_blank(network);
    struct check_remedy remedy = {
        .kind = CHECK_REMEDY_ORIGIN_EXPORT_FILTER, .changes = changes, .change_count = count};
    size_t used = 0;
    lines_say(check, &remedy);
    for (size_t i = 0; i < remedy.lines.count && used < sizeof got; i++)
        used += (size_t)snprintf(got + used, sizeof got - used, "%s\n", remedy.lines.items[i]);
    CHECK_TEXT(got, text);
    CHECK_TEXT(remedy.where, "r");
    check_free(check);
    network_free(network);
}

#define HEAD "set policy prefix-list FOREIGN rule "
#define SET_LIST                                                                                   \
    HEAD "10 action deny\n" HEAD "10 prefix 10.9.0.0/16\n" HEAD "20 action permit\n" HEAD          \
         "20 prefix 0.0.0.0/0\n" HEAD "20 le 32\n"

static void each_platform_has_its_words(void)
{
    static const struct {
        const char *platform, *text;
    } cases[] = {
        {"vyatta",
         SET_LIST "set protocols bgp 65000 neighbor 169.254.252.29 prefix-list export FOREIGN\n"},
        {"vyos", SET_LIST "set protocols bgp neighbor 169.254.252.29 address-family ipv4-unicast"
                          " prefix-list export FOREIGN\n"},
        {"frr", "ip prefix-list FOREIGN seq 10 deny 10.9.0.0/16\n"
                "ip prefix-list FOREIGN seq 20 permit 0.0.0.0/0 le 32\n"
                "router bgp 65000\n"
                " address-family ipv4 unicast\n"
                "  neighbor 169.254.252.29 prefix-list FOREIGN out\n"},
        {"cisco-ios", "ip prefix-list FOREIGN seq 10 deny 10.9.0.0/16\n"
                      "ip prefix-list FOREIGN seq 20 permit 0.0.0.0/0 le 32\n"
                      "router bgp 65000\n"
                      " address-family ipv4\n"
                      "  neighbor 169.254.252.29 prefix-list FOREIGN out\n"},
        {"junos",
         "set policy-options policy-statement FOREIGN term 10 from route-filter 10.9.0.0/16 exact\n"
         "set policy-options policy-statement FOREIGN term 10 then reject\n"
         "set protocols bgp group ebgp neighbor 169.254.252.29 export FOREIGN\n"
         "insert protocols bgp group ebgp neighbor 169.254.252.29 export FOREIGN before"
         " EXPORT-DEFAULT\n"},
        {"bird", "# in the export filter towards 169.254.252.29:  if net = 10.9.0.0/16 then"
                 " reject;\n"},
        {"linux", "to the BGP neighbor 169.254.252.29 no longer announce 10.9.0.0/16, in the"
                  " router's own words\n"},
        {"unknown", "to the BGP neighbor 169.254.252.29 no longer announce 10.9.0.0/16, in the"
                    " router's own words\n"},
    };
    struct change change = {
        .kind = CHANGE_WITHHOLD, .prefix = rig_prefix(10, 9, 0, 0, 16), .neighbor = FIRST};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].platform, &change, 1, cases[i].text);
}

/* Each prefix and each neighbor once; a family has a list of its own. */
static void lists_are_made_once(void)
{
    struct change changes[4];
    for (int i = 0; i < 4; i++)
        changes[i] =
            (struct change){.kind = CHANGE_WITHHOLD,
                            .prefix = i < 2 ? rig_prefix(10, 9, 0, 0, 16)
                                            : prefix_make(true, (ip_addr)0x20010db8 << 96, 32),
                            .neighbor = i % 2 ? SECOND : FIRST};
    expect("frr", changes, 4,
           "ip prefix-list FOREIGN seq 10 deny 10.9.0.0/16\n"
           "ip prefix-list FOREIGN seq 20 permit 0.0.0.0/0 le 32\n"
           "router bgp 65000\n"
           " address-family ipv4 unicast\n"
           "  neighbor 169.254.252.29 prefix-list FOREIGN out\n"
           "  neighbor 169.254.252.33 prefix-list FOREIGN out\n"
           "ipv6 prefix-list FOREIGN6 seq 10 deny 2001:db8::/32\n"
           "ipv6 prefix-list FOREIGN6 seq 20 permit ::/0 le 128\n"
           "router bgp 65000\n"
           " address-family ipv6 unicast\n"
           "  neighbor 169.254.252.29 prefix-list FOREIGN6 out\n"
           "  neighbor 169.254.252.33 prefix-list FOREIGN6 out\n");
    expect("vyatta", changes + 2, 1,
           "to the BGP neighbor 169.254.252.29 no longer announce 2001:db8::/32, in the router's"
           " own words\n");
}

int main(void)
{
    TEST(each_platform_has_its_words);
    TEST(lists_are_made_once);
    return harness_done();
}
